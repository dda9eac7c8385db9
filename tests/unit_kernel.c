/* The kernel of events: the same bits whatever the instruction set and the block, and the ends of its ranges.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario_fixture.h"

enum { MOST_OVERRIDES = 8 };

/* Scenarios that together reach every path of the kernel. */
static const struct variant {
    const char *config, *overrides[MOST_OVERRIDES];
} variants[] = {
    {"reference.yaml", {NULL}},
    {"reference.yaml", {"startups.breakout.then=stays", "startups.listing.lock_up_quarters=3", NULL}},
    {"reference.yaml",
     {"startups.follow_on.rule=pro_rata", "programme.invested_share=0.5", "programme.reserve_share=0.2",
      NULL}},
    {"reference.yaml",
     {"startups.follow_on.rule=winners", "programme.invested_share=0.5", "programme.reserve_share=0.2",
      "startups.recovery.a=0.5", "programme.sub_funds=3", NULL}},
    {"reference.yaml", {"startups.count=7", "startups.entry.quarters=4", NULL}},
    {"reference.yaml", {"startups.count=16", "startups.breakout.then=stays", NULL}},
    {"reference.yaml",
     {"startups.count=24", "startups.entry.quarters=9",
      "startups.hazards_per_year.graduate=[9, 9, 2, 1, 0, 0]", NULL}},
    {"reference.yaml", {"startups.entry.stage_weights=[0.5, 0.2, 0.2, 0.05, 0.05]", NULL}},
    {"baseline.yaml", {NULL}},
    {"hangzhou.yaml", {NULL}},
    {"hangzhou.yaml", {"startups.sale.preference=0", NULL}},
    {"reference.yaml", {"startups.sale.preference=1", "startups.breakout.then=stays", NULL}},
    {"reference.yaml", {"startups.sale.preference=1", "programme.government.concession=buy_back", NULL}},
    {"reference.yaml",
     {"startups.sectors=[{name: a, weight: 0.5, fail: 1.2}, {name: b, weight: 0.5, graduate: 1.1}]", NULL}},
    {"baseline.yaml",
     {"startups.sectors=[{name: a, weight: 0.5}, {name: b, weight: 0.3, list: 1.5}, {name: c, weight: 0.2}]",
      NULL}},
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

static void open_variant(fixture *f, const struct variant *v)
{
    int n = 0;
    while (v->overrides[n] != NULL)
        n++;
    fixture_open(f, v->config, n, v->overrides);
}

static void use_isa(fixture *f, gf_isa isa)
{
    gf_error error;
    gf_workspace_free(f->workspace);
    assert_int_equal(gf_workspace_new(&f->workspace, &f->config.scenario, &f->layout, isa, &error), GF_OK);
}

/* Columns of portfolios first … first + n − 1, simulated in blocks of `lanes`, [column][n]. */
static double *simulate(fixture *f, uint64_t first, int n, int lanes)
{
    double *all = calloc((size_t)f->layout.n_columns * (size_t)n, sizeof *all);
    const int most = gf_workspace_lanes(&f->config.scenario);
    lanes = lanes < most ? lanes : most;
    for (int i = 0; i < n; i += lanes) {
        const int m = n - i < lanes ? n - i : lanes;
        fixture_run(f, first + (uint64_t)i, m);
        for (int c = 0; c < f->layout.n_columns; c++)
            memcpy(all + (size_t)c * (size_t)n + i, f->columns + (size_t)c * GF_LANES,
                   (size_t)m * sizeof *all);
    }
    return all;
}

static void assert_same(const fixture *f, int n, const double *a, const double *b)
{
    for (int c = 0; c < f->layout.n_columns; c++)
        if (memcmp(a + (size_t)c * (size_t)n, b + (size_t)c * (size_t)n, (size_t)n * sizeof *a) != 0)
            fail_msg("column %s differs", f->layout.columns[c].name);
}

static void test_instruction_sets_agree(void **state)
{
    (void)state;
    for (int v = 0; v < N_VARIANTS; v++) {
        fixture f;
        open_variant(&f, &variants[v]);
        use_isa(&f, GF_ISA_SSE2);
        double *base = simulate(&f, 5, GF_LANES, GF_LANES);
        for (int isa = GF_ISA_SSE2 + 1; isa < GF_N_ISA; isa++) {
            if (!gf_isa_available((gf_isa)isa))
                continue;
            use_isa(&f, (gf_isa)isa);
            double *other = simulate(&f, 5, GF_LANES, GF_LANES);
            assert_same(&f, GF_LANES, base, other);
            free(other);
        }
        free(base);
        fixture_close(&f);
    }
}

static void test_blocks_agree(void **state)
{
    (void)state;
    for (int v = 0; v < N_VARIANTS; v++) {
        fixture f;
        open_variant(&f, &variants[v]);
        double *whole = simulate(&f, 1000, GF_LANES, GF_LANES);
        const int sizes[] = {1, 7, 31};
        for (int i = 0; i < 3; i++) {
            double *parts = simulate(&f, 1000, GF_LANES, sizes[i]);
            assert_same(&f, GF_LANES, whole, parts);
            free(parts);
        }
        /* twin: other portfolios must differ, or nothing was tested */
        double *others = simulate(&f, 1001, GF_LANES, GF_LANES);
        assert_memory_not_equal(whole, others, (size_t)f.layout.n_columns * GF_LANES * sizeof *whole);
        free(others);
        free(whole);
        fixture_close(&f);
    }
}

/* Every startup has one fate. */
static void assert_fates_add_up(const fixture *f, int lane)
{
    const double fates = fixture_value(f, "n_failed", lane) + fixture_value(f, "n_acquired", lane) +
                         fixture_value(f, "n_listed", lane) + fixture_value(f, "n_live", lane) +
                         fixture_value(f, "n_outliers", lane);
    assert_true(fates == fixture_value(f, "n_entered", lane));
}

static void run_reference(fixture *f, int n, const char *const *overrides)
{
    fixture_open(f, "reference.yaml", n, overrides);
    fixture_run(f, 0, gf_workspace_lanes(&f->config.scenario));
    for (int lane = 0; lane < gf_workspace_lanes(&f->config.scenario); lane++)
        assert_fates_add_up(f, lane);
}

#define ZERO      "[0, 0, 0, 0, 0, 0]"
#define NO(cause) "startups.hazards_per_year." cause "=" ZERO

static void test_without_hazards_all_is_held(void **state)
{
    (void)state;
    const char *const overrides[] = {NO("fail"), NO("graduate"), NO("acquire"), NO("list"), NO("breakout")};
    fixture f;
    run_reference(&f, 5, overrides);
    for (int lane = 0; lane < GF_LANES; lane++) {
        assert_true(fixture_value(&f, "n_live", lane) == 100);
        assert_true(fixture_value(&f, "n_graduated", lane) == 0);
        assert_true(fabs(fixture_value(&f, "gross_multiple", lane) - 0.75) < 1e-12);
        assert_true(fabs(fixture_value(&f, "top_tenth_share", lane) - 0.1) < 1e-12); /* all are equal: ties */
    }
    fixture_close(&f);
}

static void test_all_fail_at_once(void **state)
{
    (void)state;
    const char *const overrides[] = {"startups.hazards_per_year.fail=[20, 20, 20, 20, 20, 0]", NO("graduate"),
                                     NO("acquire"), NO("list"), NO("breakout")};
    fixture f;
    run_reference(&f, 5, overrides);
    for (int lane = 0; lane < GF_LANES; lane++) {
        assert_true(fixture_value(&f, "n_failed", lane) == 100);
        assert_true(fixture_value(&f, "gross_multiple", lane) == 0);
        assert_true(fixture_value(&f, "top_share", lane) == 0);
        assert_true(fixture_value(&f, "max_multiple", lane) == 0);
        assert_true(fixture_value(&f, "first_outlier_quarter", lane) == -1);
    }
    fixture_close(&f);
}

static void test_nobody_leaves(void **state)
{
    (void)state;
    const char *const overrides[] = {"startups.hazards_per_year.graduate=[20, 20, 20, 20, 0, 0]", NO("fail"),
                                     NO("acquire"), NO("list"), NO("breakout")};
    fixture f;
    run_reference(&f, 5, overrides);
    for (int lane = 0; lane < GF_LANES; lane++) {
        assert_true(fixture_value(&f, "n_live", lane) == 100);
        assert_true(fixture_value(&f, "n_graduated", lane) ==
                    400); /* all rounds there are, then growth for ever */
    }
    fixture_close(&f);
}

static void test_ends_of_counts(void **state)
{
    (void)state;
    const char *const one[] = {"startups.count=1"};
    const char *const many[] = {"startups.count=10000"};
    const char *const brief[] = {"horizon_years=0.25", "startups.entry.tranche_quarters=1"};
    fixture f;
    run_reference(&f, 1, one);
    assert_true(fixture_value(&f, "n_entered", 0) == 1);
    fixture_close(&f);
    run_reference(&f, 1, many);
    assert_true(fixture_value(&f, "n_entered", 0) == 10000);
    fixture_close(&f);
    run_reference(&f, 2, brief);
    assert_int_equal(f.config.scenario.n_quarters, 1);
    fixture_close(&f);
}

/* The best tenth against a sort of the startup rows, ties and all. */
static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void test_best_tenth_is_that_of_a_sort(void **state)
{
    (void)state;
    fixture f;
    fixture_open(&f, "reference.yaml", 0, NULL);
    const size_t n = 100, rows = n * GF_LANES;
    double *startups = calloc(GF_N_STARTUP_COLUMNS * rows, sizeof *startups);
    const gf_sink sink = {
        .columns = f.columns, .columns_stride = GF_LANES, .startups = startups, .startups_stride = GF_LANES};
    gf_simulate(f.workspace, 77, GF_LANES, &sink);
    for (int lane = 0; lane < GF_LANES; lane++) {
        double values[100], sum = 0, tenth = 0;
        for (size_t i = 0; i < n; i++)
            values[i] = startups[(GF_STARTUP_VALUE * n + i) * GF_LANES + (size_t)lane];
        qsort(values, n, sizeof *values, descending);
        for (size_t i = 0; i < n; i++) {
            sum += values[i];
            tenth += i < n / 10 ? values[i] : 0;
        }
        assert_true(fabs(fixture_value(&f, "top_tenth_share", lane) - tenth / sum) < 1e-12);
        assert_true(fabs(fixture_value(&f, "top_share", lane) - values[0] / sum) < 1e-12);
        /* twin: one startup more or less is seen */
        assert_true(fabs(fixture_value(&f, "top_tenth_share", lane) - (tenth - values[9]) / sum) > 1e-9);
    }
    free(startups);
    fixture_close(&f);
}

/* Stages of startups held at the horizon, in sectors whose classes do not begin at 0. */
static void test_last_stages_of_the_held(void **state)
{
    (void)state;
    const char *const overrides[] = {
        NO("fail"),
        NO("acquire"),
        NO("list"),
        NO("breakout"),
        "startups.hazards_per_year.graduate=[40, 40, 0, 0, 0, 0]", /* all get to B, and no further */
        "startups.sectors=[{name: a, weight: 0.3}, {name: b, weight: 0.3}, {name: c, weight: 0.4}]"};
    fixture f;
    fixture_open(&f, "reference.yaml", 6, overrides);
    const size_t n = 100, rows = n * GF_LANES;
    double *startups = calloc(GF_N_STARTUP_COLUMNS * rows, sizeof *startups);
    const gf_sink sink = {
        .columns = f.columns, .columns_stride = GF_LANES, .startups = startups, .startups_stride = GF_LANES};
    int n_in[3] = {0};
    gf_simulate(f.workspace, 0, GF_LANES, &sink);
    for (size_t i = 0; i < rows; i++) {
        n_in[(int)startups[GF_STARTUP_SECTOR * rows + i]]++;
        assert_true(startups[GF_STARTUP_LAST_STAGE * rows + i] == GF_B);
    }
    assert_true(n_in[0] > 0 && n_in[1] > 0 && n_in[2] > 0);
    free(startups);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_stages_of_the_held),
        cmocka_unit_test(test_instruction_sets_agree),
        cmocka_unit_test(test_blocks_agree),
        cmocka_unit_test(test_without_hazards_all_is_held),
        cmocka_unit_test(test_all_fail_at_once),
        cmocka_unit_test(test_nobody_leaves),
        cmocka_unit_test(test_ends_of_counts),
        cmocka_unit_test(test_best_tenth_is_that_of_a_sort),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
