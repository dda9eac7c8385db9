/* Likelihood ratios of a tilted run. */
#include "portfolio/tilt.h"

#include <math.h>
#include <string.h>

void gf_tilt_climate(double tilt, gf_climate *climate)
{
    double factor[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane] = tilt;
    gf_climate_scale_hazard(climate, GF_BREAKOUT, factor);
}

/* Whether qualities make breakouts likelier or not. */
static int are_weighted(const gf_cohort *k)
{
    return k->is_own && k->own_order[GF_BREAKOUT] >= k->n_plain;
}

/* How much likelier quality makes a startup's breakout. */
static inline double weight_of(const gf_cohort *k, size_t slot, int weighted)
{
    return weighted ? (double)k->weight[k->own_order[GF_BREAKOUT]][k->row_of[slot]] : 1.0;
}

/* Tilted breakout hazard × Δ of a cell, without quality. */
static inline double breakout_of(const gf_cohort *k, uint32_t cell)
{
    if (!k->is_own)
        return (double)(k->has_tables ? gf_rates(k, GF_BREAKOUT)[cell] : gf_rate(k, GF_BREAKOUT, cell));
    const int place = k->own_order[GF_BREAKOUT], lane = (int)gf_tag_lane(cell);
    return (double)(k->own_stage[place][gf_tag_stage(cell)] *
                    (k->has_tables ? gf_own_factors(k, lane, place)[gf_tag_sector(cell)]
                                   : k->factor[GF_BREAKOUT][lane]));
}

/* Tilted hazards × Δ of a startup, all causes together. Clocks keep running sums over causes (cohort.h). */
static inline double hazard_of(const gf_cohort *k, uint32_t tag)
{
    if (k->is_own) {
        const uint32_t row = k->row_of[gf_tag_slot(tag)];
        double sum = 0;
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            sum += gf_own_hazard(k, cause, tag, row);
        return sum;
    }
    if (k->has_tables)
        return (double)gf_rates(k, GF_N_CAUSES - 1)[gf_tag_cell(tag)];
    float sum = 0;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        sum += gf_rate(k, cause, tag);
    return (double)sum;
}

void gf_tilt_begin(gf_tilt *state, const gf_cohort *k)
{
    memset(state->at_risk, 0, (size_t)k->n_sectors * GF_SECTOR_CELLS * sizeof *state->at_risk);
    memset(state->n_taken, 0, sizeof state->n_taken);
}

/* Those that came in this quarter. */
static void take_in(gf_tilt *state, const gf_cohort *k)
{
    const int weighted = are_weighted(k), has_sectors = k->n_sectors > 1;
    for (int lane = 0; lane < k->n_lanes; lane++)
        for (int i = state->n_taken[lane]; i < k->n_entered[lane]; i++) {
            const size_t slot = (size_t)(lane * k->stride + i);
            const uint32_t cell =
                gf_tag(lane, 0, has_sectors ? k->record[slot].sector : 0, k->entry_stage[slot]);
            state->at_risk[cell] += weight_of(k, slot, weighted);
        }
    memcpy(state->n_taken, k->n_entered, sizeof state->n_taken);
}

void gf_tilt_before(gf_tilt *state, const gf_cohort *k, double tilt, double *log_weight)
{
    const double excess = 1 - 1 / tilt;
    take_in(state, k);
    for (int sector = 0; sector < k->n_sectors; sector++)
        for (int lane = 0; lane < k->n_lanes; lane++)
            for (int stage = 0; stage < k->n_stages; stage++) {
                const uint32_t cell = gf_tag(lane, 0, sector, stage);
                log_weight[lane] += state->at_risk[cell] * breakout_of(k, cell) * excess;
            }
}

/* log((1 − e^−x)/x) = −x/2 + log(sinh(x/2)/(x/2)); of the last the series by Bernoulli numbers (DLMF 4.19.7
 * with an imaginary argument), to 1e-15 for x ≤ 1. */
enum { N_SERIES = 8 };
static const double log_sinh[N_SERIES] = {1.0 / 24,
                                          -1.0 / 2880,
                                          1.0 / 181440,
                                          -1.0 / 9676800,
                                          1.0 / 479001600,
                                          -691.0 / 15692092416000.0,
                                          1.0 / 1046139494400.0,
                                          -3617.0 / 170729965486080000.0};
static const double series_end = 1.0;

static inline double log_chance_over_hazard(double x)
{
    const double square = x * x;
    double sum = 0;
    for (int i = N_SERIES - 1; i >= 0; i--)
        sum = sum * square + log_sinh[i];
    return sum * square - 0.5 * x;
}

/* The same beyond the series. */
static double log_chance_over_large(double x)
{
    return log(-expm1(-x) / x);
}

/* Logarithms of (1−e^−Λ)/Λ ÷ (1−e^−Λ')/Λ', plain over tilted, times e^−excess: of n events. */
static void correct(size_t n, const double *restrict tilted, const double *restrict excess,
                    double *restrict log_ratio)
{
    double n_large = 0;
#pragma omp simd reduction(+ : n_large)
    for (size_t i = 0; i < n; i++) {
        const double plain = tilted[i] - excess[i];
        log_ratio[i] = log_chance_over_hazard(plain) - log_chance_over_hazard(tilted[i]) - excess[i];
        const double larger = tilted[i] > plain ? tilted[i] : plain;
        n_large += larger > series_end ? 1.0 : 0.0;
    }
    for (size_t i = 0; i < n && n_large > 0; i++) {
        const double plain = tilted[i] - excess[i];
        if (tilted[i] > series_end || plain > series_end)
            log_ratio[i] = (plain > 0 ? log_chance_over_large(plain) : 0.0) -
                           log_chance_over_large(tilted[i]) - excess[i];
    }
}

void gf_tilt_after(gf_tilt *state, const gf_cohort *k, double tilt, double *log_weight)
{
    const gf_event_buffer *e = &k->events;
    const int weighted = are_weighted(k), are_held = k->n_stages == GF_N_STAGES;
    const double beyond = 1 - 1 / tilt, of_breakout = log(tilt);
    double *tilted = e->uniform, *excess = e->z, *log_ratio = e->returned;
    for (size_t i = 0; i < e->n; i++) {
        const uint32_t tag = e->tag[i], cell = gf_tag_cell(tag);
        const double weight = weight_of(k, gf_tag_slot(tag), weighted);
        tilted[i] = hazard_of(k, tag);
        excess[i] = weight * breakout_of(k, cell) * beyond;
        state->at_risk[cell] -= weight;
        if (e->cause[i] == GF_GRADUATE)
            state->at_risk[cell + GF_NEXT_STAGE] += weight;
        else if (e->cause[i] == GF_BREAKOUT && are_held)
            state->at_risk[cell + (GF_OUTLIER - gf_tag_stage(tag)) * GF_NEXT_STAGE] += weight;
    }
    correct(e->n, tilted, excess, log_ratio);
    for (size_t i = 0; i < e->n; i++)
        log_weight[gf_tag_lane(e->tag[i])] += log_ratio[i] - (e->cause[i] == GF_BREAKOUT ? of_breakout : 0.0);
}
