/* Parameter rows of the top level of a config. */
#include <math.h>

#include "portfolio/columns.h"
#include "portfolio/scenario.h"

#define ROW(kind, key, member) GF_ROW(kind, gf_scenario, key, member)

/* "gross_multiple|net_tvpi|…", from the second character on */
#define COLUMN_WORD(id, name, unit, integer, flag, long_name) "|" name
static const char column_words[] = GF_COLUMN_LIST(COLUMN_WORD);
_Static_assert(GF_N_COLUMNS <= 64, "a set of columns is one word of 64 bits");

static const gf_param output_rows[] = {
    {GF_ROW(GF_CHOICE, gf_output_params, "portfolios", portfolios), .preset = GF_KEEP_ALL,
     .choices = "all|sample|none", .neutral = NAN, .unit = "",
     .help = "which portfolios keep their columns in the file", .source = ""},
    {GF_ROW(GF_INT, gf_output_params, "sample_every", sample_every), .preset = 100, .min = 1, .max = 1e9,
     .neutral = NAN, .unit = "portfolios", .help = "portfolios: sample keeps each so many-th portfolio",
     .source = ""},
    {GF_ROW(GF_SET, gf_output_params, "columns", columns), .choices = column_words + 1, .neutral = NAN,
     .unit = "",
     .help = "which of the engine's columns are worked out, kept and summed up: what nobody asks for is not "
             "computed",
     .source = ""},
    {GF_ROW(GF_CHOICE, gf_output_params, "returns", returns), .preset = GF_RETURNS_HEADLINE,
     .choices = "headline|all", .neutral = NAN, .unit = "",
     .help =
         "all: adds DPI, RVPI, KS-PME, LN-PME and Direct Alpha of government, private partners and managers",
     .source = ""},
    {GF_ROW(GF_INT, gf_output_params, "startups_of", startups_of), .preset = 0, .min = 0, .max = 1e5,
     .neutral = 0, .unit = "portfolios", .help = "rows of every startup for the first so many portfolios",
     .source = ""},
    {GF_ROW(GF_INT, gf_output_params, "quarters_of", quarters_of), .preset = 1024, .min = 0, .max = 65536,
     .neutral = 0, .unit = "portfolios",
     .help = "quarterly means and bands come from the first so many portfolios", .source = ""},
    {GF_ROW(GF_DOUBLES, gf_output_params, "quantiles", quantiles), .min = 0, .max = 1, .neutral = NAN,
     .max_count = GF_MAX_PROBABILITIES, .count_offset = offsetof(gf_output_params, n_quantiles),
     .presence_offset = offsetof(gf_output_params, has_quantiles), .unit = "1",
     .help = "quantile bands of /quarters (absent: 0.05, 0.25, 0.5, 0.75, 0.95; []: none)", .source = ""},
    GF_ROW_END,
};

static const gf_param sampling_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_sampling_params, "breakout_tilt", breakout_tilt), .preset = 1, .min = 0.01,
     .max = 100, .neutral = 1, .unit = "1",
     .help = "factor on breakout hazards; weights (column log_weight) pay it back, so that estimates stay "
             "unbiased",
     .source = ""},
    GF_ROW_END,
};

const gf_param gf_scenario_rows[] = {
    {ROW(GF_TEXT, "scenario", name), .required = 1, .unit = "", .help = "name of the scenario, free text",
     .source = ""},
    {ROW(GF_INT, "portfolios", portfolios), .preset = 10000, .min = 1, .max = 1e14, .neutral = NAN,
     .unit = "portfolios", .help = "number of portfolios", .source = ""},
    {ROW(GF_DOUBLE, "horizon_years", horizon_years), .preset = 10, .min = 0.25, .max = 40, .neutral = NAN,
     .unit = "year", .help = "horizon, a multiple of a quarter", .source = ""},
    {ROW(GF_INT, "first_year", first_year), .preset = 2025, .min = 1900, .max = 2200, .neutral = NAN,
     .unit = "year", .help = "calendar year of the first quarter", .source = ""},
    {ROW(GF_CHOICE, "draws", draws), .preset = GF_DRAWS_FAST, .choices = "fast|gsl", .neutral = NAN,
     .unit = "", .help = "variates by batched inverse CDFs, or by GSL's", .source = ""},
    {ROW(GF_GROUP, "market", market), .rows = gf_market_rows, .unit = "", .help = "market", .source = ""},
    {ROW(GF_GROUP, "startups", startups), .rows = gf_startup_rows, .unit = "", .help = "startups",
     .source = ""},
    {ROW(GF_GROUP, "programme", programme), .rows = gf_programme_rows, .unit = "", .help = "programme",
     .source = ""},
    {ROW(GF_GROUP, "public_account", public_account), .rows = gf_account_rows, .unit = "",
     .help = "public account", .source = ""},
    {ROW(GF_GROUP, "output", output), .rows = output_rows, .unit = "", .help = "what the file keeps",
     .source = ""},
    {ROW(GF_GROUP, "sampling", sampling), .rows = sampling_rows, .unit = "", .help = "rare events",
     .source = ""},
    GF_ROW_END,
};
