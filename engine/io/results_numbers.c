/* /summary: the numbers that `guidefund summary` prints, one row each. */
#include "io/results_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BUFFER = 1 << 14 };

/* Writes one text or number column of /summary along `scale`. */
static int put_number_column(hid_t group, gf_h5_scale *scale, const gf_column *column, hsize_t n,
                             const void *values, int is_text)
{
    hid_t type = is_text ? gf_h5_text_type() : H5T_NATIVE_DOUBLE;
    hid_t dataset = gf_h5_dataset_new(group, column, is_text, 1, &n);
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_buffer(transfer, TEXT_BUFFER, NULL, NULL); /* HDF5 clears it: its preset of 1 MiB takes time */
    int failed = gf_h5_attach(dataset, &scale, 1) < 0 ||
                 H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, transfer, values) < 0;
    H5Pclose(transfer);
    if (dataset >= 0)
        H5Dclose(dataset);
    return failed ? -1 : 0;
}

static int put_numbers(hid_t group, const gf_number *numbers, size_t n, double *reals, const char **texts)
{
    static const gf_column real_columns[3] = {
        {"argument", "1", "level of a quantile, threshold of a probability, cap of a capped mean", 0, NULL},
        {"value", "1", "value, in the unit of its row", 0, NULL},
        {"standard_error", "1", "Monte Carlo standard error, NaN where there is none", 0, NULL}};
    static const gf_column text_columns[5] = {{"name", "1", "name of the number", 0, NULL},
                                              {"column", "1", "column of /portfolios it describes", 0, NULL},
                                              {"statistic", "1", "kind of number", 0, NULL},
                                              {"unit", "1", "unit of value and standard_error", 0, NULL},
                                              {"note", "1", "method, caveat or warning", 0, NULL}};
    const gf_column row = {"row", "1", "row: one number of the summary", GF_INDEX, NULL};
    gf_h5_scale scale;
    int failed = gf_h5_scale_new(&scale, group, &row, n, NULL) < 0 ||
                 gf_results_write_indices(scale.dataset, 0, 1, n, NULL) < 0;
    for (int k = 0; k < 5 && !failed; k++) {
        for (size_t i = 0; i < n; i++)
            texts[i] = k == 0   ? numbers[i].name
                       : k == 1 ? numbers[i].column
                       : k == 2 ? numbers[i].statistic
                       : k == 3 ? numbers[i].unit
                                : numbers[i].note;
        failed = put_number_column(group, &scale, &text_columns[k], n, texts, 1) < 0;
    }
    for (int k = 0; k < 3 && !failed; k++) {
        for (size_t i = 0; i < n; i++)
            reals[i] = k == 0 ? numbers[i].argument : k == 1 ? numbers[i].value : numbers[i].se;
        failed = put_number_column(group, &scale, &real_columns[k], n, reals, 0) < 0;
    }
    failed |= gf_h5_scale_close(&scale) < 0;
    return failed ? -1 : 0;
}

gf_status gf_results_write_numbers(gf_results *results, const gf_number *numbers, size_t n, gf_error *error)
{
    assert(!results->has_numbers && n > 0);
    double *reals = malloc(n * sizeof *reals);
    const char **texts = malloc(n * sizeof *texts);
    hid_t group = gf_h5_group_new(results->file, "summary");
    gf_status status = GF_OK;
    if (reals == NULL || texts == NULL)
        status = gf_error_set(error, GF_MEMORY, "out of memory for the summary of %s", results->plan.path);
    else if (group < 0 || put_numbers(group, numbers, n, reals, texts) < 0)
        status = gf_h5_fail(error, GF_IO, results->plan.path, "write");
    if (group >= 0)
        H5Gclose(group);
    free(reals);
    free(texts);
    results->has_numbers = status == GF_OK;
    return status;
}

