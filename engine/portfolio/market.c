/* The market of a block: latent factor, exit window, public index, listing window. */
#include "portfolio/market.h"

#include <math.h>
#include <string.h>

#include "random/draws.h"
#include "random/luck.h"

/* So many quarters are drawn and walked together: draws come in long batches, and what a step leaves is still
 * in the nearest cache when the next one wants it. Even, as two quarters share an address. */
enum { TOGETHER = 10 };

/* Quarters from `first` to before `end`. */
typedef struct span {
    int first, end;
} span;

static size_t n_values(span s)
{
    return (size_t)(s.end - s.first) * GF_LANES;
}

/* ε, and η into the room of the windows, which need it later. */
static void draw_noise(gf_market *m, uint64_t seed, uint64_t first_portfolio, span s)
{
    double *u[TOGETHER / 2][4] = {{NULL}};
    for (int q = s.first; q < s.end; q++) {
        const int i = q - s.first;
        u[i / 2][i % 2 * 2] = m->innovations[q];
        u[i / 2][i % 2 * 2 + 1] = m->has_index ? m->windows[q] : NULL;
    }
    gf_luck_lanes_narrow(seed, first_portfolio, GF_LANES, 0, GF_LUCK_MARKET, (uint32_t)s.first / 2,
                         (s.end - s.first + 1) / 2, (double *const(*)[4])u);
}

static void walk_factor(gf_market *m, const gf_market_params *p, span s)
{
    const double keep = p->persistence, load = sqrt(1 - keep * keep);
    if (s.first == 0)
        memcpy(m->factors[0], m->innovations[0], sizeof m->factors[0]);
    for (int q = s.first > 0 ? s.first : 1; q < s.end; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->factors[q][lane] = keep * m->factors[q - 1][lane] + load * m->innovations[q][lane];
}

/* The windows hold η on entry, the index's growth factors on return. */
static void walk_index(gf_market *m, const gf_market_params *p, const gf_draws *draws, span s)
{
    const double drift = p->index_return_per_year / 4, volatility = p->index_volatility_per_year / 2;
    const double own = sqrt(1 - p->index_correlation * p->index_correlation);
    double(*growth)[GF_LANES] = m->windows;
    for (int q = s.first; q < s.end; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            growth[q][lane] =
                drift + volatility * (p->index_correlation * m->innovations[q][lane] + own * growth[q][lane]);
    draws->exp(n_values(s), growth[s.first], growth[s.first]);
    for (int lane = 0; lane < GF_LANES && s.first == 0; lane++)
        m->index[0][lane] = 1.0;
    for (int q = s.first; q < s.end; q++)
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

static void open_windows(gf_market *m, const gf_market_params *p, const gf_draws *draws, span s)
{
    for (int q = s.first; q < s.end; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->windows[q][lane] =
                p->exit_loading * m->factors[q][lane] - p->exit_loading * p->exit_loading / 2;
    draws->exp(n_values(s), m->windows[s.first], m->windows[s.first]);
}

void gf_market_begin(gf_market *m, const gf_market_params *p, const gf_draws *draws, uint64_t seed,
                     uint64_t first_portfolio, int n_quarters)
{
    for (int q = 0; q < n_quarters; q += TOGETHER) {
        const span s = {q, q + TOGETHER < n_quarters ? q + TOGETHER : n_quarters};
        draw_noise(m, seed, first_portfolio, s);
        draws->normal(n_values(s), m->innovations[q], m->innovations[q]);
        walk_factor(m, p, s);
        if (m->has_index) {
            draws->normal(n_values(s), m->windows[q], m->windows[q]);
            walk_index(m, p, draws, s);
        }
        if (p->exit_loading > 0)
            open_windows(m, p, draws, s);
    }
    if (m->has_index)
        m->is_index_still = 0;
    else
        still_index(m);
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
        gf_climate_set_hazard(climate, GF_ACQUIRE, m->windows[quarter]);
        gf_climate_set_hazard(climate, GF_LIST, m->windows[quarter]);
    }
    if (p->listing_window.close_per_year > 0) {
        double u[GF_LANES];
        gf_luck_lanes(seed, first_portfolio, GF_LANES, 0, GF_LUCK_WINDOW, (uint32_t)quarter, u, NULL);
        step_listing_window(m, p, u, quarter, climate);
    }
}
