/* Performance measures of many portfolios side by side, compiled once per instruction set. Explicit vectors,
 * no fused multiply-add, no libm but for a fractional number of periods a year: every set gives the same
 * bits, and no lane looks at another.
 *
 * IRR of a lane. With x = 1/(1+r), p(x) = Σ c_t x^t and A(x) = Σ |c_t| x^t, the ratio u = p/A runs from −1 to
 * 1 and 2 atanh(u) is the log of receipts over payments, close to linear in log x (its slope is the gap
 * between their durations): Newton's method on it in log x converges in a handful of steps from r = 0, kept
 * inside a bracket.
 *
 * Is it the only root? Call S_t = Σ_{i≤t} c_i s^i the balances at s, and A_t = Σ_{i≥t} c_i s^(i−t) what is
 * still to come. At the root the balances are the coefficients of the deflated polynomial: if none changes
 * sign there is no other root. That is the pure investment of Teichroew, Robichek & Montalbano (1965), and
 * most lanes are. Where cash comes back early and is called again, lanes are proved at a cut s beside the
 * root. The running sums of S_t are the coefficients of p(x)/(1 − x/s)², so by Descartes' rule (which holds
 * for power series) they change sign at least as often as p has roots in (0, s); by reversal the running sums
 * of A_t do so for (s, ∞). At most one change in all: one root. Lanes that no cut proves, about three in a
 * hundred beside those with several roots, go to the root isolation of gf_irr(). */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include "portfolio/returns.h"

extern const gf_returns_hot GF_HOT(gf_returns_table);

#if defined(__AVX512F__)
#define WIDTH 8
#elif defined(__AVX2__)
#define WIDTH 4
#else
#define WIDTH 2
#endif
/* K vectors go together, so that one chain of multiply and add hides behind another. */
enum { K = 2, GROUP = K * WIDTH, MAX_STEPS = 40 };

#define INLINE static inline __attribute__((always_inline))
typedef double vec __attribute__((vector_size(8 * WIDTH)));
typedef int64_t mask __attribute__((vector_size(8 * WIDTH)));
typedef double vec_in_memory __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));

/* Rates beyond these discount factors (−95% or a millionfold in one period) are left to the scalar search:
 * within them no power overflows. */
static const double least_factor = 0x1p-20, greatest_factor = 20.0;

INLINE vec splat(double a)
{
    return a - (vec){0};
}
INLINE vec load(const double *p)
{
    return *(const vec_in_memory *)p;
}
INLINE void store(double *p, vec a)
{
    *(vec_in_memory *)p = a;
}
INLINE vec pick(mask m, vec a, vec b)
{
    return (vec)((m & (mask)a) | (~m & (mask)b));
}
INLINE vec size(vec a)
{
    return (vec)((mask)a & INT64_MAX);
}
INLINE vec sign(vec a)
{
    return (vec)(((mask)a & INT64_MIN) | (mask)splat(1.0));
}

INLINE int any(mask m)
{
    int64_t bits = 0;
    for (int i = 0; i < WIDTH; i++)
        bits |= m[i];
    return bits != 0;
}

/* GROUP lanes of net flows from `lane` on, and what is known of each lane. */
typedef struct group {
    int n_flows;
    const double (*flows)[GF_LANES];
    int lane;
    vec first[K];         /* sign of the first flow that is not zero: of p towards x = 0 */
    mask is_bracketed[K]; /* first and last flow differ in sign: an odd number of roots */
    mask is_found[K];
    vec x[K], low[K], high[K];
} group;

/* What stays undecided after the search: lanes and a place near which to cut. */
typedef struct open_lanes {
    int n, lane[GF_LANES];
    double x[GF_LANES];
    int is_bracketed[GF_LANES];
} open_lanes;

INLINE vec flow(const group *g, int t, int k)
{
    return load(&g->flows[t][g->lane + k * WIDTH]);
}

/* Sign of the first flow, in order of t or reversed, that is not zero; 0 in a lane without any. */
static vec end_sign(const group *g, int k, int is_reversed)
{
    vec end = splat(0.0);
    for (int i = 0; i < g->n_flows && any(end == 0.0); i++) {
        vec c = flow(g, is_reversed ? g->n_flows - 1 - i : i, k);
        end = pick((end == 0.0) & (c != 0.0), sign(c), end);
    }
    return end;
}

