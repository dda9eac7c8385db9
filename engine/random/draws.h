/* Every variate is the inverse CDF of one keyed uniform, in two modes that a test holds together:
 *   gsl   GSL's gsl_cdf_*_Pinv and libm, one call each: the definition
 *   fast  batched branch-free inverses compiled per instruction set (AS241 normal, own exp and log)
 *
 * All functions are element-wise over n values, accept n = 0, allow out == in, and cannot fail. */
#ifndef GF_RANDOM_DRAWS_H
#define GF_RANDOM_DRAWS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include "base/isa.h"

typedef struct gf_beta_table gf_beta_table;

typedef struct gf_draws {
    const char *name; /* "gsl", "fast" */
    size_t batch;     /* what is cheapest in multiples of this: a rest costs as much as a whole batch */
    /* standard normal: z = Φ⁻¹(u) */
    void (*normal)(size_t n, const double *u, double *z);
    /* standard exponential waiting times −log(u) of narrow uniforms u = (word + ½) 2^−32, rounded to float
       because thresholds are (fast: by one unit in the last place off for 2.3% of words);
       decreasing in the word, but for such units: a small word is a long life. out is not in. */
    void (*waits)(size_t n, const uint32_t *words, float *e);
    /* standard normals of narrow uniforms, and exponentials (fast: |x| ≤ 87), in single precision, for what
       moves nothing but hazards: fast within 5e-7 and 1.2e-7 of gsl's, relative. out of the first is not in
     */
    void (*normal_single)(size_t n, const uint32_t *words, float *z);
    void (*exp_single)(size_t n, const float *x, float *y);
    void (*exp)(size_t n, const double *x, double *y);
    void (*log)(size_t n, const double *x, double *y);
    /* Pareto with survival index `index`, P(X > x) = (x_min/x)^index, truncated at `cap` (INFINITY: none),
       increasing in u; beyond = gf_pareto_beyond(index, x_min, cap) */
    void (*pareto)(size_t n, const double *u, double index, double x_min, double cap, double beyond,
                   double *x);
    /* Beta(a,b) of the table, increasing in u */
    void (*beta)(size_t n, const double *u, const gf_beta_table *table, double *x);
    /* counts: smallest k with P(K ≤ k) ≥ u, increasing in u, mean, trials and exposure. A binomial's trials
       (whole, below 2^32) succeed with chance 1 − e^(−exposure) each, as at a hazard over a time */
    void (*poisson)(size_t n, const double *u, const double *mean, double *k);
    void (*binomial)(size_t n, const double *u, const double *trials, const double *exposure, double *k);
} gf_draws;

/* P(X > cap) before truncation; 0 when the cap is infinite. */
static inline double gf_pareto_beyond(double index, double x_min, double cap)
{
    return pow(x_min / cap, index);
}

/* isa: of what runs; no bit depends on it. */
const gf_draws *gf_draws_gsl(gf_isa isa);
const gf_draws *gf_draws_fast(gf_isa isa);

/* Inverse CDF of Beta(a,b), prepared at load in 5 ms (80 kB): Chebyshev pieces in min(u, 1-u), eight an
 * octave, relative error below 1e-12 (measured 2e-13) against the root of gsl_cdf_beta_P for u in [2^-53,
 * 1-2^-53]. a, b in [0.1, 100]. NULL when out of memory. */
gf_beta_table *gf_beta_table_new(double a, double b);
void gf_beta_table_free(gf_beta_table *table);
/* The same from a few that are kept, made if it is not among them; to be given back (NULL may be). From
 * any thread. */
const gf_beta_table *gf_beta_table_take(double a, double b);
void gf_beta_table_give_back(const gf_beta_table *table);

#endif
