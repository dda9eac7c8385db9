/* Qualities of entrants, and what they make of their hazards. */
#include <math.h>
#include <string.h>

#include "portfolio/batch_hot.h"
#include "portfolio/cohort.h"

/* Quality z = √ρ vintage + √s skill + √(1−ρ−s) own of entrants, whose own parts are in e->z. */
static void mix_quality(gf_cohort *k, size_t n, const int *n_entrants)
{
    const double common = k->scenario->startups.quality.correlation,
                 skill = k->scenario->programme.manager_skill, own = sqrt(fmax(0.0, 1 - common - skill)),
                 by_vintage = sqrt(common);
    const int is_periodic = GF_PIECE % k->n_sub_funds == 0;
    double *restrict z = k->events.z, *restrict vintage = k->events.uniform,
                     *restrict talent = k->events.factor;
    size_t at = 0;
    for (int lane = 0; lane < k->n_lanes; at += (size_t)n_entrants[lane], lane++) {
        const size_t n_lane = (size_t)n_entrants[lane];
        const double of_lane = by_vintage * k->vintage[lane];
        const uint8_t *restrict fund = k->sub_fund + lane * k->stride + k->n_entered[lane];
        for (size_t i = 0; i < n_lane; i += GF_PIECE)
            for (size_t j = 0; j < GF_PIECE; j++)
                vintage[at + i + j] = of_lane;
        const double *of_funds = k->talent[lane] + k->n_entered[lane] % k->n_sub_funds;
        for (size_t i = 0; skill > 0 && is_periodic && i < n_lane; i += GF_PIECE)
            memcpy(talent + at + i, of_funds, GF_PIECE * sizeof *talent);
        for (size_t i = 0; skill > 0 && !is_periodic && i < n_lane; i++)
            talent[at + i] = k->skill[fund[i]][lane];
    }
    for (size_t i = 0; i < n; i++)
        z[i] = own * z[i] + vintage[i];
    for (size_t i = 0; skill > 0 && i < n; i++)
        z[i] += talent[i];
}

/* What belongs to entrants goes to their slots. */
static void keep_quality(gf_cohort *k, const int *n_entrants)
{
    const double *z = k->events.z;
    for (int lane = 0; lane < k->n_lanes; z += n_entrants[lane], lane++)
        memcpy(k->quality + lane * k->stride + k->n_entered[lane], z, (size_t)n_entrants[lane] * sizeof *z);
}

/* The first row of a lane's entrants: behind those of lanes before it that share rows. */
static void find_rows(const gf_cohort *k, const int *n_entrants, size_t *row)
{
    for (int lane = 0; lane < k->n_lanes; lane++)
        row[lane] = lane >> k->sharing_bits << k->sharing_bits == lane
                        ? gf_next_row(k, lane)
                        : row[lane - 1] + (size_t)n_entrants[lane - 1];
}

/* The same to their rows. */
static void keep_weights(const gf_cohort *k, const int *n_entrants, const size_t *row, const float *weights,
                         float *rows)
{
    for (int lane = 0; lane < k->n_lanes; weights += n_entrants[lane], lane++)
        for (int i = 0; i < n_entrants[lane]; i += GF_PIECE)
            memcpy(rows + row[lane] + i, weights + i, GF_PIECE * sizeof *weights);
}

void gf_cohort_draw_quality(gf_cohort *k, const gf_luck_hot *luck, size_t n, const int *n_entrants)
{
    gf_event_buffer *e = &k->events;
    const gf_startup_params *p = &k->scenario->startups;
    const double gamma[GF_N_CAUSES] = {p->quality.breakout, p->quality.list, p->quality.acquire,
                                       p->quality.fail, p->quality.graduate};
    luck->to.wide(n, e->word[2], e->word[3], e->uniform);
    k->draws->normal(n, e->uniform, e->z);
    mix_quality(k, n, n_entrants);
    if (k->is_recorded)
        keep_quality(k, n_entrants);
    size_t row[GF_LANES];
    find_rows(k, n_entrants, row);
    for (int place = k->n_plain; place < GF_N_CAUSES; place++) {
        float *restrict weight = e->chance;
        const double *restrict z = e->z, power = gamma[k->own_cause[place]];
        for (size_t i = 0; i < n; i++)
            weight[i] = (float)(power * z[i]);
        k->draws->exp_single(n, weight, weight);
        keep_weights(k, n_entrants, row, weight, k->weight[place]);
    }
}
