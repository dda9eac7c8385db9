/* Published cases: reading them, and all that needs no simulation. */
#include "run/published.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "portfolio/returns.h"
#include "run/closed_form.h"
#include "run/published_run.h"

/* What rows cannot say: which keys belong together. */
static void check_case(const char *path, const gf_case *item, gf_error_list *errors)
{
    const gf_place place = {.file = path};
    if (item->method == GF_BY_RUN && item->config[0] == '\0')
        gf_errors_add(errors, GF_CONFIG, place, "case %s: missing key 'config'; method run needs one",
                      item->name);
    if (item->method == GF_BY_FLOWS && (!item->has_flows || item->flows.n_amounts < 2))
        gf_errors_add(errors, GF_CONFIG, place, "case %s: missing key 'flows'; expected two amounts or more",
                      item->name);
    if (item->flows.n_index > 0 && item->flows.n_index != item->flows.n_amounts)
        gf_errors_add(errors, GF_CONFIG, place,
                      "case %s: flows.index: is a list of %d; expected %d as in amounts", item->name,
                      (int)item->flows.n_index, (int)item->flows.n_amounts);
    if (!(item->pareto.cap > item->pareto.min))
        gf_errors_add(errors, GF_CONFIG, place, "case %s: pareto.cap: not above min; expected more, or none",
                      item->name);
}

gf_cases *gf_cases_read(const char *path, gf_error_list *errors)
{
    gf_cases *cases = calloc(1, sizeof *cases);
    if (cases == NULL) {
        errors->is_out_of_memory = 1;
        return NULL;
    }
    snprintf(cases->path, sizeof cases->path, "%s", path);
    if (gf_config_read_rows(path, gf_cases_rows, cases, errors) == GF_OK)
        for (int64_t i = 0; i < cases->n; i++) {
            check_case(cases->path, &cases->items[i], errors);
            for (int64_t k = 0; k < i; k++)
                if (strcmp(cases->items[i].name, cases->items[k].name) == 0)
                    gf_errors_add(errors, GF_CONFIG, (gf_place){.file = cases->path},
                                  "cases[%d].name: '%s' is there twice; expected names that differ", (int)i,
                                  cases->items[i].name);
        }
    if (gf_errors_status(errors) == GF_OK)
        return cases;
    free(cases);
    return NULL;
}

const gf_case *gf_cases_find(const gf_cases *cases, const char *name, const char **nearest)
{
    gf_nearest near = {name, NULL, 0};
    for (int64_t i = 0; i < cases->n; i++) {
        if (strcmp(cases->items[i].name, name) == 0)
            return &cases->items[i];
        gf_nearest_offer(&near, cases->items[i].name);
    }
    *nearest = near.best;
    return NULL;
}

/* --- performance measures of given flows --- */

typedef struct flow_arrays {
    double contributions[GF_MAX_CASE_FLOWS], distributions[GF_MAX_CASE_FLOWS], net[GF_MAX_CASE_FLOWS];
    gf_cash_flows flows;
} flow_arrays;

static void split_flows(const gf_case *item, flow_arrays *a)
{
    const int n = (int)item->flows.n_amounts;
    for (int t = 0; t < n; t++) {
        const double amount = item->flows.amounts[t];
        a->contributions[t] = amount < 0 ? -amount : 0;
        a->distributions[t] = amount > 0 ? amount : 0;
        a->net[t] = amount + (t == n - 1 ? item->flows.nav : 0);
    }
    a->flows = (gf_cash_flows){.n = n,
                               .periods_per_year = item->flows.periods_per_year,
                               .contributions = a->contributions,
                               .distributions = a->distributions,
                               .index = item->flows.n_index > 0 ? item->flows.index : NULL,
                               .nav = item->flows.nav};
}

