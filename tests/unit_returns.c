/* IRR, public market equivalents and multiples against published and exact cases, and at their edges. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "portfolio/returns.h"
#include "portfolio/takahashi.h"

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __FILE__, __LINE__)

static void check_near(double got, double expected, double tolerance, const char *file, int line)
{
    if (!(fabs(got - expected) <= tolerance)) {
        print_error("%.17g is not within %g of %.17g\n", got, tolerance, expected);
        _fail(file, line);
    }
}

/* The worked example of the English Wikipedia's article "Public Market Equivalent"; its last flow is the NAV.
 */
static const double wiki_paid[] = {100, 50, 0, 0, 0}, wiki_received[] = {0, 0, 60, 10, 0};
static const double wiki_index[] = {100, 105, 115, 117, 120};
static const gf_cash_flows wiki = {5, 1.0, wiki_paid, wiki_received, wiki_index, 110};

static void wikipedia_example(void **state)
{
    (void)state;
    double irr, ln_pme, alpha, log_alpha, index_nav[5];
    assert_int_equal(gf_net_irr(&wiki, &irr), GF_IRR_UNIQUE);
    assert_near(irr, 0.06433861, 1e-8);
    assert_near(gf_ks_pme(&wiki), 1.03230302, 1e-8);
    assert_int_equal(gf_ln_pme(&wiki, index_nav, &ln_pme), GF_IRR_UNIQUE);
    assert_near(ln_pme, 0.05302366, 1e-8);
    const double expected_nav[] = {100, 155, 109.761905, 101.670807, 104.277751};
    for (int t = 0; t < 5; t++)
        assert_near(index_nav[t], expected_nav[t], 1e-6);
    assert_int_equal(gf_direct_alpha(&wiki, &alpha, &log_alpha), GF_IRR_UNIQUE);
    assert_near(alpha, 0.01089845, 1e-8);
    assert_near(log_alpha, 0.01083949, 1e-8);
    gf_multiples m = gf_multiples_of(&wiki);
    assert_near(m.tvpi, 1.2, 1e-15);
    assert_near(m.dpi, 0.46666667, 1e-8);
    assert_near(m.rvpi, 0.73333333, 1e-8);
}

static void pyxirr_example(void **state)
{
    (void)state;
    const double paid[] = {20, 0, 0}, received[] = {0, 15, 0}, index[] = {100, 115, 130};
    const gf_cash_flows flows = {3, 1.0, paid, received, index, 20};
    double irr, alpha;
    assert_int_equal(gf_net_irr(&flows, &irr), GF_IRR_UNIQUE);
    assert_near(irr, 0.44300047, 1e-8);
    assert_near(gf_ks_pme(&flows), 1.42140468, 1e-8);
    assert_int_equal(gf_direct_alpha(&flows, &alpha, NULL), GF_IRR_UNIQUE);
    assert_near(alpha, 0.26180244, 1e-8);
}

static void two_rates_are_a_flag(void **state)
{
    (void)state;
    const double flows[] = {-100, 230, -132};
    double rates[4], rate = 0;
    assert_int_equal(gf_irr_roots(3, flows, 4, rates), 2);
    assert_near(rates[0], 0.1, 1e-13);
    assert_near(rates[1], 0.2, 1e-13);
    assert_int_equal(gf_irr(3, flows, 1.0, &rate), GF_IRR_MULTIPLE);
    assert_true(isnan(rate));
    double first = -9;
    assert_int_equal(gf_irr_roots(3, flows, 1, &first), 2); /* counts all, writes only what fits */
    assert_near(first, 0.1, 1e-13);
}

static void no_rate_is_a_flag(void **state)
{
    (void)state;
    const double loss[] = {-1, -2, 0, -3}, gain[] = {0, 1, 2}, nothing[] = {0, 0, 0};
    const double never_zero[] = {-100, 100, -100}; /* x² − x + 1 has no real root */
    double rate = 0;
    assert_int_equal(gf_irr(4, loss, 4.0, &rate), GF_IRR_NONE);
    assert_true(isnan(rate));
    assert_int_equal(gf_irr(3, gain, 4.0, &rate), GF_IRR_NONE);
    assert_int_equal(gf_irr(3, nothing, 4.0, &rate), GF_IRR_NONE);
    assert_int_equal(gf_irr(0, nothing, 4.0, &rate), GF_IRR_NONE);
    assert_int_equal(gf_irr(3, never_zero, 4.0, &rate), GF_IRR_NONE);
}

