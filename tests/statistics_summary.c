/* Do the printed errors tell the truth? Many small runs of known distributions: (estimate − truth)/error must
 * have mean 0 and variance 1. Bounds: 5 standard errors of those over the runs, plus a stated allowance for
 * the bias of small samples. The spoiled twin halves the errors, or forgets the pairing, and must fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random/luck.h"
#include "results_fixture.h"
#include "run/compare.h"
#include "run/summary.h"

enum { RUNS = 400, SIZE = 2000 };

static uint64_t seed(void)
{
    const char *text = getenv("GF_TEST_SEED");
    return text != NULL ? strtoull(text, NULL, 0) : 20260101;
}

static double uniform(uint32_t run, uint32_t i, uint32_t purpose)
{
    uint32_t words[4];
    gf_luck_words(seed(), run, i, purpose, 0, words);
    return gf_uniform_wide(words[0], words[1]);
}

static double exponential(uint32_t run, uint32_t i, uint32_t purpose)
{
    return -log(uniform(run, i, purpose));
}

/* Scores of many runs. */
typedef struct {
    double n, sum, sum2;
} scores;

static void add_score(scores *s, gf_estimate e, double truth)
{
    double z = (e.value - truth) / e.se;
    s->n++;
    s->sum += z;
    s->sum2 += z * z;
}

/* Mean 0 ± 5/√n ± bias, mean square 1 ± 5·√(2/n)·1.2 ± bias. */
static int is_standard(const scores *s, double bias)
{
    double mean = s->sum / s->n, square = s->sum2 / s->n;
    return fabs(mean) < 5 / sqrt(s->n) + bias && fabs(square - 1) < 6 * sqrt(2 / s->n) + bias;
}

static void expect_truth(const char *what, const scores *s, double bias)
{
    scores spoiled = {s->n, 2 * s->sum, 4 * s->sum2};
    print_message("%s: %g runs, mean z %.3f, mean z² %.3f\n", what, s->n, s->sum / s->n, s->sum2 / s->n);
    if (!is_standard(s, bias))
        fail_msg("%s: the errors are wrong", what);
    assert_false(is_standard(&spoiled, bias));
}

enum { MEDIAN, UPPER, PROBABILITY, MEAN, CAPPED, SHARE, N_KINDS };
static const char *const kinds[] = {"median", "95% quantile", "probability",
                                    "mean",   "capped mean",  "top 10% share"};

/* All statistics of one sample of the standard exponential, against closed forms. */
static void score_exponential(const gf_atoms *atoms, scores *s)
{
    add_score(&s[MEDIAN], gf_atoms_quantile(atoms, 0.5), log(2));
    add_score(&s[UPPER], gf_atoms_quantile(atoms, 0.95), -log(0.05));
    add_score(&s[PROBABILITY], gf_atoms_probability(atoms, 2), exp(-2));
    add_score(&s[MEAN], gf_atoms_mean(atoms), 1);
    add_score(&s[CAPPED], gf_atoms_capped_mean(atoms, 1.5), 1 - exp(-1.5));
    add_score(&s[SHARE], gf_atoms_top_share(atoms, 0.1), 0.1 * (1 - log(0.1)));
}

static void errors_of_a_summary_are_true(void **state)
{
    scores s[N_KINDS] = {{0, 0, 0}};
    static double x[SIZE];
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        gf_atoms atoms;
        for (uint32_t i = 0; i < SIZE; i++)
            x[i] = exponential(run, i, 1);
        assert_int_equal(gf_atoms_from_values(&atoms, x, NULL, SIZE), 0);
        score_exponential(&atoms, s);
        gf_atoms_clear(&atoms);
    }
    for (int k = 0; k < N_KINDS; k++)
        expect_truth(kinds[k], &s[k], 0.05);
}

/* Sampled from an exponential of mean 1.5 and weighted back to mean 1. */
static void weighted_errors_are_true(void **state)
{
    scores s[N_KINDS] = {{0, 0, 0}}, ignored = {0, 0, 0};
    static double x[SIZE], w[SIZE];
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        gf_atoms atoms, unweighted;
        for (uint32_t i = 0; i < SIZE; i++) {
            x[i] = 1.5 * exponential(run, i, 2);
            w[i] = 1.5 * exp(x[i] / 1.5 - x[i]);
        }
        assert_int_equal(gf_atoms_from_values(&atoms, x, w, SIZE), 0);
        assert_int_equal(gf_atoms_from_values(&unweighted, x, NULL, SIZE), 0);
        score_exponential(&atoms, s);
        add_score(&ignored, gf_atoms_mean(&unweighted), 1);
        gf_atoms_clear(&atoms);
        gf_atoms_clear(&unweighted);
    }
    for (int k = 0; k < N_KINDS; k++)
        if (k != MEDIAN &&
            k != UPPER) /* errors of weighted quantiles come from the effective size: an approximation */
            expect_truth(kinds[k], &s[k], 0.1);
    assert_false(is_standard(&ignored, 0.1));
}

