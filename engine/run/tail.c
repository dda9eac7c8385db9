/* Which moments exist, and Hill and maximum-likelihood estimates of the survival index. */
#include "run/tail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/model.h"

enum { LEAST_TAIL = 20 };

/* Is `a` the worse one to take means of? Tails without variance first, then the smaller index. */
static int is_worse(const gf_tail *a, const gf_tail *b)
{
    int a_infinite = a->index <= 2 && isinf(a->cap), b_infinite = b->index <= 2 && isinf(b->cap);
    return a_infinite != b_infinite ? a_infinite : a->index < b->index;
}

static gf_tail tail_of_outcomes(const gf_outcome_params *outcome)
{
    gf_tail worst = {INFINITY, INFINITY};
    for (int64_t i = 0; i < outcome->n_components; i++) {
        const gf_component_params *component = &outcome->mixture[i];
        gf_tail tail = {INFINITY, INFINITY};
        if (!(component->weight > 0))
            continue;
        if (gf_component_kind(component) == GF_OUTCOME_PARETO)
            tail = (gf_tail){component->pareto.index, component->pareto.cap};
        else if (gf_component_kind(component) == GF_OUTCOME_LEVY)
            tail.index = 0.5;
        if (is_worse(&tail, &worst))
            worst = tail;
    }
    return worst;
}

gf_tail gf_tail_of_scenario(const gf_scenario *scenario)
{
    const gf_startup_params *startups = &scenario->startups;
    double breakout = 0;
    if (startups->lifecycle == GF_LIFECYCLE_OUTCOME)
        return tail_of_outcomes(&startups->outcome);
    for (int stage = 0; stage < GF_N_STAGES; stage++)
        breakout += startups->hazards_per_year.breakout[stage];
    if (startups->lifecycle != GF_LIFECYCLE_STAGED || !(breakout > 0))
        return (gf_tail){INFINITY, INFINITY};
    return (gf_tail){startups->breakout.index, startups->breakout.cap_multiple};
}

/* A rate of return: the only rates that can be missing. */
static int is_rate_of_return(const gf_column *column)
{
    return column->flag != NULL && strcmp(column->unit, "1/year") == 0;
}

double gf_tail_index_of(const gf_tail *tail, const gf_column *column)
{
    const double quarters_per_year = 4;
    return is_rate_of_return(column) ? tail->index / quarters_per_year : tail->index;
}

/* Is it a number of a model that looks at no money of startups, but at how many there are? */
static int is_of_counts(const char *name)
{
    const gf_model *of = NULL;
    size_t longest = 0;
    for (const gf_model *const *model = gf_models; *model != NULL; model++) {
        const size_t length = strlen((*model)->name);
        if (length > longest && strncmp(name, (*model)->name, length) == 0 && name[length] == '_') {
            of = *model;
            longest = length;
        }
    }
    return of != NULL && (of->reads & GF_ONLY) != 0 && (of->reads >> GF_EVENT_MONEY & 1u) == 0;
}

int gf_tail_reaches(const gf_column *column)
{
    /* bounded by commitments, plans or public budgets */
    static const char *const light[] = {"paid_in",  "fees",           "invested",         "follow_on",
                                        "calls",    "local_invested", "local_duty",       "idle_cash",
                                        "recycled", "public_outlays", "public_subsidies", "cluster_output"};
    /* multiples of money, of whatever party */
    static const char *const heavy[] = {"gross_multiple", "tvpi", "dpi", "rvpi", "ks_pme", "max_multiple"};
    const size_t length = strlen(column->name);
    if (is_rate_of_return(column))
        return 1;
    for (size_t i = 0; i < sizeof heavy / sizeof heavy[0]; i++) {
        const size_t tail = strlen(heavy[i]);
        if (tail <= length && strcmp(column->name + length - tail, heavy[i]) == 0)
            return 1;
    }
    for (size_t i = 0; i < sizeof light / sizeof light[0]; i++)
        if (strcmp(column->name, light[i]) == 0)
            return 0;
    return !column->is_integer && strncmp(column->unit, "CNY", 3) == 0 && !is_of_counts(column->name);
}

gf_moments gf_tail_moments(const gf_tail *tail, const gf_column *column)
{
    if (!(gf_tail_index_of(tail, column) <= 2) || !gf_tail_reaches(column))
        return GF_MOMENTS_FINITE;
    if (isfinite(tail->cap))
        return GF_MOMENTS_CAPPED;
    return tail->index <= 1 && !is_rate_of_return(column) ? GF_MOMENTS_NONE : GF_MOMENTS_NO_ERROR;
}

size_t gf_tail_size(const gf_atoms *atoms)
{
    double root = cbrt(atoms->total);
    size_t k = (size_t)(root * root), most = 0;
    if (k > GF_TAIL_MOST)
        k = GF_TAIL_MOST;
    /* a sketch keeps its largest values as single atoms; bins must not enter */
    while (most < atoms->n && most <= k) {
        size_t i = atoms->n - 1 - most;
        if (atoms->value[i] <= 0 || (atoms->count != NULL && atoms->count[i] > 1))
            break;
        most++;
    }
    if (k + 1 > most)
        k = most > 0 ? most - 1 : 0;
    double threshold = k > 0 ? atoms->value[atoms->n - 1 - k] : 0;
    while (k > 0 && atoms->value[atoms->n - k] <= threshold)
        k--;
    return k >= LEAST_TAIL ? k : 0;
}

