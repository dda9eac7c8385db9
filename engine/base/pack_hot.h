/* Packing: from a vector of words or floats to the chosen ones side by side, and tables held in a register.
 * GF_PACK elements a vector, or no GF_PACK at all where the instruction set has no good way: then scalar
 * loops. */
#ifndef GF_BASE_PACK_HOT_H
#define GF_BASE_PACK_HOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/intrinsics.h"

#define GF_PACK_INLINE static inline __attribute__((always_inline))

/* How many bits are set. The empty statement keeps gcc from counting a mask of 16 bits in 16 bits, which it
 * then extends. */
GF_PACK_INLINE size_t gf_count(uint32_t bits)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(bits));
#endif
    return (size_t)__builtin_popcount(bits);
}

#if defined(GF_AVX512)
#include "base/pack_avx512_hot.h"
#elif defined(__AVX2__)
#include "base/pack_avx2_hot.h"
#else
#define GF_FEW 4
/* Bit j is set where table[at[j] & bits] > bound[j], for GF_FEW of them. */
#ifdef __SSE2__
GF_PACK_INLINE uint32_t gf_few_above(const float *table, const uint32_t *at, uint32_t bits,
                                     const float *bound)
{
    const __m128 entry =
        _mm_setr_ps(table[at[0] & bits], table[at[1] & bits], table[at[2] & bits], table[at[3] & bits]);
    return (uint32_t)_mm_movemask_ps(_mm_cmpgt_ps(entry, _mm_loadu_ps(bound)));
}
#else
GF_PACK_INLINE uint32_t gf_few_above(const float *table, const uint32_t *at, uint32_t bits,
                                     const float *bound)
{
    uint32_t is_above = 0;
    for (int j = 0; j < GF_FEW; j++)
        is_above |= (uint32_t)(table[at[j] & bits] > bound[j]) << j;
    return is_above;
}
#endif
#endif

#ifdef GF_PACK
/* The first n bits of GF_PACK. */
GF_PACK_INLINE uint32_t gf_first_bits(int n)
{
    return n >= GF_PACK ? (1u << GF_PACK) - 1u : (1u << n) - 1u;
}
#endif

#endif
