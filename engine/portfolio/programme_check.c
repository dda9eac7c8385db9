/* Checks of the programme's terms at load: shares that add up, terms that do not contradict each other. */
#include <math.h>

#include "portfolio/scenario.h"

/* Fees of the whole life as a share of commitment when nothing leaves the fee basis early: an upper bound. */
static double lifetime_fees(const gf_scenario *s)
{
    const gf_terms_params *t = &s->programme.terms;
    double fees = 0;
    for (int q = 0; q < s->n_quarters; q++) {
        const double year = q / 4.0;
        const double rate = t->fee_per_year * (year >= t->fee_step_down_year ? t->fee_step_down_factor : 1.0);
        if (year < t->fee_years)
            fees += (rate + s->programme.mother_fee_per_year) / 4.0;
    }
    return fees;
}

static void check_budget(gf_scenario *s, gf_diagnostics *d)
{
    const gf_programme_params *p = &s->programme;
    const double fees = lifetime_fees(s);
    s->invested_share = isnan(p->invested_share) ? 1.0 - fees - p->reserve_share : p->invested_share;
    if (isnan(p->invested_share) && s->invested_share <= 0)
        gf_diagnose(
            d, "programme.reserve_share",
            "fees of %.4g and a reserve of %.4g leave nothing to invest; expected less than 1 together", fees,
            p->reserve_share);
    else if (s->invested_share + fees + p->reserve_share > 1 + 1e-9)
        gf_diagnose(d, "programme.invested_share",
                    "first cheques %.4g, reserve %.4g and fees %.4g exceed the commitment; expected at most "
                    "1 together",
                    s->invested_share, p->reserve_share, fees);
}

static void check_shares(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_programme_params *p = &s->programme;
    if (p->fiscal_share + p->manager_share > 1 + 1e-12)
        gf_diagnose(d, "programme.fiscal_share",
                    "fiscal_share %g and manager_share %g exceed 1 together; expected at most 1",
                    p->fiscal_share, p->manager_share);
    if (p->sub_funds > s->startups.count)
        gf_diagnose(d, "programme.sub_funds",
                    "%d sub-funds for %d startups; expected at most one sub-fund a startup",
                    (int)p->sub_funds, (int)s->startups.count);
}

static void check_terms(const gf_terms_params *t, gf_diagnostics *d)
{
    if (t->catch_up > 0 && t->catch_up < t->carry)
        gf_diagnose(d, "programme.terms.catch_up",
                    "%g never catches up with a carry of %g; expected 0, or the carry and more", t->catch_up,
                    t->carry);
}

static void check_buy_back(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_government_params *g = &s->programme.government;
    if (g->buy_back.from_year > g->buy_back.to_year)
        gf_diagnose(d, "programme.government.buy_back.from_year",
                    "the window opens in year %g and closes in year %g; expected "
                    "from_year at most to_year",
                    g->buy_back.from_year, g->buy_back.to_year);
    if (g->buy_back.to_year >= s->horizon_years)
        gf_diagnose(d, "programme.government.buy_back.to_year",
                    "the window closes in year %g, outside the life of %g years; expected an earlier year",
                    g->buy_back.to_year, s->horizon_years);
}

static void check_government(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_programme_params *p = &s->programme;
    const gf_government_params *g = &p->government;
    const double partners = 1 - p->fiscal_share - p->manager_share;
    const char *key =
        g->first_loss > 0 ? "programme.government.first_loss" : "programme.government.concession";
    if (g->first_loss <= 0 && g->concession == GF_CONCESSION_NONE)
        return;
    if (p->fiscal_share <= 0)
        gf_diagnose(d, key, "the public purse holds nothing; expected programme.fiscal_share above 0");
    else if (partners <= 1e-12)
        gf_diagnose(
            d, key,
            "there are no private partners; expected fiscal_share and manager_share below 1 together");
    if (g->concession == GF_CONCESSION_BUY_BACK)
        check_buy_back(s, d);
}

/* The duty as a share of first cheques. */
static void check_reinvestment(gf_scenario *s, gf_diagnostics *d)
{
    const gf_programme_params *p = &s->programme;
    s->local_share =
        s->invested_share > 0 ? p->reinvestment.ratio * p->fiscal_share / s->invested_share : 0.0;
    if (p->reinvestment.ratio > 0 && p->fiscal_share <= 0)
        gf_diagnose(d, "programme.reinvestment.ratio",
                    "the public purse holds nothing; expected programme.fiscal_share above 0");
    if (s->local_share > 1 + 1e-9)
        gf_diagnose(d, "programme.reinvestment.ratio",
                    "%g times a fiscal share of %g is more than the %.4g of commitment that first cheques "
                    "invest; expected a "
                    "ratio of at most %.4g",
                    p->reinvestment.ratio, p->fiscal_share, s->invested_share,
                    s->invested_share / p->fiscal_share);
    if (s->local_share > 1)
        s->local_share = 1;
}

static void check_pace(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_programme_params *p = &s->programme;
    if (p->recycling.share > 0 && s->startups.follow_on.rule == GF_FOLLOW_NONE)
        gf_diagnose(d, "programme.recycling.share",
                    "recycled proceeds go into follow-ons and there are none; expected "
                    "startups.follow_on.rule pro_rata or "
                    "winners");
    if (isfinite(p->loss_tolerance.threshold) && s->startups.lifecycle != GF_LIFECYCLE_STAGED)
        gf_diagnose(d, "programme.loss_tolerance.threshold",
                    "loss tolerance acts on hazards; expected startups.lifecycle: staged");
}

void gf_programme_prepare(gf_scenario *s, gf_diagnostics *d)
{
    check_budget(s, d);
    check_shares(s, d);
    check_terms(&s->programme.terms, d);
    check_government(s, d);
    check_reinvestment(s, d);
    check_pace(s, d);
}
