/* The climate of one quarter: what policies and the market do to startups, as multipliers on the neutral
 * lifecycle. One block of portfolios is simulated side by side; a lane is a portfolio. Models multiply into
 * it and never read it. */
#ifndef GF_PORTFOLIO_CLIMATE_H
#define GF_PORTFOLIO_CLIMATE_H

#include <stdint.h>

enum { GF_LANES = 64, GF_MAX_SECTORS = 16, GF_MAX_QUARTERS = 160 };

/* Before the first row of lanes of a struct: rows begin on cache lines, and no vector straddles two. */
#define GF_ALIGNED _Alignas(64)

/* Order matters: one uniform chooses the cause, rare and valuable ones first, so that paired policies meet
 * the same rare events. */
typedef enum { GF_BREAKOUT, GF_LIST, GF_ACQUIRE, GF_FAIL, GF_GRADUATE, GF_N_CAUSES } gf_cause;
typedef enum { GF_SEED, GF_A, GF_B, GF_C, GF_GROWTH, GF_OUTLIER, GF_N_STAGES } gf_stage;
/* Tables have room for so many stages, of which GF_N_STAGES are used: three bits of a tag (cohort.h). */
enum { GF_STAGE_ROOM = 8 };

/* Rows beside hazards, as models declare them. */
typedef enum {
    GF_SHIFT_STEP_UP,
    GF_SHIFT_ENTRY_VALUATION,
    GF_SHIFT_DEAL_FLOW,
    GF_SHIFT_OPERATING_COST,
    GF_SHIFT_RECOVERY,
    GF_SHIFT_CALL_PACE,
    GF_SHIFT_CAPTIVE,
    GF_N_SHIFTS
} gf_shift;

/* What is declared of a set of items: 0 is anything, else GF_ONLY | bits 1u << item. */
#define GF_ONLY (1u << 31)

/* Whether item i is among those declared. */
static inline int gf_may(uint32_t declared, int i)
{
    return declared == 0 || (declared >> i & 1u) != 0;
}

/* How the multipliers of a hazard are kept: rows are made only of what is more than that. */
typedef enum {
    GF_UNTOUCHED, /* 1 everywhere */
    GF_SINGLES,   /* the same of all sectors, in single precision, in memory of whoever set them */
    GF_ALIKE,     /* the same of all sectors */
    GF_BY_SECTOR
} gf_multiplier_form;

typedef struct gf_multiplier {
    gf_multiplier_form form;
    const float *single;                                 /* GF_SINGLES: [lane] */
    GF_ALIGNED double row[GF_MAX_SECTORS + 1][GF_LANES]; /* [sector][lane]; GF_ALIKE: the first of them */
} gf_multiplier;

typedef struct gf_climate {
    int n_lanes, n_sectors;
    uint32_t shifts;                   /* rows that may have changed since the quarter before */
    gf_multiplier hazard[GF_N_CAUSES]; /* neutral 1; models change them by the functions below */
    /* [sector][lane], multipliers, neutral 1 */
    GF_ALIGNED double step_up[GF_MAX_SECTORS][GF_LANES]; /* on the step-up of a round */
    double entry_valuation[GF_MAX_SECTORS][GF_LANES];    /* on the price paid at entry */
    double deal_flow[GF_MAX_SECTORS][GF_LANES];          /* on the number of investable entrants */
    /* [lane], multipliers, neutral 1 */
    double operating_cost[GF_LANES]; /* on the burn of every startup */
    double recovery[GF_LANES];       /* on what a failure returns */
    double call_pace[GF_LANES];      /* on the pace of new investments */
    /* [lane], combined by models as stated */
    double captive_sale[GF_LANES]; /* chance that a sale goes to a giant: 1 − Π(1 − p), neutral 0 */
    double captive_cap[GF_LANES];  /* cap on the multiple of such a sale: minimum, neutral infinity */
} gf_climate;

/* Sets hazards to neutral, and the rows of `shifts`, which are all that may not be: 0 sets everything. */
void gf_climate_reset(gf_climate *climate, int n_lanes, int n_sectors, uint32_t shifts);

/* Multiplies one hazard in all sectors by factor[lane]. */
void gf_climate_scale_hazard(gf_climate *climate, gf_cause cause, const double *restrict factor);

/* The multipliers of one hazard, [sector][lane], to multiply into where sectors differ. */
double (*gf_climate_rows(gf_climate *climate, gf_cause cause))[GF_LANES];

/* Sets one hazard, which nobody has touched, in all sectors to factor[lane], which stays where it is until
 * the next reset. */
static inline void gf_climate_set_hazard(gf_climate *climate, gf_cause cause, const float *factor)
{
    climate->hazard[cause].form = GF_SINGLES;
    climate->hazard[cause].single = factor;
}

/* The multiplier of one hazard. */
static inline double gf_climate_hazard(const gf_climate *climate, int cause, int sector, int lane)
{
    const gf_multiplier *m = &climate->hazard[cause];
    switch (m->form) {
    case GF_UNTOUCHED:
        return 1.0;
    case GF_SINGLES:
        return (double)m->single[lane];
    case GF_ALIKE:
        return m->row[0][lane];
    default:
        return m->row[sector][lane];
    }
}

#endif
