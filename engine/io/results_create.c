/* Creation of the result file: groups, datasets, dimension scales, attributes, before the first portfolio. */
#include "io/results_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const gf_column gf_startup_columns[GF_N_STARTUP_COLUMNS] = {
#define GF_STARTUP_ROW(id, name, unit, integer, long_name) {name, unit, long_name, integer, NULL},
    GF_STARTUP_COLUMN_LIST(GF_STARTUP_ROW)
#undef GF_STARTUP_ROW
};

int gf_results_write_indices(hid_t scale, uint64_t first, uint64_t step, uint64_t rows, gf_known_crc *known)
{
    enum { PIECE = 8192 };
    int64_t values[PIECE];
    hid_t space = H5Dget_space(scale);
    int failed = space < 0;
    gf_running_crc crc = {0};
    for (uint64_t start = 0; start < rows && !failed; start += PIECE) {
        hsize_t offset = start, count = rows - start < PIECE ? rows - start : PIECE;
        for (hsize_t i = 0; i < count; i++)
            values[i] = (int64_t)(first + (start + i) * step);
        hid_t memory = H5Screate_simple(1, &count, NULL);
        failed = H5Sselect_hyperslab(space, H5S_SELECT_SET, &offset, NULL, &count, NULL) < 0 ||
                 H5Dwrite(scale, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, values) < 0;
        gf_running_crc_add(&crc, start * sizeof *values, values, count * sizeof *values);
        H5Sclose(memory);
    }
    H5Sclose(space);
    const haddr_t place = known != NULL && !failed ? H5Dget_offset(scale) : HADDR_UNDEF;
    if (place != HADDR_UNDEF && gf_running_crc_covers(&crc, rows * sizeof *values))
        *known = (gf_known_crc){(int64_t)place, (int64_t)(rows * sizeof *values), crc.crc};
    return failed ? -1 : 0;
}

/* One dataset per column along `scale`; opened handles go to list[n] (zeroed). */
static int make_columns(hid_t group, const gf_column *columns, int n, gf_h5_scale *scale, hsize_t rows,
                        hid_t *list)
{
    for (int c = 0; c < n; c++) {
        list[c] = gf_h5_dataset_new(group, &columns[c], 0, 1, &rows);
        if (gf_h5_attach(list[c], &scale, 1) < 0 ||
            (columns[c].flag != NULL && gf_h5_put_text(list[c], "flag", columns[c].flag) < 0))
            return -1;
    }
    return 0;
}

static int make_portfolios(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_column index = {"portfolio", "1", "index of the portfolio, part of the address of its luck",
                             GF_INDEX, NULL};
    if (plan->n_kept == 0)
        return 0;
    results->columns = calloc((size_t)plan->layout->n_columns + 1, sizeof *results->columns);
    results->stored = calloc((size_t)plan->layout->n_columns + 1, sizeof *results->stored);
    hid_t group = gf_h5_group_new(results->file, "portfolios");
    if (group < 0 || results->columns == NULL || results->stored == NULL)
        return -1;
    gf_h5_scale scale;
    int failed = gf_h5_scale_new(&scale, group, &index, plan->n_kept, NULL) < 0 ||
                 gf_results_write_indices(scale.dataset, plan->first_kept, plan->keep_every, plan->n_kept,
                                          &results->index) < 0 ||
                 make_columns(group, plan->layout->columns, plan->layout->n_columns, &scale, plan->n_kept,
                              results->columns) < 0;
    failed |= gf_h5_scale_close(&scale) < 0;
    H5Gclose(group);
    return failed ? -1 : 0;
}

static int make_startups(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_column row = {"row", "1", "row: startups of a portfolio follow one another", GF_INDEX, NULL};
    if (plan->n_startup_rows == 0)
        return 0;
    results->startups = calloc(GF_N_STARTUP_COLUMNS, sizeof *results->startups);
    hid_t group = gf_h5_group_new(results->file, "startups");
    if (group < 0 || results->startups == NULL)
        return -1;
    gf_h5_scale scale;
    int failed = gf_h5_scale_new(&scale, group, &row, plan->n_startup_rows, NULL) < 0 ||
                 gf_results_write_indices(scale.dataset, 0, 1, plan->n_startup_rows, NULL) < 0 ||
                 make_columns(group, gf_startup_columns, GF_N_STARTUP_COLUMNS, &scale, plan->n_startup_rows,
                              results->startups) < 0;
    failed |= gf_h5_scale_close(&scale) < 0;
    H5Gclose(group);
    return failed ? -1 : 0;
}

/* Datasets of one series: <name>[quarter × quantile] (if there are quantiles), <name>_mean, <name>_se. */
static int make_series(hid_t group, const gf_column *series, gf_h5_scale *const scales[2],
                       const hsize_t size[2], hid_t handles[GF_SERIES_PARTS])
{
    char name[2][160], meaning[2][400];
    snprintf(name[0], sizeof name[0], "%s_mean", series->name);
    snprintf(name[1], sizeof name[1], "%s_se", series->name);
    snprintf(meaning[0], sizeof meaning[0], "mean over portfolios: %s", series->long_name);
    snprintf(meaning[1], sizeof meaning[1], "standard error of the mean: %s", series->long_name);
    if (size[1] > 0) {
        handles[0] = gf_h5_dataset_new(group, series, 0, 2, size);
        if (gf_h5_attach(handles[0], scales, 2) < 0)
            return -1;
    }
    for (int part = 1; part < GF_SERIES_PARTS; part++) {
        gf_column column = {name[part - 1], series->unit, meaning[part - 1], 0, NULL};
        handles[part] = gf_h5_dataset_new(group, &column, 0, 1, size);
        if (gf_h5_attach(handles[part], scales, 1) < 0)
            return -1;
    }
    return 0;
}

