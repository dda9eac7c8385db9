/* What tests of sums and orders over samples share. */
#ifndef GF_TESTS_SAMPLE_FIXTURE_H
#define GF_TESTS_SAMPLE_FIXTURE_H

#include <math.h>
#include "random/luck.h"
#include "run/statistics.h"

static inline void expect_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

static inline double uniform(uint32_t i, uint32_t purpose)
{
    uint32_t words[4];
    gf_luck_words(4711, i, 0, purpose, 0, words);
    return gf_uniform_wide(words[0], words[1]);
}

static inline gf_atoms atoms_of(const double *values, const double *weights, size_t n)
{
    gf_atoms atoms;
    assert_int_equal(gf_atoms_from_values(&atoms, values, weights, n), 0);
    return atoms;
}

#endif
