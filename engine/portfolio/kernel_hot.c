/* The kernel: one quarter in the life of all startups of a block, phase by phase in the order of step()
 * below. Compiled once per instruction set, same bits each. Read cohort.h first: it says what clocks,
 * budgets, tags, slots and rows are.
 *
 *   expose         hazards of the quarter from the climate, by lane, sector and stage; clocks advance. With
 *                  AVX-512 and one sector there are no tables of hazards: they are worked out where they
 *                  are read (expose_hot.h)
 *   detect         who is due: one comparison a row (clocks), or one subtraction of its own hazard (own).
 *                  Rows close up when enough of their startups have left (detect_hot.h)
 *   draw           one block of luck per event for its cause, next budget and price, addressed by (seed,
 *                  portfolio, startup, stage left)
 *   sort           classify: the cause ∝ hazards, in the order breakout, list, acquire, fail, graduate;
 *                  then split by kind: graduates, exits, failures, breakouts (classify_hot.h, split_hot.h;
 *                  in one pass with AVX-512, where nobody asks for causes)
 *   grow           what rounds add to the growth of graduates' stakes: nothing, unless market, sector or
 *                  climate move step-ups or somebody acts on rounds (prices.h, apply_hot.h)
 *   price_exits    normals and exponentials of all exits of the quarter in one batch (apply_hot.h)
 *   apply_…        breakouts, exits and failures turn into money (apply_hot.h); graduates, and outliers
 *                  that are held, wait again in their next stage (join_hot.h)
 *   total_events   counts by cause, for models and for the totals of the block
 *
 * What nobody asks for by quarter waits: prices of exits and breakouts for a batch (sells_later), counts of
 * graduates for finish(), and of failures for gf_cohort_mark_horizon(), which finds them as what is left
 * (counts_later; cohort.h).
 *
 * Events are few (one live startup in eight to eleven a quarter), so that everything after detect works on
 * short arrays of events from all lanes, in order of rows: lane by lane, or with AVX-512 four lanes at a
 * time, whose tables one instruction looks up (gf_table) and which therefore share rows, events and
 * vectors; only own hazards of many sectors go lane by lane there, too. Within a lane the order is the same
 * either way, and so are the bits. Where deals are plain no branch depends on a startup's fate. Vectors are
 * explicit where a compiler finds none: lookups, and packing in detect and split (base/pack_hot.h).
 *
 * tops, total_flows and find_shares are no part of a quarter: columns ask for them in the end, and they are
 * here to be compiled per instruction set (tops_hot.h, flows_hot.h). */
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
#include "portfolio/split_hot.h"
#include "portfolio/join_hot.h"
#include "portfolio/apply_hot.h"
#include "portfolio/tops_hot.h"
#include "portfolio/flows_hot.h"

static void draw(gf_cohort *k)
{
    draw_words(k, k->events.n, k->events.tag, GF_LUCK_STAGE);
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

/* Breakouts of the quarter. Most quarters of few startups have none, and rows of 0 stay as they are. */
static void tell_breakouts(gf_cohort *k, gf_events *events)
{
    const uint32_t bit = 1u << GF_BREAKOUT;
    const int32_t *count = k->n_by_cause[0][GF_BREAKOUT];
    const int is_any = k->has_breakouts, were_any = !(events->absent & bit);
    if (is_any)
        add_counts(count, k->n_so_far[GF_BREAKOUT]);
    if ((is_any || were_any) && gf_may(events->reads, GF_BREAKOUT))
        tell_counts(count, events->n_by_cause[GF_BREAKOUT][0]);
    events->absent = is_any ? 0 : bit;
}

/* With counts_later: breakouts, and who is live. */
static void total_breakouts(gf_cohort *k, gf_events *events)
{
    const int32_t *restrict from = k->events.from, *restrict graduates_from = k->events.graduates_from;
    int *restrict n_live = k->n_live;
    tell_breakouts(k, events);
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

/* Events by kind, and their counts made ready. */
static void sort(gf_cohort *k)
{
#ifdef GF_FOUR_LANES
    if (k->counts_later) {
        sort_events(k);
        memset(k->n_by_cause[0][GF_BREAKOUT], 0, sizeof k->n_by_cause[0][GF_BREAKOUT]);
        return;
    }
#endif
    if (k->is_own)
        classify_own(k);
    else
        classify_clocks(k);
    split_by_kind(k);
    memset(k->n_by_cause, 0, (size_t)k->n_sectors * sizeof k->n_by_cause[0]);
}

static void step(gf_cohort *k, const gf_climate *climate, const gf_market *market, int quarter,
                 gf_events *events)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    detect(k);
    draw(k);
    sort(k);
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

/* What waited. */
static void finish(gf_cohort *k, int quarter)
{
    if (k->sells_later)
        sell(k, quarter);
#ifdef GF_FOUR_LANES
    if (k->counts_later && k->keeps_rows)
        count_stages(k);
    else if (k->counts_later)
        add_bytes(k);
#endif
}

static const gf_kernel_hot table = {expose, step, finish, tops, total_flows, find_shares};
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void);
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void)
{
    return &table;
}
