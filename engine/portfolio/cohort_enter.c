/* How startups come in: stage, sector, quality, first budget. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/extremes.h"
#include "base/pack_hot.h"
#include "portfolio/batch_hot.h"
#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/luck_hot.h"

/* One quarter's entries. */
typedef struct entrance {
    const gf_climate *climate;
    gf_events *events;
    int n[GF_LANES];
} entrance;

/* Lists the addresses of entrants; returns how many there are. */
static size_t list_addresses(gf_cohort *k, const int *n_entrants)
{
    gf_event_buffer *e = &k->events;
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++)
        for (int i = 0; i < n_entrants[lane]; i++, n++) {
            e->startup[n] = (uint32_t)(k->n_entered[lane] + i);
            e->portfolio[n] = k->first_portfolio + (uint64_t)lane;
            e->stage[n] = 0;
        }
    return n;
}

/* Stages of n entrants from their first word, into e->cause. Beyond the last stage that has a weight nobody
 * comes, whatever the rounding of the sums. */
static void choose_stages(gf_cohort *k, size_t n)
{
    const double *weights = k->scenario->startups.entry.stage_weights;
    const uint32_t *restrict word = k->events.word[0];
    int32_t *restrict stage = k->events.cause;
    double below[GF_GROWTH], sum = 0;
    int last = GF_GROWTH;
    while (last > GF_SEED && (weights[last] <= 0 || weights[GF_SEED] >= 1.0))
        last--;
    for (int s = 0; s < GF_GROWTH; s++) {
        sum += weights[s];
        below[s] = s < last ? sum : INFINITY;
    }
    for (size_t i = 0; i < n; i++) {
        const double u = gf_uniform_narrow(word[i]);
        int chosen = GF_SEED;
        for (int s = 0; s < GF_GROWTH; s++)
            chosen += u >= below[s];
        stage[i] = chosen;
    }
}

/* Sector of an entrant ∝ weight × deal flow of the sector: x is a uniform times their total. */
static inline int choose_sector(const double *sums, double x)
{
#ifdef GF_PACK
    uint32_t above = 0;
    for (int sector = 0; sector < GF_MAX_SECTORS; sector += GF_PACK / 2)
        above |= gf_doubles_from(sums + sector, x) << sector;
    return GF_MAX_SECTORS - __builtin_popcount(above);
#else
    int chosen = 0;
    for (int sector = 0; sector < GF_MAX_SECTORS; sector++)
        chosen += x > sums[sector];
    return chosen;
#endif
}

/* First cheques of the quarter's entrants, paid in tranches. They are on the lists already. */
static void pay_cheques(gf_cohort *k, const int *restrict n_entrants, int quarter)
{
    const int left = k->n_quarters - quarter, n_funds = k->n_sub_funds;
    const int tranches = (int)k->scenario->startups.entry.tranche_quarters;
    const int n_tranches = tranches < left ? tranches : left;
    const double funds = n_funds, first_cheque = k->cheque;
    const int *restrict n_entered = k->n_entered;
    double tranche[GF_LANES];
    gf_invest_until(k, quarter + n_tranches - 1);
    for (int fund = 0; fund < n_funds; fund++) {
        double *restrict cost_live = k->cost_live[fund];
        const int above = n_funds - 1 - fund;
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            /* startups fund, fund + n_funds, … belong to the fund; quotients of small numbers are exact */
            const int after = (int)((n_entered[lane] + above) / funds),
                      before = (int)((n_entered[lane] - n_entrants[lane] + above) / funds);
            const double cheques = first_cheque * (after - before);
            cost_live[lane] += cheques;
            tranche[lane] = cheques / n_tranches;
        }
        for (int i = 0; i < n_tranches; i++) {
            double *restrict invested = k->invested + gf_flow_index(fund, quarter + i, 0);
#pragma omp simd
            for (int lane = 0; lane < GF_LANES; lane++)
                invested[lane] += tranche[lane];
        }
    }
}

/* Where the next entrants of a lane wait: until a date by the clock of their class, or own: as long as their
 * budgets last, with rows that say whose they are. */
typedef struct seats {
    uint32_t *tag, first_tag;
    float *until;
    const float *clock;          /* of the lane, [sector * GF_SECTOR_CELLS + stage]; own: NULL */
    uint32_t *row_of, first_row; /* own, else NULL */
} seats;

static inline seats seats_of(const gf_cohort *k, int lane)
{
    const size_t slot = (size_t)(lane * k->stride + k->n_entered[lane]),
                 row = k->keeps_rows ? gf_kept_row(k, lane, slot) : gf_next_row(k, lane);
    return (seats){.tag = k->row_tag + row,
                   .first_tag = gf_tag(lane, slot, 0, 0),
                   .until = k->until + row,
                   .clock = k->is_own ? NULL : k->clock + lane * GF_STAGE_ROOM,
                   .row_of = k->is_own ? k->row_of + slot : NULL,
                   .first_row = (uint32_t)row};
}

