/* The five-subsystem cluster: mean path against the matrix exponential, coupling, inputs, outliers, drivers;
 * and the clusters that are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems_bench.h"

enum { N = 5, CUSTOM = 3 };

static const double coupling[N][N] = {{0.05, 0.1, 0, 0.2, -0.1},
                                      {0.3, -0.1, 0.15, 0, 0.1},
                                      {0, 0.2, 0, 0.05, 0},
                                      {0.1, 0, 0.1, 0, 0.25},
                                      {0.02, 0.03, 0.04, 0.05, 0}};
static const double kappa[N] = {0.9, 0.7, 0.5, 0.4, 0.3}, theta[N] = {1, 0.4, -0.3, 0.2, 0.6};

static double *list_of(bench *self, const char *group, const char *name)
{
    const gf_param *row = gf_params_find(self->model->rows, group != NULL ? group : name);
    char *place = (char *)self->params + row->offset;
    if (group != NULL)
        place += gf_params_find(row->rows, name)->offset;
    return (double *)(void *)place;
}

static void set_list(bench *self, const char *group, const char *name, const double *values)
{
    memcpy(list_of(self, group, name), values, N * sizeof *values);
}

static bench custom_bench(int n_quarters)
{
    static const char *const names[N] = {"innovation", "chain_application", "infrastructure",
                                         "talent_capital", "governance"};
    bench self = bench_new("cluster", n_quarters, 2);
    set(&self, "driver", CUSTOM);
    set(&self, "ambition", 1);
    set_list(&self, NULL, "kappa", kappa);
    for (int k = 0; k < N; k++)
        set_list(&self, "coupling", names[k], coupling[k]);
    return self;
}

/* ---- an independent solution ---- */

/* x = e^(A t) x0 + ∫ e^(A u) du c, by Taylor's series in long double over steps of 1/64 year. */
static void exact_path(const double *start, const double *push, double years, long double *x)
{
    const int n_steps = (int)lround(years * 64);
    for (int k = 0; k < N; k++)
        x[k] = start[k];
    for (int step = 0; step < n_steps; step++) {
        long double term[N], next[N];
        memcpy(term, x, sizeof term);
        for (int order = 1; order <= 25; order++) { /* x^(n) = A x^(n−1), with c in the first derivative */
            for (int k = 0; k < N; k++) {
                next[k] = order == 1 ? (long double)push[k] - (long double)kappa[k] * term[k]
                                     : -(long double)kappa[k] * term[k];
                for (int j = 0; j < N; j++)
                    next[k] += (long double)coupling[k][j] * term[j];
                next[k] /= 64.0L * order;
            }
            for (int k = 0; k < N; k++)
                x[k] += term[k] = next[k];
        }
    }
}

static void test_mean_path_is_the_matrix_exponential(void **state)
{
    (void)state;
    static const double start[N] = {0.5, -0.2, 0.1, 0, 1};
    double push[N], euler[N];
    bench self = custom_bench(48);
    set_list(&self, NULL, "theta", theta);
    set_list(&self, NULL, "initial", start);
    const record *seen = record_run(&self, 1, 0, 0);
    for (int k = 0; k < N; k++)
        push[k] = kappa[k] * theta[k];
    memcpy(euler, start, sizeof euler);
    double worst = 0;
    for (int quarter = 1; quarter < 48; quarter++) {
        long double exact[N];
        double next[N];
        exact_path(start, push, quarter / 4.0, exact);
        for (int k = 0; k < N; k++) {
            assert_near(seen->series[quarter][k][31], (double)exact[k], 1e-13);
            next[k] = euler[k] + 0.25 * (push[k] - kappa[k] * euler[k]);
            for (int j = 0; j < N; j++)
                next[k] += 0.25 * coupling[k][j] * euler[j];
        }
        memcpy(euler, next, sizeof euler);
        for (int k = 0; k < N; k++)
            worst = fmax(worst, fabs(euler[k] - (double)exact[k]));
    }
    assert_true(worst > 1e-3); /* twin: a step of Euler's a quarter is seen */
    free(self.params);
}