static void tail_estimates_find_the_index(void **state)
{
    static const struct {
        double index, cap;
    } cases[] = {{1.4, INFINITY}, {0.8, INFINITY}, {1.4, 20}, {2.5, 6}};
    static double x[SIZE];
    (void)state;
    for (size_t c = 0; c < 4; c++) {
        scores hill = {0, 0, 0}, likelihood = {0, 0, 0};
        int is_capped = isfinite(cases[c].cap);
        for (uint32_t run = 0; run < RUNS; run++) {
            gf_atoms atoms;
            for (uint32_t i = 0; i < SIZE; i++) {
                double u = uniform(run, i, 10 + (uint32_t)c),
                       floor_u = is_capped ? pow(cases[c].cap, -cases[c].index) : 0;
                x[i] = pow(floor_u + u * (1 - floor_u), -1 / cases[c].index);
            }
            assert_int_equal(gf_atoms_from_values(&atoms, x, NULL, SIZE), 0);
            size_t k = gf_tail_size(&atoms);
            assert_true(k > 100);
            add_score(&hill, gf_tail_hill(&atoms, k), cases[c].index);
            add_score(&likelihood, gf_tail_likelihood(&atoms, k, is_capped), cases[c].index);
            gf_atoms_clear(&atoms);
        }
        print_message("index %g, cap %g\n", cases[c].index, cases[c].cap);
        expect_truth("maximum likelihood", &likelihood, 0.35);
        if (is_capped) /* Hill does not know the cap: the twin that must fail */
            assert_false(is_standard(&hill, 0.35));
        else
            expect_truth("Hill", &hill, 0.25);
    }
}

/* A = e1, B = e1 + e2/2: differences of means 1/2, of P(≥ 2) e^-2 − e^-4, of medians known. */
static void paired_errors_are_true(void **state)
{
    scores mean = {0, 0, 0}, probability = {0, 0, 0}, unpaired = {0, 0, 0};
    static double a[SIZE], b[SIZE];
    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        gf_side left = {a, NULL, SIZE}, right = {b, NULL, SIZE};
        gf_difference row = {.argument = NAN};
        for (uint32_t i = 0; i < SIZE; i++) {
            a[i] = exponential(run, i, 20);
            b[i] = a[i] + exponential(run, i, 21) / 2;
        }
        gf_compare_means(&left, &right, 1, &row);
        add_score(&mean, (gf_estimate){row.difference, row.se}, 0.5);
        assert_true(row.variance_ratio > 6 && row.variance_ratio < 14); /* (1 + 5/4)/(1/4) = 9 */
        gf_compare_means(&left, &right, 0, &row);
        add_score(&unpaired, (gf_estimate){row.difference, row.se}, 0.5);
        for (uint32_t i = 0; i < SIZE; i++) {
            a[i] = a[i] >= 2;
            b[i] = b[i] >= 2;
        }
        gf_compare_means(&left, &right, 1, &row);
        add_score(&probability, (gf_estimate){row.difference, row.se}, exp(-2) - exp(-4));
    }
    expect_truth("paired mean", &mean, 0.05);
    expect_truth("paired probability", &probability, 0.05);
    assert_false(is_standard(&unpaired, 0.05));
}

enum { COLUMNS = 200, ROWS = 1000 };

/* A file whose columns are RUNS small runs: A = e1 or B = e1 + e2/2. */
static gf_results_file *file_of_runs(fixture *f, int is_b)
{
    static gf_column columns[COLUMNS];
    static char names[COLUMNS][16];
    static double values[COLUMNS][ROWS];
    gf_results *results = NULL;
    gf_results_file *file = NULL;
    gf_error error = {0};
    const gf_provenance provenance = {1, "sse2", NULL, 0, 0};
    fixture_init(f, ROWS);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        snprintf(names[c], sizeof names[c], "run%u", c);
        columns[c] = (gf_column){names[c], "1", "a small run", 0, NULL};
        for (uint32_t i = 0; i < ROWS; i++)
            values[c][i] = exponential(c, i, 30) + (is_b ? exponential(c, i, 31) / 2 : 0);
    }
    f->layout.columns = columns;
    f->layout.n_columns = COLUMNS;
    f->plan.quarters_of = f->plan.n_startup_rows = 0;
    if (gf_results_create(&results, &f->plan, &error) != GF_OK ||
        gf_results_write_columns(results, 0, ROWS, values[0], ROWS, &error) != GF_OK ||
        gf_results_write_numbers(results, fixture_numbers, 2, &error) != GF_OK ||
        gf_results_commit(results, &provenance, &error) != GF_OK ||
        gf_results_open(&file, f->path, &error) != GF_OK)
        fail_msg("%s", error.message);
    return file;
}

static void paired_quantiles_have_true_errors(void **state)
{
    fixture f[2];
    scores median = {0, 0, 0}, upper = {0, 0, 0};
    gf_comparison comparison;
    gf_error error = {0};
    (void)state;
    gf_results_file *a = file_of_runs(&f[0], 0), *b = file_of_runs(&f[1], 1);
    assert_int_equal(gf_compare(&comparison, a, b, &error), GF_OK);
    /* P(B > x) = 2 e^-x − e^-2x: quantile at p is −ln(1 − √p) */
    for (int c = 0; c < COLUMNS; c++) {
        char name[32];
        snprintf(name, sizeof name, "run%d.median", c);
        const gf_difference *row = gf_comparison_find(&comparison, name);
        add_score(&median, (gf_estimate){row->difference, row->se}, -log(1 - sqrt(0.5)) - log(2));
        snprintf(name, sizeof name, "run%d.q75", c);
        row = gf_comparison_find(&comparison, name);
        add_score(&upper, (gf_estimate){row->difference, row->se}, -log(1 - sqrt(0.75)) + log(0.25));
    }
    expect_truth("paired median", &median, 0.1);
    expect_truth("paired quartile", &upper, 0.1);
    gf_comparison_clear(&comparison);
    gf_results_close(a);
    gf_results_close(b);
    fixture_clear(&f[0]);
    fixture_clear(&f[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_of_a_summary_are_true),      cmocka_unit_test(weighted_errors_are_true),
        cmocka_unit_test(tail_estimates_find_the_index),     cmocka_unit_test(paired_errors_are_true),
        cmocka_unit_test(paired_quantiles_have_true_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
