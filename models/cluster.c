/* The five-subsystem cluster: innovation, chain and application, digital infrastructure, talent and capital,
 * governance and open collaboration, each a log level that moves the others and the startups.
 *
 *   levels    ds = [κ (θ − s) + W s + B u] dt + σ dB, and s jumps by `spill` for every outlier, in the
 *             portfolio and around it
 *   climate   hazard or deal flow × exp(Γ s), held between 1/max_factor and max_factor
 *   driver    technology, application or institution presets θ, κ, W, B; custom takes them from the rows
 *   inputs    u_k(q): levels in windows, and growth that stays, log(1 + g) a year (computing capacity, …)
 *
 * A multivariate Ornstein-Uhlenbeck process, stepped exactly, so that the mean path is the matrix
 * exponential's to rounding (Van Loan 1978):
 *
 *   s(q+1) = E s + F (κθ + B u) + L z  with  A = W − κ,  E = e^(AΔ),  F = ∫ e^(At) dt,
 *                                            L L' = ∫ e^(At) σ² e^(A't) dt
 *
 * An unstable A is refused with its eigenvalue. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/draws.h"
#include "random/linear_process.h"
#include "random/luck.h"

enum { N = 5, MAX_INPUTS = 32, N_TARGETS = GF_N_CAUSES + 1, ENTRY = GF_N_CAUSES, CUSTOM = 3 };
enum { PURPOSE = GF_LUCK_MODELS + 6 };

typedef struct gf_cluster_input {
    char name[GF_TEXT_SIZE];
    int64_t subsystem, start_quarter;
    double quarters, level, growth_per_year;
} gf_cluster_input;

typedef struct gf_cluster_coupling {
    double to[N][N]; /* to[k][j]: what a unit of j adds to k */
} gf_cluster_coupling;

typedef struct driver {
    double theta[N], kappa[N], input_gain[N];
    gf_cluster_coupling coupling;
} driver;

typedef struct gf_cluster_response {
    double of[N_TARGETS][N];
} gf_cluster_response;

typedef struct gf_cluster_params {
    int64_t driver;
    double ambition, complementarity;
    struct driver custom;
    double initial[N], spill[N], volatility[N];
    gf_cluster_response response;
    double max_factor;
    int64_t n_inputs;
    gf_cluster_input inputs[MAX_INPUTS];
    /* derived */
    gf_linear_process process;
    double forcing[GF_MAX_QUARTERS][N]; /* F (κθ + B u) */
    int has_noise;
    const gf_draws *draws;
} gf_cluster_params;

typedef struct gf_cluster_state {
    double level[N][GF_LANES];
} gf_cluster_state;

static const double quarter_years = 0.25;

/* Order: innovation, chain_application, infrastructure, talent_capital, governance. All priors:
 * complementarities 0-0.3; the leading subsystem aims highest, moves fastest and feeds the others. */
static const driver drivers[CUSTOM] = {
    /* technology: knowledge first, talent and capital follow it, chains come late (Silicon Valley) */
    {{1.0, 0.3, 0.4, 0.6, 0.1},
     {0.9, 0.3, 0.4, 0.5, 0.3},
     {0.9, 0.3, 0.4, 0.5, 0.3},
     {{{0, 0.03, 0.05, 0.15, 0},
       {0.12, 0, 0.03, 0.03, 0},
       {0.08, 0.03, 0, 0.03, 0},
       {0.20, 0.03, 0, 0, 0.03},
       {0.02, 0.02, 0, 0, 0}}}},
    /* application: scenarios and chains first, data and infrastructure with them, knowledge from use
       (Hangzhou) */
    {{0.2, 1.0, 0.6, 0.4, 0.2},
     {0.3, 0.9, 0.6, 0.4, 0.3},
     {0.3, 0.9, 0.6, 0.4, 0.3},
     {{{0, 0.08, 0.03, 0.03, 0},
       {0.03, 0, 0.15, 0.03, 0.03},
       {0, 0.15, 0, 0, 0.03},
       {0.03, 0.10, 0, 0, 0.03},
       {0, 0.05, 0, 0, 0}}}},
    /* institution: policies, standards and open collaboration first, talent drawn by them (Montreal) */
    {{0.1, 0.1, 0.2, 0.4, 1.0},
     {0.3, 0.3, 0.3, 0.5, 0.9},
     {0.3, 0.3, 0.3, 0.5, 0.9},
     {{{0, 0.02, 0.02, 0.06, 0.05},
       {0.03, 0, 0.03, 0.03, 0.05},
       {0.02, 0.02, 0, 0.02, 0.10},
       {0.05, 0.03, 0, 0, 0.15},
       {0.02, 0.02, 0, 0.02, 0}}}},
};

