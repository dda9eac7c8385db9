/* The few integer vector operations that the generator needs, on 64-bit lanes, for the set a hot file is
 * compiled for. Only the low 32 bits of a lane are significant to gf_lanes_multiply and gf_lanes_store: the
 * high half may hold anything, which saves a mask after every multiply. */
#ifndef GF_BASE_SIMD_H
#define GF_BASE_SIMD_H

#include <stdint.h>

#include "base/intrinsics.h"

#if defined(GF_AVX512)
enum { GF_WORD_LANES = 8 };
typedef __m512i gf_lanes;
static inline gf_lanes gf_lanes_set(uint64_t x)
{
    return _mm512_set1_epi64((int64_t)x);
}
static inline gf_lanes gf_lanes_load32(const uint32_t *p)
{
    return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
static inline gf_lanes gf_lanes_load64(const uint64_t *p)
{
    return _mm512_loadu_si512((const void *)p);
}
static inline void gf_lanes_store(uint32_t *p, gf_lanes x)
{
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi64_epi32(x));
}
static inline gf_lanes gf_lanes_multiply(gf_lanes a, gf_lanes b)
{
    return _mm512_mul_epu32(a, b);
}
static inline gf_lanes gf_lanes_add(gf_lanes a, gf_lanes b)
{
    return _mm512_add_epi64(a, b);
}
static inline gf_lanes gf_lanes_high(gf_lanes x)
{
    return _mm512_srli_epi64(x, 32);
}
static inline gf_lanes gf_lanes_shift(gf_lanes x, int bits)
{
    return _mm512_srli_epi64(x, (unsigned)bits);
}
static inline gf_lanes gf_lanes_and(gf_lanes a, gf_lanes b)
{
    return _mm512_and_si512(a, b);
}
static inline gf_lanes gf_lanes_or(gf_lanes a, gf_lanes b)
{
    return _mm512_or_si512(a, b);
}
static inline gf_lanes gf_lanes_xor3(gf_lanes a, gf_lanes b, gf_lanes c)
{
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}

#elif defined(__AVX2__)
enum { GF_WORD_LANES = 4 };
typedef __m256i gf_lanes;
static inline gf_lanes gf_lanes_set(uint64_t x)
{
    return _mm256_set1_epi64x((int64_t)x);
}
static inline gf_lanes gf_lanes_load32(const uint32_t *p)
{
    return _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)p));
}
static inline gf_lanes gf_lanes_load64(const uint64_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}
static inline void gf_lanes_store(uint32_t *p, gf_lanes x)
{
    const __m256i even = _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0);
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(x, even)));
}
static inline gf_lanes gf_lanes_multiply(gf_lanes a, gf_lanes b)
{
    return _mm256_mul_epu32(a, b);
}
static inline gf_lanes gf_lanes_add(gf_lanes a, gf_lanes b)
{
    return _mm256_add_epi64(a, b);
}
static inline gf_lanes gf_lanes_high(gf_lanes x)
{
    return _mm256_srli_epi64(x, 32);
}
static inline gf_lanes gf_lanes_shift(gf_lanes x, int bits)
{
    return _mm256_srli_epi64(x, bits);
}
static inline gf_lanes gf_lanes_and(gf_lanes a, gf_lanes b)
{
    return _mm256_and_si256(a, b);
}
static inline gf_lanes gf_lanes_or(gf_lanes a, gf_lanes b)
{
    return _mm256_or_si256(a, b);
}
static inline gf_lanes gf_lanes_xor3(gf_lanes a, gf_lanes b, gf_lanes c)
{
    return _mm256_xor_si256(a, _mm256_xor_si256(b, c));
}

#elif defined(__SSE2__)
enum { GF_WORD_LANES = 2 };
typedef __m128i gf_lanes;
static inline gf_lanes gf_lanes_set(uint64_t x)
{
    return _mm_set1_epi64x((int64_t)x);
}
static inline gf_lanes gf_lanes_load32(const uint32_t *p)
{
    return _mm_unpacklo_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p), _mm_setzero_si128());
}
static inline gf_lanes gf_lanes_load64(const uint64_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
static inline void gf_lanes_store(uint32_t *p, gf_lanes x)
{
    _mm_storel_epi64((__m128i *)(void *)p, _mm_shuffle_epi32(x, 0x08)); /* lanes 0 and 2 to the front */
}
static inline gf_lanes gf_lanes_multiply(gf_lanes a, gf_lanes b)
{
    return _mm_mul_epu32(a, b);
}
static inline gf_lanes gf_lanes_add(gf_lanes a, gf_lanes b)
{
    return _mm_add_epi64(a, b);
}
static inline gf_lanes gf_lanes_high(gf_lanes x)
{
    return _mm_srli_epi64(x, 32);
}
static inline gf_lanes gf_lanes_shift(gf_lanes x, int bits)
{
    return _mm_srli_epi64(x, bits);
}
static inline gf_lanes gf_lanes_and(gf_lanes a, gf_lanes b)
{
    return _mm_and_si128(a, b);
}
static inline gf_lanes gf_lanes_or(gf_lanes a, gf_lanes b)
{
    return _mm_or_si128(a, b);
}
static inline gf_lanes gf_lanes_xor3(gf_lanes a, gf_lanes b, gf_lanes c)
{
    return _mm_xor_si128(a, _mm_xor_si128(b, c));
}

#else
enum { GF_WORD_LANES = 1 };
typedef uint64_t gf_lanes;
static inline gf_lanes gf_lanes_set(uint64_t x)
{
    return x;
}
static inline gf_lanes gf_lanes_load32(const uint32_t *p)
{
    return *p;
}
static inline gf_lanes gf_lanes_load64(const uint64_t *p)
{
    return *p;
}
static inline void gf_lanes_store(uint32_t *p, gf_lanes x)
{
    *p = (uint32_t)x;
}
static inline gf_lanes gf_lanes_multiply(gf_lanes a, gf_lanes b)
{
    return (a & 0xffffffffu) * (b & 0xffffffffu);
}
static inline gf_lanes gf_lanes_add(gf_lanes a, gf_lanes b)
{
    return a + b;
}
static inline gf_lanes gf_lanes_high(gf_lanes x)
{
    return x >> 32;
}
static inline gf_lanes gf_lanes_shift(gf_lanes x, int bits)
{
    return x >> bits;
}
static inline gf_lanes gf_lanes_and(gf_lanes a, gf_lanes b)
{
    return a & b;
}
static inline gf_lanes gf_lanes_or(gf_lanes a, gf_lanes b)
{
    return a | b;
}
static inline gf_lanes gf_lanes_xor3(gf_lanes a, gf_lanes b, gf_lanes c)
{
    return a ^ b ^ c;
}
#endif

#endif
