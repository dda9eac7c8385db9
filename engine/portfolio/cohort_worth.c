/* What the stakes of live startups are worth: at the horizon, and quarter by quarter where it is read. */
#include <math.h>
#include <string.h>

#include "base/pack_hot.h"
#include "portfolio/batch_hot.h"
#include "portfolio/cohort.h"

/* A locked-up listing was booked at its price; what it brings is known only when the lock-up ends. */
static void settle_locked_listings(gf_cohort *k, const gf_market *market, int lane)
{
    const int lock_up = (int)k->scenario->startups.listing.lock_up_quarters;
    const size_t base = (size_t)lane * (size_t)k->stride;
    for (int i = 0; i < k->n_locked[lane]; i++) {
        const int listed = k->locked_quarter[base + (size_t)i];
        const int sold = listed + lock_up < k->n_quarters ? listed + lock_up + 1 : k->n_quarters;
        k->won[base + (size_t)k->locked_won[base + (size_t)i]] *=
            market->index[sold][lane] / market->index[listed + 1][lane];
    }
    for (int i = 0; k->is_recorded && lock_up > 0 && i < k->n_entered[lane]; i++) {
        const gf_record *r = &k->record[base + (size_t)i];
        if (r->exit_quarter < 0 || r->fate != GF_LIST)
            continue;
        const int sold =
            r->exit_quarter + lock_up < k->n_quarters ? r->exit_quarter + lock_up + 1 : k->n_quarters;
        k->received[base + (size_t)i] *= market->index[sold][lane] / market->index[r->exit_quarter + 1][lane];
    }
}

static size_t list_live(gf_cohort *k, int lane, size_t n)
{
    const size_t base = gf_rows_of(k, lane), n_rows = (size_t)k->n_rows[lane >> k->sharing_bits];
    const uint32_t *row_tag = k->row_tag + base;
    const float *until = k->until + base;
    uint32_t *tag = k->events.tag;
#ifdef GF_PACK
    const gf_reals never = gf_reals_set(INFINITY);
    const gf_words lane_bits = gf_words_set((GF_LANES - 1) << GF_LANE_SHIFT);
    for (size_t i = 0; i < n_rows; i += GF_PACK) { /* behind the last row nobody waits either */
        const gf_words tags = gf_words_load(row_tag + i);
        const uint32_t is_live = gf_reals_above(never, gf_reals_load(until + i)),
                       is_here = gf_words_equal(gf_words_and(tags, lane_bits), lane << GF_LANE_SHIFT);
        gf_words_pack(tag + n, tags, is_live & is_here);
        n += gf_count(is_live & is_here);
    }
#else
    for (size_t i = 0; i < n_rows; i++) {
        tag[n] = row_tag[i];
        n += until[i] < INFINITY && (int)gf_tag_lane(row_tag[i]) == lane;
    }
#endif
    return n;
}

/* What the stakes of n startups in events.tag are worth, into events.factor: the price of an exit without the
 * exit's own deviation (prices.h). Where rounds are seen that is no price and takes no luck. */
static void value_stakes(gf_cohort *k, size_t n)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t *restrict tags = e->tag;
    const double *restrict mean = k->prices.mean[GF_PRICE_MARK],
                           *restrict sigma = k->prices.sigma[GF_PRICE_MARK], *restrict growth = k->growth;
    const double *z = e->z;
    double *restrict worth = e->factor;
    if (k->prices.are_rounds_seen)
        memset(worth, 0, n * sizeof *worth);
    else {
        draw_words(k, n, tags, GF_LUCK_STAGE);
        gf_luck_hot_table(k->isa)->to.wide(whole(n), e->word[2], e->word[3], e->uniform);
        k->draws->normal(drawn(k, n), e->uniform, e->z);
        for (size_t i = 0; i < n; i++) {
            const size_t cell = gf_price_cell(k, tags[i]);
            worth[i] = mean[cell] + sigma[cell] * z[i];
        }
    }
    for (size_t i = 0; k->has_growth && i < n; i++)
        worth[i] += growth[gf_tag_slot(tags[i])];
    k->draws->exp(n, worth, worth);
    for (size_t i = 0; i < n; i++)
        worth[i] *= gf_first_value(k, gf_tag_slot(tags[i]));
}

