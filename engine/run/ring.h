/* Who does what next in a run, for threads that compute while one of them delivers. A run is cut into chunks,
 * a chunk into batches. Threads take batches in increasing order, into a ring of slots of a chunk each: a
 * chunk may begin when the one that had its slot is delivered. Whoever finds the next chunk complete and
 * nobody delivering delivers it, so chunks are delivered one at a time and in order, and each delivery sees
 * all that came before. Whoever has nothing to do sleeps.
 *
 * What was taken is always finished: at the end all batches below gf_ring_taken() are, without a gap. */
#ifndef GF_RUN_RING_H
#define GF_RUN_RING_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include "base/status.h"

typedef struct gf_ring {
    uint64_t n_batches, batches_per_chunk, n_chunks;
    const volatile sig_atomic_t *stop; /* becomes non-zero: nobody takes a batch any more; may be NULL */
    pthread_mutex_t lock;              /* of all that follows */
    pthread_cond_t has_moved;
    uint64_t n_slots, *n_left; /* batches that are not finished, of the chunk in each slot */
    uint64_t n_taken;          /* batches */
    uint64_t n_delivered;      /* chunks */
    uint64_t rest_before;      /* the chunk that must not begin before a rest is over */
    int is_delivering;
    gf_status status; /* of the deliveries */
} gf_ring;

/* GF_OK or GF_MEMORY. Clear it in every case. */
gf_status gf_ring_init(gf_ring *ring, uint64_t n_batches, uint64_t batches_per_chunk, uint64_t n_slots,
                       const volatile sig_atomic_t *stop, gf_error *error);
void gf_ring_clear(gf_ring *ring);

/* The next batch, 0 … n_batches − 1; may sleep. 0: there is none, or the run ends early. */
int gf_ring_take(gf_ring *ring, uint64_t *batch);
void gf_ring_finish(gf_ring *ring, uint64_t batch);

/* 1: the caller delivers *chunk now and says how that ended. */
int gf_ring_begin_delivery(gf_ring *ring, uint64_t *chunk);
void gf_ring_end_delivery(gf_ring *ring, gf_status status);

/* For the one who delivers. A rest is a moment when all that was taken is delivered, but for the end of a
 * chunk that a stop cut short: ask for one, and it comes with the end of a later delivery or of this one. */
void gf_ring_ask_for_rest(gf_ring *ring);
/* 1: with the delivery under way all is delivered, and nobody begins anything before it has ended. */
int gf_ring_is_at_rest(gf_ring *ring);

/* Batches that were taken. */
uint64_t gf_ring_taken(gf_ring *ring);

#endif
