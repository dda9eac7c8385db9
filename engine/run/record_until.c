/* A run that stops by a rule: look by look, and then the file of as many portfolios as there were. What is
 * collected on the way has no file of its own, since the size of one must be known before it is written. */
#include "run/recorder.h"

#include <stdio.h>

gf_status gf_recorder_config_of(const gf_recorder *r, uint64_t n, gf_config *config, gf_error *error)
{
    char override[48];
    const char *const overrides[] = {override};
    gf_error_list errors = {0};
    snprintf(override, sizeof override, "--portfolios=%llu", (unsigned long long)n);
    const gf_status status = gf_config_change(r->config, 1, overrides, config, &errors);
    if (status != GF_OK)
        gf_error_set(error, status, "the config of %llu portfolios: %s", (unsigned long long)n,
                     errors.n > 0 ? errors.errors[0].message : "out of memory");
    gf_errors_clear(&errors);
    return status;
}

/* --- the looks --- */

/* A part beyond a look tells that the rule was not met there: whoever wrote it went on. */
static uint64_t end_of_parts(const gf_recorder *r)
{
    uint64_t end = 0;
    for (size_t i = 0; i < r->parts.n_found; i++)
        if (r->is_taken[i])
            end = r->parts.found[i].first + r->parts.found[i].n;
    return end;
}

/* The look at which the rule will be met if the error goes on falling as it should. */
static uint64_t expected_end(const gf_until_verdict *v, uint64_t next, uint64_t most)
{
    return v->n_needed > next ? gf_until_look(v->n_needed, most) : next;
}

gf_status gf_recorder_collect_until(gf_recorder *r, gf_error *error)
{
    const uint64_t most = r->collection.plan.n_portfolios;
    gf_until_verdict *verdict = &r->record->verdict;
    gf_status status = gf_recorder_take_parts(r, error);
    uint64_t at = 0, look = status == GF_OK ? gf_until_look(end_of_parts(r), most) : 0;
    r->n_expected = look;
    while (status == GF_OK && at < look) {
        gf_until_sums sums;
        status = gf_recorder_fill(r, at, look, error);
        if (status != GF_OK)
            break;
        gf_collection_sum_up(&r->collection, &sums);
        *verdict = gf_until_judge(r->options->until, &sums, look, most);
        at = look;
        look = verdict->is_met ? look : gf_until_look(look + 1, most);
        r->n_expected = expected_end(verdict, look, most);
    }
    return status;
}

/* --- the file --- */

static gf_status open_last(const gf_recorder *r, gf_recorder *last, gf_error *error)
{
    const gf_status status =
        gf_collection_init(&last->collection, last->config, r->options->path, (gf_shard){0, 0}, error);
    if (status != GF_OK)
        return status;
    last->collection.stop_rule = r->options->until->text;
    last->collection.is_stop_met = r->record->verdict.is_met;
    return gf_collection_open(&last->collection, gf_run_threads(&r->options->run), error);
}

/* Sketches of few portfolios are made of smaller batches: these few are simulated again. */
static gf_status run_again(gf_recorder *r, gf_recorder *last, gf_error *error)
{
    const uint64_t n = last->collection.plan.n_portfolios;
    gf_error own = {GF_OK, ""};
    last->n_expected = n;
    gf_status status = gf_recorder_fill(last, 0, n, error);
    if (status == GF_INTERRUPTED && gf_recorder_save_part(r, &own) != GF_OK) {
        *error = own;
        status = own.status;
    }
    return status;
}

static gf_status fill_last(gf_recorder *r, gf_recorder *last, gf_error *error)
{
    const double start = gf_recorder_now(), cpu_start = gf_recorder_cpu();
    if (!gf_collection_can_hand_over(&r->collection, &last->collection))
        return run_again(r, last, error);
    const gf_status status = gf_collection_hand_over(&r->collection, &last->collection, error);
    r->record->seconds_writing += gf_recorder_now() - start;
    r->record->cpu_writing += gf_recorder_cpu() - cpu_start;
    return status;
}

gf_status gf_recorder_finish_until(gf_recorder *r, gf_error *error)
{
    gf_config config = {0};
    gf_recorder last = {.config = &config,
                        .options = r->options,
                        .record = r->record,
                        .started = r->started,
                        .start = r->start,
                        .cpu_start = r->cpu_start};
    gf_run_crew_clear(&r->crew);
    gf_status status = gf_recorder_config_of(r, r->record->verdict.n, &config, error);
    if (status == GF_OK)
        status = open_last(r, &last, error);
    if (status == GF_OK)
        status = fill_last(r, &last, error);
    if (status == GF_OK)
        status = gf_recorder_finish(&last, error);
    if (status == GF_OK)
        r->record->n_portfolios = r->record->verdict.n;
    gf_run_crew_clear(&last.crew);
    gf_collection_clear(&last.collection);
    gf_config_clear(&config);
    return status;
}
