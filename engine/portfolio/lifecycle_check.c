/* Checks of the lifecycles without stages, outcome and takahashi_alexander: their own sections, and what else
 * a scenario asks that only stages can give. */
#include <math.h>
#include <stdio.h>

#include "portfolio/scenario.h"

static const char *const kind_names[GF_N_OUTCOMES] = {"point",     "uniform", "beta",
                                                      "lognormal", "pareto",  "levy"};

/* "none", "point", "point and uniform": what was given of n kinds. Returns how many. */
static int name_given(const int64_t *has, const char *const *names, int n, char *buffer, size_t size)
{
    int given = 0;
    size_t at = (size_t)snprintf(buffer, size, "none");
    for (int i = 0; i < n; i++)
        if (has[i]) {
            at = given > 0 ? at : 0;
            at += (size_t)snprintf(buffer + at, size - at, "%s%s", given > 0 ? " and " : "", names[i]);
            given++;
        }
    return given;
}

static void check_bounds(gf_diagnostics *d, const char *key, const double *bounds)
{
    if (bounds[0] > bounds[1])
        gf_diagnose(d, key, "the lower bound %g is above the upper one %g; expected [lower, upper]",
                    bounds[0], bounds[1]);
}

static void check_component(const gf_component_params *c, int index, gf_diagnostics *d)
{
    char key[64], given[96], inner[80];
    snprintf(key, sizeof key, "startups.outcome.mixture[%d]", index);
    if (name_given(c->has, kind_names, GF_N_OUTCOMES, given, sizeof given) != 1) {
        gf_diagnose(
            d, key,
            "a component with %s; expected exactly one of point, uniform, beta, lognormal, pareto, levy",
            given);
        return;
    }
    if (c->has[GF_OUTCOME_UNIFORM]) {
        snprintf(inner, sizeof inner, "%s.uniform", key);
        check_bounds(d, inner, c->uniform);
    }
    if (c->has[GF_OUTCOME_PARETO] && c->pareto.cap <= c->pareto.min) {
        snprintf(inner, sizeof inner, "%s.pareto.cap", key);
        gf_diagnose(d, inner, "%g is not above min %g; expected a larger cap or none", c->pareto.cap,
                    c->pareto.min);
    }
}

static void check_mixture(const gf_outcome_params *p, gf_diagnostics *d)
{
    double sum = 0;
    if (p->n_components == 0) {
        gf_diagnose(d, "startups.outcome.mixture", "has no component; expected at least one");
        return;
    }
    for (int64_t i = 0; i < p->n_components; i++) {
        sum += p->mixture[i].weight;
        check_component(&p->mixture[i], (int)i, d);
    }
    if (!(fabs(sum - 1.0) <= 1e-6)) /* seven digits of thirds; they are scaled to 1 */
        gf_diagnose(d, "startups.outcome.mixture", "weights sum to %.12g; expected 1", sum);
}

/* A holding that may outlast the horizon of the last entrant. */
static void check_horizon(const gf_scenario *s, double years, const char *key, gf_diagnostics *d)
{
    const gf_startup_params *p = &s->startups;
    const int64_t window = p->entry.quarters < s->n_quarters ? p->entry.quarters : s->n_quarters;
    /* without a limit on deal flow nobody is late */
    const int is_limited =
        isfinite(p->entry.deal_flow_per_year) ||
        (s->programme.reinvestment.ratio > 0 && isfinite(s->programme.reinvestment.local_deal_flow_per_year));
    const int64_t late = is_limited ? p->entry.extension_quarters : 0;
    const double last = fmin((double)(window - 1 + late), s->n_quarters - 1),
                 needed = last + fmax(1.0, ceil(4 * years));
    if (needed > s->n_quarters)
        gf_diagnose(
            d, key,
            "entries up to quarter %g and a holding of %g years end after the horizon of %g years; expected "
            "horizon_years of at least %g, or shorter holdings",
            last, years, s->horizon_years, needed / 4);
}

