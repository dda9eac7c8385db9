/* Temporary names, their sweeping, and the sync-rename-sync that publishes a finished file. */
#include "io/results_temporary.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

gf_status gf_temporary_check_target(const char *path, gf_error *error)
{
    struct stat about;
    const size_t length = strlen(path);
    if (length == 0 || path[length - 1] == '/')
        return gf_error_set(error, GF_CREATE,
                            "cannot create '%s': not the name of a file; expected one such as out.h5", path);
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return gf_error_set(error, GF_CREATE, "cannot create %s: it exists and is %s, expected a file name",
                            path, S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
    return GF_OK;
}

/* Folder of a path, with its slash ("" for the current one); malloc'ed. */
static char *folder_of(const char *path)
{
    return strndup(path, (size_t)(base_name(path) - path));
}

gf_status gf_temporary_check_room(const char *path, uint64_t rows, gf_error *error)
{
    struct statvfs disk;
    char *folder = folder_of(path);
    const double gib = 1 << 30, need = (double)rows * sizeof(int64_t);
    const int is_known = folder != NULL && statvfs(folder[0] != '\0' ? folder : ".", &disk) == 0;
    free(folder);
    const double room = is_known ? (double)disk.f_bavail * (double)disk.f_frsize : INFINITY;
    if (need <= room)
        return GF_OK;
    return gf_error_set(error, GF_IO,
                        "cannot write %s: the numbers of its %" PRIu64 " rows alone take %.3g GiB, and its "
                        "disk has %.3g GiB left; expected fewer portfolios, or output.portfolios: none",
                        path, rows, need / gib, room / gib);
}

/* ".<name>.<host>." ; on a shared file system a process id means something only together with its host. */
static char *prefix_of(const char *path)
{
    char host[256] = "", *prefix = NULL;
    gethostname(host, sizeof host - 1);
    if (asprintf(&prefix, ".%s.%s.", base_name(path), host) < 0)
        return NULL;
    return prefix;
}

char *gf_temporary_name(const char *path)
{
    char *folder = folder_of(path), *prefix = prefix_of(path), *name = NULL;
    if (folder != NULL && prefix != NULL &&
        asprintf(&name, "%s%s%ld.tmp", folder, prefix, (long)getpid()) < 0)
        name = NULL;
    free(folder);
    free(prefix);
    return name;
}

/* 1 if `entry` is "<prefix><pid>.tmp" of a process that is gone, or of this very process (a reused number).
 */
static int is_stale(const char *entry, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(entry, prefix, length) != 0 || !isdigit((unsigned char)entry[length]))
        return 0;
    char *end = NULL;
    long pid = strtol(entry + length, &end, 10);
    if (strcmp(end, ".tmp") != 0 || pid <= 0)
        return 0;
    return pid == (long)getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

void gf_temporary_sweep(const char *path)
{
    char *folder = folder_of(path), *prefix = prefix_of(path);
    DIR *listing = NULL;
    if (folder != NULL && prefix != NULL)
        listing = opendir(folder[0] != '\0' ? folder : ".");
    if (listing != NULL) {
        const struct dirent *entry;
        while ((entry = readdir(listing)) != NULL)
            if (is_stale(entry->d_name, prefix))
                unlinkat(dirfd(listing), entry->d_name, 0);
        closedir(listing);
    }
    free(folder);
    free(prefix);
}

/* fsync of a folder; 0 or the errno. Some file systems cannot sync folders: that is no failure. */
static int sync_folder(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (descriptor < 0)
        return errno;
    int result = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    return result == EINVAL || result == EROFS ? 0 : result;
}

gf_status gf_temporary_publish(const char *temporary, const char *path, gf_error *error)
{
    if (rename(temporary, path) != 0) {
        const int problem = errno;
        unlink(temporary);
        return gf_error_set(error, GF_IO, "cannot finish %s: %s", path, strerror(problem));
    }
    char *folder = folder_of(path);
    if (folder == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory after writing %s", path);
    const int problem = sync_folder(folder[0] != '\0' ? folder : ".");
    free(folder);
    if (problem != 0)
        return gf_error_set(error, GF_IO, "wrote %s but cannot sync its folder: %s", path, strerror(problem));
    return GF_OK;
}
