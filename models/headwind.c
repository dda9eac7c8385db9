/* Headwinds: export controls, trade restrictions and the like, planned by a table or arriving at random.
 *
 *   depth       D = 1 − Π (1 − D_w) over the windows w and the random shock that blow in the quarter and
 *               sector
 *   effect      breakout, list, graduate and deal flow × (1 − sensitivity · D)
 *   recovery    after its last quarter a shock's depth falls linearly to 0 over recovery_quarters
 *   arrivals    at most one a quarter, with chance 1 − e^(−rate Δ); it lasts an exponential time of mean
 *               mean_years, rounded up to quarters; a shock that meets another prolongs it
 *   scarcity    talent that stays away in every quarter: graduate and deal flow × (1 − talent_scarcity) */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "portfolio/model.h"
#include "random/luck.h"

enum { MAX_WINDOWS = 32, PURPOSE = GF_LUCK_MODELS + 3 };

typedef struct gf_headwind_window {
    int64_t start_quarter, quarters;
    double depth;
    char sectors[GF_TEXT_SIZE]; /* names with commas between; empty or "all": every sector */
} gf_headwind_window;

typedef struct gf_headwind_params {
    int64_t n_windows;
    gf_headwind_window windows[MAX_WINDOWS];
    int64_t recovery_quarters;
    double arrivals_per_year, mean_years, arrival_depth;
    double breakout, list, graduate, entry; /* sensitivities */
    double talent_scarcity;
    double calm[GF_MAX_QUARTERS][GF_MAX_SECTORS]; /* derived: Π (1 − D_w) of the windows */
} gf_headwind_params;

typedef struct gf_headwind_state {
    double left[GF_LANES]; /* quarters that the random shock still blows, this one included; 0, −1, …: it
                              recovers */
    double gone[GF_LANES]; /* Σ over past quarters of the mean depth over sectors */
} gf_headwind_state;

static const double quarter_years = 0.25;

#define ROW(key) GF_ROW(GF_DOUBLE, gf_headwind_params, #key, key)
#define SENSITIVITY(key, value, text)                                                                        \
    {                                                                                                        \
        ROW(key), .preset = (value), .min = 0, .max = 1, .neutral = 0, .unit = "1",                          \
                  .help = "share of " text " lost at depth 1", .source = "prior"                             \
    }
#define WINDOW(row_kind, key) GF_ROW(row_kind, gf_headwind_window, #key, key)

static const gf_param window_rows[] = {
    {WINDOW(GF_INT, start_quarter), .preset = 0, .min = 0, .max = GF_MAX_QUARTERS - 1, .neutral = NAN,
     .required = 1, .unit = "quarter", .help = "first quarter of the shock, counted from the start",
     .source = "prior"},
    {WINDOW(GF_INT, quarters), .preset = 8, .min = 1, .max = GF_MAX_QUARTERS, .neutral = NAN, .required = 1,
     .unit = "quarter", .help = "how long it blows at full depth", .source = "prior"},
    {WINDOW(GF_DOUBLE, depth), .preset = 0.3, .min = 0, .max = 0.99, .neutral = 0, .required = 1, .unit = "1",
     .help = "depth, 0 none to 1 everything", .source = "prior"},
    {WINDOW(GF_TEXT, sectors), .unit = "",
     .help = "names of the sectors it hits, with commas between; all: every one", .source = ""},
    GF_ROW_END,
};

static const gf_param rows[] = {
    {GF_ROW(GF_TABLE, gf_headwind_params, "windows", windows), .rows = window_rows,
     .row_size = sizeof(gf_headwind_window), .max_count = MAX_WINDOWS,
     .count_offset = offsetof(gf_headwind_params, n_windows), .neutral = 0, .unit = "",
     .help = "planned shocks", .source = "United States export controls since October 2022"},
    {GF_ROW(GF_INT, gf_headwind_params, "recovery_quarters", recovery_quarters), .preset = 4, .min = 0,
     .max = GF_MAX_QUARTERS, .neutral = NAN, .unit = "quarter",
     .help = "a shock fades linearly over so many quarters after its end; 0: at once", .source = "prior"},
    {ROW(arrivals_per_year), .preset = 0.1, .min = 0, .max = 20, .neutral = 0, .unit = "1/year",
     .help = "rate of unplanned shocks, which hit every sector", .source = "prior: one in a decade"},
    {ROW(mean_years), .preset = 2, .min = 0.1, .max = 40, .neutral = NAN, .unit = "year",
     .help = "mean length of an unplanned shock", .source = "prior"},
    {ROW(arrival_depth), .preset = 0.3, .min = 0, .max = 0.99, .neutral = 0, .unit = "1",
     .help = "depth of an unplanned shock", .source = "prior"},
    SENSITIVITY(breakout, 0.5, "the breakout hazard"),
    SENSITIVITY(list, 0.8, "the listing hazard"),
    SENSITIVITY(graduate, 0.4, "the graduation hazard"),
    SENSITIVITY(entry, 0.4, "the flow of entrants"),
    {ROW(talent_scarcity), .preset = 0.05, .min = 0, .max = 0.9, .neutral = 0, .unit = "1",
     .help = "share of graduations and entrants lost in every quarter for want of talent", .source = "prior"},
    GF_ROW_END,
};

