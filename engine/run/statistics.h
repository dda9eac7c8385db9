/* Statistics of one column over portfolios, from values or from counted bins, with their Monte Carlo errors.
 */
#ifndef GF_RUN_STATISTICS_H
#define GF_RUN_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* A column as atoms in ascending order. Without `count` every atom is one portfolio; with it, an atom is a
 * bin of a sketch. `weight` (likelihood ratios) exists only without `count`. */
typedef struct gf_atoms {
    size_t n;
    double *value;
    double *count;  /* NULL: 1 each */
    double *half;   /* with count: half the width of the bin around value, 0: a single value. Portfolios of a
                       bin are taken to lie evenly in it */
    double *weight; /* NULL: 1 each */
    double total;   /* portfolios with a value */
    double sum_weight;  /* Σw over them; equals total without weights */
    double sum_weight2; /* Σw² */
    double n_missing;   /* portfolios without a value (flagged) */
    int has_moments;    /* mean and variance are known better than from the atoms */
    double mean, variance;
    int is_lent; /* value belongs to the caller */
} gf_atoms;

typedef struct gf_estimate {
    double value, se; /* se NaN: none */
} gf_estimate;

/* Is an error, or a difference, next to values of this size no more than rounding (a few units in their last
 * place)? So it is where all portfolios mean the same number and reach it by sums of different order. Not of
 * NaN. */
int gf_is_rounding(double error, double value);

/* Sorts values[n] (NaN = missing) with weights (NULL: 1 each; Σ need not be 1) into new atoms; 0, or -1 when
 * out of memory. The result does not depend on the order of portfolios. */
int gf_atoms_from_values(gf_atoms *atoms, const double *values, const double *weights, size_t n);
void gf_atoms_clear(gf_atoms *atoms);

/* What will be asked of atoms that need not be sorted in full. */
typedef struct gf_asked {
    const double *levels; /* quantiles, and 1 − f for the share of the best fraction f */
    int n_levels;
    size_t n_largest; /* so many largest values in order, and the next one below them */
} gf_asked;

/* Atoms of values[n] (NaN = missing) without weights, several times as fast as gf_atoms_from_values: means,
 * probabilities and whatever is in `asked` are those of the same values sorted. Whole numbers of a short
 * range become counted atoms if is_integer, so do values that are all the same. Both arrays are the caller's,
 * [n], are overwritten, and must live as long as the atoms. 0, or -1 when out of memory. */
int gf_atoms_from_column(gf_atoms *atoms, double *values, double *ordered, size_t n, int is_integer,
                         const gf_asked *asked);

/* (Σw)²/Σw²: equally weighted portfolios that would know as much (Kong 1992). */
double gf_atoms_effective_size(const gf_atoms *atoms);

/* Quantile of level p: linear interpolation of order statistics (type 7 of Hyndman and Fan 1996, the default
 * of NumPy and R); with weights the inverse of the weighted distribution function. Its standard error is half
 * the distance of the order statistics at n p ± sqrt(n p (1 − p)) (binomial interval, one sigma), NaN where
 * that leaves the sample. */
gf_estimate gf_atoms_quantile(const gf_atoms *atoms, double p);

/* The ranks behind it, 0 … n − 1, without weights: the order statistics below and above, then both ends of
 * the interval, which may lie outside of the sample. */
enum { GF_QUANTILE_RANKS = 4 };
void gf_quantile_ranks(double n, double p, double rank[GF_QUANTILE_RANKS]);

/* P(X ≥ x) with its binomial error (self-normalised with weights); se NaN at no hits and at no misses. */
gf_estimate gf_atoms_probability(const gf_atoms *atoms, double x);

/* Mean and its standard error; the caller knows whether the variance is finite. */
gf_estimate gf_atoms_mean(const gf_atoms *atoms);
/* Mean of min(X, cap). */
gf_estimate gf_atoms_capped_mean(const gf_atoms *atoms, double cap);

/* Share of ΣX held by the best `fraction` of portfolios (Lorenz), error by its influence function. NaN unless
 * all values are ≥ 0 and one is positive. */
gf_estimate gf_atoms_top_share(const gf_atoms *atoms, double fraction);

/* Bands of a series over n portfolios at one quarter: quantiles (type 7) of values[n], mean and its standard
 * error. values[n] and work[n] are overwritten; NaN is not allowed. */
void gf_bands(double *values, double *work, size_t n, const double *levels, int n_levels, double *quantiles,
              gf_estimate *mean);

/* Smallest of 1, 2, 5 × 10^k at or above x > 0. */
double gf_round_up_125(double x);

#endif
