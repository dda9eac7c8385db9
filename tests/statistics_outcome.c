/* The outcome lifecycle against closed forms and published statements. Every check of a probability or a
 * capped mean allows 4 standard errors of the run (plus the stated error of a reference that is itself
 * simulated): a right engine fails one check in 16,000. The spoiled twins must be far outside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "outcome_run.h"

enum { PORTFOLIOS = 40000 };

/* Mean of the run with its standard error, of 0/1 or capped values. */
typedef struct estimate {
    double mean, error;
} estimate;

static estimate mean_of(size_t n, const double *values)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (values[i] - mean) * (values[i] - mean);
    /* a run without one hit still has an error: that of one hit */
    const double variance = fmax(square / (double)(n - 1), 1 / (double)n);
    return (estimate){mean, sqrt(variance / (double)n)};
}

typedef double (*statistic)(double x, double bound);
static double above(double x, double bound)
{
    return x > bound;
}
static double reaches(double x, double bound)
{
    return x >= bound;
}
static double at_most(double x, double bound)
{
    return x <= bound;
}
static double capped(double x, double bound)
{
    return fmin(x, bound);
}

static estimate estimate_of(const outcome_run *run, int column, statistic of, double bound)
{
    double *values = calloc(run->n, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < run->n; i++)
        values[i] = of(outcome_column(run, column)[i], bound);
    const estimate e = mean_of(run->n, values);
    free(values);
    return e;
}

static int is_near(estimate e, double truth, double tolerance)
{
    return fabs(e.mean - truth) <= 4 * e.error + tolerance;
}

static void check(const char *what, estimate e, double truth, double tolerance)
{
    if (is_near(e, truth, tolerance))
        return;
    print_error("%s: %.8g is not %.8g, error %.3g, tolerance %.3g\n", what, e.mean, truth, e.error,
                tolerance);
    fail();
}

/* V08: Pareto, min 0.35, one startup a portfolio. */
static void pareto_capped_means(void **state)
{
    static const struct {
        double index, capped_mean;
    } cases[] = {{1.5, 1.00858744}, {1.2, 1.53525596}};
    for (size_t i = 0; i < 2; i++) {
        char mixture[200];
        snprintf(mixture, sizeof mixture, "mixture: [{weight: 1, pareto: {index: %g, min: 0.35, cap: none}}]",
                 cases[i].index);
        outcome_run *run = outcome_run_text(outcome_text(400000, 1, mixture));
        const double p_3 = pow(0.35 / 3, cases[i].index), p_1000 = pow(0.35 / 1000, cases[i].index);
        const estimate e = estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, capped, 100);
        check("E min(X, 100)", e, cases[i].capped_mean, 0);
        check("P(X > 3)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 3), p_3, 0);
        check("P(X > 1000)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 1000), p_1000, 0);
        assert_false(is_near(e, cases[1 - i].capped_mean, 0)); /* the other index */
        outcome_run_free(run);
    }
    (void)state;
}

/* A cap truncates: probabilities are of the law within its cap, nothing piles up there. */
static void pareto_truncated(void **state)
{
    outcome_run *run = outcome_run_text(
        outcome_text(400000, 1, "mixture: [{weight: 1, pareto: {index: 1.4, min: 10, cap: 1000}}]"));
    const double beyond = pow(0.01, 1.4), p_100 = (pow(0.1, 1.4) - beyond) / (1 - beyond);
    check("mean", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, capped, 1000), 29.49962759, 0);
    check("P(X > 100)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 100), p_100, 0);
    check("P(X > 990)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 990),
          (pow(10.0 / 990, 1.4) - beyond) / (1 - beyond), 0);
    assert_false(is_near(estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 900), pow(10.0 / 900, 1.4), 0));
    outcome_run_free(run);
    (void)state;
}

/* V09: median of the maximum of n Pareto(1.4, 1). */
static void medians_of_maxima(void **state)
{
    static const struct {
        int n;
        double median;
    } cases[] = {{20, 11.17797798}, {50, 21.34980106}, {200, 57.25670499}};
    for (size_t i = 0; i < 3; i++) {
        outcome_run *run = outcome_run_text(outcome_text(
            PORTFOLIOS, cases[i].n, "mixture: [{weight: 1, pareto: {index: 1.4, min: 1, cap: none}}]"));
        check("P(max <= median)", estimate_of(run, GF_COLUMN_MAX_MULTIPLE, at_most, cases[i].median), 0.5, 0);
        assert_false(
            is_near(estimate_of(run, GF_COLUMN_MAX_MULTIPLE, at_most, 1.05 * cases[i].median), 0.5, 0));
        outcome_run_free(run);
    }
    (void)state;
}

