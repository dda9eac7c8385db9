/* A run that is recorded: portfolios into columns of a result file, quarters into bands, all of it into a
 * summary. A long run leaves parts beside its file (run/parts.h) and continues from them; a shard is recorded
 * as a part. */
#ifndef GF_RUN_RECORD_H
#define GF_RUN_RECORD_H

#include "io/config.h"
#include "run/run.h"
#include "run/shards.h"
#include "run/summary.h"
#include "run/until.h"

typedef enum {
    GF_RECORD_CONTINUE, /* from parts if there are any; a complete result file is made anew, a complete shard
                           stays */
    GF_RECORD_RESUME,   /* the same, and a complete result file of this run stays as well */
    GF_RECORD_FRESH     /* removes all parts first */
} gf_record_mode;

#define GF_PART_SECONDS 60.0 /* preset of part_seconds */

typedef struct gf_record_options {
    const char *path;         /* result file; NULL: none, only the summary */
    const char *command_line; /* for the provenance, may be NULL */
    gf_run_options run;
    gf_shard shard;        /* n = 0: the whole run */
    const gf_until *until; /* rule by which the whole run may stop before its last portfolio; NULL: none */
    gf_record_mode mode;
    double part_seconds; /* a part is written when so much time has passed since the last, as soon as the
                            chunks under way are finished */
    /* portfolios that are done, those in parts included; may be NULL */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void (*note)(void *context, const char *text); /* what a user should know; may be NULL */
    void *context;                                 /* of both */
} gf_record_options;

typedef struct gf_record {
    /* wall clock; one thread's writing while others simulate counts by its share of the threads */
    double seconds_simulating, seconds_writing, seconds_summing;
    double cpu_simulating, cpu_writing, cpu_summing; /* seconds of all threads */
    uint64_t first_portfolio, n_portfolios; /* of the result: fewer than the config's if the run stopped */
    uint64_t n_from_parts;                  /* portfolios that were not simulated again */
    int n_parts_written;
    int was_complete;         /* nothing had to be done, and there is no summary */
    gf_summary summary;       /* empty for a shard */
    gf_until_verdict verdict; /* of options.until; without an estimate if nothing had to be done */
} gf_record;

/* Runs the scenario of `config`. With a rule, portfolios are simulated up to the first look (run/until.h) at
 * which it is met, at most all: the result is that of a run of so many portfolios, with the rule as an
 * attribute. A rule that is not met at the end is no failure.
 *
 * On failure nothing stands under the final name that was not there before, and parts remain. GF_INTERRUPTED:
 * the same call continues. GF_CREATE: also when another process writes the same file. Clear record->summary
 * with gf_summary_clear() in every case. */
gf_status gf_record_run(const gf_config *config, const gf_record_options *options, gf_record *record,
                        gf_error *error);

#endif
