/* Reader of parts: checksum first, then HDF5. */
#include "io/results_part.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/results_checksum.h"

const gf_part_info *gf_part_about(const gf_part *part)
{
    return &part->info;
}

/* A damaged file must not reach HDF5, which may crash on it. */
static gf_status check_file(const char *path, gf_error *error)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return gf_error_set(error, GF_NO_INPUT, "cannot open %s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return gf_error_set(error, GF_NO_INPUT, "cannot open %s: it is %s, expected a part or shard", path,
                            S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
    switch (gf_checksum_verify(path)) {
    case GF_CHECKSUM_RIGHT:
        return GF_OK;
    case GF_CHECKSUM_UNREADABLE:
        return gf_error_set(error, GF_NO_INPUT, "cannot read %s: %s", path, strerror(errno));
    case GF_CHECKSUM_WRONG:
        return gf_error_set(error, GF_CONFIG, "%s: damaged: its checksum is not that of its bytes", path);
    case GF_CHECKSUM_ABSENT:
        break;
    }
    return gf_error_set(error, GF_CONFIG, "%s: damaged or no part at all: %s", path,
                        about.st_size == 0 ? "it is empty" : "it does not end with a checksum");
}

int gf_part_is_likely(const char *path)
{
    enum { BEGINNING = 1 << 14, ROOT_AT = 64 }; /* the filetype is the first attribute of the root */
    char bytes[BEGINNING];
    uint64_t root = 0;
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) /* a pipe must not wait */
        return 0;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t n = pread(descriptor, bytes, 8, ROOT_AT);
    for (int b = 0; b < 8 && n == 8; b++)
        root |= (uint64_t)(unsigned char)bytes[b] << (8 * b);
    n = n == 8 && root < INT64_MAX ? pread(descriptor, bytes, sizeof bytes, (off_t)root) : 0;
    close(descriptor);
    return n > 0 && memmem(bytes, (size_t)n, GF_PART_FILETYPE, sizeof GF_PART_FILETYPE - 1) != NULL;
}

static int get_count(hid_t file, const char *name, uint64_t *count)
{
    int64_t value = -1;
    if (gf_h5_get_int(file, name, &value) < 0 || value < 0)
        return -1;
    *count = (uint64_t)value;
    return 0;
}

static int get_hex(hid_t file, const char *name, uint64_t *value)
{
    char *text = NULL;
    if (gf_h5_get_text(file, name, &text) < 0)
        return -1;
    char *end = text;
    if (strncmp(text, "0x", 2) == 0)
        *value = strtoull(text + 2, &end, 16);
    const int is_whole = end == text + 18 && *end == '\0';
    free(text);
    return is_whole ? 0 : -1;
}

/* Opens a dataset if it is there and notes its size; negative when it is not as it should be. */
static int open_matrix(gf_part *part, const char *name, int rank, hid_t *dataset, hsize_t size[2])
{
    size[0] = size[1] = 0;
    if (H5Lexists(part->file, name, H5P_DEFAULT) <= 0)
        return 0;
    *dataset = H5Dopen2(part->file, name, H5P_DEFAULT);
    if (*dataset < 0)
        return -1;
    hid_t space = H5Dget_space(*dataset);
    const int fits =
        H5Sget_simple_extent_ndims(space) == rank && H5Sget_simple_extent_dims(space, size, NULL) >= 0;
    H5Sclose(space);
    return fits ? 0 : -1;
}

static int open_datasets(gf_part *part)
{
    hsize_t size[2];
    for (int m = 0; m < GF_PART_N_MATRICES; m++) {
        if (open_matrix(part, gf_part_matrix_names[m], 2, &part->matrices[m], size) < 0)
            return -1;
        part->info.rows[m] = size[0];
        part->info.portfolios[m] = size[1];
    }
    for (int l = 0; l < GF_PART_N_LISTS; l++) {
        if (open_matrix(part, gf_part_list_names[l], 1, &part->lists[l], size) < 0)
            return -1;
        part->info.n_words[l] = size[0];
    }
    return 0;
}

