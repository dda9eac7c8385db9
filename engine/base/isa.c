/* Run-time choice of the instruction set. */
#include "base/isa.h"

#include <stdlib.h>
#include <string.h>

/* A build that emulates AVX-512, and needs AVX2 for it, says so wherever it names what it runs on. */
#if defined(GF_EMULATE_AVX512)
#define AVX512_NAME  "avx512-emulated"
#define HAS_AVX512() __builtin_cpu_supports("avx2")
#else
#define AVX512_NAME "avx512"
#define HAS_AVX512()                                                                                         \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&                              \
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
#endif

static const char *const names[GF_N_ISA] = {"sse2", "avx2", AVX512_NAME};

const char *gf_isa_name(gf_isa isa)
{
    return names[isa];
}

gf_isa gf_isa_from_name(const char *name)
{
    for (int isa = 0; isa < GF_N_ISA; isa++)
        if (strcmp(names[isa], name) == 0)
            return (gf_isa)isa;
    return GF_N_ISA;
}

int gf_isa_available(gf_isa isa)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
#if defined(GF_HAVE_AVX512)
    if (isa == GF_ISA_AVX512)
        return HAS_AVX512() != 0;
#endif
#if defined(GF_HAVE_AVX2)
    if (isa == GF_ISA_AVX2)
        return __builtin_cpu_supports("avx2") != 0;
#endif
    return isa == GF_ISA_SSE2;
}

gf_status gf_isa_check(gf_error *error)
{
    const char *wanted = getenv("GUIDEFUND_SIMD");
    if (wanted == NULL || *wanted == '\0')
        return GF_OK;
    gf_isa isa = gf_isa_from_name(wanted);
    if (isa == GF_N_ISA)
        return gf_error_set(
            error, GF_USAGE,
            "GUIDEFUND_SIMD: unknown instruction set '%s'; expected sse2, avx2 or " AVX512_NAME
            ", or the variable unset",
            wanted);
    if (!gf_isa_available(isa))
        return gf_error_set(
            error, GF_USAGE,
            "GUIDEFUND_SIMD: this machine has no %s; expected one that `guidefund version' lists", wanted);
    return GF_OK;
}

gf_isa gf_isa_detect(void)
{
    const char *wanted = getenv("GUIDEFUND_SIMD");
    if (wanted != NULL) {
        gf_isa isa = gf_isa_from_name(wanted);
        if (isa != GF_N_ISA && gf_isa_available(isa))
            return isa;
    }
    for (int isa = GF_N_ISA - 1; isa > 0; isa--)
        if (gf_isa_available((gf_isa)isa))
            return (gf_isa)isa;
    return GF_ISA_SSE2;
}
