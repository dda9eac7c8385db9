/* The market of a block: latent factor, exit window, public index, listing window. */
#include "portfolio/market.h"

#include <math.h>

#include "random/draws.h"
#include "random/luck.h"

static void step_factor(gf_market *m, const gf_market_params *p, const gf_draws *draws, const double *u, int quarter)
{
    draws->normal(GF_LANES, u, m->innovation);
    const double keep = quarter == 0 ? 0.0 : p->persistence;
    const double load = sqrt(1 - keep * keep);
    for (int lane = 0; lane < GF_LANES; lane++)
        m->factor[lane] = quarter == 0 ? m->innovation[lane] : keep * m->factor[lane] + load * m->innovation[lane];
}

static void step_index(gf_market *m, const gf_market_params *p, const gf_draws *draws, const double *u, int quarter)
{
    const double drift = p->index_return_per_year / 4, volatility = p->index_volatility_per_year / 2;
    const double own = sqrt(1 - p->index_correlation * p->index_correlation);
    double noise[GF_LANES];
    draws->normal(GF_LANES, u, noise);
    for (int lane = 0; lane < GF_LANES; lane++)
        noise[lane] = drift + volatility * (p->index_correlation * m->innovation[lane] + own * noise[lane]);
    draws->exp(GF_LANES, noise, noise);
    for (int lane = 0; lane < GF_LANES; lane++) {
        if (quarter == 0)
            m->index[0][lane] = 1.0;
        m->index[quarter + 1][lane] = m->index[quarter][lane] * noise[lane];
    }
}

static void open_exit_window(const gf_market *m, const gf_market_params *p, const gf_draws *draws, gf_climate *climate)
{
    double window[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        window[lane] = p->exit_loading * m->factor[lane] - p->exit_loading * p->exit_loading / 2;
    draws->exp(GF_LANES, window, window);
    gf_climate_scale_hazard(climate, GF_ACQUIRE, window);
    gf_climate_scale_hazard(climate, GF_LIST, window);
}

/* Two-state chain in continuous time, seen at quarters: P(open | was open) = π + (1−π) e^{−(c+o)Δ}, π = o/(c+o). */
static void step_listing_window(gf_market *m, const gf_market_params *p, const double *u, int quarter, gf_climate *climate)
{
    const double close = p->listing_window.close_per_year, open = p->listing_window.open_per_year;
    const double stationary = open / (open + close), memory = quarter == 0 ? 0.0 : exp(-(open + close) / 4);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double was_open = quarter == 0 ? 0.0 : m->is_open[lane];
        m->is_open[lane] = u[lane] < stationary + (was_open - stationary) * memory ? 1.0 : 0.0;
    }
    gf_climate_scale_hazard(climate, GF_LIST, m->is_open);
}

void gf_market_step(gf_market *m, const gf_market_params *p, const gf_draws *draws, uint64_t seed, uint64_t first_portfolio,
                    int quarter, gf_climate *climate)
{
    double u[GF_LANES], v[GF_LANES];
    gf_luck_lanes(seed, first_portfolio, GF_LANES, 0, GF_LUCK_MARKET, (uint32_t)quarter, u, v);
    step_factor(m, p, draws, u, quarter);
    step_index(m, p, draws, v, quarter);
    if (p->exit_loading > 0)
        open_exit_window(m, p, draws, climate);
    if (p->listing_window.close_per_year > 0) {
        gf_luck_lanes(seed, first_portfolio, GF_LANES, 0, GF_LUCK_WINDOW, (uint32_t)quarter, u, NULL);
        step_listing_window(m, p, u, quarter, climate);
    }
}
