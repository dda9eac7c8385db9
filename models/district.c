/* A district that concentrates on one sector, as Xuhui does on AI: buildings, favourable policies, anchor
 * firms that draw others, a conference, an innovation centre; growth that feeds on itself and then saturates.
 *
 *   anchors    A(q+1) = A + Binomial(C − A, 1 − e^(−h)), h = [Δ c (μ + β A)(1 + pulse) + ω outliers] / C:
 *              a self-exciting logistic birth process, dA/dt = c (μ + β A)(1 − A/C) on average, never above C
 *   centre     hosts join likewise: Binomial(C_h − H, 1 − e^(−Δ c η (1 + ψ a))), from the quarter that it
 *              opens
 *   talent     T(q+1) = a + (T − a) e^(−Δ/lag), a = A/C: people follow the anchors
 *   sector     deal flow × (1 + c (e a + pulse_e)), acquire × (1 + c b a),
 *              graduate, breakout × (1 + c b T)
 *   elsewhere  deal flow × (1 − c diversion)
 *   cost       operating cost × (1 + w c (k a² − s)), w the sector's share of entrants: congestion against
 *              subsidy
 *   output     Y = (1 + g)^t (y_0 + y_A C T + y_H H): anchors produce once they have their people
 *
 * c is the concentration of resources, 0 none to 1 all; at 0 the district is a part of the city like any
 * other. Logistic birth process: Feller 1939. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/draws.h"
#include "random/luck.h"

enum { PURPOSE = GF_LUCK_MODELS + 7, MAX_CAPACITY = 10000 };

typedef struct gf_district_params {
    char sector[GF_TEXT_SIZE]; /* empty or "all": every sector */
    double concentration, diversion;
    int64_t capacity, initial_anchors;
    double arrivals_per_year, attraction_per_year, arrivals_per_outlier;
    double talent_years, initial_talent;
    int64_t conference_quarter;
    double conference_arrivals, conference_deal_flow;
    double deal_flow, acquire, graduate, breakout, congestion;
    int64_t centre_capacity, centre_quarter;
    double centre_fill_per_year, centre_attraction;
    double output_cny_m, anchor_output_cny_m, host_output_cny_m, productivity_per_year;
    double jobs_per_anchor, jobs_per_host, tax_share;
    double subsidy_share, burn_cny_m_per_year, anchor_grant_cny_m, host_grant_cny_m_per_year;
    double conference_cny_m, buildings_cny_m_per_year, building_years;
    /* derived */
    int first_sector, end_sector;
    double weight, keep; /* share of entrants; e^(−Δ/lag) */
    double productivity[GF_MAX_QUARTERS + 1];
    const gf_draws *draws;
} gf_district_params;

typedef struct gf_district_state {
    double anchors[GF_LANES], hosted[GF_LANES], talent[GF_LANES];
    double year[GF_LANES], year_before[GF_LANES]; /* output of calendar years */
    double least_growth[GF_LANES];                /* from year to year; infinity: not known yet */
    double full_quarter[GF_LANES]; /* first quarter with nine tenths of the capacity, −1: never */
} gf_district_state;

static const double quarter_years = 0.25;

#define ROW(kind, key) GF_ROW(kind, gf_district_params, #key, key)
#define RISE(key, value, text)                                                                               \
    {                                                                                                        \
        ROW(GF_DOUBLE, key), .preset = (value), .min = 0, .max = 20, .neutral = 0, .unit = "1",              \
                             .help = "rise of " text, .source = "prior"                                      \
    }
#define MONEY(key, value, what, text)                                                                        \
    {                                                                                                        \
        ROW(GF_DOUBLE, key), .preset = (value), .min = 0, .max = 1e7, .neutral = 0, .unit = what,            \
                             .help = text, .source = "prior"                                                 \
    }

