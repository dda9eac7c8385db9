/* Sweeps: lock, parts that are there, the points that are missing, indices, the file. */
#include "run/sweep.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "io/part.h"
#include "io/sweep_file.h"
#include "run/lock.h"
#include "run/parts.h"
#include "run/sweep_point.h"
#include "run/sweep_write.h"

typedef enum { MISSING, DONE, SAVED } state;

typedef struct sweeper {
    const gf_design *design;
    const gf_sweep_options *options;
    gf_sweep *sweep;
    gf_sweep_base base;
    gf_measure measures[GF_DESIGN_MAX_NUMBERS];
    char *config_text; /* of the base */
    uint64_t seed, identity;
    gf_parts parts;
    unsigned char *states; /* [n_points] */
    size_t n_done;
    double last_part;
    gf_status status; /* the first failure of a point */
    gf_error *error;
} sweeper;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static gf_status out_of_memory(gf_error *error, size_t n)
{
    return gf_error_set(error, GF_MEMORY, "out of memory for a sweep of %zu points", n);
}

/* --- preparation --- */

/* One key of the design, with all that its values depend on. */
static void write_key(FILE *out, const gf_design_key *k)
{
    char from[GF_NUMBER_SIZE], to[GF_NUMBER_SIZE], value[GF_NUMBER_SIZE];
    fprintf(out, "%s from %s to %s scale %lld levels %lld values", k->key, gf_format_double(k->from, from),
            gf_format_double(k->to, to), (long long)k->scale, (long long)k->levels);
    for (int64_t v = 0; v < k->n_values; v++)
        fprintf(out, " %s", gf_format_double(k->values[v], value));
    fputc('\n', out);
}

/* What makes parts fit together: everything that the numbers depend on. */
static gf_status find_identity(sweeper *s, gf_error *error)
{
    const gf_design *d = s->design;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return out_of_memory(error, s->sweep->n_points);
    fprintf(out, "%s\nseed %llu\nprogram %s %s\npart %d.%d\n", s->config_text, (unsigned long long)s->seed,
            gf_program_version(), gf_program_revision(), GF_PART_MAJOR, GF_PART_MINOR);
    fprintf(out, "rows %d\nmethod %lld points %lld seed %lld\n", gf_sweep_n_rows(&s->base),
            (long long)d->method, (long long)d->points, (long long)d->seed);
    for (int64_t k = 0; k < d->n_numbers; k++)
        fprintf(out, "%s\n", d->numbers[k].of);
    for (int64_t k = 0; k < d->n_keys; k++)
        write_key(out, &d->keys[k]);
    const int is_written = fclose(out) == 0;
    s->identity = is_written ? gf_text_hash(text) : 0;
    free(text);
    return is_written ? GF_OK : out_of_memory(error, s->sweep->n_points);
}

static gf_status read_base(sweeper *s, gf_error *error)
{
    gf_config config;
    gf_status status = gf_sweep_base_init(&s->base, s->design, s->options->n_overrides, s->options->overrides,
                                          s->measures, error);
    if (status == GF_OK)
        status = gf_sweep_point_read(&s->base, NULL, 0, &config, error);
    if (status != GF_OK)
        return status;
    s->config_text = config.text;
    s->seed = config.scenario.seed;
    config.text = NULL;
    gf_config_clear(&config);
    return GF_OK;
}

static gf_status take_memory(sweeper *s, gf_error *error)
{
    gf_sweep *w = s->sweep;
    w->n_points = gf_design_size(s->design);
    w->n_keys = (size_t)s->design->n_keys;
    w->n_numbers = (size_t)s->design->n_numbers;
    w->points = gf_design_points(s->design);
    w->values = malloc((size_t)gf_sweep_n_rows(&s->base) * w->n_points * sizeof *w->values);
    s->states = calloc(w->n_points, 1);
    if (w->points == NULL || w->values == NULL || s->states == NULL)
        return out_of_memory(error, w->n_points);
    w->errors = w->values + w->n_numbers * w->n_points;
    return GF_OK;
}

static int is_stopped(const sweeper *s)
{
    sig_atomic_t stop = 0;
    if (s->options->run.stop != NULL) {
#pragma omp atomic read
        stop = *s->options->run.stop;
    }
    return stop != 0;
}

