/* The rows of a summary: which numbers of which column, their names, units and caveats. */
#include "run/summary_rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what is reported of which column --- */

int gf_summary_is_technical(const gf_layout *layout, int column)
{
    const char *name = layout->columns[column].name;
    if (strcmp(name, "log_weight") == 0)
        return 1;
    for (int c = 0; c < layout->n_columns; c++)
        if (layout->columns[c].flag != NULL && strcmp(layout->columns[c].flag, name) == 0)
            return 1;
    return 0;
}

/* "first_outlier_quarter" is a date, "stress_quarters" a number of quarters. */
int gf_summary_is_event(const gf_column *column)
{
    static const char suffix[] = "_quarter";
    size_t length = strlen(column->name), tail = sizeof suffix - 1;
    return strcmp(column->unit, "quarter") == 0 && length > tail &&
           strcmp(column->name + length - tail, suffix) == 0;
}

void gf_summary_blank(const gf_column *column, double *values, size_t n)
{
    if (!gf_summary_is_event(column))
        return;
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] < 0 ? NAN : values[i]; /* no branch: which ones is a matter of luck */
}

int gf_summary_thresholds(const gf_column *column, double thresholds[8])
{
    static const struct {
        const char *name;
        int n;
        double x[8];
    } table[] = {{"net_tvpi", 6, {1, 2, 3, 5, 10, 20}},
                 {"gross_multiple", 1, {1}},
                 {"net_dpi", 1, {1}},
                 {"ks_pme", 1, {1}},
                 {"government_tvpi", 1, {1}},
                 {"private_tvpi", 1, {1}},
                 {"n_outliers", 3, {1, 2, 3}},
                 {"n_ambient_outliers", 1, {1}},
                 {"n_listed", 1, {1}}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(column->name, table[i].name) == 0) {
            memcpy(thresholds, table[i].x, sizeof table[i].x);
            return table[i].n;
        }
    return 0;
}

double gf_summary_cap(const gf_column *column, const gf_atoms *atoms)
{
    if (strcmp(column->name, "max_multiple") == 0)
        return 100;
    if (strcmp(column->unit, "1") == 0)
        return 10;
    if (strcmp(column->unit, "1/year") == 0)
        return 1;
    double high = gf_atoms_quantile(atoms, 0.99).value;
    return high > 0 && isfinite(high) ? gf_round_up_125(high) : NAN;
}

/* --- building --- */

static void add_row(gf_summary_builder *b, const gf_number *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a row with a printf-style note. */
static void add_row(gf_summary_builder *b, const gf_number *row, const char *format, ...)
{
    char note[400];
    gf_number number = *row;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    number.note = note;
    if (gf_summary_add(b->summary, &number) < 0)
        b->failed = 1;
}

static void add_warning(gf_summary_builder *b, const char *name, const char *column, const char *text)
{
    gf_number row = {name, column, "warning", NAN, NAN, NAN, "", text};
    if (gf_summary_add(b->summary, &row) < 0)
        b->failed = 1;
}

static const double share_fractions[] = {0.01, 0.1};

static int has_tail_rows(const gf_column *column)
{
    return strcmp(column->name, "net_tvpi") == 0 || strcmp(column->name, "max_multiple") == 0;
}

gf_asked gf_summary_asked(const gf_column *column)
{
    /* rows of quantiles, caps of means, ends of the best 1% and 10% */
    static const double levels[] = {0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 - 0.01, 1 - 0.1};
    return (gf_asked){levels, sizeof levels / sizeof levels[0], has_tail_rows(column) ? GF_TAIL_MOST : 0};
}

static void add_quantiles(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    static const struct {
        double level;
        const char *suffix;
    } levels[] = {{0.5, "median"}, {0.05, "q05"}, {0.25, "q25"}, {0.75, "q75"}, {0.95, "q95"}};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        char name[200];
        gf_estimate e = gf_atoms_quantile(atoms, levels[i].level);
        snprintf(name, sizeof name, "%s.%s", column->name, levels[i].suffix);
        gf_number row = {
            name, column->name, i == 0 ? "median" : "quantile", levels[i].level, e.value, e.se, column->unit,
            ""};
        add_row(b, &row, "%s%s", "order statistics, error by their binomial interval",
                b->is_sketch ? "; from a sketch with bins of 0.8%" : "");
    }
}

