/* Vectors of doubles as wide as the instruction set of a hot file, one lane a portfolio. Every function gives
 * the same bits whatever the width. */
#ifndef GF_BASE_VECTORS_HOT_H
#define GF_BASE_VECTORS_HOT_H

#include <stdint.h>

#include "base/intrinsics.h"

#if defined(GF_AVX512)
#define WIDTH            8
#define GF_OF_DOUBLES(t) _mm512_##t##_pd
#elif defined(__AVX2__)
#define WIDTH            4
#define GF_OF_DOUBLES(t) _mm256_##t##_pd
#else
#define WIDTH            2
#define GF_OF_DOUBLES(t) _mm_##t##_pd
#endif

#define INLINE static inline __attribute__((always_inline))
typedef double vec __attribute__((vector_size(8 * WIDTH)));
typedef int64_t mask __attribute__((vector_size(8 * WIDTH)));
typedef uint64_t umask __attribute__((vector_size(8 * WIDTH)));
typedef double vec_in_memory __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));

INLINE vec splat(double a)
{
    return a - (vec){0};
}
INLINE vec load(const double *p)
{
    return *(const vec_in_memory *)p;
}
INLINE void store(double *p, vec a)
{
    *(vec_in_memory *)p = a;
}
INLINE vec pick(mask m, vec a, vec b)
{
    return (vec)((m & (mask)a) | (~m & (mask)b));
}
INLINE vec size(vec a)
{
    return (vec)((mask)a & INT64_MAX);
}

/* a < b ? a : b, and a > b ? a : b, of a NaN the second one: what the instructions do. */
INLINE vec least(vec a, vec b)
{
#if defined(__SSE2__)
    return GF_OF_DOUBLES(min)(a, b);
#else
    return pick(a < b, a, b);
#endif
}
INLINE vec greatest(vec a, vec b)
{
#if defined(__SSE2__)
    return GF_OF_DOUBLES(max)(a, b);
#else
    return pick(a > b, a, b);
#endif
}

/* Bit i: whether lane i is negative, as those of a comparison that holds are. */
INLINE unsigned bits_of(mask m)
{
#if defined(GF_AVX512)
    return _mm512_movepi64_mask((__m512i)m);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_pd((__m256d)m);
#elif defined(__SSE2__)
    return (unsigned)_mm_movemask_pd((__m128d)m);
#else
    unsigned bits = 0;
    for (int i = 0; i < WIDTH; i++)
        bits |= (unsigned)(m[i] < 0) << i;
    return bits;
#endif
}

#endif
