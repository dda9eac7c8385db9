/* Paired and independent differences of two runs, column by column. */
#include "run/compare.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/summary.h"

/* --- one difference --- */

typedef struct {
    double mean, mean_weight, variance;
} side_mean;

static double weight_of(const gf_side *side, size_t i)
{
    return side->weight != NULL ? side->weight[i] : 1;
}

/* What portfolio i adds to the error of the mean. */
static double influence(const gf_side *side, const side_mean *mean, size_t i)
{
    return weight_of(side, i) * (side->y[i] - mean->mean) / mean->mean_weight;
}

static side_mean mean_of(const gf_side *side)
{
    double sum = 0, weights = 0, squares = 0, n = (double)side->n;
    for (size_t i = 0; i < side->n; i++) {
        sum += weight_of(side, i) * side->y[i];
        weights += weight_of(side, i);
    }
    side_mean result = {sum / weights, weights / n, 0};
    for (size_t i = 0; i < side->n; i++) {
        double u = influence(side, &result, i);
        squares += u * u;
    }
    result.variance = squares / (n - 1);
    return result;
}

static void finish(gf_difference *row, double variance_of_difference)
{
    row->difference = row->b - row->a;
    row->se = variance_of_difference > 0 ? sqrt(variance_of_difference) : NAN;
    row->z = row->difference / row->se;
}

void gf_compare_means(const gf_side *a, const gf_side *b, int is_paired, gf_difference *row)
{
    side_mean left = mean_of(a), right = mean_of(b);
    double squares = 0, n = (double)a->n;
    row->a = left.mean;
    row->b = right.mean;
    row->pairs = fmin((double)a->n, (double)b->n);
    row->variance_ratio = NAN;
    if (!is_paired) {
        finish(row, left.variance / n + right.variance / (double)b->n);
        return;
    }
    assert(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        double d = influence(b, &right, i) - influence(a, &left, i);
        squares += d * d;
    }
    double variance = squares / (n - 1);
    if (variance > 0)
        row->variance_ratio = (left.variance + right.variance) / variance;
    finish(row, variance / n);
}

/* Correlation of the influences of two sides, 0 if one of them does not vary. */
static double influence_correlation(const gf_side *a, const gf_side *b)
{
    side_mean left = mean_of(a), right = mean_of(b);
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += influence(a, &left, i) * influence(b, &right, i);
    double scale = sqrt(left.variance * right.variance);
    return scale > 0 ? sum / ((double)a->n - 1) / scale : 0;
}

/* --- one column --- */

/* The values of one column in both runs, missing ones left out (of both, when paired). */
typedef struct {
    gf_comparison *comparison;
    const gf_column *column;
    gf_moments moments;
    gf_side a, b;            /* y are values */
    double *work_a, *work_b; /* transformed values */
    gf_atoms atoms_a, atoms_b;
    int failed; /* out of memory */
} column_pair;

static gf_difference *new_row(column_pair *pair, const char *statistic, double argument, const char *name)
{
    gf_comparison *comparison = pair->comparison;
    if (comparison->n == comparison->room) {
        size_t room = comparison->room > 0 ? 2 * comparison->room : 64;
        gf_difference *grown = realloc(comparison->rows, room * sizeof *grown);
        if (grown == NULL) {
            pair->failed = 1;
            return NULL;
        }
        comparison->rows = grown;
        comparison->room = room;
    }
    gf_difference *row = &comparison->rows[comparison->n++];
    memset(row, 0, sizeof *row);
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->column, sizeof row->column, "%s", pair->column->name);
    snprintf(row->unit, sizeof row->unit, "%s", pair->column->unit);
    row->statistic = statistic;
    row->argument = argument;
    return row;
}

/* Means of min(y, cap), or of the indicator y ≥ threshold. */
static void compare_transformed(column_pair *pair, double cap, double threshold, gf_difference *row)
{
    const gf_side *sides[2] = {&pair->a, &pair->b};
    double *work[2] = {pair->work_a, pair->work_b};
    gf_side transformed[2];
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s]->n; i++)
            work[s][i] = isnan(threshold) ? fmin(sides[s]->y[i], cap) : sides[s]->y[i] >= threshold ? 1 : 0;
        transformed[s] = (gf_side){work[s], sides[s]->weight, sides[s]->n};
    }
    gf_compare_means(&transformed[0], &transformed[1], pair->comparison->is_paired, row);
}

