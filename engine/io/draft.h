/* Inside io only: a new HDF5 file, put down without the library. Every file that the engine writes is of a
 * few hundred small objects with attributes, whose making takes HDF5 a fifth of the time in which ten
 * thousand portfolios are computed (docs/decisions.md). Here rows go to the disk as they come; objects are
 * described in memory, and all of them are written behind the rows in one piece when the file ends. Of the
 * format that is version 0 of the superblock and what HDF5 1.8 and later make of groups with links in
 * creation order and of contiguous datasets: "HDF5 File Format Specification Version 3.0", sections II,
 * III.E, IV.A. Files are read through the library, by tests too.
 *
 * What cannot be remembered (no memory, too many datasets along one scale) is noted and reported by
 * gf_draft_end(), so that nothing before it need be asked; objects may be NULL then. One thread at a time. */
#ifndef GF_IO_DRAFT_H
#define GF_IO_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "io/provenance.h"
#include "portfolio/columns.h"

typedef struct gf_draft gf_draft;
/* A group or a dataset. Belongs to its draft. */
typedef struct gf_draft_object gf_draft_object;

/* How many bytes the rows of a file will take: surely, so that a disk without that place is refused at once,
 * and at the most (0: not known). Up to GF_DRAFT_IN_MEMORY at the most they stay in memory until the file
 * ends. */
typedef struct gf_draft_size {
    uint64_t least, most;
} gf_draft_size;

enum { GF_DRAFT_IN_MEMORY = 1 << 22 };

/* An empty file in place of one that may be there; 0 or the errno. is_scratch: it will never be ended, so
 * that no checksum is kept. */
int gf_draft_begin(gf_draft **draft, const char *name, gf_draft_size size, int is_scratch);
/* What to say of an errno of gf_draft_begin(): GF_IO if there is no place, GF_MEMORY, else GF_CREATE. */
gf_status gf_draft_fail_to_begin(gf_error *error, const char *path, int problem);

/* errno of what could not be remembered so far, or 0. */
int gf_draft_problem(const gf_draft *draft);
/* "cannot <doing> <path>: reason" for an errno of a draft; returns `status`, or GF_MEMORY for ENOMEM. */
gf_status gf_draft_fail(gf_error *error, gf_status status, const char *path, const char *doing, int problem);

/* The rest of the file, its checksum, sync, close; 0 or the errno. Frees the draft in every case. */
int gf_draft_end(gf_draft *draft);

/* Closes the file as it is, which is none of HDF5; frees the draft (may be NULL). */
void gf_draft_drop(gf_draft *draft);

gf_draft_object *gf_draft_root(gf_draft *draft);
gf_draft_object *gf_draft_group(gf_draft_object *parent, const char *name);

/* Contiguous dataset of float64, int32 or int64 with size[rank] elements, rank 1 or 2, and the attributes
 * units and long_name. It takes no place and reads as 0 until something is written. */
gf_draft_object *gf_draft_dataset(gf_draft_object *group, const gf_column *column, int rank,
                                  const uint64_t *size);
/* The same of n texts (UTF-8, of any length), which are copied. */
gf_draft_object *gf_draft_texts(gf_draft_object *group, const gf_column *column, size_t n,
                                const char *const *texts);

/* Makes a one-dimensional dataset a dimension scale, by the HDF5 dimension scale specification. */
void gf_draft_make_scale(gf_draft_object *dataset);
/* Attaches scales[rank] to the axes of a dataset: attributes DIMENSION_LIST, and REFERENCE_LIST of scales. */
void gf_draft_attach(gf_draft_object *dataset, gf_draft_object *const *scales);

/* Scalar attributes. */
void gf_draft_put_text(gf_draft_object *object, const char *name, const char *text);
void gf_draft_put_int(gf_draft_object *object, const char *name, int64_t value);
void gf_draft_put_real(gf_draft_object *object, const char *name, double value);
/* Group /provenance with the facts of this run and of this program (provenance.c). */
void gf_draft_put_provenance(gf_draft *draft, const gf_provenance *provenance);

/* Elements first … first + n − 1 (row-major) from values of the type of the file; 0 or the errno. Two calls
 * do not write the same element. A checksum need not read again what came row by row from the front on. */
int gf_draft_write(gf_draft_object *dataset, uint64_t first, uint64_t n, const void *values);
/* The same, numbers as doubles: whole ones are converted. EDOM: one does not fit. */
int gf_draft_write_numbers(gf_draft_object *dataset, uint64_t first, uint64_t n, const double *values);
/* Lets the system bring to the disk what is written so far, while others compute, so that the end need not
 * wait for it; 0 or the errno. */
int gf_draft_hurry(const gf_draft *draft);
/* A scale of int64 with first + r·step in row r, in constant memory; 0 or the errno. */
int gf_draft_index(gf_draft_object **scale, gf_draft_object *group, const gf_column *column, uint64_t first,
                   uint64_t step, uint64_t rows);
/* Tells of a dataset of rank 1 of which nothing is written that its elements 0 … n − 1 are 0; 0 or
 * the errno. */
int gf_draft_skip(gf_draft_object *dataset, uint64_t n);
/* Reads elements that were written as doubles; 0 or the errno. */
int gf_draft_read_numbers(const gf_draft_object *dataset, uint64_t first, uint64_t n, double *values);

#endif
