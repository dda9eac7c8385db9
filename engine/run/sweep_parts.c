/* Parts of sweeps: points that are done, kept for the next call. */
#include "run/sweep_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/provenance.h"

double gf_sweeper_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

gf_status gf_sweeper_out_of_memory(gf_error *error, size_t n)
{
    return gf_error_set(error, GF_MEMORY, "out of memory for a sweep of %zu points", n);
}

void gf_sweeper_note(const gf_sweeper *s, const char *text)
{
    if (s->options->note != NULL)
        s->options->note(s->options->context, text);
}

/* Points first … first + n − 1; points are the columns of a part. */
static gf_part_info part_info(const gf_sweeper *s, size_t first, size_t n)
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
                         .n_portfolios = n,
                         .shard = s->options->shard.k,
                         .n_shards = s->options->shard.n};
    info.rows[GF_PART_COLUMNS] = (uint64_t)gf_sweep_n_rows(&s->base);
    info.portfolios[GF_PART_COLUMNS] = n;
    return info;
}

gf_status gf_sweeper_write_part(const gf_sweeper *s, const char *path, size_t first, size_t n,
                                gf_error *error)
{
    const gf_sweep *w = s->sweep;
    const gf_part_info info = part_info(s, first, n);
    gf_part *part = NULL;
    gf_status status = gf_part_create(&part, path, &info, error);
    if (status != GF_OK)
        return status;
    status = gf_part_write(part, GF_PART_COLUMNS, 0, n, w->values + first, w->n_points, error);
    if (status == GF_OK)
        return gf_part_commit(part, error);
    gf_part_close(part);
    return status;
}

static gf_status save_range(gf_sweeper *s, size_t first, size_t n, gf_error *error)
{
    char *path = gf_parts_name(&s->parts, first, n, error);
    if (path == NULL)
        return error->status;
    const gf_status status = gf_sweeper_write_part(s, path, first, n, error);
    free(path);
    if (status == GF_OK)
        memset(s->states + first, GF_POINT_SAVED, n);
    return status;
}

/* All that is done and in no part yet. */
gf_status gf_sweeper_save(gf_sweeper *s, gf_error *error)
{
    const size_t n_points = s->sweep->n_points;
    gf_status status = GF_OK;
    for (size_t p = 0, end; p < n_points && status == GF_OK; p = end) {
        for (end = p; end < n_points && s->states[end] == GF_POINT_DONE; end++)
            ;
        if (end > p)
            status = save_range(s, p, end - p, error);
        else
            end++;
    }
    s->last_part = gf_sweeper_now();
    return status;
}

/* 1 if the part is of this sweep and all its points are of the design. */
static int fits(const gf_sweeper *s, const gf_part_info *info)
{
    const uint64_t n_points = s->sweep->n_points, first = info->first_portfolio, n = info->n_portfolios;
    return info->identity == s->identity && n <= n_points && first <= n_points - n &&
           (n == 0 || info->rows[GF_PART_COLUMNS] == (uint64_t)gf_sweep_n_rows(&s->base)) &&
           info->portfolios[GF_PART_COLUMNS] == n;
}

gf_status gf_sweeper_read_part(gf_sweeper *s, const char *path, gf_part_info *found, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    gf_part *part = NULL;
    gf_status status = gf_part_open(&part, path, error);
    if (status != GF_OK)
        return status;
    const gf_part_info *info = gf_part_about(part);
    if (!fits(s, info))
        status = gf_error_set(error, GF_CONFIG,
                              "%s: points of another sweep; expected the same design, base config, --set, "
                              "--seed, --portfolios and version of the program",
                              path);
    else if (info->n_portfolios > 0)
        status = gf_part_read(part, GF_PART_COLUMNS, 0, (size_t)info->n_portfolios,
                              w->values + info->first_portfolio, w->n_points, error);
    if (status == GF_OK)
        memset(s->states + info->first_portfolio, GF_POINT_SAVED, (size_t)info->n_portfolios);
    if (status == GF_OK && found != NULL)
        *found = (gf_part_info){.first_portfolio = info->first_portfolio,
                                .n_portfolios = info->n_portfolios,
                                .shard = info->shard,
                                .n_shards = info->n_shards};
    gf_part_close(part);
    return status;
}

/* Takes in what an earlier call left; what is of no use is removed and run again. */
static void absorb(gf_sweeper *s, const gf_found_part *found)
{
    gf_error why = {GF_OK, ""};
    const gf_status status = gf_sweeper_read_part(s, found->path, NULL, &why);
    if (status == GF_OK)
        return;
    char text[1200];
    snprintf(text, sizeof text, "%.1000s; its points are run again", why.message);
    gf_sweeper_note(s, text);
    if (status == GF_CONFIG) /* under its name it will be written again */
        remove(found->path);
}

gf_status gf_sweeper_collect_parts(gf_sweeper *s, gf_error *error)
{
    gf_status status = gf_parts_find(&s->parts, s->options->path, s->identity, error);
    if (status == GF_OK && s->options->is_fresh) {
        gf_parts_remove(&s->parts, 1);
        gf_parts_clear(&s->parts);
        status = gf_parts_find(&s->parts, s->options->path, s->identity, error);
    }
    for (size_t i = 0; i < s->parts.n_found && status == GF_OK; i++)
        absorb(s, &s->parts.found[i]);
    for (size_t p = s->sweep->first; p < s->sweep->first + s->sweep->n_here; p++)
        s->n_done += s->states[p] == GF_POINT_SAVED;
    s->sweep->n_from_parts = s->n_done;
    if (s->n_done > 0) {
        char text[1200];
        snprintf(text, sizeof text, "%zu of %zu points are in %.900s already", s->n_done, s->sweep->n_here,
                 s->parts.folder);
        gf_sweeper_note(s, text);
    }
    return status;
}