/* Reads the configs of all points, so that a wrong one is found before hours are spent on others. */
static gf_status check_points(sweeper *s, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    size_t first_wrong = w->n_points;
    gf_error wrong = {GF_OK, ""};
#pragma omp parallel for schedule(dynamic, 16) num_threads(gf_run_threads(&s->options->run))
    for (size_t p = 0; p < w->n_points; p++) {
        gf_config config;
        gf_error own = {GF_OK, ""};
        if (is_stopped(s))
            continue;
        if (gf_sweep_point_read(&s->base, w->points + p, w->n_points, &config, &own) == GF_OK) {
            gf_config_clear(&config);
            continue;
        }
#pragma omp critical
        if (p < first_wrong) {
            first_wrong = p;
            wrong = own;
        }
    }
    if (first_wrong < w->n_points)
        *error = wrong;
    return wrong.status;
}

/* --- parts --- */

static gf_part_info part_info(const sweeper *s, size_t first, size_t n)
{
    const gf_sweep *w = s->sweep;
    gf_part_info info = {.scenario = s->design->name,
                         .config_text = s->config_text,
                         .program_version = gf_program_version(),
                         .revision = gf_program_revision(),
                         .seed = s->seed,
                         .identity = s->identity,
                         .portfolios_total = w->n_points,
                         .first_portfolio = first,
                         .n_portfolios = n};
    info.rows[GF_PART_COLUMNS] = (uint64_t)gf_sweep_n_rows(&s->base);
    info.portfolios[GF_PART_COLUMNS] = n;
    return info;
}

/* Points first … first + n − 1 as a part: points are its columns. */
static gf_status save_range(sweeper *s, size_t first, size_t n, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    const gf_part_info info = part_info(s, first, n);
    gf_part *part = NULL;
    char *path = gf_parts_name(&s->parts, first, n, error);
    if (path == NULL)
        return error->status;
    gf_status status = gf_part_create(&part, path, &info, error);
    free(path);
    if (status != GF_OK)
        return status;
    status = gf_part_write(part, GF_PART_COLUMNS, 0, n, w->values + first, w->n_points, error);
    if (status != GF_OK) {
        gf_part_close(part);
        return status;
    }
    status = gf_part_commit(part, error);
    if (status == GF_OK)
        memset(s->states + first, SAVED, n);
    return status;
}

/* All that is done and in no part yet. */
static gf_status save(sweeper *s, gf_error *error)
{
    const size_t n_points = s->sweep->n_points;
    gf_status status = GF_OK;
    for (size_t p = 0, end; p < n_points && status == GF_OK; p = end) {
        for (end = p; end < n_points && s->states[end] == DONE; end++)
            ;
        if (end > p)
            status = save_range(s, p, end - p, error);
        else
            end++;
    }
    s->last_part = now();
    return status;
}

static void note(const sweeper *s, const char *text)
{
    if (s->options->note != NULL)
        s->options->note(s->options->context, text);
}

/* Takes in what an earlier call left; what is of no use is removed and run again. */
static void absorb(sweeper *s, const gf_found_part *found)
{
    gf_sweep *w = s->sweep;
    gf_part *part = NULL;
    gf_error why = {GF_OK, ""};
    const int is_inside = found->n <= w->n_points && found->first <= w->n_points - found->n;
    int is_good = is_inside && gf_part_open(&part, found->path, &why) == GF_OK;
    if (is_good) {
        const gf_part_info *info = gf_part_about(part);
        is_good = info->identity == s->identity && info->first_portfolio == found->first &&
                  info->n_portfolios == found->n &&
                  info->rows[GF_PART_COLUMNS] == (uint64_t)gf_sweep_n_rows(&s->base) &&
                  info->portfolios[GF_PART_COLUMNS] == found->n &&
                  gf_part_read(part, GF_PART_COLUMNS, 0, (size_t)found->n, w->values + found->first,
                               w->n_points, &why) == GF_OK;
    }
    gf_part_close(part);
    if (is_good) {
        memset(s->states + found->first, SAVED, (size_t)found->n);
        return;
    }
    char text[1200];
    snprintf(text, sizeof text, "%s; its points are run again",
             why.message[0] != '\0' ? why.message : found->path);
    note(s, text);
    remove(found->path);
}

