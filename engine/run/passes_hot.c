/* Passes over the values of a column. */
#include "run/passes.h"

#include <string.h>

#include "base/isa.h"

/* Eight values side by side, whatever the instruction set makes of them: compilers see no vectors in loops
 * over eight lanes that take the least or add with compensation. */
typedef double lanes __attribute__((vector_size(GF_SUM_LANES * sizeof(double))));
typedef int64_t masks __attribute__((vector_size(GF_SUM_LANES * sizeof(double))));
typedef uint64_t __attribute__((may_alias)) aliasing_bits;

enum { LANES = GF_SUM_LANES };

/* Lanes of a where the mask is set, of b elsewhere. */
#define CHOOSE(mask, a, b) ((lanes)(((masks)(a) & (mask)) | ((masks)(b) & ~(mask))))

/* gf_careful_add_lanes() */
#define ADD(sum, lost, x)                                                                                    \
    do {                                                                                                     \
        const lanes total_ = (sum) + (x), added_ = total_ - (sum);                                           \
        (lost) += ((sum) - (total_ - added_)) + ((x)-added_);                                                \
        (sum) = total_;                                                                                      \
    } while (0)

/* The values behind the last eight, and zeros; how many. */
static size_t load_rest(lanes *rest, const double *x, size_t n)
{
    *rest = (lanes){0};
    memcpy(rest, x + n / LANES * LANES, n % LANES * sizeof *x);
    return n % LANES;
}

static void add_capped(gf_careful_sum *s, const double *x, size_t n, double cap)
{
    const lanes caps = (lanes){0} + cap;
    lanes sum, lost, y;
    memcpy(&sum, s->sum, sizeof sum);
    memcpy(&lost, s->lost, sizeof lost);
    for (size_t i = 0; i + LANES <= n; i += LANES) {
        memcpy(&y, x + i, sizeof y);
        y = CHOOSE(y < caps, y, caps);
        ADD(sum, lost, y);
    }
    const size_t m = load_rest(&y, x, n);
    for (size_t l = 0; l < m; l++)
        y[l] = y[l] < cap ? y[l] : cap;
    ADD(sum, lost, y);
    memcpy(s->sum, &sum, sizeof sum);
    memcpy(s->lost, &lost, sizeof lost);
}

static void add_squares(gf_careful_sum *s, const double *x, size_t n, double cap, double mean)
{
    const lanes caps = (lanes){0} + cap;
    lanes sum, lost, y;
    memcpy(&sum, s->sum, sizeof sum);
    memcpy(&lost, s->lost, sizeof lost);
    for (size_t i = 0; i + LANES <= n; i += LANES) {
        memcpy(&y, x + i, sizeof y);
        y = CHOOSE(y < caps, y, caps) - mean;
        y *= y;
        ADD(sum, lost, y);
    }
    const size_t m = load_rest(&y, x, n);
    for (size_t l = 0; l < m; l++) {
        const double d = (y[l] < cap ? y[l] : cap) - mean;
        y[l] = d * d;
    }
    ADD(sum, lost, y);
    memcpy(s->sum, &sum, sizeof sum);
    memcpy(s->lost, &lost, sizeof lost);
}

static void find_extremes(const double *x, size_t n, double *least, double *largest)
{
    lanes low = (lanes){0} + x[0], high = low, y;
    for (size_t i = 0; i + LANES <= n; i += LANES) {
        memcpy(&y, x + i, sizeof y);
        low = CHOOSE(y < low, y, low);
        high = CHOOSE(y > high, y, high);
    }
    for (size_t i = n / LANES * LANES; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    *least = low[0];
    *largest = high[0];
    for (int l = 1; l < LANES; l++) {
        *least = low[l] < *least ? low[l] : *least;
        *largest = high[l] > *largest ? high[l] : *largest;
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

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const gf_passes GF_HOT(gf_passes_table);
const gf_passes GF_HOT(gf_passes_table) = {TEXT(GF_ISA), add_capped,    add_squares, find_extremes,
                                           find_bins,    count_missing, count_whole, find_classes};
