/* Points of a sweep. */
#include "run/sweep_point.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- configs --- */

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

static int add_all(gf_overrides *overrides, int n, const char *const *items)
{
    for (int i = 0; i < n; i++)
        if (!gf_overrides_add(overrides, NULL, items[i]))
            return 0;
    return 1;
}

/* The first error of a config, in one line, with the values of the point. */
static gf_status fail(const gf_sweep_base *base, const double *x, size_t stride, const gf_error_list *errors,
                      gf_error *error)
{
    char values[400] = "";
    size_t at = 0;
    if (errors->n == 0)
        return gf_error_set(error, GF_MEMORY, "out of memory");
    for (int64_t k = 0; k < base->design->n_keys && x != NULL && at + 1 < sizeof values; k++)
        at += (size_t)snprintf(values + at, sizeof values - at, "%s%s=%g", k > 0 ? ", " : "at ",
                               base->design->keys[k].key, x[(size_t)k * stride]);
    const gf_config_error *first = &errors->errors[0];
    char line[32] = "";
    if (first->line > 0)
        snprintf(line, sizeof line, ":%d:%d", first->line, first->column);
    return gf_error_set(error, gf_errors_status(errors), "%s%s: %s%s%s", first->file, line, values,
                        x != NULL ? ": " : "", first->message);
}

gf_status gf_sweep_point_read(const gf_sweep_base *base, const double *x, size_t stride, gf_config *config,
                              gf_error *error)
{
    gf_overrides overrides = {0};
    gf_error_list errors = {0};
    gf_status status = GF_MEMORY;
    const int is_ready = add_all(&overrides, base->overrides.n, base->overrides.items) &&
                         (x == NULL || add_values(&overrides, base->design, x, stride));
    if (is_ready)
        status = gf_config_read(base->path, overrides.n, overrides.items, config, &errors);
    if (status != GF_OK)
        status = fail(base, x, stride, &errors, error);
    gf_errors_clear(&errors);
    gf_overrides_clear(&overrides);
    return status;
}

/* --- the base --- */

/* "output.columns=[a, b]": those of the engine's columns that the measures need. */
static int add_columns(gf_overrides *overrides, const gf_measure *measures, int64_t n)
{
    char text[GF_DESIGN_MAX_NUMBERS * 52 + 32] = "output.columns=[";
    size_t at = strlen(text), begin = at;
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        int is_needed = 0;
        for (int64_t i = 0; i < n; i++)
            is_needed |= strcmp(measures[i].about.name, gf_columns[c].name) == 0;
        if (is_needed)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at > begin ? ", " : "",
                                   gf_columns[c].name);
    }
    if (at == begin) /* of models only: there must be one */
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", gf_columns[GF_COLUMN_N_ENTERED].name);
    snprintf(text + at, sizeof text - at, "]");
    return gf_overrides_add(overrides, NULL, text);
}

static gf_status resolve(const gf_design *design, const gf_scenario *scenario, const gf_layout *layout,
                         gf_measure *measures, gf_error *error)
{
    const gf_tail tail = gf_tail_of_scenario(scenario);
    gf_status status = GF_OK;
    for (int64_t i = 0; i < design->n_numbers && status == GF_OK; i++)
        status = gf_measure_resolve(&measures[i], design->numbers[i].of, layout, &tail, error);
    return status;
}

/* Resolves against all that the base could give. */
static gf_status look_up(gf_sweep_base *base, gf_measure *measures, gf_error *error)
{
    gf_config config;
    gf_layout layout = {0};
    gf_error own = {GF_OK, ""};
    gf_status status = gf_sweep_point_read(base, NULL, 0, &config, error);
    if (status != GF_OK)
        return status;
    status = gf_layout_init(&layout, &config.scenario, error);
    if (status == GF_OK)
        status = resolve(base->design, &config.scenario, &layout, measures, &own);
    if (own.status != GF_OK)
        gf_error_set(error, status, "%s: numbers: %s", base->design->path, own.message);
    if (status == GF_OK && !add_columns(&base->overrides, measures, base->design->n_numbers))
        status = gf_error_set(error, GF_MEMORY, "out of memory");
    gf_layout_clear(&layout);
    gf_config_clear(&config);
    return status;
}

gf_status gf_sweep_base_init(gf_sweep_base *base, const gf_design *design, int n_overrides,
                             const char *const *overrides, gf_measure *measures, gf_error *error)
{
    char portfolios[32];
    snprintf(portfolios, sizeof portfolios, "%lld", (long long)design->portfolios);
    *base = (gf_sweep_base){.design = design, .path = gf_design_base(design)};
    if (base->path == NULL || !add_all(&base->overrides, n_overrides, overrides) ||
        !gf_overrides_add(&base->overrides, "portfolios", portfolios) ||
        !gf_overrides_add(&base->overrides, NULL, "output.portfolios=all") ||
        !gf_overrides_add(&base->overrides, NULL, "output.columns=all"))
        return gf_error_set(error, GF_MEMORY, "out of memory");
    return look_up(base, measures, error);
}

void gf_sweep_base_clear(gf_sweep_base *base)
{
    free(base->path);
    gf_overrides_clear(&base->overrides);
    *base = (gf_sweep_base){0};
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

/* Likelihood ratios in place of their logarithms, up to a factor; NULL: the run has none. */
static const double *weights_of(const store *s, const gf_layout *layout)
{
    for (int c = 0; c < layout->n_columns; c++) {
        double *w = s->values + (size_t)c * s->n, largest = -INFINITY;
        if (strcmp(layout->columns[c].name, "log_weight") != 0)
            continue;
        for (size_t i = 0; i < s->n; i++)
            largest = fmax(largest, w[i]);
        for (size_t i = 0; i < s->n; i++)
            w[i] = exp(w[i] - largest);
        return w;
    }
    return NULL;
}

static gf_status estimate_all(const store *s, const gf_measure *measures, int64_t n, const gf_layout *layout,
                              size_t stride, double *values, double *errors, gf_error *error)
{
    const double *weights = weights_of(s, layout);
    for (int64_t i = 0; i < n; i++) {
        gf_estimate e;
        if (gf_measure_estimate(&measures[i], s->values + (size_t)measures[i].column * s->n, weights, s->n,
                                &e) < 0)
            return gf_error_set(error, GF_MEMORY, "out of memory for %zu portfolios", s->n);
        values[(size_t)i * stride] = e.value;
        errors[(size_t)i * stride] = e.se;
    }
    return GF_OK;
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
                             const gf_run_options *options, double *values, double *errors, gf_error *error)
{
    gf_measure measures[GF_DESIGN_MAX_NUMBERS];
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
    if (status == GF_OK)
        status = estimate_all(&s, measures, base->design->n_numbers, &layout, stride, values, errors, error);
    free(s.values);
    gf_layout_clear(&layout);
    gf_config_clear(&config);
    return status;
}
