/* Lets two engines (benchmarks/pairs_block.c) take turns in one process, so that whatever slows the machine
 * down slows both: the clock of the processor, neighbours, caches.
 *
 *   pairs_timer ROUNDS BLOCKS CONFIG ISA  LIBRARY N SETTING…  LIBRARY N SETTING…
 *
 * Prints a line a round: CPU seconds a portfolio, over BLOCKS blocks, of the first and of the second, which
 * begin in turn, each after a block that does not count; last, whether the columns of one block a round were
 * the same, which blocks of different sizes do not tell. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct engine {
    int (*lanes)(const void *);
    void (*run)(void *, uint64_t);
    uint64_t (*digest)(const void *);
    void *opened;
} engine;

/* A function of a library by its name. */
static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    *(void **)function = found;
}

/* In a name space of its own: both libraries have the same names. */
static engine open_engine(const char *path, const char *config, const char *isa, int n, char *const *settings)
{
    engine e;
    void *(*open)(const char *, int, const char *const *, const char *);
    void *library = dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    find(library, "pairs_open", &open);
    find(library, "pairs_lanes", &e.lanes);
    find(library, "pairs_run", &e.run);
    find(library, "pairs_digest", &e.digest);
    e.opened = open(config, n, (const char *const *)settings, isa);
    if (e.opened == NULL)
        exit(2);
    return e;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* After another block, so that nothing is computed twice. */
static double time_blocks(const engine *e, uint64_t first, int n)
{
    const uint64_t lanes = (uint64_t)e->lanes(e->opened);
    e->run(e->opened, first + (uint64_t)n * lanes);
    const double start = cpu_seconds();
    for (int i = 0; i < n; i++)
        e->run(e->opened, first + (uint64_t)i * lanes);
    return (cpu_seconds() - start) / (double)((uint64_t)n * lanes);
}

int main(int n_arguments, char **argument)
{
    if (n_arguments < 9)
        return 2;
    const int n_rounds = atoi(argument[1]), n_blocks = atoi(argument[2]), n_first = atoi(argument[6]);
    char **const second = argument + 7 + n_first;
    const engine engines[2] = {
        open_engine(argument[5], argument[3], argument[4], n_first, argument + 7),
        open_engine(second[0], argument[3], argument[4], atoi(second[1]), second + 2),
    };
    int n_different = 0;
    for (int round = 0; round < n_rounds; round++) {
        const uint64_t first =
            (uint64_t)round * (uint64_t)n_blocks * (uint64_t)engines[0].lanes(engines[0].opened);
        double seconds[2];
        for (int turn = 0; turn < 2; turn++) {
            const int i = (round + turn) % 2;
            seconds[i] = time_blocks(&engines[i], first, n_blocks);
        }
        printf("%.9g %.9g\n", seconds[0], seconds[1]);
        n_different += engines[0].digest(engines[0].opened) != engines[1].digest(engines[1].opened);
    }
    const int are_alike = engines[0].lanes(engines[0].opened) == engines[1].lanes(engines[1].opened);
    printf("%s\n", !are_alike ? "unknown" : n_different == 0 ? "same" : "different");
    return 0;
}
