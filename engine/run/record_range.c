/* Ranges of portfolios into the collection: from parts, from the loop, and from there into parts. */
#include "run/recorder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double gf_recorder_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double gf_recorder_cpu(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double gf_recorder_own_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void gf_recorder_note(const gf_recorder *r, const char *format, ...)
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

gf_status gf_recorder_save_part(gf_recorder *r, gf_error *error)
{
    const double start = gf_recorder_now(), cpu_start = gf_recorder_own_cpu();
    const uint64_t n = r->end - r->first_unsaved;
    if (n == 0 || r->parts.folder == NULL)
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
    r->last_part = gf_recorder_now();
    r->record->seconds_writing += r->last_part - start;
    r->record->cpu_writing += gf_recorder_own_cpu() - cpu_start;
    return status;
}

static int is_part_due(void *context)
{
    const gf_recorder *r = context;
    return r->parts.folder != NULL && r->n_done < r->collection.plan.n_portfolios &&
           gf_recorder_now() - r->last_part >= r->options->part_seconds;
}

/* When all that was under way has come in, it may be the whole run. */
static gf_status save_if_due(void *context, gf_error *error)
{
    return is_part_due(context) ? gf_recorder_save_part(context, error) : GF_OK;
}

static void take_batch(void *context, int thread, const double *columns, size_t stride, size_t n)
{
    gf_recorder *r = context;
    gf_collection_add_batch(&r->collection, thread, columns, stride, n);
}

static gf_status take_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                              gf_error *error)
{
    gf_recorder *r = context;
    const double start = gf_recorder_now(), cpu_start = gf_recorder_own_cpu();
    const gf_status status = gf_collection_add_columns(&r->collection, first, n, columns, stride, error);
    r->record->seconds_writing += (gf_recorder_now() - start) / gf_run_threads(&r->options->run);
    r->record->cpu_writing += gf_recorder_own_cpu() - cpu_start;
    r->end = first + n;
    r->n_done += n;
    return status;
}

static void tell_progress(void *context, uint64_t done)
{
    const gf_recorder *r = context;
    r->options->progress(r->options->context, r->n_before_range + done, r->n_expected);
}

/* A part is of one range, and holds all that the sketches have taken in since the last one. */
static gf_status begin_range(gf_recorder *r, uint64_t first, gf_error *error)
{
    const gf_status status = first != r->end ? gf_recorder_save_part(r, error) : GF_OK;
    if (first != r->end)
        r->first_unsaved = r->end = first;
    return status;
}

static gf_status run_range(gf_recorder *r, uint64_t first, uint64_t n, gf_error *error)
{
    const gf_collection *c = &r->collection;
    gf_run_options run = r->options->run;
    gf_run_plan plan = c->plan;
    run.crew = &r->crew;
    plan.first_portfolio = first;
    plan.n_portfolios = n;
    const gf_run_listener listener = {.context = r,
                                      .batch = c->total != NULL || c->until != NULL ? take_batch : NULL,
                                      .columns = take_columns,
                                      .only_counts = !gf_collection_keeps_columns(c),
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
        status = gf_run(c->scenario, &c->layout, &plan, &run, &listener, error);
    if (status == GF_INTERRUPTED) {
        gf_error own = {GF_OK, ""};
        if (gf_recorder_save_part(r, &own) != GF_OK) {
            *error = own;
            status = own.status;
        }
    }
    return status;
}

/* --- from parts
 * ------------------------------------------------------------------------------------------------------ */

/* 1 if the file was taken in, 0 if it is of no use, which is noted; *status when the run cannot go on. */
static int absorb(gf_recorder *r, const gf_found_part *found, gf_status *status, gf_error *error)
{
    gf_part *part = NULL;
    gf_error why = {GF_OK, ""};
    gf_status opened = gf_part_open(&part, found->path, &why);
    if (opened == GF_MEMORY) {
        *error = why;
        *status = opened;
        return 0;
    }
    const gf_part_info *info = opened == GF_OK ? gf_part_about(part) : NULL;
    if (info == NULL) {
        gf_recorder_note(r, "%s; its portfolios are computed again", why.message);
    } else if (info->identity != r->collection.identity || info->first_portfolio != found->first ||
               info->n_portfolios != found->n) {
        gf_recorder_note(
            r,
            "%s: a part of another run or range, whatever its name says; its portfolios are computed again",
            found->path);
        info = NULL;
        opened = GF_CONFIG;
    } else {
        *status = gf_collection_absorb(&r->collection, part, error);
    }
    gf_part_close(part);
    if (info == NULL && opened == GF_CONFIG) /* one that cannot be read now may be good */
        remove(found->path);
    return info != NULL && *status == GF_OK;
}

gf_status gf_recorder_take_parts(gf_recorder *r, gf_error *error)
{
    const uint64_t start = r->collection.plan.first_portfolio, end = start + r->collection.plan.n_portfolios;
    gf_status status = GF_OK;
    uint64_t at = start;
    r->is_taken = calloc(r->parts.n_found + 1, 1);
    if (r->is_taken == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %zu parts", r->parts.n_found);
    for (size_t i = 0; i < r->parts.n_found && status == GF_OK; i++) {
        const gf_found_part *p = &r->parts.found[i];
        if (p->first < at || p->first + p->n > end || !absorb(r, p, &status, error))
            continue;
        r->is_taken[i] = 1;
        at = p->first + p->n;
        r->n_done += p->n;
    }
    r->record->n_from_parts = r->n_done;
    if (status == GF_OK && r->n_done > 0)
        gf_recorder_note(r, "%" PRIu64 " of %" PRIu64 " portfolios are in %s already", r->n_done, end - start,
                         r->parts.folder);
    return status;
}

gf_status gf_recorder_fill(gf_recorder *r, uint64_t from, uint64_t to, gf_error *error)
{
    gf_status status = GF_OK;
    uint64_t at = from;
    if (r->options->progress != NULL)
        r->options->progress(r->options->context, r->n_done, r->n_expected);
    for (size_t i = 0; i < r->parts.n_found && status == GF_OK; i++) {
        const gf_found_part *p = &r->parts.found[i];
        if (!r->is_taken[i] || p->first < at)
            continue;
        if (p->first > at)
            status = run_range(r, at, p->first - at, error);
        at = p->first + p->n;
    }
    return status == GF_OK && at < to ? run_range(r, at, to - at, error) : status;
}
