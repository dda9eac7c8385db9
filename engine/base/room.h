/* Large memory. */
#ifndef GF_BASE_ROOM_H
#define GF_BASE_ROOM_H

#include <stddef.h>

enum { GF_ROOM_LARGE = 1 << 20 }; /* half a huge page */

/* Room for `bytes`, all 0, aligned to cache lines (from GF_ROOM_LARGE on to pages), to be freed with
 * gf_room_free() and the same number; NULL when out of memory. From GF_ROOM_LARGE on it lies in huge
 * pages where the system has them: one fault instead of hundreds, each of which costs as much as a
 * simulated portfolio. */
void *gf_room_new(size_t bytes);
void gf_room_free(void *room, size_t bytes);

/* The same for memory of which little is ever touched: in small pages, at whose start it begins, and only
 * those that are. */
void *gf_room_sparse_new(size_t bytes);
void gf_room_sparse_free(void *room, size_t bytes);

#endif
