/* Draws: fast against GSL, one instruction set against another bit by bit, edges, Beta tables, inverse
 * counts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <string.h>

#include "random/draws.h"
#include "random/luck.h"
#include "random/poisson.h"
#include "random/single_hot.h"
#include "random_helpers.h"
#include "sanitized.h"

enum { N = GF_SANITIZED ? 100000 : 1000000, N_SLOW = GF_SANITIZED ? 200 : 2000 };

static double u[N], x[N], fast[N], truth[N];

/* The bound holds, and would not if a single value were off by ten times the bound. */
static void assert_close(const char *what, size_t n, double bound)
{
    const double worst = worst_relative_error(n, fast, truth);
    print_message("%s: largest relative error %.2g, bound %.2g\n", what, worst, bound);
    assert_true(worst <= bound);
    fast[n / 2] *= 1 + 10 * bound;
    assert_true(worst_relative_error(n, fast, truth) > bound);
}

static void spread(size_t n, double low, double high, double *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = low + (high - low) * u[i];
}

static void test_exp(void **state)
{
    (void)state;
    const gf_draws *draws = gf_draws_fast(gf_isa_detect());
    static const double ranges[][2] = {{-707, 709}, {-1, 1}, {-1e-6, 1e-6}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        spread(N, ranges[i][0], ranges[i][1], x);
        draws->exp(N, x, fast);
        gf_draws_gsl(GF_ISA_SSE2)->exp(N, x, truth);
        assert_close("exp", N, 4e-16);
    }
}

static void test_log(void **state)
{
    (void)state;
    const gf_draws *draws = gf_draws_fast(gf_isa_detect());
    draws->log(N, u, fast);
    gf_draws_gsl(GF_ISA_SSE2)->log(N, u, truth);
    assert_close("log of uniforms", N, 4e-16);
    spread(N, -707, 709, x);
    gf_draws_gsl(GF_ISA_SSE2)->exp(N, x, x);
    draws->log(N, x, fast);
    gf_draws_gsl(GF_ISA_SSE2)->log(N, x, truth);
    assert_close("log", N, 4e-16);
}

/* Waiting times in single precision: of words at both ends, of powers of two, and spread over all. */
static void test_waits(void **state)
{
    (void)state;
    static uint32_t words[N];
    static float wait[N], of_gsl[N], of_set[N];
    enum { EACH = UINT32_MAX / N };
    for (size_t i = 0; i < N; i++)
        words[i] = (uint32_t)(i * EACH);
    for (uint32_t i = 0; i < 1000; i++) {
        words[i] = i;
        words[N - 1000 + i] = UINT32_MAX - 999 + i;
    }
    const gf_draws *draws = gf_draws_fast(gf_isa_detect());
    draws->waits(N, words, wait);
    gf_draws_gsl(GF_ISA_SSE2)->waits(N, words, of_gsl);
    size_t n_off = 0, n_off_of_twin = 0;
    for (size_t i = 0; i < N; i++) {
        const float truth_i = of_gsl[i], next = nextafterf(truth_i, wait[i]);
        assert_true(truth_i > 0 &&
                    truth_i == (float)gsl_cdf_exponential_Qinv(gf_uniform_narrow(words[i]), 1));
        assert_true(wait[i] == next); /* the same, or its neighbour */
        n_off += wait[i] != truth_i;
        n_off_of_twin += (float)((double)wait[i] * (1 + 1e-7)) != truth_i;
        if (i > 1000 && i < N - 1000) /* further apart than the rounding */
            assert_true(wait[i] <= wait[i - 1]);
    }
    print_message("waits: %zu of %d are one unit off\n", n_off, N);
    assert_true(n_off < N / 33 && n_off_of_twin > N / 10);
    for (int isa = 0; isa < GF_N_ISA; isa++)
        for (size_t n = 1; n < 40 && gf_isa_available((gf_isa)isa); n++) {
            gf_draws_fast((gf_isa)isa)->waits(n, words + N / 3, of_set);
            assert_memory_equal(of_set, wait + N / 3, n * sizeof *wait);
        }
}

/* Those of GSL are the same to the bit with vector functions of libm, also of words whose logarithms lie
 * within 16 units in the last place of the middle between two floats: there were 252 of all 2^32, and none
 * for which the vector functions of glibc 2.36 would round otherwise. */
