/* Sector plans against their tables: ramps, boosts, steering that keeps the number of entrants, district
 * money; and the plans that are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

static const gf_param *plan_rows;

static bench sector_bench(int n_quarters, int n_sectors)
{
    return bench_new("sector_policy", n_quarters, n_sectors);
}

static void *add_plan(bench *self, const char *sector, double start, double quarters, double ramp)
{
    void *plan = add_element(self, "sectors", &plan_rows);
    set_text(plan_rows, plan, "sector", sector);
    harness_set(plan_rows, plan, "start_quarter", start);
    harness_set(plan_rows, plan, "quarters", quarters);
    harness_set(plan_rows, plan, "ramp_quarters", ramp);
    return plan;
}

static void test_boosts_ramp_up_and_end(void **state)
{
    (void)state;
    bench self = sector_bench(40, 3);
    void *plan = add_plan(&self, "s1", 6, 12, 4);
    harness_set(plan_rows, plan, "deal_flow", 0.8);
    harness_set(plan_rows, plan, "graduate", 0.4);
    harness_set(plan_rows, plan, "breakout", 0.2);
    harness_set(plan_rows, plan, "acquire", 0.1);
    harness_set(plan_rows, plan, "list", 0.05);
    harness_set(plan_rows, plan, "fail", -0.5);
    const record *seen = record_run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 40; quarter++) {
        const gf_climate *climate = &seen->climate[quarter];
        double held = quarter < 6 || quarter >= 18 ? 0 : quarter < 9 ? (quarter - 5) / 4.0 : 1;
        assert_near(climate->deal_flow[1][0], 1 + 0.8 * held, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_GRADUATE, 1, 9), 1 + 0.4 * held, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_BREAKOUT, 1, 0), 1 + 0.2 * held, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_ACQUIRE, 1, 0), 1 + 0.1 * held, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_LIST, 1, 0), 1 + 0.05 * held, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_FAIL, 1, 0), 1 - 0.5 * held, 1e-15);
        for (int sector = 0; sector < 3; sector += 2) /* the others are left alone */
            assert_true(climate->deal_flow[sector][0] == 1 &&
                        gf_climate_hazard(climate, GF_GRADUATE, sector, 0) == 1);
    }
    free(self.params);
}

static void test_rows_of_a_sector_multiply(void **state)
{
    (void)state;
    bench self = sector_bench(8, 2);
    harness_set(plan_rows, add_plan(&self, "s0", 0, INFINITY, 0), "graduate", 0.5);
    harness_set(plan_rows, add_plan(&self, "all", 2, 4, 0), "graduate", 0.2);
    const record *seen = record_run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 8; quarter++) {
        double everywhere = quarter >= 2 && quarter < 6 ? 1.2 : 1;
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_GRADUATE, 0, 0), 1.5 * everywhere, 1e-15);
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_GRADUATE, 1, 0), everywhere, 1e-15);
    }
    free(self.params);
}

/* Entrants over those without the plan; must be 1: steering moves entrants and makes none. */
static double total_flow(const gf_climate *climate, const double *weights)
{
    double sum = 0;
    for (int sector = 0; sector < climate->n_sectors; sector++)
        sum += weights[sector] * climate->deal_flow[sector][0];
    return sum;
}

static void test_steering_moves_entrants_and_makes_none(void **state)
{
    (void)state;
    static const double weights[] = {0.1, 0.2, 0.3, 0.4}, plan_weights[] = {0.5, 0.3, 0.2, 0};
    bench self = sector_bench(20, 4);
    self.scene.sector_weights = weights;
    set(&self, "steered_share", 0.6);
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        harness_set(plan_rows, add_plan(&self, name, i, INFINITY, 8), "weight", plan_weights[i]);
    }
    const record *seen = record_run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 20; quarter++)
        assert_near(total_flow(&seen->climate[quarter], weights), 1, 1e-14);
    for (int sector = 0; sector < 4;
         sector++) { /* all in force: shares are 0.4 of the market's, 0.6 of the plan's */
        double share = weights[sector] * seen->climate[19].deal_flow[sector][0];
        assert_near(share, 0.4 * weights[sector] + 0.6 * plan_weights[sector], 1e-14);
    }
    /* twin: boosts instead of steering do make entrants */
    harness_set(plan_rows, add_plan(&self, "s3", 0, INFINITY, 0), "deal_flow", 0.1);
    seen = record_run(&self, 1, 0, 1);
    assert_true(total_flow(&seen->climate[19], weights) > 1.01);
    free(self.params);
}

static void test_the_markets_own_weights_change_no_bit(void **state)
{
    (void)state;
    for (int twin = 0; twin <= 1; twin++) {
        bench self = sector_bench(20, 5);
        set(&self, "steered_share", 0.7);
        for (int i = 0; i < 5; i++) {
            char name[16];
            snprintf(name, sizeof name, "s%d", i);
            harness_set(plan_rows, add_plan(&self, name, 0, INFINITY, 0), "weight",
                        0.2 + (twin ? (i - 2) * 1e-3 : 0));
        }
        assert_int_equal(is_neutral_climate(record_run(&self, 1, 0, 1), 20), !twin);
        free(self.params);
    }
}

