/* Points of a sweep. */
#include "run/sweep_point.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- configs --- */

static int add_all(gf_overrides *overrides, int n, const char *const *items)
{
    for (int i = 0; i < n; i++)
        if (!gf_overrides_add(overrides, NULL, items[i]))
            return 0;
    return 1;
}

/* "key=value" of every key that a point sets. */
static int add_values(gf_overrides *overrides, const gf_design *design, const double *x, size_t stride)
{
    for (int64_t k = 0; k < design->n_keys; k++) {
        char text[GF_DESIGN_TEXT + GF_NUMBER_SIZE + 1], number[GF_NUMBER_SIZE];
        snprintf(text, sizeof text, "%s=%s", design->keys[k].key,
                 gf_format_double(x[(size_t)k * stride], number));
        if (!gf_overrides_add(overrides, NULL, text))
            return 0;
    }
    return 1;
}

/* The first error of a config at a point, then the point: as many of its values as there is room for. */
static gf_status fail_point(const gf_sweep_base *base, const double *x, size_t stride,
                            const gf_error_list *errors, gf_error *error)
{
    enum { MOST = 6 };
    const gf_design *design = base->design;
    char values[MOST * (GF_DESIGN_TEXT + 24) + 16] = "";
    size_t at = 0;
    if (errors->n == 0)
        return gf_error_set(error, GF_MEMORY, "out of memory");
    for (int64_t k = 0; k < design->n_keys && k < MOST && x != NULL; k++)
        at += (size_t)snprintf(values + at, sizeof values - at, "%s%s=%g", k > 0 ? ", " : "",
                               design->keys[k].key, x[(size_t)k * stride]);
    return gf_error_set(error, gf_errors_status(errors), "%s: %.400s%s%.400s%s%s", design->path,
                        errors->errors[0].message, x != NULL ? " (at " : "", values,
                        x != NULL && design->n_keys > MOST ? ", …" : "", x != NULL ? ")" : "");
}

gf_status gf_sweep_point_read(const gf_sweep_base *base, const double *x, size_t stride, gf_config *config,
                              gf_error *error)
{
    gf_overrides overrides = {0};
    gf_error_list errors = {0};
    gf_status status = GF_MEMORY;
    const int is_ready = gf_overrides_add(&overrides, NULL, base->columns) &&
                         (x == NULL || add_values(&overrides, base->design, x, stride));
    if (is_ready)
        status = gf_config_change(&base->config, overrides.n, overrides.items, config, &errors);
    if (status != GF_OK)
        status = fail_point(base, x, stride, &errors, error);
    gf_errors_clear(&errors);
    gf_overrides_clear(&overrides);
    return status;
}

/* --- the base --- */

/* An override of what the sweep sets itself would do nothing. */
static gf_status check_override(const gf_design *design, const char *item, gf_error *error)
{
    char key[GF_DESIGN_TEXT];
    const size_t length = strcspn(item, "=");
    if (length >= sizeof key)
        return GF_OK;
    snprintf(key, sizeof key, "%.*s", (int)length, item);
    return gf_design_sets(design, key)
               ? gf_error_set(error, GF_USAGE,
                              "--set %.200s: the sweep sets this key itself; expected another", item)
               : GF_OK;
}

static gf_status fail_base(const gf_design *design, const gf_error_list *errors, gf_error *error)
{
    char line[32] = "";
    if (errors->n == 0)
        return gf_error_set(error, GF_MEMORY, "out of memory");
    const gf_config_error *first = &errors->errors[0];
    if (first->line > 0)
        snprintf(line, sizeof line, ":%d:%d", first->line, first->column);
    return gf_error_set(error, gf_errors_status(errors), "%s: base: %s%s: %s", design->path, first->file,
                        line, first->message);
}

static gf_status read_base(gf_sweep_base *base, int n_overrides, const char *const *items, gf_error *error)
{
    const gf_design *design = base->design;
    gf_overrides overrides = {0};
    gf_error_list errors = {0};
    char portfolios[32];
    char *path = gf_design_base(design);
    snprintf(portfolios, sizeof portfolios, "%lld", (long long)design->portfolios);
    gf_status status = GF_MEMORY;
    if (path != NULL && add_all(&overrides, n_overrides, items) &&
        gf_overrides_add(&overrides, "portfolios", portfolios) &&
        gf_overrides_add(&overrides, NULL, "output.portfolios=all") &&
        gf_overrides_add(&overrides, NULL, "output.columns=all"))
        status = gf_config_read(path, overrides.n, overrides.items, &base->config, &errors);
    if (status != GF_OK)
        status = fail_base(design, &errors, error);
    gf_errors_clear(&errors);
    gf_overrides_clear(&overrides);
    free(path);
    return status;
}

