/* What models are told of money: invested, exited, lost and live cost of a quarter, as a model of the test
 * reads them, against startup rows, columns and the ledger. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "outcome_run.h"

enum { PORTFOLIOS = 100, QUARTERS = 32, STARTUPS = 40 };

/* --- a model that only listens --- */

typedef struct money {
    double invested[QUARTERS][PORTFOLIOS], exited[QUARTERS][PORTFOLIOS], lost[QUARTERS][PORTFOLIOS],
        live[QUARTERS][PORTFOLIOS];
} money;

static money seen;

static void listen(const void *params, const gf_scene *scene, void *state, gf_block *block, int quarter,
                   const gf_events *events)
{
    (void)params, (void)scene, (void)state;
    const size_t first = (size_t)block->first_portfolio, size = (size_t)block->n_lanes * sizeof(double);
    assert_true(first + (size_t)block->n_lanes <= PORTFOLIOS && quarter < QUARTERS);
    memcpy(seen.invested[quarter] + first, events->invested_cny_m, size);
    memcpy(seen.exited[quarter] + first, events->exited_cny_m, size);
    memcpy(seen.lost[quarter] + first, events->cost_lost_cny_m, size);
    memcpy(seen.live[quarter] + first, events->cost_live_cny_m, size);
}

static const gf_param no_rows[] = {GF_ROW_END};
static const gf_model listener = {.name = "listener",
                                  .summary = "hears of money",
                                  .purpose = GF_LUCK_MODELS + 900,
                                  .emits = GF_ONLY,
                                  .pays = GF_ONLY,
                                  .shifts = GF_ONLY,
                                  .reads = GF_ONLY | 1u << GF_EVENT_MONEY,
                                  .rows = no_rows,
                                  .observe = listen};

/* --- a run with it --- */

typedef struct listened {
    outcome_run *run;
    double *series; /* [(series * QUARTERS + quarter) * PORTFOLIOS + portfolio] */
} listened;

static listened listen_to(const char *startups, const char *programme, gf_isa isa, int has_rows)
{
    char text[3000];
    gf_error error;
    gf_error_list errors = {0};
    listened self = {calloc(1, sizeof *self.run), NULL};
    outcome_run *r = self.run;
    snprintf(text, sizeof text,
             "scenario: test\nportfolios: %d\nseed: %llu\nhorizon_years: 8\n"
             "startups: {count: %d, entry: {quarters: 6, deal_flow_per_year: 30, tranche_quarters: %s\n"
             "programme: {target_cny_m: 500, %s}\noutput: {columns: all, returns: all}\n",
             PORTFOLIOS, (unsigned long long)outcome_seed(), STARTUPS, startups, programme);
    const gf_status status = outcome_read(text, &r->config, &errors);
    gf_errors_print(&errors, stderr);
    assert_int_equal(status, GF_OK);
    gf_scenario *s = &r->config.scenario;
    s->models[s->n_models++] = (gf_active_model){&listener, NULL};
    assert_int_equal(gf_layout_init(&r->layout, s, &error), GF_OK);
    assert_int_equal(gf_workspace_new(&r->workspace, s, &r->layout, isa, &error), GF_OK);
    r->n = PORTFOLIOS;
    r->columns = calloc((size_t)r->layout.n_columns * PORTFOLIOS, sizeof(double));
    r->startups = calloc((size_t)GF_N_STARTUP_COLUMNS * STARTUPS * PORTFOLIOS, sizeof(double));
    self.series = calloc((size_t)r->layout.n_series * QUARTERS * PORTFOLIOS, sizeof(double));
    const size_t block = (size_t)gf_workspace_lanes(s);
    memset(&seen, 0xff, sizeof seen);
    for (size_t first = 0; first < PORTFOLIOS; first += block) {
        r->n_last = PORTFOLIOS - first < block ? PORTFOLIOS - first : block;
        gf_sink sink = {.columns = r->columns + first, .columns_stride = PORTFOLIOS};
        if (has_rows)
            sink = (gf_sink){r->columns + first, self.series + first, r->startups + first,
                             PORTFOLIOS,         PORTFOLIOS,          PORTFOLIOS};
        gf_simulate(r->workspace, first, (int)r->n_last, &sink);
    }
    return self;
}

static void stop_listening(listened *self)
{
    outcome_run_free(self->run);
    free(self->series);
}

