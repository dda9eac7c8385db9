/* Chooses the kernel compiled for an instruction set. */
#include "portfolio/cohort.h"

const gf_kernel_hot *gf_kernel_table_sse2(void);
const gf_kernel_hot *gf_kernel_table_avx2(void);
const gf_kernel_hot *gf_kernel_table_avx512(void);

const gf_kernel_hot *gf_kernel_hot_table(gf_isa isa)
{
#ifdef GF_HAVE_AVX512
    if (isa == GF_ISA_AVX512)
        return gf_kernel_table_avx512();
#endif
#ifdef GF_HAVE_AVX2
    if (isa == GF_ISA_AVX2)
        return gf_kernel_table_avx2();
#endif
    (void)isa;
    return gf_kernel_table_sse2();
}
