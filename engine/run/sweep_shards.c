/* Sweeps in shards: which are there, and all of them together. */
#include "run/sweep_inside.h"

#include <stdio.h>
#include <string.h>

gf_status gf_sweeper_look_at_shard(gf_sweeper *s, int *is_there, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    gf_part_info found;
    *is_there = 0;
    if (gf_sweeper_read_part(s, s->options->path, &found, NULL) != GF_OK)
        return GF_OK; /* whatever it is, it is replaced when the shard is complete */
    const int is_same = found.first_portfolio == w->first && found.n_portfolios == w->n_here;
    *is_there = is_same && !s->options->is_fresh;
    if (!*is_there)
        memset(s->states, GF_POINT_MISSING, w->n_points);
    if (is_same)
        return GF_OK;
    return gf_error_set(error, GF_CREATE,
                        "%s holds shard %d of %d of the same sweep; expected another name for shard %d of %d",
                        s->options->path, found.shard, found.n_shards, s->options->shard.k,
                        s->options->shard.n);
}

/* The first points that no shard had, as first … end − 1; 0 if none is missing. */
static int find_gap(const gf_sweeper *s, size_t *first, size_t *end)
{
    const size_t n = s->sweep->n_points;
    for (*first = 0; *first < n && s->states[*first] == GF_POINT_SAVED; ++*first)
        ;
    for (*end = *first; *end < n && s->states[*end] != GF_POINT_SAVED; ++*end)
        ;
    return *first < n;
}

gf_status gf_sweeper_take_shards(gf_sweeper *s, gf_error *error)
{
    const gf_sweep_options *o = s->options;
    size_t first, end, n_missing = 0;
    gf_parts_sweep_beside(o->path);
    for (int i = 0; i < o->n_shard_files; i++) {
        const gf_status status = gf_sweeper_read_part(s, o->shard_files[i], NULL, error);
        if (status != GF_OK)
            return status;
        if (o->progress != NULL)
            o->progress(o->context, (uint64_t)i + 1, (uint64_t)o->n_shard_files);
    }
    if (!find_gap(s, &first, &end))
        return GF_OK;
    for (size_t p = 0; p < s->sweep->n_points; p++)
        n_missing += s->states[p] != GF_POINT_SAVED;
    return gf_error_set(error, GF_CONFIG,
                        "%zu of %zu points are in none of the %d shards, the first of them %zu to %zu; "
                        "expected all shards of the sweep",
                        n_missing, s->sweep->n_points, o->n_shard_files, first, end - 1);
}

static int has_shard(const void *context, gf_shard shard, const char *name)
{
    const gf_sweeper *s = context;
    gf_sweeper reader = *s;
    gf_part_info found;
    uint64_t first, n;
    gf_shard_range(shard, s->sweep->n_points, 1, &first, &n);
    return gf_sweeper_read_part(&reader, name, &found, NULL) == GF_OK && found.first_portfolio == first &&
           found.n_portfolios == n;
}

gf_status gf_sweep_list_missing(const gf_design *design, const gf_sweep_options *options, int n, FILE *out,
                                gf_error *error)
{
    gf_sweep sweep = {0};
    gf_sweeper s = {.design = design, .options = options, .sweep = &sweep};
    gf_error own = {GF_OK, ""};
    gf_status status = gf_sweeper_init(&s, &own);
    if (status == GF_OK)
        status = gf_shards_list_missing(options->path, n, has_shard, &s, out, &own);
    gf_sweeper_clear(&s);
    gf_sweep_clear(&sweep);
    if (status != GF_OK && error != NULL)
        *error = own;
    return status;
}
