/* Inside of the Beta quantile table, shared by its maker and the hot reader. */
#ifndef GF_RANDOM_BETA_TABLE_H
#define GF_RANDOM_BETA_TABLE_H

#include "random/draws.h"

/* The quantile as a function of p = min(u, 1 - u) in [2^-53, 1/2): each octave of p is cut in 8 pieces, so
 * that the top bits of p are the index of its piece and the rest its place there: no logarithm, no search. */
enum {
    GF_BETA_PIECE_BITS = 3,
    GF_BETA_LEAST_EXPONENT = 1023 - 53, /* biased, of 2^-53 */
    GF_BETA_PIECES = 52 << GF_BETA_PIECE_BITS,
    GF_BETA_COEFFICIENTS = 11
};

struct gf_beta_table {
    double a, b;
    /* [lower, upper half of u][piece][power of s in [-1, 1)] of x */
    double power[2][GF_BETA_PIECES][GF_BETA_COEFFICIENTS];
};

/* x with P(X <= x) = u for X ~ Beta(a,b), u in (0,1): the root of gsl_cdf_beta_P by Halley's steps in log x
 * (of gsl_cdf_beta_Q above the median; in log(1 - x) when x > 1/2), so that both tails keep their relative
 * accuracy. gsl_cdf_beta_Pinv is not called, because for skewed shapes such as (0.1, 5) it gives up and
 * raises GSL's error. */
double gf_beta_quantile(double u, double a, double b);

#endif
