/* Inside run only: the rows that a summary holds, shared by its sources (columns, sketches). */
#ifndef GF_RUN_SUMMARY_ROWS_H
#define GF_RUN_SUMMARY_ROWS_H

#include "run/summary.h"

typedef struct gf_summary_builder {
    gf_summary *summary;
    const gf_tail *tail;
    int is_sketch, failed; /* failed: out of memory */
} gf_summary_builder;

/* Order statistics that the rows of a column are made of. */
gf_asked gf_summary_asked(const gf_column *column);

/* Rows of the whole run: n portfolios; effective < 0: not weighted. Warnings. */
void gf_summary_add_head(gf_summary_builder *b, double n, double effective);
/* All rows of one column. */
void gf_summary_add_column(gf_summary_builder *b, const gf_column *column, const gf_atoms *atoms);

#endif
