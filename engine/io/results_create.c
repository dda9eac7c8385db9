/* Creation of the result file: groups, datasets, dimension scales, attributes, before the first portfolio. */
#include "io/results_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const gf_column gf_startup_columns[GF_N_STARTUP_COLUMNS] = {
#define GF_STARTUP_ROW(id, name, unit, integer, long_name) {name, unit, long_name, integer, NULL},
    GF_STARTUP_COLUMN_LIST(GF_STARTUP_ROW)
#undef GF_STARTUP_ROW
};

/* One dataset per column along `scale`, into list[n]. */
static void make_columns(gf_draft_object *group, const gf_column *columns, int n, gf_draft_object *scale,
                         uint64_t rows, gf_draft_object **list)
{
    for (int c = 0; c < n; c++) {
        list[c] = gf_draft_dataset(group, &columns[c], 1, &rows);
        gf_draft_attach(list[c], &scale);
        if (columns[c].flag != NULL)
            gf_draft_put_text(list[c], "flag", columns[c].flag);
    }
}

static int make_portfolios(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_layout *layout = plan->layout;
    const gf_column index = {"portfolio", "1", "index of the portfolio, part of the address of its luck",
                             GF_INDEX, NULL};
    if (plan->n_kept == 0)
        return 0;
    results->columns = calloc((size_t)layout->n_columns + 1, sizeof(gf_draft_object *));
    results->stored = calloc((size_t)layout->n_columns + 1, sizeof *results->stored);
    if (results->columns == NULL || results->stored == NULL)
        return ENOMEM;
    gf_draft_object *group = gf_draft_group(gf_draft_root(results->draft), "portfolios"), *scale;
    const int problem =
        gf_draft_index(&scale, group, &index, plan->first_kept, plan->keep_every, plan->n_kept);
    make_columns(group, layout->columns, layout->n_columns, scale, plan->n_kept, results->columns);
    return problem;
}

static int make_startups(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_column row = {"row", "1", "row: startups of a portfolio follow one another", GF_INDEX, NULL};
    if (plan->n_startup_rows == 0)
        return 0;
    results->startups = calloc(GF_N_STARTUP_COLUMNS, sizeof(gf_draft_object *));
    if (results->startups == NULL)
        return ENOMEM;
    gf_draft_object *group = gf_draft_group(gf_draft_root(results->draft), "startups"), *scale;
    const int problem = gf_draft_index(&scale, group, &row, 0, 1, plan->n_startup_rows);
    make_columns(group, gf_startup_columns, GF_N_STARTUP_COLUMNS, scale, plan->n_startup_rows,
                 results->startups);
    return problem;
}

/* Datasets of one series: <name>[quarter × quantile] (if there are quantiles), <name>_mean, <name>_se. */
static void make_series(gf_draft_object *group, const gf_column *series, gf_draft_object *const scales[2],
                        const uint64_t size[2], gf_draft_object *parts[GF_SERIES_PARTS])
{
    char name[2][160], meaning[2][400];
    snprintf(name[0], sizeof name[0], "%s_mean", series->name);
    snprintf(name[1], sizeof name[1], "%s_se", series->name);
    snprintf(meaning[0], sizeof meaning[0], "mean over portfolios: %s", series->long_name);
    snprintf(meaning[1], sizeof meaning[1], "standard error of the mean: %s", series->long_name);
    if (size[1] > 0) {
        parts[0] = gf_draft_dataset(group, series, 2, size);
        gf_draft_attach(parts[0], scales);
    }
    for (int part = 1; part < GF_SERIES_PARTS; part++) {
        const gf_column column = {name[part - 1], series->unit, meaning[part - 1], 0, NULL};
        parts[part] = gf_draft_dataset(group, &column, 1, size);
        gf_draft_attach(parts[part], scales);
    }
}

