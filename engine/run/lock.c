/* The lock of a result file. */
#include "run/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *lock_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char *lock = NULL;
    return asprintf(&lock, "%.*s.%s.lock", (int)(name - path), path, name) < 0 ? NULL : lock;
}

static struct flock whole_file(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

/* Who holds the lock, for those that it keeps out; a full disk only makes their message shorter. */
static void sign(int file)
{
    char text[300], host[256] = "";
    gethostname(host, sizeof host - 1);
    const int n = snprintf(text, sizeof text, "process %ld on %s", (long)getpid(), host);
    if (n > 0 && n < (int)sizeof text && (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t)n, 0) != n))
        errno = 0;
}

static gf_status refuse(int file, const char *path, gf_error *error)
{
    char holder[300] = "another process";
    const ssize_t n = pread(file, holder, sizeof holder - 1, 0);
    if (n > 0)
        holder[n] = '\0';
    return gf_error_set(error, GF_CREATE, "%s: %s is writing it; expected one run at a time", path, holder);
}

/* 1 if `path` still names the open file: its last holder removes it. */
static int is_current(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

gf_status gf_lock_take(gf_lock *lock, const char *path, gf_error *error)
{
    *lock = (gf_lock){.path = lock_path(path), .file = -1};
    if (lock->path == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    for (;;) {
        lock->file = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (lock->file < 0) {
            const int problem = errno;
            gf_lock_drop(lock);
            return gf_error_set(error, problem == ENOSPC || problem == EDQUOT ? GF_IO : GF_CREATE,
                                "cannot create %s: %s; expected a folder that can be written", path,
                                strerror(problem));
        }
        struct flock whole = whole_file(F_WRLCK);
        lock->is_real = fcntl(lock->file, F_SETLK, &whole) == 0;
        if (!lock->is_real && (errno == EACCES || errno == EAGAIN)) {
            const gf_status status = refuse(lock->file, path, error);
            close(lock->file);
            lock->file = -1; /* the file belongs to its holder */
            gf_lock_drop(lock);
            return status;
        }
        if (!lock->is_real || is_current(lock->file, lock->path)) {
            sign(lock->file);
            return GF_OK;
        }
        close(lock->file);
        lock->file = -1;
    }
}

void gf_lock_drop(gf_lock *lock)
{
    if (lock->file >= 0) {
        unlink(lock->path);
        close(lock->file);
    }
    free(lock->path);
    *lock = (gf_lock){.file = -1};
}
