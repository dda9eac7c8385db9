/* The loop over portfolios: whoever computes, delivers and waits, everything comes once, in order and with
 * the same bytes; batches run during a delivery; what ends a run early leaves no gap. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/ring.h"
#include "run/run.h"
#include "run/sketch.h"
#include "scenario_fixture.h"

enum {
    BATCH = 32,
    CHUNK = 4 * BATCH,
    N_CHUNKS = 20,
    N = N_CHUNKS * CHUNK - CHUNK / 2 - 7,
    FIRST = 3 * BATCH,
    NEVER = 1 << 30
};
static const int thread_counts[] = {1, 2, 3, 7};
enum { N_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

static fixture shared;
static double *expected; /* [n_columns][N], without the loop */

/* What a listener is told to do, and what it saw. */
typedef struct witness {
    double *columns; /* [n_columns][N] */
    uint64_t n_columns_rows;
    int n_deliveries, n_saves;
    int sleep_ms, fail_at, stop_at, fail_save_at; /* numbers of a delivery or save; NEVER */
    int stop_at_batch;
    int waits_for_others; /* the overlap */
    int saves;
    uint64_t progress;
    pthread_t caller;
    atomic_int n_in_delivery, n_batches, n_in_batch;
    atomic_uint_fast64_t n_batch_rows;
    atomic_int faults; /* threads other than the first may not fail an assertion */
    volatile sig_atomic_t stop;
    gf_run_crew *crew;
    gf_accumulator **sketches; /* [threads], of the batches; NULL: none */
    int only_counts;
} witness;

static void sleep_ms(int ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static void stop(witness *w)
{
#pragma omp atomic write
    w->stop = 1;
}

static void on_batch(void *context, int thread, const double *columns, size_t stride, size_t n)
{
    witness *w = context;
    atomic_fetch_add(&w->n_in_batch, 1);
    if (thread != omp_get_thread_num() || n > BATCH || n > stride || columns == NULL)
        atomic_fetch_add(&w->faults, 1);
    if (w->sketches != NULL)
        gf_accumulator_add_batch(w->sketches[thread], columns, stride, n);
    atomic_fetch_add(&w->n_batch_rows, n);
    if (atomic_fetch_add(&w->n_batches, 1) >=
        w->stop_at_batch) /* later ones too: then nobody takes another */
        stop(w);
    atomic_fetch_sub(&w->n_in_batch, 1);
}

/* Others finish the next chunk while this one is delivered; ten seconds are for a machine that is busy. */
static int see_others(witness *w)
{
    const int all = (N + BATCH - 1) / BATCH, next = (w->n_deliveries + 2) * (CHUNK / BATCH),
              wanted = next < all ? next : all;
    for (int i = 0; i < 10000 && atomic_load(&w->n_batches) < wanted; i++)
        sleep_ms(1);
    return atomic_load(&w->n_batches) >= wanted;
}

static gf_status on_columns(void *context, uint64_t first, size_t n, const double *columns, size_t stride,
                            gf_error *error)
{
    witness *w = context;
    if (atomic_fetch_add(&w->n_in_delivery, 1) != 0 || first != FIRST + w->n_columns_rows || n > CHUNK ||
        w->n_columns_rows + n > N || (columns == NULL) != w->only_counts || (columns != NULL && n > stride))
        atomic_fetch_add(&w->faults, 1);
    else if (columns != NULL)
        for (int c = 0; c < shared.layout.n_columns; c++)
            memcpy(w->columns + (size_t)c * N + w->n_columns_rows, columns + (size_t)c * stride,
                   n * sizeof *columns);
    w->n_columns_rows += n; /* plain: deliveries must see each other, which ThreadSanitizer checks */
    if (w->waits_for_others && !see_others(w)) {
        w->waits_for_others = 0; /* once is enough */
        atomic_fetch_add(&w->faults, 1);
    }
    sleep_ms(w->sleep_ms);
    if (w->n_deliveries == w->stop_at)
        stop(w);
    const int fails = w->n_deliveries++ == w->fail_at;
    atomic_fetch_sub(&w->n_in_delivery, 1);
    return fails ? gf_error_set(error, GF_IO, "the disk is full") : GF_OK;
}

static int on_is_save_due(void *context)
{
    return ((witness *)context)->saves;
}

/* The moment at which batch() and columns() have seen the same, and nothing is under way. */
static gf_status on_save(void *context, gf_error *error)
{
    witness *w = context;
    sleep_ms(1);
    if (atomic_load(&w->n_in_batch) != 0 || atomic_load(&w->n_in_delivery) != 0 ||
        atomic_load(&w->n_batch_rows) != w->n_columns_rows)
        atomic_fetch_add(&w->faults, 1);
    return w->n_saves++ == w->fail_save_at ? gf_error_set(error, GF_IO, "no room for a part") : GF_OK;
}

static void on_progress(void *context, uint64_t done)
{
    witness *w = context;
    if (done < w->progress || done > N || !pthread_equal(pthread_self(), w->caller))
        atomic_fetch_add(&w->faults, 1);
    w->progress = done;
}

static witness new_witness(void)
{
    witness w = {.fail_at = NEVER, .stop_at = NEVER, .fail_save_at = NEVER, .stop_at_batch = NEVER};
    w.columns = calloc((size_t)shared.layout.n_columns * N, sizeof *w.columns);
    assert_non_null(w.columns);
    return w;
}

static gf_status run(witness *w, int threads, gf_error *error)
{
    const gf_run_plan plan = {.first_portfolio = FIRST, .n_portfolios = N, .chunk = CHUNK, .batch = BATCH};
    const gf_run_options options = {
        .threads = threads, .isa = gf_isa_detect(), .crew = w->crew, .stop = &w->stop};
    const gf_run_listener listener = {.context = w,
                                      .batch = on_batch,
                                      .columns = on_columns,
                                      .only_counts = w->only_counts,
                                      .is_save_due = on_is_save_due,
                                      .save = on_save,
                                      .progress = on_progress};
    w->caller = pthread_self();
    *error = (gf_error){GF_OK, ""};
    return gf_run(&shared.config.scenario, &shared.layout, &plan, &options, &listener, error);
}

/* What came in is the beginning of the run, to the bit, and nothing was done twice or out of turn. */
static void expect_beginning(witness *w)
{
    assert_int_equal(atomic_load(&w->faults), 0);
    for (int c = 0; c < shared.layout.n_columns; c++)
        assert_memory_equal(w->columns + (size_t)c * N, expected + (size_t)c * N,
                            w->n_columns_rows * sizeof *expected);
    free(w->columns);
}

static void test_all_comes_once_and_in_order(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 0; i < N_COUNTS; i++)
        for (int slow = 0; slow < 2; slow++) {
            witness w = new_witness();
            w.sleep_ms = 2 * slow;
            assert_int_equal(run(&w, thread_counts[i], &error), GF_OK);
            assert_int_equal(w.n_columns_rows, N);
            assert_int_equal(w.n_deliveries, N_CHUNKS);
            assert_int_equal(atomic_load(&w.n_batch_rows), N);
            assert_int_equal(atomic_load(&w.n_batches), (N + BATCH - 1) / BATCH);
            assert_int_equal(w.progress, N);
            expect_beginning(&w);
        }
}