/* Measures against the index; NaN if there is none of that name, or no index. */
static double against_index(const flow_arrays *a, const gf_quantity *q)
{
    double rate = NAN, log_rate = NAN, index_nav[GF_MAX_CASE_FLOWS];
    if (a->flows.index == NULL)
        return NAN;
    if (strcmp(q->function, "ks_pme") == 0)
        return gf_ks_pme(&a->flows);
    if (strcmp(q->function, "ln_pme") == 0 || strcmp(q->function, "index_nav") == 0) {
        gf_ln_pme(&a->flows, index_nav, &rate);
        const int t = q->n_arguments == 1 ? (int)q->arguments[0] : -1;
        return q->function[0] == 'l' ? rate : t >= 0 && t < a->flows.n ? index_nav[t] : NAN;
    }
    gf_direct_alpha(&a->flows, &rate, &log_rate);
    return strcmp(q->function, "direct_alpha") == 0       ? rate
           : strcmp(q->function, "direct_alpha_log") == 0 ? log_rate
                                                          : NAN;
}

static double of_flows(const gf_case *item, const gf_quantity *q)
{
    flow_arrays a;
    double rate = NAN, roots[8];
    split_flows(item, &a);
    const gf_multiples multiples = gf_multiples_of(&a.flows);
    if (strcmp(q->function, "irr") == 0) {
        gf_net_irr(&a.flows, &rate);
        return rate;
    }
    if (strcmp(q->function, "irr_flag") == 0)
        return gf_net_irr(&a.flows, &rate);
    if (strcmp(q->function, "irr_roots") == 0)
        return gf_irr_roots(a.flows.n, a.net, 8, roots);
    if (gf_quantity_is(q, "irr_root", 0, 1)) {
        const int n = gf_irr_roots(a.flows.n, a.net, 8, roots), k = (int)q->arguments[0];
        return k >= 1 && k <= n && k <= 8 ? pow(1 + roots[k - 1], item->flows.periods_per_year) - 1 : NAN;
    }
    if (strcmp(q->function, "tvpi") == 0)
        return multiples.tvpi;
    if (strcmp(q->function, "dpi") == 0)
        return multiples.dpi;
    return strcmp(q->function, "rvpi") == 0 ? multiples.rvpi : against_index(&a, q);
}

/* --- closed forms --- */

static double of_pareto(const gf_case *item, const gf_quantity *q)
{
    const gf_pareto_law law = {item->pareto.index, item->pareto.min, item->pareto.cap};
    const double x = q->arguments[0];
    if (gf_quantity_is(q, "mean", 0, 0))
        return gf_pareto_mean(&law);
    if (gf_quantity_is(q, "variance", 0, 0))
        return gf_pareto_variance(&law);
    if (gf_quantity_is(q, "survival", 0, 1))
        return gf_pareto_survival(&law, x);
    if (gf_quantity_is(q, "excess_mean", 0, 1))
        return gf_pareto_excess_mean(&law, x);
    if (gf_quantity_is(q, "capped_mean", 0, 1))
        return gf_pareto_capped_mean(&law, x);
    if (gf_quantity_is(q, "index_of_share", 0, 2))
        return gf_pareto_index_of_share(x, q->arguments[1]);
    if (!isinf(law.cap)) /* what follows knows no truncated law */
        return NAN;
    if (gf_quantity_is(q, "max_mean", 0, 1))
        return gf_pareto_max_mean(&law, x);
    if (gf_quantity_is(q, "max_median", 0, 1))
        return gf_pareto_max_median(&law, x);
    return gf_quantity_is(q, "top_share", 0, 1) ? gf_pareto_top_share(&law, x) : NAN;
}

static double of_lognormal(const gf_case *item, const gf_quantity *q)
{
    const double median = item->lognormal.median, sigma = item->lognormal.sigma, x = q->arguments[0];
    if (gf_quantity_is(q, "mean", 0, 0))
        return gf_lognormal_mean(median, sigma);
    if (gf_quantity_is(q, "survival", 0, 1))
        return gf_lognormal_survival(median, sigma, x);
    if (gf_quantity_is(q, "capped_mean", 0, 1))
        return gf_lognormal_mean(median, sigma) - gf_lognormal_excess_mean(median, sigma, x);
    return gf_quantity_is(q, "excess_mean", 0, 1) ? gf_lognormal_excess_mean(median, sigma, x) : NAN;
}

