/* The outcome lifecycle of a block of portfolios: entrants draw multiples and holdings, the money falls at
 * the exit. */
#include "portfolio/outcome.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "portfolio/outcome_mixture.h"
#include "random/luck_hot.h"

enum { CHUNK = GF_OUTCOME_CHUNK };

struct gf_outcome {
    const gf_outcome_params *params;
    const gf_draws *draws;
    const gf_luck_hot *luck;
    int is_gsl;
    gf_mixture mixture;
    double factor[GF_LANES]; /* F */
    /* exits at the end of the quarter: [sub_fund][quarter][lane], GF_FLOW_QUARTERS quarters */
    double *leaving;
    uint32_t word[4][CHUNK];
    double lower[CHUNK], upper[CHUNK], multiple[CHUNK], some_lower[CHUNK], some_upper[CHUNK], some[CHUNK];
    int chosen[CHUNK], order[CHUNK], lane[CHUNK], quarters[CHUNK];
};

gf_outcome *gf_outcome_new(const gf_scenario *scenario, gf_isa isa)
{
    gf_outcome *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->params = &scenario->startups.outcome;
    self->is_gsl = scenario->draws == GF_DRAWS_GSL;
    self->draws = self->is_gsl ? gf_draws_gsl() : gf_draws_fast(isa);
    self->luck = gf_luck_hot_table(isa);
    self->leaving =
        calloc((size_t)scenario->programme.sub_funds * GF_FLOW_QUARTERS * GF_LANES, sizeof *self->leaving);
    if (self->leaving == NULL || gf_mixture_init(&self->mixture, self->params) != 0) {
        gf_outcome_free(self);
        return NULL;
    }
    return self;
}

void gf_outcome_free(gf_outcome *self)
{
    if (self == NULL)
        return;
    gf_mixture_clear(&self->mixture);
    free(self->leaving);
    free(self);
}

void gf_outcome_begin(gf_outcome *self, const gf_cohort *k)
{
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        memset(self->leaving + gf_flow_index(fund, 0, 0), 0,
               (size_t)k->n_quarters * GF_LANES * sizeof *self->leaving);
    if (self->params->correlation <= 0)
        return;
    gf_luck_lanes(k->seed, k->first_portfolio, GF_LANES, 0, GF_LUCK_VINTAGE, 0, self->factor, NULL);
    self->draws->normal(GF_LANES, self->factor, self->factor);
}

/* Φ(z) and Φ(−z), each with its relative precision. */
static void both_sides(const gf_outcome *self, size_t n, const double *z, double *lower, double *upper)
{
    const double root_half = 0.70710678118654752440;
    for (size_t i = 0; i < n; i++) {
        const double at = z[i];
        lower[i] = self->is_gsl ? gsl_cdf_ugaussian_P(at) : 0.5 * erfc(-at * root_half);
        upper[i] = self->is_gsl ? gsl_cdf_ugaussian_Q(at) : 0.5 * erfc(at * root_half);
    }
}

/* U and 1 − U of n entrants. */
static void draw_places(gf_outcome *self, size_t n)
{
    self->luck->wide(n, self->word[0], self->word[1], self->lower);
    const double common = sqrt(self->params->correlation), own = sqrt(1 - self->params->correlation);
    if (common > 0) {
        self->draws->normal(n, self->lower, self->multiple);
        for (size_t i = 0; i < n; i++)
            self->multiple[i] = common * self->factor[self->lane[i]] + own * self->multiple[i];
        both_sides(self, n, self->multiple, self->lower, self->upper);
        return;
    }
    for (size_t i = 0; i < n; i++)
        self->upper[i] = 1 - self->lower[i]; /* exact: U is an odd multiple of 2^-53 */
}

static double inside(double place)
{
    return fmin(fmax(place, 0x1p-60), 1 - 0x1p-53);
}

/* Entrants are sorted by component, so that each law is drawn in a batch. */
static void draw_multiples(gf_outcome *self, size_t n)
{
    const gf_mixture *m = &self->mixture;
    size_t ends[GF_MAX_COMPONENTS + 1] = {0};
    gf_mixture_choose(m, n, self->lower, self->upper, self->chosen);
    for (size_t i = 0; i < n; i++)
        ends[self->chosen[i] + 1]++;
    for (int j = 1; j < m->n; j++)
        ends[j] += ends[j - 1];
    for (size_t i = 0; i < n; i++)
        self->order[ends[self->chosen[i]]++] = (int)i;
    for (int j = 0; j < m->n; j++) {
        const gf_mixed *c = &m->components[j];
        const size_t from = j > 0 ? ends[j - 1] : 0, count = ends[j] - from;
        const int *order = self->order + from;
        const double scale = 1 / c->weight;
        for (size_t i = 0; i < count; i++) {
            self->some_lower[i] = inside((self->lower[order[i]] - c->below) * scale);
            self->some_upper[i] = inside((self->upper[order[i]] - c->above) * scale);
        }
        gf_mixed_quantile(c, self->draws, count, self->some_lower, self->some_upper, self->some);
        for (size_t i = 0; i < count; i++)
            self->multiple[order[i]] = self->some[i];
    }
}