static gf_status collect_parts(sweeper *s, gf_error *error)
{
    gf_status status = gf_parts_find(&s->parts, s->options->path, s->identity, error);
    if (status == GF_OK && s->options->is_fresh) {
        gf_parts_remove(&s->parts, 1);
        gf_parts_clear(&s->parts);
        status = gf_parts_find(&s->parts, s->options->path, s->identity, error);
    }
    for (size_t i = 0; i < s->parts.n_found && status == GF_OK; i++)
        absorb(s, &s->parts.found[i]);
    for (size_t p = 0; p < s->sweep->n_points; p++)
        s->n_done += s->states[p] == SAVED;
    s->sweep->n_from_parts = s->n_done;
    if (s->n_done > 0) {
        char text[1200];
        snprintf(text, sizeof text, "%zu of %zu points are in %.900s already", s->n_done, s->sweep->n_points,
                 s->parts.folder);
        note(s, text);
    }
    return status;
}

/* --- the points --- */

static int is_part_due(const sweeper *s)
{
    return s->status == GF_OK && s->n_done < s->sweep->n_points &&
           now() - s->last_part >= s->options->part_seconds;
}

/* Of a point that came in: one thread at a time. The first failure stays. */
static void take(sweeper *s, size_t p, gf_status status, const gf_error *own)
{
    gf_error why = *own;
    if (status == GF_OK) {
        s->states[p] = DONE;
        s->n_done++;
        if (s->options->progress != NULL)
            s->options->progress(s->options->context, s->n_done, s->sweep->n_points);
        if (is_part_due(s))
            status = save(s, &why);
    }
    if (status == GF_OK || s->status != GF_OK)
        return;
    *s->error = why;
    s->status = status;
}

static gf_status status_of(const sweeper *s)
{
    gf_status status;
#pragma omp critical(gf_sweep)
    status = s->status;
    return status;
}

/* As many points at a time as there are threads; where fewer points are left, each has several. */
static gf_status run_points(sweeper *s, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    const int threads = gf_run_threads(&s->options->run);
    const size_t missing = w->n_points - s->n_done;
    const int workers = missing < (size_t)threads ? (int)missing : threads;
    gf_run_options inner = s->options->run;
    if (missing == 0)
        return GF_OK;
    inner.threads = threads / workers;
    s->error = error;
    omp_set_max_active_levels(2);
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers)
    for (size_t p = 0; p < w->n_points; p++) {
        gf_error own = {GF_OK, ""};
        if (s->states[p] == SAVED || is_stopped(s) || status_of(s) != GF_OK)
            continue;
        const gf_status status =
            gf_sweep_point_run(&s->base, w->points + p, w->n_points, &inner, w->values + p, &own);
#pragma omp critical(gf_sweep)
        take(s, p, status, &own);
    }
    return s->status == GF_OK && s->n_done < w->n_points ? GF_INTERRUPTED : s->status;
}

/* --- the end --- */

/* Mean squared error of the values over their variance. */
static double noise_of(const double *values, const double *errors, size_t n)
{
    double mean = 0, squares = 0, noise = 0;
    for (size_t p = 0; p < n; p++) {
        const double d = values[p] - mean;
        mean += d / (double)(p + 1);
        squares += d * (values[p] - mean);
        noise += errors[p] * errors[p];
    }
    return squares > 0 ? noise / squares : NAN;
}

/* Indices of one number, with the errors that the choice of points and the luck of portfolios bring. */
static int find_indices_of(const sweeper *s, size_t number, gf_sobol_index *of_groups)
{
    const gf_sweep *w = s->sweep;
    const size_t n = (size_t)s->design->points;
    const int d = (int)w->n_keys;
    gf_sobol_index *indices = w->indices + number * w->n_keys;
    gf_sobol_indices(n, d, w->values + number * w->n_points, indices);
    for (size_t g = 0; g < (size_t)s->base.n_groups; g++)
        gf_sobol_indices(n, d, w->values + ((2 + g) * w->n_numbers + number) * w->n_points,
                         of_groups + g * w->n_keys);
    const int result =
        gf_sobol_errors(n, d, w->values + number * w->n_points, (uint64_t)s->design->seed, indices);
    gf_sobol_add_luck(d, of_groups, s->base.n_groups, indices);
    return result;
}

