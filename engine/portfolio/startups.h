/* Parameters of the startups: the staged lifecycle, its simple peer, the outcome lifecycle, and the
 * deterministic cash flows that stand for startups. */
#ifndef GF_PORTFOLIO_STARTUPS_H
#define GF_PORTFOLIO_STARTUPS_H

#include <stdint.h>
#include "base/param.h"
#include "portfolio/cash_flow_mode.h"
#include "portfolio/climate.h"
#include "portfolio/outcome.h"

enum { GF_MAX_STARTUPS = 100000 };
enum { GF_LIFECYCLE_STAGED, GF_LIFECYCLE_OUTCOME, GF_LIFECYCLE_TAKAHASHI };
enum { GF_FOLLOW_NONE, GF_FOLLOW_PRO_RATA, GF_FOLLOW_WINNERS };
enum { GF_BREAKOUT_LEAVES, GF_BREAKOUT_STAYS };

typedef struct gf_sector_params {
    char name[GF_TEXT_SIZE];
    double weight;                                  /* share of entrants */
    double fail, graduate, acquire, list, breakout; /* multipliers on the hazards */
    double step_up;                                 /* multiplier on step-ups */
} gf_sector_params;

typedef struct gf_startup_params {
    int64_t lifecycle, count;
    struct {
        int64_t quarters;           /* planned entries are spread evenly over so many quarters */
        int64_t tranche_quarters;   /* a cheque is paid in so many equal quarterly tranches */
        double stage_weights[5];    /* share of entrants by stage, seed to growth */
        int64_t extension_quarters; /* entries missed for want of deal flow may be made up so long after the
                                       plan */
        double ownership;           /* share of the company that a first cheque buys */
        double deal_flow_per_year;  /* investable entrants a year; infinity: no limit */
    } entry;
    struct {
        double breakout[GF_N_STAGES], list[GF_N_STAGES], acquire[GF_N_STAGES], fail[GF_N_STAGES],
            graduate[GF_N_STAGES];
    } hazards_per_year;
    struct {
        double breakout, list, acquire, fail, graduate; /* γ by cause */
        double correlation;                             /* of qualities within a portfolio (vintage factor) */
    } quality;
    struct {
        double median[4], sigma[4], market_correlation;
    } step_up; /* on leaving seed, A, B, C */
    double dilution[4];
    struct {
        double median, sigma; /* price over last valuation */
        double preference;    /* multiple of cost, non-participating */
    } sale;
    struct {
        double median, sigma;
        int64_t lock_up_quarters;
    } listing;
    struct {
        double a, b; /* Beta; a = 0: nothing is recovered */
    } recovery;
    struct {
        double probability, recovery;
    } redemption;
    struct {
        double index, min_multiple, cap_multiple;
        int64_t then; /* GF_BREAKOUT_LEAVES or GF_BREAKOUT_STAYS */
    } breakout;
    double horizon_share;   /* of the last valuation, for what is left at the horizon */
    double burn_elasticity; /* of the failure hazard in operating cost */
    struct {
        int64_t rule;
        double min_step_up; /* winners: least realised step-up */
    } follow_on;
    int64_t n_sectors;
    gf_sector_params sectors[GF_MAX_SECTORS]; /* none given: one sector "all" */
    int64_t has_outcome, has_cash_flow;       /* the sections were given */
    gf_outcome_params outcome;
    gf_cash_flow_params cash_flow;
} gf_startup_params;

extern const gf_param gf_startup_rows[];

#endif
