/* The result file: what is written is read back, equal runs give equal bytes, nothing half-written survives,
 * and what is not a whole result file is refused with its name and the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <hdf5_hl.h>

#include "results_fixture.h"

/* HDF5 1.10 forgets two small blocks when it refuses a truncated file, and a file that it cannot write to its
 * end. From its archive it has no file name of its own, but names that begin with H5. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5\nleak:H5";
}

static int same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Number of entries in a folder but for . and .. */
static int count_entries(const char *folder)
{
    DIR *listing = opendir(folder);
    int n = 0;
    assert_non_null(listing);
    while (readdir(listing) != NULL)
        n++;
    closedir(listing);
    return n - 2;
}

/* Bytes of the line behind the data */
enum { CHECKSUM_LINE = 34 };

static char *slurp(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    fseek(stream, 0, SEEK_END);
    *size = (size_t)ftell(stream);
    rewind(stream);
    char *bytes = malloc(*size);
    assert_int_equal(fread(bytes, 1, *size, stream), *size);
    fclose(stream);
    return bytes;
}

static void dump(const char *path, const char *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

static void what_is_written_is_read_back(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    (void)state;
    fixture_init(&f, 1000);
    assert_int_equal(fixture_write(&f, 64, 1, &error), GF_OK);
    assert_int_equal(count_entries(f.folder), 1);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    const gf_results_info *info = gf_results_about(file);
    assert_string_equal(info->scenario, "杭州 test");
    assert_string_equal(info->config_text, f.plan.config_text);
    assert_string_equal(info->seed_text, "0xfedcba9876543210");
    assert_true(info->seed == f.scenario.seed && info->n_kept == 1000 && info->n_portfolios == 1000);
    assert_true(info->tail_index == 1.4 && isinf(info->tail_cap) && info->n_quarters == FIXTURE_QUARTERS);
    assert_int_equal(info->layout.n_columns, GF_N_COLUMNS);
    double values[1000];
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        assert_string_equal(info->layout.columns[c].name, gf_columns[c].name);
        assert_string_equal(info->layout.columns[c].unit, gf_columns[c].unit);
        assert_string_equal(info->layout.columns[c].long_name, gf_columns[c].long_name);
        assert_int_equal(info->layout.columns[c].is_integer, gf_columns[c].is_integer);
        assert_int_equal(gf_results_read_column(file, c, 10, 990, values, &error), GF_OK);
        for (uint64_t p = 10; p < 1000; p++)
            assert_true(same(values[p - 10], fixture_value(p, c)));
    }
    assert_int_equal(gf_results_find_column(file, "net_tvpi"), GF_COLUMN_NET_TVPI);
    assert_int_equal(gf_results_find_column(file, "portfolio"), -1);
    gf_results_close(file);
    fixture_clear(&f);
}

static void summary_numbers_are_read_back(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    gf_number *numbers = NULL;
    size_t n = 0;
    (void)state;
    fixture_init(&f, 10);
    assert_int_equal(fixture_write(&f, 10, 0, &error), GF_OK);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    assert_int_equal(gf_results_read_numbers(file, &numbers, &n, &error), GF_OK);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(numbers[i].name, fixture_numbers[i].name);
        assert_string_equal(numbers[i].column, fixture_numbers[i].column);
        assert_string_equal(numbers[i].statistic, fixture_numbers[i].statistic);
        assert_string_equal(numbers[i].unit, fixture_numbers[i].unit);
        assert_string_equal(numbers[i].note, fixture_numbers[i].note);
        assert_true(same(numbers[i].argument, fixture_numbers[i].argument));
        assert_true(same(numbers[i].value, fixture_numbers[i].value));
        assert_true(same(numbers[i].se, fixture_numbers[i].se));
    }
    gf_numbers_free(numbers, n);
    gf_results_close(file);
    fixture_clear(&f);
}

/* --- dimension scales, as HDF5's own functions see them --- */

