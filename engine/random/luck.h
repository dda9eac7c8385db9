/* Luck has an address: (seed, portfolio, startup, quarter or block, purpose) → 128 random bits by
 * ARS-7 (ars.h). Policies never enter the address, so paired scenarios meet the same fates.
 *
 *   key     = the 64-bit seed, and 0 in the upper half
 *   counter = { startup, portfolio low 32 bits, portfolio bits 32…47 | purpose << 16, block }
 *
 * Four 32-bit words come out. A "wide" uniform joins two words into 52 bits; a "narrow" one is one word of 32
 * bits. Both lie strictly inside (0,1): wide = (k + 1/2)/2^52, narrow = (k + 1/2)/2^32. */
#ifndef GF_RANDOM_LUCK_H
#define GF_RANDOM_LUCK_H

#include <stdint.h>

/* What a number is used for. Models own purposes from GF_LUCK_MODELS on, one each (gf_model.purpose). */
enum gf_purpose {
    GF_LUCK_ENTRY = 1,       /* startup ÷ 4: word startup mod 4 is the first stage's budget */
    GF_LUCK_ENTRY_VALUE = 2, /* startup at entry: word 0 stage; 1 sector; 2–3 quality */
    GF_LUCK_STAGE = 3, /* block = stage left: word 0 cause; word 1 next stage's budget; words 2–3 price */
    GF_LUCK_EXIT = 4, /* block = stage left: word 0 redemption; word 1 sale to a giant; words 2–3 recovery */
    GF_LUCK_MARKET = 5,    /* block = quarter ÷ 2: words 0, 2 factor innovation, 1, 3 index noise */
    GF_LUCK_WINDOW = 6,    /* block = quarter: listing window */
    GF_LUCK_SUB_FUND = 7,  /* block = sub-fund: words 0–1 manager skill */
    GF_LUCK_VINTAGE = 8,   /* words 0–1: the portfolio's common factor of startup quality */
    GF_LUCK_DEAL_FLOW = 9, /* block = quarter: number of investable entrants */
    GF_LUCK_OUTCOME = 10,  /* outcome lifecycle: words 0–1 multiple, 2–3 holding time */
    /* 11 was taken by an earlier version */
    GF_LUCK_LOCAL = 12, /* block = quarter: number of local startups on offer */
    GF_LUCK_MODELS = 64
};

/* The four words at an address. */
void gf_luck_words(uint64_t seed, uint64_t portfolio, uint32_t startup, uint32_t purpose, uint32_t block,
                   uint32_t words[4]);

/* One address per lane: portfolios first … first + n − 1, same startup, purpose and block.
 * wide_a[n] from words 0–1, wide_b[n] from words 2–3; either may be NULL. */
void gf_luck_lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                   uint32_t block, double *wide_a, double *wide_b);

/* The same as words: w[i][n] word i; any may be NULL. */
void gf_luck_lanes_words(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                         uint32_t block, uint32_t *const w[4]);

/* Words to uniforms, strictly inside (0,1). */
static inline double gf_uniform_narrow(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

/* In single precision, from the upper 31 bits k: (k + ½)/2^31 × (1 − 2^−24), rounded, so that it is below 1.
 * Small ones keep their digits. From signed integers, as every set can. */
#define GF_SINGLE_UNIT 0x1.fffffep-32f
static inline float gf_uniform_single(uint32_t word)
{
    return ((float)(int32_t)(word >> 1) + 0.5f) * GF_SINGLE_UNIT;
}

static inline double gf_uniform_wide(uint32_t high, uint32_t low)
{
    uint64_t bits = ((uint64_t)high << 20) | (low >> 12);
    return ((double)(int64_t)bits + 0.5) * 0x1p-52;
}

#endif
