/* IRR of one series: all roots of the discount polynomial, isolated by sign variations of Bernstein
 * coefficients. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "portfolio/returns.h"

enum { MAX_DEPTH = 64 };

/* The discount factor x = 1/(1+r) runs over (0, ∞): up to a seam near 1 as it is, beyond it reversed as z =
 * 1/x. One side is the polynomial Σ c_i z^i, z in (0, top]. */
typedef struct side {
    int n;
    double top;
    double c[GF_MAX_FLOWS];
} side;

/* Roots found so far, as rates. A cluster closer than the arithmetic can tell is one root with is_multiple.
 */
typedef struct root_list {
    int n, reversed, is_multiple;
    int is_count; /* rates are not wanted: whether there is one root decides */
    double rate[GF_MAX_FLOWS];
} root_list;

static void list_add(root_list *list, double z, int is_cluster)
{
    double rate = list->reversed ? z - 1.0 : 1.0 / z - 1.0;
    list->is_multiple |= is_cluster;
    for (int i = 0; i < list->n; i++)
        if (is_cluster && fabs(list->rate[i] - rate) <= 1e-6 * (1.0 + rate))
            return;
    list->rate[list->n++] = rate;
}

/* Horner's value, derivative, and value of Σ |c_i| z^i. */
static double horner(const side *s, double z, double *derivative, double *magnitude)
{
    double p = 0.0, d = 0.0, m = 0.0;
    for (int i = s->n - 1; i >= 0; i--) {
        d = d * z + p;
        p = p * z + s->c[i];
        m = m * z + fabs(s->c[i]);
    }
    *derivative = d;
    *magnitude = m;
    return p;
}

/* The only root in (lo, hi), where p has the sign of `sign_lo` at lo: Newton steps kept inside a shrinking
 * bracket. */
static double refine(const side *s, double lo, double hi, double sign_lo)
{
    double z = 0.5 * (lo + hi), before = hi - lo;
    for (int i = 0; i < 200; i++) {
        double d, m, p = horner(s, z, &d, &m);
        if (p == 0.0)
            return z;
        if (p * sign_lo > 0.0)
            lo = z;
        else
            hi = z;
        double step = p / d, next = z - step;
        if (!(next > lo && next < hi) || fabs(step) > 0.5 * before) {
            step = 0.5 * (hi - lo);
            next = lo + step;
        }
        before = fabs(step);
        z = next;
        if (before <= 4.0 * DBL_EPSILON * z || hi - lo <= 2.0 * DBL_EPSILON * hi)
            return z;
    }
    return z;
}

/* The sums b_i += b_(i−1) for i = degree … k, then for i = degree … k + 1, and so on, four times; in one
 * pass, with what each of them reads in registers. */
static void sum_four_times(double *b, int k, int degree)
{
    double a0 = b[k - 1];
    double b0 = b[k], b1 = b0 + a0;
    b[k] = b1;
    double c0 = b[k + 1], c1 = c0 + b0, c2 = c1 + b1;
    b[k + 1] = c2;
    double d0 = b[k + 2], d1 = d0 + c0, d2 = d1 + c1, d3 = d2 + c2;
    b[k + 2] = d3;
    for (int i = k + 3; i <= degree; i++) {
        const double e0 = b[i], e1 = e0 + d0, e2 = e1 + d1, e3 = e2 + d2;
        b[i] = e3 + d3;
        d0 = e0;
        d1 = e1;
        d2 = e2;
        d3 = e3;
    }
}

/* Bernstein coefficients on [0, top] of Σ c_i (top·u)^i: b_j = Σ_i C(j,i)/C(n−1,i) c_i top^i, by differences:
 * scaled power coefficients c_i top^i / C(n−1,i), then repeated sums. */
static void to_bernstein(const side *s, double *b)
{
    int degree = s->n - 1;
    double power = 1.0, binomial = 1.0;
    for (int i = 0; i <= degree; i++) {
        b[i] = s->c[i] * power / binomial;
        power *= s->top;
        binomial *= (double)(degree - i) / (i + 1);
    }
    int k = 1;
    for (; k + 3 <= degree; k += 4)
        sum_four_times(b, k, degree);
    for (; k <= degree; k++)
        for (int i = degree; i >= k; i--)
            b[i] += b[i - 1];
}

/* de Casteljau at fraction t: `b` becomes the right part, `left` the left part. Convex sums only: no error
 * grows. */
static void split(int n, double t, double *b, double *left)
{
    left[0] = b[0];
    for (int k = 1; k < n; k++) {
        for (int i = 0; i < n - k; i++)
            b[i] = (1.0 - t) * b[i] + t * b[i + 1];
        left[k] = b[0];
    }
}

/* Sign variations among the two ends, whose signs are known, and the inner coefficients that stand above
 * their own rounding error. */
static int variations(int n, const double *b, double tolerance)
{
    int count = 0;
    double last = b[0];
    for (int i = 1; i < n; i++) {
        if (i < n - 1 && fabs(b[i]) <= tolerance)
            continue;
        count += (last > 0.0) != (b[i] > 0.0);
        last = b[i];
    }
    return count;
}

/* Is p(z) surely not zero, so that the parts on both sides of z have an end of known sign? */
static int is_certain(const side *s, double z, double relative_error)
{
    double d, m, p = horner(s, z, &d, &m);
    return fabs(p) > relative_error * m;
}

