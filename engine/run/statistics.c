/* Statistics over portfolios: order statistics, probabilities, means, shares, each with its Monte Carlo
 * error. */
#include "run/statistics.h"

#include <assert.h>
#include <float.h>
#include <math.h>

#include "portfolio/scenario.h"
#include "run/careful_sum.h"
#include "run/order.h"
#include "run/passes.h"

/* --- sums over atoms --- */

enum { BLOCK = 256 }; /* terms that are made, then added, at a time */

static size_t block_size(const gf_atoms *atoms, size_t first)
{
    return atoms->n - first < BLOCK ? atoms->n - first : BLOCK;
}

static int is_weighted(const gf_atoms *atoms)
{
    return atoms->weight != NULL || atoms->count != NULL;
}

/* Multiplies terms of atoms first … first + n − 1 by their weights. */
static void weigh(const gf_atoms *atoms, size_t first, size_t n, double *terms)
{
    const double *weights = atoms->weight != NULL ? atoms->weight : atoms->count;
    for (size_t i = 0; weights != NULL && i < n; i++)
        terms[i] *= weights[first + i];
}

/* Multiplies them by what atoms contribute to Σw². */
static void weigh_squared(const gf_atoms *atoms, size_t first, size_t n, double *terms)
{
    weigh(atoms, first, n, terms);
    if (atoms->weight != NULL)
        weigh(atoms, first, n, terms);
}

double gf_atoms_effective_size(const gf_atoms *atoms)
{
    return atoms->sum_weight2 > 0 ? atoms->sum_weight * atoms->sum_weight / atoms->sum_weight2 : 0;
}

/* --- order statistics --- */

/* Value of rank k = 0 … total − 1 in the expanded, sorted sample. */
static double order_statistic(const gf_atoms *atoms, double k)
{
    if (atoms->count == NULL)
        return atoms->value[(size_t)k];
    double below = 0;
    size_t i = 0;
    while (i + 1 < atoms->n && below + atoms->count[i] <= k)
        below += atoms->count[i++];
    double place = (k - below + 0.5) / atoms->count[i];
    return atoms->value[i] + atoms->half[i] * (2 * fmin(place, 1) - 1);
}

/* Smallest value whose weighted distribution function reaches p; the edges of the sample beyond them. */
static double weighted_quantile(const gf_atoms *atoms, double p)
{
    double below = 0, target = p * atoms->sum_weight;
    for (size_t i = 0; i < atoms->n; i++) {
        below += atoms->weight[i];
        if (below >= target)
            return atoms->value[i];
    }
    return atoms->value[atoms->n - 1];
}

static gf_estimate quantile_of_weighted(const gf_atoms *atoms, double p)
{
    double spread = sqrt(p * (1 - p) / gf_atoms_effective_size(atoms));
    gf_estimate result = {weighted_quantile(atoms, p), NAN};
    if (p - spread > 0 && p + spread < 1)
        result.se = (weighted_quantile(atoms, p + spread) - weighted_quantile(atoms, p - spread)) / 2;
    return result;
}

/* x + t (y − x), also where both are the same infinity */
static double between(double x, double y, double t)
{
    return x == y || t == 0 ? x : x + t * (y - x);
}

void gf_quantile_ranks(double n, double p, double rank[GF_QUANTILE_RANKS])
{
    const double k = floor((n - 1) * p), spread = sqrt(n * p * (1 - p));
    rank[0] = k;
    rank[1] = k + 1 < n ? k + 1 : k;
    rank[2] = floor(n * p - spread);
    rank[3] = ceil(n * p + spread);
}

/* Between the order statistics below and above. */
static double interpolate(const gf_atoms *atoms, double p, const double rank[GF_QUANTILE_RANKS])
{
    return between(order_statistic(atoms, rank[0]), order_statistic(atoms, rank[1]),
                   (atoms->total - 1) * p - rank[0]);
}

gf_estimate gf_atoms_quantile(const gf_atoms *atoms, double p)
{
    double n = atoms->total, rank[GF_QUANTILE_RANKS];
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    if (atoms->weight != NULL)
        return quantile_of_weighted(atoms, p);
    gf_quantile_ranks(n, p, rank);
    gf_estimate result = {interpolate(atoms, p, rank), NAN};
    if (rank[2] >= 0 && rank[3] <= n - 1)
        result.se = between(order_statistic(atoms, rank[2]), order_statistic(atoms, rank[3]), 1) / 2 -
                    order_statistic(atoms, rank[2]) / 2;
    return result;
}

