/* Instruction sets the hot files are compiled for. One source, one object per set, chosen once at run time.
 * A hot file names its external symbols with GF_HOT(); CMake compiles it once per set with -DGF_ISA=sse2, …
 */
#ifndef GF_BASE_ISA_H
#define GF_BASE_ISA_H

#include "base/status.h"

#define GF_HOT_PASTE_(name, isa) name##_##isa
#define GF_HOT_PASTE(name, isa)  GF_HOT_PASTE_(name, isa)
#define GF_HOT(name)             GF_HOT_PASTE(name, GF_ISA)

/* "sse2" is the baseline of x86-64; on other machines it stands for plain C. */
typedef enum { GF_ISA_SSE2, GF_ISA_AVX2, GF_ISA_AVX512, GF_N_ISA } gf_isa;

/* Is the environment variable GUIDEFUND_SIMD unset or empty, or the name of a set that this machine has?
 * GF_USAGE if not: a program checks it once at its start. */
gf_status gf_isa_check(gf_error *error);
/* The set that GUIDEFUND_SIMD names, else the best one of this machine; also where gf_isa_check() would
 * complain. */
gf_isa gf_isa_detect(void);
/* 1 if this machine can run the set and it was compiled in. */
int gf_isa_available(gf_isa isa);
const char *gf_isa_name(gf_isa isa);
/* Set of that name, or GF_N_ISA. */
gf_isa gf_isa_from_name(const char *name);

/* The function, or the address of the table, that a hot file has for a set: GF_OF_ISA(isa, name)(…),
 * GF_OF_ISA(isa, &table). For sets that are not compiled in that of "sse2". */
#ifdef GF_HAVE_AVX2
#define GF_COPY_AVX2(name) name##_avx2
#else
#define GF_COPY_AVX2(name) name##_sse2
#endif
#ifdef GF_HAVE_AVX512
#define GF_COPY_AVX512(name) name##_avx512
#else
#define GF_COPY_AVX512(name) name##_sse2
#endif
#define GF_OF_ISA(isa, name)                                                                                 \
    ((isa) == GF_ISA_AVX512 ? GF_COPY_AVX512(name) : (isa) == GF_ISA_AVX2 ? GF_COPY_AVX2(name) : name##_sse2)

#endif