#define ROW(key) GF_ROW(GF_DOUBLE, gf_cluster_params, #key, key)
#define LIST(type, key, member, least, most)                                                                 \
    GF_ROW(GF_DOUBLES, type, key, member), .fixed_count = N, .min = (least), .max = (most), .source = "prior"
#define INPUT(kind, key) GF_ROW(kind, gf_cluster_input, #key, key)
#define SUBSYSTEMS       "innovation|chain_application|infrastructure|talent_capital|governance"

static const gf_param input_rows[] = {
    {INPUT(GF_TEXT, name), .unit = "", .help = "what it is, computing capacity say", .source = ""},
    {INPUT(GF_CHOICE, subsystem), .choices = SUBSYSTEMS, .unit = "", .required = 1,
     .help = "the subsystem that it moves", .source = "prior"},
    {INPUT(GF_INT, start_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS - 1, .neutral = NAN,
     .unit = "quarter", .help = "first quarter, counted from the start", .source = "prior"},
    {INPUT(GF_DOUBLE, quarters), .preset = INFINITY, .min = 1, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .has_none = 1, .none_value = INFINITY, .unit = "quarter", .help = "how long; none: to the horizon",
     .source = "prior"},
    {INPUT(GF_DOUBLE, level), .preset = 0, .min = -5, .max = 5, .neutral = 0, .unit = "log",
     .help = "log level while it lasts", .source = "prior"},
    {INPUT(GF_DOUBLE, growth_per_year), .preset = 0, .min = -0.5, .max = 1, .neutral = 0, .unit = "1/year",
     .help = "growth while it lasts; what has grown stays",
     .source = "China: computing capacity +50% by 2025, digital economy +5.2% in 2023"},
    GF_ROW_END,
};

#define COUPLING(key, k)                                                                                     \
    {                                                                                                        \
        LIST(gf_cluster_coupling, key, to[k], -5, 5),                                                        \
            .neutral = NAN, .unit = "1/year", .help = "what a unit of each subsystem adds to it in a year"   \
    }
static const gf_param coupling_rows[] = {
    COUPLING("innovation", 0),     COUPLING("chain_application", 1), COUPLING("infrastructure", 2),
    COUPLING("talent_capital", 3), COUPLING("governance", 4),        GF_ROW_END,
};

#define RESPONSE(key, target, ...)                                                                           \
    {                                                                                                        \
        LIST(gf_cluster_response, key, of[target], -3, 3),                                                   \
            .presets = (const double[]){__VA_ARGS__}, .neutral = 0, .unit = "1",                             \
            .help = "log of its factor for a unit of each subsystem"                                         \
    }
static const gf_param response_rows[] = {
    RESPONSE("breakout", GF_BREAKOUT, 0.40, 0.03, 0.03, 0.05, 0), /* guided by knowledge */
    RESPONSE("list", GF_LIST, 0.05, 0.20, 0, 0.10, 0.05),
    RESPONSE("acquire", GF_ACQUIRE, 0.05, 0.30, 0, 0.05, 0), /* driven by the chain */
    RESPONSE("fail", GF_FAIL, 0, -0.05, -0.05, -0.05, -0.30),
    RESPONSE("graduate", GF_GRADUATE, 0.05, 0.25, 0.10, 0.05, 0), /* underpinned by infrastructure */
    RESPONSE("entry", ENTRY, 0.03, 0.03, 0, 0.10, 0.30),          /* steered by governance */
    GF_ROW_END,
};

static const gf_param rows[] = {
    {GF_ROW(GF_CHOICE, gf_cluster_params, "driver", driver),
     .choices = "technology|application|institution|custom", .unit = "",
     .help = "what leads: sets theta, kappa, coupling and input_gain, which custom takes from their rows",
     .source = "Silicon Valley, Hangzhou, Montreal"},
    {ROW(ambition), .preset = 1, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "multiplies theta: how far the cluster's own efforts carry", .source = "prior"},
    {ROW(complementarity), .preset = 1, .min = 0, .max = 10, .neutral = NAN, .unit = "1",
     .help = "multiplies the coupling", .source = "prior: pairwise complementarity 0-0.3"},
    {LIST(gf_cluster_params, "theta", custom.theta, -5, 5), .neutral = 0, .unit = "log",
     .help = "custom: log levels that efforts aim at"},
    {LIST(gf_cluster_params, "kappa", custom.kappa, 0, 20), .preset = 0.5, .neutral = NAN, .unit = "1/year",
     .help = "custom: speeds at which levels return to theta"},
    {LIST(gf_cluster_params, "input_gain", custom.input_gain, 0, 20), .preset = 0.5, .neutral = NAN,
     .unit = "1/year", .help = "custom: gain of each subsystem's input"},
    {GF_ROW(GF_GROUP, gf_cluster_params, "coupling", custom.coupling), .rows = coupling_rows, .unit = "",
     .help = "custom: who feeds whom; each list is in the order of the subsystems, its own place included",
     .source = ""},
    {LIST(gf_cluster_params, "initial", initial, -5, 5), .neutral = 0, .unit = "log",
     .help = "levels at the start"},
    {LIST(gf_cluster_params, "spill", spill, -2, 2), .presets = (const double[]){0.10, 0.03, 0, 0.08, 0},
     .neutral = 0, .unit = "log/outlier",
     .help = "jump of each level for an outlier, in or around the portfolio"},
    {LIST(gf_cluster_params, "volatility", volatility, 0, 3), .preset = 0.1, .neutral = 0,
     .unit = "1/sqrt(year)", .help = "volatility of each level"},
    {GF_ROW(GF_GROUP, gf_cluster_params, "response", response), .rows = response_rows, .unit = "",
     .help = "how levels move hazards and the flow of entrants", .source = ""},
    {ROW(max_factor), .preset = 10, .min = 1, .max = 1e6, .neutral = NAN, .unit = "1",
     .help = "factors stay between 1/max_factor and max_factor", .source = "prior"},
    {GF_ROW(GF_TABLE, gf_cluster_params, "inputs", inputs), .rows = input_rows,
     .row_size = sizeof(gf_cluster_input), .max_count = MAX_INPUTS,
     .count_offset = offsetof(gf_cluster_params, n_inputs), .neutral = 0, .unit = "",
     .help = "paths that move subsystems from outside",
     .source = "China: computing capacity +50% by 2025, digital economy +5.2% in 2023"},
    GF_ROW_END,
};

/* θ, κ, B and W in force: of the driver, or of the rows. */
static driver driver_of(const gf_cluster_params *params)
{
    driver self = params->driver == CUSTOM ? params->custom : drivers[params->driver];
    for (int k = 0; k < N; k++) {
        self.theta[k] *= params->ambition;
        for (int j = 0; j < N; j++)
            self.coupling.to[k][j] *= params->complementarity;
    }
    return self;
}

/* A = W − diag(κ), per year, by rows. */
static void drift_of(const driver *self, double *drift)
{
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++)
            drift[k * N + j] = self->coupling.to[k][j] - (k == j ? self->kappa[k] : 0);
}

