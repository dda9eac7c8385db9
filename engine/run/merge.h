/* Makes one result file of parts: the shards of a run, in any order. Every part is checked before anything is
 * written: checksum, kind, completeness of the set. Memory does not grow with the number of portfolios, but
 * by some 100 bytes a part. */
#ifndef GF_RUN_MERGE_H
#define GF_RUN_MERGE_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "io/config.h"
#include "run/summary.h"

typedef struct gf_merge_options {
    const char *path; /* result file */
    const char *const *parts;
    int n_parts;
    const char *command_line;          /* for the provenance, may be NULL */
    const volatile sig_atomic_t *stop; /* becomes non-zero: ends between two parts; may be NULL */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* portfolios; may be NULL */
    void (*problem)(void *context, const char *text);               /* each reason for refusal; may be NULL */
    void *context;                                                  /* of both */
} gf_merge_options;

typedef struct gf_merge {
    char *scenario;
    uint64_t n_portfolios;
    double seconds;
    gf_summary summary;
} gf_merge;

/* GF_CONFIG: parts are missing, doubled, foreign or damaged, each told to `problem`; nothing is written then,
 * nor after GF_INTERRUPTED.
 * Clear `merge` in every case. */
gf_status gf_merge_run(const gf_merge_options *options, gf_merge *merge, gf_error *error);
void gf_merge_clear(gf_merge *merge);

/* Prints which of the shards 1 … n beside result file `path` (gf_shard_path()) are absent, damaged or of
 * another run than that of `config`, as in "1,4-6", one line, empty if all are there. */
gf_status gf_merge_list_missing(const gf_config *config, const char *path, int n, FILE *out, gf_error *error);

#endif
