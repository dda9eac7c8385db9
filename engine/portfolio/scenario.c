/* Derives what a run needs from a scenario's parameters and checks across sections. */
#include "portfolio/scenario.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double preset_quantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};

static void check_sum(gf_diagnostics *d, const char *key, const double *shares, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += shares[i];
    if (!(fabs(sum - 1.0) <= 1e-9))
        gf_diagnose(d, key, "values sum to %.12g; expected 1", sum);
}

static void prepare_sectors(gf_scenario *s, gf_diagnostics *d)
{
    gf_startup_params *startups = &s->startups;
    if (startups->n_sectors == 0) {
        startups->n_sectors = 1;
        startups->sectors[0] = (gf_sector_params){"all", 1, 1, 1, 1, 1, 1, 1};
    }
    for (int64_t i = 0; i < startups->n_sectors; i++) {
        s->sector_name_pointers[i] = startups->sectors[i].name;
        s->sector_weights[i] = startups->sectors[i].weight;
        for (int64_t j = 0; j < i; j++)
            if (strcmp(startups->sectors[i].name, startups->sectors[j].name) == 0) {
                char key[64];
                snprintf(key, sizeof key, "startups.sectors[%d].name", (int)i);
                gf_diagnose(d, key, "sector '%s' is there twice; expected different names",
                            startups->sectors[i].name);
            }
    }
    check_sum(d, "startups.sectors", s->sector_weights, startups->n_sectors);
}

/* What models know of hazards: means over sectors and quality z ~ N(0,1), E exp(g z) = exp(g^2/2). */
static void average_hazards(gf_scenario *s)
{
    const gf_startup_params *startups = &s->startups;
    const double loading[GF_N_CAUSES] = {startups->quality.breakout, startups->quality.list,
                                         startups->quality.acquire, startups->quality.fail,
                                         startups->quality.graduate};
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        for (int stage = 0; stage < GF_N_STAGES; stage++) {
            double mean = 0;
            for (int64_t i = 0; i < startups->n_sectors; i++)
                mean += startups->sectors[i].weight * s->sector_hazards[i][cause][stage];
            s->hazards[cause][stage] = mean * exp(0.5 * loading[cause] * loading[cause]);
        }
}

static void prepare_hazards(gf_scenario *s, gf_diagnostics *d)
{
    const gf_startup_params *startups = &s->startups;
    const double *by_cause[GF_N_CAUSES] = {
        startups->hazards_per_year.breakout, startups->hazards_per_year.list,
        startups->hazards_per_year.acquire, startups->hazards_per_year.fail,
        startups->hazards_per_year.graduate};
    for (int cause = 0; cause < GF_N_CAUSES; cause++)
        memcpy(s->hazards[cause], by_cause[cause], sizeof s->hazards[cause]);
    if (s->hazards[GF_GRADUATE][GF_GROWTH] > 0 || s->hazards[GF_GRADUATE][GF_OUTLIER] > 0)
        gf_diagnose(d, "startups.hazards_per_year.graduate",
                    "growth and outlier have no next stage; expected 0 in the last two places");
    if (s->hazards[GF_BREAKOUT][GF_OUTLIER] > 0)
        gf_diagnose(d, "startups.hazards_per_year.breakout",
                    "an outlier has broken out already; expected 0 in the last place");
    memcpy(s->stage_hazards, s->hazards, sizeof s->stage_hazards);
    for (int64_t i = 0; i < startups->n_sectors; i++) {
        const gf_sector_params *sector = &startups->sectors[i];
        const double factor[GF_N_CAUSES] = {sector->breakout, sector->list, sector->acquire, sector->fail,
                                            sector->graduate};
        memcpy(s->sector_factor[i], factor, sizeof factor);
        for (int cause = 0; cause < GF_N_CAUSES; cause++)
            for (int stage = 0; stage < GF_N_STAGES; stage++)
                s->sector_hazards[i][cause][stage] = s->hazards[cause][stage] * factor[cause];
        s->sector_step_up[i] = sector->step_up;
    }
    average_hazards(s);
}

