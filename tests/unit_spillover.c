/* The outlier wave: its recursion, its branching ratio, the outliers around the portfolio. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "models_bench.h"

static double breakouts(uint64_t portfolio, int quarter, int n_sectors)
{
    gf_events events = {.n_lanes = 1, .n_sectors = n_sectors};
    double sum = 0;
    harness_events(portfolio, quarter, 0, &events);
    for (int sector = 0; sector < n_sectors; sector++)
        sum += events.n_by_cause[GF_BREAKOUT][sector][0];
    return sum;
}

static void test_excitement_follows_its_recursion(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 60, 3);
    set(&self, "half_life_years", 2);
    set(&self, "graduate", 0.15);
    set(&self, "fail", -0.05);
    set(&self, "max_factor", 1.2);
    trace seen = run(&self, 1, 9, 1);
    double x = 0, decay = pow(2, -0.125);
    int n_capped = 0;
    for (int quarter = 0; quarter < 60; quarter++) {
        double up = fmin(1 + 0.15 * x, 1.2), down = fmax(1 - 0.05 * x, 1 / 1.2);
        n_capped += up == 1.2;
        assert_near(seen.hazard[GF_GRADUATE][2][quarter], up, 1e-13);
        assert_near(seen.hazard[GF_FAIL][0][quarter], down, 1e-13);
        assert_true(seen.hazard[GF_BREAKOUT][0][quarter] == 1);
        x = x * decay + breakouts(9, quarter, 3);
    }
    assert_true(n_capped > 0 && n_capped < 60); /* both branches were met */
}

static void test_excitement_without_decay_counts_outliers(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 160, 1);
    set(&self, "half_life_years", INFINITY);
    set(&self, "graduate", 0.15);
    set(&self, "max_factor", 2);
    trace seen = run(&self, 1, 4, 1);
    double count = 0;
    for (int quarter = 0; quarter < 160; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], fmin(2, 1 + 0.15 * count), 1e-13);
        count += breakouts(4, quarter, 1);
    }
    assert_true(count >= 3); /* from the quarter after an outlier on, ×1.15; from the seventh on, ×2 */
}

static void test_branching_ratio_is_reported_and_refused(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 48, 1);
    set(&self, "half_life_years", 5);
    set(&self, "breakout", 0.3);
    set(&self, "ambient_offspring_per_year", 0.02);
    assert_int_equal(problems(&self), 0);
    double decay = pow(2, -0.05), horizon = 0, forever = 0;
    for (int k = 0; k < 47; k++)
        horizon += 0.25 * pow(decay, k);
    for (int k = 0; k < 4000; k++)
        forever += 0.25 * pow(decay, k);
    char text[200], expected[200];
    self.model->note(self.params, &self.scene, text, sizeof text);
    snprintf(expected, sizeof expected, "branching ratio %.4g (portfolio at most %.4g, cluster %.4g)",
             0.002 * 100 * 0.3 * horizon + 0.02 * forever, 0.002 * 100 * 0.3 * horizon, 0.02 * forever);
    assert_string_equal(text, expected);
    /* just below one is accepted, one is refused, and the larger part is named */
    set(&self, "breakout", (0.9999 - 0.02 * forever) / (0.2 * horizon));
    assert_int_equal(problems(&self), 0);
    set(&self, "breakout", (1.0001 - 0.02 * forever) / (0.2 * horizon));
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "breakout");
    assert_non_null(strstr(self.problems.message, "branching ratio 1"));
    set(&self, "breakout", 0);
    set(&self, "ambient_offspring_per_year", 1.0001 / forever);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "ambient_offspring_per_year");
    /* without decay the horizon bounds the influence */
    set(&self, "half_life_years", INFINITY);
    set(&self, "ambient_offspring_per_year", 0.999 / (47 * 0.25));
    assert_int_equal(problems(&self), 0);
    set(&self, "ambient_offspring_per_year", 1.001 / (47 * 0.25));
    assert_int_equal(problems(&self), 1);
    free(self.params);
}

static trace ambient_run(double rate, double offspring, uint64_t seed, uint64_t portfolio)
{
    bench self = bench_new("spillover", 160, 1);
    set(&self, "half_life_years", 3);
    set(&self, "ambient_per_year", rate);
    set(&self, "ambient_offspring_per_year", offspring);
    return run(&self, seed, portfolio, 0);
}

static double total(const trace *seen)
{
    double sum = 0;
    for (int quarter = 0; quarter < 160; quarter++)
        for (int lane = 0; lane < GF_LANES; lane++)
            sum += seen->ambient[quarter][lane];
    return sum;
}

static void test_ambient_outliers_are_monotone_in_their_rates(void **state)
{
    (void)state;
    trace low = ambient_run(0.5, 0.02, 11, 0), high = ambient_run(0.6, 0.02, 11, 0),
          wild = ambient_run(0.6, 0.1, 11, 0);
    for (int quarter = 0; quarter < 160; quarter++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            double count = low.ambient[quarter][lane];
            assert_true(count >= 0 && count == floor(count));
            assert_true(count <= high.ambient[quarter][lane]);
            assert_true(high.ambient[quarter][lane] <= wild.ambient[quarter][lane]);
        }
    assert_true(total(&low) < total(&high) && total(&high) < total(&wild));
}

static void test_every_part_of_the_ambient_address_matters(void **state)
{
    (void)state;
    trace base = ambient_run(2, 0, 11, 0), seed = ambient_run(2, 0, 12, 0), next = ambient_run(2, 0, 11, 1);
    assert_memory_not_equal(base.ambient, seed.ambient, sizeof base.ambient);
    assert_memory_not_equal(base.ambient, next.ambient, sizeof base.ambient);
    assert_memory_not_equal(base.ambient[0], base.ambient[1], sizeof base.ambient[0]);
    for (int quarter = 0; quarter < 160;
         quarter++) /* the same portfolio in another lane meets the same luck */
        assert_memory_equal(&base.ambient[quarter][1], &next.ambient[quarter][0], 31 * sizeof(double));
}

static void test_ambient_rate_follows_cluster_firms(void **state)
{
    (void)state;
    double counts[3];
    const double reference[3] = {INFINITY, 200, 20}; /* signals are 0 … 99 firms, on average 49.5 */
    for (int i = 0; i < 3; i++) {
        bench self = bench_new("spillover", 160, 1);
        set(&self, "ambient_per_year", 2);
        set(&self, "reference_firms", reference[i]);
        trace seen = run(&self, 5, 0, 1);
        counts[i] = total(&seen);
    }
    assert_true(counts[1] < 0.4 * counts[0] && counts[2] > 1.8 * counts[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_excitement_follows_its_recursion),
        cmocka_unit_test(test_excitement_without_decay_counts_outliers),
        cmocka_unit_test(test_branching_ratio_is_reported_and_refused),
        cmocka_unit_test(test_ambient_outliers_are_monotone_in_their_rates),
        cmocka_unit_test(test_every_part_of_the_ambient_address_matters),
        cmocka_unit_test(test_ambient_rate_follows_cluster_firms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
