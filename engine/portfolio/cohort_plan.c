/* How many startups come in: deployment plan and deal flow. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/poisson.h"

/* Quarters over which the plan spreads entries. */
static int entry_window(const gf_cohort *k)
{
    const int64_t quarters = k->scenario->startups.entry.quarters;
    return quarters < k->n_quarters ? (int)quarters : k->n_quarters;
}

/* Running sums over sectors of weight × deal flow, by lane. */
static void sum_deal_flow(const gf_cohort *k, const gf_climate *climate, double (*restrict sums)[GF_LANES])
{
    double total[GF_LANES] = {0};
    for (int sector = 0; sector < k->n_sectors; sector++) {
        const double weight = k->scenario->sector_weights[sector];
        const double *restrict flow = climate->deal_flow[sector];
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            total[lane] += weight * flow[lane];
            sums[sector][lane] = total[lane];
        }
    }
}

/* What the plan still wants of each lane this quarter. */
static void count_wanted(gf_cohort *k, const gf_climate *climate, double *restrict wanted)
{
    const double n_startups = k->n_startups, window = entry_window(k);
    double *restrict planned = k->planned;
    const int *restrict n_entered = k->n_entered;
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double now = planned[lane], next = now + climate->call_pace[lane] * n_startups / window;
        const double plan = now < n_startups ? next : now;
        planned[lane] = plan;
        wanted[lane] = (int)(gf_least(plan, n_startups) + 1e-9) - n_entered[lane];
    }
}

/* At most what is on offer, K ~ Poisson(mean) by inversion of u: of the first `wanted` sums P(K <= i) those
 * below u, which can be told from 1 but for the last of them. */
static void limit_by_offer(const gf_cohort *k, const double *restrict u, const double *restrict flow,
                           double *restrict wanted)
{
    const double most_mean = 700, most_u = 1 - 1e-9, /* e^-mean must not underflow */
        per_quarter = k->scenario->startups.entry.deal_flow_per_year / 4;
    double mean[GF_LANES], term[GF_LANES], sum[GF_LANES], offered[GF_LANES], most = 0;
    for (int lane = 0; lane < GF_LANES; lane++) {
        mean[lane] = per_quarter * flow[lane];
        term[lane] = -gf_least(mean[lane], most_mean);
        sum[lane] = offered[lane] = 0;
        most = gf_greatest(most, wanted[lane]);
    }
    k->draws->exp(GF_LANES, term, term);
    for (int i = 0; i < most; i++) {
        const double inverse = 1.0 / (i + 1);
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            sum[lane] += term[lane];
            const double is_below = sum[lane] < u[lane] ? 1.0 : 0.0;
            offered[lane] += i < wanted[lane] ? is_below : 0.0;
            term[lane] *= mean[lane] * inverse;
        }
    }
    for (int lane = 0; lane < k->n_lanes; lane++)
        if (wanted[lane] > 0)
            wanted[lane] = mean[lane] < most_mean && u[lane] < most_u
                               ? offered[lane]
                               : gf_least(wanted[lane], gf_poisson_inverse(u[lane], mean[lane]));
}

size_t gf_cohort_count_entrants(gf_cohort *k, const gf_climate *climate, int quarter, int *n_entrants)
{
    const double *flow = k->flow[k->n_sectors - 1];
    double u[GF_LANES] = {0}, wanted[GF_LANES];
    if (quarter >= entry_window(k) + (int)k->scenario->startups.entry.extension_quarters)
        return 0;
    sum_deal_flow(k, climate, k->flow);
    count_wanted(k, climate, wanted);
    if (isfinite(k->scenario->startups.entry.deal_flow_per_year)) {
        gf_luck_lanes(k->seed, k->first_portfolio, k->n_lanes, 0, GF_LUCK_DEAL_FLOW, (uint32_t)quarter, u,
                      NULL);
        limit_by_offer(k, u, flow, wanted);
    }
    size_t n = 0;
    memset(n_entrants, 0, GF_LANES * sizeof *n_entrants);
    for (int lane = 0; lane < k->n_lanes; lane++)
        n_entrants[lane] = (int)wanted[lane];
    for (int lane = 0; k->pace.local_share > 0 && lane < k->n_lanes; lane++)
        n_entrants[lane] = gf_pace_admit(k, climate, quarter, lane, n_entrants[lane]);
    for (int lane = 0; lane < k->n_lanes; lane++)
        n += (size_t)n_entrants[lane];
    return n;
}
