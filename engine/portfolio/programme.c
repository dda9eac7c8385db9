/* Cash flows of the programme: what sub-funds call and distribute, and whose money it is. */
#include "portfolio/programme.h"

#include <math.h>
#include <string.h>

#include "portfolio/cohort.h"

/* Rate of the fee at date t, per quarter; *is_on_cost: of the cost of live stakes, not of commitment. */
static double fee_rate(const gf_terms_params *terms, int t, int *is_on_cost)
{
    const double year = t / 4.0;
    const int is_late = year >= terms->fee_step_down_year;
    *is_on_cost = is_late && terms->fee_basis == GF_FEE_INVESTED;
    return year < terms->fee_years ? terms->fee_per_year / 4 * (is_late ? terms->fee_step_down_factor : 1.0)
                                   : 0.0;
}

static double sub_fund_commitment(const gf_cohort *k)
{
    return k->scenario->scene.commitment_cny_m / k->n_sub_funds;
}

/* Fee of one sub-fund for quarter t, into fee[GF_LANES]. */
static void sub_fund_fee(const gf_cohort *k, int fund, int t, double *fee)
{
    int is_on_cost;
    const double rate = fee_rate(&k->scenario->programme.terms, t, &is_on_cost);
    const double commitment = sub_fund_commitment(k);
    const double *invested = k->cost_basis + gf_flow_index(fund, t, 0);
    for (int lane = 0; lane < GF_LANES; lane++)
        fee[lane] = rate * (!is_on_cost ? commitment : invested[lane] > 0 ? invested[lane] : 0.0);
}

/* One sub-fund on its way through the dates: what comes in, and how carry is decided. */
typedef struct sub_fund {
    const gf_cohort *cohort;
    int fund, is_american;
    gf_waterfall_terms terms;
    gf_waterfall waterfall;
    double deal_carry[GF_MAX_QUARTERS + 1][GF_LANES], deal_accrued[GF_LANES];
    double carry_paid[GF_LANES], carry_earned[GF_LANES]; /* earned: by all deals of the fund together */
} sub_fund;

/* What was kept of the quarter before is not distributed; what is spent of it is not called. */
static void recycle(const gf_cohort *k, int fund, int t, double *call, double *amount)
{
    const size_t now = gf_flow_index(fund, t, 0), before = gf_flow_index(fund, t > 0 ? t - 1 : 0, 0);
    for (int lane = 0; lane < GF_LANES; lane++) {
        call[lane] -= k->spent[now + (size_t)lane];
        amount[lane] += k->released[now + (size_t)lane] - (t > 0 ? k->retained[before + (size_t)lane] : 0.0);
    }
}

/* Adds one date's money to the ledger. */
static void settle_date(sub_fund *f, int t, const double *nav_sold, gf_ledger *g)
{
    const gf_cohort *k = f->cohort;
    const double *invested = gf_invested(k, f->fund, t);
    const double *proceeds = k->proceeds + gf_flow_index(f->fund, t > 0 ? t - 1 : 0, 0);
    double fee[GF_LANES] = {0}, call[GF_LANES], amount[GF_LANES], received[GF_LANES], carry[GF_LANES];
    if (t < k->n_quarters)
        sub_fund_fee(k, f->fund, t, fee);
    for (int lane = 0; lane < GF_LANES; lane++) {
        call[lane] = invested[lane] + fee[lane];
        received[lane] = amount[lane] = (t > 0 ? proceeds[lane] : 0.0) + nav_sold[lane];
    }
    if (k->scenario->programme.recycling.share > 0)
        recycle(k, f->fund, t, call, amount);
    gf_programme_hot_table(k->isa)->split(&f->terms, &f->waterfall, call, amount, carry);
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double paid = f->is_american ? f->deal_carry[t][lane] : carry[lane];
        f->carry_paid[lane] += paid;
        f->carry_earned[lane] += carry[lane];
        g->invested[t][lane] += invested[lane];
        g->fees[t][lane] += fee[lane];
        g->proceeds[t][lane] += received[lane];
        g->kept[t][lane] += (received[lane] - amount[lane]) - (invested[lane] + fee[lane] - call[lane]);
        g->carry[t][lane] += paid;
        g->paid_in[t][lane] += call[lane];
        g->paid_out[t][lane] += amount[lane] - paid;
    }
}

/* At the horizon: what is held is worth to partners what a sale would bring them, and managers return carry
 * that the whole fund did not earn. */
static void settle_horizon(sub_fund *f, const double *nav_held, gf_ledger *g)
{
    static const double nothing[GF_LANES];
    const int last = f->cohort->n_quarters;
    const int has_clawback = f->is_american && f->cohort->scenario->programme.terms.clawback;
    double carry[GF_LANES];
    f->terms.growth = 1.0;
    gf_programme_hot_table(f->cohort->isa)->split(&f->terms, &f->waterfall, nothing, nav_held, carry);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double accrued = f->is_american ? f->deal_accrued[lane] : carry[lane];
        const double earned = f->carry_earned[lane] + carry[lane];
        const double excess = fmax(0.0, f->carry_paid[lane] + accrued - earned);
        const double returned = has_clawback ? fmin(excess, f->carry_paid[lane]) : 0.0;
        const double forgone = has_clawback ? excess - returned : 0.0;
        g->stakes[lane] += nav_held[lane];
        g->partners_nav[lane] += nav_held[lane] - (accrued - forgone);
        g->carry_accrued[lane] += accrued - forgone;
        g->carry[last][lane] -= returned;
        g->paid_out[last][lane] += returned;
    }
}

