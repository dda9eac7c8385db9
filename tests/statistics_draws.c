/* Luck is uniform and independent along every part of its address, and draws follow their laws. Each test
 * states its odds of failing by chance (the seed GF_TEST_SEED is changeable) and has a spoiled twin that must
 * fail. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random/draws.h"
#include "random/luck.h"
#include "random/poisson.h"
#include "random_helpers.h"
#include "sample_distance.h"

/* Each single test fails by chance once in 10^6 seeds; there are about 40 of them, so one seed in 25,000
 * fails. */
static const double odds = 1e-6;

enum { N = 1 << 19, SIDE = 16 };

static double u[N], v[N], z[N];

/* Which part of the address counts up; STUCK is the spoiled twin whose index is dropped half of the time. */
typedef enum { PORTFOLIO, PORTFOLIO_HIGH, STARTUP, PURPOSE, BLOCK, SEED, N_WALKS, STUCK } walk;

static void uniforms_along(walk along, size_t n, double *a, double *b)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t seed = test_seed(), portfolio = 1000, k = i;
        uint32_t startup = 3, purpose = GF_LUCK_STAGE, block = 1, words[4];
        switch (along) {
        case PORTFOLIO:
            portfolio += k;
            break;
        case PORTFOLIO_HIGH:
            portfolio += k << 28;
            break;
        case STARTUP:
            startup += (uint32_t)k;
            break;
        case PURPOSE:
            purpose = (uint32_t)(k & 0xffff), block = (uint32_t)(k >> 16);
            break;
        case BLOCK:
            block += (uint32_t)k;
            break;
        case SEED:
            seed += k << 20;
            break;
        default:
            portfolio += k / 2;
            break;
        }
        gf_luck_words(seed, portfolio, startup, purpose, block, words);
        a[i] = gf_uniform_wide(words[0], words[1]);
        b[i] = i % 2 ? gf_uniform_wide(words[2], words[3]) : gf_uniform_narrow(words[3]);
    }
}