static void group_begin(group *g, int n_lanes)
{
    for (int k = 0; k < K; k++) {
        mask is_live;
        for (int i = 0; i < WIDTH; i++)
            is_live[i] = -(int64_t)(g->lane + k * WIDTH + i < n_lanes);
        g->first[k] = end_sign(g, k, 0);
        g->is_bracketed[k] = (g->first[k] * end_sign(g, k, 1) < 0.0) & is_live;
        g->is_found[k] = (mask){0};
        g->x[k] = splat(1.0);
        g->low[k] = splat(least_factor);
        g->high[k] = splat(greatest_factor);
    }
}

/* One step of all lanes that are bracketed and not found, from p, p', A, A' at x. */
INLINE void newton_step(group *g, int k, vec p, vec dp, vec a, vec da)
{
    vec x = g->x[k], u = p / a, u2 = u * u;
    mask is_before = p * g->first[k] > 0.0; /* the root is at a greater x */
    vec low = pick(is_before, x, g->low[k]), high = pick(is_before, g->high[k], x);
    /* atanh(u) (1 − u²), cut short: exact to third order at the root, and only a pace far from it */
    vec height = u * (1.0 - u2) * (1.0 + u2 * (1.0 / 3.0 + u2 * (0.2 + u2 * (1.0 / 7.0))));
    vec slope = x * (dp - u * da);
    vec step = height * a / -slope;
    mask is_downhill = slope * g->first[k] < 0.0;
    step = pick(is_downhill, step, pick(is_before, splat(0.5), splat(-0.5)));
    step = pick(step > 2.0, splat(2.0), pick(step < -2.0, splat(-2.0), step));
    vec next = x * (12.0 + step * (6.0 + step)) / (12.0 + step * (step - 6.0)); /* x e^step */
    mask is_close = (size(step) <= 1e-8) & is_downhill;
    mask is_outside = ~((next > low) & (next < high)) & ~is_close;
    vec nearer = pick(is_before, low * 2.0, high * 0.5), halfway = 0.5 * (low + high);
    next = pick(is_outside, pick(high > 4.0 * low, nearer, halfway), next);
    mask is_zero = p == 0.0;
    mask is_open = g->is_bracketed[k] & ~g->is_found[k];
    g->x[k] = pick(is_open & ~is_zero, next, x);
    g->low[k] = pick(is_open, low, g->low[k]);
    g->high[k] = pick(is_open, high, g->high[k]);
    /* a bracket that closes on a limit has found the limit, not a root */
    mask is_enclosed =
        (high - low <= 4.0 * DBL_EPSILON * high) & (low > least_factor) & (high < greatest_factor);
    g->is_found[k] |= is_open & (is_zero | is_close | is_enclosed) & (a > 1e-280);
}

static int is_searching(const group *g)
{
    mask open = {0};
    for (int k = 0; k < K; k++)
        open |= g->is_bracketed[k] & ~g->is_found[k];
    return any(open);
}

static void group_solve(group *g)
{
    for (int i = 0; i < MAX_STEPS && is_searching(g); i++) {
        vec x[K], p[K], dp[K], a[K], da[K];
        for (int k = 0; k < K; k++) {
            x[k] = g->x[k];
            p[k] = dp[k] = a[k] = da[k] = splat(0.0);
        }
        for (int t = g->n_flows - 1; t >= 0; t--)
            for (int k = 0; k < K; k++) {
                vec c = flow(g, t, k);
                dp[k] = dp[k] * x[k] + p[k];
                p[k] = p[k] * x[k] + c;
                da[k] = da[k] * x[k] + a[k];
                a[k] = a[k] * x[k] + size(c);
            }
        for (int k = 0; k < K; k++)
            newton_step(g, k, p[k], dp[k], a[k], da[k]);
    }
}

/* Rounding error of a sum of n terms, relative to the sum of their sizes, with room. */
INLINE double rounding(int n_flows)
{
    return 4.0 * DBL_EPSILON * (n_flows + 8);
}

/* Lanes where no balance at x, and nothing still to come, has the wrong sign by more than its rounding error.
 * The error is added to each term, so that one sum carries both and its sign bit is the answer. */
