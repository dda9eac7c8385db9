/* The contract of all models, as checkers: each returns how many faults it found and says them. */
#ifndef GF_MODELS_CONTRACT_H
#define GF_MODELS_CONTRACT_H

#include "models_harness.h"

/* ---- what one run leaves: a digest per lane and what was seen ---- */

typedef struct digest {
    uint64_t of_lane[GF_LANES];
    int n_lanes, n_sectors;
    int is_neutral;  /* every climate was bit for bit neutral, and nothing was emitted or paid */
    int is_finite;   /* every multiplier finite and ≥ 0, captive_sale a probability */
    int is_positive; /* every multiplier > 0 */
    int is_declared; /* nothing was emitted or paid beyond what the model declares */
    const gf_model *model;
} digest;

static uint64_t fold(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return harness_mix(hash ^ bits);
}

static void see(digest *self, int lane, double value, double neutral)
{
    self->of_lane[lane] = fold(self->of_lane[lane], value);
    self->is_neutral &= memcmp(&value, &neutral, sizeof value) == 0;
}

static void see_multiplier(digest *self, int lane, double value)
{
    see(self, lane, value, 1);
    self->is_finite &= isfinite(value) && value >= 0;
    self->is_positive &= value > 0;
}

static void see_climate(digest *self, const gf_climate *climate, int lane)
{
    for (int sector = 0; sector < self->n_sectors; sector++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            see_multiplier(self, lane, gf_climate_hazard(climate, cause, sector, lane));
        see_multiplier(self, lane, climate->step_up[sector][lane]);
        see_multiplier(self, lane, climate->entry_valuation[sector][lane]);
        see_multiplier(self, lane, climate->deal_flow[sector][lane]);
    }
    see_multiplier(self, lane, climate->operating_cost[lane]);
    see_multiplier(self, lane, climate->recovery[lane]);
    see_multiplier(self, lane, climate->call_pace[lane]);
    see(self, lane, climate->captive_sale[lane], 0);
    see(self, lane, climate->captive_cap[lane], INFINITY);
    self->is_finite &= climate->captive_sale[lane] >= 0 && climate->captive_sale[lane] <= 1;
    self->is_finite &= climate->captive_cap[lane] > 0;
}

/* Whether a lane's rows that the model does not declare are neutral. */
static int is_as_declared(const gf_model *model, const gf_climate *c, int lane)
{
    int is_neutral[GF_N_SHIFTS] = {[GF_SHIFT_OPERATING_COST] = c->operating_cost[lane] == 1,
                                   [GF_SHIFT_RECOVERY] = c->recovery[lane] == 1,
                                   [GF_SHIFT_CALL_PACE] = c->call_pace[lane] == 1,
                                   [GF_SHIFT_CAPTIVE] =
                                       c->captive_sale[lane] == 0 && isinf(c->captive_cap[lane])};
    is_neutral[GF_SHIFT_STEP_UP] = is_neutral[GF_SHIFT_ENTRY_VALUATION] = is_neutral[GF_SHIFT_DEAL_FLOW] = 1;
    for (int sector = 0; sector < c->n_sectors; sector++) {
        is_neutral[GF_SHIFT_STEP_UP] &= c->step_up[sector][lane] == 1;
        is_neutral[GF_SHIFT_ENTRY_VALUATION] &= c->entry_valuation[sector][lane] == 1;
        is_neutral[GF_SHIFT_DEAL_FLOW] &= c->deal_flow[sector][lane] == 1;
    }
    int is_declared = 1;
    for (int shift = 0; shift < GF_N_SHIFTS; shift++)
        is_declared &= gf_may(model->shifts, shift) || is_neutral[shift];
    return is_declared;
}

