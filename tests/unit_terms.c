/* Terms of the programme in closed form: waterfalls, first loss, concessions, buy-back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "portfolio/programme.h"
#include "scenario_fixture.h"

#define assert_near(x, y, bound)                                                                             \
    do {                                                                                                     \
        const double x_ = (x), y_ = (y);                                                                     \
        if (!(fabs(x_ - y_) <= (bound)))                                                                     \
            fail_msg("%s = %.12g, expected %.12g within %g", #x, x_, y_, (double)(bound));                   \
    } while (0)

enum { YEARS = 5, DATE = 4 * YEARS };

/* 100 called at date 0, P paid at date 20: managers' part under a European waterfall. */
static double european_carry(double paid, double hurdle, double carry, double catch_up)
{
    const gf_waterfall_terms terms = {.growth = pow(1 + hurdle, 0.25), .carry = carry, .catch_up = catch_up};
    gf_waterfall w = {.balance = {0}};
    const gf_programme_hot *hot = gf_programme_hot_table(gf_isa_detect());
    double call[GF_LANES] = {0}, amount[GF_LANES] = {0}, to_managers[GF_LANES];
    for (int t = 0; t <= DATE; t++) {
        call[0] = t == 0 ? 100 : 0;
        amount[0] = t == DATE ? paid : 0;
        hot->split(&terms, &w, call, amount, to_managers);
    }
    return to_managers[0];
}

static void european_waterfall(void **state)
{
    (void)state;
    static const double paid[] = {80, 120, 150, 200, 300, 1000};
    static const double full[] = {0, 0, 3.067192, 20, 40, 180};
    static const double hard[] = {0, 0, 0.613438, 10.613438, 30.613438, 170.613438};
    for (int i = 0; i < 6; i++) {
        assert_near(european_carry(paid[i], 0.08, 0.2, 1.0), full[i], 1e-6);
        assert_near(european_carry(paid[i], 0.08, 0.2, 0.0), hard[i], 1e-6);
        /* the deal's formula is the waterfall's for one date */
        const gf_terms_params terms = {.carry = 0.2, .catch_up = 1.0};
        assert_near(gf_deal_carry(&terms, paid[i], 100 * pow(1.08, YEARS), 100), full[i], 1e-6);
    }
    /* partial catch-up of 60%: the tier is as long as G = 0.6 x, 0.2 (46.93 + x) = 0.6 x */
    const double hurdle = 100 * pow(1.08, YEARS), length = 0.2 * (hurdle - 100) / 0.4;
    assert_near(european_carry(hurdle + length / 2, 0.08, 0.2, 0.6), 0.6 * length / 2, 1e-9);
    assert_near(european_carry(hurdle + length, 0.08, 0.2, 0.6), 0.2 * (hurdle + length - 100), 1e-9);
    assert_near(european_carry(500, 0.08, 0.2, 0.6), 0.2 * 400, 1e-9);
    assert_true(fabs(european_carry(500, 0.08, 0.2, 0.0) - 80) >
                1); /* spoiled twin: no catch-up is not a full one */
}

/* Two deals of 50 each, one pays 150, one nothing: carry by deal, and what a clawback leaves. */
static void american_deals(void **state)
{
    (void)state;
    const gf_terms_params terms = {.carry = 0.2, .catch_up = 1.0};
    assert_near(gf_deal_carry(&terms, 150, 50, 50), 20, 1e-12);
    assert_near(gf_deal_carry(&terms, 0, 50, 50), 0, 1e-12);
    assert_near(european_carry(150, 0.0, 0.2, 1.0), 10, 1e-12); /* so the clawback is 10 */
}

static gf_ledger *one_call(double call, double paid, double mark)
{
    gf_ledger *g = aligned_alloc(_Alignof(gf_ledger), sizeof *g);
    memset(g, 0, sizeof *g);
    g->n_times = DATE + 1;
    g->share[GF_GOVERNMENT] = 0.4;
    g->share[GF_PRIVATE] = 0.58;
    g->share[GF_MANAGERS] = 0.02;
    for (int lane = 0; lane < GF_LANES; lane++) {
        g->invested[0][lane] = g->paid_in[0][lane] = call;
        g->proceeds[DATE][lane] = g->paid_out[DATE][lane] = paid;
        for (int t = 1; t <= DATE; t++)
            g->mark[t][lane] = mark;
    }
    return g;
}

