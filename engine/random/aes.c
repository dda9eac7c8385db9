/* Which of the ways to have rounds of AES this machine has. */
#include "random/ars_batch.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

extern const gf_ars_batch gf_ars_batch_plain;
#ifdef GF_HAVE_AES128
extern const gf_ars_batch gf_ars_batch_aes128;
#endif
#ifdef GF_HAVE_AES256
extern const gf_ars_batch gf_ars_batch_aes256;
#endif
#ifdef GF_HAVE_AES512
extern const gf_ars_batch gf_ars_batch_aes512;
#endif

static const struct {
    const char *name;
    const gf_ars_batch *batch; /* NULL: not compiled in */
} ways[GF_N_AES] = {
    {"plain C", &gf_ars_batch_plain},
#ifdef GF_HAVE_AES128
    [GF_AES_128] = {"AES instructions, 128 bits", &gf_ars_batch_aes128},
#endif
#ifdef GF_HAVE_AES256
    [GF_AES_256] = {"AES instructions, 256 bits", &gf_ars_batch_aes256},
#endif
#ifdef GF_HAVE_AES512
    [GF_AES_512] = {"AES instructions, 512 bits", &gf_ars_batch_aes512},
#endif
};

/* Instructions on blocks side by side; whether the system keeps their registers, sets of vectors tell. */
static int has_instructions(int are_wide)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_AES) == 0)
        return 0;
    return !are_wide || (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & bit_VAES) != 0);
#elif defined(__aarch64__) && defined(__linux__)
    enum { HAS_AES = 1 << 3 }; /* HWCAP_AES */
    return !are_wide && (getauxval(AT_HWCAP) & HAS_AES) != 0;
#else
    (void)are_wide;
    return 0;
#endif
}

int gf_aes_available(gf_aes aes)
{
    if (ways[aes].batch == NULL)
        return 0;
    switch (aes) {
    case GF_AES_PLAIN:
        return 1;
    case GF_AES_128:
        return has_instructions(0);
    case GF_AES_256:
        return has_instructions(1) && gf_isa_available(GF_ISA_AVX2);
    default:
        return has_instructions(1) && gf_isa_available(GF_ISA_AVX512);
    }
}

const char *gf_aes_name(gf_aes aes)
{
    return ways[aes].name;
}

gf_aes gf_aes_of(gf_isa isa)
{
    static const gf_aes widest[GF_N_ISA] = {GF_AES_128, GF_AES_256, GF_AES_512};
    for (int aes = (int)widest[isa]; aes > 0; aes--)
        if (gf_aes_available((gf_aes)aes))
            return (gf_aes)aes;
    return GF_AES_PLAIN;
}

const gf_ars_batch *gf_ars_batch_table(gf_aes aes)
{
    return ways[aes].batch;
}
