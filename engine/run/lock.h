/* One run a result file: a lock on "<folder>/.<name>.lock" beside it. The system drops the lock with the
 * process, however that ends, also across NFS; a lock file that a crash left behind is simply taken over. */
#ifndef GF_RUN_LOCK_H
#define GF_RUN_LOCK_H

#include "base/status.h"

typedef struct gf_lock {
    char *path;
    int file;    /* -1: not held */
    int is_real; /* 0: the file system knows no locks, so nothing is held */
} gf_lock;

/* Takes the lock of result file `path`. GF_CREATE when another process holds it (its number is named if it is
 * of this host) or the lock file cannot be made, GF_IO on a full disk. */
gf_status gf_lock_take(gf_lock *lock, const char *path, gf_error *error);

/* Removes the lock file and drops the lock; nothing happens if it is not held. */
void gf_lock_drop(gf_lock *lock);

#endif
