/* Memory of a cohort, and what is left of it at the horizon. */
#include "portfolio/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One allocation for everything: a first pass with base NULL measures, a second hands out. */
typedef struct arena {
    unsigned char *base;
    size_t used;
} arena;

static void *take(arena *a, size_t count, size_t size)
{
    void *place = a->base == NULL ? NULL : a->base + a->used;
    a->used += (count * size + 63) / 64 * 64;
    return place;
}

static void lay_out_events(gf_event_buffer *e, arena *a, size_t n)
{
    int32_t **ints[] = {&e->lane, &e->position, &e->id, &e->class_index, &e->cause, &e->graduates, &e->exits,
                        &e->failures, &e->breakouts};
    uint32_t **words[] = {&e->startup, &e->stage, &e->word[0], &e->word[1], &e->word[2], &e->word[3], &e->high, &e->low};
    double **doubles[] = {&e->uniform, &e->z, &e->factor, &e->budget};
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        *ints[i] = take(a, n, sizeof **ints[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = take(a, n, sizeof **words[i]);
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        *doubles[i] = take(a, n, sizeof **doubles[i]);
    e->portfolio = take(a, n, sizeof *e->portfolio);
}

static void lay_out(gf_cohort *k, arena *a, size_t lanes)
{
    const size_t n = lanes * (size_t)k->stride;
    const size_t flows = (size_t)k->n_sub_funds * GF_FLOW_QUARTERS * GF_LANES;
    double **per_startup[] = {&k->due, &k->value, &k->cost, &k->received, &k->quality, &k->ownership, &k->follow_value};
    for (size_t i = 0; i < sizeof per_startup / sizeof *per_startup; i++)
        *per_startup[i] = take(a, n + 8, sizeof(double));
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        k->weight[cause] = take(a, k->is_own ? n + 8 : 0, sizeof(double));
    k->class_index = take(a, n + 8, sizeof(int32_t));
    k->id = take(a, n + 8, sizeof(int32_t));
    k->entry_quarter = take(a, n, sizeof(int16_t));
    k->exit_quarter = take(a, n, sizeof(int16_t));
    k->fate = take(a, n, 1);
    k->last_stage = take(a, n, 1);
    k->sector = take(a, n, 1);
    k->sub_fund = take(a, (size_t)k->n_startups, 1);
    k->rate = take(a, lanes * (size_t)k->n_classes * GF_RATE_STRIDE, sizeof(double));
    k->clock = take(a, lanes * (size_t)k->clock_stride, sizeof(double));
    k->invested = take(a, flows, sizeof(double));
    k->proceeds = take(a, flows, sizeof(double));
    k->locked = take(a, flows, sizeof(double));
    k->cost_basis = take(a, flows, sizeof(double));
    lay_out_events(&k->events, a, n + 16);
}

static void set_constants(gf_cohort *k)
{
    const gf_startup_params *p = &k->scenario->startups;
    for (int stage = 0; stage < 4; stage++) {
        k->value_mu[stage] = log(p->step_up.median[stage]);
        k->value_sigma[stage] = p->step_up.sigma[stage] * sqrt(1 - p->step_up.market_correlation * p->step_up.market_correlation);
        k->value_loading[stage] = p->step_up.sigma[stage] * p->step_up.market_correlation;
        k->keep[stage] = 1 - p->dilution[stage];
    }
    k->value_mu[4] = log(p->sale.median);
    k->value_sigma[4] = p->sale.sigma;
    k->value_mu[5] = log(p->listing.median);
    k->value_sigma[5] = p->listing.sigma;
    k->keep[GF_GROWTH] = k->keep[GF_OUTLIER] = 1;
    k->cheque = k->scenario->scene.commitment_cny_m * k->scenario->invested_share / (double)k->n_startups;
    k->has_recovery = p->recovery.a > 0 || p->redemption.probability > 0;
    for (int i = 0; i < k->n_startups; i++)
        k->sub_fund[i] = (uint8_t)(i % k->n_sub_funds);
}

static int differs_in_quality(const gf_startup_params *p)
{
    return p->quality.breakout != 0 || p->quality.list != 0 || p->quality.acquire != 0 || p->quality.fail != 0 ||
           p->quality.graduate != 0;
}

int gf_cohort_init(gf_cohort *k, const gf_scenario *scenario, gf_isa isa, int lanes)
{
    *k = (gf_cohort){.scenario = scenario, .isa = isa};
    k->draws = scenario->draws == GF_DRAWS_GSL ? gf_draws_gsl() : gf_draws_fast(isa);
    k->n_startups = (int)scenario->startups.count;
    k->n_sectors = (int)scenario->startups.n_sectors;
    k->n_classes = k->n_sectors * GF_N_STAGES;
    k->n_quarters = scenario->n_quarters;
    k->n_sub_funds = (int)scenario->programme.sub_funds;
    k->stride = (k->n_startups + 7) / 8 * 8;
    k->clock_stride = (k->n_classes + 7) / 8 * 8;
    k->is_own = differs_in_quality(&scenario->startups);
    arena a = {NULL, 0};
    lay_out(k, &a, (size_t)lanes);
    k->memory = aligned_alloc(64, a.used);
    if (k->memory == NULL)
        return -1;
    memset(k->memory, 0, a.used);
    a = (arena){k->memory, 0};
    lay_out(k, &a, (size_t)lanes);
    set_constants(k);
    if (scenario->startups.recovery.a > 0) {
        k->recovery = gf_beta_table_new(scenario->startups.recovery.a, scenario->startups.recovery.b);
        if (k->recovery == NULL) {
            gf_cohort_clear(k);
            return -1;
        }
    }
    return 0;
}

void gf_cohort_clear(gf_cohort *k)
{
    gf_beta_table_free(k->recovery);
    free(k->memory);
    k->recovery = NULL;
    k->memory = NULL;
}

static void draw_common(gf_cohort *k)
{
    double u[GF_LANES];
    gf_luck_lanes(k->seed, k->first_portfolio, GF_LANES, 0, GF_LUCK_VINTAGE, 0, u, NULL);
    k->draws->normal(GF_LANES, u, k->vintage);
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        gf_luck_lanes(k->seed, k->first_portfolio, GF_LANES, 0, GF_LUCK_SUB_FUND, (uint32_t)fund, u, NULL);
        k->draws->normal(GF_LANES, u, k->skill[fund]);
    }
}

void gf_cohort_begin(gf_cohort *k, uint64_t first_portfolio, int n_lanes)
{
    const size_t n = (size_t)n_lanes * (size_t)k->stride;
    const size_t flows = (size_t)k->n_sub_funds * GF_FLOW_QUARTERS * GF_LANES;
    const double reserve =
        k->scenario->scene.commitment_cny_m * k->scenario->programme.reserve_share / (double)k->n_sub_funds;
    k->seed = k->scenario->seed;
    k->first_portfolio = first_portfolio;
    k->n_lanes = n_lanes;
    memset(k->cost, 0, n * sizeof *k->cost);
    memset(k->received, 0, n * sizeof *k->received);
    memset(k->follow_value, 0, n * sizeof *k->follow_value);
    memset(k->entry_quarter, 0xff, n * sizeof *k->entry_quarter);
    memset(k->exit_quarter, 0xff, n * sizeof *k->exit_quarter);
    memset(k->clock, 0, (size_t)n_lanes * (size_t)k->clock_stride * sizeof *k->clock);
    memset(k->invested, 0, flows * sizeof *k->invested);
    memset(k->proceeds, 0, flows * sizeof *k->proceeds);
    memset(k->locked, 0, flows * sizeof *k->locked);
    memset(k->n_live_sector, 0, sizeof k->n_live_sector);
    memset(k->cost_live, 0, sizeof k->cost_live);
    double *const sums[] = {k->planned, k->value_live, k->n_graduated, k->n_failed, k->n_acquired,
                            k->n_captive, k->n_listed, k->n_outliers, k->follow_on};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        memset(sums[i], 0, GF_LANES * sizeof(double));
    for (int lane = 0; lane < GF_LANES; lane++) {
        k->n_live[lane] = k->n_entered[lane] = 0;
        k->first_outlier[lane] = -1;
        for (int fund = 0; fund < k->n_sub_funds; fund++)
            k->reserve[fund][lane] = reserve;
    }
    if (k->is_own)
        draw_common(k);
}

/* A locked-up listing was booked at its price; what it brings is known only when the lock-up ends. */
static void settle_locked_listings(gf_cohort *k, const gf_market *market, int lane)
{
    const int lock_up = (int)k->scenario->startups.listing.lock_up_quarters;
    for (int i = 0; lock_up > 0 && i < k->n_entered[lane]; i++) {
        const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)i;
        if (k->exit_quarter[slot] < 0 || k->fate[slot] != GF_LIST)
            continue;
        const int sold = k->exit_quarter[slot] + lock_up < k->n_quarters ? k->exit_quarter[slot] + lock_up + 1 : k->n_quarters;
        k->received[slot] *= market->index[sold][lane] / market->index[k->exit_quarter[slot] + 1][lane];
    }
}

