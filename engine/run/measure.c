/* Numbers of a run by name. */
#include "run/measure.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "run/summary.h"

static gf_status refuse_column(const gf_layout *layout, const char *text, const char *name, gf_error *error)
{
    gf_nearest nearest = {name, NULL, 0};
    for (int c = 0; c < layout->n_columns; c++)
        gf_nearest_offer(&nearest, layout->columns[c].name);
    return gf_error_set(error, GF_CONFIG, "%.96s: unknown column '%.48s'; expected one of the run%s%s%s",
                        text, name, nearest.best != NULL ? " (did you mean '" : "",
                        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?)" : "");
}

/* Kind of the quantity; 0: it is none of ours. */
static int find_kind(const gf_quantity *q, gf_measure *m)
{
    static const struct {
        const char *name;
        int n_arguments;
        gf_measure_kind kind;
    } table[] = {{"mean", 0, GF_MEASURE_MEAN},
                 {"capped_mean", 1, GF_MEASURE_CAPPED_MEAN},
                 {"median", 0, GF_MEASURE_QUANTILE},
                 {"quantile", 1, GF_MEASURE_QUANTILE},
                 {"top_share", 1, GF_MEASURE_TOP_SHARE}};
    m->relation = q->relation;
    m->argument = q->n_arguments > 0 ? q->arguments[0] : 0.5;
    if (gf_quantity_is(q, "P", 1, 1) && q->relation != GF_NO_RELATION) {
        m->kind = GF_MEASURE_PROBABILITY;
        return 1;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table && q->relation == GF_NO_RELATION; i++)
        if (gf_quantity_is(q, table[i].name, 1, table[i].n_arguments)) {
            m->kind = table[i].kind;
            return 1;
        }
    return 0;
}

gf_status gf_measure_resolve(gf_measure *m, const char *text, const gf_layout *layout, const gf_tail *tail,
                             gf_error *error)
{
    gf_quantity q;
    gf_error own;
    *m = (gf_measure){.column = -1};
    if (gf_quantity_parse(text, &q, &own) != GF_OK || !find_kind(&q, m))
        return gf_error_set(error, GF_CONFIG,
                            "'%.96s' is not a number of a run; expected P(column >= x), mean(column), "
                            "capped_mean(column, cap), median(column), quantile(column, level) or "
                            "top_share(column, fraction)",
                            text);
    const int is_share = m->kind == GF_MEASURE_QUANTILE || m->kind == GF_MEASURE_TOP_SHARE;
    if (is_share && !(m->argument > 0 && m->argument < 1))
        return gf_error_set(error, GF_CONFIG, "%.96s: %g; expected a level or fraction between 0 and 1", text,
                            m->argument);
    m->column = gf_layout_find(layout, q.column);
    if (m->column < 0)
        return refuse_column(layout, text, q.column, error);
    m->about = layout->columns[m->column];
    m->moments = gf_tail_moments(tail, &m->about);
    return GF_OK;
}

/* P(X ~ x) by P(X ≥ y): X > x is X ≥ the next number above it. */
static gf_estimate probability(const gf_measure *m, const gf_atoms *atoms)
{
    const int is_strict = m->relation == GF_ABOVE || m->relation == GF_AT_MOST;
    const int is_below = m->relation == GF_BELOW || m->relation == GF_AT_MOST;
    gf_estimate e = gf_atoms_probability(atoms, is_strict ? nextafter(m->argument, INFINITY) : m->argument);
    if (is_below)
        e.value = 1 - e.value;
    return e;
}

static gf_estimate mean(const gf_measure *m, const gf_atoms *atoms)
{
    gf_estimate e = gf_atoms_mean(atoms);
    if (m->moments == GF_MOMENTS_NONE)
        e.value = NAN;
    if (m->moments == GF_MOMENTS_NONE || m->moments == GF_MOMENTS_NO_ERROR)
        e.se = NAN;
    return e;
}

int gf_measure_estimate(const gf_measure *m, double *values, const double *weights, size_t n,
                        gf_estimate *estimate)
{
    gf_atoms atoms;
    gf_summary_blank(&m->about, values, n);
    if (gf_atoms_from_values(&atoms, values, weights, n) != 0)
        return -1;
    switch (m->kind) {
    case GF_MEASURE_PROBABILITY:
        *estimate = probability(m, &atoms);
        break;
    case GF_MEASURE_MEAN:
        *estimate = mean(m, &atoms);
        break;
    case GF_MEASURE_CAPPED_MEAN:
        *estimate = gf_atoms_capped_mean(&atoms, m->argument);
        break;
    case GF_MEASURE_QUANTILE:
        *estimate = gf_atoms_quantile(&atoms, m->argument);
        break;
    case GF_MEASURE_TOP_SHARE:
        *estimate = gf_atoms_top_share(&atoms, m->argument);
        break;
    }
    gf_atoms_clear(&atoms);
    return 0;
}

const char *gf_measure_unit(const gf_measure *m)
{
    return m->kind == GF_MEASURE_PROBABILITY || m->kind == GF_MEASURE_TOP_SHARE ? "1" : m->about.unit;
}
