/* What a run, a shard or a merge collects: the file in the making (a result file, or a part if it is a
 * shard), the sketches, the series behind /quarters, the rows of startups. Portfolios come in from the loop
 * or from parts, in any order of ranges; the finished file does not tell which. Memory: sketches (10 MB a
 * thread), series and startup rows of the portfolios that the config names, a file of up to 4 MiB; nothing
 * grows with the number of portfolios. */
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
#include "run/until.h"

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
    const gf_until *until; /* rule by which the run may stop, NULL: none; then the file is a part */
    gf_until_sums *sums;   /* [1 + n_threads] of the rule: of what is safe in parts, of what came since */
    const char *stop_rule; /* what a result file says of the rule that made it, NULL: none */
    int is_stop_met;
    double *sampled;           /* room for kept columns */
    double *series, *startups; /* of the plan's first n_series_of, n_startups_of portfolios */
    uint64_t n_series_of, n_startups_of;
} gf_collection;

/* Identity of a run: equal for parts that may be put together. The rule by which it may stop is part of it;
 * NULL: none. */
uint64_t gf_run_identity(const gf_config *config, const gf_until *until);

/* Lays the collection out without making a file. Clear it in every case. */
gf_status gf_collection_init(gf_collection *c, const gf_config *config, const char *path, gf_shard shard,
                             gf_error *error);
/* From the start on: the run may stop by a rule, after any number of its portfolios. What it collects goes to
 * gf_collection_hand_over(), and there is no file of its own to be finished. */
void gf_collection_stop_by(gf_collection *c, const gf_until *until);
/* Takes memory for n_threads that add batches and makes the file. */
gf_status gf_collection_open(gf_collection *c, int n_threads, gf_error *error);
void gf_collection_clear(gf_collection *c);

/* One batch into the sketches; from several threads at a time, each with its own number, also while columns
 * are added. */
void gf_collection_add_batch(gf_collection *c, int thread, const double *columns, size_t stride, size_t n);
/* 0: no columns go to a file. */
int gf_collection_keeps_columns(const gf_collection *c);
/* Columns into the file, as far as they are kept: columns[column * stride + r] of portfolios first … first +
 * n − 1. */
gf_status gf_collection_add_columns(gf_collection *c, uint64_t first, size_t n, const double *columns,
                                    size_t stride, gf_error *error);
/* Everything of a part, whose range lies within the plan. */
gf_status gf_collection_absorb(gf_collection *c, gf_part *part, gf_error *error);
/* Writes portfolios first … first + n − 1, which came from the loop since the last save, as a part. Batches
 * and columns of exactly these have been added since then, and nobody adds any meanwhile. */
gf_status gf_collection_save(gf_collection *c, uint64_t first, uint64_t n, const char *path, gf_error *error);

/* Sums of the rule over all portfolios that have been added. */
void gf_collection_sum_up(const gf_collection *c, gf_until_sums *sums);
/* 1 if what was collected is what `to`, the run of fewer portfolios, would have collected. Not so where
 * sketches were made of larger batches than those of a small run, and no columns are there to make others. */
int gf_collection_can_hand_over(const gf_collection *from, const gf_collection *to);
/* The first portfolios of `from`, all that `to` has, into `to`, which is open and empty. `from` saves nothing
 * afterwards. */
gf_status gf_collection_hand_over(gf_collection *from, gf_collection *to, gf_error *error);

/* Bands, startup rows, summary (shards have none), publication. */
gf_status gf_collection_finish(gf_collection *c, gf_summary *summary, gf_error *error);
gf_status gf_collection_commit(gf_collection *c, const gf_provenance *provenance, gf_error *error);

#endif