static void test_districts_pay_next_to_the_programme(void **state)
{
    (void)state;
    bench self = sector_bench(16, 2);
    set(&self, "cheque_cny_m", 6);
    void *plan = add_plan(&self, "s1", 4, 8, 0);
    harness_set(plan_rows, plan, "cofunding_share", 0.25);
    harness_set(plan_rows, plan, "tier", 2);
    const record *seen = record_run(&self, 1, 5, 1);
    double paid = 0, entered = 0;
    for (int quarter = 0; quarter < 16; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        harness_events(5, quarter, 0, &events);
        int on = quarter >= 4 && quarter < 12;
        /* of what a startup gets, a quarter is the district's: 2 next to the programme's 6 */
        assert_near(seen->climate[quarter].entry_valuation[1][0], on ? 0.75 : 1, 1e-15);
        assert_true(seen->climate[quarter].entry_valuation[0][0] == 1);
        assert_near(seen->flow[quarter][GF_PUBLIC_SUBSIDY][0], on ? 2 * events.n_entered[1][0] : 0, 1e-12);
        paid += seen->flow[quarter][GF_PUBLIC_SUBSIDY][0];
        entered += events.n_entered[1][0];
    }
    assert_true(paid > 0);
    assert_near(seen->columns[3][0], paid, 1e-12);
    assert_true(seen->columns[2][0] == entered && seen->columns[0][0] == 0 && seen->columns[1][0] == 0);
    free(self.params);
}

static void test_incentives_lower_cost_and_are_paid(void **state)
{
    (void)state;
    bench self = sector_bench(8, 2);
    set(&self, "incentive_share", 0.15);
    set(&self, "burn_cny_m_per_year", 4);
    const record *seen = record_run(&self, 1, 6, 1);
    for (int quarter = 0; quarter < 8; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        harness_events(6, quarter, 0, &events);
        double live = events.n_live[0][0] + events.n_live[1][0];
        assert_near(seen->climate[quarter].operating_cost[0], 0.85, 1e-15);
        assert_near(seen->flow[quarter][GF_PUBLIC_SUBSIDY][0], 0.15 * 4 / 4 * live, 1e-12);
    }
    free(self.params);
}

static void test_unknown_sectors_are_refused_with_the_list(void **state)
{
    (void)state;
    bench self = sector_bench(16, 3);
    add_plan(&self, "all", 0, 4, 0);
    add_plan(&self, "s2", 0, 4, 0);
    assert_int_equal(problems(&self), 0);
    add_plan(&self, "s", 0, 4, 0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "sectors[2].sector");
    assert_string_equal(self.problems.message,
                        "no sector 's' in startups.sectors; expected one of s0, s1, s2, or all");
    free(self.params);
}

static int weight_problems(bench *self, const double *weights, int n)
{
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        harness_set(plan_rows, add_plan(self, name, 0, 4, 0), "weight", weights[i]);
    }
    int found = problems(self);
    free(self->params);
    return found;
}

static void test_weights_that_do_not_sum_are_refused(void **state)
{
    (void)state;
    bench self = sector_bench(16, 3);
    assert_int_equal(weight_problems(&self, (const double[]){0.2, 0.3, 0.5}, 3), 0);
    self = sector_bench(16, 3);
    assert_int_equal(weight_problems(&self, (const double[]){0.2, 0.3, 0.4}, 3), 1);
    assert_string_equal(self.problems.key, "sectors");
    assert_string_equal(self.problems.message, "weights sum to 0.9, expected 1");
    self = sector_bench(16, 3);
    set(&self, "steered_share", 0.5); /* steering to nowhere */
    assert_int_equal(weight_problems(&self, (const double[]){0, 0}, 2), 1);
    static const double empty[] = {1, 0, 0};
    self = sector_bench(16, 3);
    self.scene.sector_weights = empty;
    assert_int_equal(weight_problems(&self, (const double[]){0.5, 0.5}, 2), 1);
    assert_string_equal(self.problems.key, "sectors[1].weight");
    self = sector_bench(16, 3);
    harness_set(plan_rows, add_plan(&self, "all", 0, 4, 0), "weight", 1);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "sectors[0].weight");
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boosts_ramp_up_and_end),
        cmocka_unit_test(test_rows_of_a_sector_multiply),
        cmocka_unit_test(test_steering_moves_entrants_and_makes_none),
        cmocka_unit_test(test_the_markets_own_weights_change_no_bit),
        cmocka_unit_test(test_districts_pay_next_to_the_programme),
        cmocka_unit_test(test_incentives_lower_cost_and_are_paid),
        cmocka_unit_test(test_unknown_sectors_are_refused_with_the_list),
        cmocka_unit_test(test_weights_that_do_not_sum_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
