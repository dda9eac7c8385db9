/* Fixtures of tests that simulate: a shipped config with overrides, one block of it, its columns and its
 * ledger. */
#ifndef GF_TESTS_SCENARIO_FIXTURE_H
#define GF_TESTS_SCENARIO_FIXTURE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"
#include "portfolio/portfolio.h"

typedef struct fixture {
    gf_config config;
    gf_layout layout;
    gf_workspace *workspace;
    double *columns; /* [n_columns][GF_LANES] */
} fixture;

enum { FIXTURE_MOST_OVERRIDES = 32 };

/* With all columns, unless an override says otherwise. */
static inline void fixture_open(fixture *f, const char *config, int n, const char *const *overrides)
{
    char path[4096];
    const char *settings[FIXTURE_MOST_OVERRIDES] = {"output.columns=all"};
    for (int i = 0; i < n && i + 1 < FIXTURE_MOST_OVERRIDES; i++)
        settings[i + 1] = overrides[i];
    gf_error error = {GF_OK, ""};
    gf_error_list errors = {0};
    const char *source = getenv("GF_SOURCE");
    memset(f, 0, sizeof *f);
    snprintf(path, sizeof path, "%s/configs/%s", source != NULL ? source : ".", config);
    if (n >= FIXTURE_MOST_OVERRIDES || gf_config_read(path, n + 1, settings, &f->config, &errors) != GF_OK) {
        gf_errors_print(&errors, stderr);
        abort();
    }
    if (gf_layout_init(&f->layout, &f->config.scenario, &error) != GF_OK ||
        gf_workspace_new(&f->workspace, &f->config.scenario, &f->layout, gf_isa_detect(), &error) != GF_OK) {
        fprintf(stderr, "%s\n", error.message);
        abort();
    }
    f->columns = calloc((size_t)f->layout.n_columns * GF_LANES, sizeof *f->columns);
}

/* Simulates portfolios first … first + n_lanes − 1; returns the ledger. */
static inline const gf_ledger *fixture_run(fixture *f, uint64_t first, int n_lanes)
{
    const gf_sink sink = {.columns = f->columns, .columns_stride = GF_LANES};
    gf_simulate(f->workspace, first, n_lanes, &sink);
    return gf_workspace_ledger(f->workspace);
}

static inline double fixture_value(const fixture *f, const char *column, int lane)
{
    for (int c = 0; c < f->layout.n_columns; c++)
        if (strcmp(f->layout.columns[c].name, column) == 0)
            return f->columns[(size_t)c * GF_LANES + (size_t)lane];
    fprintf(stderr, "no column %s\n", column);
    abort();
}

static inline void fixture_close(fixture *f)
{
    gf_workspace_free(f->workspace);
    gf_layout_clear(&f->layout);
    gf_config_clear(&f->config);
    free(f->columns);
}

/* Largest gap between money in and money out over all dates, lanes and accounts, over the programme's size.
 */
static inline double ledger_gap(const gf_ledger *g, int n_lanes, double size)
{
    double gap = 0;
    int is_recycling = 0;
    for (int t = 0; t < g->n_times; t++)
        for (int lane = 0; lane < n_lanes; lane++)
            is_recycling |= g->kept[t][lane] != 0;
    for (int lane = 0; lane < n_lanes; lane++) {
        double nav = -g->stakes[lane] + g->carry_accrued[lane], kept = 0;
        for (int t = 0; t < g->n_times; t++) {
            double sum = g->proceeds[t][lane] - g->invested[t][lane] - g->fees[t][lane] - g->carry[t][lane] -
                         g->kept[t][lane];
            double called = -g->invested[t][lane] - g->fees[t][lane] - g->transfer[t][lane];
            for (int party = 0; party < GF_N_PARTIES; party++) {
                sum += g->call[party][t][lane] - g->distribution[party][t][lane];
                called += g->call[party][t][lane];
            }
            kept += g->kept[t][lane];
            gap = fmax(gap, fabs(sum));
            if (!is_recycling)
                gap = fmax(gap, fabs(called));
        }
        gap = fmax(gap, fabs(kept));
        for (int party = 0; party < GF_N_PARTIES; party++)
            nav += g->nav[party][lane];
        gap = fmax(gap, fabs(nav));
    }
    return gap / size;
}

#endif
