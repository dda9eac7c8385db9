/* How startups come in: deployment plan, deal flow, stage, sector, quality, first budget; and follow-on
 * rounds. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/luck_hot.h"
#include "random/poisson.h"

/* Quarters over which the plan spreads entries. */
static int entry_window(const gf_cohort *k)
{
    const int64_t quarters = k->scenario->startups.entry.quarters;
    return quarters < k->n_quarters ? (int)quarters : k->n_quarters;
}

/* Startups on offer, K ~ Poisson(mean) by inversion of u, or `wanted` if K is at least that: P(K < wanted) <
 * u is a short sum, while the whole inverse can cost microseconds. */
static double count_on_offer(double u, double mean, double wanted)
{
    const double most_mean = 700; /* e^-mean must not underflow */
    double term = exp(-mean), sum = term;
    for (int k = 1; k < wanted && mean < most_mean; k++) {
        term *= mean / k;
        sum += term;
    }
    return wanted <= 0 || (mean < most_mean && sum < u) ? wanted : gf_poisson_inverse(u, mean);
}

/* Number of entrants of a lane this quarter: what the plan still wants, at most what the cluster offers. */
static int count_entrants(gf_cohort *k, const gf_climate *climate, int quarter, int lane, double u)
{
    const gf_startup_params *p = &k->scenario->startups;
    const int window = entry_window(k);
    if (quarter >= window + (int)p->entry.extension_quarters)
        return 0;
    if (k->planned[lane] < k->n_startups)
        k->planned[lane] += climate->call_pace[lane] * k->n_startups / window;
    double wanted = floor(fmin(k->planned[lane], k->n_startups) + 1e-9) - k->n_entered[lane];
    if (isfinite(p->entry.deal_flow_per_year)) {
        double flow = 0;
        for (int sector = 0; sector < k->n_sectors; sector++)
            flow += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
        wanted = fmin(wanted, count_on_offer(u, p->entry.deal_flow_per_year / 4 * flow, wanted));
    }
    return (int)wanted;
}

/* Counts entrants of all lanes into n_entrants; returns how many there are. */
static size_t count_all(gf_cohort *k, const gf_climate *climate, int quarter, int *n_entrants)
{
    double u[GF_LANES] = {0};
    if (isfinite(k->scenario->startups.entry.deal_flow_per_year))
        gf_luck_lanes(k->seed, k->first_portfolio, k->n_lanes, 0, GF_LUCK_DEAL_FLOW, (uint32_t)quarter, u,
                      NULL);
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        n_entrants[lane] =
            gf_pace_admit(k, climate, quarter, lane, count_entrants(k, climate, quarter, lane, u[lane]));
        n += (size_t)n_entrants[lane];
    }
    return n;
}

/* Lists the addresses of entrants, `each` startups an address; returns how many there are. */
static size_t list_addresses(gf_cohort *k, const int *n_entrants, int each)
{
    gf_event_buffer *e = &k->events;
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int first = k->n_entered[lane], end = first + n_entrants[lane];
        for (int id = first / each; id * each < end && end > first; id++, n++) {
            e->startup[n] = (uint32_t)id;
            e->portfolio[n] = k->first_portfolio + (uint64_t)lane;
            e->stage[n] = 0;
        }
    }
    return n;
}

/* Running sums of weight × deal flow over a lane's sectors; those behind the last but one are out of reach.
 */
static double sum_sectors(const gf_cohort *k, const gf_climate *climate, int lane, double *sums)
{
    double total = 0;
    for (int sector = 0; sector < GF_MAX_SECTORS; sector++) {
        if (sector < k->n_sectors)
            total += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
        sums[sector] = sector < k->n_sectors - 1 ? total : INFINITY;
    }
    return total;
}

/* Sector of an entrant ∝ weight × deal flow of the sector: x is a uniform times their total. */
static int choose_sector(const double *sums, double x)
{
    int64_t chosen = 0; /* as wide as the sums, so that the loop is a few vectors */
    for (int sector = 0; sector < GF_MAX_SECTORS; sector++)
        chosen += x >= sums[sector];
    return (int)chosen;
}

static int choose_stage(const gf_cohort *k, uint32_t word)
{
    const double *weights = k->scenario->startups.entry.stage_weights;
    if (weights[0] >= 1.0)
        return GF_SEED;
    const double u = gf_uniform_narrow(word);
    double sum = 0;
    int stage = 0;
    for (int s = 0; s < GF_GROWTH; s++) {
        sum += weights[s];
        stage += u >= sum;
    }
    while (weights[stage] <= 0)
        stage--; /* rounding of the sum must not choose an empty stage */
    return stage;
}

