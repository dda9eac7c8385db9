/* The outcome lifecycle and the cash-flow mode: what reaches the ledger and the columns, and that nothing
 * else moves it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "outcome_run.h"

static void assert_close(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    print_error("%.17g is not %.17g\n", value, expected);
    fail();
}

static const char *const full =
    "scenario: test\nportfolios: 200\nseed: 7\nhorizon_years: 8\ndraws: %s\n"
    "startups:\n  lifecycle: outcome\n  count: 37\n"
    "  entry: {quarters: 6, tranche_quarters: 3, deal_flow_per_year: 30, extension_quarters: 3}\n"
    "  outcome:\n    correlation: %g\n    holding_years: {%s}\n    mixture:\n"
    "      - {weight: 0.5, uniform: [0, 1]}\n      - {weight: 0.2, point: 0}\n"
    "      - {weight: 0.2, lognormal: {median: 1.2, sigma: 0.6}}\n      - {weight: 0.05, beta: {a: 3, b: "
    "1}}\n"
    "      - {weight: 0.05, pareto: {index: 1.4, min: 10, cap: none}}\n"
    "programme: {sub_funds: 3, manager_share: 0.02, terms: {fee_per_year: 0.02, carry: 0.2, hurdle_per_year: "
    "0.08}}\n"
    "output: {quarters_of: 0}\n";

static const char *full_text(const char *draws, double correlation, const char *holding)
{
    static char text[3000];
    snprintf(text, sizeof text, full, draws, correlation, holding);
    return text;
}

static void columns_agree_with_startups(void **state)
{
    outcome_run *run = outcome_run_with(full_text("fast", 0.2, "lognormal: {median: 3, sigma: 0.8}"),
                                        (outcome_options){.isa = gf_isa_detect(), .has_startups = 1});
    int n_at_horizon = 0;
    for (size_t p = 0; p < run->n; p++) {
        double n[3] = {0}, value = 0, cost = 0, largest = 0;
        for (size_t i = 0; i < 37; i++) {
            const int fate = (int)outcome_startup(run, GF_STARTUP_FATE, i, p);
            const double entry = outcome_startup(run, GF_STARTUP_ENTRY_QUARTER, i, p);
            const double exit = outcome_startup(run, GF_STARTUP_EXIT_QUARTER, i, p);
            if (fate == 5) /* never funded */
                continue;
            const double multiple =
                outcome_startup(run, GF_STARTUP_VALUE, i, p) / outcome_startup(run, GF_STARTUP_COST, i, p);
            assert_true(fate == GF_FAIL ? multiple < 1 : multiple >= 1);
            assert_true(fate == GF_BREAKOUT ? multiple > 9.99 : 1);
            assert_true(exit >= entry && exit <= 31);
            n_at_horizon += exit == 31;
            n[fate == GF_FAIL ? 0 : fate == GF_ACQUIRE ? 1 : 2] += 1;
            value += outcome_startup(run, GF_STARTUP_VALUE, i, p);
            cost += outcome_startup(run, GF_STARTUP_COST, i, p);
            largest = fmax(largest, multiple);
        }
        assert_true(outcome_column(run, GF_COLUMN_N_FAILED)[p] == n[0]);
        assert_true(outcome_column(run, GF_COLUMN_N_ACQUIRED)[p] == n[1]);
        assert_true(outcome_column(run, GF_COLUMN_N_OUTLIERS)[p] == n[2]);
        assert_true(outcome_column(run, GF_COLUMN_N_ENTERED)[p] == n[0] + n[1] + n[2]);
        assert_true(outcome_column(run, GF_COLUMN_N_LIVE)[p] == 0);
        assert_close(outcome_column(run, GF_COLUMN_INVESTED)[p], cost, 1e-12);
        assert_close(outcome_column(run, GF_COLUMN_GROSS_MULTIPLE)[p], value / cost, 1e-12);
        assert_close(outcome_column(run, GF_COLUMN_MAX_MULTIPLE)[p], largest, 1e-12);
        assert_true(outcome_column(run, GF_COLUMN_NET_RVPI)[p] == 0);
    }
    assert_true(n_at_horizon > 50); /* clipped holdings */
    outcome_run_free(run);
    (void)state;
}

