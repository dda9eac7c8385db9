/* Inside the recording of a run: its state, shared by the loop and the parts (record_range.c) and by what
 * comes before and after (record.c). */
#ifndef GF_RUN_RECORDER_H
#define GF_RUN_RECORDER_H

#include "run/parts.h"
#include "run/record.h"
#include "run/record_collection.h"

typedef struct gf_recorder {
    const gf_config *config;
    const gf_record_options *options;
    gf_record *record;
    gf_collection collection;
    gf_parts parts;
    uint64_t n_done;             /* portfolios in the collection */
    uint64_t n_before_range;     /* of them before the range that the loop is in */
    uint64_t first_unsaved, end; /* of that range: what came in and is in no part */
    double last_part;
} gf_recorder;

/* Seconds: of the wall, of all threads, of the calling thread (the one that writes, without those that
 * simulate meanwhile). */
double gf_recorder_now(void);
double gf_recorder_cpu(void);
double gf_recorder_own_cpu(void);

/* Tells what a user should know. */
void gf_recorder_note(const gf_recorder *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes in the parts that follow on one another or leave gaps, and runs the gaps. */
gf_status gf_recorder_collect(gf_recorder *r, gf_error *error);

#endif
