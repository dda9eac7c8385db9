/* Quantities of startups and of quarters, from a sample of portfolios. Private to the published cases. */
#ifndef GF_RUN_PUBLISHED_SAMPLE_H
#define GF_RUN_PUBLISHED_SAMPLE_H

#include "run/published.h"
#include "run/quantity.h"

/* Does the quantity speak of startups or of a series? */
int gf_sample_is_needed(const gf_quantity *quantity);

/* 1 with obtained and se filled, 0 if there is no such quantity (or no memory). */
int gf_sample_estimate(const gf_scenario *scenario, const gf_layout *layout, gf_isa isa,
                       const gf_quantity *quantity, gf_verdict *verdict);

#endif
