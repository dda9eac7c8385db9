/* The summary of a run: its list of numbers, and where the columns come from. */
#include "base/room.h"
#include "run/summary_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the list --- */

void gf_summary_clear(gf_summary *summary)
{
    gf_numbers_free(summary->numbers, summary->n);
    memset(summary, 0, sizeof *summary);
}

int gf_summary_add(gf_summary *summary, const gf_number *number)
{
    if (summary->n == summary->room) {
        size_t room = summary->room > 0 ? 2 * summary->room : 64;
        gf_number *grown = realloc(summary->numbers, room * sizeof *grown);
        if (grown == NULL)
            return -1;
        summary->numbers = grown;
        summary->room = room;
    }
    gf_number copy = *number;
    copy.name = strdup(number->name);
    copy.column = strdup(number->column);
    copy.statistic = strdup(number->statistic);
    copy.unit = strdup(number->unit);
    copy.note = strdup(number->note);
    summary->numbers[summary->n++] = copy;
    return copy.name != NULL && copy.column != NULL && copy.statistic != NULL && copy.unit != NULL &&
                   copy.note != NULL
               ? 0
               : -1;
}

const gf_number *gf_summary_find(const gf_summary *summary, const char *name)
{
    for (size_t i = 0; i < summary->n; i++)
        if (strcmp(summary->numbers[i].name, name) == 0)
            return &summary->numbers[i];
    return NULL;
}

/* --- sources --- */

static gf_status out_of_memory(gf_error *error)
{
    return gf_error_set(error, GF_MEMORY, "out of memory for the summary");
}

/* Weights exp(log_weight − max) into *weights, NULL if all are zero or there is no such column. */
static gf_status read_weights(const gf_layout *layout, uint64_t n, const gf_column_source *source,
                              double **weights, gf_error *error)
{
    int is_weighted = 0;
    double largest = -INFINITY;
    *weights = NULL;
    const int column = gf_layout_find(layout, "log_weight");
    if (column < 0)
        return GF_OK;
    double *values = malloc((n + 1) * sizeof *values);
    if (values == NULL)
        return out_of_memory(error);
    gf_status status = source->read(source->context, column, 0, n, values, error);
    for (uint64_t i = 0; i < n && status == GF_OK; i++) {
        is_weighted |= values[i] != 0;
        largest = fmax(largest, values[i]);
    }
    if (status != GF_OK || !is_weighted) {
        free(values);
        return status;
    }
    for (uint64_t i = 0; i < n; i++)
        values[i] = exp(values[i] - largest);
    *weights = values;
    return GF_OK;
}

static double effective_size(const double *weights, uint64_t n)
{
    double sum = 0, sum2 = 0;
    for (uint64_t i = 0; i < n; i++) {
        sum += weights[i];
        sum2 += weights[i] * weights[i];
    }
    return sum * sum / sum2;
}

typedef struct columns_job {
    const gf_layout *layout;
    const gf_tail *tail;
    const gf_column_source *source;
    const double *weights; /* NULL: all alike */
    uint64_t n;
} columns_job;

/* Rows of one column; values[n] and ordered[n] are overwritten. */
static gf_status summarise_column(const columns_job *job, int c, double *values, double *ordered,
                                  gf_summary *rows, gf_error *error)
{
    const gf_column *column = &job->layout->columns[c];
    const gf_asked asked = gf_summary_asked(column);
    gf_summary_builder b = {rows, job->tail, 0, 0};
    gf_atoms atoms;
    gf_status status;
#pragma omp critical(gf_summary_source) /* one thread reads a file at a time */
    status = job->source->read(job->source->context, c, 0, job->n, values, error);
    if (status != GF_OK)
        return status;
    gf_summary_blank(column, values, job->n);
    if (job->weights != NULL
            ? gf_atoms_from_values(&atoms, values, job->weights, job->n) < 0
            : gf_atoms_from_column(&atoms, values, ordered, job->n, column->is_integer, &asked) < 0)
        b.failed = 1;
    else
        gf_summary_add_column(&b, column, &atoms);
    gf_atoms_clear(&atoms);
    return b.failed ? out_of_memory(error) : GF_OK;
}

/* Moves rows to the end of the summary. */
static gf_status append(gf_summary *summary, gf_summary *rows, gf_error *error)
{
    const size_t n = summary->n + rows->n;
    if (n > summary->room) {
        gf_number *grown = realloc(summary->numbers, 2 * n * sizeof *grown);
        if (grown == NULL)
            return out_of_memory(error);
        summary->numbers = grown;
        summary->room = 2 * n;
    }
    if (rows->n > 0)
        memcpy(summary->numbers + summary->n, rows->numbers, rows->n * sizeof *rows->numbers);
    summary->n = n;
    rows->n = 0;
    return GF_OK;
}