static const gf_param rows[] = {
    {ROW(GF_TEXT, sector), .unit = "", .help = "a name of startups.sectors, or all",
     .source = "Xuhui: artificial intelligence"},
    {ROW(GF_DOUBLE, concentration), .preset = 0.8, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "share of the district's means that go to the sector; 0: no policy at all", .source = "prior"},
    {ROW(GF_DOUBLE, diversion), .preset = 0.1, .min = 0, .max = 0.95, .neutral = 0, .unit = "1",
     .help = "loss of entrants in the other sectors at full concentration", .source = "prior"},
    {ROW(GF_INT, capacity), .preset = 150, .min = 1, .max = MAX_CAPACITY, .neutral = NAN, .unit = "firms",
     .help = "anchors and headquarters that the district has room for", .source = "prior"},
    {ROW(GF_INT, initial_anchors), .preset = 10, .min = 0, .max = MAX_CAPACITY, .neutral = 0, .unit = "firms",
     .help = "anchors at the start", .source = "prior"},
    {ROW(GF_DOUBLE, arrivals_per_year), .preset = 4, .min = 0, .max = 1000, .neutral = NAN,
     .unit = "firms/year", .help = "anchors that policy alone brings while there is room", .source = "prior"},
    {ROW(GF_DOUBLE, attraction_per_year), .preset = 0.4, .min = 0, .max = 10, .neutral = NAN,
     .unit = "1/year", .help = "further anchors that each one draws while there is room",
     .source = "prior: growth above 30% a year"},
    {ROW(GF_DOUBLE, arrivals_per_outlier), .preset = 0.5, .min = 0, .max = 100, .neutral = NAN,
     .unit = "firms/outlier", .help = "anchors that an outlier draws, in or around the portfolio",
     .source = "prior"},
    {ROW(GF_DOUBLE, talent_years), .preset = 2, .min = 0.1, .max = 50, .neutral = NAN, .unit = "year",
     .help = "lag with which talent follows the anchors", .source = "prior"},
    {ROW(GF_DOUBLE, initial_talent), .preset = 1, .min = 0, .max = 1, .neutral = NAN, .unit = "1",
     .help = "talent at the start over what the anchors of the start need", .source = "prior"},
    {ROW(GF_INT, conference_quarter), .preset = 3, .min = 1, .max = 4, .neutral = NAN, .unit = "quarter",
     .help = "quarter of the year in which the conference is held",
     .source = "World Artificial Intelligence Conference, Shanghai: July"},
    RISE(conference_arrivals, 1, "anchors' arrivals in the quarter of the conference"),
    RISE(conference_deal_flow, 0.2, "the flow of entrants in that quarter"),
    RISE(deal_flow, 0.6, "the flow of entrants when the district is full"),
    RISE(acquire, 0.3, "the acquisition hazard when the district is full"),
    RISE(graduate, 0.3, "the graduation hazard at full talent"),
    RISE(breakout, 0.2, "the breakout hazard at full talent"),
    RISE(congestion, 0.3, "operating cost when the district is full"),
    {ROW(GF_INT, centre_capacity), .preset = 100, .min = 0, .max = MAX_CAPACITY, .neutral = 0,
     .unit = "firms", .help = "firms that the innovation centre can host",
     .source = "Shanghai Foundation Model Innovation Center: over 80 firms"},
    {ROW(GF_INT, centre_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .unit = "quarter", .help = "quarter in which the centre opens, counted from the start",
     .source = "prior"},
    {ROW(GF_DOUBLE, centre_fill_per_year), .preset = 0.5, .min = 0, .max = 20, .neutral = NAN,
     .unit = "1/year", .help = "rate at which a free place is taken", .source = "prior"},
    RISE(centre_attraction, 1, "that rate when the district is full of anchors"),
    MONEY(output_cny_m, 0, "CNY million/year", "output of the sector at the start, anchors apart"),
    MONEY(anchor_output_cny_m, 200, "CNY million/year", "output of an anchor that has its people"),
    MONEY(host_output_cny_m, 20, "CNY million/year", "output of a firm in the centre"),
    {ROW(GF_DOUBLE, productivity_per_year), .preset = 0.05, .min = -0.2, .max = 0.5, .neutral = NAN,
     .unit = "1/year", .help = "growth of output per firm", .source = "prior"},
    MONEY(jobs_per_anchor, 300, "persons", "jobs of an anchor"),
    MONEY(jobs_per_host, 40, "persons", "jobs of a firm in the centre"),
    {ROW(GF_DOUBLE, tax_share), .preset = 0.04, .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "local tax receipts over output",
     .source = "prior: tax 5-12% of output, about half of it retained"},
    {ROW(GF_DOUBLE, subsidy_share), .preset = 0.2, .min = 0, .max = 0.95, .neutral = 0, .unit = "1",
     .help = "share of startups' operating cost carried at full concentration", .source = "prior"},
    MONEY(burn_cny_m_per_year, 5, "CNY million/year", "operating cost of a startup before subsidy"),
    MONEY(anchor_grant_cny_m, 20, "CNY million", "grant to an arriving anchor"),
    MONEY(host_grant_cny_m_per_year, 1, "CNY million/year", "rent and computing that a hosted firm is given"),
    MONEY(conference_cny_m, 50, "CNY million", "cost of a conference at full concentration"),
    MONEY(buildings_cny_m_per_year, 500, "CNY million/year", "buildings, at full concentration"),
    {ROW(GF_DOUBLE, building_years), .preset = 5, .min = 0, .max = 40, .neutral = NAN, .unit = "year",
     .help = "years of building from the start", .source = "prior"},
    GF_ROW_END,
};

/* Finds the sector's place, or reports that the scenario does not have it. */
static void find_sector(gf_district_params *params, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    params->first_sector = 0;
    params->end_sector = scene->n_sectors;
    params->weight = 1;
    if (params->sector[0] == '\0' || strcmp(params->sector, "all") == 0)
        return;
    for (int sector = 0; sector < scene->n_sectors; sector++)
        if (strcmp(scene->sector_names[sector], params->sector) == 0) {
            params->first_sector = sector;
            params->end_sector = sector + 1;
            params->weight = scene->sector_weights[sector];
            return;
        }
    gf_diagnose(diagnostics, "sector",
                "no sector '%s' in startups.sectors; expected one of its names, or all", params->sector);
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_district_params *params = values;
    find_sector(params, scene, diagnostics);
    if (params->initial_anchors > params->capacity)
        gf_diagnose(diagnostics, "initial_anchors", "is %d, expected at most the capacity of %d",
                    (int)params->initial_anchors, (int)params->capacity);
    params->keep = exp(-quarter_years / params->talent_years);
    for (int quarter = 0; quarter <= scene->n_quarters; quarter++)
        params->productivity[quarter] = pow(1 + params->productivity_per_year, quarter * quarter_years);
    params->draws = gf_draws_fast(gf_isa_detect());
}

static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    (void)scene;
    const gf_district_params *params = values;
    snprintf(buffer, size, "anchors grow by %.3g%% a year while there is room for all %d",
             100 * expm1(params->concentration * params->attraction_per_year), (int)params->capacity);
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_district_state);
}

