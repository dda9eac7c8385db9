/* Batched luck, one table per instruction set; all tables give the same bits. Functions accept n = 0 and
 * cannot fail. */
#ifndef GF_RANDOM_LUCK_HOT_H
#define GF_RANDOM_LUCK_HOT_H

#include <stddef.h>
#include <stdint.h>
#include "base/isa.h"
#include "random/ars_batch.h"

/* Words to uniforms, compiled per set. */
typedef struct gf_uniforms_hot {
    /* u[i] = gf_uniform_narrow(words[i]) and gf_uniform_wide(high[i], low[i]), [n]. */
    void (*narrow)(size_t n, const uint32_t *words, double *u);
    /* The first in single precision: gf_uniform_single(words[i]). */
    void (*single)(size_t n, const uint32_t *words, float *u);
    void (*wide)(size_t n, const uint32_t *high, const uint32_t *low, double *u);
} gf_uniforms_hot;

typedef struct gf_luck_hot {
    gf_ars_batch words;
    gf_uniforms_hot to;
} gf_luck_hot;

/* Table of the set, or of the baseline where the set was not compiled in. */
const gf_luck_hot *gf_luck_hot_table(gf_isa isa);

#endif
