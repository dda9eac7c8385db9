/* Writer of the result file: everything is planned at creation, columns are written while they are
 * computed. */
#include "io/results_temporary.h"
#include "io/results_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Closes the datasets of a list (entries ≤ 0 were never opened) and frees it. */
static void close_all(hid_t **list, int n)
{
    for (int i = 0; *list != NULL && i < n; i++)
        if ((*list)[i] > 0)
            H5Dclose((*list)[i]);
    free(*list);
    *list = NULL;
}

static void close_datasets(gf_results *results)
{
    close_all(&results->columns, results->plan.layout->n_columns);
    close_all(&results->startups, GF_N_STARTUP_COLUMNS);
    close_all(&results->series, results->plan.layout->n_series * GF_SERIES_PARTS);
}

static void free_results(gf_results *results)
{
    free(results->integers);
    free(results->stored);
    free(results->temporary);
    free(results);
}

void gf_results_abandon(gf_results *results)
{
    if (results == NULL)
        return;
    close_datasets(results);
    if (results->file >= 0) {
        /* on a full disk: room for what closing wants to write; without it, closing fails and nothing is
         * lost */
        if (results->temporary != NULL && truncate(results->temporary, 0) != 0)
            unlink(results->temporary);
        H5Fclose(results->file);
    }
    if (results->temporary != NULL)
        unlink(results->temporary);
    free_results(results);
}

