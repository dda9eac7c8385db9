/* What a collection takes from parts and writes into them. */
#include "run/record_inside.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "run/sketch_pack.h"

enum { PIECE = GF_COLLECTION_PIECE };

size_t gf_collection_series_rows(const gf_collection *c)
{
    return (size_t)c->layout.n_series * (size_t)c->scenario->n_quarters;
}

size_t gf_collection_startup_rows(const gf_collection *c)
{
    return (size_t)c->scenario->startups.count * GF_N_STARTUP_COLUMNS;
}

gf_part_info gf_collection_part_info(const gf_collection *c, uint64_t first, uint64_t n)
{
    gf_run_plan range = c->plan;
    uint64_t first_kept;
    range.first_portfolio = first;
    range.n_portfolios = n;
    gf_part_info info = {
        .scenario = c->scenario->name,
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
        .rows = {(uint64_t)c->layout.n_columns, gf_collection_series_rows(c), gf_collection_startup_rows(c)}};
    info.portfolios[GF_PART_COLUMNS] = gf_run_plan_kept(&range, &first_kept);
    info.portfolios[GF_PART_SERIES] = gf_run_plan_below(&range, c->plan.n_quarters_of);
    info.portfolios[GF_PART_STARTUPS] = gf_run_plan_below(&range, c->plan.n_startups_of);
    return info;
}

gf_status gf_collection_write_rows(gf_collection *c, uint64_t row, size_t n, const double *columns,
                                   size_t stride, gf_error *error)
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
                               : gf_collection_write_rows(c, row + i, m, c->sampled, PIECE, error);
    }
    return status;
}

/* --- parts
 * -----------------------------------------------------------------------------------------------------------
 */

