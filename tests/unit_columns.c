/* output.columns: what is asked for is there, in the bits that it has beside all other columns, and what
 * nobody asks for is not worked out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "portfolio/return_columns.h"
#include "portfolio/workspace.h"
#include "sanitized.h"
#include "scenario_fixture.h"

enum { N_BLOCKS = 3 };

/* Columns and series of blocks 0, 1, 2 of one workspace; the one in the middle has series. */
typedef struct sample {
    fixture f;
    double *columns[N_BLOCKS], *series;
} sample;

static size_t series_size(const fixture *f)
{
    return (size_t)f->layout.n_series * (size_t)f->config.scenario.n_quarters * GF_LANES;
}

static void take(sample *s, const char *config, int n, const char *const *overrides)
{
    fixture_open(&s->f, config, n, overrides);
    s->series = calloc(series_size(&s->f), sizeof *s->series);
    for (int b = 0; b < N_BLOCKS; b++) {
        s->columns[b] = calloc((size_t)s->f.layout.n_columns * GF_LANES, sizeof(double));
        const gf_sink sink = {.columns = s->columns[b],
                              .columns_stride = GF_LANES,
                              .series = b == 1 ? s->series : NULL,
                              .series_stride = GF_LANES};
        gf_simulate(s->f.workspace, (uint64_t)(b * GF_LANES), GF_LANES - b, &sink);
    }
}

static void drop(sample *s)
{
    for (int b = 0; b < N_BLOCKS; b++)
        free(s->columns[b]);
    free(s->series);
    fixture_close(&s->f);
}

static int find(const gf_layout *layout, const char *name)
{
    for (int c = 0; c < layout->n_columns; c++)
        if (strcmp(layout->columns[c].name, name) == 0)
            return c;
    return -1;
}

/* Values that differ between what the two have in common; −1: `some` has a column that `all` lacks. */
static int count_differences(const sample *some, const sample *all)
{
    int n = 0;
    for (int c = 0; c < some->f.layout.n_columns; c++) {
        const int place = find(&all->f.layout, some->f.layout.columns[c].name);
        if (place < 0)
            return -1;
        for (int b = 0; b < N_BLOCKS; b++)
            for (int lane = 0; lane < GF_LANES - b; lane++)
                n += memcmp(&some->columns[b][c * GF_LANES + lane], &all->columns[b][place * GF_LANES + lane],
                            sizeof(double)) != 0;
    }
    return n + (memcmp(some->series, all->series, series_size(&all->f) * sizeof(double)) != 0);
}

static const struct {
    const char *config;
    int n;
    const char *overrides[4];
} cases[] = {
    {"reference.yaml", 0, {NULL}},
    {"reference.yaml", 2, {"startups.listing.lock_up_quarters=3", "draws=gsl"}},
    {"reference.yaml", 1, {"sampling.breakout_tilt=3"}},
    {"hangzhou.yaml", 0, {NULL}},
    {"hangzhou.yaml", 2, {"output.returns=all", "startups.count=20"}},
    {"xuhui.yaml", 0, {NULL}},
    {"shenzhen_with_incubation.yaml", 1, {"programme.government.concession=buy_back"}},
    {"wuxi.yaml", 1, {"programme.terms.waterfall=american"}},
};
enum { N_CASES = sizeof cases / sizeof *cases };

/* A case with output.columns = `columns`. */
static void take_case(sample *s, int i, const char *columns)
{
    const char *overrides[5];
    char setting[1200];
    for (int k = 0; k < cases[i].n; k++)
        overrides[k] = cases[i].overrides[k];
    snprintf(setting, sizeof setting, "output.columns=%s", columns);
    overrides[cases[i].n] = setting;
    take(s, cases[i].config, cases[i].n + 1, overrides);
}

/* Every column alone, among those that need the same, and in the reference workload's company. With
 * sanitizers every fourth of a case, others in the next: each column twice in all.
 */
