/* Reinvestment duty, recycling and loss tolerance. */
#include "portfolio/pace.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/poisson.h"

void gf_pace_begin(gf_cohort *k)
{
    const double share = k->pace.local_share;
    const size_t used = (size_t)k->n_sub_funds * sizeof k->pace.kept[0];
    memset(&k->pace, 0, offsetof(gf_pace, recycled));
    memset(k->pace.recycled, 0, used);
    memset(k->pace.kept, 0, used);
    k->pace.local_share = share;
    k->pace.has_tolerance = isfinite(k->scenario->programme.loss_tolerance.threshold);
    k->pace.has_recycling = k->scenario->programme.recycling.share > 0;
}

void gf_pace_apply(const gf_cohort *k, gf_climate *climate)
{
    const gf_tolerance_params *p = &k->scenario->programme.loss_tolerance;
    const struct {
        gf_cause cause;
        double factor;
    } changes[] = {{GF_FAIL, p->fail}, {GF_GRADUATE, p->graduate}, {GF_BREAKOUT, p->breakout}};
    double factor[GF_LANES];
    for (int i = 0; i < 3; i++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            factor[lane] = k->pace.is_past_tolerance[lane] > 0 ? changes[i].factor : 1.0;
        gf_climate_scale_hazard(climate, changes[i].cause, factor);
    }
    for (int lane = 0; lane < GF_LANES; lane++)
        climate->call_pace[lane] *= k->pace.is_past_tolerance[lane] > 0 ? p->pace : 1.0;
}

/* Local startups on offer this quarter. */
static double local_supply(const gf_cohort *k, const gf_climate *climate, int quarter, int lane)
{
    const double per_year = k->scenario->programme.reinvestment.local_deal_flow_per_year;
    double flow = 0, u;
    if (!isfinite(per_year))
        return INFINITY;
    for (int sector = 0; sector < k->n_sectors; sector++)
        flow += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
    gf_luck_lanes(k->seed, k->first_portfolio + (uint64_t)lane, 1, 0, GF_LUCK_LOCAL, (uint32_t)quarter, &u,
                  NULL);
    return gf_poisson_inverse(u, per_year / 4 * flow);
}

int gf_pace_admit(gf_cohort *k, const gf_climate *climate, int quarter, int lane, int wanted)
{
    gf_pace *p = &k->pace;
    const int entered = k->n_entered[lane];
    p->haircut[lane] = 0;
    if (wanted <= 0)
        return wanted;
    int n_local = 0, before_first = wanted;
    for (int i = 0; i < wanted; i++)
        if (gf_pace_is_local(p, entered + i)) {
            before_first = n_local == 0 ? i : before_first;
            n_local++;
        }
    const double supply = n_local > 0 ? local_supply(k, climate, quarter, lane) : INFINITY;
    if (supply <= 0)
        wanted = before_first;
    else if (supply < n_local)
        p->haircut[lane] = k->scenario->programme.reinvestment.adverse_selection * (1 - supply / n_local);
    p->local_invested[lane] += supply > 0 ? k->cheque * n_local : 0.0;
    return wanted;
}

/* Exits that can be kept at a date: carry of a deal-by-deal waterfall has the first claim on them. */
void gf_pace_keep(gf_cohort *k, int quarter)
{
    const gf_recycling_params *p = &k->scenario->programme.recycling;
    if ((quarter + 1) / 4.0 > p->years)
        return;
    const double room = p->share * k->scenario->scene.commitment_cny_m / k->n_sub_funds;
    const double free_share = k->is_american ? 1 - k->scenario->programme.terms.carry : 1.0;
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int lane = 0; lane < k->n_lanes; lane++) {
            const size_t at = gf_flow_index(fund, quarter, lane);
            const double amount = fmin(free_share * k->proceeds[at], room - k->pace.recycled[fund][lane]);
            k->retained[at] += amount;
            k->pace.recycled[fund][lane] += amount;
            k->pace.kept[fund][lane] += amount;
            k->reserve[fund][lane] += amount;
        }
}

void gf_pace_spend(gf_cohort *k, int fund, int lane, int date, double amount)
{
    const double spent = fmin(amount, k->pace.kept[fund][lane]);
    k->pace.kept[fund][lane] -= spent;
    k->spent[gf_flow_index(fund, date, lane)] += spent;
}

/* The window closes at date `date`: what is left goes to partners. */
static void release(gf_cohort *k, int date)
{
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int lane = 0; lane < k->n_lanes; lane++) {
            k->released[gf_flow_index(fund, date, lane)] += k->pace.kept[fund][lane];
            k->reserve[fund][lane] = fmax(0.0, k->reserve[fund][lane] - k->pace.kept[fund][lane]);
            k->pace.kept[fund][lane] = 0;
        }
}

/* Cheques that the plan foresees and that have not been paid wait, a quarter of a year. */
static void add_idle(gf_cohort *k)
{
    if (k->n_missing == 0)
        return;
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double planned = k->planned[lane] < k->n_startups ? k->planned[lane] : k->n_startups;
        const double late = floor(planned + 1e-9) - k->n_entered[lane];
        k->pace.idle[lane] += 0.25 * k->cheque * (late > 0 ? late : 0.0);
    }
}

static void add_losses(gf_cohort *k, const gf_events *events)
{
    const double most = k->scenario->programme.loss_tolerance.threshold * k->scenario->scene.commitment_cny_m;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        k->pace.lost[lane] += events->cost_lost_cny_m[lane];
        if (k->pace.lost[lane] > most)
            k->pace.is_past_tolerance[lane] = 1;
    }
}

void gf_pace_observe(gf_cohort *k, const gf_events *events, int quarter)
{
    const gf_recycling_params *p = &k->scenario->programme.recycling;
    add_idle(k);
    if (k->pace.has_tolerance)
        add_losses(k, events);
    const int closes = p->share > 0 && (quarter + 1 == k->n_quarters || (quarter + 2) / 4.0 > p->years);
    if (closes)
        release(k, quarter + 1);
}