static void add_mean(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    char name[200];
    gf_moments moments = gf_tail_moments(b->tail, column);
    gf_estimate e = gf_atoms_mean(atoms);
    snprintf(name, sizeof name, "%s.mean", column->name);
    gf_number row = {name, column->name, "mean", NAN, e.value, e.se, column->unit, ""};
    if (moments == GF_MOMENTS_FINITE) {
        add_row(b, &row, "standard error of independent portfolios");
    } else if (moments == GF_MOMENTS_CAPPED) {
        add_row(b, &row, "finite only by the cap %g of a tail of index %g", b->tail->cap,
                gf_tail_index_of(b->tail, column));
    } else if (moments == GF_MOMENTS_NO_ERROR) {
        row.se = NAN;
        add_row(b, &row, "no standard error: tail of index %g has infinite variance",
                gf_tail_index_of(b->tail, column));
    } else {
        row.value = row.se = NAN;
        add_row(b, &row, "no mean: tail of index %g has none", b->tail->index);
    }
}

static void add_capped_mean(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    char name[200];
    double cap = gf_summary_cap(column, atoms);
    if (!gf_tail_reaches(column) || isnan(cap))
        return;
    gf_estimate e = gf_atoms_capped_mean(atoms, cap);
    snprintf(name, sizeof name, "%s.capped_mean", column->name);
    gf_number row = {name, column->name, "capped_mean", cap, e.value, e.se, column->unit, ""};
    add_row(b, &row, "mean of min(value, %g)", cap);
}

static void add_probabilities(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    double thresholds[8];
    int n = gf_summary_thresholds(column, thresholds);
    for (int i = 0; i < n; i++) {
        char name[200];
        gf_estimate e = gf_atoms_probability(atoms, thresholds[i]);
        double effective = gf_atoms_effective_size(atoms);
        snprintf(name, sizeof name, "P(%s>=%g)", column->name, thresholds[i]);
        gf_number row = {name, column->name, "probability", thresholds[i], e.value, e.se, "1", ""};
        if (e.value > 0 && e.value < 1)
            add_row(b, &row, "binomial error");
        else /* rule of three: 0.05 = (1 − p)^n */
            add_row(b, &row, "%s of %.0f portfolios: %s %.3g with 95%% confidence (rule of three)",
                    e.value > 0 ? "all" : "none", atoms->total, e.value > 0 ? "above" : "below",
                    e.value > 0 ? 1 - fmin(3 / effective, 1) : fmin(3 / effective, 1));
    }
}

static void add_tail(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    char name[200];
    int is_capped = isfinite(b->tail->cap);
    if (!has_tail_rows(column))
        return;
    const size_t k = gf_tail_size(atoms);
    gf_estimate hill = gf_tail_hill(atoms, k), likelihood = gf_tail_likelihood(atoms, k, is_capped);
    double threshold = k > 0 ? atoms->value[atoms->n - 1 - k] : NAN;
    static const char *const too_few = "no estimate: fewer than 20 large values that differ";
    snprintf(name, sizeof name, "%s.tail_hill", column->name);
    gf_number row = {name, column->name, "tail_hill", threshold, hill.value, hill.se, "1", ""};
    if (k > 0)
        add_row(b, &row,
                "Hill estimate of the survival index, k = %zu largest above %g; the error leaves out bias", k,
                threshold);
    else
        add_row(b, &row, "%s", too_few);
    snprintf(name, sizeof name, "%s.tail_ml", column->name);
    gf_number ml = {name, column->name, "tail_ml", threshold, likelihood.value, likelihood.se, "1", ""};
    if (k > 0)
        add_row(b, &ml, "maximum likelihood of %s, the same k = %zu",
                is_capped ? "a Pareto truncated at the largest value" : "the generalised Pareto of excesses",
                k);
    else
        add_row(b, &ml, "%s", too_few);
}

