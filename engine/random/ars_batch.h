/* ARS-7 at many addresses (luck.h), compiled once for each way to have rounds of AES; all give the same
 * words. Functions accept n = 0 and cannot fail. */
#ifndef GF_RANDOM_ARS_BATCH_H
#define GF_RANDOM_ARS_BATCH_H

#include <stddef.h>
#include <stdint.h>
#include "base/isa.h"

/* An address in one word, for startups of portfolios that follow each other: bits 0…2 block, 3…8 number of
 * the portfolio, 13…31 number of the portfolio × stride + startup. Other bits are ignored. */
enum { GF_PLACE_BLOCKS = 8, GF_PLACE_LANES = 64, GF_PLACE_LANE_SHIFT = 3, GF_PLACE_SLOT_SHIFT = 13 };

typedef struct gf_ars_batch {
    /* The words at n addresses (seed, portfolio[i], startup[i], purpose, block[i]), one array per word, each
       [n]. No output may overlap an input. */
    void (*startups)(uint64_t seed, size_t n, const uint32_t *startup, const uint64_t *portfolio,
                     uint32_t purpose, const uint32_t *block, uint32_t *w0, uint32_t *w1, uint32_t *w2,
                     uint32_t *w3);
    /* The same at n places, a multiple of 16; portfolio number 0 is `first`. */
    void (*places)(uint64_t seed, size_t n, const uint32_t *place, uint64_t first, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3);
    /* The same of portfolios first … first + n − 1, of one startup, purpose and block: w[j][n], or NULL. */
    void (*lanes)(uint64_t seed, uint64_t first, size_t n, uint32_t startup, uint32_t purpose, uint32_t block,
                  uint32_t *const w[4]);
} gf_ars_batch;

/* Ways to have rounds of AES: in plain C, by an instruction for one block, for two, for four. */
typedef enum { GF_AES_PLAIN, GF_AES_128, GF_AES_256, GF_AES_512, GF_N_AES } gf_aes;

/* 1 if this machine has it and it was compiled in. */
int gf_aes_available(gf_aes aes);
const char *gf_aes_name(gf_aes aes);
/* The widest that is available, and no wider than vectors of the set. */
gf_aes gf_aes_of(gf_isa isa);
/* The functions of an available one. */
const gf_ars_batch *gf_ars_batch_table(gf_aes aes);

#endif
