/* The kernel: one quarter in the life of all startups of a block. Compiled once per instruction set, same bits each.
 *
 *   expose    hazards of the quarter from the climate, by lane and class; clocks advance
 *   detect    who is due: one comparison a live startup (clocks), or one subtraction of its own hazard (quality)
 *   draw      one Philox block per event, addressed by (seed, portfolio, startup, stage left): cause, next budget, value
 *   classify  the cause ∝ hazards, in the order breakout, list, acquire, fail, graduate
 *   value     normals and exponentials of all events in batches
 *   apply     graduations in place; exits, failures and breakouts pay out and leave the live list
 *
 * Events are few (about one live startup in eight a quarter), so that everything after detect works on short arrays
 * of events gathered from all lanes. No branch depends on a startup's fate except the split by kind. */
#include <math.h>
#include <stdint.h>

#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/luck_hot.h"

#if defined(__AVX512F__) && defined(__AVX512VL__)
#include <immintrin.h>
#define GF_WIDE 1
#else
#define GF_WIDE 0
#endif

static const double quarter_years = 0.25;

/* ---- expose ------------------------------------------------------------------------------------------------ */

static void expose_class(gf_cohort *k, const gf_climate *climate, int sector, int stage)
{
    const gf_scenario *s = k->scenario;
    const int class_index = sector * GF_N_STAGES + stage;
    double sum[GF_LANES] = {0}, rate[GF_N_CAUSES][GF_LANES];
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        const double base = s->sector_hazards[sector][cause][stage] * quarter_years;
        for (int lane = 0; lane < GF_LANES; lane++) {
            rate[cause][lane] = base * climate->hazard[cause][sector][lane];
            sum[lane] += rate[cause][lane];
        }
    }
    for (int lane = 0; lane < k->n_lanes; lane++) {
        double *to = k->rate + (size_t)(lane * k->n_classes + class_index) * GF_RATE_STRIDE;
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            to[cause] = rate[cause][lane];
        k->clock[(size_t)(lane * k->clock_stride + class_index)] += sum[lane];
    }
}

static void expose(gf_cohort *k, const gf_climate *climate)
{
    for (int sector = 0; sector < k->n_sectors; sector++) {
        for (int stage = 0; stage < GF_N_STAGES; stage++)
            expose_class(k, climate, sector, stage);
        const double own = k->scenario->sector_step_up[sector];
        for (int lane = 0; lane < GF_LANES; lane++)
            k->step_up[sector][lane] = own * climate->step_up[sector][lane];
    }
}

/* ---- detect ------------------------------------------------------------------------------------------------ */

