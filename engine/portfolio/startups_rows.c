/* Parameter rows of the section `startups`. */
#include <math.h>

#include "portfolio/startups.h"

#define ROW(kind, key, member) GF_ROW(kind, gf_startup_params, key, member)
/* Rows of a group count offsets from the group's own struct. */
#define IN(row_kind, key, group, member)                                                                     \
    .name = (key), .kind = (row_kind),                                                                       \
    .offset = offsetof(gf_startup_params, group.member) - offsetof(gf_startup_params, group)
#define GROUP(key, member, group_rows, text)                                                                 \
    {                                                                                                        \
        ROW(GF_GROUP, key, member), .rows = (group_rows), .help = (text), .unit = "", .source = ""           \
    }
#define PER_STAGE(key, member, ...)                                                                          \
    {                                                                                                        \
        IN(GF_DOUBLES, key, hazards_per_year, member),                                                       \
            .presets = (const double[]){__VA_ARGS__}, .min = 0, .max = 50, .neutral = NAN, .unit = "1/year", \
            .fixed_count = GF_N_STAGES, .max_count = GF_N_STAGES,                                            \
            .help = "hazard of this event by stage: seed, A, B, C, growth, outlier", .source = "prior"       \
    }

static const gf_param entry_rows[] = {
    {IN(GF_INT, "quarters", entry, quarters), .preset = 1, .min = 1, .max = GF_MAX_QUARTERS, .neutral = NAN,
     .unit = "quarter", .help = "planned entries are spread evenly over the first so many quarters",
     .source = "prior"},
    {IN(GF_INT, "tranche_quarters", entry, tranche_quarters), .preset = 1, .min = 1, .max = 40, .neutral = 1,
     .unit = "quarter", .help = "a first cheque is paid in so many equal quarterly tranches, from entry on",
     .source = "prior"},
    {IN(GF_DOUBLES, "stage_weights", entry, stage_weights), .presets = (const double[]){1, 0, 0, 0, 0},
     .min = 0, .max = 1, .neutral = NAN, .fixed_count = 5, .max_count = 5, .unit = "1",
     .help = "share of entrants by stage, seed to growth; sums to 1", .source = "prior"},
    {IN(GF_INT, "extension_quarters", entry, extension_quarters), .preset = 0, .min = 0,
     .max = GF_MAX_QUARTERS, .neutral = NAN, .unit = "quarter",
     .help = "entries missed for want of deal flow or pace may be made up so many quarters after the plan",
     .source = "prior"},
    {IN(GF_DOUBLE, "ownership", entry, ownership), .preset = 0.1, .min = 0.0001, .max = 0.9, .neutral = NAN,
     .unit = "1",
     .help =
         "share of the company that a first cheque buys at a neutral entry valuation (cheque / post-money)",
     .source = "prior"},
    {IN(GF_DOUBLE, "deal_flow_per_year", entry, deal_flow_per_year), .preset = INFINITY, .min = 0, .max = 1e6,
     .neutral = INFINITY, .has_none = 1, .none_value = INFINITY, .unit = "startups/year",
     .help = "mean number of investable entrants a year that the cluster offers (Poisson); none: no limit",
     .source = "prior"},
    GF_ROW_END,
};

static const gf_param hazard_rows[] = {
    PER_STAGE("breakout", breakout, 0.002, 0.002, 0.002, 0.002, 0.002, 0),
    PER_STAGE("list", list, 0, 0, 0, 0, 0.13, 0.25),
    PER_STAGE("acquire", acquire, 0.025, 0.045, 0.06, 0.085, 0.11, 0.05),
    PER_STAGE("fail", fail, 0.20, 0.16, 0.13, 0.09, 0.065, 0.01),
    PER_STAGE("graduate", graduate, 0.32, 0.30, 0.25, 0.23, 0, 0),
    GF_ROW_END,
};

#define QUALITY(key, member)                                                                                 \
    {                                                                                                        \
        IN(GF_DOUBLE, key, quality, member),                                                                 \
            .preset = 0, .min = -3, .max = 3, .neutral = 0, .unit = "1",                                     \
            .help = "loading g of this hazard on quality: factor exp(g z), z standard normal",               \
            .source = "prior"                                                                                \
    }
static const gf_param quality_rows[] = {
    QUALITY("breakout", breakout),
    QUALITY("list", list),
    QUALITY("acquire", acquire),
    QUALITY("fail", fail),
    QUALITY("graduate", graduate),
    {IN(GF_DOUBLE, "correlation", quality, correlation), .preset = 0, .min = 0, .max = 0.99, .neutral = 0,
     .unit = "1", .help = "correlation of qualities within a portfolio (one Gaussian vintage factor)",
     .source = "prior: 0.05-0.30 within a vintage"},
    GF_ROW_END,
};