gf_status gf_results_create(gf_results **out, const gf_results_plan *plan, gf_error *error)
{
    *out = NULL;
    gf_status status = gf_temporary_check_target(plan->path, error);
    if (status == GF_OK)
        status = gf_temporary_check_room(plan->path, plan->n_kept + plan->n_startup_rows, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    gf_results *results = calloc(1, sizeof *results);
    if (results == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", plan->path);
    results->plan = *plan;
    results->file = -1;
    results->temporary = gf_temporary_name(plan->path);
    if (results->temporary == NULL) {
        gf_results_abandon(results);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", plan->path);
    }
    gf_temporary_sweep(plan->path);
    results->file = gf_h5_file_new(results->temporary);
    if (results->file < 0) {
        status = gf_h5_fail(error, gf_h5_errno() == ENOSPC ? GF_IO : GF_CREATE, plan->path, "create");
        gf_results_abandon(results);
        return status;
    }
    /* a full disk shows at the first rows, or now if there will be none before the end */
    if (gf_results_make(results) < 0 ||
        (plan->n_kept == 0 && H5Fflush(results->file, H5F_SCOPE_GLOBAL) < 0)) {
        status = gf_h5_fail(error, GF_IO, plan->path, "write");
        gf_results_abandon(results);
        return status;
    }
    *out = results;
    return GF_OK;
}

/* Rows in the file and in memory, for all columns of a table: making them takes as long as writing a small
 * piece. */
typedef struct table_rows {
    hid_t memory, file;
    hsize_t n;
} table_rows;

static int choose_rows(table_rows *rows, hsize_t n_all, hsize_t first, hsize_t n)
{
    *rows = (table_rows){H5Screate_simple(1, &n, NULL), H5Screate_simple(1, &n_all, NULL), n};
    return rows->memory < 0 || rows->file < 0 ||
                   H5Sselect_hyperslab(rows->file, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0
               ? -1
               : 0;
}

static void forget_rows(const table_rows *rows)
{
    if (rows->memory >= 0)
        H5Sclose(rows->memory);
    if (rows->file >= 0)
        H5Sclose(rows->file);
}

/* Writes these rows of one column from doubles; integer columns are converted on the way. */
static int write_rows(gf_results *results, hid_t dataset, int is_integer, const table_rows *rows,
                      const double *values)
{
    const hsize_t n = rows->n;
    const void *source = values;
    if (is_integer) {
        if (results->n_integers < n) {
            int64_t *grown = realloc(results->integers, n * sizeof *grown);
            if (grown == NULL)
                return -1;
            results->integers = grown;
            results->n_integers = n;
        }
        for (hsize_t i = 0; i < n; i++)
            results->integers[i] = (int64_t)values[i];
        source = results->integers;
    }
    return H5Dwrite(dataset, is_integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, rows->memory, rows->file,
                    H5P_DEFAULT, source) < 0
               ? -1
               : 0;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
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

/* A column that was 0 so far no longer is: its storage begins as zeros. */
static int begin_storage(gf_results *results, int column)
{
    enum { PIECE = 8192 };
    static const double zeros[PIECE];
    const int is_integer = results->plan.layout->columns[column].is_integer;
    int failed = 0;
    for (uint64_t first = 0; first < results->plan.n_kept && results->rows_written > 0 && !failed;
         first += PIECE) {
        const uint64_t rest = results->plan.n_kept - first;
        table_rows rows;
        failed = choose_rows(&rows, results->plan.n_kept, first, rest < PIECE ? rest : PIECE) < 0 ||
                 write_rows(results, results->columns[column], is_integer, &rows, zeros) < 0;
        forget_rows(&rows);
    }
    results->stored[column].is_stored = 1;
    return failed ? -1 : 0;
}

gf_status gf_results_write_columns(gf_results *results, uint64_t first_row, size_t n_rows,
                                   const double *columns, size_t stride, gf_error *error)
{
    const gf_layout *layout = results->plan.layout;
    assert(first_row + n_rows <= results->plan.n_kept);
    if (n_rows == 0)
        return GF_OK;
    gf_h5_listen();
    table_rows rows;
    int failed = choose_rows(&rows, results->plan.n_kept, first_row, n_rows) < 0;
    for (int c = 0; c < layout->n_columns && !failed; c++) {
        const double *values = columns + (size_t)c * stride;
        if (!is_implied(&results->stored[c], values, n_rows))
            failed =
                (!results->stored[c].is_stored && begin_storage(results, c) < 0) ||
                write_rows(results, results->columns[c], layout->columns[c].is_integer, &rows, values) < 0;
    }
    forget_rows(&rows);
    if (failed)
        return gf_h5_fail(error, GF_IO, results->plan.path, "write");
    results->rows_written += n_rows;
    return GF_OK;
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
    if (gf_h5_read_rows(results->columns[column], first_row, n_rows, values) < 0)
        return gf_h5_fail(error, GF_IO, results->plan.path, "read back");
    return GF_OK;
}

gf_status gf_results_write_startups(gf_results *results, uint64_t first_row, size_t n_rows,
                                    const double *startups, size_t stride, gf_error *error)
{
    assert(first_row + n_rows <= results->plan.n_startup_rows);
    if (n_rows == 0)
        return GF_OK;
    table_rows rows;
    int failed = choose_rows(&rows, results->plan.n_startup_rows, first_row, n_rows) < 0;
    for (int k = 0; k < GF_N_STARTUP_COLUMNS && !failed; k++)
        failed = write_rows(results, results->startups[k], gf_startup_columns[k].is_integer, &rows,
                            startups + (size_t)k * stride) < 0;
    forget_rows(&rows);
    if (failed)
        return gf_h5_fail(error, GF_IO, results->plan.path, "write");
    results->startup_rows_written += n_rows;
    return GF_OK;
}

gf_status gf_results_write_series(gf_results *results, int series, const double *bands, const double *mean,
                                  const double *se, gf_error *error)
{
    assert(series >= 0 && series < results->plan.layout->n_series && results->series != NULL);
    const hid_t *handles = &results->series[series * GF_SERIES_PARTS];
    const double *values[GF_SERIES_PARTS] = {bands, mean, se};
    for (int part = 0; part < GF_SERIES_PARTS; part++)
        if (handles[part] > 0 &&
            H5Dwrite(handles[part], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values[part]) < 0)
            return gf_h5_fail(error, GF_IO, results->plan.path, "write");
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

/* Provenance, flush, object count, close. The file handle is gone if this succeeds. */
static gf_status close_file(gf_results *results, const gf_provenance *provenance, gf_error *error)
{
    const char *path = results->plan.path;
    if (gf_h5_put_provenance(results->file, provenance) < 0)
        return gf_h5_fail(error, GF_IO, path, "write");
    close_datasets(results);
    if (H5Fflush(results->file, H5F_SCOPE_GLOBAL) < 0)
        return gf_h5_fail(error, GF_IO, path, "write");
    ssize_t open = H5Fget_obj_count(results->file, (H5F_OBJ_ALL & ~(unsigned)H5F_OBJ_FILE) | H5F_OBJ_LOCAL);
    assert(open == 0);
    (void)open;
    if (H5Fclose(results->file) < 0)
        return gf_h5_fail(error, GF_IO, path, "close");
    results->file = -1;
    return GF_OK;
}

gf_status gf_results_commit(gf_results *results, const gf_provenance *provenance, gf_error *error)
{
    const char *missing = what_is_missing(results);
    gf_status status = GF_OK;
    if (missing != NULL)
        status = gf_error_set(error, GF_IO, "cannot finish %s: planned %s were not written",
                              results->plan.path, missing);
    else
        status = close_file(results, provenance, error);
    if (status != GF_OK) {
        gf_results_abandon(results);
        return status;
    }
    status = gf_temporary_publish(results->temporary, results->plan.path, error);
    free_results(results);
    return status;
}