static void test_a_shock_moves_those_it_feeds(void **state)
{
    (void)state;
    static const double none[N] = {0}, chain[N] = {0.3, 0, 0, 0, 0}, talent[N] = {0, 0.2, 0, 0, 0};
    static const double shock[N] = {1, 0, 0, 0, 0}, slow[N] = {0.5, 0.5, 0.5, 0.5, 0.5};
    bench self = custom_bench(40); /* innovation → chain → talent */
    set_list(&self, NULL, "kappa", slow);
    set_list(&self, "coupling", "innovation", none);
    set_list(&self, "coupling", "chain_application", chain);
    set_list(&self, "coupling", "infrastructure", none);
    set_list(&self, "coupling", "talent_capital", talent);
    set_list(&self, "coupling", "governance", none);
    set_list(&self, NULL, "initial", shock);
    const record *seen = record_run(&self, 1, 0, 0);
    for (int quarter = 1; quarter < 40; quarter++) {
        double t = quarter / 4.0;
        assert_near(seen->series[quarter][0][0], exp(-0.5 * t), 1e-13);
        assert_near(seen->series[quarter][1][0], 0.3 * t * exp(-0.5 * t), 1e-13);
        assert_near(seen->series[quarter][3][0], 0.03 * t * t * exp(-0.5 * t), 1e-13);
        assert_true(seen->series[quarter][2][0] == 0 && seen->series[quarter][4][0] == 0);
    }
    free(self.params);
}

static void test_levels_move_startups(void **state)
{
    (void)state;
    static const double start[N] = {0.5, -0.2, 0.1, 0, 1}, still[N] = {1e-12, 1e-12, 1e-12, 1e-12, 1e-12};
    static const double breakout[N] = {0.4, 0, 0.1, 0, 0}, entry[N] = {0, 0.5, 0, 0, 0.2};
    static const double none[N] = {0}, strong[N] = {3, 0, 0, 0, 0};
    bench self = custom_bench(4);
    set_list(&self, NULL, "initial", start);
    set_list(&self, NULL, "kappa", still);
    for (const gf_param *row = gf_params_find(self.model->rows, "coupling")->rows; row->name != NULL; row++)
        set_list(&self, "coupling", row->name, none);
    set_list(&self, "response", "breakout", breakout);
    set_list(&self, "response", "entry", entry);
    set_list(&self, "response", "acquire", strong);
    set(&self, "max_factor", 2);
    const record *seen = record_run(&self, 1, 0, 0);
    for (int quarter = 0; quarter < 4; quarter++) {
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_BREAKOUT, 1, 7), exp(0.4 * 0.5 + 0.01),
                    1e-11);
        assert_near(seen->climate[quarter].deal_flow[0][0], exp(0.5 * -0.2 + 0.2), 1e-11);
        assert_near(gf_climate_hazard(&seen->climate[quarter], GF_ACQUIRE, 0, 0), 2, 1e-14); /* e^1.5, held */
        assert_true(gf_climate_hazard(&seen->climate[quarter], GF_FAIL, 0, 0) == 1);
    }
    free(self.params);
}

