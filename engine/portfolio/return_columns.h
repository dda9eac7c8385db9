/* More returns of every party, as columns on request (output.returns: all). */
#ifndef GF_PORTFOLIO_RETURN_COLUMNS_H
#define GF_PORTFOLIO_RETURN_COLUMNS_H

#include "portfolio/columns.h"

/* What one party has beside the columns that are always there: id, name in the file, words. */
#define GF_RETURNS_OF(X, ID, name, words)                                                                    \
    X(ID##_DPI, name "_dpi", "1", 0, NULL, "distributions / paid-in of " words)                              \
    X(ID##_RVPI, name "_rvpi", "1", 0, NULL, "NAV / paid-in of " words)                                      \
    X(ID##_KS_PME, name "_ks_pme", "1", 0, NULL, "Kaplan-Schoar public market equivalent of " words)         \
    X(ID##_LN_PME, name "_ln_pme", "1/year", 0, name "_ln_pme_flag",                                         \
      "Long-Nickels public market equivalent of " words)                                                     \
    X(ID##_LN_PME_FLAG, name "_ln_pme_flag", "1", 1, NULL, "as net_irr_flag, of the index account")          \
    X(ID##_ALPHA, name "_direct_alpha", "1/year", 0, name "_direct_alpha_flag", "Direct Alpha of " words)    \
    X(ID##_ALPHA_FLAG, name "_direct_alpha_flag", "1", 1, NULL,                                              \
      "as net_irr_flag, of the index-compounded flows")

#define GF_RETURN_COLUMN_LIST(X)                                                                             \
    X(NET_LN_PME, "net_ln_pme", "1/year", 0, "net_ln_pme_flag",                                              \
      "Long-Nickels public market equivalent of all partners: IRR with the index account as last receipt")   \
    X(NET_LN_PME_FLAG, "net_ln_pme_flag", "1", 1, NULL, "as net_irr_flag, of the index account")             \
    X(MANAGER_IRR, "manager_irr", "1/year", 0, "manager_irr_flag", "IRR of the managers' own commitment")    \
    X(MANAGER_IRR_FLAG, "manager_irr_flag", "1", 1, NULL, "as net_irr_flag")                                 \
    X(MANAGER_INCOME, "manager_income", "CNY million", 0, NULL,                                              \
      "fees and carry, and the profit on the managers' own commitment")                                      \
    GF_RETURNS_OF(X, GOVERNMENT, "government", "the public purse")                                           \
    GF_RETURNS_OF(X, PRIVATE, "private", "private partners")                                                 \
    GF_RETURNS_OF(X, MANAGER, "manager", "the managers' own commitment")

#define GF_RETURN_COLUMN_ENUM(id, name, unit, integer, flag, long_name) GF_RETURN_##id,
enum { GF_RETURN_COLUMN_LIST(GF_RETURN_COLUMN_ENUM) GF_N_RETURN_COLUMNS };
#undef GF_RETURN_COLUMN_ENUM
enum { GF_RETURNS_PER_PARTY = GF_RETURN_PRIVATE_DPI - GF_RETURN_GOVERNMENT_DPI };

extern const gf_column gf_return_columns[GF_N_RETURN_COLUMNS];

#endif
