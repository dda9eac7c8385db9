/* Laws of the random parts of models: cascades of ambient outliers against Borel's law, immigrant outliers
 * against Poisson's, unplanned headwinds against their calm probability. Each bound comes with a twin that
 * must break it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "models_harness.h"

enum { N_BLOCKS = 5000, N_PORTFOLIOS = N_BLOCKS * GF_LANES, N_SIZES = 12 };

/* One chance in 10,000 to fail by bad luck alone, at any seed. */
static const double odds = 1e-4;

static void *neutral_params(const gf_model *model)
{
    void *params = calloc(1, model->params_size);
    gf_params_preset(model->rows, params);
    gf_params_neutralise(model->rows, params);
    return params;
}

static void accept(const gf_model *model, void *params, const gf_scene *scene)
{
    harness_problems problems;
    assert_int_equal(harness_check(model, params, scene, &problems), 0);
}

/* Counts of observed[i] against probability[i] of n trials; the last cell collects the rest. */
static double chi_square_p(int n_cells, const double *observed, const double *probability, double n)
{
    double sum = 0;
    for (int i = 0; i < n_cells; i++) {
        double expected = n * probability[i], difference = observed[i] - expected;
        assert_true(expected >= 5);
        sum += difference * difference / expected;
    }
    return gsl_cdf_chisq_Q(sum, n_cells - 1);
}

/* ---- spillover ---- */

typedef struct cascades {
    double total[GF_LANES];
} cascades;

static void visit_cascades(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)quarter, (void)climate;
    cascades *self = context;
    for (int lane = 0; lane < GF_LANES; lane++)
        self->total[lane] += block->emit[GF_SIGNAL_AMBIENT_OUTLIERS][lane];
}

/* Histogram of ambient outliers over the horizon, histogram[i] = portfolios with i, the last cell: more. */
static void ambient_histogram(double rate, double offspring, double seeds, int n_cells, double *histogram)
{
    const gf_model *model = gf_model_find("spillover");
    gf_scene scene = harness_scene(GF_MAX_QUARTERS, 1);
    void *params = neutral_params(model);
    harness_set(model->rows, params, "half_life_years", 0.5);
    harness_set(model->rows, params, "ambient_per_year", rate);
    harness_set(model->rows, params, "ambient_offspring_per_year", offspring);
    harness_set(model->rows, params, "seed_outliers", seeds);
    accept(model, params, &scene);
    harness self = {.model = model, .scene = &scene, .params = params};
    memset(histogram, 0, (size_t)n_cells * sizeof *histogram);
    for (int block = 0; block < N_BLOCKS; block++) {
        cascades seen = {{0}};
        harness_run(&self, harness_seed(), (uint64_t)block * GF_LANES, GF_LANES, 0, visit_cascades, &seen);
        for (int lane = 0; lane < GF_LANES; lane++)
            histogram[seen.total[lane] < n_cells - 1 ? (int)seen.total[lane] : n_cells - 1] += 1;
    }
    free(params);
}

/* Borel's law: P(size = n) = e^(−mn) (mn)^(n−1) / n!, the seed included; cell i holds size i + 1. */
static void borel(double m, int n_cells, double *probability)
{
    double rest = 1;
    for (int i = 0; i < n_cells - 1; i++) {
        int size = i + 1;
        probability[i] = exp(-m * size + (size - 1) * log(m * size) - lgamma(size + 1.0));
        rest -= probability[i];
    }
    probability[n_cells - 1] = rest;
}

