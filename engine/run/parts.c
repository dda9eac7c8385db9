/* The folder of parts. */
#include "run/parts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Of "big", ".big.h5.host.17.tmp" looks like a file of host "h5.host", and is one of another output that is
 * being written now if there is a lock ".big.h5.lock". `own`: so much is of the own output. */
static int may_be_of_another(int folder, const char *entry, size_t own)
{
    char lock[NAME_MAX + 8];
    for (const char *dot = strchr(entry + own + 1, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        snprintf(lock, sizeof lock, "%.*s.lock", (int)(dot - entry), entry);
        if (faccessat(folder, lock, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return 1;
    }
    return 0;
}

/* Whoever holds the lock of an output is its only writer: every temporary file ".<name>….tmp" is left from a
 * crash, also of another host. */
static void sweep(const char *folder, const char *name)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    const size_t length = strlen(name);
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        if (entry->d_name[0] == '.' && strncmp(entry->d_name + 1, name, length) == 0 &&
            ends_with(entry->d_name, ".tmp") && !may_be_of_another(dirfd(listing), entry->d_name, 1 + length))
            unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing != NULL)
        closedir(listing);
}

void gf_parts_sweep(const char *output)
{
    const char *name = base_name(output);
    char *folder = strndup(output, (size_t)(name - output)), *prefix = NULL, *parts = NULL;
    if (folder != NULL && asprintf(&prefix, "%s.", name) >= 0) {
        sweep(folder[0] != '\0' ? folder : ".", prefix);
        free(prefix);
    }
    if (asprintf(&parts, "%s.parts", output) >= 0) {
        sweep(parts, "part-");
        free(parts);
    }
    free(folder);
}

/* Reads a number that `end_mark` follows and moves behind it; 0 if there is none. */
static int take_number(const char **at, int base, const char *end_mark, uint64_t *value)
{
    char *end = NULL;
    const size_t length = strlen(end_mark);
    if (!isxdigit((unsigned char)**at))
        return 0;
    *value = strtoull(*at, &end, base);
    if (strncmp(end, end_mark, length) != 0)
        return 0;
    *at = end + length;
    return 1;
}

/* Reads "part-<identity>-<first>-<end>.h5"; 1 if the name is such a one. */
static int parse_name(const char *name, uint64_t *identity, uint64_t *first, uint64_t *end)
{
    if (strncmp(name, "part-", 5) != 0)
        return 0;
    name += 5;
    return take_number(&name, 16, "-", identity) && take_number(&name, 10, "-", first) &&
           take_number(&name, 10, ".h5", end) && *name == '\0' && *end > *first;
}

static int compare_parts(const void *a, const void *b)
{
    const gf_found_part *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

static int add_found(gf_parts *parts, const char *name, uint64_t first, uint64_t end)
{
    gf_found_part *grown = realloc(parts->found, (parts->n_found + 1) * sizeof *grown);
    char *path = NULL;
    if (grown == NULL)
        return 0;
    parts->found = grown;
    if (asprintf(&path, "%s/%s", parts->folder, name) < 0)
        return 0;
    parts->found[parts->n_found++] = (gf_found_part){path, first, end - first};
    return 1;
}

gf_status gf_parts_find(gf_parts *parts, const char *output, uint64_t identity, gf_error *error)
{
    uint64_t other, first, end;
    const struct dirent *entry;
    int has_room = 1;
    *parts = (gf_parts){.identity = identity};
    if (asprintf(&parts->folder, "%s.parts", output) < 0) {
        parts->folder = NULL;
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", output);
    }
    DIR *listing = opendir(parts->folder);
    if (listing == NULL)
        return errno == ENOENT
                   ? GF_OK
                   : gf_error_set(error, GF_CREATE, "cannot read %s: %s; expected a folder of parts",
                                  parts->folder, strerror(errno));
    while ((entry = readdir(listing)) != NULL && has_room) {
        if (!parse_name(entry->d_name, &other, &first, &end))
            continue;
        if (other == identity)
            has_room = add_found(parts, entry->d_name, first, end);
        else
            parts->n_foreign++;
    }
    closedir(listing);
    if (!has_room) {
        gf_parts_clear(parts);
        return gf_error_set(error, GF_MEMORY, "out of memory for the parts of %s", output);
    }
    if (parts->n_found > 0)
        qsort(parts->found, parts->n_found, sizeof *parts->found, compare_parts);
    return GF_OK;
}

char *gf_parts_name(const gf_parts *parts, uint64_t first, uint64_t n, gf_error *error)
{
    char *path = NULL;
    if (mkdir(parts->folder, 0777) != 0 && errno != EEXIST) {
        gf_error_set(error, errno == ENOSPC || errno == EDQUOT ? GF_IO : GF_CREATE, "cannot create %s: %s",
                     parts->folder, strerror(errno));
        return NULL;
    }
    if (asprintf(&path, "%s/part-%016" PRIx64 "-%015" PRIu64 "-%015" PRIu64 ".h5", parts->folder,
                 parts->identity, first, first + n) < 0) {
        gf_error_set(error, GF_MEMORY, "out of memory for a part");
        return NULL;
    }
    return path;
}

void gf_parts_remove(gf_parts *parts, int is_all)
{
    uint64_t identity, first, end;
    DIR *listing = opendir(parts->folder);
    const struct dirent *entry;
    if (listing == NULL)
        return;
    while ((entry = readdir(listing)) != NULL)
        if (parse_name(entry->d_name, &identity, &first, &end) && (is_all || identity == parts->identity))
            unlinkat(dirfd(listing), entry->d_name, 0);
    closedir(listing);
    rmdir(parts->folder);
}

void gf_parts_clear(gf_parts *parts)
{
    for (size_t i = 0; i < parts->n_found; i++)
        free(parts->found[i].path);
    free(parts->found);
    free(parts->folder);
    *parts = (gf_parts){0};
}
