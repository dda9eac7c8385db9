/* Who is due this quarter: second part of the kernel (kernel_hot.c, which includes it once). */

#ifdef GF_PACK
enum { GF_TABLE_ROOM = GF_PACK }; /* entries that a vector holds */
#else
enum { GF_TABLE_ROOM = 0 };
#endif

/* What the comparison of clocks reads and writes, in a copy that no store can mean. */
typedef struct clock_rows {
    const uint8_t *class_of;
    const float *due, *clock;
    uint32_t *event;
    int32_t *from;
    int n_lanes, n_classes;
    size_t stride;
} clock_rows;

/* Those of all lanes that are due become events, lane by lane; they stay due, until the event is applied.
 * Returns the number of events. A clock must have moved for anybody to be due: the comparison is strict, and
 * rounding is monotone. is_small: a vector holds a lane's classes; like n_startups of the fewest, known where
 * this is inlined. */
#ifdef GF_PACK
GF_PACK_INLINE size_t detect_clocks(const clock_rows *r, int n_startups, int is_small)
{
    const gf_words next_pack = gf_words_set(GF_PACK << GF_SLOT_SHIFT),
                   next_lane = gf_words_set(gf_tag(1, r->stride, 0));
    const uint8_t *class_of = r->class_of;
    const float *due = r->due, *clock = r->clock;
    gf_words first = first_tags(0, 0);
    size_t n = 0;
    for (int lane = 0; lane < r->n_lanes; lane++) {
        const gf_reals table = gf_reals_load(clock);
        gf_words startup = first;
        r->from[lane] = (int32_t)n;
        for (int i = 0; i < n_startups; i += GF_PACK) {
            const gf_words c = gf_words_load_bytes(class_of + i);
            const gf_reals now = is_small ? gf_reals_choose(table, c) : gf_reals_gather(clock, c);
            const uint32_t is_due = gf_reals_above(now, gf_reals_load(due + i));
            gf_words_pack(r->event + n, gf_words_add(startup, c), is_due);
            startup = gf_words_add(startup, next_pack);
            n += (size_t)__builtin_popcount(is_due);
        }
        first = gf_words_add(first, next_lane);
        class_of += r->stride;
        due += r->stride;
        clock += r->n_classes;
    }
    return n;
}
#else
static inline size_t detect_clocks(const clock_rows *r, int n_startups, int is_small)
{
    size_t n = 0;
    (void)is_small;
    for (int lane = 0; lane < r->n_lanes; lane++) {
        const size_t base = (size_t)lane * r->stride;
        const uint8_t *class_of = r->class_of + base;
        const float *due = r->due + base, *clock = r->clock + lane * r->n_classes;
        r->from[lane] = (int32_t)n;
        for (int i = 0; i < n_startups; i += GF_FEW) /* one in twenty is due */
            for (uint32_t left = gf_few_above(clock, class_of + i, due + i); left != 0; left &= left - 1) {
                const int j = i + __builtin_ctz(left);
                r->event[n++] = gf_tag(lane, base + (size_t)j, class_of[j]);
            }
    }
    return n;
}
#endif

/* All lanes by their clocks; returns the number of events. */
static size_t detect_by_clocks(gf_cohort *k, int n_startups)
{
    const clock_rows r = {.class_of = k->class_of,
                          .due = k->due,
                          .clock = k->clock,
                          .event = k->events.tag,
                          .from = k->events.from,
                          .n_lanes = k->n_lanes,
                          .n_classes = k->n_classes,
                          .stride = (size_t)k->stride};
    if (k->n_classes > GF_TABLE_ROOM)
        return detect_clocks(&r, n_startups, 0);
#ifdef GF_PACK
    if (n_startups <= GF_PACK) /* without a loop over the startups of a lane */
        return detect_clocks(&r, GF_PACK, 1);
    if (n_startups <= 2 * GF_PACK)
        return detect_clocks(&r, 2 * GF_PACK, 1);
#endif
    return detect_clocks(&r, n_startups, 1);
}

#ifdef GF_PACK
/* What a lane's own hazards are made of: plain causes first, then those that quality weighs. single: there is
 * one sector, whose factors are in the tables of stages, and plain causes are added up. Both numbers are
 * known where this is inlined, so that tables stay in registers. */
typedef struct own_tables {
    int n_weighted, is_single;
    gf_reals stage[GF_N_CAUSES], sector[GF_N_CAUSES][GF_MAX_SECTORS / GF_PACK], plain;
    const float *weight[GF_N_CAUSES];
} own_tables;

GF_PACK_INLINE own_tables load_own(const gf_cohort *k, int lane, int n_weighted, int is_single)
{
    own_tables t = {.n_weighted = n_weighted, .is_single = is_single, .plain = gf_reals_zero()};
    const int n_plain = GF_N_CAUSES - n_weighted;
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const int cause = j < n_plain ? k->plain[j] : k->weighted[j - n_plain];
        const float *factor = gf_own_factors(k, lane, cause);
        t.stage[j] = gf_reals_load(k->own_stage[cause]);
        t.weight[j] = k->weight[cause] + (size_t)lane * (size_t)k->stride;
        if (is_single) {
            t.stage[j] = gf_reals_multiply(t.stage[j], gf_reals_set(factor[0]));
            if (j < n_plain)
                t.plain = gf_reals_add(t.plain, t.stage[j]);
        }
        for (int i = 0; !is_single && i < GF_MAX_SECTORS / GF_PACK; i++)
            t.sector[j][i] = gf_reals_load(factor + i * GF_PACK);
    }
    return t;
}

