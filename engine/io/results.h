/* The result file (HDF5): the only interface to it, for writing while computing and for reading back.
 * docs/results_format.md describes every group, dataset and attribute. A file that is written belongs to one
 * thread at a time, and so do all files together that are read, by HDF5 (a critical section will do). No HDF5
 * type appears here, and io never includes run. */
#ifndef GF_IO_RESULTS_H
#define GF_IO_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "io/provenance.h"
#include "portfolio/portfolio.h"

#define GF_RESULTS_FILETYPE "guidefund-results"
enum { GF_RESULTS_MAJOR = 1, GF_RESULTS_MINOR = 2 };

/* A named number of the summary: what `guidefund summary` prints and /summary holds. NaN in `se`: no standard
 * error exists or none was estimated (the note says why). Texts belong to whoever filled the number. */
typedef struct gf_number {
    const char *name;      /* unique: "net_tvpi.median", "P(net_tvpi>=5)" */
    const char *column;    /* column it describes, "" if of all */
    const char *statistic; /* "median", "quantile", "mean", "probability", "warning", … */
    double argument; /* level of a quantile, threshold of a probability, cap of a capped mean; else NaN */
    double value, se;
    const char *unit, *note;
} gf_number;

/* What a file will hold; everything is known before the first portfolio. Pointers must outlive the writer. */
typedef struct gf_results_plan {
    const char *path;            /* final name */
    const gf_scenario *scenario; /* title, seed, quantiles, horizon, models */
    const gf_layout *layout;     /* columns and series */
    const char *config_text;     /* the whole config as YAML text */
    uint64_t portfolios_total;   /* of the whole run */
    uint64_t first_portfolio,
        n_portfolios; /* simulated for this file: all of them unless it is a part or a shard */
    /* rows of /portfolios: indices first_kept + r·keep_every, r = 0 … n_kept − 1; n_kept 0: no such group */
    uint64_t first_kept, keep_every, n_kept;
    uint64_t quarters_of;    /* portfolios behind /quarters, 0: no such group */
    uint64_t n_startup_rows; /* 0: no /startups group */
    double tail_index,
        tail_cap;          /* survival index and cap of the heaviest multiple; INFINITY: none (run/tail.h) */
    const char *stop_rule; /* by which the run stopped; NULL: none */
    int is_stop_met;       /* the rule was met */
} gf_results_plan;

typedef struct gf_results gf_results;

/* Creates a temporary file beside the target (".<name>.<host>.<pid>.tmp"; stale ones of dead processes are
 * swept) and plans all groups, datasets and attributes, which are written when it ends. GF_CREATE when it
 * cannot be created, GF_IO when the disk is full, GF_MEMORY. On failure *results is NULL and nothing is left
 * behind. */
gf_status gf_results_create(gf_results **results, const gf_results_plan *plan, gf_error *error);

/* Writes rows first_row … first_row + n_rows − 1 of all columns from columns[c * stride + r]. Any order of
 * calls, from any thread, one at a time. */
gf_status gf_results_write_columns(gf_results *results, uint64_t first_row, size_t n_rows,
                                   const double *columns, size_t stride, gf_error *error);

/* Reads back rows of a column that were written, as doubles: a summary needs no second copy in memory. */
gf_status gf_results_read_back(gf_results *results, int column, uint64_t first_row, size_t n_rows,
                               double *values, gf_error *error);

/* Writes the bands and means of one series: bands[q * n_quantiles + k] (quantiles as in the scenario's
 * output), mean[q], se[q]; n_quarters of the scenario's scene. */
gf_status gf_results_write_series(gf_results *results, int series, const double *bands, const double *mean,
                                  const double *se, gf_error *error);

/* Writes startup rows first_row … from startups[k * stride + r], k over GF_N_STARTUP_COLUMNS. */
gf_status gf_results_write_startups(gf_results *results, uint64_t first_row, size_t n_rows,
                                    const double *startups, size_t stride, gf_error *error);

/* Writes /summary, once. */
gf_status gf_results_write_numbers(gf_results *results, const gf_number *numbers, size_t n, gf_error *error);

/* Writes /provenance and all that is not yet in the file, its checksum last; syncs, closes, renames to the
 * final name and syncs the folder; frees `results` in every case. Refuses (GF_IO, abandoning) when planned
 * rows were not written. */
gf_status gf_results_commit(gf_results *results, const gf_provenance *provenance, gf_error *error);

/* Closes and removes the temporary file; frees `results` (may be NULL). */
void gf_results_abandon(gf_results *results);

/* What a file says of itself. */
typedef struct gf_results_info {
    char filetype[32], version[32], program_version[32], seed_text[24];
    char *path, *scenario, *config_text, *models;
    uint64_t seed;
    uint64_t portfolios_total, first_portfolio, n_portfolios; /* simulated */
    uint64_t first_kept, keep_every, n_kept;                  /* rows of /portfolios, 0: none */
    uint64_t quarters_of, n_startup_rows;
    int n_quarters;
    double tail_index, tail_cap;
    char *stop_rule; /* NULL: the run had none */
    int is_stop_met;
    int is_of_this_revision; /* of the program, by /provenance */
    gf_layout layout;        /* columns of /portfolios in file order; series is empty */
} gf_results_info;

typedef struct gf_results_file gf_results_file;

/* Opens for reading. GF_NO_INPUT: missing or unreadable; GF_CONFIG: not a result file, truncated, damaged, or
 * of another major version. */
gf_status gf_results_open(gf_results_file **file, const char *path, gf_error *error);
void gf_results_close(gf_results_file *file); /* may be NULL */
/* Is it the undamaged file of a run or of a sweep? A shard does not take its name. */
int gf_results_is_finished(const char *path);
const gf_results_info *gf_results_about(const gf_results_file *file);

/* Index of a column in the file's layout, or -1. */
int gf_results_find_column(const gf_results_file *file, const char *name);
/* Reads rows first_row … of a column as doubles. */
gf_status gf_results_read_column(gf_results_file *file, int column, uint64_t first_row, size_t n_rows,
                                 double *values, gf_error *error);
/* Reads /summary; free with gf_numbers_free(). *n is 0 when the group is absent. */
gf_status gf_results_read_numbers(gf_results_file *file, gf_number **numbers, size_t *n, gf_error *error);
void gf_numbers_free(gf_number *numbers, size_t n);

#endif
