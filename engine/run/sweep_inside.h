/* Inside sweeps: their state, shared by the points (sweep.c) and the parts (sweep_parts.c). */
#ifndef GF_RUN_SWEEP_INSIDE_H
#define GF_RUN_SWEEP_INSIDE_H

#include "io/part.h"
#include "run/parts.h"
#include "run/sweep.h"
#include "run/sweep_point.h"

/* Of a point. */
enum { GF_POINT_MISSING, GF_POINT_DONE, GF_POINT_SAVED };

typedef struct gf_sweeper {
    const gf_design *design;
    const gf_sweep_options *options;
    gf_sweep *sweep;
    gf_sweep_base base;
    gf_measure measures[GF_DESIGN_MAX_NUMBERS];
    char *config_text; /* of the base */
    uint64_t seed, identity;
    gf_parts parts;
    unsigned char *states; /* [n_points] GF_POINT_SAVED: in a part, or taken from one */
    size_t n_done;
    double last_part;
    gf_status status; /* the first failure of a point */
    gf_error *error;
} gf_sweeper;

double gf_sweeper_now(void);
gf_status gf_sweeper_out_of_memory(gf_error *error, size_t n_points);
/* Tells what a user should know. */
void gf_sweeper_note(const gf_sweeper *s, const char *text);

/* Points first … first + n − 1 as a part of that name. */
gf_status gf_sweeper_write_part(const gf_sweeper *s, const char *path, size_t first, size_t n,
                                gf_error *error);
/* Takes in the points of a part and tells which they are (`found` may be NULL; texts are not told).
 * GF_NO_INPUT, GF_CONFIG: it cannot be read, or is of another sweep. */
gf_status gf_sweeper_read_part(gf_sweeper *s, const char *path, gf_part_info *found, gf_error *error);
/* Takes in the points that an earlier call left in parts; what is of no use is removed and run again. */
gf_status gf_sweeper_collect_parts(gf_sweeper *s, gf_error *error);
/* All that is done and in no part yet as parts. */
gf_status gf_sweeper_save(gf_sweeper *s, gf_error *error);

/* What the points depend on is known: base config, design, identity, memory. Clear in every case. */
gf_status gf_sweeper_init(gf_sweeper *s, gf_error *error);
void gf_sweeper_clear(gf_sweeper *s);
/* Reads the configs of all points of this call; the error is of the first that is wrong. */
gf_status gf_sweeper_check_points(gf_sweeper *s, gf_error *error);

/* Of a sweep that is cut into shards. 1 in *is_there if the file is this shard already; GF_CREATE if it is
 * another one of the same sweep. */
gf_status gf_sweeper_look_at_shard(gf_sweeper *s, int *is_there, gf_error *error);
/* Takes in all points from the shards that were named; GF_CONFIG, naming what is missing or foreign. */
gf_status gf_sweeper_take_shards(gf_sweeper *s, gf_error *error);

#endif