/* Rows of /summary, or -1. */
static hssize_t count_numbers(hid_t group)
{
    hid_t dataset = H5Dopen2(group, "row", H5P_DEFAULT);
    if (dataset < 0)
        return -1;
    hid_t space = H5Dget_space(dataset);
    hssize_t n = H5Sget_simple_extent_ndims(space) == 1 ? H5Sget_simple_extent_npoints(space) : -1;
    H5Sclose(space);
    H5Dclose(dataset);
    return n;
}

/* Reads a dataset of n texts or doubles; texts are malloc'ed by HDF5. */
static int read_all(hid_t group, const char *name, hssize_t n, int is_text, void *values)
{
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0)
        return -1;
    hid_t space = H5Dget_space(dataset), stored = H5Dget_type(dataset);
    hid_t type = is_text ? gf_h5_text_type() : H5T_NATIVE_DOUBLE;
    int failed = H5Sget_simple_extent_npoints(space) != n ||
                 H5Tget_class(stored) != (is_text ? H5T_STRING : H5T_FLOAT) ||
                 H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
    H5Tclose(stored);
    H5Sclose(space);
    H5Dclose(dataset);
    return failed ? -1 : 0;
}

/* Moves the texts that HDF5 allocated into strings of our own. */
static int read_texts(hid_t group, const char *name, hssize_t n, char **texts)
{
    int failed = read_all(group, name, n, 1, texts) < 0;
    for (hssize_t i = 0; i < n; i++) {
        char *owned = strdup(texts[i] != NULL ? texts[i] : "");
        if (texts[i] != NULL)
            H5free_memory(texts[i]);
        texts[i] = owned;
        failed |= owned == NULL;
    }
    return failed ? -1 : 0;
}

/* Reads the eight columns of /summary into numbers[n]; negative on failure. */
static int fill_numbers(hid_t group, hssize_t n, gf_number *numbers)
{
    static const char *const texts[5] = {"name", "column", "statistic", "unit", "note"};
    static const char *const reals[3] = {"argument", "value", "standard_error"};
    char **words = calloc((size_t)n, sizeof *words);
    double *values = malloc((size_t)n * sizeof *values);
    int failed = words == NULL || values == NULL;
    for (int k = 0; k < 5 && !failed; k++) {
        memset(words, 0, (size_t)n * sizeof *words);
        failed = read_texts(group, texts[k], n, words) < 0;
        for (hssize_t i = 0; i < n; i++) {
            const char **targets[5] = {&numbers[i].name, &numbers[i].column, &numbers[i].statistic,
                                       &numbers[i].unit, &numbers[i].note};
            *targets[k] = words[i];
        }
    }
    for (int k = 0; k < 3 && !failed; k++) {
        failed = read_all(group, reals[k], n, 0, values) < 0;
        for (hssize_t i = 0; i < n && !failed; i++) {
            double *targets[3] = {&numbers[i].argument, &numbers[i].value, &numbers[i].se};
            *targets[k] = values[i];
        }
    }
    free(words);
    free(values);
    return failed ? -1 : 0;
}

int gf_h5_read_numbers(hid_t group, gf_number **numbers, size_t *n)
{
    hssize_t rows = count_numbers(group);
    *numbers = NULL;
    *n = 0;
    if (rows <= 0)
        return -1;
    *numbers = calloc((size_t)rows, sizeof **numbers);
    if (*numbers == NULL)
        return -1;
    if (fill_numbers(group, rows, *numbers) < 0) {
        gf_numbers_free(*numbers, (size_t)rows);
        *numbers = NULL;
        return -1;
    }
    *n = (size_t)rows;
    return 0;
}

void gf_numbers_free(gf_number *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free((char *)(uintptr_t)numbers[i].name);
        free((char *)(uintptr_t)numbers[i].column);
        free((char *)(uintptr_t)numbers[i].statistic);
        free((char *)(uintptr_t)numbers[i].unit);
        free((char *)(uintptr_t)numbers[i].note);
    }
    free(numbers);
}
