/* Rules by which a run may stop: what is one, when they are judged, and what is made of the sums, held
 * against closed forms. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "run/statistics.h"
#include "run/until.h"
#include "scenario_fixture.h"

enum { MOST = 1 << 20 };

static gf_until rule_of(const char *text)
{
    gf_until until;
    gf_error error = {GF_OK, ""};
    if (gf_until_parse(&until, text, &error) != GF_OK)
        fail_msg("%s: %s", text, error.message);
    return until;
}

/* --- rules --- */

static void test_a_rule_has_one_spelling(void **state)
{
    static const char *const spellings[][2] = {
        {"P(net_tvpi>=5)~2%", "P(net_tvpi>=5)~2%"},
        {" P( net_tvpi >= 5.0 ) ~ 2.00 % ", "P(net_tvpi>=5)~2%"},
        {"P(net_tvpi<1e1)~1e-3", "P(net_tvpi<10)~0.001"},
        {"P(fiscal_npv<=-5)~.5", "P(fiscal_npv<=-5)~0.5"},
        {"P(net_irr>0.1)~0.7%", "P(net_irr>0.1)~0.7%"},
        {"mean( n_listed )~0.01", "mean(n_listed)~0.01"},
        {"capped_mean(net_tvpi,10)~1%", "capped_mean(net_tvpi, 10)~1%"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        assert_string_equal(rule_of(spellings[i][0]).text, spellings[i][1]);
    const gf_until relative = rule_of("P(net_tvpi>=5)~2%"), absolute = rule_of("mean(n_listed)~0.01");
    assert_true(relative.is_relative && relative.wanted == 0.02 && relative.is_probability);
    assert_true(!absolute.is_relative && absolute.wanted == 0.01 && !absolute.is_probability);
    assert_true(isinf(absolute.cap) && rule_of("capped_mean(x, 3)~1").cap == 3);
}

static void test_what_is_no_rule_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "~",
                                        "~2%",
                                        "P(x>=5)",
                                        "P(x>=5)~",
                                        "P(x>=5)~0",
                                        "P(x>=5)~0%",
                                        "P(x>=5)~-1%",
                                        "P(x>=5)~x",
                                        "P(x>=5)~2%%",
                                        "P(x>=5)~2 3",
                                        "P(x>=5)~nan",
                                        "P(x>=5)~",
                                        "P(x>=5)~inf",
                                        "P(x)~2%",
                                        "mean(x>=5)~2%",
                                        "mean(x, 3)~2%",
                                        "mean(3)~2%",
                                        "median(x)~",
                                        "median(x)~1",
                                        "irr~1%",
                                        "P(5)~1%",
                                        "capped_mean(x)~1%",
                                        "P(x>=5)~010",
                                        "P(x>=5)~2",
                                        "P(x>=5)~1",
                                        "P(x>=5~2%",
                                        "x~2%",
                                        "P(x==5)~2%",
                                        "P(x>=5)~2%x",
                                        "P(x>=5)~1e999"};
    char long_text[400];
    gf_until until;
    gf_error error;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (gf_until_parse(&until, wrong[i], &error) != GF_USAGE || strstr(error.message, "expected") == NULL)
            fail_msg("'%s' was taken for a rule, or refused without a word", wrong[i]);
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(gf_until_parse(&until, long_text, &error), GF_USAGE);
    long_text[sizeof long_text - 4] = '~';
    assert_int_equal(gf_until_parse(&until, long_text, &error), GF_USAGE);
}

static void refuses(fixture *f, const char *text, const char *says)
{
    gf_until until = rule_of(text);
    gf_error error = {GF_OK, ""};
    assert_int_equal(gf_until_bind(&until, &f->config.scenario, &f->layout, &error), GF_USAGE);
    if (strstr(error.message, says) == NULL)
        fail_msg("%s: '%s' does not say '%s'", text, error.message, says);
}

static void accepts(fixture *f, const char *text)
{
    gf_until until = rule_of(text);
    gf_error error = {GF_OK, ""};
    if (gf_until_bind(&until, &f->config.scenario, &f->layout, &error) != GF_OK)
        fail_msg("%s: %s", text, error.message);
    assert_string_equal(f->layout.columns[until.column].name, until.quantity.column);
}