#if GF_WIDE
/* Appends the positions i + j whose bit j is set; writes up to 8 slots past n, the buffers have that room. */
static inline size_t append(gf_event_buffer *e, size_t n, int lane, int i, __mmask8 due)
{
    const __m256i position = _mm256_add_epi32(_mm256_set1_epi32(i), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    _mm256_storeu_si256((__m256i *)(e->position + n), _mm256_maskz_compress_epi32(due, position));
    _mm256_storeu_si256((__m256i *)(e->lane + n), _mm256_set1_epi32(lane));
    return n + (size_t)__builtin_popcount(due);
}

static inline __mmask8 tail_mask(int left) { return left >= 8 ? (__mmask8)0xff : (__mmask8)((1u << left) - 1u); }
#endif

static size_t detect_clocks(gf_cohort *k, int lane, size_t n)
{
    gf_event_buffer *e = &k->events;
    const double *due = k->due + (size_t)lane * (size_t)k->stride;
    const int32_t *class_index = k->class_index + (size_t)lane * (size_t)k->stride;
    const double *clock = k->clock + (size_t)lane * (size_t)k->clock_stride;
    const int n_live = k->n_live[lane];
#if GF_WIDE
    const __m512d table = _mm512_loadu_pd(clock);
    const int is_small = k->n_classes <= 8;
    for (int i = 0; i < n_live; i += 8) {
        const __m256i c = _mm256_loadu_si256((const __m256i *)(class_index + i));
        const __mmask8 valid = tail_mask(n_live - i);
        const __m512d now = is_small ? _mm512_permutexvar_pd(_mm512_cvtepi32_epi64(c), table)
                                     : _mm512_mask_i32gather_pd(table, valid, c, clock, 8);
        n = append(e, n, lane, i, _mm512_mask_cmp_pd_mask(valid, now, _mm512_loadu_pd(due + i), _CMP_GE_OQ));
    }
#else
    for (int i = 0; i < n_live; i++) {
        e->position[n] = i;
        e->lane[n] = lane;
        n += clock[class_index[i]] >= due[i];
    }
#endif
    return n;
}

#if GF_WIDE
static inline __m512d own_hazard(const gf_cohort *k, size_t at, __m256i c, const __m512d *table)
{
    const __m512i index = _mm512_cvtepi32_epi64(c);
    __m512d sum = _mm512_mul_pd(_mm512_loadu_pd(k->weight[0] + at), _mm512_permutexvar_pd(index, table[0]));
    for (int cause = 1; cause < GF_N_CAUSES; cause++)
        sum = _mm512_add_pd(sum, _mm512_mul_pd(_mm512_loadu_pd(k->weight[cause] + at),
                                               _mm512_permutexvar_pd(index, table[cause])));
    return sum;
}

static size_t detect_own_small(gf_cohort *k, int lane, size_t n)
{
    const size_t base = (size_t)lane * (size_t)k->stride;
    const double *rate = k->rate + (size_t)(lane * k->n_classes) * GF_RATE_STRIDE;
    double by_cause[GF_N_CAUSES][8] = {{0}};
    for (int c = 0; c < k->n_classes; c++)
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            by_cause[cause][c] = rate[c * GF_RATE_STRIDE + cause];
    __m512d table[GF_N_CAUSES];
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        table[cause] = _mm512_loadu_pd(by_cause[cause]);
    for (int i = 0; i < k->n_live[lane]; i += 8) {
        const size_t at = base + (size_t)i;
        const __m256i c = _mm256_loadu_si256((const __m256i *)(k->class_index + at));
        const __m512d left = _mm512_sub_pd(_mm512_loadu_pd(k->due + at), own_hazard(k, at, c, table));
        _mm512_storeu_pd(k->due + at, left);
        const __mmask8 due = _mm512_mask_cmp_pd_mask(tail_mask(k->n_live[lane] - i), left, _mm512_setzero_pd(), _CMP_LE_OQ);
        n = append(&k->events, n, lane, i, due);
    }
    return n;
}
#endif

static size_t detect_own(gf_cohort *k, int lane, size_t n)
{
    gf_event_buffer *e = &k->events;
    const size_t base = (size_t)lane * (size_t)k->stride;
    const double *rates = k->rate + (size_t)(lane * k->n_classes) * GF_RATE_STRIDE;
    for (int i = 0; i < k->n_live[lane]; i++) {
        const size_t at = base + (size_t)i;
        const double *rate = rates + (size_t)k->class_index[at] * GF_RATE_STRIDE;
        double sum = k->weight[0][at] * rate[0];
        for (int cause = 1; cause < GF_N_CAUSES; cause++)
            sum += k->weight[cause][at] * rate[cause];
        k->due[at] -= sum;
        e->position[n] = i;
        e->lane[n] = lane;
        n += k->due[at] <= 0.0;
    }
    return n;
}

static void detect(gf_cohort *k)
{
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        if (!k->is_own)
            n = detect_clocks(k, lane, n);
#if GF_WIDE
        else if (k->n_classes <= 8)
            n = detect_own_small(k, lane, n);
#endif
        else
            n = detect_own(k, lane, n);
    }
    k->events.n = n;
}

/* ---- draw and classify ------------------------------------------------------------------------------------- */

