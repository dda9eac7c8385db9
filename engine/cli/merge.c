/* guidefund merge: one result file of shards. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "run/merge.h"

typedef struct arguments {
    char *output;
    char **parts;
    int n_parts;
    gf_progress_mode progress;
    int wants_json;
} arguments;

enum { KEY_JSON = 0x100, KEY_PROGRESS };
static const struct argp_option options[] = {
    {"output", 'o', "FILE.h5", 0, "result file", 0},
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {"progress", KEY_PROGRESS, "HOW", 0, "auto, plain, json or none (preset: auto)", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case 'o':
        self->output = text;
        return 0;
    case KEY_JSON:
        self->wants_json = 1;
        return 0;
    case KEY_PROGRESS:
        return gf_cli_parse_progress(state, text, &self->progress);
    case ARGP_KEY_ARGS:
        self->parts = state->argv + state->next;
        self->n_parts = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (self->output == NULL)
            return gf_cli_wrong(state, "no result file named; expected -o FILE.h5");
        return self->n_parts > 0 ? 0 : gf_cli_wrong(state, "no parts named; expected PART.h5...");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void tell(void *progress, uint64_t done, uint64_t total)
{
    gf_progress_tell(progress, done, total);
}

static void tell_problem(void *progress, const char *text)
{
    gf_progress_end(progress);
    fprintf(stderr, "guidefund: error: %s\n", text);
}

static void print_json(const arguments *a, const gf_merge *merge)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "scenario", merge->scenario);
    gf_json_text(&json, "file", a->output);
    gf_json_int(&json, "portfolios", (int64_t)merge->n_portfolios);
    gf_json_int(&json, "parts", a->n_parts);
    gf_json_number(&json, "seconds", merge->seconds);
    gf_json_object_end(&json);
    putchar('\n');
}

static gf_status merge_parts(const arguments *a, const char *command)
{
    gf_progress progress;
    gf_merge merge;
    gf_error error = {GF_OK, ""};
    for (int i = 0; i < a->n_parts; i++)
        if (gf_cli_check_output(a->output, a->parts[i]) != GF_OK)
            return GF_CREATE;
    const gf_merge_options o = {.path = a->output,
                                .parts = (const char *const *)a->parts,
                                .n_parts = a->n_parts,
                                .command_line = command,
                                .stop = gf_cli_catch_signals(),
                                .progress = tell,
                                .problem = tell_problem,
                                .context = &progress};
    gf_progress_begin(&progress, a->progress, "portfolios");
    const gf_status status = gf_merge_run(&o, &merge, &error);
    gf_progress_end(&progress);
    if (status != GF_OK)
        gf_cli_fail(&error);
    else if (a->wants_json)
        print_json(a, &merge);
    else
        printf("%s: %llu portfolio%s from %d part%s in %.2f s\nresults in %s; `guidefund summary %s' prints "
               "them\n",
               merge.scenario, (unsigned long long)merge.n_portfolios, GF_PLURAL(merge.n_portfolios),
               a->n_parts, GF_PLURAL(a->n_parts), merge.seconds, a->output, a->output);
    gf_merge_clear(&merge);
    return status;
}

gf_status gf_command_merge(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "-o FILE.h5 PART.h5...",
        .doc = "Puts the shards of a run together. Refuses a set in which parts are missing, "
               "doubled, foreign or damaged, and names them; writes the same bytes as one run of "
               "all portfolios. Memory does not grow with their number."};
    arguments a = {.progress = GF_PROGRESS_AUTO};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done)
        status = merge_parts(&a, "guidefund merge");
    return status;
}