/* The i-th of them waits in the class whose cell of lane 0 is `cell`, from `now` on. */
static inline void wait_in(const seats *p, uint32_t i, uint32_t cell, float now, float budget)
{
    p->tag[i] = p->first_tag + (i << GF_SLOT_SHIFT) + cell;
    p->until[i] = now + budget;
}

static inline float now_in(const seats *p, uint32_t cell)
{
    return p->clock == NULL ? 0.0f : p->clock[cell];
}

static inline void tell_slots(const seats *p, uint32_t n)
{
    if (p->row_of == NULL)
        return;
#ifdef GF_PACK
    gf_words row = gf_words_count_from((int32_t)p->first_row);
    for (uint32_t i = 0; i < n; i += GF_PACK, row = gf_words_add(row, gf_words_set(GF_PACK)))
        gf_words_store_first(p->row_of + i, row, n - i < GF_PACK ? (int)(n - i) : GF_PACK);
#else
    for (uint32_t i = 0; i < n; i++)
        p->row_of[i] = p->first_row + i;
#endif
}

/* The first n of them wait in the first stage of the only sector. */
static void wait_alike(const seats *p, uint32_t n, const float *restrict budget)
{
    const float now = now_in(p, GF_SEED);
#ifdef GF_PACK /* what lies behind them is somebody else's */
    const gf_words next = gf_words_set((uint32_t)GF_PACK << GF_SLOT_SHIFT);
    gf_words tag = gf_words_add(gf_words_set(p->first_tag + GF_SEED),
                                gf_words_shift_up(gf_words_count_from(0), GF_SLOT_SHIFT));
    for (uint32_t i = 0; i < n; i += GF_PACK, tag = gf_words_add(tag, next)) {
        const int some = n - i < GF_PACK ? (int)(n - i) : GF_PACK;
        gf_words_store_first(p->tag + i, tag, some);
        gf_reals_store_first(p->until + i, gf_reals_add(gf_reals_set(now), gf_reals_load(budget + i)), some);
    }
#else
    for (uint32_t i = 0; i < n; i++)
        wait_in(p, i, GF_SEED, now, budget[i]);
#endif
    tell_slots(p, n);
}

/* n entrants of a lane whose draws begin at `from`, one by one: sector and stage differ. */
static void admit_each(gf_cohort *k, const entrance *in, int lane, size_t from)
{
    const gf_event_buffer *e = &k->events;
    const int n = in->n[lane];
    const double total = k->flow[k->n_sectors - 1][lane], ownership = k->scenario->startups.entry.ownership;
    const seats p = seats_of(k, lane);
    const uint32_t *restrict word = e->word[1] + from;
    const int32_t *restrict stage = e->cause + from;
    const float *restrict budget = e->budget + from;
    const size_t slot = (size_t)(lane * k->stride + k->n_entered[lane]);
    uint8_t *restrict entry_stage = k->entry_stage + slot;
    double *restrict value = e->factor + from, flow[GF_MAX_SECTORS];
    gf_record *restrict record = k->record + slot;
    for (int s = 0; s < GF_MAX_SECTORS; s++) /* those behind the last but one are out of reach */
        flow[s] = s < k->n_sectors - 1 ? k->flow[s][lane] : INFINITY;
    for (int i = 0; i < n; i++) {
        const int sector = choose_sector(flow, gf_uniform_narrow(word[i]) * total);
        const uint32_t cell = gf_tag(0, 0, sector, stage[i]);
        const double dearer = in->climate->entry_valuation[sector][lane];
        wait_in(&p, (uint32_t)i, cell, now_in(&p, cell), budget[i]);
        entry_stage[i] = (uint8_t)stage[i];
        value[i] = 1.0 / dearer;
        if (k->has_ownership)
            k->ownership[slot + (size_t)i] = gf_least(0.95, ownership / dearer);
        record[i].sector = (int8_t)sector;
        k->n_live_sector[sector][lane] += 1.0;
        in->events->n_entered[sector][lane] += 1.0;
    }
    tell_slots(&p, (uint32_t)n);
}

