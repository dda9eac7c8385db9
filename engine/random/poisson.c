/* Poisson and binomial quantiles: sequential sums for small means, GSL's distribution functions for large
 * ones. */
#include "random/poisson.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Up to here the sum starts at e^-30 or more and takes few terms. */
static const double sequential_mean = 30;
/* Beyond it a sum from below no longer tells u from 1. */
static const double sequential_u = 1 - 1e-9;

/* A discrete distribution: Poisson(mean) when n is 0, Binomial(n, p) otherwise. */
typedef struct {
    double mean, p;
    uint32_t n;
} counts;

/* 1 if P(K <= k) >= u. Above the median it compares the complement, which keeps its relative accuracy there,
 * so the test is monotone in k and the answer does not depend on where the search starts. */
static int reaches(const counts *self, double u, double k)
{
    if (k < 0)
        return 0;
    const unsigned int count = (unsigned int)k;
    if (self->n == 0)
        return u > 0.5 ? gsl_cdf_poisson_Q(count, self->mean) <= 1 - u
                       : gsl_cdf_poisson_P(count, self->mean) >= u;
    if (count >= self->n)
        return 1;
    return u > 0.5 ? gsl_cdf_binomial_Q(count, self->p, self->n) <= 1 - u
                   : gsl_cdf_binomial_P(count, self->p, self->n) >= u;
}

/* Smallest k that reaches u, from a guess near it. */
static double search(const counts *self, double u, double guess)
{
    double k = fmax(0, floor(guess));
    while (!reaches(self, u, k))
        k++;
    while (reaches(self, u, k - 1))
        k--;
    return k;
}

/* Cornish-Fisher to second order from the first three moments. */
static double guess_count(double u, double mean, double variance, double skewness)
{
    const double z = gsl_cdf_ugaussian_Pinv(u);
    return mean + sqrt(variance) * (z + skewness * (z * z - 1) / 6);
}

double gf_poisson_inverse(double u, double mean)
{
    if (mean <= 0)
        return 0;
    if (mean > sequential_mean || u > sequential_u)
        return search(&(counts){.mean = mean}, u, guess_count(u, mean, mean, 1 / sqrt(mean)));
    double k = 0, term = exp(-mean), sum = term;
    while (sum < u) {
        k++;
        term *= mean / k;
        sum += term;
    }
    return k;
}

double gf_binomial_inverse(double u, uint32_t n, double p)
{
    const double mean = n * p, variance = mean * (1 - p);
    if (n == 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    if (mean > sequential_mean || u > sequential_u || p > 0.5) /* above 1/2 the sum would start near 0 */
        return search(&(counts){.n = n, .p = p}, u,
                      guess_count(u, mean, variance, (1 - 2 * p) / sqrt(variance)));
    double k = 0, term = exp(n * log1p(-p)), sum = term;
    const double odds = p / (1 - p);
    while (sum < u && k < n) {
        term *= odds * (n - k) / (k + 1);
        k++;
        sum += term;
    }
    return k;
}
