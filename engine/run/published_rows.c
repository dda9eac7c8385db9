/* Parameter rows of a file of published cases. */
#include <math.h>

#include "run/published.h"

#define CASE(kind, key, member)  GF_ROW(kind, gf_case, key, member)
#define CHECK(kind, key, member) GF_ROW(kind, gf_check, key, member)
#define IN(row_kind, key, group, member)                                                                     \
    .name = (key), .kind = (row_kind), .offset = offsetof(gf_case, group.member) - offsetof(gf_case, group)
#define COUNT(group, member) .count_offset = offsetof(gf_case, group.member) - offsetof(gf_case, group)

static const gf_param check_rows[] = {
    {CHECK(GF_TEXT, "quantity", quantity), .required = 1, .max_count = 96, .unit = "",
     .help = "what is obtained: median(net_tvpi), P(net_tvpi >= 3), irr, …", .source = ""},
    {CHECK(GF_TEXT, "set", settings), .max_count = 300, .unit = "",
     .help = "run: further changes of the config for this number, KEY=VALUE, separated by semicolons",
     .source = ""},
    {CHECK(GF_DOUBLE, "expected", expected), .required = 1, .min = -1e15, .max = 1e15, .neutral = NAN,
     .unit = "", .help = "what it should be", .source = ""},
    {CHECK(GF_DOUBLE, "within", within), .preset = 0, .min = 0, .max = 1e15, .neutral = NAN, .unit = "",
     .help = "accepted distance besides four standard errors", .source = ""},
    {CHECK(GF_DOUBLE, "reference_se", reference_se), .preset = 0, .min = 0, .max = 1e15, .neutral = NAN,
     .unit = "", .help = "standard error of the expected value", .source = ""},
    {CHECK(GF_CHOICE, "kind", kind), .preset = -1, .choices = "exact|published|reference", .neutral = NAN,
     .unit = "", .help = "where the expected value comes from; as the case unless given", .source = ""},
    {CHECK(GF_BOOL, "holds", holds), .preset = 1, .min = 0, .max = 1, .neutral = NAN, .unit = "",
     .help = "false: the source printed a number that its own text does not give", .source = ""},
    {CHECK(GF_TEXT, "note", note), .max_count = 400, .unit = "", .help = "remark", .source = ""},
    GF_ROW_END,
};

static const gf_param flows_rows[] = {
    {IN(GF_DOUBLES, "amounts", flows, amounts), .required = 1, .min = -1e12, .max = 1e12, .neutral = NAN,
     .max_count = GF_MAX_CASE_FLOWS, COUNT(flows, n_amounts), .unit = "money",
     .help = "net flows by period: negative is paid in", .source = ""},
    {IN(GF_DOUBLES, "index", flows, index), .min = 1e-9, .max = 1e12, .neutral = NAN,
     .max_count = GF_MAX_CASE_FLOWS, COUNT(flows, n_index), .unit = "1",
     .help = "public index at the same dates", .source = ""},
    {IN(GF_DOUBLE, "nav", flows, nav), .preset = 0, .min = 0, .max = 1e12, .neutral = NAN, .unit = "money",
     .help = "value at the last date", .source = ""},
    {IN(GF_DOUBLE, "periods_per_year", flows, periods_per_year), .preset = 1, .min = 0.01, .max = 366,
     .neutral = NAN, .unit = "1/year", .help = "periods in a year", .source = ""},
    GF_ROW_END,
};

static const gf_param pareto_rows[] = {
    {IN(GF_DOUBLE, "index", pareto, index), .preset = 1, .min = 0.05, .max = 100, .neutral = NAN, .unit = "1",
     .help = "survival index a, P(X > x) = (min/x)^a", .source = ""},
    {IN(GF_DOUBLE, "min", pareto, min), .preset = 1, .min = 1e-9, .max = 1e9, .neutral = NAN, .unit = "1",
     .help = "least value", .source = ""},
    {IN(GF_DOUBLE, "cap", pareto, cap), .preset = INFINITY, .min = 1e-9, .max = 1e15, .neutral = INFINITY,
     .has_none = 1, .none_value = INFINITY, .unit = "1",
     .help = "where the law is truncated; none: it is not", .source = ""},
    GF_ROW_END,
};

