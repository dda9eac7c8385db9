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

/* Words of a span, from which ε and η come. */
typedef struct noise {
    uint32_t factor[TOGETHER][GF_LANES], index[TOGETHER][GF_LANES];
} noise;

static void draw_noise(noise *w, int has_index, uint64_t seed, uint64_t first_portfolio, span s)
{
    for (int i = 0; i < s.end - s.first; i += 2) {
        const int is_last = i + 1 == s.end - s.first;
        uint32_t *const to[4] = {w->factor[i], has_index ? w->index[i] : NULL,
                                 is_last ? NULL : w->factor[i + 1],
                                 is_last || !has_index ? NULL : w->index[i + 1]};
        gf_luck_lanes_words(seed, first_portfolio, GF_LANES, 0, GF_LUCK_MARKET, (uint32_t)(s.first + i) / 2,
                            to);
    }
}

/* Standard normals of the n words. */
static void draw_normals(const gf_draws *draws, size_t n, const uint32_t *restrict words, double *restrict z)
{
    for (size_t i = 0; i < n; i++)
        z[i] = gf_uniform_narrow(words[i]);
    draws->normal(n, z, z);
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

/* From the words of η. */
static void walk_index(gf_market *m, const gf_market_params *p, const gf_draws *draws, const noise *w, span s)
{
    const double drift = p->index_return_per_year / 4, volatility = p->index_volatility_per_year / 2;
    const double own = sqrt(1 - p->index_correlation * p->index_correlation);
    double growth[TOGETHER][GF_LANES];
    draw_normals(draws, n_values(s), w->index[0], growth[0]);
    for (int q = s.first; q < s.end; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            growth[q - s.first][lane] = drift + volatility * (p->index_correlation * m->innovations[q][lane] +
                                                              own * growth[q - s.first][lane]);
    draws->exp(n_values(s), growth[0], growth[0]);
    for (int lane = 0; lane < GF_LANES && s.first == 0; lane++)
        m->index[0][lane] = 1.0;
    for (int q = s.first; q < s.end; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->index[q + 1][lane] = m->index[q][lane] * growth[q - s.first][lane];
}

static void still_index(gf_market *m)
{
    for (int q = 0; q <= GF_MAX_QUARTERS && !m->is_index_still; q++)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->index[q][lane] = 1.0;
    m->is_index_still = 1;
}

/* From the words of ε and the factor of the quarter before the span, which becomes that of its last. */
static void open_windows(gf_market *m, const gf_market_params *p, const gf_draws *draws, const noise *w,
                         float *restrict factor, span s)
{
    const float keep = (float)p->persistence, load = (float)sqrt(1 - p->persistence * p->persistence),
                loading = (float)p->exit_loading, mean = (float)(p->exit_loading * p->exit_loading / 2);
    float z[TOGETHER][GF_LANES];
    draws->normal_single(n_values(s), w->factor[0], z[0]);
    for (int i = 0; i < s.end - s.first; i++) {
        const float kept = s.first + i == 0 ? 0.0f : keep, loaded = s.first + i == 0 ? 1.0f : load;
        for (int lane = 0; lane < GF_LANES; lane++) {
            factor[lane] = kept * factor[lane] + loaded * z[i][lane];
            z[i][lane] = loading * factor[lane] - mean;
        }
    }
    draws->exp_single(n_values(s), z[0], m->windows[s.first]);
}

void gf_market_begin(gf_market *m, const gf_market_params *p, const gf_draws *draws, uint64_t seed,
                     uint64_t first_portfolio, int n_quarters)
{
    float factor[GF_LANES] = {0};
    noise w;
    for (int q = 0; q < n_quarters; q += TOGETHER) {
        const span s = {q, q + TOGETHER < n_quarters ? q + TOGETHER : n_quarters};
        draw_noise(&w, m->has_index, seed, first_portfolio, s);
        if (p->exit_loading > 0)
            open_windows(m, p, draws, &w, factor, s);
        if (m->has_innovations) {
            draw_normals(draws, n_values(s), w.factor[0], m->innovations[q]);
            walk_factor(m, p, s);
        }
        if (m->has_index)
            walk_index(m, p, draws, &w, s);
    }
    if (m->has_index)
        m->is_index_still = 0;
    else
        still_index(m);
}

/* Two-state chain in continuous time, seen at quarters: P(open | was open) = π + (1−π) e^{−(c+o)Δ}, π =
 * o/(c+o). */
static __attribute__((noinline)) void step_listing_window(gf_market *m, const gf_market_params *p,
                                                          uint64_t seed, uint64_t first_portfolio,
                                                          int quarter, gf_climate *climate)
{
    double u[GF_LANES];
    gf_luck_lanes(seed, first_portfolio, GF_LANES, 0, GF_LUCK_WINDOW, (uint32_t)quarter, u, NULL);
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
    if (p->listing_window.close_per_year > 0)
        step_listing_window(m, p, seed, first_portfolio, quarter, climate);
}
