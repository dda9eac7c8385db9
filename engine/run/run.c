/* The one OpenMP loop over portfolios. */
#include "run/run.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"

enum { BATCH = 256, CHUNK_MOST = 65536, CHUNK_STARTUPS = 1 << 23 };

gf_run_plan gf_run_plan_of(const gf_scenario *s)
{
    const gf_output_params *out = &s->output;
    const uint64_t n = (uint64_t)s->portfolios;
    uint64_t chunk = CHUNK_STARTUPS / (uint64_t)s->startups.count / BATCH * BATCH;
    chunk = chunk < BATCH ? BATCH : chunk > CHUNK_MOST ? CHUNK_MOST : chunk;
    gf_run_plan plan = {.n_portfolios = n, .chunk = chunk, .batch = BATCH};
    plan.keep_every = out->portfolios == GF_KEEP_ALL      ? 1
                      : out->portfolios == GF_KEEP_SAMPLE ? (uint64_t)out->sample_every
                                                          : 0;
    plan.n_quarters_of = (uint64_t)out->quarters_of < n ? (uint64_t)out->quarters_of : n;
    plan.n_startups_of = (uint64_t)out->startups_of < n ? (uint64_t)out->startups_of : n;
    /* a small run of large portfolios should still keep all threads busy */
    while (plan.batch > GF_LANES && n / plan.batch < 64)
        plan.batch /= 2;
    return plan;
}

uint64_t gf_run_plan_kept(const gf_run_plan *plan, uint64_t *first_kept)
{
    *first_kept = 0;
    if (plan->keep_every == 0)
        return 0;
    const uint64_t end = plan->first_portfolio + plan->n_portfolios;
    *first_kept = (plan->first_portfolio + plan->keep_every - 1) / plan->keep_every * plan->keep_every;
    return *first_kept >= end ? 0 : (end - 1 - *first_kept) / plan->keep_every + 1;
}

uint64_t gf_run_plan_below(const gf_run_plan *plan, uint64_t limit)
{
    if (limit <= plan->first_portfolio)
        return 0;
    const uint64_t below = limit - plan->first_portfolio;
    return below < plan->n_portfolios ? below : plan->n_portfolios;
}

int gf_run_threads(const gf_run_options *options)
{
    return options->threads > 0 ? options->threads : omp_get_max_threads();
}

typedef struct run_state {
    const gf_scenario *scenario;
    const gf_layout *layout;
    const gf_run_plan *plan;
    const gf_run_options *options;
    const gf_run_listener *listener;
    int n_threads, lanes;
    gf_workspace **workspaces;
    double *columns;        /* of one chunk */
    unsigned char *is_done; /* of the chunk's batches */
    uint64_t done;
} run_state;

