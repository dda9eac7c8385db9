/* The district: anchors that never pass its capacity, talent with a lag, the effects in and out of the
 * sector, congestion, conference, money; and what its check refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { ANCHORS, HOSTED, TALENT, OUTPUT };

static bench district_bench(int n_quarters, int n_sectors, const char *sector)
{
    bench self = bench_new("district", n_quarters, n_sectors);
    set_text(self.model->rows, self.params, "sector", sector);
    set(&self, "concentration", 0.5);
    set(&self, "capacity", 40);
    set(&self, "initial_anchors", 4);
    return self;
}

static void test_anchors_never_pass_capacity(void **state)
{
    (void)state;
    for (int strength = 0; strength < 3; strength++) {
        bench self = district_bench(80, 1, "all");
        int n_full = 0, n_grown = 0;
        set(&self, "attraction_per_year", strength == 0 ? 0.3 : strength == 1 ? 3 : 10);
        set(&self, "arrivals_per_year", strength == 2 ? 1000 : 2);
        set(&self, "conference_arrivals", strength);
        set(&self, "arrivals_per_outlier", strength * 50);
        set(&self, "centre_capacity", 30);
        set(&self, "centre_fill_per_year", strength == 2 ? 20 : 0.5);
        const record *seen = record_run(&self, harness_seed(), 0, 1);
        for (int quarter = 1; quarter < 80; quarter++)
            for (int lane = 0; lane < GF_LANES; lane++) {
                double anchors = seen->series[quarter][ANCHORS][lane];
                double hosted = seen->series[quarter][HOSTED][lane];
                assert_true(anchors >= 4 && anchors <= 40 && anchors == floor(anchors));
                assert_true(hosted >= 0 && hosted <= 30 && hosted == floor(hosted));
                assert_true(quarter == 1 || anchors >= seen->series[quarter - 1][ANCHORS][lane]);
                n_grown += quarter > 1 && anchors > seen->series[quarter - 1][ANCHORS][lane];
                n_full += anchors == 40;
            }
        assert_true(n_grown > 0 || strength == 2);
        assert_true(strength == 0 || n_full > 0); /* the bound is reached, so not passing it says something */
        free(self.params);
    }
}

static void test_effects_follow_anchors_and_talent(void **state)
{
    (void)state;
    bench self = district_bench(60, 3, "s1");
    set(&self, "attraction_per_year", 0.8);
    set(&self, "talent_years", 3);
    set(&self, "initial_talent", 0.7);
    set(&self, "deal_flow", 0.8);
    set(&self, "acquire", 0.4);
    set(&self, "graduate", 0.6);
    set(&self, "breakout", 0.3);
    set(&self, "congestion", 0.9);
    set(&self, "subsidy_share", 0.3);
    set(&self, "diversion", 0.2);
    set(&self, "conference_deal_flow", 0.5);
    set(&self, "conference_quarter", 3);
    const record *seen = record_run(&self, harness_seed(), 11, 1);
    double talent = 0.07, anchors = 0.1;
    for (int quarter = 0; quarter < 59; quarter++) {
        const gf_climate *climate = &seen->climate[quarter];
        double pulse = quarter % 4 == 2 ? 0.5 : 0;
        assert_near(climate->deal_flow[1][0], 1 + 0.5 * (0.8 * anchors + pulse), 1e-13);
        assert_near(gf_climate_hazard(climate, GF_ACQUIRE, 1, 0), 1 + 0.5 * 0.4 * anchors, 1e-13);
        assert_near(gf_climate_hazard(climate, GF_GRADUATE, 1, 0), 1 + 0.5 * 0.6 * talent, 1e-13);
        assert_near(gf_climate_hazard(climate, GF_BREAKOUT, 1, 0), 1 + 0.5 * 0.3 * talent, 1e-13);
        assert_near(climate->operating_cost[0], 1 + 0.5 / 3 * (0.9 * anchors * anchors - 0.3), 1e-13);
        for (int sector = 0; sector < 3; sector += 2) { /* the others pay for it and get nothing */
            assert_near(climate->deal_flow[sector][0], 1 - 0.5 * 0.2, 1e-15);
            assert_true(gf_climate_hazard(climate, GF_GRADUATE, sector, 0) == 1);
        }
        talent = anchors + (talent - anchors) * exp(-0.25 / 3);
        assert_near(seen->series[quarter + 1][TALENT][0], talent, 1e-13);
        anchors = seen->series[quarter + 1][ANCHORS][0] / 40;
    }
    assert_true(anchors > 0.5);
    free(self.params);
}

