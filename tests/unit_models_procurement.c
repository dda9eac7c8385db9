/* Procurement: hazards, costs and the budget's limit against their equations; nothing outside its window. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { N_QUARTERS = 24, N_SECTORS = 3, SEED = 5, FIRST = 40 };

static bench procurement_bench(double budget)
{
    bench self = bench_new("procurement", N_QUARTERS, N_SECTORS);
    set(&self, "share", 0.4);
    set(&self, "order_cny_m_per_year", 3);
    set(&self, "premium", 0.25);
    set(&self, "budget_cny_m_per_year", budget);
    set(&self, "graduate", 1.5);
    set(&self, "acquire", 1.2);
    set(&self, "fail", 2);
    set(&self, "start_quarter", 4);
    set(&self, "quarters", 12);
    return self;
}

static double live_startups(int quarter, int lane)
{
    gf_events events = {.n_lanes = GF_LANES, .n_sectors = N_SECTORS};
    double live = 0;
    harness_events((uint64_t)(FIRST + lane), quarter, lane, &events);
    for (int sector = 0; sector < N_SECTORS; sector++)
        live += events.n_live[sector][lane];
    return live;
}

static int is_open(int quarter)
{
    return quarter >= 4 && quarter < 16;
}

static void test_orders_lift_and_cost(void **state)
{
    (void)state;
    bench self = procurement_bench(INFINITY);
    const record *seen = record_run(&self, SEED, FIRST, 1);
    double orders = 0;
    for (int quarter = 0; quarter < N_QUARTERS; quarter++) {
        const gf_climate *climate = &seen->climate[quarter];
        const double served = is_open(quarter) ? 0.4 : 0;
        const double ordered = served * 3 * 0.25 * live_startups(quarter, 7);
        assert_near(gf_climate_hazard(climate, GF_GRADUATE, 2, 7), 1 + served * 0.5, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_ACQUIRE, 0, 7), 1 + served * 0.2, 1e-15);
        assert_near(gf_climate_hazard(climate, GF_FAIL, 1, 7), 1 / (1 + served), 1e-15);
        assert_true(gf_climate_hazard(climate, GF_BREAKOUT, 0, 7) == 1 &&
                    gf_climate_hazard(climate, GF_LIST, 0, 7) == 1);
        assert_near(seen->flow[quarter][GF_PUBLIC_SUBSIDY][7], 0.25 * ordered, 1e-12);
        orders += ordered;
    }
    assert_near(seen->columns[0][7], orders, 1e-12);
    assert_true(orders > 0);
    free(self.params);
}

/* Every quarter the share served is what the budget pays of the orders that the live of the quarter before
 * want, and spending stays within the budget though more startups have come since. */
static void test_budget_binds(void **state)
{
    (void)state;
    const double budget = 60;
    bench self = procurement_bench(budget);
    const record *seen = record_run(&self, SEED, FIRST, 1);
    int n_bound = 0, n_free = 0;
    for (int quarter = 4; quarter < 16; quarter++) {
        const double wanted = 0.4 * 3 * live_startups(quarter - 1, 3);
        const double coverage = wanted > budget ? budget / wanted : 1;
        const double spent = seen->flow[quarter][GF_PUBLIC_SUBSIDY][3];
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_GRADUATE, 0, 3), 1 + 0.4 * coverage * 0.5,
                    1e-14);
        assert_near(spent, 0.25 * 0.25 * fmin(budget, 0.4 * 3 * coverage * live_startups(quarter, 3)), 1e-12);
        assert_true(spent <= 0.25 * 0.25 * budget * (1 + 1e-15));
        n_bound += coverage < 1;
        n_free += coverage == 1;
    }
    assert_true(n_bound > 0 && n_free > 0); /* both branches were seen */
    free(self.params);
}

static void test_closed_window_is_neutral(void **state)
{
    (void)state;
    bench self = procurement_bench(INFINITY);
    set(&self, "start_quarter", N_QUARTERS);
    const record *seen = record_run(&self, SEED, FIRST, 1);
    assert_true(is_neutral_climate(seen, N_QUARTERS));
    assert_true(seen->columns[0][0] == 0);
    free(self.params);
    self = procurement_bench(INFINITY); /* twin: one open quarter is seen */
    set(&self, "start_quarter", N_QUARTERS - 1);
    seen = record_run(&self, SEED, FIRST, 1);
    assert_false(is_neutral_climate(seen, N_QUARTERS));
    free(self.params);
}

static void test_orders_without_a_budget_are_refused(void **state)
{
    (void)state;
    bench self = procurement_bench(0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "budget_cny_m_per_year");
    set(&self, "share", 0); /* twin: no orders need no budget */
    assert_int_equal(problems(&self), 0);
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_lift_and_cost),
        cmocka_unit_test(test_budget_binds),
        cmocka_unit_test(test_closed_window_is_neutral),
        cmocka_unit_test(test_orders_without_a_budget_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
