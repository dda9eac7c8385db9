/* Market of a portfolio: latent AR(1) factor, exit window, public index, optional listing window. */
#ifndef GF_PORTFOLIO_MARKET_H
#define GF_PORTFOLIO_MARKET_H

#include <stdint.h>
#include "base/param.h"
#include "portfolio/climate.h"

typedef struct gf_market_params {
    double persistence;           /* φ per quarter */
    double exit_loading;          /* β of the exit window exp(β m − β²/2) */
    double index_return_per_year; /* mean log-return of the public index */
    double index_volatility_per_year;
    double index_correlation; /* of the index with the factor's innovation */
    struct {
        double close_per_year, open_per_year; /* two-state listing window; close 0: always open */
    } listing_window;
} gf_market_params;

extern const gf_param gf_market_rows[];

/* State of one block. factor is stationary N(0,1); innovation drives step-ups and the index. The market is
 * exogenous, so that its whole path is drawn when a block begins: long batches cost half as much as one of
 * GF_LANES a quarter. */
typedef struct gf_market {
    const double *factor, *innovation; /* of the quarter of the last step, by lane */
    GF_ALIGNED double index[GF_MAX_QUARTERS + 1]
                           [GF_LANES]; /* level at the start of each quarter, 1 at quarter 0 */
    double is_open[GF_LANES];          /* 1 or 0 */
    double factors[GF_MAX_QUARTERS][GF_LANES], innovations[GF_MAX_QUARTERS][GF_LANES];
    float windows[GF_MAX_QUARTERS][GF_LANES]; /* exit window: moves hazards alone, which are single as well */
    int has_innovations; /* somebody reads factor or innovation of this block; 0: they mean nothing */
    int has_index;       /* the index, which needs innovations; 0: it stays 1 */
    int is_index_still;  /* it is 1 in all rows */
} gf_market;

struct gf_draws;

/* Draws the market of lanes 0 … GF_LANES − 1 (portfolios first_portfolio + lane) for quarters
 * 0 … n_quarters − 1:
 *   m(0) = ε(0),  m(q) = φ m(q−1) + √(1−φ²) ε(q)
 *   log I(q+1) − log I(q) = μΔ + σ√Δ (ρ ε(q) + √(1−ρ²) η(q))
 * Set has_innovations and has_index before: the exit window never depends on them. */
void gf_market_begin(gf_market *market, const gf_market_params *params, const struct gf_draws *draws,
                     uint64_t seed, uint64_t first_portfolio, int n_quarters);

/* Moves to quarter `quarter` (0, 1, 2 … in turn), and puts the exit window exp(β m − β²/2) and the listing
 * window into the climate, whose hazards are neutral before. */
void gf_market_step(gf_market *market, const gf_market_params *params, uint64_t seed,
                    uint64_t first_portfolio, int quarter, gf_climate *climate);

#endif