/* What an input adds in a quarter, log. */
static double input_at(const gf_cluster_input *input, int quarter)
{
    double since = (double)(quarter - input->start_quarter);
    if (since < 0)
        return 0;
    double grown = log1p(input->growth_per_year) * gf_least(since, input->quarters) * quarter_years;
    return grown + (since < input->quarters ? input->level : 0);
}

static void solve_forcing(gf_cluster_params *params, const gf_scene *scene, const driver *self)
{
    for (int quarter = 0; quarter < scene->n_quarters; quarter++) {
        double push[N];
        for (int k = 0; k < N; k++)
            push[k] = self->kappa[k] * self->theta[k];
        for (int64_t i = 0; i < params->n_inputs; i++)
            push[params->inputs[i].subsystem] +=
                self->input_gain[params->inputs[i].subsystem] * input_at(&params->inputs[i], quarter);
        for (int k = 0; k < N; k++) {
            params->forcing[quarter][k] = 0;
            for (int j = 0; j < N; j++)
                params->forcing[quarter][k] += params->process.gain[k][j] * push[j];
        }
    }
}

/* Rows that only a custom driver reads must not be set beside another. */
static void check_custom(const gf_cluster_params *params, gf_diagnostics *diagnostics)
{
    int theta = 0, kappa = 0, gain = 0, coupling = 0;
    for (int k = 0; k < N; k++) {
        theta |= params->custom.theta[k] != 0;
        kappa |= params->custom.kappa[k] != 0.5;
        gain |= params->custom.input_gain[k] != 0.5;
        for (int j = 0; j < N; j++)
            coupling |= params->custom.coupling.to[k][j] != 0;
    }
    const char *key = theta ? "theta" : kappa ? "kappa" : gain ? "input_gain" : coupling ? "coupling" : NULL;
    if (params->driver != CUSTOM && key != NULL)
        gf_diagnose(diagnostics, key, "is set, but the driver brings its own; expected driver: custom");
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_cluster_params *params = values;
    double drift[N * N];
    check_custom(params, diagnostics);
    driver self = driver_of(params);
    drift_of(&self, drift);
    gf_linear_process_solve(&params->process, N, drift, params->volatility, quarter_years);
    if (params->process.largest_eigenvalue >= 0) {
        gf_diagnose(
            diagnostics, params->driver == CUSTOM ? "coupling" : "complementarity",
            "unstable: coupling minus kappa has an eigenvalue with real part %.6g a year, expected below "
            "0: couple less or raise kappa",
            params->process.largest_eigenvalue);
        return;
    }
    solve_forcing(params, scene, &self);
    params->has_noise = 0;
    for (int k = 0; k < N; k++)
        params->has_noise |= params->volatility[k] > 0;
    params->draws = gf_draws_fast(gf_isa_detect());
}

