/* Inside the recording of a run: its state, shared by the loop and the parts (record_range.c) and by what
 * comes before and after (record.c). */
#ifndef GF_RUN_RECORDER_H
#define GF_RUN_RECORDER_H

#include <time.h>

#include "run/parts.h"
#include "run/record.h"
#include "run/record_collection.h"

typedef struct gf_recorder {
    const gf_config *config;
    const gf_record_options *options;
    gf_record *record;
    gf_collection collection;
    gf_parts parts;
    gf_run_crew crew;            /* of all ranges */
    char *is_taken;              /* [parts.n_found]: the collection has it */
    uint64_t n_done;             /* portfolios in the collection */
    uint64_t n_before_range;     /* of them before the range that the loop is in */
    uint64_t n_expected;         /* in the end, for all that is known: what progress counts to */
    uint64_t first_unsaved, end; /* of the range: what came in and is in no part */
    double last_part;
    time_t started;
    double start, cpu_start; /* of the clocks */
} gf_recorder;

/* Seconds: of the wall, of all threads, of the calling thread (the one that writes, without those that
 * simulate meanwhile). */
double gf_recorder_now(void);
double gf_recorder_cpu(void);
double gf_recorder_own_cpu(void);

/* Tells what a user should know. */
void gf_recorder_note(const gf_recorder *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes in the parts that follow on one another or leave gaps. */
gf_status gf_recorder_take_parts(gf_recorder *r, gf_error *error);
/* Runs what of portfolios from … to − 1 is in no part that was taken. */
gf_status gf_recorder_fill(gf_recorder *r, uint64_t from, uint64_t to, gf_error *error);
/* Saves what came from the loop since the last part as a part, if parts have a folder. */
gf_status gf_recorder_save_part(gf_recorder *r, gf_error *error);
/* Summary, provenance, publication of what is collected. */
gf_status gf_recorder_finish(gf_recorder *r, gf_error *error);

/* Of a run that stops by a rule: look by look to the verdict in the record, then the file. */
gf_status gf_recorder_collect_until(gf_recorder *r, gf_error *error);
gf_status gf_recorder_finish_until(gf_recorder *r, gf_error *error);
/* The config of the run of n portfolios. Clear it in every case. */
gf_status gf_recorder_config_of(const gf_recorder *r, uint64_t n, gf_config *config, gf_error *error);

#endif
