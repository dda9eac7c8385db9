/* Tilted runs are unbiased: weights have mean 1 and weighted probabilities are those of a plain run. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "scenario_fixture.h"

/* |z| below 5 in each of a dozen comparisons: by chance one in 140,000 runs fails. */
static const double z_most = 5;
enum { BLOCKS = 400, N = BLOCKS * GF_LANES };

typedef struct sums {
    double mean_w, se_w, p, se_p; /* of the weights, and of w 1{two outliers or more} */
} sums;

static uint64_t seed_of_test(void)
{
    const char *given = getenv("GF_TEST_SEED");
    return given != NULL ? strtoull(given, NULL, 0) : 77;
}

/* Portfolios of a config under a setting and a tilt; `spoil` −1 turns the ratio over. */
static sums measure(const char *config, const char *setting, double tilt, double spoil)
{
    char text[2][64];
    const char *overrides[3] = {text[0], text[1], setting};
    double w1 = 0, w2 = 0, p1 = 0, p2 = 0;
    fixture f;
    snprintf(text[0], sizeof text[0], "sampling.breakout_tilt=%g", tilt);
    snprintf(text[1], sizeof text[1], "seed=%llu", (unsigned long long)seed_of_test());
    fixture_open(&f, config, 3, overrides);
    for (int b = 0; b < BLOCKS; b++) {
        fixture_run(&f, (uint64_t)b * GF_LANES, GF_LANES);
        for (int lane = 0; lane < GF_LANES; lane++) {
            const double w = exp(spoil * fixture_value(&f, "log_weight", lane));
            const double x = fixture_value(&f, "n_outliers", lane) >= 2 ? w : 0.0;
            w1 += w;
            w2 += w * w;
            p1 += x;
            p2 += x * x;
        }
    }
    fixture_close(&f);
    const double mean_w = w1 / N, p = p1 / N;
    return (sums){mean_w, sqrt((w2 / N - mean_w * mean_w) / N), p, sqrt((p2 / N - p * p) / N)};
}

static void check_config(const char *config, const char *setting)
{
    const sums plain = measure(config, setting, 1, 1);
    assert_true(plain.mean_w == 1 && plain.se_w == 0);
    static const double tilts[] = {2, 0.6};
    for (int i = 0; i < 2; i++) {
        const sums tilted = measure(config, setting, tilts[i], 1),
                   spoiled = measure(config, setting, tilts[i], -1);
        const double z_w = (tilted.mean_w - 1) / tilted.se_w;
        const double z_p = (tilted.p - plain.p) / hypot(tilted.se_p, plain.se_p);
        if (!(fabs(z_w) < z_most && fabs(z_p) < z_most))
            fail_msg("%s, tilt %g: weights z = %.2f, P(2 outliers) z = %.2f", config, tilts[i], z_w, z_p);
        assert_true(fabs((spoiled.mean_w - 1) / spoiled.se_w) > z_most);
    }
}

static void clocks(void **state)
{
    (void)state;
    check_config("reference.yaml", "startups.count=100");
}

static void own_hazards_and_policies(void **state)
{
    (void)state;
    check_config("hangzhou.yaml", "startups.count=100");
}

/* Chances of a quarter near 1, beyond the series. */
static void large_hazards(void **state)
{
    (void)state;
    check_config("reference.yaml", "startups.hazards_per_year.graduate=[5,5,1,0.3,0,0]");
}

static void sectors(void **state)
{
    (void)state;
    check_config("xuhui.yaml", "startups.count=30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(clocks), cmocka_unit_test(own_hazards_and_policies),
                                       cmocka_unit_test(large_hazards), cmocka_unit_test(sectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
