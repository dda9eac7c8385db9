/* What the outcome lifecycle does for every entrant, compiled once per instruction set: all loops are plain
 * and branch-free, all sets give the same bits. */
#include "portfolio/outcome_mixture.h"

#include <string.h>

#include "random/math_hot.h"

extern const gf_outcome_hot GF_HOT(gf_outcome_hot);

/* Φ(z) − 1/2 for |z| ≤ 0.66: Cody (1969), rational in z². */
GF_INLINE double centre(double z)
{
    const double s = z * z;
    const double num =
        ((((0.065682337918207449113 * s + 2.2352520354606839287) * s + 161.02823106855587881) * s +
          1067.6894854603709582) *
             s +
         18154.981253343561249);
    const double den =
        ((((s + 47.20258190468824187) * s + 976.09855173777669322) * s + 10260.932208618978205) * s +
         45507.789335026729956);
    return z * num / den;
}

/* Φ(−y) for 0.66 ≤ y ≤ 5.6: Cody (1969), a rational in y times exp(−y²/2). */
GF_INLINE double tail(double y)
{
    static const double c[] = {0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979,
                               597.27027639480026226,  2494.5375852903726711, 6848.1904505362823326,
                               11602.651437647350124,  9842.7148383839780218};
    static const double d[] = {22.266688044328115691, 235.38790178262499861, 1519.377599407554805,
                               6485.558298266760755,  18615.571640885098091, 34900.952721145977266,
                               38912.003286093271411, 19685.429676859990727};
    double num = 1.0765576773720192317e-8 * y, den = y;
    for (int i = 0; i < 7; i++) {
        num = (num + c[i]) * y;
        den = (den + d[i]) * y;
    }
    return gf_fast_exp(-0.5 * y * y) * (num + c[7]) / (den + d[7]);
}

static void sides(size_t n, const double *restrict z, double *restrict lower, double *restrict upper)
{
    uint64_t n_far = 0;
#pragma omp simd reduction(+ : n_far)
    for (size_t i = 0; i < n; i++) {
        const double y = fabs(z[i]), middle = centre(z[i]), small = tail(y < 0.66 ? 0.66 : y),
                     large = 1 - small;
        const int is_centre = y < 0.66;
        const double below = is_centre ? 0.5 + middle : z[i] < 0 ? small : large;
        const double above = is_centre ? 0.5 - middle : z[i] < 0 ? large : small;
        lower[i] = below;
        upper[i] = above;
        n_far += y > 5.6 ? 1 : 0;
    }
    for (size_t i = 0; n_far > 0 && i < n; i++) /* two in 10^8 */
        if (fabs(z[i]) > 5.6) {
            lower[i] = 0.5 * erfc(-z[i] * 0.70710678118654752440);
            upper[i] = 0.5 * erfc(z[i] * 0.70710678118654752440);
        }
}

static void choose(const gf_mixture *m, size_t n, const double *restrict lower, const double *restrict upper,
                   int32_t *restrict chosen)
{
    memset(chosen, 0, n * sizeof *chosen);
    for (int j = 1; j < m->n; j++) {
        /* the edge below component j, seen from the nearer end */
        const double below = m->components[j].below, from_top = m->components[j - 1].above;
        if (below <= 0.5) {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                chosen[i] += lower[i] >= below ? 1 : 0;
        } else {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                chosen[i] += upper[i] <= from_top ? 1 : 0;
        }
    }
}

static void place_linear(const gf_mixture *m, size_t n, const double *restrict lower,
                         const int32_t *restrict chosen, double *restrict multiple)
{
    const double *restrict below = m->below, *restrict scale = m->scale, *restrict base = m->base,
                           *restrict span = m->span;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const int32_t c = chosen[i];
        double place = (lower[i] - below[c]) * scale[c];
        place = place > 0 ? place : 0;
        place = place < 1 ? place : 1;
        multiple[i] = base[c] + span[c] * place;
    }
}

static size_t list_curved(const gf_mixture *m, size_t n, const int32_t *restrict chosen,
                          int32_t *restrict curved)
{
    size_t n_curved = 0;
    for (size_t i = 0; i < n; i++) {
        curved[n_curved] = (int32_t)i;
        n_curved += m->is_curved[chosen[i]];
    }
    return n_curved;
}

/* Rounding of the edges must not leave (0,1). */
GF_INLINE double inside(double place)
{
    const double x = place > 0x1p-60 ? place : 0x1p-60;
    return x < 1 - 0x1p-53 ? x : 1 - 0x1p-53;
}

static void gather(const gf_mixed *c, size_t n, const int32_t *restrict order, const gf_places *restrict all,
                   gf_places *restrict some)
{
    const double scale = 1 / c->weight, below = c->below, above = c->above;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        some->lower[i] = inside((all->lower[order[i]] - below) * scale);
        some->upper[i] = inside((all->upper[order[i]] - above) * scale);
    }
}

static void tell_fates(const gf_mixture *m, size_t n, const int32_t *restrict chosen,
                       const double *restrict multiple, int32_t *restrict fate)
{
    const uint32_t power_laws = m->power_laws;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const int32_t best = power_laws >> chosen[i] & 1u ? GF_BREAKOUT : GF_ACQUIRE;
        fate[i] = multiple[i] < 1 ? GF_FAIL : best;
    }
}

const gf_outcome_hot GF_HOT(gf_outcome_hot) = {sides, choose, place_linear, list_curved, gather, tell_fates};
