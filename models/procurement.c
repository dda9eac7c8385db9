/* First buyer: the public hand orders from startups before the market does.
 *
 *   open quarters    start_quarter … start_quarter + quarters − 1
 *   coverage         c(q+1) = min(1, budget / (s · order · live startups(q))),  c(0) = 1
 *   startups served  o(q) = s · c(q) while open, else 0
 *   hazards          graduate × (1 + o (m_g − 1)), acquire × (1 + o (m_a − 1)), fail ÷ (1 + o (m_f − 1))
 *   cost             premium · orders: what the public pays beyond the worth of the goods, at most the
 *                    premium of the budget
 *
 * Demand as innovation policy: Edler & Georghiou (2007). The factors m compare a supplier of the public hand
 * with another startup; the average startup meets a mixture of the two. No luck of its own. */
#include <math.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { PURPOSE = GF_LUCK_MODELS + 9 };

typedef struct gf_procurement_params {
    double share, order_cny_m_per_year, premium, budget_cny_m_per_year;
    double graduate, acquire, fail;
    int64_t start_quarter, quarters;
} gf_procurement_params;

typedef struct gf_procurement_state {
    double coverage[GF_LANES]; /* of this quarter: part of the wanted orders that the budget pays */
    double orders[GF_LANES];   /* CNY million so far */
} gf_procurement_state;

static const double quarter_years = 0.25;

#define ROW(row_kind, key) GF_ROW(row_kind, gf_procurement_params, #key, key)

static const gf_param rows[] = {
    {ROW(GF_DOUBLE, share), .preset = 0.2, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of startups that the public hand would buy from", .source = "prior"},
    {ROW(GF_DOUBLE, order_cny_m_per_year), .preset = 2, .min = 0.001, .max = 1000, .neutral = NAN,
     .unit = "CNY million/year", .help = "orders a year for a startup that has them", .source = "prior"},
    {ROW(GF_DOUBLE, premium), .preset = 0.3, .min = 0, .max = 1, .neutral = NAN, .unit = "1",
     .help = "part of an order paid beyond what the goods are worth: the public cost", .source = "prior"},
    {ROW(GF_DOUBLE, budget_cny_m_per_year), .preset = INFINITY, .min = 0, .max = 1e6, .neutral = NAN,
     .has_none = 1, .none_value = INFINITY, .unit = "CNY million/year",
     .help = "all orders of a year; beyond it they are cut in proportion; none: no limit", .source = "prior"},
    {ROW(GF_DOUBLE, graduate), .preset = 1.3, .min = 1, .max = 10, .neutral = 1, .unit = "1",
     .help = "graduation hazard with public orders over that without",
     .source = "prior: Howell (2017), an early public award doubles the chance of venture capital"},
    {ROW(GF_DOUBLE, acquire), .preset = 1.2, .min = 1, .max = 10, .neutral = 1, .unit = "1",
     .help = "acquisition hazard with public orders over that without", .source = "prior"},
    {ROW(GF_DOUBLE, fail), .preset = 1.3, .min = 1, .max = 10, .neutral = 1, .unit = "1",
     .help = "failure hazard without public orders over that with", .source = "prior"},
    {ROW(GF_INT, start_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .unit = "quarter", .help = "first quarter with orders", .source = "prior"},
    {ROW(GF_INT, quarters), .preset = GF_MAX_QUARTERS, .min = 0, .max = GF_MAX_QUARTERS, .neutral = 0,
     .unit = "quarter", .help = "how many quarters with orders", .source = "prior"},
    GF_ROW_END,
};

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    (void)scene;
    const gf_procurement_params *params = values;
    if (params->share > 0 && params->quarters > 0 && params->budget_cny_m_per_year == 0)
        gf_diagnose(diagnostics, "budget_cny_m_per_year",
                    "orders without a budget; expected above 0, or share 0");
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_procurement_state);
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)values, (void)scene, (void)block;
    gf_procurement_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++)
        self->coverage[lane] = 1;
}

/* Share of startups with orders in a quarter when the budget pays all that is wanted. */
static double open_share(const gf_procurement_params *params, int quarter)
{
    int64_t since = quarter - params->start_quarter;
    return since >= 0 && since < params->quarters ? params->share : 0;
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)scene, (void)block;
    const gf_procurement_params *params = values;
    const gf_procurement_state *self = state;
    const double share = open_share(params, quarter);
    double graduate[GF_LANES], acquire[GF_LANES], fail[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++) {
        double served = share * self->coverage[lane];
        graduate[lane] = 1 + served * (params->graduate - 1);
        acquire[lane] = 1 + served * (params->acquire - 1);
        fail[lane] = 1 / (1 + served * (params->fail - 1));
    }
    gf_climate_scale_hazard(out, GF_GRADUATE, graduate);
    gf_climate_scale_hazard(out, GF_ACQUIRE, acquire);
    gf_climate_scale_hazard(out, GF_FAIL, fail);
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_procurement_params *params = values;
    gf_procurement_state *self = state;
    const double order = open_share(params, quarter) * params->order_cny_m_per_year;
    const double next = open_share(params, quarter + 1) * params->order_cny_m_per_year;
    double live[GF_LANES] = {0};
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++)
            live[lane] += events->n_live[sector][lane];
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double orders = quarter_years *
                        gf_least(order * live[lane] * self->coverage[lane], params->budget_cny_m_per_year);
        self->orders[lane] += orders;
        block->public_flow[GF_PUBLIC_SUBSIDY][lane] += params->premium * orders;
        double wanted = next * live[lane];
        self->coverage[lane] =
            wanted > params->budget_cny_m_per_year ? params->budget_cny_m_per_year / wanted : 1;
    }
}

static const gf_model_column columns[] = {
    {"orders", "CNY million", "public orders placed with startups of the portfolio"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)values, (void)scene;
    const gf_procurement_state *self = state;
    memcpy(out[0], self->orders, sizeof *out[0] * (size_t)block->n_lanes);
}

static const gf_model_column series[] = {
    {"served", "1", "share of startups with public orders"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene;
    const gf_procurement_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = open_share(values, quarter) * self->coverage[lane];
}

const gf_model gf_model_procurement = {
    .name = "procurement",
    .summary = "first buyer: public orders help startups to graduate, sell and survive, at a premium",
    .purpose = PURPOSE,
    .emits = GF_ONLY,
    .pays = GF_ONLY | 1u << GF_PUBLIC_SUBSIDY,
    .shifts = GF_ONLY,
    .reads = GF_ONLY | 1u << GF_EVENT_LIVE,
    .rows = rows,
    .params_size = sizeof(gf_procurement_params),
    .check = check,
    .state_size = state_size,
    .begin = begin,
    .climate = climate,
    .observe = observe,
    .columns = columns,
    .report = report,
    .series = series,
    .sample = sample,
};
