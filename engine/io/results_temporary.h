/* Inside io only: files that appear under their final name complete or not at all. */
#ifndef GF_IO_RESULTS_TEMPORARY_H
#define GF_IO_RESULTS_TEMPORARY_H

#include <stdint.h>

#include "base/status.h"

/* A finished file replaces its target by a rename, which must not hit a folder or a device: GF_CREATE if
 * `path` is one. */
gf_status gf_temporary_check_target(const char *path, gf_error *error);

/* GF_IO if the indices of so many rows, without which there is no file, have no room beside `path`: found out
 * before the disk is full. */
gf_status gf_temporary_check_room(const char *path, uint64_t rows, gf_error *error);

/* Name of the temporary file of this process beside `path`: "<folder>/.<name>.<host>.<pid>.tmp"; malloc'ed,
 * NULL when out of memory. */
char *gf_temporary_name(const char *path);

/* Removes temporaries of `path` left by processes of this host that are gone. Failing to is no error. */
void gf_temporary_sweep(const char *path);

/* Renames `temporary`, which is complete and synced, to `path` and syncs the folder. GF_IO with the
 * reason, the temporary removed. */
gf_status gf_temporary_publish(const char *temporary, const char *path, gf_error *error);

#endif