/* The expected columns in batches, as the loop cuts them. */
static gf_accumulator *sketch_expected(void)
{
    gf_accumulator *all = NULL;
    assert_int_equal(gf_accumulator_new(&all, &shared.layout, NULL), GF_OK);
    for (size_t i = 0; i < N; i += BATCH)
        gf_accumulator_add_batch(all, expected + i, N, N - i < BATCH ? N - i : BATCH);
    return all;
}

static void expect_same_sketches(const gf_accumulator *a, const gf_accumulator *b)
{
    for (int c = 0; c < shared.layout.n_columns; c++) {
        const gf_sketch *x = gf_accumulator_sketch(a, c), *y = gf_accumulator_sketch(b, c);
        assert_true(x->n == y->n && x->n_missing == y->n_missing && x->least == y->least &&
                    x->largest == y->largest);
        assert_true(gf_exact_value(&x->sum) == gf_exact_value(&y->sum) &&
                    gf_exact_value(&x->sum2) == gf_exact_value(&y->sum2));
        assert_memory_equal(x->bins, y->bins, GF_SKETCH_BINS * sizeof *x->bins);
    }
}

/* Nobody keeps columns: batches see the same values, and columns() gets none. */
static void test_columns_that_are_only_counted_are_not_handed_out(void **state)
{
    enum { MOST_THREADS = 7 };
    gf_error error;
    gf_accumulator *whole = sketch_expected();
    (void)state;
    for (int i = 0; i < N_COUNTS; i++) {
        witness w = new_witness();
        gf_accumulator *sketches[MOST_THREADS];
        for (int t = 0; t < MOST_THREADS; t++)
            assert_int_equal(gf_accumulator_new(&sketches[t], &shared.layout, NULL), GF_OK);
        w.only_counts = 1;
        w.sketches = sketches;
        w.saves = 1;
        assert_int_equal(run(&w, thread_counts[i], &error), GF_OK);
        assert_int_equal(atomic_load(&w.faults), 0);
        assert_int_equal(w.n_columns_rows, N);
        for (int t = 1; t < MOST_THREADS; t++)
            gf_accumulator_merge(sketches[0], sketches[t]);
        expect_same_sketches(sketches[0], whole);
        for (int t = 0; t < MOST_THREADS; t++)
            gf_accumulator_free(sketches[t]);
        free(w.columns);
    }
    gf_accumulator_free(whole);
}