/* Quality z = √ρ vintage + √s skill + √(1−ρ−s) own, and the hazards' weights exp(γ_k z). */
static void draw_quality(gf_cohort *k, const gf_luck_hot *luck, size_t n, const int *n_entrants)
{
    gf_event_buffer *e = &k->events;
    const gf_startup_params *p = &k->scenario->startups;
    const double gamma[GF_N_CAUSES] = {p->quality.breakout, p->quality.list, p->quality.acquire,
                                       p->quality.fail, p->quality.graduate};
    const double common = p->quality.correlation, skill = k->scenario->programme.manager_skill;
    const double own = sqrt(fmax(0.0, 1 - common - skill)), by_vintage = sqrt(common), by_skill = sqrt(skill);
    luck->wide(n, e->word[2], e->word[3], e->uniform);
    k->draws->normal(n, e->uniform, e->z);
    for (int lane = 0, from = 0; lane < k->n_lanes; from += n_entrants[lane], lane++) {
        const size_t slot = (size_t)(lane * k->stride + k->n_entered[lane]);
        for (int i = 0; i < n_entrants[lane]; i++) {
            double *z = &e->z[from + i];
            *z = own * *z + by_vintage * k->vintage[lane] +
                 by_skill * k->skill[k->sub_fund[slot + (size_t)i]][lane];
            k->quality[slot + (size_t)i] = *z;
        }
    }
    for (int lane = 0; lane < k->n_lanes; lane++)
        for (int i = 0; i < n_entrants[lane]; i++)
            for (int j = 0; j < k->n_plain; j++)
                k->own_weight[lane * k->stride + k->n_entered[lane] + i][k->plain[j]] = 1.0f;
    for (int j = 0; j < k->n_weighted; j++) {
        const int cause = k->weighted[j];
        for (size_t i = 0; i < n; i++)
            e->factor[i] = gamma[cause] * e->z[i];
        k->draws->exp(n, e->factor, e->factor);
        for (int lane = 0, from = 0; lane < k->n_lanes; from += n_entrants[lane], lane++)
            for (int i = 0; i < n_entrants[lane]; i++) {
                const float weight = (float)e->factor[from + i];
                k->weight[cause][lane * k->stride + k->n_entered[lane] + i] = weight;
                k->own_weight[lane * k->stride + k->n_entered[lane] + i][cause] = weight;
            }
    }
}

/* First cheques of n entrants of a lane from startup `first` on, paid in tranches. */
static void pay_cheques(gf_cohort *k, int lane, int first, int n, int quarter)
{
    const int left = k->n_quarters - quarter;
    const int tranches = (int)k->scenario->startups.entry.tranche_quarters;
    const int n_tranches = tranches < left ? tranches : left;
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        /* startups fund, fund + n_sub_funds, … belong to the fund */
        const int before = (first - fund + k->n_sub_funds - 1) / k->n_sub_funds;
        const int count = (first + n - fund + k->n_sub_funds - 1) / k->n_sub_funds - before;
        const double cheques = k->cheque * count;
        for (int i = 0; i < n_tranches; i++)
            k->invested[gf_flow_index(fund, quarter + i, lane)] += cheques / n_tranches;
        k->cost_live[fund][lane] += cheques;
    }
}

/* n entrants of a lane whose draws begin at `from`, one by one: sector and stage differ. */
static void admit_each(gf_cohort *k, const gf_climate *climate, int lane, int n, size_t from,
                       gf_events *events)
{
    const gf_event_buffer *e = &k->events;
    double sums[GF_MAX_SECTORS];
    const double total = sum_sectors(k, climate, lane, sums);
    for (int i = 0; i < n; i++) {
        const int id = k->n_entered[lane] + i,
                  sector = choose_sector(sums, gf_uniform_narrow(e->word[1][from + (size_t)i]) * total);
        const int class_index = sector * GF_CLASS_ROOM + choose_stage(k, e->word[0][from + (size_t)i]);
        const size_t slot = (size_t)(lane * k->stride + id);
        const double dearer = climate->entry_valuation[sector][lane];
        const float budget = e->budget[from + (size_t)i];
        k->class_of[slot] = (uint8_t)class_index;
        k->growth[slot] = 0.0;
        k->due[slot] =
            k->is_own ? budget : (float)(k->clock[lane * k->n_classes + class_index] + (double)budget);
        k->stake[slot] = (gf_stake){k->cheque / dearer, k->cheque};
        if (k->has_ownership)
            k->ownership[slot] = fmin(0.95, k->scenario->startups.entry.ownership / dearer);
        k->record[slot].sector = (int8_t)sector;
        k->n_live_sector[sector][lane] += 1.0;
        events->n_entered[sector][lane] += 1.0;
    }
}

