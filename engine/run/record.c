/* Records a run: lock, what is there, what is missing, the finished file. */
#include "run/record.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/lock.h"
#include "run/recorder.h"

/* --- what is there already
 * ------------------------------------------------------------------------------------------- */

/* A result by this rule, of a number of portfolios that this run would also stop at. */
static int is_stopped_result(const gf_recorder *r, const gf_results_info *info, gf_config *config)
{
    const gf_until *until = r->options->until;
    const uint64_t n = info->n_portfolios, most = r->collection.plan.n_portfolios;
    r->record->verdict = (gf_until_verdict){.n = n,
                                            .n_looks = gf_until_count_looks(n, most),
                                            .is_met = info->is_stop_met,
                                            .estimate = NAN,
                                            .se = NAN,
                                            .bound = NAN};
    return info->stop_rule != NULL && strcmp(info->stop_rule, until->text) == 0 && n <= most &&
           gf_until_look(n, most) == n && (info->is_stop_met || n == most) &&
           gf_recorder_config_of(r, n, config, NULL) == GF_OK;
}

/* What the rule of a complete result came to, if its summary has that number: P(column>=x) or column.mean. */
static void recall_estimate(const gf_recorder *r)
{
    const gf_until *until = r->options->until;
    char name[GF_UNTIL_TEXT + 8] = "";
    if (strncmp(until->name, "mean(", 5) == 0) {
        snprintf(name, sizeof name, "%.*s.mean", (int)strcspn(until->name + 5, ")"), until->name + 5);
    } else {
        size_t n = 0;
        for (const char *at = until->name; *at != '\0' && n + 1 < sizeof name; at++)
            if (*at != ' ')
                name[n++] = *at;
    }
    const gf_number *number = gf_summary_find(&r->record->summary, name);
    if (number != NULL) {
        r->record->verdict.estimate = number->value;
        r->record->verdict.se = number->se;
    }
}

static int is_complete_result(const gf_recorder *r)
{
    gf_results_file *file = NULL;
    gf_config stopped = {0};
    if (r->options->mode != GF_RECORD_RESUME || gf_results_open(&file, r->options->path, NULL) != GF_OK)
        return 0;
    const gf_results_info *info = gf_results_about(file);
    const int has_rule = r->options->until != NULL;
    int is_same = has_rule ? is_stopped_result(r, info, &stopped) : info->stop_rule == NULL;
    const gf_config *config = has_rule && is_same ? &stopped : r->config;
    is_same = is_same && strcmp(info->config_text, config->text) == 0 &&
              info->seed == config->scenario.seed &&
              info->n_portfolios == (uint64_t)config->scenario.portfolios &&
              info->portfolios_total == info->n_portfolios &&
              strcmp(info->program_version, gf_program_version()) == 0 && info->is_of_this_revision;
    gf_summary *summary = &r->record->summary;
    is_same = is_same && gf_results_read_numbers(file, &summary->numbers, &summary->n, NULL) == GF_OK;
    if (is_same)
        r->record->n_portfolios = info->n_portfolios;
    if (is_same && has_rule)
        recall_estimate(r);
    gf_config_clear(&stopped);
    gf_results_close(file);
    return is_same;
}

/* A shard that is there stays if it is this one; one of the same run but of another place is never
 * overwritten, nor is a finished result. */