/* A fraction of (lo, hi) where the sign of p is certain, or 0: the interval is one cluster of roots. */
static double split_fraction(const side *s, double lo, double hi, double relative_error)
{
    static const double tries[] = {0.4871, 0.5213, 0.4397, 0.5619};
    for (int i = 0; i < 4; i++)
        if (is_certain(s, lo + tries[i] * (hi - lo), relative_error))
            return tries[i];
    return 0.0;
}

/* More than one root was found, and their rates do not matter. */
static int is_settled(const root_list *list)
{
    return list->is_count && (list->n > 1 || list->is_multiple);
}

static void isolate(const side *s, double *b, double lo, double hi, int depth, root_list *list)
{
    int n = s->n;
    if (is_settled(list))
        return;
    double d, m, relative_error = DBL_EPSILON * n * (depth + 4);
    horner(s, hi, &d, &m);
    int count = variations(n, b, relative_error * m);
    /* next to 0 the first flow may be smaller than the tolerance: look closer before judging */
    int is_judged = lo > 0.0 || fabs(b[0]) > relative_error * m;
    if (is_judged && count == 0)
        return;
    if (is_judged && count == 1) {
        list_add(list, list->is_count ? 0.5 * (lo + hi) : refine(s, lo, hi, b[0]), 0);
        return;
    }
    double t = depth < MAX_DEPTH ? split_fraction(s, lo, hi, relative_error) : 0.0;
    if (t == 0.0) {
        list_add(list, 0.5 * (lo + hi), 1);
        return;
    }
    double left[GF_MAX_FLOWS], middle = lo + t * (hi - lo);
    split(n, t, b, left);
    isolate(s, left, lo, middle, depth + 1, list);
    isolate(s, b, middle, hi, depth + 1, list);
}

/* The flows between the first and the last that is not zero, in order or reversed; returns the side's n. */
static int side_of(side *s, int n, const double *flows, int reversed)
{
    int first = 0, last = n - 1;
    while (first < n && flows[first] == 0.0)
        first++;
    while (last > first && flows[last] == 0.0)
        last--;
    s->n = last - first + 1;
    for (int i = 0; i < s->n; i++)
        s->c[i] = flows[reversed ? last - i : first + i];
    return s->n;
}

static int has_both_signs(int n, const double *flows)
{
    int has_negative = 0, has_positive = 0;
    for (int i = 0; i < n; i++) {
        has_negative |= flows[i] < 0.0;
        has_positive |= flows[i] > 0.0;
    }
    return has_negative && has_positive;
}

static int compare_rates(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Flows that are rounding of others (below 1e-14 of all that moves) would add roots that mean nothing: a calm
 * date is one with 0. */
static void remove_dust(int n, const double *flows, double *clean)
{
    double moved = 0;
    for (int t = 0; t < n; t++)
        moved += fabs(flows[t]);
    for (int t = 0; t < n; t++)
        clean[t] = fabs(flows[t]) > 1e-14 * moved ? flows[t] : 0.0;
}

static void find_roots(int n, const double *dusty, root_list *list)
{
    double flows[GF_MAX_FLOWS];
    assert(n >= 0 && n <= GF_MAX_FLOWS);
    list->n = list->is_multiple = 0;
    remove_dust(n, dusty, flows);
    if (!has_both_signs(n, flows))
        return;
    /* Odd on purpose, so that no round rate (0% least of all) falls on the seam; others if one does. */
    static const double seams[] = {1.0378234771, 1.0561927309, 1.0217436511, 1.0713892043};
    side s;
    side_of(&s, n, flows, 0);
    int i = 0;
    while (i < 3 && !is_certain(&s, seams[i], 4.0 * DBL_EPSILON * s.n))
        i++;
    for (list->reversed = 0; list->reversed < 2 && !is_settled(list); list->reversed++) {
        double b[GF_MAX_FLOWS] = {0};
        side_of(&s, n, flows, list->reversed);
        s.top = list->reversed ? 1.0 / seams[i] : seams[i];
        to_bernstein(&s, b);
        isolate(&s, b, 0.0, s.top, 0, list);
    }
    qsort(list->rate, (size_t)list->n, sizeof list->rate[0], compare_rates);
}

int gf_irr_roots(int n, const double *flows, int max_roots, double *rates_per_period)
{
    root_list list = {.is_count = 0};
    find_roots(n, flows, &list);
    for (int i = 0; i < list.n && i < max_roots; i++)
        rates_per_period[i] = list.rate[i];
    return list.n;
}

static gf_irr_flag flag_of(const root_list *list)
{
    return list->n == 0 ? GF_IRR_NONE : list->n > 1 || list->is_multiple ? GF_IRR_MULTIPLE : GF_IRR_UNIQUE;
}

gf_irr_flag gf_irr_count(int n, const double *flows)
{
    root_list list = {.is_count = 1};
    find_roots(n, flows, &list);
    return flag_of(&list);
}

gf_irr_flag gf_irr(int n, const double *flows, double periods_per_year, double *annual_rate)
{
    root_list list = {.is_count = 0};
    find_roots(n, flows, &list);
    *annual_rate = NAN;
    if (flag_of(&list) != GF_IRR_UNIQUE)
        return flag_of(&list);
    *annual_rate = periods_per_year == 1.0 ? list.rate[0] : expm1(periods_per_year * log1p(list.rate[0]));
    return GF_IRR_UNIQUE;
}
