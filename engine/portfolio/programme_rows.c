/* Parameter rows of the section `programme`. */
#include <math.h>

#include "portfolio/programme.h"

#define ROW(kind, key, member)  GF_ROW(kind, gf_programme_params, key, member)
#define TERM(kind, key, member) GF_ROW(kind, gf_terms_params, key, member)

static const gf_param terms_rows[] = {
    {TERM(GF_DOUBLE, "fee_per_year", fee_per_year), .preset = 0.02, .min = 0, .max = 0.1, .neutral = 0,
     .unit = "1/year", .help = "management fee", .source = "prior: 0.01-0.02 in China, 0.02 elsewhere"},
    {TERM(GF_DOUBLE, "fee_years", fee_years), .preset = 10, .min = 0, .max = 40, .neutral = NAN,
     .unit = "year", .help = "fees are paid for the first so many years", .source = "prior"},
    {TERM(GF_CHOICE, "fee_basis", fee_basis), .preset = GF_FEE_COMMITTED, .choices = "committed|invested",
     .neutral = NAN, .unit = "",
     .help = "after the step-down year: on commitment, or on the cost of live stakes", .source = "prior"},
    {TERM(GF_DOUBLE, "fee_step_down_year", fee_step_down_year), .preset = INFINITY, .min = 0, .max = 40,
     .neutral = INFINITY, .has_none = 1, .none_value = INFINITY, .unit = "year",
     .help = "from this year on the rate is multiplied by fee_step_down_factor and the basis is fee_basis; "
             "none: never",
     .source = "prior"},
    {TERM(GF_DOUBLE, "fee_step_down_factor", fee_step_down_factor), .preset = 1, .min = 0, .max = 1,
     .neutral = 1, .unit = "1", .help = "multiplier of the fee rate after the step-down year",
     .source = "prior"},
    {TERM(GF_DOUBLE, "hurdle_per_year", hurdle_per_year), .preset = 0.08, .min = 0, .max = 0.5,
     .neutral = NAN, .unit = "1/year", .help = "hurdle, compounded", .source = "prior: 0.06-0.08"},
    {TERM(GF_DOUBLE, "carry", carry), .preset = 0.2, .min = 0, .max = 0.5, .neutral = 0, .unit = "1",
     .help = "carried interest", .source = "prior: 0.20"},
    {TERM(GF_DOUBLE, "catch_up", catch_up), .preset = NAN, .min = 0, .max = 1, .neutral = NAN, .has_none = 1,
     .none_value = NAN, .unit = "1",
     .help =
         "managers' share in the catch-up tier; 0: none, the hurdle is hard; none: 1 where there is a carry",
     .source = "prior"},
    {TERM(GF_CHOICE, "waterfall", waterfall), .preset = 0, .choices = "european|american", .neutral = NAN,
     .unit = "",
     .help =
         "european: carry after all contributions of the sub-fund and their hurdle; american: deal by deal",
     .source = "prior"},
    {TERM(GF_BOOL, "clawback", clawback), .preset = 1, .min = 0, .max = 1, .neutral = 0, .unit = "",
     .help = "american: at the horizon managers return what the european waterfall would not have paid",
     .source = "prior"},
    GF_ROW_END,
};

#define BUY_BACK(row_kind, key, member)                                                                      \
    .name = (key), .kind = (row_kind),                                                                       \
    .offset = offsetof(gf_government_params, buy_back.member) - offsetof(gf_government_params, buy_back)
static const gf_param buy_back_rows[] = {
    {BUY_BACK(GF_DOUBLE, "from_year", from_year), .preset = 1, .min = 0, .max = 40, .neutral = NAN,
     .unit = "year", .help = "first year in which partners may buy the public purse out", .source = "prior"},
    {BUY_BACK(GF_DOUBLE, "to_year", to_year), .preset = 5, .min = 0, .max = 40, .neutral = NAN,
     .unit = "year", .help = "last year", .source = "prior: 3-5 years are usual"},
    {BUY_BACK(GF_DOUBLE, "rate_per_year", rate_per_year), .preset = 0.035, .min = 0, .max = 0.5,
     .neutral = NAN, .unit = "1/year",
     .help = "price: contributions compounded at this rate, less what was received",
     .source = "prior: loan or bond rate"},
    {BUY_BACK(GF_CHOICE, "exercise", exercise), .preset = GF_BUY_BACK_IN_THE_MONEY,
     .choices = "in_the_money|always", .neutral = NAN, .unit = "",
     .help = "in_the_money: at the first date in the window when the stake's mark is above the price; "
             "always: at its end",
     .source = "prior"},
    GF_ROW_END,
};

