/* Vectors of lanes and the search for the root of each: first part of returns_hot.c, which includes it once.
 *
 * With x = 1/(1+r), p(x) = Σ c_t x^t is receipts R less payments P. The first guess is made at r = 0, where
 * powers cost nothing: log(R/P) is close to quadratic in y = log x, with the difference of the durations of
 * receipts and payments as slope and that of their variances as bend. From there on Newton's method goes on
 * p(e^y) e^(−dy), with d such that the bend is 0 where it stands: what is wrong falls to its third power.
 * Both are kept inside a bracket. */

#include "base/vectors_hot.h"

/* Up to K vectors go together, so that one chain of multiply and add hides behind another. */
enum { K = 4, N_VECTORS = GF_LANES / WIDTH, MAX_STEPS = 40 };

/* Rates beyond these discount factors (−95% or a millionfold in one period) are left to the scalar search:
 * within them no power overflows. */
static const double least_factor = 0x1p-20, greatest_factor = 20.0;

/* Where lanes are looked at first that have two roots or none, or more than one perhaps: what decides is
 * mostly not near the root, but where late fees and receipts outweigh each other. */
static const double first_cut = 1.1;

/* Net flows in vectors of lanes, and what is known of each lane. */
typedef struct group {
    int n_flows, n_vectors;
    const double (*flows)[GF_LANES];
    vec first[N_VECTORS]; /* first flow that is not zero, 0 in a lane without any: the sign of p towards 0 */
    mask is_bracketed[N_VECTORS]; /* first and last flow differ in sign: an odd number of roots */
    mask is_dusty[N_VECTORS];     /* one of them may be rounding of others: the sign at an end is not known */
    mask is_found[N_VECTORS];
    vec x[N_VECTORS], low[N_VECTORS], high[N_VECTORS];
    vec gross[N_VECTORS]; /* sum of the sizes of all flows */
} group;

INLINE vec flow(const group *g, int t, int k)
{
    return load(&g->flows[t][k * WIDTH]);
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
    /* height over scale is 2 atanh u: log(R/P) */
    vec height = 2.0 * u * (105.0 - 55.0 * u2), scale = 105.0 - u2 * (90.0 - 9.0 * u2);
    vec square = slope * slope * scale;
    vec y = -height * slope / greatest(square - 0.5 * bend * height, 0.5 * square);
    y = pick(slope * first < 0.0, y, blind_step(u * first > 0.0));
    return stretch(greatest(least(y, splat(1.0)), splat(-1.0)));
}

/* Vectors from the one `from` on. */
static void group_begin(group *g, int from, int n_lanes)
{
    moments m[K] = {0};
    for (int t = g->n_flows - 1; t >= 0; t--)
        for (int k = 0; k < K; k++) {
            vec c = flow(g, t, from + k);
            m[k].net[2] += m[k].net[1];
            m[k].net[1] += m[k].net[0];
            m[k].net[0] += c;
            m[k].gross[2] += m[k].gross[1];
            m[k].gross[1] += m[k].gross[0];
            m[k].gross[0] += size(c);
        }
    for (int i = 0; i < K; i++) {
        const int k = from + i;
        mask is_live;
        for (int j = 0; j < WIDTH; j++)
            is_live[j] = -(int64_t)(k * WIDTH + j < n_lanes);
        vec first = end_flow(g, k, 0), last = end_flow(g, k, 1), dust = 2e-14 * m[i].gross[0];
        mask is_before = m[i].net[0] * first > 0.0; /* the root is beyond x = 1 */
        g->first[k] = first;
        g->is_dusty[k] = ((size(first) <= dust) | (size(last) <= dust)) & (dust > 0.0);
        g->is_bracketed[k] = ((first > 0.0) ^ (last > 0.0)) & is_live;
        g->is_found[k] = (mask){0};
        g->x[k] = pick(g->is_bracketed[k], first_guess(&m[i], first), splat(first_cut));
        g->gross[k] = m[i].gross[0];
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
    vec slope = x * dp, half_bend = x * x * ddp + 0.5 * slope, square = slope * slope;
    vec step = -p * slope / greatest(square - p * half_bend, 0.5 * square);
    mask is_downhill = (slope * g->first[k] < 0.0) & (square > 1e-280) & (square < 1e280);
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

/* One step of n vectors. */
INLINE void step_vectors(group *g, const int *which, int n)
{
    vec x[K], p[K], dp[K], ddp[K];
    for (int i = 0; i < n; i++) {
        x[i] = g->x[which[i]];
        p[i] = dp[i] = ddp[i] = splat(0.0);
    }
    for (int t = g->n_flows - 1; t >= 0; t--)
        for (int i = 0; i < n; i++) {
            ddp[i] = ddp[i] * x[i] + dp[i];
            dp[i] = dp[i] * x[i] + p[i];
            p[i] = p[i] * x[i] + flow(g, t, which[i]);
        }
    for (int i = 0; i < n; i++)
        take_step(g, which[i], p[i], dp[i], ddp[i]);
}

/* Vectors that are searched in go together. */
static void group_solve(group *g)
{
    int open[N_VECTORS], n_open = g->n_vectors;
    for (int k = 0; k < n_open; k++)
        open[k] = k;
    for (int i = 0; i <= MAX_STEPS; i++) {
        int n = 0;
        for (int j = 0; j < n_open; j++) {
            const int k = open[j];
            open[n] = k;
            n += bits_of(g->is_bracketed[k] & ~g->is_found[k]) != 0;
        }
        n_open = i < MAX_STEPS ? n : 0;
        int at = 0;
        for (; at + K <= n_open; at += K)
            step_vectors(g, open + at, K);
        _Static_assert(K == 4, "up to three are left");
        switch (n_open - at) {
        case 3:
            step_vectors(g, open + at, 3);
            break;
        case 2:
            step_vectors(g, open + at, 2);
            break;
        case 1:
            step_vectors(g, open + at, 1);
            break;
        default:
            break;
        }
    }
}
