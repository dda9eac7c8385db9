/* /summary: the numbers that `guidefund summary` prints, one row each. */
#include "io/results_writer.h"

#include <assert.h>
#include <stdlib.h>

/* Writes one text or number column of /summary along `scale`. */
static int put_number_column(hid_t group, hid_t scale, const gf_column *column, hsize_t n, const void *values,
                             int is_text)
{
    hid_t type = is_text ? gf_h5_text_type() : H5T_NATIVE_DOUBLE;
    hid_t dataset = gf_h5_dataset_new(group, column, is_text, 1, &n);
    int failed = gf_results_attach(dataset, scale, 0) < 0 ||
                 H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    if (is_text)
        H5Tclose(type);
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
    const gf_column row = {"row", "1", "row: one number of the summary", 1, NULL};
    hid_t scale = gf_h5_scale_new(group, &row, n, NULL);
    int failed = scale < 0 || gf_results_write_indices(scale, 0, 1, n) < 0;
    for (int k = 0; k < 5 && !failed; k++) {
        for (size_t i = 0; i < n; i++)
            texts[i] = k == 0   ? numbers[i].name
                       : k == 1 ? numbers[i].column
                       : k == 2 ? numbers[i].statistic
                       : k == 3 ? numbers[i].unit
                                : numbers[i].note;
        failed = put_number_column(group, scale, &text_columns[k], n, texts, 1) < 0;
    }
    for (int k = 0; k < 3 && !failed; k++) {
        for (size_t i = 0; i < n; i++)
            reals[i] = k == 0 ? numbers[i].argument : k == 1 ? numbers[i].value : numbers[i].se;
        failed = put_number_column(group, scale, &real_columns[k], n, reals, 0) < 0;
    }
    if (scale >= 0)
        H5Dclose(scale);
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