/* Holdings of n entrants in whole quarters, at least one. */
static void draw_holdings(gf_outcome *self, size_t n)
{
    const gf_outcome_params *p = self->params;
    double *years = self->some;
    if (p->holding_years.has_point) {
        for (size_t i = 0; i < n; i++)
            years[i] = p->holding_years.point;
    } else {
        self->luck->wide(n, self->word[2], self->word[3], years);
        if (p->holding_years.has_lognormal)
            self->draws->normal(n, years, years);
        const double mu = p->holding_years.has_lognormal ? log(p->holding_years.lognormal.median)
                                                         : p->holding_years.uniform[0];
        const double spread = p->holding_years.has_lognormal
                                  ? p->holding_years.lognormal.sigma
                                  : p->holding_years.uniform[1] - p->holding_years.uniform[0];
        for (size_t i = 0; i < n; i++)
            years[i] = mu + spread * years[i];
        if (p->holding_years.has_lognormal)
            self->draws->exp(n, years, years);
    }
    for (size_t i = 0; i < n; i++)
        self->quarters[i] = (int)fmin(fmax(ceil(4 * years[i]), 1.0), GF_MAX_QUARTERS);
}

/* Counts the fate of an outcome that leaves at the end of `quarter`, and returns it. */
static gf_cause count_fate(const gf_outcome *self, gf_cohort *k, size_t i, int quarter)
{
    const gf_outcome_kind kind = self->mixture.components[self->chosen[i]].kind;
    const int lane = self->lane[i];
    if (self->multiple[i] < 1) {
        k->n_failed[lane] += 1;
        return GF_FAIL;
    }
    if (kind != GF_OUTCOME_PARETO && kind != GF_OUTCOME_LEVY) {
        k->n_acquired[lane] += 1;
        return GF_ACQUIRE;
    }
    k->n_outliers[lane] += 1;
    if (k->first_outlier[lane] < 0 || quarter < k->first_outlier[lane])
        k->first_outlier[lane] = quarter;
    return GF_BREAKOUT;
}

/* Books n entrants whose addresses begin at `from`. */
static void book(gf_outcome *self, gf_cohort *k, size_t n, const uint32_t *startup, int quarter)
{
    for (size_t i = 0; i < n; i++) {
        const int lane = self->lane[i], last = k->n_quarters - 1;
        const int due = quarter + self->quarters[i] - 1, exit = due < last ? due : last;
        const size_t slot = (size_t)lane * (size_t)k->stride + startup[i];
        const size_t flow = gf_flow_index(k->sub_fund[slot], exit, lane);
        const double proceeds =
            k->cheque * self->multiple[i] * gf_pace_value(&k->pace, lane, (int)startup[i]);
        const gf_cause fate = count_fate(self, k, i, exit);
        k->proceeds[flow] += proceeds;
        self->leaving[flow] += 1;
        gf_cohort_win(k, (size_t)lane, proceeds, k->cheque);
        if (!k->is_recorded)
            continue;
        k->stake[slot] = (gf_stake){.cost = k->cheque, .received = proceeds};
        k->record[slot] = (gf_record){(int16_t)quarter, (int16_t)exit, (int8_t)fate, -1, 0};
    }
}

void gf_outcome_enter(gf_outcome *self, gf_cohort *k, size_t n, int quarter)
{
    const gf_event_buffer *e = &k->events;
    for (size_t from = 0; from < n; from += CHUNK) {
        const size_t count = n - from < CHUNK ? n - from : CHUNK;
        for (size_t i = 0; i < count; i++)
            self->lane[i] = (int)(e->portfolio[from + i] - k->first_portfolio);
        self->luck->startups(k->seed, count, e->startup + from, e->portfolio + from, GF_LUCK_OUTCOME,
                             e->stage + from, self->word[0], self->word[1], self->word[2], self->word[3]);
        draw_places(self, count);
        draw_multiples(self, count);
        draw_holdings(self, count);
        book(self, k, count, e->startup + from, quarter);
    }
}

void gf_outcome_leave(const gf_outcome *self, gf_cohort *k, int quarter)
{
    memset(k->value_live, 0, sizeof k->value_live);
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        const double *leaving = self->leaving + gf_flow_index(fund, quarter, 0);
        for (int lane = 0; lane < k->n_lanes; lane++) {
            k->n_live[lane] -= (int)leaving[lane];
            k->n_live_sector[0][lane] -= leaving[lane];
            k->cost_live[fund][lane] -= k->cheque * leaving[lane];
            k->value_live[lane] += fmax(0.0, k->cost_live[fund][lane]);
        }
    }
}
