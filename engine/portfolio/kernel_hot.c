/* The kernel: one quarter in the life of all startups of a block. Compiled once per instruction set, same
 * bits each.
 *
 *   expose: hazards of the quarter from the climate, by lane and class; clocks advance.
 *
 *   detect: who is due, by one comparison a row (clocks), or one subtraction of its own hazard (own). Rows
 * are of those that are live, and close up now and then (detect_hot.h).
 *
 *   draw: one Philox block per event for its cause, next budget and price, addressed by (seed, portfolio,
 *   startup, stage left).
 *
 *   classify: the cause ∝ hazards, in the order breakout, list, acquire, fail, graduate. split: by kind.
 *
 *   price: normals and exponentials of all exits of the quarter in one batch, or of some quarters where
 *   nobody asks before; rounds have none of their own unless somebody acts on them (prices.h, apply_hot.h).
 *
 *   apply: the others turn into money (apply_hot.h); join: graduates wait again in their next class
 *   (join_hot.h).
 *
 * Events are few (about one live startup in eight a quarter), so that everything after detect works on short
 * arrays of events from all lanes, in order of rows: lane by lane, or by clocks with AVX-512 four lanes at a
 * time, whose tables one instruction looks up (gf_table) and which therefore share rows, events and vectors.
 * Within a lane the order is the same either way, and so are the bits. No branch depends on a startup's fate
 * except the split by kind. Vectors are explicit where a compiler finds none: lookups, and packing in detect
 * and split (pack_hot.h). */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "base/pack_hot.h"
#include "portfolio/batch_hot.h"
#include "random/luck.h"
#include "random/luck_hot.h"

/* Phases of a quarter are functions of their own, so that each has all registers for its pointers: inlined
 * into one another they kept them on the stack and in vectors. */
#define PHASE static __attribute__((noinline))

#include "portfolio/expose_hot.h"
#include "portfolio/detect_hot.h"
#include "portfolio/join_hot.h"
#include "portfolio/apply_hot.h"
#include "portfolio/tops_hot.h"
#include "portfolio/flows_hot.h"

/* ---- draw, classify, split
 * --------------------------------------------------------------------------------- */

PHASE void draw(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_event_buffer *e = &k->events;
    draw_words(k, e->n, e->tag, GF_LUCK_STAGE);
    luck->single(whole(e->n), e->word[0], e->chance);
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
    for (size_t i = 0; i < n; i++) {
        const size_t at = gf_tag_cell(tags[i]);
        const float x = chance[i] * r4[at];
        causes[i] = (x >= r0[at]) + (x >= r1[at]) + (x >= r2[at]) + (x >= r3[at]);
    }
}

#ifdef GF_TABLE_FOURTH
/* The first cause whose running sum exceeds chance × the sum of all. */
GF_PACK_INLINE gf_words cause_of(const gf_reals sum[GF_N_CAUSES], gf_reals chance)
{
    const gf_reals x = gf_reals_multiply(chance, sum[GF_N_CAUSES - 1]);
    gf_words cause = gf_words_set(GF_GRADUATE);
    for (int j = 0; j < GF_N_CAUSES - 1; j++)
        cause = gf_words_less_where_above(cause, sum[j], x);
    return cause;
}

/* The same of the only sector without rates, for events from `first` to before `end`, of `lane` and those
 * that follow as far as a gf_table goes. Whole vectors are written. */
