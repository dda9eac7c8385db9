/* The outcome lifecycle and the cash-flow mode: what a config may say, where errors point, what reaches the
 * columns. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "outcome_run.h"
#include "portfolio/outcome_mixture.h"

static void assert_close(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    print_error("%.17g is not %.17g\n", value, expected);
    fail();
}

/* A config whose only errors must be at the places and hold the words: "LINE:COLUMN part", in order. */
static void read_wrong(const char *text, int n_expected, const char *const *expected)
{
    gf_config config;
    gf_error_list errors = {0};
    assert_int_equal(outcome_read(text, &config, &errors), GF_CONFIG);
    if ((int)errors.n != n_expected)
        gf_errors_print(&errors, stderr);
    assert_int_equal(errors.n, n_expected);
    for (int i = 0; i < n_expected; i++) {
        char found[900];
        snprintf(found, sizeof found, "%d:%d %s", errors.errors[i].line, errors.errors[i].column,
                 errors.errors[i].message);
        const size_t place = strcspn(expected[i], " ") + 1;
        if (strncmp(found, expected[i], place) != 0 || strstr(found, expected[i] + place) == NULL) {
            print_error("'%s' is not '%s'\n", found, expected[i]);
            fail();
        }
        assert_non_null(strstr(errors.errors[i].message, "expected"));
    }
    gf_errors_clear(&errors);
}

/* A config with the mixture on lines 8 and 9. */
static const char *with_mixture(const char *first, const char *second)
{
    static char text[2048];
    snprintf(text, sizeof text,
             "scenario: test\nhorizon_years: 5\nstartups:\n  lifecycle: outcome\n  outcome:\n"
             "    holding_years: {point: 5}\n    mixture:\n      - {%s}\n      - {%s}\n",
             first, second);
    return text;
}
#define MIXTURE_WRONG(first, second, ...)                                                                    \
    do {                                                                                                     \
        const char *const expected_[] = {__VA_ARGS__};                                                       \
        read_wrong(with_mixture(first, second), (int)(sizeof expected_ / sizeof *expected_), expected_);     \
    } while (0)

static void mixtures_are_checked(void **state)
{
    static const char *const half = "weight: 0.5, point: 2";
    MIXTURE_WRONG(half, "weight: 0.5, point: 0, uniform: [0, 1]",
                  "9:9 a component with point and uniform; expected exactly one");
    MIXTURE_WRONG(half, "weight: 0.5", "9:9 a component with none; expected exactly one");
    MIXTURE_WRONG(half, "weight: 0.4, point: 0", "7:5 weights sum to 0.9; expected 1");
    MIXTURE_WRONG(half, "point: 0", "9:9 missing key 'weight'");
    MIXTURE_WRONG(half, "weight: 0.5, betta: {a: 1, b: 1}", "9:23 unknown key 'betta'");
    MIXTURE_WRONG(half, "weight: 0.5, beta: {a: 1}", "9:23 missing key 'b'");
    MIXTURE_WRONG(half, "weight: 0.5, lognormal: 1.2", "9:34 '1.2' is not a mapping");
    MIXTURE_WRONG(half, "weight: 0.5, lognormal: {median: 1}", "9:23 missing key 'sigma'");
    MIXTURE_WRONG(half, "weight: 0.5, uniform: [1, 0]", "9:23 lower bound 1 is above");
    MIXTURE_WRONG(half, "weight: 0.5, uniform: [1]", "9:32 is a list of 1");
    MIXTURE_WRONG(half, "weight: 0.5, pareto: {index: 1.4, min: 10, cap: 10}", "9:58 10 is not above min 10");
    MIXTURE_WRONG(half, "weight: 0.5, pareto: {index: 1.4, min: 10}", "9:23 missing key 'cap'");
    MIXTURE_WRONG("weight: 0.6, point: -1", "weight: 0.5, levy: {scale: 0}", "8:30 '-1' is out of range",
                  "9:37 '0' is out of range"); /* the sum waits until the values are right */
    read_wrong(
        "scenario: test\nstartups: {lifecycle: outcome, outcome: {holding_years: {point: 5}, mixture: []}}\n",
        1, (const char *const[]){"2:69 startups.outcome.mixture: has no component"});
    (void)state;
}

