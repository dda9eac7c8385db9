/* Normal quantile and exponential in single precision, for what only moves hazards, which are single
 * themselves. For hot files only: plain C that the compiler vectorises, without fused multiply-add, so that
 * every instruction set gives the same bits. Both after the double versions in math_hot.h, with minimax
 * coefficients of their own. */
#ifndef GF_RANDOM_SINGLE_HOT_H
#define GF_RANDOM_SINGLE_HOT_H

#include <stdint.h>
#include <string.h>

/* The central region of the quantile, |u − ½| ≤ 0.475, as words: from this one on, so many. */
#define GF_SINGLE_CENTRE      107374183u
#define GF_SINGLE_CENTRE_SPAN (UINT32_MAX - 2 * GF_SINGLE_CENTRE)

static inline int gf_single_normal_is_central(uint32_t word)
{
    return word - GF_SINGLE_CENTRE <= GF_SINGLE_CENTRE_SPAN;
}

/* Quantile of (word + ½) 2^−32 in the central region: the fraction leaves 7e-9, rounding of |u − ½| near the
 * ends of the region 3e-7. */
static inline float gf_single_normal_central(uint32_t word)
{
    const float q = (float)(int32_t)(word ^ 0x80000000u) * 0x1p-32f + 0x1p-33f;
    const float r = 0.225625f - q * q, r2 = r * r, r4 = r2 * r2;
    const float n01 = 4.1262399f + 234.7014145f * r, n23 = 3768.8889577f + 17714.2851031f * r;
    const float d01 = 1.0f + 63.8533833f * r, d23 = 1219.6568773f + 7599.9158416f * r;
    const float d45 = 12219.3571433f + 1995.0307430f * r;
    const float num = (n01 + n23 * r2) + 16574.8866835f * r4, den = (d01 + d23 * r2) + d45 * r4;
    return q * num / den;
}

/* e^x; x beyond −87 and 88 counts as that, NaN as −87. */
static inline float gf_single_exp(float x)
{
    const float least = x > -87.0f ? x : -87.0f, y = least < 88.0f ? least : 88.0f;
    const float shifted = y * 0x1.715476p+0f + 0x1.8p23f, n = shifted - 0x1.8p23f; /* round(y / log 2) */
    const float r = (y - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f, r2 = r * r;
    /* e^r = 1 + r + r² q(r), |r| ≤ log(2)/2; q minimax, which leaves 3e-9 */
    const float q01 = 0x1.fffffcp-2f + r * 0x1.555490p-3f, q23 = 0x1.5558f4p-5f + r * 0x1.123a6cp-7f;
    const float p = 1.0f + (r + r2 * (q01 + r2 * (q23 + r2 * 0x1.6a2352p-10f)));
    uint32_t bits, power;
    memcpy(&bits, &p, sizeof bits);
    memcpy(&power, &shifted, sizeof power);
    bits += power << 23;
    float e;
    memcpy(&e, &bits, sizeof e);
    return e;
}

#endif
