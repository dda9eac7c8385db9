/* The public account: what the programme and its policies cost the public purse and bring it, by date.
 *
 *   outlays   calls on government, subsidies, infrastructure, interest, principal, other spending
 *   receipts  distributions to government, tax, land, borrowing, other surplus
 *   balance(t) = balance(t−1) + receipts(t) − outlays(t),  balance(−1) = 0
 *   fiscal NPV = Σ (receipts(t) − outlays(t)) (1+r)^(−t/4) + (government's NAV − debt) (1+r)^(−T/4)
 *                + opening debt
 *
 * Borrowing and repayment are flows and what is still owed at the horizon is taken off, so that debt at the
 * discount rate neither makes nor costs value. Flows of models in quarter q fall at date q + 1. */
#ifndef GF_PORTFOLIO_ACCOUNT_H
#define GF_PORTFOLIO_ACCOUNT_H

#include "base/param.h"
#include "portfolio/model.h"
#include "portfolio/programme.h"

typedef struct gf_account_params {
    double discount_rate_per_year;
} gf_account_params;

extern const gf_param gf_account_rows[];

typedef struct gf_account {
    int n_times;
    int is_used[GF_N_PUBLIC]; /* some lane had a flow: else its rows say nothing */
    GF_ALIGNED double flow[GF_N_PUBLIC][GF_MAX_QUARTERS + 1][GF_LANES]; /* of models */
    double opening_debt[GF_LANES], debt[GF_LANES], peak_debt_ratio[GF_LANES], stress_quarters[GF_LANES];
    double output[GF_LANES], first_output[GF_LANES], jobs[GF_LANES];
    double ambient_outliers[GF_LANES];
    int first_output_quarter[GF_LANES], last_output_quarter;
} gf_account;

/* What the account comes to, by lane. */
typedef struct gf_account_result {
    GF_ALIGNED double outlays[GF_LANES], receipts[GF_LANES],
        balance[GF_LANES];            /* CNY million, plain sums to the horizon */
    double subsidies[GF_LANES];       /* of which subsidies and infrastructure */
    double npv[GF_LANES];             /* fiscal NPV */
    double payback_quarter[GF_LANES]; /* first date at which the balance, once negative, is back at 0 or more;
                                         −1: never */
    double growth[GF_LANES];          /* of cluster output, per year; 0 if there is none */
} gf_account_result;

/* opening_debt[GF_LANES]: what the public purse owes before quarter 0, CNY million. */
void gf_account_begin(gf_account *account, int n_quarters, const double *opening_debt);
/* After the models observed quarter `quarter`; for all quarters or for none. */
void gf_account_record(gf_account *account, const gf_block *block, int quarter);
/* After the ledger is settled. */
void gf_account_settle(const gf_account *account, const gf_account_params *params, const gf_ledger *ledger,
                       gf_account_result *result);

#endif
