/* Compensated sums: eight side by side, each with what rounding took from it, so that a sum of a million
 * terms is right to the last bit but for rare ties, whatever their order. */
#ifndef GF_RUN_CAREFUL_SUM_H
#define GF_RUN_CAREFUL_SUM_H

#include <math.h>
#include <stddef.h>

enum { GF_SUM_LANES = 8 };

typedef struct gf_careful_sum {
    double sum[GF_SUM_LANES], lost[GF_SUM_LANES];
} gf_careful_sum;

/* Knuth's exact difference between a sum and its rounding (1969), in every lane. */
static inline void gf_careful_add_lanes(gf_careful_sum *s, const double x[GF_SUM_LANES])
{
    for (int l = 0; l < GF_SUM_LANES; l++) {
        const double t = s->sum[l] + x[l], y = t - s->sum[l];
        s->lost[l] += (s->sum[l] - (t - y)) + (x[l] - y);
        s->sum[l] = t;
    }
}

static inline void gf_careful_add(gf_careful_sum *s, const double *x, size_t n)
{
    size_t i = 0;
    for (; i + GF_SUM_LANES <= n; i += GF_SUM_LANES)
        gf_careful_add_lanes(s, x + i);
    double rest[GF_SUM_LANES] = {0};
    for (int l = 0; i < n; i++, l++)
        rest[l] = x[i];
    gf_careful_add_lanes(s, rest);
}

/* The sum; infinite terms make it what plain addition makes of them. */
static inline double gf_careful_total(const gf_careful_sum *s)
{
    double sum = 0, lost = 0;
    for (int l = 0; l < GF_SUM_LANES; l++) {
        const double t = sum + s->sum[l], y = t - sum;
        lost += (sum - (t - y)) + (s->sum[l] - y) + s->lost[l];
        sum = t;
    }
    return isfinite(lost) ? sum + lost : sum;
}

#endif
