/* Philox4x32-10 of 16 addresses a vector, for AVX-512. Addresses and words are packed; in between, rounds go
 * in 64-bit lanes (philox_groups), even addresses in one vector and odd ones, shifted down, in another: what
 * the high halves hold does not matter, so that no word is widened, and one shuffle joins two vectors of
 * words. Part of luck_hot.c, which includes it once. */

/* Three pairs fill 24 of 32 registers. */
enum { PAIRS = 2 * GF_WORD_LANES, PAIR_GROUPS = 3 };

GF_SIMD_INLINE gf_lanes join_pair(gf_lanes even, gf_lanes odd)
{
    return _mm512_mask_shuffle_epi32(even, 0xaaaa, odd, _MM_PERM_CCAA);
}

GF_SIMD_INLINE void store_pairs(uint32_t *const w[4], size_t at, const block4 x[2])
{
    _mm512_storeu_si512(w[0] + at, join_pair(x[0].c0, x[1].c0));
    _mm512_storeu_si512(w[1] + at, join_pair(x[0].c1, x[1].c1));
    _mm512_storeu_si512(w[2] + at, join_pair(x[0].c2, x[1].c2));
    _mm512_storeu_si512(w[3] + at, join_pair(x[0].c3, x[1].c3));
}

/* Where places lie, and where their words go. */
typedef struct {
    const uint32_t *place;
    uint32_t first, stride, *w[4];
    const round_keys *keys;
} pairs_task;

/* The words of n groups of places from number i on. The first of a round's products is that of the purpose,
 * which they share. */
GF_SIMD_INLINE void draw_pairs(const pairs_task *t, const shared_keys *k, size_t i, int n)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), use_low = gf_lanes_set(k->use_low);
    block4 x[2 * PAIR_GROUPS];
    for (int g = 0; g < n; g++) {
        const __m512i place = _mm512_loadu_si512(t->place + i + (size_t)(g * PAIRS)),
                      lane = _mm512_and_si512(_mm512_srli_epi32(place, GF_PLACE_LANE_SHIFT),
                                              _mm512_set1_epi32(GF_PLACE_LANES - 1)),
                      startup = _mm512_sub_epi32(_mm512_srli_epi32(place, GF_PLACE_SLOT_SHIFT),
                                                 _mm512_mullo_epi32(lane, _mm512_set1_epi32((int)t->stride))),
                      portfolio = _mm512_xor_si512(_mm512_add_epi32(_mm512_set1_epi32((int)t->first), lane),
                                                   _mm512_set1_epi32((int)(k->use_high ^ k->k0[0]))),
                      block =
                          _mm512_xor_si512(_mm512_and_si512(place, _mm512_set1_epi32(GF_PLACE_BLOCKS - 1)),
                                           _mm512_set1_epi32((int)k->k1[0]));
        const gf_lanes p0 = gf_lanes_multiply(startup, m0),
                       p1 = gf_lanes_multiply(gf_lanes_high(startup), m0);
        x[2 * g] = (block4){portfolio, use_low, _mm512_xor_si512(gf_lanes_high(p0), block), p0};
        x[2 * g + 1] =
            (block4){gf_lanes_high(portfolio), use_low, gf_lanes_high(_mm512_xor_si512(p1, block)), p1};
    }
    philox_groups(x, 2 * n, 1, t->keys);
    for (int g = 0; g < n; g++)
        store_pairs(t->w, i + (size_t)(g * PAIRS), x + 2 * g);
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
    round_keys keys;
    const pairs_task t = {.place = place,
                          .first = (uint32_t)first_portfolio,
                          .stride = stride,
                          .w = {w0, w1, w2, w3},
                          .keys = &keys};
    size_t i = 0;
    spread_keys(&keys, seed);
    for (; i + PAIR_GROUPS * PAIRS <= n; i += PAIR_GROUPS * PAIRS)
        draw_pairs(&t, &k, i, PAIR_GROUPS);
    if (i + 2 * PAIRS <= n) /* those that are left go together, too */
        draw_pairs(&t, &k, i, 2);
    else if (i < n)
        draw_pairs(&t, &k, i, 1);
}

/* What LANE_STEP portfolios make of the first rounds: words 0 (but for the block), 1 and 2 (likewise). */
enum { LANE_PAIRS = 2, LANE_STEP = LANE_PAIRS * PAIRS };
typedef struct {
    gf_lanes c0[2 * LANE_PAIRS], c1[2 * LANE_PAIRS], c2[2 * LANE_PAIRS];
    round_keys keys;
} lane_start;

GF_SIMD_INLINE void start_lanes(lane_start *s, const shared_keys *k, uint64_t first)
{
    const gf_lanes m0 = gf_lanes_set(GF_PHILOX_M0), m1 = gf_lanes_set(GF_PHILOX_M1),
                   count = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    spread_keys(&s->keys, (uint64_t)k->k1[0] << 32 | k->k0[0]);
    for (int g = 0; g < 2 * LANE_PAIRS; g++) {
        const gf_lanes portfolio =
            gf_lanes_add(gf_lanes_set(first + (uint64_t)(g / 2 * PAIRS + g % 2)), count);
        s->c2[g] = gf_lanes_multiply(_mm512_xor_si512(portfolio, gf_lanes_set(k->use_high ^ k->k0[0])), m0);
        s->c1[g] = gf_lanes_multiply(
            _mm512_xor_si512(gf_lanes_high(s->c2[g]), gf_lanes_set(k->startup_low ^ k->k1[1])), m1);
        s->c0[g] = gf_lanes_high(s->c1[g]);
    }
}

/* The words of LANE_STEP portfolios. */
GF_SIMD_INLINE void lane_words(const lane_start *s, lane_block b, uint32_t *const w[4])
{
    block4 x[2 * LANE_PAIRS];
    for (int g = 0; g < 2 * LANE_PAIRS; g++)
        x[g] = (block4){_mm512_xor_si512(s->c0[g], gf_lanes_set(b.c0)), s->c1[g],
                        _mm512_xor_si512(s->c2[g], gf_lanes_set(b.c2)), gf_lanes_set(b.c3)};
    philox_groups(x, 2 * LANE_PAIRS, SHARED_ROUNDS, &s->keys);
    for (int g = 0; g < LANE_PAIRS; g++)
        store_pairs(w, (size_t)(g * PAIRS), x + 2 * g);
}
