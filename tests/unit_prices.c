/* Tables of price laws: what is summed up, when rounds are seen, and that the last mark is what the horizon
 * holds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "portfolio/prices.h"
#include "scenario_fixture.h"

static gf_prices prices_of(int n, const char *const *overrides)
{
    fixture f;
    gf_prices p;
    fixture_open(&f, "reference.yaml", n, overrides);
    gf_prices_init(&p, &f.config.scenario);
    fixture_close(&f);
    return p;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-14 * (1 + fabs(b)));
}

static void test_sums_run_from_entry_to_exit(void **state)
{
    (void)state;
    const char *const overrides[] = {"startups.step_up.market_correlation=0.6"};
    const gf_prices p = prices_of(1, overrides);
    const int at = GF_A * GF_STAGE_ROOM + GF_C; /* entered at A, left from C: rounds of A and B */
    const double mean = log(1.9 * 0.8) + log(1.7 * 0.8), variance = 2 * 0.25 * 0.64;
    assert_false(p.are_rounds_seen);
    assert_true(p.has_loading);
    assert_near(p.mean[GF_PRICE_MARK][at], mean);
    assert_near(p.sigma[GF_PRICE_MARK][at], sqrt(variance));
    assert_near(p.mean[GF_PRICE_SALE][at], mean + log(0.9));
    assert_near(p.sigma[GF_PRICE_SALE][at], sqrt(variance + 0.64));
    assert_near(p.mean[GF_PRICE_LISTING][at], mean + log(1.6));
    assert_near(p.sigma[GF_PRICE_LISTING][at], sqrt(variance + 0.25));
    assert_near(p.kept[at], 0.64);
    assert_near(p.round_loading[GF_B], 0.3);
    assert_true(p.round_mean[GF_A] == 0 && p.round_sigma[GF_A] == 0);
}

/* An outlier's rounds are behind it: its value was drawn. */
static void test_outliers_carry_no_rounds(void **state)
{
    (void)state;
    const gf_prices p = prices_of(0, NULL);
    const int at = GF_SEED * GF_STAGE_ROOM + GF_OUTLIER;
    assert_true(p.mean[GF_PRICE_MARK][at] == 0 && p.sigma[GF_PRICE_MARK][at] == 0 && p.kept[at] == 1);
    assert_near(p.sigma[GF_PRICE_SALE][at], 0.8);
}

static void test_who_acts_on_rounds_sees_them(void **state)
{
    (void)state;
    const char *const follow[] = {"startups.follow_on.rule=pro_rata", "programme.invested_share=0.5",
                                  "programme.reserve_share=0.2"},
                      *const buy_back[] = {"programme.government={concession: buy_back}"};
    const gf_prices f = prices_of(3, follow), b = prices_of(1, buy_back);
    const int at = GF_SEED * GF_STAGE_ROOM + GF_B;
    assert_true(f.are_rounds_seen && b.are_rounds_seen);
    assert_near(f.round_mean[GF_SEED], log(2.0)); /* the price itself: dilution comes with the follow-on */
    assert_near(b.round_mean[GF_SEED], log(2.0 * 0.8));
    assert_near(b.round_sigma[GF_SEED], 0.5);
    assert_true(b.mean[GF_PRICE_MARK][at] == 0 && b.kept[at] == 1);
    assert_near(b.sigma[GF_PRICE_SALE][at], 0.8);
}

/* In all ways in which a stake can grow. */
static void test_last_mark_is_the_horizon(void **state)
{
    (void)state;
    static const struct {
        const char *config, *set;
    } cases[] = {{"reference.yaml", "startups.horizon_share=0.75"},
                 {"reference.yaml", "startups.step_up.market_correlation=0.5"},
                 {"reference.yaml", "startups.entry.stage_weights=[0.5, 0.2, 0.2, 0.05, 0.05]"},
                 {"reference.yaml", "startups.breakout.then=stays"},
                 {"reference.yaml", "programme.government={concession: buy_back}"},
                 {"wuxi.yaml", "startups.listing.lock_up_quarters=0"},
                 {"hangzhou.yaml", "startups.listing.lock_up_quarters=0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        fixture_open(&f, cases[i].config, 1, &cases[i].set);
        const gf_scenario *s = &f.config.scenario;
        double *series =
            malloc((size_t)f.layout.n_series * (size_t)s->n_quarters * GF_LANES * sizeof *series);
        const gf_sink sink = {
            .columns = f.columns, .columns_stride = GF_LANES, .series = series, .series_stride = GF_LANES};
        gf_simulate(f.workspace, 3, GF_LANES, &sink);
        const double *last = series + (GF_SERIES_NAV * s->n_quarters + s->n_quarters - 1) * GF_LANES;
        const gf_ledger *g = gf_workspace_ledger(f.workspace);
        for (int lane = 0; lane < GF_LANES; lane++)
            assert_true(fabs(last[lane] * s->startups.horizon_share - g->stakes[lane]) <=
                        1e-12 * (1 + g->stakes[lane]));
        free(series);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_run_from_entry_to_exit),
        cmocka_unit_test(test_outliers_carry_no_rounds),
        cmocka_unit_test(test_who_acts_on_rounds_sees_them),
        cmocka_unit_test(test_last_mark_is_the_horizon),
    };
    return cmocka_run_group_tests_name("prices", tests, NULL, NULL);
}
