/* Statistics, sketches, summaries and comparisons on small inputs with known answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "results_fixture.h"
#include "run/compare.h"
#include "run/summary.h"
#include "sample_fixture.h"

static void quantiles_are_those_of_numpy(void **state)
{
    const double values[] = {7, 1, NAN, 3, 5, 20};
    (void)state;
    gf_atoms atoms = atoms_of(values, NULL, 6);
    assert_true(atoms.n == 5 && atoms.n_missing == 1);
    expect_near(gf_atoms_quantile(&atoms, 0.5).value, 5, 0);
    expect_near(gf_atoms_quantile(&atoms, 0.1).value, 1.8, 1e-15); /* numpy.quantile([1,3,5,7,20], 0.1) */
    expect_near(gf_atoms_quantile(&atoms, 0.9).value, 14.8, 1e-14);
    expect_near(gf_atoms_quantile(&atoms, 0).value, 1, 0);
    expect_near(gf_atoms_quantile(&atoms, 1).value, 20, 0);
    assert_true(isnan(gf_atoms_quantile(&atoms, 0.01).se)); /* the interval leaves the sample */
    gf_atoms_clear(&atoms);
    gf_atoms none = atoms_of(values + 2, NULL, 1);
    assert_true(isnan(gf_atoms_quantile(&none, 0.5).value) && isnan(gf_atoms_probability(&none, 1).value));
    assert_true(isnan(gf_atoms_mean(&none).value));
    gf_atoms_clear(&none);
}

static void probabilities_and_means_are_exact(void **state)
{
    const double values[] = {0, 1, 1, 2, 6};
    (void)state;
    gf_atoms atoms = atoms_of(values, NULL, 5);
    gf_estimate p = gf_atoms_probability(&atoms, 1), never = gf_atoms_probability(&atoms, 7);
    expect_near(p.value, 0.8, 1e-15);
    expect_near(p.se, sqrt(0.8 * 0.2 / 5), 1e-15);
    assert_true(never.value == 0 && isnan(never.se) && isnan(gf_atoms_probability(&atoms, 0).se));
    expect_near(gf_atoms_mean(&atoms).value, 2, 1e-15);
    expect_near(gf_atoms_mean(&atoms).se, sqrt(22.0 / 4 / 5), 1e-15);
    expect_near(gf_atoms_capped_mean(&atoms, 2).value, 1.2, 1e-15);
    expect_near(gf_atoms_top_share(&atoms, 0.2).value, 0.6, 1e-15);
    expect_near(gf_atoms_top_share(&atoms, 0.3).value, 0.7, 1e-15); /* half of the next one */
    gf_atoms_clear(&atoms);
}

/* Integer weights are the same as repeated values. */
static void weights_stand_for_repetitions(void **state)
{
    const double values[] = {3, 1, 2}, weights[] = {1, 2, 3}, repeated[] = {3, 1, 1, 2, 2, 2};
    (void)state;
    gf_atoms a = atoms_of(values, weights, 3), b = atoms_of(repeated, NULL, 6);
    expect_near(gf_atoms_mean(&a).value, gf_atoms_mean(&b).value, 1e-15);
    expect_near(gf_atoms_probability(&a, 2).value, gf_atoms_probability(&b, 2).value, 1e-15);
    expect_near(gf_atoms_top_share(&a, 0.5).value, gf_atoms_top_share(&b, 0.5).value, 1e-15);
    expect_near(gf_atoms_quantile(&a, 0.5).value, 2, 0);
    expect_near(gf_atoms_effective_size(&a), 36.0 / 14, 1e-15);
    gf_atoms_clear(&a);
    gf_atoms_clear(&b);
}

static void exact_sums_do_not_round(void **state)
{
    const double extremes[] = {DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, 1, -1, 0.1, 1e300, -1e300, 1e-300, DBL_MAX};
    gf_exact_sum sum = {{0}, 0}, other = {{0}, 0}, reversed = {{0}, 0};
    (void)state;
    for (int i = 0; i < 10; i++)
        gf_exact_add(i % 2 ? &sum : &other, extremes[i]);
    for (int i = 9; i >= 0; i--)
        gf_exact_add(&reversed, extremes[i]);
    gf_exact_merge(&sum, &other);
    assert_true(gf_exact_value(&sum) == DBL_MAX && gf_exact_value(&reversed) == DBL_MAX);
    gf_exact_add(&sum, -DBL_MAX);
    expect_near(gf_exact_value(&sum), 0.1, 1e-17);
    gf_exact_add(&sum, -0.1);
    assert_true(gf_exact_value(&sum) == 1e-300);
    gf_exact_add(&sum, -1e-300);
    assert_true(gf_exact_value(&sum) == DBL_TRUE_MIN);
    gf_exact_add(&sum, -2 * DBL_TRUE_MIN);
    assert_true(gf_exact_value(&sum) == -DBL_TRUE_MIN);
}

