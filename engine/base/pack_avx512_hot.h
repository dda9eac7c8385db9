/* Packing with AVX-512: part of pack_hot.h, which includes it once. */
#ifndef GF_BASE_PACK_AVX512_HOT_H
#define GF_BASE_PACK_AVX512_HOT_H

#define GF_PACK 16 /* elements of a vector */
typedef __m512i gf_words;
typedef __m512 gf_reals;
GF_PACK_INLINE gf_words gf_words_load(const void *p)
{
    return _mm512_loadu_si512(p);
}
/* The result of a comparison as a number. Where it serves as mask too, as in packing and counting, gcc 12
 * loses the extension with zeros: combine makes one instruction of comparison and extension, sse.md splits
 * that into a write of the low half, and a mask that is spilled comes back with what the stack held above its
 * 16 bits (unit_mask.c). It may with any options, and did with sanitizers. The empty statement keeps the two
 * apart and costs nothing: the result is in a mask register anyway. */
GF_PACK_INLINE uint32_t gf_mask_bits(__mmask16 mask)
{
#if !defined(__clang__) && !defined(GF_EMULATE_AVX512)
    __asm__("" : "+Yk"(mask));
#endif
    return mask;
}
/* The same of eight. */
GF_PACK_INLINE uint32_t gf_mask_bits8(__mmask8 mask)
{
#if !defined(__clang__) && !defined(GF_EMULATE_AVX512)
    __asm__("" : "+Yk"(mask));
#endif
    return mask;
}
GF_PACK_INLINE gf_words gf_words_set(uint32_t a)
{
    return _mm512_set1_epi32((int)a);
}
GF_PACK_INLINE gf_words gf_words_or(gf_words a, gf_words b)
{
    return _mm512_or_si512(a, b);
}
GF_PACK_INLINE gf_words gf_words_and(gf_words a, gf_words b)
{
    return _mm512_and_si512(a, b);
}
GF_PACK_INLINE gf_words gf_words_add(gf_words a, gf_words b)
{
    return _mm512_add_epi32(a, b);
}
GF_PACK_INLINE gf_words gf_words_subtract(gf_words a, gf_words b)
{
    return _mm512_sub_epi32(a, b);
}
/* signed */
GF_PACK_INLINE gf_reals gf_reals_of_words(gf_words a)
{
    return _mm512_cvtepi32_ps(a);
}
GF_PACK_INLINE gf_reals gf_reals_of_bits(gf_words a)
{
    return _mm512_castsi512_ps(a);
}
GF_PACK_INLINE gf_words gf_words_of_bits(gf_reals a)
{
    return _mm512_castps_si512(a);
}
GF_PACK_INLINE gf_reals gf_reals_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
GF_PACK_INLINE gf_reals gf_reals_zero(void)
{
    return _mm512_setzero_ps();
}
GF_PACK_INLINE gf_reals gf_reals_set(float a)
{
    return _mm512_set1_ps(a);
}
/* p[0] … p[3] four times */
GF_PACK_INLINE gf_reals gf_reals_repeat4(const float *p)
{
    return _mm512_broadcast_f32x4(_mm_loadu_ps(p));
}
/* the low halves of products */
GF_PACK_INLINE gf_words gf_words_multiply(gf_words a, gf_words b)
{
    return _mm512_mullo_epi32(a, b);
}
GF_PACK_INLINE gf_words gf_words_gather(const uint32_t *table, gf_words at)
{
    return _mm512_castps_si512(_mm512_i32gather_ps(at, table, 4));
}
GF_PACK_INLINE gf_words gf_words_shift_up(gf_words a, unsigned bits)
{
    return _mm512_slli_epi32(a, bits);
}
GF_PACK_INLINE gf_words gf_words_shift(gf_words a, unsigned bits)
{
    return _mm512_srli_epi32(a, bits);
}
GF_PACK_INLINE void gf_words_store(void *to, gf_words a)
{
    _mm512_storeu_si512(to, a);
}
/* a − 1 where b > c, else a */
GF_PACK_INLINE gf_words gf_words_less_where_above(gf_words a, gf_reals b, gf_reals c)
{
    return _mm512_mask_sub_epi32(a, _mm512_cmp_ps_mask(b, c, _CMP_GT_OQ), a, _mm512_set1_epi32(1));
}
GF_PACK_INLINE void gf_reals_store(float *to, gf_reals a)
{
    _mm512_storeu_ps(to, a);
}
GF_PACK_INLINE gf_reals gf_reals_add(gf_reals a, gf_reals b)
{
    return _mm512_add_ps(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_subtract(gf_reals a, gf_reals b)
{
    return _mm512_sub_ps(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_multiply(gf_reals a, gf_reals b)
{
    return _mm512_mul_ps(a, b);
}
/* x where a > b, else y */
GF_PACK_INLINE gf_reals gf_reals_where_above(gf_reals a, gf_reals b, gf_reals x, gf_reals y)
{
    return _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), x);
}
/* table[tag]: the low bits of each word choose among GF_PACK entries */
GF_PACK_INLINE gf_reals gf_reals_choose(gf_reals table, gf_words tag)
{
    return _mm512_permutexvar_ps(tag, table);
}
/* the same among 16 entries, in 16 / GF_PACK vectors */
GF_PACK_INLINE gf_reals gf_reals_choose16(const gf_reals *table, gf_words at)
{
    return _mm512_permutexvar_ps(at, table[0]);
}
/* the same among all that one instruction can choose from */
#define GF_PACK_TABLE 32
#define GF_FOUR_LANES 1 /* a table holds eight entries of each of four lanes: they share rows */
typedef struct {
    gf_reals low, high;
} gf_table;
GF_PACK_INLINE gf_table gf_table_load(const float *p)
{
    return (gf_table){_mm512_loadu_ps(p), _mm512_loadu_ps(p + 16)};
}
GF_PACK_INLINE gf_reals gf_table_choose(const gf_table *table, gf_words tag)
{
    return _mm512_permutex2var_ps(table->low, tag, table->high);
}
/* Eight entries of four lanes each, entry by entry (those of `upper` after those of `lower`), as a table lane
 * by lane. */
GF_PACK_INLINE gf_table gf_table_by_lane(gf_reals lower, gf_reals upper)
{
    const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29),
                  last = _mm512_add_epi32(first, _mm512_set1_epi32(2));
    return (gf_table){_mm512_permutex2var_ps(lower, first, upper),
                      _mm512_permutex2var_ps(lower, last, upper)};
}
/* The same of five entries, of which `last` has the fifth: of lane `first` of sixteen and three more. */
GF_PACK_INLINE gf_table gf_table_of_five(gf_reals lower, gf_reals last, int first)
{
    const __m512i at = _mm512_setr_epi32(0, 4, 8, 12, 16 + first, 0, 0, 0, 1, 5, 9, 13, 17 + first, 0, 0, 0),
                  next = _mm512_add_epi32(at, _mm512_set1_epi32(2));
    return (gf_table){_mm512_maskz_permutex2var_ps(0x1f1f, lower, at, last),
                      _mm512_maskz_permutex2var_ps(0x1f1f, lower, next, last)};
}
/* p[i] += table[i] */
GF_PACK_INLINE void gf_table_add(float *p, gf_table table)
{
    _mm512_storeu_ps(p, _mm512_add_ps(_mm512_loadu_ps(p), table.low));
    _mm512_storeu_ps(p + 16, _mm512_add_ps(_mm512_loadu_ps(p + 16), table.high));
}
GF_PACK_INLINE gf_reals gf_reals_gather(const float *table, gf_words at)
{
    return _mm512_i32gather_ps(at, table, 4);
}
GF_PACK_INLINE uint32_t gf_reals_above(gf_reals a, gf_reals b)
{
    return gf_mask_bits(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ));
}
/* which have this bit */
GF_PACK_INLINE uint32_t gf_words_with(gf_words a, uint32_t bit)
{
    return gf_mask_bits(_mm512_test_epi32_mask(a, _mm512_set1_epi32((int)bit)));
}
/* which of those at p are below a; they become x */
GF_PACK_INLINE uint32_t gf_reals_replace_below(gf_reals a, float *p, gf_reals x)
{
    const __mmask16 is_below = _mm512_cmp_ps_mask(a, _mm512_loadu_ps(p), _CMP_GT_OQ);
    _mm512_mask_storeu_ps(p, is_below, x);
    return gf_mask_bits(is_below);
}
GF_PACK_INLINE __mmask16 gf_first(int n)
{
    return (__mmask16)((1u << n) - 1u);
}
/* the first n elements, and 0 behind them; n may be more than there are */
GF_PACK_INLINE gf_words gf_words_first(gf_words a, int n)
{
    return _mm512_maskz_mov_epi32(n < 16 ? gf_first(n) : 0xffff, a);
}
/* stores the first n elements, 0 ≤ n ≤ GF_PACK */
GF_PACK_INLINE void gf_words_store_first(void *to, gf_words a, int n)
{
    _mm512_mask_storeu_epi32(to, gf_first(n), a);
}
GF_PACK_INLINE void gf_reals_store_first(float *to, gf_reals a, int n)
{
    _mm512_mask_storeu_ps(to, gf_first(n), a);
}
GF_PACK_INLINE gf_words gf_words_of_bytes(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
}
/* their sum, modulo 2^32 */
GF_PACK_INLINE uint32_t gf_words_sum(gf_words a)
{
    return (uint32_t)_mm512_reduce_add_epi32(a);
}
/* a + 2^at in the first n words, else a */
GF_PACK_INLINE gf_words gf_words_add_bits(gf_words a, gf_words at, int n)
{
    const __m512i bit = _mm512_sllv_epi32(_mm512_set1_epi32(1), at);
    return _mm512_add_epi32(a, _mm512_maskz_mov_epi32(gf_first(n), bit));
}
/* which of the GF_PACK / 2 doubles at p are at least `least` */
GF_PACK_INLINE uint32_t gf_doubles_from(const double *p, double least)
{
    return gf_mask_bits8(_mm512_cmp_pd_mask(_mm512_loadu_pd(p), _mm512_set1_pd(least), _CMP_GE_OQ));
}
/* which of the GF_PACK doubles at p are more than `most` away from `centre` */
GF_PACK_INLINE uint32_t gf_doubles_outside(const double *p, double centre, double most)
{
    const __m512d middle = _mm512_set1_pd(centre), far = _mm512_set1_pd(most);
    const __m512d low = _mm512_abs_pd(_mm512_sub_pd(_mm512_loadu_pd(p), middle)),
                  high = _mm512_abs_pd(_mm512_sub_pd(_mm512_loadu_pd(p + 8), middle));
    return gf_mask_bits8(_mm512_cmp_pd_mask(low, far, _CMP_GT_OQ)) |
           gf_mask_bits8(_mm512_cmp_pd_mask(high, far, _CMP_GT_OQ)) << 8;
}
GF_PACK_INLINE uint32_t gf_words_equal(gf_words a, int32_t b)
{
    return gf_mask_bits(_mm512_cmpeq_epi32_mask(a, _mm512_set1_epi32(b)));
}
GF_PACK_INLINE uint32_t gf_words_above(gf_words a, uint32_t b) /* without sign */
{
    return gf_mask_bits(_mm512_cmplt_epu32_mask(_mm512_set1_epi32((int)b), a));
}
/* Stores the elements whose bits are set one after the other, and GF_PACK elements in all. */
GF_PACK_INLINE void gf_words_pack(void *to, gf_words a, uint32_t chosen)
{
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)chosen, a));
}
GF_PACK_INLINE void gf_reals_pack(float *to, gf_reals a, uint32_t chosen)
{
    gf_words_pack(to, _mm512_castps_si512(a), chosen);
}
/* first, first + 1 … */
GF_PACK_INLINE gf_words gf_words_count_from(int32_t first)
{
    return _mm512_add_epi32(_mm512_set1_epi32(first),
                            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

#endif
