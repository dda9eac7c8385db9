/* Inside io only: a checksum over a whole file, kept in a line behind its last byte. HDF5 ignores what
 * follows its data, and drops it when another program changes the file. It is checked before HDF5 reads a
 * file, because the library may crash on damaged bytes. */
#ifndef GF_IO_RESULTS_CHECKSUM_H
#define GF_IO_RESULTS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    GF_CHECKSUM_RIGHT,
    GF_CHECKSUM_ABSENT, /* the file was changed by another program, or shortened */
    GF_CHECKSUM_WRONG,
    GF_CHECKSUM_UNREADABLE /* see errno */
} gf_checksum;

/* CRC of the first bytes of a dataset that is written piece by piece, so that what was in a cache a moment
 * ago need not be read from the file again. Begins as zeros. */
typedef struct gf_running_crc {
    uint64_t size;
    uint32_t crc;
    int is_torn; /* pieces did not follow one another: the size says nothing any more */
} gf_running_crc;

/* Bytes start … start + size − 1 have been written, as they are in memory. */
void gf_running_crc_add(gf_running_crc *running, uint64_t start, const void *bytes, size_t size);
/* 1 if it is that of all `size` bytes. */
int gf_running_crc_covers(const gf_running_crc *running, uint64_t size);

/* Bytes start … start + size − 1 of a file, and their CRC, if it is known. */
typedef struct gf_known_crc {
    int64_t start, size;
    uint32_t crc;
    int is_known;
} gf_known_crc;

gf_known_crc gf_known_crc_of(int64_t start, const void *bytes, size_t size);

/* The line of a file of `size` bytes: "guidefund-results crc32 <8 hexadecimal digits>" after a line's end,
 * without a zero, into line[GF_CHECKSUM_LINE]; 0 or the errno. known[n] is all that has been or will be
 * written to it, sorted here, without overlaps: what lies between is taken as zeros, and read is what is not
 * known. */
enum { GF_CHECKSUM_LINE = 34 };
int gf_checksum_line(int descriptor, gf_known_crc *known, size_t n, int64_t size, char *line);
gf_checksum gf_checksum_verify(const char *path);

#endif
