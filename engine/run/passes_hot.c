/* Passes over the values of a column. */
#include "run/passes.h"

#include <string.h>

#include "base/isa.h"
#include "base/vectors_hot.h"

/* Eight values side by side, in as many vectors as they take. Written with vectors: compilers see none in
 * loops over eight lanes that take the least or add with compensation. */
enum { LANES = GF_SUM_LANES, VECTORS = LANES / WIDTH };
typedef uint64_t __attribute__((may_alias)) aliasing_bits;

/* gf_careful_add_lanes() of one vector */
INLINE void add(vec *sum, vec *lost, vec x)
{
    const vec total = *sum + x, added = total - *sum;
    *lost += (*sum - (total - added)) + (x - added);
    *sum = total;
}

INLINE void load_sum(const gf_careful_sum *s, vec sum[VECTORS], vec lost[VECTORS])
{
    for (int v = 0; v < VECTORS; v++) {
        sum[v] = load(s->sum + v * WIDTH);
        lost[v] = load(s->lost + v * WIDTH);
    }
}

INLINE void store_sum(gf_careful_sum *s, const vec sum[VECTORS], const vec lost[VECTORS])
{
    for (int v = 0; v < VECTORS; v++) {
        store(s->sum + v * WIDTH, sum[v]);
        store(s->lost + v * WIDTH, lost[v]);
    }
}

/* Terms of the values behind the last eight, and zeros. */
INLINE void add_rest(vec sum[VECTORS], vec lost[VECTORS], const double *rest, size_t n)
{
    double terms[LANES] = {0};
    memcpy(terms, rest, n * sizeof *rest);
    for (int v = 0; v < VECTORS; v++)
        add(&sum[v], &lost[v], load(terms + v * WIDTH));
}

static void add_capped(gf_careful_sum *s, const double *x, size_t n, double cap)
{
    const vec caps = splat(cap);
    vec sum[VECTORS], lost[VECTORS];
    double rest[LANES];
    load_sum(s, sum, lost);
    for (; n >= LANES; n -= LANES, x += LANES)
        for (int v = 0; v < VECTORS; v++)
            add(&sum[v], &lost[v], least(load(x + v * WIDTH), caps));
    for (size_t l = 0; l < n; l++)
        rest[l] = x[l] < cap ? x[l] : cap;
    add_rest(sum, lost, rest, n);
    store_sum(s, sum, lost);
}

static void add_squares(gf_careful_sum *s, const double *x, size_t n, double cap, double mean)
{
    const vec caps = splat(cap), means = splat(mean);
    vec sum[VECTORS], lost[VECTORS];
    double rest[LANES];
    load_sum(s, sum, lost);
    for (; n >= LANES; n -= LANES, x += LANES)
        for (int v = 0; v < VECTORS; v++) {
            const vec d = least(load(x + v * WIDTH), caps) - means;
            add(&sum[v], &lost[v], d * d);
        }
    for (size_t l = 0; l < n; l++) {
        const double d = (x[l] < cap ? x[l] : cap) - mean;
        rest[l] = d * d;
    }
    add_rest(sum, lost, rest, n);
    store_sum(s, sum, lost);
}

static void add_influences(gf_careful_sum *s, const double *x, size_t n, double q, double shift, double share,
                           double mean)
{
    vec sum[VECTORS], lost[VECTORS];
    double rest[LANES];
    load_sum(s, sum, lost);
    for (; n >= LANES; n -= LANES, x += LANES)
        for (int v = 0; v < VECTORS; v++) {
            const vec y = load(x + v * WIDTH), above = greatest(y - splat(q), splat(0));
            const vec influence = (above + splat(shift) - splat(share) * y) / splat(mean);
            add(&sum[v], &lost[v], influence * influence);
        }
    for (size_t l = 0; l < n; l++) {
        const double above = x[l] > q ? x[l] - q : 0, influence = (above + shift - share * x[l]) / mean;
        rest[l] = influence * influence;
    }
    add_rest(sum, lost, rest, n);
    store_sum(s, sum, lost);
}

static size_t count_from(const double *x, size_t n, double threshold)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] >= threshold;
    return (size_t)count;
}

static void find_extremes(const double *x, size_t n, double *lowest, double *highest)
{
    double low[LANES], high[LANES];
    vec lows[VECTORS], highs[VECTORS];
    for (int v = 0; v < VECTORS; v++)
        lows[v] = highs[v] = splat(x[0]);
    for (; n >= LANES; n -= LANES, x += LANES)
        for (int v = 0; v < VECTORS; v++) {
            lows[v] = least(load(x + v * WIDTH), lows[v]);
            highs[v] = greatest(load(x + v * WIDTH), highs[v]);
        }
    for (int v = 0; v < VECTORS; v++) {
        store(low + v * WIDTH, lows[v]);
        store(high + v * WIDTH, highs[v]);
    }
    for (size_t i = 0; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    *lowest = low[0];
    *highest = high[0];
    for (int l = 1; l < LANES; l++) {
        *lowest = low[l] < *lowest ? low[l] : *lowest;
        *highest = high[l] > *highest ? high[l] : *highest;
    }
}

static void find_bins(uint8_t *bin, const double *x, size_t n, double least, double per_bin)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t b = (int32_t)((x[i] - least) * per_bin);
        bin[i] = (uint8_t)(b < UINT8_MAX ? b : UINT8_MAX);
    }
}

static size_t count_missing(const double *x, size_t n)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] != x[i];
    return (size_t)count;
}

static size_t count_whole(const double *x, size_t n)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] == (double)(int32_t)x[i];
    return (size_t)count;
}

static void find_classes(int32_t *class, const double *x, size_t n)
{
    const aliasing_bits *bits = (const aliasing_bits *)(const void *)x;
    for (size_t i = 0; i < n; i++)
        class[i] = gf_class_of(bits[i]);
}

static void find_sketch_bins(int32_t *bin, const double *x, size_t n)
{
    const aliasing_bits *bits = (const aliasing_bits *)(const void *)x;
    for (size_t i = 0; i < n; i++)
        bin[i] = gf_sketch_bin_of(bits[i]);
}

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const gf_passes GF_HOT(gf_passes_table);
const gf_passes GF_HOT(gf_passes_table) = {.name = TEXT(GF_ISA),
                                           .add_capped = add_capped,
                                           .add_squares = add_squares,
                                           .add_influences = add_influences,
                                           .count_from = count_from,
                                           .find_extremes = find_extremes,
                                           .find_bins = find_bins,
                                           .count_missing = count_missing,
                                           .count_whole = count_whole,
                                           .find_classes = find_classes,
                                           .find_sketch_bins = find_sketch_bins};
