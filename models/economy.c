/* The economy around the portfolio: firms of the cluster, their output, jobs and tax, and the GDP of the
 * city.
 *
 *   firms     dF/dt = ν + (b − d) F on average: in a quarter
 *             births have mean B = [ν g + F (e^((b−d)Δ) − e^(−dΔ))] (1 + e u),
 *                     g = (e^((b−d)Δ) − 1)/(b − d), u the infrastructure in use;
 *             deaths are Binomial(F, 1 − e^(−dΔ));
 *             every outlier, in or around the portfolio, founds φ more on average
 *   pulse     P(q+1) = P 2^(−Δ/half_life) + p outliers: what others learn from an outlier
 *   output    Y = F y (1 + g_y)^t (1 + P)
 *   GDP       rest (1 + g_0)^t + v (Y + output that other models reported)
 *   jobs      j F + j_s (live startups), each with m further local jobs
 *   public    tax τ Y Δ + τ_s (live startups) Δ; land per firm that is born
 *
 * A linear birth-death process with immigration (Kendall 1949): its expected path is closed, F e^((b−d)t) +
 * ν g(t). Counts are random (Poisson, binomial, by inverse CDF; rounded normal above a mean of 30) or, with
 * is_random: false, the expected path itself. */
#include <math.h>
#include <string.h>
#include <stdio.h>

#include "portfolio/model.h"
#include "random/draws.h"
#include "random/luck.h"

enum { PURPOSE = GF_LUCK_MODELS + 8, DECADE_QUARTERS = 40 };

typedef struct gf_economy_params {
    int64_t initial_firms, most_firms;
    double entry_firms_per_year, birth_per_year, death_per_year;
    double infrastructure_births, firms_per_outlier;
    int64_t is_random;
    double output_per_firm_cny_m, productivity_per_year, pulse_per_outlier, pulse_half_life_years;
    double jobs_per_firm, jobs_per_startup, local_jobs_per_job;
    double tax_share, tax_per_startup_cny_m, land_per_firm_cny_m;
    double rest_gdp_cny_m, rest_growth_per_year, value_added_share;
    /* derived, of a quarter */
    double immigrants, births, deaths, pulse_decay;
    double productivity[GF_MAX_QUARTERS + 1], rest[GF_MAX_QUARTERS + 1];
    const gf_draws *draws;
} gf_economy_params;

typedef struct gf_economy_state {
    double firms[GF_LANES], pulse[GF_LANES], output[GF_LANES], gdp[GF_LANES], jobs[GF_LANES];
    double job_years[GF_LANES],
        decade_gdp[GF_LANES]; /* GDP ten years before the horizon, 0: before the start */
} gf_economy_state;

static const double quarter_years = 0.25;
static const double exact_mean = 30; /* above it a count is a rounded normal */

#define ROW(key) GF_ROW(GF_DOUBLE, gf_economy_params, #key, key)