/* V10: sum of n Levy(1): P(S > u) = erf(sqrt(n²/(2u))). */
static void sums_of_levy(void **state)
{
    static const struct {
        int n;
        double u, p;
    } cases[] = {{1, 10, 0.248170366}, {10, 1e4, 0.0796556746}, {50, 1e6, 0.0398776117}};
    for (size_t i = 0; i < 3; i++) {
        outcome_run *run = outcome_run_text(
            outcome_text(PORTFOLIOS, cases[i].n, "mixture: [{weight: 1, levy: {scale: 1}}]"));
        const double bound = cases[i].u / cases[i].n; /* the portfolio's multiple is the mean */
        check("P(S > u)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, bound), cases[i].p, 0);
        assert_false(is_near(estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 2 * bound), cases[i].p, 0));
        outcome_run_free(run);
    }
    (void)state;
}

/* V11: two Pareto(1, 1): P(S > u) = 2/u + 2 ln(u − 1)/u². */
static void sums_of_two(void **state)
{
    outcome_run *run = outcome_run_text(
        outcome_text(400000, 2, "mixture: [{weight: 1, pareto: {index: 1, min: 1, cap: none}}]"));
    check("P(S > 10)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 5), 0.2439444915, 0);
    check("P(S > 100)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 50), 0.020919024, 0);
    assert_false(
        is_near(estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, above, 5), 2.0 / 10, 0)); /* without the sum */
    outcome_run_free(run);
    (void)state;
}

/* V13: Pareto(1.5, 1): P(S_n <= 3n) goes down to 2/3; references are simulated themselves. */
static void sums_tend_to_a_stable_law(void **state)
{
    static const struct {
        int n, portfolios;
        double p, reference_error;
    } cases[] = {
        {10, 100000, 0.74199, 0.0002}, {100, 40000, 0.70378, 0.00033}, {1000, 10000, 0.68337, 0.001}};
    for (size_t i = 0; i < 3; i++) {
        outcome_run *run =
            outcome_run_text(outcome_text(cases[i].portfolios, cases[i].n,
                                          "mixture: [{weight: 1, pareto: {index: 1.5, min: 1, cap: none}}]"));
        const estimate e = estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, at_most, 3);
        check("P(S <= n mu)", e, cases[i].p, 4 * cases[i].reference_error);
        assert_false(is_near(e, cases[i].p + 0.05, 4 * cases[i].reference_error));
        outcome_run_free(run);
    }
    (void)state;
}

/* V15: Neumann 2017: a third each of nothing, money back, and Pareto with density exponent 1.98. */
static void neumann_thirds(void **state)
{
    static const int sizes[] = {1, 10, 20, 34, 50, 85, 100, 200};
    static const double bounds[] = {1, 2, 3, 5};
    static const double p[4][8] = {{0.6667, 0.6914, 0.8198, 0.9068, 0.9533, 0.9887, 0.9937, 0.9999},
                                   {0.169, 0.3072, 0.3677, 0.424, 0.4716, 0.5459, 0.5725, 0.6907},
                                   {0.1136, 0.1825, 0.2091, 0.2329, 0.2525, 0.283, 0.2935, 0.3445},
                                   {0.0689, 0.0968, 0.1059, 0.1132, 0.1193, 0.1274, 0.1307, 0.1431}};
    for (size_t i = 0; i < 8; i++) {
        outcome_run *run = outcome_run_text(
            outcome_text(PORTFOLIOS, sizes[i],
                         "mixture: [{weight: 0.333333333333, pareto: {index: 0.98, min: 1, cap: none}}, "
                         "{weight: 0.333333333333, point: 0}, {weight: 0.333333333334, point: 1}]"));
        for (size_t j = 0; j < 4; j++) {
            /* sums of ones and more: 1e-9 below the bound counts as the bound */
            const estimate e = estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, reaches, bounds[j] - 1e-9);
            check("P(multiple >= bound)", e, p[j][i], 0.001);
            assert_false(is_near(e, p[j][i] + 0.02, 0.001));
        }
        outcome_run_free(run);
    }
    (void)state;
}

