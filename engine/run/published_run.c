/* Published cases that need a simulation: the config is read and run as `guidefund run` does, in memory. */
#include "run/published_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/published_sample.h"
#include "run/statistics.h"
#include "run/tail.h"

/* Reads "KEY=VALUE; KEY=VALUE" into overrides; 0 when out of memory. */
static int add_settings(gf_overrides *overrides, const char *settings)
{
    while (*settings != '\0') {
        const size_t spaces = strspn(settings, " ;"), length = strcspn(settings + spaces, ";");
        char *one = strndup(settings + spaces, length);
        const int is_added = one != NULL && (length == 0 || gf_overrides_add(overrides, NULL, one));
        free(one);
        if (!is_added)
            return 0;
        settings += spaces + length;
    }
    return 1;
}

static gf_status fail_config(const gf_case *item, const gf_error_list *errors, gf_error *error)
{
    if (errors->n == 0)
        return gf_error_set(error, GF_MEMORY, "out of memory");
    const gf_config_error *first = &errors->errors[0];
    gf_error_set(error, first->status, "case %s: %s:%d:%d: %s", item->name, first->file, first->line,
                 first->column, first->message);
    return first->status;
}

/* The config of the case for check `first`. */
static gf_status read_config(const gf_cases *cases, const gf_case *item, int64_t first, double scale,
                             gf_config *config, gf_error *error)
{
    const char *slash = strrchr(cases->path, '/');
    const int folder = slash != NULL && item->config[0] != '/' ? (int)(slash - cases->path) + 1 : 0;
    char path[sizeof cases->path + sizeof item->config], portfolios[32];
    gf_overrides overrides = {0};
    gf_error_list errors = {0};
    snprintf(path, sizeof path, "%.*s%s", folder, cases->path, item->config);
    snprintf(portfolios, sizeof portfolios, "%.0f", fmax(100, floor((double)item->portfolios * scale)));
    gf_status status = GF_MEMORY;
    if (add_settings(&overrides, item->settings) && add_settings(&overrides, item->checks[first].settings) &&
        gf_overrides_add(&overrides, "portfolios", portfolios))
        status = gf_config_read(path, overrides.n, overrides.items, config, &errors);
    if (status != GF_OK)
        status = fail_config(item, &errors, error);
    gf_errors_clear(&errors);
    gf_overrides_clear(&overrides);
    return status;
}

/* --- columns in memory --- */

typedef struct column_store {
    size_t n;
    int n_columns;
    int index[GF_MAX_CHECKS]; /* in the layout */
    double *values;           /* [n_columns][n] */
} column_store;

static gf_status take_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                              gf_error *error)
{
    column_store *store = context;
    (void)error;
    for (int c = 0; c < store->n_columns; c++)
        memcpy(store->values + (size_t)c * store->n + first, columns + (size_t)store->index[c] * stride,
               n * sizeof(double));
    return GF_OK;
}

/* Place of a column in the store, added if need be; -1: no such column. */
static int find_column(column_store *store, const gf_layout *layout, const char *name)
{
    const int c = gf_layout_find(layout, name);
    if (c < 0)
        return -1;
    for (int k = 0; k < store->n_columns; k++)
        if (store->index[k] == c)
            return k;
    store->index[store->n_columns] = c;
    return store->n_columns++;
}

/* --- statistics of a column --- */

static gf_verdict estimate(double value, double se)
{
    return (gf_verdict){.obtained = value, .se = se};
}

static gf_verdict of_mean(size_t n, const double *x, double (*f)(double, double), double argument)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = f(x[i], argument) - mean;
        mean += d / (double)(i + 1);
        squares += d * (f(x[i], argument) - mean);
    }
    return estimate(mean, n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : 0);
}

static double itself(double x, double unused)
{
    return x + 0 * unused;
}
static double excess(double x, double strike)
{
    return fmax(x - strike, 0);
}

static double is_at_least(double x, double y)
{
    return x >= y;
}
static double is_above(double x, double y)
{
    return x > y;
}
static double is_at_most(double x, double y)
{
    return x <= y;
}
static double is_below(double x, double y)
{
    return x < y;
}

