/* Collects portfolios into a file: memory, columns from the loop, the finished file. */
#include "run/record_inside.h"

#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "base/text.h"

enum { PIECE = GF_COLLECTION_PIECE };

uint64_t gf_run_identity(const gf_config *config, const gf_until *until)
{
    const gf_run_plan plan = gf_run_plan_of(&config->scenario);
    char *text = NULL;
    if (asprintf(
            &text,
            "%s\nseed %llu\nportfolios %lld\nprogram %s %s\nresults %d.%d\npart %d.%d\nbatch %llu\n%s%s\n",
            config->text, (unsigned long long)config->scenario.seed, (long long)config->scenario.portfolios,
            gf_program_version(), gf_program_revision(), GF_RESULTS_MAJOR, GF_RESULTS_MINOR, GF_PART_MAJOR,
            GF_PART_MINOR, (unsigned long long)plan.batch, until != NULL ? "stop " : "",
            until != NULL ? until->text : "") < 0)
        return 0;
    const uint64_t identity = gf_text_hash(text);
    free(text);
    return identity;
}

gf_status gf_collection_init(gf_collection *c, const gf_config *config, const char *path, gf_shard shard,
                             gf_error *error)
{
    *c = (gf_collection){.config = config, .scenario = &config->scenario, .path = path, .shard = shard};
    gf_status status = gf_layout_init(&c->layout, c->scenario, error);
    if (status != GF_OK)
        return status;
    c->plan = gf_run_plan_of(c->scenario);
    gf_shard_range(shard, c->plan.n_portfolios, c->plan.batch, &c->plan.first_portfolio,
                   &c->plan.n_portfolios);
    c->n_kept = gf_run_plan_kept(&c->plan, &c->first_kept);
    c->tail = gf_tail_of_scenario(c->scenario);
    c->identity = gf_run_identity(config, NULL);
    c->n_series_of = gf_run_plan_below(&c->plan, c->plan.n_quarters_of);
    c->n_startups_of = gf_run_plan_below(&c->plan, c->plan.n_startups_of);
    return GF_OK;
}

/* Sketches where the file does not hold all columns, or too many to sort. Decided by the whole run, so that
 * shards agree. A run that may stop makes them of its columns should it come to so many: few do. */
static int needs_sketches(const gf_collection *c)
{
    const int has_many = c->until == NULL && (uint64_t)c->scenario->portfolios > GF_SUMMARY_EXACT_MOST;
    return c->path == NULL || c->plan.keep_every != 1 || has_many;
}

static gf_status take_sketches(gf_collection *c, gf_error *error)
{
    gf_status status = gf_accumulator_new(&c->total, &c->layout, error);
    c->by_thread = calloc((size_t)c->n_threads + 1, sizeof(gf_accumulator *));
    if (status == GF_OK && c->by_thread == NULL)
        status = gf_error_set(error, GF_MEMORY, "out of memory for the sketches of %d threads", c->n_threads);
    for (int i = 0; i < c->n_threads && status == GF_OK; i++)
        status = gf_accumulator_new(&c->by_thread[i], &c->layout, error);
    return status;
}

static int take_sums(gf_collection *c)
{
    c->sums = malloc((size_t)(1 + c->n_threads) * sizeof *c->sums);
    for (int i = 0; c->sums != NULL && i <= c->n_threads; i++)
        gf_until_sums_reset(&c->sums[i]);
    return c->sums != NULL;
}

static gf_status take_memory(gf_collection *c, gf_error *error)
{
    const size_t series = gf_collection_series_rows(c) * (size_t)c->n_series_of,
                 startups = gf_collection_startup_rows(c) * (size_t)c->n_startups_of;
    assert(c->plan.chunk <= PIECE);
    c->series = series > 0 ? gf_room_new(series * sizeof(double)) : NULL;
    c->startups = startups > 0 ? malloc(startups * sizeof(double)) : NULL;
    c->sampled = malloc(PIECE * (size_t)c->layout.n_columns * sizeof *c->sampled);
    if (c->sampled == NULL || (series > 0 && c->series == NULL) || (startups > 0 && c->startups == NULL))
        return gf_error_set(error, GF_MEMORY,
                            "out of memory for %d kept portfolios, series of %llu, startups of %llu", PIECE,
                            (unsigned long long)c->n_series_of, (unsigned long long)c->n_startups_of);
    if (c->until != NULL && !take_sums(c))
        return gf_error_set(error, GF_MEMORY, "out of memory for the sums of %d threads", c->n_threads);
    return needs_sketches(c) ? take_sketches(c, error) : GF_OK;
}

