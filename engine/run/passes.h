/* Passes over the values of a column, compiled once per instruction set; the same bits from all of them. */
#ifndef GF_RUN_PASSES_H
#define GF_RUN_PASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/isa.h"
#include "run/careful_sum.h"
#include "run/sketch.h"

/* Classes of doubles in ascending order: 64 an octave for sizes from 2^-32 to 2^32 on either side of a middle
 * one. */
enum {
    GF_CLASSES_PER_OCTAVE = 64,
    GF_CLASS_SIDE = 64 * GF_CLASSES_PER_OCTAVE,
    GF_N_CLASSES = 2 * GF_CLASS_SIDE + 1
};

/* From the upper half of the bits, which makes loops of it vectors. */
static inline int32_t gf_class_of(uint64_t bits)
{
    const int32_t high = (int32_t)(bits >> 32), lowest = (1023 - 32) * GF_CLASSES_PER_OCTAVE;
    int32_t place = ((high & INT32_MAX) >> 14) - lowest + 1; /* 0: the middle */
    place = place < 0 ? 0 : place;
    place = place > GF_CLASS_SIDE ? GF_CLASS_SIDE : place;
    return high < 0 ? GF_CLASS_SIDE - place : GF_CLASS_SIDE + place;
}

/* Bin of a sketch for a finite or infinite value. */
static inline int32_t gf_sketch_bin_of(uint64_t bits)
{
    const int32_t high = (int32_t)(bits >> 32), lowest = (1023 - GF_SKETCH_OCTAVES / 2) * GF_SKETCH_SUB_BINS;
    int32_t place = ((high & INT32_MAX) >> 13) - lowest + 1; /* 0: the middle */
    place = place < 0 ? 0 : place;
    place = place > GF_SKETCH_SIDE ? GF_SKETCH_SIDE : place;
    return high < 0 ? GF_SKETCH_SIDE - place : GF_SKETCH_SIDE + place;
}

typedef struct gf_passes {
    const char *name;
    /* Adds min(x, cap) of n values to a sum. */
    void (*add_capped)(gf_careful_sum *sum, const double *x, size_t n, double cap);
    /* Adds (min(x, cap) − mean)². */
    void (*add_squares)(gf_careful_sum *sum, const double *x, size_t n, double cap, double mean);
    /* Adds ((max(x − q, 0) + shift − share·x) / mean)²: squared influences on a share of the best. */
    void (*add_influences)(gf_careful_sum *sum, const double *x, size_t n, double q, double shift,
                           double share, double mean);
    /* How many are at least `threshold`. */
    size_t (*count_from)(const double *x, size_t n, double threshold);
    /* Least and largest of n > 0 values. */
    void (*find_extremes)(const double *x, size_t n, double *least, double *largest);
    /* bin[n]: (x − least)·per_bin in whole numbers, 255 at most. */
    void (*find_bins)(uint8_t *bin, const double *x, size_t n, double least, double per_bin);
    /* How many of n values are NaN; how many are whole numbers below 2^31. */
    size_t (*count_missing)(const double *x, size_t n);
    size_t (*count_whole)(const double *x, size_t n);
    /* gf_class_of() of n values */
    void (*find_classes)(int32_t *class, const double *x, size_t n);
    /* gf_sketch_bin_of() of n values */
    void (*find_sketch_bins)(int32_t *bin, const double *x, size_t n);
} gf_passes;

/* Of an instruction set that gf_isa_available() admits; of the one in use. */
const gf_passes *gf_passes_table(gf_isa isa);
const gf_passes *gf_passes_in_use(void);

#endif
