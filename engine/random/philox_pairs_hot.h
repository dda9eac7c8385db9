/* Philox4x32-10 of 16 addresses a vector, for AVX-512: even and odd words are multiplied apart and joined by
 * shuffles, so that counters stay packed and need no widening, and loads and stores are whole. A fifth faster
 * than eight addresses in 64-bit lanes (luck_hot.c), which sets without masked shuffles are better off with.
 * Part of luck_hot.c, which includes it once. */

/* Four groups together hide the latency of the multiplications. */
enum { PAIRS = 16, PAIR_GROUPS = 4 };

typedef struct {
    __m512i c0, c1, c2, c3;
} pairs4;

/* High and low halves of 16 products. */
GF_SIMD_INLINE void multiply_pairs(__m512i x, __m512i m, __m512i *high, __m512i *low)
{
    const __m512i even = _mm512_mul_epu32(x, m), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), m);
    *high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    *low = _mm512_mask_shuffle_epi32(even, 0xaaaa, odd, _MM_PERM_CCAA);
}

/* n groups, rounds from the done-th on; n is known when this is compiled. */
GF_SIMD_INLINE void philox_pairs(pairs4 *x, int n, int done, const shared_keys *keys)
{
    const __m512i m0 = _mm512_set1_epi32((int)GF_PHILOX_M0), m1 = _mm512_set1_epi32((int)GF_PHILOX_M1);
#if !defined(__clang__)
#pragma GCC unroll 1
#endif
    for (int round = done; round < GF_PHILOX_ROUNDS; round++) {
        const __m512i key0 = _mm512_set1_epi32((int)keys->k0[round]),
                      key1 = _mm512_set1_epi32((int)keys->k1[round]);
#if !defined(__clang__)
#pragma GCC unroll 8
#endif
        for (int g = 0; g < n; g++) {
            __m512i high0, low0, high1, low1;
            multiply_pairs(x[g].c0, m0, &high0, &low0);
            multiply_pairs(x[g].c2, m1, &high1, &low1);
            x[g].c0 = _mm512_ternarylogic_epi32(high1, x[g].c1, key0, 0x96);
            x[g].c1 = low1;
            x[g].c2 = _mm512_ternarylogic_epi32(high0, x[g].c3, key1, 0x96);
            x[g].c3 = low0;
        }
    }
}

/* Where places lie, and where their words go. */
typedef struct {
    const uint32_t *place;
    uint32_t first, stride, *w0, *w1, *w2, *w3;
} pairs_task;

GF_SIMD_INLINE void store_pairs(const pairs_task *t, size_t at, pairs4 x)
{
    _mm512_storeu_si512(t->w0 + at, x.c0);
    _mm512_storeu_si512(t->w1 + at, x.c1);
    _mm512_storeu_si512(t->w2 + at, x.c2);
    _mm512_storeu_si512(t->w3 + at, x.c3);
}

/* The words of n groups of places from number i on. The first of a round's products is that of the purpose,
 * which they share. */
GF_SIMD_INLINE void draw_pairs(const pairs_task *t, const shared_keys *k, size_t i, int n)
{
    const __m512i m0 = _mm512_set1_epi32((int)GF_PHILOX_M0);
    pairs4 x[PAIR_GROUPS];
    for (int g = 0; g < n; g++) {
        const __m512i place = _mm512_loadu_si512(t->place + i + (size_t)(g * PAIRS)),
                      lane = _mm512_and_si512(_mm512_srli_epi32(place, GF_PLACE_LANE_SHIFT),
                                              _mm512_set1_epi32(GF_PLACE_LANES - 1)),
                      startup = _mm512_sub_epi32(_mm512_srli_epi32(place, GF_PLACE_SLOT_SHIFT),
                                                 _mm512_mullo_epi32(lane, _mm512_set1_epi32((int)t->stride))),
                      portfolio = _mm512_add_epi32(_mm512_set1_epi32((int)t->first), lane),
                      block = _mm512_and_si512(place, _mm512_set1_epi32(GF_PLACE_BLOCKS - 1));
        __m512i high, low;
        multiply_pairs(startup, m0, &high, &low);
        x[g] = (pairs4){_mm512_xor_si512(portfolio, _mm512_set1_epi32((int)(k->use_high ^ k->k0[0]))),
                        _mm512_set1_epi32((int)k->use_low),
                        _mm512_ternarylogic_epi32(high, block, _mm512_set1_epi32((int)k->k1[0]), 0x96), low};
    }
    philox_pairs(x, n, 1, k);
    for (int g = 0; g < n; g++)
        store_pairs(t, i + (size_t)(g * PAIRS), x[g]);
}

