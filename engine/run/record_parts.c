/* What a collection takes from parts and writes into them. */
#include "run/record_inside.h"

#include <stdlib.h>

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
        status = write_words(part, gather(c), error);
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    gf_collection_gather(c);
    return gf_part_commit(part, error);
}

gf_status gf_collection_finish_part(gf_collection *c, gf_error *error)
{
    gf_status status = write_buffers(c, c->part, c->plan.first_portfolio, error);
    if (status == GF_OK && c->total != NULL)
        status = write_words(c->part, c->total, error);
    return status;
}
