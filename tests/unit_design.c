/* Designs and sensitivity: points, checks of a design's file, Sobol' indices against Ishigami's
 * function. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/design.h"
#include "run/sensitivity.h"

static const double pi = 3.14159265358979323846;

/* Three keys from 0 to 1. */
static gf_design design_of(gf_design_method method, int64_t points)
{
    static const char *const keys[] = {"models.incubation.loss_tolerance", "models.incubation.subsidy_share",
                                       "programme.invested_share"};
    gf_design d = {.method = method, .points = points, .portfolios = 1, .seed = 7, .n_keys = 3};
    for (int k = 0; k < 3; k++) {
        snprintf(d.keys[k].key, sizeof d.keys[k].key, "%s", keys[k]);
        assert_non_null(gf_config_find_row(d.keys[k].key));
        d.keys[k].from = 0;
        d.keys[k].to = 1;
        d.keys[k].levels = 5;
    }
    return d;
}

/* --- rows of keys --- */

static void test_paths_find_rows(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
        gf_param_kind kind;
    } good[] = {{"horizon_years", "horizon_years", GF_DOUBLE},
                {"programme.terms.carry", "carry", GF_DOUBLE},
                {"startups.dilution[0]", "dilution", GF_DOUBLES},
                {"startups.dilution", "dilution", GF_DOUBLES},
                {"startups.count", "count", GF_INT},
                {"startups.outcome.mixture[12].weight", "weight", GF_DOUBLE},
                {"models.incubation.loss_tolerance", "loss_tolerance", GF_DOUBLE}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const gf_param *row = gf_config_find_row(good[i].path);
        assert_non_null(row);
        assert_string_equal(row->name, good[i].name);
        if (strcmp(good[i].name, "horizon_years") != 0)
            assert_int_equal(row->kind, good[i].kind);
    }
    static const char *const bad[] = {"",
                                      ".",
                                      "programme.",
                                      "programme.terms.cary",
                                      "models",
                                      "models.",
                                      "models.nobody",
                                      "models.incubation",
                                      "startups.dilution[]",
                                      "startups.dilution[a]",
                                      "startups.dilution[0",
                                      "startups.count[0]",
                                      "startups.count.x",
                                      "startups.outcome.mixture.weight",
                                      "models.incubation[0].loss_tolerance",
                                      "seed"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(gf_config_find_row(bad[i]));
}

/* --- points --- */

static void test_a_grid_is_the_product_of_levels(void **state)
{
    (void)state;
    gf_design d = design_of(GF_DESIGN_GRID, 0);
    d.keys[0].n_values = 2;
    d.keys[0].values[0] = 0.3;
    d.keys[0].values[1] = 0.1;
    d.keys[1].from = 0.01;
    d.keys[1].scale = GF_DESIGN_LOG;
    d.keys[1].levels = 3;
    assert_int_equal(gf_design_size(&d), 2 * 3 * 5);
    double *x = gf_design_points(&d);
    assert_non_null(x);
    for (size_t p = 0; p < 30; p++) {
        const double of_range[] = {0.01, 0.1, 1};
        assert_true(x[p] == (p < 15 ? 0.3 : 0.1));
        assert_true(fabs(x[30 + p] - of_range[p / 5 % 3]) < 1e-15);
        assert_true(fabs(x[60 + p] - 0.25 * (double)(p % 5)) < 1e-15);
    }
    free(x);
}

static void test_a_latin_hypercube_meets_every_stratum_once(void **state)
{
    (void)state;
    enum { N = 97 };
    gf_design d = design_of(GF_DESIGN_LATIN_HYPERCUBE, N);
    double *x = gf_design_points(&d), *again = gf_design_points(&d);
    d.seed = 8;
    double *other = gf_design_points(&d);
    assert_int_equal(gf_design_size(&d), N);
    assert_memory_equal(x, again, 3 * N * sizeof *x);
    assert_true(memcmp(x, other, 3 * N * sizeof *x) != 0);
    for (int k = 0; k < 3; k++) {
        int count[N] = {0}, in_order = 1;
        for (int p = 0; p < N; p++) {
            const double at = x[k * N + p];
            assert_true(at >= 0 && at < 1);
            count[(int)(at * N)]++;
            in_order &= (int)(at * N) == p;
        }
        for (int stratum = 0; stratum < N; stratum++)
            assert_int_equal(count[stratum], 1);
        assert_false(in_order);
    }
    free(x);
    free(again);
    free(other);
}

