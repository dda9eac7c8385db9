/* Chooses the kernel compiled for an instruction set. */
#include "portfolio/cohort.h"

const gf_kernel_hot *gf_kernel_table_sse2(void);
const gf_kernel_hot *gf_kernel_table_avx2(void);
const gf_kernel_hot *gf_kernel_table_avx512(void);

const gf_kernel_hot *gf_kernel_hot_table(gf_isa isa)
{
    return GF_OF_ISA(isa, gf_kernel_table)();
}
