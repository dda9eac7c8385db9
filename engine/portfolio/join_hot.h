/* Startups that wait again, and how many graduates there are: fifth part of the kernel (kernel_hot.c, which
 * includes it once). */

static inline void count(gf_cohort *k, int32_t cause, uint32_t tag)
{
    k->n_by_cause[gf_tag_sector(tag)][cause][gf_tag_lane(tag)]++;
}

/* A startup waits by the clock of its next class, that of `tag`: in a row behind all others of its lane,
 * where rows close up. */
static inline void wait_by_clock(gf_cohort *k, uint32_t tag, float budget)
{
    const int lane = (int)gf_tag_lane(tag);
    const size_t row = k->keeps_rows ? gf_kept_row(k, lane, gf_tag_slot(tag)) : gf_next_row(k, lane);
    k->n_rows[lane >> k->sharing_bits] += !k->keeps_rows;
    k->row_tag[row] = tag;
    k->until[row] = k->clock[gf_tag_cell(tag)] + budget;
}

/* A startup waits again, in the class of `tag` with a new budget. */
static inline void join(gf_cohort *k, uint32_t tag, float budget)
{
    if (k->is_own) {
        const uint32_t row = k->row_of[gf_tag_slot(tag)];
        k->row_tag[row] = tag;
        k->until[row] = budget;
    } else
        wait_by_clock(k, tag, budget);
}

/* Graduates of the only sector by lane, or by lanes that share rows: the events that are nothing else. Known
 * where this is inlined. */
static inline __attribute__((always_inline)) void count_rest(const gf_cohort *k, int sharing,
                                                             int32_t *restrict n_graduates)
{
    const int32_t *restrict from = k->events.from, *restrict b = k->n_by_cause[0][GF_BREAKOUT],
                            *restrict l = k->n_by_cause[0][GF_LIST],
                            *restrict a = k->n_by_cause[0][GF_ACQUIRE],
                            *restrict f = k->n_by_cause[0][GF_FAIL];
    int32_t others[GF_LANES];
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++)
        others[lane] = b[lane] + l[lane] + a[lane] + f[lane];
#pragma omp simd
    for (int i = 0; i < GF_LANES / sharing; i++) {
        int32_t n = from[i + 1] - from[i];
        for (int j = 0; j < sharing; j++)
            n -= others[i * sharing + j];
        n_graduates[i] = n;
    }
}

/* Startups by lane. Neighbours are often of one: counted apart, many do not wait for each other. */
static void count_by_lane(const gf_kind *kind, int32_t *restrict n)
{
    enum { APART = 4, MANY = 4 * GF_LANES };
    const uint32_t *restrict tags = kind->tag;
    size_t j = 0;
    if (kind->n >= MANY) {
        int32_t apart[APART][GF_LANES] = {{0}};
        for (; j + APART <= kind->n; j += APART)
            for (size_t i = 0; i < APART; i++)
                apart[i][gf_tag_lane(tags[j + i])]++;
        for (int i = 0; i < APART; i++)
            for (int lane = 0; lane < GF_LANES; lane++)
                n[lane] += apart[i][lane];
    }
    for (; j < kind->n; j++)
        n[gf_tag_lane(tags[j])]++;
}

/* Graduates by sector and lane. */
static void count_graduates(gf_cohort *k)
{
    const gf_kind g = k->events.graduates;
    if (k->counts_later && k->keeps_rows)
        return; /* count_stages() */
    if (k->n_sectors == 1 && k->sharing_bits == 0) {
        count_rest(k, 1, k->n_by_cause[0][GF_GRADUATE]);
        return;
    }
    if (k->n_sectors == 1)
        count_by_lane(&g, gf_counts(k)[GF_GRADUATE]);
    for (size_t j = 0; k->n_sectors > 1 && j < g.n; j++)
        count(k, GF_GRADUATE, g.tag[j]);
}

#ifdef GF_PACK
/* Of the chosen of these tags, those of each of the lanes that share rows are added to n. */
GF_PACK_INLINE void count_lanes(gf_words tag, uint32_t chosen, int32_t n[GF_SHARING])
{
    if (GF_SHARING == 1)
        return; /* n_together */
    const uint32_t odd = gf_words_with(tag, 1u << GF_LANE_SHIFT) & chosen,
                   upper = gf_words_with(tag, 2u << GF_LANE_SHIFT) & chosen;
    const int32_t n_odd = (int32_t)gf_count(odd), n_upper = (int32_t)gf_count(upper),
                  n_last = (int32_t)gf_count(odd & upper);
    n[0] += (int32_t)gf_count(chosen) - n_odd - n_upper + n_last;
    n[1 % GF_SHARING] += n_odd - n_last;
    n[2 % GF_SHARING] += n_upper - n_last;
    n[3 % GF_SHARING] += n_last;
}

