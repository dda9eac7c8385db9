/* The outcome lifecycle: what a config may say, where errors point, and the laws of its mixture. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "outcome_run.h"
#include "portfolio/outcome_mixture.h"

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
    const gf_draws *modes[] = {gf_draws_gsl(GF_ISA_SSE2), gf_draws_fast(gf_isa_detect())};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixtures_are_checked), cmocka_unit_test(holdings_are_checked),
        cmocka_unit_test(stages_are_refused),   cmocka_unit_test(presence_is_known),
        cmocka_unit_test(laws_are_quantiles),   cmocka_unit_test(components_lie_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
