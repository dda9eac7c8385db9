/* Giants and their demand, as in Shenzhen: startups supply the giants, land and housing are dear for
 * everybody else.
 *
 *   land        deal flow × (1 − g)^η, g the share of industrial land that giants hold
 *   suppliers   of every startup a share s lives on giants' orders: acquire × (1 + s (m_a − 1)),
 *               fail ÷ (1 + s (m_f − 1)), breakout ÷ (1 + s (m_b − 1)); a sale goes to a giant with chance
 *               s × captive_share and then brings at most captive_cap × cost
 *   talent      graduate ÷ (1 + e · i · h), i the share of talent that must be imported, h housing cost
 *   phases      g, s and h follow a table over calendar years; outside it the plain values hold
 *
 * The factors are those of the average startup, between 1 and a pure supplier's. The path is computed once at
 * load. */
#include <math.h>
#include <stdio.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { MAX_PHASES = 16 };

typedef struct gf_giants_phase {
    char name[GF_TEXT_SIZE];
    double start_year, end_year; /* calendar; end exclusive, infinity: still on */
    double land_share, supplier_share, housing_cost;
} gf_giants_phase;

typedef struct gf_giants_params {
    double land_share, land_elasticity;
    double supplier_share, supplier_acquire, supplier_fail, supplier_breakout;
    double captive_share, captive_cap_multiple;
    double imported_talent, housing_cost, housing_elasticity;
    int64_t n_phases;
    gf_giants_phase phases[MAX_PHASES];
    /* derived: paths by quarter */
    double land[GF_MAX_QUARTERS], supplier[GF_MAX_QUARTERS], housing[GF_MAX_QUARTERS];
    double factor[GF_N_CAUSES][GF_MAX_QUARTERS];
    double entry_factor[GF_MAX_QUARTERS], captive[GF_MAX_QUARTERS];
} gf_giants_params;

static const double quarters_per_year = 4;

#define ROW(key)   GF_ROW(GF_DOUBLE, gf_giants_params, #key, key)
#define PHASE(key) GF_ROW(GF_DOUBLE, gf_giants_phase, #key, key)

