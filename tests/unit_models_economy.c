/* The economy around the portfolio: the expected path of firms, output, GDP, jobs, tax and land; and what is
 * refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { FIRMS, OUTPUT, GDP, JOBS };

static bench economy_bench(int n_quarters)
{
    bench self = bench_new("economy", n_quarters, 2);
    set(&self, "is_random", 0);
    set(&self, "initial_firms", 200);
    return self;
}

/* F e^(kt) + ν (e^(kt) − 1)/k, k = b − d. */
static double expected_firms(double start, double entry, double birth, double death, double years)
{
    double net = birth - death;
    return start * exp(net * years) + entry * (net != 0 ? expm1(net * years) / net : years);
}

static void test_firms_follow_their_expected_path(void **state)
{
    (void)state;
    const double rates[][3] = {{20, 0.1, 0.08}, {0, 0.05, 0.2}, {30, 0.1, 0.1}, {5, 0, 0.3}};
    for (int i = 0; i < 4; i++) {
        bench self = economy_bench(80);
        set(&self, "entry_firms_per_year", rates[i][0]);
        set(&self, "birth_per_year", rates[i][1]);
        set(&self, "death_per_year", rates[i][2]);
        const record *seen = record_run(&self, 1, 0, 0);
        for (int quarter = 1; quarter < 80; quarter++)
            assert_near(seen->series[quarter][FIRMS][17],
                        expected_firms(200, rates[i][0], rates[i][1], rates[i][2], quarter / 4.0), 1e-12);
        double euler = 200; /* twin: quarterly rates without compounding are seen */
        for (int quarter = 0; quarter < 80; quarter++)
            euler += 0.25 * (rates[i][0] + (rates[i][1] - rates[i][2]) * euler);
        assert_true(i == 2 || fabs(euler / seen->columns[0][0] - 1) > 1e-4);
        free(self.params);
    }
}

static void test_infrastructure_and_outliers_found_firms(void **state)
{
    (void)state;
    bench self = economy_bench(8);
    set(&self, "entry_firms_per_year", 40);
    set(&self, "death_per_year", 0);
    set(&self, "infrastructure_births", 0.5);
    set(&self, "firms_per_outlier", 3);
    assert_int_equal(problems(&self), 0);
    double *levels = calloc(1, self.model->state_size(self.params, &self.scene));
    gf_block block = {.n_lanes = 1};
    gf_events events = {.n_lanes = 1, .n_sectors = 2};
    self.model->begin(self.params, &self.scene, levels, &block);
    memset(block.emit, 0, sizeof block.emit);
    block.signals[GF_SIGNAL_INFRASTRUCTURE][0] = 0.4;
    block.signals[GF_SIGNAL_AMBIENT_OUTLIERS][0] = 2;
    events.n_by_cause[GF_BREAKOUT][1][0] = 1;
    self.model->observe(self.params, &self.scene, levels, &block, 0, &events);
    assert_near(block.emit[GF_SIGNAL_CLUSTER_FIRMS][0], 200 + 10 * 1.2 + 3 * 3, 1e-12);
    free(levels);
    free(self.params);
}

static void test_output_learns_from_outliers(void **state)
{
    (void)state;
    bench self = economy_bench(40);
    set(&self, "death_per_year", 0);
    set(&self, "output_per_firm_cny_m", 10);
    set(&self, "productivity_per_year", 0.06);
    set(&self, "pulse_per_outlier", 0.1);
    set(&self, "pulse_half_life_years", 2);
    const record *seen = record_run(&self, 1, 21, 1);
    double pulse = 0, n_outliers = 0;
    for (int quarter = 0; quarter < 39; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        gf_block block = {.n_lanes = 1};
        harness_events(21, quarter, 0, &events);
        harness_signals(21, quarter, 0, &block);
        double outliers = events.n_by_cause[GF_BREAKOUT][0][0] + events.n_by_cause[GF_BREAKOUT][1][0];
        n_outliers += outliers;
        pulse = pulse * pow(2, -0.125) + 0.1 * outliers;
        double output = 200 * 10 * pow(1.06, (quarter + 1) / 4.0) * (1 + pulse);
        assert_near(seen->series[quarter + 1][OUTPUT][0], output, 1e-12);
        assert_near(seen->emit[quarter][GF_SIGNAL_CLUSTER_OUTPUT][0], output, 1e-12);
    }
    assert_true(n_outliers > 0);
    free(self.params);
}

static void test_gdp_adds_the_rest_and_other_models(void **state)
{
    (void)state;
    bench self = economy_bench(6);
    set(&self, "death_per_year", 0);
    set(&self, "output_per_firm_cny_m", 10);
    set(&self, "productivity_per_year", 0);
    set(&self, "rest_gdp_cny_m", 5000);
    set(&self, "rest_growth_per_year", 0.05);
    set(&self, "value_added_share", 0.4);
    assert_int_equal(problems(&self), 0);
    double *levels = calloc(1, self.model->state_size(self.params, &self.scene));
    gf_events events = {.n_lanes = 1, .n_sectors = 2};
    gf_block block = {.n_lanes = 1};
    self.model->begin(self.params, &self.scene, levels, &block);
    assert_near(block.emit[GF_SIGNAL_GDP][0], 5000 + 0.4 * 2000, 1e-12);
    memcpy(block.signals, block.emit, sizeof block.signals);
    for (int quarter = 0; quarter < 6; quarter++) {
        memset(block.emit, 0, sizeof block.emit);
        self.model->observe(self.params, &self.scene, levels, &block, quarter, &events);
        double others =
            quarter > 0 ? 700 : 0; /* a district's, of the quarter before; its own is not counted twice */
        assert_near(block.emit[GF_SIGNAL_GDP][0],
                    5000 * pow(1.05, (quarter + 1) / 4.0) + 0.4 * (2000 + others), 1e-12);
        memcpy(block.signals, block.emit, sizeof block.signals);
        block.signals[GF_SIGNAL_CLUSTER_OUTPUT][0] += 700;
    }
    free(levels);
    free(self.params);
}