static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    (void)scene;
    const gf_cluster_params *params = values;
    snprintf(buffer, size, "largest eigenvalue %.4g a year: a shock halves in about %.3g years",
             params->process.largest_eigenvalue, log(2) / -params->process.largest_eigenvalue);
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_cluster_state);
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)scene, (void)block;
    const gf_cluster_params *params = values;
    gf_cluster_state *self = state;
    for (int k = 0; k < N; k++)
        for (int lane = 0; lane < GF_LANES; lane++)
            self->level[k][lane] = params->initial[k];
}

/* exp(Γ s) of one target, or 0 when nothing responds. */
static int factor_of(const gf_cluster_params *params, const gf_cluster_state *self, int target,
                     double *factor)
{
    const double most = log(params->max_factor);
    int responds = 0;
    memset(factor, 0, GF_LANES * sizeof *factor);
    for (int k = 0; k < N; k++) {
        double slope = params->response.of[target][k];
        responds |= slope != 0;
        for (int lane = 0; lane < GF_LANES && slope != 0; lane++)
            factor[lane] += slope * self->level[k][lane];
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        double above = factor[lane] > -most ? factor[lane] : -most;
        factor[lane] = above < most ? above : most;
    }
    if (responds)
        params->draws->exp(GF_LANES, factor, factor);
    return responds;
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)block, (void)quarter;
    const gf_cluster_params *params = values;
    double factor[GF_LANES];
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        if (factor_of(params, state, cause, factor))
            gf_climate_scale_hazard(out, (gf_cause)cause, factor);
    if (factor_of(params, state, ENTRY, factor))
        for (int sector = 0; sector < scene->n_sectors; sector++)
            for (int lane = 0; lane < GF_LANES; lane++)
                out->deal_flow[sector][lane] *= factor[lane];
}