/* Each thread holds two columns, and reading them is for one at a time. */
static int threads_for(const columns_job *job)
{
    enum { MOST = 8 };
    const int n = job->source->n_threads;
    return n < 1 ? 1 : n < MOST ? n : MOST;
}

/* Threads take columns as they come, and append their rows in the order of the columns. */
static gf_status summarise_columns(const columns_job *job, gf_summary *summary, gf_error *error)
{
    gf_status status = GF_OK;
#pragma omp parallel num_threads(threads_for(job))
    {
        /* one room for both: of a hundred thousand portfolios it lies in huge pages */
        const size_t each = (job->n / 8 + 1) * 8, size = 2 * each * sizeof(double);
        double *values = gf_room_new(size), *ordered = values != NULL ? values + each : NULL;
#pragma omp for ordered schedule(dynamic, 1)
        for (int c = 0; c < job->layout->n_columns; c++) {
            gf_error own = {GF_OK, ""};
            gf_summary rows = {0};
            gf_status mine = GF_OK;
            if (values == NULL)
                mine = out_of_memory(&own);
            else if (!gf_summary_is_technical(job->layout, c))
                mine = summarise_column(job, c, values, ordered, &rows, &own);
#pragma omp ordered
            if (status == GF_OK) {
                status = mine == GF_OK ? append(summary, &rows, &own) : mine;
                if (status != GF_OK && error != NULL)
                    *error = own;
            }
            gf_summary_clear(&rows);
        }
        gf_room_free(values, size);
    }
    return status;
}

gf_status gf_summary_from_columns(gf_summary *summary, const gf_layout *layout, const gf_tail *tail,
                                  uint64_t n, const gf_column_source *source, gf_error *error)
{
    gf_summary_builder b = {summary, tail, 0, 0};
    double *weights = NULL;
    memset(summary, 0, sizeof *summary);
    gf_status status = read_weights(layout, n, source, &weights, error);
    if (status == GF_OK) {
        const columns_job job = {layout, tail, source, weights, n};
        gf_summary_add_head(&b, (double)n, weights != NULL ? effective_size(weights, n) : -1);
        status = b.failed ? out_of_memory(error) : summarise_columns(&job, summary, error);
    }
    free(weights);
    if (status != GF_OK)
        gf_summary_clear(summary);
    return status;
}

typedef struct {
    const double *columns;
    size_t stride;
} memory_source;

static gf_status read_memory(void *context, int column, uint64_t first, size_t n, double *values,
                             gf_error *error)
{
    const memory_source *memory = context;
    (void)error;
    memcpy(values, memory->columns + (size_t)column * memory->stride + first, n * sizeof *values);
    return GF_OK;
}

gf_status gf_summary_from_memory(gf_summary *summary, const gf_layout *layout, const gf_tail *tail,
                                 const double *columns, size_t stride, size_t n, gf_error *error)
{
    memory_source memory = {columns, stride};
    const gf_column_source source = {read_memory, &memory, 1};
    return gf_summary_from_columns(summary, layout, tail, n, &source, error);
}

gf_status gf_summary_read_writer(void *context, int column, uint64_t first, size_t n, double *values,
                                 gf_error *error)
{
    return gf_results_read_back(context, column, first, n, values, error);
}

static int is_weighted(const gf_accumulator *accumulator)
{
    const gf_layout *layout = gf_accumulator_layout(accumulator);
    for (int c = 0; c < layout->n_columns; c++) {
        const gf_sketch *sketch = gf_accumulator_sketch(accumulator, c);
        if (strcmp(layout->columns[c].name, "log_weight") == 0 && (sketch->least < 0 || sketch->largest > 0))
            return 1;
    }
    return 0;
}

gf_status gf_summary_from_accumulator(gf_summary *summary, const gf_accumulator *accumulator,
                                      const gf_tail *tail, gf_error *error)
{
    const gf_layout *layout = gf_accumulator_layout(accumulator);
    gf_summary_builder b = {summary, tail, 1, 0};
    memset(summary, 0, sizeof *summary);
    if (is_weighted(accumulator))
        return gf_error_set(error, GF_CONFIG,
                            "weighted sampling cannot be summarised from sketches: expected output: "
                            "{portfolios: all}");
    for (int c = 0; c < layout->n_columns && !b.failed; c++) {
        gf_atoms atoms;
        const gf_sketch *sketch = gf_accumulator_sketch(accumulator, c);
        if (c == 0)
            gf_summary_add_head(&b, (double)(sketch->n + sketch->n_missing), -1);
        if (gf_summary_is_technical(layout, c))
            continue;
        if (gf_atoms_from_sketch(&atoms, sketch, layout->columns[c].is_integer) < 0)
            b.failed = 1;
        else
            gf_summary_add_column(&b, &layout->columns[c], &atoms);
        gf_atoms_clear(&atoms);
    }
    if (!b.failed)
        return GF_OK;
    gf_summary_clear(summary);
    return out_of_memory(error);
}
