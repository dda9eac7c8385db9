/* IRR on many random series: polynomials with known roots, and cash flows of invented funds in lanes against
 * the scalar search, on every instruction set. Bounds come from the condition of each root. Seed:
 * GF_TEST_SEED. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "portfolio/returns.h"

enum { MAX_ROOTS = 4, N_SERIES = 4000, N_BLOCKS = 60 };

static uint64_t random_state;

/* SplitMix64: uniform in (0,1). */
static double uniform(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 12) + 0.5) * 0x1p-52;
}

static int reseed(void **state)
{
    (void)state;
    const char *text = getenv("GF_TEST_SEED");
    random_state = text ? strtoull(text, NULL, 0) : 20260611;
    return 0;
}

typedef struct series {
    int n, n_roots;
    double flows[32], factors[MAX_ROOTS]; /* discount factors of the roots, descending: rates ascending */
} series;

/* Multiplies Σ c_t x^t (n terms) by (a + b x + d x²). */
static int times(int n, long double *c, long double a, long double b, long double d)
{
    c[n] = c[n + 1] = 0;
    for (int t = n + 1; t >= 0; t--)
        c[t] = a * c[t] + (t >= 1 ? b * c[t - 1] : 0) + (t >= 2 ? d * c[t - 2] : 0);
    return d != 0 ? n + 2 : b != 0 ? n + 1 : n;
}

/* Flows whose discount polynomial has exactly n_roots positive roots, at least 5% apart, and random others
 * that are negative or complex. */
static series make_series(int n_roots)
{
    series s = {.n_roots = n_roots};
    long double c[40] = {uniform() < 0.5 ? -100 : 100};
    int n = 1;
    double factor = exp(-1.6 + 1.2 * uniform());
    for (int i = 0; i < n_roots; i++) {
        s.factors[n_roots - 1 - i] = factor;
        n = times(n, c, factor, -1, 0);
        factor *= 1.05 + 0.6 * uniform() * uniform();
    }
    for (int i = (int)(uniform() * 4); i > 0; i--)
        n = times(n, c, exp(3 * uniform() - 1.5), 1, 0);
    for (int i = (int)(uniform() * 4) + (n == 1); i > 0; i--) {
        double radius = exp(2 * uniform() - 1), angle = 0.15 + 2.9 * uniform();
        n = times(n, c, radius * radius, -2 * radius * cos(angle), 1);
    }
    s.n = n;
    for (int t = 0; t < n; t++)
        s.flows[t] = (double)c[t];
    return s;
}

/* How far rounding the flows and evaluating them may move the rate of a root: n·ε·A(x)/|x p'(x)|, times (1 +
 * r). */
static double rate_error(const series *s, double x)
{
    double slope = 0, size = 0, power = 1;
    for (int t = 0; t < s->n; t++, power *= x) {
        slope += t * s->flows[t] * power;
        size += fabs(s->flows[t]) * power;
    }
    return (8.0 + 8.0 * s->n * size / fabs(slope)) * DBL_EPSILON / x;
}

/* Do these rates, ascending, meet the known roots? */
static int is_right(const series *s, int n_found, const double *rates)
{
    if (n_found != s->n_roots)
        return 0;
    for (int i = 0; i < n_found; i++)
        if (!(fabs(rates[i] - (1.0 / s->factors[i] - 1.0)) <= rate_error(s, s->factors[i])))
            return 0;
    return 1;
}

static void known_roots_are_all_found(void **state)
{
    (void)state;
    int n_spoiled_caught = 0;
    for (int i = 0; i < N_SERIES; i++) {
        series s = make_series(i % (MAX_ROOTS + 1));
        double rates[MAX_ROOTS + 1] = {0};
        int n = gf_irr_roots(s.n, s.flows, MAX_ROOTS + 1, rates);
        if (!is_right(&s, n, rates))
            fail_msg("series %d: %d roots found of %d, or one is off", i, n, s.n_roots);
        /* the spoiled twin: the same rates, the last one off by 1e-9 */
        rates[MAX_ROOTS] = 0;
        if (n > 0)
            rates[n - 1] += 1e-9 * (1.0 + rates[n - 1]);
        n_spoiled_caught += n > 0 && !is_right(&s, n, rates);
    }
    assert_true(n_spoiled_caught > N_SERIES / 2);
}

