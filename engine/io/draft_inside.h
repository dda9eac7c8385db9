/* Inside drafts only: their state, and bytes of the format in the order of the file (little-endian). */
#ifndef GF_IO_DRAFT_INSIDE_H
#define GF_IO_DRAFT_INSIDE_H

#include "io/draft.h"
#include "io/results_checksum.h"

typedef struct gf_bytes {
    unsigned char *at;
    size_t n, room;
} gf_bytes;

/* An address in some bytes that is known when the file ends. */
typedef enum { GF_TO_HEADER, GF_TO_DATA, GF_TO_HEAP } gf_draft_link_kind;
typedef struct gf_draft_link {
    gf_bytes *bytes;
    size_t at;
    gf_draft_link_kind kind;
    const gf_draft_object *target; /* NULL: the heap, on whose start what is there is counted */
} gf_draft_link;

typedef struct gf_draft_user {
    const gf_draft_object *dataset;
    int axis;
} gf_draft_user;

enum { GF_DRAFT_MOST_AXES = 2 };

struct gf_draft_object {
    gf_draft *draft;
    gf_draft_object *parent; /* NULL: the root */
    char *name;
    int is_group, n_attributes, n_messages;
    gf_bytes messages; /* of the header */
    uint64_t header;   /* address, when the file ends */
    /* datasets */
    int rank, element, is_integer, is_text, is_stored;
    uint64_t size[GF_DRAFT_MOST_AXES], n_elements;
    uint64_t address;     /* of what is stored */
    gf_bytes data;        /* all of it, if it is small; goes into the file with the headers */
    gf_running_crc *crcs; /* of every row, or of the whole of rank 1; NULL: of a scratch file, or small */
    gf_draft_user *users; /* of a scale */
    size_t n_users, users_room;
};

struct gf_draft {
    int descriptor, is_scratch;
    int problem;  /* errno of what could not be remembered */
    uint64_t end; /* of the rows, in the file */
    gf_draft_object **objects;
    size_t n_objects, objects_room;
    gf_draft_link *links;
    size_t n_links, links_room;
    gf_bytes heap; /* global heap: collections one after another, addresses counted from its start */
    size_t collection, used; /* start of the last collection, its bytes in use */
    int n_in_collection;
    unsigned char *room; /* the whole file, if it is small; NULL: rows are in the file */
    size_t room_size;
    void *whole; /* room for whole numbers */
    size_t whole_size;
};

/* draft_bytes.c: appending; a failure is noted in the draft and changes nothing. */
unsigned char *gf_bytes_add(gf_draft *draft, gf_bytes *bytes, size_t n); /* zeros; NULL: no memory */
void gf_bytes_put(gf_draft *draft, gf_bytes *bytes, uint64_t value, int size);
void gf_bytes_copy(gf_draft *draft, gf_bytes *bytes, const void *from, size_t n);
void gf_bytes_pad(gf_draft *draft, gf_bytes *bytes); /* to a multiple of 8 */
void gf_bytes_set(unsigned char *at, uint64_t value, int size);
/* Room for one more element of a list of that size; NULL: no memory. */
void *gf_list_grow(gf_draft *draft, void *list, size_t n, size_t *room, size_t element);
/* The address at the end of `bytes`, 8 of them. */
void gf_draft_link_to(gf_draft *draft, gf_bytes *bytes, gf_draft_link_kind kind,
                      const gf_draft_object *target);

/* draft_rows.c. All of n bytes; 0 or the errno. */
int gf_draft_to_file(const gf_draft *draft, const void *from, size_t n, uint64_t to);
/* Keeps the file in memory if so many bytes of rows are few enough; 0, or the errno if the disk has no place
 * for them. */
int gf_draft_take_room(gf_draft *draft, gf_draft_size size);
void gf_draft_leave_room(gf_draft *draft);
/* A place of that size at a multiple of `unit`, in memory if the file is there and still small; 0 or the
 * errno. */
int gf_draft_reserve(gf_draft *draft, uint64_t size, uint64_t unit, uint64_t *address);
/* The first `size` bytes of the room, at once; 0 or the errno. */
int gf_draft_room_to_file(gf_draft *draft, size_t size);

/* draft_heap.c: sequences of any length live in the heap. Puts how many elements, the collection and the
 * object, 16 bytes, at the end of `bytes`. */
void gf_heap_put(gf_draft *draft, gf_bytes *bytes, uint32_t n_elements, const void *data, size_t size);
/* The same of one reference to an object. */
void gf_heap_put_reference(gf_draft *draft, gf_bytes *bytes, const gf_draft_object *target);
/* Tells the last collection how much of it is free. */
void gf_heap_close(gf_draft *draft);

/* draft_header.c: headers of objects. */
void gf_header_begin(gf_draft_object *object);
/* What is known at the end only. */
void gf_header_end(gf_draft_object *object);
size_t gf_header_size(const gf_draft_object *object);
void gf_header_write(const gf_draft_object *object, unsigned char *at);
void gf_superblock_write(const gf_draft *draft, uint64_t end, unsigned char *at);
enum { GF_SUPERBLOCK_SIZE = 96 };

#endif