/* OpenMP may give fewer threads than were asked for (OMP_DYNAMIC, a limit, no nesting), and more the next
 * time. */
static void test_a_crew_is_whole_however_many_made_it(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 0; i < N_COUNTS; i++) {
        gf_run_crew crew = {0};
        witness alone = new_witness(), together = new_witness();
        gf_status status = GF_IO;
        alone.crew = together.crew = &crew;
        omp_set_max_active_levels(1);
#pragma omp parallel num_threads(2)
#pragma omp master
        status = run(&alone, thread_counts[i], &error);
        assert_int_equal(status, GF_OK);
        expect_beginning(&alone);
        assert_int_equal(crew.n, thread_counts[i]);
        for (int t = 0; t < crew.n; t++)
            assert_non_null(crew.workspaces[t]);
        assert_int_equal(run(&together, thread_counts[i], &error), GF_OK);
        assert_int_equal(together.n_columns_rows, N);
        expect_beginning(&together);
        gf_run_crew_clear(&crew);
    }
}

static void test_batches_run_during_a_delivery(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 1; i < N_COUNTS; i++) {
        witness w = new_witness();
        w.waits_for_others = 1;
        assert_int_equal(run(&w, thread_counts[i], &error), GF_OK);
        expect_beginning(&w);
    }
}

static void test_a_delivery_that_fails_is_the_last(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 0; i < N_COUNTS; i++) {
        witness w = new_witness();
        w.fail_at = 3;
        w.sleep_ms = 1;
        assert_int_equal(run(&w, thread_counts[i], &error), GF_IO);
        assert_string_equal(error.message, "the disk is full");
        assert_int_equal(w.n_deliveries, 4);
        assert_int_equal(w.n_columns_rows, 4 * CHUNK);
        assert_true(atomic_load(&w.n_batch_rows) < N); /* nobody went on to the end */
        expect_beginning(&w);
    }
}

static void test_a_stop_leaves_no_gap(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 0; i < N_COUNTS; i++)
        for (int sleep = 0; sleep < 2; sleep++) {
            witness w = new_witness();
            w.stop_at = 2;
            w.sleep_ms = sleep;
            assert_int_equal(run(&w, thread_counts[i], &error), GF_INTERRUPTED);
            assert_true(w.n_columns_rows >= 3 * CHUNK && w.n_columns_rows < N);
            assert_int_equal(atomic_load(&w.n_batch_rows), w.n_columns_rows);
            expect_beginning(&w);
        }
}

/* One thread: exactly the batches that were taken, also in the middle of a chunk, and none before the first.
 */
static void test_a_stop_hands_out_part_of_a_chunk(void **state)
{
    gf_error error;
    (void)state;
    for (int n_batches = 0; n_batches < 10; n_batches++) {
        witness w = new_witness();
        w.stop_at_batch = n_batches - 1;
        w.stop = n_batches == 0;
        assert_int_equal(run(&w, 1, &error), GF_INTERRUPTED);
        assert_int_equal(w.n_columns_rows, n_batches * BATCH);
        assert_int_equal(w.n_deliveries, (n_batches * BATCH + CHUNK - 1) / CHUNK);
        expect_beginning(&w);
    }
    for (int i = 1; i < N_COUNTS; i++) {
        witness w = new_witness();
        w.stop_at_batch = 9;
        assert_int_equal(run(&w, thread_counts[i], &error), GF_INTERRUPTED);
        assert_true(w.n_columns_rows >= 10 * BATCH &&
                    w.n_columns_rows <= (uint64_t)(9 + thread_counts[i]) * BATCH);
        assert_int_equal(atomic_load(&w.n_batch_rows), w.n_columns_rows);
        expect_beginning(&w);
    }
}

static void test_saves_see_what_was_handed_out(void **state)
{
    gf_error error;
    (void)state;
    for (int i = 0; i < N_COUNTS; i++) {
        witness w = new_witness();
        w.saves = 1;
        assert_int_equal(run(&w, thread_counts[i], &error), GF_OK);
        assert_true(w.n_saves >= N_CHUNKS / 10);
        assert_int_equal(w.n_columns_rows, N);
        expect_beginning(&w);
        witness failing = new_witness();
        failing.saves = 1;
        failing.fail_save_at = 1;
        assert_int_equal(run(&failing, thread_counts[i], &error), GF_IO);
        assert_string_equal(error.message, "no room for a part");
        assert_int_equal(failing.n_saves, 2);
        expect_beginning(&failing);
    }
}

