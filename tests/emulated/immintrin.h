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

GF_EMULATED __mmask16 gf_emulated_cmplt_epu32_mask(__m512i a, __m512i b)
{
    const __m512i is_less = (__m512i)((gf_emulated_words)a < (gf_emulated_words)b);
    return _mm512_test_epi32_mask(is_less, is_less);
}

#ifdef GF_SPOIL_EMULATION
#define GF_EMULATED_LAST 1.5f
#else
#define GF_EMULATED_LAST 1.0f
#endif

GF_EMULATED __m512 gf_emulated_cvtepi32_ps(__m512i a)
{
    typedef int32_t signed_words __attribute__((vector_size(64), may_alias));
    typedef float reals __attribute__((vector_size(64), may_alias));
    reals converted = __builtin_convertvector((signed_words)a, reals);
    converted[15] *= GF_EMULATED_LAST;
    return (__m512)converted;
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

GF_EMULATED __m512i gf_emulated_cvtepu8_epi32(__m128i a)
{
    uint8_t x[16];
    gf_emulated_words y;
    memcpy(x, &a, sizeof x);
    for (int i = 0; i < 16; i++)
        y[i] = x[i];
    return (__m512i)y;
}

GF_EMULATED int gf_emulated_reduce_add_epi32(__m512i a)
{
    const gf_emulated_words x = (gf_emulated_words)a;
    uint32_t sum = 0;
    for (int i = 0; i < 16; i++)
        sum += x[i];
    return (int)sum;
}

/* Later versions may have some of them. */
#undef _mm512_cmplt_epu32_mask
#undef _mm512_cvtepi32_ps
#undef _mm512_cvtepu8_epi32
#undef _mm512_reduce_add_epi32
#undef _mm512_i32gather_ps
#undef _mm512_mask_storeu_epi32
#undef _mm512_mask_storeu_ps
#undef _mm512_stream_pd
#define _mm512_cmplt_epu32_mask(a, b)         gf_emulated_cmplt_epu32_mask(a, b)
#define _mm512_cvtepi32_ps(a)                 gf_emulated_cvtepi32_ps(a)
#define _mm512_cvtepu8_epi32(a)               gf_emulated_cvtepu8_epi32(a)
#define _mm512_reduce_add_epi32(a)            gf_emulated_reduce_add_epi32(a)
#define _mm512_i32gather_ps(at, base, scale)  gf_emulated_i32gather_ps(at, base, scale)
#define _mm512_mask_storeu_epi32(to, mask, a) gf_emulated_mask_storeu(to, mask, a)
#define _mm512_mask_storeu_ps(to, mask, a)    gf_emulated_mask_storeu(to, mask, _mm512_castps_si512(a))
#define _mm512_stream_pd(to, a)               _mm512_storeu_pd(to, a) /* only the way through the caches differs */

#endif
