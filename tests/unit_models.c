/* The equations of the policy models against closed forms, and what their checks refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "models_harness.h"

/* ---- a model by name, neutral but for what a test sets ---- */

typedef struct bench {
    const gf_model *model;
    gf_scene scene;
    void *params;
    harness_problems problems;
} bench;

static bench bench_new(const char *name, int n_quarters, int n_sectors)
{
    bench self = {.model = gf_model_find(name), .scene = harness_scene(n_quarters, n_sectors)};
    assert_non_null(self.model);
    self.params = calloc(1, self.model->params_size);
    gf_params_preset(self.model->rows, self.params);
    gf_params_neutralise(self.model->rows, self.params);
    return self;
}

static void set(bench *self, const char *name, double value)
{
    harness_set(self->model->rows, self->params, name, value);
}

static int problems(bench *self)
{
    return harness_check(self->model, self->params, &self->scene, &self->problems);
}

/* Adds an element to the table `name`, zeroed, and returns it with the rows of the table. */
static void *add_element(bench *self, const char *name, const gf_param **rows)
{
    const gf_param *row = gf_params_find(self->model->rows, name);
    int64_t *count = (int64_t *)(void *)((char *)self->params + row->count_offset);
    void *element = (char *)self->params + row->offset + (size_t)*count * row->row_size;
    gf_params_preset(row->rows, element);
    *count += 1;
    *rows = row->rows;
    return element;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    print_error("%.17g is not %.17g\n", value, expected);
    fail();
}

/* ---- what a run leaves: climate and flows of lane 0 (and all lanes of ambient outliers) ---- */

typedef struct trace {
    double hazard[GF_N_CAUSES][GF_MAX_SECTORS][GF_MAX_QUARTERS];
    double deal_flow[GF_MAX_SECTORS][GF_MAX_QUARTERS];
    double operating_cost[GF_MAX_QUARTERS], captive_sale[GF_MAX_QUARTERS], captive_cap[GF_MAX_QUARTERS];
    double subsidy[GF_MAX_QUARTERS];
    double ambient[GF_MAX_QUARTERS][GF_LANES];
} trace;

static void visit_trace(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    trace *self = context;
    for (int sector = 0; sector < climate->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            self->hazard[cause][sector][quarter] = climate->hazard[cause][sector][0];
        self->deal_flow[sector][quarter] = climate->deal_flow[sector][0];
    }
    self->operating_cost[quarter] = climate->operating_cost[0];
    self->captive_sale[quarter] = climate->captive_sale[0];
    self->captive_cap[quarter] = climate->captive_cap[0];
    self->subsidy[quarter] = block->public_flow[GF_PUBLIC_SUBSIDY][0];
    memcpy(self->ambient[quarter], block->emit[GF_SIGNAL_AMBIENT_OUTLIERS], sizeof self->ambient[quarter]);
}

/* Runs a checked bench and frees its parameters. */
static trace run(bench *self, uint64_t seed, uint64_t portfolio, int events_on)
{
    static trace out;
    assert_int_equal(problems(self), 0);
    harness inner = {.model = self->model, .scene = &self->scene, .params = self->params};
    memset(&out, 0, sizeof out);
    harness_run(&inner, seed, portfolio, GF_LANES, events_on, visit_trace, &out);
    free(self->params);
    return out;
}

static double breakouts(uint64_t portfolio, int quarter, int n_sectors)
{
    gf_events events = {.n_lanes = 1, .n_sectors = n_sectors};
    double sum = 0;
    harness_events(portfolio, quarter, 0, &events);
    for (int sector = 0; sector < n_sectors; sector++)
        sum += events.n_by_cause[GF_BREAKOUT][sector][0];
    return sum;
}

/* ---- spillover ---- */

