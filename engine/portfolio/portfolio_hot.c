/* The life of a block of portfolios: climate → startups → events → models → cash flows → columns. Compiled
 * once per instruction set, and with it the files it calls (block_names.h). */
#include "portfolio/portfolio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "portfolio/workspace.h"

static void free_block(gf_workspace *w);

static const gf_block_hot table;

static gf_status fail(gf_workspace *w, gf_error *error)
{
    free_block(w);
    return gf_error_set(error, GF_MEMORY, "out of memory for a block of %d portfolios", GF_LANES);
}

extern const gf_model *const GF_HOT(gf_models)[];

/* The copy of a model that is compiled like this file; a model that is not in the registry stays itself. */
static const gf_model *copy_of(const gf_model *model)
{
    const gf_model *const *copy = GF_HOT(gf_models);
    if (gf_model_find(model->name) != model)
        return model;
    while (*copy != NULL && strcmp((*copy)->name, model->name) != 0)
        copy++;
    return *copy != NULL ? *copy : model;
}

/* What the models may emit and pay together; one that does not say may do anything. */
static void declare(gf_workspace *w)
{
    const gf_scenario *s = w->scenario;
    int is_any_signal = 0, is_any_payment = 0, is_any_shift = 0, is_any_event = 0;
    uint32_t emits = GF_ONLY, pays = GF_ONLY, reads = GF_ONLY, shifts = GF_ONLY;
    if (isfinite(s->programme.loss_tolerance.threshold))
        shifts |= 1u << GF_SHIFT_CALL_PACE;
    for (int i = 0; i < s->n_models; i++) {
        const gf_model *model = w->models[i];
        is_any_signal |= model->emits == 0;
        is_any_payment |= model->pays == 0;
        is_any_shift |= model->climate != NULL && model->shifts == 0;
        is_any_event |= model->observe != NULL && model->reads == 0;
        emits |= model->emits;
        shifts |= model->shifts;
        pays |= model->pays;
        reads |= model->observe != NULL ? model->reads : 0;
    }
    w->block.emits = is_any_signal ? 0 : emits;
    w->shifts = is_any_shift ? 0 : shifts;
    w->block.pays = is_any_payment ? 0 : pays;
    w->events.reads = is_any_event ? 0 : reads;
}

/* Whether somebody asks what live stakes have cost, or failures. */
static int are_costs_wanted(const gf_workspace *w)
{
    const gf_programme_params *p = &w->scenario->programme;
    return p->terms.fee_basis == GF_FEE_INVESTED || isfinite(p->loss_tolerance.threshold) ||
           gf_may(w->events.reads, GF_EVENT_MONEY);
}

/* Whether nobody asks for the money of a quarter before the end, in blocks without quarterly series or
 * startup rows, and whoever leaves is paid at once, failures nothing. */
static int is_money_for_later(const gf_workspace *w)
{
    const gf_scenario *s = w->scenario;
    const gf_cohort *k = &w->cohort;
    return k->n_sub_funds == 1 && k->outcome == NULL && k->cash_flow == NULL && !k->has_recovery &&
           !k->has_ownership && !k->has_costs && s->startups.listing.lock_up_quarters == 0 &&
           s->programme.recycling.share <= 0 &&
           s->programme.government.concession != GF_CONCESSION_BUY_BACK &&
           !gf_may(w->shifts, GF_SHIFT_CAPTIVE);
}

/* Whether exits may wait: all bring something, so that places among the winners are known. With many startups
 * those of one quarter are a batch. */
static int may_sell_later(const gf_workspace *w)
{
    enum { MANY = 256 };
    return is_money_for_later(w) && w->cohort.n_startups <= MANY && !w->cohort.has_growth;
}

/* Whether counts may wait (counts_later). */
static int may_count_later(const gf_workspace *w)
{
    const gf_cohort *k = &w->cohort;
    const uint32_t reads = w->events.reads;
    return is_money_for_later(w) && !k->is_own && k->sharing_bits > 0 && k->n_sectors == 1 &&
           !k->has_follow_on && !k->prices.are_rounds_seen && k->n_stages < GF_N_STAGES &&
           w->scenario->sampling.breakout_tilt == 1.0 && !gf_may(reads, GF_LIST) &&
           !gf_may(reads, GF_ACQUIRE) && !gf_may(reads, GF_FAIL) && !gf_may(reads, GF_GRADUATE) &&
           !gf_may(reads, GF_EVENT_LIVE);
}

