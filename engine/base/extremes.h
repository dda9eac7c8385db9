/* The lesser and the greater of two numbers that are not NaN, in the form that compilers make one instruction
 * of, also of vectors: fmin() and fmax(), which mind NaN, stay calls and keep loops over lanes scalar. */
#ifndef GF_BASE_EXTREMES_H
#define GF_BASE_EXTREMES_H

static inline double gf_least(double a, double b)
{
    return a < b ? a : b;
}
static inline double gf_greatest(double a, double b)
{
    return a > b ? a : b;
}

#endif