static const gf_param phase_rows[] = {
    {GF_ROW(GF_TEXT, gf_giants_phase, "name", name), .unit = "", .help = "what the phase is called",
     .source = ""},
    {PHASE(start_year), .preset = 1978, .min = 1900, .max = 2300, .neutral = NAN, .required = 1,
     .unit = "year", .help = "calendar year in which the phase begins",
     .source = "prior: four phases since 1978"},
    {PHASE(end_year), .preset = INFINITY, .min = 1900, .max = 2300, .neutral = NAN, .has_none = 1,
     .none_value = INFINITY, .unit = "year", .help = "calendar year before which it ends; none: it does not",
     .source = "prior"},
    {PHASE(land_share), .preset = 0, .min = 0, .max = 0.99, .neutral = 0, .unit = "1",
     .help = "share of industrial land that giants hold in this phase", .source = "prior"},
    {PHASE(supplier_share), .preset = 0, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of startups that live on giants' orders in this phase", .source = "prior"},
    {PHASE(housing_cost), .preset = 0, .min = 0, .max = 10, .neutral = 0, .unit = "1",
     .help = "housing cost above an affordable one in this phase, as a ratio", .source = "prior"},
    GF_ROW_END,
};

static const gf_param rows[] = {
    {ROW(land_share), .preset = 0.5, .min = 0, .max = 0.99, .neutral = 0, .unit = "1",
     .help = "share of industrial land that giants hold", .source = "prior: the larger part of Shenzhen's"},
    {ROW(land_elasticity), .preset = 0.4, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "elasticity of the flow of entrants in the land that is left",
     .source = "prior: entry falls by 10-40%"},
    {ROW(supplier_share), .preset = 0.5, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of startups that live on giants' orders", .source = "prior"},
    {ROW(supplier_acquire), .preset = 1.6, .min = 1, .max = 20, .neutral = 1, .unit = "1",
     .help = "a supplier's chance of a sale over another's",
     .source = "prior: sales to anchors rise by 0-50%"},
    {ROW(supplier_fail), .preset = 1.4, .min = 1, .max = 20, .neutral = 1, .unit = "1",
     .help = "another startup's failure hazard over a supplier's", .source = "prior"},
    {ROW(supplier_breakout), .preset = 2, .min = 1, .max = 100, .neutral = 1, .unit = "1",
     .help = "another startup's breakout hazard over a supplier's", .source = "prior"},
    {ROW(captive_share), .preset = 0.6, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of suppliers' sales that go to the giant they supply", .source = "prior"},
    {ROW(captive_cap_multiple), .preset = 5, .min = 0.01, .max = 1e6, .neutral = INFINITY, .has_none = 1,
     .none_value = INFINITY, .unit = "1", .help = "most that a giant pays, over cost; none: no cap",
     .source = "prior"},
    {ROW(imported_talent), .preset = 0.7, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of talent that comes from elsewhere and must find a home", .source = "prior"},
    {ROW(housing_cost), .preset = 0.5, .min = 0, .max = 10, .neutral = 0, .unit = "1",
     .help = "housing cost above an affordable one, as a ratio", .source = "prior"},
    {ROW(housing_elasticity), .preset = 0.3, .min = 0, .max = 10, .neutral = 0, .unit = "1",
     .help = "loss of graduations for each unit of imported_talent x housing_cost", .source = "prior"},
    {GF_ROW(GF_TABLE, gf_giants_params, "phases", phases), .rows = phase_rows,
     .row_size = sizeof(gf_giants_phase), .max_count = MAX_PHASES,
     .count_offset = offsetof(gf_giants_params, n_phases), .neutral = 0, .unit = "",
     .help = "phases over calendar years that set land_share, supplier_share and housing_cost",
     .source = "Shenzhen since 1978: labour, capital, telecommunication devices, innovation"},
    GF_ROW_END,
};

static void check_phases(const gf_giants_params *params, gf_diagnostics *diagnostics)
{
    char key[64];
    for (int64_t i = 0; i < params->n_phases; i++) {
        const gf_giants_phase *phase = &params->phases[i];
        if (phase->end_year <= phase->start_year) {
            snprintf(key, sizeof key, "phases[%d].end_year", (int)i);
            gf_diagnose(diagnostics, key, "phase ends in %g, expected a year after its start in %g",
                        phase->end_year, phase->start_year);
        }
        for (int64_t j = 0; j < i; j++) {
            const gf_giants_phase *other = &params->phases[j];
            if (phase->start_year < other->end_year && other->start_year < phase->end_year) {
                snprintf(key, sizeof key, "phases[%d].start_year", (int)i);
                gf_diagnose(diagnostics, key,
                            "phase from %g to %g overlaps phases[%d] from %g to %g; phases must not overlap",
                            phase->start_year, phase->end_year, (int)j, other->start_year, other->end_year);
            }
        }
    }
}

/* The phase of a calendar time, or NULL. */
static const gf_giants_phase *phase_at(const gf_giants_params *params, double year)
{
    for (int64_t i = 0; i < params->n_phases; i++)
        if (params->phases[i].start_year <= year && year < params->phases[i].end_year)
            return &params->phases[i];
    return NULL;
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_giants_params *params = values;
    check_phases(params, diagnostics);
    for (int quarter = 0; quarter < scene->n_quarters; quarter++) {
        const gf_giants_phase *phase =
            phase_at(params, (double)scene->first_year + quarter / quarters_per_year);
        double land = phase != NULL ? phase->land_share : params->land_share;
        double supplier = phase != NULL ? phase->supplier_share : params->supplier_share;
        double housing = phase != NULL ? phase->housing_cost : params->housing_cost;
        params->land[quarter] = land;
        params->supplier[quarter] = supplier;
        params->housing[quarter] = housing;
        params->entry_factor[quarter] = pow(1 - land, params->land_elasticity);
        params->captive[quarter] = supplier * params->captive_share;
        params->factor[GF_BREAKOUT][quarter] = 1 / (1 + supplier * (params->supplier_breakout - 1));
        params->factor[GF_LIST][quarter] = 1;
        params->factor[GF_ACQUIRE][quarter] = 1 + supplier * (params->supplier_acquire - 1);
        params->factor[GF_FAIL][quarter] = 1 / (1 + supplier * (params->supplier_fail - 1));
        params->factor[GF_GRADUATE][quarter] =
            1 / (1 + params->housing_elasticity * params->imported_talent * housing);
    }
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)state, (void)block;
    const gf_giants_params *params = values;
    double factor[GF_LANES];
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            factor[lane] = params->factor[cause][quarter];
        gf_climate_scale_hazard(out, (gf_cause)cause, factor);
    }
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < GF_LANES; lane++)
            out->deal_flow[sector][lane] *= params->entry_factor[quarter];
    double captive = params->captive[quarter];
    if (captive == 0)
        return;
    for (int lane = 0; lane < GF_LANES; lane++) {
        out->captive_sale[lane] = 1 - (1 - out->captive_sale[lane]) * (1 - captive);
        double cap = out->captive_cap[lane];
        out->captive_cap[lane] = params->captive_cap_multiple < cap ? params->captive_cap_multiple : cap;
    }
}

/* A plain value that no quarter uses, and that differs from what is used, is easily taken for a switch. */
static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    const gf_giants_params *params = values;
    int is_idle = 0;
    buffer[0] = '\0';
    for (int quarter = 0; quarter < scene->n_quarters; quarter++) {
        if (phase_at(params, (double)scene->first_year + quarter / quarters_per_year) == NULL)
            return;
        is_idle |= params->land[quarter] != params->land_share ||
                   params->supplier[quarter] != params->supplier_share ||
                   params->housing[quarter] != params->housing_cost;
    }
    if (is_idle)
        snprintf(
            buffer, size,
            "phases cover the whole run: their land_share, supplier_share and housing_cost hold, not the "
            "plain ones (phases: [] takes those)");
}

static const gf_model_column series[] = {
    {"land_share", "1", "share of industrial land that giants hold"},
    {"supplier_share", "1", "share of startups that live on giants' orders"},
    {"housing_cost", "1", "housing cost above an affordable one, as a ratio"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene, (void)state;
    const gf_giants_params *params = values;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        out[0][lane] = params->land[quarter];
        out[1][lane] = params->supplier[quarter];
        out[2][lane] = params->housing[quarter];
    }
}

const gf_model gf_model_giants = {
    .name = "giants",
    .summary = "Shenzhen: startups supply giants, who hold the land; talent is imported against dear "
               "housing; phases",
    .purpose = GF_LUCK_MODELS + 2,
    .emits = GF_ONLY,
    .pays = GF_ONLY,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW | 1u << GF_SHIFT_CAPTIVE,
    .rows = rows,
    .params_size = sizeof(gf_giants_params),
    .check = check,
    .climate = climate,
    .series = series,
    .sample = sample,
    .note = note,
};
