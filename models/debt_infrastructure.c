/* Borrowed infrastructure, as in Wuxi after 2007: a city borrows, builds, and carries the debt.
 *
 *   stock      K(q+1) = K(q) (1 − δ)^Δ + I(q), I from the borrowing plan
 *   use        v = K / (K + K_half); deal flow × (1 + b v), graduate × (1 + b v)
 *   GDP        Y(q+1) = Y(q) (1 + g + e v)^Δ, or the GDP that other models report
 *   debt       D(q+1) = D(q) (1 + r)^Δ + I(q) + b_q Y(q+1)
 *   deficit    b_q = b (k − 1)/(k^4 − 1) with k = ((1 + r)/(1 + g))^Δ, so that four quarters compound to
 *              d(t+1) = d(t) (1 + r)/(1 + g) + b in d = D/Y, exactly while v or e is 0
 *   service    (interest + maturing debt) / (revenue share × Y); x = max(0, service/threshold − 1) is stress;
 *              calls × 1/(1 + slowdown x)
 *
 * Debt dynamics: Domar 1944. Public capital as an input: Aschauer 1989. Everything but debt is a path that a
 * load computes once. */
#include <math.h>
#include <stdio.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { MAX_WINDOWS = 32 };

typedef struct gf_debt_window {
    char name[GF_TEXT_SIZE];
    int64_t start_quarter, quarters;
    double cny_m_per_year;
} gf_debt_window;

typedef struct gf_debt_params {
    int64_t n_windows;
    gf_debt_window borrowing[MAX_WINDOWS];
    double initial_stock_cny_m, depreciation_per_year, half_stock_cny_m;
    double deal_flow, graduate;
    double initial_debt_cny_m, interest_per_year, maturity_years, primary_deficit_per_gdp;
    double gdp_cny_m, gdp_growth_per_year, gdp_response;
    double revenue_per_gdp, stress_threshold, stress_slowdown;
    /* derived; paths by quarter, GDP with the one after the last */
    double investment[GF_MAX_QUARTERS], stock[GF_MAX_QUARTERS + 1], use[GF_MAX_QUARTERS + 1];
    double gdp[GF_MAX_QUARTERS + 1];
    double interest, maturing, deficit; /* a quarter: r_q, share of debt, share of annual GDP */
} gf_debt_params;

typedef struct gf_debt_state {
    double debt[GF_LANES], stress[GF_LANES];
    double peak_ratio[GF_LANES], peak_quarter[GF_LANES], peak_service[GF_LANES];
} gf_debt_state;

static const double quarter_years = 0.25;

#define ROW(key)          GF_ROW(GF_DOUBLE, gf_debt_params, #key, key)
#define WINDOW(kind, key) GF_ROW(kind, gf_debt_window, #key, key)

