/* Names of quantities: "median(max_multiple)", "P(gross_multiple >= 3)", "quantile(net_irr, 0.05)", "irr".
 * What published cases ask for, and what a run may be stopped by (run/until.h). */
#ifndef GF_RUN_QUANTITY_H
#define GF_RUN_QUANTITY_H

#include <stddef.h>

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

/* 1 if x stands so to y, else 0; x itself without a relation. */
double gf_relation_score(gf_relation relation, double x, double y);

/* The quantity as text, the same for every way to write it: "P(net_tvpi>=5)", "capped_mean(net_irr, 1)". */
void gf_quantity_write(const gf_quantity *quantity, char *text, size_t size);

#endif
