/* Waiting times: −log((word + ½) 2^−32) in single precision, within one unit in the last place: the rounded
 * logarithm but for 2.3% of words, which get its neighbour. For hot files only. Plain arithmetic without
 * fused multiply-add in the same order everywhere, so that every instruction set gives the same bits.
 *
 * x = 2^k m, where m lies in one of sixteen pieces, the first of them around 1, and r = m c − 1 with c ≈ 1/m
 * on the piece, |r| ≤ 1/32. Then −log(x 2^−32) = (32 − k) log 2 + log c − log(1 + r). The first two terms are
 * sums of a multiple of 2^−17, which is exact, and a small rest (Cody and Waite); r is exact but for one
 * rounding, since c has 8 bits and both halves of a word 16; log(1 + r) is minimax. In the first piece c = 1,
 * and with k = 32 all that is left is r: short waits have no cancellation. */
#ifndef GF_RANDOM_WAIT_HOT_H
#define GF_RANDOM_WAIT_HOT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/pack_hot.h"

enum { GF_WAIT_PIECES = 16 };

/* c, and log c − 95 log 2 in two parts: k is counted down from 127 (below). */
static const float gf_wait_inverse[GF_WAIT_PIECES] = {
    0x1p+0f,    0x1.e2p-1f, 0x1.c8p-1f, 0x1.bp-1f, 0x1.9ap-1f, 0x1.86p-1f, 0x1.74p-1f, 0x1.64p-1f,
    0x1.56p-1f, 0x1.48p-1f, 0x1.3cp-1f, 0x1.3p-1f, 0x1.24p-1f, 0x1.1ap-1f, 0x1.12p-1f, 0x1.08p-1f};
static const float gf_wait_high[GF_WAIT_PIECES] = {
    -0x1.076538p+6f, -0x1.07a30cp+6f, -0x1.07dbd4p+6f, -0x1.081332p+6f, -0x1.0848b8p+6f, -0x1.087beep+6f,
    -0x1.08ac5p+6f,  -0x1.08d956p+6f, -0x1.09026ap+6f, -0x1.092d38p+6f, -0x1.095362p+6f, -0x1.097b06p+6f,
    -0x1.09a444p+6f, -0x1.09c7f4p+6f, -0x1.09e56cp+6f, -0x1.0a0b7ep+6f};
static const float gf_wait_low[GF_WAIT_PIECES] = {
    -0x1.1c9edap-13f, -0x1.1fbadap-13f, -0x1.218b4ap-13f, -0x1.1cb9bp-13f,
    -0x1.1b9096p-13f, -0x1.1b04bp-13f,  -0x1.238012p-13f, -0x1.18da3ep-13f,
    -0x1.2293e4p-13f, -0x1.19827cp-13f, -0x1.1d4a34p-13f, -0x1.2381aap-13f,
    -0x1.1ffeap-13f,  -0x1.16e30ep-13f, -0x1.18cp-13f,    -0x1.1ac56p-13f};

/* log 2 in two parts, over 2^23: exponents are counted where they stand in a float. */
#define GF_WAIT_LOG2_HIGH 0x1.62e4p-24f
#define GF_WAIT_LOG2_LOW  0x1.7f7d1cp-43f
/* log(1 + r) = r − r² (A2 + A3 r + A4 r² + A5 r³), to 2e-11 */
#define GF_WAIT_A2 0x1.fffffep-2f
#define GF_WAIT_A3 -0x1.555552p-2f
#define GF_WAIT_A4 0x1.002ab2p-2f
#define GF_WAIT_A5 -0x1.99f51ap-3f
/* Half a piece, which moves the first to both sides of 1; the bits of exponents; those of 2^127, from which
 * an exponent taken away leaves 2^−k. */
enum { GF_WAIT_HALF = 1 << 18, GF_WAIT_EXPONENT = 0x7f800000, GF_WAIT_DOWN_FROM = 254 << 23 };

