/* Performance measures of cash-flow series: IRR with every root found, KS-PME, LN-PME, Direct Alpha,
 * multiples. Scalar functions for one series, and a table of lane functions (one lane = one portfolio) per
 * instruction set. Sign convention of net flows: negative is paid in, positive is received; flow t falls at
 * the end of period t. All flows must be finite: a NaN is a programmer's mistake. Nothing here returns NaN
 * without a flag beside it. */
#ifndef GF_PORTFOLIO_RETURNS_H
#define GF_PORTFOLIO_RETURNS_H

#include "base/isa.h"
#include "portfolio/climate.h"

/* Most flows of a series: 160 quarters, the opening date, and room for a terminal value. */
enum { GF_MAX_FLOWS = 200 };

/* Values of the columns *_irr_flag and direct_alpha_flag. A rate is a number only with GF_IRR_UNIQUE, else
 * NaN. */
typedef enum { GF_IRR_UNIQUE = 0, GF_IRR_NONE = 1, GF_IRR_MULTIPLE = 2 } gf_irr_flag;

/* All distinct real roots r in (−1, ∞) of Σ c_t (1+r)^−t, per period, ascending. Returns how many there are;
 * writes the first max_roots of them. Roots closer than about 1e-6 relative (double roots among them) count
 * once. 0 ≤ n ≤ GF_MAX_FLOWS. Method: sign variations of Bernstein coefficients under bisection (Descartes'
 * rule; Vincent, Collins & Akritas 1976; Lane & Riesenfeld 1981), then safeguarded Newton steps to the last
 * bits. */
int gf_irr_roots(int n, const double *flows, int max_roots, double *rates_per_period);

/* The annual rate (1+r)^periods_per_year − 1 of the only root, or NaN with a flag: no root (nothing paid in,
 * or nothing ever received: a total loss has no rate), or more than one (a double root is more than one). */
gf_irr_flag gf_irr(int n, const double *flows, double periods_per_year, double *annual_rate);

/* The flag that gf_irr() gives, without the rate and in a third of the time. */
gf_irr_flag gf_irr_count(int n, const double *flows);

/* One series in full: all amounts ≥ 0, n of each; index levels > 0 (NULL: no public index); nav ≥ 0 at the
 * last date. */
typedef struct gf_cash_flows {
    int n;
    double periods_per_year;
    const double *contributions, *distributions, *index;
    double nav;
} gf_cash_flows;

/* (distributions + NAV) / paid-in, distributions / paid-in, NAV / paid-in: TVPI = DPI + RVPI. On the flows
 * between a fund and its startups the same ratio is the gross MOIC. All are 0 if nothing was paid in. */
typedef struct gf_multiples {
    double tvpi, dpi, rvpi;
} gf_multiples;
gf_multiples gf_multiples_of(const gf_cash_flows *flows);

/* IRR per year with the NAV as last receipt. */
gf_irr_flag gf_net_irr(const gf_cash_flows *flows, double *annual_rate);

/* Kaplan & Schoar (2005): future value at the index of distributions and NAV over that of contributions; 0 if
 * nothing was paid in. */
double gf_ks_pme(const gf_cash_flows *flows);

/* Long & Nickels (1996), "index comparison method": the flows run through an account invested in the index,
 * whose balance replaces the NAV. index_nav[n] (may be NULL) is that account after each date; it can fall
 * below zero when the fund beats the index by far, the known flaw of the measure. annual_rate is the IRR with
 * that balance last. */
gf_irr_flag gf_ln_pme(const gf_cash_flows *flows, double *index_nav, double *annual_rate);

/* Gredil, Griffiths & Stucke (2014), Direct Alpha: IRR of the flows compounded at the index, per year;
 * log_alpha (may be NULL) is its continuous form ln(1 + alpha). Both NaN unless the flag is GF_IRR_UNIQUE. */
gf_irr_flag gf_direct_alpha(const gf_cash_flows *flows, double *annual_alpha, double *log_alpha);

/* A block of portfolios side by side, arrays [n_flows][lane]: lanes from n_lanes on are never read for a
 * result and never written. The NAV is a receipt at the last date; NULL: it is part of the last row of
 * distributions. index only for the PME measures. */
typedef struct gf_flow_block {
    int n_flows, n_lanes; /* 0 ≤ n_flows ≤ GF_MAX_FLOWS, 0 ≤ n_lanes ≤ GF_LANES */
    double periods_per_year;
    const double (*contributions)[GF_LANES];
    const double (*distributions)[GF_LANES];
    const double (*index)[GF_LANES];
    const double *nav;
} gf_flow_block;

/* Lane functions: the same bits from every instruction set, and a lane's result does not depend on its
 * neighbours. `flag` holds gf_irr_flag as doubles, as columns do. Rates agree with the scalar functions to
 * about 1e-12. */
typedef struct gf_returns_hot {
    const char *name;
    /* flows[n_flows][lane] net; annual_rate[lane] and flag[lane] as gf_irr() */
    void (*irr)(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double periods_per_year,
                double *annual_rate, double *flag);
    /* as gf_net_irr() */
    void (*net_irr)(const gf_flow_block *block, double *annual_rate, double *flag);
    /* as gf_direct_alpha() */
    void (*direct_alpha)(const gf_flow_block *block, double *annual_alpha, double *flag);
    /* as gf_ks_pme(): 0 if nothing was paid in, never NaN */
    void (*ks_pme)(const gf_flow_block *block, double *ks_pme);
    /* distributions with NAV over contributions, 0 if nothing was paid in, never NaN */
    void (*tvpi)(const gf_flow_block *block, double *tvpi);
} gf_returns_hot;

/* Table for an instruction set that gf_isa_available() admits. */
const gf_returns_hot *gf_returns_hot_table(gf_isa isa);

#endif