/* p-value of chi-square of pairs (a, b) on SIDE × SIDE equal cells. */
static double p_of_pairs(size_t n, const double *a, const double *b)
{
    double count[SIDE * SIDE] = {0}, chi_square = 0;
    for (size_t i = 0; i < n; i++)
        count[(int)(a[i] * SIDE) * SIDE + (int)(b[i] * SIDE)]++;
    const double expected = (double)n / (SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        chi_square += (count[i] - expected) * (count[i] - expected) / expected;
    return gsl_cdf_chisq_Q(chi_square, SIDE * SIDE - 1);
}

static double p_of_normal(size_t n, const double *values)
{
    for (size_t i = 0; i < n; i++)
        v[i] = gsl_cdf_ugaussian_P(values[i]);
    return p_of_uniform(n, v);
}

/* Too good is as suspect as too bad. */
static int is_plausible(double p)
{
    return p > odds / 2 && p < 1 - odds / 2;
}

static void test_uniform_along_every_part(void **state)
{
    (void)state;
    for (int along = 0; along < N_WALKS; along++) {
        uniforms_along((walk)along, N, u, v);
        assert_true(is_plausible(p_of_pairs(N, u, v)));         /* words of one address */
        assert_true(is_plausible(p_of_pairs(N - 1, u, u + 1))); /* neighbours */
        assert_true(is_plausible(p_of_pairs(N - 1, v + 1, u)));
        assert_true(is_plausible(p_of_uniform(N, u)));
        assert_true(is_plausible(p_of_uniform(N, v)));
    }
}

static void test_spoiled_uniforms_fail(void **state)
{
    (void)state;
    uniforms_along(STUCK, N, u, v);
    assert_false(is_plausible(p_of_pairs(N - 1, u, u + 1)));
    uniforms_along(PORTFOLIO, N, u, v);
    for (size_t i = 0; i < N; i++)
        v[i] = pow(u[i], 1.02);
    assert_false(is_plausible(p_of_uniform(N, v)));
    for (size_t i = 0; i < N; i++)
        v[i] = ((double)i + 0.5) / N; /* too even */
    assert_false(is_plausible(p_of_uniform(N, v)));
}

static void test_normals(void **state)
{
    (void)state;
    uniforms_along(STARTUP, N, u, v);
    gf_draws_fast(gf_isa_detect())->normal(N, u, z);
    assert_true(is_plausible(p_of_normal(N, z)));
    for (size_t i = 0; i < N; i++)
        z[i] *= 1.02; /* spoiled */
    assert_false(is_plausible(p_of_normal(N, z)));
}

/* Number beyond 3.5, against the binomial law; the bound comes from the law itself. */
static int has_normal_tail(const double *values)
{
    unsigned beyond = 0;
    const double p = 2 * gsl_cdf_ugaussian_Q(3.5);
    for (size_t i = 0; i < N; i++)
        beyond += fabs(values[i]) > 3.5;
    return gsl_cdf_binomial_P(beyond, p, N) > odds / 2 && gsl_cdf_binomial_Q(beyond, p, N) > odds / 2;
}

static void test_normal_tail(void **state)
{
    (void)state;
    uniforms_along(BLOCK, N, u, v);
    gf_draws_fast(gf_isa_detect())->normal(N, u, z);
    assert_true(has_normal_tail(z));
    for (size_t i = 0; i < N; i++) /* spoiled: a uniform of 10 bits knows no tail */
        u[i] = (floor(u[i] * 1024) + 0.5) / 1024;
    gf_draws_fast(gf_isa_detect())->normal(N, u, z);
    assert_false(has_normal_tail(z));
}

/* Survival of the truncated Pareto is uniform; index 1.3 holds, 1.32 does not. */
static void test_pareto(void **state)
{
    (void)state;
    const double beyond = pow(30.0 / 5000, 1.3);
    uniforms_along(PORTFOLIO, N, u, v);
    gf_draws_fast(gf_isa_detect())->pareto(N, u, 1.3, 30, 5000, gf_pareto_beyond(1.3, 30, 5000), z);
    for (int spoiled = 0; spoiled < 2; spoiled++) {
        for (size_t i = 0; i < N; i++)
            v[i] = (pow(30 / z[i], spoiled ? 1.32 : 1.3) - beyond) / (1 - beyond);
        assert_true(is_plausible(p_of_uniform(N, v)) != spoiled);
    }
}

static void test_beta(void **state)
{
    (void)state;
    gf_beta_table *table = gf_beta_table_new(0.6, 2.5);
    assert_non_null(table);
    enum { M = 100000 };
    uniforms_along(PURPOSE, M, u, v);
    gf_draws_fast(gf_isa_detect())->beta(M, u, table, z);
    for (int spoiled = 0; spoiled < 2; spoiled++) {
        for (size_t i = 0; i < M; i++)
            v[i] = gsl_cdf_beta_P(z[i], spoiled ? 0.63 : 0.6, 2.5);
        assert_true(is_plausible(p_of_uniform(M, v)) != spoiled);
    }
    gf_beta_table_free(table);
}

/* p-value of counts against Poisson(mean): cells 0 … 2·mean + 9 expect at least 5 or join their neighbour. */
static double p_of_poisson(size_t n, const double *k, double mean)
{
    const unsigned n_cells = (unsigned)(2 * mean) + 10;
    double count[200] = {0}, chi_square = 0, seen = 0, expected = 0;
    int n_used = 0;
    assert_true(n_cells < 200);
    for (size_t i = 0; i < n; i++)
        count[(unsigned)fmin(k[i], n_cells - 1)]++;
    for (unsigned cell = 0; cell < n_cells; cell++) {
        seen += count[cell];
        expected += (double)n * (cell + 1 < n_cells ? gsl_ran_poisson_pdf(cell, mean)
                                                    : gsl_cdf_poisson_Q(cell - 1, mean));
        if (expected < 5)
            continue;
        chi_square += (seen - expected) * (seen - expected) / expected;
        n_used++;
        seen = expected = 0;
    }
    return gsl_cdf_chisq_Q(chi_square, n_used - 1);
}

static void test_poisson(void **state)
{
    (void)state;
    static const double means[] = {0.3, 4, 29, 60};
    enum { M = 50000 };
    uniforms_along(BLOCK, M, u, v);
    for (int i = 0; i < 4; i++)
        for (int spoiled = 0; spoiled < 2; spoiled++) {
            for (size_t j = 0; j < M; j++)
                z[j] = gf_poisson_inverse(u[j], means[i] * (spoiled ? 1.06 : 1));
            assert_true(is_plausible(p_of_poisson(M, z, means[i])) != spoiled);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uniform_along_every_part),
        cmocka_unit_test(test_spoiled_uniforms_fail),
        cmocka_unit_test(test_normals),
        cmocka_unit_test(test_normal_tail),
        cmocka_unit_test(test_pareto),
        cmocka_unit_test(test_beta),
        cmocka_unit_test(test_poisson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
