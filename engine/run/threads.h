/* Where threads begin. */
#ifndef GF_RUN_THREADS_H
#define GF_RUN_THREADS_H

/* Gives each of the n threads of the coming parallel regions a processor of its own to begin on, from which
 * the system may move it later: some systems start threads where their maker runs, and take longer to tell
 * them apart than a short run takes. Returns how many threads were moved: none if that has been done, where
 * OpenMP binds threads itself (OMP_PROC_BIND, OMP_PLACES), inside of a parallel region, for one thread, or
 * where there is one processor. */
int gf_threads_spread(int n);

#endif
