/* Writer of the file of a sweep. */
#include "io/sweep_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/results.h"
#include "io/results_hdf5.h"
#include "io/results_scales.h"
#include "io/results_temporary.h"

static int put_attributes(hid_t file, const gf_sweep_file *s)
{
    char version[32], seed[24];
    snprintf(version, sizeof version, "%d.%d", GF_SWEEP_MAJOR, GF_SWEEP_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, s->seed);
    const int failed =
        gf_h5_put_text(file, "filetype", GF_SWEEP_FILETYPE) < 0 ||
        gf_h5_put_text(file, "format_version", version) < 0 ||
        gf_h5_put_text(file, "program_version", gf_program_version()) < 0 ||
        gf_h5_put_text(file, "sweep", s->name) < 0 || gf_h5_put_text(file, "method", s->method) < 0 ||
        gf_h5_put_text(file, "seed", seed) < 0 || gf_h5_put_int(file, "points", (int64_t)s->n_points) < 0 ||
        gf_h5_put_int(file, "portfolios", (int64_t)s->portfolios) < 0 ||
        gf_h5_put_text(file, "design", s->design_text) < 0 ||
        gf_h5_put_text(file, "config", s->config_text) < 0;
    return failed ? -1 : 0;
}

/* A dataset of doubles (or, of whole numbers, int64) along scales[rank], written at once. */
static int put_dataset(hid_t group, const gf_column *column, gf_h5_scale *const *scales, int rank,
                       const hsize_t *size, const double *values)
{
    hid_t dataset = gf_h5_dataset_new(group, column, 0, rank, size);
    /* HDF5 converts doubles that are whole */
    const int failed = gf_h5_attach(dataset, scales, rank) < 0 ||
                       H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    return failed ? -1 : 0;
}

static int put_number(hid_t group, gf_h5_scale *point, const gf_sweep_file *s, size_t k)
{
    char name[160], meaning[320];
    const hsize_t n = s->n_points;
    const gf_column *number = &s->numbers[k];
    const gf_column error = {name, number->unit, meaning, 0, NULL};
    snprintf(name, sizeof name, "%s_se", number->name);
    snprintf(meaning, sizeof meaning, "Monte Carlo standard error: %s", number->long_name);
    return put_dataset(group, number, &point, 1, &n, s->values + k * s->n_points) < 0 ||
                   put_dataset(group, &error, &point, 1, &n, s->errors + k * s->n_points) < 0
               ? -1
               : 0;
}

static int put_points(hid_t file, const gf_sweep_file *s)
{
    const gf_column index = {"point", "1", "point of the design", GF_INDEX, NULL};
    const hsize_t n = s->n_points;
    gf_h5_scale point = {0};
    int64_t *indices = malloc(s->n_points * sizeof *indices);
    hid_t group = gf_h5_group_new(file, "points");
    for (size_t i = 0; i < s->n_points && indices != NULL; i++)
        indices[i] = (int64_t)i;
    int failed = indices == NULL || group < 0 || gf_h5_scale_new(&point, group, &index, n, indices) < 0;
    for (size_t k = 0; k < s->n_keys && !failed; k++) {
        gf_h5_scale *const scale = &point;
        failed = put_dataset(group, &s->keys[k], &scale, 1, &n, s->points + k * s->n_points) < 0;
    }
    for (size_t k = 0; k < s->n_numbers && !failed; k++)
        failed = put_number(group, &point, s, k) < 0;
    failed |= gf_h5_scale_close(&point) < 0;
    if (group >= 0)
        H5Gclose(group);
    free(indices);
    return failed ? -1 : 0;
}