/* Chance with its binomial error, that of the expected chance where the sample shows none. */
static gf_verdict of_chance(size_t n, const double *x, const gf_quantity *q, double expected)
{
    static double (*const relations[])(double, double) = {
        [GF_AT_LEAST] = is_at_least, [GF_ABOVE] = is_above, [GF_AT_MOST] = is_at_most, [GF_BELOW] = is_below};
    gf_verdict v = of_mean(n, x, relations[q->relation], q->arguments[0]);
    if (v.se <= 0 && expected > 0 && expected < 1)
        v.se = sqrt(expected * (1 - expected) / (double)n);
    return v;
}

/* Standard deviation, its error by the fourth moment. */
static gf_verdict of_spread(size_t n, const double *x)
{
    const double mean = of_mean(n, x, itself, 0).obtained;
    double second = 0, fourth = 0;
    for (size_t i = 0; i < n; i++) {
        const double square = (x[i] - mean) * (x[i] - mean);
        second += square / (double)n;
        fourth += square * square / (double)n;
    }
    const double sd = sqrt(second * (double)n / (double)(n > 1 ? n - 1 : 1));
    return estimate(sd, sd > 0 ? sqrt((fourth - second * second) / (double)n) / (2 * sd) : 0);
}

/* --- statistics by name: each fills the verdict, 0 when it cannot --- */

typedef int statistic(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict);

static int plain_mean(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    (void)q;
    *verdict = of_mean(n, x, itself, 0);
    return 1;
}

static int capped_mean(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    *verdict = of_mean(n, x, fmin, q->arguments[0]);
    return 1;
}

static int excess_mean(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    *verdict = of_mean(n, x, excess, q->arguments[0]);
    return 1;
}

static int spread(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    (void)q;
    *verdict = of_spread(n, x);
    return 1;
}

/* Where the sample is too small for the binomial interval, half of its range is the error. */
static int quantile_at(size_t n, const double *x, double level, gf_verdict *verdict)
{
    gf_atoms atoms;
    if (!(level >= 0 && level <= 1) || gf_atoms_from_values(&atoms, x, NULL, n) != 0)
        return 0;
    const gf_estimate e = gf_atoms_quantile(&atoms, level);
    const double half_range = atoms.n > 0 ? (atoms.value[atoms.n - 1] - atoms.value[0]) / 2 : 0;
    gf_atoms_clear(&atoms);
    *verdict = estimate(e.value, isnan(e.se) ? half_range : e.se);
    return !isnan(e.value);
}

static int median(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    (void)q;
    return quantile_at(n, x, 0.5, verdict);
}

static int quantile(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    return quantile_at(n, x, q->arguments[0], verdict);
}

static int top_share(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    gf_atoms atoms;
    if (gf_atoms_from_values(&atoms, x, NULL, n) != 0)
        return 0;
    const gf_estimate e = gf_atoms_top_share(&atoms, q->arguments[0]);
    gf_atoms_clear(&atoms);
    *verdict = estimate(e.value, e.se);
    return !isnan(e.value) && !isnan(e.se);
}

/* Hill's index of each group of k + 1 consecutive values, from its k largest; *groups of them. NULL: too few,
 * or no memory. */
static double *hill_indices(size_t n, const double *x, const gf_quantity *q, size_t *groups)
{
    const size_t k = q->arguments[0] >= 1 && q->arguments[0] < (double)n ? (size_t)q->arguments[0] : n;
    *groups = n / (k + 1);
    double *indices = *groups >= 2 ? malloc(*groups * sizeof *indices) : NULL;
    for (size_t g = 0; g < *groups && indices != NULL; g++) {
        gf_atoms atoms;
        if (gf_atoms_from_values(&atoms, x + g * (k + 1), NULL, k + 1) != 0) {
            free(indices);
            return NULL;
        }
        indices[g] = gf_tail_hill(&atoms, k).value;
        gf_atoms_clear(&atoms);
    }
    return indices;
}

static int hill(size_t n, const double *x, const gf_quantity *q, gf_verdict *verdict)
{
    size_t groups;
    double *indices = hill_indices(n, x, q, &groups);
    int is_done = indices != NULL;
    if (is_done && strcmp(q->function, "hill_mean") == 0)
        *verdict = of_mean(groups, indices, itself, 0);
    else if (is_done && strcmp(q->function, "hill_sd") == 0)
        *verdict = of_spread(groups, indices);
    else if (is_done)
        is_done = quantile_at(groups, indices, q->arguments[1], verdict);
    free(indices);
    return is_done;
}

