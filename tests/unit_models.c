/* The equations of the policy models against closed forms, and what their checks refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "models_bench.h"

/* ---- incubation ---- */

static void test_talent_pipeline_fills(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 48, 2);
    set(&self, "university_strength", 2);
    set(&self, "initial_talent", 0.5);
    set(&self, "talent_years", 4);
    set(&self, "talent_graduate", 0.3);
    set(&self, "talent_breakout", 0.2);
    trace seen = run(&self, 1, 0, 1);
    double talent = 0.5, keep = exp(-0.25 / 4);
    for (int quarter = 0; quarter < 48; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][1][quarter], exp(0.3 * talent), 1e-12);
        assert_near(seen.hazard[GF_BREAKOUT][0][quarter], exp(0.2 * talent), 1e-12);
        assert_true(seen.hazard[GF_FAIL][0][quarter] == 1);
        talent = 2 + (talent - 2) * keep;
    }
}

static void test_loss_tolerance_raises_failures_and_breakouts(void **state)
{
    (void)state;
    double fails = 1, outliers = 1, entries = 1;
    for (int step = 0; step <= 10; step++) {
        bench self = bench_new("incubation", 4, 1);
        set(&self, "loss_tolerance", step / 10.0);
        set(&self, "appetite_shape", 2);
        set(&self, "appetite_fail", 0.4);
        set(&self, "appetite_breakout", 0.5);
        set(&self, "appetite_entry", 0.2);
        trace seen = run(&self, 1, 0, 1);
        double appetite = step * step / 100.0;
        assert_near(seen.hazard[GF_FAIL][0][3], exp(0.4 * appetite), 1e-13);
        assert_near(seen.hazard[GF_BREAKOUT][0][3], exp(0.5 * appetite), 1e-13);
        assert_near(seen.deal_flow[0][3], exp(0.2 * appetite), 1e-13);
        if (step == 0)
            assert_true(seen.hazard[GF_FAIL][0][0] == 1 && seen.deal_flow[0][0] == 1);
        else
            assert_true(seen.hazard[GF_FAIL][0][3] > fails && seen.hazard[GF_BREAKOUT][0][3] > outliers &&
                        seen.deal_flow[0][3] > entries);
        fails = seen.hazard[GF_FAIL][0][3];
        outliers = seen.hazard[GF_BREAKOUT][0][3];
        entries = seen.deal_flow[0][3];
    }
}

static void test_subsidy_lowers_cost_and_is_paid(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 20, 3);
    set(&self, "subsidy_share", 0.25);
    set(&self, "burn_cny_m_per_year", 8);
    trace seen = run(&self, 1, 17, 1);
    for (int quarter = 0; quarter < 20; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 3};
        harness_events(17, quarter, 0, &events);
        double live = events.n_live[0][0] + events.n_live[1][0] + events.n_live[2][0];
        assert_near(seen.operating_cost[quarter], 0.75, 1e-15);
        assert_near(seen.subsidy[quarter], 0.25 * 8 * 0.25 * live, 1e-12);
        assert_true(seen.hazard[GF_FAIL][0][quarter] == 1); /* the kernel alone turns cost into failures */
    }
}

static void test_platforms_and_demand(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 48, 1);
    set(&self, "platform_support", 0.5);
    set(&self, "platform_graduate", 0.2);
    set(&self, "platform_acquire", 0.6);
    set(&self, "application_demand", 0.5);
    set(&self, "demand_growth_per_year", 0.052);
    set(&self, "demand_graduate", 0.1);
    set(&self, "demand_list", 0.3);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 48; quarter++) {
        double demand = 0.5 * pow(1.052, quarter / 4.0);
        assert_near(seen.hazard[GF_ACQUIRE][0][quarter], exp(0.3), 1e-13);
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], exp(0.1 + 0.1 * demand), 1e-13);
        assert_near(seen.hazard[GF_LIST][0][quarter], exp(0.3 * demand), 1e-13);
    }
}

/* ---- giants ---- */

static bench giants_bench(void)
{
    bench self = bench_new("giants", 80, 2);
    set(&self, "land_elasticity", 0.5);
    set(&self, "supplier_acquire", 1.5);
    set(&self, "supplier_fail", 1.4);
    set(&self, "supplier_breakout", 3);
    set(&self, "captive_share", 0.6);
    set(&self, "captive_cap_multiple", 4);
    set(&self, "imported_talent", 0.8);
    set(&self, "housing_elasticity", 0.5);
    return self;
}

