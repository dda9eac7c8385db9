/* Batched Philox4x32-10, compiled once per instruction set. One vector holds one counter word of
 * GF_WORD_LANES addresses. */
#include "random/luck_hot.h"

#include <string.h>
#include "base/simd.h"
#include "random/luck.h"
#include "random/philox.h"

extern const gf_luck_hot GF_HOT(gf_luck_hot);

enum { CHUNK = 128 };

#define GF_SIMD_INLINE static inline __attribute__((always_inline))

typedef struct {
    gf_lanes c0, c1, c2, c3;
} block4;

/* Ten rounds. The high halves of the lanes hold leftovers, which multiply and store ignore.
 *
 * Rounds of independent groups go together, so that one chain of multiplications hides behind the others: a
 * core looks ahead too short a way to do so itself. Six groups leave registers for what a round needs. Rounds
 * stay a loop: unrolled, the code is eight times as long, and what it gains here it loses to the rest of the
 * kernel in the instruction cache. */
enum { MANY = 6, SOME = 4 };

/* n is known when this is compiled. */
GF_SIMD_INLINE void philox_groups(block4 *x, int n, uint32_t k0, uint32_t k1)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1);
#if !defined(__clang__)
#pragma GCC unroll 1
#endif
    for (int round = 0; round < GF_PHILOX_ROUNDS; round++) {
        const gf_lanes key0 = gf_lanes_set(k0), key1 = gf_lanes_set(k1);
#if !defined(__clang__)
#pragma GCC unroll 8
#endif
        for (int g = 0; g < n; g++) {
            const gf_lanes p0 = gf_lanes_multiply(x[g].c0, m0), p1 = gf_lanes_multiply(x[g].c2, m1);
            x[g].c0 = gf_lanes_xor3(gf_lanes_high(p1), x[g].c1, key0);
            x[g].c1 = p1;
            x[g].c2 = gf_lanes_xor3(gf_lanes_high(p0), x[g].c3, key1);
            x[g].c3 = p0;
        }
        k0 += GF_PHILOX_W0;
        k1 += GF_PHILOX_W1;
    }
}

/* Counter of GF_WORD_LANES addresses; portfolio bits 32…47 share a word with the purpose. */
static inline block4 address(gf_lanes startup, gf_lanes portfolio, gf_lanes purpose, gf_lanes block)
{
    const gf_lanes mask = gf_lanes_set(0xffff);
    return (block4){startup, portfolio, gf_lanes_or(gf_lanes_and(gf_lanes_high(portfolio), mask), purpose),
                    block};
}

static inline void store_block(uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3, size_t at, block4 x)
{
    gf_lanes_store(w0 + at, x.c0);
    gf_lanes_store(w1 + at, x.c1);
    gf_lanes_store(w2 + at, x.c2);
    gf_lanes_store(w3 + at, x.c3);
}

/* Where the addresses of startups come from, and where their words go. */
typedef struct {
    const uint32_t *startup, *block;
    const uint64_t *portfolio;
    uint32_t *w0, *w1, *w2, *w3;
    gf_lanes purpose;
    uint32_t k0, k1;
} task;

/* The words of n groups of addresses from number i on; n is known when this is compiled. */
GF_SIMD_INLINE void draw_groups(const task *t, size_t i, int n)
{
    block4 x[MANY];
    for (int g = 0; g < n; g++) {
        const size_t at = i + (size_t)(g * GF_WORD_LANES);
        x[g] = address(gf_lanes_load32(t->startup + at), gf_lanes_load64(t->portfolio + at), t->purpose,
                       gf_lanes_load32(t->block + at));
    }
    philox_groups(x, n, t->k0, t->k1);
    for (int g = 0; g < n; g++)
        store_block(t->w0, t->w1, t->w2, t->w3, i + (size_t)(g * GF_WORD_LANES), x[g]);
}

