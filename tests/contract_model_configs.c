/* The contract of all models in the whole engine: the config reader refuses what their rows refuse, and a
 * model at its neutral values leaves the bytes of a scenario without it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "io/config.h"
#include "portfolio/portfolio.h"
#include "models_harness.h"

/* ---- ranges, through the config reader ---- */

/* Writes the smallest config to a temporary file and returns its path. */
static const char *smallest_config(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/guidefund_contract_%ld.yaml", (long)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("scenario: contract\nhorizon_years: 10\n", file);
    fclose(file);
    return path;
}

/* Reads the smallest config with one override; the first message goes to `message`. */
static gf_status read_with(const char *override, char message[300])
{
    static gf_config config;
    const char *const overrides[] = {override};
    gf_error_list errors = {0};
    gf_status status = gf_config_read(smallest_config(), 1, overrides, &config, &errors);
    snprintf(message, 300, "%s", errors.n > 0 ? errors.errors[0].message : "");
    gf_config_clear(&config);
    gf_errors_clear(&errors);
    return status;
}

/* "models.giants.land_share=V", or "models.giants.phases=[{start_year: 1978, land_share: V}]" inside a table.
 */
static void override_text(char *text, size_t size, const gf_model *model, const gf_param *table,
                          const gf_param *row, double value)
{
    if (table == NULL) {
        snprintf(text, size, "models.%s.%s=%.17g", model->name, row->name, value);
        return;
    }
    int n = snprintf(text, size, "models.%s.%s=[{", model->name, table->name);
    for (const gf_param *other = table->rows; other->name != NULL; other++) {
        char word[GF_TEXT_SIZE] = "all";
        if (!other->required || other == row)
            continue;
        if (other->kind == GF_CHOICE)
            gf_choice_word(other->choices, (int)other->preset, word, sizeof word);
        if (other->kind == GF_CHOICE || other->kind == GF_TEXT)
            n += snprintf(text + n, size - (size_t)n, "%s: %s, ", other->name, word);
        else
            n += snprintf(text + n, size - (size_t)n, "%s: %.17g, ", other->name, other->preset);
    }
    snprintf(text + n, size - (size_t)n, "%s: %.17g}]", row->name, value);
}

static int faults_of_range(const gf_model *model, const gf_param *table, const gf_param *row)
{
    int n = 0;
    char text[600], message[300];
    const double step = row->kind == GF_INT ? 1 : 1e-9 * fmax(1, fabs(row->max));
    const double outside[2] = {row->min - step, row->max + step};
    for (int side = 0; side < 2; side++) {
        override_text(text, sizeof text, model, table, row, outside[side]);
        if (read_with(text, message) != GF_CONFIG || strstr(message, row->name) == NULL)
            n += fault(model, "a value outside the bounds is not refused by name", text);
    }
    override_text(text, sizeof text, model, table, row, row->preset);
    if (isfinite(row->preset) && read_with(text, message) != GF_OK)
        n += fault(model, "the preset is refused", message);
    return n;
}

static int faults_of_ranges(const gf_model *model, const gf_param *table, const gf_param *rows)
{
    int n = 0;
    for (const gf_param *row = rows; row->name != NULL; row++)
        if (row->kind == GF_DOUBLE || row->kind == GF_INT)
            n += faults_of_range(model, table, row);
        else if (row->kind == GF_TABLE)
            n += faults_of_ranges(model, row, row->rows);
    return n;
}

static void test_values_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    int n = 0;
    for (int i = 0; gf_models[i] != NULL; i++)
        n += faults_of_ranges(gf_models[i], NULL, gf_models[i]->rows);
    assert_int_equal(n, 0);
    /* spoiled twin: rows that claim narrower bounds than those the reader knows */
    gf_param rows[] = {*gf_params_find(gf_model_find("giants")->rows, "land_share"), GF_ROW_END};
    rows[0].max = 0.5;
    assert_true(faults_of_ranges(gf_model_find("giants"), NULL, rows) > 0);
    unlink(smallest_config());
}