/* 0: there is no such statistic. */
static int of_column(const column_store *store, int column, const gf_quantity *q, double expected,
                     gf_verdict *verdict)
{
    static const struct {
        const char *name;
        int n_arguments;
        statistic *function;
    } table[] = {
        {"mean", 0, plain_mean},     {"capped_mean", 1, capped_mean}, {"excess_mean", 1, excess_mean},
        {"sd", 0, spread},           {"median", 0, median},           {"quantile", 1, quantile},
        {"top_share", 1, top_share}, {"hill_mean", 1, hill},          {"hill_sd", 1, hill},
        {"hill_quantile", 2, hill}};
    const double *x = store->values + (size_t)column * store->n;
    if (gf_quantity_is(q, "P", 1, 1) && q->relation != GF_NO_RELATION) {
        *verdict = of_chance(store->n, x, q, expected);
        return 1;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (gf_quantity_is(q, table[i].name, 1, table[i].n_arguments))
            return q->relation == GF_NO_RELATION && table[i].function(store->n, x, q, verdict);
    return 0;
}

/* --- the case --- */

/* One run of a case: checks first … end − 1, which share their settings. */
typedef struct simulated {
    const gf_case *item;
    int64_t first, end;
    const gf_run_options *options;
    const gf_quantity *quantities;
    gf_verdict *verdicts;
    gf_config config;
    gf_layout layout;
    column_store store;
    int place[GF_MAX_CHECKS]; /* of a check's column in the store, -1: none, or it needs a sample */
} simulated;

static gf_status run_columns(simulated *s, gf_error *error)
{
    const gf_run_listener listener = {.context = &s->store, .columns = take_columns};
    gf_run_plan plan = gf_run_plan_of(&s->config.scenario);
    plan.n_quarters_of = plan.n_startups_of = 0;
    s->store.n = (size_t)plan.n_portfolios;
    s->store.values = malloc(s->store.n * (size_t)s->store.n_columns * sizeof(double));
    if (s->store.values == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %zu portfolios", s->store.n);
    return gf_run(&s->config.scenario, &s->layout, &plan, s->options, &listener, error);
}

static gf_status evaluate(simulated *s, gf_error *error)
{
    gf_status status = GF_OK;
    for (int64_t k = s->first; k < s->end; k++)
        s->place[k] = gf_sample_is_needed(&s->quantities[k])
                          ? -1
                          : find_column(&s->store, &s->layout, s->quantities[k].column);
    if (s->store.n_columns > 0)
        status = run_columns(s, error);
    for (int64_t k = s->first; k < s->end && status == GF_OK; k++) {
        const gf_quantity *q = &s->quantities[k];
        int is_found = 0;
        if (s->place[k] >= 0)
            is_found = of_column(&s->store, s->place[k], q, s->item->checks[k].expected, &s->verdicts[k]);
        else if (gf_sample_is_needed(q))
            is_found =
                gf_sample_estimate(&s->config.scenario, &s->layout, s->options->isa, q, &s->verdicts[k]);
        if (!is_found)
            status = gf_error_set(error, GF_CONFIG, "case %s: no such number: %s", s->item->name,
                                  s->item->checks[k].quantity);
    }
    return status;
}

static gf_status simulate(simulated *s, const gf_cases *cases, double scale, gf_error *error)
{
    gf_status status = read_config(cases, s->item, s->first, scale, &s->config, error);
    if (status != GF_OK)
        return status;
    status = gf_layout_init(&s->layout, &s->config.scenario, error);
    if (status == GF_OK)
        status = evaluate(s, error);
    free(s->store.values);
    gf_layout_clear(&s->layout);
    gf_config_clear(&s->config);
    return status;
}

gf_status gf_case_simulate(const gf_cases *cases, const gf_case *item, double scale,
                           const gf_run_options *options, const gf_quantity *quantities, gf_verdict *verdicts,
                           gf_error *error)
{
    gf_status status = GF_OK;
    for (int64_t first = 0, end; first < item->n_checks && status == GF_OK; first = end) {
        simulated s = {
            .item = item, .first = first, .options = options, .quantities = quantities, .verdicts = verdicts};
        for (end = first + 1; end < item->n_checks; end++)
            if (strcmp(item->checks[end].settings, item->checks[first].settings) != 0)
                break;
        s.end = end;
        status = simulate(&s, cases, scale, error);
    }
    return status;
}
