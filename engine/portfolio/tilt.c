/* Likelihood ratios of a tilted run. */
#include "portfolio/tilt.h"

#include <math.h>

void gf_tilt_climate(double tilt, gf_climate *climate)
{
    double factor[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane] = tilt;
    gf_climate_scale_hazard(climate, GF_BREAKOUT, factor);
}

/* Tilted hazards × Δ of a startup: of breakout, and the sum. Clocks keep running sums over causes (cohort.h).
 */
static double hazards(const gf_cohort *k, uint32_t tag, double *breakout)
{
    if (!k->is_own && !k->has_tables) {
        float sum = 0;
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            sum += gf_rate(k, cause, tag);
        *breakout = (double)gf_rate(k, GF_BREAKOUT, tag);
        return (double)sum;
    }
    if (!k->is_own) {
        *breakout = (double)gf_rates(k, GF_BREAKOUT)[gf_tag_cell(tag)];
        return (double)gf_rates(k, GF_N_CAUSES - 1)[gf_tag_cell(tag)];
    }
    const uint32_t row = k->row_of[gf_tag_slot(tag)];
    double sum = 0;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        sum += gf_own_hazard(k, cause, tag, row);
    *breakout = gf_own_hazard(k, GF_BREAKOUT, tag, row);
    return sum;
}

void gf_tilt_before(gf_cohort *k, double tilt, double *log_weight)
{
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const size_t n = gf_cohort_list_live(k, lane, 0);
        for (size_t i = 0; i < n; i++) {
            double breakout;
            hazards(k, k->events.tag[i], &breakout);
            log_weight[lane] += breakout * (1 - 1 / tilt);
        }
    }
}

void gf_tilt_after(const gf_cohort *k, double tilt, double *log_weight)
{
    const gf_event_buffer *e = &k->events;
    for (size_t i = 0; i < e->n; i++) {
        double breakout;
        const double tilted = hazards(k, e->tag[i], &breakout), excess = breakout * (1 - 1 / tilt);
        const double plain = tilted - excess;
        if (plain <= 0 && e->cause[i] != GF_BREAKOUT)
            continue; /* cannot be: without hazard there is no event of that cause */
        /* (1−e^−Λ)/Λ is 1 at Λ = 0 */
        const double p = plain > 0 ? -expm1(-plain) / plain : 1.0, q = -expm1(-tilted) / tilted;
        log_weight[gf_tag_lane(e->tag[i])] +=
            log(p / q) - excess - (e->cause[i] == GF_BREAKOUT ? log(tilt) : 0.0);
    }
}