void gf_cohort_mark_horizon(gf_cohort *k, const gf_market *market, double (*nav)[GF_LANES])
{
    const double share = k->scenario->startups.horizon_share;
    memset(nav, 0, (size_t)k->n_sub_funds * sizeof *nav);
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const size_t base = (size_t)lane * (size_t)k->stride;
        for (int i = 0; i < k->n_live[lane]; i++) {
            const int id = k->id[base + (size_t)i];
            const double worth = k->value[base + (size_t)id] * share;
            k->received[base + (size_t)id] = worth;
            k->last_stage[base + (size_t)id] = (int8_t)(k->class_index[base + (size_t)i] % GF_N_STAGES);
            nav[k->sub_fund[id]][lane] += worth;
        }
        settle_locked_listings(k, market, lane);
        for (int fund = 0; fund < k->n_sub_funds; fund++)
            for (int q = k->n_quarters; q < GF_FLOW_QUARTERS; q++)
                nav[fund][lane] += k->locked[gf_flow_index(fund, q, lane)] * market->index[k->n_quarters][lane];
    }
}

static void swap(double *a, double *b)
{
    const double keep = *a;
    *a = *b;
    *b = keep;
}

/* Quickselect with the middle element as pivot: moves the m largest to the front, then sums them in descending
 * blocks as they lie; the order depends on the values alone. */
double gf_sum_of_largest(int n, int m, double *values)
{
    int low = 0, high = n - 1;
    while (low < high) {
        const double pivot = values[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j)
                swap(&values[i++], &values[j--]);
        }
        if (m - 1 <= j)
            high = j;
        else if (m - 1 >= i)
            low = i;
        else
            break;
    }
    double sum = 0;
    for (int i = 0; i < m; i++)
        sum += values[i];
    return sum;
}
