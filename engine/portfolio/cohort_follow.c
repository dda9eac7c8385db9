/* Follow-on rounds of graduates. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "portfolio/cohort.h"

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
    const double keep = k->prices.keep[gf_tag_stage(tag)];
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

/* Lanes that share rows have their graduates mixed: lane by lane, each lane's in the order in which they are.
 */
static void order_by_lane(gf_cohort *k)
{
    const gf_event_buffer *e = &k->events;
    const size_t n = e->graduates.n;
    uint32_t *tag = e->tag; /* of all events, which nobody reads any more */
    double *factor = e->uniform;
    size_t at[GF_LANES] = {0}, from = 0;
    for (size_t j = 0; j < n; j++)
        at[gf_tag_lane(e->graduates.tag[j])]++;
    for (int lane = 0; lane < GF_LANES; lane++) {
        const size_t of_lane = at[lane];
        at[lane] = from;
        from += of_lane;
    }
    for (size_t j = 0; j < n; j++) {
        const size_t to = at[gf_tag_lane(e->graduates.tag[j])]++;
        tag[to] = e->graduates.tag[j];
        factor[to] = e->factor[j];
    }
    memcpy(e->graduates.tag, tag, n * sizeof *tag);
    memcpy(e->factor, factor, n * sizeof *factor);
}

void gf_cohort_follow_on(gf_cohort *k, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const int64_t rule = k->scenario->startups.follow_on.rule;
    gf_invest_until(k, quarter + 1);
    if (k->sharing_bits > 0)
        order_by_lane(k);
    for (size_t from = 0, to; from < e->graduates.n; from = to) {
        for (to = from + 1;
             to < e->graduates.n && gf_tag_lane(e->graduates.tag[to]) == gf_tag_lane(e->graduates.tag[from]);)
            to++;
        if (rule == GF_FOLLOW_PRO_RATA)
            follow_pro_rata(k, from, to, quarter);
        else
            follow_winners(k, from, to, quarter);
    }
}
