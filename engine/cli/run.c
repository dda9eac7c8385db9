/* guidefund run: simulates a scenario into a result file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/missing.h"
#include "cli/progress.h"
#include "cli/run_print.h"
#include "cli/signals.h"
#include "run/merge.h"
#include "run/record.h"

typedef struct arguments {
    gf_overrides overrides;
    char *config, *output;
    int64_t threads;
    gf_shard shard;
    int is_auto_shard;
    gf_until until; /* by which the run may stop, if has_rule */
    int has_rule;
    gf_record_mode mode;
    double part_seconds;
    int64_t missing_of; /* 0: run; else list the missing ones of so many shards */
    gf_progress_mode progress;
    int wants_json;
} arguments;

enum {
    KEY_JSON = 0x100,
    KEY_SET,
    KEY_SEED,
    KEY_PORTFOLIOS,
    KEY_THREADS,
    KEY_PROGRESS,
    KEY_STOP,
    KEY_SHARD,
    KEY_RESUME,
    KEY_FRESH,
    KEY_PART_SECONDS,
    KEY_MISSING
};
static const struct argp_option options[] = {
    {"output", 'o', "FILE.h5", 0, "result file (preset: name of the config with .h5, in this folder)", 0},
    {"portfolios", KEY_PORTFOLIOS, "N", 0, "number of portfolios", 0},
    {"seed", KEY_SEED, "S", 0, "seed, 0 to 2^64 - 1, decimal or 0x...", 0},
    {"threads", KEY_THREADS, "T", 0, "threads (preset: OMP_NUM_THREADS, or all cores)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key, such as programme.terms.carry=0.25; may be repeated",
     0},
    {"stop", KEY_STOP, "RULE", 0,
     "stop as soon as a number is known well enough, as in \"P(net_tvpi>=5)~2%\": to 2% of itself (~0.001: "
     "to "
     "0.001), one "
     "standard error; also mean(COLUMN) and capped_mean(COLUMN, CAP). Looks at 4096, 6144, 8192, 12288, ... "
     "portfolios, at "
     "most as many as are set",
     0},
    {"shard", KEY_SHARD, "K/N", 0,
     "run piece K of N (1/N to N/N) into a file for `guidefund merge'; auto: by this Slurm task, with "
     ".shard-K-of-N put into "
     "the file's name",
     0},
    {"resume", KEY_RESUME, NULL, 0,
     "go on from parts, as a run does anyway, and leave a complete result as it is", 0},
    {"fresh", KEY_FRESH, NULL, 0, "start over: remove parts of earlier runs into this file", 0},
    {"part-seconds", KEY_PART_SECONDS, "S", 0,
     "seconds between parts, from which an interrupted run goes on (preset: 60)", 0},
    {"missing-shards", KEY_MISSING, "N", 0,
     "run nothing: print which of N shards beside FILE.h5 are absent, damaged or of another run, as in 1,4-6",
     0},
    {"json", KEY_JSON, NULL, 0, "print one JSON object: times and the summary", 0},
    {"progress", KEY_PROGRESS, "HOW", 0, "auto, plain, json or none (preset: auto)", 0},
    {0},
};

static error_t parse_mode(arguments *self, gf_record_mode mode, struct argp_state *state)
{
    if (self->mode != GF_RECORD_CONTINUE && self->mode != mode)
        return gf_cli_wrong(state, "both --resume and --fresh; expected one of them");
    self->mode = mode;
    return 0;
}

static error_t parse_stop(arguments *self, const char *text, struct argp_state *state)
{
    gf_error error = {GF_OK, ""};
    if (self->has_rule)
        fputs("note: a second --stop takes the place of the first\n", stderr);
    self->has_rule = 1;
    return gf_until_parse(&self->until, text, &error) == GF_OK
               ? 0
               : gf_cli_wrong(state, "--stop: %s", error.message);
}