static void add_means(column_pair *pair)
{
    char name[200];
    double cap = gf_summary_cap(pair->column, &pair->atoms_a);
    if (pair->moments == GF_MOMENTS_FINITE || pair->moments == GF_MOMENTS_CAPPED) {
        snprintf(name, sizeof name, "%s.mean", pair->column->name);
        gf_difference *row = new_row(pair, "mean", NAN, name);
        if (row != NULL)
            compare_transformed(pair, INFINITY, NAN, row);
        if (row != NULL && pair->moments == GF_MOMENTS_CAPPED)
            snprintf(row->note, sizeof row->note, "variance finite only by the cap of the multiples");
    }
    if (!gf_tail_reaches(pair->column) || isnan(cap))
        return;
    snprintf(name, sizeof name, "%s.capped_mean", pair->column->name);
    gf_difference *row = new_row(pair, "capped_mean", cap, name);
    if (row != NULL) {
        compare_transformed(pair, cap, NAN, row);
        snprintf(row->note, sizeof row->note, "mean of min(value, %g)", cap);
    }
}

static void add_probabilities(column_pair *pair)
{
    double thresholds[8];
    int n = gf_summary_thresholds(pair->column, thresholds);
    for (int i = 0; i < n; i++) {
        char name[200];
        snprintf(name, sizeof name, "P(%s>=%g)", pair->column->name, thresholds[i]);
        gf_difference *row = new_row(pair, "probability", thresholds[i], name);
        if (row == NULL)
            return;
        compare_transformed(pair, INFINITY, thresholds[i], row);
        snprintf(row->unit, sizeof row->unit, "1");
        if (isnan(row->se)) /* rule of three on the share of portfolios that differ */
            snprintf(row->note, sizeof row->note, "%s: |difference| below %.3g with 95%% confidence",
                     pair->comparison->is_paired ? "no pair differs" : "no hit or only hits in both runs",
                     fmin(3 / row->pairs, 1));
    }
}

/* Error of a difference of quantiles: those of each run, and the correlation of the indicators of lying
 * below. */
static void compare_quantiles(column_pair *pair, double level, gf_difference *row)
{
    gf_estimate a = gf_atoms_quantile(&pair->atoms_a, level), b = gf_atoms_quantile(&pair->atoms_b, level);
    double correlation = 0;
    row->a = a.value;
    row->b = b.value;
    row->variance_ratio = NAN;
    row->pairs = fmin((double)pair->a.n, (double)pair->b.n);
    if (pair->comparison->is_paired) {
        for (size_t i = 0; i < pair->a.n; i++) {
            pair->work_a[i] = pair->a.y[i] <= a.value ? 1 : 0;
            pair->work_b[i] = pair->b.y[i] <= b.value ? 1 : 0;
        }
        gf_side below_a = {pair->work_a, pair->a.weight, pair->a.n},
                below_b = {pair->work_b, pair->b.weight, pair->b.n};
        correlation = influence_correlation(&below_a, &below_b);
    }
    double unpaired = a.se * a.se + b.se * b.se, paired = unpaired - 2 * correlation * a.se * b.se;
    double rounding = 1e-12 * fmax(fabs(a.value), fabs(b.value)); /* of samples that are equal */
    finish(row, paired > fmax(1e-12 * unpaired, rounding * rounding) ? paired : 0);
    if (isnan(row->se))
        snprintf(row->note, sizeof row->note,
                 "no error: the order statistics around it are equal or outside the sample");
}

static void add_quantiles(column_pair *pair)
{
    static const double levels[] = {0.5, 0.05, 0.25, 0.75, 0.95};
    static const char *const suffixes[] = {"median", "q05", "q25", "q75", "q95"};
    for (int k = 0; k < 5; k++) {
        char name[200];
        snprintf(name, sizeof name, "%s.%s", pair->column->name, suffixes[k]);
        gf_difference *row = new_row(pair, k == 0 ? "median" : "quantile", levels[k], name);
        if (row != NULL)
            compare_quantiles(pair, levels[k], row);
    }
}

static void compare_column(column_pair *pair)
{
    if (pair->a.n < 2 || pair->b.n < 2)
        return;
    if (gf_atoms_from_values(&pair->atoms_a, pair->a.y, pair->a.weight, pair->a.n) < 0 ||
        gf_atoms_from_values(&pair->atoms_b, pair->b.y, pair->b.weight, pair->b.n) < 0) {
        pair->failed = 1;
    } else {
        add_means(pair);
        add_probabilities(pair);
        add_quantiles(pair);
    }
    gf_atoms_clear(&pair->atoms_a);
    gf_atoms_clear(&pair->atoms_b);
}

