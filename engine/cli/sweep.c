/* guidefund sweep: runs a design and says what its numbers depend on. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "run/record.h"
#include "run/statistics.h"
#include "run/sweep.h"

typedef struct arguments {
    gf_overrides overrides;
    char *design, *output;
    int64_t threads, portfolios;
    double part_seconds;
    gf_progress_mode progress;
    int is_fresh, wants_json;
} arguments;

enum {
    KEY_JSON = 0x100,
    KEY_SET,
    KEY_SEED,
    KEY_PORTFOLIOS,
    KEY_THREADS,
    KEY_PROGRESS,
    KEY_FRESH,
    KEY_PART_SECONDS
};
static const struct argp_option options[] = {
    {"output", 'o', "FILE.h5", 0, "file of the sweep", 0},
    {"portfolios", KEY_PORTFOLIOS, "N", 0, "portfolios of each point, instead of the design's", 0},
    {"seed", KEY_SEED, "S", 0, "seed of the portfolios' luck, 0 to 2^64 - 1, decimal or 0x...", 0},
    {"threads", KEY_THREADS, "T", 0, "threads (preset: OMP_NUM_THREADS, or all cores)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key of the base config; may be repeated", 0},
    {"fresh", KEY_FRESH, NULL, 0, "start over: remove parts of earlier sweeps into this file", 0},
    {"part-seconds", KEY_PART_SECONDS, "S", 0,
     "seconds between parts, from which an interrupted sweep goes on (preset: 60)", 0},
    {"json", KEY_JSON, NULL, 0, "print one JSON object: ranges and indices", 0},
    {"progress", KEY_PROGRESS, "HOW", 0, "auto, plain, json or none (preset: auto)", 0},
    {0},
};

static error_t parse_end(const arguments *self, const struct argp_state *state)
{
    if (self->design == NULL)
        return gf_cli_wrong(state, "no design named; expected DESIGN.yaml");
    return self->output != NULL ? 0 : gf_cli_wrong(state, "no file named; expected -o FILE.h5");
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case 'o':
        self->output = text;
        return 0;
    case KEY_PORTFOLIOS:
        if (!gf_cli_parse_int(text, 1, 1 << 24, &self->portfolios))
            return gf_cli_wrong(state, "--portfolios %s; expected a whole number from 1 to %d", text,
                                1 << 24);
        return 0;
    case KEY_SEED:
        return gf_overrides_add(&self->overrides, "seed", text) ? 0 : ENOMEM;
    case KEY_SET:
        return gf_overrides_add(&self->overrides, NULL, text) ? 0 : ENOMEM;
    case KEY_THREADS:
        if (!gf_cli_parse_int(text, 1, 4096, &self->threads))
            return gf_cli_wrong(state, "--threads %s; expected a whole number from 1 to 4096", text);
        return 0;
    case KEY_PART_SECONDS:
        return gf_cli_parse_seconds(state, "--part-seconds", text, &self->part_seconds);
    case KEY_PROGRESS:
        return gf_cli_parse_progress(state, text, &self->progress);
    case KEY_FRESH:
        self->is_fresh = 1;
        return 0;
    case KEY_JSON:
        self->wants_json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (self->design != NULL)
            return gf_cli_wrong(state, "a second design '%s'; expected one DESIGN.yaml", text);
        self->design = text;
        return 0;
    case ARGP_KEY_END:
        return parse_end(self, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- printing --- */

enum { MOST_PRINTED = 40, MOST_COLUMNS = 8 }; /* points and columns of a table on a terminal */

/* Points at which a number is least and largest; 0: it is NaN everywhere. */
static int find_range(const gf_sweep *w, size_t number, size_t *least, size_t *most)
{
    const double *values = w->values + number * w->n_points;
    int is_found = 0;
    for (size_t p = 0; p < w->n_points; p++) {
        if (isnan(values[p]))
            continue;
        if (!is_found || values[p] < values[*least])
            *least = p;
        if (!is_found || values[p] > values[*most])
            *most = p;
        is_found = 1;
    }
    return is_found;
}

static void json_point(gf_json *json, const char *key, const gf_design *d, const gf_sweep *w, size_t number,
                       size_t point)
{
    gf_json_object(json, key);
    gf_json_int(json, "point", (int64_t)point);
    gf_json_number(json, "value", w->values[number * w->n_points + point]);
    gf_json_number(json, "standard_error", w->errors[number * w->n_points + point]);
    gf_json_object(json, "keys");
    for (size_t k = 0; k < w->n_keys; k++)
        gf_json_number(json, d->keys[k].key, w->points[k * w->n_points + point]);
    gf_json_object_end(json);
    gf_json_object_end(json);
}

