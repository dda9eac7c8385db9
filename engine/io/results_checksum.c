/* CRC-32 of a whole file in a line behind its last byte. */
#include "io/results_checksum.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libdeflate.h>
#include <zlib.h>

static const char mark[] = "\nguidefund-results crc32 ";
enum { LINE_SIZE = GF_CHECKSUM_LINE, PIECE = 1 << 16 }; /* pieces stay in a cache */
_Static_assert(LINE_SIZE == sizeof mark - 1 + 8 + 1, "a line is the mark, eight digits and its end");

void gf_running_crc_add(gf_running_crc *running, uint64_t start, const void *bytes, size_t size)
{
    const int is_as_in_file = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    running->is_torn |= start != running->size || !is_as_in_file;
    if (running->is_torn)
        return;
    running->crc = libdeflate_crc32(running->crc, bytes, size);
    running->size += size;
}

int gf_running_crc_covers(const gf_running_crc *running, uint64_t size)
{
    return !running->is_torn && running->size == size;
}

gf_known_crc gf_known_crc_of(int64_t start, const void *bytes, size_t size)
{
    return (gf_known_crc){start, (int64_t)size, libdeflate_crc32(0, bytes, size), 1};
}

/* Goes on with a CRC over bytes start … end − 1 of a file; 0 or the errno. */
static int read_through(int descriptor, int64_t start, int64_t end, uint32_t *crc)
{
    unsigned char *piece = start < end ? malloc(PIECE) : NULL;
    int problem = start < end && piece == NULL ? ENOMEM : 0;
    for (int64_t at = start; at < end && problem == 0;) {
        const ssize_t got = pread(descriptor, piece, end - at < PIECE ? (size_t)(end - at) : PIECE, at);
        if (got <= 0) {
            problem = got == 0 ? EIO : errno;
        } else {
            *crc = libdeflate_crc32(*crc, piece, (size_t)got);
            at += got;
        }
    }
    free(piece);
    return problem;
}

static void pass_zeros(int64_t n, uint32_t *crc)
{
    static const unsigned char zeros[PIECE];
    for (; n > 0; n -= PIECE)
        *crc = libdeflate_crc32(*crc, zeros, n < PIECE ? (size_t)n : PIECE);
}

static int by_start(const void *a, const void *b)
{
    const gf_known_crc *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

int gf_checksum_line(int descriptor, gf_known_crc *known, size_t n, int64_t size, char *line)
{
    char text[LINE_SIZE + 1];
    uint32_t crc = 0;
    int64_t at = 0;
    int problem = 0;
    qsort(known, n, sizeof *known, by_start);
    for (size_t k = 0; k < n && problem == 0; k++) {
        assert(known[k].start >= at && known[k].start + known[k].size <= size);
        pass_zeros(known[k].start - at, &crc);
        at = known[k].start + known[k].size;
        if (known[k].is_known)
            crc = (uint32_t)crc32_combine(crc, known[k].crc, known[k].size);
        else
            problem = read_through(descriptor, known[k].start, at, &crc);
    }
    pass_zeros(size - at, &crc);
    snprintf(text, sizeof text, "%s%08x\n", mark, (unsigned)crc);
    memcpy(line, text, LINE_SIZE);
    return problem;
}

static gf_checksum verify(int descriptor)
{
    struct stat status;
    char line[LINE_SIZE + 1] = "";
    if (fstat(descriptor, &status) != 0)
        return GF_CHECKSUM_UNREADABLE;
    int64_t size = status.st_size - LINE_SIZE;
    if (size < 0 || pread(descriptor, line, LINE_SIZE, size) != LINE_SIZE ||
        memcmp(line, mark, sizeof mark - 1) != 0)
        return GF_CHECKSUM_ABSENT;
    uint32_t crc = 0;
    errno = read_through(descriptor, 0, size, &crc);
    if (errno != 0)
        return GF_CHECKSUM_UNREADABLE;
    char expected[LINE_SIZE +
                  1]; /* compared as text: a flipped bit can turn a digit into another spelling of it */
    snprintf(expected, sizeof expected, "%s%08x\n", mark, (unsigned)crc);
    return memcmp(line, expected, LINE_SIZE) == 0 ? GF_CHECKSUM_RIGHT : GF_CHECKSUM_WRONG;
}

gf_checksum gf_checksum_verify(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return GF_CHECKSUM_UNREADABLE;
    gf_checksum result = verify(descriptor);
    close(descriptor);
    return result;
}
