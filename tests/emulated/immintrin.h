/* AVX-512 on machines without it, for builds with GF_EMULATE_AVX512: stands before the compiler's header of
 * this name, gives SIMDe's functions the names of Intel's, and adds those that SIMDe 0.7.4 lacks, from
 * Intel's descriptions. With GF_SPOIL_EMULATION one of them is wrong in its last lane, so that a test can
 * show that it would notice. */
#ifndef GF_TESTS_EMULATED_IMMINTRIN_H
#define GF_TESTS_EMULATED_IMMINTRIN_H

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#include <stdint.h>
#include <string.h>

#define GF_EMULATED static inline __attribute__((always_inline))
typedef uint32_t gf_emulated_words __attribute__((vector_size(64), may_alias));
typedef uint64_t gf_emulated_lanes __attribute__((vector_size(64), may_alias));
typedef uint32_t gf_emulated_half __attribute__((vector_size(32), may_alias));

GF_EMULATED __mmask16 gf_emulated_cmplt_epu32_mask(__m512i a, __m512i b)
{
    const __m512i is_less = (__m512i)((gf_emulated_words)a < (gf_emulated_words)b);
    return _mm512_test_epi32_mask(is_less, is_less);
}

GF_EMULATED __m512i gf_emulated_cvtepu32_epi64(__m256i a)
{
    return (__m512i) __builtin_convertvector((gf_emulated_half)a, gf_emulated_lanes);
}

GF_EMULATED __m512 gf_emulated_cvtepi32_ps(__m512i a)
{
    typedef int32_t signed_words __attribute__((vector_size(64), may_alias));
    typedef float reals __attribute__((vector_size(64), may_alias));
    return (__m512) __builtin_convertvector((signed_words)a, reals);
}

/* Words whose bits are set; the others stay as they are. */
GF_EMULATED void gf_emulated_mask_storeu(void *to, __mmask16 mask, __m512i a)
{
    uint32_t words[16];
    _mm512_storeu_si512(words, a);
    for (int i = 0; i < 16; i++)
        if (mask >> i & 1)
            memcpy((char *)to + sizeof *words * (size_t)i, &words[i], sizeof *words);
}

/* Offsets are signed. */
GF_EMULATED __m512 gf_emulated_i32gather_ps(__m512i at, const void *base, int scale)
{
    int32_t x[16];
    float y[16];
    _mm512_storeu_si512(x, at);
    for (int i = 0; i < 16; i++)
        memcpy(&y[i], (const char *)base + (int64_t)x[i] * scale, sizeof y[i]);
    return _mm512_loadu_ps(y);
}

GF_EMULATED __m256i gf_emulated_low(__m512i a)
{
    __m256i half;
    memcpy(&half, &a, sizeof half);
    return half;
}

GF_EMULATED __m256i gf_emulated_high(__m512i a)
{
    __m256i half;
    memcpy(&half, (const char *)&a + sizeof half, sizeof half);
    return half;
}

GF_EMULATED __m512i gf_emulated_join(__m256i low, __m256i high)
{
    __m512i a;
    memcpy(&a, &low, sizeof low);
    memcpy((char *)&a + sizeof low, &high, sizeof high);
    return a;
}

/* a's words where the mask's bits are set, else b's */
GF_EMULATED __m256i gf_emulated_pick(unsigned mask, __m256i a, __m256i b)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i is_set = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)mask), bit), bit);
    return _mm256_blendv_epi8(b, a, is_set);
}

/* SIMDe has it, but gcc does it word by word. */
GF_EMULATED __m512i gf_emulated_mul_epu32(__m512i a, __m512i b)
{
    return gf_emulated_join(_mm256_mul_epu32(gf_emulated_low(a), gf_emulated_low(b)),
                            _mm256_mul_epu32(gf_emulated_high(a), gf_emulated_high(b)));
}

#ifdef GF_SPOIL_EMULATION
enum { GF_EMULATED_HIGH = 0x7f };
#else
enum { GF_EMULATED_HIGH = 0xff };
#endif

/* Later versions may have some of them. */
#undef _mm512_cmplt_epu32_mask
#undef _mm512_cvtepi32_ps
#undef _mm512_cvtepu32_epi64
#undef _mm512_i32gather_ps
#undef _mm512_mask_shuffle_epi32
#undef _mm512_mask_storeu_epi32
#undef _mm512_mask_storeu_ps
#undef _mm512_mul_epu32
#undef _mm512_stream_pd
#define _mm512_cmplt_epu32_mask(a, b)        gf_emulated_cmplt_epu32_mask(a, b)
#define _mm512_cvtepi32_ps(a)                gf_emulated_cvtepi32_ps(a)
#define _mm512_cvtepu32_epi64(a)             gf_emulated_cvtepu32_epi64(a)
#define _mm512_i32gather_ps(at, base, scale) gf_emulated_i32gather_ps(at, base, scale)
#define _mm512_mask_shuffle_epi32(from, mask, a, order)                                                      \
    gf_emulated_join(gf_emulated_pick((mask)&0xff, _mm256_shuffle_epi32(gf_emulated_low(a), order),          \
                                      gf_emulated_low(from)),                                                \
                     gf_emulated_pick((mask) >> 8 & GF_EMULATED_HIGH,                                        \
                                      _mm256_shuffle_epi32(gf_emulated_high(a), order),                      \
                                      gf_emulated_high(from)))
#define _mm512_mask_storeu_epi32(to, mask, a) gf_emulated_mask_storeu(to, mask, a)
#define _mm512_mask_storeu_ps(to, mask, a)    gf_emulated_mask_storeu(to, mask, _mm512_castps_si512(a))
#define _mm512_mul_epu32(a, b)                gf_emulated_mul_epu32(a, b)
#define _mm512_stream_pd(to, a)               _mm512_storeu_pd(to, a) /* only the way through the caches differs */

#endif