static void test_inputs_are_paths(void **state)
{
    (void)state;
    static const double none[N] = {0}, gain[N] = {0.5, 0.5, 0.7, 0.5, 0.5};
    const gf_param *rows;
    bench self = custom_bench(40);
    for (const gf_param *row = gf_params_find(self.model->rows, "coupling")->rows; row->name != NULL; row++)
        set_list(&self, "coupling", row->name, none);
    set_list(&self, NULL, "input_gain", gain);
    void *input =
        add_element(&self, "inputs", &rows); /* computing capacity: +50% in two years, which stays */
    harness_set(rows, input, "subsystem", 2);
    harness_set(rows, input, "start_quarter", 4);
    harness_set(rows, input, "quarters", 8);
    harness_set(rows, input, "growth_per_year", sqrt(1.5) - 1);
    input = add_element(&self, "inputs", &rows); /* a programme of three years */
    harness_set(rows, input, "subsystem", 4);
    harness_set(rows, input, "start_quarter", 10);
    harness_set(rows, input, "quarters", 12);
    harness_set(rows, input, "level", 0.8);
    const record *seen = record_run(&self, 1, 0, 0);
    double capacity = 0, governance = 0;
    for (int quarter = 0; quarter < 39; quarter++) {
        double grown = quarter < 4 ? 0 : 0.5 * log(1.5) * fmin(quarter - 4, 8) / 4;
        double level = quarter >= 10 && quarter < 22 ? 0.8 : 0;
        capacity = capacity * exp(-0.5 / 4) + 0.7 / 0.5 * grown * -expm1(-0.5 / 4);
        governance = governance * exp(-0.3 / 4) + 0.5 / 0.3 * level * -expm1(-0.3 / 4);
        assert_near(seen->series[quarter + 1][2][0], capacity, 1e-13);
        assert_near(seen->series[quarter + 1][4][0], governance, 1e-13);
        assert_true(seen->series[quarter + 1][0][0] == 0 && seen->series[quarter + 1][3][0] == 0);
    }
    free(self.params);
}

static void test_outliers_in_and_around_the_portfolio_spill(void **state)
{
    (void)state;
    static const double spill[N] = {0.2, 0, 0, 0.1, 0};
    bench self = custom_bench(20);
    set_list(&self, NULL, "spill", spill);
    const record *seen = record_run(&self, 1, 9, 1);
    double level = 0;
    for (int quarter = 0; quarter < 19 && level == 0; quarter++) {
        gf_events events = {.n_lanes = 1, .n_sectors = 2};
        harness_events(9, quarter, 0, &events);
        double outliers = events.n_by_cause[GF_BREAKOUT][0][0] + events.n_by_cause[GF_BREAKOUT][1][0];
        level = seen->series[quarter + 1][0][0]; /* before the first outlier nothing, then its jump */
        assert_near(level, 0.2 * outliers, 1e-15);
        assert_near(seen->series[quarter + 1][3][0], 0.1 * outliers, 1e-15);
    }
    assert_true(level > 0);
    gf_block block = {.n_lanes = 1};
    gf_events calm = {.n_lanes = 1, .n_sectors = 2};
    double *levels = calloc(1, self.model->state_size(self.params, &self.scene));
    block.signals[GF_SIGNAL_AMBIENT_OUTLIERS][0] = 3; /* DeepSeek was in no portfolio */
    self.model->observe(self.params, &self.scene, levels, &block, 0, &calm);
    assert_near(levels[0], 0.6, 1e-15);
    free(levels);
    free(self.params);
}

static void test_a_cluster_at_rest_is_exactly_neutral(void **state)
{
    (void)state;
    for (int driver = 0; driver < CUSTOM; driver++)
        for (int twin = 0; twin <= 1; twin++) {
            bench self = bench_new("cluster", 40, 3);
            gf_params_preset(self.model->rows,
                             self.params); /* responses as they come, all sources of motion off */
            memset(list_of(&self, NULL, "volatility"), 0, N * sizeof(double));
            memset(list_of(&self, NULL, "spill"), 0, N * sizeof(double));
            set(&self, "driver", driver);
            set(&self, "ambition", twin ? 1e-6 : 0);
            assert_int_equal(is_neutral_climate(record_run(&self, 1, 0, 1), 40), !twin);
            free(self.params);
        }
}

/* ---- drivers ---- */

enum { BREAKOUT, SALES, GRADUATION, SURVIVAL, ENTRY, N_EFFECTS };