static const gf_param window_rows[] = {
    {WINDOW(GF_TEXT, name), .unit = "", .help = "what is built", .source = ""},
    {WINDOW(GF_INT, start_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS - 1, .neutral = NAN,
     .required = 1, .unit = "quarter", .help = "first quarter of borrowing, counted from the start",
     .source = "Wuxi: 2007, the year of the algae in Lake Tai"},
    {WINDOW(GF_INT, quarters), .preset = 24, .min = 1, .max = GF_MAX_QUARTERS, .neutral = NAN, .required = 1,
     .unit = "quarter", .help = "how long", .source = "Wuxi: to 2013"},
    {WINDOW(GF_DOUBLE, cny_m_per_year), .preset = 0, .min = 0, .max = 1e7, .neutral = 0, .required = 1,
     .unit = "CNY million/year", .help = "borrowed for infrastructure and built", .source = "prior"},
    GF_ROW_END,
};

static const gf_param rows[] = {
    {GF_ROW(GF_TABLE, gf_debt_params, "borrowing", borrowing), .rows = window_rows,
     .row_size = sizeof(gf_debt_window), .max_count = MAX_WINDOWS,
     .count_offset = offsetof(gf_debt_params, n_windows), .neutral = 0, .unit = "",
     .help = "borrowing plan; windows that overlap add up",
     .source = "Wuxi: industrial estates, institutes, transport, supercomputing centre"},
    {ROW(initial_stock_cny_m), .preset = 10000, .min = 0, .max = 1e8, .neutral = 0, .unit = "CNY million",
     .help = "infrastructure stock at the start", .source = "prior"},
    {ROW(depreciation_per_year), .preset = 0.05, .min = 0, .max = 0.9, .neutral = NAN, .unit = "1/year",
     .help = "share of the stock that wears out in a year", .source = "prior: 20 years"},
    {ROW(half_stock_cny_m), .preset = 50000, .min = 1, .max = 1e8, .neutral = NAN, .unit = "CNY million",
     .help = "stock at which half of its use is reached", .source = "prior"},
    {ROW(deal_flow), .preset = 0.6, .min = 0, .max = 20, .neutral = 0, .unit = "1",
     .help = "rise of the flow of entrants that an endless stock would bring", .source = "prior"},
    {ROW(graduate), .preset = 0.2, .min = 0, .max = 20, .neutral = 0, .unit = "1",
     .help = "rise of the graduation hazard that an endless stock would bring", .source = "prior"},
    {ROW(initial_debt_cny_m), .preset = 0, .min = 0, .max = 1e8, .neutral = 0, .unit = "CNY million",
     .help = "public debt at the start", .source = "prior"},
    {ROW(interest_per_year), .preset = 0.05, .min = 0, .max = 0.5, .neutral = NAN, .unit = "1/year",
     .help = "interest on public debt, compounding yearly", .source = "prior: cost of debt 3-6%"},
    {ROW(maturity_years), .preset = 7, .min = 0.25, .max = 100, .neutral = INFINITY, .has_none = 1,
     .none_value = INFINITY, .unit = "year",
     .help = "debt that matures in a year is 1/maturity of it, and is rolled over; none: it never does",
     .source = "prior"},
    {ROW(primary_deficit_per_gdp), .preset = 0, .min = -0.2, .max = 0.2, .neutral = 0, .unit = "1/year",
     .help = "primary deficit of the rest of the budget over GDP; below 0: a surplus that repays debt",
     .source = "prior"},
    {ROW(gdp_cny_m), .preset = 0, .min = 0, .max = 1e9, .neutral = 0, .unit = "CNY million/year",
     .help = "GDP of the city at the start; 0: as other models report it", .source = "prior"},
    {ROW(gdp_growth_per_year), .preset = 0.05, .min = -0.2, .max = 0.5, .neutral = NAN, .unit = "1/year",
     .help = "nominal growth of GDP without new infrastructure", .source = "prior: 3-7%"},
    {ROW(gdp_response), .preset = 0, .min = 0, .max = 0.2, .neutral = 0, .unit = "1/year",
     .help = "growth of GDP that an endless stock would add", .source = "prior"},
    {ROW(revenue_per_gdp), .preset = 0.15, .min = 0.01, .max = 1, .neutral = NAN, .unit = "1",
     .help = "public revenue over GDP", .source = "prior"},
    {ROW(stress_threshold), .preset = 0.3, .min = 0.001, .max = 10, .neutral = INFINITY, .has_none = 1,
     .none_value = INFINITY, .unit = "1",
     .help = "share of revenue that debt service may take before stress sets in; none: all of it and more",
     .source = "prior"},
    {ROW(stress_slowdown), .preset = 0.5, .min = 0, .max = 20, .neutral = 0, .unit = "1",
     .help = "calls slow by 1/(1 + this) when service is twice the threshold", .source = "prior"},
    GF_ROW_END,
};

/* What the plan borrows and builds in a quarter. */
static double planned(const gf_debt_params *params, int quarter)
{
    double sum = 0;
    for (int64_t i = 0; i < params->n_windows; i++) {
        const gf_debt_window *window = &params->borrowing[i];
        int64_t since = quarter - window->start_quarter;
        if (since >= 0 && since < window->quarters)
            sum += window->cny_m_per_year * quarter_years;
    }
    return sum;
}

/* Share of annual GDP that is booked as the deficit of one quarter: see the head of the file. */
static double quarter_deficit(const gf_debt_params *params)
{
    double k = pow((1 + params->interest_per_year) / (1 + params->gdp_growth_per_year), quarter_years);
    return params->primary_deficit_per_gdp / (1 + k + k * k + k * k * k);
}

static double use_of(const gf_debt_params *params, double stock)
{
    return stock / (stock + params->half_stock_cny_m);
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    (void)diagnostics; /* ranges say all; a window past the horizon is idle */
    gf_debt_params *params = values;
    params->interest = pow(1 + params->interest_per_year, quarter_years) - 1;
    params->maturing = gf_least(1, quarter_years / params->maturity_years);
    params->deficit = quarter_deficit(params);
    params->stock[0] = params->initial_stock_cny_m;
    params->gdp[0] = params->gdp_cny_m;
    const double keep = pow(1 - params->depreciation_per_year, quarter_years);
    for (int quarter = 0; quarter < scene->n_quarters; quarter++) {
        double use = use_of(params, params->stock[quarter]);
        params->use[quarter] = use;
        params->investment[quarter] = planned(params, quarter);
        params->stock[quarter + 1] = params->stock[quarter] * keep + params->investment[quarter];
        params->gdp[quarter + 1] =
            params->gdp[quarter] *
            pow(1 + params->gdp_growth_per_year + params->gdp_response * use, quarter_years);
    }
    params->use[scene->n_quarters] = use_of(params, params->stock[scene->n_quarters]);
}

static void note(const void *values, const gf_scene *scene, char *buffer, size_t size)
{
    (void)scene;
    const gf_debt_params *params = values;
    if (params->gdp_cny_m > 0)
        snprintf(buffer, size, "GDP of its own, CNY %g million a year at the start", params->gdp_cny_m);
    else
        snprintf(buffer, size, "the debt ratio is over the GDP that other models report (economy, district)");
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_debt_state);
}