static void release(run_state *r)
{
    for (int i = 0; r->workspaces != NULL && i < r->n_threads; i++)
        gf_workspace_free(r->workspaces[i]);
    free(r->workspaces);
    free(r->columns);
    free(r->is_done);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Each thread makes its own workspace, so that its pages lie near its core. */
static gf_status acquire(run_state *r, gf_error *error)
{
    const size_t chunk = (size_t)least(r->plan->chunk, r->plan->n_portfolios);
    r->columns = gf_room_new((size_t)r->layout->n_columns * chunk * sizeof *r->columns);
    r->is_done = malloc(chunk / (size_t)r->plan->batch + 1);
    r->workspaces = calloc((size_t)r->n_threads, sizeof(gf_workspace *));
    if (r->columns == NULL || r->workspaces == NULL || r->is_done == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for a chunk of %llu portfolios",
                            (unsigned long long)r->plan->chunk);
    gf_status worst = GF_OK;
#pragma omp parallel num_threads(r->n_threads)
    {
        gf_error own = {GF_OK, ""};
        const int i = omp_get_thread_num();
        if (gf_workspace_new(&r->workspaces[i], r->scenario, r->layout, r->options->isa, &own) != GF_OK) {
#pragma omp critical
            {
                worst = own.status;
                if (error != NULL)
                    *error = own;
            }
        }
    }
    return worst;
}

static int is_stopped(const run_state *r)
{
    return r->options->stop != NULL && *r->options->stop != 0;
}

/* One batch: portfolios first … first + n − 1 of the run, at row `row` of the chunk. */
static void simulate_batch(run_state *r, gf_workspace *workspace, uint64_t first, uint64_t n, uint64_t row,
                           uint64_t stride)
{
    const gf_run_listener *l = r->listener;
    for (uint64_t i = 0; i < n;) {
        const uint64_t p = first + i;
        /* blocks never straddle the last portfolio with series or startups */
        uint64_t lanes = least((uint64_t)r->lanes, n - i);
        const int has_series = l->series != NULL && p < r->plan->n_quarters_of;
        const int has_startups = l->startups != NULL && p < r->plan->n_startups_of;
        if (has_series)
            lanes = least(lanes, r->plan->n_quarters_of - p);
        if (has_startups)
            lanes = least(lanes, r->plan->n_startups_of - p);
        const gf_sink sink = {.columns = r->columns + row + i,
                              .columns_stride = stride,
                              .series = has_series ? l->series + (p - l->buffers_first) : NULL,
                              .series_stride = l->series_stride,
                              .startups = has_startups ? l->startups + (p - l->buffers_first) : NULL,
                              .startups_stride = l->startups_stride};
        gf_simulate(workspace, p, (int)lanes, &sink);
        i += lanes;
    }
}

/* Simulates a chunk, or what a request to stop leaves of it: portfolios that are finished without a gap. */
static uint64_t simulate_chunk(run_state *r, uint64_t first, uint64_t n)
{
    const int64_t n_batches = (int64_t)((n + r->plan->batch - 1) / r->plan->batch);
    memset(r->is_done, 0, (size_t)n_batches);
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->n_threads)
    for (int64_t b = 0; b < n_batches; b++) {
        if (is_stopped(r))
            continue;
        const uint64_t row = (uint64_t)b * r->plan->batch;
        const uint64_t size = least(r->plan->batch, n - row);
        simulate_batch(r, r->workspaces[omp_get_thread_num()], first + row, size, row, n);
        r->is_done[b] = 1;
        uint64_t done;
#pragma omp atomic capture
        done = r->done += size;
        if (omp_get_thread_num() == 0 && r->listener->progress != NULL)
            r->listener->progress(r->listener->context, done);
    }
    int64_t finished = 0;
    while (finished < n_batches && r->is_done[finished])
        finished++;
    return least((uint64_t)finished * r->plan->batch, n);
}

/* The first n portfolios of a chunk of `stride`. */
static gf_status deliver(run_state *r, uint64_t first, uint64_t n, uint64_t stride, gf_error *error)
{
    const gf_run_listener *l = r->listener;
    const int64_t n_batches = (int64_t)((n + r->plan->batch - 1) / r->plan->batch);
    if (l->batch != NULL) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->n_threads)
        for (int64_t b = 0; b < n_batches; b++) {
            const uint64_t row = (uint64_t)b * r->plan->batch;
            l->batch(l->context, omp_get_thread_num(), r->columns + row, (size_t)stride,
                     (size_t)least(r->plan->batch, n - row));
        }
    }
    return l->columns != NULL && n > 0
               ? l->columns(l->context, first, (size_t)n, r->columns, (size_t)stride, error)
               : GF_OK;
}

gf_status gf_run(const gf_scenario *scenario, const gf_layout *layout, const gf_run_plan *plan,
                 const gf_run_options *options, const gf_run_listener *listener, gf_error *error)
{
    run_state r = {
        .scenario = scenario, .layout = layout, .plan = plan, .options = options, .listener = listener};
    r.n_threads = gf_run_threads(options);
    r.lanes = gf_workspace_lanes(scenario);
    uint64_t delivered = 0;
    gf_status status = plan->n_portfolios > 0 ? acquire(&r, error) : GF_OK;
    while (status == GF_OK && delivered < plan->n_portfolios) {
        const uint64_t first = plan->first_portfolio + delivered,
                       n = least(plan->chunk, plan->n_portfolios - delivered);
        const uint64_t finished = simulate_chunk(&r, first, n);
        status = deliver(&r, first, finished, n, error);
        delivered += finished;
        if (status == GF_OK && is_stopped(&r) && delivered < plan->n_portfolios)
            status = gf_error_set(error, GF_INTERRUPTED, "interrupted after %llu of %llu portfolios",
                                  (unsigned long long)delivered, (unsigned long long)plan->n_portfolios);
    }
    release(&r);
    return status;
}