/* Entries and exits by the calendar: 4 a quarter for 2 quarters, 1.6 years held are 7 quarters. */
static void money_falls_on_its_dates(void **state)
{
    outcome_run *run =
        outcome_run_text("scenario: test\nportfolios: 5\nhorizon_years: 2\n"
                         "startups: {lifecycle: outcome, count: 8, entry: {quarters: 2}, outcome: "
                         "{holding_years: {point: 1.6}, "
                         "mixture: [{weight: 1, point: 3}]}}\n"
                         "programme: {target_cny_m: 80, terms: {fee_per_year: 0, carry: 0}}\n");
    const gf_ledger *g = gf_workspace_ledger(run->workspace);
    for (int t = 0; t <= 8; t++) {
        assert_close(g->invested[t][0], t < 2 ? 40 : 0, 1e-12);
        assert_close(g->proceeds[t][0], t >= 7 ? 120 : 0, 1e-12);
    }
    assert_close(outcome_column(run, GF_COLUMN_NET_TVPI)[4], 3, 1e-12);
    assert_close(outcome_column(run, GF_COLUMN_NET_IRR)[4], pow(3, 4.0 / 7) - 1, 1e-9);
    outcome_run_free(run);
    (void)state;
}

static void cash_closes(const outcome_run *run)
{
    const gf_ledger *g = gf_workspace_ledger(run->workspace);
    const double programme = run->config.scenario.scene.commitment_cny_m;
    for (size_t lane = 0; lane < run->n_last; lane++)
        for (int t = 0; t < g->n_times; t++) {
            double calls = 0, distributions = 0;
            for (int party = 0; party < GF_N_PARTIES; party++) {
                calls += g->call[party][t][lane];
                distributions += g->distribution[party][t][lane];
            }
            assert_true(fabs(calls - g->invested[t][lane] - g->fees[t][lane]) < 1e-9 * programme);
            assert_true(fabs(distributions + g->carry[t][lane] - g->proceeds[t][lane]) <
                        1e-9 * fmax(programme, g->proceeds[t][lane]));
        }
}

static void money_closes(void **state)
{
    outcome_run *run = outcome_run_text(full_text("fast", 0.3, "uniform: [0, 5.75]"));
    cash_closes(run);
    outcome_run_free(run);
    (void)state;
}

/* Too few local startups: half of the cheques must be local, all lose value, and fates follow what is left.
 */
static void shortage_of_local_startups_costs_value(void **state)
{
    static const char *const text =
        "scenario: test\nportfolios: 64\nhorizon_years: 2\n"
        "startups: {lifecycle: outcome, count: 20, outcome: {holding_years: {point: 1}, "
        "mixture: [{weight: 1, point: 1.05}]}}\n"
        "programme: {fiscal_share: 0.5, reinvestment: {ratio: 1, local_deal_flow_per_year: %s, "
        "adverse_selection: 0.5}, "
        "terms: {fee_per_year: 0, carry: 0, catch_up: 0}}\n";
    static const char *const flows[] = {"none", "20"};
    double failed[2] = {0}, multiple[2] = {0};
    for (int i = 0; i < 2; i++) {
        char config[1000];
        snprintf(config, sizeof config, text, flows[i]);
        outcome_run *run = outcome_run_text(config);
        cash_closes(run);
        for (size_t p = 0; p < run->n; p++) {
            failed[i] += outcome_column(run, GF_COLUMN_N_FAILED)[p];
            multiple[i] += outcome_column(run, GF_COLUMN_GROSS_MULTIPLE)[p] / (double)run->n;
        }
        outcome_run_free(run);
    }
    assert_true(failed[0] == 0 && failed[1] > 100);
    assert_close(multiple[0], 1.05, 1e-12);
    assert_true(multiple[1] < 1);
    (void)state;
}

/* ---- same bytes ---- */

