/* Neutral climate and the usual ways to change it. */
#include "portfolio/climate.h"

#include <math.h>

static void fill(double *values, int n, double value)
{
    for (int i = 0; i < n; i++)
        values[i] = value;
}

void gf_climate_reset(gf_climate *climate, int n_lanes, int n_sectors)
{
    climate->n_lanes = n_lanes;
    climate->n_sectors = n_sectors;
    for (int sector = 0; sector < n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            fill(climate->hazard[cause][sector], GF_LANES, 1.0);
        fill(climate->step_up[sector], GF_LANES, 1.0);
        fill(climate->entry_valuation[sector], GF_LANES, 1.0);
        fill(climate->deal_flow[sector], GF_LANES, 1.0);
    }
    fill(climate->operating_cost, GF_LANES, 1.0);
    fill(climate->recovery, GF_LANES, 1.0);
    fill(climate->call_pace, GF_LANES, 1.0);
    fill(climate->captive_sale, GF_LANES, 0.0);
    fill(climate->captive_cap, GF_LANES, INFINITY);
}

void gf_climate_scale_hazard(gf_climate *climate, gf_cause cause, const double *factor)
{
    for (int sector = 0; sector < climate->n_sectors; sector++)
        for (int lane = 0; lane < GF_LANES; lane++)
            climate->hazard[cause][sector][lane] *= factor[lane];
}
