/* European waterfall with lanes side by side. Compiled once per instruction set.
 *
 * Balance B: what partners are owed, B(t) = B(t−1) (1+h)^Δ + call(t) − paid. An amount X at date t is split:
 *   1. partners until B = 0
 *   2. managers take the share cu of what follows until their carry G is c of all profit: with P paid to
 *      partners and C contributed, the tier's length x solves G + cu x = c/(1−c) (P + (1−cu) x − C)
 *   3. the rest 1−c to partners, c to managers
 * Terms as in common fund agreements; closed forms in docs/model.md. Later calls reopen the balance; carry
 * paid is kept (no clawback).
 *
 * What managers are behind, D = c (P − C) − (1−c) G, is all that must be remembered of P, C and G: tier 1
 * adds c (paid − call), tier 2 takes off what managers get there beyond c, until D = 0, and tier 3 leaves it.
 */

#include "base/vectors_hot.h"
#include "portfolio/programme.h"

/* K vectors go together, so that their chains overlap. */
enum { K = 4, GROUP = K * WIDTH };

/* The terms as a date needs them. */
typedef struct tiers {
    double growth, carry, beyond; /* beyond: of tier 2, what managers get there beyond the carry */
} tiers;

static tiers tiers_of(const gf_waterfall_terms *terms)
{
    const double beyond = terms->catch_up - terms->carry;
    return (tiers){terms->growth, terms->carry, beyond > 0.0 && terms->carry > 0.0 ? beyond : 0.0};
}

/* One date of one vector; returns the managers' part of `amount`. */
INLINE vec split_date(const tiers *s, vec call, vec amount, vec *balance, vec *behind)
{
    const vec zero = splat(0.0), owed = *balance * s->growth + call;
    const vec rest = greatest(amount - owed, zero), first = amount - rest;
    const vec due = *behind + s->carry * (first - call);
    const vec caught_up = least(s->beyond * rest, greatest(due, zero));
    *balance = greatest(owed - amount, zero);
    *behind = due - caught_up;
    return s->carry * rest + caught_up;
}

static void split(const gf_waterfall_terms *terms, gf_waterfall *w, const double *call, const double *amount,
                  double *carry)
{
    const tiers s = tiers_of(terms);
    for (int lane = 0; lane < GF_LANES; lane += WIDTH) {
        vec balance = load(w->balance + lane), behind = load(w->behind + lane);
        store(carry + lane, split_date(&s, load(call + lane), load(amount + lane), &balance, &behind));
        store(w->balance + lane, balance);
        store(w->behind + lane, behind);
    }
}

/* Adds to a row of the ledger, or begins it. */
INLINE void book(double *row, vec amount, int is_first)
{
    store(row, is_first ? amount : load(row) + amount);
}

/* GROUP lanes of a sub-fund on their way through the dates; what changes from date to date stays in
 * registers. Rows that nobody wants are worth leaving out: they would push others out of the caches. */
INLINE void settle_group(const gf_plain_fund *f, int lane, int is_first, int is_summed, gf_ledger *g)
{
    static const GF_ALIGNED double nothing[GF_LANES];
    const tiers s = tiers_of(&f->terms);
    vec balance[K] = {0}, behind[K] = {0}, invested[K] = {0}, proceeds[K] = {0}, paid[K] = {0};
    double fees = 0;
    for (int t = 0; t < g->n_times; t++) {
        const double *received = t > 0 ? f->proceeds[t - 1] : nothing,
                     *spent = t < f->n_invested ? f->invested[t] : nothing;
        fees += f->fee[t];
        for (int k = 0; k < K; k++) {
            const int at = lane + k * WIDTH;
            const vec in = load(spent + at), out = load(received + at), fee = splat(f->fee[t]);
            const vec carry = split_date(&s, in + fee, out, &balance[k], &behind[k]);
            invested[k] += in;
            proceeds[k] += out;
            paid[k] += carry;
            book(g->paid_in[t] + at, in + fee, is_first);
            book(g->paid_out[t] + at, out - carry, is_first);
            if (is_summed)
                continue;
            book(g->invested[t] + at, in, is_first);
            book(g->proceeds[t] + at, out, is_first);
            book(g->fees[t] + at, fee, is_first);
            book(g->carry[t] + at, carry, is_first);
        }
    }
    const tiers at_once = {1.0, s.carry, s.beyond};
    for (int k = 0; k < K; k++) {
        const int at = lane + k * WIDTH;
        const vec held = load(f->nav + at);
        const vec accrued = split_date(&at_once, splat(0.0), held, &balance[k], &behind[k]);
        book(g->total.invested + at, invested[k], is_first);
        book(g->total.proceeds + at, proceeds[k], is_first);
        book(g->total.fees + at, splat(fees), is_first);
        book(g->total.carry + at, paid[k], is_first);
        book(g->total.paid_in + at, invested[k] + fees, is_first);
        book(g->total.paid_out + at, proceeds[k] - paid[k], is_first);
        book(g->stakes + at, held, is_first);
        book(g->carry_accrued + at, accrued, is_first);
        book(g->partners_nav + at, held - accrued, is_first);
    }
}

static void settle(const gf_plain_fund *fund, gf_ledger *ledger)
{
    for (int lane = 0; lane < GF_LANES; lane += GROUP)
        if (fund->is_first && ledger->is_summed)
            settle_group(fund, lane, 1, 1, ledger);
        else if (fund->is_first)
            settle_group(fund, lane, 1, 0, ledger);
        else
            settle_group(fund, lane, 0, ledger->is_summed, ledger);
}

static const gf_programme_hot table = {split, settle};
const gf_programme_hot *GF_HOT(gf_programme_table)(void);
const gf_programme_hot *GF_HOT(gf_programme_table)(void)
{
    return &table;
}
