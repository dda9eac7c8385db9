/* Laws of prices: rounds and exit share one normal, whose law is that of a draw a round. Held to closed
 * forms, and against scenarios in which somebody acts on rounds, so that they are drawn one by one. Every
 * bound comes with a twin that must break it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "sample_distance.h"
#include "scenario_fixture.h"

/* One chance in 100,000 a comparison to fail by bad luck alone, at any seed; twins miss with less. */
static const double odds = 1e-5, twin_odds = 1e-7;
enum { BLOCKS = 300, N = BLOCKS * GF_LANES, MOST = 24 };

#define ROUNDS_SEEN "programme.government={concession: buy_back}"

typedef const char *const *settings;

/* Opens the reference with settings, at a seed of its own. */
static void open_with(fixture *f, int sample, settings more)
{
    const char *overrides[MOST], *given = getenv("GF_TEST_SEED");
    char seed[64];
    int n = 0;
    snprintf(seed, sizeof seed, "seed=%llu",
             (given != NULL ? strtoull(given, NULL, 0) : 20261129) + (unsigned)sample);
    overrides[n++] = seed;
    for (; more != NULL && *more != NULL; more++)
        overrides[n++] = *more;
    fixture_open(f, "reference.yaml", n, overrides);
}

/* N values of a column. */
static void collect(int sample, settings more, const char *column, double *values)
{
    fixture f;
    open_with(&f, sample, more);
    for (int b = 0; b < BLOCKS; b++) {
        fixture_run(&f, (uint64_t)b * GF_LANES, GF_LANES);
        for (int lane = 0; lane < GF_LANES; lane++)
            values[b * GF_LANES + lane] = fixture_value(&f, column, lane);
    }
    fixture_close(&f);
}

/* Chance of a worse fit of the gross multiples of single startups to exp(mean + deviation z). */
static double fit(int sample, settings more, double mean, double deviation)
{
    double *values = malloc(N * sizeof *values);
    collect(sample, more, "gross_multiple", values);
    for (int i = 0; i < N; i++)
        values[i] = gsl_cdf_ugaussian_P((log(values[i]) - mean) / deviation);
    const double p = p_of_uniform(N, values);
    free(values);
    return p;
}

#define ALONE                "startups.count=1", "horizon_years=40", "models.spillover=false", "market.exit_loading=0"
#define NONE                 "[0, 0, 0, 0, 0, 0]"
#define HAZARD(cause, rates) "startups.hazards_per_year." cause "=" rates
#define ONLY_ROUNDS                                                                                          \
    ALONE, HAZARD("fail", NONE), HAZARD("list", NONE), HAZARD("breakout", NONE), HAZARD("acquire", NONE),    \
        HAZARD("graduate", "[8, 8, 8, 8, 0, 0]")

/* What is held at the horizon went through the rounds from its entry to growth. */
static void test_rounds_to_the_horizon(void **state)
{
    (void)state;
    const char *const unseen[] = {ONLY_ROUNDS, NULL}, *const seen[] = {ONLY_ROUNDS, ROUNDS_SEEN, NULL},
                      *const moved[] = {ONLY_ROUNDS, "startups.step_up.market_correlation=0.6", NULL},
                      *const late[] = {ONLY_ROUNDS, "startups.entry.stage_weights=[0, 0, 1, 0, 0]", NULL};
    const double all = log(2.0 * 1.9 * 1.7 * 1.5 * 0.8 * 0.8 * 0.8 * 0.8 * 0.75),
                 two = log(1.7 * 1.5 * 0.8 * 0.8 * 0.75);
    assert_true(fit(0, unseen, all, 1.0) > odds);
    assert_true(fit(1, seen, all, 1.0) > odds);
    assert_true(fit(2, moved, all, 1.0) > odds);
    assert_true(fit(3, late, two, sqrt(0.5)) > odds);
    assert_true(fit(0, unseen, all, 1.15) < twin_odds);
    assert_true(fit(1, seen, all + 0.1, 1.0) < twin_odds);
    assert_true(fit(3, late, all, 1.0) < twin_odds);
}

