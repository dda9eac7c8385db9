/* The startups of one block of portfolios: who is live, what a stake is worth, what happens in a quarter.
 *
 * A live startup waits for its next event with a budget of hazard E ~ Exp(1), drawn when it enters a stage.
 * Two ways to spend it, chosen by the scenario alone, both exact for hazards that are constant within a
 * quarter:
 *
 *   clocks  every sector and stage of a lane has a clock that each quarter advances by the sum of its hazards
 *           times Δ; a startup is due when the clock passes clock-at-entry + E: one comparison a quarter.
 *
 *   own     with quality by cause, hazards differ between startups: each subtracts its own sum from its
 *           budget.
 *
 * P(event in a quarter) = 1 − exp(−Δ Σλ) either way; the cause is chosen ∝ λ_k of that quarter by one
 * uniform. Clocks, thresholds, budgets and the hazards among which the cause is chosen are kept in float,
 * whose rounding can move an event to a neighbouring quarter. */
#ifndef GF_PORTFOLIO_COHORT_H
#define GF_PORTFOLIO_COHORT_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/isa.h"
#include "portfolio/climate.h"
#include "portfolio/market.h"
#include "portfolio/model.h"
#include "portfolio/pace.h"
#include "portfolio/prices.h"
#include "portfolio/scenario.h"
#include "random/draws.h"
#include "random/luck.h"
#include "random/luck_hot.h"

/* A startup to which something happens, in one word, so that one load tells all that most steps need, and a
 * place of luck as it is (luck_hot.h):
 *   bits 0…2 stage;  bits 3…8 lane;  bits 9…12 sector;  bits 13…31 slot = lane * stride + id
 * The first thirteen are its cell in the tables by sector, lane and stage. Words used all over: a slot is a
 * startup's number in the block, for life; a row is where detect finds it now; a place is an address of luck;
 * an order is that of causes. */
enum {
    GF_LANE_SHIFT = GF_PLACE_LANE_SHIFT,
    GF_SECTOR_SHIFT = 9,
    GF_SLOT_SHIFT = GF_PLACE_SLOT_SHIFT,
    GF_CELLS = 1 << GF_SLOT_SHIFT, /* of all sectors */
    GF_SECTOR_CELLS = 1 << GF_SECTOR_SHIFT,
    GF_NEXT_STAGE = 1 /* added to a tag */
};
_Static_assert((int)GF_LANES == (int)GF_PLACE_LANES && (int)GF_STAGE_ROOM == (int)GF_PLACE_BLOCKS &&
                   GF_STAGE_ROOM == 1 << GF_LANE_SHIFT && GF_LANES * GF_STAGE_ROOM == GF_SECTOR_CELLS &&
                   GF_MAX_SECTORS * GF_SECTOR_CELLS == GF_CELLS &&
                   GF_MAX_STARTUPS < 1 << (32 - GF_SLOT_SHIFT),
               "a tag holds stage, lane, sector and slot");

static inline uint32_t gf_tag(int lane, size_t slot, int sector, int stage)
{
    return (uint32_t)slot << GF_SLOT_SHIFT | (uint32_t)sector << GF_SECTOR_SHIFT |
           (uint32_t)lane << GF_LANE_SHIFT | (uint32_t)stage;
}
static inline uint32_t gf_tag_cell(uint32_t tag)
{
    return tag & (GF_CELLS - 1u);
}
static inline uint32_t gf_tag_slot(uint32_t tag)
{
    return tag >> GF_SLOT_SHIFT;
}
static inline uint32_t gf_tag_sector(uint32_t tag)
{
    return tag >> GF_SECTOR_SHIFT & (GF_MAX_SECTORS - 1u);
}
static inline uint32_t gf_tag_stage(uint32_t tag)
{
    return tag & (GF_STAGE_ROOM - 1u);
}
static inline uint32_t gf_tag_lane(uint32_t tag)
{
    return tag >> GF_LANE_SHIFT & (GF_LANES - 1u);
}

