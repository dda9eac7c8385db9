/* Inside io only: reading of /summary. */
#ifndef GF_IO_RESULTS_NUMBERS_H
#define GF_IO_RESULTS_NUMBERS_H

#include "io/results.h"
#include "io/results_hdf5.h"

/* Reads /summary; negative on failure. Free with gf_numbers_free(). */
int gf_h5_read_numbers(hid_t group, gf_number **numbers, size_t *n);

#endif