static double index_at_end(const listened *self, int quarter, size_t p)
{
    return self->series[((size_t)GF_SERIES_INDEX * QUARTERS + (size_t)quarter) * PORTFOLIOS + p];
}

/* --- the same from startup rows --- */

typedef struct told {
    double paid[QUARTERS]; /* first cheques, by tranches */
    double entered[QUARTERS],
        exited[QUARTERS];                  /* exited: listings at their price in the quarter of listing */
    double lost[QUARTERS], left[QUARTERS]; /* left: cost of what leaves */
    double held, value;                    /* cost of what is left at the horizon; worth of all */
    int n_locked, n_failed;
} told;

static void tell_startup(const listened *self, size_t i, size_t p, told *t)
{
    const gf_scenario *s = &self->run->config.scenario;
#define ROW(id) outcome_startup(self->run, GF_STARTUP_##id, i, p)
    const int entry = (int)ROW(ENTRY_QUARTER), exit = (int)ROW(EXIT_QUARTER), fate = (int)ROW(FATE);
    const int lock_up = (int)s->startups.listing.lock_up_quarters,
              wanted = (int)s->startups.entry.tranche_quarters;
    const double cheque = 500 * s->invested_share / STARTUPS;
    if (entry < 0)
        return;
    const int n = wanted < QUARTERS - entry ? wanted : QUARTERS - entry;
    for (int q = entry; q < entry + n; q++)
        t->paid[q] += cheque / n;
    t->entered[entry] += cheque;
    t->value += ROW(VALUE);
    if (exit < 0) {
        t->held += ROW(COST);
        return;
    }
    const int is_locked = fate == GF_LIST && lock_up > 0,
              sold = exit + lock_up < QUARTERS ? exit + lock_up : QUARTERS - 1;
    const double since = is_locked ? index_at_end(self, sold, p) / index_at_end(self, exit, p) : 1;
    t->exited[exit] += ROW(VALUE) / since;
    t->left[exit] += ROW(COST);
    t->lost[exit] += fate == GF_FAIL ? ROW(COST) - ROW(VALUE) : 0;
    t->n_locked += is_locked;
    t->n_failed += fate == GF_FAIL;
#undef ROW
}

static void assert_near(double value, double expected, const char *what, int quarter, size_t portfolio)
{
    if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("%s of quarter %d, portfolio %zu: %.15g, expected %.15g", what, quarter, portfolio, value,
                 expected);
}

/* Money of one portfolio, quarter by quarter; what follow-ons paid, in CNY million. A follow-on counts as
 * cost in the quarter of its round and is paid at the start of the next. */
static double hold_against(const listened *self, size_t p, told *t)
{
    const double *invested = outcome_column(self->run, GF_COLUMN_INVESTED);
    double sum = 0, cost = 0, follow_ons = 0, left_over = 0;
    for (int q = 0; q < QUARTERS; q++)
        sum += seen.invested[q][p];
    left_over = invested[p] - sum; /* rounds of the last quarter are paid at the horizon */
    for (int q = 0; q < QUARTERS; q++) {
        const double follow_on = q + 1 < QUARTERS ? seen.invested[q + 1][p] - t->paid[q + 1] : left_over;
        cost += t->entered[q] + follow_on - t->left[q];
        follow_ons += follow_on;
        assert_true(follow_on >= -1e-9);
        assert_near(seen.live[q][p], cost, "live cost", q, p);
        assert_near(seen.exited[q][p], t->exited[q], "exited", q, p);
        assert_near(seen.lost[q][p], t->lost[q], "lost", q, p);
    }
    assert_near(seen.invested[0][p], t->paid[0], "invested", 0, p);
    assert_near(cost, t->held, "cost held", QUARTERS, p);
    assert_near(follow_ons, outcome_column(self->run, GF_COLUMN_FOLLOW_ON)[p], "follow-ons", QUARTERS, p);
    assert_near(t->value, outcome_column(self->run, GF_COLUMN_GROSS_MULTIPLE)[p] * invested[p], "value",
                QUARTERS, p);
    return follow_ons;
}

