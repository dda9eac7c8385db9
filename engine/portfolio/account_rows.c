/* Parameter rows of the section `public_account`. */
#include "portfolio/account.h"

const gf_param gf_account_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_account_params, "discount_rate_per_year", discount_rate_per_year), .preset = 0.03,
     .min = -0.05, .max = 0.3, .neutral = 0, .unit = "1/year",
     .help = "rate at which the public purse discounts", .source = "prior: local government bond yields"},
    GF_ROW_END,
};
