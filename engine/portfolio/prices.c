/* Laws of prices from the parameters of a scenario. */
#include "portfolio/prices.h"

#include <math.h>

/* Rounds lead from a stage to the next; growth and outlier have none. */
enum { GF_N_ROUNDS = GF_GROWTH };

/* Whether somebody acts on the price of a round before the startup leaves. */
static int are_rounds_seen(const gf_scenario *s)
{
    return s->startups.follow_on.rule != GF_FOLLOW_NONE ||
           s->programme.government.concession == GF_CONCESSION_BUY_BACK;
}

/* Sums over the rounds from stage `from` to stage `to` behind the prices of one startup. */
static void sum_rounds(gf_prices *p, const gf_startup_params *s, int from, int to)
{
    const int at = from * GF_STAGE_ROOM + to;
    const double rho = s->step_up.market_correlation;
    double mean = 0, variance = 0, kept = 1;
    for (int stage = from; stage < to && to <= GF_N_ROUNDS && !p->are_rounds_seen; stage++) {
        mean += log(s->step_up.median[stage]) + log(p->keep[stage]);
        variance += s->step_up.sigma[stage] * s->step_up.sigma[stage] * (1 - rho * rho);
        kept *= p->keep[stage];
    }
    p->kept[at] = kept;
    p->mean[GF_PRICE_MARK][at] = mean;
    p->sigma[GF_PRICE_MARK][at] = sqrt(variance);
    p->mean[GF_PRICE_SALE][at] = mean + log(s->sale.median);
    p->sigma[GF_PRICE_SALE][at] = sqrt(variance + s->sale.sigma * s->sale.sigma);
    p->mean[GF_PRICE_LISTING][at] = mean + log(s->listing.median);
    p->sigma[GF_PRICE_LISTING][at] = sqrt(variance + s->listing.sigma * s->listing.sigma);
}

void gf_prices_init(gf_prices *p, const gf_scenario *scenario)
{
    const gf_startup_params *s = &scenario->startups;
    const double rho = s->step_up.market_correlation;
    *p = (gf_prices){.are_rounds_seen = are_rounds_seen(scenario)};
    for (int stage = 0; stage < GF_STAGE_ROOM; stage++)
        p->keep[stage] = stage < GF_N_ROUNDS ? 1 - s->dilution[stage] : 1.0;
    for (int stage = 0; stage < GF_N_ROUNDS; stage++) {
        p->round_loading[stage] = s->step_up.sigma[stage] * rho;
        p->has_loading |= p->round_loading[stage] != 0;
        if (!p->are_rounds_seen)
            continue;
        /* follow-ons want the price itself, before dilution */
        p->round_mean[stage] =
            log(s->step_up.median[stage]) + (s->follow_on.rule == GF_FOLLOW_NONE ? log(p->keep[stage]) : 0.0);
        p->round_sigma[stage] = s->step_up.sigma[stage] * sqrt(1 - rho * rho);
    }
    for (int from = GF_SEED; from < GF_N_STAGES; from++)
        for (int to = GF_SEED; to < GF_N_STAGES; to++)
            sum_rounds(p, s, from, to);
}
