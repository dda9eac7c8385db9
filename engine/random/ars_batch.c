/* Batched ARS-7. Not a hot file like others: compiled once for each way to have rounds of AES (ars_batch.h),
 * which sets GF_AES_BLOCKS, how many blocks an instruction takes, or leaves it out: plain C.
 *
 * Addresses and their words lie in four arrays, blocks are four words side by side, so that four vectors of
 * words become four vectors of blocks, and back. A round is one instruction a vector, which takes some cycles
 * to end: eight vectors go together, as many as most sets have registers for. */
#include "random/ars_batch.h"

#include <string.h>
#include "random/ars.h"
#include "random/luck.h"

#ifdef GF_AES_BLOCKS
#include "base/intrinsics.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#endif
enum { BLOCKS = GF_AES_BLOCKS };
#else
enum { BLOCKS = 1 };
#endif

#define ALWAYS static inline __attribute__((always_inline))

/* VECTORS that go together are GROUPS of four; AT_ONCE: their addresses. */
enum { WORDS = 4 * BLOCKS, GROUPS = 2, VECTORS = 4 * GROUPS, AT_ONCE = GROUPS * WORDS };

typedef uint32_t words __attribute__((vector_size(4 * WORDS)));

ALWAYS words load(const uint32_t *from)
{
    words x;
    memcpy(&x, from, sizeof x);
    return x;
}

ALWAYS void store(uint32_t *to, words x)
{
    memcpy(to, &x, sizeof x);
}

ALWAYS words all(uint32_t x)
{
    return (words){0} + x;
}

#if !defined(GF_AES_BLOCKS)
typedef struct {
    uint32_t key[4];
} round_keys;

static inline void make_keys(round_keys *keys, uint64_t seed)
{
    *keys = (round_keys){{(uint32_t)seed, (uint32_t)(seed >> 32)}};
}

/* Word i of addresses in x[g][i] becomes word i of their luck. */
ALWAYS void draw(words x[GROUPS][4], int n_groups, const round_keys *keys)
{
    for (int g = 0; g < n_groups; g++)
        for (int j = 0; j < WORDS; j++) {
            const uint32_t address[4] = {x[g][0][j], x[g][1][j], x[g][2][j], x[g][3][j]};
            uint32_t found[4];
            gf_ars4x32(address, keys->key, GF_ARS_ROUNDS, found);
            for (int i = 0; i < 4; i++)
                x[g][i][j] = found[i];
        }
}
#else
typedef uint64_t halves __attribute__((vector_size(4 * WORDS)));

/* Unpacks: of the lower (0) or upper (1) halves of each block of x and y, numbers in turn; `size` of them in
 * a block. As lists of places for the compiler, which has an instruction for each. */
#define PLACE(b, size, half, i) (((i) % 2) * BLOCKS * (size) + (b) * (size) + (half) * (size) / 2 + (i) / 2)
#define WORDS_OF(b, half)                                                                                    \
    PLACE(b, 4, half, 0), PLACE(b, 4, half, 1), PLACE(b, 4, half, 2), PLACE(b, 4, half, 3)
#define HALVES_OF(b, half) PLACE(b, 2, half, 0), PLACE(b, 2, half, 1)
#if GF_AES_BLOCKS == 1
#define UNPACK(of, x, y, half) __builtin_shufflevector(x, y, of(0, half))
#elif GF_AES_BLOCKS == 2
#define UNPACK(of, x, y, half) __builtin_shufflevector(x, y, of(0, half), of(1, half))
#else
#define UNPACK(of, x, y, half)                                                                               \
    __builtin_shufflevector(x, y, of(0, half), of(1, half), of(2, half), of(3, half))
#endif

/* Word i of all blocks in x[i] ↔ block by block in four vectors. In each part of a vector that is as wide as
 * a block, columns become rows. */
ALWAYS void transpose(words x[4])
{
    const halves a = (halves)UNPACK(WORDS_OF, x[0], x[1], 0), b = (halves)UNPACK(WORDS_OF, x[0], x[1], 1),
                 c = (halves)UNPACK(WORDS_OF, x[2], x[3], 0), d = (halves)UNPACK(WORDS_OF, x[2], x[3], 1);
    x[0] = (words)UNPACK(HALVES_OF, a, c, 0);
    x[1] = (words)UNPACK(HALVES_OF, a, c, 1);
    x[2] = (words)UNPACK(HALVES_OF, b, d, 0);
    x[3] = (words)UNPACK(HALVES_OF, b, d, 1);
}

/* A round of all blocks of a vector. */
#if defined(__aarch64__) /* it joins the key before the round, and mixes by another instruction */
ALWAYS words round_of(words x, words key)
{
    return (words)(vaesmcq_u8(vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0))) ^ (uint8x16_t)key);
}

ALWAYS words last_round_of(words x, words key)
{
    return (words)(vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0)) ^ (uint8x16_t)key);
}
#elif GF_AES_BLOCKS == 1
ALWAYS words round_of(words x, words key)
{
    return (words)_mm_aesenc_si128((__m128i)x, (__m128i)key);
}

