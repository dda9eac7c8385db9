/* The small HDF5 vocabulary of the readers: errors in words, attributes, rows. */
#include "io/results_hdf5.h"
#include "io/whole.h"

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
    H5dont_atexit(); /* everything is closed explicitly; a damaged file makes the exit handler stumble */
    memset(&failure, 0, sizeof failure);
    H5Eset_auto2(H5E_DEFAULT, note_failure, NULL);
}

gf_status gf_h5_fail(gf_error *error, gf_status status, const char *path, const char *doing)
{
    const char *reason = failure.system_errno != 0 ? strerror(failure.system_errno) : failure.innermost;
    gf_error_set(error, status, "cannot %s %s: %s", doing, path,
                 reason[0] != '\0' ? reason : "unknown reason");
    memset(&failure, 0, sizeof failure);
    return status;
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
    if (!failed)
        gf_whole_to_doubles(is_count ? GF_COUNT : is_index ? GF_INDEX : 0, values, n);
    H5Tclose(type);
    H5Sclose(memory);
    H5Sclose(space);
    return failed ? -1 : 0;
}
