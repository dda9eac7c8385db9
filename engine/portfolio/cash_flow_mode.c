/* Takahashi & Alexander's fund in the place of startups: rows, schedule, booking. */
#include "portfolio/cash_flow_mode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/cohort.h"

#define ROW(kind, key, member) GF_ROW(kind, gf_cash_flow_params, key, member)

const gf_param gf_cash_flow_rows[] = {
    {ROW(GF_DOUBLES, "rate_of_contribution", rate_of_contribution), .required = 1, .min = 0, .max = 1,
     .neutral = NAN, .max_count = GF_TAKAHASHI_MAX_RATES,
     .count_offset = offsetof(gf_cash_flow_params, n_rates), .unit = "1/year",
     .help = "share of what is still unpaid that years 1, 2, ... call; the last repeats",
     .source = "Takahashi & Alexander 2002: 0.25, 0.3333, 0.5"},
    {ROW(GF_DOUBLE, "life_years", life_years), .required = 1, .min = 1, .max = 40, .neutral = NAN,
     .unit = "year", .help = "life L: from year L on everything is distributed",
     .source = "Takahashi & Alexander 2002: 12"},
    {ROW(GF_DOUBLE, "bow", bow), .required = 1, .min = 0.01, .max = 20, .neutral = NAN, .unit = "1",
     .help = "bow B: year t distributes (t/L)^B of the grown NAV",
     .source = "Takahashi & Alexander 2002: 2.5"},
    {ROW(GF_DOUBLE, "growth_per_year", growth_per_year), .required = 1, .min = -0.9, .max = 2, .neutral = 0,
     .unit = "1/year", .help = "growth G of the NAV before fees and carry",
     .source = "Takahashi & Alexander 2002: 0.13"},
    {ROW(GF_DOUBLE, "yield_per_year", yield_per_year), .preset = 0, .min = 0, .max = 1, .neutral = 0,
     .unit = "1/year", .help = "yield Y: at least this share of the grown NAV is distributed",
     .source = "Takahashi & Alexander 2002: 0"},
    {ROW(GF_CHOICE, "step", step), .preset = GF_STEP_YEARLY, .choices = "yearly|quarterly", .neutral = NAN,
     .unit = "",
     .help = "flows at the ends of years, or at the ends of quarters whose shares compose to the year's",
     .source = ""},
    GF_ROW_END,
};

gf_cash_flow *gf_cash_flow_new(const gf_scenario *scenario)
{
    const gf_cash_flow_params *p = &scenario->startups.cash_flow;
    const int per_year = p->step == GF_STEP_YEARLY ? 1 : 4, stretch = 4 / per_year;
    const int n = scenario->n_quarters / stretch;
    const double growth =
        per_year == 1 ? 1 + p->growth_per_year : pow(1 + p->growth_per_year, 1.0 / per_year);
    double call[GF_MAX_QUARTERS], distribution[GF_MAX_QUARTERS], nav[GF_MAX_QUARTERS];
    gf_takahashi model = {.commitment = scenario->scene.commitment_cny_m * scenario->invested_share /
                                        (double)scenario->programme.sub_funds,
                          .n_rates = (int)p->n_rates,
                          .life_years = p->life_years,
                          .bow = p->bow,
                          .growth_per_year = p->growth_per_year,
                          .yield_per_year = p->yield_per_year};
    memcpy(model.contribution_per_year, p->rate_of_contribution, sizeof model.contribution_per_year);
    gf_cash_flow *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    gf_takahashi_project(&model, per_year, n, call, distribution, nav);
    for (int t = 1; t <= scenario->n_quarters; t++) {
        const int i = t / stretch - 1;
        self->nav[t] = self->nav[t - 1];
        self->cost[t] = self->cost[t - 1];
        if (t % stretch != 0)
            continue;
        const double grown = i > 0 ? nav[i - 1] * growth : 0.0;
        self->call[t] = call[i];
        self->distribution[t] = distribution[i];
        self->nav[t] = nav[i];
        self->cost[t] =
            self->cost[t - 1] * (grown > 0 ? fmax(0.0, 1 - distribution[i] / grown) : 1.0) + call[i];
    }
    return self;
}

void gf_cash_flow_free(gf_cash_flow *flow)
{
    free(flow);
}

void gf_cash_flow_step(const gf_cash_flow *flow, gf_cohort *k, int quarter)
{
    const int date = quarter + 1;
    gf_invest_until(k, date);
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int lane = 0; lane < k->n_lanes; lane++) {
            k->invested[gf_flow_index(fund, date, lane)] = flow->call[date];
            k->proceeds[gf_flow_index(fund, quarter, lane)] = flow->distribution[date];
            k->cost_live[fund][lane] = flow->cost[date];
        }
    for (int lane = 0; lane < k->n_lanes; lane++)
        k->value_live[lane] = k->n_sub_funds * flow->nav[date];
}

void gf_cash_flow_mark_horizon(const gf_cash_flow *flow, const gf_cohort *k, double (*nav)[GF_LANES])
{
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int lane = 0; lane < k->n_lanes; lane++)
            nav[fund][lane] = flow->nav[k->n_quarters];
}
