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
    const gf_outcome_hot *hot;
    int is_gsl;
    gf_mixture mixture;
    double factor[GF_LANES]; /* F */
    /* exits at the end of the quarter: [sub_fund][quarter][lane], GF_FLOW_QUARTERS quarters */
    double *leaving;
    uint32_t word[4][CHUNK];
    gf_places all, some;
    double multiple[CHUNK], scratch[CHUNK];
    int32_t chosen[CHUNK], curved[CHUNK + 1], order[CHUNK], lane[CHUNK], quarters[CHUNK], fate[CHUNK];
};

gf_outcome *gf_outcome_new(const gf_scenario *scenario, gf_isa isa)
{
    gf_outcome *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->params = &scenario->startups.outcome;
    self->is_gsl = scenario->draws == GF_DRAWS_GSL;
    self->draws = self->is_gsl ? gf_draws_gsl(isa) : gf_draws_fast(isa);
    self->luck = gf_luck_hot_table(isa);
    self->hot = gf_outcome_hot_table(isa);
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
static void both_sides(gf_outcome *self, size_t n, const double *z)
{
    if (!self->is_gsl) {
        self->hot->sides(n, z, self->all.lower, self->all.upper);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        self->all.lower[i] = gsl_cdf_ugaussian_P(z[i]);
        self->all.upper[i] = gsl_cdf_ugaussian_Q(z[i]);
    }
}

/* U and 1 − U of n entrants. */
static void draw_uniforms(gf_outcome *self, size_t n)
{
    double *z = self->scratch;
    self->luck->to.wide(n, self->word[0], self->word[1], self->all.lower);
    const double common = sqrt(self->params->correlation), own = sqrt(1 - self->params->correlation);
    if (common > 0) {
        self->draws->normal(n, self->all.lower, z);
        for (size_t i = 0; i < n; i++)
            z[i] = common * self->factor[self->lane[i]] + own * z[i];
        both_sides(self, n, z);
        return;
    }
    for (size_t i = 0; i < n; i++)
        self->all.upper[i] = 1 - self->all.lower[i]; /* exact: U is an odd multiple of 2^-53 */
}

/* Sorts n entrants by component into `order`; ends[j] is the end of component j. */
static void sort_by_component(gf_outcome *self, size_t n, size_t *ends)
{
    memset(ends, 0, (GF_MAX_COMPONENTS + 1) * sizeof *ends);
    for (size_t i = 0; i < n; i++)
        ends[self->chosen[self->curved[i]] + 1]++;
    for (int j = 1; j < self->mixture.n; j++)
        ends[j] += ends[j - 1];
    for (size_t i = 0; i < n; i++)
        self->order[ends[self->chosen[self->curved[i]]]++] = self->curved[i];
}

/* Points and uniforms come on the way; entrants of other components are sorted, so that each law is drawn in
 * a batch. */
static void draw_multiples(gf_outcome *self, size_t n)
{
    const gf_mixture *m = &self->mixture;
    size_t ends[GF_MAX_COMPONENTS + 1];
    self->hot->choose(m, n, self->all.lower, self->all.upper, self->chosen);
    self->hot->place_linear(m, n, self->all.lower, self->chosen, self->multiple);
    sort_by_component(self, self->hot->list_curved(m, n, self->chosen, self->curved), ends);
    for (int j = 0; j < m->n; j++) {
        const size_t from = j > 0 ? ends[j - 1] : 0, count = ends[j] - from;
        if (count == 0)
            continue;
        self->hot->gather(&m->components[j], count, self->order + from, &self->all, &self->some);
        gf_mixed_quantile(&m->components[j], self->draws, count, self->some.lower, self->some.upper,
                          self->scratch);
        for (size_t i = 0; i < count; i++)
            self->multiple[self->order[from + i]] = self->scratch[i];
    }
}

static int32_t whole_quarters(double years)
{
    const double quarters = ceil(4 * years);
    return quarters < 1 ? 1 : quarters > GF_MAX_QUARTERS ? GF_MAX_QUARTERS : (int32_t)quarters;
}

/* Holdings of n entrants in whole quarters, at least one. */
static void draw_holdings(gf_outcome *self, size_t n)
{
    const gf_outcome_params *p = self->params;
    const int is_lognormal = p->holding_years.has_lognormal != 0;
    const double from = is_lognormal ? log(p->holding_years.lognormal.median) : p->holding_years.uniform[0];
    const double spread = is_lognormal ? p->holding_years.lognormal.sigma
                                       : p->holding_years.uniform[1] - p->holding_years.uniform[0];
    double *years = self->scratch;
    if (p->holding_years.has_point) {
        const int32_t quarters = whole_quarters(p->holding_years.point);
        for (size_t i = 0; i < n; i++)
            self->quarters[i] = quarters;
        return;
    }
    self->luck->to.wide(n, self->word[2], self->word[3], years);
    if (is_lognormal)
        self->draws->normal(n, years, years);
    for (size_t i = 0; i < n; i++)
        years[i] = from + spread * years[i];
    if (is_lognormal)
        self->draws->exp(n, years, years);
    for (size_t i = 0; i < n; i++)
        self->quarters[i] = whole_quarters(years[i]);
}

/* Entrants of one lane within a chunk: `from` to `to` of the chunk, with ids from `first` on. */
typedef struct run {
    int lane, first;
    size_t from, to;
} run;

/* A shortage of local startups costs value: before fates are told. */
static void cut_hair(gf_outcome *self, const gf_cohort *k, run r)
{
    if (k->pace.haircut[r.lane] <= 0)
        return;
    for (size_t i = r.from; i < r.to; i++)
        self->multiple[i] *= gf_pace_value(&k->pace, r.lane, r.first + (int)(i - r.from));
}

static void count_fates(const gf_outcome *self, gf_cohort *k, run r, int quarter)
{
    int n_failed = 0, n_outliers = 0;
    for (size_t i = r.from; i < r.to; i++) {
        n_failed += self->fate[i] == GF_FAIL;
        n_outliers += self->fate[i] == GF_BREAKOUT;
    }
    k->n_so_far[GF_FAIL][r.lane] += n_failed;
    k->n_so_far[GF_BREAKOUT][r.lane] += n_outliers;
    k->n_so_far[GF_ACQUIRE][r.lane] += (int)(r.to - r.from) - n_failed - n_outliers;
    int *first = &k->first_outlier[r.lane];
    for (size_t i = r.from; n_outliers > 0 && i < r.to; i++) {
        const int exit = quarter + self->quarters[i] - 1;
        if (self->fate[i] == GF_BREAKOUT && (*first < 0 || exit < *first))
            *first = exit;
    }
}

/* Proceeds join the winners and fall at the ends of the exits' quarters. Money is added entrant by entrant,
 * so that it does not depend on where chunks end. */
static void book_money(const gf_outcome *self, gf_cohort *k, run r, int quarter)
{
    const size_t base = (size_t)r.lane * (size_t)k->stride;
    const double cheque = k->cheque;
    double *won = k->won + base;
    int n_won = k->n_won[r.lane], fund = r.first % k->n_sub_funds;
    for (size_t i = r.from; i < r.to; i++) {
        const double proceeds = cheque * self->multiple[i];
        const size_t flow = gf_flow_index(fund, quarter + self->quarters[i] - 1, r.lane);
        k->proceeds[flow] += proceeds;
        self->leaving[flow] += 1;
        won[n_won] = proceeds;
        n_won += proceeds > 0.0;
        fund = fund + 1 < k->n_sub_funds ? fund + 1 : 0;
    }
    k->n_won[r.lane] = n_won;
}

/* The same where all have one fund and one date. */
static void book_money_at_once(const gf_outcome *self, gf_cohort *k, run r, int quarter)
{
    const size_t base = (size_t)r.lane * (size_t)k->stride;
    const size_t flow = gf_flow_index(0, quarter + self->quarters[r.from] - 1, r.lane);
    const double cheque = k->cheque;
    double *restrict won = k->won + base, sum = k->proceeds[flow];
    int n_won = k->n_won[r.lane];
    for (size_t i = r.from; i < r.to; i++) {
        const double proceeds = cheque * self->multiple[i];
        sum += proceeds;
        won[n_won] = proceeds;
        n_won += proceeds > 0.0;
    }
    k->n_won[r.lane] = n_won;
    k->proceeds[flow] = sum;
    self->leaving[flow] += (double)(r.to - r.from);
}

static void record(const gf_outcome *self, gf_cohort *k, run r, int quarter)
{
    for (size_t i = r.from; i < r.to; i++) {
        const size_t slot = (size_t)r.lane * (size_t)k->stride + (size_t)r.first + (i - r.from);
        k->received[slot] = k->cheque * self->multiple[i];
        k->record[slot] = (gf_record){(int16_t)quarter, (int16_t)(quarter + self->quarters[i] - 1),
                                      (int8_t)self->fate[i], -1, 0};
    }
}

/* Books the n entrants of a chunk, whose ids begin at `startup`, lane by lane. */
static void book(gf_outcome *self, gf_cohort *k, size_t n, const uint32_t *startup, int quarter)
{
    const int left = k->n_quarters - quarter;
    const int is_at_once = self->params->holding_years.has_point && k->n_sub_funds == 1;
    for (size_t i = 0; i < n; i++) /* at the latest with the last quarter */
        self->quarters[i] = self->quarters[i] < left ? self->quarters[i] : left;
    run r = {.from = 0};
    for (; r.from < n; r.from = r.to) {
        r.lane = self->lane[r.from];
        r.first = (int)startup[r.from];
        for (r.to = r.from + 1; r.to < n && self->lane[r.to] == r.lane;)
            r.to++;
        cut_hair(self, k, r);
    }
    self->hot->tell_fates(&self->mixture, n, self->chosen, self->multiple, self->fate);
    for (r.from = 0; r.from < n; r.from = r.to) {
        r.lane = self->lane[r.from];
        r.first = (int)startup[r.from];
        for (r.to = r.from + 1; r.to < n && self->lane[r.to] == r.lane;)
            r.to++;
        count_fates(self, k, r, quarter);
        (is_at_once ? book_money_at_once : book_money)(self, k, r, quarter);
        if (k->is_recorded)
            record(self, k, r, quarter);
    }
}

void gf_outcome_enter(gf_outcome *self, gf_cohort *k, size_t n, int quarter)
{
    const gf_event_buffer *e = &k->events;
    for (size_t from = 0; from < n; from += CHUNK) {
        const size_t count = n - from < CHUNK ? n - from : CHUNK;
        for (size_t i = 0; i < count; i++)
            self->lane[i] = (int)(e->portfolio[from + i] - k->first_portfolio);
        self->luck->words.startups(k->seed, count, e->startup + from, e->portfolio + from, GF_LUCK_OUTCOME,
                                   e->stage + from, self->word[0], self->word[1], self->word[2],
                                   self->word[3]);
        draw_uniforms(self, count);
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
