/* Memory of a cohort, and its state at the start of a block. */
#include "portfolio/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/extremes.h"
#include "base/room.h"
#include "portfolio/batch_hot.h"

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

static void lay_out_kind(gf_kind *kind, arena *a, size_t n)
{
    kind->tag = take(a, n, sizeof *kind->tag);
    kind->budget_word = take(a, n, sizeof *kind->budget_word);
    kind->value_word[0] = take(a, n, sizeof *kind->value_word[0]);
    kind->value_word[1] = take(a, n, sizeof *kind->value_word[1]);
    kind->quarter = take(a, n, sizeof *kind->quarter);
}

static void lay_out_events(gf_event_buffer *e, arena *a, size_t n)
{
    uint32_t **words[] = {&e->tag,     &e->startup, &e->stage,  &e->word[0],
                          &e->word[1], &e->word[2], &e->word[3]};
    double **doubles[] = {&e->uniform, &e->z, &e->factor, &e->returned};
    gf_kind *kinds[] = {&e->graduates, &e->exits, &e->failures, &e->breakouts};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = take(a, n, sizeof **words[i]);
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        *doubles[i] = take(a, n, sizeof **doubles[i]);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) /* NOLINT(bugprone-sizeof-expression) */
        lay_out_kind(kinds[i], a, n);
    e->cause = take(a, n, sizeof *e->cause);
    e->portfolio = take(a, n, sizeof *e->portfolio);
    e->budget = take(a, n, sizeof *e->budget);
    e->chance = take(a, n, sizeof *e->chance);
}

static void lay_out(gf_cohort *k, arena *a, size_t lanes)
{
    const size_t n = lanes * (size_t)k->stride, cells = (size_t)k->n_sectors * GF_SECTOR_CELLS;
    const size_t vector = 16; /* behind tables that are read by whole vectors */
    /* Tags and dates of rows are walked through together. Their sizes are whole pages and a line: side by
       side, each load of tags would wait for a store of dates whose address has the same lower twelve bits.
     */
    const size_t apart = (size_t)40 * 64;
    const size_t flows = (size_t)k->n_sub_funds * GF_FLOW_QUARTERS * GF_LANES;
    const size_t own = k->is_own ? n : 0;
    const size_t sharing = (size_t)1 << k->sharing_bits,
                 rows = (lanes + sharing - 1) / sharing * sharing * (size_t)k->row_stride + vector;
    k->row_tag = take(a, rows, sizeof *k->row_tag);
    (void)take(a, apart, 1);
    k->until = take(a, rows, sizeof *k->until);
    k->entry_stage = take(a, n, sizeof *k->entry_stage);
    k->growth = take(a, n, sizeof *k->growth);
    k->stake = take(a, k->has_follow_on ? n : 0, sizeof *k->stake);
    k->ownership = take(a, n, sizeof *k->ownership);
    k->received = take(a, n, sizeof *k->received);
    k->record = take(a, n, sizeof *k->record);
    k->worth = take(a, n, sizeof *k->worth);
    k->follow_value = take(a, k->is_american ? n : 0, sizeof *k->follow_value);
    k->quality = take(a, own, sizeof *k->quality);
    k->row_of = take(a, own, sizeof *k->row_of);
    k->sub_fund = take(a, n, 1);
    k->won = take(a, n + 16, sizeof *k->won);
    k->won_cost = take(a, k->has_follow_on ? n + 16 : 0, sizeof *k->won_cost);
    k->locked_won = take(a, n, sizeof *k->locked_won);
    k->locked_quarter = take(a, n, sizeof *k->locked_quarter);
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        k->weight[cause] = take(a, cause < k->n_plain || !k->is_own ? 0 : rows, sizeof(float));
        k->base[cause] = take(a, 2 * (size_t)k->n_sectors * GF_STAGE_ROOM, sizeof *k->base[cause]);
    }
    k->rate = take(a, k->is_own || !k->has_tables ? 0 : cells * GF_N_CAUSES + vector, sizeof *k->rate);
    const size_t of_lanes = k->is_own && k->has_tables ? GF_LANES * GF_N_CAUSES : 0;
    k->own_factor = take(a, of_lanes * (size_t)k->sector_room + vector, sizeof *k->own_factor);
    k->own_hazard = take(a, k->n_sectors == 1 ? of_lanes * GF_STAGE_ROOM + vector : 0, sizeof *k->own_hazard);
    k->clock = take(a, cells + vector, sizeof *k->clock);
    k->invested = take(a, flows, sizeof(double));
    k->proceeds = take(a, flows, sizeof(double));
    k->locked = take(a, flows, sizeof(double));
    const size_t recycled = k->scenario->programme.recycling.share > 0 ? flows : 0;
    k->retained = take(a, recycled, sizeof(double));
    k->spent = take(a, recycled, sizeof(double));
    k->released = take(a, recycled, sizeof(double));
    k->cost_basis = take(a, flows, sizeof(double));
    /* the last of the lanes that share rows go through as many events as others have */
    const size_t most = lanes > sharing ? sharing * (size_t)k->stride : 0;
    lay_out_events(&k->events, a, n + most + 2 * vector);
}

