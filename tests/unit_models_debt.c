/* Borrowed infrastructure against its recursions: V22's debt ratio, the stock, the budget to the last yuan,
 * stress. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { RATIO_SERIES = 2 };

static bench debt_bench(int n_quarters)
{
    bench self = bench_new("debt_infrastructure", n_quarters, 2);
    set(&self, "interest_per_year", 0.04);
    set(&self, "gdp_growth_per_year", 0.05);
    set(&self, "gdp_cny_m", 1000);
    return self;
}

static void add_borrowing(bench *self, double start_quarter, double quarters, double cny_m_per_year)
{
    const gf_param *rows;
    void *window = add_element(self, "borrowing", &rows);
    harness_set(rows, window, "start_quarter", start_quarter);
    harness_set(rows, window, "quarters", quarters);
    harness_set(rows, window, "cny_m_per_year", cny_m_per_year);
}

/* d(t+1) = d(t) (1 + r)/(1 + g) + b, year by year. */
static double yearly_ratio(double ratio, double r, double g, double b, int years)
{
    for (int year = 0; year < years; year++)
        ratio = ratio * (1 + r) / (1 + g) + b;
    return ratio;
}

static void test_debt_ratio_follows_the_yearly_recursion(void **state)
{
    (void)state;
    const double rates[][3] = {{0.04, 0.05, 0.01}, {0.06, 0.03, 0.02}, {0.05, 0.05, -0.03}, {0, 0.1, 0.05}};
    for (int i = 0; i < 4; i++) {
        bench self = debt_bench(40);
        set(&self, "interest_per_year", rates[i][0]);
        set(&self, "gdp_growth_per_year", rates[i][1]);
        set(&self, "primary_deficit_per_gdp", rates[i][2]);
        set(&self, "initial_debt_cny_m", 1000);
        const record *seen = record_run(&self, 1, 0, 0);
        for (int year = 1; year < 10; year++) /* every year, not the last alone */
            assert_near(seen->series[4 * year][RATIO_SERIES][0],
                        yearly_ratio(1, rates[i][0], rates[i][1], rates[i][2], year), 1e-12);
        assert_near(seen->columns[3][31], yearly_ratio(1, rates[i][0], rates[i][1], rates[i][2], 10), 1e-12);
        if (i == 0) {
            assert_near(seen->columns[3][0], 1.0045629208, 1e-10);
            double twin = 1; /* a deficit booked in four equal quarters, uncorrected, is seen */
            for (int quarter = 0; quarter < 40; quarter++)
                twin = twin * pow(1.04 / 1.05, 0.25) + 0.0025;
            assert_true(fabs(twin - 1.0045629208) > 1e-4);
        }
        free(self.params);
    }
}

static void test_stock_wears_out_and_serves(void **state)
{
    (void)state;
    bench self = debt_bench(60);
    add_borrowing(&self, 4, 12, 400);
    add_borrowing(&self, 10, 4, 80); /* they add up */
    set(&self, "depreciation_per_year", 0.1);
    set(&self, "half_stock_cny_m", 700);
    add_borrowing(&self, 159, 20, 1e6); /* past the horizon: idle */
    set(&self, "deal_flow", 0.6);
    set(&self, "graduate", 0.3);
    const record *seen = record_run(&self, 1, 0, 0);
    double stock = 0;
    for (int quarter = 0; quarter < 60; quarter++) {
        double investment =
            (quarter >= 4 && quarter < 16 ? 100 : 0) + (quarter >= 10 && quarter < 14 ? 20 : 0);
        double use = stock / (stock + 700);
        assert_near(seen->climate[quarter].deal_flow[1][0], 1 + 0.6 * use, 1e-13);
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_GRADUATE, 0, 5), 1 + 0.3 * use, 1e-13);
        assert_true(gf_climate_hazard(&seen->climate[quarter], GF_FAIL, 0, 0) == 1);
        assert_true(quarter > 4 || seen->climate[quarter].deal_flow[0][0] == 1);
        assert_near(seen->flow[quarter][GF_PUBLIC_INFRASTRUCTURE][0], investment, 1e-12);
        stock = stock * pow(0.9, 0.25) + investment;
    }
    free(self.params);
}

static void test_every_yuan_of_the_budget_is_found(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        bench self = debt_bench(80);
        add_borrowing(&self, 0, 20, 300);
        set(&self, "maturity_years", 5);
        set(&self, "primary_deficit_per_gdp", sign * 0.08);
        set(&self, "initial_debt_cny_m", 100);
        const record *seen = record_run(&self, 1, 0, 0);
        double debt = 100;
        for (int quarter = 0; quarter < 80; quarter++) {
            const double(*flow)[GF_LANES] = seen->flow[quarter];
            double in = flow[GF_PUBLIC_BORROWING][0] + flow[GF_PUBLIC_SURPLUS][0];
            double out = flow[GF_PUBLIC_INTEREST][0] + flow[GF_PUBLIC_PRINCIPAL][0] +
                         flow[GF_PUBLIC_INFRASTRUCTURE][0] + flow[GF_PUBLIC_SPENDING][0];
            assert_near(in, out, 1e-12);
            assert_near(flow[GF_PUBLIC_INTEREST][0], debt * (pow(1.04, 0.25) - 1), 1e-12);
            debt += flow[GF_PUBLIC_BORROWING][0] - flow[GF_PUBLIC_PRINCIPAL][0];
            assert_near(seen->emit[quarter][GF_SIGNAL_DEBT][0], debt, 1e-12);
            assert_true(debt >= 0 && (sign < 0 || flow[GF_PUBLIC_SURPLUS][0] == 0));
        }
        assert_true(sign > 0 ? debt > 1500 : fabs(debt) < 1e-9); /* a surplus repays it all and then stops */
        free(self.params);
    }
}

