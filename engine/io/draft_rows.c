/* Rows of a draft: in the file, or, of a small file, in memory until it ends. */
#include "io/draft_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/room.h"
#include "io/whole.h"

/* Smaller datasets are written with the headers. Large ones begin where pages begin, and pieces of a column
 * are written there: a system that keeps files in large pages then takes a piece into one page of its own
 * instead of many small ones. What lies between is a hole. */
enum { SMALL_DATASET = 1 << 14, LARGE_DATASET = 1 << 18, LARGE_PAGE = 1 << 16 };

/* A small file is kept in memory and written at once, past the cache of the system where it lets itself be
 * passed: a copy less and half of the work, and there is no computing left to write beside. */
enum { FOR_HEADERS = 1 << 18, LEAST_HEADERS = 1 << 15, BLOCK = 4096 };

/* ENOSPC if the disk has no place for so many bytes now, EFBIG if a limit forbids them; else 0. Reserving
 * them would be surer and take longer than writing them; a quota shows when a part is saved. */
static int has_no_place(int descriptor, uint64_t size)
{
    struct statvfs disk;
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < size)
        return EFBIG;
    return fstatvfs(descriptor, &disk) == 0 && disk.f_blocks > 0 &&
                   (uint64_t)disk.f_bfree * disk.f_frsize < size
               ? ENOSPC
               : 0;
}

/* Both kinds of memory begin where a page does, as going past the cache wants it. */
int gf_draft_take_room(gf_draft *draft, gf_draft_size size)
{
    if (size.most == 0 || size.most > GF_DRAFT_IN_MEMORY)
        return 0;
    const int problem = has_no_place(draft->descriptor, size.least + LEAST_HEADERS);
    if (problem != 0)
        return problem; /* told now, not when all is computed */
    draft->room_size = (size_t)((size.most + FOR_HEADERS + BLOCK - 1) / BLOCK * BLOCK);
    draft->room = draft->room_size < GF_ROOM_LARGE ? gf_room_sparse_new(draft->room_size)
                                                   : gf_room_new(draft->room_size);
    return 0; /* without memory rows go to the file */
}

void gf_draft_leave_room(gf_draft *draft)
{
    if (draft->room_size < GF_ROOM_LARGE)
        gf_room_sparse_free(draft->room, draft->room_size);
    else
        gf_room_free(draft->room, draft->room_size);
    draft->room = NULL;
}

int gf_draft_to_file(const gf_draft *draft, const void *from, size_t n, uint64_t to)
{
    const char *bytes = from;
    while (n > 0) {
        errno = ENOSPC; /* nothing written and no reason told */
        const ssize_t written = pwrite(draft->descriptor, bytes, n, (off_t)to);
        if (written <= 0 && errno != EINTR)
            return errno;
        bytes += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
        to += written > 0 ? (uint64_t)written : 0;
    }
    return 0;
}

int gf_draft_room_to_file(gf_draft *draft, size_t size)
{
    const size_t blocks = (size + BLOCK - 1) / BLOCK * BLOCK;
    const int flags = fcntl(draft->descriptor, F_GETFL);
    int problem = 0;
    if (fcntl(draft->descriptor, F_SETFL, flags | O_DIRECT) != 0 ||
        pwrite(draft->descriptor, draft->room, blocks, 0) != (ssize_t)blocks) {
        /* through the cache, which also tells what is wrong */
        (void)fcntl(draft->descriptor, F_SETFL, flags);
        problem = gf_draft_to_file(draft, draft->room, size, 0);
    }
    if (problem == 0 && ftruncate(draft->descriptor, (off_t)size) != 0)
        problem = errno;
    return problem;
}

int gf_draft_hurry(const gf_draft *draft)
{
#ifdef SYNC_FILE_RANGE_WRITE
    if (draft->room == NULL && !draft->is_scratch &&
        sync_file_range(draft->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) != 0 && errno != ENOSYS &&
        errno != EINVAL && errno != ESPIPE) /* these: not on this file system */
        return errno;
#else
    (void)draft;
#endif
    return 0;
}

/* The file has become too large for the room. */
static int move_out(gf_draft *draft)
{
    const int problem = gf_draft_to_file(draft, draft->room, (size_t)draft->end, 0);
    if (problem != 0)
        draft->problem = problem; /* its rows are lost */
    gf_draft_leave_room(draft);
    return problem;
}

int gf_draft_reserve(gf_draft *draft, uint64_t size, uint64_t unit, uint64_t *address)
{
    const uint64_t start = (draft->end + unit - 1) / unit * unit;
    int problem = 0;
    if (draft->room != NULL && start + size > draft->room_size)
        problem = move_out(draft);
    draft->end = start + size;
    *address = start;
    return problem;
}

/* Gives a dataset its place; 0 or the errno. */
static int store(gf_draft_object *dataset)
{
    gf_draft *draft = dataset->draft;
    const uint64_t size = dataset->n_elements * (uint64_t)dataset->element;
    int problem = draft->problem;
    if (problem == 0 && size <= SMALL_DATASET) {
        problem = gf_bytes_add(draft, &dataset->data, (size_t)size) != NULL ? 0 : ENOMEM;
    } else if (problem == 0) {
        const int is_large = size >= LARGE_DATASET && draft->room == NULL;
        const size_t n_rows = dataset->rank == 1 ? 1 : (size_t)dataset->size[0];
        problem = gf_draft_reserve(draft, size, is_large ? LARGE_PAGE : 8, &dataset->address);
        if (problem == 0 && !draft->is_scratch &&
            (dataset->crcs = calloc(n_rows, sizeof *dataset->crcs)) == NULL)
            problem = draft->problem = ENOMEM;
    }
    dataset->is_stored = problem == 0;
    return problem;
}