/* The same where all enter the first stage of the only sector (entry_stage is 0 from the start). */
static void admit_alike(gf_cohort *k, const entrance *in, int lane, size_t from)
{
    const int n = in->n[lane];
    const double dearer = in->climate->entry_valuation[0][lane];
    const seats p = seats_of(k, lane);
    const double ownership = gf_least(0.95, k->scenario->startups.entry.ownership / dearer);
    const size_t slot = (size_t)(lane * k->stride + k->n_entered[lane]);
    double *restrict value = k->events.factor + from;
    wait_alike(&p, (uint32_t)n, k->events.budget + from);
    for (int i = 0; k->has_entry_value && i < n; i++)
        value[i] = 1.0 / dearer;
    for (int i = 0; k->has_ownership && i < n; i++)
        k->ownership[slot + (size_t)i] = ownership;
    for (int i = 0; k->is_recorded && i < n; i++)
        k->record[slot + (size_t)i].sector = 0;
    k->n_live_sector[0][lane] += n;
    in->events->n_entered[0][lane] += n;
}

/* Lists the places of luck of entrants, `each` startups a place; returns how many there are. */
static size_t list_places(const gf_cohort *k, const int *n_entrants, int each)
{
    uint32_t *place = k->events.startup;
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int first = k->n_entered[lane], end = first + n_entrants[lane];
        const int from = first / each, n_places = end > first ? (end - 1) / each + 1 - from : 0;
        const uint32_t start = gf_tag(lane, (size_t)(lane * k->stride + from), 0, 0);
        for (uint32_t i = 0; i < (uint32_t)n_places; i += GF_PIECE)
            for (uint32_t j = 0; j < GF_PIECE; j++)
                place[n + i + j] = start + ((i + j) << GF_SLOT_SHIFT);
        n += (size_t)n_places;
    }
    return n;
}

/* Startups that share a block of luck for their first budgets, a word each. */
enum { EACH = 4 };

/* First budgets of entrants as they lie in blocks, `in_order`: those who are in already, or not yet, have
 * theirs between them. Returns the number of words. */
static size_t list_first_words(gf_cohort *k, const int *n_entrants, uint32_t *restrict in_order)
{
    const gf_event_buffer *e = &k->events;
    const size_t n_blocks = list_places(k, n_entrants, EACH);
    draw_words(k, n_blocks, e->startup, GF_LUCK_ENTRY);
    const uint32_t *restrict w0 = e->word[0], *restrict w1 = e->word[1], *restrict w2 = e->word[2],
                             *restrict w3 = e->word[3];
    for (size_t i = 0; i < n_blocks; i++) {
        in_order[i * EACH] = w0[i];
        in_order[i * EACH + 1] = w1[i];
        in_order[i * EACH + 2] = w2[i];
        in_order[i * EACH + 3] = w3[i];
    }
    return n_blocks * EACH;
}

/* Of the first block, those of a lane that are in already; and words of all blocks of n that come in. */
static inline int in_before(const gf_cohort *k, int lane)
{
    return k->n_entered[lane] % EACH;
}
static inline int words_of(int before, int n)
{
    return n > 0 ? (before + n + EACH - 1) / EACH * EACH : 0;
}

/* First budgets of n entrants, one after the other. */
static void draw_first_budgets(gf_cohort *k, size_t n, const int *n_entrants)
{
    const gf_event_buffer *e = &k->events;
    uint32_t *restrict in_order = e->graduates.tag, *word = e->graduates.budget_word;
    if (n == list_first_words(k, n_entrants, in_order)) {
        k->draws->waits(n, in_order, e->budget);
        return;
    }
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int before = in_before(k, lane);
        for (int i = 0; i < n_entrants[lane]; i += GF_PIECE)
            memcpy(word + i, in_order + before + i, GF_PIECE * sizeof *word);
        word += n_entrants[lane];
        in_order += words_of(before, n_entrants[lane]);
    }
    k->draws->waits(n, e->graduates.budget_word, e->budget);
}

/* First budgets of n entrants, and where they differ the words for stages, sectors and qualities. */
static void draw_entrants(gf_cohort *k, const gf_luck_hot *luck, size_t n, const int *n_entrants,
                          int are_alike)
{
    draw_first_budgets(k, n, n_entrants);
    if (k->is_own || !are_alike)
        draw_words(k, list_places(k, n_entrants, 1), k->events.startup, GF_LUCK_ENTRY_VALUE);
    if (!are_alike)
        choose_stages(k, n);
    if (k->is_own)
        gf_cohort_draw_quality(k, luck, n, n_entrants);
}

/* Whether nothing is known of an entrant but how long it waits and its quality. */
static int are_plain(const gf_cohort *k, int are_alike)
{
    return are_alike && k->outcome == NULL && !k->has_entry_value && !k->is_recorded &&
           (!k->has_ownership || k->has_one_ownership);
}

/* Adds what enters to a row of lanes. */
static void add_entrants(const int *restrict n, double *restrict to)
{
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++)
        to[lane] += n[lane];
}

