/* Collects portfolios into a file: from the loop, from parts, into parts. */
#include "run/record_collection.h"

#include <assert.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "base/text.h"
#include "run/sketch_pack.h"

enum { PIECE = 8192 }; /* portfolios that are copied at a time */

uint64_t gf_run_identity(const gf_config *config)
{
    const gf_run_plan plan = gf_run_plan_of(&config->scenario);
    char *text = NULL;
    if (asprintf(
            &text, "%s\nseed %llu\nportfolios %lld\nprogram %s %s\nresults %d.%d\npart %d.%d\nbatch %llu\n",
            config->text, (unsigned long long)config->scenario.seed, (long long)config->scenario.portfolios,
            gf_program_version(), gf_program_revision(), GF_RESULTS_MAJOR, GF_RESULTS_MINOR, GF_PART_MAJOR,
            GF_PART_MINOR, (unsigned long long)plan.batch) < 0)
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
    c->identity = gf_run_identity(config);
    c->n_series_of = gf_run_plan_below(&c->plan, c->plan.n_quarters_of);
    c->n_startups_of = gf_run_plan_below(&c->plan, c->plan.n_startups_of);
    return GF_OK;
}

static size_t series_rows(const gf_collection *c)
{
    return (size_t)c->layout.n_series * (size_t)c->scenario->n_quarters;
}

static size_t startup_rows(const gf_collection *c)
{
    return (size_t)c->scenario->startups.count * GF_N_STARTUP_COLUMNS;
}

/* Sketches where the file does not hold all columns, or too many to sort. Decided by the whole run, so that
 * shards agree. */
static int needs_sketches(const gf_collection *c)
{
    return c->path == NULL || c->plan.keep_every != 1 ||
           (uint64_t)c->scenario->portfolios > GF_SUMMARY_EXACT_MOST;
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

static gf_status take_memory(gf_collection *c, gf_error *error)
{
    const size_t series = series_rows(c) * (size_t)c->n_series_of,
                 startups = startup_rows(c) * (size_t)c->n_startups_of;
    assert(c->plan.chunk <= PIECE);
    c->series = series > 0 ? gf_room_new(series * sizeof(double)) : NULL;
    c->startups = startups > 0 ? malloc(startups * sizeof(double)) : NULL;
    c->sampled = malloc(PIECE * (size_t)c->layout.n_columns * sizeof *c->sampled);
    if (c->sampled == NULL || (series > 0 && c->series == NULL) || (startups > 0 && c->startups == NULL))
        return gf_error_set(error, GF_MEMORY,
                            "out of memory for %d kept portfolios, series of %llu, startups of %llu", PIECE,
                            (unsigned long long)c->n_series_of, (unsigned long long)c->n_startups_of);
    return needs_sketches(c) ? take_sketches(c, error) : GF_OK;
}

static gf_part_info part_info(const gf_collection *c, uint64_t first, uint64_t n)
{
    gf_run_plan range = c->plan;
    uint64_t first_kept;
    range.first_portfolio = first;
    range.n_portfolios = n;
    gf_part_info info = {.scenario = c->scenario->name,
                         .config_text = c->config->text,
                         .program_version = gf_program_version(),
                         .revision = gf_program_revision(),
                         .seed = c->scenario->seed,
                         .identity = c->identity,
                         .portfolios_total = (uint64_t)c->scenario->portfolios,
                         .first_portfolio = first,
                         .n_portfolios = n,
                         .shard = c->shard.k,
                         .n_shards = c->shard.n,
                         .rows = {(uint64_t)c->layout.n_columns, series_rows(c), startup_rows(c)}};
    info.portfolios[GF_PART_COLUMNS] = gf_run_plan_kept(&range, &first_kept);
    info.portfolios[GF_PART_SERIES] = gf_run_plan_below(&range, c->plan.n_quarters_of);
    info.portfolios[GF_PART_STARTUPS] = gf_run_plan_below(&range, c->plan.n_startups_of);
    return info;
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
                                  .tail_cap = c->tail.cap};
    return gf_results_create(&c->results, &plan, error);
}

gf_status gf_collection_open(gf_collection *c, int n_threads, gf_error *error)
{
    c->n_threads = n_threads;
    gf_status status = take_memory(c, error);
    if (status != GF_OK || c->path == NULL)
        return status;
    if (c->shard.n == 0)
        return make_results(c, error);
    const gf_part_info info = part_info(c, c->plan.first_portfolio, c->plan.n_portfolios);
    return gf_part_create(&c->part, c->path, &info, error);
}

