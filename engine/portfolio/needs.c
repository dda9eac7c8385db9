/* From the columns that are asked for to what they need. */
#include "portfolio/needs.h"

#include <string.h>

#define BIT(id) (UINT64_C(1) << GF_COLUMN_##id)

static const uint64_t multiple_columns = BIT(PAID_IN) | BIT(NET_DPI) | BIT(NET_RVPI) | BIT(NET_TVPI);
static const uint64_t rate_columns = BIT(NET_IRR) | BIT(NET_IRR_FLAG) | BIT(GOVERNMENT_IRR) |
                                     BIT(GOVERNMENT_IRR_FLAG) | BIT(PRIVATE_IRR) | BIT(PRIVATE_IRR_FLAG);
static const uint64_t party_columns[GF_N_PARTIES] = {
    [GF_GOVERNMENT] = BIT(GOVERNMENT_TVPI) | BIT(GOVERNMENT_IRR) | BIT(GOVERNMENT_IRR_FLAG),
    [GF_PRIVATE] = BIT(PRIVATE_TVPI) | BIT(PRIVATE_IRR) | BIT(PRIVATE_IRR_FLAG),
    [GF_MANAGERS] = BIT(MANAGER_TVPI),
};
static const uint64_t money_columns = BIT(GROSS_MULTIPLE) | BIT(INVESTED) | BIT(FEES) | BIT(CARRY);
static const uint64_t pace_columns =
    BIT(FOLLOW_ON) | BIT(LOCAL_INVESTED) | BIT(LOCAL_DUTY) | BIT(IDLE_CASH) | BIT(RECYCLED);
static const uint64_t public_columns = BIT(PUBLIC_OUTLAYS) | BIT(PUBLIC_RECEIPTS) | BIT(PUBLIC_BALANCE) |
                                       BIT(PUBLIC_SUBSIDIES) | BIT(FISCAL_NPV) | BIT(PAYBACK_QUARTER) |
                                       BIT(PEAK_DEBT_RATIO) | BIT(STRESS_QUARTERS) | BIT(CLUSTER_OUTPUT) |
                                       BIT(OUTPUT_GROWTH) | BIT(JOBS);

uint64_t gf_columns_kept(const gf_scenario *s)
{
    uint64_t kept = s->output.columns;
    for (int c = 0; c < GF_N_COLUMNS; c++)
        for (int flag = 0; flag < GF_N_COLUMNS && gf_columns[c].flag != NULL; flag++)
            if ((kept >> c & 1u) != 0 && strcmp(gf_columns[flag].name, gf_columns[c].flag) == 0)
                kept |= UINT64_C(1) << flag;
    return s->sampling.breakout_tilt != 1.0 ? kept | BIT(LOG_WEIGHT) : kept;
}

void gf_needs_init(gf_needs *n, const gf_scenario *s)
{
    const uint64_t kept = gf_columns_kept(s);
    const int has_all_returns = s->output.returns == GF_RETURNS_ALL;
    int n_kept = 0;
    for (int c = 0; c < GF_N_COLUMNS; c++)
        n->place[c] = (kept >> c & 1u) != 0 ? n_kept++ : -1;
    n->has_irr = (kept & rate_columns) != 0;
    n->has_ks_pme = (kept & BIT(KS_PME)) != 0;
    n->has_direct_alpha = (kept & (BIT(DIRECT_ALPHA) | BIT(DIRECT_ALPHA_FLAG))) != 0;
    n->has_flows = n->has_irr || n->has_ks_pme || n->has_direct_alpha || (kept & multiple_columns) != 0;
    for (int party = 0; party < GF_N_PARTIES; party++) {
        n->has_party[party] = (kept & party_columns[party]) != 0;
        n->has_flows |= n->has_party[party];
    }
    n->has_money = (kept & money_columns) != 0;
    n->has_pace = (kept & pace_columns) != 0;
    n->has_tops = (kept & (BIT(MAX_MULTIPLE) | BIT(TOP_SHARE) | BIT(TOP_TENTH_SHARE))) != 0;
    n->has_public_results = (kept & public_columns) != 0;
    n->has_account = n->has_public_results || (kept & BIT(N_AMBIENT_OUTLIERS)) != 0;
    n->has_ledger = n->has_flows || n->has_money || n->has_public_results || has_all_returns ||
                    (kept & BIT(LOCAL_DUTY)) != 0;
    n->has_rows = has_all_returns;
    n->has_index =
        n->has_ks_pme || n->has_direct_alpha || has_all_returns || s->startups.listing.lock_up_quarters > 0;
}
