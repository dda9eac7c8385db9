/* The mergeable sketch: log-linear bins, sums without rounding, the largest values. */
#include "base/room.h"
#include "run/careful_sum.h"
#include "run/passes.h"
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
    return (size_t)gf_sketch_bin_of(bits);
}

void gf_sketch_span(const gf_sketch *sketch, size_t *first, size_t *end)
{
    *first = *end = 0;
    if (sketch->n > 0 && sketch->least <= sketch->largest) {
        *first = bin_of(sketch->least);
        *end = bin_of(sketch->largest) + 1;
    }
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

/* --- blocks --- */

enum { BLOCK = 256 };

/* Values that are still to be counted in the bins of a column. A processor that adds to memory at places it
 * learns late does one such addition after the other, but those of several columns side by side. */
enum { SIDE_BY_SIDE = 4 };
typedef struct {
    int64_t *bins;
    size_t n;
    int32_t bin[BLOCK];
} uncounted;
typedef struct {
    size_t n;
    uncounted columns[SIDE_BY_SIDE];
} to_count;

static void count_all(to_count *t)
{
    uncounted *const u = t->columns;
    size_t n = t->n == SIDE_BY_SIDE ? BLOCK : 0;
    for (size_t k = 0; k < t->n; k++)
        n = u[k].n < n ? u[k].n : n;
    for (size_t i = 0; i < n; i++) {
        u[0].bins[u[0].bin[i]]++;
        u[1].bins[u[1].bin[i]]++;
        u[2].bins[u[2].bin[i]]++;
        u[3].bins[u[3].bin[i]]++;
    }
    for (size_t k = 0; k < t->n; k++)
        for (size_t i = n; i < u[k].n; i++)
            u[k].bins[u[k].bin[i]]++;
    t->n = 0;
}

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

/* With infinities, which count as 0. */
static void add_finite_moments(gf_sketch *sketch, call_sums *sums, const double *values, size_t n)
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
static void add_block(gf_sketch *sketch, const gf_passes *passes, call_sums *sums, const double *values,
                      size_t n, to_count *later)
{
    double valid[BLOCK], least, largest;
    size_t n_valid = n;
    if (sketch->is_quarter || passes->count_missing(values, n) > 0) {
        n_valid = pick_valid(sketch, values, n, valid);
        values = valid;
    }
    sketch->n += (int64_t)n_valid;
    sketch->n_missing += (int64_t)(n - n_valid);
    if (n_valid == 0)
        return;
    passes->find_extremes(values, n_valid, &least, &largest);
    if (least == largest) {
        sketch->bins[bin_of(least)] += (int64_t)n_valid;
    } else {
        uncounted *u = &later->columns[later->n++];
        passes->find_sketch_bins(u->bin, values, n_valid);
        u->bins = sketch->bins;
        u->n = n_valid;
        if (later->n == SIDE_BY_SIDE)
            count_all(later);
    }
    sketch->least = least < sketch->least ? least : sketch->least;
    sketch->largest = largest > sketch->largest ? largest : sketch->largest;
    gf_sketch_keep_largest(sketch, values, n_valid, largest);
    if (isinf(least) || isinf(largest)) {
        add_finite_moments(sketch, sums, values, n_valid);
    } else {
        passes->add_capped(&sums->sum, values, n_valid, INFINITY);
        passes->add_squares(&sums->sum2, values, n_valid, INFINITY, 0);
    }
}

/* To the sum alone, value by value: rounded sums would overflow on their way. */
static void add_exactly(gf_sketch *sketch, const double *values, size_t n)
{
    const double least = sketch->is_quarter ? 0 : -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (values[i] >= least && isfinite(values[i]))
            gf_exact_add(&sketch->sum, values[i]);
}

static void add_values(gf_sketch *sketch, const double *values, size_t n, to_count *later)
{
    const gf_passes *passes = gf_passes_in_use();
    call_sums sums = {0};
    for (size_t first = 0; first < n; first += BLOCK)
        add_block(sketch, passes, &sums, values + first, n - first < BLOCK ? n - first : BLOCK, later);
    const double sum = gf_careful_total(&sums.sum), sum2 = gf_careful_total(&sums.sum2);
    if (isfinite(sum2)) {
        gf_exact_add(&sketch->sum, sum);
        gf_exact_add(&sketch->sum2, sum2);
    } else {
        sketch->n_infinite++; /* a square beyond the range of doubles: no variance */
        add_exactly(sketch, values, n);
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
    size_t first, end;
    gf_sketch_span(from, &first, &end);
    for (size_t b = first; b < end; b++)
        into->bins[b] += from->bins[b];
    gf_sketch_keep_top(into, from->top, from->n_top);
}

/* --- all columns --- */

enum { OF_A_COLUMN = GF_SKETCH_BINS + GF_SKETCH_ROOM };

static size_t size_of_room(const gf_accumulator *accumulator)
{
    return (size_t)accumulator->layout->n_columns * OF_A_COLUMN * sizeof(double);
}

gf_status gf_accumulator_new(gf_accumulator **out, const gf_layout *layout, gf_error *error)
{
    gf_accumulator *accumulator = calloc(1, sizeof *accumulator);
    int failed = accumulator == NULL;
    *out = NULL;
    if (!failed) {
        accumulator->layout = layout;
        accumulator->sketches = calloc((size_t)layout->n_columns + 1, sizeof *accumulator->sketches);
        accumulator->room = gf_room_sparse_new(size_of_room(accumulator));
        failed = accumulator->sketches == NULL || accumulator->room == NULL;
    }
    for (int c = 0; c < layout->n_columns && !failed; c++) {
        gf_sketch *sketch = &accumulator->sketches[c];
        sketch->is_quarter = strcmp(layout->columns[c].unit, "quarter") == 0;
        sketch->least = INFINITY;
        sketch->largest = sketch->least_top = -INFINITY;
        sketch->bins = (int64_t *)(void *)(accumulator->room + (size_t)c * OF_A_COLUMN);
        sketch->top = accumulator->room + (size_t)c * OF_A_COLUMN + GF_SKETCH_BINS;
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
    gf_room_sparse_free(accumulator->room, size_of_room(accumulator));
    free(accumulator->sketches);
    free(accumulator);
}

void gf_accumulator_add_batch(gf_accumulator *accumulator, const double *columns, size_t stride, size_t n)
{
    enum { IN_A_LINE = 8 };
    to_count later;
    later.n = 0;
    for (int c = 0; c < accumulator->layout->n_columns; c++) {
        const double *values = columns + (size_t)c * stride;
        /* the next column, which was written a while ago, while this one is counted */
        for (size_t i = 0; i < n && c + 1 < accumulator->layout->n_columns; i += IN_A_LINE)
            __builtin_prefetch(values + stride + i);
        add_values(&accumulator->sketches[c], values, n, &later);
    }
    count_all(&later);
}

int gf_accumulator_is_empty(const gf_accumulator *accumulator)
{
    const gf_sketch *first = accumulator->sketches;
    return accumulator->layout->n_columns == 0 || first->n + first->n_missing == 0;
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

/* As of the values themselves: infinite ones decide the mean, and leave it no error. */
static void set_moments(gf_atoms *atoms, const gf_sketch *sketch)
{
    double n = (double)sketch->n, sum = gf_exact_value(&sketch->sum), sum2 = gf_exact_value(&sketch->sum2);
    const int is_low = isinf(sketch->least) != 0, is_high = isinf(sketch->largest) != 0;
    atoms->total = atoms->sum_weight = atoms->sum_weight2 = n;
    atoms->n_missing = (double)sketch->n_missing;
    atoms->has_moments = sketch->n > 0;
    atoms->mean = sum / n;
    if (is_low || is_high)
        atoms->mean = (is_low ? sketch->least : 0) + (is_high ? sketch->largest : 0);
    atoms->variance = sketch->n > 1 ? fmax(sum2 - sum / n * sum, 0) / (n - 1) : NAN;
    if (sketch->n_infinite > 0)
        atoms->variance = isfinite(atoms->mean) ? INFINITY : NAN;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

int gf_atoms_from_sketch(gf_atoms *atoms, const gf_sketch *sketch, int is_integer)
{
    size_t n_bins = 0, first, end;
    double top[GF_SKETCH_ROOM];
    const size_t n_top = gf_sketch_top(sketch, top);
    int64_t left = sketch->n - (int64_t)n_top;
    memset(atoms, 0, sizeof *atoms);
    gf_sketch_span(sketch, &first, &end);
    for (size_t b = first; b < end; b++)
        n_bins += sketch->bins[b] > 0;
    atoms->value = malloc((n_bins + n_top + 1) * sizeof(double));
    atoms->count = malloc((n_bins + n_top + 1) * sizeof(double));
    atoms->half = malloc((n_bins + n_top + 1) * sizeof(double));
    if (atoms->value == NULL || atoms->count == NULL || atoms->half == NULL) {
        gf_atoms_clear(atoms);
        return -1;
    }
    double highest = n_top > 0 ? top[0] : 0; /* bins hold what is not in the top: the lower ranks */
    for (size_t b = first; b < end && left > 0; b++) {
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
    for (size_t i = 0; i < n_top; i++) {
        atoms->value[atoms->n] = top[i];
        atoms->half[atoms->n] = 0;
        atoms->count[atoms->n++] = 1;
    }
    set_moments(atoms, sketch);
    return 0;
}
