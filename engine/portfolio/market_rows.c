/* Parameter rows of the section `market`. */
#include <math.h>

#include "portfolio/market.h"

#define ROW(kind, key, member) GF_ROW(kind, gf_market_params, key, member)

static const gf_param window_rows[] = {
    {.name = "close_per_year",
     .kind = GF_DOUBLE,
     .offset = 0,
     .preset = 0,
     .min = 0,
     .max = 20,
     .neutral = 0,
     .unit = "1/year",
     .help = "rate at which an open listing window closes; 0: it never does",
     .source = "mechanism: China closed its IPO window nine times 1994-2015; rate is a prior"},
    {.name = "open_per_year",
     .kind = GF_DOUBLE,
     .offset = sizeof(double),
     .preset = 1,
     .min = 0.01,
     .max = 20,
     .neutral = NAN,
     .unit = "1/year",
     .help = "rate at which a closed listing window opens",
     .source = "prior"},
    GF_ROW_END,
};

const gf_param gf_market_rows[] = {
    {ROW(GF_DOUBLE, "persistence", persistence), .preset = 0.9, .min = 0, .max = 0.999, .neutral = NAN,
     .unit = "1/quarter", .help = "autocorrelation of the latent market factor per quarter",
     .source = "prior"},
    {ROW(GF_DOUBLE, "exit_loading", exit_loading), .preset = 0.35, .min = 0, .max = 2, .neutral = 0,
     .unit = "1", .help = "loading b of the exit window exp(b m - b^2/2) on acquisitions and listings",
     .source = "prior"},
    {ROW(GF_DOUBLE, "index_return_per_year", index_return_per_year), .preset = 0.06, .min = -0.5, .max = 0.5,
     .neutral = 0, .unit = "1/year", .help = "mean log-return of the public index", .source = "prior"},
    {ROW(GF_DOUBLE, "index_volatility_per_year", index_volatility_per_year), .preset = 0.22, .min = 0,
     .max = 1, .neutral = 0, .unit = "1/year^0.5", .help = "volatility of the public index's log-return",
     .source = "prior"},
    {ROW(GF_DOUBLE, "index_correlation", index_correlation), .preset = 0.5, .min = -1, .max = 1, .neutral = 0,
     .unit = "1", .help = "correlation of the index with the factor's innovations", .source = "prior"},
    {ROW(GF_GROUP, "listing_window", listing_window), .unit = "", .rows = window_rows,
     .help = "two-state listing window", .source = ""},
    GF_ROW_END,
};
