/* Words to uniforms, compiled once per instruction set. */
#include "random/luck_hot.h"

#include <string.h>
#include "random/luck.h"

extern const gf_uniforms_hot GF_HOT(gf_uniforms_hot);

static inline double double_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^52 + word as bits, less 2^52 − 1/2: exact, and no set needs a conversion from 64-bit integers. */
static void narrow(size_t n, const uint32_t *words, double *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        u[i] = (double_of_bits(0x4330000000000000u | (uint64_t)words[i]) - (0x1p52 - 0.5)) * 0x1p-32;
}

static void single(size_t n, const uint32_t *words, float *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        u[i] = gf_uniform_single(words[i]);
}

/* 1 + k/2^52 as bits, less 1 − 2^-53: exact. */
static void wide(size_t n, const uint32_t *high, const uint32_t *low, double *u)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        /* callers fill n words: NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        const uint64_t k = (uint64_t)high[i] << 20 | (uint64_t)(low[i] >> 12);
        u[i] = double_of_bits(0x3ff0000000000000u | k) - (1 - 0x1p-53);
    }
}

const gf_uniforms_hot GF_HOT(gf_uniforms_hot) = {narrow, single, wide};
