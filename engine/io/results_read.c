/* Reader of the result file: refuses what is not one, lists its columns, reads them as doubles. */
#include "io/part.h"
#include "io/sweep_file.h"
#include "io/results.h"
#include "io/results_checksum.h"
#include "io/results_numbers.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct gf_results_file {
    gf_results_info info;
    hid_t file;
    hid_t *columns; /* [n_columns] */
};

const gf_results_info *gf_results_about(const gf_results_file *file)
{
    return &file->info;
}

static void free_column(gf_column *column)
{
    free((char *)(uintptr_t)column->name);
    free((char *)(uintptr_t)column->unit);
    free((char *)(uintptr_t)column->long_name);
    free((char *)(uintptr_t)column->flag);
}

void gf_results_close(gf_results_file *file)
{
    if (file == NULL)
        return;
    gf_results_info *info = &file->info;
    for (int c = 0; file->columns != NULL && info->layout.columns != NULL && c < info->layout.n_columns;
         c++) {
        free_column(&info->layout.columns[c]);
        H5Dclose(file->columns[c]);
    }
    free(file->columns);
    free(info->layout.columns);
    free(info->path);
    free(info->scenario);
    free(info->config_text);
    free(info->models);
    free(info->stop_rule);
    if (file->file >= 0)
        H5Fclose(file->file);
    free(file);
}

/* Refuses what the system cannot open, and folders, before HDF5 words it worse. */
static gf_status check_readable(const char *path, gf_error *error)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not wait */
    if (descriptor < 0)
        return gf_error_set(error, GF_NO_INPUT, "cannot open %s: %s; expected a result file", path,
                            strerror(errno));
    int problem = fstat(descriptor, &status) != 0 ? errno : 0;
    close(descriptor);
    if (problem != 0)
        return gf_error_set(error, GF_NO_INPUT, "cannot open %s: %s; expected a result file", path,
                            strerror(problem));
    if (!S_ISREG(status.st_mode))
        return gf_error_set(error, GF_NO_INPUT, "cannot open %s: %s, expected a result file", path,
                            S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
    return GF_OK;
}

/* Copies a short text attribute into a buffer; negative when absent or too long. */
static int get_short_text(hid_t object, const char *name, char *buffer, size_t size)
{
    char *text = NULL;
    if (gf_h5_get_text(object, name, &text) < 0)
        return -1;
    int length = snprintf(buffer, size, "%s", text);
    free(text);
    return length >= 0 && (size_t)length < size ? 0 : -1;
}

static gf_status check_kind(gf_results_file *file, gf_error *error)
{
    gf_results_info *info = &file->info;
    if (get_short_text(file->file, "filetype", info->filetype, sizeof info->filetype) < 0)
        return gf_error_set(error, GF_CONFIG,
                            "%s: not a guidefund result file: it has no attribute filetype, expected '%s'",
                            info->path, GF_RESULTS_FILETYPE);
    if (strcmp(info->filetype, GF_SWEEP_FILETYPE) == 0 || strcmp(info->filetype, GF_PART_FILETYPE) == 0)
        return gf_error_set(
            error, GF_CONFIG, "%s: not a guidefund result file: filetype '%s', %s; expected '%s'", info->path,
            info->filetype,
            strcmp(info->filetype, GF_SWEEP_FILETYPE) == 0
                ? "which analysis/python/sweep.py prints"
                : "which guidefund merge puts together with others, and guidefund sweep those "
                  "of a sweep",
            GF_RESULTS_FILETYPE);
    if (strcmp(info->filetype, GF_RESULTS_FILETYPE) != 0)
        return gf_error_set(error, GF_CONFIG,
                            "%s: not a guidefund result file: attribute filetype is '%s', expected '%s'",
                            info->path, info->filetype, GF_RESULTS_FILETYPE);
    if (get_short_text(file->file, "format_version", info->version, sizeof info->version) < 0 ||
        strtol(info->version, NULL, 10) != GF_RESULTS_MAJOR)
        return gf_error_set(error, GF_CONFIG, "%s: format_version is '%s'; this program (%s) expected %d.x",
                            info->path, info->version, gf_program_version(), GF_RESULTS_MAJOR);
    return GF_OK;
}

static int get_count(hid_t object, const char *name, uint64_t *count)
{
    int64_t value = 0;
    if (gf_h5_get_int(object, name, &value) < 0 || value < 0)
        return -1;
    *count = (uint64_t)value;
    return 0;
}

/* "0x" and 16 hexadecimal digits */
static int parse_seed(const char *text, uint64_t *seed)
{
    char *end = NULL;
    *seed = strtoull(text, &end, 16);
    return strncmp(text, "0x", 2) == 0 && strlen(text) == 18 && *end == '\0' ? 0 : -1;
}

