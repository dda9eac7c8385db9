/* Sector policy, as Wuxi's 465 and Binhu's 543 plan: a table says which sectors are lifted, when and by how
 * much.
 *
 *   ramp       ρ(q) rises from 1/R to 1 over the first R quarters of a row, then 1 to its end, else 0
 *   boosts     hazard × (1 + boost ρ), deal flow × (1 + boost ρ), rows of one sector multiply
 *   steering   e_s = λ Σ ρ p over the rows of a sector; its deal flow × ((1 − Σ e) w_s + e_s) / w_s:
 *              entrants shift to the plan's weights p, their number stays
 *   district   the district adds κ/(1 − κ) to every cheque of a row and asks no shares: price at entry
 *              × (1 − κρ), and it pays cheque × κρ/(1 − κρ) for every entrant
 *   incentives operating cost × (1 − i) in every sector, and the city pays i × burn for every live startup
 *
 * Sector-specific venture capital of a city (Wuxi's second phase). All of it is a path that a load computes.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { MAX_PLANS = 64, N_TIERS = 3 };

typedef struct gf_sector_plan {
    char sector[GF_TEXT_SIZE]; /* a name of startups.sectors, or all */
    int64_t tier;
    int64_t start_quarter, ramp_quarters;
    double quarters; /* infinity: to the horizon */
    double weight;
    double deal_flow, boost[GF_N_CAUSES], cofunding_share;
} gf_sector_plan;

typedef struct gf_sector_params {
    int64_t n_plans;
    gf_sector_plan plans[MAX_PLANS];
    double steered_share, cheque_cny_m, incentive_share, burn_cny_m_per_year;
    /* derived */
    int tier_of[GF_MAX_SECTORS]; /* −1: none */
    double factor[GF_MAX_QUARTERS][GF_N_CAUSES][GF_MAX_SECTORS];
    double entry[GF_MAX_QUARTERS][GF_MAX_SECTORS], price[GF_MAX_QUARTERS][GF_MAX_SECTORS];
    double steered[GF_MAX_QUARTERS]; /* Σ e */
} gf_sector_params;

typedef struct gf_sector_state {
    double entered[N_TIERS][GF_LANES], cofunded[GF_LANES];
} gf_sector_state;

#define ROW(kind, key) GF_ROW(kind, gf_sector_plan, #key, key)
#define BOOST(key, member, text)                                                                             \
    {                                                                                                        \
        GF_ROW(GF_DOUBLE, gf_sector_plan, key, member), .preset = 0, .min = -0.95, .max = 20, .neutral = 0,  \
                                                        .unit = "1", .help = "rise of " text,                \
                                                        .source = "prior"                                    \
    }

static const gf_param plan_rows[] = {
    {ROW(GF_TEXT, sector), .unit = "", .help = "a name of startups.sectors, or all", .source = "",
     .required = 1},
    {ROW(GF_CHOICE, tier), .choices = "established|key|emergent", .unit = "",
     .help = "rank of the sector in the plan, a label that results carry",
     .source = "Wuxi 465: 4 established, 6 key and 5 emergent sectors"},
    {ROW(GF_INT, start_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS - 1, .neutral = NAN,
     .unit = "quarter", .help = "first quarter, counted from the start", .source = "prior"},
    {ROW(GF_DOUBLE, quarters), .preset = INFINITY, .min = 1, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .has_none = 1, .none_value = INFINITY, .unit = "quarter", .help = "how long; none: to the horizon",
     .source = "Binhu 543: a three-year plan, 12 quarters"},
    {ROW(GF_INT, ramp_quarters), .preset = 4, .min = 0, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .unit = "quarter", .help = "it takes hold linearly over so many quarters; 0: at once",
     .source = "prior"},
    {ROW(GF_DOUBLE, weight), .preset = 0, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of the steered entrants that go to this sector; over the table they sum to 1",
     .source = "prior"},
    BOOST("deal_flow", deal_flow, "the flow of entrants"),
    BOOST("breakout", boost[GF_BREAKOUT], "the breakout hazard"),
    BOOST("list", boost[GF_LIST], "the listing hazard"),
    BOOST("acquire", boost[GF_ACQUIRE], "the acquisition hazard"),
    BOOST("fail", boost[GF_FAIL], "the failure hazard; below 0: fewer failures"),
    BOOST("graduate", boost[GF_GRADUATE], "the graduation hazard"),
    {ROW(GF_DOUBLE, cofunding_share), .preset = 0, .min = 0, .max = 0.9, .neutral = 0, .unit = "1",
     .help = "share of what a startup gets at entry that a district pays and asks no shares for",
     .source = "prior; Binhu: district funds for biomedicine and healthcare"},
    GF_ROW_END,
};

static const gf_param rows[] = {
    {GF_ROW(GF_TABLE, gf_sector_params, "sectors", plans), .rows = plan_rows,
     .row_size = sizeof(gf_sector_plan), .max_count = MAX_PLANS,
     .count_offset = offsetof(gf_sector_params, n_plans), .neutral = 0, .unit = "",
     .help = "the plan: a row for each sector and period that it lifts", .source = "Wuxi 465, Binhu 543"},
    {GF_ROW(GF_DOUBLE, gf_sector_params, "steered_share", steered_share), .preset = 0, .min = 0, .max = 1,
     .neutral = 0, .unit = "1", .help = "share of entrants that follow the plan's weights, not the market's",
     .source = "prior"},
    {GF_ROW(GF_DOUBLE, gf_sector_params, "cheque_cny_m", cheque_cny_m), .preset = 5, .min = 0, .max = 10000,
     .neutral = NAN, .unit = "CNY million",
     .help = "what the programme pays a startup at entry, for the district's outlay",
     .source = "Hangzhou Runmiao fund: tickets up to CNY 5 million"},
    {GF_ROW(GF_DOUBLE, gf_sector_params, "incentive_share", incentive_share), .preset = 0.05, .min = 0,
     .max = 0.95, .neutral = 0, .unit = "1",
     .help = "share of startups' operating cost that the plan's fiscal incentives carry, in every sector",
     .source = "prior; Binhu 543: fiscal incentives"},
    {GF_ROW(GF_DOUBLE, gf_sector_params, "burn_cny_m_per_year", burn_cny_m_per_year), .preset = 5, .min = 0,
     .max = 1000, .neutral = NAN, .unit = "CNY million/year",
     .help = "operating cost of a startup before incentives, for the public outlay", .source = "prior"},
    GF_ROW_END,
};

static int is_all(const gf_sector_plan *plan)
{
    return strcmp(plan->sector, "all") == 0;
}

/* Index of the plan's sector; 0 for all; −1 if the scenario does not have it. */
static int find_sector(const gf_scene *scene, const gf_sector_plan *plan)
{
    if (is_all(plan))
        return 0;
    for (int sector = 0; sector < scene->n_sectors; sector++)
        if (strcmp(scene->sector_names[sector], plan->sector) == 0)
            return sector;
    return -1;
}

/* Names of the scenario's sectors, with commas between. */
static void list_sectors(const gf_scene *scene, char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (int sector = 0; sector < scene->n_sectors && used < size; sector++)
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", sector > 0 ? ", " : "",
                                 scene->sector_names[sector]);
}

