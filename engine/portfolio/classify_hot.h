/* Why: the cause of each event. Third part of the kernel (kernel_hot.c, which includes it once). */

/* The uniforms that choose causes. */
static void draw_chances(const gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    gf_luck_hot_table(k->isa)->to.single(whole(e->n), e->word[0], e->chance);
}

/* Cause ∝ λ_k: the first k whose cumulative hazard exceeds u Σ λ. u is below 1 by so much that u Σ λ < Σ λ
 * after rounding. */
static void classify_singly(gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    const size_t n = e->n;
    const uint32_t *restrict tags = e->tag;
    const float *restrict chance = e->chance;
    const float *restrict r0 = gf_rates(k, 0), *restrict r1 = gf_rates(k, 1), *restrict r2 = gf_rates(k, 2),
                          *restrict r3 = gf_rates(k, 3), *restrict r4 = gf_rates(k, 4);
    int32_t *restrict causes = e->cause;
    draw_chances(k);
    for (size_t i = 0; i < n; i++) {
        const size_t at = gf_tag_cell(tags[i]);
        const float x = chance[i] * r4[at];
        causes[i] = (x >= r0[at]) + (x >= r1[at]) + (x >= r2[at]) + (x >= r3[at]);
    }
}

#ifdef GF_FOUR_LANES
/* gf_uniform_single() of these words. */
GF_PACK_INLINE gf_reals chance_of(gf_words word)
{
    return gf_reals_multiply(gf_reals_add(gf_reals_of_words(gf_words_shift(word, 1)), gf_reals_set(0.5f)),
                             gf_reals_set(GF_SINGLE_UNIT));
}

/* The first cause whose running sum exceeds chance × the sum of all. */
GF_PACK_INLINE gf_words cause_of(const gf_reals sum[GF_N_CAUSES], gf_words word)
{
    const gf_reals x = gf_reals_multiply(chance_of(word), sum[GF_N_CAUSES - 1]);
    gf_words cause = gf_words_set(GF_GRADUATE);
    for (int j = 0; j < GF_N_CAUSES - 1; j++)
        cause = gf_words_less_where_above(cause, sum[j], x);
    return cause;
}

/* Neutral hazards of the only sector by stage, and what the climate does to them in as many lanes as a
 * gf_table holds; moved: bits of causes to which it may do something. */
typedef struct cause_tables {
    uint32_t moved;
    gf_reals base[GF_N_CAUSES];
    gf_table factor[GF_N_CAUSES];
} cause_tables;

/* Of `lane` and those that follow. */
GF_PACK_INLINE cause_tables load_causes(const gf_cohort *k, int lane, uint32_t moved)
{
    cause_tables t = {.moved = moved};
    for (int j = 0; j < GF_N_CAUSES; j++) {
        t.base[j] = gf_reals_load(k->base[j]);
        t.factor[j] = gf_table_load(k->factor[j] + lane);
    }
    return t;
}

/* Hazards of startups with these tags, as running sums over causes. */
GF_PACK_INLINE void sum_hazards(const cause_tables *t, gf_words tag, gf_reals sum[GF_N_CAUSES])
{
    const gf_words place = gf_words_shift(tag, GF_LANE_SHIFT);
    for (int j = 0; j < GF_N_CAUSES; j++) {
        gf_reals rate = gf_reals_choose(t->base[j], tag); /* the low bits choose */
        if (t->moved >> j & 1u)
            rate = gf_reals_multiply(rate, gf_table_choose(&t->factor[j], place));
        sum[j] = j == 0 ? rate : gf_reals_add(sum[j - 1], rate);
    }
}

/* The same of the only sector without rates, for events from `first` to before `end`, of `lane` and those
 * that follow as far as a gf_table goes. Whole vectors are written. */
static void classify_table(gf_cohort *k, int lane, size_t first, size_t end)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t *const tags = e->tag, *const word = e->word[0]; /* local copies, which no store can mean */
    int32_t *const causes = e->cause;
    const cause_tables tables = load_causes(k, lane, k->moved);
    for (size_t i = first; i < end; i += GF_PACK) {
        gf_reals sum[GF_N_CAUSES];
        sum_hazards(&tables, gf_words_load(tags + i), sum);
        gf_words_store(causes + i, cause_of(sum, gf_words_load(word + i)));
    }
}

static void classify_tables(gf_cohort *k)
{
    const size_t middle = (size_t)k->events.from[GF_PACK_TABLE / GF_SHARING];
    _Static_assert(GF_LANES == 2 * GF_PACK_TABLE, "two tables hold a number a lane");
    classify_table(k, 0, 0, middle);
    classify_table(k, GF_PACK_TABLE, middle, k->events.n);
}
#elif defined(GF_PACK)
/* The most events of a lane. */
static int most_events(const int32_t *restrict from)
{
    int most = 0;
#pragma omp simd reduction(max : most)
    for (int i = 0; i < GF_LANES; i++) {
        const int n = from[i + 1] - from[i];
        most = n > most ? n : most;
    }
    return most;
}

