/* Beta quantiles: Newton on GSL's distribution function, and a table of Chebyshev pieces made from it. */
#include "random/beta_table.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_STEPS = 200 };

/* log x of the x <= 1/2 where P(X <= x) = p, or P(X > x) = p if is_upper, X ~ Beta(a,b). Newton steps in log
 * x, kept in a bracket by bisection; `start` is a guess of log x. */
static double solve_log(int is_upper, double p, double a, double b, double start)
{
    const double log_beta = gsl_sf_lnbeta(a, b), log_p = log(p);
    double low = -740, high = log(0.5);
    double t = fmin(fmax(start, low), high);
    for (int step = 0; step < MAX_STEPS; step++) {
        const double x = exp(t);
        const double share = is_upper ? gsl_cdf_beta_Q(x, a, b) : gsl_cdf_beta_P(x, a, b);
        const double slope =
            exp(a * t + (b - 1) * log1p(-x) - log_beta) / share; /* of log share in t, but for sign */
        const double excess = is_upper ? log_p - log(share) : log(share) - log_p;
        if (excess > 0)
            high = t;
        else
            low = t;
        double next = t - excess / slope;
        if (fabs(next - t) < 1e-9)
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
static double guess_log(int is_upper, double p, double a, double b)
{
    return ((is_upper ? log1p(-p) : log(p)) + log(a) + gsl_sf_lnbeta(a, b)) / a;
}

/* x with P(X <= x) = p, or P(X > x) = p if is_upper. The smaller of x and 1 - x is what is solved for;
 * `guess` is x or NaN. */
static double solve(int is_upper, double p, double a, double b, double guess)
{
    const double half = is_upper ? gsl_cdf_beta_Q(0.5, a, b) : gsl_cdf_beta_P(0.5, a, b);
    const int is_small = is_upper ? half <= p : half >= p;
    const double first = is_small ? a : b, second = is_small ? b : a;
    const int side = is_small ? is_upper : !is_upper;
    double start = log(is_small ? guess : 1 - guess);
    if (!isfinite(start))
        start = guess_log(side, p, first, second);
    const double y = exp(solve_log(side, p, first, second, start));
    return is_small ? y : 1 - y;
}

double gf_beta_quantile(double u, double a, double b)
{
    const int is_upper = u > 0.5;
    return solve(is_upper, is_upper ? 1 - u : u, a, b, NAN);
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

gf_beta_table *gf_beta_table_new(double a, double b)
{
    gf_beta_table *table = malloc(sizeof *table);
    if (table == NULL)
        return NULL;
    table->a = a;
    table->b = b;
    double value[GF_BETA_COEFFICIENTS], guess = NAN;
    for (int side = 0; side < 2; side++)
        for (int piece = 0; piece < GF_BETA_PIECES; piece++) {
            const int per_octave = 1 << GF_BETA_PIECE_BITS;
            const double octave = ldexp(1, (piece >> GF_BETA_PIECE_BITS) - 53);
            for (int j = 0; j < GF_BETA_COEFFICIENTS; j++) {
                const double s = cos((j + 0.5) * M_PI / GF_BETA_COEFFICIENTS);
                const double place = ((piece & (per_octave - 1)) + 0.5 + 0.5 * s) / per_octave;
                guess = value[j] = solve(side, octave * (1 + place), a, b, guess);
            }
            fit_powers(value, table->power[side][piece]);
        }
    return table;
}

void gf_beta_table_free(gf_beta_table *table)
{
    free(table);
}