static double public_receipt(const gf_government_params *terms, double paid, double mark)
{
    const gf_programme_params p = {.terms = {.fee_years = 0}, .government = *terms};
    gf_ledger *g = one_call(100, paid, mark);
    gf_share_out(&p, 100, g);
    gf_ledger_divide(g);
    assert_near(ledger_gap(g, GF_LANES, 100), 0, 1e-12);
    double received = 0;
    for (int t = 0; t < g->n_times; t++)
        received += g->distribution[GF_GOVERNMENT][t][0];
    free(g);
    return received;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}
static double positive(double a)
{
    return a > 0 ? a : 0;
}

static void first_loss(void **state)
{
    (void)state;
    for (double paid = 0; paid <= 300; paid += 7.5) {
        const gf_government_params all = {.first_loss = 1.0}, half = {.first_loss = 0.5},
                                   none = {.first_loss = 0.0};
        assert_near(public_receipt(&none, paid, 0), 0.4 * paid, 1e-12);
        /* all of it behind: others get 60 first, then 40, profit by shares */
        assert_near(public_receipt(&all, paid, 0),
                    least(positive(paid - 60), 40) + 0.4 * positive(paid - 100), 1e-10);
        /* half of it behind: 80 of senior capital, of which the public purse holds 20 */
        assert_near(public_receipt(&half, paid, 0),
                    0.25 * least(paid, 80) + least(positive(paid - 80), 20) + 0.4 * positive(paid - 100),
                    1e-10);
    }
}

static void concessions(void **state)
{
    (void)state;
    for (double paid = 0; paid <= 400; paid += 12.5) {
        const gf_government_params cap = {.concession = GF_CONCESSION_CAP, .cap_rate_per_year = 0.05};
        assert_near(public_receipt(&cap, paid, 0), least(0.4 * paid, 40 * pow(1.05, YEARS)), 1e-10);
        const gf_government_params share = {.concession = GF_CONCESSION_SHARE, .profit_share = 0.3};
        assert_near(public_receipt(&share, paid, 0), 0.4 * paid - 0.3 * positive(0.4 * paid - 40), 1e-10);
    }
}

static void buy_back(void **state)
{
    (void)state;
    gf_government_params terms = {.concession = GF_CONCESSION_BUY_BACK};
    terms.buy_back.from_year = 1;
    terms.buy_back.to_year = 3;
    terms.buy_back.rate_per_year = 0.04;
    terms.buy_back.exercise = GF_BUY_BACK_IN_THE_MONEY;
    /* 0.4 × mark above 40 × 1.04: bought at the first date of the window; else never */
    assert_near(public_receipt(&terms, 1000, 105), 40 * 1.04, 1e-10);
    assert_near(public_receipt(&terms, 1000, 103), 0.4 * 1000, 1e-10);
    terms.buy_back.exercise = GF_BUY_BACK_ALWAYS;
    assert_near(public_receipt(&terms, 1000, 0), 40 * pow(1.04, 3), 1e-10);
}

/* Random terms on real portfolios: at every date money in is money out, for all parties. */
static unsigned next(unsigned *seed)
{
    return *seed = *seed * 1664525u + 1013904223u;
}
static double between(unsigned *seed, double a, double b)
{
    return a + (b - a) * (next(seed) >> 8) / 16777216.0;
}