static void test_output_money_and_signals(void **state)
{
    (void)state;
    bench self = district_bench(24, 2, "s0");
    set(&self, "attraction_per_year", 0.8);
    set(&self, "centre_capacity", 20);
    set(&self, "centre_quarter", 6);
    set(&self, "centre_fill_per_year", 1);
    set(&self, "output_cny_m", 100);
    set(&self, "anchor_output_cny_m", 50);
    set(&self, "host_output_cny_m", 5);
    set(&self, "productivity_per_year", 0.1);
    set(&self, "jobs_per_anchor", 200);
    set(&self, "jobs_per_host", 30);
    set(&self, "tax_share", 0.04);
    set(&self, "subsidy_share", 0.2);
    set(&self, "burn_cny_m_per_year", 6);
    set(&self, "anchor_grant_cny_m", 7);
    set(&self, "host_grant_cny_m_per_year", 2);
    set(&self, "conference_cny_m", 30);
    set(&self, "conference_quarter", 1);
    set(&self, "buildings_cny_m_per_year", 80);
    set(&self, "building_years", 3);
    const record *seen = record_run(&self, harness_seed(), 3, 1);
    double before = 4, year[6] = {0}, least = INFINITY;
    for (int quarter = 0; quarter < 24; quarter++)
        year[quarter / 4] += 0.25 * (quarter > 0 ? seen->series[quarter][OUTPUT][0] : 100 + 50 * 4);
    for (int i = 1; i < 6; i++)
        least = fmin(least, year[i] / year[i - 1] - 1);
    assert_near(seen->columns[4][0], least, 1e-12);
    assert_near(seen->columns[5][0], year[5], 1e-12);
    assert_true(least > 0.1 && least < year[5] / year[4]);
    for (int quarter = 0; quarter < 23; quarter++) {
        const double(*at)[GF_LANES] = seen->series[quarter + 1];
        double anchors = at[ANCHORS][0], hosted = at[HOSTED][0];
        double output = pow(1.1, (quarter + 1) / 4.0) * (100 + 50 * 40 * at[TALENT][0] + 5 * hosted);
        double taxed = pow(1.1, quarter / 4.0) * (100 + 50 * 40 * at[TALENT][0] + 5 * hosted);
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        harness_events(3, quarter, 0, &events);
        assert_true(hosted == 0 || quarter >= 6);
        assert_near(at[OUTPUT][0], output, 1e-13);
        assert_near(seen->emit[quarter][GF_SIGNAL_CLUSTER_OUTPUT][0], output, 1e-13);
        assert_near(seen->emit[quarter][GF_SIGNAL_CLUSTER_FIRMS][0], anchors + hosted, 0);
        assert_near(seen->emit[quarter][GF_SIGNAL_CLUSTER_JOBS][0], 200 * anchors + 30 * hosted, 0);
        assert_near(seen->flow[quarter][GF_PUBLIC_TAX][0], 0.04 * taxed / 4, 1e-12);
        assert_near(seen->flow[quarter][GF_PUBLIC_INFRASTRUCTURE][0], quarter < 12 ? 0.5 * 80 / 4 : 0, 1e-12);
        assert_near(seen->flow[quarter][GF_PUBLIC_SUBSIDY][0],
                    0.5 * 0.2 * 6 / 4 * events.n_live[0][0] + 7 * (anchors - before) + 2 * hosted / 4 +
                        (quarter % 4 == 0 ? 0.5 * 30 : 0),
                    1e-12);
        before = anchors;
    }
    double start = 100 + 50 * 4;
    assert_near(seen->columns[3][0], pow(seen->columns[2][0] / start, 1 / 6.0) - 1, 1e-12);
    free(self.params);
}

static void test_the_conference_and_outliers_draw_anchors(void **state)
{
    (void)state;
    double arrived[3][4] = {{0}}; /* by kind and quarter of the year */
    for (int kind = 0; kind < 3; kind++)
        for (uint64_t block = 0; block < 40; block++) {
            bench self = district_bench(12, 1, "all");
            set(&self, "capacity", 2000);
            set(&self, "arrivals_per_year", 40);
            set(&self, "attraction_per_year", 0);
            set(&self, "conference_quarter", 2);
            set(&self, "conference_arrivals", kind == 1 ? 3 : 0);
            set(&self, "arrivals_per_outlier", kind == 2 ? 40 : 0);
            const record *seen = record_run(&self, harness_seed(), block * GF_LANES, 1);
            for (int quarter = 1; quarter < 11; quarter++)
                for (int lane = 0; lane < GF_LANES; lane++)
                    arrived[kind][quarter % 4] +=
                        seen->series[quarter + 1][ANCHORS][lane] - seen->series[quarter][ANCHORS][lane];
            free(self.params);
        }
    for (int quarter = 0; quarter < 4;
         quarter++) { /* mean 5 a quarter, 2 or 3 times 1280 of them: se below 0.05 */
        double ratio = arrived[1][quarter] / arrived[0][quarter];
        assert_near(ratio, quarter == 1 ? 4 : 1, 0.05);
        assert_true(arrived[2][quarter] > 1.1 * arrived[0][quarter]);
    }
}

static void test_without_concentration_the_city_is_as_before(void **state)
{
    (void)state;
    for (int twin = 0; twin <= 1; twin++) {
        bench self = bench_new("district", 40, 3);
        gf_params_preset(self.model->rows, self.params);
        set(&self, "concentration", twin ? 1e-3 : 0);
        const record *seen = record_run(&self, 1, 0, 1);
        double paid = 0;
        for (int quarter = 0; quarter < 40; quarter++)
            for (int item = 0; item < GF_N_PUBLIC; item++)
                paid += seen->flow[quarter][item][0] + seen->emit[quarter][GF_SIGNAL_CLUSTER_FIRMS][0];
        assert_int_equal(is_neutral_climate(seen, 40), !twin);
        assert_int_equal(paid == 0, !twin);
        free(self.params);
    }
}

static void test_bad_districts_are_refused(void **state)
{
    (void)state;
    bench self = district_bench(40, 2, "AI");
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "sector");
    assert_non_null(strstr(self.problems.message, "'AI'"));
    free(self.params);
    self = district_bench(40, 2, "");
    set(&self, "initial_anchors", 41);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "initial_anchors");
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anchors_never_pass_capacity),
        cmocka_unit_test(test_effects_follow_anchors_and_talent),
        cmocka_unit_test(test_output_money_and_signals),
        cmocka_unit_test(test_the_conference_and_outliers_draw_anchors),
        cmocka_unit_test(test_without_concentration_the_city_is_as_before),
        cmocka_unit_test(test_bad_districts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