static void assert_giants(const trace *seen, int quarter, double land, double supplier, double housing)
{
    assert_near(seen->deal_flow[1][quarter], sqrt(1 - land), 1e-13);
    assert_near(seen->hazard[GF_ACQUIRE][1][quarter], 1 + 0.5 * supplier, 1e-13);
    assert_near(seen->hazard[GF_FAIL][0][quarter], 1 / (1 + 0.4 * supplier), 1e-13);
    assert_near(seen->hazard[GF_BREAKOUT][0][quarter], 1 / (1 + 2 * supplier), 1e-13);
    assert_near(seen->hazard[GF_GRADUATE][0][quarter], 1 / (1 + 0.5 * 0.8 * housing), 1e-13);
    assert_true(seen->hazard[GF_LIST][0][quarter] == 1);
    assert_near(seen->captive_sale[quarter], 0.6 * supplier, 1e-13);
    assert_true(seen->captive_cap[quarter] == (supplier > 0 ? 4 : INFINITY));
}

static void test_giants_follow_their_equations(void **state)
{
    (void)state;
    bench self = giants_bench();
    set(&self, "land_share", 0.6);
    set(&self, "supplier_share", 0.5);
    set(&self, "housing_cost", 0.7);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        assert_giants(&seen, quarter, 0.6, 0.5, 0.7);
    bench idle = giants_bench(); /* no land, no suppliers, no housing: exactly neutral whatever the slopes */
    seen = run(&idle, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        assert_true(seen.deal_flow[0][quarter] == 1 && seen.hazard[GF_FAIL][0][quarter] == 1 &&
                    seen.hazard[GF_GRADUATE][0][quarter] == 1 && seen.captive_sale[quarter] == 0);
}

static void add_phase(bench *self, double start, double end, double land, double supplier)
{
    const gf_param *rows;
    void *phase = add_element(self, "phases", &rows);
    harness_set(rows, phase, "start_year", start);
    harness_set(rows, phase, "end_year", end);
    harness_set(rows, phase, "land_share", land);
    harness_set(rows, phase, "supplier_share", supplier);
    harness_set(rows, phase, "housing_cost", supplier);
}

static void test_phases_switch_on_the_calendar(void **state)
{
    (void)state;
    bench self = giants_bench();
    self.scene.first_year = 1990;
    set(&self, "land_share", 0.1);
    set(&self, "supplier_share", 0.2);
    set(&self, "housing_cost", 0.3);
    add_phase(&self, 2000, INFINITY, 0.8, 0.9); /* the order of the table does not matter */
    add_phase(&self, 1978, 1993.5, 0.4, 0);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        if (quarter < 14)
            assert_giants(&seen, quarter, 0.4, 0, 0);
        else if (quarter < 40)
            assert_giants(&seen, quarter, 0.1, 0.2, 0.3);
        else
            assert_giants(&seen, quarter, 0.8, 0.9, 0.9);
}

static void test_bad_phases_are_refused(void **state)
{
    (void)state;
    bench self = giants_bench();
    add_phase(&self, 1978, 1992, 0, 0);
    add_phase(&self, 1992, 2001, 0, 0); /* touching is fine */
    assert_int_equal(problems(&self), 0);
    add_phase(&self, 1991.75, 1992, 0, 0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "phases[2].start_year");
    assert_non_null(strstr(self.problems.message, "overlaps phases[0]"));
    free(self.params);
    self = giants_bench();
    add_phase(&self, 2000, 2000, 0, 0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "phases[0].end_year");
    free(self.params);
}

/* ---- headwind ---- */

static bench headwind_bench(int n_sectors, double recovery_quarters)
{
    bench self = bench_new("headwind", 40, n_sectors);
    set(&self, "breakout", 0.5);
    set(&self, "list", 1);
    set(&self, "graduate", 0.25);
    set(&self, "entry", 0.4);
    set(&self, "recovery_quarters", recovery_quarters);
    return self;
}

static void add_window(bench *self, double start, double quarters, double depth, const char *sectors)
{
    const gf_param *rows;
    void *window = add_element(self, "windows", &rows);
    harness_set(rows, window, "start_quarter", start);
    harness_set(rows, window, "quarters", quarters);
    harness_set(rows, window, "depth", depth);
    snprintf((char *)window + gf_params_find(rows, "sectors")->offset, GF_TEXT_SIZE, "%s", sectors);
}

static void assert_headwind(const trace *seen, int sector, int quarter, double depth)
{
    assert_near(seen->hazard[GF_BREAKOUT][sector][quarter], 1 - 0.5 * depth, 1e-13);
    assert_near(seen->hazard[GF_LIST][sector][quarter], 1 - depth, 1e-13);
    assert_near(seen->hazard[GF_GRADUATE][sector][quarter], 1 - 0.25 * depth, 1e-13);
    assert_near(seen->deal_flow[sector][quarter], 1 - 0.4 * depth, 1e-13);
    assert_true(seen->hazard[GF_FAIL][sector][quarter] == 1);
}

static void test_windows_blow_and_fade(void **state)
{
    (void)state;
    for (int recovery = 0; recovery <= 4; recovery += 4) {
        bench self = headwind_bench(1, recovery);
        add_window(&self, 6, 10, 0.5, "");
        add_window(&self, 140, 1, 0.9, "all"); /* past the horizon: idle */
        trace seen = run(&self, 1, 0, 1);
        for (int quarter = 0; quarter < 40; quarter++) {
            double depth = quarter < 6    ? 0
                           : quarter < 16 ? 0.5
                                          : 0.5 * fmax(0, 1 - (quarter - 15) / (recovery + 1.0));
            assert_headwind(&seen, 0, quarter, depth);
        }
    }
}

static void test_windows_combine_by_sector(void **state)
{
    (void)state;
    bench self = headwind_bench(3, 0);
    add_window(&self, 0, 8, 0.5, "s0, s2");
    add_window(&self, 4, 8, 0.4, "s2");
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 40; quarter++) {
        double first = quarter < 8 ? 0.5 : 0, second = quarter >= 4 && quarter < 12 ? 0.4 : 0;
        assert_headwind(&seen, 0, quarter, first);
        assert_headwind(&seen, 1, quarter, 0);
        assert_headwind(&seen, 2, quarter, 1 - (1 - first) * (1 - second));
    }
}