static void test_growth_of_a_decade(void **state)
{
    (void)state;
    for (int quarters = 39; quarters <= 68; quarters += quarters < 41 ? 1 : 27) {
        bench self = economy_bench(quarters);
        set(&self, "initial_firms", 0);
        set(&self, "rest_gdp_cny_m", 5000);
        set(&self, "rest_growth_per_year", 0.07);
        const record *seen = record_run(&self, 1, 0, 0);
        assert_near(seen->columns[4][9], quarters < 40 ? 0 : pow(1.07, 10), 1e-12);
        free(self.params);
    }
}

static void test_jobs_tax_and_land(void **state)
{
    (void)state;
    bench self = economy_bench(20);
    set(&self, "is_random", 1);
    set(&self, "entry_firms_per_year", 30);
    set(&self, "birth_per_year", 0.1);
    set(&self, "output_per_firm_cny_m", 8);
    set(&self, "productivity_per_year", 0);
    set(&self, "jobs_per_firm", 50);
    set(&self, "jobs_per_startup", 20);
    set(&self, "local_jobs_per_job", 1.6);
    set(&self, "tax_share", 0.05);
    set(&self, "tax_per_startup_cny_m", 0.4);
    set(&self, "land_per_firm_cny_m", 2);
    set(&self, "death_per_year", 0);
    const record *seen = record_run(&self, harness_seed(), 2, 1);
    double before = 200, job_years = 0;
    for (int quarter = 0; quarter < 20; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        harness_events(2, quarter, 0, &events);
        double live = events.n_live[0][0] + events.n_live[1][0];
        double firms = seen->emit[quarter][GF_SIGNAL_CLUSTER_FIRMS][0];
        double jobs = 2.6 * (50 * firms + 20 * live);
        assert_true(firms == floor(firms) && firms >= before);
        assert_near(seen->emit[quarter][GF_SIGNAL_CLUSTER_JOBS][0], jobs, 1e-12);
        assert_near(seen->flow[quarter][GF_PUBLIC_TAX][0], (0.05 * 8 * before + 0.4 * live) / 4, 1e-12);
        assert_near(seen->flow[quarter][GF_PUBLIC_LAND][0], 2 * (firms - before), 1e-12);
        job_years += jobs / 4;
        before = firms;
    }
    assert_true(before > 250);
    assert_near(seen->columns[5][0], job_years, 1e-12);
    free(self.params);
}

static void test_room_is_never_passed(void **state)
{
    (void)state;
    for (int is_random = 0; is_random <= 1; is_random++) {
        bench self = economy_bench(60);
        double most = 0;
        set(&self, "is_random", is_random);
        set(&self, "entry_firms_per_year", 60);
        set(&self, "birth_per_year", 0.3);
        set(&self, "death_per_year", 0.1);
        set(&self, "most_firms", 400);
        const record *seen = record_run(&self, harness_seed(), 0, 1);
        for (int quarter = 0; quarter < 60; quarter++)
            for (int lane = 0; lane < GF_LANES; lane++)
                most = fmax(most, seen->emit[quarter][GF_SIGNAL_CLUSTER_FIRMS][lane]);
        assert_near(most, 400, 0);
        free(self.params);
    }
}

static void test_an_empty_economy_reports_nothing(void **state)
{
    (void)state;
    for (int twin = 0; twin <= 1; twin++) {
        bench self = bench_new("economy", 40, 3);
        double sum = 0;
        set(&self, "initial_firms", twin);
        const record *seen = record_run(&self, 1, 0, 1);
        for (int quarter = 0; quarter < 40; quarter++) {
            for (int item = 0; item < GF_N_PUBLIC; item++)
                sum += seen->flow[quarter][item][0];
            for (int signal = 0; signal < GF_N_SIGNALS; signal++)
                sum += seen->emit[quarter][signal][0];
        }
        assert_int_equal(sum != 0, twin);
        assert_true(is_neutral_climate(seen, 40)); /* it never touches startups */
        free(self.params);
    }
}

static void test_more_firms_than_room_are_refused(void **state)
{
    (void)state;
    bench self = economy_bench(10);
    set(&self, "most_firms", 200);
    assert_int_equal(problems(&self), 0);
    set(&self, "most_firms", 199);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "initial_firms");
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_firms_follow_their_expected_path),
        cmocka_unit_test(test_infrastructure_and_outliers_found_firms),
        cmocka_unit_test(test_output_learns_from_outliers),
        cmocka_unit_test(test_gdp_adds_the_rest_and_other_models),
        cmocka_unit_test(test_growth_of_a_decade),
        cmocka_unit_test(test_jobs_tax_and_land),
        cmocka_unit_test(test_room_is_never_passed),
        cmocka_unit_test(test_an_empty_economy_reports_nothing),
        cmocka_unit_test(test_more_firms_than_room_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
