/* Published cases: names of quantities, closed forms against quadrature of their own definitions, the
 * reader's limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/closed_form.h"
#include "run/published.h"
#include "run/quantity.h"

static void assert_near(double a, double b, double bound)
{
    if (!(fabs(a - b) <= bound))
        fail_msg("%.15g and %.15g differ by more than %g", a, b, bound);
}

static void parse(const char *text, gf_quantity *q)
{
    gf_error error = {GF_OK, ""};
    if (gf_quantity_parse(text, q, &error) != GF_OK)
        fail_msg("%s", error.message);
}

static void test_quantities(void **state)
{
    (void)state;
    gf_quantity q;
    parse("irr", &q);
    assert_true(gf_quantity_is(&q, "irr", 0, 0));
    parse("quantile( net_irr , 0.05 )", &q);
    assert_true(gf_quantity_is(&q, "quantile", 1, 1));
    assert_string_equal(q.column, "net_irr");
    assert_near(q.arguments[0], 0.05, 0);
    parse("P(startup.multiple<=1e1)", &q);
    assert_true(gf_quantity_is(&q, "P", 1, 1) && q.relation == GF_AT_MOST);
    assert_near(q.arguments[0], 10, 0);
    parse("pool(50, 2)", &q);
    assert_true(gf_quantity_is(&q, "pool", 0, 2));
    static const char *const wrong[] = {"",         "3",        "mean(",     "mean)",      "mean(x",
                                        "mean(x,)", "P(x >)",   "P(x >= y)", "f(1, 2, 3)", "f(x) g",
                                        "f(-nan)",  "f(1e999)", "f(1;2)"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (gf_quantity_parse(wrong[i], &q, NULL) != GF_CONFIG)
            fail_msg("'%s' was taken for a quantity", wrong[i]);
}

/* E g(X) of a Pareto law truncated at cap, by midpoints in the chance to exceed. */
static double expectation(const gf_pareto_law *law, double (*g)(double, double), double argument)
{
    enum { N = 2000000 };
    const double beyond = pow(law->min / law->cap, law->index);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const double survival = beyond + (1 - beyond) * (i + 0.5) / N;
        sum += g(law->min * pow(survival, -1 / law->index), argument) / N;
    }
    return sum;
}

static double square(double x, double unused)
{
    return x * x + 0 * unused;
}
static double excess(double x, double strike)
{
    return fmax(x - strike, 0);
}
static double exceeds(double x, double y)
{
    return x > y;
}

static void test_truncated_pareto(void **state)
{
    (void)state;
    const gf_pareto_law laws[] = {{1.4, 10, 1000}, {1, 2, 50}, {2, 1, 30}, {0.7, 0.5, 20}};
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        const gf_pareto_law *law = &laws[i];
        const double mean = gf_pareto_mean(law), strike = 2.5 * law->min;
        assert_near(mean, expectation(law, fmax, 0), 1e-6 * mean);
        assert_near(gf_pareto_variance(law) + mean * mean, expectation(law, square, 0),
                    1e-5 * square(mean, 0) * 40);
        assert_near(gf_pareto_capped_mean(law, strike), expectation(law, fmin, strike), 1e-6 * mean);
        assert_near(gf_pareto_excess_mean(law, strike), expectation(law, excess, strike), 1e-6 * mean);
        assert_near(gf_pareto_survival(law, strike), expectation(law, exceeds, strike), 1e-6);
        /* the spoiled twin: a density exponent in the place of the survival index */
        const gf_pareto_law twin = {law->index + 1, law->min, law->cap};
        assert_true(fabs(gf_pareto_mean(&twin) - mean) > 0.05 * mean);
    }
    const gf_pareto_law heavy = {1, 1, INFINITY};
    assert_true(isinf(gf_pareto_mean(&heavy)) && isinf(gf_pareto_max_mean(&heavy, 5)));
    assert_near(gf_pareto_capped_mean(&heavy, exp(2)), 3, 1e-12); /* 1 + ln c */
}

/* Without a common factor the pool is binomial; the chances of a cascade's sizes add up. */
static void test_pools_and_cascades(void **state)
{
    (void)state;
    assert_near(gf_vasicek_pool(0.3, 0, 2, 1), 1 - 0.7 * 0.7, 1e-14);
    assert_near(gf_vasicek_pool(0.3, 1e-9, 2, 2), 0.09, 1e-8);
    assert_near(gf_vasicek_pool(0.3, 0.5, 7, 0), 1, 0);
    assert_near(gf_vasicek_large_pool(0.5, 0.4, 0.5), 0.5, 1e-14);
    double sum = 0, mean = 0;
    for (int k = 1; k < 400; k++) {
        sum += gf_borel_probability(0.6, k);
        mean += k * gf_borel_probability(0.6, k);
    }
    assert_near(sum, 1, 1e-12);
    assert_near(mean, 2.5, 1e-10);
    const double q = gf_branching_extinction(1.7);
    assert_near(q, exp(1.7 * (q - 1)), 1e-14);
    assert_true(q < 0.99 && gf_branching_extinction(0.9) >= 1);
}

static void test_stable_limit(void **state)
{
    (void)state;
    for (double index = 1.2; index < 1.95; index += 0.2)
        assert_near(gf_stable_limit(index, 0), 1 / index, 1e-7);
    for (double x = -6; x < 12; x += 0.5)
        assert_true(gf_stable_limit(1.5, x) < gf_stable_limit(1.5, x + 0.5));
    assert_near(1 - gf_stable_limit(1.5, 400), pow(400, -1.5),
                0.02 * pow(400, -1.5)); /* tail of one summand */
}

/* A file of cases whose one case is `text`; the number of errors. */
static size_t errors_of(const char *text)
{
    char path[] = "/tmp/guidefund-cases-XXXXXX";
    const int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    assert_non_null(file);
    fprintf(file, "cases:\n  - {name: a, title: b, source: c, %s}\n", text);
    fclose(file);
    gf_error_list errors = {0};
    gf_cases *cases = gf_cases_read(path, &errors);
    unlink(path);
    const size_t n = errors.n;
    assert_true((cases != NULL) == (n == 0));
    gf_errors_clear(&errors);
    free(cases);
    return n;
}

static void test_reader(void **state)
{
    (void)state;
    assert_int_equal(errors_of("method: pareto, checks: [{quantity: mean, expected: 1}]"), 0);
    assert_int_equal(errors_of("method: pareto, pareto: {min: 3, cap: 2}, checks: []"), 1);
    assert_int_equal(errors_of("method: flows, checks: []"), 1);
    assert_int_equal(errors_of("checks: []"), 1);
    assert_int_equal(errors_of("method: stable, stable_index: 2.5, checks: [{quantity: sum_limit(0)}]"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_truncated_pareto),
        cmocka_unit_test(test_pools_and_cascades),
        cmocka_unit_test(test_stable_limit),
        cmocka_unit_test(test_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
