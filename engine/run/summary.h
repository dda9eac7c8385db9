/* The summary of a run: named numbers with Monte Carlo errors, built from columns or from sketches. The same
 * list is written to /summary and printed by `guidefund summary`. */
#ifndef GF_RUN_SUMMARY_H
#define GF_RUN_SUMMARY_H

#include <stdint.h>

#include "io/results.h"
#include "run/sketch.h"
#include "run/tail.h"

enum {
    /* Up to so many portfolios a summary is computed from the columns themselves (if all are kept), beyond it
     * from sketches, so that memory stays bounded and merged shards give the bytes of one run. */
    GF_SUMMARY_EXACT_MOST = 1 << 20
};

typedef struct gf_summary {
    gf_number *numbers; /* [n], texts owned */
    size_t n, room;
} gf_summary;

void gf_summary_clear(gf_summary *summary);

/* Reads rows first … first + n − 1 of a column as doubles. */
typedef gf_status gf_column_reader(void *context, int column, uint64_t first, size_t n, double *values,
                                   gf_error *error);

typedef struct gf_column_source {
    gf_column_reader *read; /* one call at a time */
    void *context;
    int n_threads; /* that may summarise columns */
} gf_column_source;

/* Summary of n portfolios whose columns the source delivers, one column in memory at a time and thread.
 * Columns "log_weight" that are not all zero weight every estimate (self-normalised). The same for any number
 * of threads. */
gf_status gf_summary_from_columns(gf_summary *summary, const gf_layout *layout, const gf_tail *tail,
                                  uint64_t n, const gf_column_source *source, gf_error *error);
/* Columns in memory, columns[c * stride + r]. */
gf_status gf_summary_from_memory(gf_summary *summary, const gf_layout *layout, const gf_tail *tail,
                                 const double *columns, size_t stride, size_t n, gf_error *error);
/* Sketches. Weighted runs are refused (GF_CONFIG): they need their columns. */
gf_status gf_summary_from_accumulator(gf_summary *summary, const gf_accumulator *accumulator,
                                      const gf_tail *tail, gf_error *error);

/* Reader of a file being written (context is a gf_results). */
gf_column_reader gf_summary_read_writer;

/* Number of that name, or NULL. */
const gf_number *gf_summary_find(const gf_summary *summary, const char *name);

/* Cap of the capped mean of a column: 10 for multiples (100 for the largest multiple of a startup), else the
 * 99% quantile rounded up to 1, 2 or 5 × 10^k. NaN: nothing to cap. */
double gf_summary_cap(const gf_column *column, const gf_atoms *atoms);

/* Thresholds x of P(column ≥ x) that are reported for a column; the number of them. */
int gf_summary_thresholds(const gf_column *column, double thresholds[8]);

/* A column that says that another one is missing, or a weight: not summarised itself. */
int gf_summary_is_technical(const gf_layout *layout, int column);

/* A column that is the quarter of an event, -1 where it never happened: unit "quarter", name ending in
 * "_quarter". */
int gf_summary_is_event(const gf_column *column);

/* Values of a column in which a stand-in for "never happened" (−1 of quarters) becomes NaN. */
void gf_summary_blank(const gf_column *column, double *values, size_t n);

/* Adds a number; texts are copied. Negative when out of memory. */
int gf_summary_add(gf_summary *summary, const gf_number *number);

#endif