/* Format, then what the part says of itself; the status of the first thing that is wrong. */
static gf_status read_about(gf_part *part, gf_error *error)
{
    gf_part_info *info = &part->info;
    uint64_t shard = 0, n_shards = 0;
    char *texts[6] = {NULL};
    static const char *const names[6] = {"filetype", "format_version",  "scenario",
                                         "config",   "program_version", "revision"};
    int failed = 0;
    for (int i = 0; i < 6; i++)
        failed |= gf_h5_get_text(part->file, names[i], &texts[i]) < 0;
    info->scenario = texts[2];
    info->config_text = texts[3];
    info->program_version = texts[4];
    info->revision = texts[5];
    const int is_readable =
        !failed && strcmp(texts[0], GF_PART_FILETYPE) == 0 && strtol(texts[1], NULL, 10) == GF_PART_MAJOR;
    if (!is_readable)
        gf_error_set(error, GF_CONFIG,
                     "%s: not a part or shard: filetype '%s', format '%s'; expected %s, format %d.x",
                     part->path, texts[0] != NULL ? texts[0] : "", texts[1] != NULL ? texts[1] : "",
                     GF_PART_FILETYPE, GF_PART_MAJOR);
    free(texts[0]);
    free(texts[1]);
    if (!is_readable)
        return GF_CONFIG;
    failed = get_hex(part->file, "seed", &info->seed) < 0 ||
             get_hex(part->file, "identity", &info->identity) < 0 ||
             get_count(part->file, "portfolios_total", &info->portfolios_total) < 0 ||
             get_count(part->file, "first_portfolio", &info->first_portfolio) < 0 ||
             get_count(part->file, "portfolios", &info->n_portfolios) < 0 ||
             get_count(part->file, "shard", &shard) < 0 || get_count(part->file, "shards", &n_shards) < 0 ||
             open_datasets(part) < 0;
    info->shard = (int)shard;
    info->n_shards = (int)n_shards;
    return failed ? gf_error_set(error, GF_CONFIG, "%s: damaged: not written as a part is", part->path)
                  : GF_OK;
}

gf_status gf_part_open(gf_part **out, const char *path, gf_error *error)
{
    *out = NULL;
    gf_status status = check_file(path, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    gf_part *part = calloc(1, sizeof *part);
    if (part == NULL || (part->path = strdup(path)) == NULL) {
        free(part);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    }
    part->file = -1;
    gf_part_forget_datasets(part);
    part->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    status = part->file < 0 ? gf_h5_fail(error, GF_CONFIG, path, "open") : read_about(part, error);
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    *out = part;
    return GF_OK;
}

/* Rows of a matrix that is being written. */
static gf_status read_drafted(const gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n,
                              double *values, size_t stride, gf_error *error)
{
    for (uint64_t row = 0; row < part->info.rows[matrix]; row++) {
        const int problem = gf_draft_read_numbers(
            part->drafted[matrix], row * part->info.portfolios[matrix] + first, n, values + row * stride);
        if (problem != 0)
            return gf_error_set(error, GF_IO, "cannot read %s: %s", part->path, strerror(problem));
    }
    return GF_OK;
}

/* Selects a block of a matrix, row-major in memory with `stride`; negative on failure. */
static int select_block(hid_t dataset, const hsize_t first[2], const hsize_t count[2], hsize_t stride,
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

gf_status gf_part_read(gf_part *part, gf_part_matrix matrix, uint64_t first, size_t n, double *values,
                       size_t stride, gf_error *error)
{
    const hsize_t from[2] = {0, first}, count[2] = {part->info.rows[matrix], n};
    hid_t memory = -1, space = -1;
    if (count[0] == 0 || count[1] == 0)
        return GF_OK;
    assert(first + n <= part->info.portfolios[matrix]);
    if (part->draft != NULL)
        return read_drafted(part, matrix, first, n, values, stride, error);
    const int failed =
        select_block(part->matrices[matrix], from, count, stride, &memory, &space) < 0 ||
        H5Dread(part->matrices[matrix], H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) < 0;
    H5Sclose(memory);
    H5Sclose(space);
    return failed ? gf_h5_fail(error, GF_IO, part->path, "read") : GF_OK;
}

gf_status gf_part_read_words(gf_part *part, gf_part_list list, int64_t *words, gf_error *error)
{
    if (part->lists[list] >= 0 &&
        H5Dread(part->lists[list], H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) < 0)
        return gf_h5_fail(error, GF_IO, part->path, "read");
    return GF_OK;
}