typedef struct {
    int n_axes, n_users; /* axes with their scale; datasets that scales list */
} scale_count;

static herr_t check_scale(hid_t dataset, unsigned axis, hid_t scale, void *data)
{
    scale_count *count = data;
    assert_true(H5DSis_scale(scale) > 0);
    assert_true(H5DSis_attached(dataset, scale, axis) > 0);
    count->n_axes++;
    return 0;
}

static herr_t check_object(hid_t file, const char *name, const H5O_info_t *info, void *data)
{
    scale_count *count = data;
    if (info->type != H5O_TYPE_DATASET)
        return 0;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (H5DSis_scale(dataset) > 0) {
        char label[40];
        assert_true(H5DSget_scale_name(dataset, label, sizeof label) > 0);
        assert_string_equal(label, strrchr(name, '/') + 1);
        assert_true(H5Aexists(dataset, "REFERENCE_LIST") > 0);
        hid_t attribute = H5Aopen(dataset, "REFERENCE_LIST", H5P_DEFAULT), users = H5Aget_space(attribute);
        count->n_users += (int)H5Sget_simple_extent_npoints(users);
        H5Sclose(users);
        H5Aclose(attribute);
    } else {
        for (unsigned axis = 0; axis < (unsigned)rank; axis++) {
            const int before = count->n_axes;
            assert_int_equal(H5DSget_num_scales(dataset, axis), 1);
            assert_true(H5DSiterate_scales(dataset, axis, NULL, check_scale, count) >= 0);
            assert_int_equal(count->n_axes, before + 1);
        }
    }
    H5Sclose(space);
    H5Dclose(dataset);
    return 0;
}

static void every_axis_has_its_scale(void **state)
{
    fixture f;
    gf_error error = {0};
    scale_count count = {0};
    (void)state;
    fixture_init(&f, 10);
    assert_int_equal(fixture_write(&f, 10, 0, &error), GF_OK);
    hid_t file = H5Fopen(f.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_true(H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, check_object, &count) >= 0);
    /* columns, series (two axes, and one each of mean and error), startups, numbers */
    assert_int_equal(count.n_axes, GF_N_COLUMNS + 4 * FIXTURE_SERIES + GF_N_STARTUP_COLUMNS + 8);
    assert_int_equal(count.n_users, count.n_axes);
    /* a scale of another group is attached to nothing here */
    hid_t column = H5Dopen2(file, "portfolios/net_tvpi", H5P_DEFAULT);
    hid_t quarter = H5Dopen2(file, "quarters/quarter", H5P_DEFAULT);
    assert_int_equal(H5DSis_attached(column, quarter, 0), 0);
    H5Dclose(column);
    H5Dclose(quarter);
    H5Fclose(file);
    fixture_clear(&f);
}

/* Column bytes do not depend on pieces or order: compared through the reader, and a spoiled value must be
 * seen. */
static void pieces_and_order_change_nothing(void **state)
{
    fixture f[2];
    gf_results_file *file[2];
    gf_error error = {0};
    double a[777], b[777];
    (void)state;
    for (int i = 0; i < 2; i++) {
        fixture_init(&f[i], 777);
        assert_int_equal(fixture_write(&f[i], i == 0 ? 777 : 50, i, &error), GF_OK);
        assert_int_equal(gf_results_open(&file[i], f[i].path, &error), GF_OK);
    }
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        assert_int_equal(gf_results_read_column(file[0], c, 0, 777, a, &error), GF_OK);
        assert_int_equal(gf_results_read_column(file[1], c, 0, 777, b, &error), GF_OK);
        assert_memory_equal(a, b, sizeof a);
    }
    b[5] = nextafter(b[5], 1e9);
    assert_true(memcmp(a, b, sizeof a) != 0);
    for (int i = 0; i < 2; i++) {
        gf_results_close(file[i]);
        fixture_clear(&f[i]);
    }
}

