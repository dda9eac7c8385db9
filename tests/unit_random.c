/* Luck: published vectors of the generator, every part of the address, batches against single calls,
 * uniforms, gsl_rng. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#include "random/luck.h"
#include "random/luck_hot.h"
#include "random/philox.h"
#include "random/rng_gsl.h"
#include "random_helpers.h"

/* kat_vectors of Random123 1.14, philox4x32 10 */
static void test_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], words[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t words[4];
        gf_philox4x32_10(rows[i].counter, rows[i].key, words);
        assert_memory_equal(words, rows[i].words, sizeof words);
        /* the same through the address: purpose is the upper half of counter word 2 */
        const uint64_t portfolio = rows[i].counter[1] | (uint64_t)(rows[i].counter[2] & 0xffff) << 32;
        gf_luck_words(rows[i].key[0] | (uint64_t)rows[i].key[1] << 32, portfolio, rows[i].counter[0],
                      rows[i].counter[2] >> 16, rows[i].counter[3], words);
        assert_memory_equal(words, rows[i].words, sizeof words);
    }
}

typedef struct {
    uint64_t seed, portfolio;
    uint32_t startup, purpose, block;
} address;

enum { N_ADDRESS_BITS = 64 + 48 + 32 + 16 + 32 };

/* The address with one of its bits flipped. */
static address flipped(address a, int bit)
{
    if (bit < 64)
        a.seed ^= (uint64_t)1 << bit;
    else if ((bit -= 64) < 48)
        a.portfolio ^= (uint64_t)1 << bit;
    else if ((bit -= 48) < 32)
        a.startup ^= (uint32_t)1 << bit;
    else if ((bit -= 32) < 16)
        a.purpose ^= (uint32_t)1 << bit;
    else
        a.block ^= (uint32_t)1 << (bit - 16);
    return a;
}

static uint64_t first_words(address a)
{
    uint32_t words[4];
    gf_luck_words(a.seed, a.portfolio, a.startup, a.purpose, a.block, words);
    return (uint64_t)words[0] << 32 | words[1];
}

static uint64_t first_words_of_batch(address a, gf_isa isa)
{
    uint32_t w[4];
    gf_luck_hot_table(isa)->startups(a.seed, 1, &a.startup, &a.portfolio, a.purpose, &a.block, &w[0], &w[1],
                                     &w[2], &w[3]);
    return (uint64_t)w[0] << 32 | w[1];
}

/* 64 bits of 193 addresses: two equal by chance with odds 1e-15. */
static void test_every_address_bit_matters(void **state)
{
    (void)state;
    const address base = {test_seed(), 12345, 17, 3, 2};
    uint64_t seen[N_ADDRESS_BITS + 1];
    for (int bit = 0; bit <= N_ADDRESS_BITS; bit++) {
        const address a = bit < N_ADDRESS_BITS ? flipped(base, bit) : base;
        seen[bit] = first_words(a);
        for (int isa = 0; isa < GF_N_ISA; isa++)
            if (gf_isa_available((gf_isa)isa))
                assert_true(first_words_of_batch(a, (gf_isa)isa) == seen[bit]);
        for (int other = 0; other < bit; other++)
            assert_true(seen[other] != seen[bit]);
    }
}

enum { N = 300, GUARD = 0x5a5a5a5a };

/* Batches of every size equal single calls and write nothing beyond their end. */
static void check_startups(const gf_luck_hot *hot, size_t n)
{
    uint32_t startup[N], block[N], w[4][N + 1];
    uint64_t portfolio[N];
    for (uint32_t i = 0; i < N; i++) {
        startup[i] = i * 2654435761u;
        block[i] = ~i;
        portfolio[i] = ((uint64_t)i * 0x9e3779b97f4a7c15u) >> 16; /* 48 bits */
    }
    for (int j = 0; j < 4; j++)
        w[j][n] = GUARD;
    hot->startups(test_seed(), n, startup, portfolio, 0x8003, block, w[0], w[1], w[2], w[3]);
    for (int j = 0; j < 4; j++)
        assert_int_equal(w[j][n], GUARD);
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        gf_luck_words(test_seed(), portfolio[i], startup[i], 0x8003, block[i], words);
        for (int j = 0; j < 4; j++)
            assert_int_equal(w[j][i], words[j]);
    }
}

