/* The cluster's noise: covariance within a quarter and between quarters against Lyapunov's equation, solved
 * here by small steps. Bounds are normal approximations of the run's own errors; twins without coupling must
 * break them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { N = 5, CUSTOM = 3, N_BLOCKS = 2000, N_PORTFOLIOS = N_BLOCKS * GF_LANES, LAST = 20, LAG = 4 };

/* 60 comparisons of a normal figure at 4.8 standard errors: one run in 10,000 fails by bad luck alone. */
static const double n_errors = 4.8;

static const double coupling[N][N] = {{0, 0.3, 0, 0.2, -0.1},
                                      {0.3, 0, 0.15, 0, 0.1},
                                      {0, 0.2, 0, 0.05, 0},
                                      {0.1, 0, 0.1, 0, 0.25},
                                      {0.02, 0.03, 0.04, 0.05, 0}};
static const double kappa[N] = {0.9, 0.7, 0.5, 0.6, 0.5}, volatility[N] = {0.1, 0.2, 0.05, 0.15, 0};

static void set_list(bench *self, const char *group, const char *name, const double *values)
{
    const gf_param *row = gf_params_find(self->model->rows, group != NULL ? group : name);
    char *place = (char *)self->params + row->offset;
    if (group != NULL)
        place += gf_params_find(row->rows, name)->offset;
    memcpy(place, values, N * sizeof *values);
}

typedef struct moments {
    const harness *of;
    double early[N][GF_LANES];
    double mean[N], now[N][N], lagged[N][N]; /* E s, E s s', E s(q + LAG) s(q)' */
} moments;

static void visit_moments(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)climate;
    moments *self = context;
    const harness *of = self->of;
    double level[N][GF_LANES];
    if (quarter != LAST - LAG && quarter != LAST)
        return;
    of->model->sample(of->params, of->scene, of->state, block, quarter, level);
    if (quarter == LAST - LAG)
        memcpy(self->early, level, sizeof level);
    for (int k = 0; k < N && quarter == LAST; k++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            self->mean[k] += level[k][lane];
            for (int j = 0; j < N; j++) {
                self->now[k][j] += level[k][lane] * level[j][lane];
                self->lagged[k][j] += level[k][lane] * self->early[j][lane];
            }
        }
}

/* Levels start at 0, so that moments of quarter LAST are those of LAST + 1 quarters of noise. */
static moments measure(void)
{
    bench self = bench_new("cluster", LAST + 1, 1);
    set(&self, "driver", CUSTOM);
    set_list(&self, NULL, "kappa", kappa);
    set_list(&self, NULL, "volatility", volatility);
    const gf_param *row = gf_params_find(self.model->rows, "coupling")->rows;
    for (int k = 0; k < N; k++)
        set_list(&self, "coupling", row[k].name, coupling[k]);
    assert_int_equal(problems(&self), 0);
    harness inner = {.model = self.model, .scene = &self.scene, .params = self.params};
    moments out = {.of = &inner};
    for (uint64_t block = 0; block < N_BLOCKS; block++)
        harness_run(&inner, harness_seed(), block * GF_LANES, GF_LANES, 0, visit_moments, &out);
    for (int k = 0; k < N; k++) {
        out.mean[k] /= N_PORTFOLIOS;
        for (int j = 0; j < N; j++) {
            out.now[k][j] /= N_PORTFOLIOS;
            out.lagged[k][j] /= N_PORTFOLIOS;
        }
    }
    free(self.params);
    return out;
}

/* dP/dt = A P + P A' + diag(σ²) from P = 0, then C(u) = e^(A u) P by dC/du = A C. Heun's steps of 1/800 year.
 */
static void derive(double couple, const double p[N][N], int lyapunov, double out[N][N])
{
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++) {
            out[k][j] = lyapunov && k == j ? volatility[k] * volatility[k] : 0;
            for (int i = 0; i < N; i++) {
                double to_k = couple * coupling[k][i] - (k == i ? kappa[k] : 0);
                double to_j = couple * coupling[j][i] - (j == i ? kappa[j] : 0);
                out[k][j] += to_k * p[i][j] + (lyapunov ? p[k][i] * to_j : 0);
            }
        }
}

static void integrate(double couple, double years, int lyapunov, double p[N][N])
{
    const int n_steps = (int)lround(800 * years);
    double slope[N][N], ahead[N][N], later[N][N];
    for (int step = 0; step < n_steps; step++) {
        derive(couple, (const double(*)[N])p, lyapunov, slope);
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                ahead[k][j] = p[k][j] + slope[k][j] / 800;
        derive(couple, (const double(*)[N])ahead, lyapunov, later);
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                p[k][j] += (slope[k][j] + later[k][j]) / 1600;
    }
}

/* Comparisons beyond their bound. */
static int misses(const moments *seen, double couple)
{
    double now[N][N] = {{0}}, early[N][N] = {{0}}, lagged[N][N];
    int n = 0;
    integrate(couple, (LAST + 1) / 4.0, 1, now);
    integrate(couple, (LAST + 1 - LAG) / 4.0, 1, early);
    memcpy(lagged, early, sizeof lagged);
    integrate(couple, LAG / 4.0, 0, lagged);
    for (int k = 0; k < N; k++) {
        n += fabs(seen->mean[k]) > n_errors * sqrt(now[k][k] / N_PORTFOLIOS);
        for (int j = 0; j < N; j++) {
            double error = sqrt((now[k][k] * now[j][j] + now[k][j] * now[k][j]) / N_PORTFOLIOS);
            n += fabs(seen->now[k][j] - now[k][j]) > n_errors * error;
            error = sqrt((now[k][k] * early[j][j] + lagged[k][j] * lagged[k][j]) / N_PORTFOLIOS);
            n += fabs(seen->lagged[k][j] - lagged[k][j]) > n_errors * error;
        }
    }
    return n;
}

static void test_noise_has_its_covariance(void **state)
{
    (void)state;
    moments seen = measure();
    assert_int_equal(misses(&seen, 1), 0);
    assert_true(misses(&seen, 0) > 10);  /* twin: subsystems that do not move each other */
    assert_true(misses(&seen, 0.9) > 2); /* twin: coupling a tenth weaker */
    assert_true(seen.now[4][4] > 0);     /* governance has no noise of its own: all of it is coupled */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_noise_has_its_covariance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