void gf_collection_clear(gf_collection *c)
{
    gf_results_abandon(c->results);
    gf_part_close(c->part);
    for (int i = 0; c->by_thread != NULL && i < c->n_threads; i++)
        gf_accumulator_free(c->by_thread[i]);
    free(c->by_thread);
    gf_accumulator_free(c->total);
    free(c->sampled);
    if (c->series != NULL)
        gf_room_free(c->series, series_rows(c) * (size_t)c->n_series_of * sizeof(double));
    free(c->startups);
    gf_layout_clear(&c->layout);
    *c = (gf_collection){0};
}

void gf_collection_add_batch(gf_collection *c, int thread, const double *columns, size_t stride, size_t n)
{
    gf_accumulator_add_batch(c->by_thread[thread], columns, stride, n);
}

/* --- rows of the file
 * ---------------------------------------------------------------------------------------------- */

static gf_status write_rows(gf_collection *c, uint64_t row, size_t n, const double *columns, size_t stride,
                            gf_error *error)
{
    if (c->part != NULL)
        return gf_part_write(c->part, GF_PART_COLUMNS, row, n, columns, stride, error);
    return gf_results_write_columns(c->results, row, n, columns, stride, error);
}

static gf_status read_rows(gf_collection *c, uint64_t row, size_t n, double *columns, size_t stride,
                           gf_error *error)
{
    gf_status status = GF_OK;
    if (c->part != NULL)
        return gf_part_read(c->part, GF_PART_COLUMNS, row, n, columns, stride, error);
    for (int k = 0; k < c->layout.n_columns && status == GF_OK; k++)
        status = gf_results_read_back(c->results, k, row, n, columns + (size_t)k * stride, error);
    return status;
}

gf_status gf_collection_add_columns(gf_collection *c, uint64_t first, size_t n, const double *columns,
                                    size_t stride, gf_error *error)
{
    const uint64_t every = c->plan.keep_every;
    if (every == 0 || c->path == NULL)
        return GF_OK;
    if (every == 1)
        return write_rows(c, first - c->plan.first_portfolio, n, columns, stride, error);
    const uint64_t first_in = (first + every - 1) / every * every;
    size_t kept = 0;
    for (uint64_t p = first_in; p < first + n; p += every, kept++)
        for (int k = 0; k < c->layout.n_columns; k++)
            c->sampled[(size_t)k * PIECE + kept] = columns[(size_t)k * stride + (size_t)(p - first)];
    return kept > 0 ? write_rows(c, (first_in - c->first_kept) / every, kept, c->sampled, PIECE, error)
                    : GF_OK;
}

/* Copies kept rows between the file and a part of it, in pieces. */
static gf_status copy_rows(gf_collection *c, gf_part *part, uint64_t first, uint64_t n, int is_saving,
                           gf_error *error)
{
    gf_run_plan range = c->plan;
    uint64_t first_kept;
    range.first_portfolio = first;
    range.n_portfolios = n;
    const uint64_t rows = gf_run_plan_kept(&range, &first_kept);
    const uint64_t row = rows > 0 ? (first_kept - c->first_kept) / c->plan.keep_every : 0;
    gf_status status = GF_OK;
    for (uint64_t i = 0; i < rows && status == GF_OK; i += PIECE) {
        const size_t m = (size_t)(rows - i < PIECE ? rows - i : PIECE);
        status = is_saving ? read_rows(c, row + i, m, c->sampled, PIECE, error)
                           : gf_part_read(part, GF_PART_COLUMNS, i, m, c->sampled, PIECE, error);
        if (status == GF_OK)
            status = is_saving ? gf_part_write(part, GF_PART_COLUMNS, i, m, c->sampled, PIECE, error)
                               : write_rows(c, row + i, m, c->sampled, PIECE, error);
    }
    return status;
}

/* --- parts
 * -----------------------------------------------------------------------------------------------------------
 */

