/* Draws by GSL and libm, one call each: the definition that the fast draws are held against; and the choice
 * of them. */
#include "random/draws.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "random/beta_table.h"
#include "random/luck.h"
#include "random/poisson.h"

extern const gf_draws gf_draws_fast_sse2, gf_draws_fast_avx2, gf_draws_fast_avx512;

/* Compiled per instruction set, of the same bits (waits_gsl_hot.c). */
void gf_waits_gsl_sse2(size_t n, const uint32_t *words, float *e);
void gf_waits_gsl_avx2(size_t n, const uint32_t *words, float *e);
void gf_waits_gsl_avx512(size_t n, const uint32_t *words, float *e);

static void normal(size_t n, const double *u, double *z)
{
    for (size_t i = 0; i < n; i++)
        z[i] = gsl_cdf_ugaussian_Pinv(u[i]);
}

static void normal_single(size_t n, const uint32_t *words, float *z)
{
    for (size_t i = 0; i < n; i++)
        z[i] = (float)gsl_cdf_ugaussian_Pinv(gf_uniform_narrow(words[i]));
}

static void exp_single(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (float)exp((double)x[i]);
}

static void exp_of(size_t n, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = exp(x[i]);
}

static void log_of(size_t n, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = log(x[i]);
}

static void pareto(size_t n, const double *u, double index, double x_min, double cap, double beyond,
                   double *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = fmin(gsl_cdf_pareto_Qinv((1 - u[i]) * (1 - beyond) + beyond, index, x_min), cap);
}

static void beta(size_t n, const double *u, const gf_beta_table *table, double *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = gf_beta_quantile(u[i], table->a, table->b);
}

static void poisson(size_t n, const double *u, const double *mean, double *k)
{
    for (size_t i = 0; i < n; i++)
        k[i] = gf_poisson_inverse(u[i], mean[i]);
}

static void binomial(size_t n, const double *u, const double *trials, const double *exposure, double *k)
{
    for (size_t i = 0; i < n; i++)
        k[i] = gf_binomial_inverse(u[i], (uint32_t)trials[i], -expm1(-exposure[i]));
}

#define DRAWS(waits)                                                                                         \
    {                                                                                                        \
        "gsl", 1, normal, waits, normal_single, exp_single, exp_of, log_of, pareto, beta, poisson, binomial  \
    }

const gf_draws *gf_draws_gsl(gf_isa isa)
{
    /* waits: what gsl_cdf_exponential_Qinv(u, 1) computes, without its call */
    static const gf_draws draws_sse2 = DRAWS(gf_waits_gsl_sse2),
                          draws_avx2 = DRAWS(GF_COPY_AVX2(gf_waits_gsl)),
                          draws_avx512 = DRAWS(GF_COPY_AVX512(gf_waits_gsl));
    return isa == GF_ISA_AVX512 ? &draws_avx512 : isa == GF_ISA_AVX2 ? &draws_avx2 : &draws_sse2;
}

const gf_draws *gf_draws_fast(gf_isa isa)
{
    return GF_OF_ISA(isa, &gf_draws_fast);
}