/* Places equal single calls, with other bits set and where portfolios cross into the high word. */
static void check_places(const gf_luck_hot *hot, size_t n, uint64_t first)
{
    enum { STRIDE = 112, OTHER_BITS = 5 << 9 };
    uint32_t place[N + 20], startup[N + 20], block[N + 20], w[4][N + 21];
    uint64_t portfolio[N + 20];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t lane = i * 37 % GF_PLACE_LANES;
        startup[i] = i * 29 % STRIDE;
        block[i] = i * 5 % GF_PLACE_BLOCKS;
        portfolio[i] = first + lane;
        place[i] = (lane * STRIDE + startup[i]) << GF_PLACE_SLOT_SHIFT | lane << GF_PLACE_LANE_SHIFT |
                   OTHER_BITS | block[i];
    }
    for (int j = 0; j < 4; j++)
        w[j][n] = GUARD;
    hot->places(test_seed(), n, place, first, STRIDE, 0x8003, w[0], w[1], w[2], w[3]);
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        gf_luck_words(test_seed(), portfolio[i], startup[i], 0x8003, block[i], words);
        for (int j = 0; j < 4; j++)
            assert_int_equal(w[j][i], words[j]);
    }
    for (int j = 0; j < 4; j++)
        assert_int_equal(w[j][n], GUARD);
}

static void check_lanes(const gf_luck_hot *hot, int n, uint64_t first)
{
    double a[N + 1], b[N + 1], alone[N];
    a[n] = b[n] = 7;
    hot->lanes(test_seed(), first, n, 11, 5, 9, a, b);
    assert_true(a[n] == 7 && b[n] == 7);
    for (int i = 0; i < n; i++) {
        uint32_t words[4];
        gf_luck_words(test_seed(), first + (uint64_t)i, 11, 5, 9, words);
        assert_true(a[i] == gf_uniform_wide(words[0], words[1]));
        assert_true(b[i] == gf_uniform_wide(words[2], words[3]));
    }
    hot->lanes(test_seed(), first, n, 11, 5, 9, NULL, alone);
    assert_memory_equal(alone, b, (size_t)n * sizeof *b);
    hot->lanes(test_seed(), first, n, 11, 5, 9, alone, NULL);
    assert_memory_equal(alone, a, (size_t)n * sizeof *a);
}

/* Two blocks at once, of which the second leaves words out. */
static void check_lanes_words(const gf_luck_hot *hot, int n, uint64_t first)
{
    uint32_t w[2][4][N + 1];
    uint32_t *const out[2][4] = {{w[0][0], w[0][1], w[0][2], w[0][3]}, {NULL, w[1][1], NULL, w[1][3]}};
    w[0][0][n] = w[1][3][n] = 7;
    hot->lanes_words(test_seed(), first, n, 11, 5, 9, 2, out);
    assert_true(w[0][0][n] == 7 && w[1][3][n] == 7);
    for (int b = 0; b < 2; b++)
        for (int i = 0; i < n; i++) {
            uint32_t words[4];
            gf_luck_words(test_seed(), first + (uint64_t)i, 11, 5, 9 + (uint32_t)b, words);
            for (int j = 0; j < 4; j++)
                assert_true(out[b][j] == NULL || out[b][j][i] == words[j]);
        }
}

static void test_batches_equal_single_calls(void **state)
{
    (void)state;
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        const gf_luck_hot *hot = gf_luck_hot_table((gf_isa)isa);
        for (int n = 0; n < 40; n++) {
            check_startups(hot, (size_t)n);
            check_lanes(hot, n, 0xfffffff0u); /* crosses into the high word */
            check_lanes_words(hot, n, 0xfffffff0u);
        }
        for (size_t n = 0; n <= N; n += 16) {
            check_places(hot, n, 5);
            check_places(hot, n, 0x1234ffffffe0u); /* crosses into the high word */
        }
        check_startups(hot, N);
        check_lanes(hot, N, (uint64_t)1 << 47);
        check_lanes_words(hot, N, (uint64_t)1 << 47);
    }
    double a, b;
    uint32_t words[4];
    gf_luck_lanes(1, 2, 1, 3, 4, 5, &a, &b);
    gf_luck_words(1, 2, 3, 4, 5, words);
    assert_true(a == gf_uniform_wide(words[0], words[1]) && b == gf_uniform_wide(words[2], words[3]));
}