static void test_waits_of_gsl(void **state)
{
    (void)state;
    static const uint32_t open[] = {9102411u,    649409779u,     1448999589u, 2321141646u,
                                    3394213013u, 4263328132u,    0u,          1u,
                                    UINT32_MAX,  UINT32_MAX - 1, 1u << 31,    (1u << 31) - 1};
    enum { N_OPEN = sizeof open / sizeof *open, EACH = UINT32_MAX / N };
    static uint32_t words[N];
    static float of_libm[N], of_set[N];
    for (size_t i = 0; i < N; i++)
        words[i] = i < N_OPEN ? open[i] : (uint32_t)(i * EACH);
    gf_draws_gsl(GF_ISA_SSE2)->waits(N, words, of_libm);
    for (size_t i = 0; i < N; i++)
        assert_true(of_libm[i] == (float)-log(gf_uniform_narrow(words[i])));
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        gf_draws_gsl((gf_isa)isa)->waits(N, words, of_set);
        assert_memory_equal(of_set, of_libm, sizeof of_libm);
        for (size_t n = 0; n < 80; n++) {
            of_set[n] = -1;
            gf_draws_gsl((gf_isa)isa)->waits(n, words, of_set);
            assert_memory_equal(of_set, of_libm, n * sizeof *of_set);
            assert_true(of_set[n] == -1);
        }
        words[N / 2] += 256; /* spoiled twin: another word is told */
        gf_draws_gsl((gf_isa)isa)->waits(N, words, of_set);
        assert_memory_not_equal(of_set, of_libm, sizeof of_libm);
        words[N / 2] -= 256;
    }
}

static void test_normal(void **state)
{
    (void)state;
    gf_draws_fast(gf_isa_detect())->normal(N, u, fast);
    gf_draws_gsl(GF_ISA_SSE2)->normal(N, u, truth);
    assert_close("normal", N, 2e-15);
}

/* In single precision, of words at both ends, at both ends of the central region, and spread over all; same
 * bits for every set and batch size. */
static void test_normal_single(void **state)
{
    (void)state;
    static uint32_t words[N];
    static float z[N], of_gsl[N], of_set[N];
    enum { EACH = UINT32_MAX / N, NEAR = 1000 };
    for (size_t i = 0; i < N; i++)
        words[i] = (uint32_t)(i * EACH);
    for (uint32_t i = 0; i < NEAR; i++) {
        words[i] = i;
        words[N - NEAR + i] = UINT32_MAX - NEAR + 1 + i;
        words[N / 3 + i] = GF_SINGLE_CENTRE - NEAR / 2 + i;
        words[2 * N / 3 + i] = UINT32_MAX - GF_SINGLE_CENTRE - NEAR / 2 + i;
        words[N / 2 + i] = 0x80000000u - NEAR / 2 + i;
    }
    gf_draws_fast(gf_isa_detect())->normal_single(N, words, z);
    gf_draws_gsl(GF_ISA_SSE2)->normal_single(N, words, of_gsl);
    for (size_t i = 0; i < N; i++) {
        assert_true(of_gsl[i] == (float)gsl_cdf_ugaussian_Pinv(gf_uniform_narrow(words[i])));
        fast[i] = z[i];
        truth[i] = of_gsl[i];
    }
    for (uint32_t i = 0; i < NEAR; i++) { /* around 0 the error is that of u, absolute */
        assert_true(fabs(fast[N / 2 + i] - truth[N / 2 + i]) < 4e-10);
        fast[N / 2 + i] = truth[N / 2 + i] = 1;
    }
    assert_close("normal, single", N, 5e-7);
    for (int isa = 0; isa < GF_N_ISA; isa++)
        for (size_t n = 0, start = 0; start + n < 3000 && gf_isa_available((gf_isa)isa); start += n, n++) {
            gf_draws_fast((gf_isa)isa)->normal_single(n, words + N / 3 - 1000 + start, of_set);
            assert_memory_equal(of_set, z + N / 3 - 1000 + start, n * sizeof *z);
        }
}