/* Five standard normals a lane; two uniforms from each address, told apart by the place of the startup. */
static void draw_normals(const gf_cluster_params *params, const gf_block *block, int quarter,
                         double (*normal)[GF_LANES])
{
    for (int k = 0; k < N + 1; k++)
        for (int lane = block->n_lanes; lane < GF_LANES; lane++)
            normal[k][lane] = 0.5;
    for (uint32_t pair = 0; pair < (N + 1) / 2; pair++)
        gf_luck_lanes(block->seed, block->first_portfolio, block->n_lanes, pair, PURPOSE, (uint32_t)quarter,
                      normal[2 * pair], normal[2 * pair + 1]);
    params->draws->normal(N * GF_LANES, normal[0], normal[0]);
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_cluster_params *params = values;
    gf_cluster_state *self = state;
    double normal[N + 1][GF_LANES], next[N][GF_LANES], outliers[GF_LANES];
    memcpy(outliers, block->signals[GF_SIGNAL_AMBIENT_OUTLIERS], sizeof outliers);
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++)
            outliers[lane] += events->n_by_cause[GF_BREAKOUT][sector][lane];
    if (params->has_noise)
        draw_normals(params, block, quarter, normal);
    for (int k = 0; k < N; k++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            next[k][lane] = params->forcing[quarter][k] + params->spill[k] * outliers[lane];
        for (int j = 0; j < N; j++)
            for (int lane = 0; lane < GF_LANES; lane++)
                next[k][lane] += params->process.step[k][j] * self->level[j][lane];
        for (int j = 0; j <= k && params->has_noise; j++)
            for (int lane = 0; lane < GF_LANES; lane++)
                next[k][lane] += params->process.noise[k][j] * normal[j][lane];
    }
    memcpy(self->level, next, sizeof self->level);
}

static const gf_model_column levels[] = {
    {"innovation", "log", "industrial and technological innovation"},
    {"chain_application", "log", "industrial chain and application"},
    {"infrastructure", "log", "digital infrastructure"},
    {"talent_capital", "log", "talent and capital"},
    {"governance", "log", "governance and open collaboration"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)values, (void)scene;
    const gf_cluster_state *self = state;
    for (int k = 0; k < N; k++)
        memcpy(out[k], self->level[k], (size_t)block->n_lanes * sizeof out[k][0]);
}

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)quarter;
    report(values, scene, state, block, out);
}

const gf_model gf_model_cluster = {
    .name = "cluster",
    .summary = "five coupled subsystems under a driver: technology, application or institution",
    .purpose = PURPOSE,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW,
    .reads = GF_ONLY | 1u << GF_BREAKOUT,
    .rows = rows,
    .params_size = sizeof(gf_cluster_params),
    .check = check,
    .state_size = state_size,
    .begin = begin,
    .climate = climate,
    .observe = observe,
    .columns = levels,
    .report = report,
    .series = levels,
    .sample = sample,
    .note = note,
};
