/* A number of a run by its name, such as "P(net_tvpi >= 3)" or "median(net_irr)": resolved against the
 * columns of a run, then estimated from the portfolios' values with its Monte Carlo error. */
#ifndef GF_RUN_MEASURE_H
#define GF_RUN_MEASURE_H

#include "base/status.h"
#include "portfolio/portfolio.h"
#include "run/quantity.h"
#include "run/statistics.h"
#include "run/tail.h"

typedef enum {
    GF_MEASURE_PROBABILITY, /* P(column >= x), and with >, <=, < */
    GF_MEASURE_MEAN,        /* mean(column) */
    GF_MEASURE_CAPPED_MEAN, /* capped_mean(column, cap): of min(column, cap) */
    GF_MEASURE_QUANTILE,    /* quantile(column, level), median(column) */
    GF_MEASURE_TOP_SHARE    /* top_share(column, fraction): held by the best fraction of portfolios */
} gf_measure_kind;

typedef struct gf_measure {
    gf_measure_kind kind;
    int column;      /* in the layout */
    gf_column about; /* that column */
    gf_relation relation;
    double argument;    /* threshold, cap, level or fraction */
    gf_moments moments; /* what may be said of a mean */
} gf_measure;

/* GF_CONFIG: not a number of this kind, an argument out of range, or a column that the layout does not
 * have; the error says what was expected. */
gf_status gf_measure_resolve(gf_measure *measure, const char *text, const gf_layout *layout,
                             const gf_tail *tail, gf_error *error);

/* Estimates from values[n] of the column (NaN: missing; overwritten where a column stands for "never")
 * and likelihood ratios weights[n] (NULL: 1 each). The value of a mean that does not exist, and errors
 * that do not, are NaN. Negative when out of memory. */
int gf_measure_estimate(const gf_measure *measure, double *values, const double *weights, size_t n,
                        gf_estimate *estimate);

/* Unit of the number: that of its column, or "1". */
const char *gf_measure_unit(const gf_measure *measure);

#endif
