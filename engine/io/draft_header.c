/* Object headers of a draft (IV.A of the format) as HDF5 1.10 writes them: of version 1 for datasets, of
 * version 2 for groups, whose links and attributes have an order. */
#include "io/draft_inside.h"

#include <errno.h>
#include <string.h>

enum {
    MESSAGE_SPACE = 0x01,
    MESSAGE_LINK_INFO = 0x02,
    MESSAGE_TYPE = 0x03,
    MESSAGE_FILL = 0x05,
    MESSAGE_LINK = 0x06,
    MESSAGE_LAYOUT = 0x08,
    MESSAGE_GROUP_INFO = 0x0a,
    MESSAGE_ATTRIBUTE = 0x0c,
    MESSAGE_ATTRIBUTE_INFO = 0x15,
    IS_CONSTANT = 1,
    IS_NOT_SHARED = 4,
    MOST_COMPACT_LINKS = 256, /* before another program that adds links makes an index of them */
    MOST_BYTES = 65528        /* of a message */
};

/* Where what is known at the end lies in the messages of a group. */
enum { MESSAGE_HEAD_2 = 6, AT_N_LINKS = 8, AT_MOST_LINKS = 48, AT_N_ATTRIBUTES = 64 };

/* Types, with the class and its version in the first byte. */
static const unsigned char type_int64[] = {0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0};
static const unsigned char type_int32[] = {0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0};
static const unsigned char type_float64[] = {0x11, 0x20, 0x3f, 0,  8, 0,  0,    0,    0, 0,
                                             64,   0,    0x34, 11, 0, 52, 0xff, 0x03, 0, 0};
/* variable-length UTF-8 text of bytes; sequence of references; fixed text, whose size follows */
static const unsigned char type_text[] = {0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0};
static const unsigned char type_references[] = {0x19, 0, 0, 0, 16, 0, 0, 0, 0x17, 0, 0, 0, 8, 0, 0, 0};
static const unsigned char type_fixed[] = {0x13, 0, 0, 0};
/* {reference dataset at byte 0; int32 dimension at byte 8} of 16 bytes: names, places, types */
static const unsigned char type_user[116] = {
    0x16, 2,   0,   0,        16,           0,        0,          0,         'd', 'a', 't', 'a',
    's',  'e', 't', 0,        [48] = 0x17,  [52] = 8, [56] = 'd', 'i',       'm', 'e', 'n', 's',
    'i',  'o', 'n', [72] = 8, [104] = 0x10, 8,        [108] = 4,  [114] = 32};

static size_t padded(size_t n)
{
    return (n + 7) / 8 * 8;
}

/* Head of a message whose `size` bytes come next. */
static void message_begin(gf_draft_object *object, int type, size_t size, int flags, int order)
{
    gf_draft *draft = object->draft;
    gf_bytes *to = &object->messages;
    if (size > MOST_BYTES)
        draft->problem = E2BIG;
    object->n_messages++;
    gf_bytes_put(draft, to, (uint64_t)type, object->is_group ? 1 : 2);
    gf_bytes_put(draft, to, size, 2);
    gf_bytes_put(draft, to, (uint64_t)flags, 1);
    gf_bytes_put(draft, to, (uint64_t)order, object->is_group ? 2 : 3);
}

static void put_nowhere(gf_draft_object *object, int n_addresses)
{
    for (int i = 0; i < n_addresses; i++)
        gf_bytes_put(object->draft, &object->messages, UINT64_MAX, 8);
}

static void begin_group(gf_draft_object *group)
{
    gf_draft *draft = group->draft;
    gf_bytes *to = &group->messages;
    message_begin(group, MESSAGE_LINK_INFO, 34, 0, 0);
    gf_bytes_put(draft, to, 0x0300, 2); /* version 0, creation order tracked and indexed */
    gf_bytes_put(draft, to, 0, 8);
    put_nowhere(group, 3);
    message_begin(group, MESSAGE_GROUP_INFO, 10, IS_CONSTANT, 0);
    gf_bytes_put(draft, to, 0x0300, 2); /* version 0, with limits and estimates */
    gf_bytes_put(draft, to, MOST_COMPACT_LINKS, 2);
    gf_bytes_put(draft, to, MOST_COMPACT_LINKS - 1, 2);
    gf_bytes_put(draft, to, 64, 2); /* links, of 24 letters */
    gf_bytes_put(draft, to, 24, 2);
    message_begin(group, MESSAGE_ATTRIBUTE_INFO, 28, IS_NOT_SHARED, 0);
    gf_bytes_put(draft, to, 0x0300, 2);
    gf_bytes_put(draft, to, 0, 2);
    put_nowhere(group, 3);
}

