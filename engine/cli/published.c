/* guidefund published: holds the engine against what others printed and what formulas give. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/signals.h"
#include "run/published.h"
#include "run/statistics.h"

enum { KEY_JSON = 0x100, KEY_MARKDOWN, KEY_PORTFOLIOS, KEY_THREADS, KEY_CASES, KEY_LIST };
static const struct argp_option options[] = {
    {"portfolios", KEY_PORTFOLIOS, "N", 0,
     "portfolios of an ordinary case (100000 unless given); others in proportion", 0},
    {"threads", KEY_THREADS, "T", 0, "threads (default: all cores)", 0},
    {"cases", KEY_CASES, "FILE", 0, "cases to run instead of the project's own", 0},
    {"list", KEY_LIST, NULL, 0, "list the cases", 0},
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "print tables for docs/validation.md", 0},
    {0},
};

typedef enum { AS_TEXT, AS_JSON, AS_MARKDOWN, AS_LIST } form;

typedef struct arguments {
    char **names; /* room for all of argv */
    int n;
    const char *file;
    int64_t portfolios, threads;
    form form;
} arguments;

static error_t parse_form(arguments *self, form wanted, struct argp_state *state)
{
    if (self->form != AS_TEXT && self->form != wanted)
        return gf_cli_wrong(state, "two of --list, --json and --markdown; expected one of them");
    self->form = wanted;
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case KEY_JSON:
        return parse_form(self, AS_JSON, state);
    case KEY_MARKDOWN:
        return parse_form(self, AS_MARKDOWN, state);
    case KEY_LIST:
        return parse_form(self, AS_LIST, state);
    case KEY_CASES:
        self->file = text;
        return 0;
    case KEY_PORTFOLIOS:
        if (!gf_cli_parse_int(text, 100, 1000000000, &self->portfolios))
            return gf_cli_wrong(state, "--portfolios %s; expected a whole number from 100 to 1e9", text);
        return 0;
    case KEY_THREADS:
        return gf_cli_parse_count(state, "--threads", text, 1, 4096, &self->threads);
    case ARGP_KEY_ARG:
        self->names[self->n++] = text;
        return 0;
    default:
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    }
}

static const char *const project_cases = "configs/published/cases.yaml";

/* The project's own cases: of the installation that the program is part of, else of the sources it was built
 * from. NULL: neither is there. */
