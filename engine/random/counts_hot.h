/* Poisson and binomial counts by inverse CDF, many at a time, compiled per instruction set with draws_hot.c.
 *
 * Both laws are of Panjer's class (Panjer 1981): p(k) = p(k−1) (a + b/k), Poisson a = 0, b = mean; binomial
 * with odds o: a = −o, b = o (n + 1). The sum is carried for a chunk of counts at once, in vectors, until the
 * slowest has reached its uniform: the same operations on every element, hence the same bits from every
 * instruction set. Elements where such a sum would be long, or too close to 1 to tell, go to the definition
 * one by one. */
#ifndef GF_RANDOM_COUNTS_HOT_H
#define GF_RANDOM_COUNTS_HOT_H

#include "base/vectors_hot.h"
#include "random/math_hot.h"
#include "random/poisson.h"

enum { GF_COUNTS_CHUNK = 32, GF_COUNTS_STEPS = 3 }; /* steps: of the sum between two looks at who is done */

static const double gf_counts_exposure = 100; /* P(0) ≥ e^-100: nothing is subnormal, sums are short */
static const double gf_counts_u = 1 - 1e-9;   /* beyond it a sum from below no longer tells u from 1 */

/* What the counts of a chunk are worked out from, in whole vectors. */
typedef struct gf_counts_chunk {
    double u[GF_COUNTS_CHUNK];                                            /* −1: not by this sum */
    double term[GF_COUNTS_CHUNK], a[GF_COUNTS_CHUNK], b[GF_COUNTS_CHUNK]; /* term: P(0), then P(j) */
    double sum[GF_COUNTS_CHUNK], count[GF_COUNTS_CHUNK];
} gf_counts_chunk;

/* Elements behind the n-th, to the end of its vector: nothing to do. */
GF_INLINE void gf_counts_pad(gf_counts_chunk *c, size_t n)
{
    for (size_t i = n; i % WIDTH != 0; i++) {
        c->u[i] = -1;
        c->term[i] = c->a[i] = c->b[i] = 0;
    }
}

/* Adds P(j) … of the elements of a vector that have not reached their u; returns which have not. */
GF_INLINE mask gf_counts_add(gf_counts_chunk *c, size_t i, const double *inverse, vec sum, vec count)
{
    const vec u = load(c->u + i), a = load(c->a + i), b = load(c->b + i);
    vec p = load(c->term + i);
    mask is_open = {0};
    for (int step = 0; step < GF_COUNTS_STEPS; step++) {
        is_open = sum < u;
        p *= a + b * splat(inverse[step]);
        sum += (vec)(is_open & (mask)p);
        count += (vec)(is_open & (mask)splat(1));
    }
    store(c->term + i, p);
    store(c->sum + i, sum);
    store(c->count + i, count);
    return is_open;
}

/* count[i] for u[i] given P(0) in `term`; elements with u < 0 are left at 0. */
static void gf_counts_sum(gf_counts_chunk *c, size_t n)
{
    mask are_open = {-1};
    gf_counts_pad(c, n);
    for (int j = 1; bits_of(are_open) != 0; j += GF_COUNTS_STEPS) {
        double inverse[GF_COUNTS_STEPS];
        for (int step = 0; step < GF_COUNTS_STEPS; step++)
            inverse[step] = 1.0 / (j + step);
        are_open = (mask){0};
        if (j == 1)
            for (size_t i = 0; i < n; i += WIDTH)
                are_open |= gf_counts_add(c, i, inverse, load(c->term + i), splat(0));
        else
            for (size_t i = 0; i < n; i += WIDTH)
                are_open |= gf_counts_add(c, i, inverse, load(c->sum + i), load(c->count + i));
    }
}

/* e^h − 1 for h ≥ 0, relative error below 1e-12. */
GF_INLINE double gf_counts_odds(double h)
{
    const double series = h * (1 + h * (1.0 / 2 + h * (1.0 / 6 + h * (1.0 / 24))));
    const double difference = gf_fast_exp(h) - 1;
    return h < 1e-3 ? series : difference;
}

static void gf_counts_poisson(size_t n_all, const double *u, const double *mean, double *k)
{
    gf_counts_chunk c;
    for (size_t start = 0; start < n_all; start += GF_COUNTS_CHUNK) {
        const size_t n = n_all - start < GF_COUNTS_CHUNK ? n_all - start : GF_COUNTS_CHUNK;
        double n_hard = 0, kept[GF_COUNTS_CHUNK], kept_mean[GF_COUNTS_CHUNK]; /* k may be u or mean */
#pragma omp simd reduction(+ : n_hard)
        for (size_t i = 0; i < n; i++) {
            kept[i] = u[start + i];
            kept_mean[i] = mean[start + i];
            double is_hard = kept_mean[i] > gf_counts_exposure ? 1.0 : 0.0;
            is_hard = kept[i] > gf_counts_u ? 1.0 : is_hard;
            c.u[i] = is_hard > 0 ? -1.0 : kept[i];
            c.a[i] = 0;
            c.b[i] = kept_mean[i] > 0 ? kept_mean[i] : 0;
            c.term[i] = gf_fast_exp(-c.b[i]);
            n_hard += is_hard;
        }
        gf_counts_sum(&c, n);
        for (size_t i = 0; i < n; i++)
            k[start + i] = c.count[i];
        for (size_t i = 0; i < n && n_hard > 0; i++)
            if (c.u[i] < 0)
                k[start + i] = gf_poisson_inverse(kept[i], kept_mean[i]);
    }
}

static void gf_counts_binomial(size_t n_all, const double *u, const double *trials, const double *exposure,
                               double *k)
{
    gf_counts_chunk c;
    for (size_t start = 0; start < n_all; start += GF_COUNTS_CHUNK) {
        const size_t n = n_all - start < GF_COUNTS_CHUNK ? n_all - start : GF_COUNTS_CHUNK;
        double n_hard = 0, kept[GF_COUNTS_CHUNK], kept_trials[GF_COUNTS_CHUNK], hazard[GF_COUNTS_CHUNK];
#pragma omp simd reduction(+ : n_hard)
        for (size_t i = 0; i < n; i++) {
            kept[i] = u[start + i];
            kept_trials[i] = trials[start + i];
            hazard[i] = exposure[start + i] > 0 ? exposure[start + i] : 0;
            const double together = kept_trials[i] * hazard[i];
            /* with odds above 1 the rounded end of the recursion might grow again */
            double is_hard = together > gf_counts_exposure ? 1.0 : 0.0;
            is_hard = kept[i] > gf_counts_u ? 1.0 : is_hard;
            is_hard = hazard[i] > 0.69 ? 1.0 : is_hard;
            const double odds = gf_counts_odds(hazard[i]);
            c.u[i] = is_hard > 0 ? -1.0 : kept[i];
            c.a[i] = -odds;
            c.b[i] = odds * (kept_trials[i] + 1);
            c.term[i] = gf_fast_exp(-together);
            n_hard += is_hard;
        }
        gf_counts_sum(&c, n);
        for (size_t i = 0; i < n; i++)
            k[start + i] = c.count[i];
        for (size_t i = 0; i < n && n_hard > 0; i++)
            if (c.u[i] < 0)
                k[start + i] = gf_binomial_inverse(kept[i], (uint32_t)kept_trials[i], -expm1(-hazard[i]));
    }
}

#endif