static gf_status make_results(gf_collection *c, gf_error *error)
{
    const gf_results_plan plan = {.path = c->path,
                                  .scenario = c->scenario,
                                  .layout = &c->layout,
                                  .config_text = c->config->text,
                                  .portfolios_total = (uint64_t)c->scenario->portfolios,
                                  .first_portfolio = c->plan.first_portfolio,
                                  .n_portfolios = c->plan.n_portfolios,
                                  .first_kept = c->first_kept,
                                  .keep_every = c->plan.keep_every > 0 ? c->plan.keep_every : 1,
                                  .n_kept = c->n_kept,
                                  .quarters_of = c->plan.n_quarters_of,
                                  .n_startup_rows =
                                      c->plan.n_startups_of * (uint64_t)c->scenario->startups.count,
                                  .tail_index = c->tail.index,
                                  .tail_cap = c->tail.cap,
                                  .stop_rule = c->stop_rule,
                                  .is_stop_met = c->is_stop_met};
    return gf_results_create(&c->results, &plan, error);
}

void gf_collection_stop_by(gf_collection *c, const gf_until *until)
{
    c->until = until;
    c->identity = gf_run_identity(c->config, until);
}

static gf_status make_part(gf_collection *c, gf_error *error)
{
    const gf_part_info info = gf_collection_part_info(c, c->plan.first_portfolio, c->plan.n_portfolios);
    return gf_part_create(&c->part, c->path, &info, error);
}

/* Columns of a run whose number of portfolios is not known yet: a file without a name, as large as the
 * largest number needs, of which only what was written takes room. Buffers stay in memory. */
static gf_status make_store(gf_collection *c, gf_error *error)
{
    char *path = NULL;
    gf_part_info info = gf_collection_part_info(c, 0, c->plan.n_portfolios);
    info.portfolios[GF_PART_SERIES] = info.portfolios[GF_PART_STARTUPS] = 0;
    info.is_scratch = 1;
    if (asprintf(&path, "%s.columns", c->path) < 0)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", c->path);
    gf_error why = {GF_OK, ""};
    gf_status status = gf_part_create(&c->part, path, &info, &why);
    const uint64_t n = info.portfolios[GF_PART_COLUMNS];
    memset(c->sampled, 0, (size_t)c->layout.n_columns * sizeof *c->sampled);
    if (status == GF_OK && n > 0) /* its end, where a file may be too large for its disk */
        status = gf_part_write(c->part, GF_PART_COLUMNS, n - 1, 1, c->sampled, 1, &why);
    if (status == GF_IO)
        gf_error_set(
            error, status,
            "%.600s; a run with --stop needs a file that could hold all of %llu portfolios, although "
            "most of it may stay empty; expected fewer portfolios, or output.portfolios: none",
            why.message, (unsigned long long)c->plan.n_portfolios);
    else if (status != GF_OK)
        *error = why;
    free(path);
    return status;
}

gf_status gf_collection_open(gf_collection *c, int n_threads, gf_error *error)
{
    c->n_threads = n_threads;
    gf_status status = take_memory(c, error);
    if (status != GF_OK || c->path == NULL)
        return status;
    if (c->until != NULL)
        return make_store(c, error);
    return c->shard.n == 0 ? make_results(c, error) : make_part(c, error);
}

void gf_collection_clear(gf_collection *c)
{
    gf_results_abandon(c->results);
    gf_part_close(c->part);
    for (int i = 0; c->by_thread != NULL && i < c->n_threads; i++)
        gf_accumulator_free(c->by_thread[i]);
    free(c->by_thread);
    gf_accumulator_free(c->total);
    free(c->sums);
    free(c->sampled);
    if (c->series != NULL)
        gf_room_free(c->series, gf_collection_series_rows(c) * (size_t)c->n_series_of * sizeof(double));
    free(c->startups);
    gf_layout_clear(&c->layout);
    *c = (gf_collection){0};
}

void gf_collection_add_batch(gf_collection *c, int thread, const double *columns, size_t stride, size_t n)
{
    if (c->total != NULL)
        gf_accumulator_add_batch(c->by_thread[thread], columns, stride, n);
    if (c->until != NULL)
        gf_until_add_batch(c->until, &c->sums[1 + thread], columns, stride, n);
}

/* --- rows of the file
 * ---------------------------------------------------------------------------------------------- */

int gf_collection_keeps_columns(const gf_collection *c)
{
    return c->plan.keep_every > 0 && c->path != NULL;
}