/* Index of the sector whose name is text[0 … length), or −1. */
static int find_sector(const gf_scene *scene, const char *text, size_t length)
{
    for (int sector = 0; sector < scene->n_sectors; sector++)
        if (strlen(scene->sector_names[sector]) == length &&
            strncmp(scene->sector_names[sector], text, length) == 0)
            return sector;
    return -1;
}

/* Marks the sectors of a window in hit[]; reports names that the scenario does not have. */
static void parse_sectors(const gf_headwind_window *window, int index, const gf_scene *scene,
                          gf_diagnostics *diagnostics, int *hit)
{
    const char *text = window->sectors;
    int is_all = text[0] == '\0' || strcmp(text, "all") == 0;
    for (int sector = 0; sector < scene->n_sectors; sector++)
        hit[sector] = is_all;
    while (!is_all) {
        text += strspn(text, " ");
        size_t length = strcspn(text, ","), trimmed = length;
        while (trimmed > 0 && text[trimmed - 1] == ' ')
            trimmed--;
        int sector = find_sector(scene, text, trimmed);
        if (sector >= 0) {
            hit[sector] = 1;
        } else {
            char key[64];
            snprintf(key, sizeof key, "windows[%d].sectors", index);
            gf_diagnose(diagnostics, key,
                        "no sector '%.*s' in startups.sectors; expected its names with commas "
                        "between, or all",
                        (int)trimmed, text);
        }
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
}

/* Depth of a window in a quarter: full, then falling linearly through recovery_quarters steps to 0. */
static double window_depth(const gf_headwind_window *window, int64_t recovery_quarters, int quarter)
{
    int64_t after = quarter - (window->start_quarter + window->quarters) + 1;
    if (quarter < window->start_quarter)
        return 0;
    if (after <= 0)
        return window->depth;
    if (after > recovery_quarters)
        return 0;
    return window->depth * (1 - (double)after / (double)(recovery_quarters + 1));
}

static void check(void *values, const gf_scene *scene, gf_diagnostics *diagnostics)
{
    gf_headwind_params *params = values;
    for (int quarter = 0; quarter < scene->n_quarters; quarter++)
        for (int sector = 0; sector < scene->n_sectors; sector++)
            params->calm[quarter][sector] = 1;
    for (int64_t i = 0; i < params->n_windows; i++) {
        const gf_headwind_window *window = &params->windows[i];
        int hit[GF_MAX_SECTORS];
        parse_sectors(window, (int)i, scene, diagnostics, hit);
        for (int quarter = 0; quarter < scene->n_quarters; quarter++)
            for (int sector = 0; sector < scene->n_sectors; sector++)
                if (hit[sector])
                    params->calm[quarter][sector] *=
                        1 - window_depth(window, params->recovery_quarters, quarter);
    }
}

static size_t state_size(const void *values, const gf_scene *scene)
{
    (void)values, (void)scene;
    return sizeof(gf_headwind_state);
}

/* Draws whether a shock arrives in `quarter`, and its length. */
static void arrive(const gf_headwind_params *params, gf_headwind_state *self, const gf_block *block,
                   int quarter)
{
    double arrival[GF_LANES], length[GF_LANES];
    gf_luck_lanes(block->seed, block->first_portfolio, block->n_lanes, 0, PURPOSE, (uint32_t)quarter, arrival,
                  length);
    double chance = -expm1(-params->arrivals_per_year * quarter_years);
    for (int lane = 0; lane < block->n_lanes; lane++) {
        if (arrival[lane] >= chance)
            continue;
        double quarters = ceil(-log(length[lane]) * params->mean_years / quarter_years);
        self->left[lane] = gf_greatest(self->left[lane], quarters);
    }
}

static void begin(const void *values, const gf_scene *scene, void *state, gf_block *block)
{
    (void)scene;
    const gf_headwind_params *params = values;
    gf_headwind_state *self = state;
    for (int lane = 0; lane < GF_LANES; lane++)
        self->left[lane] = -(double)params->recovery_quarters; /* calm */
    if (params->arrivals_per_year > 0)
        arrive(params, self, block, 0);
}

/* Depth of a random shock that blows `left` more quarters, or has faded for 1 − left of them. */
static inline double shock_depth(const gf_headwind_params *params, double left)
{
    double faded = left > 0 ? 0 : (1 - left) / (double)(params->recovery_quarters + 1);
    return params->arrival_depth * (1 - faded);
}

static void climate(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                    int quarter, gf_climate *out)
{
    (void)block;
    const gf_headwind_params *params = values;
    const gf_headwind_state *self = state;
    const double keep = 1 - params->talent_scarcity;
    double(*const breakout)[GF_LANES] = gf_climate_rows(out, GF_BREAKOUT),
                  (*const list)[GF_LANES] = gf_climate_rows(out, GF_LIST),
                  (*const graduate)[GF_LANES] = gf_climate_rows(out, GF_GRADUATE);
    for (int sector = 0; sector < scene->n_sectors; sector++) {
        double calm = params->calm[quarter][sector];
        for (int lane = 0; lane < GF_LANES; lane++) {
            double depth = 1 - calm * (1 - shock_depth(params, self->left[lane]));
            breakout[sector][lane] *= 1 - params->breakout * depth;
            list[sector][lane] *= 1 - params->list * depth;
            graduate[sector][lane] *= (1 - params->graduate * depth) * keep;
            out->deal_flow[sector][lane] *= (1 - params->entry * depth) * keep;
        }
    }
}

/* Mean depth over sectors in one lane. */
static double mean_depth(const gf_headwind_params *params, const gf_scene *scene, int quarter,
                         double random_depth)
{
    double sum = 0;
    for (int sector = 0; sector < scene->n_sectors; sector++)
        sum += 1 - params->calm[quarter][sector] * (1 - random_depth);
    return sum / scene->n_sectors;
}

static void observe(const void *values, const gf_scene *scene, void *state, gf_block *block, int quarter,
                    const gf_events *events)
{
    (void)events; /* the world outside does not react to the portfolio */
    const gf_headwind_params *params = values;
    gf_headwind_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++) {
        self->gone[lane] += mean_depth(params, scene, quarter, shock_depth(params, self->left[lane]));
        self->left[lane] = gf_greatest(self->left[lane] - 1, -(double)params->recovery_quarters);
    }
    if (params->arrivals_per_year > 0)
        arrive(params, self, block, quarter + 1);
}