static error_t check_together(const arguments *self, const struct argp_state *state)
{
    if (self->config == NULL)
        return gf_cli_wrong(state, "no config named; expected CONFIG");
    if (self->missing_of > 0 && (self->shard.n > 0 || self->is_auto_shard))
        return gf_cli_wrong(state, "both --shard and --missing-shards; expected one of them");
    if (self->has_rule && (self->shard.n > 0 || self->is_auto_shard || self->missing_of > 0))
        return gf_cli_wrong(state,
                            "both --stop and --%s; expected one of them: a rule is judged by all "
                            "portfolios, of which a shard knows a piece",
                            self->missing_of > 0 ? "missing-shards" : "shard");
    return 0;
}

/* What a run of several processes or sittings needs. */
static error_t parse_parts(int key, const char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case KEY_SHARD:
        return gf_cli_parse_shard(state, text, &self->shard, &self->is_auto_shard);
    case KEY_RESUME:
        return parse_mode(self, GF_RECORD_RESUME, state);
    case KEY_FRESH:
        return parse_mode(self, GF_RECORD_FRESH, state);
    case KEY_PART_SECONDS:
        return gf_cli_parse_seconds(state, "--part-seconds", text, &self->part_seconds);
    case KEY_MISSING:
        return gf_cli_parse_count(state, "--missing-shards", text, 1, GF_MAX_SHARDS, &self->missing_of);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case 'o':
        self->output = text;
        return 0;
    case KEY_PORTFOLIOS:
        return gf_overrides_add(&self->overrides, "portfolios", text) ? 0 : ENOMEM;
    case KEY_SEED:
        return gf_overrides_add(&self->overrides, "seed", text) ? 0 : ENOMEM;
    case KEY_SET:
        return gf_overrides_add(&self->overrides, NULL, text) ? 0 : ENOMEM;
    case KEY_THREADS:
        return gf_cli_parse_count(state, "--threads", text, 1, 4096, &self->threads);
    case KEY_STOP:
        return parse_stop(self, text, state);
    case KEY_PROGRESS:
        return gf_cli_parse_progress(state, text, &self->progress);
    case KEY_JSON:
        self->wants_json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (self->config != NULL)
            return gf_cli_wrong(state, "a second config '%s'; expected one CONFIG", text);
        self->config = text;
        return 0;
    case ARGP_KEY_END:
        return check_together(self, state);
    default:
        return parse_parts(key, text, state);
    }
}

/* configs/hangzhou.yaml → hangzhou.h5 */
static char *preset_output(const char *config)
{
    const char *slash = strrchr(config, '/'), *name = slash != NULL ? slash + 1 : config;
    const char *dot = strrchr(name, '.');
    const size_t n = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    char *path = NULL;
    return asprintf(&path, "%.*s.h5", (int)n, name) < 0 ? NULL : path;
}

static void print_notes(const gf_scenario *s)
{
    char text[512];
    for (int i = 0; i < s->n_models; i++)
        if (s->models[i].model->note != NULL) {
            text[0] = '\0';
            s->models[i].model->note(s->models[i].params, &s->scene, text, sizeof text);
            if (text[0] != '\0')
                fprintf(stderr, "note: models.%s: %s\n", s->models[i].model->name, text);
        }
}

static void tell(void *progress, uint64_t done, uint64_t total)
{
    gf_progress_tell(progress, done, total);
}

static void tell_note(void *progress, const char *text)
{
    gf_progress_end(progress);
    fprintf(stderr, "note: %s\n", text);
}

/* A rule that was not met is told where warnings are; the result is complete all the same. */
static void warn_of_rule(const gf_until *until, const gf_record *record)
{
    char text[600];
    if (until == NULL || record->was_complete || record->verdict.is_met)
        return;
    gf_until_describe(until, &record->verdict, text, sizeof text);
    fprintf(stderr, "note: %s\n", text);
}

