/* Whose money it is: divides the partners' calls, distributions and NAV among government, private partners
 * and managers.
 *
 *   equal rank         everybody pays and receives by its share of commitments
 *   first loss         government's junior capital (first_loss × its contributions) is repaid after all other
 *                      capital, profit is then shared by commitments: government bears the first losses
 *   concession cap     government receives at most the balance of its contributions compounded at the rate,
 *                      less what it has received; the rest goes to private partners
 *   concession share   a share of what it receives beyond its contributions goes to private partners
 *   buy-back           within the window private partners may pay that balance and take over all its rights
 *                      and calls
 *
 * The mother fund's fee is borne by government and private partners. NAV is divided as if it were paid out at
 * the horizon. Arrays are [date][lane]. */
#include <math.h>
#include <string.h>

#include "portfolio/programme.h"

typedef struct sharing {
    const gf_government_params *terms;
    double share[GF_N_PARTIES]; /* of commitments */
    double growth;              /* of the balance, per quarter */
    int has_private;
    /* by lane */
    GF_ALIGNED double contributed[GF_LANES], paid_senior[GF_LANES],
        paid_junior[GF_LANES];                        /* of all partners */
    double balance[GF_LANES];                         /* government's, compounded */
    double public_in[GF_LANES], public_out[GF_LANES]; /* government's, plain */
    double is_bought[GF_LANES];
} sharing;

/* What one date's amount brings government before any concession. */
static double public_part(sharing *s, int lane, double amount)
{
    const double junior_share = s->terms->first_loss * s->share[GF_GOVERNMENT];
    if (junior_share <= 0.0)
        return s->share[GF_GOVERNMENT] * amount;
    const double senior =
        fmin(amount, fmax(0.0, (1 - junior_share) * s->contributed[lane] - s->paid_senior[lane]));
    const double junior =
        fmin(amount - senior, fmax(0.0, junior_share * s->contributed[lane] - s->paid_junior[lane]));
    const double rest = amount - senior - junior;
    const double of_senior =
        junior_share < 1 ? (s->share[GF_GOVERNMENT] - junior_share) / (1 - junior_share) : 0.0;
    s->paid_senior[lane] += senior;
    s->paid_junior[lane] += junior;
    return of_senior * senior + junior + s->share[GF_GOVERNMENT] * rest;
}

/* Managers rank with private partners: of what government does not get, by their shares. */
static double managers_part(const sharing *s, double amount, double to_government)
{
    const double others = s->share[GF_PRIVATE] + s->share[GF_MANAGERS];
    return others > 0 ? (amount - to_government) * (s->share[GF_MANAGERS] / others) : 0.0;
}

/* What government gives away of `due` at this date. */
static double concede(const sharing *s, int lane, double due)
{
    if (!s->has_private)
        return 0.0;
    if (s->is_bought[lane] > 0)
        return due;
    if (s->terms->concession == GF_CONCESSION_CAP)
        return fmax(0.0, due - fmax(0.0, s->balance[lane]));
    if (s->terms->concession == GF_CONCESSION_SHARE) {
        const double profit = fmax(0.0, s->public_out[lane] + due - s->public_in[lane]);
        const double before = fmax(0.0, s->public_out[lane] - s->public_in[lane]);
        return s->terms->profit_share * fmax(0.0, profit - before);
    }
    return 0.0;
}

static void split(sharing *s, int lane, double amount, double to[GF_N_PARTIES])
{
    const double due = public_part(s, lane, amount);
    const double given = concede(s, lane, due);
    to[GF_GOVERNMENT] = due - given;
    to[GF_MANAGERS] = managers_part(s, amount, due);
    to[GF_PRIVATE] = amount - to[GF_GOVERNMENT] - to[GF_MANAGERS];
    s->balance[lane] -= to[GF_GOVERNMENT];
    s->public_out[lane] += due; /* profit is measured before it is given away, so that shares of it add up */
}

static void contribute(sharing *s, int lane, double call, double fee, double from[GF_N_PARTIES])
{
    const double mother_share = s->share[GF_GOVERNMENT] + s->share[GF_PRIVATE];
    for (int party = 0; party < GF_N_PARTIES; party++)
        from[party] = s->share[party] * call +
                      (party != GF_MANAGERS && mother_share > 0 ? s->share[party] / mother_share * fee : 0.0);
    if (s->is_bought[lane] > 0) {
        from[GF_PRIVATE] += from[GF_GOVERNMENT];
        from[GF_GOVERNMENT] = 0.0;
    }
    s->contributed[lane] += call;
    s->balance[lane] += from[GF_GOVERNMENT];
    s->public_in[lane] += from[GF_GOVERNMENT];
}

/* Private partners decide at the end of a quarter, knowing the marks of that date and nothing later. */
static void buy_back(sharing *s, int t, gf_ledger *g)
{
    const double year = t / 4.0;
    const int is_last = year + 0.25 > s->terms->buy_back.to_year;
    memset(g->transfer[t], 0, sizeof g->transfer[t]);
    if (year < s->terms->buy_back.from_year || year > s->terms->buy_back.to_year)
        return;
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double price = fmax(0.0, s->balance[lane]);
        const double worth = s->share[GF_GOVERNMENT] * g->mark[t][lane];
        const int wants = s->terms->buy_back.exercise == GF_BUY_BACK_ALWAYS ? is_last : worth > price;
        if (s->is_bought[lane] > 0 || !wants || s->contributed[lane] <= 0)
            continue;
        g->transfer[t][lane] = price;
        g->call[GF_PRIVATE][t][lane] += price;
        g->distribution[GF_GOVERNMENT][t][lane] += price;
        s->balance[lane] = 0.0;
        s->is_bought[lane] = 1.0;
    }
}

