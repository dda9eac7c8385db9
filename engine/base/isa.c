/* Run-time choice of the instruction set. */
#include "base/isa.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[GF_N_ISA] = {"sse2", "avx2", "avx512"};

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
    if (isa == GF_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (isa == GF_ISA_AVX2)
        return __builtin_cpu_supports("avx2") != 0;
    return isa == GF_ISA_SSE2;
#else
    return isa == GF_ISA_SSE2;
#endif
}

gf_status gf_isa_check(gf_error *error)
{
    const char *wanted = getenv("GUIDEFUND_SIMD");
    if (wanted == NULL || *wanted == '\0')
        return GF_OK;
    gf_isa isa = gf_isa_from_name(wanted);
    if (isa == GF_N_ISA)
        return gf_error_set(error, GF_USAGE,
                            "GUIDEFUND_SIMD: unknown instruction set '%s'; expected sse2, avx2 or avx512, or "
                            "the variable unset",
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
