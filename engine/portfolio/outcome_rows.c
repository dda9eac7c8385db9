/* Parameter rows of the section `startups.outcome`. */
#include <math.h>

#include "portfolio/outcome.h"

/* Rows of a nested group count offsets from the group's own struct. */
#define IN(row_kind, key, type, group, member)                                                               \
    .name = (key), .kind = (row_kind), .offset = offsetof(type, group.member) - offsetof(type, group)
#define OF_COMPONENT(kind, key, group, member) IN(kind, key, gf_component_params, group, member)
#define OF_HOLDING(kind, key, group, member)   IN(kind, key, gf_outcome_params, holding_years.group, member)
#define KIND(row_kind, key, member, outcome)                                                                 \
    GF_ROW(row_kind, gf_component_params, key, member),                                                      \
        .presence_offset = offsetof(gf_component_params, has[outcome]), .neutral = NAN

static const gf_param beta_rows[] = {
    {OF_COMPONENT(GF_DOUBLE, "a", beta, a), .required = 1, .min = 0.1, .max = 100, .neutral = NAN,
     .unit = "1", .help = "first shape", .source = ""},
    {OF_COMPONENT(GF_DOUBLE, "b", beta, b), .required = 1, .min = 0.1, .max = 100, .neutral = NAN,
     .unit = "1", .help = "second shape", .source = ""},
    {OF_COMPONENT(GF_DOUBLE, "scale", beta, scale), .preset = 1, .min = 0, .max = 1e6, .neutral = NAN,
     .unit = "1", .help = "the multiple is scale times a Beta(a, b) variate", .source = ""},
    GF_ROW_END,
};

static const gf_param lognormal_rows[] = {
    {OF_COMPONENT(GF_DOUBLE, "median", lognormal, median), .required = 1, .min = 1e-9, .max = 1e9,
     .neutral = NAN, .unit = "1", .help = "median multiple", .source = ""},
    {OF_COMPONENT(GF_DOUBLE, "sigma", lognormal, sigma), .required = 1, .min = 0, .max = 5, .neutral = NAN,
     .unit = "1", .help = "standard deviation of its logarithm", .source = ""},
    GF_ROW_END,
};

static const gf_param pareto_rows[] = {
    {OF_COMPONENT(GF_DOUBLE, "index", pareto, index), .required = 1, .min = 0.2, .max = 100, .neutral = NAN,
     .unit = "1", .help = "survival index a, P(X > x) = (min/x)^a: a density exponent less 1", .source = ""},
    {OF_COMPONENT(GF_DOUBLE, "min", pareto, min), .required = 1, .min = 1e-9, .max = 1e9, .neutral = NAN,
     .unit = "1", .help = "least multiple", .source = ""},
    {OF_COMPONENT(GF_DOUBLE, "cap", pareto, cap), .required = 1, .min = 1e-9, .max = 1e15,
     .neutral = INFINITY, .has_none = 1, .none_value = INFINITY, .unit = "1",
     .help = "multiple at which the law is truncated; none: it is not", .source = ""},
    GF_ROW_END,
};

static const gf_param levy_rows[] = {
    {OF_COMPONENT(GF_DOUBLE, "scale", levy, scale), .required = 1, .min = 1e-9, .max = 1e9, .neutral = NAN,
     .unit = "1", .help = "scale c; the survival index of the tail is 1/2", .source = ""},
    GF_ROW_END,
};

static const gf_param component_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_component_params, "weight", weight), .required = 1, .min = 0, .max = 1,
     .neutral = NAN, .unit = "1", .help = "share of startups; weights sum to 1", .source = ""},
    {KIND(GF_DOUBLE, "point", point, GF_OUTCOME_POINT), .preset = NAN, .min = 0, .max = 1e9, .unit = "1",
     .help = "this multiple and no other", .source = ""},
    {KIND(GF_DOUBLES, "uniform", uniform, GF_OUTCOME_UNIFORM), .preset = NAN, .min = 0, .max = 1e9,
     .fixed_count = 2, .max_count = 2, .unit = "1", .help = "multiples evenly between two bounds",
     .source = ""},
    {KIND(GF_GROUP, "beta", beta, GF_OUTCOME_BETA), .rows = beta_rows, .unit = "", .help = "scaled Beta law",
     .source = ""},
    {KIND(GF_GROUP, "lognormal", lognormal, GF_OUTCOME_LOGNORMAL), .rows = lognormal_rows, .unit = "",
     .help = "lognormal law", .source = ""},
    {KIND(GF_GROUP, "pareto", pareto, GF_OUTCOME_PARETO), .rows = pareto_rows, .unit = "",
     .help = "Pareto law: outliers", .source = ""},
    {KIND(GF_GROUP, "levy", levy, GF_OUTCOME_LEVY), .rows = levy_rows, .unit = "",
     .help = "Levy law, scale / z^2 with z standard normal: outliers", .source = ""},
    GF_ROW_END,
};

static const gf_param holding_lognormal_rows[] = {
    {OF_HOLDING(GF_DOUBLE, "median", lognormal, median), .required = 1, .min = 0.01, .max = 40,
     .neutral = NAN, .unit = "year", .help = "median holding", .source = ""},
    {OF_HOLDING(GF_DOUBLE, "sigma", lognormal, sigma), .required = 1, .min = 0, .max = 3, .neutral = NAN,
     .unit = "1", .help = "standard deviation of its logarithm", .source = ""},
    GF_ROW_END,
};

#define HOLDING_OFFSET(member)                                                                               \
    (offsetof(gf_outcome_params, holding_years.member) - offsetof(gf_outcome_params, holding_years))
static const gf_param holding_rows[] = {
    {IN(GF_DOUBLE, "point", gf_outcome_params, holding_years, point), .preset = NAN, .min = 0, .max = 40,
     .neutral = NAN, .presence_offset = HOLDING_OFFSET(has_point), .unit = "year",
     .help = "everyone is held so long", .source = ""},
    {IN(GF_DOUBLES, "uniform", gf_outcome_params, holding_years, uniform), .preset = NAN, .min = 0, .max = 40,
     .neutral = NAN, .fixed_count = 2, .max_count = 2, .presence_offset = HOLDING_OFFSET(has_uniform),
     .unit = "year", .help = "holdings evenly between two bounds", .source = ""},
    {IN(GF_GROUP, "lognormal", gf_outcome_params, holding_years, lognormal), .rows = holding_lognormal_rows,
     .presence_offset = HOLDING_OFFSET(has_lognormal), .neutral = NAN, .unit = "",
     .help = "lognormal holdings; what passes the horizon is sold there", .source = ""},
    GF_ROW_END,
};

const gf_param gf_outcome_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_outcome_params, "correlation", correlation), .preset = 0, .min = 0, .max = 1,
     .neutral = 0, .unit = "1", .help = "of outcomes within a portfolio: one-factor Gaussian copula",
     .source = "prior: 0.05-0.30 within a vintage"},
    {GF_ROW(GF_GROUP, gf_outcome_params, "holding_years", holding_years), .rows = holding_rows, .required = 1,
     .neutral = NAN, .unit = "", .help = "time from entry to exit, rounded up to whole quarters",
     .source = ""},
    {GF_ROW(GF_TABLE, gf_outcome_params, "mixture", mixture), .rows = component_rows, .required = 1,
     .neutral = NAN, .row_size = sizeof(gf_component_params), .max_count = GF_MAX_COMPONENTS,
     .count_offset = offsetof(gf_outcome_params, n_components), .unit = "",
     .help = "laws of the gross multiple, each with its weight and exactly one kind", .source = ""},
    GF_ROW_END,
};
