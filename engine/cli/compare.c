/* guidefund compare: differences of result files with their errors, paired by the luck that they share. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "run/compare.h"
#include "run/statistics.h"

enum { KEY_JSON = 0x100 };
static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

typedef struct arguments {
    char **paths; /* [n], room for all of argv */
    int n, wants_json;
} arguments;

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    if (key == KEY_JSON)
        self->wants_json = 1;
    else if (key == ARGP_KEY_ARG)
        self->paths[self->n++] = text;
    else if (key == ARGP_KEY_END && self->n < 2)
        return gf_cli_wrong(state, "%d result file%s named; expected at least two", self->n,
                            self->n == 1 ? "" : "s");
    else
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    return 0;
}

/* --- JSON --- */

static void print_row_json(gf_json *json, const gf_difference *row)
{
    gf_json_object(json, NULL);
    gf_json_text(json, "name", row->name);
    gf_json_text(json, "column", row->column);
    gf_json_text(json, "statistic", row->statistic);
    gf_json_number(json, "argument", row->argument);
    gf_json_number(json, "a", row->a);
    gf_json_number(json, "b", row->b);
    gf_json_number(json, "difference", row->difference);
    gf_json_number(json, "standard_error", row->se);
    gf_json_number(json, "z", row->z);
    gf_json_number(json, "variance_ratio", row->variance_ratio);
    gf_json_number(json, "portfolios", row->pairs);
    gf_json_text(json, "unit", row->unit);
    gf_json_text(json, "note", row->note);
    gf_json_object_end(json);
}

static void print_file_json(gf_json *json, const char *key, const gf_results_info *info)
{
    gf_json_object(json, key);
    gf_json_text(json, "file", info->path);
    gf_json_text(json, "scenario", info->scenario);
    gf_json_text(json, "models", info->models);
    gf_json_text(json, "seed", info->seed_text);
    gf_json_int(json, "portfolios", (int64_t)info->n_portfolios);
    gf_json_object_end(json);
}

static void print_comparison_json(gf_json *json, const gf_comparison *comparison, const gf_results_info *a,
                                  const gf_results_info *b)
{
    gf_json_object(json, NULL);
    print_file_json(json, "a", a);
    print_file_json(json, "b", b);
    gf_json_bool(json, "is_paired", comparison->is_paired);
    gf_json_int(json, "pairs", (int64_t)comparison->n_pairs);
    gf_json_array(json, "differences");
    for (size_t i = 0; i < comparison->n; i++)
        print_row_json(json, &comparison->rows[i]);
    gf_json_array_end(json);
    gf_json_object_end(json);
}

/* --- text --- */

static void add_number(gf_table *table, const char *format, double value)
    __attribute__((format(printf, 2, 0)));

static void add_number(gf_table *table, const char *format, double value)
{
    char cell[64];
    if (isnan(value))
        snprintf(cell, sizeof cell, "-");
    else
        snprintf(cell, sizeof cell, format, value);
    gf_table_add(table, "%s", cell);
}

static double size_of(const gf_difference *row)
{
    return fmax(fabs(row->a), fabs(row->b));
}

static void add_row(gf_table *table, const gf_comparison *comparison, const gf_difference *row)
{
    const int is_subset = comparison->is_paired && row->pairs < (double)comparison->n_pairs;
    const int has_error = !gf_is_rounding(row->se, size_of(row));
    if (strcmp(row->statistic, "capped_mean") == 0)
        gf_table_add(table, "%s (cap %g)", row->name, row->argument);
    else
        gf_table_add(table, "%s", row->name);
    add_number(table, "%.4g", row->a);
    add_number(table, "%.4g", row->b);
    add_number(table, "%+.4g", row->difference);
    add_number(table, "± %.2g", has_error ? row->se : NAN);
    add_number(table, "%+.1f", has_error ? row->z : NAN);
    add_number(table, "%.3g", row->variance_ratio);
    if (is_subset)
        gf_table_add(table, "of the %.0f pairs with a value in both%s%s", row->pairs,
                     row->note[0] != '\0' ? "; " : "", row->note);
    else
        gf_table_add(table, "%s", row->note);
}

/* Bands, medians that have no error, and what is the same in both runs only fill the screen. */
static int is_worth_a_line(const gf_difference *row)
{
    int is_equal = gf_is_rounding(row->difference, size_of(row)) &&
                   (isnan(row->se) || gf_is_rounding(row->se, size_of(row)));
    int is_median = strcmp(row->statistic, "median") == 0;
    return strcmp(row->statistic, "quantile") != 0 && !is_equal && !(is_median && isnan(row->se));
}