/* Tells the checksum of elements that have been written, which may lie in several rows. */
static void note_rows(const gf_draft_object *dataset, uint64_t first, uint64_t n, const void *values)
{
    const uint64_t row_size = dataset->rank == 1 ? dataset->n_elements : dataset->size[1];
    const uint64_t element = (uint64_t)dataset->element;
    const char *bytes = values;
    while (n > 0) {
        const uint64_t row = first / row_size, from = first % row_size;
        const uint64_t m = row_size - from < n ? row_size - from : n;
        gf_running_crc_add(&dataset->crcs[row], from * element, bytes, (size_t)(m * element));
        bytes += m * element;
        first += m;
        n -= m;
    }
}

/* Where elements from `first` on lie in memory, or NULL. */
static unsigned char *in_memory(const gf_draft_object *dataset, uint64_t first)
{
    const uint64_t from = first * (uint64_t)dataset->element;
    return dataset->data.n > 0            ? dataset->data.at + from
           : dataset->draft->room != NULL ? dataset->draft->room + dataset->address + from
                                          : NULL;
}

int gf_draft_write(gf_draft_object *dataset, uint64_t first, uint64_t n, const void *values)
{
    if (dataset == NULL)
        return ENOMEM;
    assert(first + n <= dataset->n_elements && !dataset->is_text);
    const int problem = dataset->is_stored || n == 0 ? 0 : store(dataset);
    const size_t size = (size_t)n * (size_t)dataset->element;
    if (problem != 0 || n == 0)
        return problem;
    unsigned char *memory = in_memory(dataset, first);
    if (memory != NULL) {
        memcpy(memory, values, size);
        return 0;
    }
    if (dataset->crcs != NULL)
        note_rows(dataset, first, n, values);
    return gf_draft_to_file(dataset->draft, values, size,
                            dataset->address + first * (uint64_t)dataset->element);
}

int gf_draft_skip(gf_draft_object *dataset, uint64_t n)
{
    enum { PIECE = 1 << 16 };
    static const char zeros[PIECE];
    if (dataset == NULL)
        return ENOMEM;
    const int problem = dataset->is_stored ? 0 : store(dataset);
    const uint64_t size = n * (uint64_t)dataset->element;
    for (uint64_t at = 0; at < size && problem == 0 && dataset->crcs != NULL; at += PIECE)
        gf_running_crc_add(dataset->crcs, at, zeros, (size_t)(size - at < PIECE ? size - at : PIECE));
    return problem;
}

int gf_draft_write_numbers(gf_draft_object *dataset, uint64_t first, uint64_t n, const double *values)
{
    if (dataset == NULL)
        return ENOMEM;
    if (dataset->is_integer == 0)
        return gf_draft_write(dataset, first, n, values);
    gf_draft *draft = dataset->draft;
    const size_t size = (size_t)n * (size_t)dataset->element;
    if (draft->whole_size < size) {
        void *grown = realloc(draft->whole, size);
        if (grown == NULL)
            return ENOMEM;
        draft->whole = grown;
        draft->whole_size = size;
    }
    return gf_whole_from_doubles(dataset->is_integer, values, (size_t)n, draft->whole) < 0
               ? EDOM
               : gf_draft_write(dataset, first, n, draft->whole);
}

int gf_draft_index(gf_draft_object **scale, gf_draft_object *group, const gf_column *column, uint64_t first,
                   uint64_t step, uint64_t rows)
{
    enum { PIECE = 2048 };
    int64_t values[PIECE];
    int problem = 0;
    assert(column->is_integer == GF_INDEX);
    *scale = gf_draft_dataset(group, column, 1, &rows);
    gf_draft_make_scale(*scale);
    for (uint64_t start = 0; start < rows && problem == 0; start += PIECE) {
        const uint64_t n = rows - start < PIECE ? rows - start : PIECE;
        for (uint64_t i = 0; i < n; i++)
            values[i] = (int64_t)(first + (start + i) * step);
        problem = gf_draft_write(*scale, start, n, values);
    }
    return problem;
}

/* Bytes of the file; what is behind its end so far is 0. 0 or the errno. */
static int from_file(const gf_draft *draft, uint64_t from, void *to, size_t n)
{
    char *bytes = to;
    while (n > 0) {
        const ssize_t got = pread(draft->descriptor, bytes, n, (off_t)from);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0) {
            memset(bytes, 0, n);
            return 0;
        }
        bytes += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
        from += got > 0 ? (uint64_t)got : 0;
    }
    return 0;
}

int gf_draft_read_numbers(const gf_draft_object *dataset, uint64_t first, uint64_t n, double *values)
{
    assert(dataset != NULL && first + n <= dataset->n_elements);
    const size_t element = (size_t)dataset->element;
    /* counts fill the second half, from which they are made double */
    char *place = (char *)values + n * (sizeof *values - element);
    const unsigned char *memory = dataset->is_stored ? in_memory(dataset, first) : NULL;
    int problem = 0;
    if (!dataset->is_stored)
        memset(place, 0, n * element);
    else if (memory != NULL)
        memcpy(place, memory, n * element);
    else
        problem = from_file(dataset->draft, dataset->address + first * element, place, n * element);
    if (problem == 0)
        gf_whole_to_doubles(dataset->is_integer, values, (size_t)n);
    return problem;
}