static void test_excitement_follows_its_recursion(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 60, 3);
    set(&self, "half_life_years", 2);
    set(&self, "graduate", 0.15);
    set(&self, "fail", -0.05);
    set(&self, "max_factor", 1.2);
    trace seen = run(&self, 1, 9, 1);
    double x = 0, decay = pow(2, -0.125);
    int n_capped = 0;
    for (int quarter = 0; quarter < 60; quarter++) {
        double up = fmin(1 + 0.15 * x, 1.2), down = fmax(1 - 0.05 * x, 1 / 1.2);
        n_capped += up == 1.2;
        assert_near(seen.hazard[GF_GRADUATE][2][quarter], up, 1e-13);
        assert_near(seen.hazard[GF_FAIL][0][quarter], down, 1e-13);
        assert_true(seen.hazard[GF_BREAKOUT][0][quarter] == 1);
        x = x * decay + breakouts(9, quarter, 3);
    }
    assert_true(n_capped > 0 && n_capped < 60); /* both branches were met */
}

static void test_excitement_without_decay_counts_outliers(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 160, 1);
    set(&self, "half_life_years", INFINITY);
    set(&self, "graduate", 0.15);
    set(&self, "max_factor", 2);
    trace seen = run(&self, 1, 4, 1);
    double count = 0;
    for (int quarter = 0; quarter < 160; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], fmin(2, 1 + 0.15 * count), 1e-13);
        count += breakouts(4, quarter, 1);
    }
    assert_true(count >= 3); /* from the quarter after an outlier on, ×1.15; from the seventh on, ×2 */
}

static void test_branching_ratio_is_reported_and_refused(void **state)
{
    (void)state;
    bench self = bench_new("spillover", 48, 1);
    set(&self, "half_life_years", 5);
    set(&self, "breakout", 0.3);
    set(&self, "ambient_offspring_per_year", 0.02);
    assert_int_equal(problems(&self), 0);
    double decay = pow(2, -0.05), horizon = 0, forever = 0;
    for (int k = 0; k < 47; k++)
        horizon += 0.25 * pow(decay, k);
    for (int k = 0; k < 4000; k++)
        forever += 0.25 * pow(decay, k);
    char text[200], expected[200];
    self.model->note(self.params, &self.scene, text, sizeof text);
    snprintf(expected, sizeof expected, "branching ratio %.4g (portfolio at most %.4g, cluster %.4g)",
             0.002 * 100 * 0.3 * horizon + 0.02 * forever, 0.002 * 100 * 0.3 * horizon, 0.02 * forever);
    assert_string_equal(text, expected);
    /* just below one is accepted, one is refused, and the larger part is named */
    set(&self, "breakout", (0.9999 - 0.02 * forever) / (0.2 * horizon));
    assert_int_equal(problems(&self), 0);
    set(&self, "breakout", (1.0001 - 0.02 * forever) / (0.2 * horizon));
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "breakout");
    assert_non_null(strstr(self.problems.message, "branching ratio 1"));
    set(&self, "breakout", 0);
    set(&self, "ambient_offspring_per_year", 1.0001 / forever);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "ambient_offspring_per_year");
    /* without decay the horizon bounds the influence */
    set(&self, "half_life_years", INFINITY);
    set(&self, "ambient_offspring_per_year", 0.999 / (47 * 0.25));
    assert_int_equal(problems(&self), 0);
    set(&self, "ambient_offspring_per_year", 1.001 / (47 * 0.25));
    assert_int_equal(problems(&self), 1);
    free(self.params);
}

static trace ambient_run(double rate, double offspring, uint64_t seed, uint64_t portfolio)
{
    bench self = bench_new("spillover", 160, 1);
    set(&self, "half_life_years", 3);
    set(&self, "ambient_per_year", rate);
    set(&self, "ambient_offspring_per_year", offspring);
    return run(&self, seed, portfolio, 0);
}

static double total(const trace *seen)
{
    double sum = 0;
    for (int quarter = 0; quarter < 160; quarter++)
        for (int lane = 0; lane < GF_LANES; lane++)
            sum += seen->ambient[quarter][lane];
    return sum;
}

