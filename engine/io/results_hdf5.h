/* Inside io only: the small HDF5 vocabulary that readers of results, parts and sweeps share. Files are
 * written by io/draft.h. */
#ifndef GF_IO_RESULTS_HDF5_H
#define GF_IO_RESULTS_HDF5_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "io/provenance.h"
#include "portfolio/columns.h"

/* Lets failures be noted instead of printed, and switches the exit handler off; call before anything else of
 * HDF5. */
void gf_h5_start(void);

/* "cannot <doing> <path>: reason", the reason from the operating system or else from the innermost HDF5
 * message. Clears the stack; returns status. */
gf_status gf_h5_fail(gf_error *error, gf_status status, const char *path, const char *doing);

/* The one type of all texts: not to be closed. */
hid_t gf_h5_text_type(void);

/* Scalar attributes of an object; negative when absent or of another kind. The text is malloc'ed. */
int gf_h5_get_text(hid_t object, const char *name, char **text);
int gf_h5_get_int(hid_t object, const char *name, int64_t *value);
int gf_h5_get_real(hid_t object, const char *name, double *value);

/* Rows first … first + n − 1 of a one-dimensional dataset as doubles; negative on failure. */
int gf_h5_read_rows(hid_t dataset, hsize_t first, hsize_t n, double *values);

/* Was the file written by this revision of the program? */
int gf_h5_is_of_this_revision(hid_t file);

#endif
