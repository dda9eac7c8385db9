/* The kernel: one quarter in the life of all startups of a block. Compiled once per instruction set, same
 * bits each.
 *
 *   expose: hazards of the quarter from the climate, by lane and class, or what the climate does to those of
 * all classes where classify can look them up as fast; clocks advance (expose_hot.h).
 *
 *   detect: who is due, by one comparison a row (clocks), or one subtraction of its own hazard (own). Rows
 * are of those that are live, and close up now and then (detect_hot.h).
 *
 *   draw: one block of luck per event for its cause, next budget and price, addressed by (seed, portfolio,
 *   startup, stage left).
 *
 *   classify: the cause ∝ hazards, in the order breakout, list, acquire, fail, graduate (classify_hot.h).
 *   split: by kind.
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
#include "portfolio/classify_hot.h"
#include "portfolio/join_hot.h"
#include "portfolio/apply_hot.h"
#include "portfolio/tops_hot.h"
#include "portfolio/flows_hot.h"

static void draw(gf_cohort *k)
{
    draw_words(k, k->events.n, k->events.tag, GF_LUCK_STAGE);
}

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
 * prices; counts_later: nobody asks for failures, and which events of each vector graduate is kept with how
 * many do before it (e->stage, e->startup); both known where this is inlined. */
GF_PACK_INLINE void split_packed(gf_event_buffer *e, int are_rounds_seen, int counts_later)
{
    uint32_t *const chosen = e->stage, *const before = e->startup;
    gf_kind graduates = e->graduates, exits = e->exits, failures = e->failures, breakouts = e->breakouts;
    const uint32_t *const tag = e->tag, *const budget = e->word[1], *const high = e->word[2],
                          *const low = e->word[3];
    const int32_t *const causes = e->cause;
    const size_t n = e->n;
    const gf_words unused = gf_words_set(~7u);
    for (size_t i = 0; i < n; i += GF_PACK) {
        const gf_words cause = gf_words_load(causes + i);
        const event_words w = {
            gf_words_load(tag + i),
            cause,
            gf_words_load(budget + i),
            {gf_words_load(high + i), gf_words_or(gf_words_and(gf_words_load(low + i), unused), cause)}};
        const uint32_t valid = gf_first_bits((int)(n - i)),
                       graduate = gf_words_equal(w.cause, GF_GRADUATE) & valid,
                       fail = gf_words_equal(w.cause, GF_FAIL) & valid,
                       breakout = gf_words_equal(w.cause, GF_BREAKOUT) & valid,
                       exit = valid & ~(graduate | fail | breakout);
        if (counts_later) {
            chosen[i / GF_PACK] = graduate;
            before[i / GF_PACK] = (uint32_t)graduates.n;
        }
        gf_fetch(graduates.tag + graduates.n + 64);
        gf_fetch(graduates.budget_word + graduates.n + 64);
        choose(&graduates, &w, graduate, 1, are_rounds_seen);
        if (!counts_later) {
            gf_fetch(failures.tag + failures.n + 64);
            choose(&failures, &w, fail, 0, 0);
        }
        choose(&exits, &w, exit, 0, 1);
        if (breakout != 0)
            choose(&breakouts, &w, breakout, 1, 1);
    }
    if (counts_later) {
        chosen[(n + GF_PACK - 1) / GF_PACK] = 0;
        before[(n + GF_PACK - 1) / GF_PACK] = (uint32_t)graduates.n;
    }
    e->graduates.n = graduates.n;
    e->exits.n = exits.n;
    e->failures.n = failures.n;
    e->breakouts.n = breakouts.n;
}

/* Where the graduates of lanes that share rows begin, from where their events do. */
static void find_graduates(gf_event_buffer *e)
{
    const uint32_t *restrict chosen = e->stage, *restrict before = e->startup;
    for (int i = 0; i <= GF_LANES / GF_SHARING; i++) {
        const int32_t at = e->from[i];
        const uint32_t earlier = chosen[at / GF_PACK] & gf_first_bits(at % GF_PACK);
        e->graduates_from[i] = (int32_t)before[at / GF_PACK] + (int32_t)gf_count(earlier);
    }
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
        kind->value_word[1][kind->n] = (e->word[3][i] & ~7u) | (uint32_t)e->cause[i];
        kind->cause[kind->n++] = e->cause[i];
    }
}
#endif

PHASE void split_by_kind(gf_cohort *k)
{
    gf_event_buffer *events = &k->events;
    events->graduates.n = events->failures.n = 0;
    if (!k->sells_later)
        events->exits.n = events->breakouts.n = 0;
    events->first_breakout = events->breakouts.n;
#ifdef GF_PACK
    if (k->counts_later) {
        split_packed(events, 0, 1);
        find_graduates(events);
    } else if (k->prices.are_rounds_seen)
        split_packed(events, 1, 0);
    else
        split_packed(events, 0, 0);
#else
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

/* With counts_later: breakouts, and who is live. */
static void total_breakouts(gf_cohort *k, gf_events *events)
{
    const int32_t *restrict from = k->events.from, *restrict graduates_from = k->events.graduates_from;
    int *restrict n_live = k->n_live;
    add_counts(k->n_by_cause[0][GF_BREAKOUT], k->n_so_far[GF_BREAKOUT]);
    if (gf_may(events->reads, GF_BREAKOUT))
        tell_counts(k->n_by_cause[0][GF_BREAKOUT], events->n_by_cause[GF_BREAKOUT][0]);
    for (int i = 0; !k->keeps_rows && i < GF_LANES / GF_SHARING; i++)
        n_live[i * GF_SHARING] -= (from[i + 1] - from[i]) - (graduates_from[i + 1] - graduates_from[i]);
}

/* Counts by cause, sector and lane, for models that read them and for the totals of each lane. */
PHASE void total_events(gf_cohort *k, gf_events *events)
{
    if (k->counts_later) {
        total_breakouts(k, events);
        return;
    }
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
    draw(k);
    if (k->is_own)
        classify_own(k);
    else
        classify_clocks(k);
    split_by_kind(k);
    if (k->counts_later)
        memset(k->n_by_cause[0][GF_BREAKOUT], 0, sizeof k->n_by_cause[0][GF_BREAKOUT]);
    else
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