static inline float gf_wait(uint32_t word)
{
    const float high = (float)(int32_t)(word >> 16) * 0x1p16f, low = (float)(int32_t)(word & 0xffffu) + 0.5f,
                x = high + low;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t shifted = bits + GF_WAIT_HALF, piece = shifted >> 19 & (GF_WAIT_PIECES - 1),
                   down = GF_WAIT_DOWN_FROM - (shifted & GF_WAIT_EXPONENT);
    float scale;
    memcpy(&scale, &down, sizeof scale);
    const float n = (float)(int32_t)down, c = gf_wait_inverse[piece];
    const float r = (high * scale * c - 1.0f) + low * scale * c, r2 = r * r;
    const float p = (GF_WAIT_A2 + GF_WAIT_A3 * r) + r2 * (GF_WAIT_A4 + GF_WAIT_A5 * r);
    const float whole = n * GF_WAIT_LOG2_HIGH + gf_wait_high[piece],
                rest = n * GF_WAIT_LOG2_LOW + gf_wait_low[piece];
    return whole + (rest + (r2 * p - r));
}

#ifdef GF_PACK
/* The tables in registers. */
typedef struct gf_wait_tables {
    gf_reals inverse[GF_WAIT_PIECES / GF_PACK], high[GF_WAIT_PIECES / GF_PACK], low[GF_WAIT_PIECES / GF_PACK];
} gf_wait_tables;

GF_PACK_INLINE gf_wait_tables gf_wait_load(void)
{
    gf_wait_tables t;
    for (int i = 0; i < GF_WAIT_PIECES / GF_PACK; i++) {
        t.inverse[i] = gf_reals_load(gf_wait_inverse + i * GF_PACK);
        t.high[i] = gf_reals_load(gf_wait_high + i * GF_PACK);
        t.low[i] = gf_reals_load(gf_wait_low + i * GF_PACK);
    }
    return t;
}

/* gf_wait of GF_PACK words. */
GF_PACK_INLINE gf_reals gf_wait_pack(const gf_wait_tables *t, gf_words word)
{
    const gf_reals high =
                       gf_reals_multiply(gf_reals_of_words(gf_words_shift(word, 16)), gf_reals_set(0x1p16f)),
                   low = gf_reals_add(gf_reals_of_words(gf_words_and(word, gf_words_set(0xffffu))),
                                      gf_reals_set(0.5f));
    const gf_words shifted =
                       gf_words_add(gf_words_of_bits(gf_reals_add(high, low)), gf_words_set(GF_WAIT_HALF)),
                   piece = gf_words_shift(shifted, 19), /* its low bits choose */
        down = gf_words_subtract(gf_words_set(GF_WAIT_DOWN_FROM),
                                 gf_words_and(shifted, gf_words_set(GF_WAIT_EXPONENT)));
    const gf_reals scale = gf_reals_of_bits(down), n = gf_reals_of_words(down),
                   c = gf_reals_choose16(t->inverse, piece);
    const gf_reals r = gf_reals_add(
        gf_reals_subtract(gf_reals_multiply(gf_reals_multiply(high, scale), c), gf_reals_set(1.0f)),
        gf_reals_multiply(gf_reals_multiply(low, scale), c));
    const gf_reals r2 = gf_reals_multiply(r, r);
    const gf_reals p =
        gf_reals_add(gf_reals_add(gf_reals_set(GF_WAIT_A2), gf_reals_multiply(gf_reals_set(GF_WAIT_A3), r)),
                     gf_reals_multiply(r2, gf_reals_add(gf_reals_set(GF_WAIT_A4),
                                                        gf_reals_multiply(gf_reals_set(GF_WAIT_A5), r))));
    const gf_reals whole = gf_reals_add(gf_reals_multiply(n, gf_reals_set(GF_WAIT_LOG2_HIGH)),
                                        gf_reals_choose16(t->high, piece)),
                   rest = gf_reals_add(gf_reals_multiply(n, gf_reals_set(GF_WAIT_LOG2_LOW)),
                                       gf_reals_choose16(t->low, piece));
    return gf_reals_add(whole, gf_reals_add(rest, gf_reals_subtract(gf_reals_multiply(r2, p), r)));
}
#endif

#endif