static const gf_param rows[] = {
    {GF_ROW(GF_INT, gf_economy_params, "initial_firms", initial_firms), .preset = 500, .min = 0, .max = 1e6,
     .neutral = 0, .unit = "firms", .help = "firms of the cluster at the start", .source = "prior"},
    {ROW(entry_firms_per_year), .preset = 20, .min = 0, .max = 1e5, .neutral = 0, .unit = "firms/year",
     .help = "firms that come whatever is there", .source = "prior"},
    {ROW(birth_per_year), .preset = 0.10, .min = 0, .max = 1, .neutral = 0, .unit = "1/year",
     .help = "firms founded for each one that is there", .source = "prior"},
    {ROW(death_per_year), .preset = 0.08, .min = 0, .max = 2, .neutral = NAN, .unit = "1/year",
     .help = "rate at which firms close", .source = "prior"},
    {GF_ROW(GF_INT, gf_economy_params, "most_firms", most_firms), .preset = 1e6, .min = 1, .max = 1e7,
     .neutral = NAN, .unit = "firms", .help = "room: births beyond it do not happen", .source = "prior"},
    {ROW(infrastructure_births), .preset = 0.5, .min = 0, .max = 20, .neutral = 0, .unit = "1",
     .help = "rise of births when public infrastructure does all it can", .source = "prior"},
    {ROW(firms_per_outlier), .preset = 5, .min = 0, .max = 1000, .neutral = 0, .unit = "firms/outlier",
     .help = "firms that an outlier founds on average, in or around the portfolio",
     .source = "prior; venture capital creates more firms than it funds (Samila, Sorenson)"},
    {GF_ROW(GF_BOOL, gf_economy_params, "is_random", is_random), .preset = 1, .min = 0, .max = 1,
     .neutral = NAN, .unit = "", .help = "births and deaths are random counts; false: the expected path",
     .source = "prior"},
    {ROW(output_per_firm_cny_m), .preset = 50, .min = 0, .max = 1e5, .neutral = 0, .unit = "CNY million/year",
     .help = "output of a firm at the start", .source = "prior"},
    {ROW(productivity_per_year), .preset = 0.04, .min = -0.2, .max = 0.5, .neutral = NAN, .unit = "1/year",
     .help = "growth of output per firm", .source = "prior"},
    {ROW(pulse_per_outlier), .preset = 0.01, .min = 0, .max = 1, .neutral = 0, .unit = "1/outlier",
     .help = "rise of output per firm that an outlier brings",
     .source = "prior; a large plant raises incumbents' productivity by 12% (Greenstone, Hornbeck, Moretti)"},
    {ROW(pulse_half_life_years), .preset = 5, .min = 0.05, .max = 100, .neutral = NAN, .unit = "year",
     .has_none = 1, .none_value = INFINITY, .help = "half-life of that rise; none: it stays",
     .source = "prior"},
    {ROW(jobs_per_firm), .preset = 60, .min = 0, .max = 1e5, .neutral = 0, .unit = "persons",
     .help = "jobs of a firm of the cluster", .source = "prior"},
    {ROW(jobs_per_startup), .preset = 30, .min = 0, .max = 1e5, .neutral = 0, .unit = "persons",
     .help = "jobs of a live startup of the portfolio", .source = "prior"},
    {ROW(local_jobs_per_job), .preset = 1, .min = 0, .max = 5, .neutral = 0, .unit = "1",
     .help = "further local jobs for each of them", .source = "Moretti 1.6; van Dijk's re-estimate 1.02"},
    {ROW(tax_share), .preset = 0.04, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "local tax receipts over output of the cluster",
     .source = "prior: tax 5-12% of output, half of VAT and 40% of income tax retained"},
    {ROW(tax_per_startup_cny_m), .preset = 0.3, .min = 0, .max = 1e4, .neutral = 0,
     .unit = "CNY million/year", .help = "local tax receipts from a live startup of the portfolio",
     .source = "prior"},
    {ROW(land_per_firm_cny_m), .preset = 0.5, .min = 0, .max = 1e4, .neutral = 0, .unit = "CNY million",
     .help = "land receipts from a firm that is born", .source = "prior"},
    {ROW(rest_gdp_cny_m), .preset = 0, .min = 0, .max = 1e9, .neutral = 0, .unit = "CNY million/year",
     .help = "GDP of the city at the start outside the cluster", .source = "prior"},
    {ROW(rest_growth_per_year), .preset = 0.05, .min = -0.2, .max = 0.5, .neutral = NAN, .unit = "1/year",
     .help = "nominal growth of that", .source = "prior: 3-7%"},
    {ROW(value_added_share), .preset = 0.3, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "value added over output of the cluster", .source = "prior"},
    GF_ROW_END,
};

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_economy_params *params = values;
    const double b = params->birth_per_year, d = params->death_per_year, net = b - d;
    if (params->initial_firms > params->most_firms)
        gf_diagnose(diagnostics, "initial_firms", "is %d, expected at most most_firms, %d",
                    (int)params->initial_firms, (int)params->most_firms);
    params->immigrants =
        params->entry_firms_per_year * (net != 0 ? expm1(net * quarter_years) / net : quarter_years);
    params->births = exp(-d * quarter_years) * expm1(b * quarter_years);
    params->deaths = -expm1(-d * quarter_years);
    params->pulse_decay = exp2(-quarter_years / params->pulse_half_life_years);
    for (int quarter = 0; quarter <= scene->n_quarters; quarter++) {
        double years = quarter * quarter_years;
        params->productivity[quarter] = pow(1 + params->productivity_per_year, years);
        params->rest[quarter] = params->rest_gdp_cny_m * pow(1 + params->rest_growth_per_year, years);
    }
    params->draws = gf_draws_fast(gf_isa_detect());
}

