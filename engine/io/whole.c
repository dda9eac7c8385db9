/* Whole numbers between memory and file: HDF5's own conversion takes far longer. */
#include "io/whole.h"

#include <stdint.h>
#include <string.h>

/* |x| < 2^n_bits, by the upper half of the bits, which makes a loop of vectors of it. NaN does not fit. */
static int fit(const double *values, size_t n, int n_bits)
{
    const int32_t first_beyond = (1023 + n_bits) << 20;
    int32_t n_beyond = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        n_beyond += ((int32_t)(bits >> 32) & INT32_MAX) >= first_beyond;
    }
    return n_beyond == 0;
}

int gf_whole_from_doubles(int is_integer, const double *values, size_t n, void *whole)
{
    if (!fit(values, n, is_integer == GF_INDEX ? 63 : 31))
        return -1;
    if (is_integer == GF_INDEX) {
        int64_t *indices = whole;
        for (size_t i = 0; i < n; i++)
            indices[i] = (int64_t)values[i];
        return 0;
    }
    int32_t *counts = whole;
    for (size_t i = 0; i < n; i++)
        counts[i] = (int32_t)values[i];
    return 0;
}

static void widen_indices(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t whole;
        memcpy(&whole, &values[i], sizeof whole);
        values[i] = (double)whole;
    }
}

/* Counts that are not yet read are never written over. */
static void widen_counts(double *values, size_t n)
{
    enum { PIECE = 256 };
    int32_t counts[PIECE];
    const char *stored = (const char *)values + n * sizeof counts[0];
    for (size_t first = 0; first < n; first += PIECE) {
        const size_t m = n - first < PIECE ? n - first : PIECE;
        memcpy(counts, stored + first * sizeof counts[0], m * sizeof counts[0]);
        for (size_t i = 0; i < m; i++)
            values[first + i] = counts[i];
    }
}

void gf_whole_to_doubles(int is_integer, double *values, size_t n)
{
    if (is_integer == GF_INDEX)
        widen_indices(values, n);
    else if (is_integer == GF_COUNT)
        widen_counts(values, n);
}