/* The same where all enter the first stage of the only sector. */
static void admit_alike(gf_cohort *k, const gf_climate *climate, int lane, int n, size_t from,
                        gf_events *events)
{
    const double dearer = climate->entry_valuation[0][lane],
                 clock = k->is_own ? 0.0 : k->clock[lane * k->n_classes];
    const gf_stake stake = {k->cheque / dearer, k->cheque};
    const double ownership = fmin(0.95, k->scenario->startups.entry.ownership / dearer);
    const size_t slot = (size_t)(lane * k->stride + k->n_entered[lane]);
    const float *restrict budget = k->events.budget + from;
    uint8_t *restrict class_of = k->class_of + slot;
    float *restrict due = k->due + slot;
    double *restrict growth = k->growth + slot;
    gf_stake *restrict stakes = k->stake + slot;
    for (int i = 0; i < n; i++) {
        class_of[i] = GF_SEED;
        due[i] = (float)(clock + (double)budget[i]);
        growth[i] = 0.0;
    }
    for (int i = 0; i < n; i++)
        stakes[i] = stake;
    for (int i = 0; k->has_ownership && i < n; i++)
        k->ownership[slot + (size_t)i] = ownership;
    for (int i = 0; k->is_recorded && i < n; i++)
        k->record[slot + (size_t)i].sector = 0;
    k->n_live_sector[0][lane] += n;
    events->n_entered[0][lane] += n;
}

/* First budgets of n entrants: four startups share a block of luck, a word each. */
static void draw_first_budgets(gf_cohort *k, const gf_luck_hot *luck, size_t n, const int *n_entrants)
{
    enum { EACH = 4 };
    const gf_event_buffer *e = &k->events;
    uint32_t *in_order = e->graduates.tag, *word = e->graduates.budget_word;
    const size_t n_blocks = list_addresses(k, n_entrants, EACH);
    luck->startups(k->seed, n_blocks, e->startup, e->portfolio, GF_LUCK_ENTRY, e->stage, e->word[0],
                   e->word[1], e->word[2], e->word[3]);
    for (size_t i = 0; i < n_blocks; i++)
        for (size_t j = 0; j < EACH; j++)
            in_order[i * EACH + j] = e->word[j][i];
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int before = k->n_entered[lane] % EACH; /* of the first block, startups that are in already */
        memcpy(word, in_order + before, (size_t)n_entrants[lane] * sizeof *word);
        word += n_entrants[lane];
        in_order += n_entrants[lane] > 0 ? (before + n_entrants[lane] + EACH - 1) / EACH * EACH : 0;
    }
    k->draws->waits(n, e->graduates.budget_word, e->budget);
}

/* First budgets of n entrants, and where they differ the words for stages, sectors and qualities. */
static void draw_entrants(gf_cohort *k, const gf_luck_hot *luck, size_t n, const int *n_entrants,
                          int are_alike)
{
    const gf_event_buffer *e = &k->events;
    draw_first_budgets(k, luck, n, n_entrants);
    if (are_alike && !k->is_own)
        return;
    list_addresses(k, n_entrants, 1);
    luck->startups(k->seed, n, e->startup, e->portfolio, GF_LUCK_ENTRY_VALUE, e->stage, e->word[0],
                   e->word[1], e->word[2], e->word[3]);
    if (k->is_own)
        draw_quality(k, luck, n, n_entrants);
}

void gf_cohort_enter(gf_cohort *k, const gf_climate *climate, int quarter, gf_events *events)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    const int are_alike = k->n_sectors == 1 && k->scenario->startups.entry.stage_weights[0] >= 1.0;
    int n_entrants[GF_LANES] = {0};
    if (quarter >= entry_window(k) + (int)k->scenario->startups.entry.extension_quarters)
        return;
    const size_t n = count_all(k, climate, quarter, n_entrants);
    if (n == 0)
        return;
    if (k->outcome != NULL) {
        list_addresses(k, n_entrants, 1);
        gf_outcome_enter(k->outcome, k, n, quarter);
    } else
        draw_entrants(k, luck, n, n_entrants, are_alike);
    size_t from = 0;
    for (int lane = 0; lane < k->n_lanes; from += (size_t)n_entrants[lane], lane++) {
        const int first = k->n_entered[lane];
        if (n_entrants[lane] == 0)
            continue;
        if (k->outcome == NULL)
            (are_alike ? admit_alike : admit_each)(k, climate, lane, n_entrants[lane], from, events);
        else
            k->n_live_sector[0][lane] += n_entrants[lane];
        for (int i = 0; k->outcome == NULL && k->pace.haircut[lane] > 0 && i < n_entrants[lane]; i++)
            k->stake[lane * k->stride + first + i].value *= gf_pace_value(&k->pace, lane, first + i);
        for (int i = 0; k->is_recorded && i < n_entrants[lane]; i++)
            k->record[lane * k->stride + first + i].entry_quarter = (int16_t)quarter;
        pay_cheques(k, lane, first, n_entrants[lane], quarter);
        k->n_entered[lane] += n_entrants[lane];
        k->n_live[lane] += n_entrants[lane];
    }
}

