/* Heavy tails: which moments exist, and estimates of the survival index. Convention: P(X > x) =
 * (x_min/x)^index. */
#ifndef GF_RUN_TAIL_H
#define GF_RUN_TAIL_H

#include "portfolio/columns.h"
#include "portfolio/scenario.h"
#include "run/statistics.h"

/* Tail of the heaviest multiple that the scenario can draw. index INFINITY: none; cap INFINITY: not capped.
 */
typedef struct gf_tail {
    double index, cap;
} gf_tail;

/* Tail of a scenario: its breakout Pareto if breakouts can happen; of the outcome lifecycle the Pareto (or
 * Levy, index 1/2) component that is worst for means. */
gf_tail gf_tail_of_scenario(const gf_scenario *scenario);

/* Does the column inherit that tail? Multiples, money that grows with them, and rates of return do; shares,
 * counts and outlays do not, nor money of models that read no money of startups (gf_model.reads). */
int gf_tail_reaches(const gf_column *column);

/* Index with which a column inherits the tail. Of rates of return it is the least one possible: an exit one
 * quarter after entry turns a multiple M into a rate near M^4, of index a/4; longer holdings are lighter. */
double gf_tail_index_of(const gf_tail *tail, const gf_column *column);

/* What may be said of a mean. */
typedef enum {
    GF_MOMENTS_FINITE,   /* mean and standard error */
    GF_MOMENTS_CAPPED,   /* finite only because of the cap: both, with a warning */
    GF_MOMENTS_NO_ERROR, /* infinite variance (of a rate: for all we know): a mean without error */
    GF_MOMENTS_NONE      /* infinite mean */
} gf_moments;
gf_moments gf_tail_moments(const gf_tail *tail, const gf_column *column);

enum { GF_TAIL_MOST = 999 };

/* Values in the tail that the estimates use: min(⌊n^(2/3)⌋, GF_TAIL_MOST), fewer if fewer are positive and
 * distinct from the threshold; 0 when there are fewer than 20. The threshold is the next value below. */
size_t gf_tail_size(const gf_atoms *atoms);

/* Hill (1975): index = k / Σ ln(x_i/u), standard error index/√k; weighted sums with weights. NaN when k is 0.
 */
gf_estimate gf_tail_hill(const gf_atoms *atoms, size_t k);

/* Maximum likelihood over the same k values. Without a cap: the generalised Pareto distribution of excesses,
 * index = 1/ξ (Smith 1987; Grimshaw 1993), se = index (index + 1)/√k; NaN if ξ ≤ 0. With a cap: the truncated
 * Pareto with the largest value as its end (Aban, Meerschaert and Panorska 2006), error by its Fisher
 * information. */
gf_estimate gf_tail_likelihood(const gf_atoms *atoms, size_t k, int is_capped);

#endif
