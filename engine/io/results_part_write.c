/* Writer of parts. */
#include "io/results_part.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/results_temporary.h"

const char *const gf_part_matrix_names[GF_PART_N_MATRICES] = {"columns", "series", "startups"};
const char *const gf_part_list_names[GF_PART_N_LISTS] = {"sketches", "stop"};

void gf_part_forget_datasets(gf_part *part)
{
    for (int m = 0; m < GF_PART_N_MATRICES; m++)
        part->matrices[m] = -1;
    for (int l = 0; l < GF_PART_N_LISTS; l++)
        part->lists[l] = -1;
}

static void free_part(gf_part *part)
{
    free((char *)(uintptr_t)part->info.scenario);
    free((char *)(uintptr_t)part->info.config_text);
    free((char *)(uintptr_t)part->info.program_version);
    free((char *)(uintptr_t)part->info.revision);
    free(part->path);
    free(part->temporary);
    free(part->crcs);
    free(part);
}

gf_part *gf_part_new(const char *path, const gf_part_info *info)
{
    gf_part *part = calloc(1, sizeof *part);
    if (part == NULL)
        return NULL;
    part->info = *info;
    part->info.scenario = strdup(info->scenario);
    part->info.config_text = strdup(info->config_text);
    part->info.program_version = strdup(info->program_version);
    part->info.revision = strdup(info->revision);
    part->path = strdup(path);
    part->file = -1;
    gf_part_forget_datasets(part);
    if (part->info.scenario != NULL && part->info.config_text != NULL && part->info.program_version != NULL &&
        part->info.revision != NULL && part->path != NULL)
        return part;
    free_part(part);
    return NULL;
}

static void close_datasets(gf_part *part)
{
    for (int m = 0; m < GF_PART_N_MATRICES; m++)
        if (part->matrices[m] >= 0)
            H5Dclose(part->matrices[m]);
    for (int l = 0; l < GF_PART_N_LISTS; l++)
        if (part->lists[l] >= 0)
            H5Dclose(part->lists[l]);
    gf_part_forget_datasets(part);
}

void gf_part_close(gf_part *part)
{
    if (part == NULL)
        return;
    close_datasets(part);
    if (part->file >= 0) {
        if (part->temporary != NULL &&
            truncate(part->temporary, 0) != 0) /* on a full disk: room for closing */
            unlink(part->temporary);
        H5Fclose(part->file);
    }
    if (part->temporary != NULL)
        unlink(part->temporary);
    free_part(part);
}

static int put_attributes(hid_t file, const gf_part_info *info)
{
    char version[32], seed[24], identity[24];
    snprintf(version, sizeof version, "%d.%d", GF_PART_MAJOR, GF_PART_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, info->seed);
    snprintf(identity, sizeof identity, "0x%016" PRIx64, info->identity);
    int failed = gf_h5_put_text(file, "filetype", GF_PART_FILETYPE) < 0 ||
                 gf_h5_put_text(file, "format_version", version) < 0 ||
                 gf_h5_put_text(file, "program_version", info->program_version) < 0 ||
                 gf_h5_put_text(file, "revision", info->revision) < 0 ||
                 gf_h5_put_text(file, "scenario", info->scenario) < 0 ||
                 gf_h5_put_text(file, "seed", seed) < 0 || gf_h5_put_text(file, "identity", identity) < 0 ||
                 gf_h5_put_int(file, "portfolios_total", (int64_t)info->portfolios_total) < 0 ||
                 gf_h5_put_int(file, "first_portfolio", (int64_t)info->first_portfolio) < 0 ||
                 gf_h5_put_int(file, "portfolios", (int64_t)info->n_portfolios) < 0 ||
                 gf_h5_put_int(file, "shard", info->shard) < 0 ||
                 gf_h5_put_int(file, "shards", info->n_shards) < 0 ||
                 gf_h5_put_text(file, "config", info->config_text) < 0;
    return failed ? -1 : 0;
}

static int make_datasets(gf_part *part)
{
    static const char *const meanings[GF_PART_N_MATRICES] = {
        "results by portfolio, rows in the order of the columns", "series and quarter by portfolio",
        "startup column and startup by portfolio"};
    const gf_part_info *info = &part->info;
    for (int m = 0; m < GF_PART_N_MATRICES; m++) {
        const hsize_t size[2] = {info->rows[m], info->portfolios[m]};
        const gf_column column = {gf_part_matrix_names[m], "1", meanings[m], 0, NULL};
        if (size[0] == 0 || size[1] == 0)
            continue;
        part->matrices[m] = gf_h5_dataset_new(part->file, &column, 0, 2, size);
        if (part->matrices[m] < 0)
            return -1;
    }
    return 0;
}

