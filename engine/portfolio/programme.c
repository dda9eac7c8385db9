/* Cash flows of the programme: what sub-funds call and distribute, and whose money it is. */
#include "portfolio/programme.h"

#include <math.h>
#include <string.h>

#include "portfolio/cohort.h"

/* Fee of one sub-fund for quarter t, into fee[GF_LANES]. */
static void sub_fund_fee(const gf_cohort *k, int fund, int t, double *fee)
{
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const double year = t / 4.0;
    const int is_late = year >= terms->fee_step_down_year;
    const double rate = year < terms->fee_years
                            ? terms->fee_per_year / 4 * (is_late ? terms->fee_step_down_factor : 1.0)
                            : 0.0;
    const double commitment = k->scenario->scene.commitment_cny_m / k->n_sub_funds;
    const double *invested = k->cost_basis + gf_flow_index(fund, t, 0);
    const int is_on_cost = is_late && terms->fee_basis == GF_FEE_INVESTED;
    for (int lane = 0; lane < GF_LANES; lane++)
        fee[lane] = rate * (!is_on_cost ? commitment : invested[lane] > 0 ? invested[lane] : 0.0);
}

/* One sub-fund on its way through the dates: what comes in, and how carry is decided. */
typedef struct sub_fund {
    const gf_cohort *cohort;
    int fund, is_american;
    gf_waterfall waterfall;
    double deal_carry[GF_MAX_QUARTERS + 1][GF_LANES], deal_accrued[GF_LANES];
    double carry_paid[GF_LANES];
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

/* Rows of a date that sub-funds add to, cleared when the first of them comes to it. */
static void clear_date(gf_ledger *g, int t)
{
    double *const rows[] = {g->invested[t], g->proceeds[t],
                            g->fees[t],     g->carry[t],
                            g->kept[t],     g->call[GF_GOVERNMENT][t],
                            g->transfer[t], g->distribution[GF_GOVERNMENT][t]};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        memset(rows[i], 0, GF_LANES * sizeof(double));
}

/* Adds one date's money to the ledger; partners' parts go to the rows of GF_GOVERNMENT, which gf_share_out()
 * divides. */
static void settle_date(sub_fund *f, int t, const double *nav_sold, gf_ledger *g)
{
    const gf_cohort *k = f->cohort;
    const double *invested = k->invested + gf_flow_index(f->fund, t, 0);
    const double *proceeds = k->proceeds + gf_flow_index(f->fund, t > 0 ? t - 1 : 0, 0);
    double fee[GF_LANES] = {0}, call[GF_LANES], amount[GF_LANES], received[GF_LANES], to_partners[GF_LANES],
           carry[GF_LANES];
    if (t < k->n_quarters)
        sub_fund_fee(k, f->fund, t, fee);
    for (int lane = 0; lane < GF_LANES; lane++) {
        call[lane] = invested[lane] + fee[lane];
        received[lane] = amount[lane] = (t > 0 ? proceeds[lane] : 0.0) + nav_sold[lane];
    }
    if (f->fund == 0)
        clear_date(g, t);
    if (k->scenario->programme.recycling.share > 0)
        recycle(k, f->fund, t, call, amount);
    gf_programme_hot_table(k->isa)->split(&f->waterfall, call, amount, to_partners, carry);
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double paid = f->is_american ? f->deal_carry[t][lane] : carry[lane];
        f->carry_paid[lane] += paid;
        g->invested[t][lane] += invested[lane];
        g->fees[t][lane] += fee[lane];
        g->proceeds[t][lane] += received[lane];
        g->kept[t][lane] += (received[lane] - amount[lane]) - (invested[lane] + fee[lane] - call[lane]);
        g->carry[t][lane] += paid;
        g->call[GF_GOVERNMENT][t][lane] += call[lane];
        g->distribution[GF_GOVERNMENT][t][lane] += amount[lane] - paid;
    }
}

/* At the horizon: what is held is worth to partners what a sale would bring them, and managers return carry
 * that the whole fund did not earn. */
static void settle_horizon(sub_fund *f, const double *nav_held, gf_ledger *g)
{
    static const double nothing[GF_LANES];
    const int last = f->cohort->n_quarters;
    const int has_clawback = f->is_american && f->cohort->scenario->programme.terms.clawback;
    double to_partners[GF_LANES], carry[GF_LANES];
    f->waterfall.growth = 1.0;
    gf_programme_hot_table(f->cohort->isa)->split(&f->waterfall, nothing, nav_held, to_partners, carry);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double accrued = f->is_american ? f->deal_accrued[lane] : carry[lane];
        const double excess = fmax(0.0, f->carry_paid[lane] + accrued - f->waterfall.managers[lane]);
        const double returned = has_clawback ? fmin(excess, f->carry_paid[lane]) : 0.0;
        const double forgone = has_clawback ? excess - returned : 0.0;
        g->stakes[lane] += nav_held[lane];
        g->nav[GF_GOVERNMENT][lane] += nav_held[lane] - (accrued - forgone);
        g->carry_accrued[lane] += accrued - forgone;
        g->carry[last][lane] -= returned;
        g->distribution[GF_GOVERNMENT][last][lane] += returned;
    }
}

static void settle_sub_fund(const gf_cohort *k, int fund, const double *nav, gf_ledger *g)
{
    static const double nothing[GF_LANES];
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const int is_sold = k->scenario->programme.horizon == GF_HORIZON_SELL;
    sub_fund f = {.cohort = k, .fund = fund, .is_american = terms->waterfall == GF_WATERFALL_AMERICAN};
    f.waterfall.growth = pow(1 + terms->hurdle_per_year, 0.25);
    f.waterfall.carry = terms->carry;
    f.waterfall.catch_up = isnan(terms->catch_up) ? 1.0 : terms->catch_up;
    if (f.is_american)
        gf_american_carry(k, fund, f.deal_carry, f.deal_accrued);
    for (int t = 0; t <= k->n_quarters; t++)
        settle_date(&f, t, t == k->n_quarters && is_sold ? nav : nothing, g);
    if (is_sold && f.is_american)
        for (int lane = 0; lane < GF_LANES; lane++) {
            g->carry[k->n_quarters][lane] += f.deal_accrued[lane];
            g->distribution[GF_GOVERNMENT][k->n_quarters][lane] -= f.deal_accrued[lane];
            f.carry_paid[lane] += f.deal_accrued[lane];
            f.deal_accrued[lane] = 0.0;
        }
    settle_horizon(&f, is_sold ? nothing : nav, g);
}

void gf_programme_settle(const gf_cohort *k, const double (*nav)[GF_LANES], gf_ledger *g)
{
    const gf_programme_params *p = &k->scenario->programme;
    g->n_times = k->n_quarters + 1;
    g->share[GF_GOVERNMENT] = p->fiscal_share;
    g->share[GF_MANAGERS] = p->manager_share;
    g->share[GF_PRIVATE] = 1 - p->fiscal_share - p->manager_share;
    memset(g->nav, 0, sizeof g->nav);
    memset(g->stakes, 0, sizeof g->stakes);
    memset(g->carry_accrued, 0, sizeof g->carry_accrued);
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        settle_sub_fund(k, fund, nav[fund], g);
    gf_share_out(p, k->scenario->scene.commitment_cny_m, g);
}
