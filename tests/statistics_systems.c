/* Laws of the random parts of district and economy: anchors against their Markov chain, hosts against
 * binomial thinning, firms against Poisson and binomial laws and against their expected path. Each comes with
 * a twin that must break it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "systems_bench.h"

enum { N_BLOCKS = 3000, N_PORTFOLIOS = N_BLOCKS * GF_LANES, MOST = 400 };

/* One chance in 10,000 to fail by bad luck alone, at any seed. */
static const double odds = 1e-4, n_errors = 3.9;

static void visit_nothing(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)context, (void)quarter, (void)climate, (void)block;
}

typedef struct counts {
    double histogram[MOST + 1], sum, squares;
} counts;

/* How often column `column` takes each value at the horizon, undisturbed by events. */
static counts count_column(bench *self, int column)
{
    counts out = {{0}, 0, 0};
    harness inner = {.model = self->model, .scene = &self->scene, .params = self->params};
    assert_int_equal(problems(self), 0);
    for (uint64_t block = 0; block < N_BLOCKS; block++) {
        harness_run(&inner, harness_seed(), block * GF_LANES, GF_LANES, 0, visit_nothing, NULL);
        for (int lane = 0; lane < GF_LANES; lane++) {
            double value = inner.values[column][lane];
            out.histogram[value < MOST ? (int)value : MOST] += 1;
            out.sum += value;
            out.squares += value * value;
        }
    }
    free(self->params);
    return out;
}

/* Chi-square of a histogram against probabilities of 0 … n − 1; cells below 5 expected are pooled into one.
 */
static double chi_square_p(const counts *seen, const double *probability, int n)
{
    double sum = 0, rest_seen = N_PORTFOLIOS, rest_expected = N_PORTFOLIOS;
    int n_cells = 0;
    for (int i = 0; i < n; i++) {
        double expected = N_PORTFOLIOS * probability[i];
        if (expected < 5)
            continue;
        sum += pow(seen->histogram[i] - expected, 2) / expected;
        rest_seen -= seen->histogram[i];
        rest_expected -= expected;
        n_cells++;
    }
    if (rest_expected >= 5) {
        sum += pow(rest_seen - rest_expected, 2) / rest_expected;
        n_cells++;
    }
    assert_true(n_cells > 4);
    return gsl_cdf_chisq_Q(sum, n_cells - 1);
}

/* ---- district ---- */

/* Law of anchors after n quarters, from 2 of 12: binomial births at the hazard of the whole process. */
static void anchor_law(double policy, double attraction, int n_quarters, double *law)
{
    double now[13] = {[2] = 1};
    for (int quarter = 0; quarter < n_quarters; quarter++) {
        double next[13] = {0};
        for (int anchors = 0; anchors <= 12; anchors++)
            for (unsigned births = 0; births <= 12u - (unsigned)anchors; births++) {
                double exposure = 0.25 * 0.8 * (policy + attraction * anchors) / 12;
                next[anchors + (int)births] +=
                    now[anchors] * gsl_ran_binomial_pdf(births, -expm1(-exposure), 12u - (unsigned)anchors);
            }
        memcpy(now, next, sizeof now);
    }
    memcpy(law, now, sizeof now);
}

static bench district_bench(int n_quarters)
{
    bench self = bench_new("district", n_quarters, 1);
    set(&self, "concentration", 0.8);
    set(&self, "capacity", 12);
    set(&self, "initial_anchors", 2);
    set(&self, "arrivals_per_year", 0.5);
    set(&self, "attraction_per_year", 0.6);
    return self;
}

static void test_anchors_follow_their_chain(void **state)
{
    (void)state;
    double law[13];
    bench self = district_bench(16);
    counts seen = count_column(&self, 0);
    anchor_law(0.5, 0.6, 16, law);
    assert_true(chi_square_p(&seen, law, 13) > odds);
    anchor_law(0.5, 0.58, 16, law); /* twin: a little less attraction */
    assert_true(chi_square_p(&seen, law, 13) < odds);
    anchor_law(0.5 + 0.6 * 2, 0, 16, law); /* twin: growth that does not feed on itself */
    assert_true(chi_square_p(&seen, law, 13) < odds);
}

static void test_hosts_are_thinned_places(void **state)
{
    (void)state;
    double law[26];
    bench self = district_bench(12);
    set(&self, "attraction_per_year", 0);
    set(&self, "arrivals_per_year", 0);
    set(&self, "centre_capacity", 25);
    set(&self, "centre_quarter", 4);
    set(&self, "centre_fill_per_year", 0.3);
    counts seen = count_column(&self, 1);
    for (int twin = 0; twin <= 1; twin++) { /* eight quarters; the twin opens a quarter early */
        for (unsigned i = 0; i < 26; i++)
            law[i] = gsl_ran_binomial_pdf(i, -expm1(-0.3 * 0.8 * (8 + twin) / 4), 25);
        double p = chi_square_p(&seen, law, 26);
        assert_true(twin ? p < odds : p > odds);
    }
}