/* "output.columns=[a, b]": those of the engine's columns that the measures need. */
static void choose_columns(gf_sweep_base *base, const gf_measure *measures)
{
    char *text = base->columns;
    const size_t size = sizeof base->columns;
    size_t at = (size_t)snprintf(text, size, "output.columns=["), begin = at;
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        int is_needed = 0;
        for (int64_t i = 0; i < base->design->n_numbers; i++)
            is_needed |= strcmp(measures[i].about.name, gf_columns[c].name) == 0;
        if (is_needed)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at > begin ? ", " : "", gf_columns[c].name);
    }
    if (at == begin) /* of models only: there must be one */
        at += (size_t)snprintf(text + at, size - at, "%s", gf_columns[GF_COLUMN_N_ENTERED].name);
    snprintf(text + at, size - at, "]");
}

/* An error at a key of the design's file. */
static gf_status fail_at(const gf_design *design, const char *key, gf_error *error, const char *message)
{
    char line[32] = "";
    const gf_place place = gf_config_place(design->path, key);
    if (place.line > 0)
        snprintf(line, sizeof line, ":%d:%d", place.line, place.column);
    return gf_error_set(error, GF_CONFIG, "%s%s: %s: %.700s", design->path, line, key, message);
}

/* A key of a model that the base does not have would switch it on, with presets that nobody asked for. */
static gf_status check_models(const gf_sweep_base *base, gf_error *error)
{
    static const char models[] = "models.";
    const gf_scenario *scenario = &base->config.scenario;
    for (int64_t k = 0; k < base->design->n_keys; k++) {
        const char *key = base->design->keys[k].key, *name = key + sizeof models - 1;
        int is_on = strncmp(key, models, sizeof models - 1) != 0;
        for (int m = 0; m < scenario->n_models && !is_on; m++)
            is_on = strncmp(scenario->models[m].model->name, name, strcspn(name, ".")) == 0 &&
                    scenario->models[m].model->name[strcspn(name, ".")] == '\0';
        if (is_on)
            continue;
        char place[32], message[GF_DESIGN_TEXT + 300];
        snprintf(place, sizeof place, "keys[%d].key", (int)k);
        snprintf(
            message, sizeof message,
            "model %.*s is off in the base config; expected a model that is on, or --set 'models.%.*s={}'",
            (int)strcspn(name, "."), name, (int)strcspn(name, "."), name);
        return fail_at(base->design, place, error, message);
    }
    return GF_OK;
}

static gf_status resolve(const gf_design *design, const gf_scenario *scenario, const gf_layout *layout,
                         gf_measure *measures, gf_error *error)
{
    const gf_tail tail = gf_tail_of_scenario(scenario);
    gf_error own = {GF_OK, ""};
    for (int64_t i = 0; i < design->n_numbers; i++)
        if (gf_measure_resolve(&measures[i], design->numbers[i].of, layout, &tail, &own) != GF_OK) {
            char place[32];
            snprintf(place, sizeof place, "numbers[%d].of", (int)i);
            return own.status == GF_CONFIG ? fail_at(design, place, error, own.message)
                                           : gf_error_set(error, own.status, "%s", own.message);
        }
    return GF_OK;
}

gf_status gf_sweep_base_init(gf_sweep_base *base, const gf_design *design, int n_overrides,
                             const char *const *overrides, gf_measure *measures, gf_error *error)
{
    gf_layout layout = {0};
    gf_status status = GF_OK;
    *base = (gf_sweep_base){.design = design,
                            .n_groups = design->method == GF_DESIGN_SOBOL ? GF_SWEEP_GROUPS : 0};
    for (int i = 0; i < n_overrides && status == GF_OK; i++)
        status = check_override(design, overrides[i], error);
    if (status == GF_OK)
        status = read_base(base, n_overrides, overrides, error);
    if (status == GF_OK)
        status = check_models(base, error);
    if (status == GF_OK)
        status = gf_layout_init(&layout, &base->config.scenario, error);
    if (status == GF_OK)
        status = resolve(design, &base->config.scenario, &layout, measures, error);
    if (status == GF_OK)
        choose_columns(base, measures);
    gf_layout_clear(&layout);
    return status;
}