/* Pays `amount` into a graduate's round and keeps the books. The round closes within the quarter, so the
 * money is called at the start of the next: whoever decides has seen the step-up and nothing later. */
static void follow(gf_cohort *k, uint32_t tag, double amount, int quarter)
{
    const uint32_t lane = gf_tag_lane(tag), slot = gf_tag_slot(tag);
    const int fund = k->sub_fund[slot];
    gf_stake *stake = &k->stake[slot];
    k->ownership[slot] *= 1 + amount / stake->value;
    stake->value += amount;
    stake->cost += amount;
    k->cost_live[fund][lane] += amount;
    k->follow_on[lane] += amount;
    k->reserve[fund][lane] -= amount;
    if (k->scenario->programme.recycling.share > 0)
        gf_pace_spend(k, fund, (int)lane, quarter + 1, amount);
    if (k->is_american)
        k->follow_value[slot] +=
            amount * pow(1 + k->scenario->programme.terms.hurdle_per_year, -0.25 * (quarter + 1));
    k->invested[gf_flow_index(fund, quarter + 1, (int)lane)] += amount;
}

/* What keeps the share in a round with dilution d: after the round the stake is worth S(1−d) of S, so S d. */
static double pro_rata(const gf_cohort *k, uint32_t tag)
{
    const double keep = k->keep[gf_tag_stage(tag)];
    return k->stake[gf_tag_slot(tag)].value * (1 - keep) / keep;
}

/* All graduates of a lane's quarter keep their share, or the same part of it when the reserve is short. */
static void follow_pro_rata(gf_cohort *k, size_t from, size_t to, int quarter)
{
    const gf_event_buffer *e = &k->events;
    double wanted[GF_MAX_SUB_FUNDS] = {0}, part[GF_MAX_SUB_FUNDS];
    const uint32_t lane = gf_tag_lane(e->graduates.tag[from]);
    for (size_t j = from; j < to; j++) {
        const uint32_t tag = e->graduates.tag[j];
        wanted[k->sub_fund[gf_tag_slot(tag)]] += pro_rata(k, tag);
    }
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        part[fund] = wanted[fund] > k->reserve[fund][lane] ? k->reserve[fund][lane] / wanted[fund] : 1.0;
    for (size_t j = from; j < to; j++) {
        const uint32_t tag = e->graduates.tag[j];
        follow(k, tag, part[k->sub_fund[gf_tag_slot(tag)]] * pro_rata(k, tag), quarter);
    }
}

/* Best realised step-ups first, as long as the reserve lasts; only what has happened is known. */
static void follow_winners(gf_cohort *k, size_t from, size_t to, int quarter)
{
    gf_event_buffer *e = &k->events;
    for (size_t a = from + 1; a < to; a++)
        for (size_t b = a; b > from && e->factor[b] > e->factor[b - 1]; b--) {
            const double factor = e->factor[b];
            const uint32_t tag = e->graduates.tag[b];
            e->factor[b] = e->factor[b - 1];
            e->graduates.tag[b] = e->graduates.tag[b - 1];
            e->factor[b - 1] = factor;
            e->graduates.tag[b - 1] = tag;
        }
    for (size_t j = from; j < to && e->factor[j] >= k->scenario->startups.follow_on.min_step_up; j++) {
        const uint32_t tag = e->graduates.tag[j];
        const double left = k->reserve[k->sub_fund[gf_tag_slot(tag)]][gf_tag_lane(tag)];
        follow(k, tag, fmin(left, pro_rata(k, tag)), quarter);
    }
}

void gf_cohort_follow_on(gf_cohort *k, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const int64_t rule = k->scenario->startups.follow_on.rule;
    for (size_t from = 0, to; rule != GF_FOLLOW_NONE && from < e->graduates.n; from = to) {
        for (to = from + 1;
             to < e->graduates.n && gf_tag_lane(e->graduates.tag[to]) == gf_tag_lane(e->graduates.tag[from]);)
            to++;
        if (rule == GF_FOLLOW_PRO_RATA)
            follow_pro_rata(k, from, to, quarter);
        else
            follow_winners(k, from, to, quarter);
    }
}
