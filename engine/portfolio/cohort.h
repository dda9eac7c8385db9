/* The startups of one block of portfolios: who is live, what a stake is worth, what happens in a quarter.
 *
 * A live startup waits for its next event with a budget of hazard E ~ Exp(1), drawn when it enters a stage. Two ways
 * to spend it, chosen by the scenario alone, both exact for hazards that are constant within a quarter:
 *   clocks  every class (sector, stage) has a clock that each quarter advances by the sum of its hazards times Δ; a
 *           startup is due when the clock passes clock-at-entry + E. One comparison a startup and quarter.
 *   own     with quality by cause, hazards differ between startups: each subtracts its own sum from its budget.
 * P(event in a quarter) = 1 − exp(−Δ Σλ) either way; the cause is chosen ∝ λ_k of that quarter by one uniform. */
#ifndef GF_PORTFOLIO_COHORT_H
#define GF_PORTFOLIO_COHORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/isa.h"
#include "portfolio/climate.h"
#include "portfolio/market.h"
#include "portfolio/model.h"
#include "portfolio/scenario.h"
#include "random/draws.h"
#include "random/luck.h"

enum { GF_MAX_CLASSES = GF_MAX_SECTORS * GF_N_STAGES, GF_RATE_STRIDE = 8 };

/* Buffers for the events of one quarter, all lanes; capacity lanes × stride. */
typedef struct gf_event_buffer {
    size_t n, n_graduates;
    int32_t *lane, *position, *id, *class_index, *cause;
    int32_t *graduates, *exits, *failures, *breakouts; /* indices of events by kind */
    uint64_t *portfolio;
    uint32_t *startup, *stage, *word[4], *high, *low;
    double *uniform, *z, *factor, *budget;
} gf_event_buffer;

typedef struct gf_cohort {
    const gf_scenario *scenario;
    const gf_draws *draws;
    int n_startups, n_sectors, n_classes, n_quarters, n_sub_funds;
    int stride;      /* room for one lane's live list and startups, a multiple of 8, ≥ n_startups */
    int clock_stride; /* of clock[], n_classes rounded up to 8 */
    gf_isa isa;
    int is_own;
    int has_recovery;
    gf_beta_table *recovery;
    double cheque;                     /* first cheque, CNY million */
    double value_mu[6], value_sigma[6], value_loading[6]; /* log price factor: leaving seed…C, sale, listing */
    double keep[GF_N_STAGES];          /* share kept after the round's dilution, by stage left */
    double sector_cumulative[GF_MAX_SECTORS];
    uint64_t seed, first_portfolio;
    int n_lanes;
    /* live lists: [lane * stride + position] */
    int n_live[GF_LANES];
    double *due;      /* clocks: threshold; own: budget left */
    int32_t *class_index, *id;
    double *weight[GF_N_CAUSES]; /* own: exp(γ_k z) */
    /* startups: [lane * stride + id] */
    double *value, *cost, *received, *quality, *ownership;
    double *follow_value; /* follow-ons with the hurdle taken off: Σ amount (1+h)^-(date) */
    int16_t *entry_quarter, *exit_quarter;
    int8_t *fate, *last_stage, *sector;
    uint8_t *sub_fund; /* [id] */
    /* this quarter's hazards × Δ: [(lane * n_classes + class) * GF_RATE_STRIDE + cause]; sums in clock */
    double *rate, *clock;
    double step_up[GF_MAX_SECTORS][GF_LANES];
    double vintage[GF_LANES], skill[GF_MAX_SUB_FUNDS][GF_LANES];
    double planned[GF_LANES];   /* entries planned so far, pace included */
    int n_entered[GF_LANES];
    double n_live_sector[GF_MAX_SECTORS][GF_LANES];
    double cost_live[GF_MAX_SUB_FUNDS][GF_LANES], value_live[GF_LANES];
    double n_graduated[GF_LANES], n_failed[GF_LANES], n_acquired[GF_LANES], n_captive[GF_LANES], n_listed[GF_LANES],
        n_outliers[GF_LANES], follow_on[GF_LANES];
    int first_outlier[GF_LANES];
    double reserve[GF_MAX_SUB_FUNDS][GF_LANES]; /* CNY million left for follow-ons */
    /* money between sub-funds and startups, CNY million: [(sub_fund * GF_FLOW_QUARTERS + quarter) * GF_LANES + lane] */
    double *cost_basis; /* cost of live stakes at the start of each quarter */
    double *invested, *proceeds, *locked; /* locked: in units of the index, due in that quarter */
    double index_now[GF_LANES];           /* index at the end of this quarter */
    gf_event_buffer events;
    void *memory;
} gf_cohort;

/* Proceeds of a locked-up listing may fall after the horizon: they are marked there. */
enum { GF_FLOW_QUARTERS = GF_MAX_QUARTERS + 1 };

static inline size_t gf_flow_index(int sub_fund, int quarter, int lane)
{
    return ((size_t)sub_fund * GF_FLOW_QUARTERS + (size_t)quarter) * GF_LANES + (size_t)lane;
}

/* 0 on success, -1 when out of memory. */
int gf_cohort_init(gf_cohort *cohort, const gf_scenario *scenario, gf_isa isa, int lanes);
void gf_cohort_clear(gf_cohort *cohort);

/* Empties the cohort for a new block. */
void gf_cohort_begin(gf_cohort *cohort, uint64_t first_portfolio, int n_lanes);

/* Entries of the quarter: plan × pace, limited by the deal flow. */
void gf_cohort_enter(gf_cohort *cohort, const gf_climate *climate, int quarter, gf_events *events);

/* Follow-on rounds for this quarter's graduates (events.graduates, factor = realised step-up). */
void gf_cohort_follow_on(gf_cohort *cohort, int quarter);

/* What is left at the horizon: received += value × horizon_share; totals by sub-fund into nav[sub_fund][lane]. */
void gf_cohort_mark_horizon(gf_cohort *cohort, const gf_market *market, double (*nav)[GF_LANES]);

/* The best of one portfolio's startups. */
typedef struct gf_tops {
    double sum, largest, tenth; /* value of all, of the best, of the best tenth */
    double multiple;            /* largest value over cost */
} gf_tops;

/* Hot part, compiled per instruction set. */
typedef struct gf_kernel_hot {
    /* Hazards of the quarter from climate: fills rate, advances clock. */
    void (*expose)(gf_cohort *cohort, const gf_climate *climate);
    /* Moves all startups by one quarter and fills events. */
    void (*step)(gf_cohort *cohort, const gf_climate *climate, const gf_market *market, int quarter, gf_events *events);
    /* Of n startups, n_tenth in the best tenth; cost > 0; scratch has room for n + 1. */
    void (*tops)(int n, int n_tenth, const double *received, const double *cost, double *scratch, gf_tops *result);
} gf_kernel_hot;

const gf_kernel_hot *gf_kernel_hot_table(gf_isa isa);

/* Sum of the m largest of n ≥ m values ≥ 0; reorders values. Deterministic. */
double gf_sum_of_largest(int n, int m, double *values);

#endif
