/* The small HDF5 vocabulary of the result file: errors in words, attributes, datasets, dimension scales. */
#include "io/results_hdf5.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First failure since gf_h5_start() or gf_h5_fail(). HDF5's own stack is emptied by the next call, also by
 * those that clean up; only one thread at a time calls HDF5. */
static struct {
    int is_set, system_errno;
    char innermost[200];
} failure;

static herr_t note_entry(unsigned n, const H5E_error2_t *entry, void *data)
{
    const char *text = entry->desc != NULL ? entry->desc : "";
    const char *number = strstr(text, "errno = ");
    (void)data;
    if (n == 0)
        snprintf(failure.innermost, sizeof failure.innermost, "%s", text);
    if (number != NULL && failure.system_errno == 0)
        failure.system_errno = (int)strtol(number + strlen("errno = "), NULL, 10);
    return 0;
}

/* Called by HDF5 whenever one of its functions fails. */
static herr_t note_failure(hid_t stack, void *data)
{
    (void)data;
    if (!failure.is_set) {
        failure.is_set = 1;
        H5Ewalk2(stack, H5E_WALK_UPWARD, note_entry, NULL);
    }
    return 0;
}

void gf_h5_start(void)
{
    /* Everything is closed explicitly; after a full disk the exit handler would only try to write again. */
    H5dont_atexit();
    memset(&failure, 0, sizeof failure);
    gf_h5_listen();
}

void gf_h5_listen(void)
{
    H5Eset_auto2(H5E_DEFAULT, note_failure, NULL);
}

int gf_h5_errno(void)
{
    return failure.system_errno;
}

gf_status gf_h5_fail(gf_error *error, gf_status status, const char *path, const char *doing)
{
    const char *reason = failure.system_errno != 0 ? strerror(failure.system_errno) : failure.innermost;
    gf_error_set(error, status, "cannot %s %s: %s", doing, path,
                 reason[0] != '\0' ? reason : "unknown reason");
    memset(&failure, 0, sizeof failure);
    return status;
}

enum { MOST_COMPACT_LINKS = 256, MOST_COMPACT_ATTRIBUTES = 64 };

hid_t gf_h5_creation_list(hid_t list_class)
{
    hid_t list = H5Pcreate(list_class);
    if (list < 0)
        return list;
    H5Pset_obj_track_times(list, 0);
    if (list_class != H5P_DATASET_CREATE) {
        /* links and attributes in the group's header: an index of them costs more to make than a search of a
         * few hundred */
        H5Pset_attr_phase_change(list, MOST_COMPACT_ATTRIBUTES, MOST_COMPACT_ATTRIBUTES - 1);
        H5Pset_est_link_info(list, 64, 24);
        H5Pset_link_phase_change(list, MOST_COMPACT_LINKS, MOST_COMPACT_LINKS - 1);
        H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
        H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    }
    return list;
}

hid_t gf_h5_text_type(void)
{
    static hid_t type;
    if (type > 0)
        return type;
    type = H5Tcopy(H5T_C_S1);
    if (type >= 0) {
        H5Tset_size(type, H5T_VARIABLE);
        H5Tset_cset(type, H5T_CSET_UTF8);
    }
    return type;
}

/* Spaces and lists that hundreds of objects share. */
static hid_t scalar_space(void)
{
    static hid_t space;
    if (space <= 0)
        space = H5Screate(H5S_SCALAR);
    return space;
}

static hid_t dataset_list(void)
{
    static hid_t list;
    if (list <= 0)
        list = gf_h5_creation_list(H5P_DATASET_CREATE);
    return list;
}

hid_t gf_h5_group_new(hid_t parent, const char *name)
{
    hid_t list = gf_h5_creation_list(H5P_GROUP_CREATE);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Pclose(list);
    return group;
}

/* Large datasets begin where pages begin, and pieces of a column are written there: a system that keeps files
 * in large pages then takes a piece into one page of its own instead of many small ones. What lies between is
 * a hole. */
enum { LARGE_DATASET = 1 << 18, LARGE_PAGE = 1 << 16 };

hid_t gf_h5_file_new(const char *name)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = gf_h5_creation_list(H5P_FILE_CREATE);
    H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    H5Pset_alignment(access, LARGE_DATASET, LARGE_PAGE);
    H5Pset_sieve_buf_size(access, 0); /* hyperslabs are large: write them straight through */
    hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
    H5Pclose(creation);
    H5Pclose(access);
    return file;
}

static int put_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type, hid_t space,
                         const void *value)
{
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    int result = attribute < 0 ? -1 : H5Awrite(attribute, memory_type, value);
    if (attribute >= 0)
        H5Aclose(attribute);
    return result;
}

int gf_h5_put_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = gf_h5_text_type();
    return put_attribute(object, name, type, type, scalar_space(), &text);
}

int gf_h5_put_int(hid_t object, const char *name, int64_t value)
{
    return put_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar_space(), &value);
}

