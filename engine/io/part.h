/* A part: the portfolios first … first + n − 1 of a run, with everything that the whole result needs of them.
 * What an interrupted run leaves behind and what a shard writes are both parts; a result file is made of
 * parts by run/record_collection.h. An HDF5 file that ends, as result files do, with a checksum of all its
 * bytes; a part without the right one is not read. It appears under its name complete or not at all. One
 * thread at a time. */
#ifndef GF_IO_PART_H
#define GF_IO_PART_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define GF_PART_FILETYPE "guidefund-part"
enum { GF_PART_MAJOR = 1, GF_PART_MINOR = 1 };

/* Matrices of doubles, one column of numbers a portfolio: row-major, [rows][portfolios]. */
typedef enum {
    GF_PART_COLUMNS,  /* results of the kept portfolios, rows as in the layout */
    GF_PART_SERIES,   /* series × quarter of the portfolios behind /quarters */
    GF_PART_STARTUPS, /* startup column × startup of the portfolios with startup rows */
    GF_PART_N_MATRICES
} gf_part_matrix;

/* Lists of words. */
typedef enum {
    GF_PART_SKETCHES, /* packed sketches of the columns */
    GF_PART_STOP,     /* sums of the rule by which the run may stop (since format 1.1) */
    GF_PART_N_LISTS
} gf_part_list;

typedef struct gf_part_info {
    const char *scenario, *config_text;
    const char *program_version, *revision; /* of the program that wrote it */
    uint64_t seed;
    uint64_t identity; /* equal for parts of one run: hash of config, seed, version, cutting */
    uint64_t portfolios_total, first_portfolio, n_portfolios;
    int shard, n_shards;                                               /* 0, 0: not a shard */
    uint64_t rows[GF_PART_N_MATRICES], portfolios[GF_PART_N_MATRICES]; /* sizes of the matrices */
    uint64_t n_words[GF_PART_N_LISTS];
    int is_scratch; /* only to be written: never committed */
} gf_part_info;

typedef struct gf_part gf_part;

/* A new part beside its final name. info->n_words is not used. GF_CREATE, GF_IO (disk full),
 * GF_MEMORY; then *part is NULL and nothing is left behind. */
gf_status gf_part_create(gf_part **part, const char *path, const gf_part_info *info, gf_error *error);

/* Columns first … first + n − 1 of a matrix, values[r * stride + i]. From any thread, one at a time. */
gf_status gf_part_write(gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n, const double *values,
                        size_t stride, gf_error *error);
/* Once a list, n > 0. */
gf_status gf_part_write_words(gf_part *part, gf_part_list list, const int64_t *words, size_t n,
                              gf_error *error);

/* Writes what is left and the checksum, syncs, closes, renames. Frees the part in every case. */
gf_status gf_part_commit(gf_part *part, gf_error *error);

/* Opens a part for reading after its checksum was verified. GF_NO_INPUT: cannot be opened; GF_CONFIG: not a
 * part, of another major format, or damaged. */
gf_status gf_part_open(gf_part **part, const char *path, gf_error *error);
/* Might it be one? Looks at the beginning of the file only: to be sure, all of it would have to be read. */
int gf_part_is_likely(const char *path);
const gf_part_info *gf_part_about(const gf_part *part);

/* Of a part that is read, or of one that is being written, what was written. */
gf_status gf_part_read(gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n, double *values,
                       size_t stride, gf_error *error);
gf_status gf_part_read_words(gf_part *part, gf_part_list list, int64_t *words, gf_error *error);

/* Closes; removes a part that was not committed. May be NULL. */
void gf_part_close(gf_part *part);

#endif