static void json_indices(gf_json *json, const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_json_array(json, "indices");
    for (size_t k = 0; k < w->n_keys; k++) {
        const gf_sobol_index *i = &w->indices[number * w->n_keys + k];
        gf_json_object(json, NULL);
        gf_json_text(json, "key", d->keys[k].key);
        gf_json_number(json, "first_order", i->first);
        gf_json_number(json, "first_order_se", i->first_se);
        gf_json_number(json, "total", i->total);
        gf_json_number(json, "total_se", i->total_se);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

static void print_json(const arguments *a, const gf_design *d, const gf_sweep *w)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "sweep", d->name);
    gf_json_text(&json, "file", a->output);
    gf_json_int(&json, "points", (int64_t)w->n_points);
    gf_json_int(&json, "from_parts", (int64_t)w->n_from_parts);
    gf_json_int(&json, "portfolios", d->portfolios);
    gf_json_number(&json, "seconds", w->seconds);
    gf_json_array(&json, "numbers");
    for (size_t number = 0; number < w->n_numbers; number++) {
        size_t least = 0, most = 0;
        gf_json_object(&json, NULL);
        gf_json_text(&json, "name", d->numbers[number].name);
        if (find_range(w, number, &least, &most)) {
            json_point(&json, "least", d, w, number, least);
            json_point(&json, "largest", d, w, number, most);
        }
        gf_json_number(&json, "noise", w->noise[number]);
        if (w->indices != NULL)
            json_indices(&json, d, w, number);
        gf_json_object_end(&json);
    }
    gf_json_array_end(&json);
    gf_json_object_end(&json);
    putchar('\n');
}

static void add_value(gf_table *table, double value, double se)
{
    if (isnan(value))
        gf_table_add(table, "none");
    else if (isnan(se) || gf_is_rounding(se, value))
        gf_table_add(table, "%.4g", value);
    else
        gf_table_add(table, "%.4g ± %.2g", value, se);
}