static void visit_digest(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)quarter;
    digest *self = context;
    for (int lane = 0; lane < self->n_lanes; lane++) {
        see_climate(self, climate, lane);
        self->is_declared &= is_as_declared(self->model, climate, lane);
        for (int signal = 0; signal < GF_N_SIGNALS; signal++) {
            see(self, lane, block->emit[signal][lane], 0);
            self->is_finite &= isfinite(block->emit[signal][lane]);
            self->is_declared &= gf_may(self->model->emits, signal) || block->emit[signal][lane] == 0;
        }
        for (int item = 0; item < GF_N_PUBLIC; item++) {
            see(self, lane, block->public_flow[item][lane], 0);
            self->is_declared &= gf_may(self->model->pays, item) || block->public_flow[item][lane] == 0;
            self->is_finite &=
                isfinite(block->public_flow[item][lane]) && block->public_flow[item][lane] >= 0;
        }
    }
}

static digest run_digest(const gf_model *model, const gf_scene *scene, const void *params, uint64_t first,
                         int n_lanes)
{
    digest out = {.n_lanes = n_lanes,
                  .n_sectors = scene->n_sectors,
                  .is_neutral = 1,
                  .is_finite = 1,
                  .is_positive = 1,
                  .is_declared = 1,
                  .model = model};
    harness self = {.model = model, .scene = scene, .params = params};
    harness_run(&self, harness_seed(), first, n_lanes, 1, visit_digest, &out);
    for (int i = 0; model->columns != NULL && model->columns[i].name != NULL; i++)
        for (int lane = 0; lane < n_lanes; lane++) {
            out.of_lane[lane] = fold(out.of_lane[lane], self.values[i][lane]);
            out.is_finite &= isfinite(self.values[i][lane]);
        }
    return out;
}

/* ---- the checkers: each returns how many faults it found and says them ---- */