static gf_status absorb_words(gf_collection *c, gf_part *part, gf_error *error)
{
    const size_t n = (size_t)gf_part_about(part)->n_words;
    int64_t *words = malloc(n * sizeof *words + 1);
    if (words == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the sketches of a part");
    gf_status status = gf_part_read_words(part, words, error);
    if (status == GF_OK && !gf_accumulator_add_packed(c->total, words, n))
        status = gf_error_set(error, GF_CONFIG, "a part holds no sketches of this run");
    free(words);
    return status;
}

gf_status gf_collection_absorb(gf_collection *c, gf_part *part, gf_error *error)
{
    const gf_part_info *info = gf_part_about(part);
    const gf_part_info wanted = part_info(c, info->first_portfolio, info->n_portfolios);
    const uint64_t offset = info->first_portfolio - c->plan.first_portfolio;
    for (int m = 0; m < GF_PART_N_MATRICES; m++)
        if (info->portfolios[m] * info->rows[m] != wanted.portfolios[m] * wanted.rows[m])
            return gf_error_set(error, GF_CONFIG, "a part of this run does not hold what the run needs");
    gf_status status = copy_rows(c, part, info->first_portfolio, info->n_portfolios, 0, error);
    if (status == GF_OK)
        status = gf_part_read(part, GF_PART_SERIES, 0, (size_t)info->portfolios[GF_PART_SERIES],
                              c->series != NULL ? c->series + offset : NULL, (size_t)c->n_series_of, error);
    if (status == GF_OK)
        status =
            gf_part_read(part, GF_PART_STARTUPS, 0, (size_t)info->portfolios[GF_PART_STARTUPS],
                         c->startups != NULL ? c->startups + offset : NULL, (size_t)c->n_startups_of, error);
    if (status == GF_OK && c->total != NULL && info->n_portfolios > 0)
        status = absorb_words(c, part, error);
    return status;
}

static gf_status write_words(gf_part *part, const gf_accumulator *accumulator, gf_error *error)
{
    size_t n = 0;
    int64_t *words = gf_accumulator_pack(accumulator, &n);
    if (words == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the sketches of a part");
    const gf_status status = gf_part_write_words(part, words, n, error);
    free(words);
    return status;
}

/* Series and startup rows of a range into a part. */
static gf_status write_buffers(gf_collection *c, gf_part *part, uint64_t first, gf_error *error)
{
    const gf_part_info *info = gf_part_about(part);
    const uint64_t offset = first - c->plan.first_portfolio;
    gf_status status =
        gf_part_write(part, GF_PART_SERIES, 0, (size_t)info->portfolios[GF_PART_SERIES],
                      c->series != NULL ? c->series + offset : NULL, (size_t)c->n_series_of, error);
    if (status == GF_OK)
        status =
            gf_part_write(part, GF_PART_STARTUPS, 0, (size_t)info->portfolios[GF_PART_STARTUPS],
                          c->startups != NULL ? c->startups + offset : NULL, (size_t)c->n_startups_of, error);
    return status;
}

/* What the threads have added since the last time, in the first one's sketches. */
static const gf_accumulator *gather(gf_collection *c)
{
    for (int i = 1; i < c->n_threads; i++) {
        gf_accumulator_merge(c->by_thread[0], c->by_thread[i]);
        gf_accumulator_reset(c->by_thread[i]);
    }
    return c->by_thread[0];
}

static void gather_into_total(gf_collection *c)
{
    if (c->total == NULL || c->n_threads == 0)
        return;
    (void)gather(c);
    if (gf_accumulator_is_empty(c->total)) { /* most runs save no parts */
        gf_accumulator *empty = c->total;
        c->total = c->by_thread[0];
        c->by_thread[0] = empty;
        return;
    }
    gf_accumulator_merge(c->total, c->by_thread[0]);
    gf_accumulator_reset(c->by_thread[0]);
}

gf_status gf_collection_save(gf_collection *c, uint64_t first, uint64_t n, const char *path, gf_error *error)
{
    gf_part *part = NULL;
    gf_part_info info = part_info(c, first, n);
    info.shard = info.n_shards = 0;
    gf_status status = gf_part_create(&part, path, &info, error);
    if (status == GF_OK)
        status = copy_rows(c, part, first, n, 1, error);
    if (status == GF_OK)
        status = write_buffers(c, part, first, error);
    if (status == GF_OK && c->total != NULL)
        status = write_words(part, gather(c), error);
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    gather_into_total(c);
    return gf_part_commit(part, error);
}

/* --- the finished file
 * ----------------------------------------------------------------------------------------------- */

/* A merge has no threads of its own. */
static int band_threads(const gf_collection *c)
{
    return c->n_threads > 1 ? c->n_threads : 1;
}

/* Bands of all quarters of a series, each thread with a work[n] of its own. */
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
#pragma omp parallel for schedule(static) num_threads(band_threads(c))
    for (int q = 0; q < n_quarters; q++) {
        gf_estimate estimate;
        gf_bands(values + (size_t)q * n, work + (size_t)omp_get_thread_num() * n, n, out->quantiles, n_levels,
                 bands + q * n_levels, &estimate);
        mean[q] = estimate.value;
        se[q] = estimate.se;
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

static gf_status finish_part(gf_collection *c, gf_error *error)
{
    gf_status status = write_buffers(c, c->part, c->plan.first_portfolio, error);
    if (status == GF_OK && c->total != NULL)
        status = write_words(c->part, c->total, error);
    return status;
}

gf_status gf_collection_finish(gf_collection *c, gf_summary *summary, gf_error *error)
{
    const gf_column_source columns = {gf_summary_read_writer, c->results, c->n_threads};
    gather_into_total(c);
    if (c->shard.n > 0)
        return finish_part(c, error);
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
