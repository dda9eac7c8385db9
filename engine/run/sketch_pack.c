/* Packs accumulators into words and adds them back. */
#include "run/sketch_pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/sketch_inside.h"

/* Of one column: n, n_missing, n_infinite, least, largest, limbs of two sums, pairs, (bin, count)…, top,
 * values… */
enum { FIXED = 5 + 2 * GF_EXACT_LIMBS + 2 };

static int64_t bits_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(int64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static size_t occupied(const gf_sketch *sketch)
{
    size_t n = 0, first, end;
    gf_sketch_span(sketch, &first, &end);
    for (size_t b = first; b < end; b++)
        n += sketch->bins[b] != 0;
    return n;
}

static int64_t *put_sum(int64_t *at, const gf_exact_sum *sum)
{
    gf_exact_sum unique = {{0}, 0}; /* merging carries */
    gf_exact_merge(&unique, sum);
    memcpy(at, unique.limb, sizeof unique.limb);
    return at + GF_EXACT_LIMBS;
}

static int64_t *put_sketch(int64_t *at, const gf_sketch *sketch)
{
    size_t first, end;
    *at++ = sketch->n;
    *at++ = sketch->n_missing;
    *at++ = sketch->n_infinite;
    *at++ = bits_of(sketch->least);
    *at++ = bits_of(sketch->largest);
    at = put_sum(at, &sketch->sum);
    at = put_sum(at, &sketch->sum2);
    *at++ = (int64_t)occupied(sketch);
    gf_sketch_span(sketch, &first, &end);
    for (size_t b = first; b < end; b++)
        if (sketch->bins[b] != 0) {
            *at++ = (int64_t)b;
            *at++ = sketch->bins[b];
        }
    double top[GF_SKETCH_ROOM];
    const size_t n_top = gf_sketch_top(sketch, top);
    *at++ = (int64_t)n_top;
    for (size_t i = 0; i < n_top; i++)
        *at++ = bits_of(top[i]);
    return at;
}

int64_t *gf_accumulator_pack(const gf_accumulator *accumulator, size_t *n_words)
{
    const int n_columns = accumulator->layout->n_columns;
    *n_words = 1;
    for (int c = 0; c < n_columns; c++)
        *n_words +=
            FIXED + 2 * occupied(&accumulator->sketches[c]) + gf_sketch_n_top(&accumulator->sketches[c]);
    int64_t *words = malloc(*n_words * sizeof *words), *at = words;
    if (words == NULL)
        return NULL;
    *at++ = n_columns;
    for (int c = 0; c < n_columns; c++)
        at = put_sketch(at, &accumulator->sketches[c]);
    return words;
}

/* Words that are left to be read. */
typedef struct reader {
    const int64_t *at, *end;
} reader;

static int has(const reader *r, size_t n)
{
    return (size_t)(r->end - r->at) >= n;
}

static void take_sum(reader *r, gf_exact_sum *into)
{
    gf_exact_sum sum = {{0}, 0};
    memcpy(sum.limb, r->at, sizeof sum.limb);
    gf_exact_merge(into, &sum);
    r->at += GF_EXACT_LIMBS;
}

static int take_sketch(reader *r, gf_sketch *into)
{
    if (!has(r, FIXED))
        return 0;
    into->n += *r->at++;
    into->n_missing += *r->at++;
    into->n_infinite += *r->at++;
    into->least = fmin(into->least, double_of(*r->at++));
    into->largest = fmax(into->largest, double_of(*r->at++));
    take_sum(r, &into->sum);
    take_sum(r, &into->sum2);
    const int64_t n_pairs = *r->at++;
    if (n_pairs < 0 || n_pairs > GF_SKETCH_BINS || !has(r, 2 * (size_t)n_pairs + 1))
        return 0;
    for (int64_t i = 0; i < n_pairs; i++) {
        const int64_t bin = *r->at++, count = *r->at++;
        if (bin < 0 || bin >= GF_SKETCH_BINS)
            return 0;
        into->bins[bin] += count;
    }
    const int64_t n_top = *r->at++;
    if (n_top < 0 || n_top > GF_SKETCH_TOP || !has(r, (size_t)n_top))
        return 0;
    for (int64_t i = 0; i < n_top; i++) {
        const double x = double_of(*r->at++);
        gf_sketch_keep_top(into, &x, 1);
    }
    return 1;
}

int gf_accumulator_add_packed(gf_accumulator *into, const int64_t *words, size_t n_words)
{
    reader r = {words, words + n_words};
    if (!has(&r, 1) || *r.at++ != into->layout->n_columns)
        return 0;
    for (int c = 0; c < into->layout->n_columns; c++)
        if (!take_sketch(&r, &into->sketches[c]))
            return 0;
    return r.at == r.end;
}

void gf_accumulator_reset(gf_accumulator *accumulator)
{
    for (int c = 0; c < accumulator->layout->n_columns; c++) {
        gf_sketch *sketch = &accumulator->sketches[c];
        size_t first, end;
        gf_sketch_span(sketch, &first, &end);
        sketch->n = sketch->n_missing = sketch->n_infinite = 0;
        sketch->least = INFINITY;
        sketch->largest = sketch->least_top = -INFINITY;
        memset(&sketch->sum, 0, sizeof sketch->sum);
        memset(&sketch->sum2, 0, sizeof sketch->sum2);
        memset(sketch->bins + first, 0, (end - first) * sizeof *sketch->bins);
        sketch->n_top = 0;
    }
}
