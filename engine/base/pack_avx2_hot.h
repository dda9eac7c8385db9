/* Packing with AVX2. What functions do, pack_avx512_hot.h says: part of pack_hot.h, which includes it once.
 */
#ifndef GF_BASE_PACK_AVX2_HOT_H
#define GF_BASE_PACK_AVX2_HOT_H

#define GF_PACK 8
typedef __m256i gf_words;
typedef __m256 gf_reals;
GF_PACK_INLINE gf_words gf_words_load(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}
GF_PACK_INLINE gf_words gf_words_set(uint32_t a)
{
    return _mm256_set1_epi32((int)a);
}
GF_PACK_INLINE gf_words gf_words_or(gf_words a, gf_words b)
{
    return _mm256_or_si256(a, b);
}
GF_PACK_INLINE gf_words gf_words_and(gf_words a, gf_words b)
{
    return _mm256_and_si256(a, b);
}
GF_PACK_INLINE gf_words gf_words_add(gf_words a, gf_words b)
{
    return _mm256_add_epi32(a, b);
}
GF_PACK_INLINE gf_words gf_words_subtract(gf_words a, gf_words b)
{
    return _mm256_sub_epi32(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_of_words(gf_words a)
{
    return _mm256_cvtepi32_ps(a);
}
GF_PACK_INLINE gf_reals gf_reals_of_bits(gf_words a)
{
    return _mm256_castsi256_ps(a);
}
GF_PACK_INLINE gf_words gf_words_of_bits(gf_reals a)
{
    return _mm256_castps_si256(a);
}
GF_PACK_INLINE gf_reals gf_reals_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
GF_PACK_INLINE gf_reals gf_reals_zero(void)
{
    return _mm256_setzero_ps();
}
GF_PACK_INLINE gf_reals gf_reals_set(float a)
{
    return _mm256_set1_ps(a);
}
GF_PACK_INLINE gf_words gf_words_shift_up(gf_words a, unsigned bits)
{
    return _mm256_slli_epi32(a, (int)bits);
}
GF_PACK_INLINE gf_words gf_words_shift(gf_words a, unsigned bits)
{
    return _mm256_srli_epi32(a, (int)bits);
}
GF_PACK_INLINE void gf_words_store(void *to, gf_words a)
{
    _mm256_storeu_si256((__m256i *)to, a);
}
/* a − 1 where b > c, else a */
GF_PACK_INLINE gf_words gf_words_less_where_above(gf_words a, gf_reals b, gf_reals c)
{
    return _mm256_add_epi32(a, _mm256_castps_si256(_mm256_cmp_ps(b, c, _CMP_GT_OQ)));
}
GF_PACK_INLINE void gf_reals_store(float *to, gf_reals a)
{
    _mm256_storeu_ps(to, a);
}
GF_PACK_INLINE gf_reals gf_reals_add(gf_reals a, gf_reals b)
{
    return _mm256_add_ps(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_subtract(gf_reals a, gf_reals b)
{
    return _mm256_sub_ps(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_multiply(gf_reals a, gf_reals b)
{
    return _mm256_mul_ps(a, b);
}
GF_PACK_INLINE gf_reals gf_reals_where_above(gf_reals a, gf_reals b, gf_reals x, gf_reals y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
GF_PACK_INLINE gf_reals gf_reals_choose(gf_reals table, gf_words tag)
{
    return _mm256_permutevar8x32_ps(table, tag);
}
GF_PACK_INLINE gf_reals gf_reals_choose16(const gf_reals *table, gf_words at)
{
    const __m256 is_high = _mm256_castsi256_ps(_mm256_slli_epi32(at, 28)); /* bit 3 as sign */
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(table[0], at), _mm256_permutevar8x32_ps(table[1], at),
                            is_high);
}
#define GF_PACK_TABLE 8
typedef struct {
    gf_reals all;
} gf_table;
GF_PACK_INLINE gf_table gf_table_load(const float *p)
{
    return (gf_table){_mm256_loadu_ps(p)};
}
GF_PACK_INLINE gf_reals gf_table_choose(const gf_table *table, gf_words tag)
{
    return _mm256_permutevar8x32_ps(table->all, tag);
}
GF_PACK_INLINE gf_reals gf_reals_gather(const float *table, gf_words at)
{
    return _mm256_i32gather_ps(table, at, 4);
}
GF_PACK_INLINE uint32_t gf_reals_above(gf_reals a, gf_reals b)
{
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
GF_PACK_INLINE uint32_t gf_words_with(gf_words a, uint32_t bit)
{
    const __m256i all = _mm256_set1_epi32((int)bit);
    return (uint32_t)_mm256_movemask_ps(
        _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(a, all), all)));
}
GF_PACK_INLINE uint32_t gf_reals_replace_below(gf_reals a, float *p, gf_reals x)
{
    const __m256 b = _mm256_loadu_ps(p), is_below = _mm256_cmp_ps(a, b, _CMP_GT_OQ);
    _mm256_storeu_ps(p, _mm256_blendv_ps(b, x, is_below));
    return (uint32_t)_mm256_movemask_ps(is_below);
}
GF_PACK_INLINE __m256i gf_first(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
GF_PACK_INLINE void gf_words_store_first(void *to, gf_words a, int n)
{
    _mm256_maskstore_epi32(to, gf_first(n), a);
}
GF_PACK_INLINE void gf_reals_store_first(float *to, gf_reals a, int n)
{
    _mm256_maskstore_ps(to, gf_first(n), a);
}
GF_PACK_INLINE uint32_t gf_doubles_from(const double *p, double least)
{
    const __m256d is_from = _mm256_cmp_pd(_mm256_loadu_pd(p), _mm256_set1_pd(least), _CMP_GE_OQ);
    return (uint32_t)_mm256_movemask_pd(is_from);
}
GF_PACK_INLINE uint32_t gf_doubles_outside(const double *p, double centre, double most)
{
    const __m256d middle = _mm256_set1_pd(centre), far = _mm256_set1_pd(most), sign = _mm256_set1_pd(-0.0);
    const __m256d low = _mm256_andnot_pd(sign, _mm256_sub_pd(_mm256_loadu_pd(p), middle)),
                  high = _mm256_andnot_pd(sign, _mm256_sub_pd(_mm256_loadu_pd(p + 4), middle));
    return (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(low, far, _CMP_GT_OQ)) |
           (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(high, far, _CMP_GT_OQ)) << 4;
}
GF_PACK_INLINE uint32_t gf_words_equal(gf_words a, int32_t b)
{
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, _mm256_set1_epi32(b))));
}
GF_PACK_INLINE uint32_t gf_words_above(gf_words a, uint32_t b)
{
    const __m256i sign = _mm256_set1_epi32(INT32_MIN);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(
        _mm256_cmpgt_epi32(_mm256_xor_si256(a, sign), _mm256_set1_epi32((int)b ^ INT32_MIN))));
}

/* gf_pack_order[bits]: the positions of the set bits, a byte each. Made before main (pext is slow on some
 * machines). */
static uint64_t gf_pack_order[256];
__attribute__((constructor)) static void gf_pack_make_order(void)
{
    for (unsigned bits = 0; bits < 256; bits++)
        for (unsigned position = 0, n = 0; position < 8; position++)
            if (bits >> position & 1u)
                gf_pack_order[bits] |= (uint64_t)position << 8 * n++;
}
GF_PACK_INLINE void gf_words_pack(void *to, gf_words a, uint32_t chosen)
{
    const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)gf_pack_order[chosen]));
    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(a, order));
}
GF_PACK_INLINE void gf_reals_pack(float *to, gf_reals a, uint32_t chosen)
{
    gf_words_pack(to, _mm256_castps_si256(a), chosen);
}
GF_PACK_INLINE gf_words gf_words_count_from(int32_t first)
{
    return _mm256_add_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#endif