/* --- probabilities and means --- */

/* Atoms at or above x: their Σw and Σw². Plain atoms may be in no order between the ranks that were asked
 * for. */
static double weight_above(const gf_atoms *atoms, double x, double *squared)
{
    double hits = 0, hits2 = 0;
    if (atoms->weight == NULL && atoms->count == NULL) {
        const double n = (double)gf_passes_in_use()->count_from(atoms->value, atoms->n, x);
        *squared = n;
        return n;
    }
    for (size_t i = atoms->n; i-- > 0 && atoms->value[i] >= x;) {
        const double w = atoms->weight != NULL ? atoms->weight[i] : atoms->count[i];
        hits += w;
        hits2 += atoms->weight != NULL ? w * w : w;
    }
    *squared = hits2;
    return hits;
}

gf_estimate gf_atoms_probability(const gf_atoms *atoms, double x)
{
    double hits2 = 0;
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    double hits = weight_above(atoms, x, &hits2), p = hits / atoms->sum_weight;
    gf_estimate result = {p, NAN};
    if (hits > 0 && atoms->value[0] < x) {
        double variance = (1 - p) * (1 - p) * hits2 + p * p * (atoms->sum_weight2 - hits2);
        result.se = sqrt(variance) / atoms->sum_weight;
    }
    return result;
}

/* Σw min(x, cap) */
static double capped_sum(const gf_atoms *atoms, double cap)
{
    gf_careful_sum sum = {0};
    double terms[BLOCK];
    if (!is_weighted(atoms)) {
        gf_passes_in_use()->add_capped(&sum, atoms->value, atoms->n, cap);
        return gf_careful_total(&sum);
    }
    for (size_t first = 0; first < atoms->n; first += BLOCK) {
        const size_t n = block_size(atoms, first);
        for (size_t i = 0; i < n; i++)
            terms[i] = atoms->value[first + i] < cap ? atoms->value[first + i] : cap;
        weigh(atoms, first, n, terms);
        gf_careful_add(&sum, terms, n);
    }
    return gf_careful_total(&sum);
}

/* Σ(w (min(x, cap) − mean))² */
static double capped_squares(const gf_atoms *atoms, double cap, double mean)
{
    gf_careful_sum squares = {0};
    double terms[BLOCK];
    if (!is_weighted(atoms)) {
        gf_passes_in_use()->add_squares(&squares, atoms->value, atoms->n, cap, mean);
        return gf_careful_total(&squares);
    }
    for (size_t first = 0; first < atoms->n; first += BLOCK) {
        const size_t n = block_size(atoms, first);
        for (size_t i = 0; i < n; i++) {
            const double d = (atoms->value[first + i] < cap ? atoms->value[first + i] : cap) - mean;
            terms[i] = d * d;
        }
        weigh_squared(atoms, first, n, terms);
        gf_careful_add(&squares, terms, n);
    }
    return gf_careful_total(&squares);
}

gf_estimate gf_atoms_capped_mean(const gf_atoms *atoms, double cap)
{
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    const double mean = capped_sum(atoms, cap) / atoms->sum_weight;
    const double n = atoms->total, correction = n > 1 ? n / (n - 1) : NAN;
    return (gf_estimate){mean, sqrt(capped_squares(atoms, cap, mean) * correction) / atoms->sum_weight};
}

gf_estimate gf_atoms_mean(const gf_atoms *atoms)
{
    if (atoms->has_moments)
        return (gf_estimate){atoms->mean, atoms->total > 1 ? sqrt(atoms->variance / atoms->total) : NAN};
    return gf_atoms_capped_mean(atoms, INFINITY);
}

/* --- shares --- */

/* With L = share, q the quantile at 1 − f and μ the mean, the influence of x is
 * ((x − q)⁺ + f q − L x) / μ (Beach and Davidson 1983, for the complement of the Lorenz ordinate). */