static int put_indices(hid_t file, const gf_sweep_file *s)
{
    const gf_column of_number = {"number", "1", "number of the sweep", 0, NULL},
                    of_key = {"key", "1", "key that is varied", 0, NULL};
    const struct {
        gf_column column;
        const double *values;
    } tables[] = {
        {{"first_order", "1", "share of the variance that the key alone is behind", 0, NULL}, s->first},
        {{"first_order_se", "1", "standard error of first_order, by points and by luck", 0, NULL},
         s->first_se},
        {{"total", "1", "share of the variance that the key and its interactions are behind", 0, NULL},
         s->total},
        {{"total_se", "1", "standard error of total, by points and by luck", 0, NULL}, s->total_se}};
    const gf_column noise = {"noise", "1", "mean squared Monte Carlo error over the variance of the values",
                             0, NULL};
    const hsize_t size[2] = {s->n_numbers, s->n_keys};
    hid_t group = gf_h5_group_new(file, "indices");
    gf_h5_scale number = {0}, key = {0};
    gf_h5_scale *const scales[2] = {&number, &key};
    int failed = group < 0 || gf_h5_names_new(&number, group, &of_number, size[0], s->numbers) < 0 ||
                 gf_h5_names_new(&key, group, &of_key, size[1], s->keys) < 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables && !failed; t++)
        failed = put_dataset(group, &tables[t].column, scales, 2, size, tables[t].values) < 0;
    failed = failed || put_dataset(group, &noise, scales, 1, size, s->noise) < 0;
    failed |= gf_h5_scale_close(&number) < 0;
    failed |= gf_h5_scale_close(&key) < 0;
    if (group >= 0)
        H5Gclose(group);
    return failed ? -1 : 0;
}

/* Everything into a file under its temporary name. */
static gf_status write_all(const char *temporary, const char *path, const gf_sweep_file *s,
                           const gf_provenance *provenance, gf_error *error)
{
    hid_t file = gf_h5_file_new(temporary);
    if (file < 0)
        return gf_h5_fail(error, gf_h5_errno() == ENOSPC ? GF_IO : GF_CREATE, path, "create");
    const int failed = put_attributes(file, s) < 0 || put_points(file, s) < 0 ||
                       (s->first != NULL && put_indices(file, s) < 0) ||
                       gf_h5_put_provenance(file, provenance) < 0 || H5Fflush(file, H5F_SCOPE_GLOBAL) < 0;
    gf_status status = failed ? gf_h5_fail(error, GF_IO, path, "write") : GF_OK;
    if (failed && truncate(temporary, 0) != 0) /* on a full disk: room for closing */
        unlink(temporary);
    if (H5Fclose(file) < 0 && status == GF_OK)
        status = gf_h5_fail(error, GF_IO, path, "close");
    return status;
}

gf_status gf_sweep_file_check(const char *path, gf_error *error)
{
    return gf_temporary_check_target(path, error);
}

static int has_text(hid_t file, const char *name, const char *wanted)
{
    char *text = NULL;
    const int is_same = gf_h5_get_text(file, name, &text) >= 0 && strcmp(text, wanted) == 0;
    free(text);
    return is_same;
}

static int has_int(hid_t file, const char *name, uint64_t wanted)
{
    int64_t value;
    return gf_h5_get_int(file, name, &value) >= 0 && value >= 0 && (uint64_t)value == wanted;
}

int gf_sweep_file_holds(const char *path, const gf_sweep_file *s)
{
    char seed[24];
    if (!gf_results_is_finished(path))
        return 0;
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, s->seed);
    const int is_same = file >= 0 && has_text(file, "filetype", GF_SWEEP_FILETYPE) &&
                        has_text(file, "program_version", gf_program_version()) &&
                        gf_h5_is_of_this_revision(file) && has_text(file, "seed", seed) &&
                        has_text(file, "design", s->design_text) &&
                        has_text(file, "config", s->config_text) && has_int(file, "points", s->n_points) &&
                        has_int(file, "portfolios", s->portfolios);
    if (file >= 0)
        H5Fclose(file);
    return is_same;
}

gf_status gf_sweep_file_write(const char *path, const gf_sweep_file *s, const gf_provenance *provenance,
                              gf_error *error)
{
    gf_status status = gf_temporary_check_target(path, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    char *temporary = gf_temporary_name(path);
    if (temporary == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    gf_temporary_sweep(path);
    status = write_all(temporary, path, s, provenance, error);
    if (status == GF_OK)
        status = gf_temporary_publish(temporary, path, NULL, 0, error);
    else
        unlink(temporary);
    free(temporary);
    return status;
}