gf_status gf_collection_add_columns(gf_collection *c, uint64_t first, size_t n, const double *columns,
                                    size_t stride, gf_error *error)
{
    const uint64_t every = c->plan.keep_every;
    if (!gf_collection_keeps_columns(c))
        return GF_OK;
    if (every == 1)
        return gf_collection_write_rows(c, first - c->plan.first_portfolio, n, columns, stride, error);
    const uint64_t first_in = (first + every - 1) / every * every;
    size_t kept = 0;
    for (uint64_t p = first_in; p < first + n; p += every, kept++)
        for (int k = 0; k < c->layout.n_columns; k++)
            c->sampled[(size_t)k * PIECE + kept] = columns[(size_t)k * stride + (size_t)(p - first)];
    return kept > 0 ? gf_collection_write_rows(c, (first_in - c->first_kept) / every, kept, c->sampled, PIECE,
                                               error)
                    : GF_OK;
}

/* --- the finished file
 * ----------------------------------------------------------------------------------------------- */

/* A merge has no threads of its own. */
static int band_threads(const gf_collection *c)
{
    return c->n_threads > 1 ? c->n_threads : 1;
}

/* Bands of all quarters of a series, each thread with a work[n] of its own; means and errors where the
 * scenario's tail has them. */
static gf_status write_bands(gf_collection *c, int series, double *work, gf_error *error)
{
    const gf_output_params *out = &c->scenario->output;
    const int n_quarters = c->scenario->n_quarters, n_levels = (int)out->n_quantiles;
    const size_t n = (size_t)c->n_series_of;
    double *values = c->series + (size_t)series * (size_t)n_quarters * n;
    double *bands = malloc((size_t)(n_quarters * (n_levels + 2)) * sizeof *bands);
    if (bands == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the bands of %d quarters", n_quarters);
    double *mean = bands + n_quarters * n_levels, *se = mean + n_quarters;
    const gf_moments moments = gf_tail_moments(&c->tail, &c->layout.series[series]);
#pragma omp parallel for schedule(static) num_threads(band_threads(c))
    for (int q = 0; q < n_quarters; q++) {
        gf_estimate estimate;
        gf_bands(values + (size_t)q * n, work + (size_t)omp_get_thread_num() * n, n, out->quantiles, n_levels,
                 bands + q * n_levels, &estimate);
        mean[q] = moments == GF_MOMENTS_NONE ? NAN : estimate.value;
        se[q] = moments >= GF_MOMENTS_NO_ERROR ? NAN : estimate.se;
    }
    const gf_status status = gf_results_write_series(c->results, series, bands, mean, se, error);
    free(bands);
    return status;
}

static gf_status write_quarters(gf_collection *c, gf_error *error)
{
    gf_status status = GF_OK;
    double *work = malloc((size_t)band_threads(c) * (size_t)c->n_series_of * sizeof *work + 1);
    if (work == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the bands of %llu portfolios",
                            (unsigned long long)c->n_series_of);
    for (int s = 0; s < c->layout.n_series && status == GF_OK && c->n_series_of > 0; s++)
        status = write_bands(c, s, work, error);
    free(work);
    return status;
}

/* Rows portfolio by portfolio, startup by startup. */
static gf_status write_startups(gf_collection *c, gf_error *error)
{
    const size_t n_startups = (size_t)c->scenario->startups.count, stride = (size_t)c->n_startups_of;
    double *rows = malloc(n_startups * GF_N_STARTUP_COLUMNS * sizeof *rows);
    gf_status status = GF_OK;
    if (rows == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the rows of %zu startups", n_startups);
    for (size_t p = 0; p < stride && status == GF_OK; p++) {
        for (size_t i = 0; i < n_startups * GF_N_STARTUP_COLUMNS; i++)
            rows[i] = c->startups[i * stride + p];
        status = gf_results_write_startups(c->results, p * n_startups, n_startups, rows, n_startups, error);
    }
    free(rows);
    return status;
}

gf_status gf_collection_finish(gf_collection *c, gf_summary *summary, gf_error *error)
{
    const gf_column_source columns = {gf_summary_read_writer, c->results, c->n_threads};
    gf_collection_gather(c);
    if (c->shard.n > 0)
        return gf_collection_finish_part(c, error);
    gf_status status = GF_OK;
    if (c->results != NULL)
        status = write_quarters(c, error);
    if (status == GF_OK && c->results != NULL)
        status = write_startups(c, error);
    if (status == GF_OK)
        status = c->total != NULL
                     ? gf_summary_from_accumulator(summary, c->total, &c->tail, error)
                     : gf_summary_from_columns(summary, &c->layout, &c->tail, c->n_kept, &columns, error);
    if (status == GF_OK && c->results != NULL)
        status = gf_results_write_numbers(c->results, summary->numbers, summary->n, error);
    return status;
}

gf_status gf_collection_commit(gf_collection *c, const gf_provenance *provenance, gf_error *error)
{
    gf_results *results = c->results;
    gf_part *part = c->part;
    c->results = NULL;
    c->part = NULL;
    if (part != NULL)
        return gf_part_commit(part, error);
    return results != NULL ? gf_results_commit(results, provenance, error) : GF_OK;
}
