/* Runs configs given as text through the config reader and the engine, and keeps the columns in memory.
 * Include cmocka.h first. */
#ifndef GF_TESTS_OUTCOME_RUN_H
#define GF_TESTS_OUTCOME_RUN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/config.h"
#include "portfolio/cohort.h"
#include "portfolio/portfolio.h"

static inline uint64_t outcome_seed(void)
{
    const char *text = getenv("GF_TEST_SEED");
    return text != NULL ? strtoull(text, NULL, 0) : 20250127;
}

/* Reads `text`; the errors are the caller's. */
static inline gf_status outcome_read(const char *text, gf_config *config, gf_error_list *errors)
{
    char path[] = "/tmp/gf_outcome_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    const gf_status status = gf_config_read(path, 0, NULL, config, errors);
    unlink(path);
    return status;
}

/* A config whose only errors must be at the places and hold the words: "LINE:COLUMN part", in order. */
static inline void read_wrong(const char *text, int n_expected, const char *const *expected)
{
    gf_config config;
    gf_error_list errors = {0};
    assert_int_equal(outcome_read(text, &config, &errors), GF_CONFIG);
    if ((int)errors.n != n_expected)
        gf_errors_print(&errors, stderr);
    assert_int_equal(errors.n, n_expected);
    for (int i = 0; i < n_expected; i++) {
        char found[900];
        snprintf(found, sizeof found, "%d:%d %s", errors.errors[i].line, errors.errors[i].column,
                 errors.errors[i].message);
        const size_t place = strcspn(expected[i], " ") + 1;
        if (strncmp(found, expected[i], place) != 0 || strstr(found, expected[i] + place) == NULL) {
            print_error("'%s' is not '%s'\n", found, expected[i]);
            fail();
        }
        assert_non_null(strstr(errors.errors[i].message, "expected"));
    }
    gf_errors_clear(&errors);
}

typedef struct outcome_run {
    gf_config config;
    gf_layout layout;
    gf_workspace *workspace; /* its ledger holds the last block */
    size_t n, n_last;        /* portfolios, and those of the last block */
    double *columns;         /* [column * n + portfolio] */
    double *startups;        /* [(column * n_startups + startup) * n + portfolio], where wanted */
} outcome_run;

typedef struct outcome_options {
    gf_isa isa;
    int lanes;        /* of a block; 0: as the engine chooses */
    int has_startups; /* keep startup rows */
} outcome_options;

static inline void outcome_simulate(outcome_run *self, const outcome_options *options)
{
    const gf_scenario *s = &self->config.scenario;
    const size_t block = (size_t)(options->lanes > 0 ? options->lanes : gf_workspace_lanes(s));
    gf_error error;
    assert_int_equal(gf_workspace_new(&self->workspace, s, &self->layout, options->isa, &error), GF_OK);
    for (size_t first = 0; first < self->n; first += block) {
        gf_sink sink = {.columns = self->columns + first, .columns_stride = self->n};
        if (options->has_startups) {
            sink.startups = self->startups + first;
            sink.startups_stride = self->n;
        }
        self->n_last = self->n - first < block ? self->n - first : block;
        gf_simulate(self->workspace, first, (int)self->n_last, &sink);
    }
}

/* Runs self->config. */
static inline void outcome_run_config(outcome_run *self, outcome_options options)
{
    gf_error error;
    assert_int_equal(gf_layout_init(&self->layout, &self->config.scenario, &error), GF_OK);
    self->n = (size_t)self->config.scenario.portfolios;
    const size_t n_startups = (size_t)self->config.scenario.startups.count;
    self->columns = calloc((size_t)self->layout.n_columns * self->n, sizeof(double));
    assert_non_null(self->columns);
    if (options.has_startups) {
        self->startups = calloc((size_t)GF_N_STARTUP_COLUMNS * n_startups * self->n, sizeof(double));
        assert_non_null(self->startups);
    }
    outcome_simulate(self, &options);
}

/* A config that must be right, run. */
static inline outcome_run *outcome_run_with(const char *text, outcome_options options)
{
    outcome_run *self = calloc(1, sizeof *self);
    gf_error_list errors = {0};
    assert_non_null(self);
    const gf_status status = outcome_read(text, &self->config, &errors);
    gf_errors_print(&errors, stderr);
    assert_int_equal(status, GF_OK);
    outcome_run_config(self, options);
    return self;
}

/* A config of the project, such as "configs/published/carta_2018.yaml", run with overrides. */
static inline outcome_run *outcome_run_file(const char *name, int n_overrides, const char *const *overrides)
{
    outcome_run *self = calloc(1, sizeof *self);
    gf_error_list errors = {0};
    char path[512];
    const char *source = getenv("GF_SOURCE");
    assert_non_null(self);
    snprintf(path, sizeof path, "%s/%s", source != NULL ? source : ".", name);
    const gf_status status = gf_config_read(path, n_overrides, overrides, &self->config, &errors);
    gf_errors_print(&errors, stderr);
    assert_int_equal(status, GF_OK);
    outcome_run_config(self, (outcome_options){.isa = gf_isa_detect()});
    return self;
}

static inline outcome_run *outcome_run_text(const char *text)
{
    return outcome_run_with(text, (outcome_options){.isa = gf_isa_detect()});
}

static inline void outcome_run_free(outcome_run *self)
{
    gf_workspace_free(self->workspace);
    gf_layout_clear(&self->layout);
    gf_config_clear(&self->config);
    free(self->columns);
    free(self->startups);
    free(self);
}

static inline const double *outcome_column(const outcome_run *self, int column)
{
    return self->columns + (size_t)column * self->n;
}

static inline double outcome_startup(const outcome_run *self, int column, size_t startup, size_t portfolio)
{
    const size_t n_startups = (size_t)self->config.scenario.startups.count;
    return self->startups[((size_t)column * n_startups + startup) * self->n + portfolio];
}

/* A config of the outcome lifecycle without fees and carry. `outcome` holds the keys of its section in flow
 * style. */
static inline const char *outcome_text(int portfolios, int count, const char *outcome)
{
    static char text[4096];
    snprintf(text, sizeof text,
             "scenario: test\nportfolios: %d\nseed: %llu\nhorizon_years: 1\n"
             "startups: {lifecycle: outcome, count: %d, outcome: {holding_years: {point: 1}, %s}}\n"
             "programme: {terms: {fee_per_year: 0, carry: 0}}\noutput: {quarters_of: 0}\n",
             portfolios, (unsigned long long)outcome_seed(), count, outcome);
    return text;
}

#endif
