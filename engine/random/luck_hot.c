/* Batched Philox4x32-10, compiled once per instruction set. One vector holds one counter word of
 * GF_WORD_LANES addresses. */
#include "random/luck_hot.h"

#include <string.h>
#include "base/simd.h"
#include "random/luck.h"
#include "random/philox.h"

extern const gf_luck_hot GF_HOT(gf_luck_hot);

enum { CHUNK = 128 };

typedef struct {
    gf_lanes c0, c1, c2, c3;
} block4;

/* Ten rounds. The high halves of the lanes hold leftovers, which multiply and store ignore. */
static inline block4 philox(block4 x, uint32_t k0, uint32_t k1)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1);
#if defined(__clang__)
#pragma clang loop unroll(full)
#else
#pragma GCC unroll 10
#endif
    for (int round = 0; round < GF_PHILOX_ROUNDS; round++) {
        const gf_lanes p0 = gf_lanes_multiply(x.c0, m0), p1 = gf_lanes_multiply(x.c2, m1);
        x.c0 = gf_lanes_xor3(gf_lanes_high(p1), x.c1, gf_lanes_set(k0));
        x.c1 = p1;
        x.c2 = gf_lanes_xor3(gf_lanes_high(p0), x.c3, gf_lanes_set(k1));
        x.c3 = p0;
        k0 += GF_PHILOX_W0;
        k1 += GF_PHILOX_W1;
    }
    return x;
}

/* Rounds of independent groups go together, so that one chain of multiplications hides behind the others: a
 * core looks ahead too short a way to do so itself. */
enum { GROUPS = 4 };

static inline void philox_groups(block4 x[GROUPS], uint32_t k0, uint32_t k1)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1);
#if !defined(__clang__)
#pragma GCC unroll 10
#endif
    for (int round = 0; round < GF_PHILOX_ROUNDS; round++) {
        const gf_lanes key0 = gf_lanes_set(k0), key1 = gf_lanes_set(k1);
        for (int g = 0; g < GROUPS; g++) {
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

static void startups(uint64_t seed, size_t n, const uint32_t *startup, const uint64_t *portfolio,
                     uint32_t purpose, const uint32_t *block, uint32_t *w0, uint32_t *w1, uint32_t *w2,
                     uint32_t *w3)
{
    const uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    const gf_lanes use = gf_lanes_set(purpose << 16);
    size_t i = 0;
    for (; i + GROUPS * GF_WORD_LANES <= n; i += GROUPS * GF_WORD_LANES) {
        block4 x[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            const size_t at = i + (size_t)(g * GF_WORD_LANES);
            x[g] = address(gf_lanes_load32(startup + at), gf_lanes_load64(portfolio + at), use,
                           gf_lanes_load32(block + at));
        }
        philox_groups(x, k0, k1);
        for (int g = 0; g < GROUPS; g++) {
            const size_t at = i + (size_t)(g * GF_WORD_LANES);
            store_block(w0, w1, w2, w3, at, x[g]);
        }
    }
    for (; i + GF_WORD_LANES <= n; i += GF_WORD_LANES) {
        const block4 x = philox(address(gf_lanes_load32(startup + i), gf_lanes_load64(portfolio + i), use,
                                        gf_lanes_load32(block + i)),
                                k0, k1);
        store_block(w0, w1, w2, w3, i, x);
    }
    if (i == n)
        return;
    uint32_t s[GF_WORD_LANES] = {0}, b[GF_WORD_LANES] = {0}, w[4][GF_WORD_LANES];
    uint64_t p[GF_WORD_LANES] = {0};
    const size_t rest = n - i;
    memcpy(s, startup + i, rest * sizeof *s);
    memcpy(b, block + i, rest * sizeof *b);
    memcpy(p, portfolio + i, rest * sizeof *p);
    const block4 x = philox(address(gf_lanes_load32(s), gf_lanes_load64(p), use, gf_lanes_load32(b)), k0, k1);
    gf_lanes_store(w[0], x.c0);
    gf_lanes_store(w[1], x.c1);
    gf_lanes_store(w[2], x.c2);
    gf_lanes_store(w[3], x.c3);
    memcpy(w0 + i, w[0], rest * sizeof *w0);
    memcpy(w1 + i, w[1], rest * sizeof *w1);
    memcpy(w2 + i, w[2], rest * sizeof *w2);
    memcpy(w3 + i, w[3], rest * sizeof *w3);
}

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

/* The words of n ≤ CHUNK portfolios from `first` on, same startup, purpose and block. */
static inline void lane_words(uint64_t seed, uint64_t first, int n, uint32_t startup, uint32_t purpose,
                              uint32_t block, uint32_t w[4][CHUNK + GROUPS * GF_WORD_LANES])
{
    uint64_t numbers[GF_WORD_LANES];
    for (int j = 0; j < GF_WORD_LANES; j++)
        numbers[j] = first + (uint64_t)j;
    gf_lanes portfolio = gf_lanes_load64(numbers);
    const gf_lanes step = gf_lanes_set(GF_WORD_LANES), use = gf_lanes_set(purpose << 16),
                   who = gf_lanes_set(startup), when = gf_lanes_set(block);
    for (int i = 0; i < n; i += GROUPS * GF_WORD_LANES) { /* what lies behind the n-th is drawn in vain */
        block4 x[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            x[g] = address(who, portfolio, use, when);
            portfolio = gf_lanes_add(portfolio, step);
        }
        philox_groups(x, (uint32_t)seed, (uint32_t)(seed >> 32));
        for (int g = 0; g < GROUPS; g++)
            store_block(w[0], w[1], w[2], w[3], (size_t)(i + g * GF_WORD_LANES), x[g]);
    }
}

static void lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                  uint32_t block, double *wide_a, double *wide_b)
{
    uint32_t w[4][CHUNK + GROUPS * GF_WORD_LANES];
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
    uint32_t w[4][CHUNK + GROUPS * GF_WORD_LANES];
    for (int start = 0; start < n; start += CHUNK) {
        const int m = n - start < CHUNK ? n - start : CHUNK;
        lane_words(seed, first_portfolio + (uint64_t)start, m, startup, purpose, block, w);
        for (int i = 0; i < 4; i++)
            if (u[i] != NULL)
                narrow((size_t)m, w[i], u[i] + start);
    }
}

const gf_luck_hot GF_HOT(gf_luck_hot) = {startups, lanes, lanes_narrow, narrow, single, wide};