static void test_a_plan_cuts_into_whole_batches(void **state)
{
    gf_scenario s = shared.config.scenario;
    (void)state;
    for (s.startups.count = 1; s.startups.count <= 1000000; s.startups.count *= 10)
        for (s.portfolios = 1; s.portfolios <= 1000000000; s.portfolios *= 7) {
            const gf_run_plan plan = gf_run_plan_of(&s);
            assert_true(plan.batch >= GF_LANES && plan.chunk >= plan.batch);
            assert_int_equal(plan.chunk % plan.batch, 0);
            assert_int_equal(plan.n_portfolios, s.portfolios);
        }
}

/* --- the ring alone, where threads have nothing to do but to get into each other's way --- */

typedef struct crowd {
    gf_ring ring;
    uint64_t *filled; /* [n_slots], plain: the ring must order who touches them */
    uint64_t n_delivered, n_rests;
    int faults;
} crowd;

static void deliver_in_crowd(crowd *c, uint64_t chunk)
{
    gf_ring *ring = &c->ring;
    const uint64_t first = chunk * ring->batches_per_chunk, left = ring->n_batches - first,
                   n = left < ring->batches_per_chunk ? left : ring->batches_per_chunk;
    uint64_t *filled = c->filled + chunk % ring->n_slots * ring->batches_per_chunk;
    for (uint64_t i = 0; i < n; i++)
        c->faults += filled[i] != first + i + 1;
    c->faults += chunk != c->n_delivered++;
    if (chunk % 7 == 3)
        gf_ring_ask_for_rest(ring);
    if (gf_ring_is_at_rest(ring)) {
        c->n_rests++;
        c->faults += gf_ring_taken(ring) != first + n;
    }
}

static void join_crowd(crowd *c)
{
    uint64_t batch, chunk;
    gf_ring *ring = &c->ring;
    while (gf_ring_take(ring, &batch)) {
        c->filled[batch / ring->batches_per_chunk % ring->n_slots * ring->batches_per_chunk +
                  batch % ring->batches_per_chunk] = batch + 1;
        gf_ring_finish(ring, batch);
        while (gf_ring_begin_delivery(ring, &chunk)) {
            deliver_in_crowd(c, chunk);
            gf_ring_end_delivery(ring, GF_OK);
        }
    }
}

static void test_a_ring_keeps_the_order(void **state)
{
    enum { BATCHES = 1000, MOST_SLOTS = 4, MOST_PER_CHUNK = 5 };
    uint64_t filled[MOST_SLOTS * MOST_PER_CHUNK];
    (void)state;
    for (uint64_t slots = 1; slots <= MOST_SLOTS; slots++)
        for (uint64_t per_chunk = 1; per_chunk <= MOST_PER_CHUNK; per_chunk++)
            for (int i = 0; i < N_COUNTS; i++) {
                crowd c = {.filled = filled};
                const uint64_t n = BATCHES - per_chunk / 2; /* the last chunk may be short */
                assert_int_equal(gf_ring_init(&c.ring, n, per_chunk, slots, NULL, NULL), GF_OK);
#pragma omp parallel num_threads(thread_counts[i])
                join_crowd(&c);
                assert_int_equal(c.faults, 0);
                assert_int_equal(gf_ring_taken(&c.ring), n);
                assert_int_equal(c.n_delivered, (n + per_chunk - 1) / per_chunk);
                assert_true(c.n_rests > 0);
                gf_ring_clear(&c.ring);
            }
}

static int open_shared(void **state)
{
    static const char *const overrides[] = {"startups.count=3", "horizon_years=4"};
    (void)state;
    fixture_open(&shared, "reference.yaml", 2, overrides);
    expected = calloc((size_t)shared.layout.n_columns * N, sizeof *expected);
    if (expected == NULL)
        return -1;
    for (uint64_t p = 0; p < N; p += GF_LANES) {
        const gf_sink sink = {.columns = expected + p, .columns_stride = N};
        gf_simulate(shared.workspace, FIRST + p, (int)(N - p < GF_LANES ? N - p : GF_LANES), &sink);
    }
    return 0;
}

static int close_shared(void **state)
{
    (void)state;
    free(expected);
    fixture_close(&shared);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_comes_once_and_in_order),
        cmocka_unit_test(test_columns_that_are_only_counted_are_not_handed_out),
        cmocka_unit_test(test_a_crew_is_whole_however_many_made_it),
        cmocka_unit_test(test_batches_run_during_a_delivery),
        cmocka_unit_test(test_a_delivery_that_fails_is_the_last),
        cmocka_unit_test(test_a_stop_leaves_no_gap),
        cmocka_unit_test(test_a_stop_hands_out_part_of_a_chunk),
        cmocka_unit_test(test_saves_see_what_was_handed_out),
        cmocka_unit_test(test_a_plan_cuts_into_whole_batches),
        cmocka_unit_test(test_a_ring_keeps_the_order),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
