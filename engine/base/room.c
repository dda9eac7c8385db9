/* Large memory in huge pages. */
#include "base/room.h"

#include <stdlib.h>
#include <sys/mman.h>

void *gf_room_new(size_t bytes)
{
    const size_t page = (size_t)1 << 21, align = bytes >= page / 2 ? page : 64;
    const size_t whole = (bytes / align + 1) * align;
    void *room = aligned_alloc(align, whole);
    if (room != NULL && align == page)
        (void)madvise(room, whole, MADV_HUGEPAGE); /* a wish: without it pages stay small */
    return room;
}