static const gf_param lognormal_rows[] = {
    {IN(GF_DOUBLE, "median", lognormal, median), .preset = 1, .min = 1e-9, .max = 1e9, .neutral = NAN,
     .unit = "1", .help = "median", .source = ""},
    {IN(GF_DOUBLE, "sigma", lognormal, sigma), .preset = 1, .min = 1e-9, .max = 10, .neutral = NAN,
     .unit = "1", .help = "standard deviation of the logarithm", .source = ""},
    GF_ROW_END,
};

static const gf_param vasicek_rows[] = {
    {IN(GF_DOUBLE, "probability", vasicek, probability), .preset = 0.5, .min = 1e-12, .max = 1,
     .neutral = NAN, .unit = "1", .help = "of a default", .source = ""},
    {IN(GF_DOUBLE, "correlation", vasicek, correlation), .preset = 0, .min = 0, .max = 0.999, .neutral = 0,
     .unit = "1", .help = "of two latent variables", .source = ""},
    GF_ROW_END,
};

static const gf_param case_rows[] = {
    {CASE(GF_TEXT, "name", name), .required = 1, .max_count = 64, .unit = "", .help = "name of the case",
     .source = ""},
    {CASE(GF_TEXT, "title", title), .required = 1, .max_count = 200, .unit = "", .help = "what it is",
     .source = ""},
    {CASE(GF_TEXT, "source", source), .required = 1, .max_count = 400, .unit = "",
     .help = "who printed it, or the formula", .source = ""},
    {CASE(GF_CHOICE, "kind", kind), .preset = GF_CASE_EXACT, .choices = "exact|published|reference",
     .neutral = NAN, .unit = "", .help = "where expected values come from", .source = ""},
    {CASE(GF_CHOICE, "method", method), .preset = GF_BY_RUN,
     .choices = "run|flows|pareto|lognormal|vasicek|branching|stable", .neutral = NAN, .unit = "",
     .help = "how the quantities are obtained", .source = ""},
    {CASE(GF_TEXT, "config", config), .max_count = 128, .unit = "",
     .help = "run: the config, beside this file", .source = ""},
    {CASE(GF_TEXT, "set", settings), .max_count = 900, .unit = "",
     .help = "run: changes of the config, KEY=VALUE, separated by semicolons", .source = ""},
    {CASE(GF_INT, "portfolios", portfolios), .preset = GF_CASE_PORTFOLIOS, .min = 1, .max = 1e9,
     .neutral = NAN, .unit = "portfolios", .help = "run: how many", .source = ""},
    {CASE(GF_GROUP, "flows", flows), .rows = flows_rows, .unit = "", .help = "method flows", .source = "",
     .presence_offset = offsetof(gf_case, has_flows)},
    {CASE(GF_GROUP, "pareto", pareto), .rows = pareto_rows, .unit = "", .help = "method pareto",
     .source = ""},
    {CASE(GF_GROUP, "lognormal", lognormal), .rows = lognormal_rows, .unit = "", .help = "method lognormal",
     .source = ""},
    {CASE(GF_GROUP, "vasicek", vasicek), .rows = vasicek_rows, .unit = "", .help = "method vasicek",
     .source = ""},
    {CASE(GF_DOUBLE, "offspring", offspring), .preset = 0, .min = 0, .max = 100, .neutral = NAN, .unit = "1",
     .help = "method branching: mean number of direct successors", .source = ""},
    {CASE(GF_DOUBLE, "stable_index", stable_index), .preset = 1.5, .min = 1.05, .max = 1.95, .neutral = NAN,
     .unit = "1", .help = "method stable: survival index of the summands", .source = ""},
    {CASE(GF_TABLE, "checks", checks), .required = 1, .rows = check_rows, .row_size = sizeof(gf_check),
     .max_count = GF_MAX_CHECKS, .count_offset = offsetof(gf_case, n_checks), .unit = "",
     .help = "quantities with their expected values", .source = ""},
    GF_ROW_END,
};

const gf_param gf_cases_rows[] = {
    {GF_ROW(GF_TABLE, gf_cases, "cases", items), .required = 1, .rows = case_rows,
     .row_size = sizeof(gf_case), .max_count = GF_MAX_CASES, .count_offset = offsetof(gf_cases, n),
     .unit = "", .help = "the cases", .source = ""},
    GF_ROW_END,
};
