/* Connects the loop over portfolios with the result file and the summary. */
#include "run/record.h"

#include <omp.h>
#include <stdlib.h>
#include <time.h>

typedef struct recorder {
    const gf_scenario *scenario;
    const gf_layout *layout;
    const gf_record_options *options;
    gf_run_plan plan;
    uint64_t first_kept, n_kept;
    gf_results *results;          /* NULL: no file */
    gf_accumulator *accumulator;  /* NULL: the summary comes from the columns in the file */
    double *sampled;              /* room for the kept columns of one chunk, when not all are kept */
    gf_record *record;
} recorder;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Adds the chunk batch by batch, so that sums are rounded at the same places whatever the chunk. */
static void accumulate(recorder *r, const double *columns, size_t stride, size_t n)
{
    for (size_t i = 0; i < n; i += r->plan.batch)
        gf_accumulator_add_batch(r->accumulator, columns + i, stride, n - i < r->plan.batch ? n - i : r->plan.batch);
}

/* Writes those portfolios of the chunk that are kept. */
static gf_status keep(recorder *r, uint64_t first, size_t n, const double *columns, size_t stride, gf_error *error)
{
    const uint64_t every = r->plan.keep_every;
    if (every == 0)
        return GF_OK;
    if (every == 1)
        return gf_results_write_columns(r->results, first - r->plan.first_portfolio, n, columns, stride, error);
    const uint64_t first_in = (first + every - 1) / every * every;
    size_t kept = 0;
    for (uint64_t p = first_in; p < first + n; p += every, kept++)
        for (int c = 0; c < r->layout->n_columns; c++)
            r->sampled[(size_t)c * stride + kept] = columns[(size_t)c * stride + (size_t)(p - first)];
    if (kept == 0)
        return GF_OK;
    return gf_results_write_columns(r->results, (first_in - r->first_kept) / every, kept, r->sampled, stride, error);
}

static gf_status take_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride, gf_error *error)
{
    recorder *r = context;
    const double start = now();
    if (r->accumulator != NULL)
        accumulate(r, columns, stride, n);
    gf_status status = r->results != NULL ? keep(r, first, n, columns, stride, error) : GF_OK;
    r->record->seconds_writing += now() - start;
    return status;
}