#define GOVERNMENT(kind, key, member) GF_ROW(kind, gf_government_params, key, member)
static const gf_param government_rows[] = {
    {GOVERNMENT(GF_DOUBLE, "first_loss", first_loss), .preset = 0, .min = 0, .max = 1, .neutral = 0,
     .unit = "1", .help = "share of the public purse's capital that is repaid after everybody else's",
     .source = "prior"},
    {GOVERNMENT(GF_CHOICE, "concession", concession), .preset = GF_CONCESSION_NONE,
     .choices = "none|cap|share|buy_back", .neutral = GF_CONCESSION_NONE, .unit = "",
     .help = "profit concession of the public purse to private partners",
     .source = "Liu and Feng: exits at principal and a loan or bond rate, the surplus to private partners"},
    {GOVERNMENT(GF_DOUBLE, "cap_rate_per_year", cap_rate_per_year), .preset = 0.035, .min = 0, .max = 0.5,
     .neutral = NAN, .unit = "1/year", .help = "cap: return that the public purse keeps, compounded",
     .source = "prior: loan or bond rate"},
    {GOVERNMENT(GF_DOUBLE, "profit_share", profit_share), .preset = 0.2, .min = 0, .max = 1, .neutral = NAN,
     .unit = "1", .help = "share: part of its profit that the public purse gives away", .source = "prior"},
    {GOVERNMENT(GF_GROUP, "buy_back", buy_back), .rows = buy_back_rows, .unit = "", .source = "",
     .help = "buy_back: window, price and exercise of the partners' right"},
    GF_ROW_END,
};

static const gf_param reinvestment_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_reinvestment_params, "ratio", ratio), .preset = 0, .min = 0, .max = 5, .neutral = 0,
     .unit = "1", .help = "local investment that the public purse wants, over its own contributions",
     .source = "guidance funds: 1.0-2.0"},
    {GF_ROW(GF_DOUBLE, gf_reinvestment_params, "local_deal_flow_per_year", local_deal_flow_per_year),
     .preset = INFINITY, .min = 0, .max = 1e6, .neutral = INFINITY, .has_none = 1, .none_value = INFINITY,
     .unit = "startups/year",
     .help = "mean number of local startups on offer a year (Poisson, times the climate's deal flow); none: "
             "no limit",
     .source = "prior"},
    {GF_ROW(GF_DOUBLE, gf_reinvestment_params, "adverse_selection", adverse_selection), .preset = 0.1,
     .min = 0, .max = 1, .neutral = 0, .unit = "1",
     .help = "loss of value of local entrants per unit of missing choice",
     .source = "prior: quality haircut of 0-20%"},
    GF_ROW_END,
};

static const gf_param recycling_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_recycling_params, "share", share), .preset = 0, .min = 0, .max = 1, .neutral = 0,
     .unit = "1", .help = "proceeds up to this share of commitment are kept for follow-ons",
     .source = "prior: 0-0.2"},
    {GF_ROW(GF_DOUBLE, gf_recycling_params, "years", years), .preset = 5, .min = 0, .max = 40, .neutral = NAN,
     .unit = "year", .help = "of the first so many years; what is not spent by then is distributed",
     .source = "prior"},
    GF_ROW_END,
};

#define FACTOR(key, member, text)                                                                            \
    {                                                                                                        \
        GF_ROW(GF_DOUBLE, gf_tolerance_params, key, member), .preset = 1, .min = 0, .max = 2, .neutral = 1,  \
                                                             .unit = "1", .help = (text), .source = "prior"  \
    }