static gf_status new_block(gf_workspace **workspace, const gf_scenario *scenario, const gf_layout *layout,
                           gf_isa isa, gf_error *error)
{
    *workspace = NULL;
    gf_workspace *w = gf_room_new(sizeof *w);
    if (w == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for a workspace");
    w->hot = &table;
    w->scenario = scenario;
    w->layout = layout;
    gf_needs_init(&w->needs, scenario);
    w->draws = scenario->draws == GF_DRAWS_GSL ? gf_draws_gsl(isa) : gf_draws_fast(isa);
    w->kernel = gf_kernel_hot_table(isa);
    w->returns = gf_returns_hot_table(isa);
    if (gf_cohort_init(&w->cohort, scenario, isa, gf_workspace_lanes(scenario)) != 0)
        return fail(w, error);
    for (int i = 0; i < scenario->n_models; i++) {
        const gf_model *model = w->models[i] = copy_of(scenario->models[i].model);
        w->state_sizes[i] =
            model->state_size != NULL ? model->state_size(scenario->models[i].params, &scenario->scene) : 0;
        if (w->state_sizes[i] == 0)
            continue;
        w->states[i] = aligned_alloc(64, (w->state_sizes[i] + 63) / 64 * 64);
        if (w->states[i] == NULL)
            return fail(w, error);
    }
    declare(w);
    *workspace = w;
    return GF_OK;
}

static void free_block(gf_workspace *w)
{
    if (w == NULL)
        return;
    for (int i = 0; i < GF_MAX_MODELS; i++)
        free(w->states[i]);
    gf_cohort_clear(&w->cohort);
    gf_room_free(w, sizeof *w);
}

/* Those of n items that are declared. */
static uint32_t bits_of(uint32_t declared, int n)
{
    return (declared == 0 ? UINT32_MAX : declared) & ((1u << n) - 1u);
}

static void clear_rows(uint32_t declared, int n, double (*rows)[GF_LANES])
{
    for (uint32_t left = bits_of(declared, n); left != 0; left &= left - 1)
        memset(rows[__builtin_ctz(left)], 0, sizeof rows[0]);
}

/* What models emitted becomes what they read. */
static void pass_signals(gf_block *b)
{
    for (uint32_t left = bits_of(b->emits, GF_N_SIGNALS); left != 0; left &= left - 1) {
        const int signal = __builtin_ctz(left);
        memcpy(b->signals[signal], b->emit[signal], sizeof b->signals[signal]);
    }
}

/* Rows that no model declares were cleared with the workspace. */
static void clear_block(gf_block *b)
{
    clear_rows(b->emits, GF_N_SIGNALS, b->emit);
    clear_rows(b->pays, GF_N_PUBLIC, b->public_flow);
}

static void begin(gf_workspace *w, uint64_t first_portfolio, int n_lanes, const gf_sink *sink)
{
    const gf_scenario *s = w->scenario;
    w->block.seed = s->seed;
    w->block.first_portfolio = first_portfolio;
    w->block.n_lanes = n_lanes;
    w->events.absent = 0;
    clear_block(&w->block);
    gf_cohort_begin(&w->cohort, first_portfolio, n_lanes, w->shifts, sink->startups != NULL);
    w->cohort.has_costs = are_costs_wanted(w);
    const int is_plain = sink->series == NULL && !w->cohort.is_recorded;
    w->cohort.sells_later = is_plain && may_sell_later(w);
    w->cohort.counts_later = is_plain && may_count_later(w);
    memset(w->log_weight, 0, sizeof w->log_weight);
    if (s->sampling.breakout_tilt != 1.0)
        gf_tilt_begin(&w->tilt, &w->cohort);
    w->market.has_index = w->needs.has_index || sink->series != NULL;
    w->market.has_innovations = w->market.has_index || w->cohort.prices.has_loading;
    gf_market_begin(&w->market, &s->market, w->draws, s->seed, first_portfolio, s->n_quarters);
    for (int i = 0; i < s->n_models; i++) {
        const gf_model *model = w->models[i];
        if (w->state_sizes[i] > 0)
            memset(w->states[i], 0, w->state_sizes[i]);
        if (model->begin != NULL)
            model->begin(s->models[i].params, &s->scene, w->states[i], &w->block);
    }
    pass_signals(&w->block);
    if (w->needs.has_account)
        gf_account_begin(&w->account, s->n_quarters, w->block.signals[GF_SIGNAL_DEBT]);
}

/* Runway is cash over burn: the failure hazard goes with operating cost to the power of the elasticity. */
static void burn(gf_workspace *w)
{
    const double elasticity = w->scenario->startups.burn_elasticity;
    double factor[GF_LANES];
    int is_neutral = 1;
    for (int lane = 0; lane < GF_LANES; lane++)
        is_neutral &= w->climate.operating_cost[lane] == 1.0;
    if (is_neutral)
        return;
    w->draws->log(GF_LANES, w->climate.operating_cost, factor);
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane] = w->climate.operating_cost[lane] == 1.0 ? 0.0 : factor[lane] * elasticity;
    w->draws->exp(GF_LANES, factor, factor);
    gf_climate_scale_hazard(&w->climate, GF_FAIL, factor);
}

