/* Mixtures of outcome laws: order of the components, choice among them, quantiles within one. */
#include "portfolio/outcome_mixture.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "random/beta_table.h"

gf_outcome_kind gf_component_kind(const gf_component_params *component)
{
    int kind = 0;
    while (kind < GF_N_OUTCOMES && !component->has[kind])
        kind++;
    assert(kind < GF_N_OUTCOMES);
    return (gf_outcome_kind)kind;
}

/* P(X > cap) of the Pareto law before truncation. */
static double beyond_cap(const gf_component_params *c)
{
    return isinf(c->pareto.cap) ? 0.0 : pow(c->pareto.min / c->pareto.cap, c->pareto.index);
}

static double median(const gf_component_params *c)
{
    const double quartile = gsl_cdf_ugaussian_Pinv(0.75);
    switch (gf_component_kind(c)) {
    case GF_OUTCOME_POINT:
        return c->point;
    case GF_OUTCOME_UNIFORM:
        return (c->uniform[0] + c->uniform[1]) / 2;
    case GF_OUTCOME_BETA:
        return c->beta.scale * gf_beta_quantile(0.5, c->beta.a, c->beta.b);
    case GF_OUTCOME_LOGNORMAL:
        return c->lognormal.median;
    case GF_OUTCOME_PARETO:
        return c->pareto.min * pow((1 + beyond_cap(c)) / 2, -1 / c->pareto.index);
    case GF_OUTCOME_LEVY:
        return c->levy.scale / (quartile * quartile);
    case GF_N_OUTCOMES:
        break;
    }
    return 0;
}

/* Insertion keeps components of equal median in the order of the config. */
static void sort_by_median(gf_mixture *m)
{
    for (int i = 1; i < m->n; i++)
        for (int j = i; j > 0 && median(m->components[j].params) < median(m->components[j - 1].params); j--) {
            const gf_mixed keep = m->components[j];
            m->components[j] = m->components[j - 1];
            m->components[j - 1] = keep;
        }
}

static void set_hot(gf_mixture *m, int i)
{
    const gf_mixed *c = &m->components[i];
    m->below[i] = c->below;
    m->scale[i] = 1 / c->weight;
    m->is_curved[i] = c->kind != GF_OUTCOME_POINT && c->kind != GF_OUTCOME_UNIFORM;
    if (c->kind == GF_OUTCOME_PARETO || c->kind == GF_OUTCOME_LEVY)
        m->power_laws |= 1u << i;
    if (c->kind == GF_OUTCOME_POINT)
        m->base[i] = c->params->point;
    if (c->kind == GF_OUTCOME_UNIFORM) {
        m->base[i] = c->params->uniform[0];
        m->span[i] = c->params->uniform[1] - c->params->uniform[0];
    }
}

int gf_mixture_init(gf_mixture *m, const gf_outcome_params *params)
{
    double sum = 0;
    *m = (gf_mixture){0};
    for (int64_t i = 0; i < params->n_components; i++) {
        const gf_component_params *c = &params->mixture[i];
        sum += c->weight;
        if (c->weight > 0)
            m->components[m->n++] = (gf_mixed){.kind = gf_component_kind(c), .params = c};
    }
    sort_by_median(m);
    for (int i = 0; i < m->n; i++) {
        gf_mixed *c = &m->components[i];
        c->weight = c->params->weight / sum;
        c->below = i > 0 ? m->components[i - 1].below + m->components[i - 1].weight : 0.0;
    }
    for (int i = m->n - 2; i >= 0; i--)
        m->components[i].above = m->components[i + 1].above + m->components[i + 1].weight;
    for (int i = 0; i < m->n; i++)
        set_hot(m, i);
    for (int i = 0; i < m->n; i++) {
        gf_mixed *c = &m->components[i];
        if (c->kind != GF_OUTCOME_BETA)
            continue;
        c->beta = gf_beta_table_take(c->params->beta.a, c->params->beta.b);
        if (c->beta == NULL) {
            gf_mixture_clear(m);
            return -1;
        }
    }
    return 0;
}

void gf_mixture_clear(gf_mixture *m)
{
    for (int i = 0; i < m->n; i++)
        gf_beta_table_give_back(m->components[i].beta);
    m->n = 0;
}

