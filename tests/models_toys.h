/* A small sound model, and broken twins of its functions: what a test of models must pass and what it must
 * catch. Include after models_harness.h. */
#ifndef GF_TESTS_MODELS_TOYS_H
#define GF_TESTS_MODELS_TOYS_H

#include "models_harness.h"

typedef struct toy_params {
    double depth;
} toy_params;
typedef struct toy_state {
    double sum[GF_LANES];
} toy_state;
static const gf_param toy_rows[] = {
    {GF_ROW(GF_DOUBLE, toy_params, "depth", depth), .preset = 0.5, .min = 0, .max = 0.9, .neutral = 0,
     .unit = "1", .help = "a depth", .source = "prior"},
    GF_ROW_END,
};
static size_t toy_size(const void *params, const gf_scene *scene)
{
    (void)params, (void)scene;
    return sizeof(toy_state);
}
static void toy_begin(const void *params, const gf_scene *scene, void *state, gf_block *block)
{
    (void)params, (void)scene, (void)state, (void)block;
}
static void toy_climate(const void *params, const gf_scene *scene, const void *state, const gf_block *block,
                        int quarter, gf_climate *climate)
{
    (void)scene, (void)block, (void)quarter;
    double factor[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane] = 1 - ((const toy_params *)params)->depth / (1 + ((const toy_state *)state)->sum[lane]);
    gf_climate_scale_hazard(climate, GF_LIST, factor);
}
static void toy_observe(const void *params, const gf_scene *scene, void *state, gf_block *block, int quarter,
                        const gf_events *events)
{
    (void)params, (void)scene, (void)quarter;
    for (int lane = 0; lane < block->n_lanes; lane++)
        ((toy_state *)state)->sum[lane] += events->n_entered[0][lane];
}
static const gf_model toy = {.name = "toy",
                             .summary = "a toy",
                             .purpose = GF_LUCK_MODELS + 900,
                             .rows = toy_rows,
                             .params_size = sizeof(toy_params),
                             .state_size = toy_size,
                             .begin = toy_begin,
                             .climate = toy_climate,
                             .observe = toy_observe};

static void spoiled_climate_not_neutral(const void *params, const gf_scene *scene, const void *state,
                                        const gf_block *block, int quarter, gf_climate *climate)
{
    toy_climate(params, scene, state, block, quarter, climate);
    climate->recovery[0] *= 1 + 0x1p-52; /* one bit */
}
static void spoiled_climate_adds(const void *params, const gf_scene *scene, const void *state,
                                 const gf_block *block, int quarter, gf_climate *climate)
{
    (void)scene, (void)state, (void)block, (void)quarter;
    for (int lane = 0; lane < GF_LANES; lane++)
        climate->hazard[GF_LIST][0][lane] += ((const toy_params *)params)->depth;
}
static void spoiled_climate_infinite(const void *params, const gf_scene *scene, const void *state,
                                     const gf_block *block, int quarter, gf_climate *climate)
{
    (void)scene, (void)state, (void)block;
    if (quarter == 20 && ((const toy_params *)params)->depth > 0)
        climate->hazard[GF_FAIL][0][3] *= INFINITY;
}
static void spoiled_observe_mixes_lanes(const void *params, const gf_scene *scene, void *state,
                                        gf_block *block, int quarter, const gf_events *events)
{
    (void)params, (void)scene, (void)quarter;
    for (int lane = 0; lane < block->n_lanes; lane++)
        ((toy_state *)state)->sum[lane] += events->n_entered[0][0];
}
static void spoiled_observe_remembers(const void *params, const gf_scene *scene, void *state, gf_block *block,
                                      int quarter, const gf_events *events)
{
    static double calls;
    (void)params, (void)scene, (void)quarter, (void)events;
    calls += 1;
    for (int lane = 0; lane < block->n_lanes; lane++)
        ((toy_state *)state)->sum[lane] = calls;
}
static void spoiled_observe_emits(const void *params, const gf_scene *scene, void *state, gf_block *block,
                                  int quarter, const gf_events *events)
{
    toy_observe(params, scene, state, block, quarter, events);
    block->emit[GF_SIGNAL_GDP][0] += 1;
}

static void spoiled_observe_pays(const void *params, const gf_scene *scene, void *state, gf_block *block,
                                 int quarter, const gf_events *events)
{
    toy_observe(params, scene, state, block, quarter, events);
    block->public_flow[GF_PUBLIC_SUBSIDY][0] += 1;
}

#endif
