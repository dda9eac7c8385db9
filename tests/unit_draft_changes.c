/* Drafts: other programs may change the file by HDF5, which finds all it needs to go on, and damage is
 * found. */
#include "draft_fixture.h"

#include <sys/wait.h>

/* Another program may add to a file, take away and overwrite: HDF5 finds all it needs to go on. */
static void files_may_be_changed(void **state)
{
    enum { FEW = 60, NEW = 100 };
    (void)state;
    for (int n = 10; n <= 270; n += 260) { /* the second group gets an index of its links */
        char name[32];
        hid_t file = end(many(n), H5F_ACC_RDWR), group = H5Gopen2(file, "many", H5P_DEFAULT);
        for (int i = 0; i < NEW; i++) {
            const double value = 1000 + i;
            const hsize_t one = 1;
            snprintf(name, sizeof name, "new%d", i);
            assert_true(H5LTmake_dataset_double(group, name, 1, &one, &value) >= 0);
            assert_true(H5LTset_attribute_string(group, name, "why", "an attribute of another program") >= 0);
            assert_true(H5LTset_attribute_double(group, ".", name, &value, 1) >= 0);
            if (i < FEW) /* a header that is not made for many takes HDF5 long */
                assert_true(H5LTset_attribute_double(group, "00000", name, &value, 1) >= 0);
        }
        assert_true(H5LTset_attribute_string(group, "00001", "units", "another unit") >= 0);
        assert_true(H5Ldelete(group, "00002", H5P_DEFAULT) >= 0);
        assert_true(H5Ocopy(group, "00001", group, "copy", H5P_DEFAULT, H5P_DEFAULT) >= 0);
        H5Gclose(group);
        assert_true(H5Fclose(file) >= 0);
        assert_int_not_equal(gf_checksum_verify(path), GF_CHECKSUM_RIGHT);
        file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        group = H5Gopen2(file, "many", H5P_DEFAULT);
        H5G_info_t about;
        assert_true(H5Gget_info(group, &about) >= 0 && (int)about.nlinks == n + NEW);
        for (int i = 0; i < NEW; i++) {
            double value;
            snprintf(name, sizeof name, "new%d", i);
            assert_true(H5LTread_dataset_double(group, name, &value) >= 0 && value == 1000 + i);
            if (i < FEW)
                assert_true(H5LTget_attribute_double(group, "00000", name, &value) >= 0 && value == 1000 + i);
            assert_true(H5LTget_attribute_double(group, ".", name, &value) >= 0 && value == 1000 + i);
        }
        double value;
        assert_true(H5LTread_dataset_double(group, "copy", &value) >= 0 && value == 1);
        assert_true(H5LTread_dataset_double(group, "00009", &value) >= 0 && value == 9);
        assert_true(H5Lexists(group, "00002", H5P_DEFAULT) == 0);
        H5Gclose(group);
        H5Fclose(file);
    }
}

/* A column that is 0 everywhere has no place; who writes a part of it finds zeros around that, and not the
 * line that stood behind the end of the file. */
static void a_column_without_a_place_may_be_written(void **state)
{
    enum { N = 100 };
    const hsize_t one = 1, first = 3;
    const int32_t value = 7;
    int32_t back[N];
    (void)state;
    gf_draft *draft = begin(IN_ROOM);
    dataset(gf_draft_root(draft), "flags", GF_COUNT, N);
    const hid_t file = end(draft, H5F_ACC_RDWR), flags = H5Dopen2(file, "flags", H5P_DEFAULT);
    const hid_t memory = H5Screate_simple(1, &one, NULL), space = H5Dget_space(flags);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &one, NULL);
    assert_true(H5Dwrite(flags, H5T_NATIVE_INT32, memory, space, H5P_DEFAULT, &value) >= 0);
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(flags);
    H5Fclose(file);
    const hid_t again = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(H5LTread_dataset_int(again, "flags", back) >= 0);
    for (int i = 0; i < N; i++)
        assert_int_equal(back[i], i == 3 ? value : 0);
    H5Fclose(again);
}

/* HDF5 looks at the checksums of groups: those above were right. */
static void a_flipped_bit_in_a_group_is_found(void **state)
{
    unsigned char at[8], byte;
    off_t root = 0;
    (void)state;
    H5Fclose(end(many(20), H5F_ACC_RDONLY));
    const int descriptor = open(path, O_RDWR);
    assert_int_equal(pread(descriptor, at, 8, 64), 8);
    for (int b = 0; b < 8; b++)
        root |= (off_t)at[b] << (8 * b);
    assert_int_equal(pread(descriptor, &byte, 1, root + 30), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, root + 30), 1);
    close(descriptor);
    assert_int_equal(gf_checksum_verify(path), GF_CHECKSUM_WRONG);
    const pid_t child = fork(); /* HDF5 leaves memory behind where it fails, and stumbles at its end */
    if (child == 0) {
        H5G_info_t about;
        H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
        const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        _exit(H5Gget_info_by_name(file, "/", &about, H5P_DEFAULT) < 0 ? 7 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_may_be_changed),
        cmocka_unit_test(a_column_without_a_place_may_be_written),
        cmocka_unit_test(a_flipped_bit_in_a_group_is_found),
    };
    int n_failed = 0;
    RUN_IN_FOLDERS(tests, n_failed);
    return n_failed;
}