/* Lanes tell one root from none and from several, whatever proof they used. */
static void lanes_flag_known_roots(void **state)
{
    (void)state;
    const gf_returns_hot *hot = gf_returns_hot_table(gf_isa_detect());
    static const gf_irr_flag expected[MAX_ROOTS + 1] = {GF_IRR_NONE, GF_IRR_UNIQUE, GF_IRR_MULTIPLE,
                                                        GF_IRR_MULTIPLE, GF_IRR_MULTIPLE};
    for (int i = 0; i < N_SERIES / GF_LANES; i++) {
        double flows[32][GF_LANES] = {{0}}, rate[GF_LANES], flag[GF_LANES];
        series s[GF_LANES];
        for (int lane = 0; lane < GF_LANES; lane++) {
            s[lane] = make_series((int)(uniform() * (MAX_ROOTS + 1)));
            for (int t = 0; t < s[lane].n; t++)
                flows[t][lane] = s[lane].flows[t];
        }
        hot->irr(32, GF_LANES, (const double(*)[GF_LANES])flows, 1.0, rate, flag);
        for (int lane = 0; lane < GF_LANES; lane++) {
            assert_int_equal((int)flag[lane], expected[s[lane].n_roots]);
            if (flag[lane] == GF_IRR_UNIQUE)
                assert_true(is_right(&s[lane], 1, &rate[lane]));
            else
                assert_true(isnan(rate[lane]));
        }
    }
}

/* Series without any economics: small whole numbers, often times (x − a)², so that roots are double, or
 * amounts of all sizes with gaps. */
static void make_awkward(int n, double (*flows)[GF_LANES], int lane)
{
    const int is_whole = uniform() < 0.5, n_plain = is_whole ? n - 2 : n;
    for (int t = 0; t < n; t++)
        flows[t][lane] = 0;
    for (int t = 0; t < n_plain; t++)
        flows[t][lane] = is_whole          ? floor(7 * uniform()) - 3
                         : uniform() < 0.3 ? (uniform() - 0.5) * pow(10, 4 * uniform() - 2)
                                           : 0.0;
    if (!is_whole || uniform() < 0.5)
        return;
    const double a = 0.5 + uniform();
    for (int t = n - 1; t >= 0; t--)
        flows[t][lane] = a * a * flows[t][lane] - (t >= 1 ? 2 * a * flows[t - 1][lane] : 0) +
                         (t >= 2 ? flows[t - 2][lane] : 0);
}

/* Lanes are as sure as the scalar search and no surer, and as near as the condition of the root allows. */
static void lanes_agree_on_awkward_series(void **state)
{
    (void)state;
    int counts[3] = {0};
    for (int i = 0; i < 1000; i++) {
        double flows[64][GF_LANES], rate[GF_LANES], flag[GF_LANES], expected;
        series s = {.n = 3 + (int)(uniform() * 29)};
        for (int lane = 0; lane < GF_LANES; lane++)
            make_awkward(s.n, flows, lane);
        gf_returns_hot_table(gf_isa_detect())
            ->irr(s.n, GF_LANES, (const double(*)[GF_LANES])flows, 1.0, rate, flag);
        for (int lane = 0; lane < GF_LANES; lane++) {
            for (int t = 0; t < s.n; t++)
                s.flows[t] = flows[t][lane];
            const gf_irr_flag sure = gf_irr(s.n, s.flows, 1.0, &expected);
            counts[sure]++;
            assert_int_equal((int)flag[lane], sure);
            if (sure == GF_IRR_UNIQUE)
                assert_true(fabs(rate[lane] - expected) <= 4 * rate_error(&s, 1 / (1 + expected)));
        }
    }
    assert_true(counts[GF_IRR_UNIQUE] > 1000 && counts[GF_IRR_NONE] > 1000 && counts[GF_IRR_MULTIPLE] > 1000);
}

/* Contributions, distributions and index of a block of invented funds: a third of the portfolios calls early,
 * a third late, a third loses; fees run on; few exits, heavy-tailed. */
