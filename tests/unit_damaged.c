/* Result files that another program changed: each loss is refused by the name of what is missing or wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>

#include "results_fixture.h"

enum { ROWS = 10 };

/* --- ways to change a file --- */

typedef void damage(hid_t file, const char *name);

static void delete_link(hid_t file, const char *name)
{
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
}

static void delete_attribute(hid_t file, const char *name)
{
    assert_true(H5Adelete(file, name) >= 0);
}

static void delete_units(hid_t file, const char *name)
{
    assert_true(H5Adelete_by_name(file, name, "units", H5P_DEFAULT) >= 0);
}

static void delete_long_name(hid_t file, const char *name)
{
    assert_true(H5Adelete_by_name(file, name, "long_name", H5P_DEFAULT) >= 0);
}

static void set_integer(hid_t file, const char *name, int64_t value)
{
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0);
    H5Aclose(attribute);
}

static void set_negative(hid_t file, const char *name)
{
    set_integer(file, name, -1);
}

static void set_one_more_row(hid_t file, const char *name)
{
    set_integer(file, name, ROWS + 1);
}

static void add_text(hid_t file, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Awrite(attribute, type, text) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void spoil_text(hid_t file, const char *name)
{
    delete_attribute(file, name);
    add_text(file, name, "0x00000000000000zz");
}

/* A dataset of that name, of a type and up to two dimensions; width 0: one. */
static void add_dataset(hid_t file, const char *name, hid_t type, hsize_t rows, hsize_t width)
{
    const hsize_t dimensions[2] = {rows, width};
    hid_t space = H5Screate_simple(width > 0 ? 2 : 1, dimensions, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (strncmp(name, "/portfolios", 11) == 0) {
        add_text(dataset, "units", "1");
        add_text(dataset, "long_name", "replaced");
    }
    H5Dclose(dataset);
    H5Sclose(space);
}

/* A column as somebody else adds it, without a word. */
static void add_plain(hid_t file, const char *name)
{
    add_dataset(file, name, H5T_NATIVE_DOUBLE, ROWS, 0);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    H5Adelete(dataset, "units");
    H5Adelete(dataset, "long_name");
    H5Dclose(dataset);
}

static void shorten(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_DOUBLE, ROWS - 1, 0);
}

static void widen(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_DOUBLE, ROWS / 2, 2);
}

static void make_text(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_C_S1, ROWS, 0);
}

static void make_group(hid_t file, const char *name)
{
    delete_link(file, name);
    hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(group >= 0);
    H5Gclose(group);
}

/* A group that does not remember in which order its links came. */
static void forget_order(hid_t file, const char *name)
{
    make_group(file, name);
    add_dataset(file, "/portfolios/net_tvpi", H5T_NATIVE_DOUBLE, ROWS, 0);
}

static void add_long_link(hid_t file, const char *name)
{
    char link[400] = "";
    snprintf(link, sizeof link, "%s/", name);
    memset(link + strlen(link), 'x', 300);
    add_dataset(file, link, H5T_NATIVE_DOUBLE, ROWS, 0);
}

static void make_dataset(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_DOUBLE, 2, 0);
}

/* As they should be, but for their number or their type. */
static void make_three_reals(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_DOUBLE, 3, 0);
}

static void make_two_integers(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_INT, 2, 0);
}

static void make_square(hid_t file, const char *name)
{
    delete_link(file, name);
    add_dataset(file, name, H5T_NATIVE_INT, 1, 2);
}

static void change_nothing(hid_t file, const char *name)
{
    add_text(file, name, "of another program");
}

/* A whole result file of ROWS portfolios, changed. */
static void write_changed(fixture *f, damage *change, const char *name)
{
    gf_error error = {0};
    fixture_init(f, ROWS);
    assert_int_equal(fixture_write(f, ROWS, 0, &error), GF_OK);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    change(file, name);
    assert_true(H5Fclose(file) >= 0);
}

typedef struct example {
    damage *change;
    const char *name, *told;
} example;

/* --- what cannot be opened --- */

static void assert_refused(const example *x)
{
    fixture f;
    char expected[200];
    gf_error error = {0};
    gf_results_file *file = NULL;
    write_changed(&f, x->change, x->name);
    snprintf(expected, sizeof expected, "%s: damaged or incomplete: %s is missing or not as expected", f.path,
             x->told);
    if (gf_results_open(&file, f.path, &error) != GF_CONFIG || file != NULL)
        fail_msg("opened without %s", x->told);
    assert_string_equal(error.message, expected);
    fixture_clear(&f);
}

