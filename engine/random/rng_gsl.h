/* The counter-based generator as a gsl_rng_type, for code that wants GSL's own samplers. */
#ifndef GF_RANDOM_RNG_GSL_H
#define GF_RANDOM_RNG_GSL_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

/* gsl_rng_set gives the seed (0 is a seed like any other) and the address portfolio 0, startup 0, purpose 0.
 * gsl_rng_get gives the words of blocks 0, 1, … in order; gsl_rng_uniform joins the next two into a wide
 * uniform, strictly inside (0,1). After block 2^32 - 1 the stream goes on at the next startup's block 0. */
extern const gsl_rng_type *const gf_rng_ars;

/* Moves an rng of type gf_rng_ars to the first word of block 0 at an address of its seed. */
void gf_rng_set_address(gsl_rng *rng, uint64_t portfolio, uint32_t startup, uint32_t purpose);

#endif
