/* Rules that act while the programme invests: reinvestment duty, recycling, loss tolerance. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "scenario_fixture.h"

#define assert_near(x, y, bound)                                                                             \
    do {                                                                                                     \
        const double x_ = (x), y_ = (y);                                                                     \
        if (!(fabs(x_ - y_) <= (bound)))                                                                     \
            fail_msg("%s = %.12g, expected %.12g within %g", #x, x_, y_, (double)(bound));                   \
    } while (0)

enum { MOST = 12 };
static const char *const base[] = {"startups.entry.quarters=10", "startups.entry.tranche_quarters=1",
                                   "programme.fiscal_share=0.4"};

static void open_with(fixture *f, int n, const char *const *more)
{
    const char *all[MOST];
    memcpy(all, base, sizeof base);
    for (int i = 0; i < n; i++)
        all[3 + i] = more[i];
    fixture_open(f, "reference.yaml", 3 + n, all);
    fixture_run(f, 0, GF_LANES);
}

static void a_duty_that_is_easily_met_changes_nothing(void **state)
{
    (void)state;
    static const char *const with[] = {"programme.reinvestment.ratio=1.5"};
    fixture a, b;
    open_with(&a, 0, NULL);
    open_with(&b, 1, with);
    for (int lane = 0; lane < GF_LANES; lane++) {
        assert_near(fixture_value(&b, "net_tvpi", lane), fixture_value(&a, "net_tvpi", lane), 0);
        /* 0.8 of commitment in 100 cheques; 1.5 × 0.4 of it must be local: 75 cheques of 8 */
        assert_near(fixture_value(&b, "local_invested", lane), 600, 1e-9);
        assert_near(fixture_value(&b, "local_duty", lane), 600, 1e-9);
        assert_near(fixture_value(&b, "idle_cash", lane), 0, 0);
    }
    fixture_close(&a);
    fixture_close(&b);
}

/* No local startup ever: with f = 3/4 the second cheque must be local, so one enters and 99 wait. */
static void without_local_startups_cash_lies_idle(void **state)
{
    (void)state;
    static const char *const with[] = {"programme.reinvestment.ratio=1.5",
                                       "programme.reinvestment.local_deal_flow_per_year=0"};
    fixture f;
    open_with(&f, 2, with);
    double idle = 0;
    for (int q = 0; q < 40; q++)
        idle += 0.25 * 8 * ((q < 10 ? 10 * (q + 1) : 100) - 1);
    for (int lane = 0; lane < GF_LANES; lane++) {
        assert_near(fixture_value(&f, "n_entered", lane), 1, 0);
        assert_near(fixture_value(&f, "local_invested", lane), 0, 0);
        assert_near(fixture_value(&f, "idle_cash", lane), idle, 1e-6);
    }
    fixture_close(&f);
}

/* Nobody fails, exits or grows, so NAV is cost less what scarcity took: E[N] of 7 wanted, Poisson supply of
 * mean 2. */
static void scarce_local_startups_are_worth_less(void **state)
{
    (void)state;
    static const char *const with[] = {"programme.reinvestment.ratio=1.5",
                                       "programme.reinvestment.local_deal_flow_per_year=8",
                                       "programme.reinvestment.adverse_selection=0.5",
                                       "startups.hazards_per_year.fail=[0,0,0,0,0,0]",
                                       "startups.hazards_per_year.graduate=[0,0,0,0,0,0]",
                                       "startups.hazards_per_year.acquire=[0,0,0,0,0,0]",
                                       "startups.hazards_per_year.list=[0,0,0,0,0,0]",
                                       "startups.hazards_per_year.breakout=[0,0,0,0,0,0]"};
    fixture f;
    open_with(&f, 8, with);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double entered = fixture_value(&f, "n_entered", lane),
                     local = fixture_value(&f, "local_invested", lane);
        const double value = fixture_value(&f, "gross_multiple", lane) / 0.75; /* horizon_share */
        /* all local entrants lose at most half; the others nothing */
        assert_true(value < 1 && value > 1 - 0.5 * local / (8 * entered) - 1e-12);
        assert_true(entered <= 100);
    }
    fixture_close(&f);
}

static void recycled_money_is_spent_before_anything_is_called(void **state)
{
    (void)state;
    static const char *const without[] = {"startups.follow_on.rule=pro_rata", "programme.reserve_share=0.1",
                                          "programme.invested_share=0.7"};
    static const char *const with[] = {"startups.follow_on.rule=pro_rata", "programme.reserve_share=0.1",
                                       "programme.invested_share=0.7", "programme.recycling.share=0.15"};
    fixture a, b;
    open_with(&a, 3, without);
    open_with(&b, 4, with);
    const gf_ledger *g = gf_workspace_ledger(b.workspace);
    for (int lane = 0; lane < GF_LANES; lane++) {
        double kept = 0, most = 0;
        for (int t = 0; t < g->n_times; t++) {
            kept += g->kept[t][lane];
            most = fmax(most, kept);
            assert_true(kept > -1e-9); /* what is not there cannot be spent */
            if (t > 5 * 4)
                assert_near(kept, 0, 1e-9); /* the window is five years */
        }
        assert_true(fixture_value(&b, "recycled", lane) <= 150 + 1e-9 && most <= 150 + 1e-9);
        assert_near(kept, 0, 1e-9);
        assert_true(fixture_value(&b, "follow_on", lane) >= fixture_value(&a, "follow_on", lane) - 1e-9);
        assert_true(fixture_value(&b, "paid_in", lane) <= fixture_value(&a, "paid_in", lane) + 1e-9);
        assert_near(fixture_value(&b, "n_failed", lane), fixture_value(&a, "n_failed", lane), 0);
    }
    fixture_close(&a);
    fixture_close(&b);
}

static double failures(const fixture *f)
{
    double sum = 0;
    for (int lane = 0; lane < GF_LANES; lane++)
        sum += fixture_value(f, "n_failed", lane);
    return sum;
}

static void losses_beyond_the_tolerance_stop_risks(void **state)
{
    (void)state;
    static const char *const neutral[] = {"programme.loss_tolerance.threshold=0.1"};
    static const char *const safe[] = {"programme.loss_tolerance.threshold=0.1",
                                       "programme.loss_tolerance.fail=0"};
    static const char *const stop[] = {"programme.loss_tolerance.threshold=0.05",
                                       "programme.loss_tolerance.pace=0"};
    fixture a, b, c, d;
    open_with(&a, 0, NULL);
    open_with(&b, 1, neutral);
    open_with(&c, 2, safe);
    open_with(&d, 2, stop);
    assert_near(failures(&b), failures(&a), 0);
    for (int lane = 0; lane < GF_LANES; lane++) {
        /* a cheque is 0.8% of commitment: the 13th failure passes 10%, and a quarter later there are no more
         */
        const double failed = fixture_value(&c, "n_failed", lane);
        assert_true(failed >= 13 && failed < 30);
        assert_true(fixture_value(&d, "n_entered", lane) <= fixture_value(&a, "n_entered", lane));
    }
    assert_true(failures(&c) < failures(&a) / 2);
    fixture_close(&a);
    fixture_close(&b);
    fixture_close(&c);
    fixture_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_that_is_easily_met_changes_nothing),
        cmocka_unit_test(without_local_startups_cash_lies_idle),
        cmocka_unit_test(scarce_local_startups_are_worth_less),
        cmocka_unit_test(recycled_money_is_spent_before_anything_is_called),
        cmocka_unit_test(losses_beyond_the_tolerance_stop_risks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
