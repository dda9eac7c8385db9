/* The bare Philox4x32-10 bijection of Random123 (Salmon, Moraes, Dror, Shaw 2011,
 * doi:10.1145/2063384.2063405). */
#ifndef GF_RANDOM_PHILOX_H
#define GF_RANDOM_PHILOX_H

#include <stdint.h>

#define GF_PHILOX_M0 0xD2511F53u
#define GF_PHILOX_M1 0xCD9E8D57u
#define GF_PHILOX_W0 0x9E3779B9u
#define GF_PHILOX_W1 0xBB67AE85u
enum { GF_PHILOX_ROUNDS = 10 };

/* Four words of counter and two of key to four words, bit for bit as philox4x32-10 of Random123. */
void gf_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

#endif