static int is_word(const char *text)
{
    return text != NULL && text[0] != '\0' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static int is_scalar(const gf_param *row)
{
    return row->kind == GF_DOUBLE || row->kind == GF_INT || row->kind == GF_BOOL || row->kind == GF_CHOICE;
}

static int inside(const gf_param *row, double value)
{
    return (value >= row->min && value <= row->max) || (row->has_none && value == row->none_value);
}

static int faults_of_rows(const gf_model *model, const gf_param *rows, size_t size)
{
    int n = 0;
    for (const gf_param *row = rows; row->name != NULL; row++) {
        if (!is_word(row->name) || gf_params_find(rows, row->name) != row)
            n += fault(model, "row's name is not a word of its own", row->name);
        if (row->unit == NULL || row->help == NULL || row->help[0] == '\0' || row->source == NULL)
            n += fault(model, "row without unit, help or source", row->name);
        if (row->offset >= size)
            n += fault(model, "row lies outside the parameters", row->name);
        if ((row->kind == GF_DOUBLE || row->kind == GF_INT) && (row->unit == NULL || row->unit[0] == '\0'))
            n += fault(model, "number without a unit", row->name);
        if (is_scalar(row) && row->kind != GF_CHOICE && (row->min > row->max || !inside(row, row->preset)))
            n += fault(model, "preset outside its bounds", row->name);
        if (is_scalar(row) && row->kind != GF_CHOICE && !isnan(row->neutral) && !inside(row, row->neutral))
            n += fault(model, "neutral value outside the bounds", row->name);
        if (is_scalar(row) && (row->source == NULL || row->source[0] == '\0'))
            n += fault(model, "number without a source", row->name);
        if (row->kind == GF_TABLE || row->kind == GF_GROUP)
            n += row->rows == NULL
                     ? fault(model, "table or group without rows", row->name)
                     : faults_of_rows(model, row->rows, row->kind == GF_TABLE ? row->row_size : size);
    }
    return n;
}

static int faults_of_table(const gf_model *const *models)
{
    int n = 0;
    for (int i = 0; models[i] != NULL; i++) {
        const gf_model *model = models[i];
        if (!is_word(model->name) || model->summary == NULL || model->summary[0] == '\0')
            n += fault(model, "no name or no summary", NULL);
        if (model->purpose < GF_LUCK_MODELS || model->purpose > UINT16_MAX)
            n += fault(model, "purpose is not one of the models'", NULL);
        if (model->climate == NULL && model->observe == NULL)
            n += fault(model, "neither climate() nor observe(): it does nothing", NULL);
        if (model->state_size == NULL && model->begin != NULL)
            n += fault(model, "begin() without state_size()", NULL);
        if ((model->columns == NULL) != (model->report == NULL) ||
            (model->series == NULL) != (model->sample == NULL))
            n += fault(model, "columns without report() or series without sample()", NULL);
        for (int j = 0; j < i; j++) {
            if (models[j]->purpose == model->purpose)
                n += fault(model, "purpose already taken by", models[j]->name);
            if (strcmp(models[j]->name, model->name) == 0)
                n += fault(model, "name already taken", NULL);
        }
        n += faults_of_rows(model, model->rows, model->params_size);
    }
    return n;
}

static int faults_of_neutrality(const gf_model *model)
{
    int n = 0;
    void *params = preset_params(model);
    gf_params_neutralise(model->rows, params);
    for (int n_sectors = 1; n_sectors <= GF_MAX_SECTORS; n_sectors += 5) {
        gf_scene scene = harness_scene(40, n_sectors);
        harness_problems problems;
        if (harness_check(model, params, &scene, &problems) > 0)
            n += fault(model, "neutral values are refused", problems.message);
        else if (!run_digest(model, &scene, params, 0, GF_LANES).is_neutral)
            n += fault(model, "not neutral at its neutral values", NULL);
    }
    free(params);
    return n;
}

static int faults_of_numbers(const gf_model *model)
{
    int n = 0;
    void *params = preset_params(model);
    for (int n_sectors = 1; n_sectors <= GF_MAX_SECTORS; n_sectors += 5) {
        gf_scene scene = harness_scene(GF_MAX_QUARTERS, n_sectors);
        harness_problems problems;
        if (harness_check(model, params, &scene, &problems) > 0)
            n += fault(model, "presets are refused", problems.message);
        digest seen = run_digest(model, &scene, params, 7, GF_LANES);
        if (!seen.is_finite)
            n += fault(model, "a multiplier, signal, flow or column is not finite", NULL);
        if (!seen.is_positive)
            n += fault(model, "a multiplier is not positive", NULL);
        if (!seen.is_declared)
            n += fault(model, "a signal or payment is not declared", NULL);
    }
    free(params);
    return n;
}

/* Sets every number to a random one inside its bounds. */
static void randomise(const gf_param *rows, void *params, uint64_t *random)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        if (row->kind == GF_GROUP)
            randomise(row->rows, (char *)params + row->offset, random);
        if (row->kind != GF_DOUBLE && row->kind != GF_INT && row->kind != GF_BOOL)
            continue;
        double u = harness_uniform(random), centre = isfinite(row->preset) ? row->preset : row->max;
        double end = harness_uniform(random) < 0.5 ? row->min : row->max;
        double value = centre + u * u * u * (end - centre);
        if (row->kind == GF_DOUBLE)
            *(double *)(void *)((char *)params + row->offset) = value;
        else
            *(int64_t *)(void *)((char *)params + row->offset) = (int64_t)value;
    }
}

static int faults_of_random_params(const gf_model *model, int *n_accepted)
{
    int n = 0;
    uint64_t random = harness_seed();
    for (int i = 0; i < 200; i++) {
        void *params = preset_params(model);
        gf_scene scene = harness_scene(24, 1 + i % GF_MAX_SECTORS);
        harness_problems problems;
        randomise(model->rows, params, &random);
        if (harness_check(model, params, &scene, &problems) == 0) {
            *n_accepted += 1;
            digest seen = run_digest(model, &scene, params, (uint64_t)i, 8);
            if (!seen.is_finite)
                n += fault(model, "not finite at random parameters inside their bounds", NULL);
            if (!seen.is_declared)
                n += fault(model, "a signal or payment is not declared", "at random parameters");
        }
        free(params);
    }
    return n;
}

static int faults_of_lanes(const gf_model *model)
{
    int n = 0;
    void *params = preset_params(model);
    gf_scene scene = harness_scene(60, 3);
    harness_problems problems;
    harness_check(model, params, &scene, &problems);
    digest all = run_digest(model, &scene, params, 1000, GF_LANES);
    digest again = run_digest(model, &scene, params, 1000, GF_LANES);
    int n_apart = 0, n_again = 0;
    for (int lane = 0; lane < GF_LANES; lane++) {
        digest alone = run_digest(model, &scene, params, 1000 + (uint64_t)lane, 1);
        n_apart += all.of_lane[lane] != alone.of_lane[0];
        n_again += all.of_lane[lane] != again.of_lane[lane];
    }
    n += n_apart > 0 ? fault(model, "a portfolio depends on its block", NULL) : 0;
    n += n_again > 0 ? fault(model, "two equal runs differ", NULL) : 0;
    free(params);
    return n;
}

