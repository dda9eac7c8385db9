/* Inside io only: the writer's state, shared by its creation, its data path and its summary. */
#ifndef GF_IO_RESULTS_WRITER_H
#define GF_IO_RESULTS_WRITER_H

#include "io/draft.h"
#include "io/results.h"

enum { GF_SERIES_PARTS = 3 }; /* bands, mean, standard error */

/* What a column of /portfolios has held so far. One that is 0 everywhere is never stored: its header
 * names no place, and readers get HDF5's fill value, which is 0. */
typedef struct gf_stored_column {
    int has_rows, is_alike, is_stored;
    double value; /* of all rows, if they are alike to the bit */
} gf_stored_column;

struct gf_results {
    gf_results_plan plan;
    char *temporary;
    gf_draft *draft;            /* NULL: there is none any more */
    gf_draft_object **columns;  /* [n_columns], or NULL */
    gf_stored_column *stored;   /* [n_columns], or NULL */
    gf_draft_object **startups; /* [GF_N_STARTUP_COLUMNS], or NULL */
    gf_draft_object **series;   /* [n_series][GF_SERIES_PARTS], or NULL */
    uint64_t rows_written, startup_rows_written;
    int series_written, has_numbers;
};

extern const gf_column gf_startup_columns[GF_N_STARTUP_COLUMNS];

/* All groups but /summary and /provenance, and all attributes; 0 or the errno. */
int gf_results_make(gf_results *results);
/* Bytes of its rows: at the most if no column is 0 everywhere. */
gf_draft_size gf_results_size(const gf_results_plan *plan);

#endif
