/* Batched Philox4x32-10, compiled once per instruction set. One vector holds one counter word of
 * GF_WORD_LANES addresses. */
#include "random/luck_hot.h"

#include <string.h>
#include "base/simd.h"
#include "random/luck.h"
#include "random/philox.h"

extern const gf_luck_hot GF_HOT(gf_luck_hot);

#define GF_SIMD_INLINE static inline __attribute__((always_inline))

typedef struct {
    gf_lanes c0, c1, c2, c3;
} block4;

/* The keys of all rounds, a vector each. */
typedef struct {
    gf_lanes k0[GF_PHILOX_ROUNDS], k1[GF_PHILOX_ROUNDS];
} round_keys;

static inline void spread_keys(round_keys *keys, uint64_t seed)
{
    for (uint32_t i = 0; i < GF_PHILOX_ROUNDS; i++) {
        keys->k0[i] = gf_lanes_set((uint32_t)seed + i * GF_PHILOX_W0);
        keys->k1[i] = gf_lanes_set((uint32_t)(seed >> 32) + i * GF_PHILOX_W1);
    }
}

/* Ten rounds. The high halves of the lanes hold leftovers, which multiply and store ignore.
 *
 * Rounds of independent groups go together, so that one chain of multiplications hides behind the others: a
 * core looks ahead too short a way to do so itself. Three groups and the multipliers fill the sixteen
 * registers of most sets. Rounds stay a loop: unrolled, the code is eight times as long, and what it gains
 * here it loses to the rest of the kernel in the instruction cache. */
enum { MANY = 3, FEW = 2, SOME = 4 };

/* Rounds from the done-th on; n is known when this is compiled. */
GF_SIMD_INLINE void philox_groups(block4 *x, int n, int done, const round_keys *keys)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1);
#if !defined(__clang__)
#pragma GCC unroll 1
#endif
    for (int round = done; round < GF_PHILOX_ROUNDS; round++) {
        const gf_lanes key0 = keys->k0[round], key1 = keys->k1[round];
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
    const round_keys *keys;
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
    philox_groups(x, n, 0, t->keys);
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
    const task part = {s, b, p, w[0], w[1], w[2], w[3], t->purpose, t->keys};
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
    round_keys keys;
    const task t = {startup, block, portfolio, w0, w1, w2, w3, gf_lanes_set(purpose << 16), &keys};
    size_t i = 0;
    spread_keys(&keys, seed);
    for (; i + MANY * GF_WORD_LANES <= n; i += MANY * GF_WORD_LANES)
        draw_groups(&t, i, MANY);
    for (; i + GF_WORD_LANES <= n; i += GF_WORD_LANES)
        draw_groups(&t, i, 1);
    if (i < n)
        draw_rest(&t, i, n - i);
}

enum { SHARED_ROUNDS = 3 };

/* Addresses that are drawn together share purpose and seed, those of lanes also the startup: halves of the
 * first products, and the keys of all rounds. */
typedef struct {
    uint32_t startup_high, startup_low, use_high, use_low;
    uint32_t k0[GF_PHILOX_ROUNDS], k1[GF_PHILOX_ROUNDS];
} shared_keys;

static inline uint32_t high_half(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

static inline shared_keys keys_of(uint64_t seed, uint64_t first, uint32_t startup, uint32_t purpose)
{
    const uint32_t use = (high_half(first) & 0xffff) | purpose << 16;
    const uint64_t p0 = (uint64_t)startup * GF_PHILOX_M0, p1 = (uint64_t)use * GF_PHILOX_M1;
    shared_keys k = {high_half(p0), (uint32_t)p0, high_half(p1), (uint32_t)p1, {0}, {0}};
    for (uint32_t i = 0; i < GF_PHILOX_ROUNDS; i++) {
        k.k0[i] = (uint32_t)seed + i * GF_PHILOX_W0;
        k.k1[i] = high_half(seed) + i * GF_PHILOX_W1;
    }
    return k;
}

/* Whether the numbers of the portfolios of places differ in more than the low word. */
static inline int is_carried(uint64_t first)
{
    return (uint32_t)first > UINT32_MAX - (GF_PLACE_LANES - 1);
}

/* The words of places anywhere. */
static void places_singly(uint64_t seed, size_t n, const uint32_t *place, uint64_t first, uint32_t stride,
                          uint32_t purpose, uint32_t *const w[4])
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t lane = place[i] >> GF_PLACE_LANE_SHIFT & (GF_PLACE_LANES - 1u);
        uint32_t words[4];
        gf_luck_words(seed, first + lane, (place[i] >> GF_PLACE_SLOT_SHIFT) - lane * stride, purpose,
                      place[i] & (GF_PLACE_BLOCKS - 1u), words);
        for (int j = 0; j < 4; j++)
            w[j][i] = words[j];
    }
}

