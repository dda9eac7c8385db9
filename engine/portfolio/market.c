/* The market of a block: latent factor, exit window, public index, listing window. */
#include "portfolio/market.h"

#include <math.h>
#include <string.h>

#include "random/draws.h"
#include "random/luck.h"

/* Number of values of a block's first n_quarters rows: whole rows, so that draws come in long batches. */
static size_t rows(int n_quarters)
{
    return (size_t)n_quarters * GF_LANES;
}

static void walk_factor(gf_market *m, const gf_market_params *p, int n_quarters)
{
    const double keep = p->persistence, load = sqrt(1 - keep * keep);
    memcpy(m->factors[0], m->innovations[0], sizeof m->factors[0]);
    for (int q = 1; q < n_quarters; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->factors[q][lane] = keep * m->factors[q - 1][lane] + load * m->innovations[q][lane];
}

/* `growth` holds η on entry, the index's growth factors on return. */
static void walk_index(gf_market *m, const gf_market_params *p, const gf_draws *draws, int n_quarters,
                       double (*growth)[GF_LANES])
{
    const double drift = p->index_return_per_year / 4, volatility = p->index_volatility_per_year / 2;
    const double own = sqrt(1 - p->index_correlation * p->index_correlation);
    for (int q = 0; q < n_quarters; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            growth[q][lane] =
                drift + volatility * (p->index_correlation * m->innovations[q][lane] + own * growth[q][lane]);
    draws->exp(rows(n_quarters), growth[0], growth[0]);
    for (int lane = 0; lane < GF_LANES; lane++)
        m->index[0][lane] = 1.0;
    for (int q = 0; q < n_quarters; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->index[q + 1][lane] = m->index[q][lane] * growth[q][lane];
}

static void still_index(gf_market *m)
{
    for (int q = 0; q <= GF_MAX_QUARTERS && !m->is_index_still; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->index[q][lane] = 1.0;
    m->is_index_still = 1;
}

void gf_market_begin(gf_market *m, const gf_market_params *p, const gf_draws *draws, uint64_t seed,
                     uint64_t first_portfolio, int n_quarters)
{
    double(*other)[GF_LANES] = m->windows; /* room for η, until the windows need it */
    for (int q = 0; q < n_quarters; q += 2) {
        const int has_next = q + 1 < n_quarters;
        double *const u[4] = {m->innovations[q], m->has_index ? other[q] : NULL,
                              has_next ? m->innovations[q + 1] : NULL,
                              has_next && m->has_index ? other[q + 1] : NULL};
        gf_luck_lanes_narrow(seed, first_portfolio, GF_LANES, 0, GF_LUCK_MARKET, (uint32_t)q / 2, u);
    }
    draws->normal(rows(n_quarters), m->innovations[0], m->innovations[0]);
    walk_factor(m, p, n_quarters);
    if (m->has_index) {
        draws->normal(rows(n_quarters), other[0], other[0]);
        walk_index(m, p, draws, n_quarters, other);
        m->is_index_still = 0;
    } else
        still_index(m);
    if (p->exit_loading <= 0)
        return;
    for (int q = 0; q < n_quarters; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->windows[q][lane] =
                p->exit_loading * m->factors[q][lane] - p->exit_loading * p->exit_loading / 2;
    draws->exp(rows(n_quarters), m->windows[0], m->windows[0]);
}

/* Two-state chain in continuous time, seen at quarters: P(open | was open) = π + (1−π) e^{−(c+o)Δ}, π =
 * o/(c+o). */
static void step_listing_window(gf_market *m, const gf_market_params *p, const double *u, int quarter,
                                gf_climate *climate)
{
    const double close = p->listing_window.close_per_year, open = p->listing_window.open_per_year;
    const double stationary = open / (open + close), memory = quarter == 0 ? 0.0 : exp(-(open + close) / 4);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double was_open = quarter == 0 ? 0.0 : m->is_open[lane];
        m->is_open[lane] = u[lane] < stationary + (was_open - stationary) * memory ? 1.0 : 0.0;
    }
    gf_climate_scale_hazard(climate, GF_LIST, m->is_open);
}

void gf_market_step(gf_market *m, const gf_market_params *p, uint64_t seed, uint64_t first_portfolio,
                    int quarter, gf_climate *climate)
{
    m->factor = m->factors[quarter];
    m->innovation = m->innovations[quarter];
    if (p->exit_loading > 0) {
        gf_climate_scale_hazard(climate, GF_ACQUIRE, m->windows[quarter]);
        gf_climate_scale_hazard(climate, GF_LIST, m->windows[quarter]);
    }
    if (p->listing_window.close_per_year > 0) {
        double u[GF_LANES];
        gf_luck_lanes(seed, first_portfolio, GF_LANES, 0, GF_LUCK_WINDOW, (uint32_t)quarter, u, NULL);
        step_listing_window(m, p, u, quarter, climate);
    }
}
