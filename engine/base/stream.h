/* Stores that go past the caches, for results that are written once and read much later: an ordinary store
 * would fetch the line from memory first and throw out of the caches what is needed next. */
#ifndef GF_BASE_STREAM_H
#define GF_BASE_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/intrinsics.h"

enum { GF_STREAM_LINE = 8 }; /* doubles of a cache line, which is stored at once or not past the caches */

/* One cache line; `to` begins it. */
static inline void gf_stream_line(double *to, const double *from)
{
#if defined(GF_AVX512)
    _mm512_stream_pd(to, _mm512_loadu_pd(from));
#elif defined(__AVX__)
    for (int i = 0; i < GF_STREAM_LINE; i += 4)
        _mm256_stream_pd(to + i, _mm256_loadu_pd(from + i));
#elif defined(__SSE2__)
    for (int i = 0; i < GF_STREAM_LINE; i += 2)
        _mm_stream_pd(to + i, _mm_loadu_pd(from + i));
#else
    memcpy(to, from, GF_STREAM_LINE * sizeof *to);
#endif
}

/* Copies n doubles; whole lines go past the caches. Call gf_stream_end() before another thread may read. */
static inline void gf_stream(double *to, const double *from, size_t n)
{
    size_t i = 0;
    if (((uintptr_t)to & 63u) == 0)
        for (; i + GF_STREAM_LINE <= n; i += GF_STREAM_LINE)
            gf_stream_line(to + i, from + i);
    if (i < n)
        memcpy(to + i, from + i, (n - i) * sizeof *to);
}

/* All that was stored so far is there before anything that is stored later. */
static inline void gf_stream_end(void)
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

#endif