/* Portfolios that follow each other differ in one word of the counter, blocks in another, and a word takes
 * three rounds to reach all others. What of these rounds depends on the portfolio is the same for all blocks,
 * what depends on the block is the same for all portfolios: seven rounds are left. Here is what a block makes
 * of them: to be joined to words 0 and 2, and word 3 itself. */
typedef struct {
    uint32_t c0, c2, c3;
} lane_block;

static inline lane_block block_of(const shared_keys *k, uint32_t block)
{
    const uint64_t p1 = (uint64_t)(k->startup_high ^ block ^ k->k1[0]) * GF_PHILOX_M1;
    const uint64_t p0 = (uint64_t)(high_half(p1) ^ k->use_low ^ k->k0[1]) * GF_PHILOX_M0;
    return (lane_block){(uint32_t)p1 ^ k->k0[2], high_half(p0) ^ k->k1[2], (uint32_t)p0};
}

#ifdef GF_AVX512
#include "random/philox_pairs_hot.h"
#else
/* The words of n groups of places from number i on. The first of a round's products is that of the purpose,
 * which they share. */
GF_SIMD_INLINE void draw_places(const task *t, const shared_keys *k, gf_lanes first, gf_lanes minus_stride,
                                size_t i, int n)
{
    const gf_lanes lane_mask = gf_lanes_set(GF_PLACE_LANES - 1),
                   block_mask = gf_lanes_set(GF_PLACE_BLOCKS - 1), m0 = gf_lanes_set(GF_PHILOX_M0),
                   none = gf_lanes_set(0);
    block4 x[MANY];
    for (int g = 0; g < n; g++) {
        const gf_lanes place = gf_lanes_load32(t->startup + i + (size_t)(g * GF_WORD_LANES)),
                       lane = gf_lanes_and(gf_lanes_shift(place, GF_PLACE_LANE_SHIFT), lane_mask),
                       startup = gf_lanes_add(gf_lanes_shift(place, GF_PLACE_SLOT_SHIFT),
                                              gf_lanes_multiply(lane, minus_stride)),
                       p0 = gf_lanes_multiply(startup, m0);
        x[g] = (block4){
            gf_lanes_xor3(gf_lanes_add(first, lane), gf_lanes_set(k->use_high ^ k->k0[0]), none),
            gf_lanes_set(k->use_low),
            gf_lanes_xor3(gf_lanes_high(p0), gf_lanes_and(place, block_mask), gf_lanes_set(k->k1[0])), p0};
    }
    philox_groups(x, n, 1, t->keys);
    for (int g = 0; g < n; g++)
        store_block(t->w0, t->w1, t->w2, t->w3, i + (size_t)(g * GF_WORD_LANES), x[g]);
}

/* NOLINTBEGIN(readability-non-const-parameter): written through the task */
static void places(uint64_t seed, size_t n, const uint32_t *place, uint64_t first_portfolio, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3)
/* NOLINTEND(readability-non-const-parameter) */
{
    if (is_carried(first_portfolio)) {
        places_singly(seed, n, place, first_portfolio, stride, purpose, (uint32_t *const[]){w0, w1, w2, w3});
        return;
    }
    const shared_keys k = keys_of(seed, first_portfolio, 0, purpose);
    const gf_lanes first = gf_lanes_set(first_portfolio), minus_stride = gf_lanes_set(0u - stride);
    round_keys keys;
    const task t = {.startup = place, .w0 = w0, .w1 = w1, .w2 = w2, .w3 = w3, .keys = &keys};
    size_t i = 0, left = n / GF_WORD_LANES;
    spread_keys(&keys, seed);
    for (; left >= MANY && left != 2 * FEW; left -= MANY, i += MANY * GF_WORD_LANES)
        draw_places(&t, &k, first, minus_stride, i, MANY);
    for (; left >= FEW; left -= FEW, i += FEW * GF_WORD_LANES)
        draw_places(&t, &k, first, minus_stride, i, FEW);
    for (; left > 0; left--, i += GF_WORD_LANES)
        draw_places(&t, &k, first, minus_stride, i, 1);
}

