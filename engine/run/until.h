/* A run that goes on until a quantity is known well enough: a rule "QUANTITY~R%" (standard error over
 * estimate) or "QUANTITY~X" (standard error), the sums over portfolios that it asks for, and the verdict. A
 * rule is judged at fixed numbers of portfolios only, its looks, from sums that are the same in any order, so
 * that the answer depends neither on threads nor on parts. Sequential fixed-width intervals: Chow and Robbins
 * (1965). */
#ifndef GF_RUN_UNTIL_H
#define GF_RUN_UNTIL_H

#include <stdint.h>

#include "base/status.h"
#include "portfolio/portfolio.h"
#include "run/quantity.h"
#include "run/sketch.h"

enum {
    GF_UNTIL_TEXT = 160,
    GF_UNTIL_FIRST_LOOK = 4096, /* portfolios */
    GF_UNTIL_LEAST = 100        /* portfolios with a value, by weight, of which an error is believed */
};

typedef struct gf_until {
    gf_quantity quantity;     /* P(column >= x) with any relation, mean(column) or capped_mean(column, cap) */
    char name[GF_UNTIL_TEXT]; /* of the quantity, in one spelling */
    char text[GF_UNTIL_TEXT + 40]; /* the rule, in one spelling */
    double wanted;                 /* standard error, over the estimate if is_relative */
    int is_relative, is_probability;
    int column, log_weight; /* places in the layout, log_weight -1: all portfolios weigh alike */
    int is_event;           /* negative values mean that it never happened: missing */
    double cap;             /* of values; INFINITY: none */
} gf_until;

/* Reads a rule as far as the text tells. GF_USAGE with what was expected. */
gf_status gf_until_parse(gf_until *until, const char *text, gf_error *error);

/* Finds the rule's columns in the layout of a run. GF_USAGE: no such column, one that the run does not work
 * out, or a mean that has no error because the column's variance is infinite. */
gf_status gf_until_bind(gf_until *until, const gf_scenario *scenario, const gf_layout *layout,
                        gf_error *error);

/* The first look at or after n portfolios of at most `most`: 4096, 6144, 8192, 12288, … (powers of two, and
 * 1.5 times them), and `most` itself. */
uint64_t gf_until_look(uint64_t n, uint64_t most);
/* Looks up to the one at n. */
int gf_until_count_looks(uint64_t n, uint64_t most);

/* What the rule asks of portfolios; sums of any portfolios add up, in any order. Reset before use. */
typedef struct gf_until_sums {
    int64_t n, n_missing, n_infinite; /* portfolios with a value, without, with one that has no moments */
    double least, largest;            /* of the values */
    gf_exact_sum w, w2, wy, w2y, w2y2; /* Σw, Σw², Σwy, Σw²y, Σw²y²; wy and w2y2 alone if all weigh alike */
} gf_until_sums;

enum { GF_UNTIL_WORDS = 5 + 5 * GF_EXACT_LIMBS };

void gf_until_sums_reset(gf_until_sums *sums);
/* Adds portfolios columns[c * stride + r], r < n: n and their first index are multiples of 64 but at the end
 * of a run, so that equal portfolios give equal bits. Cannot fail. */
void gf_until_add_batch(const gf_until *until, gf_until_sums *sums, const double *columns, size_t stride,
                        size_t n);
void gf_until_sums_merge(gf_until_sums *into, const gf_until_sums *from);
void gf_until_sums_pack(const gf_until_sums *sums, int64_t words[GF_UNTIL_WORDS]);
void gf_until_sums_add_packed(gf_until_sums *into, const int64_t words[GF_UNTIL_WORDS]);

/* What is known after n portfolios. */
typedef struct gf_until_verdict {
    uint64_t n;
    int n_looks;
    int is_met;
    int is_alike;     /* all portfolios have the same value: no error can be told, nothing counts as known */
    double effective; /* portfolios with a value, (Σw)²/Σw²: fewer than GF_UNTIL_LEAST are never enough */
    double estimate;  /* NaN: none */
    double se;        /* NaN: none */
    /* 95% bound of a probability of which no hits were seen (it is below), or nothing else (above): rule of
     * three, Hanley and Lippman-Hand (1983). Else NaN */
    double bound;
    uint64_t n_needed; /* about so many portfolios would do, n (reached/wanted)²; 0: cannot be told */
} gf_until_verdict;

/* The standard error is that of the summary (run/statistics.h): binomial, or √(s²/n); with weights that of
 * the ratio Σwy/Σw, √Σw²(y − ratio)² / Σw. */
gf_until_verdict gf_until_judge(const gf_until *until, const gf_until_sums *sums, uint64_t n, uint64_t most);

/* The verdict in a sentence. */
void gf_until_describe(const gf_until *until, const gf_until_verdict *verdict, char *text, size_t size);

#endif