static size_t space_size(int rank)
{
    return 8 + 16 * (size_t)rank;
}

/* Dataspace of version 1: sizes, and the same as the largest sizes. */
static void put_space(gf_draft_object *object, int rank, const uint64_t *size)
{
    gf_draft *draft = object->draft;
    gf_bytes *to = &object->messages;
    gf_bytes_put(draft, to, 1, 1);
    gf_bytes_put(draft, to, (uint64_t)rank, 1);
    gf_bytes_put(draft, to, rank > 0, 6);
    for (int i = 0; i < 2 * rank; i++)
        gf_bytes_put(draft, to, size[i % rank], 8);
}

static void put_type(gf_draft_object *object, const unsigned char *type, size_t size)
{
    gf_bytes_copy(object->draft, &object->messages, type, size);
    gf_bytes_add(object->draft, &object->messages, padded(size) - size);
}

static void begin_dataset(gf_draft_object *dataset)
{
    gf_draft *draft = dataset->draft;
    const unsigned char *type = dataset->is_text                  ? type_text
                                : dataset->is_integer == GF_INDEX ? type_int64
                                : dataset->is_integer             ? type_int32
                                                                  : type_float64;
    const size_t size = dataset->is_integer ? sizeof type_int64 : sizeof type_float64;
    message_begin(dataset, MESSAGE_SPACE, space_size(dataset->rank), 0, 0);
    put_space(dataset, dataset->rank, dataset->size);
    message_begin(dataset, MESSAGE_TYPE, padded(size), IS_CONSTANT, 0);
    put_type(dataset, type, size);
    /* rows are in the order of the machine, which a bit of the type tells */
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && !dataset->is_text && draft->problem == 0)
        dataset->messages.at[dataset->messages.n - padded(size) + 1] |= 1;
    message_begin(dataset, MESSAGE_FILL, 8, IS_CONSTANT, 0);
    /* version 2, place late, filled then with the preset, 0: also by who writes a part of a column that
     * has none, and would else find what lay behind the end of the file */
    gf_bytes_put(draft, &dataset->messages, 0x01000202, 8);
}

void gf_header_begin(gf_draft_object *object)
{
    if (object->is_group)
        begin_group(object);
    else
        begin_dataset(object);
}

/* All of an attribute of version 1 but its value of that many bytes, which comes next. */
static void attribute_begin(gf_draft_object *object, const char *name, const unsigned char *type,
                            size_t type_size, int rank, uint64_t n, size_t value)
{
    gf_draft *draft = object->draft;
    gf_bytes *to = &object->messages;
    const size_t name_size = strlen(name) + 1;
    const size_t size = 8 + padded(name_size) + padded(type_size) + space_size(rank) + value;
    message_begin(object, MESSAGE_ATTRIBUTE, padded(size), 0, object->is_group ? object->n_attributes : 0);
    object->n_attributes++;
    gf_bytes_put(draft, to, 1, 2);
    gf_bytes_put(draft, to, name_size, 2);
    gf_bytes_put(draft, to, type_size, 2);
    gf_bytes_put(draft, to, space_size(rank), 2);
    gf_bytes_copy(draft, to, name, name_size);
    gf_bytes_add(draft, to, padded(name_size) - name_size);
    put_type(object, type, type_size);
    put_space(object, rank, &n);
}

void gf_draft_put_text(gf_draft_object *object, const char *name, const char *text)
{
    if (object == NULL)
        return;
    const size_t length = strlen(text);
    attribute_begin(object, name, type_text, sizeof type_text, 0, 0, 16);
    gf_heap_put(object->draft, &object->messages, (uint32_t)length, text, length);
}

void gf_draft_put_int(gf_draft_object *object, const char *name, int64_t value)
{
    if (object == NULL)
        return;
    attribute_begin(object, name, type_int64, sizeof type_int64, 0, 0, 8);
    gf_bytes_put(object->draft, &object->messages, (uint64_t)value, 8);
}

void gf_draft_put_real(gf_draft_object *object, const char *name, double value)
{
    uint64_t bits;
    if (object == NULL)
        return;
    memcpy(&bits, &value, sizeof bits);
    attribute_begin(object, name, type_float64, sizeof type_float64, 0, 0, 8);
    gf_bytes_put(object->draft, &object->messages, bits, 8);
}