/* A stake costs a cheque and is worth cheque × e^growth × what its rounds did (prices.h); what is particular
 * to an entry or a round's quarter and portfolio is added to the growth, where there is such a thing
 * (has_growth), and the exponential is taken when somebody asks. With follow-ons, which ask at every round,
 * growth stays 0, and costs and values differ: */
typedef struct gf_stake {
    double value, cost;
} gf_stake;

/* What only startup rows want to know. */
typedef struct gf_record {
    int16_t entry_quarter, exit_quarter; /* -1: not yet */
    int8_t fate, last_stage, sector;
} gf_record;

/* Bits of an exit's second value word that hold its cause: a wide uniform reads the upper twenty only. */
enum { GF_CAUSE_BITS = 7 };

/* Events of one kind in a quarter, in order of lanes, mixed where lanes share rows: startups and the words of
 * luck that the kind needs. */
typedef struct gf_kind {
    size_t n;
    uint32_t *tag, *budget_word,
        *value_word[2]; /* budget_word: of those that wait, their places among winners */
    int32_t *quarter;   /* of breakouts that wait, when */
} gf_kind;

/* Buffers for the events of one quarter, all lanes in order; capacity (lanes + lanes that share
 * rows) × stride and two vectors more.
 *
 * Others borrow them while no event is in hand. Entry: startup = addresses of luck, cause = stages,
 * graduates.tag and .budget_word = words of first budgets, chance = weights of quality, uniform and factor =
 * vintage and skill. split with counts_later: stage = masks, startup = counts of graduates by vector. Marks:
 * startup = rows together. Tilt: returned = logarithms of ratios. */
typedef struct gf_event_buffer {
    size_t n;
    uint32_t *tag, *startup, *stage, *word[4];
    uint64_t *portfolio;
    int32_t *cause;
    int32_t from[GF_LANES + 1];           /* first event of the lanes that share rows; marks: of each lane */
    int32_t graduates_from[GF_LANES + 1]; /* first graduate of them, with counts_later */
    gf_kind graduates, exits, failures, breakouts; /* exits and breakouts that wait: of all quarters since the
                                                      last sale */
    int first_unsold;                              /* then the first of these quarters, and how many exits */
    int32_t n_exits[GF_MAX_QUARTERS];              /* there are up to the end of each */
    size_t first_breakout;                         /* of this quarter */
    /* of the kind in hand; factor: of entrants what a stake is worth over its cost; prices of exits over
     * the value of their stakes; realised step-ups of graduates (with follow-ons); worths when stakes
     * are marked */
    double *uniform, *z, *factor, *returned; /* returned: of failures, per cost */
    float *budget, *chance;                  /* chance: uniforms that choose causes */
} gf_event_buffer;

/* What startups of a lane get one after the other is written in pieces of this length: what lies behind them
 * is overwritten by the next lane, or free. */
enum { GF_PIECE = 8 };

/* Sectors whose factors are made at a time, where there are so many (expose_hot.h). */
enum { GF_SECTOR_BLOCK = 8 };

