/* The block simulator compiled for an instruction set, behind one interface. */
#include "portfolio/workspace.h"

const gf_block_hot *gf_block_table_sse2(void);
const gf_block_hot *gf_block_table_avx2(void);
const gf_block_hot *gf_block_table_avx512(void);

static const gf_block_hot *block_table(gf_isa isa)
{
    return GF_OF_ISA(isa, gf_block_table)();
}

/* A block should stay in a core's cache: startups, events and their draws (measured: 12,288 and 24,576
 * startups are no faster). */
int gf_workspace_lanes(const gf_scenario *scenario)
{
    const int64_t lanes = 32768 / (scenario->startups.count > 0 ? scenario->startups.count : 1);
    return lanes >= GF_LANES ? GF_LANES : lanes < 1 ? 1 : (int)lanes;
}

gf_status gf_workspace_new(gf_workspace **workspace, const gf_scenario *scenario, const gf_layout *layout,
                           gf_isa isa, gf_error *error)
{
    return block_table(isa)->new_block(workspace, scenario, layout, isa, error);
}

void gf_workspace_free(gf_workspace *workspace)
{
    if (workspace != NULL)
        workspace->hot->free_block(workspace);
}

void gf_simulate(gf_workspace *workspace, uint64_t first_portfolio, int n_lanes, const gf_sink *sink)
{
    workspace->hot->simulate(workspace, first_portfolio, n_lanes, sink);
}

const gf_ledger *gf_workspace_ledger(gf_workspace *workspace)
{
    gf_ledger *ledger = &workspace->ledger;
    if (ledger->is_summed) {
        ledger->is_summed = 0;
        gf_programme_settle(&workspace->cohort, (const double(*)[GF_LANES])workspace->nav, ledger);
    }
    gf_ledger_divide(ledger);
    return ledger;
}
