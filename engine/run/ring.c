/* The order of batches and deliveries, kept by one lock. */
#include "run/ring.h"

#include <assert.h>
#include <stdlib.h>

static const uint64_t never = UINT64_MAX;

static uint64_t batches_of(const gf_ring *ring, uint64_t chunk)
{
    const uint64_t first = chunk * ring->batches_per_chunk, left = ring->n_batches - first;
    return left < ring->batches_per_chunk ? left : ring->batches_per_chunk;
}

gf_status gf_ring_init(gf_ring *ring, uint64_t n_batches, uint64_t batches_per_chunk, uint64_t n_slots,
                       const volatile sig_atomic_t *stop, gf_error *error)
{
    *ring = (gf_ring){.n_batches = n_batches,
                      .batches_per_chunk = batches_per_chunk,
                      .n_chunks = (n_batches + batches_per_chunk - 1) / batches_per_chunk,
                      .stop = stop,
                      .n_slots = n_slots,
                      .rest_before = never};
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->has_moved, NULL);
    ring->n_left = malloc((size_t)n_slots * sizeof *ring->n_left);
    if (ring->n_left == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for a ring of %llu chunks",
                            (unsigned long long)n_slots);
    for (uint64_t c = 0; c < n_slots && c < ring->n_chunks; c++)
        ring->n_left[c] = batches_of(ring, c);
    return GF_OK;
}

void gf_ring_clear(gf_ring *ring)
{
    pthread_mutex_destroy(&ring->lock);
    pthread_cond_destroy(&ring->has_moved);
    free(ring->n_left);
    ring->n_left = NULL;
}

static int is_stopped(const gf_ring *ring)
{
    sig_atomic_t stop = 0;
    if (ring->stop != NULL) {
#pragma omp atomic read
        stop = *ring->stop;
    }
    return stop != 0;
}

static int is_over(const gf_ring *ring)
{
    return ring->n_taken == ring->n_batches || ring->status != GF_OK || is_stopped(ring);
}

/* Nobody sleeps for ever: while the next chunk may not begin, all batches before it are taken, so that each
 * of those who have them goes on to deliver, or leaves that to another who delivers now. */
static int may_begin(const gf_ring *ring)
{
    const uint64_t chunk = ring->n_taken / ring->batches_per_chunk;
    return chunk < ring->n_delivered + ring->n_slots && chunk < ring->rest_before;
}

int gf_ring_take(gf_ring *ring, uint64_t *batch)
{
    pthread_mutex_lock(&ring->lock);
    while (!is_over(ring) && !may_begin(ring))
        pthread_cond_wait(&ring->has_moved, &ring->lock);
    const int is_taken = !is_over(ring);
    if (is_taken)
        *batch = ring->n_taken++;
    pthread_mutex_unlock(&ring->lock);
    return is_taken;
}

void gf_ring_finish(gf_ring *ring, uint64_t batch)
{
    pthread_mutex_lock(&ring->lock);
    ring->n_left[batch / ring->batches_per_chunk % ring->n_slots]--;
    pthread_mutex_unlock(&ring->lock);
}

int gf_ring_begin_delivery(gf_ring *ring, uint64_t *chunk)
{
    pthread_mutex_lock(&ring->lock);
    const int is_mine = !ring->is_delivering && ring->status == GF_OK && ring->n_delivered < ring->n_chunks &&
                        ring->n_left[ring->n_delivered % ring->n_slots] == 0;
    if (is_mine) {
        ring->is_delivering = 1;
        *chunk = ring->n_delivered;
    }
    pthread_mutex_unlock(&ring->lock);
    return is_mine;
}

void gf_ring_end_delivery(gf_ring *ring, gf_status status)
{
    pthread_mutex_lock(&ring->lock);
    assert(ring->is_delivering);
    const uint64_t next_of_slot = ring->n_delivered + ring->n_slots;
    if (next_of_slot < ring->n_chunks)
        ring->n_left[next_of_slot % ring->n_slots] = batches_of(ring, next_of_slot);
    ring->n_delivered++;
    ring->is_delivering = 0;
    ring->status = status;
    if (ring->rest_before == ring->n_delivered)
        ring->rest_before = never;
    pthread_cond_broadcast(&ring->has_moved);
    pthread_mutex_unlock(&ring->lock);
}

void gf_ring_ask_for_rest(gf_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    if (ring->rest_before == never) /* chunks that have begun come first */
        ring->rest_before = (ring->n_taken + ring->batches_per_chunk - 1) / ring->batches_per_chunk;
    pthread_mutex_unlock(&ring->lock);
}

int gf_ring_is_at_rest(gf_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    const int is_at_rest = ring->rest_before == ring->n_delivered + 1;
    pthread_mutex_unlock(&ring->lock);
    return is_at_rest;
}

uint64_t gf_ring_taken(gf_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    const uint64_t n = ring->n_taken;
    pthread_mutex_unlock(&ring->lock);
    return n;
}