/* A round, then a sale or a listing. */
static void test_rounds_to_an_exit(void **state)
{
    (void)state;
#define ONE_ROUND                                                                                            \
    ALONE, HAZARD("fail", NONE), HAZARD("breakout", NONE), HAZARD("graduate", "[8, 0, 0, 0, 0, 0]")
    const char *const sold[] = {ONE_ROUND, HAZARD("list", NONE), HAZARD("acquire", "[0, 8, 0, 0, 0, 0]"),
                                NULL},
                      *const listed[] = {ONE_ROUND, HAZARD("acquire", NONE),
                                         HAZARD("list", "[0, 8, 0, 0, 0, 0]"), NULL},
                      *const seen[] = {ONE_ROUND, HAZARD("list", NONE),
                                       HAZARD("acquire", "[0, 8, 0, 0, 0, 0]"), ROUNDS_SEEN, NULL};
    const double sale = log(2.0 * 0.8 * 0.9), listing = log(2.0 * 0.8 * 1.6), of_sale = sqrt(0.25 + 0.64),
                 of_listing = sqrt(0.25 + 0.25);
    assert_true(fit(4, sold, sale, of_sale) > odds);
    assert_true(fit(5, listed, listing, of_listing) > odds);
    assert_true(fit(6, seen, sale, of_sale) > odds);
    assert_true(fit(4, sold, sale, 0.8) < twin_odds); /* twin: the exit's own deviation alone */
    assert_true(fit(5, listed, listing, of_sale) < twin_odds);
}

/* Chance of a larger distance between a column with rounds seen and unseen. */
static double between(const char *column, settings unseen)
{
    const char *const seen[] = {ROUNDS_SEEN, NULL};
    double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
    collect(7, unseen, column, a);
    collect(8, seen, column, b);
    const double p = p_of_same(N, a, N, b);
    free(a);
    free(b);
    return p;
}

static void test_portfolios(void **state)
{
    (void)state;
    const char *const twin[] = {"startups.step_up.sigma=[0.7, 0.7, 0.5, 0.5]", NULL};
    assert_true(between("gross_multiple", NULL) > odds);
    assert_true(between("top_tenth_share", NULL) > odds);
    assert_true(between("max_multiple", NULL) > odds);
    assert_true(between("top_tenth_share", twin) < twin_odds);
}

/* NAV of N portfolios at the end of a quarter. */
static void collect_marks(int sample, settings more, int quarter, double *values)
{
    fixture f;
    open_with(&f, sample, more);
    const int n_quarters = f.config.scenario.n_quarters;
    double *series = malloc((size_t)f.layout.n_series * (size_t)n_quarters * GF_LANES * sizeof *series);
    const gf_sink sink = {
        .columns = f.columns, .columns_stride = GF_LANES, .series = series, .series_stride = GF_LANES};
    for (int b = 0; b < BLOCKS; b++) {
        gf_simulate(f.workspace, (uint64_t)b * GF_LANES, GF_LANES, &sink);
        memcpy(values + b * GF_LANES, series + (GF_SERIES_NAV * n_quarters + quarter) * GF_LANES,
               GF_LANES * sizeof *values);
    }
    free(series);
    fixture_close(&f);
}

/* Every quarter's marks have the law that rounds drawn one by one give them. */
static void test_marks(void **state)
{
    (void)state;
    const char *const few[] = {"startups.count=5", NULL}, *const seen[] = {"startups.count=5", ROUNDS_SEEN,
                                                                           NULL};
    double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
    collect_marks(9, few, 19, a);
    collect_marks(10, seen, 19, b);
    assert_true(p_of_same(N, a, N, b) > odds);
    collect_marks(10, seen, 21, b); /* twin: half a year later */
    assert_true(p_of_same(N, a, N, b) < twin_odds);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_to_the_horizon),
        cmocka_unit_test(test_rounds_to_an_exit),
        cmocka_unit_test(test_portfolios),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests_name("prices", tests, NULL, NULL);
}