/* One more in the byte of each of the first `some` words that the lane of its tag chooses. */
GF_PACK_INLINE gf_words count_bytes(gf_words bytes, gf_words tag, int some)
{
#ifdef GF_FOUR_LANES
    _Static_assert(GF_LANE_SHIFT == 3, "bits of a lane, where they stand in a tag, are times eight");
    const gf_words lane = gf_words_and(tag, gf_words_set((GF_SHARING - 1) << GF_LANE_SHIFT));
    return gf_words_add_bits(bytes, lane, some);
#else
    (void)tag, (void)some; /* nobody waits for counts */
    return bytes;
#endif
}

#ifdef GF_FOUR_LANES
/* Bytes of graduates to n_so_far. */
PHASE void add_bytes(gf_cohort *k)
{
    for (int i = 0; i < GF_LANES / GF_SHARING; i++) {
        uint32_t even = 0, odd = 0; /* two bytes a lane */
        for (int j = 0; j < GF_PACK; j++) {
            even += k->graduate_bytes[i][j] & 0x00ff00ffu;
            odd += k->graduate_bytes[i][j] >> 8 & 0x00ff00ffu;
        }
        int32_t *n = k->n_so_far[GF_GRADUATE] + i * GF_SHARING;
        n[0] += (int32_t)(even & 0xffffu);
        n[1] += (int32_t)(odd & 0xffffu);
        n[2] += (int32_t)(even >> 16);
        n[3] += (int32_t)(odd >> 16);
    }
    memset(k->graduate_bytes, 0, sizeof k->graduate_bytes);
    k->n_byte_vectors = 0;
}

/* Graduates of rows that stay: as many as stages of those who came in lie behind their first. */
PHASE void count_stages(gf_cohort *k)
{
    const gf_words stage = gf_words_set(GF_STAGE_ROOM - 1);
    int32_t *n = k->n_so_far[GF_GRADUATE];
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const size_t slot = (size_t)(lane * k->stride);
        const gf_words last = gf_words_and(gf_words_load(k->row_tag + gf_kept_row(k, lane, slot)), stage),
                       first = gf_words_of_bytes(k->entry_stage + slot);
        n[lane] = (int32_t)gf_words_sum(gf_words_first(gf_words_subtract(last, first), k->n_entered[lane]));
    }
}
_Static_assert(GF_KEPT_ROWS <= GF_PACK, "a vector holds the kept rows of a lane");

/* Makes room for as many vectors more, at most UINT8_MAX: no byte may overflow. */
static void make_room_for_bytes(gf_cohort *k, int n_vectors)
{
    if (k->n_byte_vectors + n_vectors > UINT8_MAX)
        add_bytes(k);
    k->n_byte_vectors += n_vectors;
}
#endif

/* By clocks of the only sector: graduates of lanes that share rows follow each other, and go to the next rows
 * together. All take as many vectors as the most need; is_one: one; counts_later; known where this is
 * inlined.
 */