static int are_equal(const outcome_run *a, const outcome_run *b)
{
    return memcmp(a->columns, b->columns, (size_t)a->layout.n_columns * a->n * sizeof(double)) == 0;
}

static void bits_do_not_depend_on_blocks_and_sets(void **state)
{
    static const double correlations[] = {0, 0.25};
    for (int c = 0; c < 2; c++) {
        const char *text = full_text("fast", correlations[c], "lognormal: {median: 3, sigma: 0.8}");
        outcome_run *truth = outcome_run_with(text, (outcome_options){.isa = GF_ISA_SSE2});
        for (int isa = 0; isa < GF_N_ISA; isa++) {
            if (!gf_isa_available((gf_isa)isa))
                continue;
            static const int lanes[] = {0, 1, 7};
            for (int i = 0; i < 3; i++) {
                outcome_run *run =
                    outcome_run_with(text, (outcome_options){.isa = (gf_isa)isa, .lanes = lanes[i]});
                assert_true(are_equal(run, truth));
                outcome_run_free(run);
            }
        }
        outcome_run *other =
            outcome_run_with(full_text("fast", correlations[c] + 1e-6, "lognormal: {median: 3, sigma: 0.8}"),
                             (outcome_options){.isa = GF_ISA_SSE2});
        assert_false(are_equal(other, truth));
        outcome_run_free(other);
        outcome_run_free(truth);
    }
    (void)state;
}

/* The two modes of drawing: counts the same but for ties, amounts to 1e-12. */
static void modes_agree(void **state)
{
    static const double correlations[] = {0, 0.25};
    for (int c = 0; c < 2; c++) {
        outcome_run *fast =
            outcome_run_text(full_text("fast", correlations[c], "lognormal: {median: 3, sigma: 0.8}"));
        outcome_run *gsl =
            outcome_run_text(full_text("gsl", correlations[c], "lognormal: {median: 3, sigma: 0.8}"));
        for (size_t p = 0; p < fast->n; p++) {
            assert_true(outcome_column(fast, GF_COLUMN_N_FAILED)[p] ==
                        outcome_column(gsl, GF_COLUMN_N_FAILED)[p]);
            assert_true(outcome_column(fast, GF_COLUMN_N_OUTLIERS)[p] ==
                        outcome_column(gsl, GF_COLUMN_N_OUTLIERS)[p]);
            assert_close(outcome_column(fast, GF_COLUMN_GROSS_MULTIPLE)[p],
                         outcome_column(gsl, GF_COLUMN_GROSS_MULTIPLE)[p], 1e-12);
            assert_close(outcome_column(fast, GF_COLUMN_NET_TVPI)[p],
                         outcome_column(gsl, GF_COLUMN_NET_TVPI)[p], 1e-12);
        }
        outcome_run_free(fast);
        outcome_run_free(gsl);
    }
    (void)state;
}

/* ---- Takahashi and Alexander ---- */

static const char *takahashi_text(int horizon_years, const char *keys, const char *programme)
{
    static char text[1000];
    snprintf(text, sizeof text,
             "scenario: test\nportfolios: 3\nhorizon_years: %d\n"
             "startups:\n  lifecycle: takahashi_alexander\n  cash_flow: {rate_of_contribution: [0.25, "
             "0.333333333333333, 0.5], "
             "life_years: 12, bow: 2.5, growth_per_year: 0.13%s}\nprogramme: {target_cny_m: 100, %s}\n",
             horizon_years, keys, programme);
    return text;
}