static void draw_terms(unsigned *seed, char text[20][96])
{
    static const char *const concessions_of[] = {"none", "cap", "share", "buy_back"};
    static const char *const follow[] = {"none", "pro_rata", "winners"};
    const int rule = (int)(next(seed) >> 8) % 3, is_american = (int)(next(seed) >> 8) % 2;
    const double carry = between(seed, 0.05, 0.4);
    snprintf(text[0], 96, "programme.terms.carry=%.6f", carry);
    snprintf(text[1], 96, "programme.terms.catch_up=%.6f",
             next(seed) >> 31 ? 0.0 : between(seed, carry + 0.01, 1));
    snprintf(text[2], 96, "programme.terms.hurdle_per_year=%.6f", between(seed, 0, 0.12));
    snprintf(text[3], 96, "programme.terms.waterfall=%s", is_american ? "american" : "european");
    snprintf(text[4], 96, "programme.terms.clawback=%s", is_american && next(seed) >> 31 ? "true" : "false");
    snprintf(text[5], 96, "programme.government.concession=%s", concessions_of[(next(seed) >> 8) % 4]);
    snprintf(text[6], 96, "programme.government.first_loss=%.6f",
             next(seed) >> 31 ? 0.0 : between(seed, 0, 1));
    snprintf(text[7], 96, "programme.manager_share=%.6f", between(seed, 0, 0.05));
    snprintf(text[8], 96, "programme.fiscal_share=%.6f", between(seed, 0.05, 0.9));
    snprintf(text[9], 96, "programme.sub_funds=%u", 1 + (next(seed) >> 8) % 6);
    snprintf(text[10], 96, "programme.mother_fee_per_year=%.6f", between(seed, 0, 0.004));
    snprintf(text[11], 96, "programme.invested_share=%.6f", between(seed, 0.3, 0.55));
    snprintf(text[12], 96, "startups.follow_on.rule=%s", follow[rule]);
    snprintf(text[13], 96, "programme.reserve_share=%.6f", rule == 0 ? 0.0 : between(seed, 0.01, 0.2));
    snprintf(text[14], 96, "startups.listing.lock_up_quarters=%u", (next(seed) >> 8) % 5);
    snprintf(text[16], 96, "programme.recycling.share=%.6f",
             rule == 0 || next(seed) >> 31 ? 0.0 : between(seed, 0, 0.3));
    snprintf(text[17], 96, "programme.loss_tolerance.threshold=%s", next(seed) >> 31 ? "none" : "0.2");
    snprintf(text[18], 96, "programme.loss_tolerance.fail=%.6f", between(seed, 0.3, 1));
    snprintf(text[19], 96, "programme.reinvestment.local_deal_flow_per_year=%.6f", between(seed, 0, 400));
    snprintf(text[15], 96, "programme.horizon=%s", next(seed) >> 31 ? "hold" : "sell");
}