/* GDP at the start of a quarter: its own, or what other models reported. */
static double gdp_at(const gf_debt_params *params, const gf_block *block, int quarter, int lane)
{
    return params->gdp_cny_m > 0 ? params->gdp[quarter] : block->signals[GF_SIGNAL_GDP][lane];
}

/* Public debt over GDP, 0 without GDP. */
static double ratio_of(double debt, double gdp)
{
    return gdp > 0 ? debt / gdp : 0;
}

static void emit(const gf_debt_params *params, const gf_debt_state *self, gf_block *block, int quarter,
                 int lane)
{
    block->emit[GF_SIGNAL_DEBT][lane] += self->debt[lane];
    block->emit[GF_SIGNAL_STRESS][lane] += self->stress[lane];
    block->emit[GF_SIGNAL_INFRASTRUCTURE][lane] += params->use[quarter];
    block->emit[GF_SIGNAL_GDP][lane] += params->gdp[quarter]; /* 0 when it is not its own */
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)scene;
    const gf_debt_params *params = values;
    gf_debt_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++) {
        self->debt[lane] = params->initial_debt_cny_m;
        self->peak_quarter[lane] = -1;
        emit(params, self, block, 0, lane);
    }
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)block;
    const gf_debt_params *params = values;
    const gf_debt_state *self = state;
    double factor[GF_LANES], flow = 1 + params->deal_flow * params->use[quarter];
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane] = 1 + params->graduate * params->use[quarter];
    gf_climate_scale_hazard(out, GF_GRADUATE, factor);
    for (int sector = 0; sector < scene->n_sectors; sector++)
        for (int lane = 0; lane < GF_LANES; lane++)
            out->deal_flow[sector][lane] *= flow;
    for (int lane = 0; lane < GF_LANES; lane++)
        out->call_pace[lane] *= 1 / (1 + params->stress_slowdown * self->stress[lane]);
}

/* Stress of a quarter's service: how far its share of revenue is above the threshold, in units of it. */
static double stress_of(const gf_debt_params *params, double service, double revenue, double *share)
{
    *share = revenue > 0 ? service / revenue : 0;
    return gf_greatest(0, *share / params->stress_threshold - 1);
}

