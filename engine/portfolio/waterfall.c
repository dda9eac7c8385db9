/* Chooses the waterfall compiled for an instruction set. */
#include "portfolio/programme.h"

const gf_programme_hot *gf_programme_table_sse2(void);
const gf_programme_hot *gf_programme_table_avx2(void);
const gf_programme_hot *gf_programme_table_avx512(void);

const gf_programme_hot *gf_programme_hot_table(gf_isa isa)
{
#ifdef GF_HAVE_AVX512
    if (isa == GF_ISA_AVX512)
        return gf_programme_table_avx512();
#endif
#ifdef GF_HAVE_AVX2
    if (isa == GF_ISA_AVX2)
        return gf_programme_table_avx2();
#endif
    (void)isa;
    return gf_programme_table_sse2();
}