static void test_ambient_outliers_are_monotone_in_their_rates(void **state)
{
    (void)state;
    trace low = ambient_run(0.5, 0.02, 11, 0), high = ambient_run(0.6, 0.02, 11, 0),
          wild = ambient_run(0.6, 0.1, 11, 0);
    for (int quarter = 0; quarter < 160; quarter++)
        for (int lane = 0; lane < GF_LANES; lane++) {
            double count = low.ambient[quarter][lane];
            assert_true(count >= 0 && count == floor(count));
            assert_true(count <= high.ambient[quarter][lane]);
            assert_true(high.ambient[quarter][lane] <= wild.ambient[quarter][lane]);
        }
    assert_true(total(&low) < total(&high) && total(&high) < total(&wild));
}

static void test_every_part_of_the_ambient_address_matters(void **state)
{
    (void)state;
    trace base = ambient_run(2, 0, 11, 0), seed = ambient_run(2, 0, 12, 0), next = ambient_run(2, 0, 11, 1);
    assert_memory_not_equal(base.ambient, seed.ambient, sizeof base.ambient);
    assert_memory_not_equal(base.ambient, next.ambient, sizeof base.ambient);
    assert_memory_not_equal(base.ambient[0], base.ambient[1], sizeof base.ambient[0]);
    for (int quarter = 0; quarter < 160;
         quarter++) /* the same portfolio in another lane meets the same luck */
        assert_memory_equal(&base.ambient[quarter][1], &next.ambient[quarter][0], 31 * sizeof(double));
}

static void test_ambient_rate_follows_cluster_firms(void **state)
{
    (void)state;
    double counts[3];
    const double reference[3] = {INFINITY, 200, 20}; /* signals are 0 … 99 firms, on average 49.5 */
    for (int i = 0; i < 3; i++) {
        bench self = bench_new("spillover", 160, 1);
        set(&self, "ambient_per_year", 2);
        set(&self, "reference_firms", reference[i]);
        trace seen = run(&self, 5, 0, 1);
        counts[i] = total(&seen);
    }
    assert_true(counts[1] < 0.4 * counts[0] && counts[2] > 1.8 * counts[0]);
}

/* ---- incubation ---- */

static void test_talent_pipeline_fills(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 48, 2);
    set(&self, "university_strength", 2);
    set(&self, "initial_talent", 0.5);
    set(&self, "talent_years", 4);
    set(&self, "talent_graduate", 0.3);
    set(&self, "talent_breakout", 0.2);
    trace seen = run(&self, 1, 0, 1);
    double talent = 0.5, keep = exp(-0.25 / 4);
    for (int quarter = 0; quarter < 48; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][1][quarter], exp(0.3 * talent), 1e-12);
        assert_near(seen.hazard[GF_BREAKOUT][0][quarter], exp(0.2 * talent), 1e-12);
        assert_true(seen.hazard[GF_FAIL][0][quarter] == 1);
        talent = 2 + (talent - 2) * keep;
    }
}

static void test_loss_tolerance_raises_failures_and_breakouts(void **state)
{
    (void)state;
    double fails = 1, outliers = 1, entries = 1;
    for (int step = 0; step <= 10; step++) {
        bench self = bench_new("incubation", 4, 1);
        set(&self, "loss_tolerance", step / 10.0);
        set(&self, "appetite_shape", 2);
        set(&self, "appetite_fail", 0.4);
        set(&self, "appetite_breakout", 0.5);
        set(&self, "appetite_entry", 0.2);
        trace seen = run(&self, 1, 0, 1);
        double appetite = step * step / 100.0;
        assert_near(seen.hazard[GF_FAIL][0][3], exp(0.4 * appetite), 1e-13);
        assert_near(seen.hazard[GF_BREAKOUT][0][3], exp(0.5 * appetite), 1e-13);
        assert_near(seen.deal_flow[0][3], exp(0.2 * appetite), 1e-13);
        if (step == 0)
            assert_true(seen.hazard[GF_FAIL][0][0] == 1 && seen.deal_flow[0][0] == 1);
        else
            assert_true(seen.hazard[GF_FAIL][0][3] > fails && seen.hazard[GF_BREAKOUT][0][3] > outliers &&
                        seen.deal_flow[0][3] > entries);
        fails = seen.hazard[GF_FAIL][0][3];
        outliers = seen.hazard[GF_BREAKOUT][0][3];
        entries = seen.deal_flow[0][3];
    }
}