/* The same for the only sector: a gf_table holds what a lane needs of a cause. All take as many vectors as
 * the most need: what lies behind their last event belongs to the next, and a loop of known length is never
 * mispredicted. */
static void classify_lanes(const gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t *const tags = e->tag; /* local copies, which no store can mean */
    const float *const chance = e->chance, *rate = k->rate;
    const int most = most_events(e->from);
    int32_t *const causes = e->cause;
    draw_chances(k);
    for (int lane = 0; lane < k->n_lanes; lane++, rate += GF_PACK_TABLE) {
        gf_table table[GF_N_CAUSES];
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            table[cause] = gf_table_load(rate + cause * GF_SECTOR_CELLS);
        const int first = e->from[lane], end = first + most;
        for (int i = first; i < end; i += GF_PACK) {
            const gf_words tag = gf_words_load(tags + i); /* the low bits choose */
            const gf_reals x = gf_reals_multiply(gf_reals_load(chance + i), gf_table_choose(&table[4], tag));
            gf_words cause = gf_words_set(GF_GRADUATE);
            cause = gf_words_less_where_above(cause, gf_table_choose(&table[0], tag), x);
            cause = gf_words_less_where_above(cause, gf_table_choose(&table[1], tag), x);
            cause = gf_words_less_where_above(cause, gf_table_choose(&table[2], tag), x);
            cause = gf_words_less_where_above(cause, gf_table_choose(&table[3], tag), x);
            gf_words_store(causes + i, cause);
        }
    }
}
#endif

PHASE void classify_clocks(gf_cohort *k)
{
#ifdef GF_FOUR_LANES
    if (!k->has_tables) {
        classify_tables(k);
        return;
    }
#elif defined(GF_PACK) /* with few events a lane, vectors would be mostly empty */
    if (k->n_sectors == 1 && 2 * k->events.n >= 3 * (size_t)k->n_lanes) {
        classify_lanes(k);
        return;
    }
#endif
    classify_singly(k);
}

#ifdef GF_FOUR_LANES
/* As classify_table(), with the weights of qualities by row, and of many sectors (has_tables, which is known
 * where this is inlined) with factors by lane and sector. */
GF_PACK_INLINE void classify_own_table(gf_cohort *k, int lane, size_t first, size_t end, int has_tables)
{
    const gf_event_buffer *e = &k->events;
    /* local copies, which no store can mean */
    const uint32_t *const tags = e->tag, *const word = e->word[0], *const row_of = k->row_of;
    const float *weight[GF_N_CAUSES], *of_sector[GF_N_CAUSES];
    int32_t *const causes = e->cause;
    const uint32_t moved = k->moved;
    const gf_words room = gf_words_set((uint32_t)(GF_N_CAUSES * k->sector_room));
    gf_reals stage[GF_N_CAUSES];
    gf_table factor[GF_N_CAUSES];
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const int place = k->own_order[j];
        stage[j] = gf_reals_load(k->own_stage[place]);
        of_sector[j] = has_tables ? gf_own_factors(k, 0, place) : NULL;
        factor[j] = gf_table_load(k->factor[j] + lane);
        weight[j] = place < k->n_plain ? NULL : k->weight[place];
    }
    for (size_t i = first; i < end; i += GF_PACK) {
        const gf_words tag = gf_words_first(gf_words_load(tags + i), (int)(end - i)),
                       of_lane = gf_words_shift(tag, GF_LANE_SHIFT),
                       at = gf_words_add(
                           gf_words_multiply(gf_words_and(of_lane, gf_words_set(GF_LANES - 1)), room),
                           gf_words_and(gf_words_shift(tag, GF_SECTOR_SHIFT),
                                        gf_words_set(GF_MAX_SECTORS - 1))),
                       row = gf_words_gather(row_of, gf_words_shift(tag, GF_SLOT_SHIFT));
        gf_reals sum[GF_N_CAUSES];
        for (int j = 0; j < GF_N_CAUSES; j++) {
            gf_reals rate = gf_reals_choose(stage[j], tag); /* the low bits choose */
            if (has_tables)
                rate = gf_reals_multiply(rate, gf_reals_gather(of_sector[j], at));
            else if (moved >> j & 1u)
                rate = gf_reals_multiply(rate, gf_table_choose(&factor[j], of_lane));
            if (weight[j] != NULL)
                rate = gf_reals_multiply(rate, gf_reals_gather(weight[j], row));
            sum[j] = j == 0 ? rate : gf_reals_add(sum[j - 1], rate);
        }
        gf_words_store(causes + i, cause_of(sum, gf_words_load(word + i)));
    }
}

