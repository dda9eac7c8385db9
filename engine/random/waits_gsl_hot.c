/* Waiting times of the mode `gsl`: −log(u) by libm, rounded to float, to the bit. Logarithms are most of what
 * this mode takes, so that vectors of them come from the vector functions of the same library (libmvec),
 * which are right to four units in the last place. Where that leaves open how to round, libm is asked.
 * Compiled once per instruction set. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/intrinsics.h"
#include "base/isa.h"
#include "random/luck.h"

/* Names by the vector ABI of x86-64: how many, of which registers. */
#if defined(GF_LIBMVEC) && defined(GF_AVX512) && !defined(GF_EMULATE_AVX512)
__m512d _ZGVeN8v_log(__m512d);
enum { GROUP = 8 };
static inline void log_group(const double *x, double *y)
{
    _mm512_storeu_pd(y, _ZGVeN8v_log(_mm512_loadu_pd(x)));
}
#elif defined(GF_LIBMVEC) && defined(__AVX2__)
__m256d _ZGVdN4v_log(__m256d);
enum { GROUP = 4 };
static inline void log_group(const double *x, double *y)
{
    _mm256_storeu_pd(y, _ZGVdN4v_log(_mm256_loadu_pd(x)));
}
#else
enum { GROUP = 1 };
static inline void log_group(const double *x, double *y)
{
    *y = log(*x);
}
#endif

enum { CHUNK = 64, OPEN = 16 }; /* OPEN: units in the last place */

/* Whether a double is so near the middle between two floats that its last units decide how it is rounded:
 * 29 of its 52 bits are lost. */
static inline int is_open(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint64_t lost = bits & ((UINT64_C(1) << 29) - 1), middle = UINT64_C(1) << 28;
    return lost - (middle - OPEN) <= 2 * OPEN;
}

void GF_HOT(gf_waits_gsl)(size_t n, const uint32_t *words, float *e);
void GF_HOT(gf_waits_gsl)(size_t n, const uint32_t *words, float *e)
{
    double u[CHUNK], y[CHUNK];
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t m = n - start < CHUNK ? n - start : CHUNK;
        int n_open = 0;
#pragma omp simd
        for (size_t i = 0; i < m; i++)
            u[i] = gf_uniform_narrow(words[start + i]);
        for (size_t i = m; i % GROUP != 0; i++)
            u[i] = 1.0;
        for (size_t i = 0; i < m; i += GROUP)
            log_group(u + i, y + i);
#pragma omp simd reduction(+ : n_open)
        for (size_t i = 0; i < m; i++) {
            n_open += is_open(y[i]);
            e[start + i] = (float)-y[i];
        }
        for (size_t i = 0; n_open > 0 && i < m; i++)
            if (is_open(y[i]))
                e[start + i] = (float)-log(u[i]);
    }
}