static void test_subsidy_lowers_cost_and_is_paid(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 20, 3);
    set(&self, "subsidy_share", 0.25);
    set(&self, "burn_cny_m_per_year", 8);
    trace seen = run(&self, 1, 17, 1);
    for (int quarter = 0; quarter < 20; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 3};
        harness_events(17, quarter, 0, &events);
        double live = events.n_live[0][0] + events.n_live[1][0] + events.n_live[2][0];
        assert_near(seen.operating_cost[quarter], 0.75, 1e-15);
        assert_near(seen.subsidy[quarter], 0.25 * 8 * 0.25 * live, 1e-12);
        assert_true(seen.hazard[GF_FAIL][0][quarter] == 1); /* the kernel alone turns cost into failures */
    }
}

static void test_platforms_and_demand(void **state)
{
    (void)state;
    bench self = bench_new("incubation", 48, 1);
    set(&self, "platform_support", 0.5);
    set(&self, "platform_graduate", 0.2);
    set(&self, "platform_acquire", 0.6);
    set(&self, "application_demand", 0.5);
    set(&self, "demand_growth_per_year", 0.052);
    set(&self, "demand_graduate", 0.1);
    set(&self, "demand_list", 0.3);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 48; quarter++) {
        double demand = 0.5 * pow(1.052, quarter / 4.0);
        assert_near(seen.hazard[GF_ACQUIRE][0][quarter], exp(0.3), 1e-13);
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], exp(0.1 + 0.1 * demand), 1e-13);
        assert_near(seen.hazard[GF_LIST][0][quarter], exp(0.3 * demand), 1e-13);
    }
}

/* ---- giants ---- */

static bench giants_bench(void)
{
    bench self = bench_new("giants", 80, 2);
    set(&self, "land_elasticity", 0.5);
    set(&self, "supplier_acquire", 1.5);
    set(&self, "supplier_fail", 1.4);
    set(&self, "supplier_breakout", 3);
    set(&self, "captive_share", 0.6);
    set(&self, "captive_cap_multiple", 4);
    set(&self, "imported_talent", 0.8);
    set(&self, "housing_elasticity", 0.5);
    return self;
}

static void assert_giants(const trace *seen, int quarter, double land, double supplier, double housing)
{
    assert_near(seen->deal_flow[1][quarter], sqrt(1 - land), 1e-13);
    assert_near(seen->hazard[GF_ACQUIRE][1][quarter], 1 + 0.5 * supplier, 1e-13);
    assert_near(seen->hazard[GF_FAIL][0][quarter], 1 / (1 + 0.4 * supplier), 1e-13);
    assert_near(seen->hazard[GF_BREAKOUT][0][quarter], 1 / (1 + 2 * supplier), 1e-13);
    assert_near(seen->hazard[GF_GRADUATE][0][quarter], 1 / (1 + 0.5 * 0.8 * housing), 1e-13);
    assert_true(seen->hazard[GF_LIST][0][quarter] == 1);
    assert_near(seen->captive_sale[quarter], 0.6 * supplier, 1e-13);
    assert_true(seen->captive_cap[quarter] == (supplier > 0 ? 4 : INFINITY));
}