static void double_root_counts_once_and_is_flagged(void **state)
{
    (void)state;
    const double twice[] = {-100, 220, -121}; /* −(10 − 11 x)² : 10% twice */
    double rates[3], rate;
    assert_int_equal(gf_irr_roots(3, twice, 3, rates), 1);
    assert_near(rates[0], 0.1, 1e-6);
    assert_int_equal(gf_irr(3, twice, 1.0, &rate), GF_IRR_MULTIPLE);
    assert_true(isnan(rate));
}

/* Rates at round numbers, where a careless search has its seams, and at the ends of the line. */
static void exact_single_roots(void **state)
{
    (void)state;
    const double rates[] = {0.0, 1.0, -0.5, 0.25, 3.0, -0.999, 999.0, 1e6, -1.0 + 1e-9, 1e12};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        double flows[] = {0, 0, -8, 8 * (1.0 + rates[i]), 0}, found[2] = {0};
        assert_int_equal(gf_irr_roots(5, flows, 2, found), 1);
        assert_near(found[0], flows[3] / 8 - 1.0, 1e-13 * (1.0 + rates[i]));
    }
}

static void periods_compound_to_years(void **state)
{
    (void)state;
    const double flows[] = {-1, 1.02};
    double rate;
    assert_int_equal(gf_irr(2, flows, 4.0, &rate), GF_IRR_UNIQUE);
    assert_near(rate, 1.02 * 1.02 * 1.02 * 1.02 - 1.0, 1e-15);
}

static void nothing_paid_in_gives_zero_multiples(void **state)
{
    (void)state;
    const double none[] = {0, 0}, index[] = {1, 2};
    const gf_cash_flows flows = {2, 4.0, none, none, index, 0};
    gf_multiples m = gf_multiples_of(&flows);
    assert_true(m.tvpi == 0 && m.dpi == 0 && m.rvpi == 0 && gf_ks_pme(&flows) == 0);
}

/* Cases for the lanes: what they hold, and the flag. */
enum { N_EDGE = 9, EDGE_FLOWS = 5 };
static const double edge_flows[N_EDGE][EDGE_FLOWS] = {
    {-100, -50, 60, 10, 110}, {-100, 230, -132, 0, 0}, {-1, -1, -1, -1, -1},
    {0, 0, 0, 0, 0},          {0, -1, 1000, 0, 0},     {0, 0, -1, 1e-9, 0},
    {-1, 2, -1.5, 0, 0},      {-100, 220, -121, 0, 0}, {-1, 3, -1, -1, 1}};
static const int edge_flags[N_EDGE] = {GF_IRR_UNIQUE, GF_IRR_MULTIPLE, GF_IRR_NONE,
                                       GF_IRR_NONE,   GF_IRR_UNIQUE,   GF_IRR_UNIQUE,
                                       GF_IRR_NONE,   GF_IRR_MULTIPLE, GF_IRR_UNIQUE};

static void check_one_factor(double factor)
{
    const gf_returns_hot *hot = gf_returns_hot_table(gf_isa_detect());
    double flows[2][GF_LANES] = {{0}}, rate[GF_LANES], flag[GF_LANES], alone[2] = {-1, 1 / factor}, expected;
    flows[0][0] = alone[0];
    flows[1][0] = alone[1];
    hot->irr(2, 1, (const double(*)[GF_LANES])flows, 1.0, rate, flag);
    assert_int_equal(gf_irr(2, alone, 1.0, &expected), GF_IRR_UNIQUE);
    assert_int_equal((int)flag[0], GF_IRR_UNIQUE);
    assert_near(expected, 1 / factor - 1, 1e-15 / factor + 2e-16);
    assert_near(rate[0], 1 / factor - 1, 1e-13 / factor + 2e-16);
}

/* Discount factors from a rate of 1e12 to one of −1 + 1e-12, densely around the limits of the lanes' own
 * search. */
static void lanes_meet_extreme_rates(void **state)
{
    (void)state;
    for (double factor = 1e-12; factor < 1e12; factor *= 1.37)
        check_one_factor(factor);
    for (int i = -400; i <= 400; i++) {
        check_one_factor(20.0 * (1.0 + 1e-5 * i));
        check_one_factor(0x1p-20 * (1.0 + 1e-5 * i));
    }
}

