/* Statistics over portfolios: order statistics, probabilities, means, shares, each with its Monte Carlo
 * error. */
#include "run/statistics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- sorting --- */

typedef uint64_t __attribute__((may_alias)) aliasing_bits;

/* Order-preserving map between doubles and unsigned integers. */
static uint64_t key_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
    uint64_t bits = key >> 63 ? key ^ UINT64_C(1) << 63 : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

typedef struct {
    uint64_t key;
    double weight;
} weighted_key;

static int compare_weighted(const void *a, const void *b)
{
    const weighted_key *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

void gf_sort_doubles(double *values, double *work, size_t n)
{
    enum { BITS = 11, BINS = 1 << BITS, PASSES = 6 };
    aliasing_bits *from = (aliasing_bits *)(void *)values, *to = (aliasing_bits *)(void *)work;
    for (size_t i = 0; i < n; i++) {
        from[i] = key_of(values[i]);
    }
    for (int pass = 0; pass < PASSES; pass++) {
        size_t start[BINS + 1] = {0};
        int shift = pass * BITS;
        for (size_t i = 0; i < n; i++)
            start[((from[i] >> shift) & (BINS - 1)) + 1]++;
        for (int b = 0; b < BINS; b++)
            start[b + 1] += start[b];
        for (size_t i = 0; i < n; i++)
            to[start[(from[i] >> shift) & (BINS - 1)]++] = from[i];
        aliasing_bits *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++) /* PASSES is even: the result is back in values */
        values[i] = value_of(from[i]);
}

/* --- atoms --- */

void gf_atoms_clear(gf_atoms *atoms)
{
    free(atoms->value);
    free(atoms->count);
    free(atoms->half);
    free(atoms->weight);
    memset(atoms, 0, sizeof *atoms);
}

static double count_at(const gf_atoms *atoms, size_t i)
{
    return atoms->count != NULL ? atoms->count[i] : 1;
}

static double weight_at(const gf_atoms *atoms, size_t i)
{
    return atoms->weight != NULL ? atoms->weight[i] : count_at(atoms, i);
}

/* Contribution of atom i to Σw² */
static double weight2_at(const gf_atoms *atoms, size_t i)
{
    return atoms->weight != NULL ? atoms->weight[i] * atoms->weight[i] : count_at(atoms, i);
}

/* Neumaier's compensated sum. */
typedef struct {
    double sum, lost;
} careful_sum;

static void add(careful_sum *s, double x)
{
    double t = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}

static double total(const careful_sum *s)
{
    return isfinite(s->lost) ? s->sum + s->lost : s->sum;
}

static int sort_weighted(gf_atoms *atoms)
{
    weighted_key *pairs = calloc(atoms->n + 1, sizeof *pairs);
    if (pairs == NULL)
        return -1;
    for (size_t i = 0; i < atoms->n; i++)
        pairs[i] = (weighted_key){key_of(atoms->value[i]), atoms->weight[i]};
    qsort(pairs, atoms->n, sizeof *pairs, compare_weighted);
    careful_sum sum = {0, 0}, sum2 = {0, 0};
    for (size_t i = 0; i < atoms->n; i++) {
        atoms->value[i] = value_of(pairs[i].key);
        atoms->weight[i] = pairs[i].weight;
        add(&sum, pairs[i].weight);
        add(&sum2, pairs[i].weight * pairs[i].weight);
    }
    atoms->sum_weight = total(&sum);
    atoms->sum_weight2 = total(&sum2);
    free(pairs);
    return 0;
}

int gf_atoms_from_values(gf_atoms *atoms, const double *values, const double *weights, size_t n)
{
    memset(atoms, 0, sizeof *atoms);
    atoms->value = calloc(n + 1, sizeof(double));
    double *work = malloc((n + 1) * sizeof(double));
    if (atoms->value == NULL || work == NULL) {
        free(work);
        gf_atoms_clear(atoms);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            work[atoms->n] = weights != NULL ? weights[i] : 1;
            atoms->value[atoms->n++] = values[i];
        }
    atoms->n_missing = (double)(n - atoms->n);
    atoms->total = atoms->sum_weight = atoms->sum_weight2 = (double)atoms->n;
    if (weights == NULL) {
        gf_sort_doubles(atoms->value, work, atoms->n);
        free(work);
        return 0;
    }
    atoms->weight = work;
    if (sort_weighted(atoms) == 0)
        return 0;
    gf_atoms_clear(atoms);
    return -1;
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

gf_estimate gf_atoms_quantile(const gf_atoms *atoms, double p)
{
    double n = atoms->total;
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    if (atoms->weight != NULL)
        return quantile_of_weighted(atoms, p);
    double h = (n - 1) * p, k = floor(h), spread = sqrt(n * p * (1 - p));
    double low = order_statistic(atoms, k), high = k + 1 < n ? order_statistic(atoms, k + 1) : low;
    gf_estimate result = {between(low, high, h - k), NAN};
    double lower = floor(n * p - spread), upper = ceil(n * p + spread);
    if (lower >= 0 && upper <= n - 1)
        result.se = between(order_statistic(atoms, lower), order_statistic(atoms, upper), 1) / 2 -
                    order_statistic(atoms, lower) / 2;
    return result;
}

/* --- probabilities and means --- */

gf_estimate gf_atoms_probability(const gf_atoms *atoms, double x)
{
    double hits = 0, hits2 = 0;
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    for (size_t i = atoms->n; i-- > 0 && atoms->value[i] >= x;) {
        hits += weight_at(atoms, i);
        hits2 += weight2_at(atoms, i);
    }
    double p = hits / atoms->sum_weight;
    gf_estimate result = {p, NAN};
    if (hits > 0 && atoms->value[0] < x) {
        double variance = (1 - p) * (1 - p) * hits2 + p * p * (atoms->sum_weight2 - hits2);
        result.se = sqrt(variance) / atoms->sum_weight;
    }
    return result;
}

gf_estimate gf_atoms_capped_mean(const gf_atoms *atoms, double cap)
{
    careful_sum sum = {0, 0}, squares = {0, 0};
    if (atoms->n == 0)
        return (gf_estimate){NAN, NAN};
    for (size_t i = 0; i < atoms->n; i++)
        add(&sum, weight_at(atoms, i) * fmin(atoms->value[i], cap));
    double mean = total(&sum) / atoms->sum_weight;
    for (size_t i = 0; i < atoms->n; i++) {
        double d = fmin(atoms->value[i], cap) - mean;
        add(&squares, weight2_at(atoms, i) * d * d);
    }
    double n = atoms->total, correction = n > 1 ? n / (n - 1) : NAN;
    return (gf_estimate){mean, sqrt(total(&squares) * correction) / atoms->sum_weight};
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
    careful_sum squares = {0, 0};
    for (size_t i = 0; i < atoms->n; i++) {
        double x = atoms->value[i];
        double influence = (fmax(x - q, 0) + fraction * q - share * x) / mean;
        add(&squares, weight2_at(atoms, i) * influence * influence);
    }
    return sqrt(total(&squares)) / atoms->sum_weight;
}

gf_estimate gf_atoms_top_share(const gf_atoms *atoms, double fraction)
{
    careful_sum all = {0, 0}, top = {0, 0};
    if (atoms->n == 0 || atoms->value[0] < 0 || !(atoms->value[atoms->n - 1] > 0))
        return (gf_estimate){NAN, NAN};
    double room = fraction * atoms->sum_weight, q = atoms->value[atoms->n - 1];
    for (size_t i = atoms->n; i-- > 0;) {
        double w = weight_at(atoms, i), taken = fmin(w, room);
        add(&all, w * atoms->value[i]);
        if (taken > 0) {
            add(&top, taken * atoms->value[i]);
            q = atoms->value[i];
        }
        room -= taken;
    }
    double share = total(&top) / total(&all);
    return (gf_estimate){share, share_error(atoms, fraction, q, share, total(&all) / atoms->sum_weight)};
}

/* --- helpers --- */

void gf_bands(double *values, double *work, size_t n, const double *levels, int n_levels, double *quantiles,
              gf_estimate *mean)
{
    assert(n > 0);
    gf_sort_doubles(values, work, n);
    double size = (double)n;
    gf_atoms atoms = {.n = n, .value = values, .total = size, .sum_weight = size, .sum_weight2 = size};
    for (int k = 0; k < n_levels; k++)
        quantiles[k] = gf_atoms_quantile(&atoms, levels[k]).value;
    *mean = gf_atoms_mean(&atoms);
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