static gf_status write_bands(recorder *r, int series, size_t n, double *values, double *work, gf_error *error)
{
    const gf_output_params *out = &r->scenario->output;
    const int n_quarters = r->scenario->n_quarters, n_levels = (int)out->n_quantiles;
    double *bands = malloc((size_t)(n_quarters * (n_levels + 2)) * sizeof *bands);
    if (bands == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the bands of %d quarters", n_quarters);
    double *mean = bands + n_quarters * n_levels, *se = mean + n_quarters;
    for (int q = 0; q < n_quarters; q++) {
        gf_estimate estimate;
        gf_bands(values + (size_t)q * n, work, n, out->quantiles, n_levels, bands + q * n_levels, &estimate);
        mean[q] = estimate.value;
        se[q] = estimate.se;
    }
    gf_status status = gf_results_write_series(r->results, series, bands, mean, se, error);
    free(bands);
    return status;
}

static gf_status take_series(void *context, size_t n, double *series, gf_error *error)
{
    recorder *r = context;
    const double start = now();
    double *work = malloc(n * sizeof *work);
    if (work == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the bands of %zu portfolios", n);
    gf_status status = GF_OK;
    for (int s = 0; s < r->layout->n_series && status == GF_OK && r->results != NULL; s++)
        status = write_bands(r, s, n, series + (size_t)s * (size_t)r->scenario->n_quarters * n, work, error);
    free(work);
    r->record->seconds_writing += now() - start;
    return status;
}

/* Rows portfolio by portfolio, startup by startup. */
static gf_status take_startups(void *context, uint64_t first, size_t n, const double *startups, size_t stride, gf_error *error)
{
    recorder *r = context;
    const size_t n_startups = (size_t)r->scenario->startups.count;
    double *rows = malloc(n_startups * GF_N_STARTUP_COLUMNS * sizeof *rows);
    if (rows == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the rows of %zu startups", n_startups);
    gf_status status = GF_OK;
    for (size_t p = 0; p < n && status == GF_OK && r->results != NULL; p++) {
        for (size_t i = 0; i < n_startups * GF_N_STARTUP_COLUMNS; i++)
            rows[i] = startups[i * stride + p];
        status = gf_results_write_startups(r->results, (first + p) * n_startups, n_startups, rows, n_startups, error);
    }
    free(rows);
    return status;
}

static void tell_progress(void *context, uint64_t done, uint64_t total)
{
    const recorder *r = context;
    r->options->progress(r->options->progress_context, done, total);
}

static gf_status open_file(recorder *r, const gf_config *config, const gf_tail *tail, gf_error *error)
{
    if (r->options->path == NULL)
        return GF_OK;
    const gf_results_plan plan = {.path = r->options->path,
                                  .scenario = r->scenario,
                                  .layout = r->layout,
                                  .config_text = config->text,
                                  .portfolios_total = (uint64_t)r->scenario->portfolios,
                                  .first_portfolio = r->plan.first_portfolio,
                                  .n_portfolios = r->plan.n_portfolios,
                                  .first_kept = r->first_kept,
                                  .keep_every = r->plan.keep_every > 0 ? r->plan.keep_every : 1,
                                  .n_kept = r->n_kept,
                                  .quarters_of = r->plan.n_quarters_of,
                                  .n_startup_rows = r->plan.n_startups_of * (uint64_t)r->scenario->startups.count,
                                  .tail_index = tail->index,
                                  .tail_cap = tail->cap};
    return gf_results_create(&r->results, &plan, error);
}

/* Sketches where the file does not hold all columns, or too many to sort. */
static gf_status prepare(recorder *r, gf_error *error)
{
    const int is_exact = r->options->path != NULL && r->plan.keep_every == 1 &&
                         r->plan.n_portfolios <= GF_SUMMARY_EXACT_MOST;
    gf_status status = is_exact ? GF_OK : gf_accumulator_new(&r->accumulator, r->layout, error);
    if (status == GF_OK && r->plan.keep_every > 1) {
        const uint64_t chunk = r->plan.chunk < r->plan.n_portfolios ? r->plan.chunk : r->plan.n_portfolios;
        r->sampled = malloc((size_t)chunk * (size_t)r->layout->n_columns * sizeof *r->sampled);
        if (r->sampled == NULL)
            status = gf_error_set(error, GF_MEMORY, "out of memory for a chunk of %llu portfolios", (unsigned long long)chunk);
    }
    return status;
}

static gf_status sum_up(recorder *r, const gf_tail *tail, gf_error *error)
{
    const double start = now();
    gf_summary *summary = &r->record->summary;
    gf_status status = r->accumulator != NULL
                           ? gf_summary_from_accumulator(summary, r->accumulator, tail, error)
                           : gf_summary_from_columns(summary, r->layout, tail, r->n_kept, gf_summary_read_writer, r->results,
                                                     error);
    if (status == GF_OK && r->results != NULL)
        status = gf_results_write_numbers(r->results, summary->numbers, summary->n, error);
    r->record->seconds_summing = now() - start;
    return status;
}

static gf_status simulate(recorder *r, const gf_tail *tail, gf_error *error)
{
    const gf_run_listener listener = {.context = r,
                                      .columns = take_columns,
                                      .series = take_series,
                                      .startups = take_startups,
                                      .progress = r->options->progress != NULL ? tell_progress : NULL};
    const double start = now();
    gf_status status = gf_run(r->scenario, r->layout, &r->plan, &r->options->run, &listener, error);
    r->record->seconds_simulating = now() - start - r->record->seconds_writing;
    return status == GF_OK ? sum_up(r, tail, error) : status;
}

static gf_status commit(recorder *r, time_t started, gf_error *error)
{
    const gf_provenance provenance = {.threads = r->options->run.threads > 0 ? r->options->run.threads : omp_get_max_threads(),
                                      .isa = gf_isa_name(r->options->run.isa),
                                      .command_line = r->options->command_line,
                                      .started = started,
                                      .duration_seconds = r->record->seconds_simulating + r->record->seconds_writing +
                                                          r->record->seconds_summing};
    gf_results *results = r->results;
    r->results = NULL;
    return results != NULL ? gf_results_commit(results, &provenance, error) : GF_OK;
}

gf_status gf_record_run(gf_config *config, const gf_record_options *options, gf_record *record, gf_error *error)
{
    gf_layout layout;
    const time_t started = time(NULL);
    *record = (gf_record){0};
    gf_status status = gf_layout_init(&layout, &config->scenario, error);
    if (status != GF_OK)
        return status;
    const gf_tail tail = gf_tail_of_scenario(&config->scenario);
    recorder r = {.scenario = &config->scenario, .layout = &layout, .options = options, .record = record};
    r.plan = gf_run_plan_of(&config->scenario);
    r.n_kept = gf_run_plan_kept(&r.plan, &r.first_kept);
    record->n_kept = r.n_kept;
    status = prepare(&r, error);
    if (status == GF_OK)
        status = open_file(&r, config, &tail, error);
    if (status == GF_OK)
        status = simulate(&r, &tail, error);
    if (status == GF_OK)
        status = commit(&r, started, error);
    gf_results_abandon(r.results);
    gf_accumulator_free(r.accumulator);
    free(r.sampled);
    gf_layout_clear(&layout);
    return status;
}