/* AB_k is A but for key k, which is B's; BA_k the reverse; A and B cover the cube evenly. */
static void test_sobol_blocks_share_what_they_should(void **state)
{
    (void)state;
    enum { N = 256, ALL = 8 * N };
    gf_design d = design_of(GF_DESIGN_SOBOL, N);
    assert_int_equal(gf_design_size(&d), ALL);
    double *x = gf_design_points(&d);
    for (int key = 0; key < 3; key++) {
        const double *a = x + key * ALL, *b = a + N;
        int count[2][16] = {{0}};
        for (int k = 0; k < 3; k++) {
            assert_memory_equal(a + (2 + k) * N, k == key ? b : a, N * sizeof *x);
            assert_memory_equal(a + (5 + k) * N, k == key ? a : b, N * sizeof *x);
        }
        for (int p = 0; p < N; p++) {
            count[0][(int)(a[p] * 16)]++;
            count[1][(int)(b[p] * 16)]++;
        }
        for (int stratum = 0; stratum < 16;
             stratum++) /* 16 on average; a shift moves at most some of the ends */
            assert_true(abs(count[0][stratum] - 16) <= 2 && abs(count[1][stratum] - 16) <= 2);
    }
    free(x);
}

static void test_whole_numbers_are_equally_likely(void **state)
{
    (void)state;
    enum { N = 400 };
    gf_design d = design_of(GF_DESIGN_LATIN_HYPERCUBE, N);
    snprintf(d.keys[1].key, sizeof d.keys[1].key, "startups.count");
    d.keys[1].from = 3;
    d.keys[1].to = 6;
    d.keys[2].n_values = 2;
    d.keys[2].values[0] = -1;
    d.keys[2].values[1] = 5;
    double *x = gf_design_points(&d);
    int count[4] = {0}, n_first = 0;
    for (int p = 0; p < N; p++) {
        const double at = x[N + p];
        assert_true(at == floor(at) && at >= 3 && at <= 6);
        count[(int)at - 3]++;
        assert_true(x[2 * N + p] == -1 || x[2 * N + p] == 5);
        n_first += x[2 * N + p] < 0;
    }
    for (int v = 0; v < 4; v++)
        assert_int_equal(count[v], N / 4);
    assert_int_equal(n_first, N / 2);
    free(x);
}

/* --- files --- */

static void refuses(const char *keys, const char *wanted)
{
    char path[] = "/tmp/guidefund-design-XXXXXX";
    const int file = mkstemp(path);
    gf_error_list errors = {0};
    assert_true(file >= 0);
    dprintf(file, "sweep: a\nbase: b.yaml\n%s\n", keys);
    close(file);
    gf_design *design = gf_design_read(path, &errors);
    unlink(path);
    assert_null(design);
    assert_true(errors.n > 0);
    int is_said = 0;
    for (size_t i = 0; i < errors.n; i++)
        is_said |= strstr(errors.errors[i].message, wanted) != NULL;
    if (!is_said)
        print_error("expected '%s', got '%s'\n", wanted, errors.errors[0].message);
    assert_true(is_said);
    gf_errors_clear(&errors);
}