static void cash_closes(void **state)
{
    (void)state;
    const char *given = getenv("GF_TEST_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) : 20260u;
    for (int i = 0; i < 60; i++) {
        char text[20][96];
        const char *overrides[20];
        fixture f;
        draw_terms(&seed, text);
        for (int j = 0; j < 20; j++)
            overrides[j] = text[j];
        fixture_open(&f, "reference.yaml", 20, overrides);
        gf_ledger *g = aligned_alloc(_Alignof(gf_ledger), sizeof *g);
        *g = *fixture_run(&f, 32 * (uint64_t)i, GF_LANES);
        const double gap = ledger_gap(g, GF_LANES, 1000);
        if (!(gap < 1e-9))
            fail_msg("combination %d leaves a gap of %g of the programme", i, gap);
        g->call[GF_PRIVATE][3][7] += 1e-5; /* spoiled twin: a cent of a million is found */
        assert_true(ledger_gap(g, GF_LANES, 1000) > 1e-9);
        free(g);
        fixture_close(&f);
    }
}

/* Largest gap between a party's money and its share of everybody's. */
static double gap_of_shares(const gf_ledger *g)
{
    double gap = 0;
    for (int t = 0; t < g->n_times; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            for (int party = 0; party < GF_N_PARTIES; party++) {
                double in = 0, out = 0, nav = 0;
                for (int other = 0; other < GF_N_PARTIES; other++) {
                    in += g->call[other][t][lane];
                    out += g->distribution[other][t][lane];
                    nav += g->nav[other][lane];
                }
                gap = fmax(gap, fabs(g->call[party][t][lane] - g->share[party] * in));
                gap = fmax(gap, fabs(g->distribution[party][t][lane] - g->share[party] * out));
                gap = fmax(gap, fabs(g->nav[party][lane] - g->share[party] * nav));
            }
    return gap;
}

/* Returns of parties are copied where the ledger says that shares are plain: is it right, and does it say so
 * where it may? */
static void plain_shares(void **state)
{
    (void)state;
    static const struct {
        int is_plain, n;
        const char *overrides[3];
    } cases[] = {
        {1, 1, {"programme.manager_share=0.02"}},
        {1,
         3,
         {"programme.manager_share=0", "programme.mother_fee_per_year=0.01", "programme.invested_share=0.6"}},
        {0,
         3,
         {"programme.manager_share=0.02", "programme.mother_fee_per_year=0.01",
          "programme.invested_share=0.6"}},
        {1, 2, {"programme.terms.waterfall=american", "programme.terms.clawback=true"}},
        {0, 1, {"programme.government.first_loss=0.5"}},
        {0, 2, {"programme.government.concession=share", "programme.government.profit_share=0.3"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        fixture_open(&f, "reference.yaml", cases[i].n, cases[i].overrides);
        const gf_ledger *g = fixture_run(&f, 64, GF_LANES);
        assert_int_equal(g->is_plain, cases[i].is_plain);
        assert_true((gap_of_shares(g) < 1e-9) == cases[i].is_plain);
        fixture_close(&f);
    }
}

/* Largest relative gap between the money of two ledgers. */
static double gap_between(const gf_ledger *a, const gf_ledger *b)
{
    double gap = 0;
    for (int lane = 0; lane < GF_LANES; lane++) {
        for (int t = 0; t < a->n_times; t++) {
            gap = fmax(gap, fabs(a->paid_in[t][lane] - b->paid_in[t][lane]));
            gap = fmax(gap, fabs(a->paid_out[t][lane] - b->paid_out[t][lane]));
            gap = fmax(gap, fabs(a->carry[t][lane] - b->carry[t][lane]));
            gap = fmax(gap, fabs(a->fees[t][lane] - b->fees[t][lane]));
            gap = fmax(gap, fabs(a->invested[t][lane] - b->invested[t][lane]));
            gap = fmax(gap, fabs(a->proceeds[t][lane] - b->proceeds[t][lane]));
        }
        gap = fmax(gap, fabs(a->total.paid_out[lane] - b->total.paid_out[lane]));
        gap = fmax(gap, fabs(a->total.paid_in[lane] - b->total.paid_in[lane]));
        gap = fmax(gap, fabs(a->total.fees[lane] - b->total.fees[lane]));
        gap = fmax(gap, fabs(a->partners_nav[lane] - b->partners_nav[lane]));
        gap = fmax(gap, fabs(a->carry_accrued[lane] - b->carry_accrued[lane]));
        gap = fmax(gap, fabs(a->stakes[lane] - b->stakes[lane]));
    }
    return gap / 1000;
}

/* Sub-funds with plain terms are settled all dates at once. A basis of the fee that never comes into force
 * sends the same money the long way. */
static void both_ways_agree(void **state)
{
    (void)state;
    static const char *const terms[][3] = {
        {"programme.sub_funds=1", "programme.terms.catch_up=1", "programme.terms.carry=0.2"},
        {"programme.sub_funds=4", "programme.terms.catch_up=0.5", "programme.mother_fee_per_year=0.002"},
        {"programme.sub_funds=3", "programme.terms.catch_up=0", "programme.terms.hurdle_per_year=0.02"},
        {"programme.sub_funds=2", "programme.terms.hurdle_per_year=0", "programme.terms.carry=0.3"},
    };
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const char *const plain[] = {terms[i][0], terms[i][1], terms[i][2], "startups.count=12",
                                     "programme.invested_share=0.7"};
        const char *longer[6], *spoiled[6];
        memcpy(longer, plain, sizeof plain);
        memcpy(spoiled, plain, sizeof plain);
        longer[5] = "programme.terms.fee_basis=invested";
        spoiled[5] = "programme.terms.fee_per_year=0.02001";
        fixture f[3];
        fixture_open(&f[0], "reference.yaml", 5, plain);
        fixture_open(&f[1], "reference.yaml", 6, longer);
        fixture_open(&f[2], "reference.yaml", 6, spoiled);
        for (int j = 0; j < 3; j++)
            fixture_run(&f[j], 96, GF_LANES);
        const gf_ledger *g = gf_workspace_ledger(f[0].workspace);
        assert_true(gap_between(g, gf_workspace_ledger(f[1].workspace)) < 1e-9);
        assert_true(gap_between(g, gf_workspace_ledger(f[2].workspace)) > 1e-9);
        for (int j = 0; j < 3; j++)
            fixture_close(&f[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(european_waterfall), cmocka_unit_test(american_deals),
        cmocka_unit_test(first_loss),         cmocka_unit_test(concessions),
        cmocka_unit_test(buy_back),           cmocka_unit_test(cash_closes),
        cmocka_unit_test(plain_shares),       cmocka_unit_test(both_ways_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
