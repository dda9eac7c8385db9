/* The outlier wave: one breakout, inside the portfolio or in the cluster around it, makes the next ones
 * likelier.
 *
 *   excitement   x(q+1) = x(q) 2^(−Δ/half_life) + portfolio outliers(q) + ambient outliers(q),
 *                x(0) = seed_outliers
 *   hazards      λ_k × clamp(1 + a_k x, 1/max_factor, max_factor)
 *   ambient      Poisson of mean Δ · cluster · (ambient_per_year + ambient_offspring_per_year · x),
 *                inverse CDF of one keyed uniform, hence monotone in policy
 *
 * A discrete Hawkes process (Hawkes 1971). Each outlier has Poisson offspring, so a cascade of ambient
 * outliers is a Galton-Watson tree whose total size follows the Borel law (Borel 1942; Tanner 1961) of the
 * branching ratio. */
#include <math.h>
#include <stdio.h>

#include "portfolio/model.h"
#include "random/luck.h"
#include "random/poisson.h"

typedef struct gf_spillover_params {
    double half_life_years; /* infinity: no decay */
    double response[GF_N_CAUSES];
    double max_factor; /* infinity: no cap */
    double ambient_per_year, ambient_offspring_per_year;
    double reference_firms; /* infinity: ambient rates do not depend on the cluster */
    double seed_outliers;
    double decay; /* derived: 2^(−Δ/half_life) */
} gf_spillover_params;

typedef struct gf_spillover_state {
    double excitement[GF_LANES], peak[GF_LANES];
    double factor[GF_N_CAUSES][GF_LANES]; /* what excitement does to hazards */
} gf_spillover_state;

static const double quarter_years = 0.25;
static const double most_a_quarter = 1e4; /* mean of ambient outliers, however large the cluster grows */
enum { PURPOSE = GF_LUCK_MODELS + 0 };

#define ROW(key, member) GF_ROW(GF_DOUBLE, gf_spillover_params, key, member)
#define RESPONSE(key, cause, value, least, most)                                                             \
    {                                                                                                        \
        ROW(key, response[cause]), .preset = (value), .min = (least), .max = (most), .neutral = 0,           \
                                   .unit = "1/outlier",                                                      \
                                   .help = "response a of this hazard: factor 1 + a x at excitement x",      \
                                   .source = "prior: branching ratio 0.05-0.5"                               \
    }

static const gf_param rows[] = {
    {ROW("half_life_years", half_life_years), .preset = 3.5, .min = 0.05, .max = 100, .neutral = NAN,
     .has_none = 1, .none_value = INFINITY, .unit = "year",
     .help = "half-life of the excitement that an outlier leaves; none: it never fades",
     .source = "prior: mean life 3-7 years"},
    RESPONSE("breakout", GF_BREAKOUT, 0.10, 0, 1000),
    RESPONSE("list", GF_LIST, 0.05, 0, 1000),
    RESPONSE("acquire", GF_ACQUIRE, 0.05, 0, 1000),
    RESPONSE("fail", GF_FAIL, -0.02, -1000, 1000),
    RESPONSE("graduate", GF_GRADUATE, 0.10, 0, 1000),
    {ROW("max_factor", max_factor), .preset = 2, .min = 1, .max = 1e6, .neutral = NAN, .has_none = 1,
     .none_value = INFINITY, .unit = "1",
     .help = "factors stay between 1/max_factor and max_factor; none: only above 0", .source = "prior"},
    {ROW("ambient_per_year", ambient_per_year), .preset = 0.1, .min = 0, .max = 100, .neutral = 0,
     .unit = "outliers/year",
     .help = "outliers in the cluster outside the portfolio that nothing else caused",
     .source = "prior: one in a decade"},
    {ROW("ambient_offspring_per_year", ambient_offspring_per_year), .preset = 0.02, .min = 0, .max = 100,
     .neutral = 0, .unit = "1/year",
     .help = "further outliers in the cluster a year for each unit of excitement",
     .source = "prior: branching ratio 0.05-0.5"},
    {ROW("reference_firms", reference_firms), .preset = INFINITY, .min = 1, .max = 1e9, .neutral = INFINITY,
     .has_none = 1, .none_value = INFINITY, .unit = "firms",
     .help =
         "ambient rates hold at so many cluster firms and grow with them; none: they do not depend on them",
     .source = "prior"},
    {ROW("seed_outliers", seed_outliers), .preset = 0, .min = 0, .max = 100, .neutral = 0, .unit = "outliers",
     .help = "outliers just before the first quarter: the excitement at the start", .source = "prior"},
    GF_ROW_END,
};

/* Excitement-years that one outlier leaves: Δ Σ decay^k over the quarters after it, up to the end of the
 * horizon (bounded = 1, or without decay) or for ever. The discrete twin of half_life/ln 2. */
static double influence_years(const gf_spillover_params *params, const gf_scene *scene, int bounded)
{
    int n = scene->n_quarters - 1;
    if (params->decay >= 1)
        return quarter_years * n;
    double tail = bounded ? pow(params->decay, n) : 0;
    return quarter_years * (1 - tail) / (1 - params->decay);
}

/* Largest neutral breakout hazard of the stages that startups pass through. */
static double breakout_per_year(const gf_scene *scene)
{
    double largest = 0;
    for (int stage = GF_SEED; stage < GF_OUTLIER; stage++)
        largest = gf_greatest(largest, scene->hazards[GF_BREAKOUT][stage]);
    return largest;
}

/* Expected further outliers caused by one, in the portfolio: an upper bound that keeps all startups live in
 * the stage of the largest breakout hazard for the whole horizon, under an otherwise neutral climate and
 * without the cap. */
