/* Inside io only: the small HDF5 vocabulary that the writer, the reader and the provenance share, and the
 * layout rules that make files readable everywhere: no times tracked, links in creation order,
 * variable-length UTF-8 texts. */
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
/* Lets failures be noted in this thread too: where HDF5 knows threads, each has its own handler of errors.
 * For functions that another thread than the one that opened the file may call, one at a time. */
void gf_h5_listen(void);

/* errno of the operating system behind the first failure, or 0. */
int gf_h5_errno(void);

/* "cannot <doing> <path>: reason", the reason from the operating system or else from the innermost HDF5
 * message. Clears the stack; returns status. */
gf_status gf_h5_fail(gf_error *error, gf_status status, const char *path, const char *doing);

/* Creation list of the given class (H5P_FILE_CREATE, H5P_GROUP_CREATE, H5P_DATASET_CREATE) without times. */
hid_t gf_h5_creation_list(hid_t list_class);
/* The one type of all texts: not to be closed. */
hid_t gf_h5_text_type(void);
hid_t gf_h5_group_new(hid_t parent, const char *name);
/* An empty file of that name in place of one that may be there; negative on failure. */
hid_t gf_h5_file_new(const char *name);

/* Scalar attributes; negative on failure. */
int gf_h5_put_text(hid_t object, const char *name, const char *text);
int gf_h5_put_int(hid_t object, const char *name, int64_t value);
int gf_h5_put_real(hid_t object, const char *name, double value);
/* Attribute of n values, with the same type in memory and in the file; negative on failure. */
int gf_h5_put_list(hid_t object, const char *name, hid_t type, hsize_t n, const void *values);

/* Contiguous dataset of float64, int64 or (is_text) variable-length strings with units and long_name. */
hid_t gf_h5_dataset_new(hid_t group, const gf_column *column, int is_text, int rank, const hsize_t *size);

/* Scalar attributes of an object; negative when absent or of another kind. The text is malloc'ed. */
int gf_h5_get_text(hid_t object, const char *name, char **text);
int gf_h5_get_int(hid_t object, const char *name, int64_t *value);
int gf_h5_get_real(hid_t object, const char *name, double *value);

/* Rows first … first + n − 1 of a one-dimensional dataset as doubles; negative on failure. */
int gf_h5_read_rows(hid_t dataset, hsize_t first, hsize_t n, double *values);

/* Group /provenance. */
/* Was the file written by this revision of the program? */
int gf_h5_is_of_this_revision(hid_t file);
int gf_h5_put_provenance(hid_t file, const gf_provenance *provenance);

#endif