static void draw(gf_cohort *k, const gf_luck_hot *luck)
{
    gf_event_buffer *e = &k->events;
    for (size_t i = 0; i < e->n; i++) {
        const size_t at = (size_t)e->lane[i] * (size_t)k->stride + (size_t)e->position[i];
        e->id[i] = k->id[at];
        e->class_index[i] = k->class_index[at];
        e->startup[i] = (uint32_t)k->id[at];
        e->stage[i] = (uint32_t)k->class_index[at] % GF_N_STAGES;
        e->portfolio[i] = k->first_portfolio + (uint64_t)e->lane[i];
    }
    luck->startups(k->seed, e->n, e->startup, e->portfolio, GF_LUCK_STAGE, e->stage, e->word[0], e->word[1], e->word[2],
                   e->word[3]);
    luck->narrow(e->n, e->word[0], e->uniform);
}

/* Cause ∝ λ_k: the first k whose cumulative hazard exceeds u Σ λ. */
static void classify(gf_cohort *k)
{
    gf_event_buffer *e = &k->events;
    for (size_t i = 0; i < e->n; i++) {
        const double *rate = k->rate + (size_t)(e->lane[i] * k->n_classes + e->class_index[i]) * GF_RATE_STRIDE;
        double c0 = rate[0], c1 = rate[1], c2 = rate[2], c3 = rate[3], c4 = rate[4];
        if (k->is_own) {
            const size_t at = (size_t)e->lane[i] * (size_t)k->stride + (size_t)e->position[i];
            c0 *= k->weight[0][at];
            c1 *= k->weight[1][at];
            c2 *= k->weight[2][at];
            c3 *= k->weight[3][at];
            c4 *= k->weight[4][at];
        }
        c1 += c0;
        c2 += c1;
        c3 += c2;
        const double x = e->uniform[i] * (c3 + c4);
        e->cause[i] = (x >= c0) + (x >= c1) + (x >= c2) + (x >= c3);
    }
}

typedef struct split {
    size_t n_graduates, n_exits, n_failures, n_breakouts;
} split;

static split split_by_kind(gf_cohort *k, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    split n = {0, 0, 0, 0};
    for (size_t i = 0; i < e->n; i++) {
        const int cause = e->cause[i];
        const int32_t index = (int32_t)i;
        e->graduates[n.n_graduates] = index;
        e->exits[n.n_exits] = index;
        e->failures[n.n_failures] = index;
        e->breakouts[n.n_breakouts] = index;
        n.n_graduates += cause == GF_GRADUATE;
        n.n_exits += (cause == GF_LIST) | (cause == GF_ACQUIRE);
        n.n_failures += cause == GF_FAIL;
        n.n_breakouts += cause == GF_BREAKOUT;
        events->n_by_cause[cause][(unsigned)e->class_index[i] / GF_N_STAGES][e->lane[i]] += 1.0;
    }
    return n;
}

/* ---- value ------------------------------------------------------------------------------------------------- */

/* Price factors exp(μ + loading ε + σ z) of graduates, then exits, into factor[0 … n_graduates + n_exits). */
static void value_events(gf_cohort *k, const gf_market *market, const gf_luck_hot *luck, split n)
{
    gf_event_buffer *e = &k->events;
    const size_t total = n.n_graduates + n.n_exits;
    for (size_t j = 0; j < total; j++) {
        const int32_t i = j < n.n_graduates ? e->graduates[j] : e->exits[j - n.n_graduates];
        e->high[j] = e->word[2][i];
        e->low[j] = e->word[3][i];
    }
    luck->wide(total, e->high, e->low, e->uniform);
    k->draws->normal(total, e->uniform, e->z);
    for (size_t j = 0; j < n.n_graduates; j++) {
        const int32_t i = e->graduates[j];
        const uint32_t stage = e->stage[i];
        e->factor[j] =
            k->value_mu[stage] + k->value_loading[stage] * market->innovation[e->lane[i]] + k->value_sigma[stage] * e->z[j];
    }
    for (size_t j = n.n_graduates; j < total; j++) {
        const int kind = e->cause[e->exits[j - n.n_graduates]] == GF_ACQUIRE ? 4 : 5;
        e->factor[j] = k->value_mu[kind] + k->value_sigma[kind] * e->z[j];
    }
    k->draws->exp(total, e->factor, e->factor);
}

