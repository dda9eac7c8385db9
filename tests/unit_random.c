/* Luck: published vectors of the generator, every part of the address, batches against single calls,
 * uniforms, gsl_rng. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random/ars.h"
#include "random/luck.h"
#include "random/luck_hot.h"
#include "random/rng_gsl.h"
#include "random_helpers.h"

/* Vectors of Random123 1.14: kat_vectors, ars4x32 10, and old_kat_vectors, ars4x32 7. */
static void test_known_answers(void **state)
{
    (void)state;
    static const struct {
        int rounds;
        uint32_t counter[4], key[4], words[4];
    } rows[] = {
        {10, {0, 0, 0, 0}, {0, 0, 0, 0}, {0x8d73ee19, 0x506401ef, 0x13c2dbe4, 0x0cbe9c0d}},
        {10,
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89},
         {0xa516e7d6, 0x8357ad74, 0x5b59b3ec, 0x8763fff3}},
        {10,
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff, 0, 0},
         {0xbb3743b1, 0x9f635551, 0xecbc87fc, 0xa19478a9}},
        {GF_ARS_ROUNDS, {0, 0, 0, 0x80}, {0, 0, 0, 0xff00}, {0x49072a40, 0xc08d2519, 0xc6055bc6, 0x92577eda}},
        {GF_ARS_ROUNDS,
         {0x886a3f24, 0xd308a385, 0x2e8a1913, 0x44737003},
         {1, 0, 0, 0},
         {0xbb4006c7, 0x33dbc0db, 0x1ea0a1c9, 0x7f9541e3}},
        {GF_ARS_ROUNDS,
         {0x223809a4, 0xd0319f29, 0x98fa2e08, 0x896c4eec},
         {0x100, 0, 0, 0},
         {0x62163ea3, 0x73e12817, 0xe531a348, 0x50c03c1e}},
    };
    int n_addressed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t words[4];
        gf_ars4x32(rows[i].counter, rows[i].key, rows[i].rounds, words);
        assert_memory_equal(words, rows[i].words, sizeof words);
        if (rows[i].rounds != GF_ARS_ROUNDS || rows[i].key[2] != 0 || rows[i].key[3] != 0)
            continue;
        /* the same through the address: purpose is the upper half of counter word 2 */
        const uint64_t portfolio = rows[i].counter[1] | (uint64_t)(rows[i].counter[2] & 0xffff) << 32;
        gf_luck_words(rows[i].key[0] | (uint64_t)rows[i].key[1] << 32, portfolio, rows[i].counter[0],
                      rows[i].counter[2] >> 16, rows[i].counter[3], words);
        assert_memory_equal(words, rows[i].words, sizeof words);
        n_addressed++;
    }
    assert_true(n_addressed == 2);
}

static void words_of_bytes(const char *hex, uint32_t words[4])
{
    for (int i = 0; i < 4; i++) {
        const char column[9] = {hex[8 * i + 6], hex[8 * i + 7], hex[8 * i + 4], hex[8 * i + 5],
                                hex[8 * i + 2], hex[8 * i + 3], hex[8 * i],     hex[8 * i + 1]};
        words[i] = (uint32_t)strtoul(column, NULL, 16);
    }
}

/* FIPS 197, appendix B: rounds 1 and 10 of its example. */
static void test_rounds_of_aes(void **state)
{
    (void)state;
    uint32_t block[4], key[4], end[4];
    words_of_bytes("193de3bea0f4e22b9ac68d2ae9f84808", block);
    words_of_bytes("a0fafe1788542cb123a339392a6c7605", key);
    words_of_bytes("a49c7ff2689f352b6b5bea43026a5049", end);
    gf_aes_round(block, key);
    assert_memory_equal(block, end, sizeof end);
    words_of_bytes("eb40f21e592e38848ba113e71bc342d2", block);
    words_of_bytes("d014f9a8c9ee2589e13f0cc8b6630ca6", key);
    words_of_bytes("3925841d02dc09fbdc118597196a0b32", end);
    gf_aes_last_round(block, key);
    assert_memory_equal(block, end, sizeof end);
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

static uint64_t first_words_of_batch(address a, gf_aes aes)
{
    uint32_t w[4];
    gf_ars_batch_table(aes)->startups(a.seed, 1, &a.startup, &a.portfolio, a.purpose, &a.block, &w[0], &w[1],
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
        for (int aes = 0; aes < GF_N_AES; aes++)
            if (gf_aes_available((gf_aes)aes))
                assert_true(first_words_of_batch(a, (gf_aes)aes) == seen[bit]);
        for (int other = 0; other < bit; other++)
            assert_true(seen[other] != seen[bit]);
    }
}

enum { N = 300, GUARD = 0x5a5a5a5a };

/* Batches of every size equal single calls and write nothing beyond their end. */
static void check_startups(const gf_ars_batch *batch, size_t n)
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
    batch->startups(test_seed(), n, startup, portfolio, 0x8003, block, w[0], w[1], w[2], w[3]);
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
static void check_places(const gf_ars_batch *batch, size_t n, uint64_t first)
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
    batch->places(test_seed(), n, place, first, STRIDE, 0x8003, w[0], w[1], w[2], w[3]);
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        gf_luck_words(test_seed(), portfolio[i], startup[i], 0x8003, block[i], words);
        for (int j = 0; j < 4; j++)
            assert_int_equal(w[j][i], words[j]);
    }
    for (int j = 0; j < 4; j++)
        assert_int_equal(w[j][n], GUARD);
}