static void classify_table(gf_cohort *k, int lane, size_t first, size_t end)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t *const tags = e->tag; /* local copies, which no store can mean */
    const float *const chance = e->chance;
    int32_t *const causes = e->cause;
    const uint32_t moved = k->moved;
    gf_reals base[GF_N_CAUSES];
    gf_table factor[GF_N_CAUSES];
    for (int j = 0; j < GF_N_CAUSES; j++) {
        base[j] = gf_reals_load(k->base[j]);
        factor[j] = gf_table_load(k->factor[j] + lane);
    }
    for (size_t i = first; i < end; i += GF_PACK) {
        const gf_words tag = gf_words_load(tags + i), place = gf_words_shift(tag, GF_LANE_SHIFT);
        gf_reals sum[GF_N_CAUSES];
        for (int j = 0; j < GF_N_CAUSES; j++) {
            gf_reals rate = gf_reals_choose(base[j], tag); /* the low bits choose */
            if (moved >> j & 1u)
                rate = gf_reals_multiply(rate, gf_table_choose(&factor[j], place));
            sum[j] = j == 0 ? rate : gf_reals_add(sum[j - 1], rate);
        }
        gf_words_store(causes + i, cause_of(sum, gf_reals_load(chance + i)));
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
#ifdef GF_TABLE_FOURTH
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

#ifdef GF_TABLE_FOURTH
/* As classify_table(), with the weights of qualities by row, and of many sectors (has_tables, which is known
 * where this is inlined) with factors by lane and sector. */
GF_PACK_INLINE void classify_own_table(gf_cohort *k, int lane, size_t first, size_t end, int has_tables)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t *const tags = e->tag, *const row_of =
                                             k->row_of; /* local copies, which no store can mean */
    const float *const chance = e->chance, *weight[GF_N_CAUSES], *of_sector[GF_N_CAUSES];
    int32_t *const causes = e->cause;
    const uint32_t moved = k->moved;
    const gf_words room = gf_words_set((uint32_t)(GF_N_CAUSES * k->sector_room));
    gf_reals stage[GF_N_CAUSES];
    gf_table factor[GF_N_CAUSES];
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const int place = k->own_place[j];
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
        gf_words_store(causes + i, cause_of(sum, gf_reals_load(chance + i)));
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

static void classify_own(gf_cohort *k)
{
    const size_t middle = (size_t)k->events.from[GF_PACK_TABLE];
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
    const int room = is_single ? (int)GF_CLASS_ROOM : k->sector_room;
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
                rate = of_stage[j * 2 * GF_CLASS_ROOM] * rate;
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
    const float *h0 = hazard[k->own_place[0]], *h1 = hazard[k->own_place[1]], *h2 = hazard[k->own_place[2]],
                *h3 = hazard[k->own_place[3]], *h4 = hazard[k->own_place[4]];
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float c0 = h0[i], c1 = c0 + h1[i], c2 = c1 + h2[i], c3 = c2 + h3[i], c4 = c3 + h4[i],
                    x = chance[i] * c4;
        cause[i] = (x >= c0) + (x >= c1) + (x >= c2) + (x >= c3);
    }
}

PHASE void classify_own(gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    float hazard[GF_N_CAUSES][CHOSEN];
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

#ifdef GF_PACK
/* What GF_PACK events need to know. */
typedef struct event_words {
    gf_words tag, cause, budget, price[2];
} event_words;

/* Appends the chosen of GF_PACK events, with the words they need. */
GF_PACK_INLINE void choose(gf_kind *kind, const event_words *w, uint32_t chosen, int has_budget,
                           int has_price)
{
    gf_words_pack(kind->tag + kind->n, w->tag, chosen);
    if (has_budget)
        gf_words_pack(kind->budget_word + kind->n, w->budget, chosen);
    if (has_price) {
        gf_words_pack(kind->value_word[0] + kind->n, w->price[0], chosen);
        gf_words_pack(kind->value_word[1] + kind->n, w->price[1], chosen);
    }
    kind->n += gf_count(chosen);
}

/* Kinds and places of words are local copies, which no store can mean. are_rounds_seen: graduates have
 * prices; known where this is inlined. */
GF_PACK_INLINE void split_packed(gf_event_buffer *e, int are_rounds_seen)
{
    gf_kind graduates = e->graduates, exits = e->exits, failures = e->failures, breakouts = e->breakouts;
    const uint32_t *const tag = e->tag, *const budget = e->word[1], *const high = e->word[2],
                          *const low = e->word[3];
    const int32_t *const causes = e->cause;
    const size_t n = e->n;
    for (size_t i = 0; i < n; i += GF_PACK) {
        const event_words w = {gf_words_load(tag + i),
                               gf_words_load(causes + i),
                               gf_words_load(budget + i),
                               {gf_words_load(high + i), gf_words_load(low + i)}};
        const uint32_t valid = gf_first_bits((int)(n - i)),
                       graduate = gf_words_equal(w.cause, GF_GRADUATE) & valid,
                       fail = gf_words_equal(w.cause, GF_FAIL) & valid,
                       breakout = gf_words_equal(w.cause, GF_BREAKOUT) & valid,
                       exit = valid & ~(graduate | fail | breakout);
        gf_fetch(graduates.tag + graduates.n + 64);
        gf_fetch(graduates.budget_word + graduates.n + 64);
        gf_fetch(failures.tag + failures.n + 64);
        choose(&graduates, &w, graduate, 1, are_rounds_seen);
        choose(&failures, &w, fail, 0, 0);
        gf_words_pack(exits.cause + exits.n, w.cause, exit);
        choose(&exits, &w, exit, 0, 1);
        if (breakout != 0)
            choose(&breakouts, &w, breakout, 1, 1);
    }
    e->graduates.n = graduates.n;
    e->exits.n = exits.n;
    e->failures.n = failures.n;
    e->breakouts.n = breakouts.n;
}
#else
static void split_singly(gf_event_buffer *e)
{
    gf_kind *const kinds[GF_N_CAUSES] = {&e->breakouts, &e->exits, &e->exits, &e->failures, &e->graduates};
    for (size_t i = 0; i < e->n; i++) {
        gf_kind *kind = kinds[e->cause[i]];
        kind->tag[kind->n] = e->tag[i];
        kind->budget_word[kind->n] = e->word[1][i];
        kind->value_word[0][kind->n] = e->word[2][i];
        kind->value_word[1][kind->n] = e->word[3][i];
        kind->cause[kind->n++] = e->cause[i];
    }
}
#endif

PHASE void split_by_kind(gf_event_buffer *events, int are_rounds_seen, int do_exits_wait)
{
    events->graduates.n = events->failures.n = events->breakouts.n = 0;
    events->exits.n = do_exits_wait ? events->exits.n : 0;
#ifdef GF_PACK
    if (are_rounds_seen)
        split_packed(events, 1);
    else
        split_packed(events, 0);
#else
    (void)are_rounds_seen;
    split_singly(events);
#endif
}

/* Adds the counts of one cause and sector to all so far. */
static void add_counts(const int32_t *restrict count, int32_t *restrict total)
{
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++)
        total[lane] += count[lane];
}

