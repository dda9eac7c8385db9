/* The contract of all models, seen or unseen: well-formed rows, exactly neutral at neutral values, finite and
 * positive at presets, lanes apart from each other, the same bits twice, multiplication only. Broken models
 * must fail it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "models_contract.h"

/* ---- all registered models ---- */

static void test_all_models_keep_the_contract(void **state)
{
    (void)state;
    assert_non_null(gf_models[0]);
    assert_int_equal(faults_of(gf_models), 0);
}

static void test_models_are_found_by_name(void **state)
{
    (void)state;
    for (int i = 0; gf_models[i] != NULL; i++)
        assert_ptr_equal(gf_model_find(gf_models[i]->name), gf_models[i]);
    assert_null(gf_model_find("no_such_model"));
}

/* ---- spoiled twins: a sound toy model, and one broken in one way at a time ---- */

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
        gf_climate_rows(climate, GF_LIST)[0][lane] += ((const toy_params *)params)->depth;
}
static void spoiled_climate_infinite(const void *params, const gf_scene *scene, const void *state,
                                     const gf_block *block, int quarter, gf_climate *climate)
{
    (void)scene, (void)state, (void)block;
    if (quarter == 20 && ((const toy_params *)params)->depth > 0)
        gf_climate_rows(climate, GF_FAIL)[0][3] *= INFINITY;
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

static void spoiled_climate_shifts(const void *params, const gf_scene *scene, const void *state,
                                   const gf_block *block, int quarter, gf_climate *out)
{
    toy_climate(params, scene, state, block, quarter, out);
    out->recovery[0] *= 0.9;
}

static int faults_of_one(const gf_model *model)
{
    const gf_model *const models[] = {model, NULL};
    return faults_of(models);
}

static void test_sound_toy_passes(void **state)
{
    (void)state;
    assert_int_equal(faults_of_one(&toy), 0);
}

static void test_spoiled_behaviour_fails(void **state)
{
    (void)state;
    gf_model twin = toy;
    twin.climate = spoiled_climate_not_neutral;
    assert_true(faults_of_neutrality(&twin) > 0);
    twin.climate = spoiled_climate_adds;
    assert_true(faults_of_product(&twin) > 0);
    twin.climate = spoiled_climate_infinite;
    assert_true(faults_of_numbers(&twin) > 0);
    twin = toy;
    twin.observe = spoiled_observe_mixes_lanes;
    assert_true(faults_of_lanes(&twin) > 0);
    twin.observe = spoiled_observe_remembers;
    assert_true(faults_of_lanes(&twin) > 0);
    twin.observe = spoiled_observe_emits;
    assert_true(faults_of_neutrality(&twin) > 0);
    assert_true(faults_of_numbers(&twin) == 0);
    twin.emits = GF_ONLY | 1u << GF_SIGNAL_DEBT; /* and emits GDP */
    assert_true(faults_of_numbers(&twin) > 0);
    twin.observe = spoiled_observe_pays;
    assert_true(faults_of_numbers(&twin) == 0);
    twin.pays = GF_ONLY | 1u << GF_PUBLIC_LAND; /* and pays a subsidy */
    assert_true(faults_of_numbers(&twin) > 0);
    twin = toy;
    twin.reads = GF_ONLY | 1u << GF_EVENT_ENTERED;
    assert_true(faults_of_numbers(&twin) == 0);
    twin.reads = GF_ONLY | 1u << GF_EVENT_LIVE; /* and reads who entered */
    assert_true(faults_of_numbers(&twin) > 0);
    twin = toy;
    twin.climate = spoiled_climate_shifts;
    assert_true(faults_of_numbers(&twin) == 0);
    twin.shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW; /* and changes what failures return */
    assert_true(faults_of_numbers(&twin) > 0);
}

static void test_spoiled_tables_fail(void **state)
{
    (void)state;
    const gf_model *const doubled[] = {&toy, &toy, NULL};
    assert_true(faults_of_table(doubled) > 0);
    gf_model twin = toy;
    twin.purpose = GF_LUCK_MARKET;
    assert_true(faults_of_one(&twin) > 0);
    twin = toy;
    twin.state_size = NULL;
    assert_true(faults_of_one(&twin) > 0);
    for (int kind = 0; kind < 5; kind++) {
        gf_param rows[] = {toy_rows[0], toy_rows[1]};
        twin = toy;
        twin.rows = rows;
        rows[0].unit = kind == 0 ? NULL : rows[0].unit;
        rows[0].preset = kind == 1 ? 0.95 : rows[0].preset;
        rows[0].neutral = kind == 2 ? -1 : rows[0].neutral;
        rows[0].source = kind == 3 ? "" : rows[0].source;
        rows[0].name = kind == 4 ? "Depth!" : rows[0].name;
        assert_true(faults_of_one(&twin) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_models_keep_the_contract),
        cmocka_unit_test(test_models_are_found_by_name),
        cmocka_unit_test(test_sound_toy_passes),
        cmocka_unit_test(test_spoiled_behaviour_fails),
        cmocka_unit_test(test_spoiled_tables_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