/* Equal rank and no concession: plain multiples, in lanes. */
static void share_rows(const double *mother_fee, gf_ledger *g)
{
    const double mother_share = g->share[GF_GOVERNMENT] + g->share[GF_PRIVATE];
    for (int t = 0; t < g->n_times; t++)
        for (int party = 0; party < GF_N_PARTIES; party++) {
            const double of_fee =
                party != GF_MANAGERS && mother_share > 0 ? g->share[party] / mother_share : 0.0;
#pragma omp simd
            for (int lane = 0; lane < GF_LANES; lane++) {
                g->call[party][t][lane] = g->share[party] * g->paid_in[t][lane] + of_fee * mother_fee[t];
                g->distribution[party][t][lane] = g->share[party] * g->paid_out[t][lane];
            }
        }
}

static void share_nav(gf_ledger *g)
{
    for (int party = 0; party < GF_N_PARTIES; party++)
        for (int lane = 0; lane < GF_LANES; lane++)
            g->nav[party][lane] = g->share[party] * g->partners_nav[lane];
}

static void share_by_terms(sharing *s, const double *mother_fee, gf_ledger *g)
{
    for (int t = 0; t < g->n_times; t++) {
        for (int lane = 0; lane < GF_LANES; lane++) {
            double from[GF_N_PARTIES], to[GF_N_PARTIES];
            s->balance[lane] *= s->growth;
            contribute(s, lane, g->paid_in[t][lane], mother_fee[t], from);
            split(s, lane, g->paid_out[t][lane], to);
            for (int party = 0; party < GF_N_PARTIES; party++) {
                g->call[party][t][lane] = from[party];
                g->distribution[party][t][lane] = to[party];
            }
        }
        if (s->terms->concession == GF_CONCESSION_BUY_BACK && t + 1 < g->n_times)
            buy_back(s, t, g);
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        double to[GF_N_PARTIES];
        split(s, lane, g->partners_nav[lane], to);
        for (int party = 0; party < GF_N_PARTIES; party++)
            g->nav[party][lane] = to[party];
    }
}

/* The mother fund's fee comes on top of what sub-funds call. */
static void book_mother_fee(const double *mother_fee, gf_ledger *g)
{
    for (int t = 0; t < g->n_times; t++)
        for (int lane = 0; lane < GF_LANES && mother_fee[t] > 0; lane++) {
            g->fees[t][lane] += g->is_summed ? 0.0 : mother_fee[t];
            g->paid_in[t][lane] += mother_fee[t];
            g->total.fees[lane] += mother_fee[t];
            g->total.paid_in[lane] += mother_fee[t];
        }
}

void gf_share_out(const gf_programme_params *p, double commitment, gf_ledger *g)
{
    sharing s = {.terms = &p->government};
    const gf_government_params *terms = &p->government;
    double mother_fee[GF_MAX_QUARTERS + 1] = {0};
    memcpy(s.share, g->share, sizeof s.share);
    s.has_private = s.share[GF_PRIVATE] > 0;
    const double rate = terms->concession == GF_CONCESSION_CAP        ? terms->cap_rate_per_year
                        : terms->concession == GF_CONCESSION_BUY_BACK ? terms->buy_back.rate_per_year
                                                                      : 0.0;
    s.growth = pow(1 + rate, 0.25);
    for (int t = 0; t + 1 < g->n_times && t / 4.0 < p->terms.fee_years; t++)
        mother_fee[t] =
            p->mother_fee_per_year / 4 * commitment * (s.share[GF_GOVERNMENT] + s.share[GF_PRIVATE]);
    const int is_by_terms = terms->first_loss > 0 || terms->concession != GF_CONCESSION_NONE;
    g->is_plain = !is_by_terms && (p->mother_fee_per_year == 0 || s.share[GF_MANAGERS] == 0);
    if (is_by_terms)
        share_by_terms(&s, mother_fee, g);
    else if (!g->is_plain)
        share_rows(mother_fee, g);
    if (!is_by_terms)
        share_nav(g);
    if (p->mother_fee_per_year > 0)
        book_mother_fee(mother_fee, g);
}

void gf_ledger_divide(gf_ledger *g)
{
    static const double nothing[GF_MAX_QUARTERS + 1];
    if (g->is_plain)
        share_rows(nothing, g);
}

void gf_ledger_date(const gf_ledger *g, gf_party party, int t, double *call, double *distribution)
{
    const double *in = g->is_plain ? g->paid_in[t] : g->call[party][t],
                 *out = g->is_plain ? g->paid_out[t] : g->distribution[party][t];
    const double share = g->is_plain ? g->share[party] : 1.0;
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        call[lane] = share * in[lane];
        distribution[lane] = share * out[lane];
    }
}
