/* Performance measures of many portfolios side by side, compiled once per instruction set. Explicit vectors, no fused
 * multiply-add, no libm: every set gives the same bits, and no lane looks at another.
 *
 * IRR of a lane. With x = 1/(1+r), p(x) = Σ c_t x^t and A(x) = Σ |c_t| x^t, the ratio u = p/A runs from −1 to 1 and
 * 2 atanh(u) is the log of receipts over payments, close to linear in log x (its slope is the gap between their
 * durations): Newton's method on it in log x converges in a handful of steps from r = 0, kept inside a bracket.
 *
 * Is it the only root? For any s > 0 the roots of p in (0, s) are at most the sign changes of the balances
 * S_t = Σ_{i≤t} c_i s^i (Descartes' rule for p(x)/(1 − x/s), whose coefficients they are), and by reversal those in
 * (s, ∞) at most the sign changes of what is still to come, A_t = Σ_{i≥t} c_i s^i. At the root itself the balances are
 * the coefficients of the deflated polynomial: none changing sign is the pure investment of Teichroew, Robichek &
 * Montalbano (1965). Where cash comes back early and is called again they do change sign there, yet one cut s beyond
 * or before the root usually still counts a single change. Lanes that no cut proves, a few in a thousand, go to the
 * root isolation of gf_irr(). */
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

/* Rates beyond these discount factors (−95% or a millionfold in one period) are left to the scalar search: within
 * them no power overflows. */
static const double least_factor = 0x1p-20, greatest_factor = 20.0;

INLINE vec splat(double a) { return a - (vec){0}; }
INLINE vec load(const double *p) { return *(const vec_in_memory *)p; }
INLINE void store(double *p, vec a) { *(vec_in_memory *)p = a; }
INLINE vec pick(mask m, vec a, vec b) { return (vec)((m & (mask)a) | (~m & (mask)b)); }
INLINE vec size(vec a) { return (vec)((mask)a & INT64_MAX); }
INLINE vec sign(vec a) { return (vec)(((mask)a & INT64_MIN) | (mask)splat(1.0)); }

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
    vec first[K];           /* sign of the first flow that is not zero: of p towards x = 0 */
    mask changes[K];        /* has flows of both signs */
    mask is_bracketed[K];   /* first and last flow differ in sign: an odd number of roots */
    vec x[K], low[K], high[K];
    mask is_found[K], is_unique[K], is_none[K];
} group;

INLINE vec flow(const group *g, int t, int k) { return load(&g->flows[t][g->lane + k * WIDTH]); }