/* Without columns, quarters and startups only the summary remains. */
static void a_file_without_columns(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    (void)state;
    fixture_init(&f, 100);
    f.plan.n_kept = f.plan.quarters_of = f.plan.n_startup_rows = 0;
    assert_int_equal(fixture_write(&f, 100, 0, &error), GF_OK);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    assert_true(gf_results_about(file)->n_kept == 0 && gf_results_about(file)->n_portfolios == 100);
    assert_int_equal(gf_results_about(file)->layout.n_columns, 0);
    gf_results_close(file);
    fixture_clear(&f);
}

static void an_incomplete_run_is_not_published(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results *results = NULL;
    const gf_provenance provenance = {1, "sse2", NULL, 0, 0};
    (void)state;
    fixture_init(&f, 100);
    assert_int_equal(gf_results_create(&results, &f.plan, &error), GF_OK);
    assert_int_equal(count_entries(f.folder), 1);
    assert_int_equal(access(f.path, F_OK), -1);
    assert_int_equal(gf_results_commit(results, &provenance, &error), GF_IO);
    assert_non_null(strstr(error.message, "/portfolios"));
    assert_int_equal(count_entries(f.folder), 0);
    assert_int_equal(gf_results_create(&results, &f.plan, &error), GF_OK);
    gf_results_abandon(results);
    assert_int_equal(count_entries(f.folder), 0);
    fixture_clear(&f);
}

/* A temporary of a process that is gone is swept; one of a living process (init) and foreign names stay. */
static void stale_temporaries_are_swept(void **state)
{
    fixture f;
    gf_error error = {0};
    char host[256] = "", name[600];
    pid_t child = fork();
    (void)state;
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    fixture_init(&f, 10);
    gethostname(host, sizeof host - 1);
    snprintf(name, sizeof name, "%s/.run.h5.%s.%ld.tmp", f.folder, host, (long)child);
    dump(name, "x", 1);
    snprintf(name, sizeof name, "%s/.run.h5.%s.1.tmp", f.folder, host);
    dump(name, "x", 1);
    snprintf(name, sizeof name, "%s/.run.h5.%s.%ldx.tmp", f.folder, host, (long)child);
    dump(name, "x", 1);
    assert_int_equal(fixture_write(&f, 10, 0, &error), GF_OK);
    assert_int_equal(count_entries(f.folder), 3);
    unlink(name);
    snprintf(name, sizeof name, "%s/.run.h5.%s.1.tmp", f.folder, host);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(count_entries(f.folder), 1);
    fixture_clear(&f);
}

static void outputs_that_cannot_be_created(void **state)
{
    static const struct {
        const char *path, *reason;
    } cases[] = {{"/dev/full", "not a regular file"},
                 {"/tmp", "folder"},
                 {"/tmp/", "not the name of a file"},
                 {"", "not the name of a file"},
                 {"/no-such-folder/run.h5", "No such file or directory"}};
    fixture f;
    gf_error error = {0};
    (void)state;
    fixture_init(&f, 10);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gf_results *results = NULL;
        f.plan.path = cases[i].path;
        assert_int_equal(gf_results_create(&results, &f.plan, &error), GF_CREATE);
        assert_null(results);
        assert_non_null(strstr(error.message, cases[i].path));
        assert_non_null(strstr(error.message, cases[i].reason));
    }
    fixture_clear(&f);
}

/* A limit on the size of files stands for a full disk: the reason is told, nothing is left behind. */
static void a_full_disk(void **state)
{
    fixture f;
    gf_error error = {0};
    struct rlimit old, small;
    (void)state;
    fixture_init(&f, 20000);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    for (rlim_t limit = 2000; limit < 6000000; limit *= 5) {
        small = old;
        small.rlim_cur = limit;
        setrlimit(RLIMIT_FSIZE, &small);
        gf_status status = fixture_write(&f, 1000, 0, &error);
        setrlimit(RLIMIT_FSIZE, &old);
        assert_int_equal(status, GF_IO);
        assert_non_null(strstr(error.message, "File too large"));
        assert_int_equal(count_entries(f.folder), 0);
    }
    assert_int_equal(fixture_write(&f, 1000, 0, &error), GF_OK);
    signal(SIGXFSZ, SIG_DFL);
    fixture_clear(&f);
}

