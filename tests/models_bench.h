/* A bench for one model: neutral but for what a test sets, run under invented events, its climate kept by
 * quarter. Include cmocka.h first. */
#ifndef GF_TESTS_MODELS_BENCH_H
#define GF_TESTS_MODELS_BENCH_H

#include "models_harness.h"

/* ---- a model by name, neutral but for what a test sets ---- */

typedef struct bench {
    const gf_model *model;
    gf_scene scene;
    void *params;
    harness_problems problems;
} bench;

static inline bench bench_new(const char *name, int n_quarters, int n_sectors)
{
    bench self = {.model = gf_model_find(name), .scene = harness_scene(n_quarters, n_sectors)};
    assert_non_null(self.model);
    self.params = calloc(1, self.model->params_size);
    gf_params_preset(self.model->rows, self.params);
    gf_params_neutralise(self.model->rows, self.params);
    return self;
}

static inline void set(bench *self, const char *name, double value)
{
    harness_set(self->model->rows, self->params, name, value);
}

static inline int problems(bench *self)
{
    return harness_check(self->model, self->params, &self->scene, &self->problems);
}

/* Adds an element to the table `name`, zeroed, and returns it with the rows of the table. */
static inline void *add_element(bench *self, const char *name, const gf_param **rows)
{
    const gf_param *row = gf_params_find(self->model->rows, name);
    int64_t *count = (int64_t *)(void *)((char *)self->params + row->count_offset);
    void *element = (char *)self->params + row->offset + (size_t)*count * row->row_size;
    gf_params_preset(row->rows, element);
    *count += 1;
    *rows = row->rows;
    return element;
}

static inline void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    print_error("%.17g is not %.17g\n", value, expected);
    fail();
}

/* ---- what a run leaves: climate and flows of lane 0 (and all lanes of ambient outliers) ---- */

typedef struct trace {
    double hazard[GF_N_CAUSES][GF_MAX_SECTORS][GF_MAX_QUARTERS];
    double deal_flow[GF_MAX_SECTORS][GF_MAX_QUARTERS];
    double operating_cost[GF_MAX_QUARTERS], captive_sale[GF_MAX_QUARTERS], captive_cap[GF_MAX_QUARTERS];
    double subsidy[GF_MAX_QUARTERS];
    double ambient[GF_MAX_QUARTERS][GF_LANES];
} trace;

static inline void visit_trace(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    trace *self = context;
    for (int sector = 0; sector < climate->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            self->hazard[cause][sector][quarter] = gf_climate_hazard(climate, cause, sector, 0);
        self->deal_flow[sector][quarter] = climate->deal_flow[sector][0];
    }
    self->operating_cost[quarter] = climate->operating_cost[0];
    self->captive_sale[quarter] = climate->captive_sale[0];
    self->captive_cap[quarter] = climate->captive_cap[0];
    self->subsidy[quarter] = block->public_flow[GF_PUBLIC_SUBSIDY][0];
    memcpy(self->ambient[quarter], block->emit[GF_SIGNAL_AMBIENT_OUTLIERS], sizeof self->ambient[quarter]);
}

/* Runs a checked bench and frees its parameters. */
static inline trace run(bench *self, uint64_t seed, uint64_t portfolio, int events_on)
{
    static trace out;
    assert_int_equal(problems(self), 0);
    harness inner = {.model = self->model, .scene = &self->scene, .params = self->params};
    memset(&out, 0, sizeof out);
    harness_run(&inner, seed, portfolio, GF_LANES, events_on, visit_trace, &out);
    free(self->params);
    return out;
}

#endif