/* What LANE_STEP portfolios make of the first rounds: words 0 (but for the block), 1 and 2 (likewise). */
enum { LANE_STEP = SOME * GF_WORD_LANES };
typedef struct {
    gf_lanes c0[SOME], c1[SOME], c2[SOME];
    round_keys keys;
} lane_start;

static inline void start_lanes(lane_start *s, const shared_keys *k, uint64_t first)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1), none = gf_lanes_set(0),
                   step = gf_lanes_set(GF_WORD_LANES);
    uint64_t numbers[GF_WORD_LANES];
    for (int j = 0; j < GF_WORD_LANES; j++)
        numbers[j] = first + (uint64_t)j;
    gf_lanes portfolio = gf_lanes_load64(numbers);
    spread_keys(&s->keys, (uint64_t)k->k1[0] << 32 | k->k0[0]);
    for (int g = 0; g < SOME; g++) {
        const gf_lanes p0 =
            gf_lanes_multiply(gf_lanes_xor3(portfolio, gf_lanes_set(k->use_high ^ k->k0[0]), none), m0);
        const gf_lanes p1 = gf_lanes_multiply(
            gf_lanes_xor3(gf_lanes_high(p0), gf_lanes_set(k->startup_low ^ k->k1[1]), none), m1);
        s->c0[g] = gf_lanes_high(p1);
        s->c1[g] = p1;
        s->c2[g] = p0;
        portfolio = gf_lanes_add(portfolio, step);
    }
}

/* The words of LANE_STEP portfolios. */
static inline void lane_words(const lane_start *s, lane_block b, uint32_t *const w[4])
{
    const gf_lanes none = gf_lanes_set(0);
    block4 x[SOME];
    for (int g = 0; g < SOME; g++)
        x[g] = (block4){gf_lanes_xor3(s->c0[g], gf_lanes_set(b.c0), none), s->c1[g],
                        gf_lanes_xor3(s->c2[g], gf_lanes_set(b.c2), none), gf_lanes_set(b.c3)};
    philox_groups(x, SOME, SHARED_ROUNDS, &s->keys);
    for (int g = 0; g < SOME; g++)
        store_block(w[0], w[1], w[2], w[3], (size_t)(g * GF_WORD_LANES), x[g]);
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

/* How many of n portfolios go together from `first` on: their numbers differ in the low word only. */
static inline int lanes_together(uint64_t first, int n)
{
    const uint64_t until_carry = (UINT64_C(1) << 32) - (uint32_t)first;
    const int most = n < LANE_STEP ? n : LANE_STEP;
    return until_carry < (uint64_t)most ? (int)until_carry : most;
}

static void lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                  uint32_t block, double *wide_a, double *wide_b)
{
    uint32_t w[4][LANE_STEP];
    for (int at = 0, m; at < n; at += m) {
        const uint64_t first = first_portfolio + (uint64_t)at;
        const shared_keys k = keys_of(seed, first, startup, purpose);
        lane_start s;
        m = lanes_together(first, n - at);
        start_lanes(&s, &k, first);
        lane_words(&s, block_of(&k, block), (uint32_t *const[]){w[0], w[1], w[2], w[3]});
        if (wide_a != NULL)
            wide((size_t)m, w[0], w[1], wide_a + at);
        if (wide_b != NULL)
            wide((size_t)m, w[2], w[3], wide_b + at);
    }
}

static void lanes_words(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                        uint32_t block, int n_blocks, uint32_t *const (*w)[4])
{
    uint32_t rest[4][LANE_STEP], *const drawn[4] = {rest[0], rest[1], rest[2], rest[3]};
    for (int at = 0, m; at < n; at += m) {
        const uint64_t first = first_portfolio + (uint64_t)at;
        const shared_keys k = keys_of(seed, first, startup, purpose);
        lane_start s;
        m = lanes_together(first, n - at);
        start_lanes(&s, &k, first);
        for (int b = 0; b < n_blocks; b++) {
            uint32_t *to[4];
            for (int i = 0; i < 4; i++)
                to[i] = w[b][i] != NULL && m == LANE_STEP ? w[b][i] + at : drawn[i];
            lane_words(&s, block_of(&k, block + (uint32_t)b), to);
            for (int i = 0; i < 4; i++)
                if (w[b][i] != NULL && m < LANE_STEP)
                    memcpy(w[b][i] + at, drawn[i], (size_t)m * sizeof *drawn[i]);
        }
    }
}

const gf_luck_hot GF_HOT(gf_luck_hot) = {startups, places, lanes, lanes_words, narrow, single, wide};
