/* The engine's own columns. */
#include "portfolio/columns.h"

const gf_column gf_columns[GF_N_COLUMNS] = {
#define GF_COLUMN_ROW(id, name, unit, integer, flag, long_name) {name, unit, long_name, integer, flag},
    GF_COLUMN_LIST(GF_COLUMN_ROW)
#undef GF_COLUMN_ROW
};