static const char *const outlier_mixture =
    "mixture: [{weight: 0.03, pareto: {index: 1.4, min: 10, cap: %s}}, {weight: 0.97, point: 0.8}]";

/* V17: p = 0.03 of an outlier, n = 50. */
static void outlier_mixtures(void **state)
{
    char mixture[200];
    snprintf(mixture, sizeof mixture, outlier_mixture, "none");
    outcome_run *run = outcome_run_text(outcome_text(PORTFOLIOS, 50, mixture));
    const estimate none = estimate_of(run, GF_COLUMN_N_OUTLIERS, at_most, 0);
    check("P(no outlier)", none, 0.2180653753, 0);
    check("P(max >= 100)", estimate_of(run, GF_COLUMN_MAX_MULTIPLE, reaches, 100), 0.0580016576, 0);
    assert_false(is_near(none, pow(1 - 0.025, 50), 0));
    outcome_run_free(run);
    snprintf(mixture, sizeof mixture, outlier_mixture, "1000");
    run = outcome_run_text(outcome_text(PORTFOLIOS, 50, mixture));
    const estimate mean = estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, capped, 1000);
    check("mean of capped outliers", mean, 1.66098883, 0);
    /* the variance has finite error: kurtosis of a mean of 50 capped outliers is below 60 */
    const double deviation = mean.error * sqrt((double)run->n);
    assert_true(fabs(deviation / 1.4280717 - 1) < 4 * sqrt(60.0 / PORTFOLIOS) / 2);
    outcome_run_free(run);
    (void)state;
}

static outcome_run *vasicek(int portfolios, int n, double p, double correlation)
{
    char mixture[200];
    snprintf(mixture, sizeof mixture,
             "correlation: %g, mixture: [{weight: %g, point: 2}, {weight: %g, point: 0}]", correlation, 1 - p,
             p);
    return outcome_run_text(outcome_text(portfolios, n, mixture));
}

/* V18: Vasicek's one factor. */
static void one_factor(void **state)
{
    static const struct {
        double p, correlation, at_least, truth;
    } cases[] = {{0.65, 0.1, 40, 0.15363415}, {0.65, 0.3, 40, 0.30880204}, {0.01, 0, 1, 0.39499393},
                 {0.01, 0.1, 1, 0.34219082},  {0.01, 0.1, 2, 0.10662451},  {0.01, 0.3, 1, 0.24938667},
                 {0.01, 0.3, 2, 0.10540476},  {0.65, 1, 50, 0.65}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        outcome_run *run = vasicek(PORTFOLIOS, 50, cases[i].p, cases[i].correlation);
        const estimate e = estimate_of(run, GF_COLUMN_N_FAILED, reaches, cases[i].at_least);
        check("P(K >= k)", e, cases[i].truth, 0);
        outcome_run_free(run);
        run = vasicek(PORTFOLIOS, 50, 1.15 * cases[i].p, cases[i].correlation);
        assert_false(
            is_near(estimate_of(run, GF_COLUMN_N_FAILED, reaches, cases[i].at_least), cases[i].truth, 0));
        outcome_run_free(run);
    }
    (void)state;
}

/* V18, large homogeneous portfolios: n = 4000 stands for infinity; the rest is below 1/n times the law's
 * second derivative, 0.002 here. */
static void large_portfolios(void **state)
{
    static const struct {
        double correlation, half, fifth;
    } cases[] = {{0.1, 0.88848115, 0.0957128}, {0.3, 0.75912656, 0.280249}};
    for (size_t i = 0; i < 2; i++) {
        outcome_run *run = vasicek(4000, 4000, 0.65, cases[i].correlation);
        check("P(L > 0.5)", estimate_of(run, GF_COLUMN_N_FAILED, above, 2000), cases[i].half, 0.002);
        check("P(L > 0.8)", estimate_of(run, GF_COLUMN_N_FAILED, above, 3200), cases[i].fifth, 0.002);
        assert_false(is_near(estimate_of(run, GF_COLUMN_N_FAILED, above, 2000), cases[1 - i].half, 0.002));
        outcome_run_free(run);
    }
    (void)state;
}

