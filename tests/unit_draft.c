/* Drafts: what is put down without HDF5 is read by HDF5. */
#include "draft_fixture.h"

static void expect_text(hid_t object, const char *name, const char *wanted)
{
    char *text = NULL;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Tcopy(H5T_C_S1), stored = H5Aget_type(attribute);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    assert_true(H5Tequal(type, stored) > 0);
    assert_true(H5Aread(attribute, type, &text) >= 0);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    H5free_memory(text);
    H5Tclose(type);
    H5Tclose(stored);
    H5Aclose(attribute);
}

static double value_of(int c, uint64_t row)
{
    return c % 3 == 0 ? sin((double)row + c) : (double)(int64_t)((row * 7 + (uint64_t)c) % 1000) - 500;
}

static void expect_rows(hid_t file, const char *name, int c, uint64_t first, uint64_t n_zeros, uint64_t n)
{
    double *values = malloc(n * sizeof *values);
    assert_true(H5LTread_dataset_double(file, name, values) >= 0);
    for (uint64_t i = 0; i < n; i++)
        assert_true(values[i] == (i < n_zeros ? 0 : value_of(c, first + i)));
    free(values);
}

/* --- what HDF5 reads
 * ----------------------------------------------------------------------------------------------- */

static void attributes_are_read_as_written(void **state)
{
    enum { LONG = 200000 };
    char *text = malloc(LONG + 1);
    (void)state;
    for (int i = 0; i < LONG; i++)
        text[i] = (char)('a' + i % 26);
    text[LONG] = '\0';
    for (int in_room = 0; in_room < 2; in_room++) {
        gf_draft *draft = begin(in_room ? IN_ROOM : IN_FILE);
        gf_draft_object *inner = gf_draft_group(gf_draft_group(gf_draft_root(draft), "a"), "inner");
        gf_draft_put_text(gf_draft_root(draft), "config", text);
        gf_draft_put_text(gf_draft_root(draft), "empty", "");
        gf_draft_put_text(inner, "city", "杭州");
        gf_draft_put_int(inner, "least", INT64_MIN);
        gf_draft_put_real(inner, "cap", INFINITY);
        for (int length = 4060; length < 4096; length++) { /* about as long as a collection */
            char name[16];
            snprintf(name, sizeof name, "text%d", length);
            text[length] = '\0';
            gf_draft_put_text(inner, name, text);
            text[length] = 'x';
        }
        const hid_t file = end(draft, H5F_ACC_RDONLY), group = H5Gopen2(file, "/a/inner", H5P_DEFAULT);
        for (int length = 4060; length < 4096; length++)
            text[length] = (char)('a' + length % 26);
        expect_text(file, "config", text);
        expect_text(file, "empty", "");
        expect_text(group, "city", "杭州");
        for (int length = 4060; length < 4096; length++) {
            char name[16];
            snprintf(name, sizeof name, "text%d", length);
            char *wanted = strndup(text, (size_t)length);
            for (int i = 4060; i < length; i++) /* was marked by the texts before */
                wanted[i] = 'x';
            expect_text(group, name, wanted);
            free(wanted);
        }
        int64_t least;
        double cap;
        assert_true(H5LTget_attribute(file, "/a/inner", "least", H5T_NATIVE_INT64, &least) >= 0);
        assert_true(H5LTget_attribute_double(file, "/a/inner", "cap", &cap) >= 0);
        assert_true(least == INT64_MIN && cap == INFINITY);
        H5Gclose(group);
        H5Fclose(file);
    }
    free(text);
}