static void test_giants_follow_their_equations(void **state)
{
    (void)state;
    bench self = giants_bench();
    set(&self, "land_share", 0.6);
    set(&self, "supplier_share", 0.5);
    set(&self, "housing_cost", 0.7);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        assert_giants(&seen, quarter, 0.6, 0.5, 0.7);
    bench idle = giants_bench(); /* no land, no suppliers, no housing: exactly neutral whatever the slopes */
    seen = run(&idle, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        assert_true(seen.deal_flow[0][quarter] == 1 && seen.hazard[GF_FAIL][0][quarter] == 1 &&
                    seen.hazard[GF_GRADUATE][0][quarter] == 1 && seen.captive_sale[quarter] == 0);
}

static void add_phase(bench *self, double start, double end, double land, double supplier)
{
    const gf_param *rows;
    void *phase = add_element(self, "phases", &rows);
    harness_set(rows, phase, "start_year", start);
    harness_set(rows, phase, "end_year", end);
    harness_set(rows, phase, "land_share", land);
    harness_set(rows, phase, "supplier_share", supplier);
    harness_set(rows, phase, "housing_cost", supplier);
}

static void test_phases_switch_on_the_calendar(void **state)
{
    (void)state;
    bench self = giants_bench();
    self.scene.first_year = 1990;
    set(&self, "land_share", 0.1);
    set(&self, "supplier_share", 0.2);
    set(&self, "housing_cost", 0.3);
    add_phase(&self, 2000, INFINITY, 0.8, 0.9); /* the order of the table does not matter */
    add_phase(&self, 1978, 1993.5, 0.4, 0);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 80; quarter++)
        if (quarter < 14)
            assert_giants(&seen, quarter, 0.4, 0, 0);
        else if (quarter < 40)
            assert_giants(&seen, quarter, 0.1, 0.2, 0.3);
        else
            assert_giants(&seen, quarter, 0.8, 0.9, 0.9);
}

static void test_bad_phases_are_refused(void **state)
{
    (void)state;
    bench self = giants_bench();
    add_phase(&self, 1978, 1992, 0, 0);
    add_phase(&self, 1992, 2001, 0, 0); /* touching is fine */
    assert_int_equal(problems(&self), 0);
    add_phase(&self, 1991.75, 1992, 0, 0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "phases[2].start_year");
    assert_non_null(strstr(self.problems.message, "overlaps phases[0]"));
    free(self.params);
    self = giants_bench();
    add_phase(&self, 2000, 2000, 0, 0);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "phases[0].end_year");
    free(self.params);
}

/* ---- headwind ---- */

static bench headwind_bench(int n_sectors, double recovery_quarters)
{
    bench self = bench_new("headwind", 40, n_sectors);
    set(&self, "breakout", 0.5);
    set(&self, "list", 1);
    set(&self, "graduate", 0.25);
    set(&self, "entry", 0.4);
    set(&self, "recovery_quarters", recovery_quarters);
    return self;
}

static void add_window(bench *self, double start, double quarters, double depth, const char *sectors)
{
    const gf_param *rows;
    void *window = add_element(self, "windows", &rows);
    harness_set(rows, window, "start_quarter", start);
    harness_set(rows, window, "quarters", quarters);
    harness_set(rows, window, "depth", depth);
    snprintf((char *)window + gf_params_find(rows, "sectors")->offset, GF_TEXT_SIZE, "%s", sectors);
}

static void assert_headwind(const trace *seen, int sector, int quarter, double depth)
{
    assert_near(seen->hazard[GF_BREAKOUT][sector][quarter], 1 - 0.5 * depth, 1e-13);
    assert_near(seen->hazard[GF_LIST][sector][quarter], 1 - depth, 1e-13);
    assert_near(seen->hazard[GF_GRADUATE][sector][quarter], 1 - 0.25 * depth, 1e-13);
    assert_near(seen->deal_flow[sector][quarter], 1 - 0.4 * depth, 1e-13);
    assert_true(seen->hazard[GF_FAIL][sector][quarter] == 1);
}

static void test_windows_blow_and_fade(void **state)
{
    (void)state;
    for (int recovery = 0; recovery <= 4; recovery += 4) {
        bench self = headwind_bench(1, recovery);
        add_window(&self, 6, 10, 0.5, "");
        add_window(&self, 140, 1, 0.9, "all"); /* past the horizon: idle */
        trace seen = run(&self, 1, 0, 1);
        for (int quarter = 0; quarter < 40; quarter++) {
            double depth = quarter < 6    ? 0
                           : quarter < 16 ? 0.5
                                          : 0.5 * fmax(0, 1 - (quarter - 15) / (recovery + 1.0));
            assert_headwind(&seen, 0, quarter, depth);
        }
    }
}