/* Of startups of classes c from number i of the lane on. */
GF_PACK_INLINE gf_reals own_hazard(const own_tables *t, int i, gf_words c)
{
    const int n_plain = GF_N_CAUSES - t->n_weighted;
    gf_reals sum = t->is_single ? gf_reals_choose(t->plain, c) : gf_reals_zero();
    for (int j = t->is_single ? n_plain : 0; j < GF_N_CAUSES; j++) {
        gf_reals rate = gf_reals_choose(t->stage[j], c);
        if (!t->is_single)
            rate = gf_reals_multiply(rate, gf_reals_choose16(t->sector[j], gf_words_shift(c, 3)));
        if (j >= n_plain)
            rate = gf_reals_multiply(gf_reals_load(t->weight[j] + i), rate);
        sum = gf_reals_add(sum, rate);
    }
    return sum;
}

GF_PACK_INLINE size_t detect_packs(gf_cohort *k, int lane, int n_startups, size_t n, int n_weighted,
                                   int is_single)
{
    const size_t base = (size_t)lane * (size_t)k->stride;
    const uint8_t *class_of = k->class_of + base;
    uint32_t *event = k->events.tag;
    float *due = k->due + base;
    const own_tables tables = load_own(k, lane, n_weighted, is_single);
    gf_words first = first_tags(lane, base);
    for (int i = 0; i < n_startups; i += GF_PACK) {
        const gf_words c = gf_words_load_bytes(class_of + i);
        const gf_reals left = gf_reals_subtract(gf_reals_load(due + i), own_hazard(&tables, i, c));
        const uint32_t is_due = ~gf_reals_above(left, gf_reals_zero()) & ((1u << GF_PACK) - 1u);
        gf_words_pack(event + n, gf_words_add(first, c), is_due);
        first = gf_words_add(first, gf_words_set(GF_PACK << GF_SLOT_SHIFT));
        gf_reals_store(due + i, left);
        n += (size_t)__builtin_popcount(is_due);
    }
    return n;
}

GF_PACK_INLINE size_t detect_weighted(gf_cohort *k, int lane, int n_startups, size_t n, int is_single)
{
    switch (k->n_weighted) {
    case 1:
        return detect_packs(k, lane, n_startups, n, 1, is_single);
    case 2:
        return detect_packs(k, lane, n_startups, n, 2, is_single);
    case 3:
        return detect_packs(k, lane, n_startups, n, 3, is_single);
    case 4:
        return detect_packs(k, lane, n_startups, n, 4, is_single);
    default:
        return detect_packs(k, lane, n_startups, n, 5, is_single);
    }
}
#endif

#ifndef GF_PACK
/* Hazards of one lane by class: the sum of plain causes, then each that quality weighs. */
static void tabulate_own(const gf_cohort *k, int lane, float table[GF_N_CAUSES + 1][GF_MAX_CLASSES])
{
    memset(table[0], 0, (size_t)k->n_classes * sizeof table[0][0]);
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const int is_plain = j < k->n_plain, cause = is_plain ? k->plain[j] : k->weighted[j - k->n_plain];
        const float *stage = k->own_stage[cause], *factor = gf_own_factors(k, lane, cause);
        float *rates = table[is_plain ? 0 : 1 + j - k->n_plain];
        for (int sector = 0; sector < k->n_sectors; sector++, rates += GF_CLASS_ROOM)
            for (int i = 0; i < GF_CLASS_ROOM; i++)
                rates[i] = (is_plain ? rates[i] : 0.0f) + stage[i] * factor[sector];
    }
}

static size_t detect_singly(gf_cohort *k, int lane, int n_startups, size_t n)
{
    const size_t base = (size_t)lane * (size_t)k->stride;
    float table[GF_N_CAUSES + 1][GF_MAX_CLASSES], *restrict due = k->due + base;
    const uint8_t *restrict class_of = k->class_of + base;
    const float *weight[GF_N_CAUSES];
    const int n_weighted = k->n_weighted;
    tabulate_own(k, lane, table);
    for (int j = 0; j < n_weighted; j++)
        weight[j] = k->weight[k->weighted[j]] + base;
    for (int i = 0; i < n_startups; i++) {
        const uint8_t c = class_of[i];
        float sum = table[0][c];
        for (int j = 0; j < n_weighted; j++)
            sum += weight[j][i] * table[1 + j][c];
        due[i] -= sum;
        if (!(due[i] > 0.0f))
            k->events.tag[n++] = gf_tag(lane, base + (size_t)i, c);
    }
    return n;
}
#endif

/* The same with budgets left and own hazards, plain ones first. Budgets are above 0 as long as they last. */
static size_t detect_own(gf_cohort *k, int lane, int n_startups, size_t n)
{
#ifdef GF_PACK
    return k->n_sectors == 1 ? detect_weighted(k, lane, n_startups, n, 1)
                             : detect_weighted(k, lane, n_startups, n, 0);
#else
    return detect_singly(k, lane, n_startups, n);
#endif
}

/* All lanes run through as many startups as the fullest has: a loop of known length is never mispredicted. */
PHASE void detect(gf_cohort *k)
{
    size_t n = 0;
    int most = 0;
    for (int lane = 0; lane < k->n_lanes; lane++)
        most = k->n_entered[lane] > most ? k->n_entered[lane] : most;
    if (!k->is_own)
        n = detect_by_clocks(k, most);
    for (int lane = 0; k->is_own && lane < k->n_lanes; lane++) {
        k->events.from[lane] = (int32_t)n;
        n = detect_own(k, lane, most, n);
    }
    for (int lane = k->n_lanes; lane <= GF_LANES; lane++)
        k->events.from[lane] = (int32_t)n;
    k->events.n = n;
}
