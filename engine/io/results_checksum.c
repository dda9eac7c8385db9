/* CRC-32 of a whole file in a line behind its last byte. */
#include "io/results_checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libdeflate.h>

static const char mark[] = "\nguidefund-results crc32 ";
enum { LINE_SIZE = sizeof mark - 1 + 8 + 1, PIECE = 1 << 16 }; /* pieces stay in a cache */

/* CRC of the first `size` bytes; negative and errno when they cannot be read. */
static int64_t checksum_of(int descriptor, int64_t size)
{
    unsigned char *piece = malloc(PIECE);
    uint32_t crc = libdeflate_crc32(0, NULL, 0);
    int64_t done = 0;
    if (piece == NULL)
        return -1;
    while (done < size) {
        size_t wanted = size - done < PIECE ? (size_t)(size - done) : PIECE;
        ssize_t got = pread(descriptor, piece, wanted, done);
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            free(piece);
            return -1;
        }
        crc = libdeflate_crc32(crc, piece, (size_t)got);
        done += got;
    }
    free(piece);
    return (int64_t)crc;
}

int gf_checksum_append(const char *path)
{
    struct stat status;
    char line[LINE_SIZE + 1];
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return errno;
    int problem = fstat(descriptor, &status) != 0 ? errno : 0;
    int64_t crc = problem == 0 ? checksum_of(descriptor, status.st_size) : 0;
    if (crc < 0)
        problem = errno;
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
    int64_t crc = checksum_of(descriptor, size);
    if (crc < 0)
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