void gf_sweep_base_clear(gf_sweep_base *base)
{
    gf_config_clear(&base->config);
    *base = (gf_sweep_base){0};
}

int gf_sweep_n_rows(const gf_sweep_base *base)
{
    return (int)base->design->n_numbers * (2 + base->n_groups);
}

/* --- a run --- */

typedef struct store {
    size_t n;
    int n_columns;
    double *values; /* [n_columns][n], as in the layout */
} store;

static gf_status take_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                              gf_error *error)
{
    store *s = context;
    (void)error;
    for (int c = 0; c < s->n_columns; c++)
        memcpy(s->values + (size_t)c * s->n + first, columns + (size_t)c * stride, n * sizeof *columns);
    return GF_OK;
}

/* Likelihood ratios, up to a factor, of a run that has them, malloc'ed. NULL: it has none, or (*failed) out
 * of memory. */
static double *weights_of(const store *s, const gf_layout *layout, int *failed)
{
    const int column = gf_layout_find(layout, "log_weight");
    double largest = -INFINITY, *weights = column >= 0 ? malloc(s->n * sizeof *weights + 1) : NULL;
    *failed = column >= 0 && weights == NULL;
    if (weights == NULL)
        return NULL;
    const double *log_weight = s->values + (size_t)column * s->n;
    for (size_t i = 0; i < s->n; i++)
        largest = fmax(largest, log_weight[i]);
    for (size_t i = 0; i < s->n; i++)
        weights[i] = exp(log_weight[i] - largest);
    return weights;
}

/* One number from portfolios first … first + n − 1. */
static int estimate(const gf_measure *m, const store *s, const double *weights, size_t first, size_t n,
                    gf_estimate *e)
{
    return gf_measure_estimate(m, s->values + (size_t)m->column * s->n + first,
                               weights != NULL ? weights + first : NULL, n, e);
}

static gf_status estimate_all(const gf_sweep_base *base, const store *s, const gf_measure *measures,
                              const gf_layout *layout, size_t stride, double *rows)
{
    const size_t n_numbers = (size_t)base->design->n_numbers, n_groups = (size_t)base->n_groups;
    int failed = 0;
    double *weights = weights_of(s, layout, &failed);
    for (size_t i = 0; i < n_numbers && !failed; i++) {
        gf_estimate e;
        failed = estimate(&measures[i], s, weights, 0, s->n, &e) < 0;
        rows[i * stride] = e.value;
        rows[(n_numbers + i) * stride] = e.se;
        for (size_t g = 0; g < n_groups && !failed; g++) {
            const size_t first = s->n * g / n_groups, end = s->n * (g + 1) / n_groups;
            failed = estimate(&measures[i], s, weights, first, end - first, &e) < 0;
            rows[((2 + g) * n_numbers + i) * stride] = e.value;
        }
    }
    free(weights);
    return failed ? GF_MEMORY : GF_OK;
}

static gf_status simulate(const gf_config *config, const gf_layout *layout, store *s,
                          const gf_run_options *options, gf_error *error)
{
    const gf_run_listener listener = {.context = s, .columns = take_columns};
    gf_run_plan plan = gf_run_plan_of(&config->scenario);
    plan.n_quarters_of = plan.n_startups_of = 0;
    s->n = (size_t)plan.n_portfolios;
    s->n_columns = layout->n_columns;
    s->values = malloc(s->n * (size_t)s->n_columns * sizeof *s->values);
    if (s->values == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %zu portfolios", s->n);
    return gf_run(&config->scenario, layout, &plan, options, &listener, error);
}

gf_status gf_sweep_point_run(const gf_sweep_base *base, const double *x, size_t stride,
                             const gf_run_options *options, double *rows, gf_error *error)
{
    gf_measure measures[GF_DESIGN_MAX_NUMBERS] = {0};
    gf_config config;
    gf_layout layout = {0};
    store s = {0};
    gf_status status = gf_sweep_point_read(base, x, stride, &config, error);
    if (status != GF_OK)
        return status;
    status = gf_layout_init(&layout, &config.scenario, error);
    if (status == GF_OK)
        status = resolve(base->design, &config.scenario, &layout, measures, error);
    if (status == GF_OK)
        status = simulate(&config, &layout, &s, options, error);
    if (status == GF_OK && estimate_all(base, &s, measures, &layout, stride, rows) != GF_OK)
        status = gf_error_set(error, GF_MEMORY, "out of memory for %zu portfolios", s.n);
    free(s.values);
    gf_layout_clear(&layout);
    gf_config_clear(&config);
    return status;
}