static int make_quarters(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_output_params *output = &plan->scenario->output;
    const gf_column quarter_column = {"quarter", "quarter", "quarter since the start", GF_INDEX, NULL};
    const gf_column quantile_column = {"quantile", "1", "probability below", 0, NULL};
    if (plan->quarters_of == 0)
        return 0;
    const hsize_t size[2] = {(hsize_t)plan->scenario->n_quarters, (hsize_t)output->n_quantiles};
    results->series = calloc((size_t)plan->layout->n_series * GF_SERIES_PARTS + 1, sizeof *results->series);
    hid_t group = gf_h5_group_new(results->file, "quarters");
    if (group < 0 || results->series == NULL)
        return -1;
    gf_h5_scale quarter, quantile = {0};
    gf_h5_scale *const scales[2] = {&quarter, &quantile};
    int failed = gf_h5_scale_new(&quarter, group, &quarter_column, size[0], NULL) < 0 ||
                 gf_results_write_indices(quarter.dataset, 0, 1, size[0], NULL) < 0 ||
                 gf_h5_put_int(group, "portfolios", (int64_t)plan->quarters_of) < 0;
    if (size[1] > 0)
        failed |= gf_h5_scale_new(&quantile, group, &quantile_column, size[1], output->quantiles) < 0;
    for (int s = 0; s < plan->layout->n_series && !failed; s++)
        failed = make_series(group, &plan->layout->series[s], scales, size,
                             &results->series[s * GF_SERIES_PARTS]) < 0;
    failed |= gf_h5_scale_close(&quarter) < 0;
    failed |= gf_h5_scale_close(&quantile) < 0;
    H5Gclose(group);
    return failed ? -1 : 0;
}

/* Names of the scenario's models, separated by blanks. */
static void list_models(const gf_scenario *scenario, char *text, size_t size)
{
    text[0] = '\0';
    for (int m = 0; m < scenario->n_models; m++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", m > 0 ? " " : "", scenario->models[m].model->name);
    }
}

static int put_attributes(hid_t file, const gf_results_plan *plan)
{
    const gf_scenario *scenario = plan->scenario;
    char version[32], seed[24], models[GF_MAX_MODELS * 40];
    snprintf(version, sizeof version, "%d.%d", GF_RESULTS_MAJOR, GF_RESULTS_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, scenario->seed);
    list_models(scenario, models, sizeof models);
    int failed = gf_h5_put_text(file, "filetype", GF_RESULTS_FILETYPE) < 0 ||
                 gf_h5_put_text(file, "format_version", version) < 0 ||
                 gf_h5_put_text(file, "program_version", gf_program_version()) < 0 ||
                 gf_h5_put_text(file, "scenario", scenario->name) < 0 ||
                 gf_h5_put_text(file, "models", models) < 0 || gf_h5_put_text(file, "seed", seed) < 0 ||
                 gf_h5_put_int(file, "portfolios", (int64_t)plan->n_portfolios) < 0 ||
                 gf_h5_put_int(file, "portfolios_total", (int64_t)plan->portfolios_total) < 0 ||
                 gf_h5_put_int(file, "first_portfolio", (int64_t)plan->first_portfolio) < 0 ||
                 gf_h5_put_int(file, "portfolios_kept", (int64_t)plan->n_kept) < 0 ||
                 gf_h5_put_int(file, "first_kept", (int64_t)plan->first_kept) < 0 ||
                 gf_h5_put_int(file, "keep_every", (int64_t)plan->keep_every) < 0 ||
                 gf_h5_put_int(file, "quarters_of", (int64_t)plan->quarters_of) < 0 ||
                 gf_h5_put_int(file, "startup_rows", (int64_t)plan->n_startup_rows) < 0 ||
                 gf_h5_put_int(file, "quarters", scenario->n_quarters) < 0 ||
                 gf_h5_put_int(file, "first_year", scenario->first_year) < 0 ||
                 gf_h5_put_real(file, "tail_index", plan->tail_index) < 0 ||
                 gf_h5_put_real(file, "tail_cap", plan->tail_cap) < 0 ||
                 gf_h5_put_text(file, "config", plan->config_text) < 0;
    if (plan->stop_rule != NULL)
        failed |= gf_h5_put_text(file, "stop_rule", plan->stop_rule) < 0 ||
                  gf_h5_put_int(file, "stop_met", plan->is_stop_met) < 0;
    return failed ? -1 : 0;
}

int gf_results_make(gf_results *results)
{
    int failed = put_attributes(results->file, &results->plan) < 0 || make_portfolios(results) < 0 ||
                 make_quarters(results) < 0 || make_startups(results) < 0;
    return failed ? -1 : 0;
}
