/* The floor under the reference workload: one 32-bit word of Philox4x32-10 per live startup-quarter and
 * nothing else. Prints the time of a word; benchmarks/run multiplies by the live startup-quarters of a
 * startup. Compiled for the machine at hand. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

/* Words sit in 64-bit lanes, whose upper halves are rubbish that the multiplication ignores. As many counters
 * go together as keep the multipliers busy and fit the registers. */
#if defined(__AVX512F__)
enum { WIDTH = 8, GROUPS = 6 };
#define MULTIPLY(a, b) (lanes) _mm512_mul_epu32((__m512i)(a), _mm512_set1_epi64(b))
#elif defined(__AVX2__)
enum { WIDTH = 4, GROUPS = 3 };
#define MULTIPLY(a, b) (lanes) _mm256_mul_epu32((__m256i)(a), _mm256_set1_epi64x(b))
#elif defined(__SSE2__)
enum { WIDTH = 2, GROUPS = 3 };
#define MULTIPLY(a, b) (lanes) _mm_mul_epu32((__m128i)(a), _mm_set1_epi64x(b))
#else
enum { WIDTH = 2, GROUPS = 3 };
#define MULTIPLY(a, b) (((a)&0xFFFFFFFFu) * (uint64_t)(b))
#endif
enum { LANES = WIDTH * GROUPS };
typedef uint64_t lanes __attribute__((vector_size(8 * WIDTH)));

/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) on LANES counters {first + lane, c1, 0, 0}. */
static void philox_lanes(uint32_t first, uint32_t c1, uint32_t key0, uint32_t key1, lanes out[4][GROUPS])
{
    static const uint64_t numbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    lanes count, x0[GROUPS], x1[GROUPS], x2[GROUPS], x3[GROUPS];
    memcpy(&count, numbers, sizeof count);
    for (int g = 0; g < GROUPS; g++) {
        x0[g] = count + (uint64_t)(first + (uint32_t)(g * WIDTH));
        x1[g] = (lanes){0} + (uint64_t)c1;
        x2[g] = x3[g] = (lanes){0};
    }
#pragma GCC unroll 1
    for (uint32_t round = 0; round < 10; round++) {
        const uint64_t k0 = key0 + round * 0x9E3779B9u, k1 = key1 + round * 0xBB67AE85u;
#pragma GCC unroll 8
        for (int g = 0; g < GROUPS; g++) {
            const lanes p0 = MULTIPLY(x0[g], 0xD2511F53), p1 = MULTIPLY(x2[g], 0xCD9E8D57);
            x0[g] = (p1 >> 32) ^ x1[g] ^ k0;
            x1[g] = p1;
            x2[g] = (p0 >> 32) ^ x3[g] ^ k1;
            x3[g] = p0;
        }
    }
    for (int g = 0; g < GROUPS; g++) {
        out[0][g] = x0[g] & 0xFFFFFFFFu;
        out[1][g] = x1[g] & 0xFFFFFFFFu;
        out[2][g] = x2[g] & 0xFFFFFFFFu;
        out[3][g] = x3[g] & 0xFFFFFFFFu;
    }
}

int main(int argc, char **argv)
{
    static lanes words[4][GROUPS];
    uint64_t n_words = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000000u;
    philox_lanes(0, 0, 0, 0, words); /* published known answer of the zero counter and key */
    if (words[0][0][0] != 0x6627e8d5u || words[1][0][0] != 0xe169c58du || words[2][0][0] != 0xbc57ac4cu ||
        words[3][0][0] != 0x9b00dbd8u) {
        fprintf(stderr, "floor: Philox4x32-10 does not give its known answer\n");
        return 70;
    }
    struct timespec start, end;
    uint32_t sink = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    uint64_t calls = n_words / (4 * LANES) + 1;
    for (uint64_t i = 0; i < calls; i++) {
        philox_lanes((uint32_t)(i * LANES), (uint32_t)(i >> 24), 1, 2, words);
        sink ^= (uint32_t)words[i & 3][i % GROUPS][i % WIDTH];
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    printf("{\"seconds\": %.6f, \"words\": %llu, \"ns_per_word\": %.5f, \"check\": %u}\n", seconds,
           (unsigned long long)(calls * 4 * LANES), 1e9 * seconds / (double)(calls * 4 * LANES), sink);
    return 0;
}