static void lanes_at_their_edges(void **state)
{
    (void)state;
    double flows[EDGE_FLOWS][GF_LANES];
    for (int t = 0; t < EDGE_FLOWS; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            flows[t][lane] = lane < N_EDGE ? edge_flows[lane][t] : NAN; /* unused lanes hold rubbish */
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        double rate[GF_LANES], flag[GF_LANES], alone[EDGE_FLOWS];
        for (int lane = 0; lane < GF_LANES; lane++)
            rate[lane] = flag[lane] = 77;
        gf_returns_hot_table((gf_isa)isa)
            ->irr(EDGE_FLOWS, N_EDGE, (const double(*)[GF_LANES])flows, 4.0, rate, flag);
        for (int lane = 0; lane < N_EDGE; lane++) {
            double expected;
            for (int t = 0; t < EDGE_FLOWS; t++)
                alone[t] = flows[t][lane];
            assert_int_equal(gf_irr(EDGE_FLOWS, alone, 4.0, &expected), edge_flags[lane]);
            assert_int_equal((int)flag[lane], edge_flags[lane]);
            if (edge_flags[lane] == GF_IRR_UNIQUE)
                assert_near(rate[lane], expected, 1e-12 * (1.0 + expected));
            else
                assert_true(isnan(rate[lane]));
        }
        for (int lane = N_EDGE; lane < GF_LANES; lane++)
            assert_true(rate[lane] == 77 && flag[lane] == 77);
    }
}

static void check_as_alone(int n, const double *alone, double tolerance)
{
    double flows[EDGE_FLOWS][GF_LANES] = {{0}}, rate[GF_LANES], flag[GF_LANES], expected;
    for (int t = 0; t < n; t++)
        flows[t][0] = alone[t];
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        gf_returns_hot_table((gf_isa)isa)->irr(n, 1, (const double(*)[GF_LANES])flows, 4.0, rate, flag);
        assert_int_equal((int)flag[0], gf_irr(n, alone, 4.0, &expected));
        assert_true(flag[0] == GF_IRR_UNIQUE ? fabs(rate[0] - expected) <= tolerance * (1.0 + expected)
                                             : isnan(rate[0]));
    }
}

/* Two roots that come closer until they meet and part, alone and beside a third: lanes may not be surer than
 * the scalar search. */
static void lanes_meet_double_roots(void **state)
{
    (void)state;
    for (double gap = 1e-17; gap < 30; gap *= 1.7)
        for (int sign = -1; sign <= 1; sign += 2)
            for (double third = 0.5; third < 3; third *= 1.17) {
                const double pair[] = {-100 + sign * gap, 220, -121};
                double both[4] = {0};
                for (int t = 0; t < 3; t++) {
                    both[t] += third * pair[t];
                    both[t + 1] -= pair[t];
                }
                check_as_alone(3, pair, 1e-10);
                check_as_alone(4, both, 1e-10);
            }
}

/* A last or first flow that may be rounding of the others does not make a second root. */
static void lanes_do_not_take_dust_for_money(void **state)
{
    (void)state;
    for (double dust = 1e-19; dust < 1e-6; dust *= 1.3) {
        check_as_alone(4, (const double[]){-100, 60, 70, -dust}, 1e-12);
        check_as_alone(4, (const double[]){-100, 60, 30, dust}, 1e-12);
        check_as_alone(4, (const double[]){dust, -100, 60, 70}, 1e-12);
        check_as_alone(4, (const double[]){-100, 60, -dust, 70}, 1e-12);
        check_as_alone(4, (const double[]){-100, -60, -10, dust}, 1e-12);
    }
}

