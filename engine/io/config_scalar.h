/* Strict scalars: what is not exactly a number is an error, and nothing is ever truncated. Private to
 * io/config. */
#ifndef GF_IO_CONFIG_SCALAR_H
#define GF_IO_CONFIG_SCALAR_H

#include <stdint.h>

/* All functions return NULL and fill *value, or return what is wrong with the text ("has a leading zero"). */

/* Decimal such as 0.44, -3, 1e6, .5; no nan, no inf, no overflow or underflow. */
const char *gf_scalar_double(const char *text, double *value);

/* Decimal whose value is an integer of 64 bits, exactly: 12, 1e6, 2.50e2. */
const char *gf_scalar_int(const char *text, int64_t *value);

/* true or false. */
const char *gf_scalar_bool(const char *text, int64_t *value);

#endif
