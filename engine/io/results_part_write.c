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
    free(part);
}

static gf_part *part_new(const char *path, const gf_part_info *info)
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
    if (part->file >= 0)
        H5Fclose(part->file);
    gf_draft_drop(part->draft);
    if (part->temporary != NULL)
        unlink(part->temporary);
    free_part(part);
}

static void put_attributes(gf_draft_object *root, const gf_part_info *info)
{
    char version[32], seed[24], identity[24];
    snprintf(version, sizeof version, "%d.%d", GF_PART_MAJOR, GF_PART_MINOR);
    snprintf(seed, sizeof seed, "0x%016" PRIx64, info->seed);
    snprintf(identity, sizeof identity, "0x%016" PRIx64, info->identity);
    gf_draft_put_text(root, "filetype", GF_PART_FILETYPE);
    gf_draft_put_text(root, "format_version", version);
    gf_draft_put_text(root, "program_version", info->program_version);
    gf_draft_put_text(root, "revision", info->revision);
    gf_draft_put_text(root, "scenario", info->scenario);
    gf_draft_put_text(root, "seed", seed);
    gf_draft_put_text(root, "identity", identity);
    gf_draft_put_int(root, "portfolios_total", (int64_t)info->portfolios_total);
    gf_draft_put_int(root, "first_portfolio", (int64_t)info->first_portfolio);
    gf_draft_put_int(root, "portfolios", (int64_t)info->n_portfolios);
    gf_draft_put_int(root, "shard", info->shard);
    gf_draft_put_int(root, "shards", info->n_shards);
    gf_draft_put_text(root, "config", info->config_text);
}

static void make_datasets(gf_part *part)
{
    static const char *const meanings[GF_PART_N_MATRICES] = {
        "results by portfolio, rows in the order of the columns", "series and quarter by portfolio",
        "startup column and startup by portfolio"};
    const gf_part_info *info = &part->info;
    for (int m = 0; m < GF_PART_N_MATRICES; m++) {
        const uint64_t size[2] = {info->rows[m], info->portfolios[m]};
        const gf_column column = {gf_part_matrix_names[m], "1", meanings[m], 0, NULL};
        if (size[0] > 0 && size[1] > 0)
            part->drafted[m] = gf_draft_dataset(gf_draft_root(part->draft), &column, 2, size);
    }
}

static gf_status fail_to_write(const gf_part *part, int problem, gf_error *error)
{
    return gf_draft_fail(error, GF_IO, part->path, "write", problem);
}

gf_status gf_part_create(gf_part **out, const char *path, const gf_part_info *info, gf_error *error)
{
    *out = NULL;
    gf_status status = gf_temporary_check_target(path, error);
    if (status != GF_OK)
        return status;
    gf_part *part = part_new(path, info);
    if (part != NULL)
        part->temporary = gf_temporary_name(path);
    if (part == NULL || part->temporary == NULL) {
        gf_part_close(part);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    }
    gf_temporary_sweep(path);
    uint64_t rows = 0;
    for (int m = 0; m < GF_PART_N_MATRICES; m++)
        rows += info->rows[m] * info->portfolios[m] * sizeof(double);
    int problem =
        gf_draft_begin(&part->draft, part->temporary, (gf_draft_size){rows, rows}, info->is_scratch);
    if (problem != 0) {
        status = gf_draft_fail_to_begin(error, path, problem);
    } else {
        put_attributes(gf_draft_root(part->draft), info);
        make_datasets(part);
        problem = gf_draft_problem(part->draft);
        if (problem != 0)
            status = fail_to_write(part, problem, error);
    }
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    *out = part;
    return GF_OK;
}

gf_status gf_part_write(gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n, const double *values,
                        size_t stride, gf_error *error)
{
    const uint64_t n_rows = part->info.rows[matrix], n_all = part->info.portfolios[matrix];
    assert(first + n <= n_all);
    for (uint64_t row = 0; row < n_rows && n > 0; row++) {
        const int problem =
            gf_draft_write(part->drafted[matrix], row * n_all + first, n, values + row * stride);
        if (problem != 0)
            return fail_to_write(part, problem, error);
    }
    const int problem = first + n < n_all ? gf_draft_hurry(part->draft) : 0;
    return problem != 0 ? fail_to_write(part, problem, error) : GF_OK;
}

gf_status gf_part_write_words(gf_part *part, gf_part_list list, const int64_t *words, size_t n,
                              gf_error *error)
{
    static const char *const meanings[GF_PART_N_LISTS] = {"packed sketches of the columns",
                                                          "sums of the rule by which the run may stop"};
    const uint64_t size = n;
    const gf_column column = {gf_part_list_names[list], "1", meanings[list], GF_INDEX, NULL};
    assert(n > 0);
    const int problem =
        gf_draft_write(gf_draft_dataset(gf_draft_root(part->draft), &column, 1, &size), 0, n, words);
    return problem != 0 ? fail_to_write(part, problem, error) : GF_OK;
}

gf_status gf_part_commit(gf_part *part, gf_error *error)
{
    assert(!part->info.is_scratch);
    const int problem = gf_draft_end(part->draft);
    part->draft = NULL;
    gf_status status = problem != 0 ? fail_to_write(part, problem, error)
                                    : gf_temporary_publish(part->temporary, part->path, error);
    if (problem == 0) {
        free(part->temporary); /* published or removed */
        part->temporary = NULL;
    }
    gf_part_close(part);
    return status;
}