static double share_error(const gf_atoms *atoms, double fraction, double q, double share, double mean)
{
    gf_careful_sum squares = {0};
    double terms[BLOCK];
    if (!is_weighted(atoms))
        gf_passes_in_use()->add_influences(&squares, atoms->value, atoms->n, q, fraction * q, share, mean);
    for (size_t first = 0; first < atoms->n && is_weighted(atoms); first += BLOCK) {
        const size_t n = block_size(atoms, first);
        for (size_t i = 0; i < n; i++) {
            const double x = atoms->value[first + i], above = x > q ? x - q : 0;
            const double influence = (above + fraction * q - share * x) / mean;
            terms[i] = influence * influence;
        }
        weigh_squared(atoms, first, n, terms);
        gf_careful_add(&squares, terms, n);
    }
    return sqrt(gf_careful_total(&squares)) / atoms->sum_weight;
}

/* Σw x of the best atoms that weigh `room`, the last one in part; its value is *lowest. */
static double sum_of_best(const gf_atoms *atoms, double room, double *lowest)
{
    const double *weights = atoms->weight != NULL ? atoms->weight : atoms->count;
    gf_careful_sum sum = {0};
    *lowest = atoms->value[atoms->n - 1];
    for (size_t i = atoms->n; i-- > 0 && room > 0;) {
        const double w = weights != NULL ? weights[i] : 1, taken = w < room ? w : room;
        const double term = taken * atoms->value[i];
        if (taken > 0)
            *lowest = atoms->value[i];
        gf_careful_add(&sum, &term, 1);
        room -= taken;
    }
    return gf_careful_total(&sum);
}

gf_estimate gf_atoms_top_share(const gf_atoms *atoms, double fraction)
{
    double q = 0;
    if (atoms->n == 0 || atoms->value[0] < 0 || !(atoms->value[atoms->n - 1] > 0))
        return (gf_estimate){NAN, NAN};
    const double sum = capped_sum(atoms, INFINITY);
    const double share = sum_of_best(atoms, fraction * atoms->sum_weight, &q) / sum;
    return (gf_estimate){share, share_error(atoms, fraction, q, share, sum / atoms->sum_weight)};
}

/* --- helpers --- */

/* Adds a rank to ranks[n] in ascending order. */
static void insert_rank(size_t *ranks, size_t n, size_t rank)
{
    for (; n > 0 && ranks[n - 1] > rank; n--)
        ranks[n] = ranks[n - 1];
    ranks[n] = rank;
}

void gf_bands(double *values, double *work, size_t n, const double *levels, int n_levels, double *quantiles,
              gf_estimate *mean)
{
    enum { EACH = 2 }; /* order statistics below and above */
    double rank[GF_MAX_PROBABILITIES][GF_QUANTILE_RANKS];
    size_t ranks[GF_MAX_PROBABILITIES * EACH];
    assert(n > 0 && n_levels <= GF_MAX_PROBABILITIES);
    const double size = (double)n;
    gf_atoms atoms = {.n = n, .value = values, .total = size, .sum_weight = size, .sum_weight2 = size};
    *mean = gf_atoms_mean(&atoms);
    for (int k = 0; k < n_levels; k++) {
        gf_quantile_ranks(size, levels[k], rank[k]);
        for (int j = 0; j < EACH; j++)
            insert_rank(ranks, (size_t)(EACH * k + j), (size_t)rank[k][j]);
    }
    gf_select_doubles(work, values, n, ranks, (size_t)(EACH * n_levels));
    atoms.value = work;
    for (int k = 0; k < n_levels; k++)
        quantiles[k] = interpolate(&atoms, levels[k], rank[k]);
}

int gf_is_rounding(double error, double value)
{
    enum { UNITS = 16 };
    return fabs(error) <= UNITS * DBL_EPSILON * fabs(value);
}

double gf_round_up_125(double x)
{
    assert(x > 0 && isfinite(x));
    static const double steps[] = {1, 2, 5};
    int exponent = (int)floor(log10(x)) - 1; /* one lower than needed, in case log10 rounded up */
    for (int i = 0;; i++) {
        int power = exponent + i / 3;
        double candidate = steps[i % 3] * pow(10, power);
        if (candidate >= x)
            return candidate;
    }
}