static void test_wrong_designs_are_refused(void **state)
{
    (void)state;
    static const char good[] = "numbers: [{of: mean(net_tvpi)}]\n";
    static const struct {
        const char *key, *wanted;
    } keys[] = {
        {"{key: startups.cunt, values: [1]}", "is no key; expected the path"},
        {"{key: programme.terms.waterfall, values: [1]}", "is not one number"},
        {"{key: startups.dilution, values: [0.1]}", "is not one number"},
        {"{key: portfolios, values: [10]}", "for the sweep to set"},
        {"{key: startups.count}", "neither values nor a range"},
        {"{key: startups.count, values: [1], from: 1, to: 2}", "values and a range"},
        {"{key: startups.count, from: 1}", "one end of a range"},
        {"{key: startups.count, from: 5, to: 5}", "expected more than from (5)"},
        {"{key: startups.count, values: [1.5]}", "expected a whole number"},
        {"{key: programme.terms.carry, values: [7]}", "as the key takes"},
        {"{key: models.incubation.loss_tolerance, from: 0, to: 1, scale: log}", "expected more than 0"},
        {"{key: startups.count, values: [1]}, {key: startups.count, values: [2]}", "there twice"}};
    char text[400];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        snprintf(text, sizeof text, "%skeys: [%s]", good, keys[i].key);
        refuses(text, keys[i].wanted);
    }
    refuses("keys: []\nnumbers: [{of: mean(net_tvpi)}]", "keys: is empty");
    refuses("keys: [{key: startups.count, values: [1]}]\nnumbers: []", "numbers: is empty");
    refuses("keys: [{key: startups.count, values: [1]}]\nnumbers: [{of: 'mean(net'}]",
            "is not a number of a run");
    refuses("keys: [{key: startups.count, values: [1]}]\nnumbers: [{of: irr, name: a/b}]",
            "is no name of a dataset");
    refuses("keys: [{key: startups.count, values: [1]}]\nnumbers: [{of: mean(irr)}, {of: mean(irr)}]",
            "is taken");
    refuses("keys: [{key: startups.count, from: 1, to: 99}]\nmethod: sobol\npoints: 1e6\n"
            "numbers: [{of: irr}]",
            "expected at most 1000000");
}

static void test_a_design_is_read(void **state)
{
    (void)state;
    char path[] = "/tmp/guidefund-design-XXXXXX";
    const int file = mkstemp(path);
    gf_error_list errors = {0};
    dprintf(file, "sweep: a\nbase: b.yaml\nkeys: [{key: \"startups.dilution[1]\", from: 0.1, to: 0.2}]\n"
                  "numbers: [{of: P(net_tvpi >= 3)}, {of: median(irr), name: rate}]\n");
    close(file);
    gf_design *d = gf_design_read(path, &errors);
    unlink(path);
    assert_non_null(d);
    assert_string_equal(d->numbers[0].name, "P(net_tvpi>=3)");
    assert_string_equal(d->numbers[1].name, "rate");
    assert_int_equal(gf_design_size(d), 5);
    char *base = gf_design_base(d);
    assert_string_equal(base, "/tmp/b.yaml");
    free(base);
    gf_design_free(d);
}

/* --- indices --- */

enum { ROWS = 2048, BLOCKS = 8 };

/* Ishigami and Homma (1990): sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1 on (−π, π)³. */
static double ishigami(const double *x, size_t p)
{
    const size_t n = (size_t)ROWS * BLOCKS;
    const double a = pi * (2 * x[p] - 1), b = pi * (2 * x[n + p] - 1), c = pi * (2 * x[2 * n + p] - 1);
    return sin(a) + 7 * sin(b) * sin(b) + 0.1 * pow(c, 4) * sin(a);
}

static int indices_of(const double *f, gf_sobol_index index[3])
{
    gf_sobol_indices(ROWS, 3, f, index);
    return gf_sobol_errors(ROWS, 3, f, 3, index);
}

/* Known: first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437. Each of six within 4 bootstrap errors:
 * by chance it fails in 1 of 2,600 seeds if rows were random, and Sobol' points do better. */
static int is_ishigami(const double *f)
{
    static const double first[] = {0.31390519, 0.44241114, 0}, total[] = {0.55758886, 0.44241114, 0.24368366};
    gf_sobol_index index[3];
    int is_near = 1;
    assert_int_equal(indices_of(f, index), 0);
    for (int k = 0; k < 3; k++) {
        assert_true(index[k].first_se >= 0 && index[k].first_se < 0.05 && index[k].total_se < 0.05);
        is_near &= fabs(index[k].first - first[k]) <= 4 * index[k].first_se &&
                   fabs(index[k].total - total[k]) <= 4 * index[k].total_se;
    }
    return is_near;
}