static void test_debt_ratio_peaks_and_calls_slow_under_stress(void **state)
{
    (void)state;
    bench self = debt_bench(64);
    add_borrowing(&self, 0, 24, 150);
    set(&self, "maturity_years", 8);
    set(&self, "revenue_per_gdp", 0.2);
    set(&self, "stress_threshold", 0.3);
    set(&self, "stress_slowdown", 2);
    const record *seen = record_run(&self, 1, 0, 0);
    double debt = 0, slow = 1, most = 0, gdp = 1000;
    int n_slow = 0;
    for (int quarter = 0; quarter < 64; quarter++) {
        assert_near(seen->climate[quarter].call_pace[3], slow, 1e-12);
        double share = debt * (pow(1.04, 0.25) - 1 + 1 / 32.0) / (0.2 * gdp / 4);
        double stress = share > 0.3 ? share / 0.3 - 1 : 0;
        assert_near(seen->emit[quarter][GF_SIGNAL_STRESS][0], stress, 1e-12);
        slow = 1 / (1 + 2 * stress);
        n_slow += stress > 0;
        most = fmax(most, share);
        debt = seen->emit[quarter][GF_SIGNAL_DEBT][0];
        gdp *= pow(1.05, 0.25);
    }
    assert_true(n_slow > 10 && n_slow < 60);
    assert_near(seen->columns[1][0], 24, 0); /* the ratio peaks when borrowing ends, since g > r */
    assert_near(seen->columns[2][0], most, 1e-12);
    assert_true(seen->columns[0][0] > seen->columns[3][0]);
    free(self.params);
}

static void test_infrastructure_feeds_growth(void **state)
{
    (void)state;
    bench self = debt_bench(40);
    set(&self, "initial_stock_cny_m", 700);
    set(&self, "half_stock_cny_m", 700);
    set(&self, "depreciation_per_year", 0);
    set(&self, "gdp_response", 0.04);
    const record *seen = record_run(&self, 1, 0, 0);
    assert_near(seen->emit[39][GF_SIGNAL_GDP][0], 1000 * pow(1.07, 10), 1e-12); /* half of 4% more */
    assert_near(seen->emit[9][GF_SIGNAL_INFRASTRUCTURE][0], 0.5, 1e-15);
    free(self.params);
}

static void test_gdp_of_other_models_is_read(void **state)
{
    (void)state;
    bench self = debt_bench(20);
    set(&self, "gdp_cny_m", 0);
    set(&self, "initial_debt_cny_m", 50);
    const record *seen = record_run(&self, 1, 3, 1);
    for (int quarter = 1; quarter < 19; quarter++) {
        gf_block block = {.n_lanes = 1};
        harness_signals(3, quarter, 0, &block);
        double gdp = block.signals[GF_SIGNAL_GDP][0];
        assert_true(seen->emit[quarter][GF_SIGNAL_GDP][0] == 0); /* it does not report what it read */
        assert_near(seen->series[quarter + 1][RATIO_SERIES][0],
                    gdp > 0 ? 50 * pow(1.04, 0.25 * (quarter + 1)) / gdp : 0, 1e-12);
    }
    free(self.params);
}

static void test_without_borrowing_nothing_happens(void **state)
{
    (void)state;
    bench self = bench_new("debt_infrastructure", 40, 3);
    set(&self, "interest_per_year", 0.2); /* whatever the rest says */
    set(&self, "deal_flow", 5);
    set(&self, "stress_threshold", 0.01);
    set(&self, "stress_slowdown", 9);
    const record *seen = record_run(&self, 1, 0, 1);
    assert_true(is_neutral_climate(seen, 40));
    free(self.params);
    self = bench_new("debt_infrastructure", 40, 3); /* twin: a yuan of debt is seen */
    set(&self, "initial_debt_cny_m", 1);
    set(&self, "stress_threshold", 0.01);
    set(&self, "stress_slowdown", 9);
    set(&self, "gdp_cny_m", 10);
    seen = record_run(&self, 1, 0, 1);
    assert_false(is_neutral_climate(seen, 40));
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debt_ratio_follows_the_yearly_recursion),
        cmocka_unit_test(test_stock_wears_out_and_serves),
        cmocka_unit_test(test_every_yuan_of_the_budget_is_found),
        cmocka_unit_test(test_debt_ratio_peaks_and_calls_slow_under_stress),
        cmocka_unit_test(test_infrastructure_feeds_growth),
        cmocka_unit_test(test_gdp_of_other_models_is_read),
        cmocka_unit_test(test_without_borrowing_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
