/* European waterfall with lanes side by side. Compiled once per instruction set.
 *
 * Balance B: what partners are owed, B(t) = B(t−1) (1+h)^Δ + call(t) − paid. An amount X at date t is split:
 *   1. partners until B = 0
 *   2. managers take the share cu of what follows until their carry G is c of all profit: with P paid to
 * partners and C contributed, the tier's length x solves G + cu x = c/(1−c) (P + (1−cu) x − C)
 *   3. the rest 1−c to partners, c to managers
 * Terms as in common fund agreements; closed forms in docs/model.md. Later calls reopen the balance; carry
 * paid is kept (no clawback). */
#include <math.h>

#include "portfolio/programme.h"

static inline double least(double a, double b)
{
    return a < b ? a : b;
}
static inline double positive(double a)
{
    return a > 0.0 ? a : 0.0;
}

static void split(gf_waterfall *w, const double *call, const double *amount, double *to_partners,
                  double *carry)
{
    const double c = w->carry, cu = w->catch_up, growth = w->growth;
    const int has_catch_up = cu > c && c > 0.0;
    const double per_length = has_catch_up ? 1.0 / (cu - c) : 0.0;
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double owed = w->balance[lane] * growth + call[lane];
        const double contributed = w->contributed[lane] + call[lane];
        const double first = least(amount[lane], owed);
        double rest = amount[lane] - first;
        const double partners = w->partners[lane] + first;
        const double length =
            positive(c * (partners - contributed) - (1.0 - c) * w->managers[lane]) * per_length;
        const double second = least(rest, length);
        rest -= second;
        const double managers = cu * second + c * rest;
        carry[lane] = managers;
        to_partners[lane] = amount[lane] - managers;
        w->balance[lane] = owed - first;
        w->contributed[lane] = contributed;
        w->partners[lane] = w->partners[lane] + to_partners[lane];
        w->managers[lane] += managers;
    }
}

static const gf_programme_hot table = {split};
const gf_programme_hot *GF_HOT(gf_programme_table)(void);
const gf_programme_hot *GF_HOT(gf_programme_table)(void)
{
    return &table;
}
