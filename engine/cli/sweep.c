/* guidefund sweep: runs a design and says what its numbers depend on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/missing.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/sweep_print.h"
#include "run/record.h"

typedef struct arguments {
    gf_overrides overrides;
    char *design, *output;
    char **shard_files; /* [n_shard_files], behind the design */
    int n_shard_files;
    gf_shard shard;
    int is_auto_shard;
    int64_t threads, portfolios, missing_of;
    double part_seconds;
    gf_progress_mode progress;
    int is_fresh, is_resume, wants_json;
} arguments;

enum {
    KEY_JSON = 0x100,
    KEY_SET,
    KEY_SEED,
    KEY_PORTFOLIOS,
    KEY_THREADS,
    KEY_PROGRESS,
    KEY_RESUME,
    KEY_FRESH,
    KEY_PART_SECONDS,
    KEY_SHARD,
    KEY_MISSING
};
static const struct argp_option options[] = {
    {"output", 'o', "FILE.h5", 0, "file of the sweep", 0},
    {"portfolios", KEY_PORTFOLIOS, "N", 0, "portfolios of each point, instead of the design's", 0},
    {"seed", KEY_SEED, "S", 0, "seed of the portfolios' luck, 0 to 2^64 - 1, decimal or 0x...", 0},
    {"threads", KEY_THREADS, "T", 0, "threads (preset: OMP_NUM_THREADS, or all cores)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key of the base config; may be repeated", 0},
    {"shard", KEY_SHARD, "K/N", 0,
     "run piece K of N of the points into a file that a later call puts together with the others; auto: by "
     "this Slurm task, with .shard-K-of-N put into the file's name",
     0},
    {"missing-shards", KEY_MISSING, "N", 0,
     "run nothing: print which of N shards beside FILE.h5 are absent, damaged or of another sweep, as in "
     "1,4-6",
     0},
    {"resume", KEY_RESUME, NULL, 0,
     "go on from parts, as a sweep does anyway, and leave a complete file as it is", 0},
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
    if (self->n_shard_files > 0 && (self->shard.n > 0 || self->missing_of > 0))
        return gf_cli_wrong(state,
                            "both --%s and '%s' behind the design; expected shards to be run, or put "
                            "together",
                            self->shard.n > 0 ? "shard" : "missing-shards", self->shard_files[0]);
    if (self->shard.n > 0 && self->missing_of > 0)
        return gf_cli_wrong(state, "both --shard and --missing-shards; expected one of them");
    if (self->is_fresh && self->is_resume)
        return gf_cli_wrong(state, "both --resume and --fresh; expected one of them");
    return self->output != NULL ? 0 : gf_cli_wrong(state, "no file named; expected -o FILE.h5");
}

/* What a sweep of several processes or sittings needs. */
static error_t parse_parts(int key, const char *text, struct argp_state *state)
{
    arguments *self = state->input;
    switch (key) {
    case KEY_SHARD:
        return gf_cli_parse_shard(state, text, &self->shard, &self->is_auto_shard);
    case KEY_MISSING:
        return gf_cli_parse_count(state, "--missing-shards", text, 1, GF_MAX_SHARDS, &self->missing_of);
    case KEY_PART_SECONDS:
        return gf_cli_parse_seconds(state, "--part-seconds", text, &self->part_seconds);
    case KEY_RESUME:
        self->is_resume = 1;
        return 0;
    case KEY_FRESH:
        self->is_fresh = 1;
        return 0;
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
        return gf_cli_parse_count(state, "--portfolios", text, 1, 1 << 24, &self->portfolios);
    case KEY_SEED:
        return gf_overrides_add(&self->overrides, "seed", text) ? 0 : ENOMEM;
    case KEY_SET:
        return gf_overrides_add(&self->overrides, NULL, text) ? 0 : ENOMEM;
    case KEY_THREADS:
        return gf_cli_parse_count(state, "--threads", text, 1, 4096, &self->threads);
    case KEY_PROGRESS:
        return gf_cli_parse_progress(state, text, &self->progress);
    case KEY_JSON:
        self->wants_json = 1;
        return 0;
    case ARGP_KEY_ARGS: /* options are moved before them */
        self->design = state->argv[state->next];
        self->shard_files = state->argv + state->next + 1;
        self->n_shard_files = state->argc - state->next - 1;
        return 0;
    case ARGP_KEY_END:
        return parse_end(self, state);
    default:
        return parse_parts(key, text, state);
    }
}

/* --- the command --- */

/* Of what comes first, and of what it is all about. */
typedef struct stages {
    gf_progress checks, work;
} stages;

static void tell_checked(void *context, uint64_t done, uint64_t total)
{
    gf_progress_tell(&((stages *)context)->checks, done, total);
}

static void tell(void *context, uint64_t done, uint64_t total)
{
    stages *s = context;
    gf_progress_end(&s->checks);
    gf_progress_tell(&s->work, done, total);
}

