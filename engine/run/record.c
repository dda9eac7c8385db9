/* Records a run: lock, parts that are there, what is missing, the finished file. */
#include "run/record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/lock.h"
#include "run/parts.h"
#include "run/record_collection.h"

typedef struct recorder {
    const gf_config *config;
    const gf_record_options *options;
    gf_record *record;
    gf_collection collection;
    gf_parts parts;
    uint64_t n_done;             /* portfolios in the collection */
    uint64_t n_before_range;     /* of them before the range that the loop is in */
    uint64_t first_unsaved, end; /* of that range: what came in and is in no part */
    double last_part;
} recorder;

static double read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static double cpu(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* Of the thread that writes, without those that simulate meanwhile. */
static double own_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static void note(const recorder *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(const recorder *r, const char *format, ...)
{
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (r->options->note != NULL)
        r->options->note(r->options->context, text);
}

/* --- from the loop
 * --------------------------------------------------------------------------------------------------- */

static gf_status save_part(recorder *r, gf_error *error)
{
    const double start = now(), cpu_start = own_cpu();
    const uint64_t n = r->end - r->first_unsaved;
    if (n == 0 || r->options->path == NULL)
        return GF_OK;
    char *path = gf_parts_name(&r->parts, r->first_unsaved, n, error);
    if (path == NULL)
        return error->status;
    const gf_status status = gf_collection_save(&r->collection, r->first_unsaved, n, path, error);
    free(path);
    if (status == GF_OK) {
        r->first_unsaved = r->end;
        r->record->n_parts_written++;
    }
    r->last_part = now();
    r->record->seconds_writing += r->last_part - start;
    r->record->cpu_writing += own_cpu() - cpu_start;
    return status;
}

static int is_part_due(void *context)
{
    const recorder *r = context;
    return r->n_done < r->collection.plan.n_portfolios && now() - r->last_part >= r->options->part_seconds;
}

/* When all that was under way has come in, it may be the whole run. */
static gf_status save_if_due(void *context, gf_error *error)
{
    return is_part_due(context) ? save_part(context, error) : GF_OK;
}

static void take_batch(void *context, int thread, const double *columns, size_t stride, size_t n)
{
    recorder *r = context;
    gf_collection_add_batch(&r->collection, thread, columns, stride, n);
}

static gf_status take_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                              gf_error *error)
{
    recorder *r = context;
    const double start = now(), cpu_start = own_cpu();
    const gf_status status = gf_collection_add_columns(&r->collection, first, n, columns, stride, error);
    r->record->seconds_writing += (now() - start) / gf_run_threads(&r->options->run);
    r->record->cpu_writing += own_cpu() - cpu_start;
    r->end = first + n;
    r->n_done += n;
    return status;
}

static void tell_progress(void *context, uint64_t done)
{
    const recorder *r = context;
    r->options->progress(r->options->context, r->n_before_range + done, r->collection.plan.n_portfolios);
}

/* A part is of one range, and holds all that the sketches have taken in since the last one. */
static gf_status begin_range(recorder *r, uint64_t first, gf_error *error)
{
    const gf_status status = first != r->end ? save_part(r, error) : GF_OK;
    if (first != r->end)
        r->first_unsaved = r->end = first;
    return status;
}

static gf_status run_range(recorder *r, uint64_t first, uint64_t n, gf_error *error)
{
    const gf_collection *c = &r->collection;
    gf_run_plan plan = c->plan;
    plan.first_portfolio = first;
    plan.n_portfolios = n;
    const gf_run_listener listener = {.context = r,
                                      .batch = c->total != NULL ? take_batch : NULL,
                                      .columns = take_columns,
                                      .is_save_due = is_part_due,
                                      .save = save_if_due,
                                      .progress = r->options->progress != NULL ? tell_progress : NULL,
                                      .series = c->series,
                                      .startups = c->startups,
                                      .series_stride = (size_t)c->n_series_of,
                                      .startups_stride = (size_t)c->n_startups_of,
                                      .buffers_first = c->plan.first_portfolio};
    r->n_before_range = r->n_done;
    gf_status status = begin_range(r, first, error);
    if (status == GF_OK)
        status = gf_run(c->scenario, &c->layout, &plan, &r->options->run, &listener, error);
    if (status == GF_INTERRUPTED) {
        gf_error own = {GF_OK, ""};
        if (save_part(r, &own) != GF_OK) {
            *error = own;
            status = own.status;
        }
    }
    return status;
}

/* --- from parts
 * ------------------------------------------------------------------------------------------------------ */

/* 1 if the file was taken in, 0 if it is of no use, which is noted; *status when the run cannot go on. */
static int absorb(recorder *r, const gf_found_part *found, gf_status *status, gf_error *error)
{
    gf_part *part = NULL;
    gf_error why = {GF_OK, ""};
    const gf_status opened = gf_part_open(&part, found->path, &why);
    if (opened == GF_MEMORY) {
        *error = why;
        *status = opened;
        return 0;
    }
    const gf_part_info *info = opened == GF_OK ? gf_part_about(part) : NULL;
    if (info == NULL) {
        note(r, "%s; its portfolios are computed again", why.message);
    } else if (info->identity != r->collection.identity || info->first_portfolio != found->first ||
               info->n_portfolios != found->n) {
        note(r,
             "%s: a part of another run or range, whatever its name says; its portfolios are computed again",
             found->path);
        info = NULL;
    } else {
        *status = gf_collection_absorb(&r->collection, part, error);
    }
    gf_part_close(part);
    if (info == NULL)
        remove(found->path); /* under its name it will be written again */
    return info != NULL && *status == GF_OK;
}

/* Takes in the parts that follow on one another or leave gaps, and runs the gaps. */
static gf_status collect(recorder *r, gf_error *error)
{
    const uint64_t start = r->collection.plan.first_portfolio, end = start + r->collection.plan.n_portfolios;
    char *is_taken = calloc(r->parts.n_found + 1, 1);
    gf_status status = GF_OK;
    uint64_t at = start;
    if (is_taken == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %zu parts", r->parts.n_found);
    for (size_t i = 0; i < r->parts.n_found && status == GF_OK; i++) {
        const gf_found_part *p = &r->parts.found[i];
        if (p->first < at || p->first + p->n > end || !absorb(r, p, &status, error))
            continue;
        is_taken[i] = 1;
        at = p->first + p->n;
        r->n_done += p->n;
    }
    r->record->n_from_parts = r->n_done;
    if (status == GF_OK && r->n_done > 0)
        note(r, "%" PRIu64 " of %" PRIu64 " portfolios are in %s already", r->n_done, end - start,
             r->parts.folder);
    if (r->options->progress != NULL)
        r->options->progress(r->options->context, r->n_done, end - start);
    at = start;
    for (size_t i = 0; i <= r->parts.n_found && status == GF_OK; i++) {
        if (i < r->parts.n_found && !is_taken[i])
            continue;
        const uint64_t until = i < r->parts.n_found ? r->parts.found[i].first : end;
        if (until > at)
            status = run_range(r, at, until - at, error);
        if (i < r->parts.n_found)
            at = r->parts.found[i].first + r->parts.found[i].n;
    }
    free(is_taken);
    return status;
}

/* --- what is there already
 * ------------------------------------------------------------------------------------------- */

static int is_complete_result(const recorder *r)
{
    gf_results_file *file = NULL;
    const gf_scenario *s = &r->config->scenario;
    if (r->options->mode != GF_RECORD_RESUME || gf_results_open(&file, r->options->path, NULL) != GF_OK)
        return 0;
    const gf_results_info *info = gf_results_about(file);
    const int is_same = strcmp(info->config_text, r->config->text) == 0 && info->seed == s->seed &&
                        info->n_portfolios == (uint64_t)s->portfolios &&
                        info->portfolios_total == info->n_portfolios &&
                        strcmp(info->program_version, gf_program_version()) == 0;
    gf_results_close(file);
    return is_same;
}

/* A shard that is there stays if it is this one; one of the same run but of another place is never
 * overwritten. */
static gf_status look_at_shard(recorder *r, gf_error *error)
{
    gf_part *part = NULL;
    gf_status status = GF_OK;
    if (gf_part_open(&part, r->options->path, NULL) != GF_OK)
        return GF_OK;
    const gf_part_info *info = gf_part_about(part);
    const gf_run_plan *plan = &r->collection.plan;
    if (info->identity == r->collection.identity) {
        const int is_same =
            info->first_portfolio == plan->first_portfolio && info->n_portfolios == plan->n_portfolios;
        if (!is_same)
            status = gf_error_set(error, GF_CREATE,
                                  "%s holds shard %d of %d of the same run; expected another name for "
                                  "shard %d of %d",
                                  r->options->path, info->shard, info->n_shards, r->options->shard.k,
                                  r->options->shard.n);
        else
            r->record->was_complete = r->options->mode != GF_RECORD_FRESH;
    }
    gf_part_close(part);
    return status;
}

static gf_status look_around(recorder *r, gf_error *error)
{
    gf_status status = gf_parts_find(&r->parts, r->options->path, r->collection.identity, error);
    if (status == GF_OK && r->options->shard.n > 0)
        status = look_at_shard(r, error);
    else if (status == GF_OK)
        r->record->was_complete = is_complete_result(r);
    if (status != GF_OK)
        return status;
    if (r->options->mode == GF_RECORD_FRESH) {
        gf_parts_remove(&r->parts, 1);
        gf_parts_clear(&r->parts);
        return gf_parts_find(&r->parts, r->options->path, r->collection.identity, error);
    }
    if (r->parts.n_foreign > 0)
        note(r,
             "%s also holds %zu parts of other runs (another config, seed or version); they are not used, "
             "--fresh removes "
             "them",
             r->parts.folder, r->parts.n_foreign);
    return GF_OK;
}

/* --- a run from end to end
 * ------------------------------------------------------------------------------------------- */

static gf_status finish(recorder *r, time_t started, double start, double cpu_start, gf_error *error)
{
    const gf_run_options *run = &r->options->run;
    const double summing = now(), cpu_summing = cpu();
    r->record->seconds_simulating = summing - start - r->record->seconds_writing;
    r->record->cpu_simulating = cpu_summing - cpu_start - r->record->cpu_writing;
    gf_status status = gf_collection_finish(&r->collection, &r->record->summary, error);
    r->record->seconds_summing = now() - summing;
    r->record->cpu_summing = cpu() - cpu_summing;
    const gf_provenance provenance = {.threads = gf_run_threads(run),
                                      .isa = gf_isa_name(run->isa),
                                      .command_line = r->options->command_line,
                                      .started = started,
                                      .duration_seconds = now() - start};
    const double committing = now(), cpu_committing = cpu();
    if (status == GF_OK)
        status = gf_collection_commit(&r->collection, &provenance, error);
    r->record->seconds_writing += now() - committing; /* the rest of the file, its checksum and its name */
    r->record->cpu_writing += cpu() - cpu_committing;
    if (status == GF_OK && r->options->path != NULL)
        gf_parts_remove(&r->parts, 0);
    return status;
}

/* Says how a run that failed can go on. */
static void explain(const recorder *r, gf_status status, gf_error *error)
{
    const uint64_t total = r->collection.plan.n_portfolios;
    gf_error first = *error;
    if (status == GF_INTERRUPTED)
        gf_error_set(error, status, "interrupted after %" PRIu64 " of %" PRIu64 " portfolios; %s%s",
                     r->n_done, total,
                     r->n_done == 0 || r->options->path == NULL ? "nothing is kept"
                                                                : "the same command goes on with those in ",
                     r->n_done == 0 || r->options->path == NULL ? "" : r->parts.folder);
    else if (r->record->n_parts_written > 0 || r->record->n_from_parts > 0)
        gf_error_set(error, status, "%.600s; the same command goes on with the parts in %.300s",
                     first.message, r->parts.folder);
}

static gf_status run_and_write(recorder *r, gf_error *error)
{
    const time_t started = time(NULL);
    const double start = now(), cpu_start = cpu();
    r->last_part = start;
    gf_status status = r->options->path != NULL ? look_around(r, error) : GF_OK;
    if (status != GF_OK)
        return status;
    if (r->record->was_complete) {
        gf_parts_remove(&r->parts, 0);
        return GF_OK;
    }
    const double opening = now(), cpu_opening = cpu();
    status = gf_collection_open(&r->collection, gf_run_threads(&r->options->run), error);
    r->record->seconds_writing += now() - opening; /* the file and its datasets are made now */
    r->record->cpu_writing += cpu() - cpu_opening;
    if (status == GF_OK)
        status = collect(r, error);
    if (status == GF_OK)
        status = finish(r, started, start, cpu_start, error);
    if (status != GF_OK)
        explain(r, status, error);
    return status;
}

gf_status gf_record_run(const gf_config *config, const gf_record_options *options, gf_record *record,
                        gf_error *error)
{
    gf_error own = {GF_OK, ""};
    recorder r = {.config = config, .options = options, .record = record};
    gf_lock lock = {.file = -1};
    *record = (gf_record){0};
    gf_status status = gf_collection_init(&r.collection, config, options->path, options->shard, &own);
    record->first_portfolio = r.collection.plan.first_portfolio;
    record->n_portfolios = r.collection.plan.n_portfolios;
    if (status == GF_OK && options->path != NULL)
        status = gf_lock_take(&lock, options->path, &own);
    if (status == GF_OK && options->path != NULL && !lock.is_real)
        note(&r, "the file system of %s knows no locks: see to it that no other run writes it",
             options->path);
    if (status == GF_OK)
        status = run_and_write(&r, &own);
    gf_collection_clear(&r.collection);
    gf_parts_clear(&r.parts);
    gf_lock_drop(&lock);
    if (status != GF_OK && error != NULL)
        *error = own;
    return status;
}