typedef struct gf_cohort {
    const gf_scenario *scenario;
    const gf_draws *draws;
    int n_startups, n_sectors, n_stages, n_quarters, n_sub_funds; /* n_stages: that can be occupied */
    int stride; /* room for one lane's startups, a multiple of 16, ≥ n_startups */
    int n_slots;
    gf_isa isa;
    int is_step_up_neutral; /* sector and climate leave this quarter's step-ups alone */
    uint32_t
        still; /* bit of a cause: the climate left it alone last quarter, and tables say so: own factors, and
                       by clocks of the only sector breakouts, the first of the sums */
    int is_own, has_recovery, has_follow_on, has_ownership, is_american;
    int has_one_ownership; /* the same share of a company of all entrants: they have it from the start */
    int has_entry_value, has_growth; /* entrants' values differ from their cheques; growth differs from 0 */
    int has_breakouts;               /* this quarter */
    int is_recorded; /* startup rows are wanted of this block, or deals have terms of their own */
    int sells_later; /* nobody asks for this block's proceeds before its end: exits wait for a batch */
    /* nobody asks which of those that left in a quarter did so why: only breakouts and, by the lanes that
       share rows, graduates are counted by quarter, exits and graduates of all quarters by lane, and failures
       are what is left at the end. Until then n_live is right only in sum over lanes that share rows;
       where rows stay (keeps_rows) neither it nor graduates are counted before the end. */
    int counts_later;
    int has_costs; /* somebody asks in a quarter what live stakes have cost, or failures */
    const gf_beta_table *recovery;
    double cheque;     /* first cheque, CNY million */
    double beyond_cap; /* chance of a breakout's multiple beyond the cap, before it is truncated */
    gf_prices prices;
    uint64_t seed, first_portfolio;
    int n_lanes, n_missing; /* n_missing: startups of all lanes that have not come in yet */
    GF_ALIGNED int n_live[GF_LANES];
    /* What detect reads: rows of startups, which close up when many have left (detect_hot.h). Who is live has
       one, in the order in which it came; those of nobody wait for ever. 2^sharing_bits lanes that follow
       each other share theirs: the first n_rows[lane >> sharing_bits] from gf_rows_of() on. */
    int sharing_bits, row_stride; /* room for the rows of one lane */
    int keeps_rows;               /* clocks of few startups: rows stay, each slot has one */
    int32_t row_offset[GF_LANES]; /* then, from the slot to the row */
    uint32_t *row_tag;
    float *until;               /* clocks: due date by its clock; own: budget left; INFINITY: nobody */
    float *weight[GF_N_CAUSES]; /* own: exp(γ_k z) by place */
    uint32_t *row_of;           /* own: [slot], of those that were live when the quarter began */
    uint8_t *entry_stage;       /* [slot] from here on */
    double *growth;             /* valid where has_growth */
    gf_stake *stake;            /* only with follow-ons */
    double *ownership;          /* valid where somebody reads it (has_ownership) */
    double *received;           /* valid where startup rows are wanted (is_recorded) */
    gf_record *record;
    double *worth;        /* what stakes of live startups are worth, as of the last gf_cohort_value_live() */
    double *follow_value; /* american waterfall: follow-ons with the hurdle taken off, Σ amount (1+h)^−date */
    double *quality;
    uint8_t *sub_fund;
    /* proceeds > 0, and with follow-ons their costs, in order of arrival: [lane * stride + i] */
    int n_won[GF_LANES];
    double *won, *won_cost;
    /* listings that are still locked up: [lane * stride + i] */
    int n_locked[GF_LANES];
    int32_t *locked_won;     /* index into won */
    int16_t *locked_quarter; /* quarter of the listing */
    float
        *base[GF_N_CAUSES]; /* clocks: neutral hazards × Δ, the stages of each sector twice, for two lanes */
    /* Clocks: tables of this quarter by cell of a tag. What detect and classify need of a lane of the only
       sector, or of some that follow each other, fits a vector. */
    float *rate;  /* hazards × Δ, summed over causes so far, [cause * n_sectors * GF_SECTOR_CELLS + cell] */
    float *clock; /* [cell] */
    /* Hazards are in tables by lane; else, of the only sector with AVX-512, they are made of `factor` where
       somebody reads them: */
    int has_tables;
    const float *factor[GF_N_CAUSES]; /* [lane]: what climate (own: and sector) do to hazards, here or where
                                         the climate has it */
    GF_ALIGNED float factor_here[GF_N_CAUSES][GF_LANES], neutral[GF_LANES]; /* neutral: 1 */
    uint32_t moved; /* bit of a cause: it may do something */
    /* own: a hazard × Δ is stage times sector factor, by place: causes that quality leaves alone, then those
       that it weighs. The stages are there twice, since a vector's lookup may take four low bits
       of a tag: the stage, and a bit of the lane */
    int n_plain, own_cause[GF_N_CAUSES], own_order[GF_N_CAUSES]; /* of place, of cause */
    float own_stage[GF_N_CAUSES][2 * GF_STAGE_ROOM];
    int sector_room;   /* factors of a lane and place: n_sectors if fewer than GF_SECTOR_BLOCK, else
                          GF_MAX_SECTORS */
    float *own_factor; /* [(lane * GF_N_CAUSES + place) * sector_room + sector] */
    float *own_hazard; /* of the only sector, as detect finds them: [(lane * GF_N_CAUSES + place) *
                          GF_STAGE_ROOM + stage] */
    GF_ALIGNED double log_step_up[GF_MAX_SECTORS][GF_LANES];
    GF_ALIGNED double vintage[GF_LANES], skill[GF_MAX_SUB_FUNDS][GF_LANES]; /* skill: with its weight */
    double talent[GF_LANES][2 * GF_PIECE]; /* skills of the funds of startups that follow each other, where a
                                              piece is a multiple of the funds */
    GF_ALIGNED double flow[GF_MAX_SECTORS]
                          [GF_LANES]; /* of this quarter: running sums over sectors of weight × deal flow */
    double planned[GF_LANES];         /* entries planned so far, pace included */
    int n_rows[GF_LANES];
    int n_entered[GF_LANES], n_marked[GF_LANES];               /* n_marked: those whose worth is kept */
    int32_t n_by_cause[GF_MAX_SECTORS][GF_N_CAUSES][GF_LANES]; /* of this quarter */
    double n_live_sector[GF_MAX_SECTORS][GF_LANES];
    double cost_live[GF_MAX_SUB_FUNDS][GF_LANES];
    double value_live[GF_LANES]; /* as of the last gf_cohort_value_live() */
    double n_captive[GF_LANES], follow_on[GF_LANES];
    int32_t n_so_far[GF_N_CAUSES][GF_LANES]; /* events of all quarters */
    int first_outlier[GF_LANES];
    GF_ALIGNED double reserve[GF_MAX_SUB_FUNDS][GF_LANES]; /* CNY million left for follow-ons */
    /* money between sub-funds and startups, CNY million: [(sub_fund * GF_FLOW_QUARTERS + quarter) * GF_LANES
     * + lane] */
    double *cost_basis;                   /* cost of live stakes at the start of each quarter */
    double *invested, *proceeds, *locked; /* locked: in units of the index, due in that quarter */
    int n_invested; /* quarters that rows of invested are made for; nothing is invested in later ones */
    double *retained, *spent,
        *released; /* recycling: kept from a quarter's proceeds; by date: spent, given back */
    gf_pace pace;
    const double *index_now;                   /* index at the end of this quarter, by lane */
    GF_ALIGNED double listed_locked[GF_LANES]; /* price of this quarter's listings that are locked up */
    gf_event_buffer events;
    /* lifecycles without stages: at most one is there, and then no startup waits for a due date */
    struct gf_outcome *outcome;
    struct gf_cash_flow *cash_flow;
    void *memory;
    size_t memory_size;
    /* counts_later: graduates that are not in n_so_far yet, of lanes that share rows, a byte a lane in every
       word of a vector; and how many vectors have added to each of them at most */
    GF_ALIGNED uint32_t graduate_bytes[GF_LANES / 4][16];
    int n_byte_vectors;
} gf_cohort;