static void test_cascades_follow_borel(void **state)
{
    (void)state;
    /* one outlier leaves Δ / (1 − 2^(−Δ/half_life)) excitement-years; 160 quarters are 80 half-lives */
    const double influence = 0.25 / (1 - pow(2, -0.5)), m = 0.6;
    double histogram[N_SIZES], probability[N_SIZES];
    ambient_histogram(0, m / influence, 1, N_SIZES, histogram);
    borel(m, N_SIZES, probability);
    assert_true(chi_square_p(N_SIZES, histogram, probability, N_PORTFOLIOS) > odds);
    /* twin: the branching ratio that continuous decay would have, half_life/ln 2 */
    borel(m / influence * 0.5 / log(2), N_SIZES, probability);
    assert_true(chi_square_p(N_SIZES, histogram, probability, N_PORTFOLIOS) < odds);
    /* twin: the seed's own children counted, but not theirs (Poisson instead of Borel) */
    double rest = 1;
    for (int i = 0; i < 5; i++)
        rest -= probability[i] = exp(-m + i * log(m) - lgamma(i + 1.0));
    probability[5] = rest;
    for (int i = 6; i < N_SIZES; i++)
        histogram[5] += histogram[i];
    assert_true(chi_square_p(6, histogram, probability, N_PORTFOLIOS) < odds);
}

static void test_immigrants_follow_poisson(void **state)
{
    (void)state;
    double histogram[N_SIZES], probability[N_SIZES], rest = 1;
    ambient_histogram(0.1, 0, 0, N_SIZES, histogram); /* 40 years: mean 4 */
    for (int twin = 0; twin <= 1; twin++) {
        double mean = twin ? 4.1 : 4;
        rest = 1;
        for (int i = 0; i < N_SIZES - 1; i++)
            rest -= probability[i] = exp(-mean + i * log(mean) - lgamma(i + 1.0));
        probability[N_SIZES - 1] = rest;
        double p = chi_square_p(N_SIZES, histogram, probability, N_PORTFOLIOS);
        assert_true(twin ? p < odds : p > odds);
    }
}

/* ---- headwind ---- */

typedef struct calm {
    double n_calm[GF_MAX_QUARTERS];
} calm;

static void visit_calm(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)block;
    calm *self = context;
    for (int lane = 0; lane < GF_LANES; lane++)
        self->n_calm[quarter] += gf_climate_hazard(climate, GF_LIST, 0, lane) == 1;
}

static void test_calm_probability_of_random_shocks(void **state)
{
    (void)state;
    const gf_model *model = gf_model_find("headwind");
    gf_scene scene = harness_scene(40, 1);
    void *params = neutral_params(model);
    harness_set(model->rows, params, "list", 1);
    harness_set(model->rows, params, "arrival_depth", 0.5);
    harness_set(model->rows, params, "arrivals_per_year", 0.4);
    harness_set(model->rows, params, "mean_years", 1.5);
    harness_set(model->rows, params, "recovery_quarters", 0);
    accept(model, params, &scene);
    harness self = {.model = model, .scene = &scene, .params = params};
    calm seen = {{0}};
    for (int block = 0; block < N_BLOCKS; block++)
        harness_run(&self, harness_seed(), (uint64_t)block * GF_LANES, GF_LANES, 0, visit_calm, &seen);
    free(params);
    /* a shock of k quarters ago still blows with chance keep^k: calm = Π (1 − arrive keep^k) */
    const double arrive = -expm1(-0.1), keep = exp(-0.25 / 1.5);
    double expected = 1, worst = 0, worst_twin = 0, twin = 1;
    for (int quarter = 0; quarter < 40; quarter++) {
        expected *= 1 - arrive * pow(keep, quarter);
        twin *= 1 - arrive * pow(keep, quarter + 1); /* lengths rounded down instead of up */
        double share = seen.n_calm[quarter] / N_PORTFOLIOS,
               error = sqrt(expected * (1 - expected) / N_PORTFOLIOS);
        worst = fmax(worst, fabs(share - expected) / error);
        worst_twin = fmax(worst_twin, fabs(share - twin) / error);
    }
    double bound = gsl_cdf_ugaussian_Qinv(odds / 2 / 40); /* 40 quarters, two sides */
    assert_true(worst < bound);
    assert_true(worst_twin > bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cascades_follow_borel),
        cmocka_unit_test(test_immigrants_follow_poisson),
        cmocka_unit_test(test_calm_probability_of_random_shocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