enum { N_PORTFOLIOS = 20000, BATCH = 1000 };

/* Columns with a heavy tail, signs, NaN and whole numbers, [GF_N_COLUMNS][N_PORTFOLIOS]. */
static double *made_up_columns(void)
{
    double *columns = malloc(sizeof(double) * GF_N_COLUMNS * N_PORTFOLIOS);
    for (int c = 0; c < GF_N_COLUMNS; c++)
        for (uint32_t i = 0; i < N_PORTFOLIOS; i++) {
            double u = uniform(i, 100 + (uint32_t)c), x = pow(u, -1 / 1.4);
            if (gf_columns[c].is_integer)
                x = floor(x);
            if (strcmp(gf_columns[c].unit, "1/year") == 0)
                x = i % 50 == 0 ? NAN : log(u) + 0.5;
            if (c == GF_COLUMN_FIRST_OUTLIER_QUARTER)
                x = i % 3 == 0 ? -1.0 : (double)(i % 40);
            columns[(size_t)c * N_PORTFOLIOS + i] = c == GF_COLUMN_LOG_WEIGHT ? 0 : x;
        }
    return columns;
}

static void fill(gf_accumulator *accumulator, const double *columns, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i += BATCH)
        gf_accumulator_add_batch(accumulator, columns + i, N_PORTFOLIOS, BATCH);
}

static int same_sketches(const gf_accumulator *a, const gf_accumulator *b)
{
    int same = 1;
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        const gf_sketch *x = gf_accumulator_sketch(a, c), *y = gf_accumulator_sketch(b, c);
        gf_atoms p, q;
        assert_int_equal(gf_atoms_from_sketch(&p, x, gf_columns[c].is_integer), 0);
        assert_int_equal(gf_atoms_from_sketch(&q, y, gf_columns[c].is_integer), 0);
        same &= x->n == y->n && x->n_missing == y->n_missing && p.n == q.n &&
                memcmp(x->bins, y->bins, sizeof *x->bins * GF_SKETCH_BINS) == 0 &&
                memcmp(p.value, q.value, p.n * sizeof(double)) == 0 &&
                memcmp(&p.mean, &q.mean, sizeof p.mean) == 0 &&
                memcmp(&p.variance, &q.variance, sizeof p.variance) == 0;
        gf_atoms_clear(&p);
        gf_atoms_clear(&q);
    }
    return same;
}

/* One accumulator, or four filled and merged in another order: equal bits; one portfolio less: not. */
static void sketches_merge_exactly(void **state)
{
    gf_layout layout = {.n_columns = GF_N_COLUMNS, .columns = (gf_column *)(uintptr_t)gf_columns};
    gf_accumulator *one, *parts[4], *merged, *spoiled;
    double *columns = made_up_columns();
    (void)state;
    assert_int_equal(gf_accumulator_new(&one, &layout, NULL), GF_OK);
    assert_int_equal(gf_accumulator_new(&merged, &layout, NULL), GF_OK);
    assert_int_equal(gf_accumulator_new(&spoiled, &layout, NULL), GF_OK);
    fill(one, columns, 0, N_PORTFOLIOS);
    for (int k = 3; k >= 0; k--) {
        assert_int_equal(gf_accumulator_new(&parts[k], &layout, NULL), GF_OK);
        fill(parts[k], columns, (uint32_t)k * 5000, (uint32_t)(k + 1) * 5000);
        gf_accumulator_merge(merged, parts[k]);
        gf_accumulator_free(parts[k]);
    }
    assert_true(same_sketches(one, merged));
    fill(spoiled, columns, 0, N_PORTFOLIOS - BATCH);
    gf_accumulator_add_batch(spoiled, columns + N_PORTFOLIOS - BATCH, N_PORTFOLIOS, BATCH - 1);
    assert_false(same_sketches(one, spoiled));
    gf_accumulator_free(one);
    gf_accumulator_free(merged);
    gf_accumulator_free(spoiled);
    free(columns);
}