static void make_climate(gf_workspace *w, int quarter)
{
    const gf_scenario *s = w->scenario;
    gf_climate_reset(&w->climate, w->block.n_lanes, s->scene.n_sectors, quarter == 0 ? 0 : w->shifts);
    gf_market_step(&w->market, &s->market, s->seed, w->block.first_portfolio, quarter, &w->climate);
    for (int i = 0; i < s->n_models; i++) {
        const gf_model *model = w->models[i];
        if (model->climate != NULL)
            model->climate(s->models[i].params, &s->scene, w->states[i], &w->block, quarter, &w->climate);
    }
    if (gf_may(w->climate.shifts, GF_SHIFT_OPERATING_COST))
        burn(w);
    if (w->cohort.pace.has_tolerance)
        gf_pace_apply(&w->cohort, &w->climate);
    if (w->scenario->sampling.breakout_tilt != 1.0)
        gf_tilt_climate(w->scenario->sampling.breakout_tilt, &w->climate);
}

/* Listings whose lock-up ends this quarter are sold at the index. */
static void sell_unlocked(gf_workspace *w, int quarter)
{
    gf_cohort *k = &w->cohort;
    if (w->scenario->startups.listing.lock_up_quarters == 0)
        return;
    for (int fund = 0; fund < k->n_sub_funds; fund++)
        for (int lane = 0; lane < k->n_lanes; lane++)
            k->proceeds[gf_flow_index(fund, quarter, lane)] +=
                k->locked[gf_flow_index(fund, quarter, lane)] * w->market.index[quarter + 1][lane];
}

static void reset_events(gf_workspace *w)
{
    gf_events *e = &w->events;
    e->n_lanes = w->block.n_lanes;
    e->n_sectors = w->scenario->scene.n_sectors;
    for (int sector = 0; gf_may(e->reads, GF_EVENT_ENTERED) && sector < e->n_sectors; sector++)
        memset(e->n_entered[sector], 0, sizeof e->n_entered[0]);
    if (w->cohort.has_costs)
        memset(e->cost_lost_cny_m, 0, sizeof e->cost_lost_cny_m);
}

/* Before sell_unlocked(): listings count at their price in the quarter of listing. */
static void finish_events(gf_workspace *w, int quarter)
{
    gf_events *e = &w->events;
    const gf_cohort *k = &w->cohort;
    for (int sector = 0; gf_may(e->reads, GF_EVENT_LIVE) && sector < e->n_sectors; sector++)
        memcpy(e->n_live[sector], k->n_live_sector[sector], sizeof e->n_live[0]);
    for (int fund = 0; gf_may(e->reads, GF_EVENT_MONEY) && fund < k->n_sub_funds; fund++) {
        const double *invested = gf_invested(k, fund, quarter),
                     *proceeds = k->proceeds + gf_flow_index(fund, quarter, 0);
        const int is_first = fund == 0;
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            e->invested_cny_m[lane] = (is_first ? 0.0 : e->invested_cny_m[lane]) + invested[lane];
            e->cost_live_cny_m[lane] = (is_first ? 0.0 : e->cost_live_cny_m[lane]) + k->cost_live[fund][lane];
            e->exited_cny_m[lane] =
                (is_first ? k->listed_locked[lane] : e->exited_cny_m[lane]) + proceeds[lane];
        }
    }
}