static gf_status run(const arguments *a, gf_config *config, const gf_record_options *preset)
{
    gf_progress progress;
    gf_record_options o = *preset;
    gf_record record;
    gf_error error = {GF_OK, ""};
    print_notes(&config->scenario);
    o.run.stop = gf_cli_catch_signals();
    gf_progress_begin(&progress, a->progress, "portfolios");
    o.progress = tell;
    o.note = tell_note;
    o.context = &progress;
    gf_status status = gf_record_run(config, &o, &record, &error);
    gf_progress_end(&progress);
    if (status == GF_OK)
        warn_of_rule(o.until, &record);
    if (status == GF_OK)
        (a->wants_json ? gf_run_print_json : gf_run_print_text)(config, &o, &record);
    else
        gf_cli_fail(&error);
    gf_summary_clear(&record.summary);
    return status;
}

/* The file to write: as named, or after the config; a shard that the environment chose says which one it
 * is. */
static char *output_path(const arguments *a)
{
    char *path = a->output != NULL ? strdup(a->output) : preset_output(a->config);
    if (path == NULL || a->shard.n == 0 || (a->output != NULL && !a->is_auto_shard))
        return path;
    char *name = gf_shard_path(a->shard, path);
    free(path);
    return name;
}

typedef struct missing_context {
    const gf_config *config;
    const char *output;
    int n;
} missing_context;

static gf_status write_missing(void *context, FILE *out, gf_error *error)
{
    const missing_context *m = context;
    return gf_merge_list_missing(m->config, m->output, m->n, out, error);
}

static gf_status list_missing(const arguments *a, const gf_config *config, const char *output)
{
    missing_context m = {config, output, (int)a->missing_of};
    return gf_cli_print_missing(write_missing, &m, output, m.n, a->wants_json);
}

/* What only the config can tell of a rule. */
static gf_status bind_rule(arguments *a, const gf_config *config)
{
    gf_layout layout = {0};
    gf_error error = {GF_OK, ""}, why = {GF_OK, ""};
    gf_status status = gf_layout_init(&layout, &config->scenario, &error);
    if (status == GF_OK && gf_until_bind(&a->until, &config->scenario, &layout, &why) != GF_OK)
        status = gf_error_set(&error, why.status, "--stop: %.900s", why.message);
    gf_layout_clear(&layout);
    return status == GF_OK ? GF_OK : gf_cli_fail(&error);
}

static gf_status read_and_run(arguments *a, int argc, char **argv)
{
    gf_config config = {0};
    gf_error_list errors = {0};
    gf_status status = gf_config_read(a->config, a->overrides.n, a->overrides.items, &config, &errors);
    if (status != GF_OK) {
        gf_errors_print(&errors, stderr);
        gf_errors_clear(&errors);
        return status;
    }
    if (a->has_rule && (status = bind_rule(a, &config)) != GF_OK) {
        gf_config_clear(&config);
        return status;
    }
    char *output = output_path(a);
    char *command = gf_cli_join(argc, argv);
    gf_record_options o = {.path = output,
                           .command_line = command,
                           .run = {.threads = (int)a->threads, .isa = gf_isa_detect()},
                           .shard = a->shard,
                           .until = a->has_rule ? &a->until : NULL,
                           .mode = a->mode,
                           .part_seconds = a->part_seconds};
    if (output == NULL || command == NULL) {
        const gf_error error = {GF_MEMORY, "out of memory"};
        status = gf_cli_fail(&error);
    } else if ((status = gf_cli_check_output_of_config(output, &config, a->config)) == GF_OK) {
        status = a->missing_of > 0 ? list_missing(a, &config, output) : run(a, &config, &o);
    }
    free(output);
    free(command);
    gf_config_clear(&config);
    return status;
}

gf_status gf_command_run(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "CONFIG",
        .doc = "Simulates a scenario. Results go to an HDF5 file that appears under its name "
               "when it is complete; the same config, seed and version give the same bytes for "
               "any number of threads, shards and interruptions. A run that takes longer than a "
               "minute, or is interrupted (exit code 75), keeps parts in FILE.h5.parts: the same "
               "command goes on from them."};
    arguments a = {.progress = GF_PROGRESS_AUTO, .part_seconds = GF_PART_SECONDS};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done)
        status = read_and_run(&a, argc, argv);
    gf_overrides_clear(&a.overrides);
    return status;
}