static gf_status absorb_sketches(gf_collection *c, gf_part *part, gf_error *error)
{
    const size_t n = (size_t)gf_part_about(part)->n_words[GF_PART_SKETCHES];
    int64_t *words = malloc(n * sizeof *words + 1);
    if (words == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the sketches of a part");
    gf_status status = gf_part_read_words(part, GF_PART_SKETCHES, words, error);
    if (status == GF_OK && !gf_accumulator_add_packed(c->total, words, n))
        status = gf_error_set(error, GF_CONFIG, "a part holds no sketches of this run");
    free(words);
    return status;
}

static gf_status absorb_sums(gf_collection *c, gf_part *part, gf_error *error)
{
    int64_t words[GF_UNTIL_WORDS];
    if (gf_part_about(part)->n_words[GF_PART_STOP] != GF_UNTIL_WORDS)
        return gf_error_set(error, GF_CONFIG, "a part holds no sums of the rule of this run");
    const gf_status status = gf_part_read_words(part, GF_PART_STOP, words, error);
    if (status == GF_OK)
        gf_until_sums_add_packed(&c->sums[0], words);
    return status;
}

gf_status gf_collection_absorb(gf_collection *c, gf_part *part, gf_error *error)
{
    const gf_part_info *info = gf_part_about(part);
    const gf_part_info wanted = gf_collection_part_info(c, info->first_portfolio, info->n_portfolios);
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
        status = absorb_sketches(c, part, error);
    if (status == GF_OK && c->until != NULL)
        status = absorb_sums(c, part, error);
    return status;
}

static gf_status write_sketches(gf_part *part, const gf_accumulator *accumulator, gf_error *error)
{
    size_t n = 0;
    int64_t *words = gf_accumulator_pack(accumulator, &n);
    if (words == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for the sketches of a part");
    const gf_status status = gf_part_write_words(part, GF_PART_SKETCHES, words, n, error);
    free(words);
    return status;
}

/* What the threads have added since the last time. */
static gf_status write_sums(const gf_collection *c, gf_part *part, gf_error *error)
{
    int64_t words[GF_UNTIL_WORDS];
    gf_until_sums sums;
    gf_until_sums_reset(&sums);
    for (int i = 1; i <= c->n_threads; i++)
        gf_until_sums_merge(&sums, &c->sums[i]);
    gf_until_sums_pack(&sums, words);
    return gf_part_write_words(part, GF_PART_STOP, words, GF_UNTIL_WORDS, error);
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

void gf_collection_gather(gf_collection *c)
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

static void gather_sums(gf_collection *c)
{
    for (int i = 1; i <= c->n_threads && c->until != NULL; i++) {
        gf_until_sums_merge(&c->sums[0], &c->sums[i]);
        gf_until_sums_reset(&c->sums[i]);
    }
}

gf_status gf_collection_save(gf_collection *c, uint64_t first, uint64_t n, const char *path, gf_error *error)
{
    gf_part *part = NULL;
    gf_part_info info = gf_collection_part_info(c, first, n);
    info.shard = info.n_shards = 0;
    gf_status status = gf_part_create(&part, path, &info, error);
    if (status == GF_OK)
        status = copy_rows(c, part, first, n, 1, error);
    if (status == GF_OK)
        status = write_buffers(c, part, first, error);
    if (status == GF_OK && c->total != NULL)
        status = write_sketches(part, gather(c), error);
    if (status == GF_OK && c->until != NULL)
        status = write_sums(c, part, error);
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    gf_collection_gather(c);
    gather_sums(c);
    return gf_part_commit(part, error);
}

gf_status gf_collection_finish_part(gf_collection *c, gf_error *error)
{
    gf_status status = write_buffers(c, c->part, c->plan.first_portfolio, error);
    if (status == GF_OK && c->total != NULL)
        status = write_sketches(c->part, c->total, error);
    return status;
}

/* --- from a run that stopped
 * ------------------------------------------------------------------------------------------------- */

void gf_collection_sum_up(const gf_collection *c, gf_until_sums *sums)
{
    gf_until_sums_reset(sums);
    for (int i = 0; i <= c->n_threads; i++)
        gf_until_sums_merge(sums, &c->sums[i]);
}

int gf_collection_can_hand_over(const gf_collection *from, const gf_collection *to)
{
    return to->total == NULL || from->total == NULL || from->plan.batch == to->plan.batch;
}

/* Rows of all portfolios into the sketches, by the batches in which they would have come. */
static void sketch_rows(gf_collection *c, size_t n)
{
    const size_t batch = (size_t)c->plan.batch;
    assert(PIECE % batch == 0);
#pragma omp parallel for schedule(static) num_threads(c->n_threads)
    for (size_t first = 0; first < n; first += batch)
        gf_accumulator_add_batch(c->by_thread[omp_get_thread_num()], c->sampled + first, PIECE,
                                 n - first < batch ? n - first : batch);
}

static gf_status hand_over_rows(gf_collection *from, gf_collection *to, gf_error *error)
{
    const uint64_t rows = to->path != NULL ? to->n_kept : 0;
    gf_status status = GF_OK;
    for (uint64_t i = 0; i < rows && status == GF_OK; i += PIECE) {
        const size_t m = (size_t)(rows - i < PIECE ? rows - i : PIECE);
        status = gf_part_read(from->part, GF_PART_COLUMNS, i, m, to->sampled, PIECE, error);
        if (status == GF_OK)
            status = gf_collection_write_rows(to, i, m, to->sampled, PIECE, error);
        if (status == GF_OK && to->total != NULL && from->total == NULL)
            sketch_rows(to, m);
    }
    return status;
}

/* The first n columns of a buffer of `rows` rows. */
static void copy_buffer(double *to, size_t n, const double *from, size_t stride, size_t rows)
{
    for (size_t i = 0; i < rows && n > 0; i++)
        memcpy(to + i * n, from + i * stride, n * sizeof *to);
}

gf_status gf_collection_hand_over(gf_collection *from, gf_collection *to, gf_error *error)
{
    const gf_status status = hand_over_rows(from, to, error);
    if (status != GF_OK)
        return status;
    copy_buffer(to->series, (size_t)to->n_series_of, from->series, (size_t)from->n_series_of,
                gf_collection_series_rows(to));
    copy_buffer(to->startups, (size_t)to->n_startups_of, from->startups, (size_t)from->n_startups_of,
                gf_collection_startup_rows(to));
    gf_collection_gather(from);
    if (to->total != NULL && from->total != NULL)
        gf_accumulator_merge(to->total, from->total);
    return GF_OK;
}
