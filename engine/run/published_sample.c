/* Quantities of startups and of quarters: simulates the first portfolios of a run again, with their rows. */
#include "run/published_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_MOST = 4000 };

int gf_sample_is_needed(const gf_quantity *q)
{
    return strncmp(q->column, "startup.", 8) == 0 || strcmp(q->function, "at") == 0 ||
           strcmp(q->function, "total") == 0;
}

typedef struct sample {
    const gf_scenario *scenario;
    const gf_layout *layout;
    gf_isa isa;
    const gf_quantity *quantity;
    int column; /* of startups, or a derived one */
    int series;
    size_t n;            /* portfolios */
    double *sum, *count; /* [n]: by portfolio */
} sample;

enum { MULTIPLE = GF_N_STARTUP_COLUMNS, HOLDING_YEARS, N_KNOWN };

static int find_startup_column(const char *name)
{
    static const char *const names[N_KNOWN] = {
#define NAME(id, name, unit, integer, long_name) name,
        GF_STARTUP_COLUMN_LIST(NAME)
#undef NAME
            [MULTIPLE] = "multiple",
        [HOLDING_YEARS] = "holding_years"};
    for (int k = 0; k < N_KNOWN; k++)
        if (strcmp(names[k], name) == 0)
            return k;
    return -1;
}

/* Value of startup i in lane l; NaN: it has none (never funded, or still held where an exit is asked for). */
static double startup_value(const sample *s, const double *rows, size_t stride, size_t i, size_t l)
{
    const size_t n_startups = (size_t)s->scenario->startups.count;
    const double *at = rows + i * stride + l;
#define FIELD(id) at[(size_t)GF_STARTUP_##id * n_startups * stride]
    const double cost = FIELD(COST), exit = FIELD(EXIT_QUARTER);
    if (!(cost > 0))
        return NAN;
    if (s->column == MULTIPLE)
        return FIELD(VALUE) / cost;
    if (s->column == HOLDING_YEARS)
        return exit >= 0 ? (exit - FIELD(ENTRY_QUARTER) + 1) / 4 : NAN;
    return at[(size_t)s->column * n_startups * stride];
#undef FIELD
}

static void add_startups(sample *s, const double *rows, size_t stride, size_t first, size_t lanes)
{
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < (size_t)s->scenario->startups.count; i++) {
            const double x = startup_value(s, rows, stride, i, l);
            if (isnan(x))
                continue;
            s->sum[first + l] += gf_relation_score(s->quantity->relation, x, s->quantity->arguments[0]);
            s->count[first + l] += 1;
        }
}

/* at(series, year): its value at the end of the year; total(series, year): summed up to then. */
static void add_series(sample *s, const double *series, size_t stride, size_t first, size_t lanes)
{
    const int n_quarters = s->scenario->n_quarters, last = (int)lround(4 * s->quantity->arguments[0]) - 1;
    const int from = s->quantity->function[0] == 'a' ? last : 0;
    for (size_t l = 0; l < lanes; l++) {
        for (int q = from; q <= last; q++)
            s->sum[first + l] += series[((size_t)s->series * (size_t)n_quarters + (size_t)q) * stride + l];
        s->count[first + l] = 1;
    }
}

static int simulate(sample *s)
{
    gf_workspace *workspace = NULL;
    const size_t lanes_most = (size_t)gf_workspace_lanes(s->scenario),
                 n_columns = (size_t)s->layout->n_columns;
    const size_t n_startups = (size_t)s->scenario->startups.count * GF_N_STARTUP_COLUMNS;
    const size_t n_series = (size_t)s->layout->n_series * (size_t)s->scenario->n_quarters;
    double *room = malloc((n_columns + n_startups + n_series) * lanes_most * sizeof *room);
    const int is_ready =
        room != NULL && gf_workspace_new(&workspace, s->scenario, s->layout, s->isa, NULL) == GF_OK;
    for (size_t first = 0; first < s->n && is_ready; first += lanes_most) {
        const size_t lanes = s->n - first < lanes_most ? s->n - first : lanes_most;
        const gf_sink sink = {.columns = room,
                              .startups = room + n_columns * lanes_most,
                              .series = room + (n_columns + n_startups) * lanes_most,
                              .columns_stride = lanes_most,
                              .startups_stride = lanes_most,
                              .series_stride = lanes_most};
        gf_simulate(workspace, first, (int)lanes, &sink);
        if (s->series >= 0)
            add_series(s, sink.series, lanes_most, first, lanes);
        else
            add_startups(s, sink.startups, lanes_most, first, lanes);
    }
    gf_workspace_free(workspace);
    free(room);
    return is_ready;
}

/* Ratio of sums over portfolios, its error with portfolios as clusters (Cochran 1977, ratio estimator). */
static void conclude(const sample *s, gf_verdict *verdict)
{
    double sum = 0, count = 0, squares = 0;
    for (size_t i = 0; i < s->n; i++) {
        sum += s->sum[i];
        count += s->count[i];
    }
    const double ratio = sum / count;
    for (size_t i = 0; i < s->n; i++)
        squares += pow(s->sum[i] - ratio * s->count[i], 2);
    *verdict = (gf_verdict){.obtained = ratio, .se = sqrt(squares) / count};
}

/* Finds what the quantity speaks of; 0: nothing of that name. */
static int resolve(sample *s)
{
    const gf_quantity *q = s->quantity;
    s->series = s->column = -1;
    if (strncmp(q->column, "startup.", 8) == 0) {
        s->column = find_startup_column(q->column + 8);
        return s->column >= 0 && (gf_quantity_is(q, "mean", 1, 0) ||
                                  (gf_quantity_is(q, "P", 1, 1) && q->relation != GF_NO_RELATION));
    }
    for (int k = 0; k < s->layout->n_series; k++)
        if (strcmp(s->layout->series[k].name, q->column) == 0)
            s->series = k;
    return s->series >= 0 && q->n_arguments == 1 && q->arguments[0] >= 0.25 &&
           4 * q->arguments[0] <= s->scenario->n_quarters;
}

int gf_sample_estimate(const gf_scenario *scenario, const gf_layout *layout, gf_isa isa,
                       const gf_quantity *quantity, gf_verdict *verdict)
{
    sample s = {.scenario = scenario, .layout = layout, .isa = isa, .quantity = quantity};
    if (!resolve(&s))
        return 0;
    s.n = scenario->portfolios < SAMPLE_MOST ? (size_t)scenario->portfolios : SAMPLE_MOST;
    s.sum = calloc(s.n, sizeof *s.sum);
    s.count = calloc(s.n, sizeof *s.count);
    const int is_done = s.sum != NULL && s.count != NULL && simulate(&s);
    if (is_done)
        conclude(&s, verdict);
    free(s.sum);
    free(s.count);
    return is_done && isfinite(verdict->obtained);
}