#ifdef GF_FOUR_LANES
/* list_live() of lanes that share rows, which are `lane` and those that follow; events.from tells
 * where each begins. Rows are looked at once, for all of them. */
static size_t list_shared_live(gf_cohort *k, int lane, size_t n)
{
    const size_t base = gf_rows_of(k, lane), n_rows = (size_t)k->n_rows[lane >> k->sharing_bits];
    const gf_reals never = gf_reals_set(INFINITY);
    const gf_words sharing = gf_words_set((GF_SHARING - 1) << GF_LANE_SHIFT);
    uint32_t *tag = k->events.tag, *together = k->events.startup;
    size_t n_together = 0;
    for (size_t i = 0; i < n_rows; i += GF_PACK) {
        const uint32_t is_live = gf_reals_above(never, gf_reals_load(k->until + base + i));
        gf_words_pack(together + n_together, gf_words_load(k->row_tag + base + i), is_live);
        n_together += gf_count(is_live);
    }
    for (int j = 0; j < GF_SHARING; j++) {
        k->events.from[lane + j] = (int32_t)n;
        for (size_t i = 0; i < n_together; i += GF_PACK) {
            const gf_words tags = gf_words_load(together + i);
            const uint32_t is_here = gf_words_equal(gf_words_and(tags, sharing), j << GF_LANE_SHIFT) &
                                     gf_first_bits((int)(n_together - i));
            gf_words_pack(tag + n, tags, is_here);
            n += gf_count(is_here);
        }
    }
    return n;
}
#endif

/* Tags of live startups into events.tag, those of a lane from events.from[lane] on; returns how many. */
static size_t list_all_live(gf_cohort *k)
{
    int32_t *from = k->events.from;
    size_t n = 0;
#ifdef GF_FOUR_LANES
    for (int lane = 0; k->sharing_bits > 0 && lane < k->n_lanes; lane += GF_SHARING)
        n = list_shared_live(k, lane, n);
#endif
    for (int lane = 0; k->sharing_bits == 0 && lane < k->n_lanes; lane++) {
        from[lane] = (int32_t)n;
        n = list_live(k, lane, n);
    }
    from[k->n_lanes] = (int32_t)n;
    return n;
}

/* The live stakes of a lane join the winners; sums run in registers. */
static void mark_lane(gf_cohort *k, int lane, double (*nav)[GF_LANES])
{
    const size_t base = (size_t)lane * (size_t)k->stride;
    const double share = k->scenario->startups.horizon_share;
    const int end = k->events.from[lane + 1];
    double *restrict won = k->won + base, *restrict won_cost = k->has_follow_on ? k->won_cost + base : NULL,
                     *restrict worth = k->events.factor;
    double total = 0;
    int n_won = k->n_won[lane];
    for (int i = k->events.from[lane]; i < end; i++) {
        worth[i] *= share;
        won[n_won] = worth[i];
        if (won_cost != NULL)
            won_cost[n_won] = gf_cost(k, gf_tag_slot(k->events.tag[i]));
        n_won += worth[i] > 0.0;
        total += worth[i];
    }
    k->n_won[lane] = n_won;
    if (k->n_sub_funds == 1)
        nav[0][lane] = total;
    for (int i = k->events.from[lane]; k->n_sub_funds > 1 && i < end; i++)
        nav[k->sub_fund[gf_tag_slot(k->events.tag[i])]][lane] += worth[i];
}

static void record_marks(gf_cohort *k)
{
    for (int i = 0; i < k->events.from[k->n_lanes]; i++) {
        const uint32_t slot = gf_tag_slot(k->events.tag[i]);
        k->received[slot] = k->events.factor[i];
        k->record[slot].last_stage = (int8_t)gf_tag_stage(k->events.tag[i]);
    }
}

/* Those that are neither live nor left otherwise have failed. */
static void count_failures(gf_cohort *k)
{
    const int32_t *from = k->events.from;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        k->n_live[lane] = from[lane + 1] - from[lane];
        k->n_so_far[GF_FAIL][lane] = k->n_entered[lane] - k->n_live[lane] - k->n_so_far[GF_BREAKOUT][lane] -
                                     k->n_so_far[GF_LIST][lane] - k->n_so_far[GF_ACQUIRE][lane];
    }
}

