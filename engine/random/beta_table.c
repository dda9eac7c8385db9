/* Beta quantiles: Halley's steps on GSL's distribution function, and a table of Chebyshev pieces made from
 * it. */
#include "random/beta_table.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_STEPS = 200 };

/* What does not change with u. */
typedef struct {
    double a, b, log_beta, half[2]; /* P(X <= 1/2), P(X > 1/2) */
} shape;

static shape shape_of(double a, double b)
{
    return (shape){a, b, gsl_sf_lnbeta(a, b), {gsl_cdf_beta_P(0.5, a, b), gsl_cdf_beta_Q(0.5, a, b)}};
}

/* Log of P(X <= x), or of P(X > x) if is_upper, and its slope in log x, but for the sign. */
typedef struct {
    double log, slope;
} share;

/* At x = e^t. Of small x by P = x^a/B(a,b) Σ c(n) x^n/(a+n), c(n) = (1−b)(2−b)…(n−b)/n!, whose slope is
 * x^a/B(a,b) Σ c(n) x^n (the binomial series of (1−x)^(b−1), integrated term by term): an order of magnitude
 * cheaper than GSL's continued fraction, which works out B anew, and equal to it within a few units in the
 * last place. */
static share share_at(int is_upper, double x, double t, double a, double b, double log_beta)
{
    if (is_upper || x > 0.1 || b * x > 0.5) {
        const double log_of = log(is_upper ? gsl_cdf_beta_Q(x, a, b) : gsl_cdf_beta_P(x, a, b));
        return (share){log_of, exp(a * t + (b - 1) * log1p(-x) - log_beta - log_of)};
    }
    double term = 1, total = 1, sum = 1 / a;
    for (int n = 1; fabs(term) > 1e-17; n++) {
        term *= (n - b) * x / n;
        total += term;
        sum += term / (a + n);
    }
    return (share){a * t - log_beta + log(sum), total / sum};
}

/* log x of the x <= 1/2 where P(X <= x) = p, or P(X > x) = p if is_upper, X ~ Beta(a,b). Halley's steps in
 * log x, whose error falls as its cube, kept in a bracket by bisection; `start` is a guess of log x. */
static double solve_log(int is_upper, double p, double a, double b, double log_beta, double start)
{
    const double log_p = log(p);
    double low = -740, high = log(0.5);
    double t = fmin(fmax(start, low), high);
    for (int step = 0; step < MAX_STEPS; step++) {
        const double x = exp(t);
        const share at = share_at(is_upper, x, t, a, b, log_beta);
        const double curvature =
            a - (b - 1) * x / (1 - x) + (is_upper ? at.slope : -at.slope); /* d log slope/dt */
        const double excess = is_upper ? log_p - at.log : at.log - log_p;
        if (excess > 0)
            high = t;
        else
            low = t;
        const double newton = excess / at.slope;
        double next = t - newton / fmax(1 - 0.5 * newton * curvature, 0.5);
        if (fabs(next - t) * fmax(1, fabs(curvature)) < 1e-6)
            return next;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (next == t)
            return t;
        t = next;
    }
    return t;
}

/* First guess of log x from the power law of the lower tail, P = x^a/(a·B(a,b)). */
static double guess_log(int is_upper, double p, double a, double log_beta)
{
    return ((is_upper ? log1p(-p) : log(p)) + log(a) + log_beta) / a;
}

/* x with P(X <= x) = p, or P(X > x) = p if is_upper. The smaller of x and 1 - x is what is solved for;
 * `guess` is x or NaN. */
static double solve(int is_upper, double p, const shape *s, double guess)
{
    const double half = s->half[is_upper];
    const int is_small = is_upper ? half <= p : half >= p;
    const double first = is_small ? s->a : s->b, second = is_small ? s->b : s->a;
    const int side = is_small ? is_upper : !is_upper;
    double start = log(is_small ? guess : 1 - guess);
    if (!isfinite(start))
        start = guess_log(side, p, first, s->log_beta);
    const double y = exp(solve_log(side, p, first, second, s->log_beta, start));
    return is_small ? y : 1 - y;
}

double gf_beta_quantile(double u, double a, double b)
{
    const int is_upper = u > 0.5;
    const shape s = shape_of(a, b);
    return solve(is_upper, is_upper ? 1 - u : u, &s, NAN);
}

enum { N = GF_BETA_COEFFICIENTS };

