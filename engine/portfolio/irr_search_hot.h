/* Vectors of lanes and the search for the root of each: first part of returns_hot.c, which includes it once.
 *
 * With x = 1/(1+r), p(x) = Σ c_t x^t is receipts R less payments P. The first guess is made at r = 0, where
 * powers cost nothing: log(R/P) is close to quadratic in y = log x, with the difference of the durations of
 * receipts and payments as slope and that of their variances as bend. From there on Newton's method goes on
 * p(e^y) e^(−dy), with d such that the bend is 0 where it stands: what is wrong falls to its third power.
 * Both are kept inside a bracket. */

#include "base/vectors_hot.h"

/* K vectors go together, so that one chain of multiply and add hides behind another. */
enum { K = 4, GROUP = K * WIDTH, MAX_STEPS = 40 };

/* Rates beyond these discount factors (−95% or a millionfold in one period) are left to the scalar search:
 * within them no power overflows. */
static const double least_factor = 0x1p-20, greatest_factor = 20.0;

/* Where lanes are looked at first that have two roots or none, or more than one perhaps: what decides is
 * mostly not near the root, but where late fees and receipts outweigh each other. */
static const double first_cut = 1.1;

/* GROUP lanes of net flows from `lane` on, and what is known of each lane. */
typedef struct group {
    int n_flows;
    const double (*flows)[GF_LANES];
    int lane;
    vec first[K]; /* first flow that is not zero, 0 in a lane without any: it has the sign of p towards 0 */
    mask is_bracketed[K]; /* first and last flow differ in sign: an odd number of roots */
    mask is_dusty[K];     /* one of them may be rounding of others: the sign at an end is not known */
    mask is_found[K];
    vec x[K], low[K], high[K];
    vec gross[K]; /* sum of the sizes of all flows */
} group;

INLINE vec flow(const group *g, int t, int k)
{
    return load(&g->flows[t][g->lane + k * WIDTH]);
}

/* First flow, in order of t or reversed, that is not zero; 0 in a lane without any. */
static vec end_flow(const group *g, int k, int is_reversed)
{
    vec end = splat(0.0);
    for (int i = 0; i < g->n_flows && bits_of(end == 0.0); i++)
        end = pick(end == 0.0, flow(g, is_reversed ? g->n_flows - 1 - i : i, k), end);
    return end;
}

/* e^y, exact where y is small and a pace where it is not: positive for |y| ≤ 1. */
INLINE vec stretch(vec y)
{
    return 1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * (1.0 / 24.0))));
}

/* Where the slope says nothing. Roots beyond 1 are never far off: late flows outgrow all others there. */
INLINE vec blind_step(mask is_up)
{
    return pick(is_up, splat(0.15), splat(-0.5));
}

/* Σ C(t,i) c_t and Σ C(t,i) |c_t|, i = 0, 1, 2. */
typedef struct moments {
    vec net[3], gross[3];
} moments;

/* Root of log(R/P) as a quadratic in y, limited to |y| ≤ 1. */
INLINE vec first_guess(const moments *m, vec first)
{
    vec in[3], out[3];
    for (int i = 0; i < 3; i++) {
        in[i] = m->gross[i] + m->net[i];
        out[i] = m->gross[i] - m->net[i];
    }
    vec each = 1.0 / (in[0] * out[0]), per_in = each * out[0], per_out = each * in[0];
    vec duration_in = in[1] * per_in, duration_out = out[1] * per_out;
    vec slope = duration_in - duration_out;
    vec bend = (2.0 * in[2] + in[1]) * per_in - duration_in * duration_in -
               ((2.0 * out[2] + out[1]) * per_out - duration_out * duration_out);
    vec u = m->net[0] / m->gross[0], u2 = u * u;
    vec height = 2.0 * u * (105.0 - 55.0 * u2) / (105.0 - u2 * (90.0 - 9.0 * u2)); /* 2 atanh u: log(R/P) */
    vec square = slope * slope;
    vec y = -height * slope / greatest(square - 0.5 * bend * height, 0.5 * square);
    y = pick(slope * first < 0.0, y, blind_step(u * first > 0.0));
    return stretch(greatest(least(y, splat(1.0)), splat(-1.0)));
}

