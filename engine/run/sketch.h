/* Distribution of every column in constant memory, for runs that keep no columns: a log-linear histogram with
 * 128 bins an octave (values in a bin differ by less than 2^-7 of their size), exact sums, the 1000 largest
 * values kept exactly. Merging is exact and commutative: counts are integers, sums are kept without rounding,
 * so threads may each fill an accumulator and merge in any order, and shards give the same bits as one run,
 * as long as batches are the same. */
#ifndef GF_RUN_SKETCH_H
#define GF_RUN_SKETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "portfolio/portfolio.h"
#include "run/statistics.h"

enum {
    GF_SKETCH_TOP = 1000,     /* largest values kept exactly */
    GF_SKETCH_ROOM = 2048,    /* room for them and for others that came since they were last selected */
    GF_SKETCH_SUB_BINS = 128, /* per octave */
    GF_SKETCH_OCTAVES = 128,  /* 2^-64 … 2^64 in size; smaller counts as zero, larger as the last bin */
    GF_SKETCH_SIDE = GF_SKETCH_SUB_BINS * GF_SKETCH_OCTAVES,
    GF_SKETCH_BINS = 2 * GF_SKETCH_SIDE + 1, /* negative, zero, positive in ascending order */
    GF_EXACT_LIMBS = 72
};

/* A sum of doubles without rounding: a fixed-point number with 32 bits in each 64-bit limb. */
typedef struct gf_exact_sum {
    int64_t limb[GF_EXACT_LIMBS];
    int64_t n_pending; /* additions since the last carry */
} gf_exact_sum;

void gf_exact_add(gf_exact_sum *sum, double x); /* finite x only */
void gf_exact_merge(gf_exact_sum *into, const gf_exact_sum *from);
/* The sum as a double, the same for the same exact value, error below 1 unit in the last place. */
double gf_exact_value(const gf_exact_sum *sum);

/* One column. */
typedef struct gf_sketch {
    int64_t n, n_missing, n_infinite;
    double least, largest;
    int is_quarter; /* a negative quarter means never: missing */
    gf_exact_sum sum, sum2;
    int64_t *bins; /* [GF_SKETCH_BINS] */
    double *top;   /* [n_top] in no order, the largest of all among them */
    size_t n_top;
    double least_top; /* of GF_SKETCH_TOP that were selected: what is not above it is none of the largest */
} gf_sketch;

/* All columns of a layout; about 300 kB a column. */
typedef struct gf_accumulator gf_accumulator;

gf_status gf_accumulator_new(gf_accumulator **accumulator, const gf_layout *layout, gf_error *error);
void gf_accumulator_free(gf_accumulator *accumulator);

/* Adds portfolios columns[c * stride + r], r < n. Sums inside one call are rounded, so equal results need
 * equal calls (batches), in any order, in any accumulator. Cannot fail. */
void gf_accumulator_add_batch(gf_accumulator *accumulator, const double *columns, size_t stride, size_t n);

/* Was nothing added? */
int gf_accumulator_is_empty(const gf_accumulator *accumulator);

/* Adds all of `from` (of the same layout). */
void gf_accumulator_merge(gf_accumulator *into, const gf_accumulator *from);

const gf_layout *gf_accumulator_layout(const gf_accumulator *accumulator);
const gf_sketch *gf_accumulator_sketch(const gf_accumulator *accumulator, int column);

/* Column as atoms: occupied bins within [least, largest] (their whole numbers for integer columns), the
 * largest values one by one, exact mean and variance. A quantile is taken from within its bin, so its error
 * is below 2^-7 of its size, and far below where a column is smooth. Whole numbers below 256 are edges of
 * bins: probabilities of reaching them are exact. -1 when out of memory. */
int gf_atoms_from_sketch(gf_atoms *atoms, const gf_sketch *sketch, int is_integer);

#endif