static void test_unknown_sector_is_refused(void **state)
{
    (void)state;
    bench self = headwind_bench(2, 0);
    add_window(&self, 0, 8, 0.5, "all");
    add_window(&self, 0, 8, 0.5, "s1, chips");
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "windows[1].sectors");
    assert_non_null(strstr(self.problems.message, "'chips'"));
    free(self.params);
}

static void test_talent_scarcity_is_always_there(void **state)
{
    (void)state;
    bench self = headwind_bench(1, 0);
    set(&self, "talent_scarcity", 0.1);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 40; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], 0.9, 1e-15);
        assert_near(seen.deal_flow[0][quarter], 0.9, 1e-15);
        assert_true(seen.hazard[GF_BREAKOUT][0][quarter] == 1 && seen.hazard[GF_LIST][0][quarter] == 1);
    }
}

static void test_random_shocks_have_their_shape(void **state)
{
    (void)state;
    bench self = headwind_bench(1, 3);
    set(&self, "arrivals_per_year", 0.3);
    set(&self, "mean_years", 1.5);
    set(&self, "arrival_depth", 0.4);
    trace seen = run(&self, 3, 2, 1);
    int n_full = 0, n_fading = 0;
    for (int quarter = 0; quarter < 40; quarter++) {
        double depth = 1 - seen.hazard[GF_LIST][0][quarter];
        int step = (int)lround(depth / 0.1);
        assert_near(depth, 0.1 * step, 1e-12);
        n_full += step == 4;
        n_fading += step > 0 && step < 4;
        if (quarter > 0) { /* never falls by more than one step of the recovery */
            int before = (int)lround((1 - seen.hazard[GF_LIST][0][quarter - 1]) / 0.1);
            assert_true(step == 4 || step == before - 1 || (step == 0 && before == 0));
        }
    }
    assert_true(n_full > 0 && n_fading > 0 && n_full + n_fading < 40);
    bench idle = headwind_bench(1, 3); /* arrivals without depth change nothing */
    set(&idle, "arrivals_per_year", 5);
    seen = run(&idle, 3, 2, 1);
    for (int quarter = 0; quarter < 40; quarter++)
        assert_true(seen.hazard[GF_LIST][0][quarter] == 1 && seen.deal_flow[0][quarter] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talent_pipeline_fills),
        cmocka_unit_test(test_loss_tolerance_raises_failures_and_breakouts),
        cmocka_unit_test(test_subsidy_lowers_cost_and_is_paid),
        cmocka_unit_test(test_platforms_and_demand),
        cmocka_unit_test(test_giants_follow_their_equations),
        cmocka_unit_test(test_phases_switch_on_the_calendar),
        cmocka_unit_test(test_bad_phases_are_refused),
        cmocka_unit_test(test_windows_blow_and_fade),
        cmocka_unit_test(test_windows_combine_by_sector),
        cmocka_unit_test(test_unknown_sector_is_refused),
        cmocka_unit_test(test_talent_scarcity_is_always_there),
        cmocka_unit_test(test_random_shocks_have_their_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