static void tell_counts(const int32_t *restrict count, double *restrict n)
{
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++)
        n[lane] = count[lane];
}

/* Counts by cause, sector and lane, for models that read them and for the totals of each lane. */
PHASE void total_events(gf_cohort *k, gf_events *events)
{
    const int32_t leaves = k->n_stages == GF_N_STAGES ? 0 : 1;
    int *restrict n_live = k->n_live;
    for (int sector = 0; sector < k->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++) {
            add_counts(k->n_by_cause[sector][cause], k->n_so_far[cause]);
            if (gf_may(events->reads, cause))
                tell_counts(k->n_by_cause[sector][cause], events->n_by_cause[cause][sector]);
        }
        const int32_t *restrict b = k->n_by_cause[sector][GF_BREAKOUT],
                                *restrict l = k->n_by_cause[sector][GF_LIST],
                                *restrict a = k->n_by_cause[sector][GF_ACQUIRE],
                                *restrict f = k->n_by_cause[sector][GF_FAIL];
        double *restrict live = k->n_live_sector[sector];
        int32_t left[GF_LANES];
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            left[lane] = leaves * b[lane] + l[lane] + a[lane] + f[lane];
            n_live[lane] -= left[lane];
        }
        if (!gf_may(events->reads, GF_EVENT_LIVE))
            continue;
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++)
            live[lane] -= left[lane];
    }
}

static void step(gf_cohort *k, const gf_climate *climate, const gf_market *market, int quarter,
                 gf_events *events)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    detect(k);
    draw(k, luck);
    if (k->is_own)
        classify_own(k);
    else
        classify_clocks(k);
    split_by_kind(&k->events, k->prices.are_rounds_seen, k->sells_later);
    memset(k->n_by_cause, 0, (size_t)k->n_sectors * sizeof k->n_by_cause[0]);
    grow(k, luck, market);
    if (!k->sells_later)
        price_exits(k, luck);
    apply_breakouts(k, luck, quarter);
    apply_exits(k, climate, quarter);
    apply_failures(k, luck, climate, quarter, events);
    apply_graduates(k);
    if (k->has_follow_on)
        revalue_graduates(k, k->events.factor);
    total_events(k, events);
}

static const gf_kernel_hot table = {expose, step, sell, tops, total_flows, find_shares};
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void);
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void)
{
    return &table;
}
