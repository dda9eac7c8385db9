/* Names of quantities: "median(max_multiple)", "P(gross_multiple >= 3)", "quantile(net_irr, 0.05)", "irr".
 * Private to the published cases. */
#ifndef GF_RUN_QUANTITY_H
#define GF_RUN_QUANTITY_H

#include "base/status.h"

typedef enum { GF_NO_RELATION, GF_AT_LEAST, GF_ABOVE, GF_AT_MOST, GF_BELOW } gf_relation;

enum { GF_MAX_ARGUMENTS = 2 };

typedef struct gf_quantity {
    char function[32];
    char column[48]; /* "" if the first argument is a number, or there is none */
    gf_relation relation;
    int n_arguments; /* numbers, the one after a relation included */
    double arguments[GF_MAX_ARGUMENTS];
} gf_quantity;

/* GF_CONFIG when the text is not of that form. */
gf_status gf_quantity_parse(const char *text, gf_quantity *quantity, gf_error *error);

/* 1 if it is function(…) with so many numbers, with or without a column. */
int gf_quantity_is(const gf_quantity *quantity, const char *function, int has_column, int n_arguments);

#endif
