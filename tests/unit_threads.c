/* Threads are spread over the processors that the program may use, and left as free as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <omp.h>
#include <sched.h>

#include "run/threads.h"

enum { MOST = 9 };

/* Processors that each of n threads may use. */
static void read_masks(int n, cpu_set_t masks[MOST])
{
#pragma omp parallel num_threads(n)
    (void)sched_getaffinity(0, sizeof *masks, &masks[omp_get_thread_num()]);
}

static void masks_stay_what_they_were(void **state)
{
    cpu_set_t all, masks[MOST];
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    for (int n = 1; n <= MOST; n += 4) { /* more than there are processors, too */
        const int can = n > 1 && CPU_COUNT(&all) > 1 && omp_get_proc_bind() == omp_proc_bind_false;
        assert_int_equal(gf_threads_spread(n), can ? n - 1 : 0);
        assert_int_equal(gf_threads_spread(n), 0); /* they are spread */
        read_masks(n, masks);
        for (int i = 0; i < n; i++)
            assert_true(CPU_EQUAL(&all, &masks[i]));
    }
}

static void who_may_use_one_processor_gets_no_other(void **state)
{
    cpu_set_t all, one, masks[MOST];
    (void)state;
    const int here = sched_getcpu();
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)here, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(gf_threads_spread(MOST + 1), 0);
    read_masks(1, masks);
    assert_true(CPU_EQUAL(&one, &masks[0]));
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

static void nothing_happens_inside_of_a_parallel_region(void **state)
{
    int n_moved = 0;
    (void)state;
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2) reduction(+ : n_moved)
    n_moved += gf_threads_spread(MOST + 2);
    assert_int_equal(n_moved, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_stay_what_they_were),
        cmocka_unit_test(who_may_use_one_processor_gets_no_other),
        cmocka_unit_test(nothing_happens_inside_of_a_parallel_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
