/* Many portfolios: the one OpenMP loop. A run goes through chunks, a chunk through batches, a batch through
 * blocks. Threads take batches; nothing is shared but the chunks' output, where every portfolio has its own
 * place. While one thread hands out (writes) a chunk, the others compute the next ones; run/ring.h keeps the
 * order. The result is the same for any number of threads, because luck is addressed and sums are exact.
 * Memory: a workspace a thread and a ring of chunks (6.7 MB each for 51 columns): one with one thread, two
 * with up to seven, one more for every eight, whatever the number of portfolios. */
#ifndef GF_RUN_RUN_H
#define GF_RUN_RUN_H

#include <signal.h>
#include <stdint.h>

#include "base/isa.h"
#include "base/status.h"
#include "portfolio/portfolio.h"

/* Which portfolios, in which pieces. A function of the scenario alone, but for the range, whose start is a
 * multiple of batch. */
typedef struct gf_run_plan {
    uint64_t first_portfolio, n_portfolios;
    uint64_t chunk;      /* portfolios that are handed out together, a multiple of batch */
    uint64_t batch;      /* portfolios that a thread takes at a time */
    uint64_t keep_every; /* columns are kept of portfolios divisible by it; 0: of none */
    uint64_t n_quarters_of,
        n_startups_of; /* series, startup rows: of the first so many portfolios of the whole run */
} gf_run_plan;

gf_run_plan gf_run_plan_of(const gf_scenario *scenario);
/* Portfolios of the plan that are kept, and the first of them. */
uint64_t gf_run_plan_kept(const gf_run_plan *plan, uint64_t *first_kept);

/* What a run hands out. Any function or buffer may be NULL. Batches are taken in increasing order, and what
 * was taken is finished: a run that is interrupted has handed out all of it, to batch() as to columns(),
 * without a gap. Functions but batch() are called by one thread at a time, and see what earlier calls of any
 * thread did. */
typedef struct gf_run_listener {
    void *context;
    /* columns[c * stride + r], r < n, of one batch, as soon as it is computed: called for every batch of the
     * plan once, from several threads at a time; 0 ≤ thread < gf_run_threads() */
    void (*batch)(void *context, int thread, const double *columns, size_t stride, size_t n);
    /* columns[c * stride + r] of portfolios first … first + n − 1, in order of portfolios, after their
     * batches, by whichever thread is at hand, while others compute; NULL if only_counts. A status other than
     * GF_OK ends the run with it: batch() has then seen more than columns(). */
    gf_status (*columns)(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                         gf_error *error);
    /* columns() does not look at the values: a thread then computes all its batches in the same rows, which
     * stay in its caches. */
    int only_counts;
    /* After each columns(): is it time to save? Then the chunks that have begun are finished and handed out,
     * no other begins, and save() finds that batch() and columns() have seen the same portfolios; a few more
     * than when it was asked for. Both or none. */
    int (*is_save_due)(void *context);
    gf_status (*save)(void *context, gf_error *error);
    /* portfolios done so far, from the calling thread, often, and at the end */
    void (*progress)(void *context, uint64_t done);
    /* series[(s * n_quarters + q) * series_stride + p − buffers_first] and
     * startups[(k * n_startups + i) * startups_stride + p − buffers_first] of those portfolios p that have
     * them; complete for what was handed to columns() */
    double *series, *startups;
    size_t series_stride, startups_stride;
    uint64_t buffers_first;
} gf_run_listener;

/* Workspaces of the threads, which take some milliseconds to make: kept from one run to the next of the same
 * scenario and layout, with the same options. Zero-initialise; clear while scenario and layout are there. */
typedef struct gf_run_crew {
    int n; /* 0: there are none yet */
    gf_workspace **workspaces;
} gf_run_crew;
void gf_run_crew_clear(gf_run_crew *crew);

typedef struct gf_run_options {
    int threads; /* 0: as OpenMP decides */
    gf_isa isa;
    gf_run_crew *crew; /* NULL: workspaces are made for this run alone */
    const volatile sig_atomic_t
        *stop; /* becomes non-zero: finish the batches under way and return GF_INTERRUPTED */
} gf_run_options;

/* Threads that a run with these options uses. */
int gf_run_threads(const gf_run_options *options);

/* Portfolios of the plan below `limit`. */
uint64_t gf_run_plan_below(const gf_run_plan *plan, uint64_t limit);

/* GF_OK, GF_MEMORY, GF_INTERRUPTED, or what the listener returned. */
gf_status gf_run(const gf_scenario *scenario, const gf_layout *layout, const gf_run_plan *plan,
                 const gf_run_options *options, const gf_run_listener *listener, gf_error *error);

#endif