/* Lanes equal single calls; words that are not wanted are left out. */
static void check_lanes(const gf_ars_batch *batch, size_t n, uint64_t first)
{
    uint32_t w[4][N + 1], one[2][N + 1];
    for (int j = 0; j < 4; j++)
        w[j][n] = GUARD;
    one[0][n] = one[1][n] = GUARD;
    batch->lanes(test_seed(), first, n, 11, 5, 9, (uint32_t *const[]){w[0], w[1], w[2], w[3]});
    batch->lanes(test_seed(), first, n, 11, 5, 9, (uint32_t *const[]){NULL, one[0], NULL, one[1]});
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        gf_luck_words(test_seed(), first + i, 11, 5, 9, words);
        for (int j = 0; j < 4; j++)
            assert_int_equal(w[j][i], words[j]);
        assert_true(one[0][i] == words[1] && one[1][i] == words[3]);
    }
    for (int j = 0; j < 4; j++)
        assert_int_equal(w[j][n], GUARD);
    assert_true(one[0][n] == GUARD && one[1][n] == GUARD);
}

static void test_batches_equal_single_calls(void **state)
{
    (void)state;
    int n_ways = 0;
    for (int aes = 0; aes < GF_N_AES; aes++) {
        if (!gf_aes_available((gf_aes)aes))
            continue;
        const gf_ars_batch *batch = gf_ars_batch_table((gf_aes)aes);
        n_ways++;
        for (size_t n = 0; n < 80; n++) {
            check_startups(batch, n);
            check_lanes(batch, n, 0xfffffff0u); /* crosses into the high word */
        }
        for (size_t n = 0; n <= N; n += 16) {
            check_places(batch, n, 5);
            check_places(batch, n, 0x1234ffffffe0u); /* crosses into the high word */
        }
        check_startups(batch, N);
        check_lanes(batch, N, (uint64_t)1 << 47);
    }
    assert_true(n_ways > 0 && gf_aes_available(GF_AES_PLAIN));
    for (int isa = 0; isa < GF_N_ISA; isa++) /* none is wider than the set, all are there */
        assert_true((int)gf_aes_of((gf_isa)isa) <= isa + 1 && gf_aes_available(gf_aes_of((gf_isa)isa)) &&
                    gf_aes_name(gf_aes_of((gf_isa)isa)) != NULL);
}

/* Uniforms of lanes, also of more than are drawn at once. */
static void test_lanes_become_uniforms(void **state)
{
    (void)state;
    double a[N + 1], b[N + 1], alone[N];
    uint32_t w[N];
    for (int n = 0; n <= N; n += 50) {
        a[n] = b[n] = 7;
        gf_luck_lanes(test_seed(), 0xfffffff0u, n, 3, 4, 5, a, b);
        assert_true(a[n] == 7 && b[n] == 7);
        gf_luck_lanes_words(test_seed(), 0xfffffff0u, n, 3, 4, 5, (uint32_t *const[]){NULL, NULL, w, NULL});
        for (int i = 0; i < n; i++) {
            uint32_t words[4];
            gf_luck_words(test_seed(), 0xfffffff0u + (uint64_t)i, 3, 4, 5, words);
            assert_true(a[i] == gf_uniform_wide(words[0], words[1]));
            assert_true(b[i] == gf_uniform_wide(words[2], words[3]) && w[i] == words[2]);
        }
        gf_luck_lanes(test_seed(), 0xfffffff0u, n, 3, 4, 5, NULL, alone);
        assert_memory_equal(alone, b, (size_t)n * sizeof *b);
        gf_luck_lanes(test_seed(), 0xfffffff0u, n, 3, 4, 5, alone, NULL);
        assert_memory_equal(alone, a, (size_t)n * sizeof *a);
    }
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
        gf_luck_hot_table((gf_isa)isa)->to.wide(N_WORDS * N_WORDS, high, low, u);
        for (size_t i = 0; i < N_WORDS * N_WORDS; i++)
            assert_true(u[i] == gf_uniform_wide(high[i], low[i]) && u[i] > 0 && u[i] < 1);
        gf_luck_hot_table((gf_isa)isa)->to.narrow(N_WORDS * N_WORDS, high, u);
        for (size_t i = 0; i < N_WORDS * N_WORDS; i++)
            assert_true(u[i] == gf_uniform_narrow(high[i]) && u[i] > 0 && u[i] < 1);
    }
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        float single[N_WORDS];
        if (!gf_isa_available((gf_isa)isa))
            continue;
        gf_luck_hot_table((gf_isa)isa)->to.single(N_WORDS, words, single);
        for (size_t i = 0; i < N_WORDS; i++) {
            assert_true(single[i] == gf_uniform_single(words[i]) && single[i] > 0 && single[i] < 1);
            assert_true(fabs(single[i] - gf_uniform_narrow(words[i])) <= 0x1p-23);
        }
    }
    assert_true(gf_uniform_single(0) == 0x1.fffffep-33f && gf_uniform_single(UINT32_MAX) == 1 - 0x1p-24f);
    assert_true(gf_uniform_wide(0, 0) == 0x1p-53 && gf_uniform_wide(UINT32_MAX, UINT32_MAX) == 1 - 0x1p-53);
    assert_true(gf_uniform_narrow(0) == 0x1p-33 && gf_uniform_narrow(UINT32_MAX) == 1 - 0x1p-33);
}

static void test_gsl_rng_gives_words_in_order(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gf_rng_ars);
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
    gsl_rng *rng = gsl_rng_alloc(gf_rng_ars); /* takes the default seed of the environment */
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
        cmocka_unit_test(test_rounds_of_aes),
        cmocka_unit_test(test_every_address_bit_matters),
        cmocka_unit_test(test_batches_equal_single_calls),
        cmocka_unit_test(test_lanes_become_uniforms),
        cmocka_unit_test(test_uniforms_are_inside),
        cmocka_unit_test(test_gsl_rng_gives_words_in_order),
        cmocka_unit_test(test_gsl_rng_serves_gsl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
