/* Ordering of doubles: in full, or only where it is asked for. */
#ifndef GF_RUN_ORDER_H
#define GF_RUN_ORDER_H

#include <stddef.h>

/* Sorts n doubles ascending (radix sort on the bits; −0 before +0, no NaN). work[n]. */
void gf_sort_doubles(double *values, double *work, size_t n);

/* Puts n doubles (no NaN) into ordered[n] so that ordered[k] is the order statistic of rank k = 0 … n − 1 for
 * every k in ranks[n_ranks] (ascending, repeats allowed); all smaller values stand before it and all larger
 * ones behind it. Other places hold the values between in no particular order. values[n] is overwritten. Some
 * four times as fast as sorting where few ranks are asked for. */
void gf_order_doubles(double *ordered, double *values, size_t n, const size_t *ranks, size_t n_ranks);

/* The same for those ranks alone: what else is in selected[n] afterwards means nothing. */
void gf_select_doubles(double *selected, double *values, size_t n, const size_t *ranks, size_t n_ranks);

#endif