ALWAYS words last_round_of(words x, words key)
{
    return (words)_mm_aesenclast_si128((__m128i)x, (__m128i)key);
}
#elif GF_AES_BLOCKS == 2
ALWAYS words round_of(words x, words key)
{
    return (words)_mm256_aesenc_epi128((__m256i)x, (__m256i)key);
}

ALWAYS words last_round_of(words x, words key)
{
    return (words)_mm256_aesenclast_epi128((__m256i)x, (__m256i)key);
}
#else
ALWAYS words round_of(words x, words key)
{
    return (words)_mm512_aesenc_epi128((__m512i)x, (__m512i)key);
}

ALWAYS words last_round_of(words x, words key)
{
    return (words)_mm512_aesenclast_epi128((__m512i)x, (__m512i)key);
}
#endif

/* What is joined before the first round, and the keys of all, for each block of a vector. */
typedef struct {
    words key[GF_ARS_ROUNDS + 1];
} round_keys;

static inline void make_keys(round_keys *keys, uint64_t seed)
{
    static const uint64_t is_lower[8] = {1, 0, 1, 0, 1, 0, 1, 0},
                          step[8] = {GF_ARS_STEP_LOW, GF_ARS_STEP_HIGH, GF_ARS_STEP_LOW, GF_ARS_STEP_HIGH,
                                     GF_ARS_STEP_LOW, GF_ARS_STEP_HIGH, GF_ARS_STEP_LOW, GF_ARS_STEP_HIGH};
    halves key, steps;
    memcpy(&key, is_lower, sizeof key);
    memcpy(&steps, step, sizeof steps);
    key = -key & seed;
    for (int round = 0; round <= GF_ARS_ROUNDS; round++) {
        keys->key[round] = (words)key;
        key += steps;
    }
}

/* Word i of addresses in x[g][i] becomes word i of their luck. n_groups is known where this is inlined. */
ALWAYS void draw(words x[GROUPS][4], int n_groups, const round_keys *keys)
{
    for (int g = 0; g < n_groups; g++) {
        transpose(x[g]);
        for (int i = 0; i < 4; i++)
            x[g][i] ^= keys->key[0];
    }
    for (int round = 1; round < GF_ARS_ROUNDS; round++)
        for (int g = 0; g < n_groups; g++)
            for (int i = 0; i < 4; i++)
                x[g][i] = round_of(x[g][i], keys->key[round]);
    for (int g = 0; g < n_groups; g++) {
        for (int i = 0; i < 4; i++)
            x[g][i] = last_round_of(x[g][i], keys->key[GF_ARS_ROUNDS]);
        transpose(x[g]);
    }
}
#endif

/* What addresses of a purpose have in the word that they share with the high bits of the portfolio. */
static inline uint32_t use_of(uint64_t portfolio, uint32_t purpose)
{
    return ((uint32_t)(portfolio >> 32) & 0xffffu) | purpose << 16;
}

static void startups_at_once(const round_keys *keys, const uint32_t *startup, const uint64_t *portfolio,
                             uint32_t purpose, const uint32_t *block, uint32_t *const w[4])
{
    uint32_t low[AT_ONCE], use[AT_ONCE];
    words x[GROUPS][4];
    for (int i = 0; i < AT_ONCE; i++) {
        low[i] = (uint32_t)portfolio[i];
        use[i] = use_of(portfolio[i], purpose);
    }
    for (int g = 0; g < GROUPS; g++) {
        x[g][0] = load(startup + g * WORDS);
        x[g][1] = load(low + g * WORDS);
        x[g][2] = load(use + g * WORDS);
        x[g][3] = load(block + g * WORDS);
    }
    draw(x, GROUPS, keys);
    for (int g = 0; g < GROUPS; g++)
        for (int i = 0; i < 4; i++)
            store(w[i] + g * WORDS, x[g][i]);
}

/* NOLINTBEGIN(readability-non-const-parameter): written through w */
static void startups(uint64_t seed, size_t n, const uint32_t *startup, const uint64_t *portfolio,
                     uint32_t purpose, const uint32_t *block, uint32_t *w0, uint32_t *w1, uint32_t *w2,
                     uint32_t *w3)
/* NOLINTEND(readability-non-const-parameter) */
{
    round_keys keys;
    size_t i = 0;
    make_keys(&keys, seed);
    for (; i + AT_ONCE <= n; i += AT_ONCE)
        startups_at_once(&keys, startup + i, portfolio + i, purpose, block + i,
                         (uint32_t *const[]){w0 + i, w1 + i, w2 + i, w3 + i});
    if (i == n)
        return;
    const size_t rest = n - i;
    uint32_t s[AT_ONCE] = {0}, b[AT_ONCE] = {0},
             w[4][AT_ONCE], *const to[] = {w0 + i, w1 + i, w2 + i, w3 + i};
    uint64_t p[AT_ONCE] = {0};
    memcpy(s, startup + i, rest * sizeof *s);
    memcpy(p, portfolio + i, rest * sizeof *p);
    memcpy(b, block + i, rest * sizeof *b);
    startups_at_once(&keys, s, p, purpose, b, (uint32_t *const[]){w[0], w[1], w[2], w[3]});
    for (int j = 0; j < 4; j++)
        memcpy(to[j], w[j], rest * sizeof *w[j]);
}

