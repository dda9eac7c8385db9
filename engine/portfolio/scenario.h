/* A checked scenario: everything one portfolio needs, constant during a run. Built by io/config. */
#ifndef GF_PORTFOLIO_SCENARIO_H
#define GF_PORTFOLIO_SCENARIO_H

#include <stdint.h>
#include "base/param.h"
#include "portfolio/account.h"
#include "portfolio/market.h"
#include "portfolio/model.h"
#include "portfolio/programme.h"
#include "portfolio/startups.h"

enum { GF_MAX_MODELS = 32, GF_MAX_PROBABILITIES = 33 };
enum { GF_DRAWS_FAST, GF_DRAWS_GSL };
enum { GF_RETURNS_HEADLINE, GF_RETURNS_ALL };
enum { GF_KEEP_ALL, GF_KEEP_SAMPLE, GF_KEEP_NONE };

typedef struct gf_output_params {
    int64_t portfolios;                 /* GF_KEEP_*: which portfolios keep their columns */
    int64_t sample_every;               /* sample: every so many-th portfolio */
    uint64_t columns;                   /* bit 1 << GF_COLUMN_*: the engine's columns that are asked for */
    int64_t returns;                    /* GF_RETURNS_*: which returns of the parties are columns */
    int64_t startups_of;                /* startup rows of the first so many portfolios */
    int64_t quarters_of;                /* quarter bands from the first so many portfolios */
    int64_t n_quantiles, has_quantiles; /* 0: the preset; n 0 although they were given: no bands */
    double quantiles[GF_MAX_PROBABILITIES];
} gf_output_params;

typedef struct gf_sampling_params {
    double breakout_tilt; /* factor on breakout hazards, paid back by weights */
} gf_sampling_params;

/* One model of the scenario, in registry order. */
typedef struct gf_active_model {
    const gf_model *model;
    void *params;
} gf_active_model;

typedef struct gf_scenario {
    char name[GF_TEXT_SIZE];
    int64_t portfolios;
    uint64_t seed;
    double horizon_years;
    int64_t first_year;
    int64_t draws;
    gf_market_params market;
    gf_startup_params startups;
    gf_programme_params programme;
    gf_account_params public_account;
    gf_output_params output;
    gf_sampling_params sampling;
    int n_models;
    gf_active_model models[GF_MAX_MODELS];
    /* derived by gf_scenario_prepare() */
    gf_scene scene;
    const char *sector_name_pointers[GF_MAX_SECTORS];
    double sector_weights[GF_MAX_SECTORS];
    double hazards[GF_N_CAUSES][GF_N_STAGES]; /* means over sectors and quality */
    double sector_hazards[GF_MAX_SECTORS][GF_N_CAUSES]
                         [GF_N_STAGES]; /* per year, neutral, with the sector's factors */
    double stage_hazards[GF_N_CAUSES][GF_N_STAGES], sector_factor[GF_MAX_SECTORS][GF_N_CAUSES]; /* the two */
    double sector_step_up[GF_MAX_SECTORS];
    double invested_share; /* of commitment, resolved */
    double local_share;    /* of first cheques that must be local */
    int n_quarters;
} gf_scenario;

/* Rows of the top level: scalar keys, and the groups market, startups, programme, output. `seed` (unsigned 64
 * bits), `models` and `extends` are read by io/config itself. */
extern const gf_param gf_scenario_rows[];

/* Derives the scene and checks across sections (then calls check() of each model). Every problem goes to
 * `diagnostics`; the scenario is usable only if none was reported. */
void gf_scenario_prepare(gf_scenario *scenario, gf_diagnostics *diagnostics);

/* The programme's part of it: resolves invested_share, finds contradictory terms. */
void gf_programme_prepare(gf_scenario *scenario, gf_diagnostics *diagnostics);
/* The part of it that concerns the lifecycles without stages. */
void gf_lifecycle_check(const gf_scenario *scenario, gf_diagnostics *diagnostics);

/* Frees what the models own; the struct itself belongs to the caller. */
void gf_scenario_clear(gf_scenario *scenario);

#endif
