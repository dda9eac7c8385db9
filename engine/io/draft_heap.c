/* Global heap of a draft (III.E of the format): collections of 4096 bytes, larger where an object needs
 * it. */
#include "io/draft_inside.h"

#include <string.h>

enum { COLLECTION = 4096, HEAD = 16, OBJECT_HEAD = 16 };

static size_t padded(size_t n)
{
    return (n + 7) / 8 * 8;
}

static size_t room_left(const gf_draft *draft)
{
    return draft->heap.n - draft->collection - draft->used;
}

void gf_heap_close(gf_draft *draft)
{
    const size_t left = draft->heap.n > 0 ? room_left(draft) : 0;
    if (left > 0) /* object 0 is what is free */
        gf_bytes_set(draft->heap.at + draft->collection + draft->used + 8, left, 8);
}

/* Room for an object of that size in the heap, as its place there; 0: no memory. */
static size_t add_object(gf_draft *draft, size_t size)
{
    static const unsigned char mark[] = {'G', 'C', 'O', 'L', 1};
    const size_t needed = OBJECT_HEAD + padded(size);
    const size_t left = draft->heap.n > 0 ? room_left(draft) : 0;
    if (left < needed ||
        left == needed + 8) { /* a rest that holds no head of an object disturbs some readers */
        gf_heap_close(draft);
        const size_t start = draft->heap.n;
        size_t whole = HEAD + needed > COLLECTION ? HEAD + needed : COLLECTION;
        if (whole == HEAD + needed + 8)
            whole += 8;
        unsigned char *at = gf_bytes_add(draft, &draft->heap, whole);
        if (at == NULL)
            return 0;
        memcpy(at, mark, sizeof mark);
        gf_bytes_set(at + 8, whole, 8);
        draft->collection = start;
        draft->used = HEAD;
        draft->n_in_collection = 0;
    }
    const size_t place = draft->collection + draft->used;
    gf_bytes_set(draft->heap.at + place, (uint64_t)++draft->n_in_collection, 2);
    gf_bytes_set(draft->heap.at + place + 8, size, 8);
    draft->used += needed;
    return place + OBJECT_HEAD;
}

static void put_place(gf_draft *draft, gf_bytes *bytes, uint32_t n_elements)
{
    gf_bytes_put(draft, bytes, n_elements, 4);
    gf_bytes_put(draft, bytes, draft->collection, 8);
    if (draft->problem == 0)
        gf_draft_link_to(draft, bytes, GF_TO_HEAP, NULL);
    gf_bytes_put(draft, bytes, (uint64_t)draft->n_in_collection, 4);
}

/* Also of nothing: without an object it would be read as no text at all. */
void gf_heap_put(gf_draft *draft, gf_bytes *bytes, uint32_t n_elements, const void *data, size_t size)
{
    const size_t place = add_object(draft, size);
    if (place == 0)
        return;
    if (size > 0)
        memcpy(draft->heap.at + place, data, size);
    put_place(draft, bytes, n_elements);
}

void gf_heap_put_reference(gf_draft *draft, gf_bytes *bytes, const gf_draft_object *target)
{
    const size_t place = add_object(draft, 8);
    if (place == 0)
        return;
    gf_draft_link *links =
        gf_list_grow(draft, draft->links, draft->n_links, &draft->links_room, sizeof *links);
    if (links == NULL)
        return;
    draft->links = links;
    links[draft->n_links++] = (gf_draft_link){&draft->heap, place, GF_TO_HEADER, target};
    put_place(draft, bytes, 1);
}
