/* Where threads begin. */
#include "run/threads.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

/* The i-th processor of the set behind `from`, around its end. */
static size_t processor_of(const cpu_set_t *set, size_t from, int i)
{
    size_t processor = from;
    while (i > 0) {
        processor = (processor + 1) % CPU_SETSIZE;
        i -= CPU_ISSET(processor, set) != 0;
    }
    return processor;
}

/* Moves the calling thread there, and lets it be moved again. */
static void move_to(size_t processor, const cpu_set_t *all)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0)
        (void)sched_setaffinity(0, sizeof *all, all);
}

static int spread(int n, size_t here, const cpu_set_t *all)
{
    int n_there = 0;
#pragma omp parallel num_threads(n)
    {
        const int thread = omp_get_thread_num(), n_others = omp_get_num_threads() - 1;
        if (thread > 0) {
            move_to(processor_of(all, here, thread % CPU_COUNT(all)), all);
#pragma omp atomic update
            n_there++;
        }
        /* the first thread makes room for those that were started where it is */
        for (int seen = 0; thread == 0 && seen < n_others;) {
            sched_yield();
#pragma omp atomic read
            seen = n_there;
        }
    }
    return n_there;
}

int gf_threads_spread(int n)
{
    static atomic_int n_spread;
    cpu_set_t all;
    const int here = sched_getcpu();
    if (n < 2 || n <= atomic_load(&n_spread) || omp_in_parallel() ||
        omp_get_proc_bind() != omp_proc_bind_false || here < 0 ||
        sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2 || !CPU_ISSET((size_t)here, &all))
        return 0;
    atomic_store(&n_spread, n);
    return spread(n, (size_t)here, &all);
}
