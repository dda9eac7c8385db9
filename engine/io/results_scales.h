/* Inside io only: dimension scales, as the HDF5 dimension scale specification and the library's H5DS have
 * them, but attached to all of their datasets at once. H5DSattach_scale() reads, deletes and rewrites the
 * list of a scale's datasets for every one of them, which takes as long as all the rest of making a file. */
#ifndef GF_IO_RESULTS_SCALES_H
#define GF_IO_RESULTS_SCALES_H

#include "io/results_hdf5.h"

typedef struct gf_h5_scale_user {
    hobj_ref_t dataset;
    int axis;
} gf_h5_scale_user;

typedef struct gf_h5_scale {
    hid_t dataset; /* ≤ 0: not made */
    hobj_ref_t reference;
    gf_h5_scale_user *users;
    size_t n_users, room;
} gf_h5_scale;

/* One-dimensional dimension scale with values[size] (int64_t or double; NULL: written later). Negative on
 * failure; close it in any case. */
int gf_h5_scale_new(gf_h5_scale *scale, hid_t group, const gf_column *column, hsize_t size,
                    const void *values);

/* The same with the names of columns[size] as values. */
int gf_h5_names_new(gf_h5_scale *scale, hid_t group, const gf_column *column, hsize_t size,
                    const gf_column *columns);

/* Attaches scales[rank] to the axes of a dataset; negative on failure, also of the dataset before. */
int gf_h5_attach(hid_t dataset, gf_h5_scale *const *scales, int rank);

/* Tells the scale who uses it, and closes it; negative on failure. */
int gf_h5_scale_close(gf_h5_scale *scale);

#endif