static void group_begin(group *g, int n_lanes)
{
    moments m[K] = {0};
    for (int t = g->n_flows - 1; t >= 0; t--)
        for (int k = 0; k < K; k++) {
            vec c = flow(g, t, k);
            m[k].net[2] += m[k].net[1];
            m[k].net[1] += m[k].net[0];
            m[k].net[0] += c;
            m[k].gross[2] += m[k].gross[1];
            m[k].gross[1] += m[k].gross[0];
            m[k].gross[0] += size(c);
        }
    for (int k = 0; k < K; k++) {
        mask is_live;
        for (int i = 0; i < WIDTH; i++)
            is_live[i] = -(int64_t)(g->lane + k * WIDTH + i < n_lanes);
        vec first = end_flow(g, k, 0), last = end_flow(g, k, 1), dust = 2e-14 * m[k].gross[0];
        mask is_before = m[k].net[0] * first > 0.0; /* the root is beyond x = 1 */
        g->first[k] = first;
        g->is_dusty[k] = ((size(first) <= dust) | (size(last) <= dust)) & (dust > 0.0);
        g->is_bracketed[k] = ((first > 0.0) ^ (last > 0.0)) & is_live;
        g->is_found[k] = (mask){0};
        g->x[k] = pick(g->is_bracketed[k], first_guess(&m[k], first), splat(first_cut));
        g->gross[k] = m[k].gross[0];
        g->low[k] = pick(is_before, splat(1.0), splat(least_factor));
        g->high[k] = pick(is_before, splat(greatest_factor), splat(1.0));
    }
}

/* One step of all lanes that are bracketed and not found, from p, p' and p''/2 at x. */
INLINE void take_step(group *g, int k, vec p, vec dp, vec ddp)
{
    vec x = g->x[k];
    mask is_before = p * g->first[k] > 0.0; /* the root is at a greater x */
    vec low = pick(is_before, x, g->low[k]), high = pick(is_before, g->high[k], x);
    vec slope = x * dp, half_bend = x * x * ddp + 0.5 * slope, per_slope = 1.0 / slope;
    vec newton = p * per_slope;
    vec step = -newton / greatest(1.0 - newton * half_bend * per_slope, splat(0.5));
    mask is_downhill = (slope * g->first[k] < 0.0) & (size(slope) > 1e-280);
    step = pick(is_downhill, step, blind_step(is_before));
    step = greatest(least(step, splat(1.0)), splat(-1.0));
    vec next = x * stretch(step);
    /* a slope that is nothing beside the bend is that of a pair of roots about to meet, real or not */
    mask is_close = (size(step) <= 2e-6) & is_downhill & (size(slope) > 1e-4 * size(half_bend));
    mask is_outside = ~((next > low) & (next < high)) & ~is_close;
    vec nearer = pick(is_before, low * 2.0, high * 0.5), halfway = 0.5 * (low + high);
    next = pick(is_outside, pick(high > 4.0 * low, nearer, halfway), next);
    mask is_open = g->is_bracketed[k] & ~g->is_found[k];
    g->x[k] = pick(is_open, next, x);
    g->low[k] = pick(is_open, low, g->low[k]);
    g->high[k] = pick(is_open, high, g->high[k]);
    g->is_found[k] |= is_open & is_close;
}

/* One step of `n` vectors from the k-th on. */
INLINE void step_vectors(group *g, int from, int n)
{
    vec x[K], p[K], dp[K], ddp[K];
    for (int k = 0; k < n; k++) {
        x[k] = g->x[from + k];
        p[k] = dp[k] = ddp[k] = splat(0.0);
    }
    for (int t = g->n_flows - 1; t >= 0; t--)
        for (int k = 0; k < n; k++) {
            ddp[k] = ddp[k] * x[k] + dp[k];
            dp[k] = dp[k] * x[k] + p[k];
            p[k] = p[k] * x[k] + flow(g, t, from + k);
        }
    for (int k = 0; k < n; k++)
        take_step(g, from + k, p[k], dp[k], ddp[k]);
}

/* All vectors together while most of them are searched in, then those that are left one by one. */
static void group_solve(group *g)
{
    for (int i = 0; i < MAX_STEPS; i++) {
        int open[K], n_open = 0;
        for (int k = 0; k < K; k++) {
            open[n_open] = k;
            n_open += bits_of(g->is_bracketed[k] & ~g->is_found[k]) != 0;
        }
        if (n_open == 0)
            return;
        if (n_open > K / 2)
            step_vectors(g, 0, K);
        else
            for (int j = 0; j < n_open; j++)
                step_vectors(g, open[j], 1);
    }
}