/* What polynomials through N values at Chebyshev's points have in common. */
typedef struct {
    double point[N];        /* cos((j + 1/2)π/N) */
    double cosine[N][N];    /* [k][j] cos(k (j + 1/2)π/N) */
    double chebyshev[N][N]; /* [k][power of s] of T(k) */
} basis;

static void make_basis(basis *own)
{
    *own = (basis){.chebyshev = {{1}, {0, 1}}};
    for (int k = 2; k < N; k++) /* T(k) = 2s·T(k−1) − T(k−2) */
        for (int i = 0; i < N; i++)
            own->chebyshev[k][i] = (i > 0 ? 2 * own->chebyshev[k - 1][i - 1] : 0) - own->chebyshev[k - 2][i];
    for (int j = 0; j < N; j++)
        own->point[j] = cos((j + 0.5) * M_PI / N);
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++)
            own->cosine[k][j] = cos(k * (j + 0.5) * M_PI / N);
}

/* Powers of s of the polynomial through the values at Chebyshev's points. */
static void fit_powers(const basis *of, const double *value, double *power)
{
    for (int i = 0; i < N; i++)
        power[i] = 0;
    for (int k = 0; k < N; k++) {
        double c = 0;
        for (int j = 0; j < N; j++)
            c += value[j] * of->cosine[k][j];
        c *= (k == 0 ? 1.0 : 2.0) / N;
        for (int i = 0; i <= k; i++)
            power[i] += c * of->chebyshev[k][i];
    }
}

/* Points of an octave of p, ascending; and how the logarithm of the odds x/(1 − x) at each of them is guessed
 * from the last ones, so that one step is enough: by the polynomial through them in log p (Lagrange's
 * weights, the same in every octave). */
enum { PER_OCTAVE = 1 << GF_BETA_PIECE_BITS, POINTS = PER_OCTAVE * N, BEHIND = 5 };

typedef struct {
    double place[POINTS]; /* p over the octave's beginning */
    double weight[POINTS][BEHIND];
} octave_points;

static void make_points(octave_points *of, const basis *own)
{
    double log_place[BEHIND + POINTS];
    for (int m = 0; m < POINTS; m++) {
        const int piece = m / N;
        of->place[m] = 1 + (piece + 0.5 + 0.5 * own->point[N - 1 - m % N]) / PER_OCTAVE;
        log_place[BEHIND + m] = log(of->place[m]);
    }
    for (int i = 0; i < BEHIND; i++) /* of the octave before */
        log_place[i] = log_place[POINTS + i] - log(2);
    for (int m = 0; m < POINTS; m++) {
        const double *last = log_place + m, here = log_place[BEHIND + m];
        for (int i = 0; i < BEHIND; i++) {
            double weight = 1;
            for (int j = 0; j < BEHIND; j++)
                weight *= j != i ? (here - last[j]) / (last[i] - last[j]) : 1;
            of->weight[m][i] = weight;
        }
    }
}

/* The logarithms of the odds at the last points, on one side of the median. */
typedef struct {
    int side, n;
    double value[BEHIND];
} walk;

static double walk_to(walk *w, const shape *beta, double p, const double weight[BEHIND])
{
    double guess = 0;
    for (int i = 0; i < BEHIND; i++)
        guess += weight[i] * w->value[i];
    const double odds = exp(guess);
    const double x = solve(w->side, p, beta, w->n >= BEHIND ? odds / (1 + odds) : NAN);
    for (int i = 0; i + 1 < BEHIND; i++)
        w->value[i] = w->value[i + 1];
    w->value[BEHIND - 1] = log(x / (1 - x));
    w->n++;
    return x;
}

gf_beta_table *gf_beta_table_new(double a, double b)
{
    gf_beta_table *table = malloc(sizeof *table);
    if (table == NULL)
        return NULL;
    const shape beta = shape_of(a, b);
    table->a = a;
    table->b = b;
    basis own;
    octave_points points;
    make_basis(&own);
    make_points(&points, &own);
    for (int side = 0; side < 2; side++) {
        walk w = {.side = side};
        for (int piece = 0; piece < GF_BETA_PIECES; piece++) {
            const double octave = ldexp(1, piece / PER_OCTAVE - 53);
            double value[N];
            for (int j = N - 1; j >= 0; j--) { /* ascending */
                const int m = piece % PER_OCTAVE * N + N - 1 - j;
                value[j] = walk_to(&w, &beta, octave * points.place[m], points.weight[m]);
            }
            fit_powers(&own, value, table->power[side][piece]);
        }
    }
    return table;
}

void gf_beta_table_free(gf_beta_table *table)
{
    free(table);
}
