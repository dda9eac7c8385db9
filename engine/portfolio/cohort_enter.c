/* How startups come in: deployment plan, deal flow, stage, sector, quality, first budget; and follow-on rounds. */
#include <math.h>
#include <stdint.h>

#include "portfolio/cohort.h"
#include "random/luck.h"
#include "random/luck_hot.h"
#include "random/poisson.h"

/* Number of entrants of a lane this quarter: what the plan still wants, at most what the cluster offers. */
static int count_entrants(gf_cohort *k, const gf_climate *climate, int quarter, int lane, double u)
{
    const gf_startup_params *p = &k->scenario->startups;
    const int window = (int)(p->entry.quarters < k->n_quarters ? p->entry.quarters : k->n_quarters);
    if (quarter >= window + (int)p->entry.extension_quarters)
        return 0;
    if (k->planned[lane] < k->n_startups)
        k->planned[lane] += climate->call_pace[lane] * k->n_startups / window;
    double wanted = floor(fmin(k->planned[lane], k->n_startups) + 1e-9) - k->n_entered[lane];
    if (isfinite(p->entry.deal_flow_per_year)) {
        double flow = 0;
        for (int sector = 0; sector < k->n_sectors; sector++)
            flow += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
        wanted = fmin(wanted, gf_poisson_inverse(u, p->entry.deal_flow_per_year / 4 * flow));
    }
    return (int)wanted;
}

/* Lists entrants of all lanes in events.lane and events.id. */
static size_t list_entrants(gf_cohort *k, const gf_climate *climate, int quarter)
{
    gf_event_buffer *e = &k->events;
    double u[GF_LANES] = {0};
    if (isfinite(k->scenario->startups.entry.deal_flow_per_year))
        gf_luck_lanes(k->seed, k->first_portfolio, k->n_lanes, 0, GF_LUCK_DEAL_FLOW, (uint32_t)quarter, u, NULL);
    size_t n = 0;
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const int entrants = count_entrants(k, climate, quarter, lane, u[lane]);
        for (int i = 0; i < entrants; i++) {
            e->lane[n] = lane;
            e->id[n] = k->n_entered[lane]++;
            e->startup[n] = (uint32_t)e->id[n];
            e->portfolio[n] = k->first_portfolio + (uint64_t)lane;
            e->stage[n] = 0;
            n++;
        }
    }
    return n;
}

/* Sector of an entrant ∝ weight × deal flow of the sector. */
static int choose_sector(const gf_cohort *k, const gf_climate *climate, int lane, uint32_t word)
{
    double total = 0, sum = 0;
    if (k->n_sectors == 1)
        return 0;
    for (int sector = 0; sector < k->n_sectors; sector++)
        total += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
    const double x = gf_uniform_narrow(word) * total;
    int chosen = 0;
    for (int sector = 0; sector < k->n_sectors - 1; sector++) {
        sum += k->scenario->sector_weights[sector] * climate->deal_flow[sector][lane];
        chosen += x >= sum;
    }
    return chosen;
}

static int choose_stage(const gf_cohort *k, int lane, int id)
{
    const double *weights = k->scenario->startups.entry.stage_weights;
    uint32_t word[4];
    if (weights[0] >= 1.0)
        return GF_SEED;
    gf_luck_words(k->seed, k->first_portfolio + (uint64_t)lane, (uint32_t)id, GF_LUCK_ENTRY_VALUE, 0, word);
    const double u = gf_uniform_narrow(word[0]);
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
static void draw_quality(gf_cohort *k, const gf_luck_hot *luck, size_t n)
{
    gf_event_buffer *e = &k->events;
    const gf_startup_params *p = &k->scenario->startups;
    const double gamma[GF_N_CAUSES] = {p->quality.breakout, p->quality.list, p->quality.acquire, p->quality.fail,
                                       p->quality.graduate};
    const double common = p->quality.correlation, skill = k->scenario->programme.manager_skill;
    const double own = sqrt(fmax(0.0, 1 - common - skill)), by_vintage = sqrt(common), by_skill = sqrt(skill);
    luck->wide(n, e->word[2], e->word[3], e->uniform);
    k->draws->normal(n, e->uniform, e->z);
    for (size_t i = 0; i < n; i++) {
        const int lane = e->lane[i];
        e->z[i] = own * e->z[i] + by_vintage * k->vintage[lane] + by_skill * k->skill[k->sub_fund[e->id[i]]][lane];
        k->quality[(size_t)lane * (size_t)k->stride + (size_t)e->id[i]] = e->z[i];
    }
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        for (size_t i = 0; i < n; i++)
            e->factor[i] = gamma[cause] * e->z[i];
        k->draws->exp(n, e->factor, e->factor);
        for (size_t i = 0; i < n; i++) {
            const int lane = e->lane[i];
            /* entrants of a lane are listed together and appended in this order below */
            k->weight[cause][(size_t)lane * (size_t)k->stride + (size_t)e->position[i]] = e->factor[i];
        }
    }
}

static void pay_cheque(gf_cohort *k, int lane, int id, int quarter)
{
    const int left = k->n_quarters - quarter;
    const int tranches = (int)k->scenario->startups.entry.tranche_quarters;
    const int n = tranches < left ? tranches : left;
    for (int i = 0; i < n; i++)
        k->invested[gf_flow_index(k->sub_fund[id], quarter + i, lane)] += k->cheque / n;
}

