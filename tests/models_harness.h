/* Runs one model on its own under invented events: what tests of models share. The "world" of a portfolio
 * depends on its index and the quarter alone, so the same portfolio meets the same events in any block. */
#ifndef GF_TESTS_MODELS_HARNESS_H
#define GF_TESTS_MODELS_HARNESS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { HARNESS_MAX_VALUES = 64 };

static inline uint64_t harness_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline double harness_uniform(uint64_t *random)
{
    *random = harness_mix(*random);
    return ((double)(*random >> 12) + 0.5) * 0x1p-52;
}

static inline uint64_t harness_seed(void)
{
    const char *text = getenv("GF_TEST_SEED");
    return text != NULL ? strtoull(text, NULL, 0) : 20250127;
}

/* A scene of n_sectors equal sectors s0, s1, … */
static inline gf_scene harness_scene(int n_quarters, int n_sectors)
{
    static char names[GF_MAX_SECTORS][16];
    static const char *pointers[GF_MAX_SECTORS];
    static double weights[GF_MAX_SECTORS];
    static const double hazards[GF_N_CAUSES][GF_N_STAGES] = {
        [GF_BREAKOUT] = {0.002, 0.002, 0.002, 0.002, 0.002, 0},
        [GF_LIST] = {0, 0, 0, 0, 0.13, 0.25},
        [GF_ACQUIRE] = {0.025, 0.045, 0.06, 0.085, 0.11, 0.05},
        [GF_FAIL] = {0.2, 0.16, 0.13, 0.09, 0.065, 0.01},
        [GF_GRADUATE] = {0.32, 0.3, 0.25, 0.23, 0, 0},
    };
    for (int i = 0; i < n_sectors; i++) {
        snprintf(names[i], sizeof names[i], "s%d", i);
        pointers[i] = names[i];
        weights[i] = 1.0 / n_sectors;
    }
    return (gf_scene){.n_quarters = n_quarters,
                      .n_sectors = n_sectors,
                      .n_startups = 100,
                      .first_year = 2025,
                      .commitment_cny_m = 1000,
                      .sector_names = pointers,
                      .sector_weights = weights,
                      .hazards = hazards};
}

/* What happens to a portfolio: n_by_cause and counts in lane `lane`, from the portfolio's index and the
 * quarter. */
static inline void harness_events(uint64_t portfolio, int quarter, int lane, gf_events *events)
{
    uint64_t random = harness_mix(portfolio * 1000003u + (uint64_t)quarter);
    for (int sector = 0; sector < events->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            events->n_by_cause[cause][sector][lane] =
                floor(harness_uniform(&random) * (cause == GF_BREAKOUT ? 1.05 : 4));
        events->n_entered[sector][lane] = floor(harness_uniform(&random) * 5);
        events->n_live[sector][lane] = floor(harness_uniform(&random) * 50);
    }
    events->invested_cny_m[lane] = 100 * harness_uniform(&random);
    events->exited_cny_m[lane] = 100 * harness_uniform(&random);
    events->cost_lost_cny_m[lane] = 20 * harness_uniform(&random);
    events->cost_live_cny_m[lane] = 500 * harness_uniform(&random);
}

/* Signals of other models: only ones that the model under test does not send itself are changed. */
static inline void harness_signals(uint64_t portfolio, int quarter, int lane, gf_block *block)
{
    uint64_t random = harness_mix(~portfolio * 7919u + (uint64_t)quarter);
    for (int signal = 0; signal < GF_N_SIGNALS; signal++) {
        double other = floor(100 * harness_uniform(&random));
        block->signals[signal][lane] =
            block->emit[signal][lane] + (signal == GF_SIGNAL_AMBIENT_OUTLIERS ? 0 : other);
    }
}

/* Rows that the model does not declare to read hold nothing that it could go on with. */
static inline void harness_hide(const gf_model *model, int lane, gf_events *events)
{
    for (int sector = 0; sector < events->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            if (!gf_may(model->reads, cause))
                events->n_by_cause[cause][sector][lane] = NAN;
        if (!gf_may(model->reads, GF_EVENT_ENTERED))
            events->n_entered[sector][lane] = NAN;
        if (!gf_may(model->reads, GF_EVENT_LIVE))
            events->n_live[sector][lane] = NAN;
    }
    if (!gf_may(model->reads, GF_EVENT_MONEY))
        events->invested_cny_m[lane] = events->exited_cny_m[lane] = events->cost_lost_cny_m[lane] =
            events->cost_live_cny_m[lane] = NAN;
}