static double tail_weight(const gf_atoms *atoms, size_t i)
{
    return atoms->weight != NULL ? atoms->weight[i] : 1;
}

/* Value of the next atom below the k largest. */
static double threshold_of(const gf_atoms *atoms, size_t k)
{
    return atoms->value[atoms->n - 1 - k];
}

/* Weighted mean of ln(x/u) over the k largest, and the effective number of them. */
static double mean_log_excess(const gf_atoms *atoms, size_t k, double *effective)
{
    double u = threshold_of(atoms, k), sum = 0, weights = 0, weights2 = 0;
    for (size_t i = atoms->n - k; i < atoms->n; i++) {
        double w = tail_weight(atoms, i);
        sum += w * log(atoms->value[i] / u);
        weights += w;
        weights2 += w * w;
    }
    *effective = weights * weights / weights2;
    return sum / weights;
}

gf_estimate gf_tail_hill(const gf_atoms *atoms, size_t k)
{
    double effective = 0;
    if (k == 0)
        return (gf_estimate){NAN, NAN};
    double index = 1 / mean_log_excess(atoms, k, &effective);
    return (gf_estimate){index, index / sqrt(effective)};
}

/* Profile log-likelihood per value of the generalised Pareto with θ = ξ/σ: ξ(θ) = mean ln(1 + θ y),
 * l = ln(θ/ξ) − ξ − 1 (Grimshaw 1993). */
static double profile(const gf_atoms *atoms, size_t k, double theta, double *shape)
{
    double u = threshold_of(atoms, k), sum = 0, weights = 0;
    for (size_t i = atoms->n - k; i < atoms->n; i++) {
        sum += tail_weight(atoms, i) * log1p(theta * (atoms->value[i] - u));
        weights += tail_weight(atoms, i);
    }
    *shape = sum / weights;
    return log(theta / *shape) - *shape - 1;
}

/* Golden section on ln θ between generous bounds; the profile has one interior maximum for ξ > 0. */
static gf_estimate generalised_pareto(const gf_atoms *atoms, size_t k)
{
    const double golden = 0.6180339887498949;
    double u = threshold_of(atoms, k), scale = atoms->value[atoms->n - 1] - u, shape = 0, effective = 0;
    double a = log(1e-6 / scale), b = log(1e6 / scale);
    double x = b - golden * (b - a), y = a + golden * (b - a);
    double fx = profile(atoms, k, exp(x), &shape), fy = profile(atoms, k, exp(y), &shape);
    for (int i = 0; i < 80; i++) {
        if (fx > fy) {
            b = y;
            y = x;
            fy = fx;
            x = b - golden * (b - a);
            fx = profile(atoms, k, exp(x), &shape);
        } else {
            a = x;
            x = y;
            fx = fy;
            y = a + golden * (b - a);
            fy = profile(atoms, k, exp(y), &shape);
        }
    }
    profile(atoms, k, exp((a + b) / 2), &shape);
    mean_log_excess(atoms, k, &effective);
    if (!(shape > 1e-3)) /* exponential or lighter: no index */
        return (gf_estimate){NAN, NAN};
    double index = 1 / shape;
    return (gf_estimate){index, index * (index + 1) / sqrt(effective)};
}

/* Score per value of the truncated Pareto on [u, e]: 1/a + r^a ln r/(1 − r^a) − mean ln(x/u), r = u/e; it
 * falls in a. */
static double truncated_score(double index, double log_ratio, double mean_log)
{
    double power = exp(index * log_ratio);
    return 1 / index + log_ratio * power / -expm1(index * log_ratio) - mean_log;
}

static gf_estimate truncated_pareto(const gf_atoms *atoms, size_t k)
{
    double effective = 0, mean_log = mean_log_excess(atoms, k, &effective);
    double log_ratio = log(threshold_of(atoms, k) / atoms->value[atoms->n - 1]);
    double low = 1e-6, high = 1;
    if (mean_log >= -log_ratio / 2) /* flatter than a log-uniform: no positive index */
        return (gf_estimate){NAN, NAN};
    while (truncated_score(high, log_ratio, mean_log) > 0 && high < 1e6)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-14 * high; i++) {
        double middle = (low + high) / 2;
        if (truncated_score(middle, log_ratio, mean_log) > 0)
            low = middle;
        else
            high = middle;
    }
    double index = (low + high) / 2, power = exp(index * log_ratio), gap = -expm1(index * log_ratio);
    double information = 1 / (index * index) - log_ratio * log_ratio * power / (gap * gap);
    return (gf_estimate){index, information > 0 ? 1 / sqrt(effective * information) : NAN};
}

gf_estimate gf_tail_likelihood(const gf_atoms *atoms, size_t k, int is_capped)
{
    if (k == 0)
        return (gf_estimate){NAN, NAN};
    return is_capped ? truncated_pareto(atoms, k) : generalised_pareto(atoms, k);
}