static double of_defaults(const gf_case *item, const gf_quantity *q)
{
    const double p = item->vasicek.probability, rho = item->vasicek.correlation;
    if (gf_quantity_is(q, "large_pool", 0, 1) && rho > 0)
        return gf_vasicek_large_pool(p, rho, q->arguments[0]);
    return gf_quantity_is(q, "pool", 0, 2) ? gf_vasicek_pool(p, rho, q->arguments[0], q->arguments[1]) : NAN;
}

static double of_cascades(const gf_case *item, const gf_quantity *q)
{
    const double m = item->offspring;
    if (gf_quantity_is(q, "extinction", 0, 0))
        return gf_branching_extinction(m);
    if (gf_quantity_is(q, "borel", 0, 1))
        return gf_borel_probability(m, q->arguments[0]);
    if (gf_quantity_is(q, "mean", 0, 0) && m < 1)
        return 1 / (1 - m);
    return gf_quantity_is(q, "variance", 0, 0) && m < 1 ? m / pow(1 - m, 3) : NAN;
}

/* The quantity of a case without simulation; NaN: there is no such. */
static double without_luck(const gf_case *item, const gf_quantity *q)
{
    switch ((gf_case_method)item->method) {
    case GF_BY_FLOWS:
        return of_flows(item, q);
    case GF_BY_PARETO:
        return of_pareto(item, q);
    case GF_BY_LOGNORMAL:
        return of_lognormal(item, q);
    case GF_BY_VASICEK:
        return of_defaults(item, q);
    case GF_BY_BRANCHING:
        return of_cascades(item, q);
    case GF_BY_STABLE:
        return gf_quantity_is(q, "sum_limit", 0, 1) ? gf_stable_limit(item->stable_index, q->arguments[0])
                                                    : NAN;
    case GF_BY_RUN:
        break;
    }
    return NAN;
}

static void judge(const gf_check *check, gf_verdict *v)
{
    if (v->se < 1e-12 * fabs(v->obtained)) /* rounding, not luck */
        v->se = 0;
    v->error = v->obtained - check->expected;
    v->bound = check->within + 4 * hypot(v->se, check->reference_se);
    /* A statement that should not hold is near only when luck cannot have brought it there. */
    const double luck = v->bound - check->within;
    v->is_near = fabs(v->error) <= v->bound;
    v->is_good =
        isfinite(v->error) && (check->holds ? v->is_near : !(fabs(v->error) + luck <= check->within));
}

static gf_status obtain(const gf_case *item, const gf_quantity *quantities, gf_verdict *verdicts,
                        gf_error *error)
{
    for (int64_t k = 0; k < item->n_checks; k++) {
        verdicts[k] = (gf_verdict){.obtained = without_luck(item, &quantities[k])};
        if (isnan(verdicts[k].obtained))
            return gf_error_set(error, GF_CONFIG, "case %s: no such number: %s", item->name,
                                item->checks[k].quantity);
    }
    return GF_OK;
}

gf_status gf_case_run(const gf_cases *cases, const gf_case *item, double scale, const gf_run_options *options,
                      gf_verdict *verdicts, gf_error *error)
{
    gf_quantity quantities[GF_MAX_CHECKS];
    gf_status status = GF_OK;
    for (int64_t k = 0; k < item->n_checks && status == GF_OK; k++)
        status = gf_quantity_parse(item->checks[k].quantity, &quantities[k], error);
    if (status == GF_OK)
        status = item->method == GF_BY_RUN
                     ? gf_case_simulate(cases, item, scale, options, quantities, verdicts, error)
                     : obtain(item, quantities, verdicts, error);
    for (int64_t k = 0; k < item->n_checks && status == GF_OK; k++)
        judge(&item->checks[k], &verdicts[k]);
    return status;
}