static mask is_pure(const group *g, int k)
{
    double slack = rounding(g->n_flows);
    vec x = g->x[k], power = g->first[k], balance = splat(0.0), rest = splat(0.0);
    mask wrong = {0};
    for (int t = 0, back = g->n_flows - 1; back >= 0; t++, back--) {
        vec c = flow(g, t, k) * power, b = flow(g, back, k) * g->first[k];
        power *= x;
        balance += c + size(c) * slack;
        rest = rest * x + (size(b) * slack - b);
        wrong |= (mask)balance | (mask)rest;
    }
    return g->is_found[k] & (wrong >= 0);
}

/* Running count of sign changes among values that stand above their rounding error. */
typedef struct changes {
    vec last;
    mask count; /* minus the number */
} changes;

INLINE changes count_change(changes c, vec value, vec tolerance)
{
    mask counts = size(value) > tolerance;
    c.count += counts & (value * c.last < 0.0);
    c.last = pick(counts, sign(value), c.last);
    return c;
}

/* Greatest possible number of roots of WIDTH lanes, of which at most one is s itself: sign changes of the
 * running sums of the balances and of what is to come. Both go on for ever by p(s) after the last flow. */
static mask count_roots(int n_flows, const double (*flows)[WIDTH], vec s)
{
    const double slack = rounding(2 * n_flows);
    const vec zero = splat(0.0);
    vec power = splat(1.0), balance = zero, turnover = zero, sum = zero, sum_size = zero;
    vec rest = zero, rest_size = zero, rests = zero, rests_size = zero;
    changes before = {zero, {0}}, after = before;
    for (int t = 0, back = n_flows - 1; back >= 0; t++, back--) {
        vec c = load(flows[t]) * power, b = load(flows[back]);
        power *= s;
        balance += c;
        turnover += size(c);
        sum += balance;
        sum_size += turnover;
        before = count_change(before, sum, sum_size * slack);
        rest = rest * s + b;
        rest_size = rest_size * s + size(b);
        rests = rests * s + rest;
        rests_size = rests_size * s + rest_size;
        after = count_change(after, rests, rests_size * slack);
    }
    before = count_change(before, balance, turnover * slack);
    after = count_change(after, rest, rest_size * slack);
    mask is_zero_at_s = size(balance) <= turnover * slack;
    return -(before.count + after.count + is_zero_at_s);
}

/* Counts the roots of WIDTH open lanes, from number `first` on, at x·cut each. */
static mask count_open(int n_flows, const double (*flows)[GF_LANES], const open_lanes *open, int first,
                       double cut)
{
    double columns[GF_MAX_FLOWS][WIDTH], s[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
        int j = first + i < open->n ? first + i : first;
        s[i] = open->x[j] * cut;
        for (int t = 0; t < n_flows; t++)
            columns[t][i] = flows[t][open->lane[j]];
    }
    return count_roots(n_flows, (const double(*)[WIDTH])columns, load(s));
}

/* Cuts beyond and before the root, the most telling ones first, until all lanes are proved or the cuts used
 * up. Proved lanes leave the list: their flag is set. */
static void prove_open(int n_flows, const double (*flows)[GF_LANES], open_lanes *open, double *flag)
{
    static const double cuts[] = {1.271, 1.02, 1.822, 2.612, 0.771};
    for (int c = 0; c < (int)(sizeof cuts / sizeof cuts[0]) && open->n > 0; c++) {
        int kept = 0;
        for (int first = 0; first < open->n; first += WIDTH) {
            mask count = count_open(n_flows, flows, open, first, cuts[c]);
            for (int i = 0; i < WIDTH && first + i < open->n; i++) {
                int j = first + i, lane = open->lane[j], is_bracketed = open->is_bracketed[j];
                if (count[i] <= is_bracketed) {
                    flag[lane] = is_bracketed ? GF_IRR_UNIQUE : GF_IRR_NONE;
                    continue;
                }
                open->lane[kept] = lane;
                open->x[kept] = open->x[j];
                open->is_bracketed[kept++] = is_bracketed;
            }
        }
        open->n = kept;
    }
}

/* A lane that is still open: how many roots there are, and the only one where the search has not found it. */
static void solve_alone(int n_flows, const double (*flows)[GF_LANES], int lane, int is_found, double *factor,
                        double *flag)
{
    double column[GF_MAX_FLOWS], rate;
    for (int t = 0; t < n_flows; t++)
        column[t] = flows[t][lane];
    *flag = (double)gf_irr_count(n_flows, column);
    if (*flag != GF_IRR_UNIQUE || is_found)
        return;
    *flag = (double)gf_irr(n_flows, column, 1.0, &rate);
    *factor = 1.0 / (1.0 + rate);
}

