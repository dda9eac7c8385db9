/* The mergeable sketch: log-linear bins, sums without rounding, the largest values. */
#include "run/careful_sum.h"
#include "run/order.h"
#include "run/sketch_inside.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- sums without rounding --- */

/* Limb i weighs 2^(32 i − OFFSET): the smallest subnormal is 2^-1074, the largest double below 2^1024, which
 * leaves room for more of them than there are. */
enum { OFFSET = 1152, CARRY_EVERY = 1 << 30 };

/* Moves what exceeds 32 bits upwards, so that all limbs but the last are in [0, 2^32): a unique form. */
static void carry(gf_exact_sum *sum)
{
    int64_t over = 0;
    for (int i = 0; i < GF_EXACT_LIMBS; i++) {
        int64_t value = sum->limb[i] + over;
        if (i + 1 == GF_EXACT_LIMBS) {
            sum->limb[i] = value;
            break;
        }
        int64_t low = value & INT64_C(0xffffffff);
        over = (value - low) / (INT64_C(1) << 32);
        sum->limb[i] = low;
    }
    sum->n_pending = 0;
}

void gf_exact_add(gf_exact_sum *sum, double x)
{
    int exponent = 0;
    double fraction = frexp(x, &exponent); /* x = fraction 2^exponent, |fraction| in [1/2, 1) */
    int64_t mantissa = (int64_t)ldexp(fraction, 53), sign = mantissa < 0 ? -1 : 1;
    if (mantissa == 0)
        return;
    uint64_t bits = (uint64_t)(mantissa * sign);
    int position = exponent - 53 + OFFSET, limb = position / 32, shift = position % 32;
    uint64_t low = bits << shift, high = shift > 0 ? bits >> (64 - shift) : 0;
    sum->limb[limb] += sign * (int64_t)(low & 0xffffffffu);
    sum->limb[limb + 1] += sign * (int64_t)(low >> 32);
    sum->limb[limb + 2] += sign * (int64_t)high;
    if (++sum->n_pending >= CARRY_EVERY)
        carry(sum);
}

void gf_exact_merge(gf_exact_sum *into, const gf_exact_sum *from)
{
    gf_exact_sum copy = *from;
    carry(&copy);
    carry(into);
    for (int i = 0; i < GF_EXACT_LIMBS; i++)
        into->limb[i] += copy.limb[i];
    carry(into);
}

double gf_exact_value(const gf_exact_sum *sum)
{
    gf_exact_sum copy = *sum;
    double value = 0;
    carry(&copy);
    int negative = copy.limb[GF_EXACT_LIMBS - 1] < 0;
    if (negative) { /* the magnitude has the shorter expansion */
        for (int i = 0; i < GF_EXACT_LIMBS; i++)
            copy.limb[i] = -copy.limb[i];
        carry(&copy);
    }
    int highest = GF_EXACT_LIMBS - 1;
    while (highest > 0 && copy.limb[highest] == 0)
        highest--;
    for (int i = highest; i >= 0 && i > highest - 4; i--)
        value += ldexp((double)copy.limb[i], 32 * i - OFFSET);
    return negative ? -value : value;
}

/* --- one column --- */

/* Bin of a finite or infinite value; the middle one holds what is smaller than 2^-64. */
static size_t bin_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t place =
        (int64_t)((bits & ~(UINT64_C(1) << 63)) >> 45) - (int64_t)(1023 - 64) * GF_SKETCH_SUB_BINS + 1;
    place = place < 0 ? 0 : place > GF_SKETCH_SIDE ? GF_SKETCH_SIDE : place;
    return (size_t)(GF_SKETCH_SIDE + (bits >> 63 ? -place : place));
}

/* Ends of a bin; for integer columns the least and the greatest whole number in it. */
static void ends_of(size_t bin, int is_integer, double *low, double *high)
{
    *low = *high = 0;
    if (bin == GF_SKETCH_SIDE)
        return;
    int is_negative = bin < GF_SKETCH_SIDE;
    int64_t place = is_negative ? GF_SKETCH_SIDE - 1 - (int64_t)bin : (int64_t)bin - GF_SKETCH_SIDE - 1;
    int octave = (int)(place / GF_SKETCH_SUB_BINS) - 64, sub = (int)(place % GF_SKETCH_SUB_BINS);
    double width = ldexp(1.0 / GF_SKETCH_SUB_BINS, octave), near = ldexp(1, octave) + sub * width,
           far = near + width;
    if (is_integer) {
        near = ceil(near);
        far = fmax(near, ceil(far) - 1);
    }
    *low = is_negative ? -far : near;
    *high = is_negative ? -near : far;
}

static void sift_down(double *heap, size_t n, size_t i)
{
    double value = heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= value)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = value;
}