/* Causes that quality leaves alone come first. */
static void order_causes(gf_cohort *k)
{
    const gf_startup_params *p = &k->scenario->startups;
    const double gamma[GF_N_CAUSES] = {p->quality.breakout, p->quality.list, p->quality.acquire,
                                       p->quality.fail, p->quality.graduate};
    int n = 0;
    for (int is_weighted = 0; is_weighted < 2; is_weighted++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            if ((gamma[cause] != 0) == is_weighted) {
                k->own_order[cause] = n;
                k->own_cause[n++] = cause;
            }
        if (!is_weighted)
            k->n_plain = n;
    }
}

static void set_constants(gf_cohort *k, int lanes)
{
    const gf_startup_params *p = &k->scenario->startups;
    for (int sector = 0; sector < k->n_sectors; sector++)
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            for (int stage = 0; stage < k->n_stages; stage++) {
                float *base = k->base[cause] + 2 * sector * GF_STAGE_ROOM + stage;
                base[0] = base[GF_STAGE_ROOM] =
                    (float)(k->scenario->sector_hazards[sector][cause][stage] * 0.25); /* of a quarter */
            }
    for (int place = 0; place < GF_N_CAUSES; place++)
        for (int stage = 0; stage < k->n_stages; stage++)
            k->own_stage[place][stage] = k->own_stage[place][GF_STAGE_ROOM + stage] =
                (float)(k->scenario->stage_hazards[k->own_cause[place]][stage] * 0.25);
    gf_prices_init(&k->prices, k->scenario);
    k->cheque = k->scenario->scene.commitment_cny_m * k->scenario->invested_share / (double)k->n_startups;
    k->beyond_cap = gf_pareto_beyond(p->breakout.index, p->breakout.min_multiple, p->breakout.cap_multiple);
    k->pace.local_share = k->scenario->local_share;
    k->has_recovery = p->recovery.a > 0 || p->redemption.probability > 0;
    k->has_ownership = k->has_follow_on || p->sale.preference > 0;
    for (int lane = 0; lane < lanes; lane++) {
        const int place = lane & ((1 << k->sharing_bits) - 1);
        k->row_offset[lane] = (int32_t)gf_rows_of(k, lane) + place * k->n_startups - lane * k->stride;
    }
    for (int lane = 0; lane < GF_LANES; lane++)
        k->neutral[lane] = 1.0f;
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        k->factor[cause] = k->neutral;
    for (int lane = 0; lane < lanes; lane++)
        for (int i = 0; i < k->n_startups; i++)
            k->sub_fund[lane * k->stride + i] = (uint8_t)(i % k->n_sub_funds);
}

static int differs_in_quality(const gf_startup_params *p)
{
    return p->quality.breakout != 0 || p->quality.list != 0 || p->quality.acquire != 0 ||
           p->quality.fail != 0 || p->quality.graduate != 0;
}

/* 0 on success. */
static int init_other_lifecycle(gf_cohort *k)
{
    if (k->scenario->startups.lifecycle == GF_LIFECYCLE_OUTCOME)
        k->outcome = gf_outcome_new(k->scenario, k->isa);
    if (k->scenario->startups.lifecycle == GF_LIFECYCLE_TAKAHASHI)
        k->cash_flow = gf_cash_flow_new(k->scenario);
    return k->scenario->startups.lifecycle == GF_LIFECYCLE_STAGED || k->outcome != NULL ||
                   k->cash_flow != NULL
               ? 0
               : -1;
}

