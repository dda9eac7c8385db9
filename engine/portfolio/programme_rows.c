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
    {TERM(GF_DOUBLE, "catch_up", catch_up), .preset = 1, .min = 0, .max = 1, .neutral = NAN, .unit = "1",
     .help = "managers' share in the catch-up tier; 0: none, the hurdle is hard", .source = "prior"},
    {TERM(GF_CHOICE, "waterfall", waterfall), .preset = 0, .choices = "european", .neutral = NAN, .unit = "",
     .help = "european: carry only after all contributions of the sub-fund and their hurdle are returned",
     .source = "prior"},
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
    GF_ROW_END,
};