static void test_indices_of_ishigami(void **state)
{
    (void)state;
    const gf_design d = design_of(GF_DESIGN_SOBOL, ROWS);
    double *x = gf_design_points(&d), *f = malloc((size_t)ROWS * BLOCKS * sizeof *f);
    assert_non_null(f);
    for (size_t p = 0; p < (size_t)ROWS * BLOCKS; p++)
        f[p] = ishigami(x, p);
    assert_true(is_ishigami(f));
    /* spoiled: keys 1 and 2 change places in one half of the scheme */
    for (size_t p = 0; p < ROWS; p++) {
        const double kept = f[2 * ROWS + p];
        f[2 * ROWS + p] = f[3 * ROWS + p];
        f[3 * ROWS + p] = kept;
    }
    assert_false(is_ishigami(f));
    free(x);
    free(f);
}

/* Luck adds the squared error of the mean over groups. */
static void test_luck_makes_errors_larger(void **state)
{
    (void)state;
    gf_sobol_index groups[4][2], index[2] = {{0.5, 0.03, 0.6, 0.04}, {0.1, 0, 0.2, 0}};
    for (int g = 0; g < 4; g++)
        for (int i = 0; i < 2; i++)
            groups[g][i] = (gf_sobol_index){0.1 * g * (i + 1), NAN, 0.5, NAN};
    gf_sobol_add_luck(2, groups[0], 4, index);
    /* 0, 1, 2, 3 tenths: variance 5/3 hundredths, of their mean a quarter */
    const double error = sqrt(0.01 * 5 / 3 / 4);
    assert_true(fabs(index[0].first_se - hypot(0.03, error)) < 1e-15);
    assert_true(fabs(index[1].first_se - 2 * error) < 1e-15);
    assert_true(fabs(index[0].total_se - 0.04) < 1e-15 && index[1].total_se == 0);
    assert_true(index[0].first == 0.5 && index[1].total == 0.2);
}

static void test_indices_of_nothing_and_of_everything(void **state)
{
    (void)state;
    const gf_design d = design_of(GF_DESIGN_SOBOL, ROWS);
    double *x = gf_design_points(&d), *f = malloc((size_t)ROWS * BLOCKS * sizeof *f);
    gf_sobol_index index[3];
    for (size_t p = 0; p < (size_t)ROWS * BLOCKS; p++)
        f[p] = 100 + exp(x[p]);
    assert_int_equal(indices_of(f, index), 0);
    assert_true(fabs(index[0].first - 1) < 1e-12 && fabs(index[0].total - 1) < 1e-12);
    assert_true(index[1].first == 0 && index[1].total == 0 && index[1].first_se == 0);
    for (size_t p = 0; p < (size_t)ROWS * BLOCKS; p++)
        f[p] = 0.1;
    assert_int_equal(indices_of(f, index), 0);
    assert_true(isnan(index[0].first) && isnan(index[2].total) && isnan(index[2].total_se));
    f[5 * ROWS] = NAN;
    assert_int_equal(indices_of(f, index), 0);
    assert_true(isnan(index[0].first) && isnan(index[0].first_se));
    free(x);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths_find_rows),
                                       cmocka_unit_test(test_a_grid_is_the_product_of_levels),
                                       cmocka_unit_test(test_a_latin_hypercube_meets_every_stratum_once),
                                       cmocka_unit_test(test_sobol_blocks_share_what_they_should),
                                       cmocka_unit_test(test_whole_numbers_are_equally_likely),
                                       cmocka_unit_test(test_wrong_designs_are_refused),
                                       cmocka_unit_test(test_a_design_is_read),
                                       cmocka_unit_test(test_indices_of_ishigami),
                                       cmocka_unit_test(test_luck_makes_errors_larger),
                                       cmocka_unit_test(test_indices_of_nothing_and_of_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
