/* The end of a draft: every object gets its address, and what is not yet in the file is written in one piece,
 * with the checksum of all of it in a line behind (results_checksum.h). */
#include "io/draft_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t padded(uint64_t n)
{
    return (n + 7) / 8 * 8;
}

/* Addresses from `at` on: headers, heap, small datasets; the root comes first and its first text begins the
 * heap, so that a look at little shows what kind of file it is. Where the heap is goes to *heap; the end of
 * all. */
static uint64_t place(gf_draft *draft, uint64_t at, uint64_t *heap)
{
    for (size_t i = 0; i < draft->n_objects; i++) {
        draft->objects[i]->header = at;
        at += gf_header_size(draft->objects[i]);
    }
    *heap = at;
    at += padded(draft->heap.n);
    for (size_t i = 0; i < draft->n_objects; i++)
        if (draft->objects[i]->data.n > 0) {
            draft->objects[i]->address = at;
            at += padded(draft->objects[i]->data.n);
        }
    return at;
}

static void resolve(const gf_draft *draft, uint64_t heap)
{
    for (size_t i = 0; i < draft->n_links; i++) {
        const gf_draft_link *link = &draft->links[i];
        unsigned char *at = link->bytes->at + link->at;
        uint64_t offset = 0;
        for (int b = 0; b < 8; b++)
            offset |= (uint64_t)at[b] << (8 * b);
        gf_bytes_set(at,
                     link->kind == GF_TO_HEAP     ? heap + offset
                     : link->kind == GF_TO_HEADER ? link->target->header
                                                  : link->target->address,
                     8);
    }
}

/* Everything from `start` on into image. */
static void compose(const gf_draft *draft, uint64_t start, uint64_t heap, unsigned char *image)
{
    for (size_t i = 0; i < draft->n_objects; i++) {
        const gf_draft_object *object = draft->objects[i];
        gf_header_write(object, image + (object->header - start));
        if (object->data.n > 0)
            memcpy(image + (object->address - start), object->data.at, object->data.n);
    }
    if (draft->heap.n > 0)
        memcpy(image + (heap - start), draft->heap.at, draft->heap.n);
}

/* Stretches of the file with their checksums as far as they are known. */
static size_t count_stretches(const gf_draft *draft)
{
    size_t n = 2;
    for (size_t i = 0; i < draft->n_objects; i++)
        if (draft->objects[i]->crcs != NULL)
            n += draft->objects[i]->rank == 1 ? 1 : (size_t)draft->objects[i]->size[0];
    return n;
}

static size_t list_rows(const gf_draft *draft, gf_known_crc *known)
{
    size_t n = 0;
    for (size_t i = 0; i < draft->n_objects; i++) {
        const gf_draft_object *dataset = draft->objects[i];
        if (dataset->crcs == NULL)
            continue;
        const uint64_t n_rows = dataset->rank == 1 ? 1 : dataset->size[0];
        const uint64_t size = dataset->n_elements / n_rows * (uint64_t)dataset->element;
        for (uint64_t row = 0; row < n_rows; row++)
            known[n++] = (gf_known_crc){.start = (int64_t)(dataset->address + row * size),
                                        .size = (int64_t)size,
                                        .crc = dataset->crcs[row].crc,
                                        .is_known = gf_running_crc_covers(&dataset->crcs[row], size)};
    }
    return n;
}

/* The line behind the image and everything into the file, whose rows are there; 0 or the errno. */
static int finish_file(gf_draft *draft, uint64_t start, uint64_t size, unsigned char *image)
{
    unsigned char superblock[GF_SUPERBLOCK_SIZE];
    gf_known_crc *known = malloc(count_stretches(draft) * sizeof *known);
    if (known == NULL)
        return ENOMEM;
    /* rows that nobody wrote are zeros, at the end too, where the checksum may have to read them */
    int problem = ftruncate(draft->descriptor, (off_t)start) != 0 ? errno : 0;
    gf_superblock_write(draft, start + size, superblock);
    size_t n = list_rows(draft, known);
    known[n++] = gf_known_crc_of(0, superblock, sizeof superblock);
    known[n++] = gf_known_crc_of((int64_t)start, image, size);
    if (problem == 0)
        problem =
            gf_checksum_line(draft->descriptor, known, n, (int64_t)(start + size), (char *)image + size);
    free(known);
    if (problem == 0)
        problem = gf_draft_to_file(draft, image, size + GF_CHECKSUM_LINE, start);
    if (problem == 0)
        problem = gf_draft_to_file(draft, superblock, sizeof superblock, 0);
    return problem;
}

/* The same of a file that is in memory, and the image in its place. */
static int finish_room(gf_draft *draft, uint64_t size)
{
    gf_superblock_write(draft, size, draft->room);
    gf_known_crc all = gf_known_crc_of(0, draft->room, size);
    const int problem =
        gf_checksum_line(draft->descriptor, &all, 1, (int64_t)size, (char *)draft->room + size);
    return problem != 0 ? problem : gf_draft_room_to_file(draft, size + GF_CHECKSUM_LINE);
}

/* Everything that is not in the file; 0 or the errno. */
static int write_rest(gf_draft *draft)
{
    uint64_t start = 0, heap = 0;
    gf_heap_close(draft);
    for (size_t i = 0; i < draft->n_objects; i++)
        gf_header_end(draft->objects[i]);
    const uint64_t size = place(draft, 0, &heap);
    int problem = draft->problem;
    if (problem == 0)
        problem = gf_draft_reserve(draft, size + GF_CHECKSUM_LINE, 8, &start);
    if (problem != 0)
        return problem;
    place(draft, start, &heap);
    resolve(draft, heap);
    if (draft->room != NULL) {
        compose(draft, start, heap, draft->room + start);
        return finish_room(draft, start + size);
    }
    unsigned char *image = calloc(1, (size_t)size + GF_CHECKSUM_LINE);
    if (image == NULL)
        return ENOMEM;
    compose(draft, start, heap, image);
    problem = finish_file(draft, start, size, image);
    free(image);
    return problem;
}

int gf_draft_end(gf_draft *draft)
{
    assert(!draft->is_scratch); /* of whose rows no checksum is known */
    int problem = write_rest(draft);
    if (problem == 0 && fsync(draft->descriptor) != 0)
        problem = errno;
    if (close(draft->descriptor) != 0 && problem == 0)
        problem = errno;
    draft->descriptor = -1;
    gf_draft_drop(draft);
    return problem;
}