static char *find_cases(void)
{
    char program[4000], *path = NULL;
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL) {
        *slash = '\0';
        if (asprintf(&path, "%s/%s/guidefund/%s", program, GF_DATA_FROM_BIN, project_cases) < 0)
            return NULL;
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    if (asprintf(&path, "%s/%s", GF_SOURCE_FOLDER, project_cases) < 0)
        return NULL;
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* --- printing --- */

static const char *kind_word(const gf_case *item, const gf_check *check)
{
    static const char *const words[] = {"exact", "published", "reference"};
    return words[check->kind >= 0 ? check->kind : item->kind];
}

static const char *verdict_word(const gf_check *check, const gf_verdict *v)
{
    if (!check->holds)
        return !v->is_good ? "FOLLOWS AFTER ALL" : v->is_near ? "undecided" : "does not follow";
    return v->is_good ? "ok" : "OFF";
}

/* Fewer digits where there is luck. */
static void write_obtained(const gf_verdict *v, char *cell, size_t size)
{
    if (v->se > 0 && !gf_is_rounding(v->se, v->obtained))
        snprintf(cell, size, "%.6g ± %.2g", v->obtained, v->se);
    else
        snprintf(cell, size, "%.10g", v->obtained);
}

static void print_text(const gf_case *item, const gf_verdict *verdicts)
{
    gf_table table = {.n_columns = 7, .right_aligned = 0x3eu};
    const char *const head[] = {"quantity", "expected", "obtained", "error", "bound", "kind", ""};
    printf("%s: %s\n  %s\n", item->name, item->title, item->source);
    for (int c = 0; c < 7; c++)
        gf_table_add(&table, "%s", head[c]);
    for (int64_t k = 0; k < item->n_checks; k++) {
        char cell[80];
        write_obtained(&verdicts[k], cell, sizeof cell);
        gf_table_add(&table, "%s%s%s", item->checks[k].quantity,
                     item->checks[k].settings[0] != '\0' ? " with " : "", item->checks[k].settings);
        gf_table_add(&table, "%.10g", item->checks[k].expected);
        gf_table_add(&table, "%s", cell);
        gf_table_add(&table, "%+.2g", verdicts[k].error);
        gf_table_add(&table, "%.2g", verdicts[k].bound);
        gf_table_add(&table, "%s", kind_word(item, &item->checks[k]));
        gf_table_add(&table, "%s", verdict_word(&item->checks[k], &verdicts[k]));
    }
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
    for (int64_t k = 0; k < item->n_checks; k++)
        if (item->checks[k].note[0] != '\0')
            printf("  note: %s: %s\n", item->checks[k].quantity, item->checks[k].note);
    putchar('\n');
}

/* `file`: of the cases, as the user named it, or NULL for the project's own; configs stand beside it. */
static void print_config(const gf_case *item, const char *file)
{
    const char *named = file != NULL ? file : project_cases, *slash = strrchr(named, '/');
    printf("Config `%.*s%s`", slash != NULL ? (int)(slash - named) + 1 : 0, named, item->config);
}

static void print_markdown(const gf_case *item, const gf_verdict *verdicts, const char *file)
{
    printf("### %s\n\n`%s`. %s\n\n", item->title, item->name, item->source);
    if (item->method == GF_BY_RUN) {
        print_config(item, file);
        printf("%s%s%s.\n\n", item->settings[0] != '\0' ? " with `" : "", item->settings,
               item->settings[0] != '\0' ? "`" : "");
    }
    puts("| quantity | expected | kind | obtained | error | bound | |\n|---|---|---|---|---|---|---|");
    for (int64_t k = 0; k < item->n_checks; k++) {
        const gf_verdict *v = &verdicts[k];
        char cell[80];
        write_obtained(v, cell, sizeof cell);
        printf("| `%s`%s%s%s | %.10g | %s | %s | %+.2g | %.2g | %s |\n", item->checks[k].quantity,
               item->checks[k].settings[0] != '\0' ? " with `" : "", item->checks[k].settings,
               item->checks[k].settings[0] != '\0' ? "`" : "", item->checks[k].expected,
               kind_word(item, &item->checks[k]), cell, v->error, v->bound,
               verdict_word(&item->checks[k], v));
    }
    putchar('\n');
    for (int64_t k = 0; k < item->n_checks; k++)
        if (item->checks[k].note[0] != '\0')
            printf("`%s`: %s\n\n", item->checks[k].quantity, item->checks[k].note);
}

static void print_json(gf_json *json, const gf_case *item, const gf_verdict *verdicts)
{
    gf_json_object(json, NULL);
    gf_json_text(json, "case", item->name);
    gf_json_text(json, "title", item->title);
    gf_json_text(json, "source", item->source);
    gf_json_array(json, "checks");
    for (int64_t k = 0; k < item->n_checks; k++) {
        gf_json_object(json, NULL);
        gf_json_text(json, "quantity", item->checks[k].quantity);
        gf_json_text(json, "set", item->checks[k].settings);
        gf_json_text(json, "kind", kind_word(item, &item->checks[k]));
        gf_json_number(json, "expected", item->checks[k].expected);
        gf_json_number(json, "obtained", verdicts[k].obtained);
        gf_json_number(json, "standard_error", verdicts[k].se);
        gf_json_number(json, "error", verdicts[k].error);
        gf_json_number(json, "bound", verdicts[k].bound);
        gf_json_bool(json, "should_hold", (int)item->checks[k].holds);
        gf_json_bool(json, "is_good", verdicts[k].is_good);
        gf_json_text(json, "note", item->checks[k].note);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
    gf_json_object_end(json);
}

/* --- running --- */

typedef struct tally {
    int n_cases, n_checks, n_off;
} tally;

static gf_status run_case(const arguments *a, const gf_cases *cases, const gf_case *item, gf_json *json,
                          tally *sum)
{
    gf_verdict verdicts[GF_MAX_CHECKS];
    gf_error error = {GF_OK, ""};
    const gf_run_options run = {
        .threads = (int)a->threads, .isa = gf_isa_detect(), .stop = gf_cli_catch_signals()};
    const double scale = a->portfolios > 0 ? (double)a->portfolios / GF_CASE_PORTFOLIOS : 1;
    if (a->form == AS_LIST) {
        printf("%-24s %s\n", item->name, item->title);
        return GF_OK;
    }
    if (__atomic_load_n(run.stop, __ATOMIC_RELAXED) != 0) {
        gf_error_set(&error, GF_INTERRUPTED, "interrupted before the case %s", item->name);
        return gf_cli_fail(&error);
    }
    gf_status status = gf_case_run(cases, item, scale, &run, verdicts, &error);
    if (status == GF_INTERRUPTED)
        fprintf(stderr, "guidefund: error: case %s: %s\n", item->name, error.message);
    else if (status != GF_OK)
        gf_cli_fail(&error);
    if (status != GF_OK)
        return status;
    sum->n_cases++;
    for (int64_t k = 0; k < item->n_checks; k++) {
        sum->n_checks++;
        sum->n_off += !verdicts[k].is_good;
    }
    if (a->form == AS_JSON)
        print_json(json, item, verdicts);
    else if (a->form == AS_TEXT)
        print_text(item, verdicts);
    else
        print_markdown(item, verdicts, a->file);
    return GF_OK;
}

static gf_status run_all(const arguments *a, const gf_cases *cases)
{
    gf_json json = {.out = stdout};
    tally sum = {0};
    gf_status status = GF_OK;
    if (a->form == AS_JSON) {
        gf_json_object(&json, NULL);
        gf_json_array(&json, "cases");
    }
    for (int64_t i = 0; i < (a->n > 0 ? a->n : cases->n) && status == GF_OK; i++) {
        const char *nearest;
        const gf_case *item = a->n > 0 ? gf_cases_find(cases, a->names[i], &nearest) : &cases->items[i];
        status = run_case(a, cases, item, &json, &sum);
    }
    if (a->form == AS_JSON) {
        gf_json_array_end(&json);
        gf_json_int(&json, "checks", sum.n_checks);
        gf_json_int(&json, "off", sum.n_off);
        gf_json_object_end(&json);
        putchar('\n');
    } else if (a->form == AS_TEXT && status == GF_OK) {
        printf("%d cases, %d numbers, %d off\n", sum.n_cases, sum.n_checks, sum.n_off);
    }
    return status == GF_OK && sum.n_off > 0 ? GF_CONFIG : status;
}

static gf_status check_names(const arguments *a, const gf_cases *cases)
{
    gf_status status = GF_OK;
    for (int i = 0; i < a->n; i++) {
        const char *nearest = NULL;
        if (gf_cases_find(cases, a->names[i], &nearest) != NULL)
            continue;
        fprintf(stderr, "guidefund published: error: no case '%s'; expected one that --list names%s%s%s\n",
                a->names[i], nearest != NULL ? " (did you mean '" : "", nearest != NULL ? nearest : "",
                nearest != NULL ? "'?)" : "");
        status = GF_USAGE;
    }
    return status;
}

static gf_status read_and_run(const arguments *a)
{
    gf_error_list errors = {0};
    char *own = a->file == NULL ? find_cases() : NULL;
    if (a->file == NULL && own == NULL) {
        const gf_error error = {
            GF_NO_INPUT,
            "the project's cases (configs/published/cases.yaml) are not installed; name a file with --cases"};
        return gf_cli_fail(&error);
    }
    gf_cases *cases = gf_cases_read(own != NULL ? own : a->file, &errors);
    gf_status status = gf_errors_status(&errors);
    gf_errors_print(&errors, stderr);
    gf_errors_clear(&errors);
    if (cases != NULL)
        status = check_names(a, cases);
    if (cases != NULL && status == GF_OK)
        status = run_all(a, cases);
    free(cases);
    free(own);
    return status;
}

gf_status gf_command_published(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[CASE...]",
        .doc = "Runs published and closed-form cases through the code that scenarios use; prints "
               "expected, obtained, error and bound (four standard errors of the run and what "
               "the case accepts besides). Exit status 65 when a number is off."};
    arguments a = {.names = calloc((size_t)argc + 1, sizeof *a.names)};
    int is_done = 0;
    if (a.names == NULL) {
        const gf_error error = {GF_MEMORY, "out of memory"};
        return gf_cli_fail(&error);
    }
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done)
        status = read_and_run(&a);
    free(a.names);
    return status;
}
