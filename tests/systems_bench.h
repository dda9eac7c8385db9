/* What the tests of debt, sector policy, district, cluster and economy share: a run with its whole climate,
 * its signals and public money, its series and columns kept. Include cmocka.h first. */
#ifndef GF_TESTS_SYSTEMS_BENCH_H
#define GF_TESTS_SYSTEMS_BENCH_H

#include "models_bench.h"

typedef struct record {
    const bench *of;
    const harness *inner;
    gf_climate climate[GF_MAX_QUARTERS];
    double emit[GF_MAX_QUARTERS][GF_N_SIGNALS][GF_LANES];
    double flow[GF_MAX_QUARTERS][GF_N_PUBLIC][GF_LANES];
    double series[GF_MAX_QUARTERS + 1][8][GF_LANES]; /* at the end of quarter q: [q + 1]; [0] is not kept */
    double columns[HARNESS_MAX_VALUES][GF_LANES];
} record;

static inline void visit_record(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    record *self = context;
    const gf_model *model = self->of->model;
    self->climate[quarter] = *climate;
    memcpy(self->emit[quarter], block->emit, sizeof self->emit[quarter]);
    memcpy(self->flow[quarter], block->public_flow, sizeof self->flow[quarter]);
    if (model->sample != NULL && quarter + 1 < self->of->scene.n_quarters)
        model->sample(self->of->params, &self->of->scene, self->inner->state, block, quarter + 1,
                      self->series[quarter + 1]);
}

/* Runs a checked bench from portfolio `first` on; `events_on` as in harness_run(). The record is overwritten
 * by the next run. */
static inline const record *record_run(bench *self, uint64_t seed, uint64_t first, int events_on)
{
    static record out;
    harness inner = {.model = self->model, .scene = &self->scene, .params = self->params};
    memset(&out, 0, sizeof out);
    out.of = self;
    out.inner = &inner;
    assert_int_equal(problems(self), 0);
    harness_run(&inner, seed, first, GF_LANES, events_on, visit_record, &out);
    memcpy(out.columns, inner.values, sizeof out.columns);
    return &out;
}

/* Every climate entry of lane 0 is exactly 1 in all quarters. */
static inline int is_neutral_climate(const record *seen, int n_quarters)
{
    int neutral = 1;
    for (int quarter = 0; quarter < n_quarters; quarter++) {
        const gf_climate *climate = &seen->climate[quarter];
        for (int sector = 0; sector < climate->n_sectors; sector++) {
            for (int cause = 0; cause < GF_N_CAUSES; cause++)
                neutral &= gf_climate_hazard(climate, cause, sector, 0) == 1;
            neutral &= climate->deal_flow[sector][0] == 1 && climate->entry_valuation[sector][0] == 1 &&
                       climate->step_up[sector][0] == 1;
        }
        neutral &= climate->operating_cost[0] == 1 && climate->call_pace[0] == 1 && climate->recovery[0] == 1;
    }
    return neutral;
}

/* Sets a text of a table's element by its row's name. */
static inline void set_text(const gf_param *rows, void *element, const char *name, const char *text)
{
    snprintf((char *)element + gf_params_find(rows, name)->offset, GF_TEXT_SIZE, "%s", text);
}

#endif
