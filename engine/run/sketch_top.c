/* The largest values of a sketch: candidates gather behind those that were selected last, until there is no
 * more room for them. */
#include <string.h>

#include "run/order.h"
#include "run/passes.h"
#include "run/sketch_inside.h"

/* Moves the GF_SKETCH_TOP largest of n ≥ GF_SKETCH_TOP values to the front; the least of them. */
static double select_largest(double *top, size_t n)
{
    int32_t bin[GF_SKETCH_ROOM], lowest, highest;
    uint16_t count[GF_SKETCH_BINS];
    double edge[GF_SKETCH_ROOM], work[GF_SKETCH_ROOM];
    size_t n_kept = 0, n_edge = 0, n_above = 0;
    gf_passes_in_use()->find_sketch_bins(bin, top, n);
    lowest = highest = bin[0];
    for (size_t i = 1; i < n; i++) {
        lowest = bin[i] < lowest ? bin[i] : lowest;
        highest = bin[i] > highest ? bin[i] : highest;
    }
    memset(count, 0, (size_t)(highest - lowest + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++)
        count[bin[i] - lowest]++;
    int32_t last = highest; /* the bin that is kept in part */
    while (n_above + count[last - lowest] < GF_SKETCH_TOP)
        n_above += count[last-- - lowest];
    for (size_t i = 0; i < n; i++) { /* no branch: which ones is a matter of luck */
        const double x = top[i];
        top[n_kept] = edge[n_edge] = x;
        n_kept += bin[i] > last;
        n_edge += bin[i] == last;
    }
    gf_sort_doubles(edge, work, n_edge);
    const size_t n_taken = GF_SKETCH_TOP - n_kept;
    memcpy(top + n_kept, edge + n_edge - n_taken, n_taken * sizeof *edge);
    return edge[n_edge - n_taken];
}

void gf_sketch_keep_largest(gf_sketch *sketch, const double *values, size_t n, double largest)
{
    if (sketch->n_top >= GF_SKETCH_TOP && !(largest > sketch->least_top))
        return;
    if (sketch->n_top + n > GF_SKETCH_ROOM) {
        sketch->least_top = select_largest(sketch->top, sketch->n_top);
        sketch->n_top = GF_SKETCH_TOP;
    }
    if (sketch->n_top < GF_SKETCH_TOP) { /* nothing is too small */
        memcpy(sketch->top + sketch->n_top, values, n * sizeof *values);
        sketch->n_top += n;
        return;
    }
    const double least = sketch->least_top;
    double *top = sketch->top;
    size_t n_top = sketch->n_top;
    for (size_t i = 0; i < n; i++) { /* no branch: which ones is a matter of luck */
        top[n_top] = values[i];
        n_top += values[i] > least;
    }
    sketch->n_top = n_top;
}

void gf_sketch_keep_top(gf_sketch *sketch, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gf_sketch_keep_largest(sketch, values + i, 1, values[i]);
}

size_t gf_sketch_top(const gf_sketch *sketch, double top[GF_SKETCH_ROOM])
{
    double work[GF_SKETCH_TOP];
    memcpy(top, sketch->top, sketch->n_top * sizeof *top);
    if (sketch->n_top > GF_SKETCH_TOP)
        select_largest(top, sketch->n_top);
    gf_sort_doubles(top, work, gf_sketch_n_top(sketch));
    return gf_sketch_n_top(sketch);
}
