/* Sweeps: lock, parts that are there, the points that are missing, indices, the file. */
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
#include "run/sweep_inside.h"
#include "run/sweep_write.h"
#include "run/threads.h"

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
static gf_status find_identity(gf_sweeper *s, gf_error *error)
{
    const gf_design *d = s->design;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return gf_sweeper_out_of_memory(error, s->sweep->n_points);
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
    return is_written ? GF_OK : gf_sweeper_out_of_memory(error, s->sweep->n_points);
}

static gf_status read_base(gf_sweeper *s, gf_error *error)
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

static gf_status take_memory(gf_sweeper *s, gf_error *error)
{
    gf_sweep *w = s->sweep;
    w->n_points = gf_design_size(s->design);
    w->n_keys = (size_t)s->design->n_keys;
    w->n_numbers = (size_t)s->design->n_numbers;
    w->n_here = w->n_points;
    if (s->options->shard.n > 0) {
        uint64_t first, n;
        gf_shard_range(s->options->shard, w->n_points, 1, &first, &n);
        w->first = (size_t)first;
        w->n_here = (size_t)n;
    }
    w->points = gf_design_points(s->design);
    w->values = malloc((size_t)gf_sweep_n_rows(&s->base) * w->n_points * sizeof *w->values);
    s->states = calloc(w->n_points, 1);
    if (w->points == NULL || w->values == NULL || s->states == NULL)
        return gf_sweeper_out_of_memory(error, w->n_points);
    w->errors = w->values + w->n_numbers * w->n_points;
    return GF_OK;
}

static int is_stopped(const gf_sweeper *s)
{
    sig_atomic_t stop = 0;
    if (s->options->run.stop != NULL) {
#pragma omp atomic read
        stop = *s->options->run.stop;
    }
    return stop != 0;
}

/* One more point was checked; one thread tells. */
static void tell_checked(const gf_sweeper *s, size_t *n_checked)
{
    size_t n;
#pragma omp atomic capture
    n = ++*n_checked;
    if (omp_get_thread_num() == 0 && s->options->checked != NULL)
        s->options->checked(s->options->context, n, s->sweep->n_here);
}

/* Reads the configs of all points that are to be run, so that a wrong one is found before hours are spent on
 * others. */
