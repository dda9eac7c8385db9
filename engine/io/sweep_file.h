/* The file of a sweep (HDF5): the points of a design with the numbers at each, and sensitivity indices.
 * docs/results_format.md describes it. */
#ifndef GF_IO_SWEEP_FILE_H
#define GF_IO_SWEEP_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "io/provenance.h"
#include "portfolio/columns.h"

#define GF_SWEEP_FILETYPE "guidefund-sweep"
enum { GF_SWEEP_MAJOR = 1, GF_SWEEP_MINOR = 0 };

/* All that the file will hold; pointers must outlive the call. */
typedef struct gf_sweep_file {
    const char *name, *method;             /* title of the design, word of its method */
    const char *design_text, *config_text; /* as the design's file has it; the base config, canonical */
    uint64_t seed;                         /* of the base config */
    uint64_t portfolios;                   /* of each point */
    size_t n_points, n_keys, n_numbers;
    const gf_column *keys;    /* [n_keys] */
    const double *points;     /* [n_keys][n_points] */
    const gf_column *numbers; /* [n_numbers] */
    const double *values;     /* [n_numbers][n_points] */
    const double *errors; /* [n_numbers][n_points], Monte Carlo standard errors, NaN where there is none */
    /* Sobol' designs, else NULL: [n_numbers][n_keys], then [n_numbers] */
    const double *first, *first_se, *total, *total_se; /* errors: of points and of luck */
    const double *noise; /* mean square of the errors over the variance of the values */
} gf_sweep_file;

/* GF_CREATE, before anything is worked out, if no file can be put at `path`: it is a folder or a device. */
gf_status gf_sweep_file_check(const char *path, gf_error *error);

/* Is `path` an undamaged file of this very sweep: the same design, base config, seed, portfolios and version
 * of the program? Of `wanted`, texts and counts are looked at. */
int gf_sweep_file_holds(const char *path, const gf_sweep_file *wanted);

/* Writes the file under its name at once: temporary, checksum, sync, rename. GF_CREATE, GF_IO,
 * GF_MEMORY; then nothing is left behind. */
gf_status gf_sweep_file_write(const char *path, const gf_sweep_file *file, const gf_provenance *provenance,
                              gf_error *error);

#endif