/* Quarters until each effect first passes 10%; and in every quarter leaders are stronger than all others. */
static void arrivals(const record *seen, const int *leads, int *first)
{
    for (int effect = 0; effect < N_EFFECTS; effect++)
        first[effect] = 1000;
    for (int quarter = 47; quarter > 0; quarter--) {
        const gf_climate *climate = &seen->climate[quarter];
        const double factor[N_EFFECTS] = {
            gf_climate_hazard(climate, GF_BREAKOUT, 0, 0), gf_climate_hazard(climate, GF_ACQUIRE, 0, 0),
            gf_climate_hazard(climate, GF_GRADUATE, 0, 0), 1 / gf_climate_hazard(climate, GF_FAIL, 0, 0),
            climate->deal_flow[0][0]};
        double weakest_leader = INFINITY, strongest_follower = 0;
        for (int effect = 0; effect < N_EFFECTS; effect++) {
            if (factor[effect] > 1.1)
                first[effect] = quarter;
            if (leads[effect])
                weakest_leader = fmin(weakest_leader, factor[effect]);
            else
                strongest_follower = fmax(strongest_follower, factor[effect]);
        }
        assert_true(weakest_leader > strongest_follower);
    }
}

static void test_drivers_lead_with_what_they_are_for(void **state)
{
    (void)state;
    static const int leads[CUSTOM][N_EFFECTS] = {
        {[BREAKOUT] = 1}, {[SALES] = 1, [GRADUATION] = 1}, {[SURVIVAL] = 1, [ENTRY] = 1}};
    for (int driver = 0; driver < CUSTOM; driver++) {
        bench self = bench_new("cluster", 48, 1);
        int first[N_EFFECTS], last_leader = 0, first_follower = 1000;
        gf_params_preset(self.model->rows, self.params);
        memset(list_of(&self, NULL, "volatility"), 0, N * sizeof(double));
        set(&self, "driver", driver);
        arrivals(record_run(&self, 1, 0, 0), leads[driver], first);
        for (int effect = 0; effect < N_EFFECTS; effect++) {
            if (leads[driver][effect] && first[effect] > last_leader)
                last_leader = first[effect];
            if (!leads[driver][effect] && first[effect] < first_follower)
                first_follower = first[effect];
        }
        assert_true(last_leader <= 2 && first_follower >= 2 * last_leader);
        free(self.params);
    }
}

/* ---- what is refused ---- */

static void test_unstable_coupling_is_refused_with_its_value(void **state)
{
    (void)state;
    static const double strong[N] = {0, 0.9, 0, 0, 0}, back[N] = {0.9, 0, 0, 0, 0}, none[N] = {0};
    static const double slow[N] = {0.5, 0.5, 0.5, 0.5, 0.5};
    bench self = custom_bench(40);
    assert_int_equal(problems(&self), 0);
    for (const gf_param *row = gf_params_find(self.model->rows, "coupling")->rows; row->name != NULL; row++)
        set_list(&self, "coupling", row->name, none);
    set_list(&self, NULL, "kappa", slow);
    set_list(&self, "coupling", "innovation", strong);
    set_list(&self, "coupling", "chain_application", back); /* eigenvalues ±0.9 − 0.5 */
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "coupling");
    assert_non_null(strstr(self.problems.message, "real part 0.4 a year"));
    set(&self, "complementarity", 0.55);
    assert_int_equal(problems(&self), 0);
    free(self.params);
    self = bench_new("cluster", 40, 1);
    set(&self, "complementarity", 10);
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "complementarity");
    free(self.params);
}

static void test_rows_that_the_driver_ignores_are_refused(void **state)
{
    (void)state;
    bench self = bench_new("cluster", 40, 1);
    assert_int_equal(problems(&self), 0);
    list_of(&self, NULL, "theta")[2] = 0.5;
    assert_int_equal(problems(&self), 1);
    assert_string_equal(self.problems.key, "theta");
    set(&self, "driver", CUSTOM);
    assert_int_equal(problems(&self), 0);
    free(self.params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_path_is_the_matrix_exponential),
        cmocka_unit_test(test_a_shock_moves_those_it_feeds),
        cmocka_unit_test(test_levels_move_startups),
        cmocka_unit_test(test_inputs_are_paths),
        cmocka_unit_test(test_outliers_in_and_around_the_portfolio_spill),
        cmocka_unit_test(test_a_cluster_at_rest_is_exactly_neutral),
        cmocka_unit_test(test_drivers_lead_with_what_they_are_for),
        cmocka_unit_test(test_unstable_coupling_is_refused_with_its_value),
        cmocka_unit_test(test_rows_that_the_driver_ignores_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
