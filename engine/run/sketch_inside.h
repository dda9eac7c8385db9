/* Inside run only: what an accumulator is made of, for those who pack it. */
#ifndef GF_RUN_SKETCH_INSIDE_H
#define GF_RUN_SKETCH_INSIDE_H

#include "run/sketch.h"

struct gf_accumulator {
    const gf_layout *layout;
    gf_sketch *sketches; /* [n_columns] */
};

/* Puts a value among the largest if it is one of them. */
void gf_sketch_keep_top(gf_sketch *sketch, double x);

#endif