/* Where places lie, and where their words go. */
typedef struct {
    const uint32_t *place;
    uint32_t first, stride, use, *w[4];
    round_keys keys;
} places_task;

ALWAYS void draw_places(const places_task *t, size_t at, int n_groups)
{
    words x[GROUPS][4];
    for (int g = 0; g < n_groups; g++) {
        const words place = load(t->place + at + (size_t)(g * WORDS)),
                    lane = place >> GF_PLACE_LANE_SHIFT & (GF_PLACE_LANES - 1);
        x[g][0] = (place >> GF_PLACE_SLOT_SHIFT) - lane * t->stride;
        x[g][1] = lane + t->first;
        x[g][2] = all(t->use);
        x[g][3] = place & (GF_PLACE_BLOCKS - 1);
    }
    draw(x, n_groups, &t->keys);
    for (int g = 0; g < n_groups; g++)
        for (int i = 0; i < 4; i++)
            store(t->w[i] + at + (size_t)(g * WORDS), x[g][i]);
}

/* How many of n portfolios go together from `first` on: their numbers differ in the low word only. */
static inline size_t lanes_together(uint64_t first, size_t n)
{
    const uint64_t until_carry = (UINT64_C(1) << 32) - (uint32_t)first;
    return until_carry < n ? (size_t)until_carry : n;
}

/* The words of places whose portfolios differ in more than the low word. */
static void places_singly(uint64_t seed, size_t n, const uint32_t *place, uint64_t first, uint32_t stride,
                          uint32_t purpose, uint32_t *const w[4])
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t lane = place[i] >> GF_PLACE_LANE_SHIFT & (GF_PLACE_LANES - 1u);
        uint32_t found[4];
        gf_luck_words(seed, first + lane, (place[i] >> GF_PLACE_SLOT_SHIFT) - lane * stride, purpose,
                      place[i] & (GF_PLACE_BLOCKS - 1u), found);
        for (int j = 0; j < 4; j++)
            w[j][i] = found[j];
    }
}

static void places(uint64_t seed, size_t n, const uint32_t *place, uint64_t first, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3)
{
    _Static_assert(16 % WORDS == 0, "places come in whole vectors");
    if (lanes_together(first, GF_PLACE_LANES) < GF_PLACE_LANES) {
        places_singly(seed, n, place, first, stride, purpose, (uint32_t *const[]){w0, w1, w2, w3});
        return;
    }
    places_task t = {.place = place,
                     .first = (uint32_t)first,
                     .stride = stride,
                     .use = use_of(first, purpose),
                     .w = {w0, w1, w2, w3}};
    size_t i = 0;
    make_keys(&t.keys, seed);
    for (; i + AT_ONCE <= n; i += AT_ONCE)
        draw_places(&t, i, GROUPS);
    if (i < n)
        draw_places(&t, i, 1);
}

/* Word j of the first m addresses. */
ALWAYS void give(uint32_t *to, words x[GROUPS][4], int j, size_t m)
{
    uint32_t all_of_it[AT_ONCE];
    if (m == AT_ONCE) {
        for (int g = 0; g < GROUPS; g++)
            store(to + g * WORDS, x[g][j]);
        return;
    }
    for (int g = 0; g < GROUPS; g++)
        store(all_of_it + g * WORDS, x[g][j]);
    memcpy(to, all_of_it, m * sizeof *to);
}

static void lanes(uint64_t seed, uint64_t first, size_t n, uint32_t startup, uint32_t purpose, uint32_t block,
                  uint32_t *const w[4])
{
    round_keys keys;
    words count;
    make_keys(&keys, seed);
    for (int i = 0; i < WORDS; i++)
        count[i] = (uint32_t)i;
    for (size_t at = 0, m; at < n; at += m) {
        const uint64_t portfolio = first + at;
        words x[GROUPS][4];
        m = lanes_together(portfolio, n - at);
        m = m < AT_ONCE ? m : AT_ONCE;
        for (int g = 0; g < GROUPS; g++) {
            x[g][0] = all(startup);
            x[g][1] = count + (uint32_t)portfolio + (uint32_t)(g * WORDS);
            x[g][2] = all(use_of(portfolio, purpose));
            x[g][3] = all(block);
        }
        draw(x, GROUPS, &keys);
        for (int j = 0; j < 4; j++)
            if (w[j] != NULL)
                give(w[j] + at, x, j, m);
    }
}

extern const gf_ars_batch GF_HOT(gf_ars_batch);
const gf_ars_batch GF_HOT(gf_ars_batch) = {startups, places, lanes};
