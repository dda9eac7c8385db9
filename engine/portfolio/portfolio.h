/* One block of portfolios, side by side in lanes: climate → startups → events → models → cash flows →
 * columns. */
#ifndef GF_PORTFOLIO_PORTFOLIO_H
#define GF_PORTFOLIO_PORTFOLIO_H

#include <stddef.h>
#include <stdint.h>

#include "base/isa.h"
#include "base/status.h"
#include "portfolio/columns.h"
#include "portfolio/scenario.h"

/* Per-quarter values that /quarters reports, before those of the models. X(id, name, unit, long name) */
#define GF_SERIES_LIST(X)                                                                                    \
    X(CALLS, "calls", "CNY million", "called from all partners at the start of the quarter")                 \
    X(DISTRIBUTIONS, "distributions", "CNY million", "paid to all partners at the end of the quarter")       \
    X(NAV, "nav", "CNY million", "live stakes as a round would value them, end of the quarter")              \
    X(LIVE, "live", "1", "live startups at the end of the quarter")                                          \
    X(FACTOR, "market_factor", "1", "latent market factor")                                                  \
    X(INDEX, "index", "1", "public index at the end of the quarter, 1 at the start")                         \
    X(BREAKOUT, "climate_breakout", "1", "climate multiplier of the breakout hazard, mean over sectors")     \
    X(LIST, "climate_list", "1", "climate multiplier of the listing hazard, mean over sectors")              \
    X(ACQUIRE, "climate_acquire", "1", "climate multiplier of the acquisition hazard, mean over sectors")    \
    X(FAIL, "climate_fail", "1", "climate multiplier of the failure hazard, mean over sectors")              \
    X(GRADUATE, "climate_graduate", "1", "climate multiplier of the graduation hazard, mean over sectors")
#define GF_SERIES_ENUM(id, name, unit, long_name) GF_SERIES_##id,
enum { GF_SERIES_LIST(GF_SERIES_ENUM) GF_N_SERIES };
#undef GF_SERIES_ENUM

/* Startup rows of sampled portfolios: X(id, name, unit, integer, long name) */
#define GF_STARTUP_COLUMN_LIST(X)                                                                            \
    X(PORTFOLIO, "portfolio", "1", GF_INDEX, "index of the portfolio")                                       \
    X(STARTUP, "startup", "1", 1, "index of the startup in its portfolio")                                   \
    X(SECTOR, "sector", "1", 1, "index of its sector")                                                       \
    X(SUB_FUND, "sub_fund", "1", 1, "index of the sub-fund that holds it")                                   \
    X(ENTRY_QUARTER, "entry_quarter", "quarter", 1, "quarter of entry, -1: never funded")                    \
    X(EXIT_QUARTER, "exit_quarter", "quarter", 1, "quarter of the exit, -1: held at the horizon")            \
    X(FATE, "fate", "1", 1, "0 breakout, 1 listed, 2 acquired, 3 failed, 4 held, 5 never funded")            \
    X(LAST_STAGE, "last_stage", "1", 1, "stage when it left: 0 seed to 4 growth, 5 outlier")                 \
    X(COST, "cost", "CNY million", 0, "paid into it, follow-ons included")                                   \
    X(VALUE, "value", "CNY million", 0, "received or held for it")                                           \
    X(QUALITY, "quality", "1", 0, "standard normal quality z")
enum { GF_FATE_HELD = GF_GRADUATE, GF_FATE_NEVER_FUNDED }; /* beside the causes of leaving */
#define GF_STARTUP_ENUM(id, name, unit, integer, long_name) GF_STARTUP_##id,
enum { GF_STARTUP_COLUMN_LIST(GF_STARTUP_ENUM) GF_N_STARTUP_COLUMNS };
#undef GF_STARTUP_ENUM

/* Columns of a scenario: those of the engine that it asks for in the order of columns.h, then those of
 * output.returns: all, then those of its models named <model>_<name>. Series likewise, the engine's all. */
typedef struct gf_layout {
    int n_columns, n_series;
    int n_engine_columns; /* how many of columns.h come first */
    gf_column *columns;   /* [n_columns] */
    gf_column *series;    /* [n_series] */
} gf_layout;

gf_status gf_layout_init(gf_layout *layout, const gf_scenario *scenario, gf_error *error);
void gf_layout_clear(gf_layout *layout);
/* Place of the column of that name, or -1. */
int gf_layout_find(const gf_layout *layout, const char *name);

/* Where a block's results go. Lane l writes columns[c * stride + l], series[(s * n_quarters + q) * stride +
 * l], startups[(k * n_startups + i) * stride + l]. series and startups may be NULL. */
typedef struct gf_sink {
    double *columns, *series, *startups;
    size_t columns_stride, series_stride, startups_stride;
} gf_sink;

/* Memory of one thread; O(startups of a block), independent of the number of portfolios. */
typedef struct gf_workspace gf_workspace;
gf_status gf_workspace_new(gf_workspace **workspace, const gf_scenario *scenario, const gf_layout *layout,
                           gf_isa isa, gf_error *error);
void gf_workspace_free(gf_workspace *workspace);

/* Lanes of a block for this scenario, 1 … GF_LANES: fewer when portfolios are large, so that a block stays in
 * cache. */
int gf_workspace_lanes(const gf_scenario *scenario);

/* Simulates portfolios first … first + n_lanes − 1. Cannot fail. The result of a portfolio does not depend on
 * the block that it is simulated in. */
void gf_simulate(gf_workspace *workspace, uint64_t first_portfolio, int n_lanes, const gf_sink *sink);

/* All money of the last block whose columns or series needed it, for tests and tools. */
const gf_ledger *gf_workspace_ledger(gf_workspace *workspace);

#endif
