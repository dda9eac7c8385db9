/* Vector instructions by name, for files with branches of their own for an instruction set. Those ask here,
 * not the compiler, whether they may use AVX-512 (GF_AVX512): a build with GF_EMULATE_AVX512 takes the same
 * branches on machines without it, with functions of the same names (tests/emulated/immintrin.h). */
#ifndef GF_BASE_INTRINSICS_H
#define GF_BASE_INTRINSICS_H

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(GF_EMULATE_AVX512)
#define GF_AVX512 1
#elif defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define GF_AVX512 1
#endif

#endif