static void admit(gf_cohort *k, const gf_climate *climate, size_t i, int quarter, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    const int lane = e->lane[i], id = e->id[i];
    const int sector = choose_sector(k, climate, lane, e->word[1][i]);
    const int class_index = sector * GF_N_STAGES + choose_stage(k, lane, id);
    const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)id;
    const size_t at = (size_t)lane * (size_t)k->stride + (size_t)e->position[i];
    const double dearer = climate->entry_valuation[sector][lane];
    k->id[at] = id;
    k->class_index[at] = class_index;
    k->due[at] = k->is_own ? e->budget[i] : k->clock[lane * k->clock_stride + class_index] + e->budget[i];
    k->cost[slot] = k->cheque;
    k->value[slot] = k->cheque / dearer;
    k->ownership[slot] = fmin(0.95, k->scenario->startups.entry.ownership / dearer);
    k->entry_quarter[slot] = (int16_t)quarter;
    k->sector[slot] = (int8_t)sector;
    k->cost_live[k->sub_fund[id]][lane] += k->cheque;
    k->value_live[lane] += k->value[slot];
    k->n_live_sector[sector][lane] += 1.0;
    events->n_entered[sector][lane] += 1.0;
    pay_cheque(k, lane, id, quarter);
}

void gf_cohort_enter(gf_cohort *k, const gf_climate *climate, int quarter, gf_events *events)
{
    gf_event_buffer *e = &k->events;
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    const size_t n = list_entrants(k, climate, quarter);
    if (n == 0)
        return;
    luck->startups(k->seed, n, e->startup, e->portfolio, GF_LUCK_ENTRY, e->stage, e->word[0], e->word[1], e->word[2],
                   e->word[3]);
    luck->narrow(n, e->word[0], e->uniform);
    k->draws->exponential(n, e->uniform, e->budget);
    for (size_t i = 0; i < n; i++)
        e->position[i] = k->n_live[e->lane[i]]++;
    if (k->is_own)
        draw_quality(k, luck, n);
    for (size_t i = 0; i < n; i++)
        admit(k, climate, i, quarter, events);
}

/* Pays `amount` into a graduate's round and keeps the books. The round closes within the quarter, so the money is
 * called at the start of the next: whoever decides has seen the step-up and nothing later. */
static void follow(gf_cohort *k, int32_t i, double amount, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const int lane = e->lane[i], id = e->id[i], fund = k->sub_fund[id];
    const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)id;
    k->ownership[slot] *= 1 + amount / k->value[slot];
    k->value[slot] += amount;
    k->cost[slot] += amount;
    k->value_live[lane] += amount;
    k->cost_live[fund][lane] += amount;
    k->follow_on[lane] += amount;
    k->reserve[fund][lane] -= amount;
    k->follow_value[slot] += amount * pow(1 + k->scenario->programme.terms.hurdle_per_year, -0.25 * (quarter + 1));
    k->invested[gf_flow_index(fund, quarter + 1, lane)] += amount;
}

/* What keeps the share in a round with dilution d: after the round the stake is worth S(1−d) of S, so S d. */
static double pro_rata(const gf_cohort *k, int32_t i)
{
    const gf_event_buffer *e = &k->events;
    const double keep = k->keep[e->stage[i]];
    return k->value[(size_t)e->lane[i] * (size_t)k->stride + (size_t)e->id[i]] * (1 - keep) / keep;
}

/* All graduates of a lane's quarter keep their share, or the same part of it when the reserve is short. */
static void follow_pro_rata(gf_cohort *k, size_t from, size_t to, int quarter)
{
    const gf_event_buffer *e = &k->events;
    double wanted[GF_MAX_SUB_FUNDS] = {0}, part[GF_MAX_SUB_FUNDS];
    const int lane = e->lane[e->graduates[from]];
    for (size_t j = from; j < to; j++)
        wanted[k->sub_fund[e->id[e->graduates[j]]]] += pro_rata(k, e->graduates[j]);
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        part[fund] = wanted[fund] > k->reserve[fund][lane] ? k->reserve[fund][lane] / wanted[fund] : 1.0;
    for (size_t j = from; j < to; j++) {
        const int32_t i = e->graduates[j];
        follow(k, i, part[k->sub_fund[e->id[i]]] * pro_rata(k, i), quarter);
    }
}

/* Best realised step-ups first, as long as the reserve lasts; only what has happened is known. */
static void follow_winners(gf_cohort *k, size_t from, size_t to, int quarter)
{
    gf_event_buffer *e = &k->events;
    for (size_t a = from + 1; a < to; a++)
        for (size_t b = a; b > from && e->factor[b] > e->factor[b - 1]; b--) {
            const double factor = e->factor[b];
            const int32_t index = e->graduates[b];
            e->factor[b] = e->factor[b - 1];
            e->graduates[b] = e->graduates[b - 1];
            e->factor[b - 1] = factor;
            e->graduates[b - 1] = index;
        }
    for (size_t j = from; j < to && e->factor[j] >= k->scenario->startups.follow_on.min_step_up; j++) {
        const int32_t i = e->graduates[j];
        const double left = k->reserve[k->sub_fund[e->id[i]]][e->lane[i]];
        follow(k, i, fmin(left, pro_rata(k, i)), quarter);
    }
}

void gf_cohort_follow_on(gf_cohort *k, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const int64_t rule = k->scenario->startups.follow_on.rule;
    for (size_t from = 0, to; rule != GF_FOLLOW_NONE && from < e->n_graduates; from = to) {
        for (to = from + 1; to < e->n_graduates && e->lane[e->graduates[to]] == e->lane[e->graduates[from]];)
            to++;
        if (rule == GF_FOLLOW_PRO_RATA)
            follow_pro_rata(k, from, to, quarter);
        else
            follow_winners(k, from, to, quarter);
    }
}
