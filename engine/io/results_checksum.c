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
#include <sys/vfs.h>
#include <unistd.h>
#include <libdeflate.h>
#include <zlib.h>

static const char mark[] = "\nguidefund-results crc32 ";
enum { LINE_SIZE = sizeof mark - 1 + 8 + 1, PIECE = 1 << 16 }; /* pieces stay in a cache */

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

/* Some file systems have told of holes where data was on its way (OpenZFS before 2.2.2): only those are asked
 * that are known to be right before a sync, too. */
static int knows_its_holes(int descriptor)
{
    static const unsigned long good[] = {0xef53 /* ext2 to ext4 */, 0x58465342 /* XFS */,
                                         0x01021994 /* tmpfs */, 0x9123683e /* Btrfs */};
    struct statfs about;
    if (fstatfs(descriptor, &about) != 0)
        return 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if ((unsigned long)about.f_type == good[i])
            return 1;
    return 0;
}

/* Byte `at` lies in a hole or in data: where that ends, `end` at most. All is data where the system does not
 * tell. */
static int64_t end_of_stretch(int descriptor, int64_t at, int64_t end, int *is_hole)
{
    const off_t data = lseek(descriptor, at, SEEK_DATA);
    *is_hole = data > at || (data < 0 && errno == ENXIO); /* ENXIO: nothing but a hole follows */
    const off_t next = *is_hole || data < 0 ? data : lseek(descriptor, at, SEEK_HOLE);
    return next > at && next < end ? next : end;
}

/* Goes on with a CRC over bytes start … end − 1 of a file; 0 or the errno. Holes are not read: the system
 * would make pages of zeros for that. */
static int read_through(int descriptor, int64_t start, int64_t end, unsigned char *piece, uint32_t *crc)
{
    static const unsigned char zeros[PIECE];
    int64_t stretch = start < end && !knows_its_holes(descriptor) ? end : start;
    int is_hole = 0;
    for (int64_t at = start; at < end;) {
        if (at >= stretch)
            stretch = end_of_stretch(descriptor, at, end, &is_hole);
        const size_t wanted = stretch - at < PIECE ? (size_t)(stretch - at) : PIECE;
        const ssize_t got = is_hole ? (ssize_t)wanted : pread(descriptor, piece, wanted, at);
        if (got <= 0)
            return got == 0 ? EIO : errno;
        *crc = libdeflate_crc32(*crc, is_hole ? zeros : piece, (size_t)got);
        at += got;
    }
    return 0;
}

/* CRC of the first `size` bytes, of which known[n] are; 0 or the errno. */
static int checksum_of(int descriptor, int64_t size, const gf_known_crc *known, size_t n, uint32_t *crc)
{
    unsigned char *piece = malloc(PIECE);
    int64_t at = 0;
    int problem = piece == NULL ? ENOMEM : 0;
    *crc = 0;
    for (size_t k = 0; k < n && problem == 0; k++) {
        assert(known[k].start >= at && known[k].start + known[k].size <= size);
        problem = read_through(descriptor, at, known[k].start, piece, crc);
        *crc = (uint32_t)crc32_combine(*crc, known[k].crc, known[k].size);
        at = known[k].start + known[k].size;
    }
    if (problem == 0)
        problem = read_through(descriptor, at, size, piece, crc);
    free(piece);
    return problem;
}

static int by_start(const void *a, const void *b)
{
    const gf_known_crc *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

int gf_checksum_append(const char *path, gf_known_crc *known, size_t n)
{
    struct stat status;
    char line[LINE_SIZE + 1];
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return errno;
    if (n > 0)
        qsort(known, n, sizeof *known, by_start);
    uint32_t crc = 0;
    int problem =
        fstat(descriptor, &status) != 0 ? errno : checksum_of(descriptor, status.st_size, known, n, &crc);
    snprintf(line, sizeof line, "%s%08x\n", mark, (unsigned)crc);
    if (problem == 0) {
        errno = ENOSPC; /* a short write */
        if (pwrite(descriptor, line, LINE_SIZE, status.st_size) != LINE_SIZE)
            problem = errno;
    }
    if (close(descriptor) != 0 && problem == 0)
        problem = errno;
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
    uint32_t crc;
    errno = checksum_of(descriptor, size, NULL, 0, &crc);
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
