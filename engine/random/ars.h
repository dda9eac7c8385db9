/* ARS-7, the counter-based generator of Random123 that is made of rounds of AES (Salmon, Moraes, Dror, Shaw
 * 2011, doi:10.1145/2063384.2063405): what an address becomes is its block after seven rounds, with keys that
 * are no secret and differ by a constant. Here at one address, in plain C; batches: ars_batch.h. */
#ifndef GF_RANDOM_ARS_H
#define GF_RANDOM_ARS_H

#include <stdint.h>

/* Two 64-bit halves of a key gain these a round, the lower one first. */
#define GF_ARS_STEP_LOW  UINT64_C(0x9E3779B97F4A7C15)
#define GF_ARS_STEP_HIGH UINT64_C(0xBB67AE8584CAA73B)
enum { GF_ARS_ROUNDS = 7 }; /* Random123's own choice; five pass all tests that its authors know */

/* Four words of counter and four of key to four words, bit for bit as ars4x32 of Random123; rounds ≥ 1. */
void gf_ars4x32(const uint32_t counter[4], const uint32_t key[4], int rounds, uint32_t words[4]);

/* One round of AES (FIPS 197) in place: bytes replaced, rows shifted, columns mixed, key joined. Bytes are in
 * words from the lowest on, a column a word, as the processor's own instructions have them. */
void gf_aes_round(uint32_t block[4], const uint32_t key[4]);

/* The last round, which mixes no columns. */
void gf_aes_last_round(uint32_t block[4], const uint32_t key[4]);

#endif
