/* Writer of the result file: columns are written while they are computed, the rest when they are complete. */
#include "io/results_temporary.h"
#include "io/results_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static gf_status fail_to_write(const gf_results *results, const gf_column *column, int problem,
                               gf_error *error)
{
    if (problem != EDOM)
        return gf_draft_fail(error, GF_IO, results->plan.path, "write", problem);
    return gf_error_set(error, GF_IO, "cannot write %s: column %s: expected whole numbers from %d to %d",
                        results->plan.path, column->name, -INT32_MAX, INT32_MAX);
}

/* Takes note of rows of a column; 1 if they need not be written. */
static int is_implied(gf_stored_column *column, const double *values, size_t n)
{
    if (!column->has_rows) {
        column->has_rows = column->is_alike = 1;
        column->value = values[0];
    }
    column->is_alike = column->is_alike && bits_of(values[0]) == bits_of(column->value) &&
                       memcmp(values, values + 1, (n - 1) * sizeof *values) == 0;
    return !column->is_stored && column->is_alike && bits_of(column->value) == 0;
}

gf_status gf_results_write_columns(gf_results *results, uint64_t first_row, size_t n_rows,
                                   const double *columns, size_t stride, gf_error *error)
{
    const gf_layout *layout = results->plan.layout;
    assert(first_row + n_rows <= results->plan.n_kept);
    if (n_rows == 0)
        return GF_OK;
    for (int c = 0; c < layout->n_columns; c++) {
        const double *values = columns + (size_t)c * stride;
        gf_stored_column *stored = &results->stored[c];
        if (is_implied(stored, values, n_rows))
            continue;
        int problem = 0;
        if (!stored->is_stored && results->rows_written > 0) /* it was 0 so far */
            problem = gf_draft_skip(results->columns[c], results->rows_written);
        stored->is_stored = 1;
        if (problem == 0)
            problem = gf_draft_write_numbers(results->columns[c], first_row, n_rows, values);
        if (problem != 0)
            return fail_to_write(results, &layout->columns[c], problem, error);
    }
    results->rows_written += n_rows;
    const int problem = results->rows_written < results->plan.n_kept ? gf_draft_hurry(results->draft) : 0;
    return problem != 0 ? gf_draft_fail(error, GF_IO, results->plan.path, "write", problem) : GF_OK;
}

gf_status gf_results_read_back(gf_results *results, int column, uint64_t first_row, size_t n_rows,
                               double *values, gf_error *error)
{
    assert(results->columns != NULL && column >= 0 && column < results->plan.layout->n_columns);
    const gf_stored_column *stored = &results->stored[column];
    if (stored->is_alike) {
        for (size_t i = 0; i < n_rows; i++)
            values[i] = stored->value;
        return GF_OK;
    }
    const int problem = gf_draft_read_numbers(results->columns[column], first_row, n_rows, values);
    return problem != 0 ? gf_draft_fail(error, GF_IO, results->plan.path, "read back", problem) : GF_OK;
}

gf_status gf_results_write_startups(gf_results *results, uint64_t first_row, size_t n_rows,
                                    const double *startups, size_t stride, gf_error *error)
{
    assert(first_row + n_rows <= results->plan.n_startup_rows);
    for (int k = 0; k < GF_N_STARTUP_COLUMNS; k++) {
        const int problem =
            gf_draft_write_numbers(results->startups[k], first_row, n_rows, startups + (size_t)k * stride);
        if (problem != 0)
            return fail_to_write(results, &gf_startup_columns[k], problem, error);
    }
    results->startup_rows_written += n_rows;
    return GF_OK;
}

gf_status gf_results_write_series(gf_results *results, int series, const double *bands, const double *mean,
                                  const double *se, gf_error *error)
{
    assert(series >= 0 && series < results->plan.layout->n_series && results->series != NULL);
    gf_draft_object **parts = &results->series[series * GF_SERIES_PARTS];
    const double *values[GF_SERIES_PARTS] = {bands, mean, se};
    const uint64_t n_quarters = (uint64_t)results->plan.scenario->n_quarters;
    const uint64_t n_quantiles = (uint64_t)results->plan.scenario->output.n_quantiles;
    int problem = 0;
    for (int part = n_quantiles > 0 ? 0 : 1; part < GF_SERIES_PARTS && problem == 0; part++)
        problem =
            gf_draft_write(parts[part], 0, part == 0 ? n_quarters * n_quantiles : n_quarters, values[part]);
    if (problem != 0)
        return gf_draft_fail(error, GF_IO, results->plan.path, "write", problem);
    results->series_written++;
    return GF_OK;
}

/* Why the file may not be published yet, or NULL. */
static const char *what_is_missing(const gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    if (results->rows_written != plan->n_kept)
        return "rows of /portfolios";
    if (results->startup_rows_written != plan->n_startup_rows)
        return "rows of /startups";
    if (plan->quarters_of > 0 && results->series_written != plan->layout->n_series)
        return "series of /quarters";
    return results->has_numbers ? NULL : "/summary";
}

gf_status gf_results_commit(gf_results *results, const gf_provenance *provenance, gf_error *error)
{
    const char *missing = what_is_missing(results), *path = results->plan.path;
    gf_status status = GF_OK;
    if (missing != NULL) {
        status = gf_error_set(error, GF_IO, "cannot finish %s: planned %s were not written", path, missing);
    } else {
        gf_draft_put_provenance(results->draft, provenance);
        const int problem = gf_draft_end(results->draft);
        results->draft = NULL;
        if (problem != 0)
            status = gf_draft_fail(error, GF_IO, path, "write", problem);
    }
    if (status == GF_OK) {
        status = gf_temporary_publish(results->temporary, path, error);
        free(results->temporary); /* published or removed */
        results->temporary = NULL;
    }
    gf_results_abandon(results);
    return status;
}
