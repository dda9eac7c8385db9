/* Deterministic cash-flow model of Takahashi & Alexander (2002): see the header for the equations. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include "portfolio/takahashi.h"

gf_takahashi gf_takahashi_example(void)
{
    return (gf_takahashi){.commitment = 100.0,
                          .n_rates = 3,
                          .contribution_per_year = {0.25, 1.0 / 3.0, 0.5},
                          .life_years = 12.0,
                          .bow = 2.5,
                          .growth_per_year = 0.13,
                          .yield_per_year = 0.0};
}

/* The share that, taken m times from what remains, takes `share_per_year` in a year. */
static double per_period(double share_per_year, int m)
{
    return m == 1 ? share_per_year : 1.0 - pow(1.0 - share_per_year, 1.0 / m);
}

static double contribution_rate(const gf_takahashi *model, int year, int m)
{
    int i = year <= model->n_rates ? year - 1 : model->n_rates - 1;
    return per_period(model->contribution_per_year[i], m);
}

static double distribution_rate(const gf_takahashi *model, int year, int step, int m)
{
    double share = fmax(model->yield_per_year, pow(year / model->life_years, model->bow));
    if (year >= model->life_years || share >= 1.0)
        return 1.0 / (m - step);
    return per_period(share, m);
}

void gf_takahashi_project(const gf_takahashi *model, int periods_per_year, int n_periods, double *calls,
                          double *distributions, double *nav)
{
    assert(periods_per_year >= 1 && model->n_rates >= 1 && model->n_rates <= GF_TAKAHASHI_MAX_RATES);
    int m = periods_per_year;
    double growth = m == 1 ? 1.0 + model->growth_per_year : pow(1.0 + model->growth_per_year, 1.0 / m);
    double paid_in = 0.0, value = 0.0;
    for (int t = 0; t < n_periods; t++) {
        int year = t / m + 1, step = t % m;
        double call = contribution_rate(model, year, m) * (model->commitment - paid_in);
        double grown = value * growth;
        double distribution = distribution_rate(model, year, step, m) * grown;
        value = grown + call - distribution;
        paid_in += call;
        if (calls)
            calls[t] = call;
        if (distributions)
            distributions[t] = distribution;
        if (nav)
            nav[t] = value;
    }
}