gf_status gf_sweeper_check_points(gf_sweeper *s, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    size_t first_wrong = w->n_points, n_checked = 0;
    gf_error wrong = {GF_OK, ""};
#pragma omp parallel for schedule(dynamic, 16) num_threads(gf_run_threads(&s->options->run))
    for (size_t p = w->first; p < w->first + w->n_here; p++) {
        gf_config config;
        gf_error own = {GF_OK, ""};
        if (is_stopped(s))
            continue;
        tell_checked(s, &n_checked);
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

/* --- the points --- */

static int is_part_due(const gf_sweeper *s)
{
    return s->status == GF_OK && s->n_done < s->sweep->n_here &&
           gf_sweeper_now() - s->last_part >= s->options->part_seconds;
}

/* Of a point that came in: one thread at a time. The first failure stays. */
static void take(gf_sweeper *s, size_t p, gf_status status, const gf_error *own)
{
    gf_error why = *own;
    if (status == GF_OK) {
        s->states[p] = GF_POINT_DONE;
        s->n_done++;
        if (s->options->progress != NULL)
            s->options->progress(s->options->context, s->n_done, s->sweep->n_here);
        if (is_part_due(s))
            status = gf_sweeper_save(s, &why);
    }
    if (status == GF_OK || s->status != GF_OK)
        return;
    *s->error = why;
    s->status = status;
}

static gf_status status_of(const gf_sweeper *s)
{
    gf_status status;
#pragma omp critical(gf_sweep)
    status = s->status;
    return status;
}

/* As many points at a time as there are threads; where fewer points are left, each has several. */
static gf_status run_points(gf_sweeper *s, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    const int threads = gf_run_threads(&s->options->run);
    const size_t missing = w->n_here - s->n_done;
    const int workers = missing < (size_t)threads ? (int)missing : threads;
    gf_run_options inner = s->options->run;
    if (missing == 0)
        return GF_OK;
    inner.threads = threads / workers;
    s->error = error;
    (void)gf_threads_spread(workers);
    omp_set_max_active_levels(2);
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers)
    for (size_t p = w->first; p < w->first + w->n_here; p++) {
        gf_error own = {GF_OK, ""};
        if (s->states[p] == GF_POINT_SAVED || is_stopped(s) || status_of(s) != GF_OK)
            continue;
        const gf_status status =
            gf_sweep_point_run(&s->base, w->points + p, w->n_points, &inner, w->values + p, &own);
#pragma omp critical(gf_sweep)
        take(s, p, status, &own);
    }
    return s->status == GF_OK && s->n_done < w->n_here ? GF_INTERRUPTED : s->status;
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
static int find_indices_of(const gf_sweeper *s, size_t number, gf_sobol_index *of_groups)
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

static gf_status find_indices(gf_sweeper *s, gf_error *error)
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
    return failed ? gf_sweeper_out_of_memory(error, w->n_points) : GF_OK;
}

static gf_status write_file(const gf_sweeper *s, time_t started, double start, gf_error *error)
{
    const gf_provenance provenance = {.threads = gf_run_threads(&s->options->run),
                                      .isa = gf_isa_name(s->options->run.isa),
                                      .command_line = s->options->command_line,
                                      .started = started,
                                      .duration_seconds = gf_sweeper_now() - start};
    const gf_sweep_about about = {s->design, s->measures, s->config_text, s->seed};
    return gf_sweep_write(s->sweep, &about, s->options->path, &provenance, error);
}

/* --- a sweep from end to end --- */

/* Points that are done are kept, whatever went wrong. */
static void keep(gf_sweeper *s, gf_status status, gf_error *error)
{
    gf_error own = {GF_OK, ""}, first = *error;
    if (gf_sweeper_save(s, &own) != GF_OK)
        gf_error_set(error, status, "%.500s; what was done could not be kept: %.400s",
                     status == GF_INTERRUPTED ? "interrupted" : first.message, own.message);
    else if (status == GF_INTERRUPTED)
        gf_error_set(error, status, "interrupted after %zu of %zu points; %s%s", s->n_done, s->sweep->n_here,
                     s->n_done == 0 ? "nothing is kept" : "the same command goes on with those in ",
                     s->n_done == 0 ? "" : s->parts.folder);
    else if (s->n_done > 0)
        gf_error_set(error, status, "%.600s; the same command goes on with the parts in %.300s",
                     first.message, s->parts.folder);
}

/* The numbers at all points of this call: the shard's, all, or those of shards. */
static gf_status find_values(gf_sweeper *s, gf_error *error)
{
    if (s->options->n_shard_files > 0)
        return gf_sweeper_take_shards(s, error);
    gf_status status = gf_sweeper_check_points(s, error);
    if (status == GF_OK)
        status = gf_sweeper_collect_parts(s, error);
    if (status != GF_OK)
        return status;
    if (s->options->progress != NULL)
        s->options->progress(s->options->context, s->n_done, s->sweep->n_here);
    status = run_points(s, error);
    if (status != GF_OK)
        keep(s, status, error);
    return status;
}

/* Is there nothing to do? */
static gf_status look_around(gf_sweeper *s, int *is_there, gf_error *error)
{
    const gf_sweep_file wanted = {.design_text = s->design->text,
                                  .config_text = s->config_text,
                                  .seed = s->seed,
                                  .portfolios = (uint64_t)s->design->portfolios,
                                  .n_points = s->sweep->n_points};
    if (s->options->shard.n > 0)
        return gf_sweeper_look_at_shard(s, is_there, error);
    *is_there = s->options->is_resume && gf_sweep_file_holds(s->options->path, &wanted);
    return *is_there ? GF_OK : gf_shard_spare(s->options->path, error);
}

static gf_status run_and_write(gf_sweeper *s, gf_error *error)
{
    gf_sweep *w = s->sweep;
    const time_t started = time(NULL);
    const double start = gf_sweeper_now();
    s->last_part = start;
    gf_status status = look_around(s, &w->was_complete, error);
    if (status == GF_OK && w->was_complete) { /* perhaps it ended before its parts were removed */
        status = gf_parts_find(&s->parts, s->options->path, s->identity, error);
        if (status == GF_OK)
            gf_parts_remove(&s->parts, 0);
        return status;
    }
    if (status != GF_OK)
        return status;
    status = find_values(s, error);
    if (status != GF_OK)
        return status;
    if (s->options->shard.n > 0)
        status = gf_sweeper_write_part(s, s->options->path, w->first, w->n_here, error);
    else if ((status = find_indices(s, error)) == GF_OK)
        status = write_file(s, started, start, error);
    w->seconds = gf_sweeper_now() - start;
    if (s->options->n_shard_files > 0)
        return status;
    if (status == GF_OK)
        gf_parts_remove(&s->parts, 0);
    else
        keep(s, status, error);
    return status;
}

gf_status gf_sweeper_init(gf_sweeper *s, gf_error *error)
{
    gf_status status = read_base(s, error);
    if (status == GF_OK)
        status = take_memory(s, error);
    return status == GF_OK ? find_identity(s, error) : status;
}

void gf_sweeper_clear(gf_sweeper *s)
{
    gf_parts_clear(&s->parts);
    gf_sweep_base_clear(&s->base);
    free(s->config_text);
    free(s->states);
}

gf_status gf_sweep_check(const gf_design *design, const gf_sweep_options *options, char **base_text,
                         gf_error *error)
{
    gf_sweep sweep = {0};
    gf_sweeper s = {.design = design, .options = options, .sweep = &sweep};
    gf_error own = {GF_OK, ""};
    gf_status status = gf_sweeper_init(&s, &own);
    if (status == GF_OK)
        status = gf_sweeper_check_points(&s, &own);
    if (status == GF_OK) {
        *base_text = s.config_text;
        s.config_text = NULL;
    } else if (error != NULL) {
        *error = own;
    }
    gf_sweeper_clear(&s);
    gf_sweep_clear(&sweep);
    return status;
}

gf_status gf_sweep_run(const gf_design *design, const gf_sweep_options *options, gf_sweep *sweep,
                       gf_error *error)
{
    gf_sweeper s = {.design = design, .options = options, .sweep = sweep};
    gf_error own = {GF_OK, ""};
    gf_lock lock = {.file = -1};
    *sweep = (gf_sweep){0};
    gf_status status = gf_sweeper_init(&s, &own);
    if (status == GF_OK)
        status = gf_sweep_file_check(options->path, &own);
    if (status == GF_OK)
        status = gf_lock_take(&lock, options->path, &own);
    if (status == GF_OK && lock.is_real)
        gf_parts_sweep(options->path);
    else if (status == GF_OK)
        gf_sweeper_note(&s,
                        "the file system knows no locks: see to it that no other run writes the same file");
    if (status == GF_OK)
        status = run_and_write(&s, &own);
    gf_lock_drop(&lock);
    gf_sweeper_clear(&s);
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
