/* The floor under the reference workload: one 32-bit word of Philox4x32-10 per live startup-quarter and
 * nothing else. Prints the time of a word; benchmarks/run multiplies by the live startup-quarters of a
 * startup. Compiled for the machine at hand, so that it is as low as plain C gets. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LANES = 256 };

/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) on LANES counters {first + lane, c1, 0, 0}. Words sit in
 * 64-bit lanes, whose upper halves are rubbish until masked: the 32×32→64 multiply then vectorises without
 * shuffles, which halves the time of the same loop on 32-bit lanes. */
static void philox_lanes(uint32_t first, uint32_t c1, uint32_t key0, uint32_t key1, uint32_t out[4][LANES])
{
    for (int l = 0; l < LANES; l++) {
        uint64_t x0 = first + (uint32_t)l, x1 = c1, x2 = 0, x3 = 0;
        uint32_t k0 = key0, k1 = key1;
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (x0 & 0xFFFFFFFFu) * 0xD2511F53u, p1 = (x2 & 0xFFFFFFFFu) * 0xCD9E8D57u;
            x0 = (p1 >> 32) ^ x1 ^ k0;
            x1 = p1;
            x2 = (p0 >> 32) ^ x3 ^ k1;
            x3 = p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        out[0][l] = (uint32_t)x0;
        out[1][l] = (uint32_t)x1;
        out[2][l] = (uint32_t)x2;
        out[3][l] = (uint32_t)x3;
    }
}

int main(int argc, char **argv)
{
    static uint32_t words[4][LANES];
    uint64_t n_words = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000000u;
    philox_lanes(0, 0, 0, 0, words); /* published known answer of the zero counter and key */
    if (words[0][0] != 0x6627e8d5u || words[1][0] != 0xe169c58du || words[2][0] != 0xbc57ac4cu ||
        words[3][0] != 0x9b00dbd8u) {
        fprintf(stderr, "floor: Philox4x32-10 does not give its known answer\n");
        return 70;
    }
    struct timespec start, end;
    uint32_t sink = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    uint64_t calls = n_words / (4 * LANES) + 1;
    for (uint64_t i = 0; i < calls; i++) {
        philox_lanes((uint32_t)(i * LANES), (uint32_t)(i >> 24), 1, 2, words);
        sink ^= words[i & 3][i % LANES];
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    printf("{\"seconds\": %.6f, \"words\": %llu, \"ns_per_word\": %.5f, \"check\": %u}\n", seconds,
           (unsigned long long)(calls * 4 * LANES), 1e9 * seconds / (double)(calls * 4 * LANES), sink);
    return 0;
}
