/* Rows of a result file as they come: columns that begin as zeros, rows in any order, large columns at the
 * beginning of large pages, and the checksum that is taken while they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>
#include <zlib.h>

#include "io/results_checksum.h"
#include "results_fixture.h"

enum { PIECE = 1000, N_PIECES = 5, N_ROWS = PIECE * N_PIECES };

/* Column c is 0 before row `first_value` and from `last_value` on: in the first pieces, in the last ones,
 * everywhere, or nowhere. */
static double value_of(uint64_t row, int c)
{
    const uint64_t first_value = (uint64_t)(c % 7) * 800, last_value = N_ROWS - (uint64_t)(c % 4) * 700;
    return row >= first_value && row < last_value && c % 11 != 0 ? fixture_value(row, c) : 0;
}

/* Writes the pieces in this order, then opens the file, for which its checksum must be right, and reads. */
static void write_and_read(const int order[N_PIECES])
{
    fixture f;
    gf_error error = {0};
    gf_results *results = NULL;
    gf_results_file *file = NULL;
    static double rows[GF_N_COLUMNS * PIECE], back[N_ROWS];
    const gf_provenance provenance = {1, "sse2", "guidefund run test.yaml", 0, 0.5};
    fixture_init(&f, N_ROWS);
    assert_int_equal(gf_results_create(&results, &f.plan, &error), GF_OK);
    for (int i = 0; i < N_PIECES; i++) {
        const uint64_t first = (uint64_t)order[i] * PIECE;
        for (int c = 0; c < GF_N_COLUMNS; c++)
            for (uint64_t r = 0; r < PIECE; r++)
                rows[(uint64_t)c * PIECE + r] = value_of(first + r, c);
        assert_int_equal(gf_results_write_columns(results, first, PIECE, rows, PIECE, &error), GF_OK);
    }
    assert_int_equal(fixture_write_rest(&f, results, fixture_numbers, 2, &error), GF_OK);
    assert_int_equal(gf_results_commit(results, &provenance, &error), GF_OK);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    for (int c = 0; c < GF_N_COLUMNS; c++) {
        assert_int_equal(gf_results_read_column(file, c, 0, N_ROWS, back, &error), GF_OK);
        for (uint64_t r = 0; r < N_ROWS; r++) {
            const double expected = value_of(r, c);
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
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        write_and_read(orders[i]);
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

static gf_known_crc known_crc(const unsigned char *bytes, int64_t start, int64_t size)
{
    return (gf_known_crc){start, size, (uint32_t)crc32(0, bytes + start, (unsigned)size)};
}

static void what_is_known_need_not_be_read(void **state)
{
    static unsigned char bytes[SIZE];
    char path[] = "/tmp/guidefund-checksum-XXXXXX", line[80] = "", expected[80];
    (void)state;
    close(mkstemp(path));
    for (int n = 0; n <= 4; n++) {
        fill(bytes, path);
        gf_known_crc known[] = {known_crc(bytes, 200000, 70001), known_crc(bytes, 0, 1),
                                known_crc(bytes, 1, 65536), known_crc(bytes, 299999, 1)};
        assert_int_equal(gf_checksum_append(path, known, (size_t)n), 0);
        assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
        snprintf(expected, sizeof expected, "\nguidefund-results crc32 %08lx\n", crc32(0, bytes, SIZE));
        FILE *stream = fopen(path, "rb");
        fseek(stream, SIZE, SEEK_SET);
        line[fread(line, 1, sizeof line - 1, stream)] = '\0';
        fclose(stream);
        assert_string_equal(line, expected);
    }
    fill(bytes, path);
    gf_known_crc wrong = known_crc(bytes, 1000, 2000);
    wrong.crc ^= 1;
    assert_int_equal(gf_checksum_append(path, &wrong, 1), 0);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_WRONG);
    unlink(path);
}

/* Writes bytes into a file of holes, and among the zeros that stand for them. */
static void put(int descriptor, unsigned char *zeros, off_t at, const char *text)
{
    memcpy(zeros + at, text, strlen(text));
    assert_int_equal(pwrite(descriptor, text, strlen(text), at), (ssize_t)strlen(text));
}

static void holes_count_as_zeros(void **state)
{
    enum { N = 3 << 20 };
    static unsigned char bytes[N];
    char path[] = "/tmp/guidefund-checksum-XXXXXX", line[80] = "", expected[80];
    (void)state;
    const int descriptor = mkstemp(path);
    put(descriptor, bytes, 5, "data ends within a block");
    put(descriptor, bytes, (1 << 20) - 2, "data begins in one block and ends in the next");
    put(descriptor, bytes, 1500000, "another, and a hole to the end");
    assert_int_equal(ftruncate(descriptor, N), 0);
    gf_known_crc known[] = {known_crc(bytes, 70000, 500), known_crc(bytes, 1 << 20, 1 << 16)};
    assert_int_equal(gf_checksum_append(path, known, 2), 0);
    snprintf(expected, sizeof expected, "\nguidefund-results crc32 %08lx\n", crc32(0, bytes, N));
    assert_true(pread(descriptor, line, sizeof line - 1, N) > 0);
    assert_string_equal(line, expected);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
    assert_int_equal(pwrite(descriptor, "x", 1, 2 << 20), 1); /* no longer a hole */
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_WRONG);
    assert_int_equal(pwrite(descriptor, "", 1, 2 << 20), 1); /* a zero that is stored */
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
        cmocka_unit_test(holes_count_as_zeros),
        cmocka_unit_test(a_running_crc_knows_rows_that_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
