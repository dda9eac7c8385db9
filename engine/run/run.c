/* The one OpenMP loop over portfolios. */
#include "run/run.h"

#include <omp.h>
#include <stdlib.h>

#include "base/room.h"
#include "run/ring.h"
#include "run/threads.h"

/* A chunk is small, so that its columns are in a cache when they are written, and large enough for what each
 * column of it costs the system, however little is written. */
enum { BATCH = 256, CHUNK_MOST = 16384, CHUNK_STARTUPS = 1 << 23 };
/* Batches that each thread may be ahead of a delivery. */
enum { BATCHES_AHEAD = 4 };
/* Rows of a slot beyond a chunk: columns a power of two apart would share few sets of a cache. */
enum { PADDING = 40 };

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
    gf_error *error;
    int n_threads, lanes;
    gf_run_crew crew;
    gf_ring ring;
    double **slots; /* [n_rooms], each [n_columns][stride]: of a chunk, or of a batch of each thread */
    uint64_t n_rooms;
    size_t slot_size; /* bytes */
    size_t stride;    /* rows of a slot */
    uint64_t n_done;  /* portfolios that are simulated; atomic */
} run_state;

void gf_run_crew_clear(gf_run_crew *crew)
{
    for (int i = 0; i < crew->n; i++)
        gf_workspace_free(crew->workspaces[i]);
    free(crew->workspaces);
    *crew = (gf_run_crew){0};
}