/* How far a row has taken hold in a quarter, 0 … 1. */
static double ramp(const gf_sector_plan *plan, int quarter)
{
    double since = (double)(quarter - plan->start_quarter);
    if (since < 0 || since >= plan->quarters)
        return 0;
    return plan->ramp_quarters > 0 ? gf_least(1, (since + 1) / (double)plan->ramp_quarters) : 1;
}

static void check_names(const gf_sector_params *params, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    char key[64], names[GF_MAX_SECTORS * (GF_TEXT_SIZE + 2)];
    list_sectors(scene, names, sizeof names);
    for (int64_t i = 0; i < params->n_plans; i++)
        if (find_sector(scene, &params->plans[i]) < 0) {
            snprintf(key, sizeof key, "sectors[%d].sector", (int)i);
            gf_diagnose(diagnostics, key, "no sector '%s' in startups.sectors; expected one of %s, or all",
                        params->plans[i].sector, names);
        }
}

/* Weights sum to 1, and entrants are only steered to where there are some. */
static void check_weights(const gf_sector_params *params, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    char key[64];
    double sum = 0;
    for (int64_t i = 0; i < params->n_plans; i++) {
        const gf_sector_plan *plan = &params->plans[i];
        int sector = find_sector(scene, plan);
        sum += plan->weight;
        snprintf(key, sizeof key, "sectors[%d].weight", (int)i);
        if (plan->weight > 0 && is_all(plan))
            gf_diagnose(diagnostics, key,
                        "a weight for all sectors steers nothing; expected a sector's name");
        else if (plan->weight > 0 && sector >= 0 && scene->sector_weights[sector] <= 0)
            gf_diagnose(diagnostics, key,
                        "sector %s has no entrants to steer: its weight in startups.sectors is 0",
                        plan->sector);
    }
    if (params->n_plans > 0 && (sum > 0 || params->steered_share > 0) && fabs(sum - 1) > 1e-9)
        gf_diagnose(diagnostics, "sectors", "weights sum to %.10g, expected 1", sum);
}

static void apply_boosts(gf_sector_params *params, const gf_sector_plan *plan, int sector, int quarter)
{
    double held = ramp(plan, quarter);
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        params->factor[quarter][cause][sector] *= 1 + plan->boost[cause] * held;
    params->entry[quarter][sector] *= 1 + plan->deal_flow * held;
    params->price[quarter][sector] *= 1 - plan->cofunding_share * held;
}