/* Name of the first attribute that is absent or wrong, or NULL. */
static const char *read_attributes(gf_results_file *file)
{
    gf_results_info *info = &file->info;
    hid_t h = file->file;
    uint64_t quarters = 0;
    const struct {
        const char *name;
        uint64_t *target;
    } counts[] = {{"portfolios", &info->n_portfolios},
                  {"portfolios_total", &info->portfolios_total},
                  {"first_portfolio", &info->first_portfolio},
                  {"portfolios_kept", &info->n_kept},
                  {"first_kept", &info->first_kept},
                  {"keep_every", &info->keep_every},
                  {"quarters_of", &info->quarters_of},
                  {"startup_rows", &info->n_startup_rows},
                  {"quarters", &quarters}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (get_count(h, counts[i].name, counts[i].target) < 0)
            return counts[i].name;
    info->n_quarters = (int)quarters;
    if (gf_h5_get_text(h, "scenario", &info->scenario) < 0)
        return "scenario";
    if (gf_h5_get_text(h, "config", &info->config_text) < 0)
        return "config";
    if (gf_h5_get_text(h, "models", &info->models) < 0)
        return "models";
    if (get_short_text(h, "program_version", info->program_version, sizeof info->program_version) < 0)
        return "program_version";
    if (get_short_text(h, "seed", info->seed_text, sizeof info->seed_text) < 0 ||
        parse_seed(info->seed_text, &info->seed) < 0)
        return "seed";
    if (gf_h5_get_real(h, "tail_index", &info->tail_index) < 0)
        return "tail_index";
    if (gf_h5_get_real(h, "tail_cap", &info->tail_cap) < 0)
        return "tail_cap";
    int64_t is_met = 0;
    if (gf_h5_get_text(h, "stop_rule", &info->stop_rule) == 0 && gf_h5_get_int(h, "stop_met", &is_met) < 0)
        return "stop_met";
    info->is_stop_met = is_met != 0;
    info->is_of_this_revision = gf_h5_is_of_this_revision(h);
    return NULL;
}

static int is_of_engine(const char *name)
{
    for (int c = 0; c < GF_N_COLUMNS; c++)
        if (strcmp(gf_columns[c].name, name) == 0)
            return 1;
    return 0;
}

/* Name, unit, type and length of a dataset into `column`; negative when it does not fit the format. */
static int describe(hid_t dataset, const char *name, uint64_t rows, gf_column *column)
{
    char *text = NULL;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    H5T_class_t class = H5Tget_class(type);
    int fits = (class == H5T_FLOAT || class == H5T_INTEGER) && H5Sget_simple_extent_ndims(space) == 1 &&
               H5Sget_simple_extent_npoints(space) == (hssize_t)rows;
    const int is_integer = class != H5T_INTEGER                  ? 0
                           : H5Tget_size(type) > sizeof(int32_t) ? GF_INDEX
                                                                 : GF_COUNT;
    H5Tclose(type);
    H5Sclose(space);
    *column = (gf_column){.name = strdup(name), .is_integer = is_integer};
    if (gf_h5_get_text(dataset, "units", &text) >= 0)
        column->unit = text;
    if (gf_h5_get_text(dataset, "long_name", &text) >= 0)
        column->long_name = text;
    if (gf_h5_get_text(dataset, "flag", &text) >= 0)
        column->flag = text;
    if (!is_of_engine(name)) { /* others may have added theirs without these */
        if (column->unit == NULL)
            column->unit = strdup("");
        if (column->long_name == NULL)
            column->long_name = strdup("");
    }
    return fits && column->name != NULL && column->unit != NULL && column->long_name != NULL ? 0 : -1;
}

static gf_status damaged(const gf_results_file *file, const char *what, gf_error *error)
{
    return gf_error_set(error, GF_CONFIG, "%s: damaged or incomplete: %s is missing or not as expected",
                        file->info.path, what);
}

/* Opens one dataset of /portfolios as the next column. */
static gf_status add_column(gf_results_file *file, hid_t group, const char *name, gf_error *error)
{
    gf_layout *layout = &file->info.layout;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0)
        return damaged(file, name, error);
    gf_column *column = &layout->columns[layout->n_columns];
    if (describe(dataset, name, file->info.n_kept, column) < 0) {
        free_column(column);
        H5Dclose(dataset);
        return damaged(file, name, error);
    }
    file->columns[layout->n_columns++] = dataset;
    return GF_OK;
}

/* Opens the n links of /portfolios in the order of creation. */
static gf_status open_columns(gf_results_file *file, hid_t group, hsize_t n, gf_error *error)
{
    gf_status status = GF_OK;
    for (hsize_t i = 0; i < n && status == GF_OK; i++) {
        char name[256];
        if (H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, sizeof name,
                               H5P_DEFAULT) < 0)
            status = damaged(file, "group /portfolios", error);
        else if (strcmp(name, "portfolio") != 0)
            status = add_column(file, group, name, error);
    }
    return status;
}