static gf_status find_indices(sweeper *s, gf_error *error)
{
    gf_sweep *w = s->sweep;
    for (size_t k = 0; k < w->n_numbers; k++)
        w->noise[k] = noise_of(w->values + k * w->n_points, w->errors + k * w->n_points, w->n_points);
    if (s->design->method != GF_DESIGN_SOBOL)
        return GF_OK;
    gf_sobol_index *of_groups = malloc((size_t)s->base.n_groups * w->n_keys * sizeof *of_groups + 1);
    w->indices = malloc(w->n_numbers * w->n_keys * sizeof *w->indices + 1);
    int failed = of_groups == NULL || w->indices == NULL;
    for (size_t k = 0; k < w->n_numbers && !failed; k++)
        failed = find_indices_of(s, k, of_groups) < 0;
    free(of_groups);
    return failed ? out_of_memory(error, w->n_points) : GF_OK;
}

static gf_status write_file(const sweeper *s, time_t started, double start, gf_error *error)
{
    const gf_provenance provenance = {.threads = gf_run_threads(&s->options->run),
                                      .isa = gf_isa_name(s->options->run.isa),
                                      .command_line = s->options->command_line,
                                      .started = started,
                                      .duration_seconds = now() - start};
    const gf_sweep_about about = {s->design, s->measures, s->config_text, s->seed};
    return gf_sweep_write(s->sweep, &about, s->options->path, &provenance, error);
}

/* --- a sweep from end to end --- */

/* Points that are done are kept, whatever went wrong. */
static void keep(sweeper *s, gf_status status, gf_error *error)
{
    gf_error own = {GF_OK, ""}, first = *error;
    if (save(s, &own) != GF_OK)
        gf_error_set(error, status, "%.500s; what was done could not be kept: %.400s",
                     status == GF_INTERRUPTED ? "interrupted" : first.message, own.message);
    else if (status == GF_INTERRUPTED)
        gf_error_set(error, status, "interrupted after %zu of %zu points; %s%s", s->n_done,
                     s->sweep->n_points,
                     s->n_done == 0 ? "nothing is kept" : "the same command goes on with those in ",
                     s->n_done == 0 ? "" : s->parts.folder);
    else if (s->n_done > 0)
        gf_error_set(error, status, "%.600s; the same command goes on with the parts in %.300s",
                     first.message, s->parts.folder);
}

static gf_status run_and_write(sweeper *s, gf_error *error)
{
    const time_t started = time(NULL);
    const double start = now();
    s->last_part = start;
    gf_status status = find_identity(s, error);
    if (status == GF_OK)
        status = check_points(s, error);
    if (status == GF_OK)
        status = collect_parts(s, error);
    if (status != GF_OK)
        return status;
    if (s->options->progress != NULL)
        s->options->progress(s->options->context, s->n_done, s->sweep->n_points);
    status = run_points(s, error);
    if (status == GF_OK)
        status = find_indices(s, error);
    if (status == GF_OK)
        status = write_file(s, started, start, error);
    s->sweep->seconds = now() - start;
    if (status == GF_OK)
        gf_parts_remove(&s->parts, 0);
    else
        keep(s, status, error);
    return status;
}

gf_status gf_sweep_run(const gf_design *design, const gf_sweep_options *options, gf_sweep *sweep,
                       gf_error *error)
{
    sweeper s = {.design = design, .options = options, .sweep = sweep};
    gf_error own = {GF_OK, ""};
    gf_lock lock = {.file = -1};
    *sweep = (gf_sweep){0};
    gf_status status = read_base(&s, &own);
    if (status == GF_OK)
        status = take_memory(&s, &own);
    if (status == GF_OK)
        status = gf_sweep_file_check(options->path, &own);
    if (status == GF_OK)
        status = gf_lock_take(&lock, options->path, &own);
    if (status == GF_OK && !lock.is_real)
        note(&s, "the file system knows no locks: see to it that no other run writes the same file");
    if (status == GF_OK)
        status = run_and_write(&s, &own);
    gf_lock_drop(&lock);
    gf_parts_clear(&s.parts);
    gf_sweep_base_clear(&s.base);
    free(s.config_text);
    free(s.states);
    if (status != GF_OK && error != NULL)
        *error = own;
    return status;
}

void gf_sweep_clear(gf_sweep *sweep)
{
    free(sweep->points);
    free(sweep->values);
    free(sweep->indices);
    *sweep = (gf_sweep){0};
}
