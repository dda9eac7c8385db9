/* Parameter rows of a design. */
#include <math.h>

#include "run/design.h"

#define KEY(kind, name, member)    GF_ROW(kind, gf_design_key, name, member)
#define NUMBER(kind, name, member) GF_ROW(kind, gf_design_number, name, member)
#define DESIGN(kind, name, member) GF_ROW(kind, gf_design, name, member)

static const gf_param key_rows[] = {
    {KEY(GF_TEXT, "key", key), .required = 1, .max_count = GF_DESIGN_TEXT, .unit = "",
     .help = "path in the config: models.incubation.loss_tolerance, startups.dilution[0]", .source = ""},
    {KEY(GF_DOUBLES, "values", values), .min = -1e15, .max = 1e15, .neutral = NAN,
     .max_count = GF_DESIGN_MAX_LEVELS, .count_offset = offsetof(gf_design_key, n_values), .unit = "",
     .help = "levels of a grid; elsewhere equally likely", .source = ""},
    {KEY(GF_DOUBLE, "from", from), .preset = NAN, .min = -1e15, .max = 1e15, .neutral = NAN, .unit = "",
     .help = "least value of a range", .source = ""},
    {KEY(GF_DOUBLE, "to", to), .preset = NAN, .min = -1e15, .max = 1e15, .neutral = NAN, .unit = "",
     .help = "largest value of a range", .source = ""},
    {KEY(GF_CHOICE, "scale", scale), .preset = GF_DESIGN_LINEAR, .choices = "linear|log", .neutral = NAN,
     .unit = "", .help = "of a range: even in the value or in its logarithm", .source = ""},
    {KEY(GF_INT, "levels", levels), .preset = 5, .min = 2, .max = GF_DESIGN_MAX_LEVELS, .neutral = NAN,
     .unit = "1", .help = "grid: levels of a range, both ends included", .source = "",
     .presence_offset = offsetof(gf_design_key, has_levels)},
    GF_ROW_END,
};

static const gf_param number_rows[] = {
    {NUMBER(GF_TEXT, "of", of), .required = 1, .max_count = GF_DESIGN_TEXT, .unit = "",
     .help =
         "P(column >= x), mean(column), capped_mean(column, cap), median(column), quantile(column, level), "
         "top_share(column, fraction)",
     .source = ""},
    {NUMBER(GF_TEXT, "name", name), .max_count = GF_DESIGN_TEXT, .unit = "",
     .help = "name in the file; that of the number unless given", .source = ""},
    GF_ROW_END,
};

const gf_param gf_design_rows[] = {
    {DESIGN(GF_TEXT, "sweep", name), .required = 1, .max_count = GF_DESIGN_TEXT, .unit = "", .help = "title",
     .source = ""},
    {DESIGN(GF_TEXT, "base", base), .required = 1, .max_count = 256, .unit = "",
     .help = "config that is varied, beside this file", .source = ""},
    {DESIGN(GF_CHOICE, "method", method), .preset = GF_DESIGN_GRID, .choices = "grid|latin_hypercube|sobol",
     .neutral = NAN, .unit = "", .help = "how points are chosen", .source = ""},
    {DESIGN(GF_INT, "points", points), .preset = 128, .min = 2, .max = GF_DESIGN_MAX_POINTS, .neutral = NAN,
     .unit = "points", .help = "latin_hypercube: points; sobol: base points, best a power of two",
     .source = "", .presence_offset = offsetof(gf_design, has_points)},
    {DESIGN(GF_INT, "portfolios", portfolios), .preset = 4096, .min = 1, .max = 1 << 24, .neutral = NAN,
     .unit = "portfolios", .help = "of each point", .source = ""},
    {DESIGN(GF_INT, "seed", seed), .preset = 1, .min = 0, .max = 4294967295.0, .neutral = NAN, .unit = "1",
     .help = "of the design; the luck of portfolios is the config's", .source = ""},
    {DESIGN(GF_TABLE, "keys", keys), .required = 1, .rows = key_rows, .row_size = sizeof(gf_design_key),
     .max_count = GF_DESIGN_MAX_KEYS, .count_offset = offsetof(gf_design, n_keys), .neutral = NAN, .unit = "",
     .help = "what is varied", .source = ""},
    {DESIGN(GF_TABLE, "numbers", numbers), .required = 1, .rows = number_rows,
     .row_size = sizeof(gf_design_number), .max_count = GF_DESIGN_MAX_NUMBERS, .neutral = NAN,
     .count_offset = offsetof(gf_design, n_numbers), .unit = "", .help = "what is asked for", .source = ""},
    GF_ROW_END,
};