/* NOLINTBEGIN(readability-non-const-parameter): written through the task */
static void places(uint64_t seed, size_t n, const uint32_t *place, uint64_t first_portfolio, uint32_t stride,
                   uint32_t purpose, uint32_t *w0, uint32_t *w1, uint32_t *w2, uint32_t *w3)
/* NOLINTEND(readability-non-const-parameter) */
{
    if (is_carried(first_portfolio)) {
        places_singly(seed, n, place, first_portfolio, stride, purpose, (uint32_t *const[]){w0, w1, w2, w3});
        return;
    }
    const shared_keys k = keys_of(seed, first_portfolio, 0, purpose);
    const pairs_task t = {.place = place,
                          .first = (uint32_t)first_portfolio,
                          .stride = stride,
                          .w0 = w0,
                          .w1 = w1,
                          .w2 = w2,
                          .w3 = w3};
    size_t i = 0;
    for (; i + PAIR_GROUPS * PAIRS <= n; i += PAIR_GROUPS * PAIRS)
        draw_pairs(&t, &k, i, PAIR_GROUPS);
    switch ((n - i) / PAIRS) { /* those that are left go together, too */
    case 3:
        draw_pairs(&t, &k, i, 3);
        break;
    case 2:
        draw_pairs(&t, &k, i, 2);
        break;
    case 1:
        draw_pairs(&t, &k, i, 1);
        break;
    default:
        break;
    }
}

/* What LANE_STEP portfolios make of the first rounds: words 0 (but for the block), 1 and 2 (likewise). */
enum { LANE_STEP = PAIR_GROUPS * PAIRS };
typedef struct {
    __m512i c0[PAIR_GROUPS], c1[PAIR_GROUPS], c2[PAIR_GROUPS];
    const shared_keys *keys;
} lane_start;

GF_SIMD_INLINE void start_lanes(lane_start *s, const shared_keys *k, uint64_t first)
{
    const __m512i m0 = _mm512_set1_epi32((int)GF_PHILOX_M0), m1 = _mm512_set1_epi32((int)GF_PHILOX_M1),
                  count = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    s->keys = k;
    for (int g = 0; g < PAIR_GROUPS; g++) {
        const __m512i portfolio =
            _mm512_add_epi32(_mm512_set1_epi32((int)(uint32_t)(first + (uint64_t)(g * PAIRS))), count);
        __m512i high0;
        multiply_pairs(_mm512_xor_si512(portfolio, _mm512_set1_epi32((int)(k->use_high ^ k->k0[0]))), m0,
                       &high0, &s->c2[g]);
        multiply_pairs(_mm512_xor_si512(high0, _mm512_set1_epi32((int)(k->startup_low ^ k->k1[1]))), m1,
                       &s->c0[g], &s->c1[g]);
    }
}

/* The words of LANE_STEP portfolios. */
GF_SIMD_INLINE void lane_words(const lane_start *s, lane_block b, uint32_t w[4][LANE_STEP])
{
    const pairs_task t = {.w0 = w[0], .w1 = w[1], .w2 = w[2], .w3 = w[3]};
    pairs4 x[PAIR_GROUPS];
    for (int g = 0; g < PAIR_GROUPS; g++)
        x[g] =
            (pairs4){_mm512_xor_si512(s->c0[g], _mm512_set1_epi32((int)b.c0)), s->c1[g],
                     _mm512_xor_si512(s->c2[g], _mm512_set1_epi32((int)b.c2)), _mm512_set1_epi32((int)b.c3)};
    philox_pairs(x, PAIR_GROUPS, SHARED_ROUNDS, s->keys);
    for (int g = 0; g < PAIR_GROUPS; g++)
        store_pairs(&t, (size_t)(g * PAIRS), x[g]);
}
