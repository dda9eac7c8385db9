/* Rows of a result file as they come: columns that begin as zeros, rows in any order, large columns at the
 * beginning of large pages, and the checksum that is taken while they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>

#include <hdf5.h>
#include <zlib.h>

#include "io/results_checksum.h"
#include "results_fixture.h"

enum { N_PIECES = 5, MOST_ROWS = 4000 }; /* of a piece */

/* Column c is 0 before row `first_value` and from `last_value` on: in the first pieces, in the last ones,
 * everywhere, or nowhere. */
static double value_of(uint64_t piece, uint64_t row, int c)
{
    const uint64_t first_value = (uint64_t)(c % 7) * piece * 4 / 5,
                   last_value = N_PIECES * piece - (uint64_t)(c % 4) * piece * 7 / 10;
    return row >= first_value && row < last_value && c % 11 != 0 ? fixture_value(row, c) : 0;
}

/* Writes the pieces in this order, then opens the file, for which its checksum must be right, and reads. */
static void write_and_read(uint64_t piece, const int order[N_PIECES])
{
    fixture f;
    gf_error error = {0};
    gf_results *results = NULL;
    gf_results_file *file = NULL;
    static double rows[GF_N_COLUMNS * MOST_ROWS], back[N_PIECES * MOST_ROWS];
    const uint64_t n_rows = N_PIECES * piece;
    const gf_provenance provenance = {1, "sse2", "guidefund run test.yaml", 0, 0.5};
    fixture_init(&f, n_rows);
    assert_int_equal(gf_results_create(&results, &f.plan, &error), GF_OK);
    for (int i = 0; i < N_PIECES; i++) {
        const uint64_t first = (uint64_t)order[i] * piece;
        for (int c = 0; c < GF_N_COLUMNS; c++)
            for (uint64_t r = 0; r < piece; r++)
                rows[(uint64_t)c * piece + r] = value_of(piece, first + r, c);
        assert_int_equal(gf_results_write_columns(results, first, piece, rows, piece, &error), GF_OK);
    }
    assert_int_equal(fixture_write_rest(&f, results, fixture_numbers, 2, &error), GF_OK);
    assert_int_equal(gf_results_commit(results, &provenance, &error), GF_OK);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        assert_int_equal(gf_results_read_column(file, c, 0, n_rows, back, &error), GF_OK);
        for (uint64_t r = 0; r < n_rows; r++) {
            const double expected = value_of(piece, r, c);
            if (memcmp(&back[r], &expected, sizeof expected) != 0 && !(isnan(back[r]) && isnan(expected)))
                fail_msg("%s of %llu: %g, expected %g", f.columns[c].name, (unsigned long long)r, back[r],
                         expected);
        }
    }
    gf_results_close(file);
    fixture_clear(&f);
}

static void columns_may_begin_as_zeros_in_any_order(void **state)
{
    static const int orders[][N_PIECES] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {0, 2, 1, 3, 4},
                                           {2, 1, 0, 3, 4}, {1, 2, 3, 4, 0}, {0, 1, 4, 3, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        write_and_read(1000, orders[i]);      /* in memory */
        write_and_read(MOST_ROWS, orders[i]); /* in the file */
    }
}

/* Where a column of the file begins. */
static uint64_t offset_of(const char *path, const char *column)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT),
          group = H5Gopen2(file, "portfolios", H5P_DEFAULT);
    hid_t dataset = H5Dopen2(group, column, H5P_DEFAULT);
    const haddr_t offset = H5Dget_offset(dataset);
    H5Dclose(dataset);
    H5Gclose(group);
    H5Fclose(file);
    return (uint64_t)offset;
}

/* --- types
 * ------------------------------------------------------------------------------------------ */

static void expect_type(hid_t file, const char *name, hid_t expected)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), type = H5Dget_type(dataset);
    if (H5Tequal(type, expected) <= 0)
        fail_msg("%s has another type", name);
    H5Tclose(type);
    H5Dclose(dataset);
}