static void move_startups(gf_workspace *w, int quarter)
{
    gf_cohort *k = &w->cohort;
    reset_events(w);
    gf_cohort_new_quarter(k, quarter);
    k->index_now = w->market.index[quarter + 1];
    if (k->cash_flow == NULL && k->n_missing > 0)
        gf_cohort_enter(k, &w->climate, quarter, &w->events);
    const int has_basis = w->scenario->programme.terms.fee_basis == GF_FEE_INVESTED;
    for (int fund = 0; fund < k->n_sub_funds && has_basis; fund++)
        memcpy(k->cost_basis + gf_flow_index(fund, quarter, 0), k->cost_live[fund],
               sizeof k->cost_live[fund]);
    if (k->outcome != NULL)
        gf_outcome_leave(k->outcome, k, quarter);
    else if (k->cash_flow != NULL)
        gf_cash_flow_step(k->cash_flow, k, quarter);
    else {
        const double tilt = w->scenario->sampling.breakout_tilt;
        w->kernel->expose(k, &w->climate);
        if (tilt != 1.0)
            gf_tilt_before(&w->tilt, k, tilt, w->log_weight);
        w->kernel->step(k, &w->climate, &w->market, quarter, &w->events);
        if (tilt != 1.0)
            gf_tilt_after(&w->tilt, k, tilt, w->log_weight);
        if (k->pace.has_recycling)
            gf_pace_keep(k, quarter);
        if (k->has_follow_on)
            gf_cohort_follow_on(k, quarter);
    }
    finish_events(w, quarter);
    if (k->n_missing > 0 || k->pace.has_tolerance || k->pace.has_recycling)
        gf_pace_observe(k, &w->events, quarter);
    sell_unlocked(w, quarter);
}

static void tell_models(gf_workspace *w, int quarter)
{
    const gf_scenario *s = w->scenario;
    gf_block *b = &w->block;
    if (s->n_models == 0)
        return;
    clear_block(b);
    for (int i = 0; i < s->n_models; i++) {
        const gf_model *model = w->models[i];
        if (model->observe != NULL)
            model->observe(s->models[i].params, &s->scene, w->states[i], b, quarter, &w->events);
    }
    pass_signals(b);
    if (w->needs.has_account)
        gf_account_record(&w->account, b, quarter);
}

/* Marks of the live stakes at date quarter + 1, where somebody reads them. */
static void mark(gf_workspace *w, int quarter, int is_wanted)
{
    if (!is_wanted && w->scenario->programme.government.concession != GF_CONCESSION_BUY_BACK)
        return;
    gf_cohort_value_live(&w->cohort);
    memcpy(w->ledger.mark[quarter + 1], w->cohort.value_live, sizeof w->cohort.value_live);
}

static void simulate(gf_workspace *w, uint64_t first_portfolio, int n_lanes, const gf_sink *sink)
{
    begin(w, first_portfolio, n_lanes, sink);
    for (int quarter = 0; quarter < w->scenario->n_quarters; quarter++) {
        make_climate(w, quarter);
        move_startups(w, quarter);
        mark(w, quarter, sink->series != NULL);
        if (sink->series != NULL)
            gf_report_quarter(w, quarter, sink);
        tell_models(w, quarter);
    }
    w->kernel->finish(&w->cohort, w->scenario->n_quarters - 1);
    gf_cohort_mark_horizon(&w->cohort, &w->market, w->nav);
    if (w->needs.has_ledger || sink->series != NULL) {
        w->ledger.is_summed = !w->needs.has_rows;
        gf_programme_settle(&w->cohort, (const double(*)[GF_LANES])w->nav, &w->ledger);
    }
    gf_report_columns(w, sink);
    if (sink->series != NULL)
        gf_report_cash(w, sink);
    if (sink->startups != NULL)
        gf_report_startups(w, sink);
}

static const gf_block_hot table = {new_block, free_block, simulate};
const gf_block_hot *GF_HOT(gf_block_table)(void);
const gf_block_hot *GF_HOT(gf_block_table)(void)
{
    return &table;
}
