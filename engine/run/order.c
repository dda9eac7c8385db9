/* Ordering of doubles by their bits: a radix sort, and classes of which only those that are asked for are
 * sorted. */
#include "run/order.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias)) aliasing_bits;

/* Order-preserving map between doubles and unsigned integers. */
static uint64_t key_of_bits(uint64_t bits)
{
    return bits ^ ((uint64_t) - (int64_t)(bits >> 63) | UINT64_C(1) << 63);
}

static uint64_t bits_of_key(uint64_t key)
{
    return key ^ ((uint64_t) - (int64_t)(~key >> 63) | UINT64_C(1) << 63);
}

/* --- in full --- */

/* Sorts if that takes no more than so many moves; else 0, and the keys are in some other order. */
static int insertion_sort(aliasing_bits *keys, size_t n, size_t most_moves)
{
    size_t moves = 0;
    for (size_t i = 1; i < n && moves <= most_moves; i++) {
        const uint64_t key = keys[i];
        size_t k = i;
        for (; k > 0 && keys[k - 1] > key; k--)
            keys[k] = keys[k - 1];
        keys[k] = key;
        moves += i - k;
    }
    return moves <= most_moves;
}

enum { FEW = 48, NARROW_BELOW = 4096, WIDE_BITS = 11, MOST_BINS = 1 << WIDE_BITS, MOST_DIGITS = 6 };

/* Sorts by n_digits digits of `bits` bits above `lowest`, which are all counted in one pass; a digit that all
 * keys share needs no pass of its own. */
static void radix_sort(aliasing_bits *keys, aliasing_bits *work, size_t n, int lowest, int n_digits, int bits)
{
    const size_t bins = (size_t)1 << bits, mask = bins - 1;
    size_t counters[MOST_DIGITS * MOST_BINS];
    aliasing_bits *from = keys, *to = work;
    memset(counters, 0, (size_t)n_digits * bins * sizeof *counters);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < n_digits; d++)
            counters[(size_t)d * bins + ((keys[i] >> (lowest + d * bits)) & mask)]++;
    for (int d = 0; d < n_digits; d++) {
        const int shift = lowest + d * bits;
        size_t *place = counters + (size_t)d * bins, before = 0;
        if (place[(from[0] >> shift) & mask] == n)
            continue;
        for (size_t b = 0; b < bins; b++) {
            const size_t here = place[b];
            place[b] = before;
            before += here;
        }
        for (size_t i = 0; i < n; i++)
            to[place[(from[i] >> shift) & mask]++] = from[i];
        aliasing_bits *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof *keys);
}

/* The highest 32 or 33 bits in which keys differ order nearly all of them; what is left is a few moves, or
 * else takes a sort by all bits. */
static void sort_keys(aliasing_bits *keys, aliasing_bits *work, size_t n, int highest)
{
    const int bits = n < NARROW_BELOW ? 8 : WIDE_BITS, n_digits = n < NARROW_BELOW ? 4 : 3;
    const int lowest = highest > bits * n_digits ? highest - bits * n_digits : 0;
    if (n <= FEW) {
        insertion_sort(keys, n, n * n);
        return;
    }
    radix_sort(keys, work, n, lowest, n_digits, bits);
    if (!insertion_sort(keys, n, 4 * n))
        radix_sort(keys, work, n, 0, MOST_DIGITS, WIDE_BITS);
}

void gf_sort_doubles(double *values, double *work, size_t n)
{
    aliasing_bits *keys = (aliasing_bits *)(void *)values;
    uint64_t differs = 0;
    for (size_t i = 0; i < n; i++)
        differs |= keys[i] ^ keys[0];
    if (differs == 0)
        return;
    for (size_t i = 0; i < n; i++)
        keys[i] = key_of_bits(keys[i]);
    /* keys of values of either sign differ in the highest bit, and so do the values */
    sort_keys(keys, (aliasing_bits *)(void *)work, n, 64 - __builtin_clzll(differs));
    for (size_t i = 0; i < n; i++)
        keys[i] = bits_of_key(keys[i]);
}

/* --- where it is asked for --- */

/* Classes in ascending order: 64 an octave for sizes from 2^-32 to 2^32 on either side of a middle one. */
enum { PER_OCTAVE = 64, SIDE = 64 * PER_OCTAVE, CLASSES = 2 * SIDE + 1 };

/* From the upper half of the bits, which makes loops of it vectors. */
static inline int32_t class_of(uint64_t bits)
{
    const int32_t high = (int32_t)(bits >> 32), lowest = (1023 - 32) * PER_OCTAVE;
    int32_t place = ((high & INT32_MAX) >> 14) - lowest + 1; /* 0: the middle */
    place = place < 0 ? 0 : place;
    place = place > SIDE ? SIDE : place;
    return high < 0 ? SIDE - place : SIDE + place;
}

enum { BLOCK = 512 };

/* Classes of values first … first + BLOCK − 1, or up to n; the number of them. */
static size_t classify(const aliasing_bits *bits, size_t first, size_t n, int32_t class[BLOCK])
{
    const size_t m = n - first < BLOCK ? n - first : BLOCK;
    for (size_t i = 0; i < m; i++)
        class[i] = class_of(bits[first + i]);
    return m;
}

void gf_order_doubles(double *ordered, double *values, size_t n, const size_t *ranks, size_t n_ranks)
{
    const aliasing_bits *bits = (const aliasing_bits *)(const void *)values;
    const aliasing_bits *classed = (const aliasing_bits *)(const void *)ordered;
    size_t end[CLASSES + 1]; /* of class c, once all are in: end[c] */
    if (n < CLASSES / 8) {   /* the table would cost more than it saves */
        memcpy(ordered, values, n * sizeof *ordered);
        gf_sort_doubles(ordered, values, n);
        return;
    }
    int32_t class[BLOCK];
    memset(end, 0, sizeof end);
    for (size_t first = 0; first < n; first += BLOCK)
        for (size_t i = 0, m = classify(bits, first, n, class); i < m; i++)
            end[class[i] + 1]++;
    for (size_t c = 0; c < CLASSES; c++)
        end[c + 1] += end[c];
    for (size_t first = 0; first < n; first += BLOCK)
        for (size_t i = 0, m = classify(bits, first, n, class); i < m; i++)
            ordered[end[class[i]]++] = values[first + i];
    size_t sorted_to = 0; /* ranks below are in their places already, if their class was asked for */
    for (size_t k = 0; k < n_ranks; k++) {
        assert(ranks[k] < n && (k == 0 || ranks[k - 1] <= ranks[k]));
        if (ranks[k] < sorted_to)
            continue;
        const int32_t c = class_of(classed[ranks[k]]);
        const size_t first = c > 0 ? end[c - 1] : 0;
        gf_sort_doubles(ordered + first, values, end[c] - first);
        sorted_to = end[c];
    }
}
