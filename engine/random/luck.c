/* Philox4x32-10 at one address, and the choice of the batched version. */
#include "random/luck.h"

#include "random/luck_hot.h"
#include "random/philox.h"

extern const gf_luck_hot gf_luck_hot_sse2;
#ifdef GF_HAVE_AVX2
extern const gf_luck_hot gf_luck_hot_avx2;
#endif
#ifdef GF_HAVE_AVX512
extern const gf_luck_hot gf_luck_hot_avx512;
#endif

/* Chosen once before main, never changed after: all tables give the same bits. */
static const gf_luck_hot *best = &gf_luck_hot_sse2;

__attribute__((constructor)) static void choose_best(void)
{
    best = gf_luck_hot_table(gf_isa_detect());
}

const gf_luck_hot *gf_luck_hot_table(gf_isa isa)
{
#ifdef GF_HAVE_AVX512
    if (isa == GF_ISA_AVX512)
        return &gf_luck_hot_avx512;
#endif
#ifdef GF_HAVE_AVX2
    if (isa == GF_ISA_AVX2)
        return &gf_luck_hot_avx2;
#endif
    (void)isa;
    return &gf_luck_hot_sse2;
}

void gf_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < GF_PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)c0 * GF_PHILOX_M0, p1 = (uint64_t)c2 * GF_PHILOX_M1;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += GF_PHILOX_W0;
        k1 += GF_PHILOX_W1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

void gf_luck_words(uint64_t seed, uint64_t portfolio, uint32_t startup, uint32_t purpose, uint32_t block,
                   uint32_t words[4])
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {startup, (uint32_t)portfolio,
                                 (uint32_t)(portfolio >> 32 & 0xffff) | purpose << 16, block};
    gf_philox4x32_10(counter, key, words);
}

void gf_luck_lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                   uint32_t block, double *wide_a, double *wide_b)
{
    best->lanes(seed, first_portfolio, n, startup, purpose, block, wide_a, wide_b);
}

void gf_luck_lanes_words(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                         uint32_t block, int n_blocks, uint32_t *const (*w)[4])
{
    best->lanes_words(seed, first_portfolio, n, startup, purpose, block, n_blocks, w);
}
