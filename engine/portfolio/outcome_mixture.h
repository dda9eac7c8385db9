/* A mixture made ready for drawing. Private to the outcome lifecycle. */
#ifndef GF_PORTFOLIO_OUTCOME_MIXTURE_H
#define GF_PORTFOLIO_OUTCOME_MIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "portfolio/outcome.h"
#include "random/draws.h"

enum { GF_OUTCOME_CHUNK = 1024 };

/* A component with its place in the mixture's order. */
typedef struct gf_mixed {
    gf_outcome_kind kind;
    const gf_component_params *params;
    double weight;       /* of all weights */
    double below, above; /* weights of the components before and after; above is summed from the top */
    const gf_beta_table *beta;
} gf_mixed;

typedef struct gf_mixture {
    int n; /* components with weight > 0, in ascending order of their medians */
    gf_mixed components[GF_MAX_COMPONENTS];
    /* the same by component for the hot loops: points and uniforms are base + span × place, the others are
     * curved */
    double below[GF_MAX_COMPONENTS], scale[GF_MAX_COMPONENTS], base[GF_MAX_COMPONENTS],
        span[GF_MAX_COMPONENTS];
    uint8_t is_curved[GF_MAX_COMPONENTS];
    uint32_t power_laws; /* bit j: component j breaks out where it does not fail */
} gf_mixture;

/* Places of entrants in a law: lower + upper = 1, each accurate where it is small. */
typedef struct gf_places {
    double lower[GF_OUTCOME_CHUNK], upper[GF_OUTCOME_CHUNK];
} gf_places;

/* Of n ≤ GF_OUTCOME_CHUNK entrants, compiled per instruction set. */
typedef struct gf_outcome_hot {
    /* Φ(z) and Φ(−z), each to about 1e-15 of itself */
    void (*sides)(size_t n, const double *z, double *lower, double *upper);
    /* index of the component at lower = U, upper = 1 − U */
    void (*choose)(const gf_mixture *mixture, size_t n, const double *lower, const double *upper,
                   int32_t *chosen);
    /* multiples of those whose component is a point or uniform; the others get some number */
    void (*place_linear)(const gf_mixture *mixture, size_t n, const double *lower, const int32_t *chosen,
                         double *multiple);
    /* lists the others, returns how many */
    size_t (*list_curved)(const gf_mixture *mixture, size_t n, const int32_t *chosen, int32_t *curved);
    /* places within a component of the entrants order[0 … n − 1] */
    void (*gather)(const gf_mixed *component, size_t n, const int32_t *order, const gf_places *all,
                   gf_places *some);
    /* fates as gf_cause */
    void (*tell_fates)(const gf_mixture *mixture, size_t n, const int32_t *chosen, const double *multiple,
                       int32_t *fate);
} gf_outcome_hot;

const gf_outcome_hot *gf_outcome_hot_table(gf_isa isa);

/* 0 on success, -1 when out of memory. `params` must outlive the mixture. */
int gf_mixture_init(gf_mixture *mixture, const gf_outcome_params *params);
void gf_mixture_clear(gf_mixture *mixture);

/* Multiples of one component at n places within it, lower + upper = 1, each accurate where it is small.
 * Arrays may be spoiled. */
void gf_mixed_quantile(const gf_mixed *component, const gf_draws *draws, size_t n, double *lower,
                       double *upper, double *multiple);

#endif
