/* A sweep: a number of runs over a design, all on the same luck, and what their numbers depend on.
 * Threads take points; results are the same for any number of them, after any interruption, and from any
 * shards. Memory: the numbers at all points, and the wanted columns of one point a thread. */
#ifndef GF_RUN_SWEEP_H
#define GF_RUN_SWEEP_H

#include <stdio.h>

#include "run/design.h"
#include "run/run.h"
#include "run/sensitivity.h"
#include "run/shards.h"

typedef struct gf_sweep_options {
    const char *path;         /* file to write */
    const char *command_line; /* for the provenance, may be NULL */
    int n_overrides;          /* of the base config, as for gf_config_read() */
    const char *const *overrides;
    gf_run_options run;
    gf_shard shard;    /* n > 0: runs only these points of the design, and the file is a part */
    int n_shard_files; /* > 0: runs nothing, puts these shards together */
    const char *const *shard_files;
    int is_fresh;        /* removes parts of earlier sweeps into this file first */
    int is_resume;       /* leaves a complete file of this sweep as it is */
    double part_seconds; /* between parts, from which an interrupted sweep goes on */
    void (*checked)(void *context, uint64_t done,
                    uint64_t total); /* points, before any is run; may be NULL */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* in points; may be NULL */
    void (*note)(void *context, const char *text);                  /* may be NULL */
    void (*problem)(void *context, const char *text);               /* of one shard of several; may be NULL */
    void *context;
} gf_sweep_options;

typedef struct gf_sweep {
    size_t n_points, n_keys, n_numbers;
    double *points;          /* [n_keys][n_points] */
    double *values, *errors; /* [n_numbers][n_points] each; errors lie behind values, groups behind them */
    gf_sobol_index *indices; /* [n_numbers][n_keys]; NULL unless the design is a Sobol' design */
    double noise[GF_DESIGN_MAX_NUMBERS]; /* mean squared Monte Carlo error over the variance of the values */
    size_t first, n_here;                /* of this shard; all points without shards */
    size_t n_from_parts;                 /* points that were not run again */
    int was_complete;                    /* the shard, or with is_resume the file, was there already */
    double seconds;
} gf_sweep;

/* Runs the design and writes its file. GF_INTERRUPTED: the same call goes on. On failure nothing stands
 * under the final name that was not there before. Clear `sweep` in every case. */
gf_status gf_sweep_run(const gf_design *design, const gf_sweep_options *options, gf_sweep *sweep,
                       gf_error *error);
void gf_sweep_clear(gf_sweep *sweep);

/* Is there a run at every point? Reads the base config with the overrides and the config of each point, runs
 * nothing. `base_text` gets the base config in canonical form, malloc'ed, if GF_OK is returned. */
gf_status gf_sweep_check(const gf_design *design, const gf_sweep_options *options, char **base_text,
                         gf_error *error);

/* Prints which of n shards beside options->path are absent, damaged or of another sweep, as in "1,4-6", and a
 * line feed. Runs nothing, but checks all points. */
gf_status gf_sweep_list_missing(const gf_design *design, const gf_sweep_options *options, int n, FILE *out,
                                gf_error *error);

#endif