/* Books a quarter's debt: interest and what matures are paid, all that must be found is borrowed. */
static double pay(const gf_debt_params *params, double debt, double investment, double deficit, int lane,
                  gf_block *block)
{
    double interest = params->interest * debt, maturing = params->maturing * debt;
    double before_surplus = debt + interest + investment;
    double next = gf_greatest(before_surplus + deficit, 0);
    double spent = next - before_surplus; /* a surplus repays what is owed and no more */
    double net = next - debt + maturing;
    block->public_flow[GF_PUBLIC_INTEREST][lane] += interest;
    block->public_flow[GF_PUBLIC_PRINCIPAL][lane] += maturing + gf_greatest(-net, 0);
    block->public_flow[GF_PUBLIC_BORROWING][lane] += gf_greatest(net, 0);
    block->public_flow[GF_PUBLIC_INFRASTRUCTURE][lane] += investment;
    block->public_flow[GF_PUBLIC_SPENDING][lane] += gf_greatest(spent, 0);
    block->public_flow[GF_PUBLIC_SURPLUS][lane] += gf_greatest(-spent, 0);
    return next;
}

static void note_peak(gf_debt_state *self, double ratio, int quarter, int lane)
{
    if (ratio > self->peak_ratio[lane]) {
        self->peak_ratio[lane] = ratio;
        self->peak_quarter[lane] = quarter;
    }
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    (void)scene, (void)events; /* public debt reaches startups; startups reach it through GDP alone */
    const gf_debt_params *params = values;
    gf_debt_state *self = state;
    const double growth = pow(1 + params->gdp_growth_per_year, quarter_years);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double gdp = gdp_at(params, block, quarter, lane), debt = self->debt[lane], share;
        double next_gdp = params->gdp_cny_m > 0 ? params->gdp[quarter + 1] : gdp * growth;
        double service = (params->interest + params->maturing) * debt;
        note_peak(self, ratio_of(debt, gdp), quarter, lane);
        self->stress[lane] =
            stress_of(params, service, params->revenue_per_gdp * gdp * quarter_years, &share);
        self->peak_service[lane] = gf_greatest(self->peak_service[lane], share);
        self->debt[lane] =
            pay(params, debt, params->investment[quarter], params->deficit * next_gdp, lane, block);
        emit(params, self, block, quarter + 1, lane);
    }
}

static const gf_model_column columns[] = {
    {"peak_ratio", "1", "largest public debt over GDP"},
    {"peak_quarter", "quarter", "quarter at whose start public debt over GDP was largest, -1: no debt"},
    {"peak_service", "1", "largest share of public revenue that debt service took"},
    {"final_ratio", "1", "public debt over GDP at the horizon"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    const gf_debt_params *params = values;
    const gf_debt_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        double last = ratio_of(self->debt[lane], gdp_at(params, block, scene->n_quarters, lane));
        int is_peak = last > self->peak_ratio[lane];
        out[0][lane] = is_peak ? last : self->peak_ratio[lane];
        out[1][lane] = is_peak ? scene->n_quarters : self->peak_quarter[lane];
        out[2][lane] = self->peak_service[lane];
        out[3][lane] = last;
    }
}

static const gf_model_column series[] = {
    {"stock", "CNY million", "infrastructure stock"},
    {"debt", "CNY million", "public debt"},
    {"ratio", "1", "public debt over GDP"},
    {"stress", "1", "debt service over what the threshold allows, minus 1, not below 0"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    (void)scene;
    const gf_debt_params *params = values;
    const gf_debt_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        out[0][lane] = params->stock[quarter];
        out[1][lane] = self->debt[lane];
        out[2][lane] = ratio_of(self->debt[lane], gdp_at(params, block, quarter, lane));
        out[3][lane] = self->stress[lane];
    }
}

const gf_model gf_model_debt_infrastructure = {
    .name = "debt_infrastructure",
    .summary = "Wuxi after 2007: the city borrows, builds infrastructure for startups and carries the debt",
    .purpose = GF_LUCK_MODELS + 4,
    .emits = GF_ONLY | 1u << GF_SIGNAL_DEBT | 1u << GF_SIGNAL_STRESS | 1u << GF_SIGNAL_INFRASTRUCTURE |
             1u << GF_SIGNAL_GDP,
    .pays = GF_ONLY | 1u << GF_PUBLIC_INTEREST | 1u << GF_PUBLIC_PRINCIPAL | 1u << GF_PUBLIC_BORROWING |
            1u << GF_PUBLIC_INFRASTRUCTURE | 1u << GF_PUBLIC_SPENDING | 1u << GF_PUBLIC_SURPLUS,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW | 1u << GF_SHIFT_CALL_PACE,
    .reads = GF_ONLY,
    .rows = rows,
    .params_size = sizeof(gf_debt_params),
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