/* V19 in every lane, and what the equations imply: without fees the flows return exactly the growth. */
static void published_fund_is_reproduced(void **state)
{
    outcome_run *run = outcome_run_text(takahashi_text(12, "", "terms: {fee_per_year: 0, carry: 0}"));
    const gf_ledger *g = gf_workspace_ledger(run->workspace);
    double cumulated = 0;
    for (int t = 0; t <= 48; t++)
        cumulated += g->proceeds[t][2];
    assert_close(g->proceeds[20][2], 12.690172, 1e-6);
    assert_close(g->proceeds[32][2], 35.783539, 1e-6);
    assert_close(cumulated, 187.993677, 1e-6);
    assert_close(g->stakes[2], 0.048828, 1e-6);
    for (size_t p = 0; p < 3; p++) {
        assert_close(outcome_column(run, GF_COLUMN_PAID_IN)[p], 99.951172, 1e-6);
        assert_close(outcome_column(run, GF_COLUMN_NET_TVPI)[p], 1.88134368, 1e-6);
        assert_close(outcome_column(run, GF_COLUMN_NET_IRR)[p], 0.13, 1e-9);
        assert_true(outcome_column(run, GF_COLUMN_N_ENTERED)[p] == 0);
        assert_true(outcome_column(run, GF_COLUMN_MAX_MULTIPLE)[p] == 0);
    }
    outcome_run_free(run);
    run = outcome_run_text(takahashi_text(8, "", "terms: {fee_per_year: 0, carry: 0}"));
    assert_close(gf_workspace_ledger(run->workspace)->stakes[0], 63.605549, 1e-6);
    assert_close(outcome_column(run, GF_COLUMN_NET_IRR)[0], 0.13, 1e-9);
    outcome_run_free(run);
    run = outcome_run_text(takahashi_text(5, "", "sub_funds: 4, terms: {fee_per_year: 0, carry: 0}"));
    assert_close(gf_workspace_ledger(run->workspace)->stakes[0], 106.798724, 1e-6);
    outcome_run_free(run);
    (void)state;
}

static void cash_flow_mode_takes_terms(void **state)
{
    outcome_run *plain =
        outcome_run_text(takahashi_text(12, ", step: quarterly", "terms: {fee_per_year: 0, carry: 0}"));
    assert_close(outcome_column(plain, GF_COLUMN_NET_IRR)[0], 0.13, 1e-9);
    outcome_run *run = outcome_run_text(takahashi_text(
        12, ", step: quarterly",
        "sub_funds: 2, terms: {fee_per_year: 0.02, fee_basis: invested, fee_step_down_year: 5, carry: 0.2}"));
    cash_closes(run);
    const double fees = outcome_column(run, GF_COLUMN_FEES)[0];
    assert_true(fees > 10 && fees < 20); /* five years on commitment, then on a shrinking cost */
    assert_true(outcome_column(run, GF_COLUMN_CARRY)[0] > 0);
    assert_true(outcome_column(run, GF_COLUMN_NET_IRR)[0] <
                outcome_column(plain, GF_COLUMN_NET_IRR)[0] - 0.01);
    outcome_run_free(plain);
    outcome_run_free(run);
    (void)state;
}

static void cash_flow_mode_is_checked(void **state)
{
    read_wrong("scenario: test\nhorizon_years: 12.5\nstartups:\n  lifecycle: takahashi_alexander\n"
               "  cash_flow: {rate_of_contribution: [], life_years: 12, bow: 2.5, growth_per_year: 0.13, "
               "step: yearly}\n"
               "models:\n  headwind: {}\n",
               3,
               (const char *const[]){"5:15 is an empty list", "5:96 yearly flows do not fit",
                                     "7:3 models.headwind: acts on"});
    read_wrong("scenario: test\nstartups:\n  lifecycle: takahashi_alexander\n"
               "  cash_flow: {rate_of_contribution: [1.5], life_years: 12, bow: 2.5}\n",
               2, (const char *const[]){"4:3 missing key 'growth_per_year'", "4:38 '1.5' is out of range"});
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_agree_with_startups),
        cmocka_unit_test(money_falls_on_its_dates),
        cmocka_unit_test(money_closes),
        cmocka_unit_test(shortage_of_local_startups_costs_value),
        cmocka_unit_test(bits_do_not_depend_on_blocks_and_sets),
        cmocka_unit_test(modes_agree),
        cmocka_unit_test(published_fund_is_reproduced),
        cmocka_unit_test(cash_flow_mode_takes_terms),
        cmocka_unit_test(cash_flow_mode_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