static void expect_refusal(const char *path, gf_status expected, const char *reason)
{
    gf_error error = {0};
    gf_results_file *file = NULL;
    assert_int_equal(gf_results_open(&file, path, &error), expected);
    assert_null(file);
    assert_non_null(strstr(error.message, path));
    if (strstr(error.message, reason) == NULL)
        fail_msg("'%s' does not say '%s'", error.message, reason);
}

static void what_is_no_result_file_is_refused(void **state)
{
    fixture f;
    gf_error error = {0};
    size_t size = 0;
    (void)state;
    expect_refusal("/tmp", GF_NO_INPUT, "folder");
    expect_refusal("/no-such-file.h5", GF_NO_INPUT, "No such file");
    fixture_init(&f, 500);
    dump(f.path, "", 0);
    expect_refusal(f.path, GF_CONFIG, "not an HDF5 file");
    dump(f.path, "scenario: hangzhou\n", 19);
    expect_refusal(f.path, GF_CONFIG, "not an HDF5 file");
    assert_int_equal(fixture_write(&f, 500, 0, &error), GF_OK);
    char *bytes = slurp(f.path, &size);
    dump(f.path, bytes, size * 9 / 10);
    expect_refusal(f.path, GF_CONFIG, "truncated");
    dump(f.path, bytes, size - 1);
    expect_refusal(f.path, GF_CONFIG, "checksum");
    for (size_t i = 0; i < size; i += size / 97) { /* one bit, anywhere */
        bytes[i] = (char)(bytes[i] ^ 4);
        dump(f.path, bytes, size);
        expect_refusal(f.path, GF_CONFIG, i < 8 ? "not an HDF5 file" : "checksum");
        bytes[i] = (char)(bytes[i] ^ 4);
    }
    size -= CHECKSUM_LINE; /* as if changed by another program: no checksum */
    /* the same length everywhere, so that only the attribute changes */
    char *filetype = memmem(bytes, size, "guidefund-results", 17);
    assert_non_null(filetype);
    memcpy(filetype, "guidefund-resultx", 17);
    dump(f.path, bytes, size);
    expect_refusal(f.path, GF_CONFIG, "filetype");
    memcpy(filetype, "guidefund-results", 17);
    dump(f.path, bytes, size);
    gf_results_file *file = NULL;
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    gf_results_close(file);
    free(bytes);
    fixture_clear(&f);
}

static void another_major_version_is_refused(void **state)
{
    fixture f;
    gf_error error = {0};
    size_t size = 0;
    (void)state;
    fixture_init(&f, 10);
    assert_int_equal(fixture_write(&f, 10, 0, &error), GF_OK);
    char *bytes = slurp(f.path, &size);
    char *heap = memmem(bytes, size, "guidefund-results", 17);
    assert_non_null(heap);
    char *version = memmem(heap, size - (size_t)(heap - bytes), "1.2", 3);
    assert_non_null(version);
    version[0] = '2';
    dump(f.path, bytes, size - CHECKSUM_LINE);
    expect_refusal(f.path, GF_CONFIG, "format_version is '2.2'");
    free(bytes);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(summary_numbers_are_read_back),
        cmocka_unit_test(every_axis_has_its_scale),
        cmocka_unit_test(pieces_and_order_change_nothing),
        cmocka_unit_test(a_file_without_columns),
        cmocka_unit_test(an_incomplete_run_is_not_published),
        cmocka_unit_test(stale_temporaries_are_swept),
        cmocka_unit_test(outputs_that_cannot_be_created),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(what_is_no_result_file_is_refused),
        cmocka_unit_test(another_major_version_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