static void test_exp_single(void **state)
{
    (void)state;
    static float in[N], y[N], of_set[N];
    for (size_t i = 0; i < N; i++)
        in[i] = (float)(-87 + 175 * u[i]);
    gf_draws_fast(gf_isa_detect())->exp_single(N, in, y);
    for (size_t i = 0; i < N; i++) {
        fast[i] = y[i];
        truth[i] = exp((double)in[i]);
    }
    assert_close("exp, single", N, 1.2e-7);
    const float at[] = {0, -0.0f, 200, INFINITY, -200, -INFINITY, NAN};
    const double want[] = {1, 1, exp(88), exp(88), exp(-87), exp(-87), exp(-87)};
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        float edge[7];
        gf_draws_fast((gf_isa)isa)->exp_single(7, at, edge);
        for (int i = 0; i < 7; i++)
            assert_true(fabs(edge[i] / want[i] - 1) < 1.2e-7 && (i > 1 || edge[i] == 1.0f));
        for (size_t n = 0, start = 0; start + n < 3000; start += n, n++) {
            gf_draws_fast((gf_isa)isa)->exp_single(n, in + start, of_set);
            assert_memory_equal(of_set, y + start, n * sizeof *y);
        }
    }
}

static void test_pareto(void **state)
{
    (void)state;
    static const double indices[] = {0.3, 0.8, 1.3, 2.5, 8}, caps[] = {31, 5000, (double)INFINITY};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 3; j++) {
            const double beyond = gf_pareto_beyond(indices[i], 30, caps[j]);
            gf_draws_fast(gf_isa_detect())->pareto(N, u, indices[i], 30, caps[j], beyond, fast);
            gf_draws_gsl(GF_ISA_SSE2)->pareto(N, u, indices[i], 30, caps[j], beyond, truth);
            for (size_t k = 0; k < N; k++)
                assert_true(fast[k] >= 30 * (1 - 1e-15) && fast[k] <= caps[j] && truth[k] <= caps[j]);
            assert_close("pareto", N, 5e-14);
        }
    /* the median of the truncated law: (x_min/x)^index = (1 + t)/2 */
    const double half = 0.5, t = pow(30.0 / 5000, 1.3);
    double median;
    gf_draws_gsl(GF_ISA_SSE2)->pareto(1, &half, 1.3, 30, 5000, t, &median);
    assert_true(fabs(pow(30 / median, 1.3) - (1 + t) / 2) < 1e-15);
}

static void test_edges(void **state)
{
    (void)state;
    const double inf = (double)INFINITY, at[] = {0, -0.0, 1000, inf, -709, -1e300, -inf, 709.78, -707.9};
    const double want[] = {1, 1, inf, inf, 0, 0, 0, exp(709.78), exp(-707.9)};
    const double not_a_number = (double)NAN;
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        const gf_draws *draws = gf_draws_fast((gf_isa)isa);
        double y[9], z = 3;
        draws->exp(9, at, y);
        assert_true(worst_relative_error(9, y, want) < 4e-16);
        draws->exp(1, &not_a_number, &z);
        assert_true(isnan(z));
        const double exact[] = {1, 0.5, 2, 0x1p-1000}, log_2 = 0x1.62e42fefa39efp-1;
        const double want_log[] = {0, -log_2, log_2, -1000 * log_2};
        draws->log(4, exact, y);
        assert_true(worst_relative_error(4, y, want_log) < 3e-16 && y[0] == 0);
        const double half = 0.5;
        draws->normal(1, &half, &z);
        assert_true(z == 0);
        draws->normal(0, &half, &z);
        draws->pareto(0, &half, 1, 1, 2, 0.5, &z);
        assert_true(z == 0);
    }
}

/* One function of every table, on `n` inputs. */
static void apply(const gf_draws *draws, int which, size_t n, const double *in, const gf_beta_table *table,
                  double *out)
{
    switch (which) {
    case 0:
        draws->normal(n, in, out);
        break;
    case 1:
        draws->log(n, in, out);
        break;
    case 2:
        draws->exp(n, in, out);
        break;
    case 3:
        draws->pareto(n, in, 1.3, 30, 5000, gf_pareto_beyond(1.3, 30, 5000), out);
        break;
    case 4:
        draws->pareto(n, in, 0.7, 2, (double)INFINITY, 0, out);
        break;
    default:
        draws->beta(n, in, table, out);
        break;
    }
}

