/* Inside a collection: what its memory and file (record_collection.c) share with its parts
 * (record_parts.c). */
#ifndef GF_RUN_RECORD_INSIDE_H
#define GF_RUN_RECORD_INSIDE_H

#include "run/record_collection.h"

enum { GF_COLLECTION_PIECE = 16384 }; /* portfolios that are copied at a time */

/* Rows of the buffers, of as many portfolios each as have series, startup rows. */
size_t gf_collection_series_rows(const gf_collection *c);
size_t gf_collection_startup_rows(const gf_collection *c);

/* What a part of these portfolios says of itself. */
gf_part_info gf_collection_part_info(const gf_collection *c, uint64_t first, uint64_t n);

/* Kept rows into the file, whichever it is. */
gf_status gf_collection_write_rows(gf_collection *c, uint64_t row, size_t n, const double *columns,
                                   size_t stride, gf_error *error);

/* What the threads have added since the last time into the total. */
void gf_collection_gather(gf_collection *c);

/* The rest of a shard. */
gf_status gf_collection_finish_part(gf_collection *c, gf_error *error);

#endif