static gf_status list_columns(gf_results_file *file, gf_error *error)
{
    H5G_info_t group_info = {0};
    if (file->info.n_kept == 0)
        return GF_OK;
    hid_t group = H5Gopen2(file->file, "portfolios", H5P_DEFAULT);
    if (group < 0)
        return damaged(file, "group /portfolios", error);
    gf_status status =
        H5Gget_info(group, &group_info) < 0 ? damaged(file, "group /portfolios", error) : GF_OK;
    size_t n = (size_t)group_info.nlinks;
    file->info.layout.columns = calloc(n + 1, sizeof *file->info.layout.columns);
    file->columns = calloc(n + 1, sizeof *file->columns);
    if (file->info.layout.columns == NULL || file->columns == NULL)
        status = gf_error_set(error, GF_MEMORY, "out of memory for %s", file->info.path);
    else if (status == GF_OK)
        status = open_columns(file, group, n, error);
    H5Gclose(group);
    return status;
}

/* Does the file go on behind the last byte that HDF5 uses? */
static int has_surplus(hid_t file)
{
    hsize_t size = 0;
    haddr_t end = 0;
    return H5Fget_filesize(file, &size) < 0 || H5Fget_eoa(file, &end) < 0 || size != end;
}

static gf_status open_and_check(gf_results_file *file, gf_error *error)
{
    const char *path = file->info.path;
    if (H5Fis_hdf5(path) <= 0)
        return gf_error_set(error, GF_CONFIG, "%s: not an HDF5 file, expected a guidefund result file", path);
    gf_checksum checksum = gf_checksum_verify(path);
    if (checksum == GF_CHECKSUM_UNREADABLE)
        return gf_error_set(error, GF_NO_INPUT, "cannot read %s: %s; expected a result file", path,
                            strerror(errno));
    if (checksum == GF_CHECKSUM_WRONG)
        return gf_error_set(
            error, GF_CONFIG,
            "%s: damaged, or another program has it open for writing: its checksum is not that of its bytes; "
            "expected the bytes that a run "
            "wrote",
            path);
    file->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file->file < 0) {
        gf_error reason;
        gf_h5_fail(&reason, GF_CONFIG, path, "read");
        return gf_error_set(error, GF_CONFIG, "%.900s (truncated, damaged, or being written)",
                            reason.message);
    }
    if (checksum == GF_CHECKSUM_ABSENT && has_surplus(file->file))
        return gf_error_set(error, GF_CONFIG, "%s: damaged: its last line is no checksum", path);
    gf_status status = check_kind(file, error);
    if (status != GF_OK)
        return status;
    const char *missing = read_attributes(file);
    return missing != NULL ? damaged(file, missing, error) : list_columns(file, error);
}

gf_status gf_results_open(gf_results_file **out, const char *path, gf_error *error)
{
    *out = NULL;
    gf_status status = check_readable(path, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    gf_results_file *file = calloc(1, sizeof *file);
    if (file == NULL || (file->info.path = strdup(path)) == NULL) {
        free(file);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    }
    file->file = -1;
    status = open_and_check(file, error);
    if (status != GF_OK) {
        gf_results_close(file);
        return status;
    }
    *out = file;
    return GF_OK;
}

int gf_results_is_finished(const char *path)
{
    char kind[64] = "";
    if (check_readable(path, NULL) != GF_OK)
        return 0;
    gf_h5_start();
    if (H5Fis_hdf5(path) <= 0 || gf_checksum_verify(path) != GF_CHECKSUM_RIGHT)
        return 0;
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return 0;
    if (get_short_text(file, "filetype", kind, sizeof kind) < 0)
        kind[0] = '\0';
    H5Fclose(file);
    return strcmp(kind, GF_RESULTS_FILETYPE) == 0 || strcmp(kind, GF_SWEEP_FILETYPE) == 0;
}

int gf_results_find_column(const gf_results_file *file, const char *name)
{
    for (int c = 0; c < file->info.layout.n_columns; c++)
        if (strcmp(file->info.layout.columns[c].name, name) == 0)
            return c;
    return -1;
}

gf_status gf_results_read_column(gf_results_file *file, int column, uint64_t first_row, size_t n_rows,
                                 double *values, gf_error *error)
{
    assert(column >= 0 && column < file->info.layout.n_columns && first_row + n_rows <= file->info.n_kept);
    if (gf_h5_read_rows(file->columns[column], first_row, n_rows, values) < 0)
        return gf_h5_fail(error, GF_CONFIG, file->info.path, "read");
    return GF_OK;
}

gf_status gf_results_read_numbers(gf_results_file *file, gf_number **numbers, size_t *n, gf_error *error)
{
    *numbers = NULL;
    *n = 0;
    if (H5Lexists(file->file, "summary", H5P_DEFAULT) <= 0)
        return GF_OK;
    hid_t group = H5Gopen2(file->file, "summary", H5P_DEFAULT);
    if (group < 0)
        return damaged(file, "group /summary", error);
    int failed = gf_h5_read_numbers(group, numbers, n) < 0;
    H5Gclose(group);
    return failed ? damaged(file, "group /summary", error) : GF_OK;
}
