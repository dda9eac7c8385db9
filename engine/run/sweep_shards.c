/* Sweeps in shards: which are there, and all of them together. */
#include "run/sweep_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/results.h"

gf_status gf_sweeper_look_at_shard(gf_sweeper *s, int *is_there, gf_error *error)
{
    const gf_sweep *w = s->sweep;
    gf_part_info found;
    *is_there = 0;
    if (gf_sweeper_read_part(s, s->options->path, &found, NULL) != GF_OK)
        return gf_results_is_finished(s->options->path)
                   ? gf_error_set(error, GF_CREATE,
                                  "%s holds a finished result; expected another name for shard %d of %d",
                                  s->options->path, s->options->shard.k, s->options->shard.n)
                   : GF_OK; /* whatever it is, it is replaced when the shard is complete */
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

/* Shard k of n was among them: is_there[k − 1]. */
typedef struct shards_seen {
    int is_begun, n; /* n 0: they are not all of one cut */
    unsigned char *is_there;
} shards_seen;

static int was_seen(const void *context, gf_shard shard, const char *name)
{
    const shards_seen *seen = context;
    (void)name;
    return seen->is_there[shard.k - 1];
}

/* 0: it was among them before. */
static int see(shards_seen *seen, const gf_part_info *found)
{
    if (!seen->is_begun) {
        seen->is_begun = 1;
        if (found->n_shards > 0 && found->n_shards <= GF_MAX_SHARDS)
            seen->is_there = calloc((size_t)found->n_shards, 1);
        seen->n = seen->is_there != NULL ? found->n_shards : 0;
    }
    if (found->n_shards != seen->n || found->shard < 1 || found->shard > seen->n) {
        seen->n = 0;
        return 1;
    }
    const int is_new = !seen->is_there[found->shard - 1];
    seen->is_there[found->shard - 1] = 1;
    return is_new;
}

/* What is missing, as "shards 2,5-7 of 8" where that can be told. */
static gf_status report_missing(const gf_sweeper *s, const shards_seen *seen, size_t n_missing,
                                gf_error *error)
{
    const gf_sweep_options *o = s->options;
    char *list = NULL, which[200] = "";
    size_t size = 0;
    FILE *out = seen->n > 0 ? open_memstream(&list, &size) : NULL;
    if (out != NULL) {
        (void)gf_shards_list_missing(o->path, seen->n, was_seen, seen, out, NULL);
        if (fclose(out) == 0 && size > 1)
            snprintf(which, sizeof which, ": shard%s %.*s of %d %s missing",
                     strpbrk(list, ",-") != NULL ? "s" : "", (int)(size - 1 < 120 ? size - 1 : 120), list,
                     seen->n, strpbrk(list, ",-") != NULL ? "are" : "is");
    }
    free(list);
    return gf_error_set(error, GF_CONFIG,
                        "%zu of %zu points are in none of the %d files%s; expected all shards of the sweep",
                        n_missing, s->sweep->n_points, o->n_shard_files, which);
}

/* Files that are of no use: one is the error, of several each is told. */
typedef struct refusals {
    int n;
    gf_error first;
} refusals;

static void refuse(const gf_sweep_options *o, refusals *refused, const gf_error *why)
{
    refused->n++;
    if (refused->n == 1)
        refused->first = *why;
    else if (o->problem != NULL && refused->n == 2)
        o->problem(o->context, refused->first.message);
    if (refused->n > 1 && o->problem != NULL)
        o->problem(o->context, why->message);
}

static gf_status report_refused(const gf_sweep_options *o, const refusals *refused, gf_error *error)
{
    *error = refused->first;
    return refused->n == 1 ? error->status
                           : gf_error_set(error, error->status,
                                          "%d of %d files are no shards of this sweep; nothing was written",
                                          refused->n, o->n_shard_files);
}

gf_status gf_sweeper_take_shards(gf_sweeper *s, gf_error *error)
{
    const gf_sweep_options *o = s->options;
    size_t n_missing = 0;
    shards_seen seen = {0};
    refusals refused = {0};
    gf_status status = GF_OK;
    for (int i = 0; i < o->n_shard_files; i++) {
        gf_part_info found;
        gf_error why = {GF_OK, ""};
        if (gf_sweeper_read_part(s, o->shard_files[i], &found, &why) == GF_OK && !see(&seen, &found))
            gf_error_set(&why, GF_CONFIG, "%s: doubled: shard %d of %d is there twice", o->shard_files[i],
                         found.shard, found.n_shards);
        if (why.status != GF_OK)
            refuse(o, &refused, &why);
        if (o->progress != NULL)
            o->progress(o->context, (uint64_t)i + 1, (uint64_t)o->n_shard_files);
    }
    for (size_t p = 0; p < s->sweep->n_points; p++)
        n_missing += s->states[p] != GF_POINT_SAVED;
    if (refused.n > 0)
        status = report_refused(o, &refused, error);
    else if (n_missing > 0)
        status = report_missing(s, &seen, n_missing, error);
    free(seen.is_there);
    return status;
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
    if (status == GF_OK) /* all, each of which some shard would find wrong only when it comes to it */
        status = gf_sweeper_check_points(&s, &own);
    if (status == GF_OK)
        status = gf_shards_list_missing(options->path, n, has_shard, &s, out, &own);
    gf_sweeper_clear(&s);
    gf_sweep_clear(&sweep);
    if (status != GF_OK && error != NULL)
        *error = own;
    return status;
}