static double portfolio_branching(const gf_spillover_params *params, const gf_scene *scene)
{
    return scene->n_startups * breakout_per_year(scene) * params->response[GF_BREAKOUT] *
           influence_years(params, scene, 1);
}

/* The same in the cluster around it, at the reference number of firms; exact. */
static double ambient_branching(const gf_spillover_params *params, const gf_scene *scene)
{
    return params->ambient_offspring_per_year * influence_years(params, scene, 0);
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_spillover_params *params = values;
    params->decay = exp2(-quarter_years / params->half_life_years);
    double portfolio = portfolio_branching(params, scene), ambient = ambient_branching(params, scene);
    if (portfolio + ambient >= 1)
        gf_diagnose(
            diagnostics, portfolio >= ambient ? "breakout" : "ambient_offspring_per_year",
            "branching ratio %.4g (portfolio %.4g + cluster %.4g) must be below 1, or one outlier sets off "
            "an endless wave: lower breakout, ambient_offspring_per_year or half_life_years",
            portfolio + ambient, portfolio, ambient);
}

static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    const gf_spillover_params *params = values;
    double portfolio = portfolio_branching(params, scene), ambient = ambient_branching(params, scene);
    snprintf(buffer, size, "branching ratio %.4g (portfolio at most %.4g, cluster %.4g)", portfolio + ambient,
             portfolio, ambient);
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_spillover_state);
}

static void respond(const gf_spillover_params *params, gf_spillover_state *self)
{
    const double most = params->max_factor, least = 1 / most;
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        double response = params->response[cause], *restrict factor = self->factor[cause];
        for (int lane = 0; lane < GF_LANES && response != 0; lane++) {
            double linear = 1 + response * self->excitement[lane];
            double above = linear > least ? linear : least;
            factor[lane] = above < most ? above : most;
        }
    }
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)scene, (void)block;
    const gf_spillover_params *params = values;
    gf_spillover_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++)
        self->excitement[lane] = self->peak[lane] = params->seed_outliers;
    respond(params, self);
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)scene, (void)block, (void)quarter;
    const gf_spillover_params *params = values;
    const gf_spillover_state *self = state;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        if (params->response[cause] != 0)
            gf_climate_scale_hazard(out, (gf_cause)cause, self->factor[cause]);
}

/* Outliers of this quarter in the cluster. Firms unknown (no economy, or quarter 0): the base rates. */
static void draw_ambient(const gf_spillover_params *params, const gf_spillover_state *self,
                         const gf_block *block, int quarter, double *count)
{
    double uniform[GF_LANES];
    const double *firms = block->signals[GF_SIGNAL_CLUSTER_FIRMS];
    gf_luck_lanes(block->seed, block->first_portfolio, block->n_lanes, 0, PURPOSE, (uint32_t)quarter, uniform,
                  NULL);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double cluster =
            isinf(params->reference_firms) || firms[lane] <= 0 ? 1 : firms[lane] / params->reference_firms;
        double per_year =
            params->ambient_per_year + params->ambient_offspring_per_year * self->excitement[lane];
        double mean = gf_least(quarter_years * cluster * per_year, most_a_quarter);
        /* e^−m ≥ 1 − m: most quarters need no exponential to know that nothing happened */
        count[lane] = uniform[lane] < 1 - mean ? 0 : gf_poisson_inverse(uniform[lane], mean);
    }
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_spillover_params *params = values;
    gf_spillover_state *self = state;
    const int has_ambient = params->ambient_per_year > 0 || params->ambient_offspring_per_year > 0;
    if (!has_ambient && params->decay >= 1 && (events->absent >> GF_BREAKOUT & 1u))
        return; /* nothing fades, and nothing happened */
    double outliers[GF_LANES] = {0};
    if (has_ambient) {
        draw_ambient(params, self, block, quarter, outliers);
        for (int lane = 0; lane < GF_LANES; lane++)
            block->emit[GF_SIGNAL_AMBIENT_OUTLIERS][lane] += outliers[lane];
    }
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < GF_LANES; lane++)
            outliers[lane] += events->n_by_cause[GF_BREAKOUT][sector][lane];
    for (int lane = 0; lane < GF_LANES; lane++) {
        double next = self->excitement[lane] * params->decay + outliers[lane];
        self->excitement[lane] = next;
        self->peak[lane] = next > self->peak[lane] ? next : self->peak[lane];
    }
    respond(params, self);
}

static const gf_model_column columns[] = {
    {"peak_excitement", "outliers", "largest excitement of the outlier wave"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)values, (void)scene;
    const gf_spillover_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = self->peak[lane];
}

static const gf_model_column series[] = {
    {"excitement", "outliers", "excitement of the outlier wave"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)values, (void)scene, (void)quarter;
    const gf_spillover_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = self->excitement[lane];
}

const gf_model gf_model_spillover = {
    .name = "spillover",
    .summary =
        "one outlier, in the portfolio or around it, can set off a wave (self-exciting process, Hawkes 1971)",
    .purpose = PURPOSE,
    .emits = GF_ONLY | 1u << GF_SIGNAL_AMBIENT_OUTLIERS,
    .pays = GF_ONLY,
    .shifts = GF_ONLY,
    .reads = GF_ONLY | 1u << GF_BREAKOUT,
    .rows = rows,
    .params_size = sizeof(gf_spillover_params),
    .check = check,
    .state_size = state_size,
    .begin = begin,
    .climate = climate,
    .observe = observe,
    .columns = columns,
    .report = report,
    .series = series,
    .sample = sample,
    .note = note,
};
