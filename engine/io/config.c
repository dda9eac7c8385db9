/* Reads a config: file, what it extends, overrides → tree → scenario → checks → canonical text. */
#include "io/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/config_bind.h"

/* What is wrong so far decides which cross-checks still make sense. */
typedef struct findings {
    int in_top_level;    /* a scalar of the top level */
    int in_sections;     /* market, startups, … */
    char sections[1024]; /* "|market||models.giants|" */
} findings;

typedef struct loader {
    gf_arena arena;
    gf_binder binder;
    gf_node *root;
    gf_config *config;
    findings found;
} loader;

static size_t count_errors(const gf_error_list *errors)
{
    return errors->n + errors->n_left_out;
}

static void remember(findings *found, const char *section)
{
    size_t length = strlen(found->sections);
    snprintf(found->sections + length, sizeof found->sections - length, "|%s|", section);
}

static int is_remembered(const findings *found, const char *section)
{
    char quoted[GF_PATH_SIZE + 2];
    snprintf(quoted, sizeof quoted, "|%s|", section);
    return strstr(found->sections, quoted) != NULL;
}

static void bind_seed(loader *self, const gf_node *node)
{
    uint64_t seed = 0;
    if (node->kind == GF_NODE_SCALAR && node->is_plain && gf_seed_parse(node->text, &seed))
        self->config->scenario.seed = seed;
    else if (node->kind != GF_NODE_BROKEN)
        gf_bind_report(
            &self->binder, node->place,
            "'%.60s' is not a seed; expected an integer from 0 to 18446744073709551615, decimal or 0x hex",
            node->kind == GF_NODE_SCALAR ? node->text
            : node->kind == GF_NODE_LIST ? "[…]"
                                         : "{…}");
}