static void test_windows_combine_by_sector(void **state)
{
    (void)state;
    bench self = headwind_bench(3, 0);
    add_window(&self, 0, 8, 0.5, "s0, s2");
    add_window(&self, 4, 8, 0.4, "s2");
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 40; quarter++) {
        double first = quarter < 8 ? 0.5 : 0, second = quarter >= 4 && quarter < 12 ? 0.4 : 0;
        assert_headwind(&seen, 0, quarter, first);
        assert_headwind(&seen, 1, quarter, 0);
        assert_headwind(&seen, 2, quarter, 1 - (1 - first) * (1 - second));
    }
}

static void test_unknown_sector_is_refused(void **state)
{
    (void)state;
    bench self = headwind_bench(2, 0);
    add_window(&self, 0, 8, 0.5, "all");
    add_window(&self, 0, 8, 0.5, "s1, chips");
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "windows[1].sectors");
    assert_non_null(strstr(self.problems.message, "'chips'"));
    free(self.params);
}

static void test_talent_scarcity_is_always_there(void **state)
{
    (void)state;
    bench self = headwind_bench(1, 0);
    set(&self, "talent_scarcity", 0.1);
    trace seen = run(&self, 1, 0, 1);
    for (int quarter = 0; quarter < 40; quarter++) {
        assert_near(seen.hazard[GF_GRADUATE][0][quarter], 0.9, 1e-15);
        assert_near(seen.deal_flow[0][quarter], 0.9, 1e-15);
        assert_true(seen.hazard[GF_BREAKOUT][0][quarter] == 1 && seen.hazard[GF_LIST][0][quarter] == 1);
    }
}

static void test_random_shocks_have_their_shape(void **state)
{
    (void)state;
    bench self = headwind_bench(1, 3);
    set(&self, "arrivals_per_year", 0.3);
    set(&self, "mean_years", 1.5);
    set(&self, "arrival_depth", 0.4);
    trace seen = run(&self, 3, 2, 1);
    int n_full = 0, n_fading = 0;
    for (int quarter = 0; quarter < 40; quarter++) {
        double depth = 1 - seen.hazard[GF_LIST][0][quarter];
        int step = (int)lround(depth / 0.1);
        assert_near(depth, 0.1 * step, 1e-12);
        n_full += step == 4;
        n_fading += step > 0 && step < 4;
        if (quarter > 0) { /* never falls by more than one step of the recovery */
            int before = (int)lround((1 - seen.hazard[GF_LIST][0][quarter - 1]) / 0.1);
            assert_true(step == 4 || step == before - 1 || (step == 0 && before == 0));
        }
    }
    assert_true(n_full > 0 && n_fading > 0 && n_full + n_fading < 40);
    bench idle = headwind_bench(1, 3); /* arrivals without depth change nothing */
    set(&idle, "arrivals_per_year", 5);
    seen = run(&idle, 3, 2, 1);
    for (int quarter = 0; quarter < 40; quarter++)
        assert_true(seen.hazard[GF_LIST][0][quarter] == 1 && seen.deal_flow[0][quarter] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_excitement_follows_its_recursion),
        cmocka_unit_test(test_excitement_without_decay_counts_outliers),
        cmocka_unit_test(test_branching_ratio_is_reported_and_refused),
        cmocka_unit_test(test_ambient_outliers_are_monotone_in_their_rates),
        cmocka_unit_test(test_every_part_of_the_ambient_address_matters),
        cmocka_unit_test(test_ambient_rate_follows_cluster_firms),
        cmocka_unit_test(test_talent_pipeline_fills),
        cmocka_unit_test(test_loss_tolerance_raises_failures_and_breakouts),
        cmocka_unit_test(test_subsidy_lowers_cost_and_is_paid),
        cmocka_unit_test(test_platforms_and_demand),
        cmocka_unit_test(test_giants_follow_their_equations),
        cmocka_unit_test(test_phases_switch_on_the_calendar),
        cmocka_unit_test(test_bad_phases_are_refused),
        cmocka_unit_test(test_windows_blow_and_fade),
        cmocka_unit_test(test_windows_combine_by_sector),
        cmocka_unit_test(test_unknown_sector_is_refused),
        cmocka_unit_test(test_talent_scarcity_is_always_there),
        cmocka_unit_test(test_random_shocks_have_their_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