/* Budgets of the next stage for those that stay: index[n] events → e->budget[0 … n). */
static void draw_budgets(gf_cohort *k, const gf_luck_hot *luck, const int32_t *index, size_t n)
{
    gf_event_buffer *e = &k->events;
    for (size_t j = 0; j < n; j++)
        e->high[j] = e->word[1][index[j]];
    luck->narrow(n, e->high, e->uniform);
    k->draws->exponential(n, e->uniform, e->budget);
}

/* ---- apply ------------------------------------------------------------------------------------------------- */

static inline void wait_in_class(gf_cohort *k, int lane, size_t at, int class_index, double budget)
{
    k->class_index[at] = class_index;
    k->due[at] = k->is_own ? budget : k->clock[(size_t)(lane * k->clock_stride + class_index)] + budget;
}

static void apply_graduates(gf_cohort *k, size_t n)
{
    gf_event_buffer *e = &k->events;
    for (size_t j = 0; j < n; j++) {
        const int32_t i = e->graduates[j];
        const int lane = e->lane[i];
        const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)e->id[i];
        const size_t at = (size_t)lane * (size_t)k->stride + (size_t)e->position[i];
        const uint32_t sector = (uint32_t)e->class_index[i] / GF_N_STAGES;
        e->factor[j] *= k->step_up[sector][lane];
        const double before = k->value[slot];
        const double after = before * e->factor[j] * k->keep[e->stage[i]];
        k->value[slot] = after;
        k->value_live[lane] += after - before;
        k->n_graduated[lane] += 1.0;
        k->ownership[slot] *= k->keep[e->stage[i]];
        wait_in_class(k, lane, at, e->class_index[i] + 1, e->budget[j]);
    }
}

/* Takes a startup off the books: its stake turned into `amount`. */
static inline void leave(gf_cohort *k, int32_t i, double amount, int quarter, gf_events *events)
{
    const gf_event_buffer *e = &k->events;
    const int lane = e->lane[i];
    const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)e->id[i];
    k->received[slot] = amount;
    k->exit_quarter[slot] = (int16_t)quarter;
    k->fate[slot] = (int8_t)e->cause[i];
    k->last_stage[slot] = (int8_t)e->stage[i];
    k->cost_live[k->sub_fund[e->id[i]]][lane] -= k->cost[slot];
    k->value_live[lane] -= k->value[slot];
    k->n_live_sector[(uint32_t)e->class_index[i] / GF_N_STAGES][lane] -= 1.0;
    events->exited_cny_m[lane] += amount;
}

/* Sale: non-participating preference, and the giant's cap when the buyer is one. Returns the proceeds. */
static double sale_proceeds(gf_cohort *k, const gf_climate *climate, int32_t i, double stake)
{
    const gf_event_buffer *e = &k->events;
    const int lane = e->lane[i];
    const double cost = k->cost[(size_t)lane * (size_t)k->stride + (size_t)e->id[i]];
    const double preference = k->scenario->startups.sale.preference;
    double proceeds = stake;
    if (preference > 0.0 && stake < preference * cost)
        proceeds = fmin(preference * cost, stake / k->ownership[(size_t)lane * (size_t)k->stride + (size_t)e->id[i]]);
    if (climate->captive_sale[lane] > 0.0) {
        uint32_t word[4];
        gf_luck_words(k->seed, e->portfolio[i], e->startup[i], GF_LUCK_EXIT, e->stage[i], word);
        if (gf_uniform_narrow(word[1]) < climate->captive_sale[lane]) {
            proceeds = fmin(proceeds, climate->captive_cap[lane] * cost);
            k->n_captive[lane] += 1.0;
        }
    }
    return proceeds;
}