static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    const gf_economy_params *params = values;
    const double net = params->birth_per_year - params->death_per_year;
    const double years = scene->n_quarters * quarter_years;
    if (params->initial_firms <= 0 && params->entry_firms_per_year <= 0)
        return;
    snprintf(buffer, size, "%.4g firms expected at the horizon, outliers and infrastructure apart",
             (double)params->initial_firms * exp(net * years) +
                 params->entry_firms_per_year * (net != 0 ? expm1(net * years) / net : years));
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_economy_state);
}

/* Output and GDP of a lane in a quarter; `others`: output that other models reported. */
static void produce(const gf_economy_params *params, gf_economy_state *self, int quarter, int lane,
                    double others)
{
    self->output[lane] = self->firms[lane] * params->output_per_firm_cny_m * params->productivity[quarter] *
                         (1 + self->pulse[lane]);
    self->gdp[lane] = params->rest[quarter] + params->value_added_share * (self->output[lane] + others);
}

static void emit(const gf_economy_state *self, gf_block *block, int lane)
{
    block->emit[GF_SIGNAL_CLUSTER_FIRMS][lane] += self->firms[lane];
    block->emit[GF_SIGNAL_CLUSTER_OUTPUT][lane] += self->output[lane];
    block->emit[GF_SIGNAL_CLUSTER_JOBS][lane] += self->jobs[lane];
    block->emit[GF_SIGNAL_GDP][lane] += self->gdp[lane];
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    const gf_economy_params *params = values;
    gf_economy_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++) {
        self->firms[lane] = (double)params->initial_firms;
        self->jobs[lane] = params->jobs_per_firm * self->firms[lane] * (1 + params->local_jobs_per_job);
        produce(params, self, 0, lane, 0);
        self->decade_gdp[lane] = scene->n_quarters == DECADE_QUARTERS ? self->gdp[lane] : 0;
        emit(self, block, lane);
    }
}

/* Counts of one quarter from their means: births Poisson, deaths binomial of the firms. */
typedef struct turnover {
    double births[GF_LANES], deaths[GF_LANES];
} turnover;

/* The same of lanes where something is or comes, side by side. */
typedef struct moving {
    int n, n_large, lane[GF_LANES]; /* n_large: counts that are rounded normals */
    double births[GF_LANES], firms[GF_LANES], uniform[2][GF_LANES];
} moving;

static void list_moving(const gf_economy_params *params, const gf_economy_state *self, const gf_block *block,
                        const turnover *counts, moving *m)
{
    m->n = m->n_large = 0;
    memset(m->lane, 0, sizeof m->lane);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        const double births = counts->births[lane], firms = self->firms[lane];
        m->lane[m->n] = lane;
        m->births[m->n] = births;
        m->firms[m->n] = firms;
        m->n += (births > 0) | (firms > 0);
        m->n_large += (births > exact_mean) | (firms * params->deaths > exact_mean);
    }
}

