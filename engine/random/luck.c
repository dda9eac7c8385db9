/* Luck at one address, and the choice of batched versions. */
#include "random/luck.h"

#include "random/ars.h"
#include "random/luck_hot.h"

extern const gf_uniforms_hot gf_uniforms_hot_sse2, gf_uniforms_hot_avx2, gf_uniforms_hot_avx512;

/* Filled once before main, never changed after: all tables give the same bits. */
static gf_luck_hot tables[GF_N_ISA];
static const gf_luck_hot *best;

static gf_uniforms_hot uniforms_of(gf_isa isa)
{
    return *GF_OF_ISA(isa, &gf_uniforms_hot);
}

__attribute__((constructor)) static void fill_tables(void)
{
    for (int isa = 0; isa < GF_N_ISA; isa++)
        tables[isa] = (gf_luck_hot){*gf_ars_batch_table(gf_aes_of((gf_isa)isa)), uniforms_of((gf_isa)isa)};
    best = &tables[gf_isa_detect()];
}

const gf_luck_hot *gf_luck_hot_table(gf_isa isa)
{
    return &tables[isa];
}

void gf_luck_words(uint64_t seed, uint64_t portfolio, uint32_t startup, uint32_t purpose, uint32_t block,
                   uint32_t words[4])
{
    const uint32_t key[4] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {startup, (uint32_t)portfolio,
                                 (uint32_t)(portfolio >> 32 & 0xffff) | purpose << 16, block};
    gf_ars4x32(counter, key, GF_ARS_ROUNDS, words);
}

void gf_luck_lanes(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                   uint32_t block, double *wide_a, double *wide_b)
{
    enum { PIECE = 64 };
    uint32_t w[4][PIECE];
    for (int at = 0; at < n; at += PIECE) {
        const size_t some = (size_t)(n - at < PIECE ? n - at : PIECE);
        best->words.lanes(seed, first_portfolio + (uint64_t)at, some, startup, purpose, block,
                          (uint32_t *const[]){w[0], w[1], w[2], w[3]});
        if (wide_a != NULL)
            best->to.wide(some, w[0], w[1], wide_a + at);
        if (wide_b != NULL)
            best->to.wide(some, w[2], w[3], wide_b + at);
    }
}

void gf_luck_lanes_words(uint64_t seed, uint64_t first_portfolio, int n, uint32_t startup, uint32_t purpose,
                         uint32_t block, uint32_t *const w[4])
{
    best->words.lanes(seed, first_portfolio, (size_t)n, startup, purpose, block, w);
}