int gf_cohort_init(gf_cohort *k, const gf_scenario *scenario, gf_isa isa, int lanes)
{
    *k = (gf_cohort){.scenario = scenario, .isa = isa};
    k->draws = scenario->draws == GF_DRAWS_GSL ? gf_draws_gsl(isa) : gf_draws_fast(isa);
    k->n_startups = (int)scenario->startups.count;
    k->n_sectors = (int)scenario->startups.n_sectors;
    k->sector_room = k->n_sectors < GF_SECTOR_BLOCK ? k->n_sectors : GF_MAX_SECTORS;
    k->n_stages = scenario->startups.breakout.then == GF_BREAKOUT_STAYS ? GF_N_STAGES : GF_OUTLIER;
    k->n_quarters = scenario->n_quarters;
    k->n_sub_funds = (int)scenario->programme.sub_funds;
    k->stride = (k->n_startups + 15) / 16 * 16;
    k->n_slots = lanes * k->stride;
    k->is_own =
        scenario->startups.lifecycle == GF_LIFECYCLE_STAGED && differs_in_quality(&scenario->startups);
    k->has_tables = GF_SHARING == 1 || k->n_sectors > 1;
    k->sharing_bits = k->is_own && k->has_tables ? 0 : GF_SHARING_BITS;
    k->keeps_rows = !k->is_own && k->n_startups <= GF_KEPT_ROWS;
    /* by clocks, those that go on get a new row (detect_hot.h: close_up); a vector may be written behind the
       last */
    k->row_stride =
        k->keeps_rows ? k->stride : (k->is_own ? k->stride : (2 * k->n_startups + 15) / 16 * 16) + 16;
    k->is_american = scenario->programme.terms.waterfall == GF_WATERFALL_AMERICAN;
    k->has_follow_on = scenario->startups.follow_on.rule != GF_FOLLOW_NONE;
    order_causes(k);
    arena a = {NULL, 0};
    lay_out(k, &a, (size_t)lanes);
    k->memory = gf_room_new(a.used);
    if (k->memory == NULL)
        return -1;
    k->memory_size = a.used;
    a = (arena){k->memory, 0};
    lay_out(k, &a, (size_t)lanes);
    set_constants(k, lanes);
    if (scenario->startups.recovery.a > 0) {
        k->recovery = gf_beta_table_take(scenario->startups.recovery.a, scenario->startups.recovery.b);
        if (k->recovery == NULL) {
            gf_cohort_clear(k);
            return -1;
        }
    }
    if (init_other_lifecycle(k) != 0) {
        gf_cohort_clear(k);
        return -1;
    }
    return 0;
}

void gf_cohort_clear(gf_cohort *k)
{
    gf_beta_table_give_back(k->recovery);
    gf_outcome_free(k->outcome);
    gf_cash_flow_free(k->cash_flow);
    gf_room_free(k->memory, k->memory_size);
    k->outcome = NULL;
    k->cash_flow = NULL;
    k->recovery = NULL;
    k->memory = NULL;
}

static void draw_common(gf_cohort *k)
{
    const double by_skill = sqrt(k->scenario->programme.manager_skill);
    double u[GF_LANES];
    gf_luck_lanes(k->seed, k->first_portfolio, GF_LANES, 0, GF_LUCK_VINTAGE, 0, u, NULL);
    k->draws->normal(GF_LANES, u, k->vintage);
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        gf_luck_lanes(k->seed, k->first_portfolio, GF_LANES, 0, GF_LUCK_SUB_FUND, (uint32_t)fund, u, NULL);
        k->draws->normal(GF_LANES, u, k->skill[fund]);
        for (int lane = 0; lane < GF_LANES; lane++)
            k->skill[fund][lane] *= by_skill;
    }
    for (int fund = 0; GF_PIECE % k->n_sub_funds == 0 && fund < k->n_sub_funds; fund++)
        for (int i = fund; i < 2 * GF_PIECE; i += k->n_sub_funds)
            for (int lane = 0; lane < GF_LANES; lane++)
                k->talent[lane][i] = k->skill[fund][lane];
}

/* Whether proceeds of later quarters may be known in a quarter. */
static int knows_exits(const gf_cohort *k)
{
    return k->outcome != NULL || k->cash_flow != NULL;
}

void gf_cohort_new_quarter(gf_cohort *k, int quarter)
{
    for (int fund = 0; !knows_exits(k) && fund < k->n_sub_funds; fund++)
        memset(k->proceeds + gf_flow_index(fund, quarter, 0), 0, GF_LANES * sizeof *k->proceeds);
}

/* Flows of a lane's funds in the quarters that a run can reach; later ones are never read. */
static void clear_flows(gf_cohort *k)
{
    const int lock_up = (int)k->scenario->startups.listing.lock_up_quarters;
    const size_t used = (size_t)(k->n_quarters + 1) * GF_LANES;
    for (int fund = 0; fund < k->n_sub_funds; fund++) {
        const size_t at = gf_flow_index(fund, 0, 0);
        if (knows_exits(k))
            memset(k->proceeds + at, 0, used * sizeof *k->proceeds);
        if (k->scenario->programme.recycling.share > 0) {
            memset(k->retained + at, 0, used * sizeof *k->retained);
            memset(k->spent + at, 0, used * sizeof *k->spent);
            memset(k->released + at, 0, used * sizeof *k->released);
        }
        if (lock_up > 0)
            memset(k->locked + at, 0, (size_t)gf_locked_end(k) * GF_LANES * sizeof *k->locked);
    }
}