/* With much room anchors keep to the logistic curve of their mean. */
static void test_anchors_keep_to_the_logistic_curve(void **state)
{
    (void)state;
    bench self = district_bench(40);
    set(&self, "concentration", 1);
    set(&self, "capacity", 5000);
    set(&self, "initial_anchors", 500);
    set(&self, "arrivals_per_year", 0);
    set(&self, "attraction_per_year", 0.4);
    const record *seen = record_run(&self, harness_seed(), 0, 0);
    for (int quarter = 1; quarter < 40; quarter++) {
        double logistic = 5000 / (1 + 9 * exp(-0.4 * quarter / 4));
        double unlimited = 500 * exp(0.4 * quarter / 4), mean = 0;
        for (int lane = 0; lane < GF_LANES; lane++)
            mean += seen->series[quarter][0][lane] / GF_LANES;
        /* quarterly steps lag by at most Δ β/2 = 5%; the mean of 32 portfolios wanders by less than 1% */
        assert_near(mean / logistic, 1, 0.06);
        assert_true(quarter < 12 || fabs(mean / unlimited - 1) > 0.06); /* twin: growth without a ceiling */
    }
    free(self.params);
}

/* ---- economy ---- */

static bench economy_bench(int n_quarters, double firms, double entry, double birth, double death)
{
    bench self = bench_new("economy", n_quarters, 1);
    set(&self, "is_random", 1);
    set(&self, "initial_firms", firms);
    set(&self, "entry_firms_per_year", entry);
    set(&self, "birth_per_year", birth);
    set(&self, "death_per_year", death);
    return self;
}

static void test_firms_that_come_and_close_are_poisson(void **state)
{
    (void)state;
    double law[MOST];
    bench self = economy_bench(40, 0, 6, 0, 0.3);
    counts seen = count_column(&self, 0);
    for (int twin = 0; twin <= 1; twin++) { /* ν (1 − e^(−dt))/d; the twin forgets that newcomers close too */
        double mean = twin ? 6 / 0.3 : 6 * -expm1(-3) / 0.3;
        for (unsigned i = 0; i < MOST; i++)
            law[i] = gsl_ran_poisson_pdf(i, mean);
        double p = chi_square_p(&seen, law, MOST);
        assert_true(twin ? p < odds : p > odds);
    }
}

static void test_survivors_are_binomial(void **state)
{
    (void)state;
    double law[MOST];
    bench self = economy_bench(20, 100, 0, 0, 0.25);
    counts seen = count_column(&self, 0);
    for (int twin = 0; twin <= 1; twin++) {
        for (unsigned i = 0; i < MOST; i++)
            law[i] = gsl_ran_binomial_pdf(i, twin ? pow(1 - 0.0625, 20) : exp(-1.25), 100);
        double p = chi_square_p(&seen, law, MOST);
        assert_true(twin ? p < odds : p > odds);
    }
}

static void test_mean_of_firms_is_the_expected_path(void **state)
{
    (void)state;
    for (int large = 0; large <= 1; large++) { /* counts, and rounded normals */
        double firms = large ? 8000 : 40, entry = large ? 900 : 5;
        bench self = economy_bench(24, firms, entry, 0.15, 0.1);
        counts seen = count_column(&self, 0);
        double mean = seen.sum / N_PORTFOLIOS;
        double error = sqrt((seen.squares / N_PORTFOLIOS - mean * mean) / N_PORTFOLIOS);
        double expected = firms * exp(0.3) + entry * expm1(0.3) / 0.05;
        double euler = (firms + entry / 0.05) * pow(1 + 0.05 / 4, 24) - entry / 0.05;
        assert_true(fabs(mean - expected) < n_errors * error);
        assert_true(fabs(mean - euler) > n_errors * error); /* twin: quarters without compounding */
        /* variance of the linear birth-death process with immigration (Kendall 1949); newborns of a quarter
           count in the next, which costs less than 3% here */
        double variance = firms * (0.25 / 0.05) * exp(0.3) * expm1(0.3) +
                          entry / 0.15 * (0.15 * expm1(0.3) / 0.05) * (1 + 0.15 * expm1(0.3) / 0.05);
        assert_near(error * error * N_PORTFOLIOS / variance, 1, 0.08);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anchors_follow_their_chain),
        cmocka_unit_test(test_hosts_are_thinned_places),
        cmocka_unit_test(test_anchors_keep_to_the_logistic_curve),
        cmocka_unit_test(test_firms_that_come_and_close_are_poisson),
        cmocka_unit_test(test_survivors_are_binomial),
        cmocka_unit_test(test_mean_of_firms_is_the_expected_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