static const gf_param step_up_rows[] = {
    {IN(GF_DOUBLES, "median", step_up, median), .presets = (const double[]){2.0, 1.9, 1.7, 1.5}, .min = 0.01,
     .max = 100, .neutral = NAN, .fixed_count = 4, .max_count = 4, .unit = "1",
     .help = "median step-up of the valuation on leaving seed, A, B, C", .source = "prior"},
    {IN(GF_DOUBLES, "sigma", step_up, sigma), .presets = (const double[]){0.5, 0.5, 0.5, 0.5}, .min = 0,
     .max = 3, .neutral = NAN, .fixed_count = 4, .max_count = 4, .unit = "1",
     .help = "standard deviation of its logarithm", .source = "prior"},
    {IN(GF_DOUBLE, "market_correlation", step_up, market_correlation), .preset = 0, .min = -1, .max = 1,
     .neutral = 0, .unit = "1", .help = "correlation of the step-up's logarithm with the market's innovation",
     .source = "prior"},
    GF_ROW_END,
};

static const gf_param sale_rows[] = {
    {IN(GF_DOUBLE, "median", sale, median), .preset = 0.9, .min = 0.01, .max = 100, .neutral = NAN,
     .unit = "1", .help = "median price of an acquisition over the last valuation", .source = "prior"},
    {IN(GF_DOUBLE, "sigma", sale, sigma), .preset = 0.8, .min = 0, .max = 3, .neutral = NAN, .unit = "1",
     .help = "standard deviation of its logarithm", .source = "prior"},
    {IN(GF_DOUBLE, "preference", sale, preference), .preset = 0, .min = 0, .max = 3, .neutral = 0,
     .unit = "1", .help = "non-participating liquidation preference, multiple of cost; 0: none",
     .source = "prior: 1x is usual"},
    GF_ROW_END,
};

static const gf_param listing_rows[] = {
    {IN(GF_DOUBLE, "median", listing, median), .preset = 1.6, .min = 0.01, .max = 100, .neutral = NAN,
     .unit = "1", .help = "median price of a listing over the last valuation", .source = "prior"},
    {IN(GF_DOUBLE, "sigma", listing, sigma), .preset = 0.5, .min = 0, .max = 3, .neutral = NAN, .unit = "1",
     .help = "standard deviation of its logarithm", .source = "prior"},
    {IN(GF_INT, "lock_up_quarters", listing, lock_up_quarters), .preset = 0, .min = 0, .max = 20,
     .neutral = 0, .unit = "quarter",
     .help = "shares are sold so many quarters later and move with the public index until then",
     .source = "prior: 2-4 quarters are usual"},
    GF_ROW_END,
};

static const gf_param recovery_rows[] = {
    {IN(GF_DOUBLE, "a", recovery, a), .preset = 0, .min = 0, .max = 100, .neutral = 0, .unit = "1",
     .help = "first shape of the Beta law of what a failure returns of cost; 0: nothing is recovered",
     .source = "prior"},
    {IN(GF_DOUBLE, "b", recovery, b), .preset = 1, .min = 0.1, .max = 100, .neutral = NAN, .unit = "1",
     .help = "second shape", .source = "prior"},
    GF_ROW_END,
};

static const gf_param redemption_rows[] = {
    {IN(GF_DOUBLE, "probability", redemption, probability), .preset = 0, .min = 0, .max = 1, .neutral = 0,
     .unit = "1", .help = "chance that a failing startup honours the redemption right",
     .source = "prior: 0.10-0.40"},
    {IN(GF_DOUBLE, "recovery", redemption, recovery), .preset = 1, .min = 0, .max = 3, .neutral = NAN,
     .unit = "1", .help = "what an honoured redemption returns, multiple of cost", .source = "prior"},
    GF_ROW_END,
};

static const gf_param breakout_rows[] = {
    {IN(GF_DOUBLE, "index", breakout, index), .preset = 1.3, .min = 0.2, .max = 10, .neutral = NAN,
     .unit = "1", .help = "survival index a of the breakout multiple: P(M > x) = (min_multiple/x)^a",
     .source = "prior: 1.0-1.6"},
    {IN(GF_DOUBLE, "min_multiple", breakout, min_multiple), .preset = 30, .min = 0.01, .max = 1e6,
     .neutral = NAN, .unit = "1", .help = "least multiple of cost", .source = "prior"},
    {IN(GF_DOUBLE, "cap_multiple", breakout, cap_multiple), .preset = 5000, .min = 0.01, .max = 1e12,
     .neutral = INFINITY, .has_none = 1, .none_value = INFINITY, .unit = "1",
     .help = "multiple at which the Pareto law is truncated; none: it is not", .source = "prior: 100-2000"},
    {IN(GF_CHOICE, "then", breakout, then), .preset = GF_BREAKOUT_STAYS, .choices = "leaves|stays",
     .neutral = NAN, .unit = "", .help = "sold at once, or held in stage outlier until its own exit",
     .source = "prior"},
    GF_ROW_END,
};