static void check_holding(const gf_scenario *s, gf_diagnostics *d)
{
    static const char *const names[] = {"point", "uniform", "lognormal"};
    const gf_outcome_params *p = &s->startups.outcome;
    const int64_t has[] = {p->holding_years.has_point, p->holding_years.has_uniform,
                           p->holding_years.has_lognormal};
    char given[64];
    if (name_given(has, names, 3, given, sizeof given) != 1)
        gf_diagnose(d, "startups.outcome.holding_years",
                    "a holding with %s; expected exactly one of point, uniform, lognormal", given);
    else if (has[0])
        check_horizon(s, p->holding_years.point, "startups.outcome.holding_years.point", d);
    else if (has[1]) {
        check_bounds(d, "startups.outcome.holding_years.uniform", p->holding_years.uniform);
        check_horizon(s, fmax(p->holding_years.uniform[0], p->holding_years.uniform[1]),
                      "startups.outcome.holding_years.uniform", d);
    }
}

/* What acts on stages, hazards or quality. */
static void refuse_stages(const gf_scenario *s, const char *lifecycle, gf_diagnostics *d)
{
    const gf_startup_params *p = &s->startups;
    for (int i = 0; i < s->n_models; i++) {
        char key[GF_TEXT_SIZE + 16];
        snprintf(key, sizeof key, "models.%s", s->models[i].model->name);
        gf_diagnose(
            d, key,
            "acts on the stages of the staged lifecycle, and lifecycle %s has none; expected no models, "
            "or lifecycle: staged",
            lifecycle);
    }
    if (p->n_sectors > 0)
        gf_diagnose(d, "startups.sectors", "lifecycle %s has no sectors; expected none, or lifecycle: staged",
                    lifecycle);
    if (p->follow_on.rule != GF_FOLLOW_NONE)
        gf_diagnose(d, "startups.follow_on.rule",
                    "lifecycle %s has no rounds to follow; expected none, or lifecycle: staged", lifecycle);
    if (p->quality.correlation > 0)
        gf_diagnose(d, "startups.quality.correlation", "lifecycle %s has no quality; expected 0%s", lifecycle,
                    p->lifecycle == GF_LIFECYCLE_OUTCOME ? " and startups.outcome.correlation" : "");
    if (s->programme.manager_skill > 0)
        gf_diagnose(d, "programme.manager_skill",
                    "lifecycle %s has no quality; expected 0, or lifecycle: staged", lifecycle);
}

/* A section that another lifecycle would read, or the missing one of this. */
static void check_section(gf_diagnostics *d, const char *key, const char *lifecycle, int is_given,
                          int is_wanted)
{
    if (is_given && !is_wanted)
        gf_diagnose(d, key, "is given, but the lifecycle does not read it; expected lifecycle: %s",
                    lifecycle);
    else if (is_wanted && !is_given)
        gf_diagnose(d, "startups.lifecycle", "lifecycle %s needs the section %s; expected it", lifecycle,
                    key);
}

static void check_cash_flow(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_cash_flow_params *p = &s->startups.cash_flow;
    if (s->programme.reinvestment.ratio > 0)
        gf_diagnose(d, "programme.reinvestment.ratio",
                    "lifecycle takahashi_alexander has no startups that could be local; expected 0");
    if (p->n_rates == 0)
        gf_diagnose(d, "startups.cash_flow.rate_of_contribution",
                    "is an empty list; expected at least one rate");
    if (p->step == GF_STEP_YEARLY && s->n_quarters % 4 != 0)
        gf_diagnose(d, "startups.cash_flow.step",
                    "yearly flows do not fit a horizon of %g years; expected whole years, or step: quarterly",
                    s->horizon_years);
}

void gf_lifecycle_check(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_startup_params *p = &s->startups;
    const int is_outcome = p->lifecycle == GF_LIFECYCLE_OUTCOME,
              is_flow = p->lifecycle == GF_LIFECYCLE_TAKAHASHI;
    check_section(d, "startups.outcome", "outcome", p->has_outcome != 0, is_outcome);
    check_section(d, "startups.cash_flow", "takahashi_alexander", p->has_cash_flow != 0, is_flow);
    if (is_outcome || is_flow)
        refuse_stages(s, is_outcome ? "outcome" : "takahashi_alexander", d);
    if (is_outcome && p->has_outcome) {
        check_mixture(&p->outcome, d);
        check_holding(s, d);
    }
    if (is_flow && p->has_cash_flow)
        check_cash_flow(s, d);
}
