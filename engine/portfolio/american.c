/* American waterfall: carry deal by deal, as exits happen. */
#include <math.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "portfolio/programme.h"

double gf_deal_carry(const gf_terms_params *terms, double amount, double owed, double cost)
{
    const double c = terms->carry, cu = isnan(terms->catch_up) ? 1.0 : terms->catch_up;
    const double first = fmin(amount, owed);
    const double length = cu > c && c > 0 ? c * fmax(0.0, first - cost) / (cu - c) : 0.0;
    const double second = fmin(amount - first, length);
    return cu * second + c * (amount - first - second);
}

/* Contributions to one deal with their hurdle, up to date t. */
static double owed_at(const gf_cohort *k, size_t slot, int t, double growth)
{
    const int tranches = (int)k->scenario->startups.entry.tranche_quarters;
    const int entry = k->record[slot].entry_quarter, left = k->n_quarters - entry;
    const int n = tranches < left ? tranches : left;
    double owed = 0;
    for (int i = 0; i < n; i++)
        owed += k->cheque / n * pow(growth, t - entry - i > 0 ? t - entry - i : 0);
    return owed + k->follow_value[slot] * pow(growth, t);
}

/* Date at which a startup's proceeds are paid, or -1: held at the horizon. */
static int paid_at(const gf_cohort *k, size_t slot)
{
    if (k->record[slot].exit_quarter < 0)
        return -1;
    const int lock_up =
        k->record[slot].fate == GF_LIST ? (int)k->scenario->startups.listing.lock_up_quarters : 0;
    const int t = k->record[slot].exit_quarter + lock_up + 1;
    return t <= k->n_quarters ? t : -1;
}

void gf_american_carry(const gf_cohort *k, int fund, double (*carry)[GF_LANES], double *accrued)
{
    const gf_terms_params *terms = &k->scenario->programme.terms;
    const double growth = pow(1 + terms->hurdle_per_year, 0.25);
    memset(carry, 0, (size_t)(k->n_quarters + 1) * sizeof *carry);
    memset(accrued, 0, GF_LANES * sizeof *accrued);
    for (int lane = 0; lane < k->n_lanes; lane++)
        for (int i = 0; i < k->n_entered[lane]; i++) {
            const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)i;
            if (k->sub_fund[slot] != fund || k->received[slot] <= 0)
                continue;
            const int t = paid_at(k, slot);
            const double owed = owed_at(k, slot, t >= 0 ? t : k->n_quarters, growth);
            const double part = gf_deal_carry(terms, k->received[slot], owed, gf_cost(k, slot));
            if (t >= 0)
                carry[t][lane] += part;
            else
                accrued[lane] += part;
        }
}