/* Whether entrants can be worth anything but their cheques. */
static int has_entry_value(const gf_cohort *k, uint32_t shifts)
{
    const gf_reinvestment_params *local = &k->scenario->programme.reinvestment;
    return gf_may(shifts, GF_SHIFT_ENTRY_VALUATION) ||
           (k->scenario->local_share > 0 && isfinite(local->local_deal_flow_per_year) &&
            local->adverse_selection > 0);
}

/* Whether a stake's growth can be anything but 0. */
static int has_growth(const gf_cohort *k, uint32_t shifts)
{
    int can = k->has_entry_value || k->prices.are_rounds_seen || k->prices.has_loading ||
              gf_may(shifts, GF_SHIFT_STEP_UP) || k->scenario->startups.breakout.then == GF_BREAKOUT_STAYS;
    for (int sector = 0; sector < k->n_sectors; sector++)
        can |= k->scenario->sector_step_up[sector] != 1.0;
    return can;
}

/* Where all entrants get the same share, all have it from the start of a block. Rounds that are seen and
 * outliers that are held leave other ones behind. */
static void fill_ownership(gf_cohort *k)
{
    const double share = gf_least(0.95, k->scenario->startups.entry.ownership);
    const int was_filled = k->has_one_ownership;
    k->has_one_ownership = k->has_ownership && !k->has_entry_value && !k->has_follow_on;
    const int is_changed =
        k->prices.are_rounds_seen || k->scenario->startups.breakout.then == GF_BREAKOUT_STAYS;
    if (!k->has_one_ownership || (was_filled && !is_changed))
        return;
    for (int i = 0; i < k->n_slots; i++)
        k->ownership[i] = share;
}

void gf_cohort_begin(gf_cohort *k, uint64_t first_portfolio, int n_lanes, uint32_t shifts, int is_recorded)
{
    const double reserve =
        k->scenario->scene.commitment_cny_m * k->scenario->programme.reserve_share / (double)k->n_sub_funds;
    k->seed = k->scenario->seed;
    k->first_portfolio = first_portfolio;
    k->n_lanes = n_lanes;
    k->n_missing = n_lanes * k->n_startups;
    k->events.exits.n = k->events.breakouts.n = 0;
    k->events.first_unsold = 0;
    k->is_recorded = is_recorded || k->is_american;
    k->has_entry_value = has_entry_value(k, shifts);
    k->has_growth = has_growth(k, shifts);
    fill_ownership(k);
    if (k->has_growth && !k->has_entry_value && !k->has_follow_on)
        memset(k->growth, 0, (size_t)n_lanes * (size_t)k->stride * sizeof *k->growth);
    if (k->is_american)
        memset(k->follow_value, 0, (size_t)n_lanes * (size_t)k->stride * sizeof *k->follow_value);
    if (k->is_recorded) {
        memset(k->received, 0, (size_t)n_lanes * (size_t)k->stride * sizeof *k->received);
        memset(k->record, 0xff, (size_t)n_lanes * (size_t)k->stride * sizeof *k->record);
    }
    memset(k->clock, 0, (size_t)k->n_sectors * GF_SECTOR_CELLS * sizeof *k->clock);
    const int rows = (int)gf_rows_of(k, n_lanes - 1 + (1 << k->sharing_bits));
    float *until = k->until;
    for (int i = 0; i < rows; i++)
        until[i] = INFINITY;
    memset(k->n_live_sector, 0, (size_t)k->n_sectors * sizeof *k->n_live_sector);
    memset(k->cost_live, 0, (size_t)k->n_sub_funds * sizeof *k->cost_live);
    clear_flows(k);
    k->n_invested = 0;
    gf_pace_begin(k);
    double *const sums[] = {k->listed_locked, k->planned, k->n_captive, k->follow_on};
    memset(k->n_so_far, 0, sizeof k->n_so_far);
    memset(k->graduate_bytes, 0, sizeof k->graduate_bytes);
    k->n_byte_vectors = 0;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        memset(sums[i], 0, GF_LANES * sizeof(double));
    for (int lane = 0; lane < GF_LANES; lane++) {
        k->n_rows[lane] = k->keeps_rows ? k->n_startups << k->sharing_bits : 0;
        k->n_live[lane] = k->n_marked[lane] = k->n_entered[lane] = k->n_won[lane] = k->n_locked[lane] = 0;
        k->first_outlier[lane] = -1;
        for (int fund = 0; fund < k->n_sub_funds; fund++)
            k->reserve[fund][lane] = reserve;
    }
    if (k->outcome != NULL)
        gf_outcome_begin(k->outcome, k);
    if (k->is_own)
        draw_common(k);
}
