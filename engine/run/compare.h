/* Differences of two runs. Luck is addressed by seed and portfolio, so equal seeds pair portfolio by
 * portfolio, and a difference has the error of its pairs; unequal seeds are compared as independent runs. */
#ifndef GF_RUN_COMPARE_H
#define GF_RUN_COMPARE_H

#include "io/results.h"

/* One statistic of two runs A (first) and B. */
typedef struct gf_difference {
    char name[200], column[160], unit[32], note[160];
    const char *statistic;   /* "mean", "capped_mean", "median", "quantile", "probability" */
    double argument;         /* cap, level or threshold; NaN for a mean */
    double a, b, difference; /* difference = b − a */
    double se, z;            /* standard error of the difference, difference/se; NaN where there is none */
    double variance_ratio; /* (Var A + Var B)/Var(A − B): unpaired runs needed for one paired run; NaN if not
                              paired */
    double pairs;          /* portfolios with a value in both (paired), or in the smaller run */
} gf_difference;

typedef struct gf_comparison {
    int is_paired;
    uint64_t n_pairs;    /* portfolios in both files (paired) */
    gf_difference *rows; /* [n] */
    size_t n, room;
} gf_comparison;

/* GF_CONFIG with what to do about it if a file holds no columns to compare, or none that the other has. */
gf_status gf_compare_check(const gf_results_info *a, const gf_results_info *b, gf_error *error);

/* Compares all columns that both files hold. GF_CONFIG if a file holds no columns, or none in common. */
gf_status gf_compare(gf_comparison *comparison, gf_results_file *a, gf_results_file *b, gf_error *error);
void gf_comparison_clear(gf_comparison *comparison);

/* Row of that name, or NULL. */
const gf_difference *gf_comparison_find(const gf_comparison *comparison, const char *name);

/* Mean of ya and yb over n portfolios with weights (NULL: 1 each) and the error of their difference, from the
 * influence w (y − mean)/mean w of each portfolio: of pairs if is_paired, else of independent runs (n_a, n_b
 * may then differ). For indicators this is the error of McNemar's test. */
typedef struct gf_side {
    const double *y, *weight;
    size_t n;
} gf_side;
void gf_compare_means(const gf_side *a, const gf_side *b, int is_paired, gf_difference *row);

#endif