/* The last addresses, fewer than a group. */
static void draw_rest(const task *t, size_t i, size_t rest)
{
    uint32_t s[GF_WORD_LANES] = {0}, b[GF_WORD_LANES] = {0}, w[4][GF_WORD_LANES];
    uint64_t p[GF_WORD_LANES] = {0};
    memcpy(s, t->startup + i, rest * sizeof *s);
    memcpy(b, t->block + i, rest * sizeof *b);
    memcpy(p, t->portfolio + i, rest * sizeof *p);
    const task part = {s, b, p, w[0], w[1], w[2], w[3], t->purpose, t->k0, t->k1};
    draw_groups(&part, 0, 1);
    memcpy(t->w0 + i, w[0], rest * sizeof *w[0]);
    memcpy(t->w1 + i, w[1], rest * sizeof *w[1]);
    memcpy(t->w2 + i, w[2], rest * sizeof *w[2]);
    memcpy(t->w3 + i, w[3], rest * sizeof *w[3]);
}

/* NOLINTBEGIN(readability-non-const-parameter): written through the task */
static void startups(uint64_t seed, size_t n, const uint32_t *startup, const uint64_t *portfolio,
                     uint32_t purpose, const uint32_t *block, uint32_t *w0, uint32_t *w1, uint32_t *w2,
                     uint32_t *w3)
/* NOLINTEND(readability-non-const-parameter) */
{
    const task t = {startup,
                    block,
                    portfolio,
                    w0,
                    w1,
                    w2,
                    w3,
                    gf_lanes_set(purpose << 16),
                    (uint32_t)seed,
                    (uint32_t)(seed >> 32)};
    size_t i = 0;
    for (; i + MANY * GF_WORD_LANES <= n; i += MANY * GF_WORD_LANES)
        draw_groups(&t, i, MANY);
    for (; i + SOME * GF_WORD_LANES <= n; i += SOME * GF_WORD_LANES)
        draw_groups(&t, i, SOME);
    for (; i + GF_WORD_LANES <= n; i += GF_WORD_LANES)
        draw_groups(&t, i, 1);
    if (i < n)
        draw_rest(&t, i, n - i);
}

/* Room for the words of CHUNK portfolios in whole groups. */
enum { LANE_ROOM = CHUNK + 64 };

#ifdef GF_AVX512
#include "random/philox_pairs_hot.h"
#else
/* The words of n groups of places from number i on. */
GF_SIMD_INLINE void draw_places(const task *t, gf_lanes first, gf_lanes minus_stride, size_t i, int n)
{
    const gf_lanes lane_mask = gf_lanes_set(GF_PLACE_LANES - 1),
                   block_mask = gf_lanes_set(GF_PLACE_BLOCKS - 1);
    block4 x[MANY];
    for (int g = 0; g < n; g++) {
        const gf_lanes place = gf_lanes_load32(t->startup + i + (size_t)(g * GF_WORD_LANES)),
                       lane = gf_lanes_and(gf_lanes_shift(place, GF_PLACE_LANE_SHIFT), lane_mask),
                       startup = gf_lanes_add(gf_lanes_shift(place, GF_PLACE_SLOT_SHIFT),
                                              gf_lanes_multiply(lane, minus_stride));
        x[g] = address(startup, gf_lanes_add(first, lane), t->purpose, gf_lanes_and(place, block_mask));
    }
    philox_groups(x, n, t->k0, t->k1);
    for (int g = 0; g < n; g++)
        store_block(t->w0, t->w1, t->w2, t->w3, i + (size_t)(g * GF_WORD_LANES), x[g]);
}