static const gf_param tolerance_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_tolerance_params, "threshold", threshold), .preset = INFINITY, .min = 0, .max = 1,
     .neutral = INFINITY, .has_none = 1, .none_value = INFINITY, .unit = "1",
     .help = "realised losses over commitment that are tolerated; none: all",
     .source = "Zhengzhou angel funds: 0.40; Huangpu, Nanshan: all"},
    FACTOR("pace", pace, "pace of new investments after that"),
    FACTOR("fail", fail, "failure hazards after that: safer choices"),
    FACTOR("graduate", graduate, "graduation hazards after that"),
    FACTOR("breakout", breakout, "breakout hazards after that"),
    GF_ROW_END,
};

const gf_param gf_programme_rows[] = {
    {ROW(GF_DOUBLE, "target_cny_m", target_cny_m), .preset = 1000, .min = 0.001, .max = 1e9, .neutral = NAN,
     .unit = "CNY million", .help = "target size", .source = "prior"},
    {ROW(GF_DOUBLE, "raised_ratio", raised_ratio), .preset = 1, .min = 0.01, .max = 1, .neutral = 1,
     .unit = "1", .help = "raised commitments over target",
     .source = "guidance funds: 0.43 in 2020, 0.50 in 2022, 0.60 in 2024"},
    {ROW(GF_DOUBLE, "fiscal_share", fiscal_share), .preset = 0.4, .min = 0, .max = 1, .neutral = NAN,
     .unit = "1", .help = "share of raised commitments that the public purse holds",
     .source = "Shenzhen angel fund: 0.40"},
    {ROW(GF_DOUBLE, "manager_share", manager_share), .preset = 0, .min = 0, .max = 1, .neutral = 0,
     .unit = "1", .help = "share of raised commitments that the managers hold themselves",
     .source = "prior: 0.01-0.02"},
    {ROW(GF_INT, "sub_funds", sub_funds), .preset = 1, .min = 1, .max = GF_MAX_SUB_FUNDS, .neutral = NAN,
     .unit = "sub-funds",
     .help = "equal sub-funds with a manager each; startup i goes to sub-fund i mod sub_funds",
     .source = "prior"},
    {ROW(GF_DOUBLE, "manager_skill", manager_skill), .preset = 0, .min = 0, .max = 0.9, .neutral = 0,
     .unit = "1", .help = "share of the variance of startup quality that belongs to the manager",
     .source = "prior"},
    {ROW(GF_DOUBLE, "invested_share", invested_share), .preset = NAN, .min = 0, .max = 1, .neutral = NAN,
     .has_none = 1, .none_value = NAN, .unit = "1",
     .help = "share of commitments for first cheques; none: what lifetime fees and the reserve leave",
     .source = "prior"},
    {ROW(GF_DOUBLE, "reserve_share", reserve_share), .preset = 0, .min = 0, .max = 0.9, .neutral = 0,
     .unit = "1", .help = "share of commitments kept for follow-on rounds", .source = "prior"},
    {ROW(GF_DOUBLE, "mother_fee_per_year", mother_fee_per_year), .preset = 0, .min = 0, .max = 0.05,
     .neutral = 0, .unit = "1/year", .help = "fee of the mother fund on commitments, for fee_years",
     .source = "prior"},
    {ROW(GF_CHOICE, "horizon", horizon), .preset = GF_HORIZON_HOLD, .choices = "hold|sell", .neutral = NAN,
     .unit = "", .help = "what is left at the horizon stays as NAV, or is sold into the last distribution",
     .source = "prior"},
    {ROW(GF_GROUP, "terms", terms), .rows = terms_rows, .unit = "", .help = "terms of the sub-funds",
     .source = ""},
    {ROW(GF_GROUP, "government", government), .rows = government_rows, .unit = "", .source = "",
     .help = "terms of the public purse"},
    {ROW(GF_GROUP, "reinvestment", reinvestment), .rows = reinvestment_rows, .unit = "", .source = "",
     .help = "duty to invest locally"},
    {ROW(GF_GROUP, "recycling", recycling), .rows = recycling_rows, .unit = "", .source = "",
     .help = "recycling of proceeds"},
    {ROW(GF_GROUP, "loss_tolerance", loss_tolerance), .rows = tolerance_rows, .unit = "", .source = "",
     .help = "what happens when realised losses pass a tolerance"},
    GF_ROW_END,
};
