/* Counts by inversion of one uniform, so that paired scenarios move monotonically with the same luck. */
#ifndef GF_RANDOM_POISSON_H
#define GF_RANDOM_POISSON_H

#include <stdint.h>

/* Smallest k with P(K <= k) >= u for K ~ Poisson(mean), as a double. u in (0,1), mean in [0, 1e4]; mean 0
 * gives 0. Non-decreasing in u and in mean, but for pairs that differ by less than 1e-11 of themselves. Costs
 * about 5 + mean ns up to mean 30; above, and for u > 1 - 1e-9, 1 to 7 microseconds. */
double gf_poisson_inverse(double u, double mean);

/* Smallest k with P(K <= k) >= u for K ~ Binomial(n, p), as a double. u in (0,1), p in [0,1]. */
double gf_binomial_inverse(double u, uint32_t n, double p);

#endif