/* --- two files --- */

/* One file of a comparison: which of its rows take part, and its buffers. */
typedef struct {
    gf_results_file *file;
    const gf_results_info *info;
    size_t n, n_rows;                                  /* taking part, in the file */
    uint64_t *rows;                                    /* [n] */
    double *all, *log_weight, *values, *weight, *work; /* [n_rows], then four of [n] */
    int is_weighted;
} participant;

static void free_participant(participant *p)
{
    free(p->rows);
    free(p->all);
    free(p->log_weight);
    free(p->values);
    free(p->weight);
    free(p->work);
}

/* Rows of portfolios that both files hold: two increasing sequences first + r·step. */
static void match_rows(participant *a, participant *b)
{
    const gf_results_info *x = a->info, *y = b->info;
    uint64_t i = 0, j = 0;
    while (i < x->n_kept && j < y->n_kept) {
        uint64_t left = x->first_kept + i * x->keep_every, right = y->first_kept + j * y->keep_every;
        if (left == right) {
            a->rows[a->n++] = i++;
            b->rows[b->n++] = j++;
        } else if (left < right) {
            i++;
        } else {
            j++;
        }
    }
}

static void take_all_rows(participant *p)
{
    for (p->n = 0; p->n < p->n_rows; p->n++)
        p->rows[p->n] = p->n;
}

static int allocate(participant *p)
{
    size_t bytes = (p->n_rows + 1) * sizeof(double);
    p->rows = malloc((p->n_rows + 1) * sizeof *p->rows);
    p->all = malloc(bytes);
    p->log_weight = malloc(bytes);
    p->values = malloc(bytes);
    p->weight = malloc(bytes);
    p->work = malloc(bytes);
    return p->rows && p->all && p->log_weight && p->values && p->weight && p->work ? 0 : -1;
}

/* Reads a column into values[n], in the order of the rows taking part. */
static gf_status read_rows(participant *p, const char *name, double *values, gf_error *error)
{
    int column = gf_results_find_column(p->file, name);
    gf_status status = gf_results_read_column(p->file, column, 0, p->n_rows, p->all, error);
    if (status != GF_OK)
        return status;
    gf_summary_blank(&p->info->layout.columns[column], p->all, p->n_rows);
    for (size_t i = 0; i < p->n; i++)
        values[i] = p->all[p->rows[i]];
    return GF_OK;
}

static gf_status read_weights(participant *p, gf_error *error)
{
    if (gf_results_find_column(p->file, "log_weight") < 0)
        return GF_OK;
    double largest = -INFINITY;
    gf_status status = read_rows(p, "log_weight", p->log_weight, error);
    for (size_t i = 0; i < p->n && status == GF_OK; i++) {
        p->is_weighted |= p->log_weight[i] != 0;
        largest = fmax(largest, p->log_weight[i]);
    }
    for (size_t i = 0; i < p->n && p->is_weighted; i++)
        p->log_weight[i] = exp(p->log_weight[i] - largest);
    return status;
}

/* Leaves out portfolio i of the values and weights of a side: keeps the rest packed at `kept`. */
static void keep(participant *p, size_t i, size_t kept)
{
    p->values[kept] = p->values[i];
    p->weight[kept] = p->is_weighted ? p->log_weight[i] : 1;
}

/* Packs values that are not missing; paired runs drop a portfolio that is missing in either. */
static void drop_missing(participant *a, participant *b, int is_paired, size_t *n_a, size_t *n_b)
{
    *n_a = *n_b = 0;
    if (is_paired) {
        for (size_t i = 0; i < a->n; i++)
            if (!isnan(a->values[i]) && !isnan(b->values[i])) {
                keep(a, i, (*n_a)++);
                keep(b, i, (*n_b)++);
            }
        return;
    }
    for (size_t i = 0; i < a->n; i++)
        if (!isnan(a->values[i]))
            keep(a, i, (*n_a)++);
    for (size_t i = 0; i < b->n; i++)
        if (!isnan(b->values[i]))
            keep(b, i, (*n_b)++);
}