/* Same bits for every set, every batch size and in place. */
static void test_sets_give_the_same_bits(void **state)
{
    (void)state;
    gf_beta_table *table = gf_beta_table_new(0.6, 2.5);
    assert_non_null(table);
    for (int which = 0; which < 6; which++) {
        if (which == 2)
            spread(N, -720, 720, x);
        else
            memcpy(x, u, sizeof x);
        apply(gf_draws_fast(GF_ISA_SSE2), which, N, x, table, truth);
        for (int isa = 0; isa < GF_N_ISA; isa++) {
            if (!gf_isa_available((gf_isa)isa))
                continue;
            const gf_draws *draws = gf_draws_fast((gf_isa)isa);
            apply(draws, which, N, x, table, fast);
            assert_memory_equal(fast, truth, sizeof fast);
            memcpy(fast, x, sizeof fast);
            apply(draws, which, N, fast, table, fast);
            assert_memory_equal(fast, truth, sizeof fast);
            for (size_t start = 0, n = 0; start + n < 3000; start += n, n++)
                apply(draws, which, n, x + start, table, fast + start);
            assert_memory_equal(fast, truth, sizeof fast);
        }
    }
    gf_beta_table_free(table);
}

static void test_monotone(void **state)
{
    (void)state;
    const gf_draws *draws = gf_draws_fast(gf_isa_detect());
    gf_beta_table *table = gf_beta_table_new(2, 5);
    for (size_t i = 0; i < N; i++)
        x[i] = ((double)i + 0.5) / N;
    for (int which = 0; which < 6; which++) {
        if (which == 2)
            continue;
        apply(draws, which, N, x, table, fast);
        for (size_t i = 1; i < N; i++)
            assert_true(fast[i] >= fast[i - 1]);
    }
    gf_beta_table_free(table);
}

static void test_beta_tables(void **state)
{
    (void)state;
    static const double shapes[] = {0.1, 0.13, 0.5, 1, 2, 5, 30, 100};
    double worst = 0;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            gf_beta_table *table = gf_beta_table_new(shapes[i], shapes[j]);
            assert_non_null(table);
            gf_draws_fast(gf_isa_detect())->beta(N_SLOW, u, table, fast);
            gf_draws_gsl(GF_ISA_SSE2)->beta(N_SLOW, u, table, truth);
            worst = fmax(worst, worst_relative_error(N_SLOW, fast, truth));
            gf_beta_table_free(table);
        }
    print_message("beta: largest relative error %.2g\n", worst);
    assert_true(worst < 1e-12);
}

/* Tables are shared while somebody uses them, and a few are kept after that; those that find no room are
 * their user's own. */
static void test_beta_tables_are_kept(void **state)
{
    (void)state;
    enum { MANY = 20 };
    const gf_beta_table *tables[MANY];
    for (int i = 0; i < MANY; i++) {
        tables[i] = gf_beta_table_take(1 + 0.1 * i, 3);
        assert_non_null(tables[i]);
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(tables[i], tables[j]);
    }
    for (int i = 0; i < MANY; i++) {
        gf_beta_table *own = gf_beta_table_new(1 + 0.1 * i, 3);
        gf_draws_fast(gf_isa_detect())->beta(N_SLOW, u, tables[i], fast);
        gf_draws_fast(gf_isa_detect())->beta(N_SLOW, u, own, truth);
        assert_memory_equal(fast, truth, N_SLOW * sizeof *fast);
        gf_beta_table_free(own);
    }
    const gf_beta_table *again = gf_beta_table_take(1, 3);
    assert_ptr_equal(again, tables[0]);
    gf_beta_table_give_back(again);
    for (int i = 0; i < MANY; i++)
        gf_beta_table_give_back(tables[i]);
    again = gf_beta_table_take(1, 3); /* kept, though nobody used it */
    assert_ptr_equal(again, tables[0]);
    for (int i = 0; i < MANY; i++) /* others take the places of those that are not used */
        gf_beta_table_give_back(gf_beta_table_take(1 + 0.1 * i, 7));
    assert_ptr_equal(gf_beta_table_take(1, 3), again);
    gf_beta_table_give_back(again);
    gf_beta_table_give_back(again);
    gf_beta_table_give_back(NULL);
}