int gf_h5_put_real(hid_t object, const char *name, double value)
{
    return put_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, scalar_space(), &value);
}

int gf_h5_put_list(hid_t object, const char *name, hid_t type, hsize_t n, const void *values)
{
    hid_t space = H5Screate_simple(1, &n, NULL);
    int result = put_attribute(object, name, type, type, space, values);
    H5Sclose(space);
    return result;
}

hid_t gf_h5_dataset_new(hid_t group, const gf_column *column, int is_text, int rank, const hsize_t *size)
{
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t type = is_text                          ? gf_h5_text_type()
                 : column->is_integer == GF_INDEX ? H5T_STD_I64LE
                 : column->is_integer             ? H5T_STD_I32LE
                                                  : H5T_IEEE_F64LE;
    hid_t dataset = H5Dcreate2(group, column->name, type, space, H5P_DEFAULT, dataset_list(), H5P_DEFAULT);
    H5Sclose(space);
    if (dataset >= 0 && (gf_h5_put_text(dataset, "units", column->unit) < 0 ||
                         gf_h5_put_text(dataset, "long_name", column->long_name) < 0)) {
        H5Dclose(dataset);
        return -1;
    }
    return dataset;
}

/* Opens an attribute if it exists and is a scalar of the class. */
static hid_t open_attribute(hid_t object, const char *name, H5T_class_t wanted)
{
    if (H5Aexists(object, name) <= 0)
        return -1;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    int fits = H5Tget_class(type) == wanted && H5Sget_simple_extent_npoints(space) == 1 &&
               (wanted != H5T_STRING || H5Tis_variable_str(type) > 0);
    H5Tclose(type);
    H5Sclose(space);
    if (!fits) {
        H5Aclose(attribute);
        return -1;
    }
    return attribute;
}

int gf_h5_get_text(hid_t object, const char *name, char **text)
{
    char *stored = NULL;
    *text = NULL;
    hid_t attribute = open_attribute(object, name, H5T_STRING);
    if (attribute < 0)
        return -1;
    if (H5Aread(attribute, gf_h5_text_type(), &stored) >= 0 && stored != NULL)
        *text = strdup(stored);
    if (stored != NULL)
        H5free_memory(stored);
    H5Aclose(attribute);
    return *text != NULL ? 0 : -1;
}

int gf_h5_get_int(hid_t object, const char *name, int64_t *value)
{
    hid_t attribute = open_attribute(object, name, H5T_INTEGER);
    if (attribute < 0)
        return -1;
    int result = H5Aread(attribute, H5T_NATIVE_INT64, value);
    H5Aclose(attribute);
    return result;
}

int gf_h5_get_real(hid_t object, const char *name, double *value)
{
    hid_t attribute = open_attribute(object, name, H5T_FLOAT);
    if (attribute < 0)
        return -1;
    int result = H5Aread(attribute, H5T_NATIVE_DOUBLE, value);
    H5Aclose(attribute);
    return result;
}

/* Turns the n whole numbers in values[n] into doubles, where they are: HDF5 takes far longer. */
static void widen_indices(double *values, hsize_t n)
{
    for (hsize_t i = 0; i < n; i++) {
        int64_t whole;
        memcpy(&whole, &values[i], sizeof whole);
        values[i] = (double)whole;
    }
}

/* The same of int32, which fill the second half of values[n]: those not yet read are never written over. */
static void widen_counts(double *values, hsize_t n)
{
    enum { PIECE = 256 };
    int32_t counts[PIECE];
    const char *stored = (const char *)values + n * sizeof counts[0];
    for (hsize_t first = 0; first < n; first += PIECE) {
        const hsize_t m = n - first < PIECE ? n - first : PIECE;
        memcpy(counts, stored + first * sizeof counts[0], m * sizeof counts[0]);
        for (hsize_t i = 0; i < m; i++)
            values[first + i] = counts[i];
    }
}

int gf_h5_read_rows(hid_t dataset, hsize_t first, hsize_t n, double *values)
{
    if (n == 0)
        return 0;
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, &n, NULL);
    hid_t type = H5Dget_type(dataset);
    const int is_count = H5Tequal(type, H5T_NATIVE_INT32) > 0,
              is_index = H5Tequal(type, H5T_NATIVE_INT64) > 0;
    const hid_t in_memory = is_count ? H5T_NATIVE_INT32 : is_index ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
    void *place = is_count ? (char *)values + n * sizeof(int32_t) : (void *)values;
    int failed = H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0 ||
                 H5Dread(dataset, in_memory, memory, space, H5P_DEFAULT, place) < 0;
    if (!failed && is_count)
        widen_counts(values, n);
    else if (!failed && is_index)
        widen_indices(values, n);
    H5Tclose(type);
    H5Sclose(memory);
    H5Sclose(space);
    return failed ? -1 : 0;
}