static void apply_exits(gf_cohort *k, const gf_climate *climate, split n, int quarter, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    const int lock_up = (int)k->scenario->startups.listing.lock_up_quarters;
    for (size_t j = 0; j < n.n_exits; j++) {
        const int32_t i = e->exits[j];
        const int lane = e->lane[i];
        const double stake =
            k->value[(size_t)lane * (size_t)k->stride + (size_t)e->id[i]] * e->factor[n.n_graduates + j];
        const int is_sale = e->cause[i] == GF_ACQUIRE;
        const double amount = is_sale ? sale_proceeds(k, climate, i, stake) : stake;
        const int paid = is_sale ? quarter : quarter + lock_up;
        leave(k, i, amount, quarter, events);
        k->n_acquired[lane] += is_sale;
        k->n_listed[lane] += !is_sale;
        if (is_sale || lock_up == 0)
            k->proceeds[gf_flow_index(k->sub_fund[e->id[i]], paid, lane)] += amount;
        else
            k->locked[gf_flow_index(k->sub_fund[e->id[i]], paid < GF_FLOW_QUARTERS ? paid : GF_FLOW_QUARTERS - 1, lane)] +=
                amount / k->index_now[lane];
    }
}

/* What failures return: Beta recovery of cost times the climate, or an honoured redemption. */
static double failure_recovery(gf_cohort *k, const gf_climate *climate, int32_t i)
{
    const gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    uint32_t word[4];
    gf_luck_words(k->seed, e->portfolio[i], e->startup[i], GF_LUCK_EXIT, e->stage[i], word);
    double share = 0.0;
    if (k->recovery != NULL) {
        const double u = gf_uniform_wide(word[2], word[3]);
        k->draws->beta(1, &u, k->recovery, &share);
        share = fmin(1.0, share * climate->recovery[e->lane[i]]);
    }
    if (gf_uniform_narrow(word[0]) < s->redemption.probability)
        share = fmax(share, s->redemption.recovery);
    return share;
}

static void apply_failures(gf_cohort *k, const gf_climate *climate, split n, int quarter, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    for (size_t j = 0; j < n.n_failures; j++) {
        const int32_t i = e->failures[j];
        const int lane = e->lane[i];
        const double cost = k->cost[(size_t)lane * (size_t)k->stride + (size_t)e->id[i]];
        double amount = 0.0;
        if (k->has_recovery) {
            amount = cost * failure_recovery(k, climate, i);
            k->proceeds[gf_flow_index(k->sub_fund[e->id[i]], quarter, lane)] += amount;
        }
        leave(k, i, amount, quarter, events);
        k->n_failed[lane] += 1.0;
        events->cost_lost_cny_m[lane] += cost - amount;
    }
}

/* The rare event: the stake is worth M × cost, M truncated Pareto; sold at once or held as an outlier. */
static void apply_breakouts(gf_cohort *k, split n, int quarter, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    for (size_t j = 0; j < n.n_breakouts; j++) {
        const int32_t i = e->breakouts[j];
        const int lane = e->lane[i];
        const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)e->id[i];
        const double u = gf_uniform_wide(e->word[2][i], e->word[3][i]);
        double multiple;
        k->draws->pareto(1, &u, s->breakout.index, s->breakout.min_multiple, s->breakout.cap_multiple, &multiple);
        const double worth = multiple * k->cost[slot];
        k->value_live[lane] += worth - k->value[slot];
        k->value[slot] = worth;
        k->n_outliers[lane] += 1.0;
        if (k->first_outlier[lane] < 0)
            k->first_outlier[lane] = quarter;
        if (s->breakout.then == GF_BREAKOUT_LEAVES) {
            leave(k, i, worth, quarter, events);
            k->proceeds[gf_flow_index(k->sub_fund[e->id[i]], quarter, lane)] += worth;
        } else {
            const size_t at = (size_t)lane * (size_t)k->stride + (size_t)e->position[i];
            const int outlier = e->class_index[i] - (int)e->stage[i] + GF_OUTLIER;
            wait_in_class(k, lane, at, outlier, e->budget[j]);
        }
    }
}