static gf_moments worse_moments(const participant *a, const participant *b, const gf_column *column)
{
    gf_tail left = {a->info->tail_index, a->info->tail_cap}, right = {b->info->tail_index, b->info->tail_cap};
    gf_moments x = gf_tail_moments(&left, column), y = gf_tail_moments(&right, column);
    return x > y ? x : y;
}

static gf_status compare_files(gf_comparison *comparison, participant *a, participant *b, gf_error *error)
{
    const gf_layout *layout = &a->info->layout;
    gf_status status = read_weights(a, error);
    if (status == GF_OK)
        status = read_weights(b, error);
    for (int c = 0; c < layout->n_columns && status == GF_OK; c++) {
        const gf_column *column = &layout->columns[c];
        column_pair pair = {.comparison = comparison,
                            .column = column,
                            .moments = worse_moments(a, b, column),
                            .work_a = a->work,
                            .work_b = b->work};
        if (gf_summary_is_technical(layout, c) || gf_results_find_column(b->file, column->name) < 0)
            continue;
        status = read_rows(a, column->name, a->values, error);
        if (status == GF_OK)
            status = read_rows(b, column->name, b->values, error);
        if (status != GF_OK)
            break;
        size_t n_a = 0, n_b = 0;
        drop_missing(a, b, comparison->is_paired, &n_a, &n_b);
        pair.a = (gf_side){a->values, a->is_weighted ? a->weight : NULL, n_a};
        pair.b = (gf_side){b->values, b->is_weighted ? b->weight : NULL, n_b};
        compare_column(&pair);
        if (pair.failed)
            status = gf_error_set(error, GF_MEMORY, "out of memory for comparing %s", column->name);
    }
    return status;
}

static int has_column(const gf_layout *layout, const char *name)
{
    for (int c = 0; c < layout->n_columns; c++)
        if (strcmp(layout->columns[c].name, name) == 0)
            return 1;
    return 0;
}

gf_status gf_compare_check(const gf_results_info *a, const gf_results_info *b, gf_error *error)
{
    const gf_results_info *const both[2] = {a, b};
    for (int i = 0; i < 2; i++)
        if (both[i]->n_kept == 0)
            return gf_error_set(
                error, GF_CONFIG,
                "%s holds no columns of portfolios to compare; run it with output: {portfolios: all} or "
                "{portfolios: sample}",
                both[i]->path);
    for (int c = 0; c < a->layout.n_columns; c++)
        if (!gf_summary_is_technical(&a->layout, c) && has_column(&b->layout, a->layout.columns[c].name))
            return GF_OK;
    return gf_error_set(error, GF_CONFIG,
                        "%s and %s have no column in common to compare; expected runs with a column of the "
                        "same name in output.columns",
                        a->path, b->path);
}

gf_status gf_compare(gf_comparison *comparison, gf_results_file *a, gf_results_file *b, gf_error *error)
{
    participant left = {.file = a, .info = gf_results_about(a)},
                right = {.file = b, .info = gf_results_about(b)};
    memset(comparison, 0, sizeof *comparison);
    gf_status status = gf_compare_check(left.info, right.info, error);
    if (status != GF_OK)
        return status;
    left.n_rows = left.info->n_kept;
    right.n_rows = right.info->n_kept;
    comparison->is_paired = left.info->seed == right.info->seed;
    if (allocate(&left) < 0 || allocate(&right) < 0) {
        status = gf_error_set(error, GF_MEMORY, "out of memory for comparing %s", left.info->path);
    } else if (comparison->is_paired) {
        match_rows(&left, &right);
        comparison->n_pairs = left.n;
        if (left.n < 2)
            status = gf_error_set(error, GF_CONFIG, "%s and %s have fewer than two portfolios in common",
                                  left.info->path, right.info->path);
    } else {
        take_all_rows(&left);
        take_all_rows(&right);
    }
    if (status == GF_OK)
        status = compare_files(comparison, &left, &right, error);
    free_participant(&left);
    free_participant(&right);
    if (status != GF_OK)
        gf_comparison_clear(comparison);
    return status;
}

void gf_comparison_clear(gf_comparison *comparison)
{
    free(comparison->rows);
    memset(comparison, 0, sizeof *comparison);
}

const gf_difference *gf_comparison_find(const gf_comparison *comparison, const char *name)
{
    for (size_t i = 0; i < comparison->n; i++)
        if (strcmp(comparison->rows[i].name, name) == 0)
            return &comparison->rows[i];
    return NULL;
}