PHASE void classify_own_half(gf_cohort *k, int lane, size_t first, size_t end)
{
    classify_own_table(k, lane, first, end, 0);
}

PHASE void classify_own_sectors(gf_cohort *k)
{
    classify_own_table(k, 0, 0, k->events.n, 1);
}

static void classify_own_tables(gf_cohort *k)
{
    const size_t middle = (size_t)k->events.from[GF_PACK_TABLE >> k->sharing_bits];
    if (k->has_tables) {
        classify_own_sectors(k);
        return;
    }
    classify_own_half(k, 0, 0, middle);
    classify_own_half(k, GF_PACK_TABLE, middle, k->events.n);
}
#else
/* Events whose causes are chosen together: what is looked up one by one is one loop, what is compared
 * another, which vectorises. */
enum { CHOSEN = 64 };

/* Hazards of n events of the quarter by place, times their qualities. is_single: of the only sector; this and
 * the number of plain causes are known where this is inlined. */
static inline __attribute__((always_inline)) void look_up_hazards(const gf_cohort *k, const uint32_t *tags,
                                                                  size_t n, int n_plain, int is_single,
                                                                  float (*restrict hazard)[CHOSEN])
{
    const uint32_t *row_of = k->row_of;
    const int room = is_single ? (int)GF_STAGE_ROOM : k->sector_room;
    const float *weight[GF_N_CAUSES], *own_stage = k->own_stage[0];
    for (int j = n_plain; j < GF_N_CAUSES; j++)
        weight[j] = k->weight[j];
    for (size_t i = 0; i < n; i++) {
        const uint32_t tag = tags[i], row = row_of[gf_tag_slot(tag)];
        const int lane = (int)gf_tag_lane(tag);
        const float *of_lane = is_single ? gf_own_hazards(k, lane, 0) + gf_tag_stage(tag)
                                         : gf_own_factors(k, lane, 0) + gf_tag_sector(tag),
                    *of_stage = own_stage + gf_tag_stage(tag);
        for (int j = 0; j < GF_N_CAUSES; j++) {
            float rate = of_lane[j * room];
            if (!is_single)
                rate = of_stage[j * 2 * GF_STAGE_ROOM] * rate;
            hazard[j][i] = j < n_plain ? rate : weight[j][row] * rate;
        }
    }
}

static inline __attribute__((always_inline)) void look_up(const gf_cohort *k, const uint32_t *tags, size_t n,
                                                          int is_single, float (*restrict hazard)[CHOSEN])
{
    switch (k->n_plain) {
    case 4:
        look_up_hazards(k, tags, n, 4, is_single, hazard);
        break;
    case 3:
        look_up_hazards(k, tags, n, 3, is_single, hazard);
        break;
    case 2:
        look_up_hazards(k, tags, n, 2, is_single, hazard);
        break;
    case 1:
        look_up_hazards(k, tags, n, 1, is_single, hazard);
        break;
    default:
        look_up_hazards(k, tags, n, 0, is_single, hazard);
    }
}

/* The first cause whose running sum exceeds chance × the sum of all. */
static void choose_causes(const gf_cohort *k, size_t n, const float (*hazard)[CHOSEN],
                          const float *restrict chance, int32_t *restrict cause)
{
    const float *h0 = hazard[k->own_order[0]], *h1 = hazard[k->own_order[1]], *h2 = hazard[k->own_order[2]],
                *h3 = hazard[k->own_order[3]], *h4 = hazard[k->own_order[4]];
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float c0 = h0[i], c1 = c0 + h1[i], c2 = c1 + h2[i], c3 = c2 + h3[i], c4 = c3 + h4[i],
                    x = chance[i] * c4;
        cause[i] = (x >= c0) + (x >= c1) + (x >= c2) + (x >= c3);
    }
}

PHASE void classify_own_singly(gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    float hazard[GF_N_CAUSES][CHOSEN];
    draw_chances(k);
    for (size_t first = 0; first < e->n; first += CHOSEN) {
        const size_t n = e->n - first < CHOSEN ? e->n - first : CHOSEN;
        if (k->n_sectors == 1)
            look_up(k, e->tag + first, n, 1, hazard);
        else
            look_up(k, e->tag + first, n, 0, hazard);
        choose_causes(k, n, (const float(*)[CHOSEN])hazard, e->chance + first, e->cause + first);
    }
}
#endif

static void classify_own(gf_cohort *k)
{
#ifdef GF_FOUR_LANES
    classify_own_tables(k);
#else
    classify_own_singly(k);
#endif
}