static void mark_live(gf_cohort *k, double (*nav)[GF_LANES])
{
    const size_t n = list_all_live(k);
    if (k->counts_later)
        count_failures(k);
    value_stakes(k, n);
    for (int lane = 0; lane < k->n_lanes; lane++)
        mark_lane(k, lane, nav);
    if (k->is_recorded)
        record_marks(k);
}

/* What listings bring that are locked up beyond the horizon, at the last index. */
static void mark_locked(const gf_cohort *k, const double *restrict last_index, double (*nav)[GF_LANES])
{
    const int end = gf_locked_end(k);
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int quarter = k->n_quarters; quarter < end; quarter++) {
            const double *restrict locked = k->locked + gf_flow_index(fund, quarter, 0);
            for (int lane = 0; lane < k->n_lanes; lane++)
                nav[fund][lane] += locked[lane] * last_index[lane];
        }
}

void gf_cohort_mark_horizon(gf_cohort *k, const gf_market *market, double (*nav)[GF_LANES])
{
    memset(nav, 0, (size_t)k->n_sub_funds * sizeof *nav);
    if (k->cash_flow != NULL)
        gf_cash_flow_mark_horizon(k->cash_flow, k, nav);
    if (k->outcome == NULL && k->cash_flow == NULL)
        mark_live(k, nav);
    if (k->scenario->startups.listing.lock_up_quarters == 0)
        return;
    for (int lane = 0; lane < k->n_lanes; lane++)
        settle_locked_listings(k, market, lane);
    mark_locked(k, market->index[k->n_quarters], nav);
}

/* Worth of the first n startups in events.tag. */
static void keep_worth(gf_cohort *k, size_t n)
{
    const gf_event_buffer *e = &k->events;
    value_stakes(k, n);
    for (size_t i = 0; i < n; i++)
        k->worth[gf_tag_slot(e->tag[i])] = e->factor[i];
}

/* Those that left are worth nothing to those who add up. */
static void forget_worth(gf_cohort *k, const gf_kind *left)
{
    const uint32_t *restrict tags = left->tag;
    double *restrict worth = k->worth;
    for (size_t j = 0; j < left->n; j++)
        worth[gf_tag_slot(tags[j])] = 0.0;
}

/* Worth of those that entered, had a round or broke out this quarter, or left; that of others stays. Where
 * rounds are not seen the marks of a stage have their own law, whatever those of earlier stages were. */
static void update_worth(gf_cohort *k)
{
    gf_event_buffer *e = &k->events;
    const gf_kind g = e->graduates, b = e->breakouts;
    const int are_held = k->n_stages == GF_N_STAGES; /* outliers */
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++)
        for (; k->n_marked[lane] < k->n_entered[lane]; k->n_marked[lane]++) {
            const size_t slot = (size_t)(lane * k->stride + k->n_marked[lane]);
            e->tag[n++] = gf_tag(lane, slot, 0, k->entry_stage[slot]); /* marks do not ask for the sector */
        }
    keep_worth(k, n);
    for (size_t j = 0; j < g.n; j++)
        e->tag[j] = g.tag[j] + GF_NEXT_STAGE;
    for (size_t j = 0; are_held && j < b.n; j++)
        e->tag[g.n + j] = b.tag[j] + (GF_OUTLIER - gf_tag_stage(b.tag[j])) * GF_NEXT_STAGE;
    keep_worth(k, are_held ? g.n + b.n : g.n);
    forget_worth(k, &e->exits);
    forget_worth(k, &e->failures);
    if (!are_held)
        forget_worth(k, &b);
}

/* Sum of n numbers; the group that they end in is filled up with 0. Eight running sums combined in a fixed
 * order give the same bits whatever the width. */
static double sum_up(size_t n, double *x)
{
    enum { GROUP = 8 };
    double sums[GROUP] = {0};
    for (size_t i = n; i % GROUP != 0; i++)
        x[i] = 0.0;
    for (size_t i = 0; i < n; i += GROUP)
        for (size_t j = 0; j < GROUP; j++)
            sums[j] += x[i + j];
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

void gf_cohort_value_live(gf_cohort *k)
{
    if (k->outcome != NULL || k->cash_flow != NULL)
        return; /* they keep it up to date themselves */
    update_worth(k);
    for (int lane = 0; lane < k->n_lanes; lane++)
        k->value_live[lane] = sum_up((size_t)k->n_entered[lane], k->worth + (size_t)(lane * k->stride));
}