static void test_columns_of_a_run(void **state)
{
    static const char *const uncapped[] = {"startups.breakout.cap_multiple=none"},
                             *const few[] = {"output.columns=[net_tvpi]"},
                             *const infinite[] = {"startups.breakout.cap_multiple=none",
                                                  "startups.breakout.index=0.9"},
                             *const tilted[] = {"sampling.breakout_tilt=2"};
    fixture f;
    (void)state;
    fixture_open(&f, "hangzhou.yaml", 1, uncapped);
    accepts(&f, "P(net_tvpi>=5)~2%");
    accepts(&f, "capped_mean(net_tvpi, 10)~2%");
    accepts(&f, "mean(n_listed)~1%");
    accepts(&f, "mean(fees)~1%");
    refuses(&f, "P(net_tpvi>=5)~2%", "did you mean 'net_tvpi'?");
    refuses(&f, "P(nothing_like_it>=5)~2%", "no column 'nothing_like_it'");
    refuses(&f, "mean(net_tvpi)~2%", "the variance is infinite");
    refuses(&f, "mean(net_irr)~2%", "capped_mean(net_irr, 1)");
    fixture_close(&f);
    fixture_open(&f, "hangzhou.yaml", 2, infinite);
    refuses(&f, "mean(net_tvpi)~2%", "not even the mean is finite");
    fixture_close(&f);
    fixture_open(&f, "reference.yaml", 1, few);
    accepts(&f, "P(net_tvpi>=5)~2%");
    refuses(&f, "P(net_irr>=0.1)~2%", "expected it in output.columns");
    fixture_close(&f);
    fixture_open(&f, "reference.yaml", 1, tilted);
    gf_until until = rule_of("P(net_tvpi>=5)~2%");
    assert_int_equal(gf_until_bind(&until, &f.config.scenario, &f.layout, NULL), GF_OK);
    assert_string_equal(f.layout.columns[until.log_weight].name, "log_weight");
    fixture_close(&f);
}

/* --- looks --- */

static void test_looks_are_powers_of_two_and_halves_more(void **state)
{
    static const uint64_t looks[] = {4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536, 98304};
    const int n_looks = sizeof looks / sizeof looks[0];
    const uint64_t far = UINT64_C(1) << 40;
    (void)state;
    for (int i = 0; i < n_looks; i++) {
        assert_int_equal(gf_until_look(looks[i], far), looks[i]);
        assert_int_equal(gf_until_look(looks[i] + 1, far), i + 1 < n_looks ? looks[i + 1] : 131072);
        assert_int_equal(gf_until_count_looks(looks[i], far), i + 1);
    }
    assert_int_equal(gf_until_look(0, far), 4096);
    assert_int_equal(gf_until_look(1, 4000), 4000); /* the last portfolio is a look, too */
    assert_int_equal(gf_until_look(90000, 90001), 90001);
    assert_int_equal(gf_until_count_looks(90001, 90001), 10);
    assert_int_equal(gf_until_look(far, far), far);
    assert_int_equal(gf_until_count_looks(4000, 4000), 1);
}

/* --- sums and verdicts --- */

enum { N = 10000, STRIDE = N + 3 };

/* A column, and logarithms of weights. */
static double table[2 * STRIDE];

/* Values in [0, 1), one in 97 missing; weights that are not all alike. */
static void fill(void)
{
    for (int i = 0; i < N; i++) {
        table[i] = i % 97 == 0 ? NAN : fmod(i * 0.6180339887498949, 1);
        table[STRIDE + i] = 0.5 * sin(i);
    }
}

static gf_until bound_rule(const char *text, int is_weighted)
{
    gf_until until = rule_of(text);
    until.column = 0;
    until.log_weight = is_weighted ? 1 : -1;
    return until;
}

static void sum_range(const gf_until *until, gf_until_sums *sums, int from, int to)
{
    gf_until_add_batch(until, sums, table + from, STRIDE, (size_t)(to - from));
}

static gf_until_verdict judge_all(const gf_until *until)
{
    gf_until_sums sums;
    gf_until_sums_reset(&sums);
    sum_range(until, &sums, 0, N);
    return gf_until_judge(until, &sums, N, MOST);
}

