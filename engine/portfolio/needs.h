/* What a run must work out, decided once a workspace: what nobody reads is not computed. */
#ifndef GF_PORTFOLIO_NEEDS_H
#define GF_PORTFOLIO_NEEDS_H

#include "portfolio/columns.h"
#include "portfolio/programme.h"
#include "portfolio/scenario.h"

typedef struct gf_needs {
    int place[GF_N_COLUMNS]; /* of each engine's column among those of the layout, −1: not wanted */
    /* whether somebody reads: */
    int has_index;  /* public index; blocks with quarterly series walk it in any case */
    int has_ledger; /* settled cash flows; likewise */
    int has_rows;   /* invested, proceeds, fees and carry of it by date */
    int has_money;  /* what startups, managers and fees cost and bring */
    int has_flows;  /* flows of all partners together */
    int has_irr;    /* their IRR, which that of a party may be too */
    int has_ks_pme;
    int has_direct_alpha;
    int has_party[GF_N_PARTIES]; /* returns of a party */
    int has_pace;
    int has_tops;           /* largest holdings */
    int has_account;        /* what models report to the public account, quarter by quarter */
    int has_public_results; /* what the account comes to */
} gf_needs;

/* The engine's columns that a run of the scenario keeps, bits 1 << GF_COLUMN_*: those asked for, the flags
 * that tell when one of them is NaN, and log_weight where weights are needed. */
uint64_t gf_columns_kept(const gf_scenario *scenario);

void gf_needs_init(gf_needs *needs, const gf_scenario *scenario);

#endif
