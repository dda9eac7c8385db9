/* Performance measures of many portfolios side by side, compiled once per instruction set. Explicit vectors,
 * no fused multiply-add, no libm but for a fractional number of periods a year: every set gives the same
 * bits, and no lane looks at another. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "portfolio/returns.h"

extern const gf_returns_hot GF_HOT(gf_returns_table);

#include "portfolio/irr_search_hot.h"
#include "portfolio/irr_proof_hot.h"

/* Root of each lane where there is one, else 0; the flags of lanes that their balances decide, and the lanes
 * that a cut may decide. The flags of all others are negative. */
static void search(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double *factor, double *flag,
                   doubtful *open)
{
    double is_doubtful[GF_LANES];
    group g = {.n_flows = n_flows, .n_vectors = (n_lanes + K * WIDTH - 1) / (K * WIDTH) * K, .flows = flows};
    for (int from = 0; from < g.n_vectors; from += K)
        group_begin(&g, from, n_lanes);
    group_solve(&g);
    for (int at = 0; at < n_lanes; at += WIDTH) {
        const int k = at / WIDTH;
        mask is_proved, is_multiple;
        judge_balances(&g, k, &is_proved, &is_multiple);
        const mask is_open = ~(is_proved | is_multiple);
        const mask has_cut = is_open & ~g.is_dusty[k] & (g.is_found[k] | ~g.is_bracketed[k]);
        const vec proved = pick(g.is_bracketed[k], splat(GF_IRR_UNIQUE), splat(GF_IRR_NONE));
        const vec decided = pick(is_multiple, splat(GF_IRR_MULTIPLE), proved);
        store(factor + at, pick(g.is_found[k], g.x[k], splat(0.0)));
        store(flag + at, pick(is_open | g.is_dusty[k], splat(-1.0), decided));
        store(is_doubtful + at, pick(has_cut, splat(1.0), splat(0.0)));
        store(open->x + at, g.x[k]);
        store(open->first + at, g.first[k]);
        store(open->is_bracketed + at, pick(g.is_bracketed[k], splat(1.0), splat(0.0)));
    }
    collect_doubtful(open, n_flows, n_lanes, flows, is_doubtful);
}

/* A lane that is still undecided: how many roots there are, and the only one where the search has not found
 * it. */
static void solve_alone(int n_flows, const double (*flows)[GF_LANES], int lane, double *factor, double *flag)
{
    double column[GF_MAX_FLOWS], rate;
    for (int t = 0; t < n_flows; t++)
        column[t] = flows[t][lane];
    *flag = (double)gf_irr_count(n_flows, column);
    if (*flag != GF_IRR_UNIQUE || *factor > 0.0)
        return;
    *flag = (double)gf_irr(n_flows, column, 1.0, &rate);
    *factor = 1.0 / (1.0 + rate);
}

static void irr(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double periods_per_year,
                double *annual_rate, double *flag)
{
    assert(n_flows >= 0 && n_flows <= GF_MAX_FLOWS && n_lanes >= 0 && n_lanes <= GF_LANES);
    double factor[GF_LANES] = {0}, growth[GF_LANES], power[GF_LANES], found[GF_LANES];
    doubtful open;
    memset(&open, 0, offsetof(doubtful, flows));
    search(n_flows, n_lanes, flows, factor, found, &open);
    decide(n_flows, &open, found);
    for (int lane = 0; lane < n_lanes; lane++) {
        if (found[lane] < 0.0)
            solve_alone(n_flows, flows, lane, factor + lane, found + lane);
        flag[lane] = found[lane];
    }
    const int whole = (int)periods_per_year;
    for (int lane = 0; lane < GF_LANES; lane++)
        power[lane] = growth[lane] = 1.0 / factor[lane];
    for (int i = 1; i < whole; i++)
        for (int lane = 0; lane < GF_LANES; lane++)
            power[lane] *= growth[lane];
    for (int lane = 0; lane < n_lanes; lane++) {
        double yearly = whole == periods_per_year ? power[lane] : pow(growth[lane], periods_per_year);
        annual_rate[lane] = flag[lane] == GF_IRR_UNIQUE ? yearly - 1.0 : NAN;
    }
}

/* Receipt at the last date, by lane. */
static const double *nav_of(const gf_flow_block *block)
{
    static const double nothing[GF_LANES];
    return block->nav != NULL ? block->nav : nothing;
}

static void net_irr(const gf_flow_block *block, double *annual_rate, double *flag)
{
    double net[GF_MAX_FLOWS][GF_LANES];
    const double *nav = nav_of(block);
    const int n = block->n_flows;
    for (int t = 0; t < n; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            net[t][lane] = block->distributions[t][lane] - block->contributions[t][lane];
    for (int lane = 0; lane < GF_LANES && n > 0; lane++)
        net[n - 1][lane] += nav[lane];
    irr(n, block->n_lanes, (const double(*)[GF_LANES])net, block->periods_per_year, annual_rate, flag);
}

static void direct_alpha(const gf_flow_block *block, double *annual_alpha, double *flag)
{
    double net[GF_MAX_FLOWS][GF_LANES];
    const double *nav = nav_of(block);
    const int n = block->n_flows;
    for (int t = 0; t < n; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            net[t][lane] =
                (block->distributions[t][lane] - block->contributions[t][lane]) / block->index[t][lane];
    for (int lane = 0; lane < GF_LANES && n > 0; lane++)
        net[n - 1][lane] += nav[lane] / block->index[n - 1][lane];
    irr(n, block->n_lanes, (const double(*)[GF_LANES])net, block->periods_per_year, annual_alpha, flag);
}

/* received / paid where something was paid in, else 0. */
static void ratio(int n_lanes, const double *received, const double *paid, double *value)
{
    for (int lane = 0; lane < n_lanes; lane++)
        value[lane] = paid[lane] > 0.0 ? received[lane] / paid[lane] : 0.0;
}

static void ks_pme(const gf_flow_block *block, double *value)
{
    double received[GF_LANES] = {0}, paid[GF_LANES] = {0};
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            double units = 1.0 / block->index[t][lane];
            received[lane] += block->distributions[t][lane] * units;
            paid[lane] += block->contributions[t][lane] * units;
        }
    const double *nav = nav_of(block);
    for (int lane = 0; lane < GF_LANES && block->n_flows > 0; lane++)
        received[lane] += nav[lane] / block->index[block->n_flows - 1][lane];
    ratio(block->n_lanes, received, paid, value);
}

static void tvpi(const gf_flow_block *block, double *value)
{
    double received[GF_LANES] = {0}, paid[GF_LANES] = {0};
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            received[lane] += block->distributions[t][lane];
            paid[lane] += block->contributions[t][lane];
        }
    const double *nav = nav_of(block);
    for (int lane = 0; lane < GF_LANES; lane++)
        received[lane] += nav[lane];
    ratio(block->n_lanes, received, paid, value);
}

#define NAME_(isa) #isa
#define NAME(isa)  NAME_(isa)
const gf_returns_hot GF_HOT(gf_returns_table) = {NAME(GF_ISA), irr, net_irr, direct_alpha, ks_pme, tvpi};