static void print_comparison_text(const gf_comparison *comparison, const gf_results_info *a,
                                  const gf_results_info *b)
{
    const char *const head[] = {"statistic", "A", "B", "B - A", "error", "z", "ratio", ""};
    gf_table table = {.n_columns = 8, .right_aligned = 0x7eu};
    printf("A: %s (%s)\nB: %s (%s)\n", a->scenario, a->path, b->scenario, b->path);
    if (comparison->is_paired)
        printf("paired on the luck of seed %s: %" PRIu64 " portfolio%s in both\n", a->seed_text,
               comparison->n_pairs, GF_PLURAL(comparison->n_pairs));
    else
        printf("not paired: the seeds differ (%s, %s), so the runs are compared as independent ones\n",
               a->seed_text, b->seed_text);
    printf("error: one standard error of B - A; z: difference in errors; ratio: (Var A + Var B) / Var(B - "
           "A), how many "
           "times more\nportfolios unpaired runs would need\n\n");
    for (int c = 0; c < 8; c++)
        gf_table_add(&table, "%s", head[c]);
    size_t n_lines = 0;
    for (size_t i = 0; i < comparison->n; i++)
        if (is_worth_a_line(&comparison->rows[i])) {
            add_row(&table, comparison, &comparison->rows[i]);
            n_lines++;
        }
    if (n_lines > 0)
        gf_table_print(&table, stdout, 0);
    else
        puts("nothing differs");
    gf_table_clear(&table);
    printf("\nleft out here, in --json: bands (quantiles 5, 25, 75, 95%%), medians of counts, what is equal "
           "in all pairs\n");
}

/* --- command --- */

/* Compares files[k] with files[0] and prints; `json` is NULL for text. */
static gf_status compare_one(gf_results_file **files, int k, gf_json *json, gf_error *error)
{
    gf_comparison comparison;
    const gf_results_info *a = gf_results_about(files[0]), *b = gf_results_about(files[k]);
    gf_status status = gf_compare(&comparison, files[0], files[k], error);
    if (status != GF_OK)
        return status;
    if (json != NULL)
        print_comparison_json(json, &comparison, a, b);
    else
        print_comparison_text(&comparison, a, b);
    gf_comparison_clear(&comparison);
    return GF_OK;
}

static int have_columns(gf_results_file *const *files, int n, gf_error *error)
{
    for (int i = 1; i < n; i++)
        if (gf_compare_check(gf_results_about(files[0]), gf_results_about(files[i]), error) != GF_OK)
            return 0;
    return 1;
}

static gf_status compare_all(const arguments *a, gf_results_file **files, gf_error *error)
{
    gf_json json = {.out = stdout};
    gf_status status = GF_OK;
    for (int i = 0; i < a->n && status == GF_OK; i++)
        status = gf_results_open(&files[i], a->paths[i], error);
    if (status == GF_OK && !have_columns(files, a->n, error)) /* before anything is printed */
        status = error->status;
    if (status == GF_OK && a->wants_json) {
        gf_json_object(&json, NULL);
        gf_json_array(&json, "comparisons");
    }
    for (int k = 1; k < a->n && status == GF_OK; k++) {
        if (k > 1 && !a->wants_json)
            putchar('\n');
        status = compare_one(files, k, a->wants_json ? &json : NULL, error);
    }
    if (status == GF_OK && a->wants_json) {
        gf_json_array_end(&json);
        gf_json_object_end(&json);
        putchar('\n');
    }
    return status;
}

gf_status gf_command_compare(int argc, char **argv)
{
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "A.h5 B.h5...",
                                     .doc = "Compares result files with the first one. Runs of the same seed "
                                            "met the same luck and are paired portfolio "
                                            "by portfolio; the error is then that of the pairs. Heavy-tailed "
                                            "columns are compared by capped means, "
                                            "medians and probabilities."};
    arguments a = {0};
    gf_error error = {GF_OK, ""};
    int is_done = 0;
    a.paths = calloc((size_t)argc + 1, sizeof *a.paths);
    if (a.paths == NULL) {
        gf_error_set(&error, GF_MEMORY, "out of memory");
        return gf_cli_fail(&error);
    }
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done) {
        gf_results_file **files = calloc((size_t)a.n, sizeof(gf_results_file *));
        status =
            files != NULL ? compare_all(&a, files, &error) : gf_error_set(&error, GF_MEMORY, "out of memory");
        for (int i = 0; files != NULL && i < a.n; i++)
            gf_results_close(files[i]);
        free(files);
        if (status != GF_OK)
            gf_cli_fail(&error);
    }
    free(a.paths);
    return status;
}