/* A tall uniform is many births and few deaths: luck is good or bad at both. */
static void draw_uniforms(const gf_block *block, int quarter, moving *m)
{
    double birth[GF_LANES], death[GF_LANES];
    gf_luck_lanes(block->seed, block->first_portfolio, block->n_lanes, 0, PURPOSE, (uint32_t)quarter, birth,
                  death);
    for (int i = 0; i < m->n; i++) {
        m->uniform[0][i] = birth[m->lane[i]];
        m->uniform[1][i] = 1 - death[m->lane[i]];
    }
}

/* Large counts as rounded normals, instead of births and deaths. */
static void round_large(const gf_economy_params *params, const moving *m, double *births, double *deaths)
{
    double normal[2][GF_LANES];
    params->draws->normal((size_t)m->n, m->uniform[0], normal[0]);
    params->draws->normal((size_t)m->n, m->uniform[1], normal[1]);
    for (int i = 0; i < m->n; i++) {
        const double mean_births = m->births[i], mean_deaths = m->firms[i] * params->deaths;
        if (mean_births > exact_mean)
            births[i] = gf_greatest(round(mean_births + sqrt(mean_births) * normal[0][i]), 0);
        if (mean_deaths > exact_mean)
            deaths[i] = gf_least(
                gf_greatest(round(mean_deaths + sqrt(mean_deaths * (1 - params->deaths)) * normal[1][i]), 0),
                m->firms[i]);
    }
}

static void draw_turnover(const gf_economy_params *params, const gf_economy_state *self,
                          const gf_block *block, int quarter, turnover *counts)
{
    enum { WHOLE = 8 }; /* a rest would go one by one */
    moving m;
    double births[GF_LANES], deaths[GF_LANES], hazard[GF_LANES];
    list_moving(params, self, block, counts, &m);
    if (m.n == 0) /* nothing there and nothing comes, whatever the luck: births and deaths are 0 */
        return;
    draw_uniforms(block, quarter, &m);
    for (; m.n % WHOLE != 0; m.n++) {
        m.births[m.n] = m.firms[m.n] = 0;
        m.uniform[0][m.n] = m.uniform[1][m.n] = 0.5;
        m.lane[m.n] = m.lane[m.n - 1];
    }
    for (int i = 0; i < m.n; i++) {
        births[i] = m.births[i] > exact_mean ? 0 : m.births[i];
        deaths[i] = m.firms[i] * params->deaths > exact_mean ? 0 : m.firms[i];
        hazard[i] = params->death_per_year * quarter_years;
    }
    params->draws->poisson((size_t)m.n, m.uniform[0], births, births);
    params->draws->binomial((size_t)m.n, m.uniform[1], deaths, hazard, deaths);
    if (m.n_large > 0)
        round_large(params, &m, births, deaths);
    memset(counts, 0, sizeof *counts);
    for (int i = m.n; i-- > 0;) { /* what fills the last vector up is overwritten */
        counts->births[m.lane[i]] = births[i];
        counts->deaths[m.lane[i]] = deaths[i];
    }
}