/* Every number of the summary: quantiles within the bins' 2^-7, the rest of it nearly the same. */
static void sketched_summaries_agree_with_exact_ones(void **state)
{
    gf_layout layout = {.n_columns = GF_N_COLUMNS, .columns = (gf_column *)(uintptr_t)gf_columns};
    const gf_tail tail = {1.4, 1e6};
    gf_accumulator *accumulator;
    gf_summary exact, sketched;
    double *columns = made_up_columns();
    int n_compared = 0;
    (void)state;
    assert_int_equal(gf_accumulator_new(&accumulator, &layout, NULL), GF_OK);
    fill(accumulator, columns, 0, N_PORTFOLIOS);
    assert_int_equal(gf_summary_from_accumulator(&sketched, accumulator, &tail, NULL), GF_OK);
    assert_int_equal(
        gf_summary_from_memory(&exact, &layout, &tail, columns, N_PORTFOLIOS, N_PORTFOLIOS, NULL), GF_OK);
    assert_int_equal(exact.n, sketched.n);
    for (size_t i = 0; i < exact.n; i++) {
        const gf_number *x = &exact.numbers[i], *y = &sketched.numbers[i];
        assert_string_equal(x->name, y->name);
        if (isnan(x->value)) {
            assert_true(isnan(y->value));
            continue;
        }
        double slack = strcmp(x->statistic, "quantile") == 0 || strcmp(x->statistic, "median") == 0 ? 0x1p-7
                       : strcmp(x->statistic, "mean") == 0 || strcmp(x->statistic, "count") == 0    ? 1e-12
                       : strcmp(x->statistic, "probability") == 0                                   ? 0
                                                                                                    : 0.01;
        if (fabs(x->value - y->value) > slack * fabs(x->value) + 1e-12)
            fail_msg("%s: %.17g from columns, %.17g from the sketch", x->name, x->value, y->value);
        n_compared++;
    }
    assert_true(n_compared > 150);
    gf_summary_clear(&exact);
    gf_summary_clear(&sketched);
    gf_accumulator_free(accumulator);
    free(columns);
}

/* Columns in memory of which one cannot be read; calls may not overlap. */
typedef struct {
    const double *columns;
    int broken, n_inside;
} guarded_columns;

static gf_status read_guarded(void *context, int column, uint64_t first, size_t n, double *values,
                              gf_error *error)
{
    guarded_columns *from = context;
    int inside;
#pragma omp atomic capture
    inside = ++from->n_inside;
    memcpy(values, from->columns + (size_t)column * N_PORTFOLIOS + first, n * sizeof *values);
#pragma omp atomic
    from->n_inside--;
    if (inside != 1)
        return gf_error_set(error, GF_IO, "two calls at a time");
    return column == from->broken ? gf_error_set(error, GF_IO, "column %d is broken", column) : GF_OK;
}

static void threads_change_no_number(void **state)
{
    gf_layout layout = {.n_columns = GF_N_COLUMNS, .columns = (gf_column *)(uintptr_t)gf_columns};
    const gf_tail tail = {1.4, 1e6};
    double *columns = made_up_columns();
    gf_summary expected;
    (void)state;
    assert_int_equal(
        gf_summary_from_memory(&expected, &layout, &tail, columns, N_PORTFOLIOS, N_PORTFOLIOS, NULL), GF_OK);
    for (int threads = 1; threads <= 12; threads += 3) {
        guarded_columns from = {columns, -1, 0};
        const gf_column_source source = {read_guarded, &from, threads};
        gf_summary summary;
        gf_error error = {GF_OK, ""};
        assert_int_equal(gf_summary_from_columns(&summary, &layout, &tail, N_PORTFOLIOS, &source, &error),
                         GF_OK);
        assert_int_equal(summary.n, expected.n);
        for (size_t i = 0; i < expected.n; i++) {
            assert_string_equal(summary.numbers[i].name, expected.numbers[i].name);
            assert_string_equal(summary.numbers[i].note, expected.numbers[i].note);
            assert_memory_equal(&summary.numbers[i].value, &expected.numbers[i].value, sizeof(double));
            assert_memory_equal(&summary.numbers[i].se, &expected.numbers[i].se, sizeof(double));
        }
        gf_summary_clear(&summary);
        from.broken = GF_COLUMN_PAID_IN;
        assert_int_equal(gf_summary_from_columns(&summary, &layout, &tail, N_PORTFOLIOS, &source, &error),
                         GF_IO);
        assert_non_null(strstr(error.message, "is broken"));
        assert_true(summary.n == 0 && summary.numbers == NULL);
    }
    gf_summary_clear(&expected);
    free(columns);
}

