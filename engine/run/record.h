/* A run that is recorded: portfolios into columns of a result file, quarters into bands, all of it into a summary. */
#ifndef GF_RUN_RECORD_H
#define GF_RUN_RECORD_H

#include "io/config.h"
#include "run/run.h"
#include "run/summary.h"

typedef struct gf_record_options {
    const char *path;         /* result file; NULL: none, only the summary */
    const char *command_line; /* for the provenance, may be NULL */
    gf_run_options run;
    void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
    void *progress_context;
} gf_record_options;

typedef struct gf_record {
    double seconds_simulating, seconds_writing, seconds_summing; /* wall clock */
    uint64_t n_kept;
    gf_summary summary;
} gf_record;

/* Runs the scenario of `config`. On failure nothing stands under the final name that was not there before. Clear
 * record->summary with gf_summary_clear() in every case. */
gf_status gf_record_run(gf_config *config, const gf_record_options *options, gf_record *record, gf_error *error);

#endif
