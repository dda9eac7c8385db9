/* A shard: one of N pieces of a run, each made by a process of its own. */
#ifndef GF_RUN_SHARDS_H
#define GF_RUN_SHARDS_H

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "run/run.h"

enum { GF_MAX_SHARDS = 1000000 };

/* Shard k of n, k = 1 … n; n = 0: not a shard. */
typedef struct gf_shard {
    int k, n;
} gf_shard;

/* "3/8", or "auto": the place of this process among a Slurm job's tasks, by the environment: tasks of an srun
 * step, tasks of an array, or both (array task a of A, step task t of T: shard a·T + t + 1 of A·T). GF_USAGE
 * with the reason. */
gf_status gf_shard_parse(gf_shard *shard, const char *text, gf_error *error);

/* Portfolios of the shard: whole batches, sizes that differ by one batch at most; empty when there are more
 * shards than batches. The same cut for every n_portfolios, batch and shard. */
void gf_shard_range(gf_shard shard, uint64_t n_portfolios, uint64_t batch, uint64_t *first, uint64_t *n);

/* "out.h5" → "out.shard-0003-of-0008.h5"; malloc'ed, NULL when out of memory. */
char *gf_shard_path(gf_shard shard, const char *path);

/* GF_CREATE if `path` holds an undamaged shard, of whatever run or sweep: the file of a whole one does not
 * take its name. */
gf_status gf_shard_spare(const char *path, gf_error *error);

/* Prints which of the n shards beside `path` are not there, as in "1,4-6", and a line feed. */
gf_status gf_shards_list_missing(const char *path, int n,
                                 int (*is_there)(const void *context, gf_shard shard, const char *name),
                                 const void *context, FILE *out, gf_error *error);

#endif
