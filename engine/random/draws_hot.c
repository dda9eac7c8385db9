/* Fast draws, compiled once per instruction set: every loop is branch-free so that it vectorises. Long chains
 * are cut into two passes, because a core overlaps more iterations of a short body (normal: 2.1 to 1.4 ns on
 * AVX-512). */
#include <math.h>

#include "random/beta_table.h"
#include "random/counts_hot.h"
#include "random/draws.h"
#include "random/math_hot.h"

extern const gf_draws GF_HOT(gf_draws_fast);

enum { CHUNK = 256 };

/* A few in 10^11 wide uniforms lie in the far tails: they are counted on the way and mended in a rare second
 * pass. */
static void normal(size_t n, const double *u, double *z)
{
    double kept[CHUNK], minus_log[CHUNK];
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t m = n - start < CHUNK ? n - start : CHUNK;
        memcpy(kept, u + start, m * sizeof *kept); /* z may be u */
        uint64_t n_tail = 0;
#pragma omp simd
        for (size_t i = 0; i < m; i++)
            minus_log[i] = -gf_fast_log(kept[i] < 0.5 ? kept[i] : 1 - kept[i]);
#pragma omp simd reduction(+ : n_tail)
        for (size_t i = 0; i < m; i++) {
            z[start + i] = gf_fast_normal_given(kept[i], minus_log[i]);
            n_tail += gf_fast_normal_holds(kept[i]) ? 0 : 1;
        }
        if (n_tail == 0)
            continue;
        for (size_t i = 0; i < m; i++)
            if (!gf_fast_normal_holds(kept[i]))
                z[start + i] = gf_fast_normal_tail(kept[i]);
    }
}

static void exponential(size_t n, const double *u, double *e)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        e[i] = -gf_fast_log(u[i]);
}

static void exp_of(size_t n, const double *x, double *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = gf_fast_exp(x[i]);
}

static void log_of(size_t n, const double *x, double *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = gf_fast_log(x[i]);
}

static void pareto(size_t n, const double *u, double index, double x_min, double cap, double *x)
{
    const double beyond = isinf(cap) ? 0 : gf_fast_exp(index * gf_fast_log(x_min / cap)); /* P(X > cap) */
    const double slope = -1 / index;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] = slope * gf_fast_log((1 - u[i]) * (1 - beyond) + beyond);
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const double y = x_min * gf_fast_exp(x[i]);
        x[i] = y < cap ? y : cap;
    }
}

static void beta(size_t n, const double *u, const gf_beta_table *table, double *x)
{
    for (size_t i = 0; i < n; i++) {
        const int is_upper = u[i] > 0.5;
        double p = is_upper ? 1 - u[i] : u[i];
        p = p < 0x1.fffffffffffffp-2 ? p : 0x1.fffffffffffffp-2;
        p = p > 0x1p-53 ? p : 0x1p-53;
        const uint64_t bits = gf_bits_of(p);
        const uint64_t piece =
            (bits >> (52 - GF_BETA_PIECE_BITS)) - ((uint64_t)GF_BETA_LEAST_EXPONENT << GF_BETA_PIECE_BITS);
        const uint64_t place = bits << GF_BETA_PIECE_BITS & 0x000fffffffffffffu;
        const double s = 2 * gf_double_of(place | 0x3ff0000000000000u) - 3;
        const double *c = table->power[is_upper][piece];
        double y = c[GF_BETA_COEFFICIENTS - 1];
        for (int k = GF_BETA_COEFFICIENTS - 2; k >= 0; k--)
            y = y * s + c[k];
        x[i] = y;
    }
}

const gf_draws GF_HOT(gf_draws_fast) = {
    "fast", normal, exponential, exp_of, log_of, pareto, beta, gf_counts_poisson, gf_counts_binomial};
