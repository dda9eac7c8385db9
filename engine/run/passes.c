/* Which set of passes is in use. */
#include "run/passes.h"

extern const gf_passes gf_passes_table_sse2, gf_passes_table_avx2, gf_passes_table_avx512;

const gf_passes *gf_passes_table(gf_isa isa)
{
    return GF_OF_ISA(isa, &gf_passes_table);
}

/* Chosen once before main, never changed after: all tables give the same bits. */
static const gf_passes *best = &gf_passes_table_sse2;

__attribute__((constructor)) static void choose_best(void)
{
    best = gf_passes_table(gf_isa_detect());
}

const gf_passes *gf_passes_in_use(void)
{
    return best;
}
