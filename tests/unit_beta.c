/* The Beta quantile by itself: closed forms in both tails, GSL's distribution function where it is evaluated
 * at all, and the table against the quantile, over the shapes that configs take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "random/beta_table.h"

static const double shapes[] = {0.1, 0.2, 0.5, 0.9, 1, 1.3, 2, 3.5, 8, 30, 100};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static void expect_close(double a, double b, double u, double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance * fabs(expected)))
        fail_msg("Beta(%g, %g) at u = %g: %.17g, expected %.17g", a, b, u, x, expected);
}

/* P = x^a of Beta(a, 1), 1 − (1 − x)^b of Beta(1, b): to 2^-1000, where the series is all there is. */
static void closed_forms(void **state)
{
    (void)state;
    for (int s = 0; s < N_SHAPES; s++)
        for (int e = 1; e <= 1000; e += e < 60 ? 1 : 47) {
            const double u = ldexp(0.83, -e), a = shapes[s];
            const double power = exp(log(u) / a);
            if (power > 1e-300)
                expect_close(a, 1, u, gf_beta_quantile(u, a, 1), power, 4e-15 * (1 + e / a));
            expect_close(1, a, u, gf_beta_quantile(u, 1, a), -expm1(log1p(-u) / a), 4e-16 * (e + 60));
            if (e < 53)
                expect_close(1, a, 1 - u, 1 - gf_beta_quantile(1 - u, 1, a), 1 + expm1(log(1 - (1 - u)) / a),
                             1e-12 + 4e-16 / exp(log(u) / a));
        }
}

/* What GSL makes of the quantile, without the series: the uniform again. Near 1 a quantile is only known to
 * half a unit in the last place, which is a large part of what is left. */
static void the_distribution_function_gives_the_uniform_back(void **state)
{
    size_t n = 0;
    (void)state;
    for (int i = 0; i < N_SHAPES; i++)
        for (int j = 0; j < N_SHAPES; j++)
            for (int e = 1; e <= 53; e++) {
                const double u = ldexp(0.71, -e), a = shapes[i], b = shapes[j], x = gf_beta_quantile(u, a, b);
                if (x < 1e-280 || x > 0.999)
                    continue;
                expect_close(a, b, u, gsl_cdf_beta_P(x, a, b), u, 2e-12);
                n++;
            }
    assert_true(n > 4000);
}

/* Quantiles ascend, and those of Beta(a, b) at u and of Beta(b, a) at 1 − u add up to 1. */
static void sides_mirror_each_other(void **state)
{
    (void)state;
    for (int i = 0; i < N_SHAPES; i++)
        for (int j = 0; j < N_SHAPES; j++) {
            double last = 0;
            for (int k = 1; k < 256; k++) {
                const double u = k / 256.0, x = gf_beta_quantile(u, shapes[i], shapes[j]),
                             y = gf_beta_quantile(1 - u, shapes[j], shapes[i]);
                assert_true(x >= last && x <= 1);
                if (fabs(x + y - 1) > 1e-13)
                    fail_msg("Beta(%g, %g) at %g: %.17g and %.17g", shapes[i], shapes[j], u, x, y);
                last = x;
            }
        }
}

/* The table at the ends and in the middle of its pieces, where the points of the fit are not. */
static void the_table_is_the_quantile(void **state)
{
    (void)state;
    for (int i = 0; i < N_SHAPES; i += 2)
        for (int j = 1; j < N_SHAPES; j += 3) {
            const double a = shapes[i], b = shapes[j];
            gf_beta_table *table = gf_beta_table_new(a, b);
            assert_non_null(table);
            for (int e = 1; e <= 51; e += 5)
                for (int k = 0; k < 16; k++) {
                    const double p = ldexp(1 + k / 16.0, -e - 1), u[2] = {p, 1 - p};
                    double x[2];
                    gf_draws_fast(GF_ISA_SSE2)->beta(2, u, table, x);
                    const double expected = gf_beta_quantile(p, a, b);
                    if (expected > 1e-300)
                        expect_close(a, b, p, x[0], expected, 1e-11);
                    expect_close(a, b, 1 - p, x[1], gf_beta_quantile(1 - p, a, b), 1e-11);
                }
            gf_beta_table_free(table);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(the_distribution_function_gives_the_uniform_back),
        cmocka_unit_test(sides_mirror_each_other),
        cmocka_unit_test(the_table_is_the_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
