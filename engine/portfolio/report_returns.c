/* Fills the columns of return_columns.h. */
#include <math.h>
#include <string.h>

#include "portfolio/return_columns.h"
#include "portfolio/workspace.h"

const gf_column gf_return_columns[GF_N_RETURN_COLUMNS] = {
#define GF_RETURN_COLUMN_ROW(id, name, unit, integer, flag, long_name) {name, unit, long_name, integer, flag},
    GF_RETURN_COLUMN_LIST(GF_RETURN_COLUMN_ROW)
#undef GF_RETURN_COLUMN_ROW
};

static double *place(const gf_workspace *w, const gf_sink *sink, int which)
{
    return sink->columns + (size_t)(w->layout->n_engine_columns + which) * sink->columns_stride;
}

/* The series of one lane, out of the lanes' rows. */
typedef struct lane_flows {
    double contributions[GF_MAX_QUARTERS + 1], distributions[GF_MAX_QUARTERS + 1], index[GF_MAX_QUARTERS + 1];
    gf_cash_flows flows;
} lane_flows;

/* Money of the chosen parties (bits of 1 << party); a buy-back among the chosen ones is no flow. */
static void gather(const gf_workspace *w, unsigned parties, int lane, lane_flows *f)
{
    const gf_ledger *g = &w->ledger;
    const int has_both = (parties >> GF_GOVERNMENT & 1u) && (parties >> GF_PRIVATE & 1u);
    double nav = 0;
    for (int t = 0; t < g->n_times; t++) {
        f->contributions[t] = f->distributions[t] = has_both ? -g->transfer[t][lane] : 0.0;
        f->index[t] = w->market.index[t][lane];
        for (int party = 0; party < GF_N_PARTIES; party++)
            if (parties >> party & 1u) {
                f->contributions[t] += g->call[party][t][lane];
                f->distributions[t] += g->distribution[party][t][lane];
            }
    }
    for (int party = 0; party < GF_N_PARTIES; party++)
        nav += (parties >> party & 1u) ? g->nav[party][lane] : 0.0;
    f->flows = (gf_cash_flows){.n = g->n_times,
                               .periods_per_year = 4,
                               .contributions = f->contributions,
                               .distributions = f->distributions,
                               .index = f->index,
                               .nav = nav};
}

static void put_party(const gf_workspace *w, const gf_sink *sink, int first, const lane_flows *f, int lane)
{
    const gf_multiples m = gf_multiples_of(&f->flows);
    place(w, sink, first + GF_RETURN_GOVERNMENT_DPI - GF_RETURN_GOVERNMENT_DPI)[lane] = m.dpi;
    place(w, sink, first + GF_RETURN_GOVERNMENT_RVPI - GF_RETURN_GOVERNMENT_DPI)[lane] = m.rvpi;
    place(w, sink, first + GF_RETURN_GOVERNMENT_KS_PME - GF_RETURN_GOVERNMENT_DPI)[lane] =
        gf_ks_pme(&f->flows);
    const int ln = first + GF_RETURN_GOVERNMENT_LN_PME - GF_RETURN_GOVERNMENT_DPI;
    place(w, sink, ln + 1)[lane] = gf_ln_pme(&f->flows, NULL, &place(w, sink, ln)[lane]);
    const int alpha = first + GF_RETURN_GOVERNMENT_ALPHA - GF_RETURN_GOVERNMENT_DPI;
    place(w, sink, alpha + 1)[lane] = gf_direct_alpha(&f->flows, &place(w, sink, alpha)[lane], NULL);
}

static double manager_income(const gf_ledger *g, int lane)
{
    double income = g->carry_accrued[lane] + g->nav[GF_MANAGERS][lane];
    for (int t = 0; t < g->n_times; t++)
        income += g->fees[t][lane] + g->carry[t][lane] + g->distribution[GF_MANAGERS][t][lane] -
                  g->call[GF_MANAGERS][t][lane];
    return income;
}

void gf_report_returns(gf_workspace *w, const gf_sink *sink)
{
    static const int first[GF_N_PARTIES] = {GF_RETURN_GOVERNMENT_DPI, GF_RETURN_PRIVATE_DPI,
                                            GF_RETURN_MANAGER_DPI};
    lane_flows f;
    gf_ledger_divide(&w->ledger);
    for (int lane = 0; lane < w->block.n_lanes; lane++) {
        gather(w, (1u << GF_N_PARTIES) - 1u, lane, &f);
        place(w, sink, GF_RETURN_NET_LN_PME_FLAG)[lane] =
            gf_ln_pme(&f.flows, NULL, &place(w, sink, GF_RETURN_NET_LN_PME)[lane]);
        place(w, sink, GF_RETURN_MANAGER_INCOME)[lane] = manager_income(&w->ledger, lane);
        for (int party = 0; party < GF_N_PARTIES; party++) {
            gather(w, 1u << party, lane, &f);
            put_party(w, sink, first[party], &f, lane);
            if (party == GF_MANAGERS)
                place(w, sink, GF_RETURN_MANAGER_IRR_FLAG)[lane] =
                    gf_net_irr(&f.flows, &place(w, sink, GF_RETURN_MANAGER_IRR)[lane]);
        }
    }
}
