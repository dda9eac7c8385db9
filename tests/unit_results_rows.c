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

static void a_running_crc_knows_rows_that_follow_one_another(void **state)
{
    double values[100];
    gf_running_crc running = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = sin(i);
    gf_running_crc_add(&running, 0, values, 40);
    assert_false(gf_running_crc_covers(&running, 100));
    gf_running_crc_add(&running, 40, values + 40, 60);
    assert_true(gf_running_crc_covers(&running, 100));
    assert_int_equal(running.crc, crc32(0, (const unsigned char *)values, sizeof values));
    gf_running_crc_add(&running, 90, values + 90, 10); /* rows once more */
    assert_false(gf_running_crc_covers(&running, 100));
    assert_false(gf_running_crc_covers(&running, 110));
    running = (gf_running_crc){0};
    gf_running_crc_add(&running, 1, values + 1, 99); /* the first row is missing */
    assert_false(gf_running_crc_covers(&running, 99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_may_begin_as_zeros_in_any_order),
        cmocka_unit_test(large_columns_begin_where_large_pages_do),
        cmocka_unit_test(what_is_known_need_not_be_read),
        cmocka_unit_test(a_running_crc_knows_rows_that_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