static void near(double a, double b, double bound)
{
    if (!(fabs(a - b) <= bound * fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

static void test_errors_are_those_of_the_summary(void **state)
{
    gf_atoms atoms, weighted;
    double weights[N], values[N];
    (void)state;
    fill();
    for (int i = 0; i < N; i++)
        weights[i] = exp(table[STRIDE + i]);
    memcpy(values, table, sizeof values);
    assert_int_equal(gf_atoms_from_values(&atoms, values, NULL, N), 0);
    assert_int_equal(gf_atoms_from_values(&weighted, values, weights, N), 0);
    const struct {
        const char *rule;
        gf_estimate plain, weighted;
    } cases[] = {
        {"P(x>=0.9)~1%", gf_atoms_probability(&atoms, 0.9), gf_atoms_probability(&weighted, 0.9)},
        {"mean(x)~1%", gf_atoms_mean(&atoms), gf_atoms_mean(&weighted)},
        {"capped_mean(x, 0.3)~1%", gf_atoms_capped_mean(&atoms, 0.3), gf_atoms_capped_mean(&weighted, 0.3)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const gf_until plain = bound_rule(cases[i].rule, 0), tilted = bound_rule(cases[i].rule, 1);
        const gf_until_verdict p = judge_all(&plain), w = judge_all(&tilted);
        near(p.estimate, cases[i].plain.value, 1e-13);
        near(p.se, cases[i].plain.se, 1e-11);
        near(w.estimate, cases[i].weighted.value, 1e-13);
        near(w.se, cases[i].weighted.se, 1e-11);
        assert_true(fabs(w.estimate / p.estimate - 1) >
                    1e-6); /* the spoiled twin: weights that are ignored */
    }
    gf_atoms_clear(&atoms);
    gf_atoms_clear(&weighted);
}

/* p = 1/4 of n: √(p (1 − p)/n), whatever the relation is called. */
static void test_a_probability_has_the_binomial_error(void **state)
{
    static const struct {
        const char *rule;
        double p;
    } cases[] = {{"P(x>=3)~1%", 0.25}, {"P(x>2)~1%", 0.25}, {"P(x<=2)~1%", 0.75}, {"P(x<1)~1%", 0.25}};
    (void)state;
    for (int i = 0; i < N; i++)
        table[i] = i % 4;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const gf_until until = bound_rule(cases[i].rule, 0);
        const gf_until_verdict v = judge_all(&until);
        const double se = sqrt(cases[i].p * (1 - cases[i].p) / N), reached = se / cases[i].p;
        near(v.estimate, cases[i].p, 1e-15);
        near(v.se, se, 1e-13);
        assert_int_equal(v.is_met, reached <= 0.01);
        near((double)v.n_needed, N * pow(reached / 0.01, 2), 1e-3);
    }
    /* at the wanted error and just below it */
    const double se = sqrt(0.25 * 0.75 / N);
    char text[64];
    snprintf(text, sizeof text, "P(x>=3)~%.6f", se * 1.001);
    gf_until until = bound_rule(text, 0);
    assert_true(judge_all(&until).is_met);
    snprintf(text, sizeof text, "P(x>=3)~%.6f", se * 0.999);
    until = bound_rule(text, 0);
    assert_false(judge_all(&until).is_met);
}

static void test_what_was_never_seen_is_never_known(void **state)
{
    char text[400];
    (void)state;
    fill();
    gf_until until = bound_rule("P(x>=2)~99%", 0);
    gf_until_verdict v = judge_all(&until);
    const double n_valid = N - (N + 96) / 97;
    assert_true(!v.is_met && v.estimate == 0 && isnan(v.se) && v.n_needed == 0);
    near(v.bound, 3 / n_valid, 1e-14);
    gf_until_describe(&until, &v, text, sizeof text);
    assert_non_null(strstr(text, "is not known: none of 10000 portfolios"));
    until = bound_rule("P(x<2)~99%", 0);
    v = judge_all(&until);
    assert_true(!v.is_met && v.estimate == 1 && isnan(v.se));
    near(v.bound, 1 - 3 / n_valid, 1e-14);
    gf_until_describe(&until, &v, text, sizeof text);
    assert_non_null(strstr(text, "all of 10000 portfolios"));
    /* with weights as many portfolios as know as much */
    until = bound_rule("P(x>=2)~99%", 1);
    assert_true(judge_all(&until).bound > 1.05 * 3 / n_valid);
    /* a value that all share, or that none has */
    for (int i = 0; i < N; i++)
        table[i] = 0.1;
    until = bound_rule("mean(x)~1", 0);
    v = judge_all(&until);
    assert_true(!v.is_met && v.is_alike && isnan(v.se) && isnan(v.bound));
    gf_until_describe(&until, &v, text, sizeof text);
    assert_non_null(strstr(text, "tells no error"));
    for (int i = 0; i < N; i++)
        table[i] = NAN;
    v = judge_all(&until);
    assert_true(!v.is_met && isnan(v.estimate));
    gf_until_describe(&until, &v, text, sizeof text);
    assert_non_null(strstr(text, "is not known"));
    table[5] = INFINITY; /* as the summary has it: no moments, but a probability */
    table[6] = 1;
    assert_true(isnan(judge_all(&until).estimate));
    until = bound_rule("P(x>=2)~99%", 0);
    near(judge_all(&until).estimate, 0.5, 0);
    until = bound_rule("capped_mean(x, 3)~99%", 0);
    near(judge_all(&until).estimate, 2, 0);
}

static void test_events_that_never_happened_are_missing(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        table[i] = i % 2 == 0 ? -1 : i % 4;
    gf_until until = bound_rule("P(x>=2)~1%", 0);
    near(judge_all(&until).estimate, 0.25, 1e-14);
    until.is_event = 1;
    const gf_until_verdict v = judge_all(&until);
    near(v.estimate, 0.5, 1e-14);
    near(v.se, sqrt(0.25 / (N / 2.0)), 1e-13);
}

/* Parts come in any order; their sums have the same bits. */
/* Two values that are close by chance are no small error, nor are a few portfolios that weigh all. */
static void test_few_values_are_never_enough(void **state)
{
    char text[400];
    (void)state;
    for (int i = 0; i < N; i++)
        table[i] = i % 101 == 0 ? 10.0 + i % 2 : (double)NAN; /* 100 values */
    gf_until until = bound_rule("mean(x)~1%", 0);
    gf_until_verdict v = judge_all(&until);
    near(v.effective, 100, 0);
    assert_true(v.is_met);
    table[0] = NAN; /* 99 */
    v = judge_all(&until);
    assert_true(!v.is_met && v.se > 0 && v.se < 0.01 * v.estimate);
    assert_int_equal(v.n_needed, (N * 100 + 98) / 99);
    gf_until_describe(&until, &v, text, sizeof text);
    assert_non_null(strstr(text, "is not known"));
    assert_non_null(strstr(text, "count for 99, fewer than 100; about 10102 would be needed"));
    fill();
    until = bound_rule("mean(x)~20%", 1);
    assert_true(judge_all(&until).is_met);
    for (int i = 0; i < N; i++)
        table[STRIDE + i] = i < 20 ? 0 : -20;
    v = judge_all(&until);
    assert_true(!v.is_met && v.effective < 21 && v.se < 0.2 * v.estimate);
}

static void test_sums_add_up_in_any_order(void **state)
{
    static const int cuts[][2] = {{6400, N}, {0, 64}, {640, 6400}, {64, 640}};
    int64_t words[GF_UNTIL_WORDS], whole_words[GF_UNTIL_WORDS];
    gf_until_sums whole, sum, part;
    (void)state;
    fill();
    for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
        const gf_until until = bound_rule("mean(x)~1%", is_weighted);
        gf_until_sums_reset(&whole);
        gf_until_sums_reset(&sum);
        sum_range(&until, &whole, 0, N);
        gf_until_sums_pack(&whole, whole_words);
        for (int i = 0; i < 4; i++) {
            gf_until_sums_pack(&sum, words);
            assert_memory_not_equal(words, whole_words, sizeof words); /* a part that is missing shows */
            gf_until_sums_reset(&part);
            sum_range(&until, &part, cuts[i][0], cuts[i][1]);
            gf_until_sums_pack(&part, words);
            gf_until_sums_add_packed(&sum, words);
        }
        gf_until_sums_pack(&sum, words);
        assert_memory_equal(words, whole_words, sizeof words);
        const gf_until_verdict a = gf_until_judge(&until, &whole, N, MOST),
                               b = gf_until_judge(&until, &sum, N, MOST);
        assert_true(a.estimate == b.estimate && a.se == b.se && a.n_needed == b.n_needed);
    }
}

static void test_verdicts_in_words(void **state)
{
    char text[400];
    (void)state;
    for (int i = 0; i < N; i++)
        table[i] = i % 4;
    gf_until until = bound_rule("P(x>=3)~2%", 0);
    gf_until_verdict v = judge_all(&until);
    gf_until_describe(&until, &v, text, sizeof text);
    assert_string_equal(text, "P(x>=3) is 0.25 and known to 1.73% after 10000 portfolios");
    until = bound_rule("mean(x)~0.001", 0);
    v = judge_all(&until);
    gf_until_describe(&until, &v, text, sizeof text);
    assert_string_equal(text, "mean(x) is 1.5 and known to ±0.0112 after 10000 portfolios, not to ±0.001; "
                              "about 1250126 would be needed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_rule_has_one_spelling),
                                       cmocka_unit_test(test_what_is_no_rule_is_refused),
                                       cmocka_unit_test(test_columns_of_a_run),
                                       cmocka_unit_test(test_looks_are_powers_of_two_and_halves_more),
                                       cmocka_unit_test(test_errors_are_those_of_the_summary),
                                       cmocka_unit_test(test_a_probability_has_the_binomial_error),
                                       cmocka_unit_test(test_what_was_never_seen_is_never_known),
                                       cmocka_unit_test(test_events_that_never_happened_are_missing),
                                       cmocka_unit_test(test_few_values_are_never_enough),
                                       cmocka_unit_test(test_sums_add_up_in_any_order),
                                       cmocka_unit_test(test_verdicts_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