/* NOLINTBEGIN(readability-non-const-parameter): written through the task */
static void places(uint64_t seed, size_t n, const uint32_t *place, uint64_t first_portfolio, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3)
/* NOLINTEND(readability-non-const-parameter) */
{
    const gf_lanes first = gf_lanes_set(first_portfolio), minus_stride = gf_lanes_set(0u - stride);
    const task t = {.startup = place,
                    .w0 = w0,
                    .w1 = w1,
                    .w2 = w2,
                    .w3 = w3,
                    .purpose = gf_lanes_set(purpose << 16),
                    .k0 = (uint32_t)seed,
                    .k1 = (uint32_t)(seed >> 32)};
    size_t i = 0;
    for (; i + MANY * GF_WORD_LANES <= n; i += MANY * GF_WORD_LANES)
        draw_places(&t, first, minus_stride, i, MANY);
    for (; i + SOME * GF_WORD_LANES <= n; i += SOME * GF_WORD_LANES)
        draw_places(&t, first, minus_stride, i, SOME);
    for (; i < n; i += GF_WORD_LANES)
        draw_places(&t, first, minus_stride, i, 1);
}

/* The words of n ≤ CHUNK portfolios from `first` on, same startup, purpose and block. */
static inline void lane_words(uint64_t seed, uint64_t first, int n, uint32_t startup, uint32_t purpose,
                              uint32_t block, uint32_t w[4][LANE_ROOM])
{
    uint64_t numbers[GF_WORD_LANES];
    for (int j = 0; j < GF_WORD_LANES; j++)
        numbers[j] = first + (uint64_t)j;
    gf_lanes portfolio = gf_lanes_load64(numbers);
    const gf_lanes step = gf_lanes_set(GF_WORD_LANES), use = gf_lanes_set(purpose << 16),
                   who = gf_lanes_set(startup), when = gf_lanes_set(block);
    for (int i = 0; i < n; i += SOME * GF_WORD_LANES) { /* what lies behind the n-th is drawn in vain */
        block4 x[SOME];
        for (int g = 0; g < SOME; g++) {
            x[g] = address(who, portfolio, use, when);
            portfolio = gf_lanes_add(portfolio, step);
        }
        philox_groups(x, SOME, (uint32_t)seed, (uint32_t)(seed >> 32));
        for (int g = 0; g < SOME; g++)
            store_block(w[0], w[1], w[2], w[3], (size_t)(i + g * GF_WORD_LANES), x[g]);
    }
}
#endif

static inline double double_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^52 + word as bits, less 2^52 − 1/2: exact, and no set needs a conversion from 64-bit integers. */
static void narrow(size_t n, const uint32_t *words, double *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        u[i] = (double_of_bits(0x4330000000000000u | (uint64_t)words[i]) - (0x1p52 - 0.5)) * 0x1p-32;
}

static void single(size_t n, const uint32_t *words, float *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        u[i] = gf_uniform_single(words[i]);
}

/* 1 + k/2^52 as bits, less 1 − 2^-53: exact. */
static void wide(size_t n, const uint32_t *high, const uint32_t *low, double *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        /* callers fill n words: NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        const uint64_t k = (uint64_t)high[i] << 20 | (uint64_t)(low[i] >> 12);
        u[i] = double_of_bits(0x3ff0000000000000u | k) - (1 - 0x1p-53);
    }
}

static void lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                  uint32_t block, double *wide_a, double *wide_b)
{
    uint32_t w[4][LANE_ROOM];
    for (int start = 0; start < n; start += CHUNK) {
        const int m = n - start < CHUNK ? n - start : CHUNK;
        lane_words(seed, first_portfolio + (uint64_t)start, m, startup, purpose, block, w);
        if (wide_a != NULL)
            wide((size_t)m, w[0], w[1], wide_a + start);
        if (wide_b != NULL)
            wide((size_t)m, w[2], w[3], wide_b + start);
    }
}

static void lanes_narrow(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                         uint32_t block, double *const u[4])
{
    uint32_t w[4][LANE_ROOM];
    for (int start = 0; start < n; start += CHUNK) {
        const int m = n - start < CHUNK ? n - start : CHUNK;
        lane_words(seed, first_portfolio + (uint64_t)start, m, startup, purpose, block, w);
        for (int i = 0; i < 4; i++)
            if (u[i] != NULL)
                narrow((size_t)m, w[i], u[i] + start);
    }
}

const gf_luck_hot GF_HOT(gf_luck_hot) = {startups, places, lanes, lanes_narrow, narrow, single, wide};