static int make_quarters(gf_results *results)
{
    const gf_results_plan *plan = &results->plan;
    const gf_output_params *output = &plan->scenario->output;
    const gf_column quarter_column = {"quarter", "quarter", "quarter since the start", GF_INDEX, NULL};
    const gf_column quantile_column = {"quantile", "1", "probability below", 0, NULL};
    if (plan->quarters_of == 0)
        return 0;
    const uint64_t size[2] = {(uint64_t)plan->scenario->n_quarters, (uint64_t)output->n_quantiles};
    results->series = calloc((size_t)plan->layout->n_series * GF_SERIES_PARTS + 1, sizeof(gf_draft_object *));
    if (results->series == NULL)
        return ENOMEM;
    gf_draft_object *group = gf_draft_group(gf_draft_root(results->draft), "quarters"), *scales[2] = {NULL};
    int problem = gf_draft_index(&scales[0], group, &quarter_column, 0, 1, size[0]);
    gf_draft_put_int(group, "portfolios", (int64_t)plan->quarters_of);
    if (size[1] > 0 && problem == 0) {
        scales[1] = gf_draft_dataset(group, &quantile_column, 1, &size[1]);
        gf_draft_make_scale(scales[1]);
        problem = gf_draft_write(scales[1], 0, size[1], output->quantiles);
    }
    for (int s = 0; s < plan->layout->n_series; s++)
        make_series(group, &plan->layout->series[s], scales, size, &results->series[s * GF_SERIES_PARTS]);
    return problem;
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

static void put_attributes(gf_draft_object *root, const gf_results_plan *plan)
{
    const gf_scenario *scenario = plan->scenario;
    char version[32], seed[24], models[GF_MAX_MODELS * 40];
    snprintf(version, sizeof version, "%d.%d", GF_RESULTS_MAJOR, GF_RESULTS_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, scenario->seed);
    list_models(scenario, models, sizeof models);
    gf_draft_put_text(root, "filetype", GF_RESULTS_FILETYPE);
    gf_draft_put_text(root, "format_version", version);
    gf_draft_put_text(root, "program_version", gf_program_version());
    gf_draft_put_text(root, "scenario", scenario->name);
    gf_draft_put_text(root, "models", models);
    gf_draft_put_text(root, "seed", seed);
    gf_draft_put_int(root, "portfolios", (int64_t)plan->n_portfolios);
    gf_draft_put_int(root, "portfolios_total", (int64_t)plan->portfolios_total);
    gf_draft_put_int(root, "first_portfolio", (int64_t)plan->first_portfolio);
    gf_draft_put_int(root, "portfolios_kept", (int64_t)plan->n_kept);
    gf_draft_put_int(root, "first_kept", (int64_t)plan->first_kept);
    gf_draft_put_int(root, "keep_every", (int64_t)plan->keep_every);
    gf_draft_put_int(root, "quarters_of", (int64_t)plan->quarters_of);
    gf_draft_put_int(root, "startup_rows", (int64_t)plan->n_startup_rows);
    gf_draft_put_int(root, "quarters", scenario->n_quarters);
    gf_draft_put_int(root, "first_year", scenario->first_year);
    gf_draft_put_real(root, "tail_index", plan->tail_index);
    gf_draft_put_real(root, "tail_cap", plan->tail_cap);
    gf_draft_put_text(root, "config", plan->config_text);
    if (plan->stop_rule != NULL) {
        gf_draft_put_text(root, "stop_rule", plan->stop_rule);
        gf_draft_put_int(root, "stop_met", plan->is_stop_met);
    }
}

int gf_results_make(gf_results *results)
{
    put_attributes(gf_draft_root(results->draft), &results->plan);
    int problem = make_portfolios(results);
    if (problem == 0)
        problem = make_quarters(results);
    if (problem == 0)
        problem = make_startups(results);
    return problem != 0 ? problem : gf_draft_problem(results->draft);
}

gf_draft_size gf_results_size(const gf_results_plan *plan)
{
    const gf_layout *layout = plan->layout;
    const uint64_t n_quarters = (uint64_t)plan->scenario->n_quarters;
    const uint64_t of_series = (uint64_t)plan->scenario->output.n_quantiles + 2;
    uint64_t of_row = 0, least = plan->n_kept * sizeof(int64_t) + strlen(plan->config_text);
    for (int c = 0; c < layout->n_columns; c++)
        of_row += layout->columns[c].is_integer == GF_COUNT ? sizeof(int32_t) : sizeof(double);
    if (plan->quarters_of > 0)
        least += (uint64_t)layout->n_series * n_quarters * of_series * sizeof(double);
    least += plan->n_startup_rows * sizeof(int64_t);
    return (gf_draft_size){least, least + plan->n_kept * of_row +
                                      plan->n_startup_rows * GF_N_STARTUP_COLUMNS * sizeof(double)};
}