/* Most startups of a portfolio whose rows stay (keeps_rows). */
enum { GF_KEPT_ROWS = 16 };

/* Proceeds of a locked-up listing may fall after the horizon: they are marked there. */
enum { GF_FLOW_QUARTERS = GF_MAX_QUARTERS + 1 };

static inline size_t gf_flow_index(int sub_fund, int quarter, int lane)
{
    return ((size_t)sub_fund * GF_FLOW_QUARTERS + (size_t)quarter) * GF_LANES + (size_t)lane;
}

/* What a sub-fund invests in a quarter, by lane. */
static inline const double *gf_invested(const gf_cohort *k, int sub_fund, int quarter)
{
    static const GF_ALIGNED double nothing[GF_LANES];
    return quarter < k->n_invested ? k->invested + gf_flow_index(sub_fund, quarter, 0) : nothing;
}
/* Makes rows of invested up to a quarter. */
static inline void gf_invest_until(gf_cohort *k, int quarter)
{
    for (; k->n_invested <= quarter; k->n_invested++)
        for (int fund = 0; fund < k->n_sub_funds; fund++)
            memset(k->invested + gf_flow_index(fund, k->n_invested, 0), 0, GF_LANES * sizeof *k->invested);
}

/* Of a startup in the tables of prices, by stage entered and stage. */
static inline size_t gf_price_cell(const gf_cohort *k, uint32_t tag)
{
    return k->entry_stage[gf_tag_slot(tag)] * (size_t)GF_STAGE_ROOM + gf_tag_stage(tag);
}
/* Where exits and graduates of the only sector are counted: [cause][lane]. */
static inline int32_t (*gf_counts(gf_cohort *k))[GF_LANES]
{
    return k->counts_later ? k->n_so_far : k->n_by_cause[0];
}
/* Clocks: hazards of a cause and those before it, by cell. */
static inline float *gf_rates(const gf_cohort *k, int cause)
{
    return k->rate + (size_t)cause * (size_t)k->n_sectors * GF_SECTOR_CELLS;
}
/* Without such tables: the hazard of a cause at a stage of a lane. */
static inline float gf_rate(const gf_cohort *k, int cause, uint32_t tag)
{
    return k->base[cause][gf_tag_stage(tag)] * k->factor[cause][gf_tag_lane(tag)];
}
static inline const float *gf_own_factors(const gf_cohort *k, int lane, int place)
{
    return k->own_factor + (size_t)(lane * GF_N_CAUSES + place) * (size_t)k->sector_room;
}
/* Where its hazards are, if there is one sector. */
static inline float *gf_own_hazards(const gf_cohort *k, int lane, int place)
{
    return k->own_hazard + (size_t)(lane * GF_N_CAUSES + place) * GF_STAGE_ROOM;
}
/* own: hazard × Δ of a startup, whose row is `row` */
static inline double gf_own_hazard(const gf_cohort *k, int cause, uint32_t tag, uint32_t row)
{
    const int place = k->own_order[cause];
    const uint32_t lane = gf_tag_lane(tag);
    const float rate =
        k->own_stage[place][gf_tag_stage(tag)] *
        (k->has_tables ? gf_own_factors(k, (int)lane, place)[gf_tag_sector(tag)] : k->factor[cause][lane]);
    return place < k->n_plain ? (double)rate : (double)k->weight[place][row] * (double)rate;
}