static void columns_have_the_same_bits_whatever_else_is_asked_for(void **state)
{
    (void)state;
    enum { STEP = GF_SANITIZED ? 4 : 1 };
    for (int i = 0; i < N_CASES; i++) {
        sample all, some;
        char words[64];
        take_case(&all, i, "all");
        for (int c = i % STEP; c < GF_N_COLUMNS; c += STEP) {
            snprintf(words, sizeof words, "[%s]", gf_columns[c].name);
            take_case(&some, i, words);
            assert_true(find(&some.f.layout, gf_columns[c].name) >= 0);
            assert_int_equal(count_differences(&some, &all), 0);
            drop(&some);
        }
        take_case(&some, i,
                  "[net_tvpi, net_irr, government_irr, private_tvpi, manager_tvpi, top_share, jobs]");
        assert_int_equal(count_differences(&some, &all), 0);
        some.columns[2][0] += 1; /* spoiled twins: one value, and another column under the name */
        assert_int_equal(count_differences(&some, &all), 1);
        some.f.layout.columns[0].name = "net_rvpi";
        assert_true(count_differences(&some, &all) > GF_LANES);
        drop(&some);
        drop(&all);
    }
}

static void the_columns_asked_for_come_in_the_engines_order(void **state)
{
    static const char *const overrides[] = {"output.columns=[n_live, direct_alpha, net_irr, net_tvpi]"};
    static const char *const expected[] = {"net_tvpi",     "net_irr",           "net_irr_flag",
                                           "direct_alpha", "direct_alpha_flag", "n_live"};
    fixture f;
    (void)state;
    fixture_open(&f, "baseline.yaml", 1, overrides);
    assert_int_equal(f.layout.n_engine_columns, 6);
    for (int c = 0; c < 6; c++)
        assert_string_equal(f.layout.columns[c].name, expected[c]);
    fixture_close(&f);
    fixture_open(&f, "baseline.yaml", 0, NULL);
    assert_int_equal(f.layout.n_engine_columns, GF_N_COLUMNS);
    for (int c = 0; c < GF_N_COLUMNS; c++)
        assert_string_equal(f.layout.columns[c].name, gf_columns[c].name);
    fixture_close(&f);
}

/* Columns of output.returns: all and of models are there whatever is asked for; weights where there are any.
 */
static void other_columns_do_not_depend_on_the_list(void **state)
{
    static const char *const overrides[] = {"output.columns=[n_failed]", "output.returns=all"},
                             *const tilted[] = {"output.columns=[n_failed]", "sampling.breakout_tilt=2"};
    fixture all, some;
    (void)state;
    fixture_open(&all, "hangzhou.yaml", 1, overrides + 1);
    fixture_open(&some, "hangzhou.yaml", 2, overrides);
    assert_int_equal(some.layout.n_engine_columns, 1);
    const int n_others = all.layout.n_columns - GF_N_COLUMNS;
    assert_true(n_others > GF_N_RETURN_COLUMNS);
    assert_int_equal(some.layout.n_columns, 1 + n_others);
    for (int c = 0; c < n_others; c++)
        assert_string_equal(some.layout.columns[1 + c].name, all.layout.columns[GF_N_COLUMNS + c].name);
    fixture_close(&some);
    fixture_close(&all);
    fixture_open(&some, "reference.yaml", 2, tilted);
    assert_int_equal(some.layout.n_engine_columns, 2);
    assert_string_equal(some.layout.columns[1].name, "log_weight");
    fixture_close(&some);
}

static void has_needs(const char *columns, const gf_needs *expected)
{
    const char *const overrides[] = {columns};
    fixture f;
    fixture_open(&f, "reference.yaml", 1, overrides); /* without lock-ups */
    gf_needs needs = f.workspace->needs;
    memset(needs.place, 0, sizeof needs.place);
    assert_memory_equal(&needs, expected, sizeof needs);
    fixture_close(&f);
}

