/* A made-up run for tests of the result file: known values in every column, no simulation. */
#ifndef GF_TESTS_RESULTS_FIXTURE_H
#define GF_TESTS_RESULTS_FIXTURE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/results.h"

enum { FIXTURE_SERIES = 2, FIXTURE_QUARTERS = 8, FIXTURE_QUANTILES = 3 };

typedef struct {
    gf_scenario scenario;
    gf_layout layout;
    gf_column columns[GF_N_COLUMNS], series[FIXTURE_SERIES];
    gf_results_plan plan;
    char folder[64], path[128];
} fixture;

/* Portfolio p, column c: a whole number for integer columns; flagged columns are NaN for every tenth
 * portfolio. */
static inline double fixture_value(uint64_t p, int c)
{
    const gf_column *column = &gf_columns[c];
    if (c == GF_COLUMN_LOG_WEIGHT)
        return 0;
    if (strstr(column->name, "_flag") != NULL)
        return p % 10 == 3 ? 1 : 0;
    if (column->flag != NULL && p % 10 == 3)
        return NAN;
    if (column->is_integer)
        return (double)((p * 7 + (uint64_t)c * 3) % 11);
    return exp(sin((double)p * 0.7 + c) * 2);
}

static inline void fixture_init(fixture *f, uint64_t n)
{
    memset(f, 0, sizeof *f);
    char folder[] = "/tmp/guidefund-results-XXXXXX";
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(f->folder, sizeof f->folder, "%s", folder);
    snprintf(f->path, sizeof f->path, "%s/run.h5", folder);
    memcpy(f->columns, gf_columns, sizeof f->columns);
    f->series[0] = (gf_column){"calls", "CNY million", "called from all partners", 0, NULL};
    f->series[1] = (gf_column){"nav", "CNY million", "live stakes", 0, NULL};
    f->layout = (gf_layout){.n_columns = GF_N_COLUMNS, .n_series = FIXTURE_SERIES};
    f->layout.columns = f->columns;
    f->layout.series = f->series;
    snprintf(f->scenario.name, sizeof f->scenario.name, "杭州 test");
    f->scenario.seed = UINT64_C(0xfedcba9876543210);
    f->scenario.n_quarters = f->scenario.scene.n_quarters = FIXTURE_QUARTERS;
    f->scenario.output.n_quantiles = FIXTURE_QUANTILES;
    f->scenario.output.quantiles[0] = 0.05;
    f->scenario.output.quantiles[1] = 0.5;
    f->scenario.output.quantiles[2] = 0.95;
    f->plan = (gf_results_plan){.path = f->path,
                                .scenario = &f->scenario,
                                .layout = &f->layout,
                                .config_text = "scenario: 杭州 test\n",
                                .portfolios_total = n,
                                .n_portfolios = n,
                                .keep_every = 1,
                                .n_kept = n,
                                .quarters_of = n,
                                .n_startup_rows = 6,
                                .tail_index = 1.4,
                                .tail_cap = INFINITY};
}

static inline void fixture_clear(fixture *f)
{
    unlink(f->path);
    rmdir(f->folder);
}

/* Writes rows in pieces of `piece` portfolios, the last piece first when `backwards`. */
static inline gf_status fixture_write_columns(const fixture *f, gf_results *results, uint64_t piece,
                                              int backwards, gf_error *error)
{
    uint64_t n = f->plan.n_kept, n_pieces = (n + piece - 1) / piece;
    double *block = malloc(GF_N_COLUMNS * piece * sizeof *block);
    gf_status status = GF_OK;
    for (uint64_t i = 0; i < n_pieces && status == GF_OK; i++) {
        uint64_t first = (backwards ? n_pieces - 1 - i : i) * piece,
                 rows = n - first < piece ? n - first : piece;
        for (int c = 0; c < GF_N_COLUMNS; c++)
            for (uint64_t r = 0; r < rows; r++)
                block[(uint64_t)c * piece + r] =
                    fixture_value(f->plan.first_kept + (first + r) * f->plan.keep_every, c);
        status = gf_results_write_columns(results, first, rows, block, piece, error);
    }
    free(block);
    return status;
}

/* Everything after the columns. */
static inline gf_status fixture_write_rest(const fixture *f, gf_results *results, const gf_number *numbers,
                                           size_t n, gf_error *error)
{
    double bands[FIXTURE_QUARTERS * FIXTURE_QUANTILES], mean[FIXTURE_QUARTERS], se[FIXTURE_QUARTERS];
    double startups[GF_N_STARTUP_COLUMNS * 6];
    gf_status status = GF_OK;
    for (int s = 0; f->plan.quarters_of > 0 && s < FIXTURE_SERIES && status == GF_OK; s++) {
        for (int q = 0; q < FIXTURE_QUARTERS; q++) {
            for (int k = 0; k < FIXTURE_QUANTILES; k++)
                bands[q * FIXTURE_QUANTILES + k] = 100 * s + 10 * q + k;
            mean[q] = q + s;
            se[q] = 0.25;
        }
        status = gf_results_write_series(results, s, bands, mean, se, error);
    }
    for (int k = 0; k < GF_N_STARTUP_COLUMNS * 6; k++)
        startups[k] = k;
    if (status == GF_OK && f->plan.n_startup_rows > 0)
        status = gf_results_write_startups(results, 0, 6, startups, 6, error);
    return status == GF_OK ? gf_results_write_numbers(results, numbers, n, error) : status;
}

static const gf_number fixture_numbers[2] = {
    {"net_tvpi.median", "net_tvpi", "median", 0.5, 1.25, 0.01, "1", "order statistics"},
    {"net_tvpi.mean", "net_tvpi", "mean", NAN, 2.5, NAN, "1", "infinite variance: no standard error"}};

/* The whole file, written in pieces. */
static inline gf_status fixture_write(const fixture *f, uint64_t piece, int backwards, gf_error *error)
{
    gf_results *results = NULL;
    const gf_provenance provenance = {1, "sse2", "guidefund run test.yaml", 0, 0.5};
    gf_status status = gf_results_create(&results, &f->plan, error);
    if (status == GF_OK && f->plan.n_kept > 0)
        status = fixture_write_columns(f, results, piece, backwards, error);
    if (status == GF_OK)
        status = fixture_write_rest(f, results, fixture_numbers, 2, error);
    if (status == GF_OK)
        return gf_results_commit(results, &provenance, error);
    gf_results_abandon(results);
    return status;
}

#endif
