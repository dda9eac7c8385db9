/* Incubation, as Hangzhou does it: many small early bets under a public roof that lets startups withstand
 * failures.
 *
 *   talent          S(t) = U + (S(0) − U) e^(−t/τ): the pipeline fills towards university strength U;
 *                   graduate and breakout × e^(b S)
 *   risk appetite   θ = loss_tolerance^shape;
 *                   fail × e^(b θ), breakout × e^(b θ), graduate × e^(b θ), entry × e^(b θ)
 *   platforms       graduate and acquire × e^(b p): giants that lend money and technology
 *   demand          D(t) = d (1 + growth)^t; graduate and list × e^(b D): open application scenarios
 *   subsidy         operating cost × (1 − s); the public purse pays s × burn for every live startup
 *
 * Proportional hazards (Cox 1972), with a b of its own for each effect. All of it is a path over time that a
 * load computes once; the hot code multiplies. */
#include <math.h>

#include "portfolio/model.h"
#include "random/luck.h"

typedef struct gf_incubation_params {
    double university_strength, initial_talent, talent_years, talent_graduate, talent_breakout;
    double subsidy_share, burn_cny_m_per_year;
    double platform_support, platform_graduate, platform_acquire;
    double loss_tolerance, appetite_shape, appetite_fail, appetite_graduate, appetite_breakout,
        appetite_entry;
    double application_demand, demand_growth_per_year, demand_graduate, demand_list;
    /* derived: paths by quarter */
    double talent[GF_MAX_QUARTERS];
    double factor[GF_N_CAUSES][GF_MAX_QUARTERS];
    double entry_factor;
} gf_incubation_params;

static const double quarter_years = 0.25;

#define ROW(key) GF_ROW(GF_DOUBLE, gf_incubation_params, #key, key)
#define SLOPE(key, value, least, text)                                                                       \
    {                                                                                                        \
        ROW(key), .preset = (value), .min = (least), .max = 3, .neutral = 0, .unit = "1",                    \
                  .help = "log-hazard of " text,                                                             \
                  .source = "prior: all of incubation lifts breakouts by 1.0-1.5"                            \
    }

