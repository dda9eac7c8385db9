/* Small helpers for text: likeness of words, and numbers that read back as the same bits. */
#ifndef GF_BASE_TEXT_H
#define GF_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { GF_NUMBER_SIZE = 32 };

/* Edit distance of two words (insert, delete, replace, swap of neighbours: optimal string alignment, Damerau
 * 1964). Words longer than 63 bytes are never alike: INT_MAX. */
int gf_edit_distance(const char *a, const char *b);

/* Looks for the word most like `wanted`: start with {wanted, NULL, 0}, offer every candidate; `best` is NULL
 * while no candidate is within a distance of 1 + length/4. Ties go to the first. */
typedef struct gf_nearest {
    const char *wanted, *best;
    int distance;
} gf_nearest;
void gf_nearest_offer(gf_nearest *nearest, const char *candidate);

/* Shortest decimal of at most 17 digits that reads back as the same double; "nan", "inf", "-inf" otherwise.
 * Returns buffer. */
const char *gf_format_double(double value, char buffer[GF_NUMBER_SIZE]);

/* FNV-1a of a text, 64 bits (Fowler, Noll, Vo). */
uint64_t gf_text_hash(const char *text);

/* Byte offset of the first sequence that is not UTF-8 (overlong forms and surrogates count as wrong), or
 * size. */
size_t gf_utf8_valid_size(const char *bytes, size_t size);

#endif