/* Every kind and size of dataset, written in pieces from behind or from the front. */
static void rows_are_read_as_written(void **state)
{
    static const uint64_t sizes[] = {1, 7, 1000, 2048, 2049, 5001, 40000, 90001};
    enum { N_SIZES = sizeof sizes / sizeof *sizes };
    double values[10000], back[10000];
    (void)state;
    for (int how = 0; how < 4; how++) {
        gf_draft *draft = begin(how < 2 ? IN_FILE : how == 2 ? 3500000 : 100000 /* moves out soon */);
        gf_draft_object *group = gf_draft_group(gf_draft_root(draft), "rows"), *list[3 * N_SIZES];
        char name[32];
        for (int c = 0; c < 3 * N_SIZES; c++) {
            snprintf(name, sizeof name, "c%d", c);
            list[c] = dataset(group, name, c % 3, sizes[c / 3]); /* any number, count, index */
        }
        for (int c = 0; c < 3 * N_SIZES; c++) {
            const uint64_t n = sizes[c / 3], piece = n < 10000 ? n : 10000;
            for (uint64_t k = 0; k * piece < n; k++) {
                const uint64_t last = (n - 1) / piece, part = how == 1 ? last - k : k;
                const uint64_t m = part == last ? n - last * piece : piece;
                for (uint64_t i = 0; i < m; i++)
                    values[i] = value_of(c, part * piece + i);
                assert_int_equal(gf_draft_write_numbers(list[c], part * piece, m, values), 0);
                assert_int_equal(gf_draft_read_numbers(list[c], part * piece, m, back), 0);
                assert_memory_equal(values, back, m * sizeof *values);
            }
        }
        const hid_t file = end(draft, H5F_ACC_RDONLY);
        for (int c = 0; c < 3 * N_SIZES; c++) {
            snprintf(name, sizeof name, "/rows/c%d", c);
            expect_rows(file, name, c, 0, 0, sizes[c / 3]);
        }
        H5Fclose(file);
    }
}

static void what_is_not_written_is_zero(void **state)
{
    enum { N = 50000 };
    double values[N], back[N];
    (void)state;
    for (int in_room = 0; in_room < 2; in_room++) {
        gf_draft *draft = begin(in_room ? IN_ROOM : IN_FILE);
        gf_draft_object *never = dataset(gf_draft_root(draft), "never", 0, N),
                        *later = dataset(gf_draft_root(draft), "later", GF_COUNT, N),
                        *begun = dataset(gf_draft_root(draft), "begun", 0, N);
        for (int i = 0; i < N; i++)
            values[i] = value_of(1, (uint64_t)i);
        assert_int_equal(gf_draft_skip(later, 30000), 0);
        assert_int_equal(gf_draft_write_numbers(later, 30000, N - 30000, values + 30000), 0);
        for (int i = 0; i < N; i++)
            values[i] = value_of(0, (uint64_t)i);
        assert_int_equal(gf_draft_write_numbers(begun, 0, 20000, values), 0);
        assert_int_equal(gf_draft_read_numbers(begun, 0, N, back), 0);
        assert_true(back[19999] == values[19999] && back[20000] == 0 && back[N - 1] == 0);
        assert_int_equal(gf_draft_read_numbers(never, 0, N, back), 0);
        assert_true(back[0] == 0 && back[N - 1] == 0);
        assert_int_equal(gf_draft_write_numbers(begun, 20000, N - 20000, values + 20000), 0);
        const hid_t file = end(draft, H5F_ACC_RDONLY), unstored = H5Dopen2(file, "never", H5P_DEFAULT);
        assert_true(H5Dget_storage_size(unstored) == 0 && H5Dget_offset(unstored) == HADDR_UNDEF);
        H5Dclose(unstored);
        expect_rows(file, "never", 0, 0, N, N);
        expect_rows(file, "later", 1, 0, 30000, N);
        expect_rows(file, "begun", 0, 0, 0, N);
        H5Fclose(file);
    }
}

/* Rows that come last may be all that is written of the last dataset: the file ends with its zeros. */
static void zeros_at_the_end_are_in_the_checksum(void **state)
{
    enum { N = 40000 };
    static double values[N];
    (void)state;
    for (int is_torn = 0; is_torn < 2; is_torn++) {
        gf_draft *draft = begin(IN_FILE);
        gf_draft_object *rows = dataset(gf_draft_root(draft), "rows", 0, N);
        for (int i = 0; i < 20000; i++)
            values[i] = value_of(0, (uint64_t)i);
        if (is_torn) {
            assert_int_equal(gf_draft_skip(rows, 10000), 0);
            assert_int_equal(gf_draft_write(rows, 0, 10000, values), 0); /* they were not zeros after all */
            assert_int_equal(gf_draft_write(rows, 10000, 10000, values + 10000), 0);
        } else {
            assert_int_equal(gf_draft_write(rows, 0, 20000, values), 0);
        }
        const hid_t file = end(draft, H5F_ACC_RDONLY);
        double *back = malloc(N * sizeof *back);
        assert_true(H5LTread_dataset_double(file, "rows", back) >= 0);
        assert_memory_equal(values, back, 20000 * sizeof *back);
        assert_true(back[20000] == 0 && back[N - 1] == 0);
        free(back);
        H5Fclose(file);
    }
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
    const double counts[2] = {1, 2147483648.0}, indices[2] = {1, 0x1p63}, nothing[2] = {1, NAN};
    gf_error error;
    (void)state;
    gf_draft *draft = begin(IN_FILE);
    gf_draft_object *count = dataset(gf_draft_root(draft), "counts", GF_COUNT, 2),
                    *index = dataset(gf_draft_root(draft), "indices", GF_INDEX, 2);
    assert_int_equal(gf_draft_write_numbers(count, 0, 2, counts), EDOM);
    assert_int_equal(gf_draft_write_numbers(index, 0, 2, indices), EDOM);
    assert_int_equal(gf_draft_write_numbers(index, 0, 2, nothing), EDOM);
    assert_int_equal(gf_draft_write_numbers(index, 0, 2, counts), 0);
    assert_int_equal(gf_draft_fail(&error, GF_IO, "a.h5", "write", EDOM), GF_IO);
    assert_string_equal(error.message,
                        "cannot write a.h5: a number does not fit the integers of its dataset");
    assert_int_equal(gf_draft_fail(&error, GF_IO, "a.h5", "write", ENOMEM), GF_MEMORY);
    gf_draft_drop(draft);
}

