/* guidefund validate: all errors of several configs and designs at once. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "run/sweep.h"

typedef struct arguments {
    gf_overrides overrides;
    int wants_json, wants_text, n_paths;
    char **paths; /* [n_paths], into argv */
} arguments;

enum { KEY_JSON = 0x100, KEY_SET, KEY_PRINT };
static const struct argp_option options[] = {
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key, such as programme.terms.carry=0.25; may be repeated",
     0},
    {"print", KEY_PRINT, NULL, 0,
     "print the effective config (of a design its base): after extends and --set, in canonical order", 0},
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case KEY_SET:
        return gf_overrides_add(&self->overrides, NULL, text) ? 0 : ENOMEM;
    case KEY_PRINT:
        self->wants_text = 1;
        return 0;
    case KEY_JSON:
        self->wants_json = 1;
        return 0;
    case ARGP_KEY_ARGS:
        self->paths = state->argv + state->next;
        self->n_paths = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        return gf_cli_wrong(state, "no config named; expected at least one CONFIG");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_errors(gf_json *json, const gf_error_list *errors)
{
    gf_json_array(json, "errors");
    for (size_t i = 0; i < errors->n; i++) {
        const gf_config_error *error = &errors->errors[i];
        gf_json_object(json, NULL);
        gf_json_text(json, "file", error->file);
        if (error->line > 0) {
            gf_json_int(json, "line", error->line);
            gf_json_int(json, "column", error->column);
        }
        gf_json_text(json, "message", error->message);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

/* What a model has to say about its parameters; 0 if nothing. */
static int take_note(const gf_scenario *scenario, int i, char *note, size_t size)
{
    const gf_active_model *active = &scenario->models[i];
    note[0] = '\0';
    if (active->model->note != NULL)
        active->model->note(active->params, &scenario->scene, note, size);
    return note[0] != '\0';
}

static void print_config_json(gf_json *json, const arguments *self, const char *path, const gf_config *config,
                              const gf_error_list *errors)
{
    char hash[24], note[256];
    gf_json_object(json, NULL);
    gf_json_text(json, "path", path);
    gf_json_bool(json, "ok", config->text != NULL);
    if (config->text != NULL) {
        snprintf(hash, sizeof hash, "0x%016llx", (unsigned long long)config->hash);
        gf_json_text(json, "scenario", config->scenario.name);
        gf_json_text(json, "hash", hash);
        gf_json_object(json, "notes");
        for (int i = 0; i < config->scenario.n_models; i++)
            if (take_note(&config->scenario, i, note, sizeof note))
                gf_json_text(json, config->scenario.models[i].model->name, note);
        gf_json_object_end(json);
        if (self->wants_text)
            gf_json_text(json, "config", config->text);
    }
    print_errors(json, errors);
    gf_json_object_end(json);
}

static void print_config(const arguments *self, const char *path, const gf_config *config,
                         const gf_error_list *errors)
{
    char note[256];
    gf_errors_print(errors, stderr);
    if (config->text == NULL)
        return;
    printf("%s%s: ok\n", self->wants_text ? "# " : "", path);
    if (self->wants_text)
        fputs(config->text, stdout);
    for (int i = 0; i < config->scenario.n_models; i++)
        if (take_note(&config->scenario, i, note, sizeof note))
            fprintf(stderr, "%s: note: models.%s: %s\n", path, config->scenario.models[i].model->name, note);
}

/* --- designs of sweeps --- */

static void tell_checked(void *progress, uint64_t done, uint64_t total)
{
    gf_progress_tell(progress, done, total);
}

/* Takes "file:line:column: " or "file: " from the front of a message, which may have neither. */
static const char *take_place(const char *message, gf_place *place)
{
    const size_t length = strlen(place->file);
    if (strncmp(message, place->file, length) != 0 || message[length] != ':')
        return message;
    message += length + 1;
    int *const numbers[2] = {&place->line, &place->column};
    for (int i = 0; i < 2; i++) {
        char *end;
        const long number = strtol(message, &end, 10);
        if (end == message || *end != ':')
            break;
        *numbers[i] = (int)number;
        message = end + 1;
    }
    return message + (*message == ' ');
}

/* The design and its base config; NULL with `errors`. */
static gf_design *check_design(const arguments *self, const char *path, char **base_text,
                               gf_error_list *errors)
{
    gf_error error = {GF_OK, ""};
    gf_progress progress;
    const gf_sweep_options o = {.n_overrides = self->overrides.n,
                                .overrides = self->overrides.items,
                                .checked = tell_checked,
                                .context = &progress};
    gf_design *design = gf_design_read(path, errors);
    *base_text = NULL;
    if (design == NULL)
        return NULL;
    gf_progress_begin(&progress, GF_PROGRESS_AUTO, "points checked");
    const gf_status status = gf_sweep_check(design, &o, base_text, &error);
    gf_progress_end(&progress);
    if (status == GF_OK)
        return design;
    gf_place place = {.file = path};
    const char *message = take_place(error.message, &place);
    gf_errors_add(errors, error.status, place, "%s", message);
    gf_design_free(design);
    return NULL;
}

static gf_status validate_design(const arguments *self, const char *path, gf_json *json)
{
    char *text = NULL;
    gf_error_list errors = {0};
    gf_design *design = check_design(self, path, &text, &errors);
    const gf_status status = gf_errors_status(&errors);
    if (self->wants_json) {
        gf_json_object(json, NULL);
        gf_json_text(json, "path", path);
        gf_json_bool(json, "ok", design != NULL);
        if (design != NULL) {
            gf_json_text(json, "sweep", design->name);
            gf_json_int(json, "points", (int64_t)gf_design_size(design));
            gf_json_int(json, "portfolios", design->portfolios);
            if (self->wants_text)
                gf_json_text(json, "config", text);
        }
        print_errors(json, &errors);
        gf_json_object_end(json);
    } else {
        gf_errors_print(&errors, stderr);
        if (design != NULL)
            printf("%s%s: ok, a sweep of %zu point%s\n%s", self->wants_text ? "# " : "", path,
                   gf_design_size(design), GF_PLURAL(gf_design_size(design)), self->wants_text ? text : "");
    }
    free(text);
    gf_design_free(design);
    gf_errors_clear(&errors);
    return status;
}

/* --- all files --- */

/* Bad content weighs more than a wrong override, that more than a missing file, whatever the order. */
static gf_status worse(gf_status a, gf_status b)
{
    static const gf_status by_weight[] = {GF_MEMORY, GF_CONFIG, GF_USAGE};
    for (size_t i = 0; i < sizeof by_weight / sizeof *by_weight; i++)
        if (a == by_weight[i] || b == by_weight[i])
            return by_weight[i];
    return a != GF_OK ? a : b;
}

static gf_status validate(const arguments *self)
{
    gf_status status = GF_OK;
    gf_json json = {.out = stdout};
    if (self->wants_json) {
        gf_json_object(&json, NULL);
        gf_json_array(&json, "configs");
    }
    for (int i = 0; i < self->n_paths; i++) {
        gf_config config;
        gf_error_list errors = {0};
        if (gf_config_kind(self->paths[i]) == GF_FILE_DESIGN) {
            status = worse(status, validate_design(self, self->paths[i], &json));
            continue;
        }
        status = worse(status, gf_config_read(self->paths[i], self->overrides.n, self->overrides.items,
                                              &config, &errors));
        if (self->wants_json)
            print_config_json(&json, self, self->paths[i], &config, &errors);
        else
            print_config(self, self->paths[i], &config, &errors);
        gf_config_clear(&config);
        gf_errors_clear(&errors);
    }
    if (self->wants_json) {
        gf_json_array_end(&json);
        gf_json_object_end(&json);
    }
    return status;
}

gf_status gf_command_validate(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "CONFIG...",
        "Checks configs, and designs of sweeps at all their points, and reports all errors, each as "
        "file:line:column.",
        NULL,
        NULL,
        NULL};
    arguments self = {0};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &self, &is_done);
    if (status == GF_OK && !is_done)
        status = validate(&self);
    gf_overrides_clear(&self.overrides);
    return status;
}