static void check_startups(const gf_scenario *s, gf_diagnostics *d)
{
    const gf_startup_params *startups = &s->startups;
    check_sum(d, "startups.entry.stage_weights", startups->entry.stage_weights, 5);
    if (startups->breakout.cap_multiple <= startups->breakout.min_multiple)
        gf_diagnose(d, "startups.breakout.cap_multiple",
                    "%g is not above min_multiple %g; expected a larger cap or none",
                    startups->breakout.cap_multiple, startups->breakout.min_multiple);
    if (startups->recovery.a > 0 && startups->recovery.a < 0.1)
        gf_diagnose(d, "startups.recovery.a",
                    "%g is too small a shape; expected 0 (nothing is recovered) or 0.1 to 100",
                    startups->recovery.a);
    if (s->programme.manager_skill + startups->quality.correlation > 1)
        gf_diagnose(
            d, "programme.manager_skill",
            "manager_skill %g and quality.correlation %g exceed 1 together; expected shares of one variance",
            s->programme.manager_skill, startups->quality.correlation);
    if (startups->follow_on.rule != GF_FOLLOW_NONE && s->programme.reserve_share <= 0)
        gf_diagnose(d, "startups.follow_on.rule",
                    "follow-ons need a reserve; expected programme.reserve_share above 0");
    if (startups->follow_on.rule == GF_FOLLOW_NONE && s->programme.reserve_share > 0)
        gf_diagnose(d, "programme.reserve_share",
                    "a reserve without a follow-on rule is never used; expected 0, or "
                    "startups.follow_on.rule pro_rata or winners");
}

static void prepare_models(gf_scenario *s, gf_diagnostics *d)
{
    const char *prefix = d->prefix;
    for (int i = 0; i < s->n_models; i++) {
        char path[GF_TEXT_SIZE + 16];
        const gf_model *model = s->models[i].model;
        snprintf(path, sizeof path, "models.%s.", model->name);
        d->prefix = path;
        if (model->check != NULL)
            model->check(s->models[i].params, &s->scene, d);
        d->prefix = prefix;
    }
}

/* Weighted estimates are made from the columns themselves. */
static void check_sampling(const gf_scenario *s, gf_diagnostics *d)
{
    enum { MOST = 1 << 20 };
    if (s->sampling.breakout_tilt == 1.0)
        return;
    if (s->output.portfolios != GF_KEEP_ALL)
        gf_diagnose(d, "sampling.breakout_tilt",
                    "weights need the columns of all portfolios; expected output.portfolios: all");
    if (s->portfolios > MOST)
        gf_diagnose(d, "portfolios",
                    "%lld portfolios are too many for weighted estimates; expected at most %d with a tilt",
                    (long long)s->portfolios, (int)MOST);
    if (s->startups.lifecycle != GF_LIFECYCLE_STAGED)
        gf_diagnose(d, "sampling.breakout_tilt",
                    "there are no breakout hazards to tilt; expected startups.lifecycle: staged");
}

/* Readers find a band by its level. */
static void check_quantiles(const gf_output_params *output, gf_diagnostics *d)
{
    for (int64_t k = 1; k < output->n_quantiles; k++)
        for (int64_t j = 0; j < k; j++)
            if (output->quantiles[j] == output->quantiles[k]) {
                gf_diagnose(d, "output.quantiles", "%g stands twice; expected each level once",
                            output->quantiles[k]);
                return;
            }
}

void gf_scenario_prepare(gf_scenario *s, gf_diagnostics *d)
{
    const double quarters = s->horizon_years * 4;
    s->n_quarters = (int)lround(quarters);
    if (fabs(quarters - s->n_quarters) > 1e-9)
        gf_diagnose(d, "horizon_years", "%g is not a whole number of quarters; expected a multiple of 0.25",
                    s->horizon_years);
    if (!s->output.has_quantiles) {
        s->output.n_quantiles = (int64_t)(sizeof preset_quantiles / sizeof *preset_quantiles);
        memcpy(s->output.quantiles, preset_quantiles, sizeof preset_quantiles);
    }
    gsl_sort(s->output.quantiles, 1, (size_t)s->output.n_quantiles); /* readers choose the nearest level */
    gf_lifecycle_check(s, d);                                        /* before sectors have a preset */
    prepare_sectors(s, d);
    prepare_hazards(s, d);
    check_startups(s, d);
    gf_programme_prepare(s, d);
    s->scene = (gf_scene){.n_quarters = s->n_quarters,
                          .n_sectors = (int)s->startups.n_sectors,
                          .n_startups = (int)s->startups.count,
                          .first_year = s->first_year,
                          .commitment_cny_m = s->programme.target_cny_m * s->programme.raised_ratio,
                          .sector_names = s->sector_name_pointers,
                          .sector_weights = s->sector_weights,
                          .hazards = (const double(*)[GF_N_STAGES])s->hazards};
    prepare_models(s, d);
    check_sampling(s, d);
    check_quantiles(&s->output, d);
}

void gf_scenario_clear(gf_scenario *scenario)
{
    for (int i = 0; i < scenario->n_models; i++)
        free(scenario->models[i].params);
    scenario->n_models = 0;
}
