/* Writer of the result file: columns are written while they are computed, the rest when they are complete. */
#include "io/results_temporary.h"
#include "io/results_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Rows in the file and in memory, for all columns of a table: making them takes as long as writing a small
 * piece. */
typedef struct table_rows {
    hid_t memory, file;
    hsize_t first, n;
} table_rows;

static int choose_rows(table_rows *rows, hsize_t n_all, hsize_t first, hsize_t n)
{
    *rows = (table_rows){H5Screate_simple(1, &n, NULL), H5Screate_simple(1, &n_all, NULL), first, n};
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

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static size_t size_of(const gf_column *column)
{
    return column->is_integer == GF_COUNT ? sizeof(int32_t) : sizeof(double);
}

/* |x| < 2^31, by the upper half of the bits, which makes a loop of vectors of it. NaN does not fit. */
static int fit_int32(const double *values, hsize_t n)
{
    const int32_t first_beyond = (1023 + 31) << 20;
    int32_t n_beyond = 0;
    for (hsize_t i = 0; i < n; i++) {
        const int32_t high = (int32_t)(bits_of(values[i]) >> 32);
        n_beyond += (high & INT32_MAX) >= first_beyond;
    }
    return n_beyond == 0;
}

/* Whole numbers of a column in room of the writer, or NULL: out of memory, or a count beyond int32. */
static const void *to_whole(gf_results *results, const gf_column *column, const double *values, hsize_t n)
{
    if (results->whole_size < n * size_of(column)) {
        void *grown = realloc(results->whole, n * size_of(column));
        if (grown == NULL)
            return NULL;
        results->whole = grown;
        results->whole_size = n * size_of(column);
    }
    if (column->is_integer == GF_INDEX) {
        int64_t *indices = results->whole;
        for (hsize_t i = 0; i < n; i++)
            indices[i] = (int64_t)values[i];
        return indices;
    }
    if (!fit_int32(values, n)) {
        results->misfit = column;
        return NULL;
    }
    int32_t *counts = results->whole;
    for (hsize_t i = 0; i < n; i++)
        counts[i] = (int32_t)values[i];
    return counts;
}

/* Writes these rows of one column from doubles; whole numbers are converted on the way. `crc` is told. */
static int write_rows(gf_results *results, hid_t dataset, const gf_column *column, const table_rows *rows,
                      const double *values, gf_running_crc *crc)
{
    const hid_t type = column->is_integer == GF_INDEX ? H5T_NATIVE_INT64
                       : column->is_integer           ? H5T_NATIVE_INT32
                                                      : H5T_NATIVE_DOUBLE;
    const void *source = column->is_integer ? to_whole(results, column, values, rows->n) : values;
    if (source == NULL)
        return -1;
    gf_running_crc_add(crc, rows->first * size_of(column), source, rows->n * size_of(column));
    return H5Dwrite(dataset, type, rows->memory, rows->file, H5P_DEFAULT, source) < 0 ? -1 : 0;
}

static gf_status fail_to_write(const gf_results *results, gf_error *error)
{
    if (results->misfit == NULL)
        return gf_h5_fail(error, GF_IO, results->plan.path, "write");
    return gf_error_set(error, GF_IO, "cannot write %s: column %s: expected whole numbers from %d to %d",
                        results->plan.path, results->misfit->name, -INT32_MAX, INT32_MAX);
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

/* A column that was 0 in the rows so far no longer is: its storage begins as zeros. */
static int begin_storage(gf_results *results, int column)
{
    enum { PIECE = 8192 };
    static const double zeros[PIECE];
    const gf_column *about = &results->plan.layout->columns[column];
    const uint64_t n_before = results->rows_written;
    gf_running_crc *crc = &results->stored[column].crc, ignored = {0};
    int failed = 0;
    for (uint64_t first = 0; first < results->plan.n_kept && n_before > 0 && !failed; first += PIECE) {
        const uint64_t rest = results->plan.n_kept - first;
        table_rows rows;
        failed = choose_rows(&rows, results->plan.n_kept, first, rest < PIECE ? rest : PIECE) < 0 ||
                 write_rows(results, results->columns[column], about, &rows, zeros, &ignored) < 0;
        forget_rows(&rows);
    }
    /* zeros that stay, where rows came one after another */
    for (uint64_t first = 0; first < n_before; first += PIECE)
        gf_running_crc_add(crc, first * size_of(about), zeros,
                           (n_before - first < PIECE ? n_before - first : PIECE) * size_of(about));
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
            failed = (!results->stored[c].is_stored && begin_storage(results, c) < 0) ||
                     write_rows(results, results->columns[c], &layout->columns[c], &rows, values,
                                &results->stored[c].crc) < 0;
    }
    forget_rows(&rows);
    if (failed)
        return fail_to_write(results, error);
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
        failed = write_rows(results, results->startups[k], &gf_startup_columns[k], &rows,
                            startups + (size_t)k * stride, &results->startup_crcs[k]) < 0;
    forget_rows(&rows);
    if (failed)
        return fail_to_write(results, error);
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

/* Adds the CRC of a dataset of so many bytes, if all of it is known. */
static void add_known(gf_known_crc *known, size_t *n_known, hid_t dataset, const gf_running_crc *crc,
                      uint64_t size)
{
    const haddr_t start = H5Dget_offset(dataset);
    if (start != HADDR_UNDEF && gf_running_crc_covers(crc, size))
        known[(*n_known)++] = (gf_known_crc){(int64_t)start, (int64_t)size, crc->crc};
}

/* What is known of the bytes of the open file, known[1 + n_columns + GF_N_STARTUP_COLUMNS]. */
static size_t list_known(const gf_results *results, gf_known_crc *known)
{
    const gf_results_plan *plan = &results->plan;
    size_t n = 0;
    if (results->index.size > 0)
        known[n++] = results->index;
    for (int c = 0; results->columns != NULL && c < plan->layout->n_columns; c++)
        if (results->stored[c].is_stored)
            add_known(known, &n, results->columns[c], &results->stored[c].crc,
                      plan->n_kept * size_of(&plan->layout->columns[c]));
    for (int k = 0; results->startups != NULL && k < GF_N_STARTUP_COLUMNS; k++)
        add_known(known, &n, results->startups[k], &results->startup_crcs[k],
                  plan->n_startup_rows * size_of(&gf_startup_columns[k]));
    return n;
}

/* Provenance, flush, object count, close. The file handle is gone if this succeeds. */
static gf_status close_file(gf_results *results, const gf_provenance *provenance, gf_error *error)
{
    const char *path = results->plan.path;
    if (gf_h5_put_provenance(results->file, provenance) < 0)
        return gf_h5_fail(error, GF_IO, path, "write");
    gf_results_close_datasets(results);
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
    const size_t most = 1 + (size_t)results->plan.layout->n_columns + GF_N_STARTUP_COLUMNS;
    gf_known_crc *known = malloc(most * sizeof *known);
    size_t n_known = 0;
    gf_status status = GF_OK;
    if (known == NULL)
        status = gf_error_set(error, GF_MEMORY, "out of memory for the checksum of %s", results->plan.path);
    else if (missing != NULL)
        status = gf_error_set(error, GF_IO, "cannot finish %s: planned %s were not written",
                              results->plan.path, missing);
    if (known != NULL && status == GF_OK) {
        n_known = list_known(results, known);
        status = close_file(results, provenance, error);
    }
    if (status == GF_OK) {
        status = gf_temporary_publish(results->temporary, results->plan.path, known, n_known, error);
        gf_results_free(results);
    } else {
        gf_results_abandon(results);
    }
    free(known);
    return status;
}
