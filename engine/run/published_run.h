/* Published cases that need a simulation. Private to them. */
#ifndef GF_RUN_PUBLISHED_RUN_H
#define GF_RUN_PUBLISHED_RUN_H

#include "run/published.h"
#include "run/quantity.h"

/* Fills obtained and se of verdicts[n_checks]. Neighbouring checks with equal settings share a run.
 *
 *   mean sd median quantile(c, p) capped_mean(c, cap) excess_mean(c, strike) P(c >= x) top_share(c, q)
 *       of a column
 *   hill_mean(c, k) hill_sd(c, k) hill_quantile(c, k, p)
 *       over consecutive groups of k + 1 portfolios: Hill's index from the k largest
 *   at(s, year)
 *       mean of a series of /quarters at the end of that year
 *   mean(startup.x) P(startup.x >= y)
 *       of funded startups: x is a column of /startups, multiple or holding_years */
gf_status gf_case_simulate(const gf_cases *cases, const gf_case *item, double scale,
                           const gf_run_options *options, const gf_quantity *quantities, gf_verdict *verdicts,
                           gf_error *error);

#endif
