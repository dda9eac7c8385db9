/* Parameters of the programme: government → mother fund → sub-funds → startups. */
#ifndef GF_PORTFOLIO_PROGRAMME_H
#define GF_PORTFOLIO_PROGRAMME_H

#include <stdint.h>
#include "base/isa.h"
#include "base/param.h"
#include "portfolio/climate.h"

enum { GF_MAX_SUB_FUNDS = 32 };
enum { GF_FEE_COMMITTED, GF_FEE_INVESTED };
enum { GF_WATERFALL_EUROPEAN, GF_WATERFALL_AMERICAN };
enum { GF_CONCESSION_NONE, GF_CONCESSION_CAP, GF_CONCESSION_SHARE, GF_CONCESSION_BUY_BACK };
enum { GF_BUY_BACK_IN_THE_MONEY, GF_BUY_BACK_ALWAYS };
enum { GF_HORIZON_HOLD, GF_HORIZON_SELL };

typedef struct gf_terms_params {
    double fee_per_year;
    double fee_years;          /* from quarter 0 */
    int64_t fee_basis;         /* on commitment, or on cost of live stakes after the step-down year */
    double fee_step_down_year; /* from this year on the fee is fee_per_year × fee_step_down_factor; infinity:
                                  never */
    double fee_step_down_factor;
    double hurdle_per_year; /* compounded */
    double carry, catch_up; /* catch_up: managers' share in the catch-up tier; 0: none (hard hurdle); NaN: 1
                               if there is a carry */
    int64_t waterfall;      /* GF_WATERFALL_* */
    int64_t clawback;       /* american: managers return what the european waterfall would not have paid */
} gf_terms_params;

/* 返投: the public purse wants `ratio` times its money invested in local startups. */
typedef struct gf_reinvestment_params {
    double ratio;
    double local_deal_flow_per_year; /* infinity: no limit */
    double adverse_selection;
} gf_reinvestment_params;

/* Proceeds of the first years are kept for follow-ons, up to a share of commitment. */
typedef struct gf_recycling_params {
    double share, years;
} gf_recycling_params;

/* 容错: when realised losses pass `threshold` of commitment, pace and risk appetite fall for the rest of the
 * life. */
typedef struct gf_tolerance_params {
    double threshold; /* infinity: never */
    double pace, fail, graduate, breakout;
} gf_tolerance_params;

/* What the public purse gives to private partners (profit concession), and what it bears for them (first
 * loss). */
typedef struct gf_government_params {
    double first_loss;        /* share of its capital that stands behind everybody else's */
    int64_t concession;       /* GF_CONCESSION_* */
    double cap_rate_per_year; /* cap: it keeps its contributions compounded at this rate, the rest goes to
                                 partners */
    double profit_share;      /* share: what it gives away of its profit */
    struct {
        double from_year, to_year; /* partners may buy it out within this window */
        double rate_per_year;      /* at contributions compounded at this rate, less what it has received */
        int64_t exercise;
    } buy_back;
} gf_government_params;

typedef struct gf_programme_params {
    double target_cny_m, raised_ratio;
    double fiscal_share;  /* of raised commitments, from the public purse */
    double manager_share; /* of raised commitments, from the managers */
    int64_t sub_funds;
    double manager_skill;       /* share of quality's variance that is the manager's */
    double invested_share;      /* of commitment in first cheques; NaN: what fees and reserve leave */
    double reserve_share;       /* of commitment for follow-ons */
    double mother_fee_per_year; /* of commitments, paid to the mother fund's manager */
    int64_t horizon;            /* what is left: held as NAV, or sold into the last distribution */
    gf_terms_params terms;
    gf_government_params government;
    gf_reinvestment_params reinvestment;
    gf_recycling_params recycling;
    gf_tolerance_params loss_tolerance;
} gf_programme_params;

extern const gf_param gf_programme_rows[];

struct gf_cohort;

typedef enum { GF_GOVERNMENT, GF_PRIVATE, GF_MANAGERS, GF_N_PARTIES } gf_party;

/* All money of the programme, CNY million, by date t = 0 … n_quarters (start of quarter t, end of quarter t −
 * 1) and lane. At every date: paid_in + proceeds = invested + fees + paid_out + carry + kept, and without
 * recycling paid_in = invested + fees. Σ call = paid_in + transfer and Σ distribution = paid_out + transfer
 * over the parties. What is kept adds up to 0 over all dates; at the last one Σ nav = partners_nav, and with
 * carry_accrued it is what the stakes are worth. A clawback is a negative carry. All 0 before the first block
 * is settled. */
