/* A mixture made ready for drawing. Private to the outcome lifecycle. */
#ifndef GF_PORTFOLIO_OUTCOME_MIXTURE_H
#define GF_PORTFOLIO_OUTCOME_MIXTURE_H

#include <stddef.h>

#include "portfolio/outcome.h"
#include "random/draws.h"

enum { GF_OUTCOME_CHUNK = 1024 };

/* A component with its place in the mixture's order. */
typedef struct gf_mixed {
    gf_outcome_kind kind;
    const gf_component_params *params;
    double weight;       /* of all weights */
    double below, above; /* weights of the components before and after; above is summed from the top */
    gf_beta_table *beta;
} gf_mixed;

typedef struct gf_mixture {
    int n; /* components with weight > 0, in ascending order of their medians */
    gf_mixed components[GF_MAX_COMPONENTS];
} gf_mixture;

/* 0 on success, -1 when out of memory. `params` must outlive the mixture. */
int gf_mixture_init(gf_mixture *mixture, const gf_outcome_params *params);
void gf_mixture_clear(gf_mixture *mixture);

/* Component of each of n ≤ GF_OUTCOME_CHUNK places: lower = U, upper = 1 − U. */
void gf_mixture_choose(const gf_mixture *mixture, size_t n, const double *lower, const double *upper,
                       int *chosen);

/* Multiples of one component at n places within it, lower + upper = 1, each accurate where it is small.
 * Arrays may be spoiled. */
void gf_mixed_quantile(const gf_mixed *component, const gf_draws *draws, size_t n, double *lower,
                       double *upper, double *multiple);

#endif
