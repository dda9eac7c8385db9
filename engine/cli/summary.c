/* guidefund summary: the numbers of a result file with their Monte Carlo errors. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "io/results.h"
#include "run/statistics.h"

enum { KEY_JSON = 0x100 };
static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

typedef struct arguments {
    const char *path;
    int wants_json;
} arguments;

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    if (key == KEY_JSON)
        self->wants_json = 1;
    else if (key == ARGP_KEY_ARG && self->path == NULL)
        self->path = text;
    else if (key == ARGP_KEY_ARG)
        return gf_cli_wrong(state, "unexpected argument '%s'; expected one FILE.h5", text);
    else if (key == ARGP_KEY_END && self->path == NULL)
        return gf_cli_wrong(state, "no file named; expected FILE.h5");
    else
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    return 0;
}

/* --- JSON --- */

static void print_json(const gf_results_info *info, const gf_number *numbers, size_t n)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "file", info->path);
    gf_json_text(&json, "scenario", info->scenario);
    gf_json_text(&json, "models", info->models);
    gf_json_text(&json, "seed", info->seed_text);
    gf_json_text(&json, "program_version", info->program_version);
    gf_json_int(&json, "portfolios", (int64_t)info->n_portfolios);
    if (info->stop_rule == NULL) {
        gf_json_text(&json, "stop", NULL);
    } else {
        gf_json_object(&json, "stop");
        gf_json_text(&json, "rule", info->stop_rule);
        gf_json_bool(&json, "met", info->is_stop_met);
        gf_json_object_end(&json);
    }
    gf_json_array(&json, "summary");
    for (size_t i = 0; i < n; i++) {
        gf_json_object(&json, NULL);
        gf_json_text(&json, "name", numbers[i].name);
        gf_json_text(&json, "column", numbers[i].column);
        gf_json_text(&json, "statistic", numbers[i].statistic);
        gf_json_number(&json, "argument", numbers[i].argument);
        gf_json_number(&json, "value", numbers[i].value);
        gf_json_number(&json, "standard_error", numbers[i].se);
        gf_json_text(&json, "unit", numbers[i].unit);
        gf_json_text(&json, "note", numbers[i].note);
        gf_json_object_end(&json);
    }
    gf_json_array_end(&json);
    gf_json_object_end(&json);
    putchar('\n');
}

/* --- text --- */

/* "1.234 ± 0.012", "1.234", or "-" where there is no number. Neighbouring order statistics of a count are
 * equal, those of a sum of equal terms differ by rounding: such an error is one that the method cannot see.
 */
static void add_estimate(gf_table *table, const gf_number *number)
{
    if (number == NULL || isnan(number->value))
        gf_table_add(table, "-");
    else if (strcmp(number->statistic, "count") == 0)
        gf_table_add(table, "%.0f", number->value);
    else if (isnan(number->se) || gf_is_rounding(number->se, number->value))
        gf_table_add(table, "%.4g", number->value);
    else
        gf_table_add(table, "%.4g ± %.2g", number->value, number->se);
}

/* Number of a column by statistic and, unless NaN, argument; searched from `from`, where the column's rows
 * begin. */
static const gf_number *find(const gf_number *numbers, size_t n, size_t from, const char *statistic,
                             double argument)
{
    for (size_t i = from; i < n && strcmp(numbers[i].column, numbers[from].column) == 0; i++)
        if (strcmp(numbers[i].statistic, statistic) == 0 &&
            (isnan(argument) || numbers[i].argument == argument))
            return &numbers[i];
    return NULL;
}

/* Did all portfolios give the median's value? Then spread, mean and its error add nothing. */
static int is_constant(const gf_number *numbers, size_t n, size_t i)
{
    const gf_number *missing = find(numbers, n, i, "count", NAN);
    if (missing != NULL && missing->value > 0)
        return 0;
    const gf_number *low = find(numbers, n, i, "quantile", 0.05),
                    *high = find(numbers, n, i, "quantile", 0.95);
    const gf_number *mean = find(numbers, n, i, "mean", NAN);
    return low != NULL && high != NULL && mean != NULL &&
           gf_is_rounding(high->value - low->value, high->value) && gf_is_rounding(mean->se, mean->value);
}

static void print_constants(const gf_number *numbers, size_t n)
{
    int n_printed = 0, width = 0;
    for (size_t i = 0; i < n; i++) {
        char text[160];
        if (strcmp(numbers[i].statistic, "median") != 0 || !is_constant(numbers, n, i))
            continue;
        const int length = snprintf(text, sizeof text, "%s %.6g", numbers[i].column, numbers[i].value);
        if (n_printed++ == 0)
            width = printf("\nthe same in all portfolios: ") - 1;
        else
            width += printf(",");
        if (width + length > 110)
            width = printf("\n ") - 1;
        width += printf("%s%s", n_printed > 1 ? " " : "", text);
    }
    if (n_printed > 0)
        putchar('\n');
}

