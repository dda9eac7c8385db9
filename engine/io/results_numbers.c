/* /summary: the numbers that `guidefund summary` prints, one row each. */
#include "io/results_numbers.h"
#include "io/results_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int put_numbers(gf_draft_object *group, const gf_number *numbers, size_t n, double *reals,
                       const char **texts)
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
    const uint64_t size = n;
    gf_draft_object *scale;
    int problem = gf_draft_index(&scale, group, &row, 0, 1, n);
    for (int k = 0; k < 5; k++) {
        for (size_t i = 0; i < n; i++)
            texts[i] = k == 0   ? numbers[i].name
                       : k == 1 ? numbers[i].column
                       : k == 2 ? numbers[i].statistic
                       : k == 3 ? numbers[i].unit
                                : numbers[i].note;
        gf_draft_attach(gf_draft_texts(group, &text_columns[k], n, texts), &scale);
    }
    for (int k = 0; k < 3 && problem == 0; k++) {
        for (size_t i = 0; i < n; i++)
            reals[i] = k == 0 ? numbers[i].argument : k == 1 ? numbers[i].value : numbers[i].se;
        gf_draft_object *dataset = gf_draft_dataset(group, &real_columns[k], 1, &size);
        gf_draft_attach(dataset, &scale);
        problem = gf_draft_write(dataset, 0, n, reals);
    }
    return problem;
}

gf_status gf_results_write_numbers(gf_results *results, const gf_number *numbers, size_t n, gf_error *error)
{
    assert(!results->has_numbers && n > 0);
    double *reals = malloc(n * sizeof *reals);
    const char **texts = malloc(n * sizeof *texts);
    gf_draft_object *group = gf_draft_group(gf_draft_root(results->draft), "summary");
    const int problem =
        reals == NULL || texts == NULL ? ENOMEM : put_numbers(group, numbers, n, reals, texts);
    free(reals);
    free(texts);
    results->has_numbers = problem == 0;
    return problem == 0 ? GF_OK : gf_draft_fail(error, GF_IO, results->plan.path, "write", problem);
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
