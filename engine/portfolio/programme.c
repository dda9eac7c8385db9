/* Cash flows of the programme: what sub-funds call and distribute, and whose money it is. */
#include "portfolio/programme.h"

#include <math.h>
#include <string.h>

#include "portfolio/cohort.h"

const gf_programme_hot *gf_programme_table_sse2(void);
const gf_programme_hot *gf_programme_table_avx2(void);
const gf_programme_hot *gf_programme_table_avx512(void);

const gf_programme_hot *gf_programme_hot_table(gf_isa isa)
{
#ifdef GF_HAVE_AVX512
    if (isa == GF_ISA_AVX512)
        return gf_programme_table_avx512();
#endif
#ifdef GF_HAVE_AVX2
    if (isa == GF_ISA_AVX2)
        return gf_programme_table_avx2();
#endif
    (void)isa;
    return gf_programme_table_sse2();
}

/* Fee of one sub-fund for quarter t, into fee[GF_LANES]. */
static void sub_fund_fee(const gf_cohort *k, int fund, int t, double *fee)
{
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const double year = t / 4.0;
    const int is_late = year >= terms->fee_step_down_year;
    const double rate = year < terms->fee_years ? terms->fee_per_year / 4 * (is_late ? terms->fee_step_down_factor : 1.0) : 0.0;
    const double commitment = k->scenario->scene.commitment_cny_m / k->n_sub_funds;
    const double *invested = k->cost_basis + gf_flow_index(fund, t, 0);
    const int is_on_invested = is_late && terms->fee_basis == GF_FEE_INVESTED;
    for (int lane = 0; lane < GF_LANES; lane++)
        fee[lane] = rate * (is_on_invested ? fmax(0.0, invested[lane]) : commitment);
}

/* Runs one sub-fund through its life and adds its money to the ledger's totals; partners' parts go to
 * call[GF_GOVERNMENT] and distribution[GF_GOVERNMENT], which share_out() divides afterwards. */
static void settle_sub_fund(const gf_cohort *k, int fund, const double *nav, gf_ledger *g)
{
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const gf_programme_hot *hot = gf_programme_hot_table(k->isa);
    const int last = k->n_quarters, is_sold = k->scenario->programme.horizon == GF_HORIZON_SELL;
    gf_waterfall w = {.growth = pow(1 + terms->hurdle_per_year, 0.25), .carry = terms->carry, .catch_up = terms->catch_up};
    double fee[GF_LANES], call[GF_LANES], amount[GF_LANES], to_partners[GF_LANES], carry[GF_LANES];
    for (int t = 0; t <= last; t++) {
        const double *invested = k->invested + gf_flow_index(fund, t, 0);
        const double *proceeds = k->proceeds + gf_flow_index(fund, t > 0 ? t - 1 : 0, 0);
        memset(fee, 0, sizeof fee);
        if (t < last)
            sub_fund_fee(k, fund, t, fee);
        for (int lane = 0; lane < GF_LANES; lane++) {
            call[lane] = invested[lane] + fee[lane];
            amount[lane] = (t > 0 ? proceeds[lane] : 0.0) + (t == last && is_sold ? nav[lane] : 0.0);
        }
        hot->split(&w, call, amount, to_partners, carry);
        for (int lane = 0; lane < GF_LANES; lane++) {
            g->invested[t][lane] += invested[lane];
            g->fees[t][lane] += fee[lane];
            g->proceeds[t][lane] += amount[lane];
            g->carry[t][lane] += carry[lane];
            g->call[GF_GOVERNMENT][t][lane] += call[lane];
            g->distribution[GF_GOVERNMENT][t][lane] += to_partners[lane];
        }
    }
    /* What is held is worth to partners what a sale at the horizon would bring them. */
    static const double nothing[GF_LANES];
    w.growth = 1.0;
    hot->split(&w, nothing, nav, to_partners, carry);
    for (int lane = 0; lane < GF_LANES && !is_sold; lane++) {
        g->stakes[lane] += nav[lane];
        g->nav[GF_GOVERNMENT][lane] += to_partners[lane];
        g->carry_accrued[lane] += carry[lane];
    }
}

/* All partners rank equally; the mother fund's fee is borne by government and private partners. */
static void share_out(const gf_programme_params *p, double commitment, gf_ledger *g)
{
    const double mother_share = g->share[GF_GOVERNMENT] + g->share[GF_PRIVATE];
    for (int t = 0; t < g->n_times; t++) {
        const double mother_fee =
            t + 1 < g->n_times && t / 4.0 < p->terms.fee_years ? p->mother_fee_per_year / 4 * commitment * mother_share : 0.0;
        for (int lane = 0; lane < GF_LANES; lane++) {
            const double call = g->call[GF_GOVERNMENT][t][lane], paid = g->distribution[GF_GOVERNMENT][t][lane];
            g->fees[t][lane] += mother_fee;
            for (int party = 0; party < GF_N_PARTIES; party++) {
                const double of_fee = party != GF_MANAGERS && mother_share > 0 ? g->share[party] / mother_share : 0.0;
                g->call[party][t][lane] = g->share[party] * call + of_fee * mother_fee;
                g->distribution[party][t][lane] = g->share[party] * paid;
            }
        }
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double nav = g->nav[GF_GOVERNMENT][lane];
        for (int party = 0; party < GF_N_PARTIES; party++)
            g->nav[party][lane] = g->share[party] * nav;
    }
}

void gf_programme_settle(const gf_cohort *k, const double (*nav)[GF_LANES], gf_ledger *g)
{
    const gf_programme_params *p = &k->scenario->programme;
    g->n_times = k->n_quarters + 1;
    g->share[GF_GOVERNMENT] = p->fiscal_share;
    g->share[GF_MANAGERS] = p->manager_share;
    g->share[GF_PRIVATE] = 1 - p->fiscal_share - p->manager_share;
    const size_t used = (size_t)g->n_times * sizeof g->invested[0];
    memset(g->invested, 0, used);
    memset(g->proceeds, 0, used);
    memset(g->fees, 0, used);
    memset(g->carry, 0, used);
    memset(g->call[GF_GOVERNMENT], 0, used);
    memset(g->distribution[GF_GOVERNMENT], 0, used);
    memset(g->nav, 0, sizeof g->nav);
    memset(g->stakes, 0, sizeof g->stakes);
    memset(g->carry_accrued, 0, sizeof g->carry_accrued);
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        settle_sub_fund(k, fund, nav[fund], g);
    share_out(p, k->scenario->scene.commitment_cny_m, g);
}
