/* Inside io only: a checksum over a whole file, kept in a line behind its last byte. HDF5 ignores what
 * follows its data, and drops it when another program changes the file. It is checked before HDF5 sees the
 * file, because the library may crash on damaged bytes. */
#ifndef GF_IO_RESULTS_CHECKSUM_H
#define GF_IO_RESULTS_CHECKSUM_H

typedef enum {
    GF_CHECKSUM_RIGHT,
    GF_CHECKSUM_ABSENT, /* the file was changed by another program, or shortened */
    GF_CHECKSUM_WRONG,
    GF_CHECKSUM_UNREADABLE /* see errno */
} gf_checksum;

/* Appends the line "guidefund-results crc32 <8 hexadecimal digits>"; 0 or the errno. */
int gf_checksum_append(const char *path);
gf_checksum gf_checksum_verify(const char *path);

#endif