static void scales_are_those_of_the_library(void **state)
{
    static const char *const names[3] = {"杭州", "", "a longer name"};
    const uint64_t size[2] = {40, 3};
    const gf_column text = {"city", "1", "name", 0, NULL}, matrix = {"matrix", "1", "of two axes", 0, NULL},
                    index = {"quarter", "quarter", "since the start", GF_INDEX, NULL};
    double values[120], back[120];
    char *read[3];
    (void)state;
    for (int i = 0; i < 120; i++)
        values[i] = value_of(0, (uint64_t)i);
    gf_draft *draft = begin(IN_ROOM);
    gf_draft_object *root = gf_draft_root(draft);
    gf_draft_object *scales[2] = {NULL, gf_draft_texts(root, &text, 3, names)};
    assert_int_equal(gf_draft_index(&scales[0], root, &index, 5, 3, 40), 0);
    gf_draft_make_scale(scales[1]);
    gf_draft_object *both = gf_draft_dataset(root, &matrix, 2, size), *one = dataset(root, "one", 0, 40);
    gf_draft_attach(both, scales);
    gf_draft_attach(one, scales);
    assert_int_equal(gf_draft_write(both, 0, 120, values), 0);
    const hid_t file = end(draft, H5F_ACC_RDONLY);
    const hid_t quarter = H5Dopen2(file, "quarter", H5P_DEFAULT), city = H5Dopen2(file, "city", H5P_DEFAULT),
                first = H5Dopen2(file, "matrix", H5P_DEFAULT), second = H5Dopen2(file, "one", H5P_DEFAULT);
    assert_true(H5DSis_scale(quarter) > 0 && H5DSis_scale(city) > 0 && H5DSis_scale(first) == 0);
    assert_true(H5DSis_attached(first, quarter, 0) > 0 && H5DSis_attached(first, city, 1) > 0);
    assert_true(H5DSis_attached(second, quarter, 0) > 0 && H5DSis_attached(first, city, 0) == 0);
    char name[16];
    assert_int_equal(H5DSget_scale_name(city, name, sizeof name), 4);
    assert_string_equal(name, "city");
    int64_t rows[40];
    assert_true(H5Dread(quarter, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >= 0);
    assert_true(rows[0] == 5 && rows[39] == 5 + 39 * 3);
    assert_true(H5Dread(first, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, back) >= 0);
    assert_memory_equal(values, back, sizeof values);
    hid_t type = H5Dget_type(city);
    assert_true(H5Dread(city, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(read[i], names[i]);
        H5free_memory(read[i]);
    }
    H5Tclose(type);
    H5Dclose(quarter);
    H5Dclose(city);
    H5Dclose(first);
    H5Dclose(second);
    H5Fclose(file);
}

static herr_t in_order(hid_t group, const char *name, const H5L_info_t *about, void *data)
{
    int *n = data;
    char wanted[400];
    (void)group;
    snprintf(wanted, sizeof wanted, "%0*d", *n == 3 ? 300 : 5, *n); /* one name is long */
    assert_string_equal(name, wanted);
    assert_true(about->corder_valid && about->corder == *n);
    return ++*n < 0;
}

static void groups_have_any_number_of_links_in_order(void **state)
{
    (void)state;
    for (int n = 0; n <= 900; n += 300) {
        int seen = 0;
        double value = -1;
        const hid_t file = end(many(n), H5F_ACC_RDONLY), group = H5Gopen2(file, "many", H5P_DEFAULT);
        assert_true(H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, in_order, &seen) >= 0);
        assert_int_equal(seen, n);
        if (n > 0) {
            assert_true(H5LTread_dataset_double(group, "00299", &value) >= 0);
            assert_true(value == 299);
        }
        assert_true(H5Lexists(group, "00900", H5P_DEFAULT) == 0);
        H5Gclose(group);
        H5Fclose(file);
    }
}

static void names_may_be_of_any_language(void **state)
{
    static const char *const names[] = {"plain", "净值", "prix_médian"};
    H5L_info_t about;
    (void)state;
    gf_draft *draft = begin(IN_FILE);
    for (int i = 0; i < 3; i++)
        dataset(gf_draft_root(draft), names[i], 0, 2);
    const hid_t file = end(draft, H5F_ACC_RDONLY);
    for (int i = 0; i < 3; i++) {
        assert_true(H5Lget_info(file, names[i], &about, H5P_DEFAULT) >= 0);
        assert_int_equal(about.cset, i == 0 ? H5T_CSET_ASCII : H5T_CSET_UTF8);
        assert_int_equal(about.corder, i);
    }
    H5Fclose(file);
}

/* --- what goes wrong
 * ----------------------------------------------------------------------------------------------- */

static void what_the_system_refuses_is_told(void **state)
{
    gf_draft *draft;
    (void)state;
    assert_int_equal(gf_draft_begin(&draft, "/dev/full", (gf_draft_size){0}, 0), ENOSPC);
    assert_null(draft);
    assert_int_equal(gf_draft_begin(&draft, "/no/such/folder/file", (gf_draft_size){0}, 0), ENOENT);
    assert_null(draft);
    draft = begin(IN_FILE);
    gf_draft_object *scale = dataset(gf_draft_root(draft), "scale", 0, 2);
    gf_draft_make_scale(scale);
    for (int i = 0; i < 5000; i++) { /* the list of its users is longer than a header may hold */
        char name[16];
        snprintf(name, sizeof name, "user%d", i);
        gf_draft_attach(dataset(gf_draft_root(draft), name, 0, 2), &scale);
    }
    assert_int_equal(gf_draft_end(draft), E2BIG);
    gf_draft_drop(NULL);
    gf_draft_put_text(NULL, "of", "no object");
    assert_int_equal(gf_draft_write(NULL, 0, 0, NULL), ENOMEM);
}

/* A scratch file is read while it is written, and left. */
static void a_scratch_file_is_only_read(void **state)
{
    enum { N = 5000 };
    double values[N], back[N];
    gf_draft *draft;
    (void)state;
    for (int i = 0; i < N; i++)
        values[i] = value_of(0, (uint64_t)i);
    for (int in_room = 0; in_room < 2; in_room++) {
        assert_int_equal(gf_draft_begin(&draft, path, (gf_draft_size){0, in_room ? IN_ROOM : IN_FILE}, 1), 0);
        gf_draft_object *rows = dataset(gf_draft_root(draft), "rows", 0, N);
        assert_int_equal(gf_draft_write(rows, 1000, N - 1000, values + 1000), 0);
        assert_int_equal(gf_draft_hurry(draft), 0);
        assert_int_equal(gf_draft_write(rows, 0, 1000, values), 0);
        assert_int_equal(gf_draft_read_numbers(rows, 0, N, back), 0);
        assert_memory_equal(values, back, sizeof values);
        gf_draft_drop(draft);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_read_as_written),
        cmocka_unit_test(rows_are_read_as_written),
        cmocka_unit_test(what_is_not_written_is_zero),
        cmocka_unit_test(zeros_at_the_end_are_in_the_checksum),
        cmocka_unit_test(numbers_that_do_not_fit_are_refused),
        cmocka_unit_test(scales_are_those_of_the_library),
        cmocka_unit_test(groups_have_any_number_of_links_in_order),
        cmocka_unit_test(names_may_be_of_any_language),
        cmocka_unit_test(a_scratch_file_is_only_read),
        cmocka_unit_test(what_the_system_refuses_is_told),
    };
    int n_failed = 0;
    RUN_IN_FOLDERS(tests, n_failed);
    return n_failed;
}
