/* Branch-free exp, log and normal quantile that the compiler vectorises, for hot files only. Plain C without
 * fused multiply-add, so every instruction set gives the same bits. Sources: log after Ng's fdlibm (FreeBSD
 * e_log.c); exp by Cody-Waite reduction and a minimax polynomial of our own; the normal quantile in the tails
 * by Wichura's AS241 (PPND16, Appl. Statist. 37, 1988, 477-484), in the centre by a minimax fraction of his
 * form, fitted to a wider interval. */
#ifndef GF_RANDOM_MATH_HOT_H
#define GF_RANDOM_MATH_HOT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define GF_INLINE static inline __attribute__((always_inline))

GF_INLINE uint64_t gf_bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

GF_INLINE double gf_double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* e^x. Below -708 it gives 0 (no subnormals), above 709.7827 INFINITY; NaN stays NaN. */
GF_INLINE double gf_fast_exp(double x)
{
    const double low = -708, high = 0x1.62e42fefa39efp+9;
    /* n = round(x / log 2), in the low bits of `shifted`; beyond the ends nonsense, which is replaced below
     */
    const double shifted = x * 0x1.71547652b82fep+0 + 0x1.8p52;
    const double n = shifted - 0x1.8p52;
    /* the high part of log 2 has 33 bits: n·high is exact */
    const double r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
    /* e^r = 1 + r + r²·q(r), |r| <= log(2)/2; q minimax, which leaves 4e-18 */
    const double r2 = r * r, r4 = r2 * r2;
    const double q01 = 0.5000000000000011 + r * 0.1666666666666641;
    const double q23 = 0.04166666666653003 + r * 0.008333333333496415;
    const double q45 = 0.001388888894368654 + r * 0.00019841269502555585;
    const double q67 = 2.4801493020256238e-05 + r * 2.755758980596475e-06;
    const double q89 = 2.7630282713497834e-07 + r * 2.499902988922769e-08;
    const double p = 1 + (r + r2 * ((q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * q89)));
    const double e = gf_double_of(gf_bits_of(p) + (gf_bits_of(shifted) << 52)), at_least_0 = x < low ? 0 : e;
    return x <= high ? at_least_0 : x + (double)INFINITY;
}

/* Natural logarithm of a positive, normal, finite x; anything else gives nonsense. */
GF_INLINE double gf_fast_log(double x)
{
    /* x = 2^k·m with m in [√½, √2) */
    const uint64_t root_half = 0x3fe6a09e667f3bcdu;
    const uint64_t shifted = gf_bits_of(x) + (0x3ff0000000000000u - root_half);
    const double k = gf_double_of(shifted >> 52 | 0x4330000000000000u) - (0x1p52 + 1023);
    const double m = gf_double_of((shifted & 0x000fffffffffffffu) + root_half);
    const double f = m - 1, s = f / (2 + f), z = s * s, w = z * z;
    const double odd =
        z * (6.666666666666735130e-01 +
             w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double even =
        w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double half_square = 0.5 * f * f;
    return k * 6.93147180369123816490e-01 -
           ((half_square - (s * (half_square + (odd + even)) + k * 1.90821492927058770002e-10)) - f);
}

/* 1 where the regions below hold, the central one and the outer: u and 1 - u at least e^-25 = 1.3888e-11.
 * Every narrow uniform does; of wide ones 3 in 10^11 do not and need gf_fast_normal_tail(). */
GF_INLINE int gf_fast_normal_holds(double u)
{
    return (u >= 1.3888e-11) & (u <= 1 - 1.3888e-11);
}

/* Standard normal quantile of u in (0,1) by regions. The central one holds 95 % of all u, |u − 1/2| ≤ 0.475,
 * where the fraction leaves 2e-16. All polynomials in Estrin's order: chains half as long as Horner's. */
#define GF_FAST_NORMAL_CENTRE 0.475
GF_INLINE int gf_fast_normal_is_central(double u)
{
    return fabs(u - 0.5) <= GF_FAST_NORMAL_CENTRE;
}

GF_INLINE double gf_fast_normal_central(double u)
{
    const double q = u - 0.5, r = 0.225625 - q * q, r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    const double n01 = 4.1262399674527455 + 513.118115008507 * r;
    const double n23 = 25014.282263267254 + 610698.0977068734 * r;
    const double n45 = 7946668.772172625 + 54592291.994341575 * r;
    const double n67 = 185887578.67816234 + 274882603.28117585 * r;
    const double n89 = 134036167.74345072 + 9513865.634430874 * r;
    const double d01 = 1.0 + 131.32808048315061 * r;
    const double d23 = 6839.010398428725 + 181117.62296925051 * r;
    const double d45 = 2611003.3487739014 + 20477577.783666305 * r;
    const double d67 = 83283684.4082183 + 158605768.67044708 * r;
    const double d89 = 115967306.74374242 + 20362751.75319287 * r;
    const double num = ((n01 + n23 * r2) + (n45 + n67 * r2) * r4) + n89 * r8;
    const double den = ((d01 + d23 * r2) + (d45 + d67 * r2) * r4) + d89 * r8;
    return q * num / den;
}

/* Beyond it, where gf_fast_normal_holds(u), given -log(min(u, 1 - u)). */
GF_INLINE double gf_fast_normal_outer(double u, double minus_log_p)
{
    const double r = sqrt(minus_log_p) - 1.6, r2 = r * r, r4 = r2 * r2;
    const double n01 = 1.42343711074968357734 + 4.6303378461565452959 * r;
    const double n23 = 5.7694972214606914055 + 3.64784832476320460504 * r;
    const double n45 = 1.27045825245236838258 + 0.24178072517745061177 * r;
    const double n67 = 0.0227238449892691845833 + 7.74545014278341407640e-4 * r;
    const double d01 = 1 + 2.05319162663775882187 * r;
    const double d23 = 1.6763848301838038494 + 0.68976733498510000455 * r;
    const double d45 = 0.14810397642748007459 + 0.0151986665636164571966 * r;
    const double d67 = 5.475938084995344946e-4 + 1.05075007164441684324e-9 * r;
    const double num = (n01 + n23 * r2) + (n45 + n67 * r2) * r4;
    const double den = (d01 + d23 * r2) + (d45 + d67 * r2) * r4;
    return (u < 0.5 ? -1.0 : 1.0) * num / den;
}

/* The far tail of AS241, where !gf_fast_normal_holds(u). */
static inline double gf_fast_normal_tail(double u)
{
    const double p = u < 0.5 ? u : 1 - u;
    const double r = sqrt(-gf_fast_log(p)) - 5;
    double num = 2.01033439929228813265e-7;
    num = num * r + 2.71155556874348757815e-5;
    num = num * r + 0.0012426609473880784386;
    num = num * r + 0.026532189526576123093;
    num = num * r + 0.29656057182850489123;
    num = num * r + 1.7848265399172913358;
    num = num * r + 5.4637849111641143699;
    num = num * r + 6.6579046435011037772;
    double den = 2.04426310338993978564e-15;
    den = den * r + 1.4215117583164458887e-7;
    den = den * r + 1.8463183175100546818e-5;
    den = den * r + 7.868691311456132591e-4;
    den = den * r + 0.0148753612908506148525;
    den = den * r + 0.13692988092273580531;
    den = den * r + 0.59983220655588793769;
    den = den * r + 1;
    return (u < 0.5 ? -num : num) / den;
}

#endif
