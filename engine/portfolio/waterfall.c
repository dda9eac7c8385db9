/* Chooses the waterfall compiled for an instruction set. */
#include "portfolio/programme.h"

const gf_programme_hot *gf_programme_table_sse2(void);
const gf_programme_hot *gf_programme_table_avx2(void);
const gf_programme_hot *gf_programme_table_avx512(void);

const gf_programme_hot *gf_programme_hot_table(gf_isa isa)
{
    return GF_OF_ISA(isa, gf_programme_table)();
}
