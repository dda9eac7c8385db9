/* What a run, a shard or a merge collects: the file in the making (a result file, or a part if it is a
 * shard), the sketches, the series behind /quarters, the rows of startups. Portfolios come in from the loop
 * or from parts, in any order of ranges; the finished file does not tell which. Memory: sketches (10 MB a
 * thread), series and startup rows of the portfolios that the config names; nothing grows with the number of
 * portfolios. */
#ifndef GF_RUN_RECORD_COLLECTION_H
#define GF_RUN_RECORD_COLLECTION_H

#include "io/config.h"
#include "io/part.h"
#include "io/results.h"
#include "run/run.h"
#include "run/shards.h"
#include "run/sketch.h"
#include "run/summary.h"
#include "run/tail.h"

typedef struct gf_collection {
    const gf_config *config;
    const gf_scenario *scenario;
    const char *path; /* NULL: no file, only a summary */
    gf_shard shard;   /* n = 0: the whole run */
    gf_run_plan plan; /* of the shard, or of the whole run */
    uint64_t identity;
    gf_layout layout;
    gf_tail tail;
    uint64_t first_kept, n_kept; /* of the plan */
    gf_results *results;         /* one of the two, or none */
    gf_part *part;
    gf_accumulator
        *total; /* of what is safe in parts; NULL: the summary comes from the columns in the file */
    gf_accumulator **by_thread; /* [n_threads], of what came in since */
    int n_threads;
    double *sampled;           /* room for kept columns */
    double *series, *startups; /* of the plan's first n_series_of, n_startups_of portfolios */
    uint64_t n_series_of, n_startups_of;
} gf_collection;

/* Identity of a run: equal for parts that may be put together. */
uint64_t gf_run_identity(const gf_config *config);

/* Lays the collection out without making a file. Clear it in every case. */
gf_status gf_collection_init(gf_collection *c, const gf_config *config, const char *path, gf_shard shard,
                             gf_error *error);
/* Takes memory for n_threads that add batches and makes the file. */
gf_status gf_collection_open(gf_collection *c, int n_threads, gf_error *error);
void gf_collection_clear(gf_collection *c);

/* One batch into the sketches; from several threads at a time, each with its own number, also while columns
 * are added. */
void gf_collection_add_batch(gf_collection *c, int thread, const double *columns, size_t stride, size_t n);
/* Columns into the file, as far as they are kept: columns[column * stride + r] of portfolios first … first +
 * n − 1. */
gf_status gf_collection_add_columns(gf_collection *c, uint64_t first, size_t n, const double *columns,
                                    size_t stride, gf_error *error);
/* Everything of a part, whose range lies within the plan. */
gf_status gf_collection_absorb(gf_collection *c, gf_part *part, gf_error *error);
/* Writes portfolios first … first + n − 1, which came from the loop since the last save, as a part. Batches
 * and columns of exactly these have been added since then, and nobody adds any meanwhile. */
gf_status gf_collection_save(gf_collection *c, uint64_t first, uint64_t n, const char *path, gf_error *error);

/* Bands, startup rows, summary (shards have none), publication. */
gf_status gf_collection_finish(gf_collection *c, gf_summary *summary, gf_error *error);
gf_status gf_collection_commit(gf_collection *c, const gf_provenance *provenance, gf_error *error);

#endif
