/* Rules of the programme that act while it invests: reinvestment duty, recycling, loss tolerance. */
#ifndef GF_PORTFOLIO_PACE_H
#define GF_PORTFOLIO_PACE_H

#include "portfolio/climate.h"
#include "portfolio/model.h"
#include "portfolio/programme.h"

struct gf_cohort;

/* State by lane, part of the cohort. */
typedef struct gf_pace {
    double local_share; /* of first cheques that must be local */
    int has_tolerance, has_recycling;
    GF_ALIGNED double
        haircut[GF_LANES];           /* this quarter: loss of value of local entrants for want of choice */
    double local_invested[GF_LANES]; /* CNY million */
    double idle[GF_LANES]; /* CNY million × year: planned first cheques that found no startup in time */
    double lost[GF_LANES]; /* realised losses, CNY million */
    double is_past_tolerance[GF_LANES];          /* 1 from the quarter after they passed the tolerance */
    double recycled[GF_MAX_SUB_FUNDS][GF_LANES]; /* by sub-fund: kept so far */
    double kept[GF_MAX_SUB_FUNDS][GF_LANES];     /* by sub-fund: kept and not yet spent */
} gf_pace;

void gf_pace_begin(struct gf_cohort *cohort);

/* Where there is a tolerance (has_tolerance), passed: pace and risk appetite fall for the rest of the life.
 * After the models' climate. */
void gf_pace_apply(const struct gf_cohort *cohort, gf_climate *climate);

/* Reinvestment duty, where there is one: how many of `wanted` entrants may come in. Every local_share-th
 * cheque must go to a local startup. Local deal flow of the quarter is Poisson. None: entries wait and cash
 * lies idle. Fewer than wanted: all are taken, and local ones lose the part adverse_selection × (1 −
 * offered/wanted) of their value. */
int gf_pace_admit(struct gf_cohort *cohort, const gf_climate *climate, int quarter, int lane, int wanted);

/* Is startup `id` one of those that must be local? */
static inline int gf_pace_is_local(const gf_pace *pace, int id)
{
    return (int)((id + 1) * pace->local_share + 1e-9) > (int)(id * pace->local_share + 1e-9);
}

/* What an entrant of this quarter is worth over an unconstrained one. */
static inline double gf_pace_value(const gf_pace *pace, int lane, int id)
{
    return pace->haircut[lane] > 0 && gf_pace_is_local(pace, id) ? 1 - pace->haircut[lane] : 1.0;
}

/* Where there is recycling (has_recycling), after the quarter's exits: proceeds of the first years join the
 * reserve, up to a share of commitment. */
void gf_pace_keep(struct gf_cohort *cohort, int quarter);
/* A follow-on of `amount` at date t is paid from what was kept first. */
void gf_pace_spend(struct gf_cohort *cohort, int fund, int lane, int date, double amount);

/* End of the quarter: losses, idle cash; what was kept beyond the window goes back to partners. */
void gf_pace_observe(struct gf_cohort *cohort, const gf_events *events, int quarter);

#endif