static void holdings_are_checked(void **state)
{
    static const struct {
        const char *entry, *holding, *expected;
    } cases[] = {
        {"{}", "{point: 5, uniform: [1, 2]}", "7:5 a holding with point and uniform"},
        {"{}", "{}", "7:5 a holding with none; expected exactly one"},
        {"{}", "{point: 5.01}", "7:28 expected horizon_years of at least 5.25"},
        {"{quarters: 8}", "{point: 5}", "7:28 expected horizon_years of at least 6.75"},
        {"{quarters: 8}", "{uniform: [1, 3.5]}", "7:21 expected horizon_years of at least 5.25"},
        {"{quarters: 2, deal_flow_per_year: 9, extension_quarters: 4}", "{point: 4}",
         "7:28 expected horizon_years of at least 5.25"},
        {"{}", "{uniform: [3, 1]}", "7:21 lower bound 3 is above"},
        {"{}", "{lognormal: {median: 5}}", "7:21 missing key 'sigma'"},
        {"{}", "5", "7:20 '5' is not a mapping"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(
            text, sizeof text,
            "scenario: test\nhorizon_years: 5\nstartups:\n  lifecycle: outcome\n  entry: %s\n  outcome:\n"
            "    holding_years: %s\n    mixture: [{weight: 1, point: 1}]\n",
            cases[i].entry, cases[i].holding);
        read_wrong(text, 1, &cases[i].expected);
    }
    (void)state;
}

static void stages_are_refused(void **state)
{
    read_wrong("scenario: test\n"
               "startups:\n"
               "  lifecycle: outcome\n"
               "  sectors: [{name: a, weight: 1}]\n"
               "  quality: {correlation: 0.1}\n"
               "  follow_on: {rule: winners}\n"
               "  outcome: {holding_years: {point: 5}, mixture: [{weight: 1, point: 1}]}\n"
               "programme: {manager_skill: 0.1, reserve_share: 0.2}\n"
               "models:\n"
               "  spillover: {}\n"
               "  giants: {}\n",
               6,
               (const char *const[]){"4:3 has no sectors", "5:26 has no quality", "6:21 no rounds to follow",
                                     "8:28 manager_skill: lifecycle outcome has no quality",
                                     "10:3 models.spillover: acts on the stages",
                                     "11:3 models.giants: acts on the stages"});
    read_wrong("scenario: test\nstartups: {lifecycle: outcome}\n", 1,
               (const char *const[]){"2:23 needs the section startups.outcome"});
    read_wrong("scenario: test\nstartups: {outcome: {holding_years: {point: 5}, mixture: [{weight: 1, point: "
               "1}]}}\n",
               1,
               (const char *const[]){
                   "2:12 is given, but the lifecycle does not read it; expected lifecycle: outcome"});
    read_wrong("scenario: test\nstartups: {lifecycle: takahashi_alexander}\n", 1,
               (const char *const[]){"2:23 needs the section startups.cash_flow"});
    (void)state;
}

/* Absent optional groups are not missed, present ones tell so. */
static void presence_is_known(void **state)
{
    gf_config config;
    gf_error_list errors = {0};
    assert_int_equal(outcome_read(with_mixture("weight: 0.5, point: 2", "weight: 0.5, levy: {scale: 2}"),
                                  &config, &errors),
                     GF_OK);
    const gf_startup_params *p = &config.scenario.startups;
    assert_int_equal(p->has_outcome, 1);
    assert_int_equal(p->has_cash_flow, 0);
    assert_int_equal(p->outcome.holding_years.has_point, 1);
    assert_int_equal(p->outcome.holding_years.has_uniform, 0);
    assert_int_equal(p->outcome.holding_years.has_lognormal, 0);
    for (int kind = 0; kind < GF_N_OUTCOMES; kind++) {
        assert_int_equal(p->outcome.mixture[0].has[kind], kind == GF_OUTCOME_POINT);
        assert_int_equal(p->outcome.mixture[1].has[kind], kind == GF_OUTCOME_LEVY);
    }
    /* the canonical text reads back to itself */
    gf_config again;
    assert_int_equal(outcome_read(config.text, &again, &errors), GF_OK);
    assert_string_equal(again.text, config.text);
    gf_config_clear(&again);
    gf_config_clear(&config);
    (void)state;
}

/* ---- laws ---- */

enum { PLACES = 400 };

/* Quantiles of one component at places that reach far into both tails, against `truth`(lower, upper). */
static void check_law(const gf_component_params *params,
                      double (*truth)(const gf_component_params *, double, double), double tolerance)
{
    const gf_draws *modes[] = {gf_draws_gsl(), gf_draws_fast(gf_isa_detect())};
    gf_outcome_params outcome = {.n_components = 1};
    gf_mixture mixture;
    outcome.mixture[0] = *params;
    assert_int_equal(gf_mixture_init(&mixture, &outcome), 0);
    for (int mode = 0; mode < 2; mode++) {
        double lower[PLACES], upper[PLACES], kept[2][PLACES], multiple[PLACES];
        for (int i = 0; i < PLACES; i++) {
            const double small = exp(-40.0 * (i / 2 + 0.5) / (PLACES / 2.0)) / 2;
            lower[i] = kept[0][i] = i % 2 ? small : 1 - small;
            upper[i] = kept[1][i] = i % 2 ? 1 - small : small;
        }
        gf_mixed_quantile(&mixture.components[0], modes[mode], PLACES, lower, upper, multiple);
        for (int i = 0; i < PLACES; i++) {
            const double expected = truth(params, kept[0][i], kept[1][i]);
            if (!(fabs(multiple[i] - expected) <= tolerance * fabs(expected))) {
                print_error("%s at %.17g, %.17g: %.17g is not %.17g\n", modes[mode]->name, kept[0][i],
                            kept[1][i], multiple[i], expected);
                fail();
            }
        }
    }
    gf_mixture_clear(&mixture);
}

static double lognormal_truth(const gf_component_params *c, double lower, double upper)
{
    const double z = lower < upper ? gsl_cdf_ugaussian_Pinv(lower) : gsl_cdf_ugaussian_Qinv(upper);
    return c->lognormal.median * exp(c->lognormal.sigma * z);
}
static double pareto_truth(const gf_component_params *c, double lower, double upper)
{
    (void)lower;
    const double beyond = isinf(c->pareto.cap) ? 0 : pow(c->pareto.min / c->pareto.cap, c->pareto.index);
    return gsl_cdf_pareto_Qinv(upper * (1 - beyond) + beyond, c->pareto.index, c->pareto.min);
}
/* P(X > x) = erf(√(scale/2x)): x from the survival side by Newton steps in log x, where erf has its relative
 * accuracy. */
static double levy_truth(const gf_component_params *c, double lower, double upper)
{
    if (upper > 0.1)
        return c->levy.scale / pow(gsl_cdf_ugaussian_Pinv(lower / 2), 2);
    double z = upper * 1.2533141373155002512;
    for (int i = 0; i < 20; i++)
        z -= (erf(z / sqrt(2)) - upper) / (0.79788456080286535588 * exp(-z * z / 2));
    return c->levy.scale / (z * z);
}
static double uniform_truth(const gf_component_params *c, double lower, double upper)
{
    (void)upper;
    return c->uniform[0] + (c->uniform[1] - c->uniform[0]) * lower;
}

static void laws_are_quantiles(void **state)
{
    const gf_component_params uniform = {.has = {[GF_OUTCOME_UNIFORM] = 1}, .weight = 1, .uniform = {1, 4}};
    const gf_component_params lognormal = {
        .has = {[GF_OUTCOME_LOGNORMAL] = 1}, .weight = 1, .lognormal = {1.2, 0.6}};
    const gf_component_params pareto = {
        .has = {[GF_OUTCOME_PARETO] = 1}, .weight = 1, .pareto = {0.98, 2, INFINITY}};
    const gf_component_params with_cap = {
        .has = {[GF_OUTCOME_PARETO] = 1}, .weight = 1, .pareto = {1.4, 10, 1000}};
    const gf_component_params levy = {.has = {[GF_OUTCOME_LEVY] = 1}, .weight = 1, .levy = {3}};
    check_law(&uniform, uniform_truth, 1e-15);
    check_law(&lognormal, lognormal_truth, 1e-13);
    check_law(&pareto, pareto_truth, 1e-13);
    check_law(&with_cap, pareto_truth, 1e-13);
    check_law(&levy, levy_truth, 1e-12);
    (void)state;
}

/* A small component at the top keeps its tail: with 1 − U known exactly, its place has 45 bits, not 7 fewer
 * digits. */
static void components_lie_in_order(void **state)
{
    gf_config config;
    gf_error_list errors = {0};
    assert_int_equal(outcome_read(with_mixture("weight: 0.01, pareto: {index: 1, min: 10, cap: none}",
                                               "weight: 0.99, point: 0.5"),
                                  &config, &errors),
                     GF_OK);
    gf_mixture m;
    assert_int_equal(gf_mixture_init(&m, &config.scenario.startups.outcome), 0);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.components[0].kind, GF_OUTCOME_POINT);
    assert_true(m.components[1].above == 0.0 && m.components[0].above == m.components[1].weight);
    const double lower[] = {0x1p-53, 0.5, 0.9899999, 0.9900001, 1 - 0x1p-53},
                 upper[] = {1 - 0x1p-53, 0.5, 0.0100001, 0.0099999, 0x1p-53};
    int chosen[5];
    gf_outcome_hot_table(gf_isa_detect())->choose(&m, 5, lower, upper, chosen);
    const int expected[] = {0, 0, 0, 1, 1};
    assert_memory_equal(chosen, expected, sizeof expected);
    gf_mixture_clear(&m);
    gf_config_clear(&config);
    (void)state;
}

/* ---- columns ---- */

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
        cmocka_unit_test(mixtures_are_checked),
        cmocka_unit_test(holdings_are_checked),
        cmocka_unit_test(stages_are_refused),
        cmocka_unit_test(presence_is_known),
        cmocka_unit_test(laws_are_quantiles),
        cmocka_unit_test(components_lie_in_order),
        cmocka_unit_test(columns_agree_with_startups),
        cmocka_unit_test(money_falls_on_its_dates),
        cmocka_unit_test(money_closes),
        cmocka_unit_test(bits_do_not_depend_on_blocks_and_sets),
        cmocka_unit_test(modes_agree),
        cmocka_unit_test(published_fund_is_reproduced),
        cmocka_unit_test(cash_flow_mode_takes_terms),
        cmocka_unit_test(cash_flow_mode_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
