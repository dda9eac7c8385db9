/* Parameters of the programme: government → mother fund → sub-funds → startups. */
#ifndef GF_PORTFOLIO_PROGRAMME_H
#define GF_PORTFOLIO_PROGRAMME_H

#include <stdint.h>
#include "base/param.h"

enum { GF_MAX_SUB_FUNDS = 32 };
enum { GF_FEE_COMMITTED, GF_FEE_INVESTED };
enum { GF_HORIZON_HOLD, GF_HORIZON_SELL };

typedef struct gf_terms_params {
    double fee_per_year;
    double fee_years;             /* from quarter 0 */
    int64_t fee_basis;            /* on commitment, or on cost of live stakes after the step-down year */
    double fee_step_down_year;    /* from this year on the fee is fee_per_year × fee_step_down_factor; infinity: never */
    double fee_step_down_factor;
    double hurdle_per_year;       /* compounded */
    double carry, catch_up;       /* catch_up: manager's share in the catch-up tier; 0: none (hard hurdle) */
    int64_t waterfall;            /* 0 european */
} gf_terms_params;

typedef struct gf_programme_params {
    double target_cny_m, raised_ratio;
    double fiscal_share;          /* of raised commitments, from the public purse */
    double manager_share;         /* of raised commitments, from the managers */
    int64_t sub_funds;
    double manager_skill;         /* share of quality's variance that is the manager's */
    double invested_share;        /* of commitment in first cheques; NaN: what fees and reserve leave */
    double reserve_share;         /* of commitment for follow-ons */
    double mother_fee_per_year;   /* of commitments, paid to the mother fund's manager */
    int64_t horizon;              /* what is left: held as NAV, or sold into the last distribution */
    gf_terms_params terms;
} gf_programme_params;

extern const gf_param gf_programme_rows[];

#endif