/* All plain entrants. */
static void enter_plainly(gf_cohort *k, const gf_luck_hot *luck, const entrance *in, size_t n)
{
    const float *budget = k->events.budget;
    uint32_t *words = k->events.graduates.tag;
    k->draws->waits(list_first_words(k, in->n, words), words, k->events.budget);
    if (k->is_own) {
        draw_words(k, list_places(k, in->n, 1), k->events.startup, GF_LUCK_ENTRY_VALUE);
        gf_cohort_draw_quality(k, luck, n, in->n);
    }
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int n_lane = in->n[lane], before = in_before(k, lane);
        if (n_lane == 0)
            continue;
        const seats p = seats_of(k, lane);
        wait_alike(&p, (uint32_t)n_lane, budget + before);
        budget += words_of(before, n_lane);
        k->n_rows[lane >> k->sharing_bits] += k->keeps_rows ? 0 : n_lane;
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        k->n_entered[lane] += in->n[lane];
        k->n_live[lane] += in->n[lane];
    }
    add_entrants(in->n, k->n_live_sector[0]);
    add_entrants(in->n, in->events->n_entered[0]);
}

/* Entrants of one lane, whose draws begin at `from`. */
static void enter_lane(gf_cohort *k, const entrance *in, int quarter, int lane, size_t from, int are_alike)
{
    const int first = k->n_entered[lane], n = in->n[lane];
    if (k->outcome == NULL)
        (are_alike ? admit_alike : admit_each)(k, in, lane, from);
    else
        k->n_live_sector[0][lane] += n;
    k->n_rows[lane >> k->sharing_bits] += k->keeps_rows ? 0 : n;
    for (int i = 0; k->outcome == NULL && k->pace.haircut[lane] > 0 && i < n; i++)
        k->events.factor[from + (size_t)i] *= gf_pace_value(&k->pace, lane, first + i);
    for (int i = 0; k->is_recorded && i < n; i++)
        k->record[lane * k->stride + first + i].entry_quarter = (int16_t)quarter;
    k->n_entered[lane] += n;
    k->n_live[lane] += n;
}

/* Logarithms of what n entrants are worth over their costs, from and into events.factor. Nothing at all is
 * worth so little that no growth makes up for it. */
static void log_values(gf_cohort *k, size_t n)
{
    const double nothing = -1e6;
    double *restrict value = k->events.factor, *restrict log_value = k->events.z;
    k->draws->log(n, value, log_value);
    for (size_t i = 0; i < n; i++)
        value[i] = value[i] > 0.0 ? log_value[i] : nothing;
}

/* First values of n entrants, from those over their costs in events.factor. */
static void value_entrants(gf_cohort *k, const int *n_entrants, size_t n)
{
    const double cheque = k->cheque, *value = k->events.factor;
    if (!k->has_growth || (!k->has_entry_value && !k->has_follow_on))
        return; /* none has grown at the start of a block */
    if (k->has_entry_value && !k->has_follow_on)
        log_values(k, n);
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const size_t n_lane = (size_t)n_entrants[lane],
                     slot = (size_t)(lane * k->stride + k->n_entered[lane]) - n_lane;
        for (size_t i = 0; k->has_follow_on && i < n_lane; i++)
            k->stake[slot + i] = (gf_stake){k->has_entry_value ? cheque * value[i] : cheque, cheque};
        for (size_t i = 0; i < n_lane; i++)
            k->growth[slot + i] = k->has_entry_value && !k->has_follow_on ? value[i] : 0.0;
        value += n_lane;
    }
}

/* All entrants one lane after the other, with all that differs between them. */
static void enter_by_lanes(gf_cohort *k, const gf_luck_hot *luck, const entrance *in, int quarter, size_t n,
                           int are_alike)
{
    size_t from = 0;
    if (k->outcome != NULL) {
        list_addresses(k, in->n);
        gf_outcome_enter(k->outcome, k, n, quarter);
    } else
        draw_entrants(k, luck, n, in->n, are_alike);
    for (int lane = 0; lane < k->n_lanes; from += (size_t)in->n[lane], lane++)
        if (in->n[lane] > 0)
            enter_lane(k, in, quarter, lane, from, are_alike);
}

void gf_cohort_enter(gf_cohort *k, const gf_climate *climate, int quarter, gf_events *events)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    const int are_alike = k->n_sectors == 1 && k->scenario->startups.entry.stage_weights[0] >= 1.0;
    entrance in = {.climate = climate, .events = events};
    const size_t n = gf_cohort_count_entrants(k, climate, quarter, in.n);
    if (n == 0)
        return;
    if (are_plain(k, are_alike))
        enter_plainly(k, luck, &in, n);
    else
        enter_by_lanes(k, luck, &in, quarter, n, are_alike);
    if (k->outcome == NULL)
        value_entrants(k, in.n, n);
    k->n_missing -= (int)n;
    pay_cheques(k, in.n, quarter);
}