static const gf_param follow_on_rows[] = {
    {IN(GF_CHOICE, "rule", follow_on, rule), .preset = GF_FOLLOW_NONE, .choices = "none|pro_rata|winners",
     .neutral = GF_FOLLOW_NONE, .unit = "",
     .help =
         "who gets reserves in a round: nobody, all to keep their share, or the best realised step-ups first",
     .source = "prior"},
    {IN(GF_DOUBLE, "min_step_up", follow_on, min_step_up), .preset = 0, .min = 0, .max = 100, .neutral = NAN,
     .unit = "1", .help = "winners: least realised step-up of the round", .source = "prior"},
    GF_ROW_END,
};

#define SECTOR(key, member)                                                                                  \
    {                                                                                                        \
        GF_ROW(GF_DOUBLE, gf_sector_params, key, member), .preset = 1, .min = 0, .max = 100, .neutral = 1,   \
                                                          .unit = "1", .help = "multiplier in this sector",  \
                                                          .source = "prior"                                  \
    }
static const gf_param sector_rows[] = {
    {GF_ROW(GF_TEXT, gf_sector_params, "name", name), .required = 1, .unit = "", .help = "name of the sector",
     .source = ""},
    {GF_ROW(GF_DOUBLE, gf_sector_params, "weight", weight), .preset = 1, .min = 0, .max = 1, .neutral = NAN,
     .required = 1, .unit = "1", .help = "share of entrants; weights sum to 1", .source = "prior"},
    SECTOR("breakout", breakout),
    SECTOR("list", list),
    SECTOR("acquire", acquire),
    SECTOR("fail", fail),
    SECTOR("graduate", graduate),
    SECTOR("step_up", step_up),
    GF_ROW_END,
};

const gf_param gf_startup_rows[] = {
    {ROW(GF_CHOICE, "lifecycle", lifecycle), .preset = GF_LIFECYCLE_STAGED,
     .choices = "staged|outcome|takahashi_alexander", .neutral = NAN, .unit = "",
     .help = "staged: competing hazards by stage; outcome: one multiple and one holding each; "
             "takahashi_alexander: "
             "deterministic cash flows in the place of startups",
     .source = ""},
    {ROW(GF_INT, "count", count), .preset = 100, .min = 1, .max = GF_MAX_STARTUPS, .neutral = NAN,
     .unit = "startups", .help = "planned number of startups per portfolio", .source = "prior"},
    GROUP("entry", entry, entry_rows, "when and as what startups enter"),
    GROUP("hazards_per_year", hazards_per_year, hazard_rows, "neutral competing hazards by stage"),
    GROUP("quality", quality, quality_rows, "differences between startups, fixed at entry"),
    GROUP("step_up", step_up, step_up_rows, "valuation over the previous round's"),
    {ROW(GF_DOUBLES, "dilution", dilution), .presets = (const double[]){0.195, 0.172, 0.126, 0.103}, .min = 0,
     .max = 0.9, .neutral = NAN, .fixed_count = 4, .max_count = 4, .unit = "1",
     .help = "dilution of a holder by rounds A, B, C, D",
     .source = "Carta: 19.5, 17.2, 12.6, 10.3% for rounds A to D"},
    GROUP("sale", sale, sale_rows, "acquisitions"),
    GROUP("listing", listing, listing_rows, "listings"),
    GROUP("recovery", recovery, recovery_rows, "what failures return"),
    GROUP("redemption", redemption, redemption_rows, "redemption right of the investor"),
    GROUP("breakout", breakout, breakout_rows, "the rare outlier"),
    {ROW(GF_DOUBLE, "horizon_share", horizon_share), .preset = 0.75, .min = 0, .max = 2, .neutral = NAN,
     .unit = "1", .help = "worth of what is left at the horizon over its last valuation", .source = "prior"},
    {ROW(GF_DOUBLE, "burn_elasticity", burn_elasticity), .preset = 1, .min = 0, .max = 3, .neutral = NAN,
     .unit = "1", .help = "elasticity of the failure hazard in operating cost",
     .source = "prior: runway is cash over burn"},
    GROUP("follow_on", follow_on, follow_on_rows, "use of reserves"),
    {ROW(GF_TABLE, "sectors", sectors), .rows = sector_rows, .row_size = sizeof(gf_sector_params),
     .max_count = GF_MAX_SECTORS, .count_offset = offsetof(gf_startup_params, n_sectors), .unit = "",
     .help = "sectors of the entrants; none: one sector", .source = ""},
    {ROW(GF_GROUP, "outcome", outcome), .rows = gf_outcome_rows, .neutral = NAN,
     .presence_offset = offsetof(gf_startup_params, has_outcome), .unit = "",
     .help = "lifecycle outcome: what startups bring and when", .source = ""},
    {ROW(GF_GROUP, "cash_flow", cash_flow), .rows = gf_cash_flow_rows, .neutral = NAN,
     .presence_offset = offsetof(gf_startup_params, has_cash_flow), .unit = "",
     .help = "lifecycle takahashi_alexander: the fund's cash flows", .source = ""},
    GF_ROW_END,
};
