/* Inside run only: what an accumulator is made of, for those who pack it. */
#ifndef GF_RUN_SKETCH_INSIDE_H
#define GF_RUN_SKETCH_INSIDE_H

#include "run/sketch.h"

struct gf_accumulator {
    const gf_layout *layout;
    gf_sketch *sketches; /* [n_columns] */
    double *room;        /* of their bins and largest values */
};

/* Bins that may be occupied: first … end − 1. The others were never touched, so that memory they would take
 * is not there. */
void gf_sketch_span(const gf_sketch *sketch, size_t *first, size_t *end);

/* Takes note of n values, all at most `largest`, as far as they may be among the largest of all;
 * n + GF_SKETCH_TOP must not exceed GF_SKETCH_ROOM. */
void gf_sketch_keep_largest(gf_sketch *sketch, const double *values, size_t n, double largest);
/* Any number of values. */
void gf_sketch_keep_top(gf_sketch *sketch, const double *values, size_t n);
/* The largest values, GF_SKETCH_TOP at most, ascending; how many. */
size_t gf_sketch_top(const gf_sketch *sketch, double top[GF_SKETCH_ROOM]);
static inline size_t gf_sketch_n_top(const gf_sketch *sketch)
{
    return sketch->n_top < GF_SKETCH_TOP ? sketch->n_top : GF_SKETCH_TOP;
}

#endif