/* Without lock-up the ledger of the last block has them a date later; money is invested at the start. */
static void hold_against_ledger(const listened *self)
{
    const gf_ledger *g = gf_workspace_ledger(self->run->workspace);
    const int is_locked = self->run->config.scenario.startups.listing.lock_up_quarters > 0;
    const size_t first = PORTFOLIOS - self->run->n_last;
    for (size_t lane = 0; lane < self->run->n_last; lane++)
        for (int q = 0; q < QUARTERS; q++) {
            assert_near(seen.invested[q][first + lane], g->invested[q][lane], "ledger: invested", q,
                        first + lane);
            if (!is_locked)
                assert_near(seen.exited[q][first + lane], g->proceeds[q + 1][lane], "ledger: proceeds", q,
                            first + lane);
        }
}

/* What a scenario must have, so that nothing is held against nothing. */
enum { LOCKED = 1, FOLLOWED = 2 };

/* With startup rows; then the ways of the kernel that write none, of every instruction set: the same to
 * rounding, and the same bits among themselves. */
static void money_is_told(const char *startups, const char *programme, int has)
{
    static money with_rows, first_set;
    double follow_ons = 0;
    int n_locked = 0, n_failed = 0, n_sets = 0;
    listened self = listen_to(startups, programme, gf_isa_detect(), 1);
    for (size_t p = 0; p < PORTFOLIOS; p++) {
        told t = {0};
        for (size_t i = 0; i < STARTUPS; i++)
            tell_startup(&self, i, p, &t);
        follow_ons += hold_against(&self, p, &t);
        n_locked += t.n_locked;
        n_failed += t.n_failed;
    }
    hold_against_ledger(&self);
    stop_listening(&self);
    assert_true(n_failed > 500 && (n_locked > 50) == ((has & LOCKED) != 0));
    assert_true((follow_ons > 100) == ((has & FOLLOWED) != 0));
    with_rows = seen;
    for (int isa = 0; isa < GF_N_ISA; isa++) {
        if (!gf_isa_available((gf_isa)isa))
            continue;
        self = listen_to(startups, programme, (gf_isa)isa, 0);
        hold_against_ledger(&self);
        stop_listening(&self);
        for (size_t k = 0; k < sizeof seen / sizeof(double); k++)
            assert_near(((const double *)&seen)[k], ((const double *)&with_rows)[k], "without rows", (int)k,
                        0);
        first_set = n_sets++ == 0 ? seen : first_set;
        assert_memory_equal(&seen, &first_set, sizeof seen);
    }
}

#define SECTORS "sectors: [{name: a, weight: 0.7, list: 3, fail: 1.5}, {name: b, weight: 0.3}]"
#define LISTS   "hazards_per_year: {list: [0.1, 0.1, 0.1, 0.1, 0.2, 0.3]}"

static void several_sub_funds_and_lock_up(void **state)
{
    (void)state;
    money_is_told("3}, listing: {lock_up_quarters: 3}, recovery: {a: 0.5, b: 2}, " SECTORS ", " LISTS "}",
                  "sub_funds: 3", LOCKED);
    money_is_told("1}, listing: {lock_up_quarters: 20}, " LISTS "}", "sub_funds: 2", LOCKED);
    money_is_told("2}, listing: {lock_up_quarters: 1}, breakout: {then: leaves}, " LISTS "}", "sub_funds: 1",
                  LOCKED);
}

static void follow_ons(void **state)
{
    (void)state;
    money_is_told(
        "1}, listing: {lock_up_quarters: 2}, follow_on: {rule: pro_rata}, recovery: {a: 1, b: 1}, " LISTS "}",
        "sub_funds: 4, reserve_share: 0.3, recycling: {share: 0.2, years: 5}", LOCKED | FOLLOWED);
    money_is_told("1}, follow_on: {rule: winners}, " SECTORS "}", "sub_funds: 1, reserve_share: 0.2",
                  FOLLOWED);
}

static void one_fund_and_what_pays_at_once(void **state)
{
    (void)state;
    money_is_told("1}}", "sub_funds: 1", 0);
    money_is_told("4}, breakout: {then: leaves}}", "sub_funds: 1", 0);
    money_is_told("1}, quality: {fail: -0.5, breakout: 1}, redemption: {probability: 0.3}, " SECTORS "}",
                  "sub_funds: 1", 0);
    money_is_told("1}, sale: {preference: 1}, recovery: {a: 2, b: 5}}",
                  "sub_funds: 5, terms: {waterfall: american, fee_basis: invested}", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_sub_funds_and_lock_up),
        cmocka_unit_test(follow_ons),
        cmocka_unit_test(one_fund_and_what_pays_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