static const gf_param rows[] = {
    {ROW(university_strength), .preset = 1, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "where the talent pipeline settles: 0 no leading university, 1 a top one (Zhejiang University)",
     .source = "prior"},
    {ROW(initial_talent), .preset = 0.6, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "talent pipeline at the start, in units of university_strength", .source = "prior"},
    {ROW(talent_years), .preset = 5, .min = 0.25, .max = 50, .neutral = NAN, .unit = "year",
     .help = "time constant of the pipeline", .source = "prior: a degree and a first job"},
    SLOPE(talent_graduate, 0.10, 0, "graduation for each unit of talent"),
    SLOPE(talent_breakout, 0.12, 0, "breakout for each unit of talent"),
    {ROW(subsidy_share), .preset = 0.3, .min = 0, .max = 0.95, .neutral = 0, .unit = "1",
     .help = "share of operating cost that land, rent and talent subsidies carry", .source = "prior"},
    {ROW(burn_cny_m_per_year), .preset = 5, .min = 0, .max = 1000, .neutral = NAN, .unit = "CNY million/year",
     .help = "operating cost of a startup before subsidy, for the public outlay",
     .source = "prior; Hangzhou Runmiao fund: tickets up to CNY 5 million"},
    {ROW(platform_support), .preset = 0.5, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "how far platform giants open their money and technology to startups", .source = "prior"},
    SLOPE(platform_graduate, 0.15, -3, "graduation at full platform support"),
    SLOPE(platform_acquire, 0.20, -3, "acquisition at full platform support"),
    {ROW(loss_tolerance), .preset = 0.8, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of a loss that is excused: 0 none, 1 a whole deal may be lost",
     .source = "published tolerance rules: Chengdu and Anhui angel funds 0.8, Guangzhou Huangpu and Shenzhen "
               "Nanshan 1"},
    {ROW(appetite_shape), .preset = 1, .min = 0.1, .max = 10, .neutral = NAN, .unit = "1",
     .help = "risk appetite is loss_tolerance to this power", .source = "prior"},
    SLOPE(appetite_fail, 0.35, 0, "failure at full risk appetite"),
    SLOPE(appetite_graduate, 0, -3, "graduation at full risk appetite"),
    SLOPE(appetite_breakout, 0.30, 0, "breakout at full risk appetite"),
    SLOPE(appetite_entry, 0.20, 0, "entry (log of deal flow) at full risk appetite"),
    {ROW(application_demand), .preset = 0.5, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "open application scenarios and digital economy at the start", .source = "prior"},
    {ROW(demand_growth_per_year), .preset = 0.052, .min = -0.2, .max = 0.5, .neutral = 0, .unit = "1/year",
     .help = "growth of that demand", .source = "China's digital economy grew by 5.2% in 2023"},
    SLOPE(demand_graduate, 0.10, 0, "graduation for each unit of demand"),
    SLOPE(demand_list, 0.15, 0, "listing for each unit of demand"),
    GF_ROW_END,
};

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    (void)diagnostics; /* ranges say all */
    gf_incubation_params *params = values;
    double appetite = pow(params->loss_tolerance, params->appetite_shape);
    params->entry_factor = exp(params->appetite_entry * appetite);
    for (int quarter = 0; quarter < scene->n_quarters; quarter++) {
        double years = quarter * quarter_years;
        double talent = params->university_strength + (params->initial_talent - params->university_strength) *
                                                          exp(-years / params->talent_years);
        double demand = params->application_demand * pow(1 + params->demand_growth_per_year, years);
        double support = params->platform_support;
        params->talent[quarter] = talent;
        params->factor[GF_BREAKOUT][quarter] =
            exp(params->talent_breakout * talent + params->appetite_breakout * appetite);
        params->factor[GF_LIST][quarter] = exp(params->demand_list * demand);
        params->factor[GF_ACQUIRE][quarter] = exp(params->platform_acquire * support);
        params->factor[GF_FAIL][quarter] = exp(params->appetite_fail * appetite);
        params->factor[GF_GRADUATE][quarter] =
            exp(params->talent_graduate * talent + params->platform_graduate * support +
                params->appetite_graduate * appetite + params->demand_graduate * demand);
    }
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)state, (void)block;
    const gf_incubation_params *params = values;
    double factor[GF_LANES];
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            factor[lane] = params->factor[cause][quarter];
        gf_climate_scale_hazard(out, (gf_cause)cause, factor);
    }
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < GF_LANES; lane++)
            out->deal_flow[sector][lane] *= params->entry_factor;
    for (int lane = 0; lane < GF_LANES; lane++)
        out->operating_cost[lane] *= 1 - params->subsidy_share;
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    (void)state, (void)quarter;
    const gf_incubation_params *params = values;
    double outlay = params->subsidy_share * params->burn_cny_m_per_year * quarter_years;
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++)
            block->public_flow[GF_PUBLIC_SUBSIDY][lane] += outlay * events->n_live[sector][lane];
}

static const gf_model_column series[] = {
    {"talent", "1", "talent pipeline, in units of a top university"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene, (void)state;
    const gf_incubation_params *params = values;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = params->talent[quarter];
}

const gf_model gf_model_incubation = {
    .name = "incubation",
    .summary =
        "Hangzhou: talent pipeline, subsidies, platform giants, loss tolerance, open application scenarios",
    .purpose = GF_LUCK_MODELS + 1,
    .emits = GF_ONLY,
    .pays = GF_ONLY | 1u << GF_PUBLIC_SUBSIDY,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW | 1u << GF_SHIFT_OPERATING_COST,
    .reads = GF_ONLY | 1u << GF_EVENT_LIVE,
    .rows = rows,
    .params_size = sizeof(gf_incubation_params),
    .check = check,
    .climate = climate,
    .observe = observe,
    .series = series,
    .sample = sample,
};