static void nothing_is_worked_out_that_nobody_reads(void **state)
{
    (void)state;
    has_needs("output.columns=[n_outliers, n_live]", &(gf_needs){.has_index = 0});
    has_needs("output.columns=[invested]", &(gf_needs){.has_ledger = 1, .has_money = 1});
    has_needs("output.columns=[local_duty]", &(gf_needs){.has_ledger = 1, .has_pace = 1});
    has_needs("output.columns=[net_dpi]", &(gf_needs){.has_ledger = 1, .has_flows = 1});
    has_needs("output.columns=[net_irr_flag]", &(gf_needs){.has_ledger = 1, .has_flows = 1, .has_irr = 1});
    has_needs("output.columns=[ks_pme]",
              &(gf_needs){.has_ledger = 1, .has_flows = 1, .has_ks_pme = 1, .has_index = 1});
    has_needs("output.columns=[direct_alpha]",
              &(gf_needs){.has_ledger = 1, .has_flows = 1, .has_direct_alpha = 1, .has_index = 1});
    has_needs("output.columns=[private_tvpi]",
              &(gf_needs){.has_ledger = 1, .has_flows = 1, .has_party = {[GF_PRIVATE] = 1}});
    has_needs("output.columns=[government_irr]",
              &(gf_needs){.has_ledger = 1, .has_flows = 1, .has_irr = 1, .has_party = {[GF_GOVERNMENT] = 1}});
    has_needs("output.columns=[recycled]", &(gf_needs){.has_pace = 1});
    has_needs("output.columns=[top_tenth_share]", &(gf_needs){.has_tops = 1});
    has_needs("output.columns=[n_ambient_outliers]", &(gf_needs){.has_account = 1});
    has_needs("output.columns=[jobs]",
              &(gf_needs){.has_ledger = 1, .has_account = 1, .has_public_results = 1});
    has_needs("output.columns=all", &(gf_needs){.has_index = 1,
                                                .has_money = 1,
                                                .has_ledger = 1,
                                                .has_flows = 1,
                                                .has_irr = 1,
                                                .has_ks_pme = 1,
                                                .has_direct_alpha = 1,
                                                .has_party = {1, 1, 1},
                                                .has_pace = 1,
                                                .has_tops = 1,
                                                .has_account = 1,
                                                .has_public_results = 1});
}

static int is_still(const sample *s)
{
    const gf_market *m = &s->f.workspace->market;
    int n = 0;
    for (int q = 0; q <= s->f.config.scenario.n_quarters; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            n += m->index[q][lane] != 1.0;
    return n == 0;
}

/* After a block without series that follows one with series. */
static void the_index_walks_for_those_who_read_it(void **state)
{
    static const char *const settings[] = {"output.columns=[net_irr]", "output.columns=[ks_pme]"},
                             *const locked[] = {"output.columns=[net_irr]",
                                                "startups.listing.lock_up_quarters=2"},
                             *const returns[] = {"output.columns=[net_irr]", "output.returns=all"};
    sample s;
    (void)state;
    take(&s, "reference.yaml", 1, settings);
    assert_true(is_still(&s));
    drop(&s);
    take(&s, "reference.yaml", 1, settings + 1);
    assert_false(is_still(&s));
    drop(&s);
    take(&s, "reference.yaml", 2, locked);
    assert_false(is_still(&s));
    drop(&s);
    take(&s, "reference.yaml", 2, returns);
    assert_false(is_still(&s));
    drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_the_same_bits_whatever_else_is_asked_for),
        cmocka_unit_test(the_columns_asked_for_come_in_the_engines_order),
        cmocka_unit_test(other_columns_do_not_depend_on_the_list),
        cmocka_unit_test(nothing_is_worked_out_that_nobody_reads),
        cmocka_unit_test(the_index_walks_for_those_who_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