static void counts_are_int32_and_indices_int64(void **state)
{
    fixture f;
    gf_error error = {0};
    (void)state;
    fixture_init(&f, 100);
    assert_int_equal(fixture_write(&f, 100, 0, &error), GF_OK);
    hid_t file = H5Fopen(f.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    expect_type(file, "portfolios/portfolio", H5T_STD_I64LE);
    expect_type(file, "portfolios/n_failed", H5T_STD_I32LE);
    expect_type(file, "portfolios/net_irr_flag", H5T_STD_I32LE);
    expect_type(file, "portfolios/net_tvpi", H5T_IEEE_F64LE);
    expect_type(file, "startups/portfolio", H5T_STD_I64LE);
    expect_type(file, "startups/fate", H5T_STD_I32LE);
    H5Fclose(file);
    fixture_clear(&f);
}

/* Writes ten rows whose counts are `count`; what became of it. */
static gf_status write_count(double count, gf_error *error)
{
    fixture f;
    gf_results *results = NULL;
    double rows[GF_N_COLUMNS * 10] = {0};
    fixture_init(&f, 10);
    assert_int_equal(gf_results_create(&results, &f.plan, error), GF_OK);
    rows[GF_COLUMN_N_FAILED * 10 + 7] = count;
    const gf_status status = gf_results_write_columns(results, 0, 10, rows, 10, error);
    gf_results_abandon(results);
    fixture_clear(&f);
    return status;
}

static void counts_that_do_not_fit_are_refused(void **state)
{
    gf_error error = {0};
    (void)state;
    assert_int_equal(write_count(INT32_MAX, &error), GF_OK);
    assert_int_equal(write_count(-INT32_MAX, &error), GF_OK);
    const double misfits[] = {INT32_MAX + 1.0, INT32_MIN, 1e300, NAN, INFINITY};
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        assert_int_equal(write_count(misfits[i], &error), GF_IO);
        assert_non_null(
            strstr(error.message, "column n_failed: expected whole numbers from -2147483647 to 2147483647"));
    }
}

/* Makes n_failed what it was in format 1.1: int64. */
static void store_wider(const char *path, const int64_t *values, hsize_t n)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), group = H5Gopen2(file, "portfolios", H5P_DEFAULT);
    hid_t narrow = H5Dopen2(group, "n_failed", H5P_DEFAULT), space = H5Screate_simple(1, &n, NULL);
    hid_t wide = H5Dcreate2(group, "wide", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(wide, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "units" : "long_name", *text = "1";
        hid_t attribute = H5Aopen(narrow, name, H5P_DEFAULT), type = H5Aget_type(attribute),
              scalar = H5Aget_space(attribute);
        hid_t copy = H5Acreate2(wide, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(copy, type, &text) >= 0);
        H5Aclose(copy);
        H5Sclose(scalar);
        H5Tclose(type);
        H5Aclose(attribute);
    }
    H5Dclose(wide);
    H5Dclose(narrow);
    H5Sclose(space);
    assert_true(H5Ldelete(group, "n_failed", H5P_DEFAULT) >= 0);
    assert_true(H5Lmove(group, "wide", group, "n_failed", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Gclose(group);
    H5Fclose(file);
}

static void wider_counts_of_older_files_are_read(void **state)
{
    enum { N = 1001 }; /* odd, and no multiple of the pieces in which numbers are converted */
    static int64_t wide[N];
    static double before[N], after[N];
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    (void)state;
    fixture_init(&f, N);
    assert_int_equal(fixture_write(&f, N, 0, &error), GF_OK);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    assert_int_equal(
        gf_results_read_column(file, gf_results_find_column(file, "n_failed"), 0, N, before, &error), GF_OK);
    gf_results_close(file);
    for (int i = 0; i < N; i++) {
        assert_true(before[i] == fixture_value((uint64_t)i, GF_COLUMN_N_FAILED));
        wide[i] = (int64_t)before[i];
    }
    store_wider(f.path, wide, N);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    assert_int_equal(
        gf_results_read_column(file, gf_results_find_column(file, "n_failed"), 0, N, after, &error), GF_OK);
    assert_memory_equal(before, after, sizeof before);
    gf_results_close(file);
    fixture_clear(&f);
}

static void large_columns_begin_where_large_pages_do(void **state)
{
    fixture f;
    gf_error error = {0};
    (void)state;
    fixture_init(&f, 70000);
    assert_int_equal(fixture_write(&f, 8192, 0, &error), GF_OK);
    assert_int_equal(offset_of(f.path, "net_tvpi") % 65536, 0);
    assert_int_equal(offset_of(f.path, "n_failed") % 65536, 0);
    fixture_clear(&f);
    fixture_init(&f, 1000); /* a small file has no holes */
    assert_int_equal(fixture_write(&f, 1000, 0, &error), GF_OK);
    assert_int_not_equal(offset_of(f.path, "net_tvpi") % 65536, 0);
    fixture_clear(&f);
}

/* --- the checksum by itself
 * ------------------------------------------------------------------------------------------ */

enum { SIZE = 300000 };

static void fill(unsigned char *bytes, const char *path)
{
    uint32_t x = 2463534242;
    for (int i = 0; i < SIZE; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (unsigned char)(x >> 24);
    }
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, SIZE, stream), SIZE);
    fclose(stream);
}

/* The line of a file of these bytes, of which known[n] tells everything. */
static void expect_line(const char *path, const unsigned char *bytes, gf_known_crc *known, size_t n)
{
    char line[GF_CHECKSUM_LINE + 1] = "", expected[80];
    const int descriptor = open(path, O_RDWR);
    assert_int_equal(gf_checksum_line(descriptor, known, n, SIZE, line), 0);
    snprintf(expected, sizeof expected, "\nguidefund-results crc32 %08lx\n", crc32(0, bytes, SIZE));
    assert_string_equal(line, expected);
    assert_int_equal(pwrite(descriptor, line, GF_CHECKSUM_LINE, SIZE), GF_CHECKSUM_LINE);
    close(descriptor);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
}