gf_status gf_part_create(gf_part **out, const char *path, const gf_part_info *info, gf_error *error)
{
    *out = NULL;
    gf_status status = gf_temporary_check_target(path, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    gf_part *part = gf_part_new(path, info);
    if (part != NULL) {
        part->temporary = gf_temporary_name(path);
        part->crcs = info->is_scratch ? NULL : calloc(info->rows[GF_PART_COLUMNS] + 1, sizeof *part->crcs);
    }
    if (part == NULL || part->temporary == NULL || (part->crcs == NULL && !info->is_scratch)) {
        gf_part_close(part);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    }
    gf_temporary_sweep(path);
    part->file = gf_h5_file_new(part->temporary);
    if (part->file < 0)
        status = gf_h5_fail(error, gf_h5_errno() == ENOSPC ? GF_IO : GF_CREATE, path, "create");
    else if (put_attributes(part->file, info) < 0 || make_datasets(part) < 0 ||
             H5Fflush(part->file, H5F_SCOPE_GLOBAL) < 0)
        status = gf_h5_fail(error, GF_IO, path, "write");
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    *out = part;
    return GF_OK;
}

int gf_part_select(hid_t dataset, const hsize_t first[2], const hsize_t count[2], hsize_t stride,
                   hid_t *memory, hid_t *space)
{
    const hsize_t zero[2] = {0, 0}, size[2] = {count[0], stride};
    *space = H5Dget_space(dataset);
    *memory = H5Screate_simple(2, size, NULL);
    return *space < 0 || *memory < 0 ||
                   H5Sselect_hyperslab(*space, H5S_SELECT_SET, first, NULL, count, NULL) < 0 ||
                   H5Sselect_hyperslab(*memory, H5S_SELECT_SET, zero, NULL, count, NULL) < 0
               ? -1
               : 0;
}

gf_status gf_part_write(gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n, const double *values,
                        size_t stride, gf_error *error)
{
    const hsize_t from[2] = {0, first}, count[2] = {part->info.rows[matrix], n};
    hid_t memory = -1, space = -1;
    if (n == 0 || count[0] == 0)
        return GF_OK;
    assert(first + n <= part->info.portfolios[matrix]);
    gf_h5_listen();
    const int failed =
        gf_part_select(part->matrices[matrix], from, count, stride, &memory, &space) < 0 ||
        H5Dwrite(part->matrices[matrix], H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) < 0;
    H5Sclose(memory);
    H5Sclose(space);
    for (uint64_t row = 0; matrix == GF_PART_COLUMNS && part->crcs != NULL && row < count[0]; row++)
        gf_running_crc_add(&part->crcs[row], first * 8, values + row * stride, n * 8);
    return failed ? gf_h5_fail(error, GF_IO, part->path, "write") : GF_OK;
}

gf_status gf_part_write_words(gf_part *part, gf_part_list list, const int64_t *words, size_t n,
                              gf_error *error)
{
    static const char *const meanings[GF_PART_N_LISTS] = {"packed sketches of the columns",
                                                          "sums of the rule by which the run may stop"};
    const hsize_t size = n;
    const gf_column column = {gf_part_list_names[list], "1", meanings[list], GF_INDEX, NULL};
    hid_t *dataset = &part->lists[list];
    assert(*dataset < 0 && n > 0);
    *dataset = gf_h5_dataset_new(part->file, &column, 0, 1, &size);
    if (*dataset < 0 || H5Dwrite(*dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) < 0)
        return gf_h5_fail(error, GF_IO, part->path, "write");
    return GF_OK;
}

/* What is known of the columns, row by row: known[rows]. */
static size_t list_known(const gf_part *part, gf_known_crc *known)
{
    const uint64_t n_rows = part->info.rows[GF_PART_COLUMNS], n = part->info.portfolios[GF_PART_COLUMNS];
    const hid_t columns = part->matrices[GF_PART_COLUMNS];
    const haddr_t start = columns >= 0 ? H5Dget_offset(columns) : HADDR_UNDEF;
    size_t n_known = 0;
    for (uint64_t row = 0; row < n_rows && start != HADDR_UNDEF; row++)
        if (gf_running_crc_covers(&part->crcs[row], n * 8))
            known[n_known++] =
                (gf_known_crc){(int64_t)(start + row * n * 8), (int64_t)(n * 8), part->crcs[row].crc};
    return n_known;
}

/* Flushes and closes the file of a part whose datasets are closed. */
static gf_status close_file(gf_part *part, gf_error *error)
{
    if (H5Fflush(part->file, H5F_SCOPE_GLOBAL) < 0)
        return gf_h5_fail(error, GF_IO, part->path, "write");
    if (H5Fclose(part->file) < 0)
        return gf_h5_fail(error, GF_IO, part->path, "close");
    part->file = -1;
    return GF_OK;
}

gf_status gf_part_commit(gf_part *part, gf_error *error)
{
    gf_known_crc *known = malloc((part->info.rows[GF_PART_COLUMNS] + 1) * sizeof *known);
    assert(part->crcs != NULL);
    const size_t n_known = known != NULL ? list_known(part, known) : 0;
    close_datasets(part);
    gf_status status =
        known != NULL ? close_file(part, error)
                      : gf_error_set(error, GF_MEMORY, "out of memory for the checksum of %s", part->path);
    if (status == GF_OK) {
        status = gf_temporary_publish(part->temporary, part->path, known, n_known, error);
        free(part->temporary);
        part->temporary = NULL;
    }
    free(known);
    gf_part_close(part);
    return status;
}
