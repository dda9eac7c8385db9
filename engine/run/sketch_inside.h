/* Inside run only: what an accumulator is made of, for those who pack it. */
#ifndef GF_RUN_SKETCH_INSIDE_H
#define GF_RUN_SKETCH_INSIDE_H

#include "run/sketch.h"

struct gf_accumulator {
    const gf_layout *layout;
    gf_sketch *sketches; /* [n_columns] */
};

/* Bins that may be occupied: first … end − 1. The others were never touched, so that memory they would take
 * is not there. */
void gf_sketch_span(const gf_sketch *sketch, size_t *first, size_t *end);

/* Puts a value among the largest if it is one of them. */
void gf_sketch_keep_top(gf_sketch *sketch, double x);

#endif
