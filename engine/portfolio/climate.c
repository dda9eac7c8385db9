/* Neutral climate and the usual ways to change it. */
#include "portfolio/climate.h"

#include <math.h>
#include <string.h>

static void fill(double (*rows)[GF_LANES], int n, double value)
{
    for (int row = 0; row < n; row++)
        for (int lane = 0; lane < GF_LANES; lane++)
            rows[row][lane] = value;
}

void gf_climate_reset(gf_climate *climate, int n_lanes, int n_sectors, uint32_t shifts)
{
    double(*const of_sectors[])[GF_LANES] = {climate->step_up, climate->entry_valuation, climate->deal_flow};
    double(*const of_all[])[GF_LANES] = {&climate->operating_cost, &climate->recovery, &climate->call_pace};
    climate->n_lanes = n_lanes;
    climate->n_sectors = n_sectors;
    climate->shifts = shifts;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        climate->hazard[cause].form = GF_UNTOUCHED;
    _Static_assert(GF_SHIFT_STEP_UP + 2 == GF_SHIFT_DEAL_FLOW &&
                       GF_SHIFT_OPERATING_COST + 2 == GF_SHIFT_CALL_PACE,
                   "shifts in the order of the rows");
    if (shifts == GF_ONLY) /* nothing beside hazards may change */
        return;
    for (int i = 0; i < 3; i++)
        if (gf_may(shifts, GF_SHIFT_STEP_UP + i))
            fill(of_sectors[i], n_sectors, 1.0);
    for (int i = 0; i < 3; i++)
        if (gf_may(shifts, GF_SHIFT_OPERATING_COST + i))
            fill(of_all[i], 1, 1.0);
    if (!gf_may(shifts, GF_SHIFT_CAPTIVE))
        return;
    fill(&climate->captive_sale, 1, 0.0);
    fill(&climate->captive_cap, 1, INFINITY);
}

void gf_climate_scale_hazard(gf_climate *climate, gf_cause cause, const double *restrict factor)
{
    gf_multiplier *m = &climate->hazard[cause];
    const int n_rows = m->form == GF_BY_SECTOR ? climate->n_sectors : 1;
    switch (m->form) {
    case GF_UNTOUCHED:
        memcpy(m->row[0], factor, sizeof m->row[0]);
        break;
    case GF_SINGLES:
        for (int lane = 0; lane < GF_LANES; lane++)
            m->row[0][lane] = (double)m->single[lane] * factor[lane];
        break;
    default:
        for (int row = 0; row < n_rows; row++)
            for (int lane = 0; lane < GF_LANES; lane++)
                m->row[row][lane] *= factor[lane];
        return;
    }
    m->form = GF_ALIKE;
}

double (*gf_climate_rows(gf_climate *climate, gf_cause cause))[GF_LANES]
{
    gf_multiplier *m = &climate->hazard[cause];
    if (m->form == GF_UNTOUCHED)
        fill(m->row, 1, 1.0);
    if (m->form == GF_SINGLES)
        for (int lane = 0; lane < GF_LANES; lane++)
            m->row[0][lane] = (double)m->single[lane];
    if (m->form != GF_BY_SECTOR)
        for (int sector = 1; sector < climate->n_sectors; sector++)
            memcpy(m->row[sector], m->row[0], sizeof m->row[0]);
    m->form = GF_BY_SECTOR;
    return m->row;
}
