/* The outcome lifecycle: each startup draws one gross multiple from a mixture and one holding time at its
 * entry, and that is all that happens to it. What most published studies use, so that their tables can be
 * reproduced and a user with only a table of outcomes can start.
 *
 *   U_i = u_i                          without correlation
 *   U_i = Φ(√ρ F + √(1−ρ) Φ⁻¹(u_i))    one-factor Gaussian copula (Vasicek 1987), F ~ N(0,1) the portfolio's
 *
 * U chooses the component, in ascending order of the components' medians, and then the place within it: the
 * multiple is (nearly) the mixture's quantile of U, so a bad F is bad for all. Places in upper tails are
 * counted from 1 − U. */
#ifndef GF_PORTFOLIO_OUTCOME_H
#define GF_PORTFOLIO_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "base/isa.h"
#include "base/param.h"
#include "portfolio/climate.h"

enum { GF_MAX_COMPONENTS = 32 };

typedef enum {
    GF_OUTCOME_POINT,
    GF_OUTCOME_UNIFORM,
    GF_OUTCOME_BETA,
    GF_OUTCOME_LOGNORMAL,
    GF_OUTCOME_PARETO,
    GF_OUTCOME_LEVY,
    GF_N_OUTCOMES
} gf_outcome_kind;

/* One component of the mixture: weight, and exactly one kind of law. */
typedef struct gf_component_params {
    double weight;
    int64_t has[GF_N_OUTCOMES]; /* by gf_outcome_kind: the key was given */
    double point;
    double uniform[2];
    struct {
        double a, b, scale; /* scale × Beta(a,b) */
    } beta;
    struct {
        double median, sigma;
    } lognormal;
    struct {
        double index, min, cap; /* survival index; truncated at cap, infinity: not */
    } pareto;
    struct {
        double scale; /* scale / Φ⁻¹(1 − U/2)² */
    } levy;
} gf_component_params;

typedef struct gf_outcome_params {
    double correlation; /* ρ */
    struct {
        double point, uniform[2];
        struct {
            double median, sigma;
        } lognormal;
        int64_t has_point, has_uniform, has_lognormal;
    } holding_years;
    int64_t n_components;
    gf_component_params mixture[GF_MAX_COMPONENTS];
} gf_outcome_params;

extern const gf_param gf_outcome_rows[];

struct gf_scenario;
struct gf_cohort;

/* Kind of a component that has exactly one. */
gf_outcome_kind gf_component_kind(const gf_component_params *component);

/* What one thread needs to draw outcomes; NULL when out of memory. */
typedef struct gf_outcome gf_outcome;
gf_outcome *gf_outcome_new(const struct gf_scenario *scenario, gf_isa isa);
void gf_outcome_free(gf_outcome *outcome);

/* Draws the common factors of a new block and forgets the last one. After gf_cohort_begin(). */
void gf_outcome_begin(gf_outcome *outcome, const struct gf_cohort *cohort);

/* n entrants, listed in cohort->events (startup, portfolio) in order of lanes, enter in `quarter`: each draws
 * its multiple and its holding; multiple × cost falls at the end of the quarter of the exit. A holding of h
 * quarters that begins with quarter q ends with quarter q + h − 1, at the latest with the last. Fates: a
 * multiple below 1 failed, one from a power law (pareto, levy) broke out, any other was acquired. Cheques and
 * counts of entrants are the caller's. */
void gf_outcome_enter(gf_outcome *outcome, struct gf_cohort *cohort, size_t n, int quarter);

/* Exits of the quarter leave the books of live stakes. */
void gf_outcome_leave(const gf_outcome *outcome, struct gf_cohort *cohort, int quarter);

#endif
