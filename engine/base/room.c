/* Large memory in huge pages, straight from the system: it comes cleared, so that nobody clears it again. */
#include "base/room.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 * GF_ROOM_LARGE, SMALL_PAGE = 1 << 16, LINE = 64 }; /* of most systems smaller yet */

static int is_large(size_t bytes)
{
    return bytes >= GF_ROOM_LARGE;
}

/* Whole units that hold `bytes`. */
static size_t whole(size_t bytes, size_t unit)
{
    return (bytes / unit + 1) * unit;
}

/* What is mapped for a large room: an end that would leave more than half of a huge page empty stays in small
 * pages, of which only those that are used must be cleared. */
static size_t mapped(size_t bytes)
{
    return whole(bytes, bytes % HUGE_PAGE < HUGE_PAGE / 2 ? SMALL_PAGE : HUGE_PAGE);
}

/* Mappings are aligned to small pages only: one huge page more is asked for, and both ends are given back. */
static void *map(size_t bytes)
{
    unsigned char *all =
        mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    const size_t before = (HUGE_PAGE - (uintptr_t)all % HUGE_PAGE) % HUGE_PAGE;
    if (before > 0)
        (void)munmap(all, before);
    (void)munmap(all + before + bytes, HUGE_PAGE - before);
    (void)madvise(all + before, bytes, MADV_HUGEPAGE); /* a wish: without it pages stay small */
    return all + before;
}

void *gf_room_new(size_t bytes)
{
    if (is_large(bytes))
        return map(mapped(bytes));
    void *room = aligned_alloc(LINE, whole(bytes, LINE));
    if (room != NULL)
        memset(room, 0, whole(bytes, LINE));
    return room;
}

void gf_room_free(void *room, size_t bytes)
{
    if (room == NULL)
        return;
    if (is_large(bytes))
        (void)munmap(room, mapped(bytes));
    else
        free(room);
}

void *gf_room_sparse_new(size_t bytes)
{
    void *room = mmap(NULL, bytes + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    (void)madvise(room, bytes + 1, MADV_NOHUGEPAGE);
    return room;
}

void gf_room_sparse_free(void *room, size_t bytes)
{
    if (room != NULL)
        (void)munmap(room, bytes + 1);
}
