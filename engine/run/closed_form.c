/* Closed forms of heavy tails, defaults and cascades. */
#include "run/closed_form.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_lambert.h>
#include <math.h>

/* Chance that the law without a cap exceeds the cap. */
static double beyond_cap(const gf_pareto_law *law)
{
    return isinf(law->cap) ? 0 : pow(law->min / law->cap, law->index);
}

double gf_pareto_survival(const gf_pareto_law *law, double x)
{
    const double beyond = beyond_cap(law);
    if (x < law->min)
        return 1;
    return x >= law->cap ? 0 : (pow(law->min / x, law->index) - beyond) / (1 - beyond);
}

/* Integral of x^power over the density from min to `to`, before division by the mass below the cap. */
static double partial_moment(const gf_pareto_law *law, double power, double to)
{
    const double a = law->index;
    if (isinf(to))
        return a > power ? a * pow(law->min, power) / (a - power) : INFINITY;
    if (a == power)
        return a * pow(law->min, a) * log(to / law->min);
    return a * pow(law->min, a) * (pow(law->min, power - a) - pow(to, power - a)) / (a - power);
}

double gf_pareto_mean(const gf_pareto_law *law)
{
    return partial_moment(law, 1, law->cap) / (1 - beyond_cap(law));
}

double gf_pareto_variance(const gf_pareto_law *law)
{
    const double mean = gf_pareto_mean(law),
                 square = partial_moment(law, 2, law->cap) / (1 - beyond_cap(law));
    return isinf(square) ? INFINITY : square - mean * mean;
}

double gf_pareto_capped_mean(const gf_pareto_law *law, double cap)
{
    const double to = fmin(cap, law->cap);
    if (cap <= law->min)
        return cap;
    const double below = partial_moment(law, 1, to) / (1 - beyond_cap(law));
    return isinf(cap) ? below : below + cap * gf_pareto_survival(law, cap);
}

double gf_pareto_excess_mean(const gf_pareto_law *law, double strike)
{
    return gf_pareto_mean(law) - gf_pareto_capped_mean(law, strike);
}

double gf_pareto_max_mean(const gf_pareto_law *law, double n)
{
    const double b = 1 / law->index;
    if (b >= 1)
        return INFINITY;
    return law->min * exp(gsl_sf_lngamma(n + 1) + gsl_sf_lngamma(1 - b) - gsl_sf_lngamma(n + 1 - b));
}

double gf_pareto_max_median(const gf_pareto_law *law, double n)
{
    return law->min * pow(-expm1(-log(2) / n), -1 / law->index);
}

double gf_pareto_top_share(const gf_pareto_law *law, double q)
{
    return pow(q, 1 - 1 / law->index);
}

double gf_pareto_index_of_share(double q, double share)
{
    return 1 / (1 - log(share) / log(q));
}

double gf_lognormal_mean(double median, double sigma)
{
    return median * exp(sigma * sigma / 2);
}

double gf_lognormal_survival(double median, double sigma, double x)
{
    return x <= 0 ? 1 : gsl_cdf_ugaussian_Q(log(x / median) / sigma);
}

double gf_lognormal_excess_mean(double median, double sigma, double strike)
{
    if (strike <= 0)
        return gf_lognormal_mean(median, sigma) - strike;
    const double d = log(median / strike) / sigma;
    return gf_lognormal_mean(median, sigma) * gsl_cdf_ugaussian_P(d + sigma) -
           strike * gsl_cdf_ugaussian_P(d);
}

double gf_vasicek_large_pool(double probability, double correlation, double x)
{
    const double level = gsl_cdf_ugaussian_Pinv(x), limit = gsl_cdf_ugaussian_Pinv(probability);
    return gsl_cdf_ugaussian_P((limit - sqrt(1 - correlation) * level) / sqrt(correlation));
}

typedef struct pool {
    double limit, correlation, n, k;
} pool;

/* P(K ≥ k | factor) φ(factor), by the Beta form of the binomial law. */
static double pool_given(double factor, void *context)
{
    const pool *p = context;
    const double chance =
        gsl_cdf_ugaussian_P((p->limit - sqrt(p->correlation) * factor) / sqrt(1 - p->correlation));
    return gsl_cdf_beta_P(chance, p->k, p->n - p->k + 1) * exp(-factor * factor / 2) / sqrt(2 * M_PI);
}

/* Gauss-Legendre over [from, to] in 64 equal panels of 16 points. */
static double integrate(double (*f)(double, void *), void *context, double from, double to)
{
    enum { PANELS = 64 };
    const gsl_function function = {f, context};
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(16);
    double sum = 0;
    if (table == NULL)
        return NAN;
    for (int i = 0; i < PANELS; i++)
        sum += gsl_integration_glfixed(&function, from + (to - from) * i / PANELS,
                                       from + (to - from) * (i + 1) / PANELS, table);
    gsl_integration_glfixed_table_free(table);
    return sum;
}

double gf_vasicek_pool(double probability, double correlation, double n, double k)
{
    pool p = {gsl_cdf_ugaussian_Pinv(probability), correlation, n, k};
    if (k <= 0)
        return 1;
    if (correlation <= 0)
        return gsl_cdf_beta_P(probability, k, n - k + 1);
    return integrate(pool_given, &p, -12, 12);
}

double gf_branching_extinction(double m)
{
    return m <= 1 ? 1 : -gsl_sf_lambert_W0(-m * exp(-m)) / m;
}

double gf_borel_probability(double m, double k)
{
    return exp(-m * k + (k - 1) * log(m * k) - gsl_sf_lngamma(k + 1));
}

typedef struct inversion {
    double index, scale, x;
} inversion;

/* Gil-Pelaez integrand after t = s^2, which removes the singular slope at 0. The characteristic function of
 * the limit is exp(−σ^a |t|^a (1 − i sign(t) tan(π a/2))) with σ^a = Γ(1−a) cos(π a/2) (Feller II, XVII.5).
 */
static double invert_at(double s, void *context)
{
    const inversion *v = context;
    const double t = s * s, decay = v->scale * pow(t, v->index);
    if (s <= 0)
        return 0;
    return 2 / s * exp(-decay) * sin(t * v->x - decay * tan(M_PI * v->index / 2)) / M_PI;
}

double gf_stable_limit(double index, double x)
{
    inversion v = {index, gsl_sf_gamma(1 - index) * cos(M_PI * index / 2), x};
    return 0.5 + integrate(invert_at, &v, 0, sqrt(pow(40 / v.scale, 1 / index)));
}
