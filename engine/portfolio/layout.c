/* Which columns and series a scenario has: the engine's and those of its models. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/needs.h"
#include "portfolio/portfolio.h"
#include "portfolio/return_columns.h"

static const gf_column engine_series[GF_N_SERIES] = {
#define GF_SERIES_ROW(id, name, unit, long_name) {name, unit, long_name, 0, NULL},
    GF_SERIES_LIST(GF_SERIES_ROW)
#undef GF_SERIES_ROW
};

/* Appends the engine's columns that are asked for. */
static void append_engine(gf_layout *layout, uint64_t kept)
{
    for (int c = 0; c < GF_N_COLUMNS; c++)
        if ((kept >> c & 1u) != 0)
            layout->columns[layout->n_columns++] = gf_columns[c];
    layout->n_engine_columns = layout->n_columns;
}

static int count(const gf_model_column *columns)
{
    int n = 0;
    while (columns != NULL && columns[n].name != NULL)
        n++;
    return n;
}

/* Appends columns that are there on request; 0 on success. */
static int append_returns(gf_column *to, int *n)
{
    for (int i = 0; i < GF_N_RETURN_COLUMNS; i++) {
        to[*n] = gf_return_columns[i];
        to[*n].name = strdup(gf_return_columns[i].name);
        if (to[(*n)++].name == NULL)
            return -1;
    }
    return 0;
}

/* Appends a model's columns as <model>_<name>; 0 on success. The names belong to the layout. */
static int append(gf_column *to, int *n, const char *model, const gf_model_column *columns)
{
    for (int i = 0; i < count(columns); i++) {
        const size_t size = strlen(model) + strlen(columns[i].name) + 2;
        char *name = malloc(size);
        if (name == NULL)
            return -1;
        snprintf(name, size, "%s_%s", model, columns[i].name);
        to[(*n)++] = (gf_column){name, columns[i].unit, columns[i].long_name, 0, NULL};
    }
    return 0;
}

gf_status gf_layout_init(gf_layout *layout, const gf_scenario *scenario, gf_error *error)
{
    int n_columns = GF_N_COLUMNS, n_series = GF_N_SERIES, failed = 0;
    const int has_returns = scenario->output.returns == GF_RETURNS_ALL;
    n_columns += has_returns ? GF_N_RETURN_COLUMNS : 0;
    for (int i = 0; i < scenario->n_models; i++) {
        n_columns += count(scenario->models[i].model->columns);
        n_series += count(scenario->models[i].model->series);
    }
    layout->columns = calloc((size_t)n_columns, sizeof *layout->columns);
    layout->series = calloc((size_t)n_series, sizeof *layout->series);
    layout->n_columns = layout->n_engine_columns = layout->n_series = 0;
    if (layout->columns == NULL || layout->series == NULL) {
        gf_layout_clear(layout);
        return gf_error_set(error, GF_MEMORY, "out of memory for %d columns", n_columns);
    }
    append_engine(layout, gf_columns_kept(scenario));
    memcpy(layout->series, engine_series, sizeof engine_series);
    layout->n_series = GF_N_SERIES;
    failed |= has_returns && append_returns(layout->columns, &layout->n_columns);
    for (int i = 0; i < scenario->n_models; i++) {
        const gf_model *model = scenario->models[i].model;
        failed |= append(layout->columns, &layout->n_columns, model->name, model->columns);
        failed |= append(layout->series, &layout->n_series, model->name, model->series);
    }
    if (failed) {
        gf_layout_clear(layout);
        return gf_error_set(error, GF_MEMORY, "out of memory for %d columns", n_columns);
    }
    return GF_OK;
}

void gf_layout_clear(gf_layout *layout)
{
    for (int i = layout->n_engine_columns; layout->columns != NULL && i < layout->n_columns; i++)
        free((char *)(uintptr_t)layout->columns[i].name);
    for (int i = GF_N_SERIES; layout->series != NULL && i < layout->n_series; i++)
        free((char *)(uintptr_t)layout->series[i].name);
    free(layout->columns);
    free(layout->series);
    *layout = (gf_layout){0};
}

int gf_layout_find(const gf_layout *layout, const char *name)
{
    for (int c = 0; c < layout->n_columns; c++)
        if (strcmp(layout->columns[c].name, name) == 0)
            return c;
    return -1;
}
