/* Accumulators as words, for parts: occupied bins only. Adding what was packed is the same as merging the
 * accumulator itself, to the bit. */
#ifndef GF_RUN_SKETCH_PACK_H
#define GF_RUN_SKETCH_PACK_H

#include "run/sketch.h"

/* Words of the accumulator, malloc'ed; NULL when out of memory. */
int64_t *gf_accumulator_pack(const gf_accumulator *accumulator, size_t *n_words);

/* Adds packed words of an accumulator of the same layout. 0 when they are none (nothing useful remains in
 * `into`). */
int gf_accumulator_add_packed(gf_accumulator *into, const int64_t *words, size_t n_words);

/* Empties the accumulator. */
void gf_accumulator_reset(gf_accumulator *accumulator);

#endif
