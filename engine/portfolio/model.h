/* The interface of a policy model: a const table. The engine knows no policy; a policy is one file under
 * models/.
 *
 * Once a quarter q the engine calls climate() of every model, moves the startups under the product, and hands
 * the events to observe(), which prepares the model's state for q + 1. Models are always applied in the order
 * of the registry, whatever the order in the config, so shuffling a config changes no bit. Models see each
 * other only through signals of the quarter before. All functions after check() are hot: no allocation, no
 * I/O, no failure. */
#ifndef GF_PORTFOLIO_MODEL_H
#define GF_PORTFOLIO_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/param.h"
#include "base/diagnose.h"
#include "base/extremes.h"
#include "portfolio/climate.h"

/* What models tell each other and the public account, per lane. Contributions of one quarter add up and are
 * read in the next; the engine clears them in between. */
typedef enum {
    GF_SIGNAL_AMBIENT_OUTLIERS, /* outliers in the cluster outside the portfolio, this quarter */
    GF_SIGNAL_CLUSTER_OUTPUT,   /* CNY million a year */
    GF_SIGNAL_CLUSTER_JOBS,     /* persons */
    GF_SIGNAL_CLUSTER_FIRMS,    /* firms */
    GF_SIGNAL_GDP,              /* CNY million a year, of the district or city */
    GF_SIGNAL_DEBT,             /* CNY million, public */
    GF_SIGNAL_STRESS,           /* > 0: public finances under stress */
    GF_SIGNAL_INFRASTRUCTURE,   /* 0 none … 1 all that public infrastructure can do for firms */
    GF_N_SIGNALS
} gf_signal;

/* Public money of one quarter caused by models, CNY million, all ≥ 0. */
typedef enum {
    GF_PUBLIC_SUBSIDY,        /* outlay */
    GF_PUBLIC_INFRASTRUCTURE, /* outlay */
    GF_PUBLIC_INTEREST,       /* outlay */
    GF_PUBLIC_PRINCIPAL,      /* outlay */
    GF_PUBLIC_BORROWING,      /* receipt */
    GF_PUBLIC_TAX,            /* receipt */
    GF_PUBLIC_LAND,           /* receipt */
    GF_PUBLIC_SPENDING,       /* outlay: primary deficit of the rest of the budget */
    GF_PUBLIC_SURPLUS,        /* receipt: primary surplus of the rest of the budget */
    GF_N_PUBLIC
} gf_public_item;

/* What every model may know of the scenario, fixed for a run. */
typedef struct gf_scene {
    int n_quarters, n_sectors, n_startups;
    int64_t first_year;              /* calendar year of quarter 0 */
    double commitment_cny_m;         /* raised commitment of the programme */
    const char *const *sector_names; /* [n_sectors] */
    const double *sector_weights;    /* [n_sectors], sum 1 */
    const double (
        *hazards)[GF_N_STAGES]; /* [cause][stage], per year, neutral; means over sectors and quality */
} gf_scene;

/* The block of portfolios being simulated: lanes 0 … n_lanes − 1 are portfolios first_portfolio + lane. */
typedef struct gf_block {
    uint64_t seed;
    uint64_t first_portfolio;
    int n_lanes;
    uint32_t emits, pays; /* of all models together, as in gf_model; 0: anything */
    GF_ALIGNED double signals[GF_N_SIGNALS][GF_LANES]; /* of the quarter before: read */
    double emit[GF_N_SIGNALS][GF_LANES];               /* of this quarter: add to */
    double public_flow[GF_N_PUBLIC][GF_LANES];         /* of this quarter: add to */
} gf_block;

/* Rows of events, as models declare those that they read: n_by_cause by gf_cause, and these. */
typedef enum {
    GF_EVENT_ENTERED = GF_N_CAUSES, /* n_entered */
    GF_EVENT_LIVE,                  /* n_live */
    GF_EVENT_MONEY,                 /* all in CNY million */
    GF_N_EVENTS
} gf_event_row;

/* What happened to the startups of each lane in one quarter. */
typedef struct gf_events {
    int n_lanes, n_sectors;
    uint32_t reads;  /* of all models together, as in gf_model; 0: anything. Other rows may hold nothing. */
    uint32_t absent; /* bits of causes of which all rows are known to be 0: nobody need look at them */
    GF_ALIGNED double n_by_cause[GF_N_CAUSES][GF_MAX_SECTORS]
                                [GF_LANES]; /* startups; breakouts are portfolio outliers */
    double n_entered[GF_MAX_SECTORS][GF_LANES];
    double n_live[GF_MAX_SECTORS][GF_LANES]; /* at the end of the quarter, outliers included */
    double invested_cny_m[GF_LANES];         /* paid to startups this quarter */
    double exited_cny_m[GF_LANES];           /* received from startups this quarter, or booked: listings under
                                                lock-up count when they list, at their price */
    double cost_lost_cny_m[GF_LANES];        /* cost minus recovery of this quarter's failures */
    double cost_live_cny_m[GF_LANES];        /* cost of live stakes at the end of the quarter, with
                                                follow-ons of its rounds, which are paid in the next */
} gf_events;

/* A result column that a model adds; its name in the file is <model>_<name>. */
typedef struct gf_model_column {
    const char *name, *unit, *long_name; /* name NULL ends the list */
} gf_model_column;

typedef struct gf_model {
    const char *name;    /* config key and registry name */
    const char *summary; /* one line, with the source of the idea */
    uint32_t purpose;    /* address of its luck, ≥ GF_LUCK_MODELS, unique */
    /* What the model may emit, pay and change in the climate beside hazards, so that nobody looks after what
       stays as it is: GF_ONLY | bits 1u << gf_signal, gf_public_item or gf_shift. 0: anything. */
    uint32_t emits, pays, shifts;
    uint32_t reads; /* likewise the rows of events that it looks at: bits 1u << gf_cause or gf_event_row */
    const gf_param *rows; /* its parameters, ended by a NULL name */
    size_t params_size;
    /* Cross-checks at load; reports through gf_diagnose() with the key inside the model
       ("phases[1].start_year"). May fill derived members of `params`. NULL: nothing to check. */
    void (*check)(void *params, const gf_scene *scene, gf_diagnostics *diagnostics);
    /* Bytes of state for one block; 0: none. State is zeroed, then begin() is called once per block; it may
       emit what is there at the start, which the first quarter reads. */
    size_t (*state_size)(const void *params, const gf_scene *scene);
    void (*begin)(const void *params, const gf_scene *scene, void *state, gf_block *block);
    void (*climate)(const void *params, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *climate);
    void (*observe)(const void *params, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events);
    const gf_model_column *columns; /* may be NULL */
    /* values[column][lane] after the last quarter; NULL if columns is NULL */
    void (*report)(const void *params, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*values)[GF_LANES]);
    const gf_model_column *series; /* values for /quarters, at the start of each; may be NULL */
    void (*sample)(const void *params, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*values)[GF_LANES]);
    /* Notes for the user after load (branching ratio, …), one line into buffer; NULL: none. */
    void (*note)(const void *params, const gf_scene *scene, char *buffer, size_t size);
} gf_model;

/* The registry: all models, ended by NULL, in registry order (models/registry.c from models/registry.def). */
extern const gf_model *const gf_models[];
const gf_model *gf_model_find(const char *name);

#endif