/* Multiplies the steering of one quarter into the deal flow. */
static void apply_steering(gf_sector_params *params, const gf_scene *scene, int quarter)
{
    double steered[GF_MAX_SECTORS] = {0}, sum = 0;
    for (int64_t i = 0; i < params->n_plans; i++) {
        double share = params->steered_share * params->plans[i].weight * ramp(&params->plans[i], quarter);
        steered[find_sector(scene, &params->plans[i])] += share;
        sum += share;
    }
    params->steered[quarter] = sum;
    for (int sector = 0; sector < scene->n_sectors && sum > 0; sector++) {
        double weight = scene->sector_weights[sector];
        double shift = weight > 0 ? steered[sector] / weight - sum : 0;
        /* a plan with the market's own weights changes no bit */
        params->entry[quarter][sector] *= fabs(shift) > 1e-12 ? 1 + shift : 1;
    }
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_sector_params *params = values;
    int n_errors = diagnostics->n_errors;
    check_names(params, scene, diagnostics);
    check_weights(params, scene, diagnostics);
    if (diagnostics->n_errors > n_errors)
        return;
    for (int sector = 0; sector < GF_MAX_SECTORS; sector++)
        params->tier_of[sector] = -1;
    for (int quarter = 0; quarter < scene->n_quarters; quarter++)
        for (int sector = 0; sector < scene->n_sectors; sector++) {
            params->entry[quarter][sector] = params->price[quarter][sector] = 1;
            for (int cause = 0; cause < GF_N_CAUSES; cause++)
                params->factor[quarter][cause][sector] = 1;
        }
    for (int64_t i = 0; i < params->n_plans; i++) {
        const gf_sector_plan *plan = &params->plans[i];
        int first = find_sector(scene, plan), end = is_all(plan) ? scene->n_sectors : first + 1;
        for (int sector = first; sector < end; sector++) {
            params->tier_of[sector] = (int)plan->tier;
            for (int quarter = 0; quarter < scene->n_quarters; quarter++)
                apply_boosts(params, plan, sector, quarter);
        }
    }
    for (int quarter = 0; quarter < scene->n_quarters; quarter++)
        apply_steering(params, scene, quarter);
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_sector_state);
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)state, (void)block;
    const gf_sector_params *params = values;
    for (int sector = 0; sector < scene->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++) {
            double factor = params->factor[quarter][cause][sector];
            if (factor == 1)
                continue;
            double *restrict hazard = gf_climate_rows(out, (gf_cause)cause)[sector];
            for (int lane = 0; lane < GF_LANES; lane++)
                hazard[lane] *= factor;
        }
        double entry = params->entry[quarter][sector], price = params->price[quarter][sector];
        for (int lane = 0; lane < GF_LANES; lane++) {
            out->deal_flow[sector][lane] *= entry;
            out->entry_valuation[sector][lane] *= price;
        }
    }
    for (int lane = 0; lane < GF_LANES; lane++)
        out->operating_cost[lane] *= 1 - params->incentive_share;
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_sector_params *params = values;
    gf_sector_state *self = state;
    const double incentive = params->incentive_share * params->burn_cny_m_per_year / 4;
    for (int sector = 0; sector < scene->n_sectors; sector++) {
        const double price = params->price[quarter][sector];
        const double outlay = params->cheque_cny_m * (1 - price) / price;
        const int tier = params->tier_of[sector];
        for (int lane = 0; lane < block->n_lanes; lane++) {
            double entered = events->n_entered[sector][lane];
            block->public_flow[GF_PUBLIC_SUBSIDY][lane] +=
                outlay * entered + incentive * events->n_live[sector][lane];
            self->cofunded[lane] += outlay * entered;
            if (tier >= 0)
                self->entered[tier][lane] += entered;
        }
    }
}

static const gf_model_column columns[] = {
    {"established", "startups", "entrants in the plan's established sectors"},
    {"key", "startups", "entrants in the plan's key sectors"},
    {"emergent", "startups", "entrants in the plan's emergent sectors"},
    {"cofunded", "CNY million", "what districts paid next to the programme"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)values, (void)scene;
    const gf_sector_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        for (int tier = 0; tier < N_TIERS; tier++)
            out[tier][lane] = self->entered[tier][lane];
        out[N_TIERS][lane] = self->cofunded[lane];
    }
}

static const gf_model_column series[] = {
    {"steered_share", "1", "share of entrants that follow the plan's weights"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene, (void)state;
    const gf_sector_params *params = values;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = params->steered[quarter];
}

const gf_model gf_model_sector_policy = {
    .name = "sector_policy",
    .summary =
        "Wuxi's second phase: a plan lifts named sectors (465, Binhu's 543), steers entrants and co-invests",
    .purpose = GF_LUCK_MODELS + 5,
    .emits = GF_ONLY,
    .pays = GF_ONLY | 1u << GF_PUBLIC_SUBSIDY,
    .shifts =
        GF_ONLY | 1u << GF_SHIFT_ENTRY_VALUATION | 1u << GF_SHIFT_DEAL_FLOW | 1u << GF_SHIFT_OPERATING_COST,
    .reads = GF_ONLY | 1u << GF_EVENT_ENTERED | 1u << GF_EVENT_LIVE,
    .rows = rows,
    .params_size = sizeof(gf_sector_params),
    .check = check,
    .state_size = state_size,
    .climate = climate,
    .observe = observe,
    .columns = columns,
    .report = report,
    .series = series,
    .sample = sample,
};