static void report_unknown_model(loader *self, const gf_entry *entry)
{
    char names[400] = "";
    size_t at = 0;
    gf_nearest nearest = {entry->key, NULL, 0};
    for (const gf_model *const *model = gf_models; *model != NULL; model++) {
        gf_nearest_offer(&nearest, (*model)->name);
        if (at + strlen((*model)->name) + 8 < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", at > 0 ? ", " : "", (*model)->name);
    }
    if (nearest.best != NULL)
        gf_bind_report(&self->binder, entry->place,
                       "unknown model '%.60s'; expected a registered one (did you mean '%s'?)", entry->key,
                       nearest.best);
    else
        gf_bind_report(&self->binder, entry->place, "unknown model '%.60s'; expected one of %s", entry->key,
                       names);
}

/* Switches a model on with its parameters. */
static void bind_model(loader *self, const gf_model *model, const gf_entry *entry)
{
    gf_scenario *scenario = &self->config->scenario;
    const gf_node *node = entry->value;
    if (node->kind == GF_NODE_BROKEN ||
        (node->kind == GF_NODE_SCALAR && node->is_plain && strcmp(node->text, "false") == 0))
        return;
    if (node->kind != GF_NODE_MAP) {
        gf_bind_report(&self->binder, node->place,
                       "%s; expected a mapping of its keys ({} for all presets), or false to switch it off",
                       node->kind == GF_NODE_LIST ? "is a list" : "is not a mapping");
        return;
    }
    void *params = calloc(1, model->params_size > 0 ? model->params_size : 1);
    if (params == NULL) {
        self->binder.errors->is_out_of_memory = 1;
        return;
    }
    assert(scenario->n_models < GF_MAX_MODELS);
    scenario->models[scenario->n_models++] = (gf_active_model){model, params};
    gf_params_preset(model->rows, params);
    gf_bind_map(&self->binder, model->rows, node, entry->place, params);
}

/* Models are bound in the order of the registry, so that the order in the file changes nothing. */
static void bind_models(loader *self, const gf_node *node)
{
    if (node->kind != GF_NODE_MAP) {
        if (node->kind != GF_NODE_BROKEN)
            gf_bind_report(&self->binder, node->place, "is not a mapping; expected models by name");
        return;
    }
    for (size_t i = 0; i < node->n; i++)
        if (gf_model_find(node->entries[i].key) == NULL)
            report_unknown_model(self, &node->entries[i]);
    for (const gf_model *const *model = gf_models; *model != NULL; model++) {
        const gf_entry *entry = gf_node_find(node, (*model)->name);
        if (entry == NULL)
            continue;
        size_t before = count_errors(self->binder.errors),
               length = gf_path_push(&self->binder, (*model)->name);
        bind_model(self, *model, entry);
        if (count_errors(self->binder.errors) > before)
            remember(&self->found, self->binder.path);
        gf_path_cut(&self->binder, length);
    }
}

static void report_unknown_section(loader *self, const gf_entry *entry)
{
    static const char *const own[] = {"seed", "models", "extends"};
    gf_nearest nearest = {entry->key, NULL, 0};
    for (const gf_param *row = gf_scenario_rows; row->name != NULL; row++)
        gf_nearest_offer(&nearest, row->name);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        gf_nearest_offer(&nearest, own[i]);
    char keys[400] = "seed, models, extends";
    size_t at = strlen(keys);
    for (const gf_param *row = gf_scenario_rows;
         row->name != NULL && at + strlen(row->name) + 8 < sizeof keys; row++)
        at += (size_t)snprintf(keys + at, sizeof keys - at, ", %s", row->name);
    gf_bind_report(&self->binder, entry->place, "unknown key '%.60s'; expected one of %s%s%s%s", entry->key,
                   keys, nearest.best != NULL ? " (did you mean '" : "",
                   nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?)" : "");
}

static void bind_entry(loader *self, const gf_entry *entry)
{
    const gf_param *row = gf_params_find(gf_scenario_rows, entry->key);
    size_t before = count_errors(self->binder.errors), length = gf_path_push(&self->binder, entry->key);
    if (strcmp(entry->key, "seed") == 0)
        bind_seed(self, entry->value);
    else if (strcmp(entry->key, "models") == 0)
        bind_models(self, entry->value);
    else if (row != NULL)
        gf_bind_value(&self->binder, row, entry, &self->config->scenario);
    else {
        gf_path_cut(&self->binder, length);
        report_unknown_section(self, entry);
    }
    if (count_errors(self->binder.errors) > before && row != NULL) {
        remember(&self->found, entry->key);
        self->found.in_sections |= row->kind == GF_GROUP;
        self->found.in_top_level |= row->kind != GF_GROUP;
    }
    gf_path_cut(&self->binder, length);
}

/* A cross-check found a problem: point at its key. Problems that follow from one already reported are
 * dropped. */
static void report_check(gf_diagnostics *diagnostics, const char *key, const char *message)
{
    loader *self = diagnostics->context;
    char section[GF_PATH_SIZE];
    int is_model = strncmp(key, "models.", 7) == 0, is_found;
    size_t length = is_model ? 7 + strcspn(key + 7, ".[") : strcspn(key, ".[");
    snprintf(section, sizeof section, "%.*s", (int)length, key);
    if (is_remembered(&self->found, section) || (is_model && self->found.in_sections))
        return;
    gf_place place = gf_tree_place(self->root, key, &is_found);
    gf_errors_add(self->binder.errors, GF_CONFIG, place, "%s%s: %s", key, is_found ? "" : " (preset)",
                  message);
}

static gf_node *read_tree(loader *self, const char *path, int n_overrides, const char *const *overrides)
{
    gf_node *root = gf_tree_read(&self->arena, path, &self->config->files, self->binder.errors);
    for (int i = 0; i < n_overrides && root != NULL; i++)
        gf_tree_override(&self->arena, root, overrides[i], GF_CONFIG_MAX_EXTENDS + 1 + i,
                         self->binder.errors);
    return root;
}

/* Fills the scenario from the tree and runs the checks across keys. */
static void bind(loader *self, gf_place top)
{
    gf_scenario *scenario = &self->config->scenario;
    gf_diagnostics diagnostics = {.report = report_check, .context = self};
    scenario->seed = GF_SEED_PRESET;
    gf_params_preset(gf_scenario_rows, scenario);
    for (size_t i = 0; i < self->root->n; i++)
        bind_entry(self, &self->root->entries[i]);
    size_t before = count_errors(self->binder.errors);
    gf_bind_missing(&self->binder, gf_scenario_rows, self->root, top);
    if (count_errors(self->binder.errors) == before && !self->found.in_top_level &&
        !self->binder.has_broken && !self->binder.errors->is_out_of_memory)
        gf_scenario_prepare(scenario, &diagnostics);
}

static void write_models(FILE *out, const gf_node *root, const gf_scenario *scenario)
{
    if (scenario->n_models == 0)
        return;
    const gf_node *models = gf_node_find(root, "models")->value;
    fputs("models:\n", out);
    for (int i = 0; i < scenario->n_models; i++) {
        const gf_active_model *active = &scenario->models[i];
        const gf_node *node = gf_node_find(models, active->model->name)->value;
        fprintf(out, "  %s:%s\n", active->model->name, node->n == 0 ? " {}" : "");
        gf_text_write_map(out, active->model->rows, node, active->params, 4);
    }
}

/* The canonical text, NULL when out of memory. */
static char *write_text(const gf_node *root, const gf_scenario *scenario)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    gf_text_write_map(out, gf_scenario_rows, root, scenario, 0);
    if (gf_node_find(root, "seed") != NULL)
        fprintf(out, "seed: %llu\n", (unsigned long long)scenario->seed);
    write_models(out, root, scenario);
    int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* Binds and checks the tree that was read, writes its canonical text, and tidies up. */
static gf_status finish(loader *self, gf_place top)
{
    gf_config *config = self->config;
    gf_error_list *errors = self->binder.errors;
    if (self->root != NULL)
        bind(self, top);
    if (self->arena.is_exhausted)
        errors->is_out_of_memory = 1;
    if (gf_errors_status(errors) == GF_OK) {
        config->text = write_text(self->root, &config->scenario);
        if (config->text == NULL)
            errors->is_out_of_memory = 1;
        else
            config->hash = gf_text_hash(config->text);
    }
    gf_errors_sort(errors);
    gf_arena_clear(&self->arena);
    if (gf_errors_status(errors) != GF_OK)
        gf_config_clear(config);
    return gf_errors_status(errors);
}

static gf_file_kind kind_of(const gf_node *root)
{
    if (root == NULL || root->kind != GF_NODE_MAP)
        return GF_FILE_OTHER;
    if (gf_node_find(root, "scenario") != NULL)
        return GF_FILE_CONFIG;
    return gf_node_find(root, "sweep") != NULL ||
                   (gf_node_find(root, "keys") != NULL && gf_node_find(root, "numbers") != NULL)
               ? GF_FILE_DESIGN
               : GF_FILE_OTHER;
}

static int is_regular(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

gf_place gf_config_place(const char *path, const char *key)
{
    gf_arena arena = {0};
    gf_error_list ignored = {0};
    gf_place place = {.file = path};
    const gf_node *root = is_regular(path) ? gf_tree_read(&arena, path, NULL, &ignored) : NULL;
    int is_found;
    if (root != NULL)
        place = gf_tree_place(root, key, &is_found);
    place.file = path; /* the tree's own is gone with it */
    gf_errors_clear(&ignored);
    gf_arena_clear(&arena);
    return place;
}

gf_file_kind gf_config_kind(const char *path)
{
    gf_arena arena = {0};
    gf_error_list ignored = {0};
    if (!is_regular(path)) /* a pipe is read once */
        return GF_FILE_OTHER;
    const gf_file_kind kind = kind_of(gf_tree_read(&arena, path, NULL, &ignored));
    gf_errors_clear(&ignored);
    gf_arena_clear(&arena);
    return kind;
}

gf_status gf_config_read(const char *path, int n_overrides, const char *const *overrides, gf_config *config,
                         gf_error_list *errors)
{
    loader self = {.binder = {.errors = errors}, .config = config};
    gf_place top = {.file = path, .line = 1, .column = 1};
    *config = (gf_config){0};
    self.root = read_tree(&self, path, n_overrides, overrides);
    if (kind_of(self.root) == GF_FILE_DESIGN) {
        gf_errors_add(errors, GF_CONFIG, self.root->n > 0 ? self.root->entries[0].place : top,
                      is_regular(path) ? "is the design of a sweep, not a config; expected a config, or "
                                         "guidefund sweep %s -o FILE.h5"
                                       : "is the design of a sweep, and %s is no regular file; expected one, "
                                         "which can be kept with the results",
                      path);
        self.root = NULL; /* nothing more is to be said of it */
    } else if (kind_of(self.root) == GF_FILE_OTHER && self.root != NULL &&
               gf_node_find(self.root, "cases") != NULL) {
        gf_errors_add(
            errors, GF_CONFIG, self.root->n > 0 ? self.root->entries[0].place : top,
            "holds published cases, not a config; expected a config, or guidefund published --cases %s",
            path);
        self.root = NULL;
    }
    return finish(&self, top);
}

static gf_status read_text(const char *text, const char *label, int n_overrides, const char *const *overrides,
                           gf_config *config, gf_error_list *errors)
{
    loader self = {.binder = {.errors = errors}, .config = config};
    gf_place top = {.file = label, .line = 1, .column = 1};
    *config = (gf_config){0};
    self.root = gf_tree_parse(&self.arena, text, strlen(text), top, errors);
    if (self.root != NULL && self.root->kind != GF_NODE_MAP) {
        gf_errors_add(errors, GF_CONFIG, top, "the text is not a config; expected a mapping of keys");
        self.root = NULL;
    }
    for (int i = 0; i < n_overrides && self.root != NULL; i++)
        gf_tree_override(&self.arena, self.root, overrides[i], 1 + i, errors);
    return finish(&self, top);
}

gf_status gf_config_read_text(const char *text, const char *label, gf_config *config, gf_error_list *errors)
{
    return read_text(text, label, 0, NULL, config, errors);
}

gf_status gf_config_change(const gf_config *from, int n_overrides, const char *const *overrides,
                           gf_config *config, gf_error_list *errors)
{
    return read_text(from->text, "the config", n_overrides, overrides, config, errors);
}

/* For the checker of values that no scenario holds. */
typedef struct rows_reader {
    const gf_node *root;
    gf_error_list *errors;
} rows_reader;

static void report_row(gf_diagnostics *diagnostics, const char *key, const char *message)
{
    const rows_reader *self = diagnostics->context;
    int is_found;
    const gf_place place = gf_tree_place(self->root, key, &is_found);
    gf_errors_add(self->errors, GF_CONFIG, place, "%s%s: %s", key, is_found ? "" : " (preset)", message);
}

gf_status gf_config_read_checked(const char *path, const gf_param *rows, void *values, gf_rows_check *check,
                                 gf_error_list *errors)
{
    gf_arena arena = {0};
    gf_binder binder = {.errors = errors};
    const gf_place top = {.file = path, .line = 1, .column = 1};
    const gf_node *root = gf_tree_read(&arena, path, NULL, errors);
    gf_params_preset(rows, values);
    if (root != NULL)
        gf_bind_map(&binder, rows, root, top, values);
    errors->is_out_of_memory |= arena.is_exhausted;
    if (check != NULL && gf_errors_status(errors) == GF_OK) {
        rows_reader self = {root, errors};
        gf_diagnostics diagnostics = {.report = report_row, .context = &self};
        check(values, &diagnostics);
    }
    gf_errors_sort(errors);
    gf_arena_clear(&arena);
    return gf_errors_status(errors);
}

gf_status gf_config_read_rows(const char *path, const gf_param *rows, void *values, gf_error_list *errors)
{
    return gf_config_read_checked(path, rows, values, NULL, errors);
}

void gf_config_clear(gf_config *config)
{
    free(config->text);
    gf_scenario_clear(&config->scenario);
    *config = (gf_config){0};
}