static int is_conference(const gf_district_params *params, int quarter)
{
    return quarter % 4 == params->conference_quarter - 1;
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)block;
    const gf_district_params *params = values;
    const gf_district_state *self = state;
    const double c = params->concentration, room = 1 / (double)params->capacity;
    const double pulse = is_conference(params, quarter) ? params->conference_deal_flow : 0;
    double(*const acquire)[GF_LANES] = gf_climate_rows(out, GF_ACQUIRE),
                  (*const graduate)[GF_LANES] = gf_climate_rows(out, GF_GRADUATE),
                  (*const breakout)[GF_LANES] = gf_climate_rows(out, GF_BREAKOUT);
    for (int sector = 0; sector < scene->n_sectors; sector++) {
        if (sector < params->first_sector || sector >= params->end_sector) {
            for (int lane = 0; lane < GF_LANES; lane++)
                out->deal_flow[sector][lane] *= 1 - c * params->diversion;
            continue;
        }
        for (int lane = 0; lane < GF_LANES; lane++) {
            double anchors = self->anchors[lane] * room, talent = self->talent[lane];
            out->deal_flow[sector][lane] *= 1 + c * (params->deal_flow * anchors + pulse);
            acquire[sector][lane] *= 1 + c * params->acquire * anchors;
            graduate[sector][lane] *= 1 + c * params->graduate * talent;
            breakout[sector][lane] *= 1 + c * params->breakout * talent;
        }
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        double anchors = self->anchors[lane] * room;
        out->operating_cost[lane] *=
            1 + params->weight * c * (params->congestion * anchors * anchors - params->subsidy_share);
    }
}

static double output_of(const gf_district_params *params, const gf_district_state *self, int quarter,
                        int lane)
{
    double producing = (double)params->capacity * self->talent[lane];
    return params->productivity[quarter] * (params->output_cny_m + params->anchor_output_cny_m * producing +
                                            params->host_output_cny_m * self->hosted[lane]);
}