/* Correlation leaves each startup's law alone. */
static void margins_do_not_depend_on_correlation(void **state)
{
    outcome_run *run = outcome_run_text(
        outcome_text(400000, 1,
                     "correlation: 0.5, mixture: [{weight: 0.5, lognormal: {median: 1, sigma: 1}}, "
                     "{weight: 0.2, uniform: [3, 4]}, {weight: 0.2, beta: {a: 2, b: 3, scale: 2}}, {weight: "
                     "0.1, levy: {scale: 9}}]"));
    const double q = 0.5 * (0.5 * erfc(-log(2.0) / sqrt(2))) + 0.2 + 0.1 * erfc(sqrt(9.0 / 2 / 2));
    check("P(X <= 2)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, at_most, 2), q, 0);
    check("P(3 <= X)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, reaches, 3),
          0.5 * (0.5 * erfc(log(3.0) / sqrt(2))) + 0.2 + 0.1 * erf(sqrt(9.0 / 3 / 2)), 0);
    /* P(Beta(2,3) <= 1/2) = 11/16 */
    const double low = 0.5 * 0.5 + 0.2 * 11.0 / 16 + 0.1 * erfc(sqrt(9.0 / 2));
    check("P(X <= 1)", estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, at_most, 1), low, 0);
    assert_false(is_near(estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, at_most, 1), low + 0.02, 0));
    outcome_run_free(run);
    (void)state;
}

/* The ready configs give the published tables back: shares of startups that reach each bound. */
static void check_table(const char *name, int n, const double *bounds, const double *shares)
{
    char seed[40];
    snprintf(seed, sizeof seed, "seed=%llu", (unsigned long long)outcome_seed());
    const char *const overrides[] = {"portfolios=200000",
                                     "startups.count=1",
                                     "startups.entry={quarters: 1}",
                                     "programme.terms={fee_per_year: 0, carry: 0}",
                                     "output={quarters_of: 0}",
                                     seed};
    outcome_run *run = outcome_run_file(name, 6, overrides);
    double rest = 1;
    for (int i = 0; i < n; i++) {
        rest -= shares[i];
        check(name, estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, reaches, bounds[i]), rest, 0);
        assert_false(is_near(estimate_of(run, GF_COLUMN_GROSS_MULTIPLE, reaches, bounds[i]), 1.3 * rest, 0));
    }
    outcome_run_free(run);
}

static void bucket_tables(void **state)
{
    static const double bounds[] = {1, 5, 10, 20, 50};
    static const double tables[3][5] = {{0.648, 0.253, 0.059, 0.025, 0.011},
                                        {0.671, 0.269, 0.031, 0.015, 0.0083},
                                        {0.591, 0.304, 0.0465, 0.026, 0.0175}};
    static const char *const names[] = {"configs/published/correlation_ventures.yaml",
                                        "configs/published/moonfire_average.yaml",
                                        "configs/published/moonfire_above_average.yaml"};
    for (int i = 0; i < 3; i++)
        check_table(names[i], 4, bounds, tables[i]);
    (void)state;
}

/* V20: transitions of the Carta cohort, and what dilution leaves of a seed stake after rounds A to D. */
static void carta_funnel(void **state)
{
    static const double bounds[] = {0.5, 1.5, 2, 3, 5}; /* seed, A, B, C, D priced */
    static const double transitions[] = {0.564, 0.6445, 0.4049, 0.3017, 0.2577};
    static const double counts[] = {4369, 2464, 1588, 643, 194, 50};
    double shares[5], retention = 1;
    for (int i = 0; i < 5; i++) {
        shares[i] = (counts[i] - counts[i + 1]) / counts[0];
        assert_true(fabs(counts[i + 1] / counts[i] - transitions[i]) <= 1e-4);
    }
    check_table("configs/published/carta_2018.yaml", 5, bounds, shares);
    gf_startup_params startups = {0};
    gf_params_preset(gf_startup_rows, &startups);
    for (int i = 0; i < 4; i++)
        retention *= 1 - startups.dilution[i];
    assert_true(fabs(retention - 0.522553) <= 1e-6);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pareto_capped_means),
        cmocka_unit_test(pareto_truncated),
        cmocka_unit_test(medians_of_maxima),
        cmocka_unit_test(sums_of_levy),
        cmocka_unit_test(sums_of_two),
        cmocka_unit_test(sums_tend_to_a_stable_law),
        cmocka_unit_test(neumann_thirds),
        cmocka_unit_test(outlier_mixtures),
        cmocka_unit_test(one_factor),
        cmocka_unit_test(large_portfolios),
        cmocka_unit_test(margins_do_not_depend_on_correlation),
        cmocka_unit_test(bucket_tables),
        cmocka_unit_test(carta_funnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
