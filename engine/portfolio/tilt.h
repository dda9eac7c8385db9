/* Rare events: breakout hazards are multiplied by a tilt and the exact likelihood ratio is carried as a log
 * weight.
 *
 * A live startup with hazards Σλ = Λ (times Δ), tilted Λ' = Λ + (τ−1) λ_b, contributes per quarter
 *   no event       e^(−Λ) / e^(−Λ')
 *   cause k        (1−e^(−Λ)) λ_k/Λ / ((1−e^(−Λ')) λ_k'/Λ')
 * Whatever the models make of the events, both measures give them the same hazards, so the product over
 * startups and quarters is the ratio of the whole path (Asmussen and Glynn 2007, chapter V). */
#ifndef GF_PORTFOLIO_TILT_H
#define GF_PORTFOLIO_TILT_H

#include "portfolio/cohort.h"

/* Multiplies the breakout hazards; last of all that shape the climate. */
void gf_tilt_climate(double tilt, gf_climate *climate);

/* What is at risk, [cell of a tag]: startups that are live, each as often as its quality makes its breakout
 * likelier; and how many of each lane have been taken in. */
typedef struct gf_tilt {
    double at_risk[GF_MAX_SECTORS * GF_SECTOR_CELLS];
    int n_taken[GF_LANES];
} gf_tilt;

/* Before the first quarter of a block. */
void gf_tilt_begin(gf_tilt *state, const gf_cohort *cohort);
/* Before the step, after the hazards are exposed: log_weight[lane] as if nobody had an event this quarter. */
void gf_tilt_before(gf_tilt *state, const gf_cohort *cohort, double tilt, double *log_weight);
/* After the step: corrects for those that had one. */
void gf_tilt_after(gf_tilt *state, const gf_cohort *cohort, double tilt, double *log_weight);

#endif
