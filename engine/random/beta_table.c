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

/* log x of the x <= 1/2 where P(X <= x) = p, or P(X > x) = p if is_upper, X ~ Beta(a,b). Halley's steps in
 * log x, whose error falls as its cube, kept in a bracket by bisection; `start` is a guess of log x. */
static double solve_log(int is_upper, double p, double a, double b, double log_beta, double start)
{
    const double log_p = log(p);
    double low = -740, high = log(0.5);
    double t = fmin(fmax(start, low), high);
    for (int step = 0; step < MAX_STEPS; step++) {
        const double x = exp(t);
        const double share = is_upper ? gsl_cdf_beta_Q(x, a, b) : gsl_cdf_beta_P(x, a, b);
        const double slope =
            exp(a * t + (b - 1) * log1p(-x) - log_beta) / share; /* of log share in t, but for sign */
        const double curvature = a - (b - 1) * x / (1 - x) + (is_upper ? slope : -slope); /* d log slope/dt */
        const double excess = is_upper ? log_p - log(share) : log(share) - log_p;
        if (excess > 0)
            high = t;
        else
            low = t;
        const double newton = excess / slope;
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

/* Powers of s of the polynomial through the n values at Chebyshev's points cos((j + 1/2)π/n). */
static void fit_powers(const double *value, double *power)
{
    enum { N = GF_BETA_COEFFICIENTS };
    double previous[N] = {1}, current[N] = {0, 1};
    for (int i = 0; i < N; i++)
        power[i] = 0;
    for (int k = 0; k < N; k++) {
        double c = 0;
        for (int j = 0; j < N; j++)
            c += value[j] * cos(k * (j + 0.5) * M_PI / N);
        c *= (k == 0 ? 1.0 : 2.0) / N;
        for (int i = 0; i <= k; i++)
            power[i] += c * previous[i];
        double next[N] = {0}; /* T(k+2) = 2s·T(k+1) − T(k) */
        for (int i = 0; i < N; i++)
            next[i] = (i > 0 ? 2 * current[i - 1] : 0) - previous[i];
        for (int i = 0; i < N; i++) {
            previous[i] = current[i];
            current[i] = next[i];
        }
    }
}

enum { BEHIND = 5 };

/* Guesses the next value of a smooth function from its last ones (Neville's scheme), so that one step is
 * enough. */
static double extrapolate(const double *place, const double *value, double next)
{
    double column[BEHIND];
    for (int i = 0; i < BEHIND; i++)
        column[i] = value[i];
    for (int order = 1; order < BEHIND; order++)
        for (int i = 0; i + order < BEHIND; i++)
            column[i] = column[i + 1] + (next - place[i + order]) * (column[i + 1] - column[i]) /
                                            (place[i + order] - place[i]);
    return column[0];
}

/* Solves for p after p, ascending, on one side of the median. */
typedef struct {
    int side, n;
    double place[BEHIND], value[BEHIND]; /* log p, log of the odds x/(1 - x) */
} walk;

static double walk_to(walk *w, const shape *beta, double p)
{
    const double place = log(p), odds = exp(extrapolate(w->place, w->value, place));
    const double x = solve(w->side, p, beta, w->n >= BEHIND ? odds / (1 + odds) : NAN);
    for (int i = 0; i + 1 < BEHIND; i++) {
        w->place[i] = w->place[i + 1];
        w->value[i] = w->value[i + 1];
    }
    w->place[BEHIND - 1] = place;
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
    double value[GF_BETA_COEFFICIENTS];
    for (int side = 0; side < 2; side++) {
        walk w = {.side = side};
        for (int piece = 0; piece < GF_BETA_PIECES; piece++) {
            const int per_octave = 1 << GF_BETA_PIECE_BITS;
            const double octave = ldexp(1, (piece >> GF_BETA_PIECE_BITS) - 53);
            for (int j = GF_BETA_COEFFICIENTS - 1; j >= 0; j--) { /* ascending */
                const double s = cos((j + 0.5) * M_PI / GF_BETA_COEFFICIENTS);
                const double place = ((piece & (per_octave - 1)) + 0.5 + 0.5 * s) / per_octave;
                value[j] = walk_to(&w, &beta, octave * (1 + place));
            }
            fit_powers(value, table->power[side][piece]);
        }
    }
    return table;
}

void gf_beta_table_free(gf_beta_table *table)
{
    free(table);
}