/* ---- in the whole engine: a model at its neutral values leaves the bytes of a scenario without it ---- */

enum { N_SIMULATED = 2 * GF_LANES };

/* Appends "land_share: 0, …", all rows that have a neutral value; tables are empty as they are. */
static size_t append_neutral(const gf_param *rows, char *text, size_t size, size_t n)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        int is_number = row->kind == GF_DOUBLE || row->kind == GF_INT;
        if (row->kind == GF_GROUP) {
            n += (size_t)snprintf(text + n, size - n, "%s: {", row->name);
            n = append_neutral(row->rows, text, size, n);
            n += (size_t)snprintf(text + n, size - n, "}, ");
        } else if (is_number && isfinite(row->neutral)) {
            n += (size_t)snprintf(text + n, size - n, "%s: %.17g, ", row->name, row->neutral);
        } else if (is_number && row->has_none && row->neutral == row->none_value) {
            n += (size_t)snprintf(text + n, size - n, "%s: none, ", row->name);
        } else if (row->kind == GF_DOUBLES && row->fixed_count > 0 && isfinite(row->neutral)) {
            n += (size_t)snprintf(text + n, size - n, "%s: [", row->name);
            for (int64_t i = 0; i < row->fixed_count; i++)
                n += (size_t)snprintf(text + n, size - n, "%s%.17g", i > 0 ? ", " : "", row->neutral);
            n += (size_t)snprintf(text + n, size - n, "], ");
        }
    }
    return n;
}

/* "models.giants={land_share: 0, …}" */
static void neutral_override(const gf_model *model, char *text, size_t size)
{
    size_t n = (size_t)snprintf(text, size, "models.%s={", model->name);
    n = append_neutral(model->rows, text, size, n);
    snprintf(text + n, size - n, "}");
}

/* The engine's own columns of a scenario with `override`, columns[column * N_SIMULATED + portfolio]. */
static void simulate_with(const char *override, double *columns)
{
    static gf_config config;
    gf_error_list errors = {0};
    gf_error error = {0};
    gf_layout layout;
    gf_workspace *workspace;
    assert_int_equal(gf_config_read(smallest_config(), 1, &override, &config, &errors), GF_OK);
    assert_int_equal(gf_layout_init(&layout, &config.scenario, &error), GF_OK);
    assert_int_equal(gf_workspace_new(&workspace, &config.scenario, &layout, gf_isa_detect(), &error), GF_OK);
    double *all = calloc((size_t)layout.n_columns * N_SIMULATED, sizeof *all);
    int lanes = gf_workspace_lanes(&config.scenario);
    for (int first = 0; first < N_SIMULATED; first += lanes) {
        gf_sink sink = {.columns = all + first, .columns_stride = N_SIMULATED};
        int left = N_SIMULATED - first;
        gf_simulate(workspace, (uint64_t)first, left < lanes ? left : lanes, &sink);
    }
    memcpy(columns, all, sizeof *columns * GF_N_COLUMNS * N_SIMULATED);
    free(all);
    gf_workspace_free(workspace);
    gf_layout_clear(&layout);
    gf_config_clear(&config);
}

static void test_neutral_models_leave_the_bytes(void **state)
{
    (void)state;
    static double without[GF_N_COLUMNS * N_SIMULATED], with[GF_N_COLUMNS * N_SIMULATED];
    char text[4000];
    simulate_with("horizon_years=10", without);
    for (int i = 0; gf_models[i] != NULL; i++) {
        neutral_override(gf_models[i], text, sizeof text);
        simulate_with(text, with);
        if (memcmp(with, without, sizeof with) != 0)
            fault(gf_models[i], "a scenario changes with the model at its neutral values", NULL);
        assert_memory_equal(with, without, sizeof with);
        /* twin: at its presets the model must change something */
        snprintf(text, sizeof text, "models.%s={}", gf_models[i]->name);
        simulate_with(text, with);
        assert_memory_not_equal(with, without, sizeof with);
    }
    unlink(smallest_config());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_outside_their_bounds_are_refused),
        cmocka_unit_test(test_neutral_models_leave_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
