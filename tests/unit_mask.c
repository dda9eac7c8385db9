/* Masks of AVX-512 as numbers: bits above the mask are 0 even where the compiler must keep the number on the
 * stack. Compiled for that set with -O1, where gcc 12 got it wrong (gf_mask_bits, base/pack_hot.h). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/isa.h"
#include "base/pack_hot.h"

#if defined(GF_PACK) && GF_PACK == 16
static __attribute__((noinline)) void soil_stack(void)
{
    volatile char room[4096];
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = 0x5a;
}

static void nothing(void) {}
static void (*volatile call)(void) = nothing; /* keeps neither masks nor vectors */

/* The general registers that outlive calls are taken. */
#define TAKE_REGISTERS() __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15", "memory")

static __attribute__((noinline)) uint32_t pack_equal(const int32_t *from, int32_t *to, uint32_t *early)
{
    const gf_words a = gf_words_load(from);
    const uint32_t chosen = gf_words_equal(a, 1);
    *early = chosen;
    call();
    TAKE_REGISTERS();
    gf_words_pack(to, a, chosen);
    return chosen;
}

static __attribute__((noinline)) uint32_t pack_above(const float *from, float *to, uint32_t *early)
{
    const gf_reals a = gf_reals_load(from);
    const uint32_t chosen = gf_reals_above(a, gf_reals_zero());
    *early = chosen;
    call();
    TAKE_REGISTERS();
    gf_words_pack(to, gf_words_load(from), chosen);
    return chosen;
}

static void test_masks_end_where_they_should(void **state)
{
    (void)state;
    int32_t words[GF_PACK], packed[GF_PACK];
    float reals[GF_PACK], packed_reals[GF_PACK];
    uint32_t early;
    if (!gf_isa_available(GF_ISA_AVX512))
        skip();
    for (int i = 0; i < GF_PACK; i++) {
        words[i] = i % 2;
        reals[i] = (float)(i % 2);
    }
    soil_stack();
    assert_int_equal(pack_equal(words, packed, &early), 0xaaaa);
    assert_int_equal(early, 0xaaaa);
    soil_stack();
    assert_int_equal(pack_above(reals, packed_reals, &early), 0xaaaa);
    assert_int_equal(early, 0xaaaa);
    for (int i = 0; i < GF_PACK; i++) {
        assert_int_equal(packed[i], i < GF_PACK / 2);
        assert_true(packed_reals[i] == (float)(i < GF_PACK / 2));
    }
}
#else
static void test_masks_end_where_they_should(void **state)
{
    (void)state;
    skip();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_masks_end_where_they_should)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