static void what_is_known_need_not_be_read(void **state)
{
    static unsigned char bytes[SIZE];
    char path[] = "/tmp/guidefund-checksum-XXXXXX", line[GF_CHECKSUM_LINE];
    (void)state;
    close(mkstemp(path));
    for (int n_known = 0; n_known <= 5; n_known++) {
        fill(bytes, path);
        gf_known_crc known[] = {gf_known_crc_of(200000, bytes + 200000, 70001), gf_known_crc_of(0, bytes, 1),
                                gf_known_crc_of(1, bytes + 1, 65536),
                                gf_known_crc_of(65537, bytes + 65537, 134463),
                                gf_known_crc_of(270001, bytes + 270001, 29999)};
        for (int k = n_known; k < 5; k++) { /* of these nothing but where they are */
            known[k].is_known = 0;
            known[k].crc = 1;
        }
        expect_line(path, bytes, known, 5);
    }
    /* what is known is taken at its word, what is not is read */
    const int descriptor = open(path, O_RDWR);
    gf_known_crc wrong[] = {gf_known_crc_of(0, bytes, 1000),
                            gf_known_crc_of(1000, bytes + 1000, SIZE - 1000)};
    wrong[0].crc ^= 1;
    assert_int_equal(gf_checksum_line(descriptor, wrong, 2, SIZE, line), 0);
    assert_int_equal(pwrite(descriptor, line, sizeof line, SIZE), sizeof line);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_WRONG);
    wrong[0].is_known = 0;
    assert_int_equal(gf_checksum_line(descriptor, wrong, 2, SIZE, line), 0);
    assert_int_equal(pwrite(descriptor, line, sizeof line, SIZE), sizeof line);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
    gf_known_crc beyond = {0, 2 * SIZE, 0, 0};
    assert_int_equal(gf_checksum_line(descriptor, &beyond, 1, 2 * SIZE, line), EIO);
    close(descriptor);
    unlink(path);
}

static void what_nobody_wrote_is_zero(void **state)
{
    static unsigned char bytes[SIZE];
    char path[] = "/tmp/guidefund-checksum-XXXXXX";
    (void)state;
    close(mkstemp(path));
    fill(bytes, path);
    assert_int_equal(truncate(path, 0), 0);
    const int descriptor = open(path, O_RDWR);
    memset(bytes, 0, 5);
    memset(bytes + 1000, 0, 100000);
    memset(bytes + SIZE - 70000, 0, 70000);
    assert_int_equal(pwrite(descriptor, bytes + 5, 995, 5), 995);
    assert_int_equal(pwrite(descriptor, bytes + 101000, SIZE - 171000, 101000), SIZE - 171000);
    assert_int_equal(ftruncate(descriptor, SIZE), 0);
    gf_known_crc known[] = {gf_known_crc_of(5, bytes + 5, 995), {101000, SIZE - 171000, 0, 0}};
    expect_line(path, bytes, known, 2);
    assert_int_equal(pwrite(descriptor, "x", 1, 50000), 1); /* no longer a hole */
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_WRONG);
    assert_int_equal(pwrite(descriptor, "", 1, 50000), 1); /* a zero that is stored */
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
    close(descriptor);
    unlink(path);
}

static void a_running_crc_knows_rows_that_follow_one_another(void **state)
{
    double values[100];
    gf_running_crc running = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = sin(i);
    gf_running_crc_add(&running, 0, values, 40 * 8);
    assert_false(gf_running_crc_covers(&running, 100 * 8));
    gf_running_crc_add(&running, 40 * 8, values + 40, 60 * 8);
    assert_true(gf_running_crc_covers(&running, 100 * 8));
    assert_int_equal(running.crc, crc32(0, (const unsigned char *)values, sizeof values));
    gf_running_crc_add(&running, 90 * 8, values + 90, 10 * 8); /* rows once more */
    assert_false(gf_running_crc_covers(&running, 100 * 8));
    assert_false(gf_running_crc_covers(&running, 110 * 8));
    running = (gf_running_crc){0};
    gf_running_crc_add(&running, 8, values + 1, 99 * 8); /* the first row is missing */
    assert_false(gf_running_crc_covers(&running, 99 * 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_may_begin_as_zeros_in_any_order),
        cmocka_unit_test(large_columns_begin_where_large_pages_do),
        cmocka_unit_test(what_is_known_need_not_be_read),
        cmocka_unit_test(counts_are_int32_and_indices_int64),
        cmocka_unit_test(counts_that_do_not_fit_are_refused),
        cmocka_unit_test(wider_counts_of_older_files_are_read),
        cmocka_unit_test(what_nobody_wrote_is_zero),
        cmocka_unit_test(a_running_crc_knows_rows_that_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
