/* What one thread needs to simulate blocks. Private to engine/portfolio. */
#ifndef GF_PORTFOLIO_WORKSPACE_H
#define GF_PORTFOLIO_WORKSPACE_H

#include "portfolio/account.h"
#include "portfolio/cohort.h"
#include "portfolio/needs.h"
#include "portfolio/portfolio.h"
#include "portfolio/returns.h"
#include "portfolio/tilt.h"

/* Compiled once per instruction set (portfolio_hot.c). */
typedef struct gf_block_hot {
    gf_status (*new_block)(gf_workspace **workspace, const gf_scenario *scenario, const gf_layout *layout,
                           gf_isa isa, gf_error *error);
    void (*free_block)(gf_workspace *workspace);
    void (*simulate)(gf_workspace *workspace, uint64_t first_portfolio, int n_lanes, const gf_sink *sink);
} gf_block_hot;

struct gf_workspace {
    const gf_block_hot *hot;
    const gf_scenario *scenario;
    const gf_layout *layout;
    gf_needs needs;
    const gf_draws *draws;
    const gf_kernel_hot *kernel;
    const gf_returns_hot *returns;
    gf_cohort cohort;
    gf_market market;
    gf_climate climate;
    uint32_t shifts; /* rows of it that models may change beside hazards; 0: any */
    gf_events events;
    gf_block block;
    gf_ledger ledger;
    void *states[GF_MAX_MODELS];
    size_t state_sizes[GF_MAX_MODELS];
    GF_ALIGNED double nav[GF_MAX_SUB_FUNDS][GF_LANES];
    double log_weight[GF_LANES];
    gf_tilt tilt;
    gf_account account;
    gf_account_result public_result;
    double net_returns[3][GF_LANES];              /* of all partners: TVPI, IRR and its flag */
    GF_ALIGNED double values[GF_LANES][GF_LANES]; /* [model column][lane] */
    const gf_model *models[GF_MAX_MODELS]; /* those of the scenario, compiled for this instruction set */
};

/* Writes the columns of the block that was just simulated. */
void gf_report_columns(gf_workspace *workspace, const gf_sink *sink);
/* Writes the columns of return_columns.h, after the engine's own. */
void gf_report_returns(gf_workspace *workspace, const gf_sink *sink);
/* Writes the series of one quarter that are known within the loop. */
void gf_report_quarter(gf_workspace *workspace, int quarter, const gf_sink *sink);
/* Writes calls and distributions of all quarters. */
void gf_report_cash(const gf_workspace *workspace, const gf_sink *sink);
/* Writes the startup rows. */
void gf_report_startups(const gf_workspace *workspace, const gf_sink *sink);

#endif