/* First row of those that a lane shares, the row that a slot keeps, and that of whoever comes next. */
static inline size_t gf_rows_of(const gf_cohort *k, int lane)
{
    return (size_t)((lane >> k->sharing_bits) << k->sharing_bits) * (size_t)k->row_stride;
}
static inline size_t gf_kept_row(const gf_cohort *k, int lane, size_t slot)
{
    return (size_t)((int32_t)slot + k->row_offset[lane]);
}
static inline size_t gf_next_row(const gf_cohort *k, int lane)
{
    return gf_rows_of(k, lane) + (size_t)k->n_rows[lane >> k->sharing_bits];
}

/* End of the quarters in which a lock-up can end. */
static inline int gf_locked_end(const gf_cohort *k)
{
    const int end = k->n_quarters + (int)k->scenario->startups.listing.lock_up_quarters;
    return end < GF_FLOW_QUARTERS ? end : GF_FLOW_QUARTERS;
}

/* What a stake has cost, and what it is worth but for its growth and its rounds. */
static inline double gf_cost(const gf_cohort *k, size_t slot)
{
    return k->has_follow_on ? k->stake[slot].cost : k->cheque;
}
static inline double gf_first_value(const gf_cohort *k, size_t slot)
{
    return k->has_follow_on ? k->stake[slot].value : k->cheque;
}