static const gf_model_column columns[] = {
    {"mean_depth", "1", "mean depth of headwinds over quarters and sectors"},
    {NULL, NULL, NULL},
};

static void report(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   double (*out)[GF_LANES])
{
    (void)values;
    const gf_headwind_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = self->gone[lane] / scene->n_quarters;
}

static const gf_model_column series[] = {
    {"depth", "1", "depth of headwinds, mean over sectors"},
    {NULL, NULL, NULL},
};

static void sample(const void *values, const gf_scene *scene, const void *state, const gf_block *block,
                   int quarter, double (*out)[GF_LANES])
{
    const gf_headwind_params *params = values;
    const gf_headwind_state *self = state;
    for (int lane = 0; lane < block->n_lanes; lane++)
        out[0][lane] = mean_depth(params, scene, quarter, shock_depth(params, self->left[lane]));
}

const gf_model gf_model_headwind = {
    .name = "headwind",
    .summary =
        "export controls, trade restrictions, talent scarcity: shocks by a table or arriving at random",
    .purpose = PURPOSE,
    .emits = GF_ONLY,
    .pays = GF_ONLY,
    .shifts = GF_ONLY | 1u << GF_SHIFT_DEAL_FLOW,
    .reads = GF_ONLY,
    .rows = rows,
    .params_size = sizeof(gf_headwind_params),
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