extern const gf_outcome_hot gf_outcome_hot_sse2, gf_outcome_hot_avx2, gf_outcome_hot_avx512;

const gf_outcome_hot *gf_outcome_hot_table(gf_isa isa)
{
    return GF_OF_ISA(isa, &gf_outcome_hot);
}

/* z of the place, from the smaller of its two sides: −|z| by the fast or GSL's quantile, then the sign. */
static void normal_at(const gf_draws *draws, size_t n, double *lower, const double *upper)
{
    double side[GF_OUTCOME_CHUNK];
    for (size_t i = 0; i < n; i++) {
        side[i] = lower[i] <= upper[i] ? 1.0 : -1.0;
        lower[i] = lower[i] <= upper[i] ? lower[i] : upper[i];
    }
    draws->normal(n, lower, lower);
    for (size_t i = 0; i < n; i++)
        lower[i] *= side[i];
}

static void lognormal(const gf_component_params *c, const gf_draws *draws, size_t n, double *lower,
                      const double *upper, double *multiple)
{
    const double mu = log(c->lognormal.median), sigma = c->lognormal.sigma;
    normal_at(draws, n, lower, upper);
    for (size_t i = 0; i < n; i++)
        lower[i] = mu + sigma * lower[i];
    draws->exp(n, lower, multiple);
}

/* x = min S^(−1/a) with S the survival probability before truncation: gsl_cdf_pareto_Qinv of `upper`, which
 * keeps its relative precision where 1 − lower would not. */
static void pareto(const gf_component_params *c, const gf_draws *draws, size_t n, double *upper,
                   double *multiple)
{
    const double beyond = beyond_cap(c), slope = -1 / c->pareto.index;
    for (size_t i = 0; i < n; i++)
        upper[i] = upper[i] * (1 - beyond) + beyond;
    draws->log(n, upper, upper);
    for (size_t i = 0; i < n; i++)
        upper[i] *= slope;
    draws->exp(n, upper, upper);
    for (size_t i = 0; i < n; i++) {
        const double x = c->pareto.min * upper[i];
        multiple[i] = x < c->pareto.cap ? x : c->pareto.cap;
    }
}

/* x = scale / z², −z = Φ⁻¹(U/2), `half` holding U. In the far tail z is its series in w = S √(π/2), S = 1 − U
 * = upper, since U/2 = 1/2 − S/2 has lost S. */
static void levy(const gf_component_params *c, const gf_draws *draws, size_t n, double *half,
                 const double *upper, double *multiple)
{
    for (size_t i = 0; i < n; i++)
        half[i] *= 0.5;
    draws->normal(n, half, half);
    for (size_t i = 0; i < n; i++) {
        const double w = upper[i] * 1.2533141373155002512, w2 = w * w;
        const double series = w * (1 + w2 * (1.0 / 6 + w2 * (7.0 / 120 + w2 * (127.0 / 5040))));
        const double z = upper[i] < 0x1p-8 ? series : half[i];
        multiple[i] = c->levy.scale / (z * z);
    }
}

void gf_mixed_quantile(const gf_mixed *component, const gf_draws *draws, size_t n, double *lower,
                       double *upper, double *multiple)
{
    const gf_component_params *c = component->params;
    switch (component->kind) {
    case GF_OUTCOME_POINT:
        for (size_t i = 0; i < n; i++)
            multiple[i] = c->point;
        break;
    case GF_OUTCOME_UNIFORM:
        for (size_t i = 0; i < n; i++)
            multiple[i] = c->uniform[0] + (c->uniform[1] - c->uniform[0]) * lower[i];
        break;
    case GF_OUTCOME_BETA:
        draws->beta(n, lower, component->beta, multiple);
        for (size_t i = 0; i < n; i++)
            multiple[i] *= c->beta.scale;
        break;
    case GF_OUTCOME_LOGNORMAL:
        lognormal(c, draws, n, lower, upper, multiple);
        break;
    case GF_OUTCOME_PARETO:
        pareto(c, draws, n, upper, multiple);
        break;
    case GF_OUTCOME_LEVY:
        levy(c, draws, n, lower, upper, multiple);
        break;
    case GF_N_OUTCOMES:
        break;
    }
}