/* Appends proceeds to the winners of a lane; those of nothing are overwritten by the next. */
static inline void gf_cohort_win(gf_cohort *k, size_t lane, double amount, double cost)
{
    const size_t at = lane * (size_t)k->stride + (size_t)k->n_won[lane];
    k->won[at] = amount;
    if (k->has_follow_on)
        k->won_cost[at] = cost;
    k->n_won[lane] += amount > 0.0;
}

/* 0 on success, -1 when out of memory. */
int gf_cohort_init(gf_cohort *cohort, const gf_scenario *scenario, gf_isa isa, int lanes);
void gf_cohort_clear(gf_cohort *cohort);

/* Empties the cohort for a new block; shifts: rows of the climate that models may change (climate.h);
 * is_recorded: startup rows are wanted of it. */
void gf_cohort_begin(gf_cohort *cohort, uint64_t first_portfolio, int n_lanes, uint32_t shifts,
                     int is_recorded);

/* Before a quarter: its proceeds are empty, cleared while they are near and not all at once. */
void gf_cohort_new_quarter(gf_cohort *cohort, int quarter);

/* Counts entrants of the quarter of all lanes into n_entrants: what the plan still wants at its pace, at most
 * what the cluster offers; leaves running sums over sectors of weight × deal flow in `flow`. Returns how many
 * there are. */
size_t gf_cohort_count_entrants(gf_cohort *cohort, const gf_climate *climate, int quarter, int *n_entrants);

/* They come in; for quarters in which somebody is missing. */
void gf_cohort_enter(gf_cohort *cohort, const gf_climate *climate, int quarter, gf_events *events);

/* Qualities of n entrants, n_entrants by lane, whose words of luck are in events.word, and the weights
 * exp(γ_k z) of their hazards, to the rows that they will have. */
void gf_cohort_draw_quality(gf_cohort *cohort, const gf_luck_hot *luck, size_t n, const int *n_entrants);

/* Follow-on rounds for this quarter's graduates (events.graduates, factor = realised step-up). */
void gf_cohort_follow_on(gf_cohort *cohort, int quarter);

/* What is left at the horizon: value × horizon_share joins the winners; totals by sub-fund into
 * nav[sub_fund][lane]. */
void gf_cohort_mark_horizon(gf_cohort *cohort, const gf_market *market, double (*nav)[GF_LANES]);

/* Values the live stakes as a round would: value_live. After every quarter of a block or never, as it
 * goes by the quarter's events; a pass over all live startups, so only when it is read. */
void gf_cohort_value_live(gf_cohort *cohort);

/* The best of one portfolio's startups. */
typedef struct gf_tops {
    double sum, largest, tenth; /* value of all, of the best, of the best tenth */
    double multiple;            /* largest value over cost */
} gf_tops;

/* Hot part, compiled per instruction set. */
typedef struct gf_kernel_hot {
    /* Hazards of the quarter from climate: fills the tables that there are, advances clock. */
    void (*expose)(gf_cohort *cohort, const gf_climate *climate);
    /* Moves all startups by one quarter and fills events. */
    void (*step)(gf_cohort *cohort, const gf_climate *climate, const gf_market *market, int quarter,
                 gf_events *events);
    /* Sells and counts what waits, after the last quarter. */
    void (*finish)(gf_cohort *cohort, int quarter);
    /* Of n winners (values and costs > 0), the n_tenth largest make the best tenth. cost: NULL where all cost
     * `cheque`. May fill up to a multiple of 8. */
    void (*tops)(int n, int n_tenth, double *won, double *cost, double cheque, gf_tops *result);
    /* Sum over dates by lane. */
    void (*total)(int n_times, const double (*flows)[GF_LANES], double *total);
    /* is_share[lane]: 1 where the party's flows are its share of all partners', but for rounding, else 0. */
    void (*find_shares)(const gf_ledger *ledger, int party, double *is_share);
} gf_kernel_hot;

const gf_kernel_hot *gf_kernel_hot_table(gf_isa isa);

#endif