static gf_status look_at_shard(gf_recorder *r, gf_error *error)
{
    gf_part *part = NULL;
    gf_status status = GF_OK;
    if (gf_part_open(&part, r->options->path, NULL) != GF_OK)
        return gf_results_is_finished(r->options->path)
                   ? gf_error_set(error, GF_CREATE,
                                  "%s holds a finished result; expected another name for shard %d of %d",
                                  r->options->path, r->options->shard.k, r->options->shard.n)
                   : GF_OK;
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

static gf_status look_around(gf_recorder *r, gf_error *error)
{
    gf_status status = gf_parts_find(&r->parts, r->options->path, r->collection.identity, error);
    if (status == GF_OK && r->options->shard.n > 0)
        status = look_at_shard(r, error);
    else if (status == GF_OK && !(r->record->was_complete = is_complete_result(r)))
        status = gf_shard_spare(r->options->path, error);
    if (status != GF_OK)
        return status;
    if (r->options->mode == GF_RECORD_FRESH) {
        gf_parts_remove(&r->parts, 1);
        gf_parts_clear(&r->parts);
        return gf_parts_find(&r->parts, r->options->path, r->collection.identity, error);
    }
    if (r->parts.n_foreign > 0)
        gf_recorder_note(
            r,
            "%s also holds %zu part%s of other runs (another config, seed or version), not used; --fresh "
            "removes them",
            r->parts.folder, r->parts.n_foreign, r->parts.n_foreign == 1 ? "" : "s");
    return GF_OK;
}

/* --- a run from end to end
 * ------------------------------------------------------------------------------------------- */

gf_status gf_recorder_finish(gf_recorder *r, gf_error *error)
{
    const gf_run_options *run = &r->options->run;
    gf_run_crew_clear(&r->crew); /* room for the summary */
    const double summing = gf_recorder_now(), cpu_summing = gf_recorder_cpu();
    r->record->seconds_simulating = summing - r->start - r->record->seconds_writing;
    r->record->cpu_simulating = cpu_summing - r->cpu_start - r->record->cpu_writing;
    gf_status status = gf_collection_finish(&r->collection, &r->record->summary, error);
    r->record->seconds_summing = gf_recorder_now() - summing;
    r->record->cpu_summing = gf_recorder_cpu() - cpu_summing;
    const gf_provenance provenance = {.threads = gf_run_threads(run),
                                      .isa = gf_isa_name(run->isa),
                                      .command_line = r->options->command_line,
                                      .started = r->started,
                                      .duration_seconds = gf_recorder_now() - r->start};
    const double committing = gf_recorder_now(), cpu_committing = gf_recorder_cpu();
    if (status == GF_OK)
        status = gf_collection_commit(&r->collection, &provenance, error);
    /* the rest of the file, its checksum and its name */
    r->record->seconds_writing += gf_recorder_now() - committing;
    r->record->cpu_writing += gf_recorder_cpu() - cpu_committing;
    return status;
}

/* Says how a run that failed can go on. */
static void explain(const gf_recorder *r, gf_status status, gf_error *error)
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

/* All portfolios, or as many as the rule asks for, and the file of them. */
static gf_status collect_and_finish(gf_recorder *r, gf_error *error)
{
    const gf_run_plan *plan = &r->collection.plan;
    gf_status status;
    if (r->options->until != NULL) {
        status = gf_recorder_collect_until(r, error);
        return status == GF_OK ? gf_recorder_finish_until(r, error) : status;
    }
    r->n_expected = plan->n_portfolios;
    status = gf_recorder_take_parts(r, error);
    if (status == GF_OK)
        status =
            gf_recorder_fill(r, plan->first_portfolio, plan->first_portfolio + plan->n_portfolios, error);
    return status == GF_OK ? gf_recorder_finish(r, error) : status;
}

static gf_status run_and_write(gf_recorder *r, gf_error *error)
{
    r->started = time(NULL);
    r->start = r->last_part = gf_recorder_now();
    r->cpu_start = gf_recorder_cpu();
    gf_status status = r->options->path != NULL ? look_around(r, error) : GF_OK;
    if (status != GF_OK)
        return status;
    if (r->record->was_complete) {
        gf_parts_remove(&r->parts, 0);
        return GF_OK;
    }
    const double opening = gf_recorder_now(), cpu_opening = gf_recorder_cpu();
    status = gf_collection_open(&r->collection, gf_run_threads(&r->options->run), error);
    /* the file and its datasets are made now */
    r->record->seconds_writing += gf_recorder_now() - opening;
    r->record->cpu_writing += gf_recorder_cpu() - cpu_opening;
    if (status == GF_OK)
        status = collect_and_finish(r, error);
    if (status == GF_OK && r->options->path != NULL)
        gf_parts_remove(&r->parts, 0);
    else if (status != GF_OK)
        explain(r, status, error);
    return status;
}

gf_status gf_record_run(const gf_config *config, const gf_record_options *options, gf_record *record,
                        gf_error *error)
{
    gf_error own = {GF_OK, ""};
    gf_recorder r = {.config = config, .options = options, .record = record};
    gf_lock lock = {.file = -1};
    assert(options->until == NULL || options->shard.n == 0);
    *record = (gf_record){0};
    gf_status status = gf_collection_init(&r.collection, config, options->path, options->shard, &own);
    if (status == GF_OK && options->until != NULL)
        gf_collection_stop_by(&r.collection, options->until);
    record->first_portfolio = r.collection.plan.first_portfolio;
    record->n_portfolios = r.collection.plan.n_portfolios;
    if (status == GF_OK && options->path != NULL)
        status = gf_lock_take(&lock, options->path, &own);
    if (status == GF_OK && lock.is_real)
        gf_parts_sweep(options->path);
    else if (status == GF_OK && options->path != NULL)
        gf_recorder_note(&r, "the file system of %s knows no locks: see to it that no other run writes it",
                         options->path);
    if (status == GF_OK)
        status = run_and_write(&r, &own);
    gf_run_crew_clear(&r.crew);
    gf_collection_clear(&r.collection);
    free(r.is_taken);
    gf_parts_clear(&r.parts);
    gf_lock_drop(&lock);
    if (status != GF_OK && error != NULL)
        *error = own;
    return status;
}