static gf_waterfall_terms waterfall_terms(const gf_terms_params *terms)
{
    return (gf_waterfall_terms){.growth = pow(1 + terms->hurdle_per_year, 0.25),
                                .carry = terms->carry,
                                .catch_up = isnan(terms->catch_up) ? 1.0 : terms->catch_up};
}

static void settle_sub_fund(const gf_cohort *k, int fund, const double *nav, gf_ledger *g)
{
    static const double nothing[GF_LANES];
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const int is_sold = k->scenario->programme.horizon == GF_HORIZON_SELL;
    sub_fund f = {.cohort = k, .fund = fund, .is_american = terms->waterfall == GF_WATERFALL_AMERICAN};
    f.terms = waterfall_terms(terms);
    if (f.is_american)
        gf_american_carry(k, fund, f.deal_carry, f.deal_accrued);
    for (int t = 0; t <= k->n_quarters; t++)
        settle_date(&f, t, t == k->n_quarters && is_sold ? nav : nothing, g);
    if (is_sold && f.is_american)
        for (int lane = 0; lane < GF_LANES; lane++) {
            g->carry[k->n_quarters][lane] += f.deal_accrued[lane];
            g->paid_out[k->n_quarters][lane] -= f.deal_accrued[lane];
            f.carry_paid[lane] += f.deal_accrued[lane];
            f.deal_accrued[lane] = 0.0;
        }
    settle_horizon(&f, is_sold ? nothing : nav, g);
}

static void total_rows(int n_times, const double (*rows)[GF_LANES], double *total)
{
    memset(total, 0, GF_LANES * sizeof *total);
    for (int t = 0; t < n_times; t++)
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++)
            total[lane] += rows[t][lane];
}

/* Sub-funds of any terms, date by date. */
static void settle_by_terms(const gf_cohort *k, const double (*nav)[GF_LANES], gf_ledger *g)
{
    const struct {
        double (*rows)[GF_LANES], *total;
    } sums[] = {{g->invested, g->total.invested}, {g->proceeds, g->total.proceeds},
                {g->fees, g->total.fees},         {g->carry, g->total.carry},
                {g->paid_in, g->total.paid_in},   {g->paid_out, g->total.paid_out}};
    const size_t n_sums = sizeof sums / sizeof *sums;
    double *const horizon[] = {g->stakes, g->carry_accrued, g->partners_nav};
    for (size_t i = 0; i < n_sums; i++)
        memset(sums[i].rows, 0, (size_t)g->n_times * sizeof *sums[i].rows);
    memset(g->kept, 0, (size_t)g->n_times * sizeof *g->kept);
    for (size_t i = 0; i < sizeof horizon / sizeof *horizon; i++)
        memset(horizon[i], 0, GF_LANES * sizeof(double));
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        settle_sub_fund(k, fund, nav[fund], g);
    for (size_t i = 0; i < n_sums; i++)
        total_rows(g->n_times, (const double(*)[GF_LANES])sums[i].rows, sums[i].total);
}

/* Sub-funds whose terms ask for nothing but their flows: gf_plain_fund. */
static void settle_plainly(const gf_cohort *k, const double (*nav)[GF_LANES], gf_ledger *g)
{
    const gf_terms_params *terms = &k->scenario->programme.terms;
    double fee[GF_MAX_QUARTERS + 1] = {0};
    int is_on_cost;
    for (int t = 0; t < k->n_quarters; t++)
        fee[t] = fee_rate(terms, t, &is_on_cost) * sub_fund_commitment(k);
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        const size_t from = gf_flow_index(fund, 0, 0);
        const gf_plain_fund f = {.terms = waterfall_terms(terms),
                                 .is_first = fund == 0,
                                 .fee = fee,
                                 .invested = (const double(*)[GF_LANES])(k->invested + from),
                                 .n_invested = k->n_invested,
                                 .proceeds = (const double(*)[GF_LANES])(k->proceeds + from),
                                 .nav = nav[fund]};
        gf_programme_hot_table(k->isa)->settle(&f, g);
    }
}

void gf_programme_settle(const gf_cohort *k, const double (*nav)[GF_LANES], gf_ledger *g)
{
    const gf_programme_params *p = &k->scenario->programme;
    const gf_terms_params *terms = &p->terms;
    g->n_times = k->n_quarters + 1;
    g->share[GF_GOVERNMENT] = p->fiscal_share;
    g->share[GF_MANAGERS] = p->manager_share;
    g->share[GF_PRIVATE] = 1 - p->fiscal_share - p->manager_share;
    if (terms->waterfall == GF_WATERFALL_EUROPEAN && terms->fee_basis == GF_FEE_COMMITTED &&
        p->recycling.share == 0 && p->horizon == GF_HORIZON_HOLD)
        settle_plainly(k, nav, g);
    else
        settle_by_terms(k, nav, g);
    gf_share_out(p, k->scenario->scene.commitment_cny_m, g);
}
