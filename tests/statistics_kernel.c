/* Laws of the kernel: P(event in a quarter) = 1 − exp(−Δ Σλ), causes ∝ hazards, waiting times that do not
 * depend on how time is cut, and the two lists against each other. Each bound comes with a twin that must
 * break it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "scenario_fixture.h"

enum { N_STARTUPS = 10000, N_RUNS = 40, N_CAUSES = 5 };

/* One chance in 10,000 to fail by bad luck alone, at any seed; twins miss with less. */
static const double odds = 1e-4, twin_odds = 1e-8;

static const char *const plain[] = {"market.exit_loading=0", "models.spillover.graduate=0",
                                    "startups.count=10000", NULL};

static void open_plain(fixture *f, const char *const *more)
{
    const char *overrides[16];
    char seed[64];
    int n = 0;
    snprintf(seed, sizeof seed, "seed=%s",
             getenv("GF_TEST_SEED") != NULL ? getenv("GF_TEST_SEED") : "20261121");
    overrides[n++] = seed;
    for (int i = 0; plain[i] != NULL; i++)
        overrides[n++] = plain[i];
    for (int i = 0; more[i] != NULL; i++)
        overrides[n++] = more[i];
    fixture_open(f, "reference.yaml", n, overrides);
}

/* Sum of a column over N_RUNS portfolios of N_STARTUPS. */
static void count(fixture *f, int n, const char *const *columns, double *sums)
{
    memset(sums, 0, (size_t)n * sizeof *sums);
    for (int run = 0; run < N_RUNS; run++) {
        fixture_run(f, (uint64_t)run, 1);
        for (int i = 0; i < n; i++)
            sums[i] += fixture_value(f, columns[i], 0);
    }
}

/* P of a worse fit: counts of causes and of no event in one quarter from stage seed. */
static double fit(const double *observed, const double *hazard)
{
    double total = 0, sum = 0, live = (double)N_STARTUPS * N_RUNS;
    for (int k = 0; k < N_CAUSES; k++)
        total += hazard[k];
    const double expected_live = live * exp(-0.25 * total);
    for (int k = 0; k < N_CAUSES; k++) {
        const double expected = (double)N_STARTUPS * N_RUNS * (1 - exp(-0.25 * total)) * hazard[k] / total;
        sum += (observed[k] - expected) * (observed[k] - expected) / expected;
        live -= observed[k];
    }
    sum += (live - expected_live) * (live - expected_live) / expected_live;
    return gsl_cdf_chisq_Q(sum, N_CAUSES);
}

static void test_causes_of_a_quarter(void **state)
{
    (void)state;
    const char *const columns[N_CAUSES] = {"n_outliers", "n_listed", "n_acquired", "n_failed", "n_graduated"};
    const char *const more[] = {"horizon_years=0.25",
                                "startups.entry.tranche_quarters=1",
                                "startups.hazards_per_year.breakout=[0.05, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.list=[0.1, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.acquire=[0.2, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.fail=[0.4, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.graduate=[0.8, 0, 0, 0, 0, 0]",
                                NULL};
    const double hazard[N_CAUSES] = {0.05, 0.1, 0.2, 0.4, 0.8}, twin[N_CAUSES] = {0.05, 0.1, 0.22, 0.4, 0.78};
    double observed[N_CAUSES];
    fixture f;
    open_plain(&f, more);
    count(&f, N_CAUSES, columns, observed);
    assert_true(fit(observed, hazard) > odds);
    assert_true(fit(observed, twin) < twin_odds);
    fixture_close(&f);
}

/* Deviation of the failed by a horizon from 1 − exp(−λ t), in standard errors. */
static double failed_by(const char *horizon, double years, double hazard)
{
    const char *const columns[] = {"n_failed"};
    const char *const more[] = {horizon,
                                "startups.entry.tranche_quarters=1",
                                "startups.hazards_per_year.fail=[0.3, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.graduate=[0, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.acquire=[0, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.list=[0, 0, 0, 0, 0, 0]",
                                "startups.hazards_per_year.breakout=[0, 0, 0, 0, 0, 0]",
                                NULL};
    const double n = (double)N_STARTUPS * N_RUNS, p = 1 - exp(-hazard * years);
    double failed;
    fixture f;
    open_plain(&f, more);
    count(&f, 1, columns, &failed);
    fixture_close(&f);
    return (failed - n * p) / sqrt(n * p * (1 - p));
}

static void test_waiting_times_are_exponential(void **state)
{
    (void)state;
    const struct {
        const char *horizon;
        double years;
    } horizons[] = {{"horizon_years=0.5", 0.5}, {"horizon_years=2", 2}, {"horizon_years=5", 5}};
    const double bound = gsl_cdf_ugaussian_Qinv(odds / 6);
    for (int i = 0; i < 3; i++) {
        assert_true(fabs(failed_by(horizons[i].horizon, horizons[i].years, 0.3)) < bound);
        assert_true(fabs(failed_by(horizons[i].horizon, horizons[i].years, 0.33)) > 2 * bound);
    }
}

/* Own hazards with hardly any difference of quality give the clocks' events: the same luck, spent another
 * way. Only startups whose budget ends within rounding of a quarter's end may differ. */
static double moved(const char *gamma)
{
    const char *const columns[] = {"n_failed", "n_graduated", "n_acquired"};
    const char *const none[] = {NULL}, *const own[] = {gamma, "startups.quality.correlation=0", NULL};
    double by_clocks[3], by_own[3], sum = 0, all = 0;
    fixture f;
    open_plain(&f, none);
    count(&f, 3, columns, by_clocks);
    fixture_close(&f);
    open_plain(&f, own);
    count(&f, 3, columns, by_own);
    fixture_close(&f);
    for (int i = 0; i < 3; i++) {
        sum += fabs(by_own[i] - by_clocks[i]);
        all += by_clocks[i];
    }
    return sum / all;
}

static void test_both_lists_agree(void **state)
{
    (void)state;
    assert_true(moved("startups.quality.fail=1e-12") < 1e-5);
    assert_true(moved("startups.quality.fail=0.3") > 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes_of_a_quarter),
        cmocka_unit_test(test_waiting_times_are_exponential),
        cmocka_unit_test(test_both_lists_agree),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
