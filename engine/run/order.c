/* Ordering of doubles by their bits: a radix sort, and classes of which only those that are asked for are
 * sorted. */
#include "run/order.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "run/passes.h"

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

enum {
    FEW = 48,
    EVEN_BELOW = 4096,
    NARROW_BELOW = 4096,
    WIDE_BITS = 11,
    MOST_BINS = 1 << WIDE_BITS,
    MOST_DIGITS = 6
};

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

/* --- where it is asked for, of few --- */

enum { BINS = UINT8_MAX + 1, MOST_LEVELS = 4 };

/* Finds even bins between the extremes of fewer than EVEN_BELOW values; begin[b]: where bin b begins in
 * order. 0 if bins cannot be told apart. Rounding is monotone, so no value gets into a bin beyond that of a
 * larger one. */
static int find_even_bins(uint8_t *bin, const double *values, size_t n, uint32_t begin[BINS + 1])
{
    uint16_t counts[4][BINS] = {{0}}; /* side by side: neighbours are often of one bin */
    double least, largest;
    const gf_passes *passes = gf_passes_in_use();
    passes->find_extremes(values, n, &least, &largest);
    const double per_bin = BINS / (largest - least);
    if (!(per_bin > 0 && per_bin < INFINITY))
        return 0;
    passes->find_bins(bin, values, n, least, per_bin);
    for (size_t i = 0; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            counts[k][bin[i + (size_t)k]]++;
    for (size_t i = n / 4 * 4; i < n; i++)
        counts[0][bin[i]]++;
    begin[0] = 0;
    for (size_t b = 0; b < BINS; b++)
        begin[b + 1] = begin[b] + (uint32_t)counts[0][b] + counts[1][b] + counts[2][b] + counts[3][b];
    return 1;
}

static void order_evenly(double *ordered, double *values, size_t n, size_t base, const size_t *ranks,
                         size_t n_ranks, int levels);

/* Orders, within their bins, those that hold ranks. */
static void order_bins(double *ordered, double *values, const uint32_t begin[BINS + 1], size_t base,
                       const size_t *ranks, size_t n_ranks, int levels)
{
    size_t bin = 0;
    for (size_t k = 0; k < n_ranks;) {
        while (base + begin[bin + 1] <= ranks[k])
            bin++;
        const size_t first = begin[bin], size = begin[bin + 1] - first, first_rank = k;
        while (k < n_ranks && ranks[k] < base + begin[bin + 1])
            k++;
        memcpy(values + first, ordered + first, size * sizeof *values);
        order_evenly(ordered + first, values + first, size, base + first, ranks + first_rank, k - first_rank,
                     levels);
    }
}

/* As gf_order_doubles() of fewer than EVEN_BELOW values of which the first has rank `base`. Bins that are
 * asked for are split again. */
static void order_evenly(double *ordered, double *values, size_t n, size_t base, const size_t *ranks,
                         size_t n_ranks, int levels)
{
    uint8_t bin[EVEN_BELOW];
    uint32_t begin[BINS + 1], place[BINS];
    if (n <= FEW || levels == 0 || !find_even_bins(bin, values, n, begin)) {
        memcpy(ordered, values, n * sizeof *ordered);
        gf_sort_doubles(ordered, values, n);
        return;
    }
    memcpy(place, begin, sizeof place);
    for (size_t i = 0; i < n; i++)
        ordered[place[bin[i]]++] = values[i];
    order_bins(ordered, values, begin, base, ranks, n_ranks, levels - 1);
}

/* Are all values the same, to the bit? */
static int are_alike(const double *values, size_t n)
{
    return memcmp(values, values + 1, (n - 1) * sizeof *values) == 0;
}

void gf_select_doubles(double *selected, double *values, size_t n, const size_t *ranks, size_t n_ranks)
{
    uint8_t bin[EVEN_BELOW], is_wanted[BINS] = {0};
    uint16_t of[EVEN_BELOW]; /* indices of values in wanted bins */
    uint32_t begin[BINS + 1], place[BINS];
    size_t n_of = 0;
    if (are_alike(values, n)) {
        for (size_t k = 0; k < n_ranks; k++)
            selected[ranks[k]] = values[0];
        return;
    }
    if (n <= FEW || n >= EVEN_BELOW || !find_even_bins(bin, values, n, begin)) {
        gf_order_doubles(selected, values, n, ranks, n_ranks);
        return;
    }
    for (size_t k = 0, b = 0; k < n_ranks; k++) {
        while (begin[b + 1] <= ranks[k])
            b++;
        is_wanted[b] = 1;
    }
    for (size_t i = 0; i < n; i++) { /* no branch: which ones is a matter of luck */
        of[n_of] = (uint16_t)i;
        n_of += is_wanted[bin[i]];
    }
    memcpy(place, begin, sizeof place);
    for (size_t j = 0; j < n_of; j++)
        selected[place[bin[of[j]]]++] = values[of[j]];
    order_bins(selected, values, begin, 0, ranks, n_ranks, MOST_LEVELS - 1);
}

/* --- where it is asked for, of many --- */

enum { BLOCK = 512 };

static int32_t class_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return gf_class_of(bits);
}

/* Puts values into `ordered` by classes; end[c]: of class c. Only classes that occur are touched. */
static void split_by_classes(double *ordered, const double *values, size_t n, uint32_t end[GF_N_CLASSES + 1])
{
    const gf_passes *passes = gf_passes_in_use();
    int32_t class[BLOCK];
    double least, largest;
    passes->find_extremes(values, n, &least, &largest);
    const size_t lowest = (size_t)class_of(least), highest = (size_t)class_of(largest);
    memset(end + lowest, 0, (highest - lowest + 2) * sizeof *end);
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t m = n - first < BLOCK ? n - first : BLOCK;
        passes->find_classes(class, values + first, m);
        for (size_t i = 0; i < m; i++)
            end[class[i] + 1]++;
    }
    for (size_t c = lowest; c < highest; c++)
        end[c + 1] += end[c];
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t m = n - first < BLOCK ? n - first : BLOCK;
        passes->find_classes(class, values + first, m);
        for (size_t i = 0; i < m; i++)
            ordered[end[class[i]]++] = values[first + i];
    }
}

void gf_order_doubles(double *ordered, double *values, size_t n, const size_t *ranks, size_t n_ranks)
{
    uint32_t end[GF_N_CLASSES + 1];
    if (n < EVEN_BELOW || n > UINT32_MAX) { /* the table would cost more than it saves, or not hold them */
        order_evenly(ordered, values, n, 0, ranks, n_ranks, n < EVEN_BELOW ? MOST_LEVELS : 0);
        return;
    }
    split_by_classes(ordered, values, n, end);
    const int32_t lowest = class_of(ordered[0]);
    size_t sorted_to = 0; /* ranks below are in their places already, if their class was asked for */
    for (size_t k = 0; k < n_ranks; k++) {
        assert(ranks[k] < n && (k == 0 || ranks[k - 1] <= ranks[k]));
        if (ranks[k] < sorted_to)
            continue;
        const int32_t c = class_of(ordered[ranks[k]]);
        const size_t first = c > lowest ? end[c - 1] : 0;
        gf_sort_doubles(ordered + first, values, end[c] - first);
        sorted_to = end[c];
    }
}