typedef struct gf_ledger {
    int n_times;
    double share[GF_N_PARTIES]; /* of commitments */
    int is_plain; /* every party pays and gets its share of what all pay and get; its rows are made only where
                     they are read, by gf_ledger_divide() */
    GF_ALIGNED double paid_in[GF_MAX_QUARTERS + 1][GF_LANES], paid_out[GF_MAX_QUARTERS + 1][GF_LANES];
    double partners_nav[GF_LANES]; /* of all partners, as paid_in and paid_out */
    double call[GF_N_PARTIES][GF_MAX_QUARTERS + 1][GF_LANES];
    double distribution[GF_N_PARTIES][GF_MAX_QUARTERS + 1][GF_LANES];
    double nav[GF_N_PARTIES][GF_LANES];
    double invested[GF_MAX_QUARTERS + 1][GF_LANES], proceeds[GF_MAX_QUARTERS + 1][GF_LANES];
    double fees[GF_MAX_QUARTERS + 1][GF_LANES], carry[GF_MAX_QUARTERS + 1][GF_LANES];
    int is_summed; /* where it can be, only the totals of these four are wanted: their rows hold nothing */
    GF_ALIGNED double stakes[GF_LANES], carry_accrued[GF_LANES];
    double kept[GF_MAX_QUARTERS + 1]
               [GF_LANES]; /* added to (less: taken from) what sub-funds keep to recycle */
    double transfer[GF_MAX_QUARTERS + 1][GF_LANES]; /* paid by private partners to government in a buy-back */
    double mark[GF_MAX_QUARTERS + 1]
               [GF_LANES]; /* live stakes as a round would value them, at each date; 0 at date 0 */
    struct {
        double invested[GF_LANES], proceeds[GF_LANES], fees[GF_LANES], carry[GF_LANES], paid_in[GF_LANES],
            paid_out[GF_LANES];
    } total; /* over all dates */
} gf_ledger;

/* Terms of a sub-fund's European waterfall. */
typedef struct gf_waterfall_terms {
    double growth; /* (1 + hurdle)^(1/4), of the balance from date to date */
    double carry, catch_up;
} gf_waterfall_terms;

/* How it stands, side by side in lanes. */
typedef struct gf_waterfall {
    GF_ALIGNED double balance[GF_LANES]; /* contributions plus hurdle, less distributions */
    double behind[GF_LANES]; /* what managers lack to have their carry of all profit, times one less carry */
} gf_waterfall;

/* A sub-fund that asks for nothing but its flows: European waterfall, fees on commitment, nothing kept to be
 * recycled, stakes held at the horizon. */
typedef struct gf_plain_fund {
    gf_waterfall_terms terms;
    int is_first;      /* else what the ledger holds of other sub-funds is added to */
    const double *fee; /* by date */
    const double (*invested)[GF_LANES],
        (*proceeds)[GF_LANES]; /* by quarter; proceeds are paid a date later */
    int n_invested;            /* quarters that have rows of invested; nothing is invested in others */
    const double *nav;
} gf_plain_fund;

typedef struct gf_programme_hot {
    /* One date: the balance grows by one quarter, `call` is added, then `amount` is split. All [GF_LANES]. */
    void (*split)(const gf_waterfall_terms *terms, gf_waterfall *waterfall, const double *call,
                  const double *amount, double *carry);
    /* All dates: fills or adds to the ledger, but for what the parties have of it. */
    void (*settle)(const gf_plain_fund *fund, gf_ledger *ledger);
} gf_programme_hot;

const gf_programme_hot *gf_programme_hot_table(gf_isa isa);

/* How one deal is split when it pays `amount` at once: managers' part, for contributions `cost` whose hurdle
 * has grown to `owed`. The tiers of gf_programme_hot.split for a single date. */
double gf_deal_carry(const gf_terms_params *terms, double amount, double owed, double cost);

/* Carry of every deal of a sub-fund (american waterfall): carry[date][lane] for exits, accrued[lane] for what
 * is held. */
void gf_american_carry(const struct gf_cohort *cohort, int fund, double (*carry)[GF_LANES], double *accrued);

/* Divides what all partners pay, get and hold among the parties. Where shares are plain the rows by date wait
 * for gf_ledger_divide(). */
void gf_share_out(const gf_programme_params *params, double commitment, gf_ledger *ledger);

/* Makes the parties' rows where they are not there yet. */
void gf_ledger_divide(gf_ledger *ledger);

/* What a party pays and gets at date t, into rows [GF_LANES]. */
void gf_ledger_date(const gf_ledger *ledger, gf_party party, int t, double *call, double *distribution);

/* Fills the ledger from the cohort's money and the stakes left at the horizon, nav[sub_fund][lane]. */
void gf_programme_settle(const struct gf_cohort *cohort, const double (*nav)[GF_LANES], gf_ledger *ledger);

#endif