/* Text of fixed length, with its end: what the specification of dimension scales wants. */
static void put_fixed_text(gf_draft_object *dataset, const char *name, const char *text)
{
    unsigned char type[8];
    const size_t size = strlen(text) + 1;
    memcpy(type, type_fixed, sizeof type_fixed);
    gf_bytes_set(type + sizeof type_fixed, size, 4);
    attribute_begin(dataset, name, type, sizeof type, 0, 0, size);
    gf_bytes_copy(dataset->draft, &dataset->messages, text, size);
    gf_bytes_pad(dataset->draft, &dataset->messages);
}

void gf_draft_make_scale(gf_draft_object *dataset)
{
    if (dataset == NULL)
        return;
    put_fixed_text(dataset, "CLASS", "DIMENSION_SCALE");
    put_fixed_text(dataset, "NAME", dataset->name);
}

static void add_user(gf_draft_object *scale, const gf_draft_object *dataset, int axis)
{
    gf_draft_user *users =
        gf_list_grow(scale->draft, scale->users, scale->n_users, &scale->users_room, sizeof *users);
    if (users == NULL)
        return;
    scale->users = users;
    users[scale->n_users++] = (gf_draft_user){dataset, axis};
}

void gf_draft_attach(gf_draft_object *dataset, gf_draft_object *const *scales)
{
    if (dataset == NULL)
        return;
    attribute_begin(dataset, "DIMENSION_LIST", type_references, sizeof type_references, 1,
                    (uint64_t)dataset->rank, 16 * (size_t)dataset->rank);
    for (int axis = 0; axis < dataset->rank; axis++) {
        if (scales[axis] == NULL)
            return;
        gf_heap_put_reference(dataset->draft, &dataset->messages, scales[axis]);
        add_user(scales[axis], dataset, axis);
    }
}

static void put_users(gf_draft_object *scale)
{
    gf_draft *draft = scale->draft;
    attribute_begin(scale, "REFERENCE_LIST", type_user, sizeof type_user, 1, scale->n_users,
                    16 * scale->n_users);
    for (size_t i = 0; i < scale->n_users; i++) {
        gf_bytes_put(draft, &scale->messages, 0, 8);
        gf_draft_link_to(draft, &scale->messages, GF_TO_HEADER, scale->users[i].dataset);
        gf_bytes_put(draft, &scale->messages, (uint64_t)scale->users[i].axis, 8);
    }
}

/* Contiguous layout of version 3. */
static void put_layout(gf_draft_object *dataset)
{
    gf_draft *draft = dataset->draft;
    message_begin(dataset, MESSAGE_LAYOUT, 24, 0, 0);
    gf_bytes_put(draft, &dataset->messages, 0x0103, 2);
    gf_bytes_put(draft, &dataset->messages, dataset->is_stored ? dataset->address : UINT64_MAX, 8);
    if (dataset->data.n > 0)
        gf_draft_link_to(draft, &dataset->messages, GF_TO_DATA, dataset);
    gf_bytes_put(draft, &dataset->messages, dataset->n_elements * (uint64_t)dataset->element, 8);
    gf_bytes_pad(draft, &dataset->messages);
}

static int has_upper_bytes(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > 127)
            return 1;
    return 0;
}

static void put_link(gf_draft_object *group, const gf_draft_object *child, uint64_t order)
{
    gf_draft *draft = group->draft;
    gf_bytes *to = &group->messages;
    const size_t length = strlen(child->name);
    const int is_long = length > UINT8_MAX, is_utf8 = has_upper_bytes(child->name);
    message_begin(group, MESSAGE_LINK, 18 + (size_t)(1 + is_long + is_utf8) + length, 0, 0);
    gf_bytes_put(draft, to, 1, 1);
    gf_bytes_put(draft, to, (uint64_t)(4 | is_utf8 << 4 | is_long),
                 1); /* with an order; so long is the length */
    gf_bytes_put(draft, to, order, 8);
    if (is_utf8)
        gf_bytes_put(draft, to, 1, 1);
    gf_bytes_put(draft, to, length, 1 + is_long);
    gf_bytes_copy(draft, to, child->name, length);
    gf_bytes_put(draft, to, 0, 8);
    gf_draft_link_to(draft, to, GF_TO_HEADER, child);
}