typedef struct fund_block {
    int n;
    double paid[GF_MAX_FLOWS][GF_LANES], received[GF_MAX_FLOWS][GF_LANES], index[GF_MAX_FLOWS][GF_LANES];
    double net[GF_MAX_FLOWS][GF_LANES];
} fund_block;

static void make_lane(fund_block *b, int lane)
{
    int style = (int)(uniform() * 3), calls = style == 1 ? 20 : 8, n_exits = 1 + (int)(uniform() * 40);
    double level = 100;
    for (int t = 0; t < b->n; t++) {
        b->paid[t][lane] = (t < calls ? 80.0 / calls : 0.0) + (t < 40 ? 0.5 : 0.0);
        b->received[t][lane] = 0;
        level *= 0.95 + 0.14 * uniform();
        b->index[t][lane] = level;
    }
    for (int i = 0; i < n_exits; i++) {
        double multiple = style == 2 ? 0.4 * uniform() : 0.3 * pow(uniform(), -1.0 / 1.2);
        int quarter = (int)(uniform() * calls) + 2 + (int)(-14 * log(uniform()));
        b->received[quarter < b->n ? quarter : b->n - 1][lane] += fmin(multiple, 1000) * 80.0 / n_exits;
    }
    for (int t = 0; t < b->n; t++)
        b->net[t][lane] = b->received[t][lane] - b->paid[t][lane];
}

static void make_block(fund_block *b, int i)
{
    static const int lengths[] = {2, 13, 41, 81, 161, GF_MAX_FLOWS};
    b->n = lengths[i % 6];
    for (int lane = 0; lane < GF_LANES; lane++)
        make_lane(b, lane);
}

static gf_flow_block view(const fund_block *b, int n_lanes)
{
    return (gf_flow_block){b->n, n_lanes, 4.0, b->paid, b->received, b->index, NULL};
}

/* All results of a block, for comparing bits. */
typedef struct block_results {
    double irr[GF_LANES], irr_flag[GF_LANES], alpha[GF_LANES], alpha_flag[GF_LANES], ks_pme[GF_LANES],
        tvpi[GF_LANES];
} block_results;

static void measure(gf_isa isa, const fund_block *b, int n_lanes, block_results *r)
{
    const gf_returns_hot *hot = gf_returns_hot_table(isa);
    gf_flow_block block = view(b, n_lanes);
    memset(r, 0, sizeof *r);
    hot->irr(b->n, n_lanes, b->net, 4.0, r->irr, r->irr_flag);
    hot->direct_alpha(&block, r->alpha, r->alpha_flag);
    hot->ks_pme(&block, r->ks_pme);
    hot->tvpi(&block, r->tvpi);
}

static void check_rate(double got, double got_flag, double expected, gf_irr_flag expected_flag)
{
    assert_int_equal((int)got_flag, expected_flag);
    if (expected_flag == GF_IRR_UNIQUE)
        assert_true(fabs(got - expected) <= 1e-12 * (1.0 + fabs(expected)));
    else
        assert_true(isnan(got) && isnan(expected));
}

static void check_lane(const fund_block *b, const block_results *r, int lane, int counts[3])
{
    double paid[GF_MAX_FLOWS], received[GF_MAX_FLOWS], index[GF_MAX_FLOWS], rate;
    for (int t = 0; t < b->n; t++) {
        paid[t] = b->paid[t][lane];
        received[t] = b->received[t][lane];
        index[t] = b->index[t][lane];
    }
    const gf_cash_flows flows = {b->n, 4.0, paid, received, index, 0.0};
    gf_irr_flag flag = gf_net_irr(&flows, &rate);
    check_rate(r->irr[lane], r->irr_flag[lane], rate, flag);
    counts[flag]++;
    flag = gf_direct_alpha(&flows, &rate, NULL);
    check_rate(r->alpha[lane], r->alpha_flag[lane], rate, flag);
    assert_true(fabs(r->ks_pme[lane] / gf_ks_pme(&flows) - 1) < 1e-13 || gf_ks_pme(&flows) == 0);
    assert_true(fabs(r->tvpi[lane] / gf_multiples_of(&flows).tvpi - 1) < 1e-13 ||
                gf_multiples_of(&flows).tvpi == 0);
}

