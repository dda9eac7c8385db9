/* Dimension scales: DIMENSION_LIST of every dataset, REFERENCE_LIST of every scale, each written once. */
#include "io/results_scales.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 2 };

int gf_h5_scale_new(gf_h5_scale *scale, hid_t group, const gf_column *column, hsize_t size,
                    const void *values)
{
    const hid_t type = column->is_integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
    *scale = (gf_h5_scale){.dataset = gf_h5_dataset_new(group, column, 0, 1, &size)};
    if (scale->dataset < 0 ||
        (values != NULL && H5Dwrite(scale->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) ||
        H5DSset_scale(scale->dataset, column->name) < 0)
        return -1;
    return H5Rcreate(&scale->reference, scale->dataset, ".", H5R_OBJECT, -1);
}

int gf_h5_names_new(gf_h5_scale *scale, hid_t group, const gf_column *column, hsize_t size,
                    const gf_column *columns)
{
    const char **names = malloc((size_t)size * sizeof *names);
    *scale = (gf_h5_scale){.dataset = -1};
    if (names == NULL)
        return -1;
    for (hsize_t i = 0; i < size; i++)
        names[i] = columns[i].name;
    scale->dataset = gf_h5_dataset_new(group, column, 1, 1, &size);
    const int failed =
        scale->dataset < 0 ||
        H5Dwrite(scale->dataset, gf_h5_text_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, names) < 0 ||
        H5DSset_scale(scale->dataset, column->name) < 0 ||
        H5Rcreate(&scale->reference, scale->dataset, ".", H5R_OBJECT, -1) < 0;
    free(names);
    return failed ? -1 : 0;
}

static int add_user(gf_h5_scale *scale, hobj_ref_t dataset, int axis)
{
    if (scale->n_users == scale->room) {
        const size_t room = scale->room > 0 ? 2 * scale->room : 64;
        gf_h5_scale_user *grown = realloc(scale->users, room * sizeof *grown);
        if (grown == NULL)
            return -1;
        memset(grown + scale->room, 0, (room - scale->room) * sizeof *grown); /* no stray bytes in the file */
        scale->users = grown;
        scale->room = room;
    }
    scale->users[scale->n_users].dataset = dataset;
    scale->users[scale->n_users++].axis = axis;
    return 0;
}

int gf_h5_attach(hid_t dataset, gf_h5_scale *const *scales, int rank)
{
    hvl_t lists[MOST_AXES]; /* of every axis: the scales on it, which is one */
    hobj_ref_t self;
    if (dataset < 0 || rank > MOST_AXES || H5Rcreate(&self, dataset, ".", H5R_OBJECT, -1) < 0)
        return -1;
    for (int axis = 0; axis < rank; axis++) {
        lists[axis] = (hvl_t){.len = 1, .p = &scales[axis]->reference};
        if (add_user(scales[axis], self, axis) < 0)
            return -1;
    }
    hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    const int result = gf_h5_put_list(dataset, "DIMENSION_LIST", type, (hsize_t)rank, lists);
    H5Tclose(type);
    return result;
}

static int put_users(const gf_h5_scale *scale)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(gf_h5_scale_user));
    const int failed =
        H5Tinsert(type, "dataset", HOFFSET(gf_h5_scale_user, dataset), H5T_STD_REF_OBJ) < 0 ||
        H5Tinsert(type, "dimension", HOFFSET(gf_h5_scale_user, axis), H5T_NATIVE_INT) < 0 ||
        gf_h5_put_list(scale->dataset, "REFERENCE_LIST", type, scale->n_users, scale->users) < 0;
    H5Tclose(type);
    return failed ? -1 : 0;
}

int gf_h5_scale_close(gf_h5_scale *scale)
{
    int failed = scale->n_users > 0 && put_users(scale) < 0;
    if (scale->dataset > 0)
        failed |= H5Dclose(scale->dataset) < 0;
    free(scale->users);
    *scale = (gf_h5_scale){0};
    return failed ? -1 : 0;
}