/* Root of each lane where there is one, and the lanes where it is not yet known to be the only one. */
static void search(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double *factor, double *flag,
                   open_lanes *open)
{
    for (int lane = 0; lane < n_lanes; lane += GROUP) {
        group g = {.n_flows = n_flows, .flows = flows, .lane = lane};
        group_begin(&g, n_lanes);
        group_solve(&g);
        for (int k = 0; k < K; k++) {
            mask pure = is_pure(&g, k);
            store(factor + lane + k * WIDTH, g.x[k]);
            for (int i = 0, at = lane + k * WIDTH; i < WIDTH && at < n_lanes; i++, at++) {
                flag[at] = pure[i] ? GF_IRR_UNIQUE : -1.0;
                if (pure[i] || (g.is_bracketed[k][i] && !g.is_found[k][i]))
                    continue;
                open->lane[open->n] = at;
                open->x[open->n] = g.x[k][i];
                open->is_bracketed[open->n++] = g.is_bracketed[k][i] != 0;
            }
        }
    }
}

static void irr(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double periods_per_year,
                double *annual_rate, double *flag)
{
    assert(n_flows >= 0 && n_flows <= GF_MAX_FLOWS && n_lanes >= 0 && n_lanes <= GF_LANES);
    double factor[GF_LANES] = {0}, rate[GF_LANES];
    open_lanes open = {.n = 0};
    search(n_flows, n_lanes, flows, factor, flag, &open);
    prove_open(n_flows, flows, &open, flag);
    for (int i = 0; i < open.n; i++)
        solve_alone(n_flows, flows, open.lane[i], open.is_bracketed[i], factor + open.lane[i],
                    flag + open.lane[i]);
    for (int lane = 0; lane < n_lanes; lane++)
        if (flag[lane] < 0.0)
            solve_alone(n_flows, flows, lane, 0, factor + lane, flag + lane);
    const int whole = (int)periods_per_year;
    for (int lane = 0; lane < GF_LANES; lane++)
        rate[lane] = 1.0 / factor[lane];
    for (int i = 1; i < whole; i++)
        for (int lane = 0; lane < GF_LANES; lane++)
            rate[lane] /= factor[lane];
    for (int lane = 0; lane < n_lanes; lane++) {
        double growth = whole == periods_per_year ? rate[lane] : pow(1.0 / factor[lane], periods_per_year);
        annual_rate[lane] = flag[lane] == GF_IRR_UNIQUE ? growth - 1.0 : NAN;
    }
}

static void direct_alpha(const gf_flow_block *block, double *annual_alpha, double *flag)
{
    double net[GF_MAX_FLOWS][GF_LANES];
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            net[t][lane] =
                (block->distributions[t][lane] - block->contributions[t][lane]) / block->index[t][lane];
    irr(block->n_flows, block->n_lanes, (const double(*)[GF_LANES])net, block->periods_per_year, annual_alpha,
        flag);
}

/* received / paid where something was paid in, else 0. */
static void ratio(int n_lanes, const double *received, const double *paid, double *value)
{
    for (int lane = 0; lane < n_lanes; lane++)
        value[lane] = paid[lane] > 0.0 ? received[lane] / paid[lane] : 0.0;
}

static void ks_pme(const gf_flow_block *block, double *value)
{
    double received[GF_LANES] = {0}, paid[GF_LANES] = {0};
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            double units = 1.0 / block->index[t][lane];
            received[lane] += block->distributions[t][lane] * units;
            paid[lane] += block->contributions[t][lane] * units;
        }
    ratio(block->n_lanes, received, paid, value);
}

static void tvpi(const gf_flow_block *block, double *value)
{
    double received[GF_LANES] = {0}, paid[GF_LANES] = {0};
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            received[lane] += block->distributions[t][lane];
            paid[lane] += block->contributions[t][lane];
        }
    ratio(block->n_lanes, received, paid, value);
}

#define NAME_(isa) #isa
#define NAME(isa)  NAME_(isa)
const gf_returns_hot GF_HOT(gf_returns_table) = {NAME(GF_ISA), irr, direct_alpha, ks_pme, tvpi};
