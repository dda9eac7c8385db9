/* A draft for tests, in folders of different file systems, and a group of many datasets. */
#ifndef GF_TESTS_DRAFT_FIXTURE_H
#define GF_TESTS_DRAFT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/draft.h"
#include "io/results_checksum.h"

static const char *folder; /* of the file, on a file system of its own kind */
static char path[64];

enum { IN_FILE = 0, IN_ROOM = 1 << 20 };

static inline gf_draft *begin(uint64_t expected)
{
    gf_draft *draft;
    assert_int_equal(gf_draft_begin(&draft, path, (gf_draft_size){0, expected}, 0), 0);
    return draft;
}

/* Ends a draft and opens it by HDF5. */
static inline hid_t end(gf_draft *draft, unsigned flags)
{
    assert_int_equal(gf_draft_end(draft), 0);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
    const hid_t file = H5Fopen(path, flags, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static inline gf_draft_object *dataset(gf_draft_object *group, const char *name, int is_integer, uint64_t n)
{
    const gf_column column = {name, "1", "a dataset of tests", is_integer, NULL};
    return gf_draft_dataset(group, &column, 1, &n);
}

static inline gf_draft *many(int n)
{
    char name[400];
    gf_draft *draft = begin(IN_ROOM);
    gf_draft_object *group = gf_draft_group(gf_draft_root(draft), "many");
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%0*d", i == 3 ? 300 : 5, i);
        const double value = i;
        assert_int_equal(gf_draft_write_numbers(dataset(group, name, 0, 1), 0, 1, &value), 0);
        if (i < 100) {
            snprintf(name, sizeof name, "attribute%d", i);
            gf_draft_put_int(group, name, i);
        }
    }
    return draft;
}

static inline int make_name(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/guidefund-draft-XXXXXX", folder);
    const int descriptor = mkstemp(path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static inline int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* Runs a group of tests for each folder; how many failed. */
#define RUN_IN_FOLDERS(tests, n_failed)                                                                      \
    do {                                                                                                     \
        static const char *const folders[] = {"/tmp", "/dev/shm"};                                           \
        for (int i = 0; i < 2; i++)                                                                          \
            if (access(folders[i], W_OK) == 0) {                                                             \
                folder = folders[i];                                                                         \
                n_failed += cmocka_run_group_tests(tests, make_name, remove_file);                           \
            }                                                                                                \
    } while (0)

#endif
