/* Inside io only: the writer's state, shared by its creation, its data path and its summary. */
#ifndef GF_IO_RESULTS_WRITER_H
#define GF_IO_RESULTS_WRITER_H

#include "io/results.h"
#include "io/results_checksum.h"
#include "io/results_hdf5.h"
#include "io/results_scales.h"

enum { GF_SERIES_PARTS = 3 }; /* bands, mean, standard error */

/* What a column of /portfolios has held so far. One that is 0 everywhere is never stored: readers get HDF5's
 * fill value, which is 0. */
typedef struct gf_stored_column {
    int has_rows, is_alike, is_stored;
    double value; /* of all rows, if they are alike to the bit */
    gf_running_crc crc;
} gf_stored_column;

struct gf_results {
    gf_results_plan plan;
    char *temporary;
    hid_t file;
    gf_known_crc index;       /* of the portfolios; of size 0: not known */
    hid_t *columns;           /* [n_columns], or NULL */
    gf_stored_column *stored; /* [n_columns], or NULL */
    hid_t *startups;          /* [GF_N_STARTUP_COLUMNS], or NULL */
    gf_running_crc startup_crcs[GF_N_STARTUP_COLUMNS];
    hid_t *series; /* [n_series][GF_SERIES_PARTS], or NULL */
    void *whole;   /* room for rows of a column of whole numbers */
    size_t whole_size;
    const gf_column *misfit; /* column with a count that int32 does not hold */
    uint64_t rows_written, startup_rows_written;
    int series_written, has_numbers;
};

extern const gf_column gf_startup_columns[GF_N_STARTUP_COLUMNS];

void gf_results_close_datasets(gf_results *results);
/* Frees what is not HDF5's. */
void gf_results_free(gf_results *results);
/* All groups but /summary and /provenance, and all attributes, in the open file; negative on failure. */
int gf_results_make(gf_results *results);
/* Writes first + r·step into the rows of an int64 scale, in pieces of constant memory; *known, if that is not
 * NULL, tells where they are and their CRC. */
int gf_results_write_indices(hid_t scale, uint64_t first, uint64_t step, uint64_t rows, gf_known_crc *known);

/* Reads /summary; negative on failure. */
int gf_h5_read_numbers(hid_t group, gf_number **numbers, size_t *n);

#endif