/* Signals of a quarter's start. */
static void emit(const gf_district_params *params, const gf_district_state *self, gf_block *block,
                 int quarter, int lane)
{
    const double anchors = self->anchors[lane], hosted = self->hosted[lane];
    block->emit[GF_SIGNAL_CLUSTER_OUTPUT][lane] += output_of(params, self, quarter, lane);
    block->emit[GF_SIGNAL_CLUSTER_FIRMS][lane] += anchors + hosted;
    block->emit[GF_SIGNAL_CLUSTER_JOBS][lane] +=
        params->jobs_per_anchor * anchors + params->jobs_per_host * hosted;
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)scene;
    const gf_district_params *params = values;
    gf_district_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++) {
        self->anchors[lane] = (double)params->initial_anchors;
        double share = (double)params->initial_anchors / (double)params->capacity;
        self->talent[lane] = share * params->initial_talent;
        self->full_quarter[lane] = share >= 0.9 ? 0 : -1;
        self->least_growth[lane] = INFINITY;
        if (params->concentration > 0)
            emit(params, self, block, 0, lane);
    }
}

/* Firms that take one of the free places this quarter, each at a hazard that all its lane's places share. */
typedef struct arrivals {
    double uniform[GF_LANES], room[GF_LANES], exposure[GF_LANES];
    double n[GF_LANES];
} arrivals;

/* Anchors and hosts that arrive in a quarter, from the state at its start; lanes beyond the block are idle.
 */
static void draw_arrivals(const gf_district_params *params, const gf_district_state *self,
                          const gf_block *block, int quarter, const double *outliers, arrivals *anchors,
                          arrivals *hosts)
{
    const double c = params->concentration, capacity = (double)params->capacity;
    const double rush = 1 + (is_conference(params, quarter) ? params->conference_arrivals : 0);
    const int is_open = quarter >= params->centre_quarter && params->centre_capacity > 0;
    gf_luck_lanes(block->seed, block->first_portfolio, block->n_lanes, 0, PURPOSE, (uint32_t)quarter,
                  anchors->uniform, hosts->uniform);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double there = self->anchors[lane];
        const double per_year = c * (params->arrivals_per_year + params->attraction_per_year * there) * rush;
        const int is_idle = lane >= block->n_lanes;
        anchors->room[lane] = is_idle ? 0 : capacity - there;
        anchors->exposure[lane] =
            is_idle
                ? 0
                : (quarter_years * per_year + c * params->arrivals_per_outlier * outliers[lane]) / capacity;
        hosts->room[lane] = is_idle ? 0 : (double)params->centre_capacity - self->hosted[lane];
        hosts->exposure[lane] = quarter_years * c * params->centre_fill_per_year *
                                (1 + params->centre_attraction * there / capacity);
        hosts->n[lane] = 0;
        if (is_idle)
            anchors->uniform[lane] = hosts->uniform[lane] = 0.5;
    }
    params->draws->binomial(GF_LANES, anchors->uniform, anchors->room, anchors->exposure, anchors->n);
    if (is_open)
        params->draws->binomial(GF_LANES, hosts->uniform, hosts->room, hosts->exposure, hosts->n);
}

/* Moves one lane to the next quarter. */
static void move_lane(const gf_district_params *params, gf_district_state *self, int quarter, int lane,
                      double arrived, double hosted)
{
    const double capacity = (double)params->capacity, share = self->anchors[lane] / capacity;
    self->hosted[lane] += hosted;
    self->talent[lane] = share + (self->talent[lane] - share) * params->keep;
    self->anchors[lane] += arrived;
    if (self->full_quarter[lane] < 0 && self->anchors[lane] >= 0.9 * capacity)
        self->full_quarter[lane] = quarter + 1;
}

static void pay(const gf_district_params *params, const gf_district_state *self, gf_block *block, int quarter,
                int lane, double live, double arrived)
{
    const double c = params->concentration;
    double subsidy = c * params->subsidy_share * params->burn_cny_m_per_year * quarter_years * live +
                     params->anchor_grant_cny_m * arrived +
                     params->host_grant_cny_m_per_year * quarter_years * self->hosted[lane];
    if (is_conference(params, quarter))
        subsidy += c * params->conference_cny_m;
    block->public_flow[GF_PUBLIC_SUBSIDY][lane] += subsidy;
    if (quarter * quarter_years < params->building_years)
        block->public_flow[GF_PUBLIC_INFRASTRUCTURE][lane] +=
            c * params->buildings_cny_m_per_year * quarter_years;
    block->public_flow[GF_PUBLIC_TAX][lane] +=
        params->tax_share * output_of(params, self, quarter, lane) * quarter_years;
}

