/* Inside io only: whole numbers, which are doubles in memory, as the file has them. */
#ifndef GF_IO_WHOLE_H
#define GF_IO_WHOLE_H

#include <stddef.h>

#include "portfolio/columns.h"

/* values[n] as int32 (GF_COUNT) or int64 (GF_INDEX) into `whole`; negative: one does not fit. */
int gf_whole_from_doubles(int is_integer, const double *values, size_t n, void *whole);

/* The other way where they are: n counts fill the second half of values[n], n indices all of it. Nothing to
 * do for numbers that are not whole (0). */
void gf_whole_to_doubles(int is_integer, double *values, size_t n);

#endif
