/* Batched luck, one table per instruction set; all tables give the same bits. Functions accept n = 0 and
 * cannot fail. */
#ifndef GF_RANDOM_LUCK_HOT_H
#define GF_RANDOM_LUCK_HOT_H

#include <stddef.h>
#include <stdint.h>
#include "base/isa.h"

/* An address in one word, for startups of portfolios that follow each other: bits 0…2 block, 3…8 number of
 * the portfolio, 13…31 number of the portfolio × stride + startup. Other bits are ignored. */
enum { GF_PLACE_BLOCKS = 8, GF_PLACE_LANES = 64, GF_PLACE_LANE_SHIFT = 3, GF_PLACE_SLOT_SHIFT = 13 };

typedef struct gf_luck_hot {
    /* The words at n addresses (seed, portfolio[i], startup[i], purpose, block[i]), one array per word, each
       [n]. No output may overlap an input. */
    void (*startups)(uint64_t seed, size_t n, const uint32_t *startup, const uint64_t *portfolio,
                     uint32_t purpose, const uint32_t *block, uint32_t *w0, uint32_t *w1, uint32_t *w2,
                     uint32_t *w3);
    /* The same at n places, a multiple of 16; portfolio number 0 is `first`. */
    void (*places)(uint64_t seed, size_t n, const uint32_t *place, uint64_t first, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3);
    /* As gf_luck_lanes. */
    void (*lanes)(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                  uint32_t block, double *wide_a, double *wide_b);
    /* As gf_luck_lanes_words. */
    void (*lanes_words)(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                        uint32_t block, int n_blocks, uint32_t *const (*w)[4]);
    /* u[i] = gf_uniform_narrow(words[i]) and gf_uniform_wide(high[i], low[i]), [n]. */
    void (*narrow)(size_t n, const uint32_t *words, double *u);
    /* The first in single precision: gf_uniform_single(words[i]). */
    void (*single)(size_t n, const uint32_t *words, float *u);
    void (*wide)(size_t n, const uint32_t *high, const uint32_t *low, double *u);
} gf_luck_hot;

/* Table of the set, or of the baseline where the set was not compiled in. */
const gf_luck_hot *gf_luck_hot_table(gf_isa isa);

#endif