/* Adds a quarter to its calendar year, and compares full years. */
static void count_year(gf_district_state *self, int quarter, int lane, double output)
{
    self->year[lane] += output * quarter_years;
    if (quarter % 4 != 3)
        return;
    if (self->year_before[lane] > 0)
        self->least_growth[lane] =
            gf_least(self->least_growth[lane], self->year[lane] / self->year_before[lane] - 1);
    self->year_before[lane] = self->year[lane];
    self->year[lane] = 0;
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    const gf_district_params *params = values;
    gf_district_state *self = state;
    arrivals anchors, hosts;
    double live[GF_LANES] = {0}, outliers[GF_LANES] = {0};
    if (params->concentration == 0)
        return;
    for (int lane = 0; lane < block->n_lanes; lane++)
        outliers[lane] = block->signals[GF_SIGNAL_AMBIENT_OUTLIERS][lane];
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++)
            outliers[lane] += events->n_by_cause[GF_BREAKOUT][sector][lane];
    for (int sector = params->first_sector; sector < params->end_sector; sector++)
        for (int lane = 0; lane < block->n_lanes; lane++)
            live[lane] += events->n_live[sector][lane];
    draw_arrivals(params, self, block, quarter, outliers, &anchors, &hosts);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        count_year(self, quarter, lane, output_of(params, self, quarter, lane));
        move_lane(params, self, quarter, lane, anchors.n[lane], hosts.n[lane]);
        pay(params, self, block, quarter, lane, live[lane], anchors.n[lane]);
        emit(params, self, block, quarter + 1, lane);
    }
}

static const gf_model_column columns[] = {
    {"anchors", "firms", "anchors at the horizon"},
    {"hosted", "firms", "firms in the innovation centre at the horizon"},
    {"output", "CNY million/year", "output of the sector at the horizon"},
    {"growth", "1/year",
     "compound growth of output from the start to the horizon, 0 without output at the start"},
    {"least_growth", "1/year",
     "least growth of output from one calendar year to the next, 0 within two years"},
    {"year_output", "CNY million", "output of the last full calendar year"},
    {"full_quarter", "quarter", "first quarter with nine tenths of the anchors it has room for, -1: none"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    const gf_district_params *params = values;
    const gf_district_state *self = state;
    const double start = params->output_cny_m + params->anchor_output_cny_m * params->initial_talent *
                                                    (double)params->initial_anchors;
    const double years = scene->n_quarters * quarter_years;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double output = output_of(params, self, scene->n_quarters, lane);
        out[0][lane] = self->anchors[lane];
        out[1][lane] = self->hosted[lane];
        out[2][lane] = output;
        out[3][lane] = start > 0 ? pow(output / start, 1 / years) - 1 : 0;
        out[4][lane] = isfinite(self->least_growth[lane]) ? self->least_growth[lane] : 0;
        out[5][lane] = self->year_before[lane];
        out[6][lane] = self->full_quarter[lane];
    }
}

static const gf_model_column series[] = {
    {"anchors", "firms", "anchors of the district"},
    {"hosted", "firms", "firms in the innovation centre"},
    {"talent", "1", "talent over what a full district has"},
    {"output", "CNY million/year", "output of the sector"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene;
    const gf_district_params *params = values;
    const gf_district_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        out[0][lane] = self->anchors[lane];
        out[1][lane] = self->hosted[lane];
        out[2][lane] = self->talent[lane];
        out[3][lane] = output_of(params, self, quarter, lane);
    }
}

const gf_model gf_model_district = {
    .name = "district",
    .summary = "Xuhui: one sector, concentrated means, anchors that draw anchors until the district is full",
    .purpose = PURPOSE,
    .emits = GF_ONLY | 1u << GF_SIGNAL_CLUSTER_FIRMS | 1u << GF_SIGNAL_CLUSTER_OUTPUT |
             1u << GF_SIGNAL_CLUSTER_JOBS,
    .pays = GF_ONLY | 1u << GF_PUBLIC_SUBSIDY | 1u << GF_PUBLIC_INFRASTRUCTURE | 1u << GF_PUBLIC_TAX,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW | 1u << GF_SHIFT_OPERATING_COST,
    .reads = GF_ONLY | 1u << GF_BREAKOUT | 1u << GF_EVENT_LIVE,
    .rows = rows,
    .params_size = sizeof(gf_district_params),
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