static gf_summary summary_with_tail(double index, double cap)
{
    gf_layout layout = {.n_columns = GF_N_COLUMNS, .columns = (gf_column *)(uintptr_t)gf_columns};
    const gf_tail tail = {index, cap};
    gf_summary summary;
    double *columns = made_up_columns();
    assert_int_equal(
        gf_summary_from_memory(&summary, &layout, &tail, columns, N_PORTFOLIOS, N_PORTFOLIOS, NULL), GF_OK);
    free(columns);
    return summary;
}

/* No error of a mean where the variance is infinite, no mean where there is none, warnings where a cap
 * carries them. */
static void means_are_printed_only_where_they_exist(void **state)
{
    static const struct {
        double index, cap;
        int has_mean, has_error, has_warning;
    } cases[] = {{INFINITY, INFINITY, 1, 1, 0}, {2.5, INFINITY, 1, 1, 0}, {2, INFINITY, 1, 0, 1},
                 {1.4, INFINITY, 1, 0, 1},      {1, INFINITY, 0, 0, 1},   {1.4, 1000, 1, 1, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gf_summary summary = summary_with_tail(cases[i].index, cases[i].cap);
        const gf_number *mean = gf_summary_find(&summary, "net_tvpi.mean"),
                        *light = gf_summary_find(&summary, "fees.mean");
        const gf_number *capped = gf_summary_find(&summary, "net_tvpi.capped_mean");
        assert_non_null(mean);
        assert_int_equal(!isnan(mean->value), cases[i].has_mean);
        assert_int_equal(!isnan(mean->se), cases[i].has_error);
        assert_int_equal(gf_summary_find(&summary, "warning.heavy_tail") != NULL, cases[i].has_warning);
        assert_true(!isnan(light->se) && !isnan(capped->value) && !isnan(capped->se) &&
                    capped->argument == 10);
        /* rates: a quarter of the index, so an error only from 8 on, or under a cap */
        const gf_number *rate = gf_summary_find(&summary, "net_irr.mean"),
                        *capped_rate = gf_summary_find(&summary, "net_irr.capped_mean");
        assert_true(!isnan(rate->value) && capped_rate->argument == 1 && !isnan(capped_rate->se));
        assert_int_equal(!isnan(rate->se), isinf(cases[i].index) || !isinf(cases[i].cap));
        gf_summary_clear(&summary);
    }
}

/* Quarters of events have no value where nothing happened; numbers of quarters always have one. */
static void a_number_of_quarters_is_not_a_date(void **state)
{
    gf_summary summary = summary_with_tail(INFINITY, INFINITY);
    double quarters[] = {-1, 0};
    const gf_column event = {"peak_quarter", "quarter", "", 1, NULL},
                    count = {"stress_quarters", "quarter", "", 1, NULL};
    (void)state;
    assert_null(gf_summary_find(&summary, "stress_quarters.missing"));
    gf_summary_blank(&count, quarters, 2);
    assert_true(quarters[0] == -1);
    gf_summary_blank(&event, quarters, 2);
    assert_true(isnan(quarters[0]) && quarters[1] == 0);
    gf_summary_clear(&summary);
}

/* The worst tail for means decides: one without variance before a capped one, then the smaller index. */
static void the_tail_of_a_scenario_is_the_worst_of_its_parts(void **state)
{
    static gf_scenario scenario;
    gf_outcome_params *outcome = &scenario.startups.outcome;
    (void)state;
    scenario.startups.lifecycle = GF_LIFECYCLE_STAGED;
    scenario.startups.breakout.index = 1.3;
    scenario.startups.breakout.cap_multiple = 5000;
    assert_true(isinf(gf_tail_of_scenario(&scenario).index));
    scenario.startups.hazards_per_year.breakout[GF_B] = 0.002;
    gf_tail tail = gf_tail_of_scenario(&scenario);
    assert_true(tail.index == 1.3 && tail.cap == 5000);
    scenario.startups.lifecycle = GF_LIFECYCLE_OUTCOME;
    assert_true(isinf(gf_tail_of_scenario(&scenario).index));
    for (int i = 0; i < 3; i++) {
        outcome->mixture[i].weight = 0.3;
        outcome->mixture[i].has[GF_OUTCOME_PARETO] = 1;
        outcome->mixture[i].pareto.index = i == 0 ? 1.1 : i == 1 ? 1.9 : 3;
        outcome->mixture[i].pareto.cap = i == 0 ? 1000 : INFINITY;
    }
    outcome->n_components = 1;
    tail = gf_tail_of_scenario(&scenario);
    assert_true(tail.index == 1.1 && tail.cap == 1000);
    outcome->n_components = 3;
    tail = gf_tail_of_scenario(&scenario);
    assert_true(tail.index == 1.9 && isinf(tail.cap));
    outcome->mixture[3].weight = 0.1;
    outcome->mixture[3].has[GF_OUTCOME_LEVY] = 1;
    outcome->n_components = 4;
    assert_true(gf_tail_of_scenario(&scenario).index == 0.5);
}

static void nothing_found_is_a_bound_and_never_zero_error(void **state)
{
    gf_layout layout = {.n_columns = GF_N_COLUMNS, .columns = (gf_column *)(uintptr_t)gf_columns};
    const gf_tail tail = {INFINITY, INFINITY};
    static double columns[GF_N_COLUMNS * 300];
    gf_summary summary;
    (void)state;
    assert_int_equal(gf_summary_from_memory(&summary, &layout, &tail, columns, 300, 300, NULL), GF_OK);
    const gf_number *never = gf_summary_find(&summary, "P(net_tvpi>=5)");
    assert_true(never->value == 0 && isnan(never->se));
    assert_non_null(strstr(never->note, "below 0.01 with 95% confidence"));
    const gf_number *share = gf_summary_find(&summary, "net_tvpi.top_1_percent_share");
    assert_true(isnan(share->value));
    assert_true(isnan(gf_summary_find(&summary, "net_tvpi.tail_hill")->value));
    gf_summary_clear(&summary);
}

static void flagged_values_are_left_out_and_counted(void **state)
{
    gf_summary summary = summary_with_tail(INFINITY, INFINITY);
    (void)state;
    assert_true(gf_summary_find(&summary, "net_irr.missing")->value == N_PORTFOLIOS / 50);
    assert_true(!isnan(gf_summary_find(&summary, "net_irr.mean")->value));
    assert_true(gf_summary_find(&summary, "first_outlier_quarter.missing")->value == 6667);
    assert_true(gf_summary_find(&summary, "first_outlier_quarter.q05")->value >= 0);
    assert_null(gf_summary_find(&summary, "net_irr_flag.median"));
    gf_summary_clear(&summary);
}

/* McNemar: 3 pairs go up, 1 goes down, of 10. */
static void paired_probabilities_have_mcnemars_error(void **state)
{
    const double a[] = {0, 0, 0, 1, 1, 1, 0, 0, 0, 0}, b[] = {1, 1, 1, 0, 1, 1, 0, 0, 0, 0};
    const gf_side left = {a, NULL, 10}, right = {b, NULL, 10};
    gf_difference row = {.argument = NAN};
    (void)state;
    gf_compare_means(&left, &right, 1, &row);
    expect_near(row.difference, 0.2, 1e-15);
    expect_near(row.se, sqrt((4 - 4.0 / 10) / 10 / 9), 1e-15); /* (n01 + n10 − (n01 − n10)²/n)/(n (n − 1)) */
    expect_near(row.z, row.difference / row.se, 1e-15);
    double independent = sqrt((0.3 * 0.7 + 0.5 * 0.5) / 9);
    expect_near(row.variance_ratio, independent * independent / (row.se * row.se), 1e-14);
    gf_compare_means(&left, &right, 0, &row);
    expect_near(row.se, independent, 1e-15);
    assert_true(isnan(row.variance_ratio));
    gf_compare_means(&left, &left, 1, &row);
    assert_true(row.difference == 0 && isnan(row.se) && isnan(row.z));
}

static gf_results_file *file_of(fixture *f, uint64_t first, uint64_t every, uint64_t n, uint64_t seed)
{
    gf_results_file *file = NULL;
    gf_error error = {0};
    fixture_init(f, 1000);
    f->plan.first_kept = first;
    f->plan.keep_every = every;
    f->plan.n_kept = n;
    f->scenario.seed = seed;
    if (fixture_write(f, 100, 0, &error) != GF_OK || gf_results_open(&file, f->path, &error) != GF_OK)
        fail_msg("%s", error.message);
    return file;
}

static void files_are_paired_by_the_index_of_portfolios(void **state)
{
    fixture f[4];
    gf_error error = {0};
    gf_comparison comparison;
    (void)state;
    gf_results_file *all = file_of(&f[0], 0, 1, 1000, 7), *thirds = file_of(&f[1], 2, 3, 300, 7);
    gf_results_file *other = file_of(&f[2], 0, 1, 500, 8), *none = file_of(&f[3], 0, 1, 0, 7);
    assert_int_equal(gf_compare(&comparison, all, thirds, &error), GF_OK);
    assert_true(comparison.is_paired && comparison.n_pairs == 300);
    for (size_t i = 0; i < comparison.n; i++) /* the same portfolios hold the same values */
        assert_true(comparison.rows[i].difference == 0);
    assert_true(gf_comparison_find(&comparison, "net_irr.capped_mean")->pairs == 270);
    gf_comparison_clear(&comparison);
    assert_int_equal(gf_compare(&comparison, all, other, &error), GF_OK);
    assert_false(comparison.is_paired);
    assert_true(gf_comparison_find(&comparison, "net_tvpi.capped_mean")->se > 0);
    gf_comparison_clear(&comparison);
    assert_int_equal(gf_compare(&comparison, all, none, &error), GF_CONFIG);
    assert_non_null(strstr(error.message, f[3].path));
    assert_non_null(strstr(error.message, "portfolios: all"));
    gf_results_file *files[] = {all, thirds, other, none};
    for (int i = 0; i < 4; i++) {
        gf_results_close(files[i]);
        fixture_clear(&f[i]);
    }
}

static void caps_round_up(void **state)
{
    (void)state;
    expect_near(gf_round_up_125(1.2), 2, 1e-12);
    expect_near(gf_round_up_125(2), 2, 1e-12);
    expect_near(gf_round_up_125(701), 1000, 1e-9);
    expect_near(gf_round_up_125(0.031), 0.05, 1e-15);
}

static void errors_of_rounding_are_told_from_luck(void **state)
{
    (void)state;
    assert_true(gf_is_rounding(0, 13.2));
    assert_true(gf_is_rounding(8.9e-16, 13.2));
    assert_true(gf_is_rounding(-2.8e-14, 470.4));
    assert_true(gf_is_rounding(0, 0));
    assert_false(gf_is_rounding(1e-12, 13.2));
    assert_false(gf_is_rounding(8.9e-16, 0));
    assert_false(gf_is_rounding(NAN, 13.2));
    assert_false(gf_is_rounding(1, NAN));
    /* 30 cheques of 0.44 in two orders of addition: half of the portfolios are one place off */
    double values[64], sum = 0;
    for (int i = 0; i < 30; i++)
        sum += 0.44;
    for (int p = 0; p < 64; p++)
        values[p] = p % 2 ? sum : 30 * 0.44;
    assert_true(values[0] != values[1]);
    gf_atoms atoms;
    assert_int_equal(gf_atoms_from_values(&atoms, values, NULL, 64), 0);
    const gf_estimate mean = gf_atoms_mean(&atoms), median = gf_atoms_quantile(&atoms, 0.5);
    assert_true(mean.se > 0 && median.se > 0);
    assert_true(gf_is_rounding(mean.se, mean.value) && gf_is_rounding(median.se, median.value));
    gf_atoms_clear(&atoms);
    values[0] += 0.01; /* spoiled twin: one portfolio that differs in truth */
    assert_int_equal(gf_atoms_from_values(&atoms, values, NULL, 64), 0);
    assert_false(gf_is_rounding(gf_atoms_mean(&atoms).se, mean.value));
    gf_atoms_clear(&atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(quantiles_are_those_of_numpy),
        cmocka_unit_test(probabilities_and_means_are_exact),
        cmocka_unit_test(weights_stand_for_repetitions),
        cmocka_unit_test(exact_sums_do_not_round),
        cmocka_unit_test(sketches_merge_exactly),
        cmocka_unit_test(sketched_summaries_agree_with_exact_ones),
        cmocka_unit_test(threads_change_no_number),
        cmocka_unit_test(means_are_printed_only_where_they_exist),
        cmocka_unit_test(a_number_of_quarters_is_not_a_date),
        cmocka_unit_test(the_tail_of_a_scenario_is_the_worst_of_its_parts),
        cmocka_unit_test(nothing_found_is_a_bound_and_never_zero_error),
        cmocka_unit_test(flagged_values_are_left_out_and_counted),
        cmocka_unit_test(paired_probabilities_have_mcnemars_error),
        cmocka_unit_test(files_are_paired_by_the_index_of_portfolios),
        cmocka_unit_test(caps_round_up),
        cmocka_unit_test(errors_of_rounding_are_told_from_luck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