static void add_shares(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    if (strcmp(column->name, "gross_multiple") != 0 && strcmp(column->name, "net_tvpi") != 0)
        return;
    for (int i = 0; i < 2; i++) {
        char name[200];
        gf_moments moments = gf_tail_moments(b->tail, column);
        gf_estimate e = gf_atoms_top_share(atoms, share_fractions[i]);
        snprintf(name, sizeof name, "%s.top_%g_percent_share", column->name, 100 * share_fractions[i]);
        gf_number row = {name, column->name, "top_share", share_fractions[i], e.value, e.se, "1", ""};
        if (moments == GF_MOMENTS_NO_ERROR || moments == GF_MOMENTS_NONE)
            row.se = NAN;
        add_row(b, &row, "share of the best %g%% of portfolios in the sum over portfolios%s",
                100 * share_fractions[i],
                isnan(row.value) ? ", which is 0"
                : isnan(row.se)  ? "; no error where the variance is infinite"
                                 : "");
    }
}

static void add_missing(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    char name[200];
    int is_never = gf_summary_is_event(column);
    if (column->flag == NULL && !is_never && !(atoms->n_missing > 0))
        return;
    snprintf(name, sizeof name, "%s.missing", column->name);
    gf_number row = {name, column->name, "count", NAN, atoms->n_missing, NAN, "1", ""};
    if (is_never)
        add_row(b, &row, "portfolios in which it never happened, left out of the rows of this column");
    else if (column->flag != NULL)
        add_row(b, &row,
                "portfolios without a value (%s: 1 no root, 2 several), left out of the rows of this column",
                column->flag);
    else
        add_row(b, &row, "portfolios without a value, left out of the rows of this column");
}

/* All rows of one column. */
void gf_summary_add_column(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms)
{
    add_quantiles(b, column, atoms);
    add_mean(b, column, atoms);
    add_capped_mean(b, column, atoms);
    add_probabilities(b, column, atoms);
    add_shares(b, column, atoms);
    add_tail(b, column, atoms);
    add_missing(b, column, atoms);
}

static void add_tail_warning(gf_summary_builder *b)
{
    char text[300];
    const gf_tail *tail = b->tail;
    if (!(tail->index <= 2))
        return;
    if (isfinite(tail->cap))
        snprintf(text, sizeof text,
                 "the heaviest multiples have index %g <= 2: the cap of %g carries means and their errors; "
                 "trust medians, probabilities and capped means",
                 tail->index, tail->cap);
    else
        snprintf(text, sizeof text,
                 "the heaviest multiples have index %g <= %d and no cap: %s; use medians, probabilities and "
                 "capped means",
                 tail->index, tail->index <= 1 ? 1 : 2,
                 tail->index <= 1 ? "means do not exist"
                                  : "means have infinite variance and no standard error");
    add_warning(b, "warning.heavy_tail", "", text);
}

void gf_summary_add_head(gf_summary_builder *b, double n, double effective)
{
    gf_number count = {"portfolios", "", "count", NAN, n, NAN, "1", ""};
    add_row(b, &count, "portfolios behind these numbers");
    if (effective >= 0) {
        gf_number size = {"effective_portfolios", "", "count", NAN, effective, NAN, "1", ""};
        add_row(b, &size, "(sum of weights)^2 / sum of squared weights; estimates are self-normalised");
        if (effective < 100 || effective < 0.01 * n)
            add_warning(b, "warning.weights", "log_weight",
                        "the likelihood-ratio weights degenerate: few portfolios carry all estimates; lower "
                        "the tilt");
    }
    if (n < 100)
        add_warning(b, "warning.few_portfolios", "",
                    "fewer than 100 portfolios: errors are themselves uncertain");
    add_tail_warning(b);
}