/* Multiplying commutes: a model started from another climate must give that climate times its own factors. */
typedef struct product {
    const gf_model *model;
    const gf_scene *scene;
    const void *params;
    const harness *run;
    double worst;
} product;

static void visit_product(void *context, int quarter, const gf_climate *climate, const gf_block *block)
{
    (void)block, (void)climate;
    product *self = context;
    gf_climate plain, scaled;
    double common[GF_N_CAUSES][GF_LANES];
    float single[GF_N_CAUSES][GF_LANES];
    gf_climate_reset(&plain, GF_LANES, self->scene->n_sectors, 0);
    gf_climate_reset(&scaled, GF_LANES, self->scene->n_sectors, 0);
    for (int cause = 0; cause < GF_N_CAUSES; cause++) /* in turn: by sector, alike, in single precision */
        for (int lane = 0; lane < GF_LANES; lane++) {
            common[cause][lane] = 2 + cause + lane;
            single[cause][lane] = (float)common[cause][lane];
        }
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        if ((cause + quarter) % 3 == 0)
            for (int sector = 0; sector < self->scene->n_sectors; sector++)
                memcpy(gf_climate_rows(&scaled, (gf_cause)cause)[sector], common[cause],
                       sizeof common[cause]);
        else if ((cause + quarter) % 3 == 1)
            gf_climate_scale_hazard(&scaled, (gf_cause)cause, common[cause]);
        else
            gf_climate_set_hazard(&scaled, (gf_cause)cause, single[cause]);
    for (int lane = 0; lane < GF_LANES; lane++)
        scaled.operating_cost[lane] = scaled.deal_flow[0][lane] = 3;
    self->model->climate(self->params, self->scene, self->run->state, &self->run->block, quarter, &plain);
    self->model->climate(self->params, self->scene, self->run->state, &self->run->block, quarter, &scaled);
    for (int lane = 0; lane < GF_LANES; lane++) {
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            for (int sector = 0; sector < self->scene->n_sectors; sector++)
                self->worst =
                    fmax(self->worst,
                         fabs(gf_climate_hazard(&scaled, cause, sector, lane) /
                                  ((2 + cause + lane) * gf_climate_hazard(&plain, cause, sector, lane)) -
                              1));
        self->worst = fmax(self->worst, fabs(scaled.deal_flow[0][lane] / (3 * plain.deal_flow[0][lane]) - 1));
        self->worst =
            fmax(self->worst, fabs(scaled.operating_cost[lane] / (3 * plain.operating_cost[lane]) - 1));
    }
}

static int faults_of_product(const gf_model *model)
{
    if (model->climate == NULL)
        return 0;
    void *params = preset_params(model);
    gf_scene scene = harness_scene(20, 4);
    harness_problems problems;
    harness_check(model, params, &scene, &problems);
    harness self = {.model = model, .scene = &scene, .params = params};
    product seen = {.model = model, .scene = &scene, .params = params, .run = &self};
    harness_run(&self, harness_seed(), 0, GF_LANES, 1, visit_product, &seen);
    free(params);
    return seen.worst <= 1e-13 ? 0 : fault(model, "climate() does more than multiply", NULL);
}

static int faults_of(const gf_model *const *models)
{
    int n = faults_of_table(models);
    for (int i = 0; n == 0 && models[i] != NULL; i++) {
        int n_accepted = 0;
        n += faults_of_neutrality(models[i]) + faults_of_numbers(models[i]) + faults_of_lanes(models[i]);
        n += faults_of_product(models[i]) + faults_of_random_params(models[i], &n_accepted);
        if (n_accepted < 20)
            n += fault(models[i], "nearly all random parameters are refused", NULL);
    }
    return n;
}

#endif