/* All points, where they are few. */
static void print_points(const gf_design *d, const gf_sweep *w)
{
    gf_table table = {.n_columns = (int)(w->n_keys + w->n_numbers), .right_aligned = ~0u};
    for (size_t k = 0; k < w->n_keys; k++)
        gf_table_add(&table, "%s", d->keys[k].key);
    for (size_t k = 0; k < w->n_numbers; k++)
        gf_table_add(&table, "%s", d->numbers[k].name);
    for (size_t p = 0; p < w->n_points; p++) {
        for (size_t k = 0; k < w->n_keys; k++)
            gf_table_add(&table, "%.6g", w->points[k * w->n_points + p]);
        for (size_t k = 0; k < w->n_numbers; k++)
            add_value(&table, w->values[k * w->n_points + p], w->errors[k * w->n_points + p]);
    }
    putchar('\n');
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

/* Values of the keys at the points where a number is least and largest, and of the number itself. */
static void print_range(const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_table table = {.n_columns = 3, .right_aligned = 0x6u};
    size_t at[2] = {0, 0};
    if (!find_range(w, number, &at[0], &at[1])) {
        printf("\n%s: no value at any point\n", d->numbers[number].name);
        return;
    }
    printf("\n%s\n", d->numbers[number].name);
    gf_table_add(&table, "%s", "");
    gf_table_add(&table, "least");
    gf_table_add(&table, "largest");
    gf_table_add(&table, "at point");
    for (int side = 0; side < 2; side++)
        gf_table_add(&table, "%zu", at[side]);
    gf_table_add(&table, "value");
    for (int side = 0; side < 2; side++)
        add_value(&table, w->values[number * w->n_points + at[side]],
                  w->errors[number * w->n_points + at[side]]);
    for (size_t k = 0; k < w->n_keys; k++) {
        gf_table_add(&table, "%s", d->keys[k].key);
        for (int side = 0; side < 2; side++)
            gf_table_add(&table, "%.6g", w->points[k * w->n_points + at[side]]);
    }
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

static void add_index(gf_table *table, double value, double se)
{
    if (isnan(value))
        gf_table_add(table, "none");
    else if (isnan(se))
        gf_table_add(table, "%.3f ± ?", value);
    else if (gf_is_rounding(se, value) || !(se > 0))
        gf_table_add(table, "%.3f", value);
    else
        gf_table_add(table, "%.3f ± %.2g", value, se);
}

static void print_indices(const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_table table = {.n_columns = 3, .right_aligned = 0x6u};
    gf_table_add(&table, "share of the variance behind");
    gf_table_add(&table, "alone");
    gf_table_add(&table, "with others");
    for (size_t k = 0; k < w->n_keys; k++) {
        const gf_sobol_index *i = &w->indices[number * w->n_keys + k];
        gf_table_add(&table, "%s", d->keys[k].key);
        add_index(&table, i->first, i->first_se);
        add_index(&table, i->total, i->total_se);
    }
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

/* What a reader should know of a number. */
static void print_notes(const gf_design *d, const gf_sweep *w, size_t number)
{
    const double *values = w->values + number * w->n_points, *errors = w->errors + number * w->n_points;
    size_t n_missing = 0, n_without_error = 0;
    for (size_t p = 0; p < w->n_points; p++) {
        n_missing += isnan(values[p]) ? 1 : 0;
        n_without_error += !isnan(values[p]) && isnan(errors[p]) ? 1 : 0;
    }
    if (n_missing > 0)
        printf(
            "  note: %s has no value at %zu of %zu points: its mean does not exist there (a tail of index 1 "
            "or less without a cap), or no portfolio has a value\n",
            d->numbers[number].name, n_missing, w->n_points);
    if (w->indices != NULL && n_without_error > 0)
        printf(
            "  note: %s has no Monte Carlo error at %zu of %zu points, such as a probability without hits: "
            "more portfolios a point make it known\n",
            d->numbers[number].name, n_without_error, w->n_points);
    if (w->noise[number] > 0.1)
        printf("  note: the mean squared Monte Carlo error of %s is %.2g times its variance over the points, "
               "less what shared luck cancels; more portfolios a point make it smaller\n",
               d->numbers[number].name, w->noise[number]);
}

static void print_text(const arguments *a, const gf_design *d, const gf_sweep *w)
{
    const int is_small = w->n_points <= MOST_PRINTED && w->n_keys + w->n_numbers <= MOST_COLUMNS;
    printf("%s: %zu point%s of %lld portfolio%s in %.2f s\n", d->name, w->n_points, GF_PLURAL(w->n_points),
           (long long)d->portfolios, GF_PLURAL(d->portfolios), w->seconds);
    if (is_small)
        print_points(d, w);
    for (size_t number = 0; number < w->n_numbers; number++) {
        if (!is_small)
            print_range(d, w, number);
        if (w->indices != NULL)
            print_indices(d, w, number);
        print_notes(d, w, number);
    }
    printf("\nall points in %s\n", a->output);
}

/* --- the command --- */

static void tell(void *progress, uint64_t done, uint64_t total)
{
    gf_progress_tell(progress, done, total);
}

static void tell_note(void *progress, const char *text)
{
    gf_progress_end(progress);
    fprintf(stderr, "note: %s\n", text);
}

static gf_status run(const arguments *a, const gf_design *design, const char *command)
{
    gf_progress progress;
    gf_sweep sweep;
    gf_error error = {GF_OK, ""};
    const gf_sweep_options o = {
        .path = a->output,
        .command_line = command,
        .n_overrides = a->overrides.n,
        .overrides = a->overrides.items,
        .run = {.threads = (int)a->threads, .isa = gf_isa_detect(), .stop = gf_cli_catch_signals()},
        .is_fresh = a->is_fresh,
        .part_seconds = a->part_seconds,
        .progress = tell,
        .note = tell_note,
        .context = &progress};
    gf_progress_begin(&progress, a->progress, "points");
    const gf_status status = gf_sweep_run(design, &o, &sweep, &error);
    gf_progress_end(&progress);
    if (status == GF_OK)
        (a->wants_json ? print_json : print_text)(a, design, &sweep);
    else
        gf_cli_fail(&error);
    gf_sweep_clear(&sweep);
    return status;
}

static gf_status read_and_run(const arguments *a, int argc, char **argv)
{
    gf_error_list errors = {0};
    gf_design *design = gf_design_read(a->design, &errors);
    if (design == NULL) {
        const gf_status status = gf_errors_status(&errors);
        gf_errors_print(&errors, stderr);
        gf_errors_clear(&errors);
        return status;
    }
    if (a->portfolios > 0)
        design->portfolios = a->portfolios;
    char *command = gf_cli_join(argc, argv), *base = gf_design_base(design);
    gf_status status = gf_cli_check_output(a->output, a->design);
    if (status == GF_OK && base != NULL)
        status = gf_cli_check_output(a->output, base);
    if (status == GF_OK)
        status = run(a, design, command);
    free(base);
    free(command);
    gf_design_free(design);
    return status;
}

gf_status gf_command_sweep(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "DESIGN.yaml -o FILE.h5",
        .doc =
            "Runs a config at every point of a design (grid, Latin hypercube, Sobol'), all on the same luck, "
            "and writes the numbers that the design asks for into an HDF5 file; Sobol' designs also give "
            "first-order and total sensitivity indices with errors. Section 13 of docs/model.md "
            "describes designs, configs/sweeps has some. A sweep that takes longer than a minute, or is "
            "interrupted (exit code 75), keeps parts in FILE.h5.parts: the same command goes on from "
            "them."};
    arguments a = {.progress = GF_PROGRESS_AUTO, .part_seconds = GF_PART_SECONDS};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done)
        status = read_and_run(&a, argc, argv);
    gf_overrides_clear(&a.overrides);
    return status;
}
