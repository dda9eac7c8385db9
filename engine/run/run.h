/* Many portfolios: the one OpenMP loop. A run goes through chunks, a chunk through batches, a batch through blocks.
 * Threads take batches; nothing is shared but the chunk's output, where every portfolio has its own place. The result
 * is the same for any number of threads, because luck is addressed and everything that adds up does so in the order
 * of portfolios. Memory: one chunk and one workspace a thread, whatever the number of portfolios. */
#ifndef GF_RUN_RUN_H
#define GF_RUN_RUN_H

#include <signal.h>
#include <stdint.h>

#include "base/isa.h"
#include "base/status.h"
#include "portfolio/portfolio.h"

/* Which portfolios, in which pieces. A function of the scenario alone. */
typedef struct gf_run_plan {
    uint64_t first_portfolio, n_portfolios;
    uint64_t chunk; /* portfolios that are computed, then written, together */
    uint64_t batch; /* portfolios that a thread takes at a time, a divisor of chunk */
    uint64_t keep_every; /* columns are kept of portfolios divisible by it; 0: of none */
    uint64_t n_quarters_of, n_startups_of; /* of the first so many portfolios of the whole run */
} gf_run_plan;

gf_run_plan gf_run_plan_of(const gf_scenario *scenario);
/* Portfolios of the plan that are kept, and the first of them. */
uint64_t gf_run_plan_kept(const gf_run_plan *plan, uint64_t *first_kept);

/* What a run hands out, in order of portfolios. All functions are called from one thread. A status other than GF_OK
 * ends the run with it. Any may be NULL. */
typedef struct gf_run_listener {
    void *context;
    /* columns[c * stride + r] of portfolios first … first + n − 1 */
    gf_status (*columns)(void *context, uint64_t first, size_t n, const double *columns, size_t stride, gf_error *error);
    /* startups[(k * n_startups + i) * stride + r] of portfolios first … first + n − 1, n_startups of them each */
    gf_status (*startups)(void *context, uint64_t first, size_t n, const double *startups, size_t stride,
                          gf_error *error);
    /* series[(s * n_quarters + q) * stride + r] of the first n = stride portfolios, once, when complete */
    gf_status (*series)(void *context, size_t n, double *series, gf_error *error);
    /* portfolios done so far, from the first thread, often */
    void (*progress)(void *context, uint64_t done, uint64_t total);
} gf_run_listener;

typedef struct gf_run_options {
    int threads; /* 0: as OpenMP decides */
    gf_isa isa;
    const volatile sig_atomic_t *stop; /* becomes non-zero: finish the batches under way and return GF_INTERRUPTED */
} gf_run_options;

/* GF_OK, GF_MEMORY, GF_INTERRUPTED, or what the listener returned. */
gf_status gf_run(const gf_scenario *scenario, const gf_layout *layout, const gf_run_plan *plan,
                 const gf_run_options *options, const gf_run_listener *listener, gf_error *error);

#endif
