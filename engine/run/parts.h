/* Parts of a run in the making: files "<output>.parts/part-<identity>-<first>-<end>.h5". The folder belongs
 * to whoever holds the lock of the output. Parts of other runs may lie in it: they are left alone. */
#ifndef GF_RUN_PARTS_H
#define GF_RUN_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct gf_found_part {
    char *path;
    uint64_t first, n;
} gf_found_part;

typedef struct gf_parts {
    char *folder;
    uint64_t identity;
    gf_found_part *found; /* [n_found], in order of portfolios, then shorter ones first */
    size_t n_found;
    size_t n_foreign; /* files of other runs */
} gf_parts;

/* Lists the parts of `output` with that identity by their names. An absent folder is an empty one. */
gf_status gf_parts_find(gf_parts *parts, const char *output, uint64_t identity, gf_error *error);

/* Removes temporary files that crashes, also on other hosts, left beside `output` and in its folder of parts.
 * The caller holds its lock, so that nobody else writes them. */
void gf_parts_sweep(const char *output);

/* Name for a part of portfolios first … first + n − 1, its folder made if need be; malloc'ed, NULL with an
 * error. */
char *gf_parts_name(const gf_parts *parts, uint64_t first, uint64_t n, gf_error *error);

/* Removes the parts of this run (is_all: of every run), then the folder if it is empty. Failing to is no
 * error. */
void gf_parts_remove(gf_parts *parts, int is_all);

void gf_parts_clear(gf_parts *parts);

#endif