void gf_sketch_keep_top(gf_sketch *sketch, double x)
{
    if (sketch->n_top == GF_SKETCH_TOP) {
        if (x <= sketch->top[0])
            return;
        sketch->top[0] = x;
        sift_down(sketch->top, GF_SKETCH_TOP, 0);
        return;
    }
    size_t i = sketch->n_top++;
    while (i > 0 && sketch->top[(i - 1) / 2] > x) {
        sketch->top[i] = sketch->top[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    sketch->top[i] = x;
}

enum { BLOCK = 256 };

/* Sums of one call. */
typedef struct {
    gf_careful_sum sum, sum2;
} call_sums;

/* The values of a block that are there, moved together. */
static size_t pick_valid(const gf_sketch *sketch, const double *values, size_t n, double valid[BLOCK])
{
    const double least = sketch->is_quarter ? 0 : -INFINITY;
    size_t n_valid = 0;
    for (size_t i = 0; i < n; i++) {
        valid[n_valid] = values[i];
        n_valid += values[i] >= least ? 1 : 0; /* NaN is not */
    }
    return n_valid;
}

static void add_moments(gf_sketch *sketch, call_sums *sums, const double *values, size_t n)
{
    double finite[BLOCK], squares[BLOCK];
    for (size_t i = 0; i < n; i++) {
        const int is_infinite = isinf(values[i]) != 0;
        sketch->n_infinite += is_infinite;
        finite[i] = is_infinite ? 0 : values[i];
        squares[i] = finite[i] * finite[i];
    }
    gf_careful_add(&sums->sum, finite, n);
    gf_careful_add(&sums->sum2, squares, n);
}

/* Up to BLOCK values. Most columns of most scenarios are the same in all portfolios: they cost next to
 * nothing. */
static void add_block(gf_sketch *sketch, call_sums *sums, const double *values, size_t n)
{
    double valid[BLOCK], least = sketch->least, largest = sketch->largest;
    const size_t n_valid = pick_valid(sketch, values, n, valid);
    sketch->n += (int64_t)n_valid;
    sketch->n_missing += (int64_t)(n - n_valid);
    if (n_valid == 0)
        return;
    if (memcmp(valid, valid + 1, (n_valid - 1) * sizeof *valid) == 0) {
        sketch->bins[bin_of(valid[0])] += (int64_t)n_valid;
        least = valid[0] < least ? valid[0] : least;
        largest = valid[0] > largest ? valid[0] : largest;
    } else {
        for (size_t i = 0; i < n_valid; i++) {
            least = valid[i] < least ? valid[i] : least;
            largest = valid[i] > largest ? valid[i] : largest;
        }
        for (size_t i = 0; i < n_valid; i++)
            sketch->bins[bin_of(valid[i])]++;
    }
    sketch->least = least;
    sketch->largest = largest;
    if (sketch->n_top < GF_SKETCH_TOP || largest > sketch->top[0])
        for (size_t i = 0; i < n_valid; i++)
            gf_sketch_keep_top(sketch, valid[i]);
    add_moments(sketch, sums, valid, n_valid);
}

static void add_values(gf_sketch *sketch, const double *values, size_t n)
{
    call_sums sums = {0};
    for (size_t first = 0; first < n; first += BLOCK)
        add_block(sketch, &sums, values + first, n - first < BLOCK ? n - first : BLOCK);
    const double sum = gf_careful_total(&sums.sum), sum2 = gf_careful_total(&sums.sum2);
    if (isfinite(sum2)) {
        gf_exact_add(&sketch->sum, sum);
        gf_exact_add(&sketch->sum2, sum2);
    } else {
        sketch->n_infinite++; /* a square beyond the range of doubles: no moments */
    }
}

static void merge_sketch(gf_sketch *into, const gf_sketch *from)
{
    into->n += from->n;
    into->n_missing += from->n_missing;
    into->n_infinite += from->n_infinite;
    into->least = fmin(into->least, from->least);
    into->largest = fmax(into->largest, from->largest);
    gf_exact_merge(&into->sum, &from->sum);
    gf_exact_merge(&into->sum2, &from->sum2);
    for (size_t b = 0; b < GF_SKETCH_BINS; b++)
        into->bins[b] += from->bins[b];
    for (size_t i = 0; i < from->n_top; i++)
        gf_sketch_keep_top(into, from->top[i]);
}

/* --- all columns --- */

gf_status gf_accumulator_new(gf_accumulator **out, const gf_layout *layout, gf_error *error)
{
    gf_accumulator *accumulator = calloc(1, sizeof *accumulator);
    int failed = accumulator == NULL;
    *out = NULL;
    if (!failed) {
        accumulator->layout = layout;
        accumulator->sketches = calloc((size_t)layout->n_columns + 1, sizeof *accumulator->sketches);
        failed = accumulator->sketches == NULL;
    }
    for (int c = 0; c < layout->n_columns && !failed; c++) {
        gf_sketch *sketch = &accumulator->sketches[c];
        sketch->is_quarter = strcmp(layout->columns[c].unit, "quarter") == 0;
        sketch->least = INFINITY;
        sketch->largest = -INFINITY;
        sketch->bins = calloc(GF_SKETCH_BINS, sizeof *sketch->bins);
        sketch->top = calloc(GF_SKETCH_TOP, sizeof *sketch->top);
        failed = sketch->bins == NULL || sketch->top == NULL;
    }
    if (failed) {
        gf_accumulator_free(accumulator);
        return gf_error_set(error, GF_MEMORY, "out of memory for the sketches of %d columns",
                            layout->n_columns);
    }
    *out = accumulator;
    return GF_OK;
}

void gf_accumulator_free(gf_accumulator *accumulator)
{
    if (accumulator == NULL)
        return;
    for (int c = 0; accumulator->sketches != NULL && c < accumulator->layout->n_columns; c++) {
        free(accumulator->sketches[c].bins);
        free(accumulator->sketches[c].top);
    }
    free(accumulator->sketches);
    free(accumulator);
}

void gf_accumulator_add_batch(gf_accumulator *accumulator, const double *columns, size_t stride, size_t n)
{
    for (int c = 0; c < accumulator->layout->n_columns; c++)
        add_values(&accumulator->sketches[c], columns + (size_t)c * stride, n);
}

void gf_accumulator_merge(gf_accumulator *into, const gf_accumulator *from)
{
    assert(into->layout->n_columns == from->layout->n_columns);
    for (int c = 0; c < into->layout->n_columns; c++)
        merge_sketch(&into->sketches[c], &from->sketches[c]);
}

const gf_layout *gf_accumulator_layout(const gf_accumulator *accumulator)
{
    return accumulator->layout;
}

const gf_sketch *gf_accumulator_sketch(const gf_accumulator *accumulator, int column)
{
    assert(column >= 0 && column < accumulator->layout->n_columns);
    return &accumulator->sketches[column];
}

/* --- atoms --- */

static void set_moments(gf_atoms *atoms, const gf_sketch *sketch)
{
    double n = (double)sketch->n, sum = gf_exact_value(&sketch->sum), sum2 = gf_exact_value(&sketch->sum2);
    atoms->total = atoms->sum_weight = atoms->sum_weight2 = n;
    atoms->n_missing = (double)sketch->n_missing;
    atoms->has_moments = sketch->n > 0 && sketch->n_infinite == 0;
    atoms->mean = sum / n;
    atoms->variance = sketch->n > 1 ? fmax(sum2 - sum / n * sum, 0) / (n - 1) : NAN;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

int gf_atoms_from_sketch(gf_atoms *atoms, const gf_sketch *sketch, int is_integer)
{
    size_t n_bins = 0;
    double top[GF_SKETCH_TOP], work[GF_SKETCH_TOP];
    int64_t in_top = (int64_t)sketch->n_top, left = sketch->n - in_top;
    memset(atoms, 0, sizeof *atoms);
    for (size_t b = 0; b < GF_SKETCH_BINS; b++)
        n_bins += sketch->bins[b] > 0;
    atoms->value = malloc((n_bins + sketch->n_top + 1) * sizeof(double));
    atoms->count = malloc((n_bins + sketch->n_top + 1) * sizeof(double));
    atoms->half = malloc((n_bins + sketch->n_top + 1) * sizeof(double));
    if (atoms->value == NULL || atoms->count == NULL || atoms->half == NULL) {
        gf_atoms_clear(atoms);
        return -1;
    }
    memcpy(top, sketch->top, sketch->n_top * sizeof *top);
    gf_sort_doubles(top, work, sketch->n_top);
    double highest = sketch->n_top > 0 ? top[0] : 0; /* bins hold what is not in the top: the lower ranks */
    for (size_t b = 0; b < GF_SKETCH_BINS && left > 0; b++) {
        int64_t count = sketch->bins[b] < left ? sketch->bins[b] : left;
        if (count == 0)
            continue;
        double low, high;
        ends_of(b, is_integer, &low, &high);
        low = clamp(low, sketch->least, highest);
        high = clamp(high, sketch->least, highest);
        atoms->value[atoms->n] = low + (high - low) / 2;
        atoms->half[atoms->n] = (high - low) / 2;
        atoms->count[atoms->n++] = (double)count;
        left -= count;
    }
    for (size_t i = 0; i < sketch->n_top; i++) {
        atoms->value[atoms->n] = top[i];
        atoms->half[atoms->n] = 0;
        atoms->count[atoms->n++] = 1;
    }
    set_moments(atoms, sketch);
    return 0;
}