/* Says which causes are absent. */
static inline void harness_absent(gf_events *events)
{
    events->absent = (1u << GF_N_CAUSES) - 1;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        for (int sector = 0; sector < events->n_sectors; sector++)
            for (int lane = 0; lane < GF_LANES; lane++)
                if (events->n_by_cause[cause][sector][lane] != 0)
                    events->absent &= ~(1u << cause);
}

typedef void (*harness_visit)(void *context, int quarter, const gf_climate *climate, const gf_block *block);

/* A model with parameters and state of its own. */
typedef struct harness {
    const gf_model *model;
    const gf_scene *scene;
    const void *params;
    void *state;
    gf_block block;
    gf_climate climate;
    gf_events events;
    double values[HARNESS_MAX_VALUES][GF_LANES];
} harness;

/* Runs portfolios first … first + n_lanes − 1 through the horizon; `events_on` 0: nothing ever happens to
 * them. visit() sees each quarter's climate after climate() and what observe() emitted. values hold the
 * report at the end. */
static inline void harness_run(harness *self, uint64_t seed, uint64_t first, int n_lanes, int events_on,
                               harness_visit visit, void *context)
{
    const gf_model *model = self->model;
    size_t size = model->state_size != NULL ? model->state_size(self->params, self->scene) : 0;
    self->state = calloc(1, size > 0 ? size : 1);
    memset(&self->block, 0, sizeof self->block);
    memset(&self->events, 0, sizeof self->events);
    self->block.seed = seed;
    self->block.first_portfolio = first;
    self->block.n_lanes = self->events.n_lanes = n_lanes;
    self->events.n_sectors = self->scene->n_sectors;
    if (model->begin != NULL)
        model->begin(self->params, self->scene, self->state, &self->block);
    for (int quarter = 0; quarter < self->scene->n_quarters; quarter++) {
        gf_climate_reset(&self->climate, n_lanes, self->scene->n_sectors, 0);
        for (int lane = 0; lane < n_lanes; lane++) {
            if (events_on)
                harness_signals(first + (uint64_t)lane, quarter, lane, &self->block);
            if (events_on)
                harness_events(first + (uint64_t)lane, quarter, lane, &self->events);
            harness_hide(model, lane, &self->events);
        }
        harness_absent(&self->events);
        memset(self->block.emit, 0, sizeof self->block.emit);
        memset(self->block.public_flow, 0, sizeof self->block.public_flow);
        if (model->climate != NULL)
            model->climate(self->params, self->scene, self->state, &self->block, quarter, &self->climate);
        if (model->observe != NULL)
            model->observe(self->params, self->scene, self->state, &self->block, quarter, &self->events);
        visit(context, quarter, &self->climate, &self->block);
    }
    if (model->report != NULL)
        model->report(self->params, self->scene, self->state, &self->block, self->values);
    free(self->state);
}

/* Parameters at their presets; free() them. */
static inline void *preset_params(const gf_model *model)
{
    void *params = calloc(1, model->params_size);
    gf_params_preset(model->rows, params);
    return params;
}

/* Says a fault of a model and counts it. */
static inline int fault(const gf_model *model, const char *what, const char *name)
{
    fprintf(stderr, "  %s: %s%s%s\n", model->name != NULL ? model->name : "?", what, name != NULL ? ": " : "",
            name != NULL ? name : "");
    return 1;
}

/* Counts problems that a model's check() reports, and keeps the last. */
typedef struct harness_problems {
    gf_diagnostics diagnostics;
    char key[128], message[512];
} harness_problems;

static inline void harness_problem(gf_diagnostics *self, const char *key, const char *message)
{
    harness_problems *problems = self->context;
    snprintf(problems->key, sizeof problems->key, "%s", key);
    snprintf(problems->message, sizeof problems->message, "%s", message);
}

/* Runs check() and returns the number of problems. */
static inline int harness_check(const gf_model *model, void *params, const gf_scene *scene,
                                harness_problems *problems)
{
    memset(problems, 0, sizeof *problems);
    problems->diagnostics.report = harness_problem;
    problems->diagnostics.context = problems;
    if (model->check != NULL)
        model->check(params, scene, &problems->diagnostics);
    return problems->diagnostics.n_errors;
}

/* Sets a number by its row's name, as a config would. The row must exist. */
static inline void harness_set(const gf_param *rows, void *params, const char *name, double value)
{
    const gf_param *row = gf_params_find(rows, name);
    if (row == NULL) {
        fprintf(stderr, "no row %s\n", name);
        abort();
    }
    if (row->kind == GF_DOUBLE)
        *(double *)(void *)((char *)params + row->offset) = value;
    else
        *(int64_t *)(void *)((char *)params + row->offset) = (int64_t)value;
}

#endif