/* Removes the departed, last position first, so that the startup moved into a gap is never one that departs too. */
static void close_gaps(gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    const int is_outlier_kept = k->scenario->startups.breakout.then == GF_BREAKOUT_STAYS;
    for (size_t i = e->n; i-- > 0;) {
        const int lane = e->lane[i], cause = e->cause[i];
        const int stays = (cause == GF_GRADUATE) | ((cause == GF_BREAKOUT) & is_outlier_kept);
        const size_t base = (size_t)lane * (size_t)k->stride;
        const int last = k->n_live[lane] - 1;
        const size_t to = base + (size_t)e->position[i];
        const size_t from = stays ? to : base + (size_t)last;
        k->due[to] = k->due[from];
        k->class_index[to] = k->class_index[from];
        k->id[to] = k->id[from];
        if (k->is_own)
            for (int cause_index = 0; cause_index < GF_N_CAUSES; cause_index++)
                k->weight[cause_index][to] = k->weight[cause_index][from];
        k->n_live[lane] = last + stays;
    }
}

static void step(gf_cohort *k, const gf_climate *climate, const gf_market *market, int quarter, gf_events *events)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    detect(k);
    draw(k, luck);
    classify(k);
    const split n = split_by_kind(k, events);
    value_events(k, market, luck, n);
    draw_budgets(k, luck, k->events.graduates, n.n_graduates);
    apply_graduates(k, n.n_graduates);
    apply_exits(k, climate, n, quarter, events);
    apply_failures(k, climate, n, quarter, events);
    draw_budgets(k, luck, k->events.breakouts, n.n_breakouts);
    apply_breakouts(k, n, quarter, events);
    close_gaps(k);
    k->events.n_graduates = n.n_graduates;
}

/* ---- tops -------------------------------------------------------------------------------------------------- */

/* Eight running sums and maxima, combined in a fixed order: the same bits whatever the width. */
static void tops(int n, int n_tenth, const double *received, const double *cost, double *scratch, gf_tops *result)
{
    double sums[8] = {0}, largest[8] = {0}, multiple[8] = {0};
    int n_positive = 0;
    const int whole = n / 8 * 8;
    for (int i = 0; i < whole; i += 8)
        for (int j = 0; j < 8; j++) {
            const double x = received[i + j], y = received[i + j] / cost[i + j];
            sums[j] += x;
            largest[j] = x > largest[j] ? x : largest[j];
            multiple[j] = y > multiple[j] ? y : multiple[j];
        }
    for (int i = whole, j = 0; i < n; i++, j++) {
        const double x = received[i], y = received[i] / cost[i];
        sums[j] += x;
        largest[j] = x > largest[j] ? x : largest[j];
        multiple[j] = y > multiple[j] ? y : multiple[j];
    }
    result->sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    result->largest = result->multiple = 0.0;
    for (int j = 0; j < 8; j++) {
        result->largest = largest[j] > result->largest ? largest[j] : result->largest;
        result->multiple = multiple[j] > result->multiple ? multiple[j] : result->multiple;
    }
    for (int i = 0; i < n; i++) {
        scratch[n_positive] = received[i];
        n_positive += received[i] > 0.0;
    }
    result->tenth = n_positive <= n_tenth ? result->sum : gf_sum_of_largest(n_positive, n_tenth, scratch);
}

static const gf_kernel_hot table = {expose, step, tops};
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void);
const gf_kernel_hot *GF_HOT(gf_kernel_table)(void) { return &table; }
