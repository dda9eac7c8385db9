/* Result columns of one portfolio: name, unit, meaning. The same list drives memory, file and summary. */
#ifndef GF_PORTFOLIO_COLUMNS_H
#define GF_PORTFOLIO_COLUMNS_H

#include <stddef.h>

/* How whole numbers are kept in the file: counts as int32, indices as int64. In memory all values are
 * doubles, where both are exact. */
enum { GF_COUNT = 1, GF_INDEX = 2 };

typedef struct gf_column {
    const char *name, *unit, *long_name;
    int is_integer;   /* GF_COUNT or GF_INDEX; 0: any number, float64 in the file */
    const char *flag; /* column that tells when this one is NaN, or NULL */
} gf_column;

/* clang-format off */
/* X(id, name, unit, integer, flag, long name); a column's flag must itself be a column */
#define GF_COLUMN_LIST(X)                                                                                    \
    X(GROSS_MULTIPLE, "gross_multiple", "1", 0, NULL, "value of all stakes over their cost, before fees")     \
    X(NET_TVPI, "net_tvpi", "1", 0, NULL, "(distributions + NAV) / paid-in, to all partners, after fees and carry") \
    X(NET_DPI, "net_dpi", "1", 0, NULL, "distributions / paid-in, to all partners")                           \
    X(NET_RVPI, "net_rvpi", "1", 0, NULL, "NAV / paid-in, to all partners")                                   \
    X(NET_IRR, "net_irr", "1/year", 0, "net_irr_flag", "annual internal rate of return of all partners, NAV as last receipt") \
    X(NET_IRR_FLAG, "net_irr_flag", "1", 1, NULL, "0 unique root, 1 no root, 2 more than one root")           \
    X(KS_PME, "ks_pme", "1", 0, NULL, "Kaplan-Schoar public market equivalent of all partners")               \
    X(DIRECT_ALPHA, "direct_alpha", "1/year", 0, "direct_alpha_flag", "Direct Alpha of all partners")         \
    X(DIRECT_ALPHA_FLAG, "direct_alpha_flag", "1", 1, NULL, "as net_irr_flag, of the index-compounded flows") \
    X(GOVERNMENT_TVPI, "government_tvpi", "1", 0, NULL, "TVPI of the public purse")                           \
    X(GOVERNMENT_IRR, "government_irr", "1/year", 0, "government_irr_flag", "IRR of the public purse")        \
    X(GOVERNMENT_IRR_FLAG, "government_irr_flag", "1", 1, NULL, "as net_irr_flag")                            \
    X(PRIVATE_TVPI, "private_tvpi", "1", 0, NULL, "TVPI of private partners")                                 \
    X(PRIVATE_IRR, "private_irr", "1/year", 0, "private_irr_flag", "IRR of private partners")                 \
    X(PRIVATE_IRR_FLAG, "private_irr_flag", "1", 1, NULL, "as net_irr_flag")                                  \
    X(MANAGER_TVPI, "manager_tvpi", "1", 0, NULL, "TVPI of the managers' own commitment, carry and fees apart") \
    X(PAID_IN, "paid_in", "CNY million", 0, NULL, "called from all partners")                                 \
    X(FEES, "fees", "CNY million", 0, NULL, "management fees paid")                                           \
    X(CARRY, "carry", "CNY million", 0, NULL, "carried interest paid and accrued")                            \
    X(INVESTED, "invested", "CNY million", 0, NULL, "paid to startups")                                       \
    X(FOLLOW_ON, "follow_on", "CNY million", 0, NULL, "of which in follow-on rounds")                         \
    X(LOCAL_INVESTED, "local_invested", "CNY million", 0, NULL, "first cheques that count for the reinvestment duty") \
    X(LOCAL_DUTY, "local_duty", "CNY million", 0, NULL, "reinvestment ratio times government's contributions") \
    X(IDLE_CASH, "idle_cash", "CNY million × year", 0, NULL, "planned first cheques that found no startup in time, times the wait") \
    X(RECYCLED, "recycled", "CNY million", 0, NULL, "proceeds kept for follow-ons")                          \
    X(N_ENTERED, "n_entered", "1", 1, NULL, "startups funded")                                                \
    X(N_FAILED, "n_failed", "1", 1, NULL, "startups that failed")                                             \
    X(N_GRADUATED, "n_graduated", "1", 1, NULL, "graduations to a next stage")                                \
    X(N_ACQUIRED, "n_acquired", "1", 1, NULL, "startups sold")                                                \
    X(N_CAPTIVE, "n_captive", "1", 1, NULL, "of which to a giant")                                            \
    X(N_LISTED, "n_listed", "1", 1, NULL, "startups listed")                                                  \
    X(N_OUTLIERS, "n_outliers", "1", 1, NULL, "breakouts in the portfolio")                                   \
    X(N_AMBIENT_OUTLIERS, "n_ambient_outliers", "1", 1, NULL, "breakouts in the cluster outside the portfolio") \
    X(N_LIVE, "n_live", "1", 1, NULL, "startups still held at the horizon")                                   \
    X(FIRST_OUTLIER_QUARTER, "first_outlier_quarter", "quarter", 1, NULL, "quarter of the first breakout, -1: none") \
    X(MAX_MULTIPLE, "max_multiple", "1", 0, NULL, "largest value over cost of a startup")                     \
    X(TOP_SHARE, "top_share", "1", 0, NULL, "share of the top holding in the value of all stakes, 0 if worthless") \
    X(TOP_TENTH_SHARE, "top_tenth_share", "1", 0, NULL, "share of the best tenth of startups in that value")  \
    X(PUBLIC_OUTLAYS, "public_outlays", "CNY million", 0, NULL, "calls on government, subsidies, infrastructure, interest, principal, other spending") \
    X(PUBLIC_RECEIPTS, "public_receipts", "CNY million", 0, NULL, "distributions to government, tax, land, borrowing, other surplus") \
    X(PUBLIC_BALANCE, "public_balance", "CNY million", 0, NULL, "public receipts minus outlays to the horizon") \
    X(PUBLIC_SUBSIDIES, "public_subsidies", "CNY million", 0, NULL, "of the outlays, subsidies and infrastructure") \
    X(FISCAL_NPV, "fiscal_npv", "CNY million", 0, NULL, "net present value of the public account, with government's NAV and its debt at the horizon") \
    X(PAYBACK_QUARTER, "payback_quarter", "quarter", 1, NULL, "date at which the public balance, once negative, is back at 0 for good, -1: never") \
    X(PEAK_DEBT_RATIO, "peak_debt_ratio", "1", 0, NULL, "largest public debt over GDP, 0 if there is no debt or no GDP") \
    X(STRESS_QUARTERS, "stress_quarters", "quarter", 1, NULL, "quarters under fiscal stress")           \
    X(CLUSTER_OUTPUT, "cluster_output", "CNY million/year", 0, NULL, "output of the cluster outside the portfolio in the last quarter") \
    X(OUTPUT_GROWTH, "output_growth", "1/year", 0, NULL, "its growth since the first quarter with output, 0 if there is none") \
    X(JOBS, "jobs", "persons", 0, NULL, "jobs that the models report in the last quarter")               \
    X(LOG_WEIGHT, "log_weight", "1", 0, NULL, "logarithm of the likelihood ratio of the sampling")
/* clang-format on */

#define GF_COLUMN_ENUM(id, name, unit, integer, flag, long_name) GF_COLUMN_##id,
enum { GF_COLUMN_LIST(GF_COLUMN_ENUM) GF_N_COLUMNS };
#undef GF_COLUMN_ENUM

/* The engine's own columns, GF_N_COLUMNS of them. */
extern const gf_column gf_columns[GF_N_COLUMNS];

#endif
