/* Sobol' indices: which share of a number's variance over a design each key is behind. */
#ifndef GF_RUN_SENSITIVITY_H
#define GF_RUN_SENSITIVITY_H

#include <stddef.h>
#include <stdint.h>

typedef struct gf_sobol_index {
    double first, first_se; /* the key alone: Var(E(f | x_i))/Var(f) */
    double total, total_se; /* the key with all its interactions: 1 − Var(E(f | all but x_i))/Var(f) */
} gf_sobol_index;

enum { GF_BOOTSTRAP_SAMPLES = 1000 };

/* Indices of d keys from f[(2 d + 2)][n], the number at n points A, n independent points B, then for
 * each key i the points A with x_i of B, then for each key the points B with x_i of A. By the estimators
 * of Azzini, Mara and Rosati (2021), Environmental Modelling & Software 144, 105167, that are exact
 * where a key does nothing and where it does everything. Errors are NaN. All is NaN where f does not
 * vary, or is NaN somewhere. */
void gf_sobol_indices(size_t n, int d, const double *f, gf_sobol_index *indices);

/* Adds the errors that come of the choice of points: standard deviations of 1,000 bootstrap samples of the n
 * rows (Archer, Saltelli and Sobol' 1997, Journal of Statistical Computation and Simulation 58, 99-120), the
 * same for the same seed. Negative when out of memory. */
int gf_sobol_errors(size_t n, int d, const double *f, uint64_t seed, gf_sobol_index *indices);

/* Makes those errors larger by what the luck of portfolios adds: of_groups[g][d] are the indices by each of
 * n_groups equal groups of the portfolios alone, and what luck does to their mean is what it does to all. */
void gf_sobol_add_luck(int d, const gf_sobol_index *of_groups, int n_groups, gf_sobol_index *indices);

#endif
