/* Growing bytes and lists of a draft. */
#include "io/draft_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

unsigned char *gf_bytes_add(gf_draft *draft, gf_bytes *bytes, size_t n)
{
    if (bytes->room - bytes->n < n) {
        const size_t room = 2 * bytes->room + n + 256;
        unsigned char *grown = realloc(bytes->at, room);
        if (grown == NULL) {
            draft->problem = ENOMEM;
            return NULL;
        }
        bytes->at = grown;
        bytes->room = room;
    }
    unsigned char *added = bytes->at + bytes->n;
    memset(added, 0, n);
    bytes->n += n;
    return added;
}

void gf_bytes_set(unsigned char *at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

void gf_bytes_put(gf_draft *draft, gf_bytes *bytes, uint64_t value, int size)
{
    unsigned char *at = gf_bytes_add(draft, bytes, (size_t)size);
    if (at != NULL)
        gf_bytes_set(at, value, size);
}

void gf_bytes_copy(gf_draft *draft, gf_bytes *bytes, const void *from, size_t n)
{
    unsigned char *at = gf_bytes_add(draft, bytes, n);
    if (at != NULL && n > 0)
        memcpy(at, from, n);
}

void gf_bytes_pad(gf_draft *draft, gf_bytes *bytes)
{
    gf_bytes_add(draft, bytes, (8 - bytes->n % 8) % 8);
}

void *gf_list_grow(gf_draft *draft, void *list, size_t n, size_t *room, size_t element)
{
    if (n < *room)
        return list;
    const size_t wanted = 2 * *room + 64;
    void *grown = realloc(list, wanted * element);
    if (grown == NULL) {
        draft->problem = ENOMEM;
        return NULL;
    }
    *room = wanted;
    return grown;
}

void gf_draft_link_to(gf_draft *draft, gf_bytes *bytes, gf_draft_link_kind kind,
                      const gf_draft_object *target)
{
    gf_draft_link *links =
        gf_list_grow(draft, draft->links, draft->n_links, &draft->links_room, sizeof *links);
    if (links == NULL)
        return;
    draft->links = links;
    links[draft->n_links++] = (gf_draft_link){bytes, bytes->n - 8, kind, target};
}