static void end_group(gf_draft_object *group)
{
    const gf_draft *draft = group->draft;
    uint64_t n_links = 0;
    for (size_t i = 0; i < draft->n_objects; i++)
        if (draft->objects[i]->parent == group)
            put_link(group, draft->objects[i], n_links++);
    if (draft->problem != 0)
        return;
    unsigned char *at = group->messages.at;
    const uint64_t some = n_links > MOST_COMPACT_LINKS ? n_links : MOST_COMPACT_LINKS;
    const uint64_t most = some < UINT16_MAX ? some : UINT16_MAX;
    gf_bytes_set(at + AT_N_LINKS, n_links, 8);
    gf_bytes_set(at + AT_MOST_LINKS, most, 2);
    gf_bytes_set(at + AT_MOST_LINKS + 2, most - 1, 2);
    gf_bytes_set(at + AT_N_ATTRIBUTES, (uint64_t)group->n_attributes, 2);
}

void gf_header_end(gf_draft_object *object)
{
    if (object->n_users > 0)
        put_users(object);
    if (object->is_group)
        end_group(object);
    else
        put_layout(object);
}

/* Sizes of what is before and behind the messages. */
enum { PREFIX_1 = 16, PREFIX_2 = 10, CHECKSUM = 4 };

size_t gf_header_size(const gf_draft_object *object)
{
    return padded(object->messages.n + (size_t)(object->is_group ? PREFIX_2 + CHECKSUM : PREFIX_1));
}

static uint32_t turned(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

/* lookup3 of Bob Jenkins, the checksum of all that is of version 2: "hashlittle" with 0 to begin with. */
static uint32_t lookup3(const unsigned char *bytes, size_t n)
{
    uint32_t x[3];
    x[0] = x[1] = x[2] = 0xdeadbeef + (uint32_t)n;
    for (; n > 12; n -= 12, bytes += 12) {
        static const int by[6] = {4, 6, 8, 16, 19, 4};
        for (int i = 0; i < 12; i++)
            x[i / 4] += (uint32_t)bytes[i] << (8 * (i % 4));
        for (int i = 0; i < 6; i++) {
            x[i % 3] = (x[i % 3] - x[(i + 2) % 3]) ^ turned(x[(i + 2) % 3], by[i]);
            x[(i + 2) % 3] += x[(i + 1) % 3];
        }
    }
    if (n == 0)
        return x[2];
    static const int by[7] = {14, 11, 25, 16, 4, 14, 24};
    for (size_t i = 0; i < n; i++)
        x[i / 4] += (uint32_t)bytes[i] << (8 * (i % 4));
    for (int i = 0; i < 7; i++)
        x[(i + 2) % 3] = (x[(i + 2) % 3] ^ x[(i + 1) % 3]) - turned(x[(i + 1) % 3], by[i]);
    return x[2];
}

void gf_header_write(const gf_draft_object *object, unsigned char *at)
{
    static const unsigned char mark[] = {'O', 'H', 'D', 'R', 2};
    const size_t n = object->messages.n;
    if (!object->is_group) {
        gf_bytes_set(at, 1, 2);
        gf_bytes_set(at + 2, (uint64_t)object->n_messages, 2);
        gf_bytes_set(at + 4, 1, 4); /* one link to it */
        gf_bytes_set(at + 8, n, 4);
        memcpy(at + PREFIX_1, object->messages.at, n);
        return;
    }
    memcpy(at, mark, sizeof mark);
    at[5] =
        0x0e; /* size in four bytes; attributes ordered and indexed; no limits, which some readers dislike */
    gf_bytes_set(at + 6, n, 4);
    memcpy(at + PREFIX_2, object->messages.at, n);
    gf_bytes_set(at + PREFIX_2 + n, lookup3(at, PREFIX_2 + n), 4);
}

/* Version 0, with addresses of 8 bytes. */
void gf_superblock_write(const gf_draft *draft, uint64_t end, unsigned char *at)
{
    static const unsigned char mark[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    memset(at, 0, GF_SUPERBLOCK_SIZE);
    memcpy(at, mark, sizeof mark);
    gf_bytes_set(at + 13, 0x0808, 2);
    gf_bytes_set(at + 16, 4, 2); /* of trees that there are not: their presets */
    gf_bytes_set(at + 18, 16, 2);
    gf_bytes_set(at + 32, UINT64_MAX, 8);
    gf_bytes_set(at + 40, end, 8);
    gf_bytes_set(at + 48, UINT64_MAX, 8);
    gf_bytes_set(at + 64, draft->objects[0]->header, 8);
}