/* The Wikipedia example in lane 3, its NAV as part of the last receipt or beside it. */
static void check_public_market_equivalents(double last_receipt, const double *nav)
{
    double paid[5][GF_LANES] = {{0}}, received[5][GF_LANES] = {{0}}, index[5][GF_LANES];
    for (int t = 0; t < 5; t++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            index[t][lane] = wiki_index[t];
        paid[t][3] = wiki_paid[t];
        received[t][3] = wiki_received[t] + (t == 4 ? last_receipt : 0.0);
    }
    const gf_flow_block block = {.n_flows = 5,
                                 .n_lanes = 4,
                                 .periods_per_year = 1.0,
                                 .contributions = (const double(*)[GF_LANES])paid,
                                 .distributions = (const double(*)[GF_LANES])received,
                                 .index = (const double(*)[GF_LANES])index,
                                 .nav = nav};
    const gf_returns_hot *hot = gf_returns_hot_table(gf_isa_detect());
    double value[GF_LANES], flag[GF_LANES], rate;
    hot->ks_pme(&block, value);
    assert_near(value[3], 1.03230302, 1e-8);
    assert_true(value[0] == 0.0);
    hot->tvpi(&block, value);
    assert_near(value[3], 1.2, 1e-15);
    assert_true(value[0] == 0.0);
    hot->net_irr(&block, value, flag);
    assert_int_equal(gf_net_irr(&wiki, &rate), GF_IRR_UNIQUE);
    assert_near(value[3], rate, 1e-12);
    assert_true(flag[3] == GF_IRR_UNIQUE && flag[0] == GF_IRR_NONE && isnan(value[0]));
    hot->direct_alpha(&block, value, flag);
    assert_near(value[3], 0.01089845, 1e-8);
    assert_true(flag[3] == GF_IRR_UNIQUE && flag[0] == GF_IRR_NONE && isnan(value[0]));
}

static void lanes_of_public_market_equivalents(void **state)
{
    (void)state;
    const double nav[GF_LANES] = {[3] = wiki.nav};
    check_public_market_equivalents(wiki.nav, NULL);
    check_public_market_equivalents(0.0, nav);
}

/* Takahashi & Alexander's example: numbers of the stated recursion. */
static void takahashi_example(void **state)
{
    (void)state;
    const gf_takahashi model = gf_takahashi_example();
    double calls[12], distributions[12], nav[12], paid_in = 0, received = 0;
    gf_takahashi_project(&model, 1, 12, calls, distributions, nav);
    for (int t = 0; t < 12; t++) {
        paid_in += calls[t];
        received += distributions[t];
    }
    assert_near(distributions[4], 12.690172, 1e-6);
    assert_near(distributions[7], 35.783539, 1e-6);
    assert_near(nav[4], 106.798724, 1e-6);
    assert_near(nav[7], 63.605549, 1e-6);
    assert_near(received, 187.993677, 1e-6);
    assert_near(paid_in, 99.951172, 1e-6);
    assert_near(nav[11], 0.048828, 1e-6);
    assert_near((received + nav[11]) / paid_in, 1.88134368, 1e-8);
}

/* By quarters: calls of a year are those of the yearly model, cash is conserved, and the fund is empty at the
 * end. */
static void takahashi_by_quarters(void **state)
{
    (void)state;
    const gf_takahashi model = gf_takahashi_example();
    double yearly[12], calls[48], distributions[48], nav[48], value = 0;
    gf_takahashi_project(&model, 1, 12, yearly, NULL, NULL);
    gf_takahashi_project(&model, 4, 48, calls, distributions, nav);
    for (int t = 0; t < 48; t++) {
        value = value * pow(1.13, 0.25) + calls[t] - distributions[t];
        assert_near(value, nav[t], 1e-10);
        assert_true(calls[t] >= 0 && distributions[t] >= 0 && nav[t] >= 0);
    }
    for (int year = 0; year < 12; year++) {
        const double *q = calls + 4 * year;
        assert_near(q[0] + q[1] + q[2] + q[3], yearly[year], 1e-12);
    }
    assert_near(nav[47], calls[47], 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wikipedia_example),
        cmocka_unit_test(pyxirr_example),
        cmocka_unit_test(two_rates_are_a_flag),
        cmocka_unit_test(no_rate_is_a_flag),
        cmocka_unit_test(double_root_counts_once_and_is_flagged),
        cmocka_unit_test(exact_single_roots),
        cmocka_unit_test(periods_compound_to_years),
        cmocka_unit_test(nothing_paid_in_gives_zero_multiples),
        cmocka_unit_test(lanes_at_their_edges),
        cmocka_unit_test(lanes_meet_extreme_rates),
        cmocka_unit_test(lanes_meet_double_roots),
        cmocka_unit_test(lanes_do_not_take_dust_for_money),
        cmocka_unit_test(lanes_of_public_market_equivalents),
        cmocka_unit_test(takahashi_example),
        cmocka_unit_test(takahashi_by_quarters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