static void lanes_agree_with_scalar_and_sets_with_each_other(void **state)
{
    (void)state;
    static fund_block b;
    int counts[3] = {0};
    for (int i = 0; i < N_BLOCKS; i++) {
        make_block(&b, i);
        block_results base, other;
        measure(GF_ISA_SSE2, &b, GF_LANES, &base);
        for (int lane = 0; lane < GF_LANES; lane++)
            check_lane(&b, &base, lane, counts);
        for (int isa = GF_ISA_SSE2 + 1; isa < GF_N_ISA; isa++)
            if (gf_isa_available((gf_isa)isa)) {
                measure((gf_isa)isa, &b, GF_LANES, &other);
                assert_memory_equal(&other, &base, sizeof base);
            }
    }
    /* the funds meet every flag, or the test says little */
    assert_true(counts[GF_IRR_UNIQUE] > 1000 && counts[GF_IRR_NONE] > 10 && counts[GF_IRR_MULTIPLE] > 10);
}

/* A portfolio's numbers do not depend on its lane, its neighbours, or how many there are. */
static void lanes_are_alone(void **state)
{
    (void)state;
    static fund_block b, moved;
    for (int i = 0; i < N_BLOCKS / 4; i++) {
        make_block(&b, i);
        block_results here, there;
        measure(gf_isa_detect(), &b, GF_LANES, &here);
        int n_lanes = 1 + (int)(uniform() * (GF_LANES - 1)), shift = (int)(uniform() * GF_LANES);
        moved = b;
        for (int t = 0; t < b.n; t++)
            for (int lane = 0; lane < GF_LANES; lane++) {
                int from = (lane + shift) % GF_LANES;
                moved.net[t][lane] = lane < n_lanes ? b.net[t][from] : NAN;
                moved.paid[t][lane] = b.paid[t][from];
                moved.received[t][lane] = b.received[t][from];
                moved.index[t][lane] = b.index[t][from];
            }
        measure(gf_isa_detect(), &moved, n_lanes, &there);
        for (int lane = 0; lane < n_lanes; lane++) {
            int from = (lane + shift) % GF_LANES;
            assert_memory_equal(&there.irr[lane], &here.irr[from], sizeof(double));
            assert_memory_equal(&there.irr_flag[lane], &here.irr_flag[from], sizeof(double));
            assert_memory_equal(&there.alpha[lane], &here.alpha[from], sizeof(double));
        }
    }
}

/* With an index that never moves, Direct Alpha is the IRR and KS-PME is TVPI; when the index earns g a
 * quarter, (1 + IRR) = (1 + alpha)(1 + g)^4. */
static void measures_agree_where_they_must(void **state)
{
    (void)state;
    static fund_block b;
    for (int i = 0; i < N_BLOCKS; i++) {
        make_block(&b, i);
        double growth = i % 2 ? 1.0 : 0.97 + 0.07 * uniform();
        for (int t = 0; t < b.n; t++)
            for (int lane = 0; lane < GF_LANES; lane++)
                b.index[t][lane] = 50 * pow(growth, t);
        block_results r;
        measure(gf_isa_detect(), &b, GF_LANES, &r);
        for (int lane = 0; lane < GF_LANES; lane++) {
            assert_true(r.irr_flag[lane] == r.alpha_flag[lane]);
            double irr = (1.0 + r.alpha[lane]) * pow(growth, 4) - 1.0;
            assert_true(r.irr_flag[lane] != GF_IRR_UNIQUE ||
                        fabs(irr - r.irr[lane]) <= 1e-11 * (1.0 + fabs(irr)));
            assert_true(growth != 1.0 || fabs(r.ks_pme[lane] - r.tvpi[lane]) <= 1e-13 * r.tvpi[lane]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(known_roots_are_all_found, reseed),
        cmocka_unit_test_setup(lanes_flag_known_roots, reseed),
        cmocka_unit_test_setup(lanes_agree_on_awkward_series, reseed),
        cmocka_unit_test_setup(lanes_agree_with_scalar_and_sets_with_each_other, reseed),
        cmocka_unit_test_setup(lanes_are_alone, reseed),
        cmocka_unit_test_setup(measures_agree_where_they_must, reseed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