/* Signs of the flows. Lanes from n_lanes on are taken out here. */
static void group_begin(group *g, int n_lanes)
{
    for (int k = 0; k < K; k++) {
        vec first = splat(0.0), last = splat(0.0);
        mask changes = {0}, is_live;
        for (int t = 0; t < g->n_flows; t++) {
            vec c = flow(g, t, k);
            mask counts = c != 0.0;
            first = pick(counts & (first == 0.0), sign(c), first);
            last = pick(counts, c, last);
            changes |= c * first < 0.0;
        }
        for (int i = 0; i < WIDTH; i++)
            is_live[i] = -(int64_t)(g->lane + k * WIDTH + i < n_lanes);
        g->first[k] = first;
        g->changes[k] = changes & is_live;
        g->is_bracketed[k] = (first * last < 0.0) & is_live;
        g->is_none[k] = ~changes;
        g->is_found[k] = g->is_unique[k] = (mask){0};
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
    g->is_found[k] |= is_open & (is_zero | is_close | (high - low <= 4.0 * DBL_EPSILON * high)) & (a > 1e-280);
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

/* Greatest possible number of roots on both sides of s: sign changes of the balances up to t, and of what is to come
 * from t on. Values within the rounding of their own terms count as zero. */
static mask count_roots(const group *g, int k, vec s)
{
    const double relative_error = 4.0 * DBL_EPSILON * (g->n_flows + 8);
    vec power = splat(1.0), balance = splat(0.0), turnover = balance, rest = balance, rest_turnover = balance;
    changes before = {splat(0.0), {0}}, after = before;
    for (int t = 0, back = g->n_flows - 1; back >= 0; t++, back--) {
        vec c = flow(g, t, k) * power;
        power *= s;
        balance += c;
        turnover += size(c);
        before = count_change(before, balance, turnover * relative_error);
        vec b = flow(g, back, k);
        rest = rest * s + b;
        rest_turnover = rest_turnover * s + size(b);
        after = count_change(after, rest, rest_turnover * relative_error);
    }
    return -(before.count + after.count);
}

/* Pure investments first; then cuts before and beyond the root, nearest first, while a lane needs them. */
static void group_prove(group *g)
{
    static const double cuts[] = {1.05, 0.95, 1.15, 1.3, 0.85, 1.6, 0.7, 2.5};
    for (int k = 0; k < K; k++) {
        mask found = g->is_found[k];
        if (any(found))
            g->is_unique[k] = found & (count_roots(g, k, g->x[k]) == 0);
        for (int i = 0; i < (int)(sizeof cuts / sizeof cuts[0]); i++) {
            mask open = g->changes[k] & ~g->is_unique[k] & ~g->is_none[k] & (found | ~g->is_bracketed[k]);
            if (!any(open))
                break;
            mask count = count_roots(g, k, g->x[k] * cuts[i]);
            g->is_unique[k] |= open & found & (count <= 1);
            g->is_none[k] |= open & ~g->is_bracketed[k] & (count == 0);
        }
    }
}

/* Lanes that are not decided: every root, one lane at a time. */
static void solve_alone(const group *g, int lane, double periods_per_year, double *rate, double *flag)
{
    double column[GF_MAX_FLOWS];
    for (int t = 0; t < g->n_flows; t++)
        column[t] = g->flows[t][lane];
    *flag = (double)gf_irr(g->n_flows, column, periods_per_year, rate);
}

static void group_report(const group *g, int n_lanes, double periods_per_year, double *annual_rate, double *flag)
{
    const int whole = (int)periods_per_year;
    double rates[GROUP];
    for (int k = 0; k < K; k++) {
        vec growth = 1.0 / g->x[k], rate = growth;
        for (int i = 1; i < whole; i++)
            rate *= growth;
        store(rates + k * WIDTH, rate - 1.0);
    }
    for (int i = 0; i < GROUP && g->lane + i < n_lanes; i++) {
        int k = i / WIDTH, at = i % WIDTH, lane = g->lane + i;
        if (g->is_none[k][at]) {
            annual_rate[lane] = NAN;
            flag[lane] = GF_IRR_NONE;
        } else if (g->is_unique[k][at]) {
            annual_rate[lane] = whole == periods_per_year ? rates[i] : pow(1.0 / g->x[k][at], periods_per_year) - 1.0;
            flag[lane] = GF_IRR_UNIQUE;
        } else {
            solve_alone(g, lane, periods_per_year, annual_rate + lane, flag + lane);
        }
    }
}

static void irr(int n_flows, int n_lanes, const double (*flows)[GF_LANES], double periods_per_year,
                double *annual_rate, double *flag)
{
    assert(n_flows >= 0 && n_flows <= GF_MAX_FLOWS && n_lanes >= 0 && n_lanes <= GF_LANES);
    for (int lane = 0; lane < n_lanes; lane += GROUP) {
        group g = {.n_flows = n_flows, .flows = flows, .lane = lane};
        group_begin(&g, n_lanes);
        group_solve(&g);
        group_prove(&g);
        group_report(&g, n_lanes, periods_per_year, annual_rate, flag);
    }
}

static void direct_alpha(const gf_flow_block *block, double *annual_alpha, double *flag)
{
    double net[GF_MAX_FLOWS][GF_LANES];
    for (int t = 0; t < block->n_flows; t++)
        for (int lane = 0; lane < GF_LANES; lane++)
            net[t][lane] = (block->distributions[t][lane] - block->contributions[t][lane]) / block->index[t][lane];
    irr(block->n_flows, block->n_lanes, (const double(*)[GF_LANES])net, block->periods_per_year, annual_alpha, flag);
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
#define NAME(isa) NAME_(isa)
const gf_returns_hot GF_HOT(gf_returns_table) = {NAME(GF_ISA), irr, direct_alpha, ks_pme, tvpi};
