/* Writer of the file of a sweep. */
#include "io/sweep_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/draft.h"
#include "io/results.h"
#include "io/results_hdf5.h"
#include "io/results_temporary.h"

static void put_attributes(gf_draft_object *root, const gf_sweep_file *s)
{
    char version[32], seed[24];
    snprintf(version, sizeof version, "%d.%d", GF_SWEEP_MAJOR, GF_SWEEP_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, s->seed);
    gf_draft_put_text(root, "filetype", GF_SWEEP_FILETYPE);
    gf_draft_put_text(root, "format_version", version);
    gf_draft_put_text(root, "program_version", gf_program_version());
    gf_draft_put_text(root, "sweep", s->name);
    gf_draft_put_text(root, "method", s->method);
    gf_draft_put_text(root, "seed", seed);
    gf_draft_put_int(root, "points", (int64_t)s->n_points);
    gf_draft_put_int(root, "portfolios", (int64_t)s->portfolios);
    gf_draft_put_text(root, "design", s->design_text);
    gf_draft_put_text(root, "config", s->config_text);
}

/* A dataset along scales[rank], written at once; 0 or the errno. */
static int put_dataset(gf_draft_object *group, const gf_column *column, gf_draft_object *const *scales,
                       int rank, const uint64_t *size, const double *values)
{
    gf_draft_object *dataset = gf_draft_dataset(group, column, rank, size);
    gf_draft_attach(dataset, scales);
    return gf_draft_write_numbers(dataset, 0, rank == 1 ? size[0] : size[0] * size[1], values);
}

static int put_number(gf_draft_object *group, gf_draft_object *point, const gf_sweep_file *s, size_t k)
{
    char name[160], meaning[320];
    const uint64_t n = s->n_points;
    const gf_column *number = &s->numbers[k];
    const gf_column error = {name, number->unit, meaning, 0, NULL};
    snprintf(name, sizeof name, "%s_se", number->name);
    snprintf(meaning, sizeof meaning, "Monte Carlo standard error: %s", number->long_name);
    const int problem = put_dataset(group, number, &point, 1, &n, s->values + k * s->n_points);
    return problem != 0 ? problem : put_dataset(group, &error, &point, 1, &n, s->errors + k * s->n_points);
}

static int put_points(gf_draft *draft, const gf_sweep_file *s)
{
    const gf_column index = {"point", "1", "point of the design", GF_INDEX, NULL};
    const uint64_t n = s->n_points;
    gf_draft_object *group = gf_draft_group(gf_draft_root(draft), "points"), *point;
    int problem = gf_draft_index(&point, group, &index, 0, 1, n);
    for (size_t k = 0; k < s->n_keys && problem == 0; k++)
        problem = put_dataset(group, &s->keys[k], &point, 1, &n, s->points + k * s->n_points);
    for (size_t k = 0; k < s->n_numbers && problem == 0; k++)
        problem = put_number(group, point, s, k);
    return problem;
}

/* Scale with the names of columns[n]; NULL: no memory. */
static gf_draft_object *make_names(gf_draft_object *group, const gf_column *about, const gf_column *columns,
                                   size_t n)
{
    const char **names = malloc((n + 1) * sizeof *names);
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        names[i] = columns[i].name;
    gf_draft_object *scale = gf_draft_texts(group, about, n, names);
    gf_draft_make_scale(scale);
    free(names);
    return scale;
}

static int put_indices(gf_draft *draft, const gf_sweep_file *s)
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
    const uint64_t size[2] = {s->n_numbers, s->n_keys};
    gf_draft_object *group = gf_draft_group(gf_draft_root(draft), "indices");
    gf_draft_object *number = make_names(group, &of_number, s->numbers, s->n_numbers);
    gf_draft_object *const scales[2] = {number, make_names(group, &of_key, s->keys, s->n_keys)};
    int problem = scales[0] == NULL || scales[1] == NULL ? ENOMEM : 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables && problem == 0; t++)
        problem = put_dataset(group, &tables[t].column, scales, 2, size, tables[t].values);
    return problem != 0 ? problem : put_dataset(group, &noise, scales, 1, size, s->noise);
}

/* Everything into a file under its temporary name. */
static gf_status write_all(const char *temporary, const char *path, const gf_sweep_file *s,
                           const gf_provenance *provenance, gf_error *error)
{
    gf_draft *draft;
    int problem = gf_draft_begin(&draft, temporary, (gf_draft_size){0}, 0);
    if (problem != 0)
        return gf_draft_fail_to_begin(error, path, problem);
    put_attributes(gf_draft_root(draft), s);
    problem = put_points(draft, s);
    if (problem == 0 && s->first != NULL)
        problem = put_indices(draft, s);
    if (problem == 0) {
        gf_draft_put_provenance(draft, provenance);
        problem = gf_draft_end(draft);
    } else {
        gf_draft_drop(draft);
    }
    return problem != 0 ? gf_draft_fail(error, GF_IO, path, "write", problem) : GF_OK;
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
    char *temporary = gf_temporary_name(path);
    if (temporary == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    gf_temporary_sweep(path);
    status = write_all(temporary, path, s, provenance, error);
    if (status == GF_OK)
        status = gf_temporary_publish(temporary, path, error);
    else
        unlink(temporary);
    free(temporary);
    return status;
}
