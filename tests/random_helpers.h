/* What tests of the random numbers share: seed, lists of instruction sets, awkward uniforms, largest errors.
 */
#ifndef GF_TESTS_RANDOM_HELPERS_H
#define GF_TESTS_RANDOM_HELPERS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/isa.h"
#include "random/luck.h"

static inline uint64_t test_seed(void)
{
    const char *text = getenv("GF_TEST_SEED");
    return text != NULL ? strtoull(text, NULL, 0) : 20250127;
}

/* n uniforms, n at least 4: both ends of the range, then in turn plain, lower tail, upper tail, next to 1/2.
 */
static inline void awkward_uniforms(size_t n, double *u)
{
    const double least = 0x1p-53;
    for (size_t i = 0; i < n; i++) {
        double v, w;
        gf_luck_lanes(test_seed(), i, 1, 7, 1000, 0, &v, &w);
        const double choices[4] = {v, exp(-36.7 * w), 1 - exp(-36.7 * w), 0.5 + (v - 0.5) * 1e-3};
        u[i] = fmin(fmax(choices[i % 4], least), 1 - least);
    }
    u[0] = least;
    u[1] = 1 - least;
    u[2] = gf_uniform_narrow(0);
    u[3] = gf_uniform_narrow(UINT32_MAX);
}

/* Largest relative error of x against the truth; NaN or a wrong sign counts as infinite. */
static inline double worst_relative_error(size_t n, const double *x, const double *truth)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] == truth[i])
            continue;
        const double error = fabs(x[i] - truth[i]) / fabs(truth[i]);
        if (!(error <= worst))
            worst = isnan(error) ? (double)INFINITY : error;
    }
    return worst;
}

#endif