/* Firms, pulse and output of the quarter after. */
static void move(const gf_economy_params *params, gf_economy_state *self, const gf_block *block, int quarter,
                 const double *outliers, turnover *counts)
{
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double lift = 1 + params->infrastructure_births * block->signals[GF_SIGNAL_INFRASTRUCTURE][lane];
        counts->births[lane] = (params->immigrants + params->births * self->firms[lane]) * lift +
                               params->firms_per_outlier * outliers[lane];
        counts->deaths[lane] = params->deaths * self->firms[lane];
    }
    if (params->is_random)
        draw_turnover(params, self, block, quarter, counts);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double others = gf_greatest(block->signals[GF_SIGNAL_CLUSTER_OUTPUT][lane] - self->output[lane], 0);
        double left = self->firms[lane] - counts->deaths[lane];
        counts->births[lane] = gf_least(counts->births[lane], (double)params->most_firms - left);
        self->firms[lane] = left + counts->births[lane];
        self->pulse[lane] =
            self->pulse[lane] * params->pulse_decay + params->pulse_per_outlier * outliers[lane];
        produce(params, self, quarter + 1, lane, others);
    }
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_economy_params *params = values;
    gf_economy_state *self = state;
    turnover counts;
    double outliers[GF_LANES], live[GF_LANES] = {0}, taxed[GF_LANES];
    const int decade = scene->n_quarters - DECADE_QUARTERS;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        outliers[lane] = block->signals[GF_SIGNAL_AMBIENT_OUTLIERS][lane];
        taxed[lane] = self->output[lane];
    }
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++) {
            outliers[lane] += events->n_by_cause[GF_BREAKOUT][sector][lane];
            live[lane] += events->n_live[sector][lane];
        }
    move(params, self, block, quarter, outliers, &counts);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double direct = params->jobs_per_firm * self->firms[lane] + params->jobs_per_startup * live[lane];
        self->jobs[lane] = direct * (1 + params->local_jobs_per_job);
        self->job_years[lane] += self->jobs[lane] * quarter_years;
        self->decade_gdp[lane] = quarter + 1 == decade ? self->gdp[lane] : self->decade_gdp[lane];
        block->public_flow[GF_PUBLIC_TAX][lane] +=
            quarter_years * (params->tax_share * taxed[lane] + params->tax_per_startup_cny_m * live[lane]);
        block->public_flow[GF_PUBLIC_LAND][lane] += params->land_per_firm_cny_m * counts.births[lane];
        emit(self, block, lane);
    }
}

static const gf_model_column columns[] = {
    {"firms", "firms", "firms of the cluster at the horizon"},
    {"output", "CNY million/year", "output of the cluster at the horizon"},
    {"gdp", "CNY million/year", "GDP of the city at the horizon"},
    {"output_share", "1", "value added of the cluster over GDP at the horizon, 0 without GDP"},
    {"decade_growth", "1", "GDP at the horizon over that of ten years before, 0 with a shorter horizon"},
    {"job_years", "person-years", "jobs of cluster, startups and what they bring, summed over the horizon"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)scene;
    const gf_economy_params *params = values;
    const gf_economy_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double gdp = self->gdp[lane];
        out[0][lane] = self->firms[lane];
        out[1][lane] = self->output[lane];
        out[2][lane] = gdp;
        out[3][lane] = gdp > 0 ? params->value_added_share * self->output[lane] / gdp : 0;
        out[4][lane] = self->decade_gdp[lane] > 0 ? gdp / self->decade_gdp[lane] : 0;
        out[5][lane] = self->job_years[lane];
    }
}

static const gf_model_column series[] = {
    {"firms", "firms", "firms of the cluster"},
    {"output", "CNY million/year", "output of the cluster"},
    {"gdp", "CNY million/year", "GDP of the city"},
    {"jobs", "persons", "jobs of cluster, startups and what they bring"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)values, (void)scene, (void)quarter;
    const gf_economy_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        out[0][lane] = self->firms[lane];
        out[1][lane] = self->output[lane];
        out[2][lane] = self->gdp[lane];
        out[3][lane] = self->jobs[lane];
    }
}

const gf_model gf_model_economy = {
    .name = "economy",
    .summary = "firms, output, jobs and tax of the cluster around the portfolio, and the city's GDP",
    .purpose = PURPOSE,
    .emits = GF_ONLY | 1u << GF_SIGNAL_CLUSTER_FIRMS | 1u << GF_SIGNAL_CLUSTER_OUTPUT |
             1u << GF_SIGNAL_CLUSTER_JOBS | 1u << GF_SIGNAL_GDP,
    .pays = GF_ONLY | 1u << GF_PUBLIC_TAX | 1u << GF_PUBLIC_LAND,
    .reads = GF_ONLY | 1u << GF_BREAKOUT | 1u << GF_EVENT_LIVE,
    .rows = rows,
    .params_size = sizeof(gf_economy_params),
    .check = check,
    .state_size = state_size,
    .begin = begin,
    .observe = observe,
    .columns = columns,
    .report = report,
    .series = series,
    .sample = sample,
    .note = note,
};