static void what_is_lost_is_named(void **state)
{
    static const char *const attributes[] = {"portfolios",      "portfolios_total",
                                             "first_portfolio", "portfolios_kept",
                                             "first_kept",      "keep_every",
                                             "quarters_of",     "startup_rows",
                                             "quarters",        "scenario",
                                             "config",          "models",
                                             "program_version", "seed",
                                             "tail_index",      "tail_cap"};
    static const example examples[] = {
        {set_negative, "portfolios", "portfolios"},
        {set_negative, "startup_rows", "startup_rows"},
        {spoil_text, "seed", "seed"},
        {delete_link, "/portfolios", "group /portfolios"},
        {make_dataset, "/portfolios", "group /portfolios"},
        {forget_order, "/portfolios", "group /portfolios"},
        {set_one_more_row, "portfolios_kept", "gross_multiple"},
        {make_group, "/portfolios/net_tvpi", "net_tvpi"},
        {delete_units, "/portfolios/net_irr", "net_irr"},
        {delete_long_name, "/portfolios/fees", "fees"},
        {shorten, "/portfolios/net_tvpi", "net_tvpi"},
        {widen, "/portfolios/net_tvpi", "net_tvpi"},
        {make_text, "/portfolios/net_tvpi", "net_tvpi"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        assert_refused(&(example){delete_attribute, attributes[i], attributes[i]});
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_refused(&examples[i]);
}

static void a_name_without_end(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    (void)state;
    write_changed(&f, add_long_link, "/portfolios");
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_CONFIG);
    assert_null(file);
    assert_non_null(strstr(error.message, ": damaged or incomplete: xxxxxxxxxx"));
    fixture_clear(&f);
}

/* --- what can be opened --- */

static void assert_numbers(const example *x, gf_status expected, size_t n_expected)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    gf_number *numbers = NULL;
    size_t n = 7;
    write_changed(&f, x->change, x->name);
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    if (gf_results_read_numbers(file, &numbers, &n, &error) != expected)
        fail_msg("numbers with another %s: not as expected", x->name);
    assert_int_equal(n, n_expected);
    assert_true((numbers != NULL) == (n_expected > 0));
    if (expected != GF_OK)
        assert_non_null(
            strstr(error.message, "damaged or incomplete: group /summary is missing or not as expected"));
    gf_numbers_free(numbers, n);
    gf_results_close(file);
    fixture_clear(&f);
}

static void numbers_that_are_damaged(void **state)
{
    static const example examples[] = {
        {make_dataset, "/summary", NULL},
        {make_group, "/summary", NULL},
        {delete_link, "/summary/row", NULL},
        {make_square, "/summary/row", NULL},
        {make_three_reals, "/summary/row", NULL},
        {delete_link, "/summary/note", NULL},
        {make_dataset, "/summary/name", NULL},
        {delete_link, "/summary/value", NULL},
        {make_three_reals, "/summary/standard_error", NULL},
        {make_two_integers, "/summary/value", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_numbers(&examples[i], GF_CONFIG, 0);
    assert_numbers(&(example){change_nothing, "remark", NULL}, GF_OK, 2);
    assert_numbers(&(example){delete_link, "/summary", NULL}, GF_OK, 0); /* a file may have none */
    assert_numbers(&(example){delete_link, "/portfolios/net_tvpi", NULL}, GF_OK, 2);
    assert_numbers(&(example){add_plain, "/portfolios/mine", NULL}, GF_OK, 2);
}

/* The values of what is left are those that were written. */
static void the_others_are_read(void **state)
{
    fixture f;
    gf_error error = {0};
    gf_results_file *file = NULL;
    double values[ROWS];
    (void)state;
    write_changed(&f, delete_link, "/portfolios/net_tvpi");
    assert_int_equal(gf_results_open(&file, f.path, &error), GF_OK);
    assert_int_equal(gf_results_about(file)->layout.n_columns, GF_N_COLUMNS - 1);
    assert_int_equal(gf_results_find_column(file, "net_tvpi"), -1);
    const int place = gf_results_find_column(file, "net_dpi");
    assert_int_equal(place, GF_COLUMN_NET_DPI - 1);
    assert_int_equal(gf_results_read_column(file, place, 0, ROWS, values, &error), GF_OK);
    for (uint64_t p = 0; p < ROWS; p++)
        assert_true(values[p] == fixture_value(p, GF_COLUMN_NET_DPI));
    gf_results_close(file);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_is_named),
        cmocka_unit_test(a_name_without_end),
        cmocka_unit_test(numbers_that_are_damaged),
        cmocka_unit_test(the_others_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
