/* A deterministic programme: calls, distributions and NAV of Takahashi & Alexander (2002),
 * portfolio/takahashi.h, in the place of startups. Terms apply on top.
 *
 * Dating: the paper's C_t, D_t and V_t all stand at the end of year t (V_t holds C_t without growth), so that
 * the flows before fees and carry return exactly G a year. Year t is due on date 4t of the ledger. */
#ifndef GF_PORTFOLIO_CASH_FLOW_MODE_H
#define GF_PORTFOLIO_CASH_FLOW_MODE_H

#include <stdint.h>

#include "base/param.h"
#include "portfolio/climate.h"
#include "portfolio/takahashi.h"

enum { GF_STEP_YEARLY, GF_STEP_QUARTERLY };

typedef struct gf_cash_flow_params {
    double rate_of_contribution[GF_TAKAHASHI_MAX_RATES]; /* of years 1, 2, …; the last repeats */
    int64_t n_rates;
    double life_years, bow, growth_per_year, yield_per_year;
    int64_t step;
} gf_cash_flow_params;

extern const gf_param gf_cash_flow_rows[];

struct gf_scenario;
struct gf_cohort;

/* Flows of one sub-fund by date t = 0 … n_quarters, CNY million. */
typedef struct gf_cash_flow {
    double call[GF_MAX_QUARTERS + 1], distribution[GF_MAX_QUARTERS + 1];
    double nav[GF_MAX_QUARTERS + 1]; /* after the flows of the date */
    double cost[GF_MAX_QUARTERS +
                1]; /* of what is held: a distribution takes the same share of cost as of NAV */
} gf_cash_flow;

/* NULL when out of memory. */
gf_cash_flow *gf_cash_flow_new(const struct gf_scenario *scenario);
void gf_cash_flow_free(gf_cash_flow *flow);

/* Books the flows at the end of the quarter into every lane. */
void gf_cash_flow_step(const gf_cash_flow *flow, struct gf_cohort *cohort, int quarter);

/* NAV at the horizon into nav[sub_fund][lane]. */
void gf_cash_flow_mark_horizon(const gf_cash_flow *flow, const struct gf_cohort *cohort,
                               double (*nav)[GF_LANES]);

#endif