static void print_columns(const gf_number *numbers, size_t n)
{
    gf_table table = {.n_columns = 9, .right_aligned = 0x1fcu};
    const char *const head[] = {"column", "unit", "5%", "25%", "median", "75%", "95%", "mean", "capped mean"};
    for (int c = 0; c < 9; c++)
        gf_table_add(&table, "%s", head[c]);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(numbers[i].statistic, "median") != 0 || is_constant(numbers, n, i))
            continue;
        gf_table_add(&table, "%s", numbers[i].column);
        gf_table_add(&table, "%s", numbers[i].unit);
        add_estimate(&table, find(numbers, n, i, "quantile", 0.05));
        add_estimate(&table, find(numbers, n, i, "quantile", 0.25));
        add_estimate(&table, &numbers[i]);
        add_estimate(&table, find(numbers, n, i, "quantile", 0.75));
        add_estimate(&table, find(numbers, n, i, "quantile", 0.95));
        add_estimate(&table, find(numbers, n, i, "mean", NAN));
        const gf_number *capped = find(numbers, n, i, "capped_mean", NAN);
        if (capped == NULL || isnan(capped->value))
            gf_table_add(&table, "-");
        else if (isnan(capped->se) || gf_is_rounding(capped->se, capped->value))
            gf_table_add(&table, "%.4g (cap %g)", capped->value, capped->argument);
        else
            gf_table_add(&table, "%.4g ± %.2g (cap %g)", capped->value, capped->se, capped->argument);
    }
    gf_table_print(&table, stdout, 0);
    gf_table_clear(&table);
    print_constants(numbers, n);
}

/* Rows of the given kinds with their notes; kinds end with NULL. */
static void print_kinds(const gf_number *numbers, size_t n, const char *title, const char *const *kinds)
{
    gf_table table = {.n_columns = 3, .right_aligned = 2u};
    for (size_t i = 0; i < n; i++)
        for (int k = 0; kinds[k] != NULL; k++)
            if (strcmp(numbers[i].statistic, kinds[k]) == 0) {
                gf_table_add(&table, "%s", numbers[i].name);
                add_estimate(&table, &numbers[i]);
                gf_table_add(&table, "%s", numbers[i].note);
            }
    if (table.n_cells > 0)
        printf("\n%s\n", title);
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

static void print_text(const gf_results_info *info, const gf_number *numbers, size_t n)
{
    static const char *const probabilities[] = {"probability", NULL};
    static const char *const tails[] = {"top_share", "tail_hill", "tail_ml", NULL};
    static const char *const counts[] = {"count", NULL};
    printf("%s\n", info->scenario[0] != '\0' ? info->scenario : info->path);
    printf("%" PRIu64 " portfolio%s, seed %s, models: %s, guidefund %s\n", info->n_portfolios,
           GF_PLURAL(info->n_portfolios), info->seed_text, info->models[0] != '\0' ? info->models : "none",
           info->program_version);
    if (info->stop_rule != NULL)
        printf(info->is_stop_met ? "stopped when %s was met\n" : "ended before %s was met\n",
               info->stop_rule);
    for (size_t i = 0; i < n; i++)
        if (strcmp(numbers[i].statistic, "warning") == 0)
            printf("warning: %s\n", numbers[i].note);
    printf("± is one Monte Carlo standard error; a number without it has none\n\n");
    print_columns(numbers, n);
    print_kinds(numbers, n, "probabilities", probabilities);
    print_kinds(numbers, n, "concentration and tail (survival index a: P(X > x) = (x_min/x)^a)", tails);
    print_kinds(numbers, n, "counts", counts);
}

static gf_status summarise(const arguments *a, gf_error *error)
{
    gf_results_file *file = NULL;
    gf_number *numbers = NULL;
    size_t n = 0;
    gf_status status = gf_results_open(&file, a->path, error);
    if (status == GF_OK)
        status = gf_results_read_numbers(file, &numbers, &n, error);
    if (status == GF_OK && n == 0)
        status = gf_error_set(error, GF_CONFIG,
                              "%s holds no summary: expected the group /summary of a finished run", a->path);
    if (status == GF_OK)
        (a->wants_json ? print_json : print_text)(gf_results_about(file), numbers, n);
    gf_numbers_free(numbers, n);
    gf_results_close(file);
    return status;
}

gf_status gf_command_summary(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE.h5",
        .doc = "Prints medians, quantile bands, means, probabilities, concentration and tail of a result "
               "file, with Monte "
               "Carlo errors. Where the variance is infinite there is no error of a mean."};
    arguments a = {0};
    gf_error error = {GF_OK, ""};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status != GF_OK || is_done)
        return status;
    return summarise(&a, &error) == GF_OK ? GF_OK : gf_cli_fail(&error);
}