GF_PACK_INLINE void join_lanes(gf_cohort *k, const int32_t *n_together, int most, int is_one,
                               int counts_later)
{
    const gf_words next = gf_words_set(GF_NEXT_STAGE);
    const uint32_t *tags = k->events.graduates.tag; /* local copies, which no store can mean */
    const float *budget = k->events.budget, *clock = k->clock;
    const size_t stride = (size_t)k->row_stride * GF_SHARING;
    const int n_lanes = k->n_lanes;
    int32_t *n_graduates = gf_counts(k)[GF_GRADUATE];
    uint32_t *row_tag = k->row_tag;
    float *until = k->until;
    int *n_rows = k->n_rows;
    for (int lane = 0; lane < n_lanes; lane += GF_SHARING) {
        const gf_table table = gf_table_load(clock);
        const int n = *n_together;
        const size_t row = (size_t)*n_rows;
        const size_t ahead =
            2 * stride + (size_t)k->n_rows[(lane / GF_SHARING + 2) % (GF_LANES / GF_SHARING)];
        gf_fetch(row_tag + ahead);
        gf_fetch(until + ahead);
        int32_t n_each[GF_SHARING] = {GF_SHARING == 1 ? n : 0};
        gf_words bytes = counts_later ? gf_words_load(k->graduate_bytes[lane / GF_SHARING]) : next;
        for (int i = 0; i < (is_one ? 1 : most); i += GF_PACK) {
            const gf_words tag = gf_words_add(gf_words_load(tags + i), next); /* the low bits choose */
            const gf_reals date = gf_reals_add(gf_table_choose(&table, tag), gf_reals_load(budget + i));
            const int left = is_one || n - i < GF_PACK ? n - i : GF_PACK,
                      some = is_one || left > 0 ? left : 0;
            gf_words_store_first(row_tag + row + i, tag, some);
            gf_reals_store_first(until + row + i, date, some);
            if (counts_later)
                bytes = count_bytes(bytes, tag, some);
            else
                count_lanes(tag, gf_first_bits(some), n_each);
        }
        if (counts_later)
            gf_words_store(k->graduate_bytes[lane / GF_SHARING], bytes);
        for (int i = 0; !counts_later && i < GF_SHARING; i++)
            n_graduates[lane + i] += n_each[i];
        *n_rows++ += n;
        n_together++;
        tags += n;
        budget += n;
        clock += GF_PACK_TABLE;
        row_tag += stride;
        until += stride;
    }
}

/* n_together: graduates of the lanes that share rows, of which `most` are the most. counts_later: into bytes;
 * known where this is inlined. */
GF_PACK_INLINE void join_by_lanes(gf_cohort *k, const int32_t *n_together, int most, int counts_later)
{
    if (most <= GF_PACK)
        join_lanes(k, n_together, most, 1, counts_later);
    else
        join_lanes(k, n_together, most, 0, counts_later);
}

/* Bytes hold what UINT8_MAX vectors add to them: more graduates of a quarter are counted at once. */
PHASE void join_clocks(gf_cohort *k)
{
    int32_t n_together[GF_LANES];
    int most = 0;
    if (k->counts_later)
        for (int i = 0; i < GF_LANES / GF_SHARING; i++)
            n_together[i] = k->events.graduates_from[i + 1] - k->events.graduates_from[i];
    else
        count_rest(k, GF_SHARING, n_together);
    for (int i = 0; i < GF_LANES / GF_SHARING; i++)
        most = n_together[i] > most ? n_together[i] : most;
#ifdef GF_FOUR_LANES
    const int n_vectors = (most + GF_PACK - 1) / GF_PACK;
    if (k->counts_later && n_vectors <= UINT8_MAX) {
        make_room_for_bytes(k, n_vectors);
        join_by_lanes(k, n_together, most, 1);
        return;
    }
#endif
    join_by_lanes(k, n_together, most, 0);
}
#endif

/* By clocks, in rows that stay. */
static void join_kept(gf_cohort *k, const gf_kind *g)
{
    const uint32_t *restrict tags = g->tag;
    const float *restrict budget = k->events.budget, *restrict clock = k->clock;
    const int32_t *restrict row_offset = k->row_offset;
    uint32_t *restrict row_tag = k->row_tag;
    float *restrict until = k->until;
    for (size_t j = 0; j < g->n; j++) {
        const uint32_t tag = tags[j] + GF_NEXT_STAGE;
        const int32_t row = (int32_t)gf_tag_slot(tag) + row_offset[gf_tag_lane(tag)];
        row_tag[row] = tag;
        until[row] = clock[gf_tag_cell(tag)] + budget[j];
    }
}

/* Graduates wait in the next class. */
PHASE void join_graduates(gf_cohort *k)
{
    const gf_kind g = k->events.graduates;
    const float *budget = k->events.budget;
#ifdef GF_PACK
    /* with few graduates a lane, vectors would be mostly empty */
    if (!k->is_own && !k->keeps_rows && k->n_sectors == 1 && g.n * GF_SHARING >= (size_t)k->n_lanes) {
        join_clocks(k);
        return;
    }
#endif
    count_graduates(k);
    if (k->keeps_rows) {
        join_kept(k, &g);
        return;
    }
    for (size_t j = 0; j < g.n; j++)
        join(k, g.tag[j] + GF_NEXT_STAGE, budget[j]);
}