static void test_uniforms_are_inside(void **state)
{
    (void)state;
    static const uint32_t words[] = {0,          1,          4095,       4096,      0x7fffffff,
                                     0x80000000, 0xfffff000, 0xfffffffe, 0xffffffff};
    enum { N_WORDS = sizeof words / sizeof *words };
    uint32_t high[N_WORDS * N_WORDS], low[N_WORDS * N_WORDS];
    double u[N_WORDS * N_WORDS];
    for (size_t i = 0; i < N_WORDS * N_WORDS; i++) {
        high[i] = words[i / N_WORDS];
        low[i] = words[i % N_WORDS];
    }
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        gf_luck_hot_table((gf_isa)isa)->wide(N_WORDS * N_WORDS, high, low, u);
        for (size_t i = 0; i < N_WORDS * N_WORDS; i++)
            assert_true(u[i] == gf_uniform_wide(high[i], low[i]) && u[i] > 0 && u[i] < 1);
        gf_luck_hot_table((gf_isa)isa)->narrow(N_WORDS * N_WORDS, high, u);
        for (size_t i = 0; i < N_WORDS * N_WORDS; i++)
            assert_true(u[i] == gf_uniform_narrow(high[i]) && u[i] > 0 && u[i] < 1);
    }
    assert_true(gf_uniform_wide(0, 0) == 0x1p-53 && gf_uniform_wide(UINT32_MAX, UINT32_MAX) == 1 - 0x1p-53);
    assert_true(gf_uniform_narrow(0) == 0x1p-33 && gf_uniform_narrow(UINT32_MAX) == 1 - 0x1p-33);
}

static void test_gsl_rng_gives_words_in_order(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gf_rng_philox);
    assert_non_null(rng);
    assert_true(gsl_rng_min(rng) == 0 && gsl_rng_max(rng) == UINT32_MAX);
    for (unsigned long seed = 0; seed < 3; seed++) {
        gsl_rng_set(rng, seed);
        for (int moved = 0; moved < 2; moved++) {
            const uint64_t portfolio = moved ? 99999999999u : 0;
            if (moved)
                gf_rng_set_address(rng, portfolio, 5, GF_LUCK_MODELS);
            for (uint32_t block = 0; block < 10; block++) {
                uint32_t words[4];
                gf_luck_words(seed, portfolio, moved ? 5 : 0, moved ? GF_LUCK_MODELS : 0, block, words);
                for (int j = 0; j < 4; j++)
                    assert_int_equal(gsl_rng_get(rng), words[j]);
            }
        }
    }
    gsl_rng_free(rng);
}

static void test_gsl_rng_serves_gsl(void **state)
{
    (void)state;
    setenv("GSL_RNG_SEED", "77", 1);
    gsl_rng_env_setup();
    gsl_rng *rng = gsl_rng_alloc(gf_rng_philox); /* takes the default seed of the environment */
    uint32_t words[4];
    gf_luck_words(77, 0, 0, 0, 0, words);
    assert_true(gsl_rng_uniform(rng) == gf_uniform_wide(words[0], words[1]));
    gsl_rng *twin = gsl_rng_clone(rng);
    for (int i = 0; i < 1000; i++) {
        const double u = gsl_rng_uniform(rng);
        assert_true(u > 0 && u < 1 && u == gsl_rng_uniform(twin));
        assert_true(gsl_ran_gaussian(rng, 1) == gsl_ran_gaussian(twin, 1));
        assert_true(gsl_rng_uniform_int(rng, 10) == gsl_rng_uniform_int(twin, 10));
    }
    gsl_rng_get(rng);
    assert_true(gsl_rng_get(rng) != gsl_rng_get(twin)); /* one word apart */
    gsl_rng_free(twin);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_every_address_bit_matters),
        cmocka_unit_test(test_batches_equal_single_calls),
        cmocka_unit_test(test_uniforms_are_inside),
        cmocka_unit_test(test_gsl_rng_gives_words_in_order),
        cmocka_unit_test(test_gsl_rng_serves_gsl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