/* The definition itself: closed forms, and GSL's inverse where it works. */
static void test_beta_definition(void **state)
{
    (void)state;
    gf_beta_table *power = gf_beta_table_new(3, 1), *flat = gf_beta_table_new(1, 1),
                  *bell = gf_beta_table_new(2, 5);
    gf_draws_gsl(GF_ISA_SSE2)->beta(N_SLOW, u, power, fast);
    for (size_t i = 0; i < N_SLOW; i++)
        truth[i] = cbrt(u[i]);
    assert_close("beta(3,1) is a cube root", N_SLOW, 1e-14);
    gf_draws_gsl(GF_ISA_SSE2)->beta(N_SLOW, u, flat, fast);
    memcpy(truth, u, sizeof truth);
    assert_close("beta(1,1) is uniform", N_SLOW, 1e-14);
    gf_draws_gsl(GF_ISA_SSE2)->beta(N_SLOW, u, bell, fast);
    for (size_t i = 0; i < N_SLOW; i++)
        truth[i] = gsl_cdf_beta_Pinv(u[i], 2, 5);
    assert_close("beta(2,5) of GSL", N_SLOW, 1e-12);
    gf_beta_table_free(power);
    gf_beta_table_free(flat);
    gf_beta_table_free(bell);
}

static const double means[] = {0, 1e-9, 0.02, 0.5, 1, 3.7, 12, 29.999, 30, 30.001, 47, 300, 2500, 1e4};
enum { N_MEANS = sizeof means / sizeof *means };

/* k is the quantile if P(K <= k-1) < u <= P(K <= k), to the rounding of sums. */
static void test_poisson(void **state)
{
    (void)state;
    const double slack = 1e-12;
    for (size_t i = 0; i < N_SLOW; i++) {
        double last = 0;
        for (size_t j = 0; j < N_MEANS; j++) {
            const double k = gf_poisson_inverse(u[i], means[j]);
            assert_true(k >= last && k == floor(k));
            last = k;
            if (means[j] <= 0) {
                assert_true(k == 0);
                continue;
            }
            assert_true(gsl_cdf_poisson_P((unsigned)k, means[j]) >= u[i] - slack);
            assert_true(k == 0 || gsl_cdf_poisson_P((unsigned)k - 1, means[j]) < u[i] + slack);
        }
    }
}

static void test_binomial(void **state)
{
    (void)state;
    static const struct {
        uint32_t n;
        double p;
    } rows[] = {{0, 0.5},   {1, 0.3},    {10, 0.01}, {10, 0.99}, {30, 1 - 1e-16},
                {200, 0.1}, {5000, 0.4}, {7, 0},     {7, 1}};
    const double slack = 1e-12;
    for (size_t i = 0; i < N_SLOW; i++)
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            const double k = gf_binomial_inverse(u[i], rows[j].n, rows[j].p);
            assert_true(k >= 0 && k <= rows[j].n && k == floor(k));
            assert_true(gsl_cdf_binomial_P((unsigned)k, rows[j].p, rows[j].n) >= u[i] - slack);
            assert_true(k < 1 || gsl_cdf_binomial_P((unsigned)k - 1, rows[j].p, rows[j].n) < u[i] + slack);
        }
}

static void test_counts_are_monotone(void **state)
{
    (void)state;
    for (size_t j = 0; j < N_MEANS; j++) {
        double last = 0, last_binomial = 0;
        for (int i = 0; i < N_SLOW; i++) {
            const double v = (i + 0.5) / N_SLOW, k = gf_poisson_inverse(v, means[j]);
            const double b = gf_binomial_inverse(v, 20000, means[j] / 20000);
            assert_true(k >= last && b >= last_binomial);
            last = k;
            last_binomial = b;
        }
    }
    for (int i = 0; i < 9; i++) { /* through the change of method */
        double last = 0;
        for (double mean = 25; mean < 35; mean += 1.0 / 64) {
            const double k = gf_poisson_inverse((i + 0.5) / 9, mean);
            assert_true(k >= last);
            last = k;
        }
    }
}

static int prepare(void **state)
{
    (void)state; /* GSL's own handler stays: an error inside GSL aborts the test */
    awkward_uniforms(N, u);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_waits_of_gsl),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_single),
        cmocka_unit_test(test_exp_single),
        cmocka_unit_test(test_pareto),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_sets_give_the_same_bits),
        cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_beta_tables),
        cmocka_unit_test(test_beta_tables_are_kept),
        cmocka_unit_test(test_beta_definition),
        cmocka_unit_test(test_poisson),
        cmocka_unit_test(test_binomial),
        cmocka_unit_test(test_counts_are_monotone),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