static void release(run_state *r)
{
    if (r->options->crew != NULL)
        *r->options->crew = r->crew;
    else
        gf_run_crew_clear(&r->crew);
    for (uint64_t i = 0; r->slots != NULL && i < r->n_rooms; i++)
        gf_room_free(r->slots[i], r->slot_size);
    free(r->slots);
    gf_ring_clear(&r->ring);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* One thread delivers what it has just computed. Several need a second slot to go on in, and as many more as
 * keep all of them busy. */
static uint64_t n_slots_of(const gf_run_plan *plan, int n_threads)
{
    const uint64_t ahead = BATCHES_AHEAD * (uint64_t)n_threads * plan->batch;
    const uint64_t n_chunks = (plan->n_portfolios + plan->chunk - 1) / plan->chunk;
    return n_threads > 1 ? least(2 + ahead / plan->chunk, n_chunks) : 1;
}

/* Each thread makes its own workspace, so that its pages lie near its core. All are made even if OpenMP gives
 * fewer threads here than it will later (OMP_DYNAMIC, OMP_THREAD_LIMIT). */
static gf_status make_workspaces(run_state *r)
{
    gf_status worst = GF_OK;
#pragma omp parallel for schedule(static, 1) num_threads(r->n_threads)
    for (int i = 0; i < r->n_threads; i++) {
        gf_error own = {GF_OK, ""};
        if (gf_workspace_new(&r->crew.workspaces[i], r->scenario, r->layout, r->options->isa, &own) !=
            GF_OK) {
#pragma omp critical
            {
                worst = own.status;
                if (r->error != NULL)
                    *r->error = own;
            }
        }
    }
    return worst;
}

/* Slots of the ring, or one of a batch for each thread, near its core as well; 0 when out of memory. */
static int make_slots(run_state *r, uint64_t n_slots)
{
    const int is_chunked = !r->listener->only_counts;
    const gf_run_plan *plan = r->plan;
    const size_t rows = (size_t)least(is_chunked ? plan->chunk : plan->batch, plan->n_portfolios);
    int n_missing = 0;
    r->n_rooms = is_chunked ? n_slots : (uint64_t)r->n_threads;
    r->stride = (rows + 7) / 8 * 8 + PADDING;
    r->slot_size = (size_t)r->layout->n_columns * r->stride * sizeof(double);
    r->slots = calloc(r->n_rooms, sizeof *r->slots);
    if (r->slots == NULL)
        return 0;
#pragma omp parallel for schedule(static, 1) num_threads(r->n_threads) reduction(+ : n_missing)
    for (uint64_t i = 0; i < r->n_rooms; i++) {
        r->slots[i] = gf_room_new(r->slot_size);
        n_missing += r->slots[i] == NULL;
    }
    return n_missing == 0;
}

static gf_status acquire(run_state *r)
{
    const gf_run_plan *plan = r->plan;
    const uint64_t n_slots = n_slots_of(plan, r->n_threads);
    const gf_status status = gf_ring_init(&r->ring, (plan->n_portfolios + plan->batch - 1) / plan->batch,
                                          plan->chunk / plan->batch, n_slots, r->options->stop, r->error);
    if (status != GF_OK)
        return status;
    if (!make_slots(r, n_slots))
        return gf_error_set(r->error, GF_MEMORY, "out of memory for %llu times %zu rows of %d columns",
                            (unsigned long long)r->n_rooms, r->stride, r->layout->n_columns);
    const int has_crew = r->crew.n == r->n_threads;
    if (!has_crew) {
        gf_run_crew_clear(&r->crew);
        r->crew.workspaces = calloc((size_t)r->n_threads, sizeof(gf_workspace *));
        r->crew.n = r->crew.workspaces != NULL ? r->n_threads : 0;
    }
    if (r->crew.n == 0)
        return gf_error_set(r->error, GF_MEMORY, "out of memory for %d threads", r->n_threads);
    return has_crew ? GF_OK : make_workspaces(r);
}

/* Where the first column of a portfolio lies, by its place in the plan and the thread that computes it. */
static double *place_of(const run_state *r, int thread, uint64_t i)
{
    const int is_chunked = !r->listener->only_counts;
    const size_t slot = is_chunked ? (size_t)(i / r->plan->chunk % r->ring.n_slots) : (size_t)thread;
    const size_t row = (size_t)(i % (is_chunked ? r->plan->chunk : r->plan->batch));
    return r->slots[slot] + row;
}

/* Portfolios start … start + n − 1 of the plan, all of one chunk. */
static void simulate(run_state *r, int thread, uint64_t start, uint64_t n)
{
    const gf_run_listener *l = r->listener;
    for (uint64_t i = 0; i < n;) {
        const uint64_t p = r->plan->first_portfolio + start + i;
        /* blocks never straddle the last portfolio with series or startups */
        uint64_t lanes = least((uint64_t)r->lanes, n - i);
        const int has_series = l->series != NULL && p < r->plan->n_quarters_of;
        const int has_startups = l->startups != NULL && p < r->plan->n_startups_of;
        if (has_series)
            lanes = least(lanes, r->plan->n_quarters_of - p);
        if (has_startups)
            lanes = least(lanes, r->plan->n_startups_of - p);
        const gf_sink sink = {.columns = place_of(r, thread, start + i),
                              .columns_stride = r->stride,
                              .series = has_series ? l->series + (p - l->buffers_first) : NULL,
                              .series_stride = l->series_stride,
                              .startups = has_startups ? l->startups + (p - l->buffers_first) : NULL,
                              .startups_stride = l->startups_stride};
        gf_simulate(r->crew.workspaces[thread], p, (int)lanes, &sink);
        i += lanes;
    }
}

static void run_batch(run_state *r, int thread, uint64_t batch)
{
    const gf_run_listener *l = r->listener;
    const uint64_t start = batch * r->plan->batch;
    const uint64_t n = least(r->plan->batch, r->plan->n_portfolios - start);
    simulate(r, thread, start, n);
    if (l->batch != NULL)
        l->batch(l->context, thread, place_of(r, thread, start), r->stride, (size_t)n);
#pragma omp atomic update
    r->n_done += n;
}

/* Portfolios of a chunk that are among the first n of the run. */
static gf_status hand_out(run_state *r, uint64_t chunk, uint64_t n)
{
    const gf_run_listener *l = r->listener;
    const uint64_t start = chunk * r->plan->chunk;
    if (l->columns == NULL || start >= n)
        return GF_OK;
    return l->columns(l->context, r->plan->first_portfolio + start, (size_t)least(r->plan->chunk, n - start),
                      l->only_counts ? NULL : place_of(r, 0, start), r->stride, r->error);
}

static gf_status deliver(run_state *r, uint64_t chunk)
{
    const gf_run_listener *l = r->listener;
    const gf_status status = hand_out(r, chunk, r->plan->n_portfolios);
    if (status != GF_OK || l->save == NULL)
        return status;
    if (l->is_save_due(l->context))
        gf_ring_ask_for_rest(&r->ring);
    return gf_ring_is_at_rest(&r->ring) ? l->save(l->context, r->error) : GF_OK;
}

static void tell_progress(run_state *r, int thread)
{
    if (thread != 0 || r->listener->progress == NULL)
        return;
    uint64_t done;
#pragma omp atomic read
    done = r->n_done;
    r->listener->progress(r->listener->context, done);
}

/* What each thread does. */
static void work(run_state *r, int thread)
{
    uint64_t batch, chunk;
    while (gf_ring_take(&r->ring, &batch)) {
        run_batch(r, thread, batch);
        gf_ring_finish(&r->ring, batch);
        tell_progress(r, thread);
        while (gf_ring_begin_delivery(&r->ring, &chunk)) {
            gf_ring_end_delivery(&r->ring, deliver(r, chunk));
            tell_progress(r, thread);
        }
    }
}

/* What a stop left: the chunk that it cut short, as far as it was taken. */
static gf_status finish(run_state *r)
{
    const gf_run_plan *plan = r->plan;
    const uint64_t done = least(gf_ring_taken(&r->ring) * plan->batch, plan->n_portfolios);
    gf_status status = r->ring.status;
    if (status == GF_OK && done < plan->n_portfolios)
        status = hand_out(r, r->ring.n_delivered, done);
    if (status == GF_OK && done < plan->n_portfolios)
        status = gf_error_set(r->error, GF_INTERRUPTED, "interrupted after %llu of %llu portfolios",
                              (unsigned long long)done, (unsigned long long)plan->n_portfolios);
    return status;
}

gf_status gf_run(const gf_scenario *scenario, const gf_layout *layout, const gf_run_plan *plan,
                 const gf_run_options *options, const gf_run_listener *listener, gf_error *error)
{
    run_state r = {.scenario = scenario,
                   .layout = layout,
                   .plan = plan,
                   .options = options,
                   .listener = listener,
                   .error = error,
                   .n_threads = gf_run_threads(options),
                   .lanes = gf_workspace_lanes(scenario)};
    if (plan->n_portfolios == 0)
        return GF_OK;
    if (options->crew != NULL)
        r.crew = *options->crew;
    (void)gf_threads_spread(r.n_threads);
    gf_status status = acquire(&r);
    if (status == GF_OK) {
#pragma omp parallel num_threads(r.n_threads)
        work(&r, omp_get_thread_num());
        tell_progress(&r, 0); /* the first thread may have come late */
        status = finish(&r);
    } else {
        gf_run_crew_clear(&r.crew); /* which may not be complete */
    }
    release(&r);
    return status;
}