static void tell_note(void *context, const char *text)
{
    stages *s = context;
    gf_progress_end(&s->checks);
    gf_progress_end(&s->work);
    fprintf(stderr, "note: %s\n", text);
}

static void tell_problem(void *context, const char *text)
{
    stages *s = context;
    gf_progress_end(&s->work);
    fprintf(stderr, "guidefund: error: %s\n", text);
}

static gf_status run(const arguments *a, const gf_design *design, const char *output, const char *command)
{
    stages progress;
    gf_sweep sweep;
    gf_error error = {GF_OK, ""};
    const gf_sweep_options o = {
        .path = output,
        .command_line = command,
        .n_overrides = a->overrides.n,
        .overrides = a->overrides.items,
        .run = {.threads = (int)a->threads, .isa = gf_isa_detect(), .stop = gf_cli_catch_signals()},
        .shard = a->shard,
        .n_shard_files = a->n_shard_files,
        .shard_files = (const char *const *)a->shard_files,
        .is_fresh = a->is_fresh,
        .is_resume = a->is_resume,
        .part_seconds = a->part_seconds,
        .checked = tell_checked,
        .progress = tell,
        .note = tell_note,
        .problem = tell_problem,
        .context = &progress};
    gf_progress_begin(&progress.checks, a->progress, "points checked");
    gf_progress_begin(&progress.work, a->progress, a->n_shard_files > 0 ? "shards" : "points");
    const gf_status status = gf_sweep_run(design, &o, &sweep, &error);
    gf_progress_end(&progress.checks);
    gf_progress_end(&progress.work);
    if (status == GF_OK)
        (a->wants_json ? gf_sweep_print_json : gf_sweep_print_text)(design, &o, &sweep);
    else
        gf_cli_fail(&error);
    gf_sweep_clear(&sweep);
    return status;
}

typedef struct missing_context {
    const gf_design *design;
    gf_sweep_options options;
    int n;
} missing_context;

static gf_status write_missing(void *context, FILE *out, gf_error *error)
{
    const missing_context *m = context;
    return gf_sweep_list_missing(m->design, &m->options, m->n, out, error);
}

static gf_status list_missing(const arguments *a, const gf_design *design, const char *output)
{
    missing_context m = {
        .design = design,
        .options = {.path = output, .n_overrides = a->overrides.n, .overrides = a->overrides.items},
        .n = (int)a->missing_of};
    return gf_cli_print_missing(write_missing, &m, output, m.n, a->wants_json);
}

/* No input may be what is written: the design, its base, a shard. */
static gf_status check_output(const arguments *a, const gf_design *design, const char *output)
{
    char *base = gf_design_base(design);
    gf_config config;
    gf_error_list later = {0}; /* whatever is wrong with the base is said when it is read to be run */
    gf_status status = gf_cli_check_output(output, a->design);
    if (status == GF_OK && base != NULL &&
        gf_config_read(base, a->overrides.n, a->overrides.items, &config, &later) == GF_OK) {
        status = gf_cli_check_output_of_config(output, &config, base);
        gf_config_clear(&config);
    }
    gf_errors_clear(&later);
    for (int i = 0; i < a->n_shard_files && status == GF_OK; i++)
        status = gf_cli_check_output(output, a->shard_files[i]);
    free(base);
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
    char *command = gf_cli_join(argc, argv);
    char *output = a->is_auto_shard ? gf_shard_path(a->shard, a->output) : strdup(a->output);
    gf_status status = GF_OK;
    if (output == NULL || command == NULL) {
        const gf_error error = {GF_MEMORY, "out of memory"};
        status = gf_cli_fail(&error);
    } else if ((status = check_output(a, design, output)) == GF_OK) {
        status = a->missing_of > 0 ? list_missing(a, design, output) : run(a, design, output, command);
    }
    free(output);
    free(command);
    gf_design_free(design);
    return status;
}

gf_status gf_command_sweep(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "DESIGN.yaml -o FILE.h5 [SHARD.h5...]",
        .doc =
            "Runs a config at every point of a design (grid, Latin hypercube, Sobol'), all on the same luck, "
            "and writes the numbers that the design asks for into an HDF5 file; Sobol' designs also give "
            "first-order and total sensitivity indices with errors. Section 13 of docs/model.md "
            "describes designs, configs/sweeps has some. A sweep that takes longer than a minute, or is "
            "interrupted (exit code 75), keeps parts in FILE.h5.parts: the same command goes on from "
            "them. With --shard several machines share the points; the same command with their files instead "
            "of --shard puts them together, with the bytes of one sweep."};
    arguments a = {.progress = GF_PROGRESS_AUTO, .part_seconds = GF_PART_SECONDS};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &a, &is_done);
    if (status == GF_OK && !is_done)
        status = read_and_run(&a, argc, argv);
    gf_overrides_clear(&a.overrides);
    return status;
}
