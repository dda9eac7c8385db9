/* Parts, shards, locks, packed sketches: each alone, without a simulation. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/part.h"
#include "run/lock.h"
#include "run/parts.h"
#include "run/shards.h"
#include "run/sketch_pack.h"

static char folder[] = "/tmp/guidefund-parts-XXXXXX";

static char *in_folder(const char *name)
{
    static char path[4][200];
    static int i;
    i = (i + 1) % 4;
    snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
    return path[i];
}

static void make_file(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static int exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* --- shards --- */

static void test_shards_cover_a_run_without_gaps(void **state)
{
    static const uint64_t runs[][2] = {{1, 256},    {255, 256},     {256, 256},       {100, 8},
                                       {1000, 256}, {1000000, 256}, {999999937, 256}, {1000000000000, 256}};
    static const int counts[] = {1, 2, 3, 7, 8, 100, 1000};
    (void)state;
    for (size_t r = 0; r < sizeof runs / sizeof runs[0]; r++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            uint64_t at = 0, least = UINT64_MAX, most = 0;
            for (int k = 1; k <= counts[c]; k++) {
                uint64_t first, n;
                gf_shard_range((gf_shard){k, counts[c]}, runs[r][0], runs[r][1], &first, &n);
                assert_int_equal(first, at);
                assert_true(n == 0 || first % runs[r][1] == 0);
                at += n;
                least = n < least ? n : least;
                most = n > most ? n : most;
            }
            assert_int_equal(at, runs[r][0]);
            assert_true(most - least <= 2 * runs[r][1]); /* one batch, and the last one may be short */
        }
}

static void test_shard_names(void **state)
{
    gf_shard shard;
    (void)state;
    assert_int_equal(gf_shard_parse(&shard, "3/8", NULL), GF_OK);
    assert_int_equal(shard.k, 3);
    assert_int_equal(shard.n, 8);
    static const char *const wrong[] = {"0/8",  "9/8",  "3",   "/8",   "3/",        "a/b",
                                        "-1/8", "3/8x", "1/0", " 1/2", "1/1000001", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(gf_shard_parse(&shard, wrong[i], NULL), GF_USAGE);
    char *path = gf_shard_path(shard, "a/out.h5"), *bare = gf_shard_path(shard, "out");
    assert_string_equal(path, "a/out.shard-0003-of-0008.h5");
    assert_string_equal(bare, "out.shard-0003-of-0008.h5");
    free(path);
    free(bare);
}

/* --- packed sketches --- */

enum { N_VALUES = 5000, BATCH = 250 };

static void fill(gf_accumulator *accumulator, int from, int to)
{
    double values[2 * BATCH];
    for (int start = from; start < to; start += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            const int p = start + i;
            values[i] = p % 97 == 0 ? NAN : exp(3 * sin(p * 12.9898)) * (p % 2 ? 1 : -1);
            values[BATCH + i] = p % 13;
        }
        gf_accumulator_add_batch(accumulator, values, BATCH, BATCH);
    }
}

static int same_words(const gf_accumulator *a, const gf_accumulator *b)
{
    size_t n, m;
    int64_t *x = gf_accumulator_pack(a, &n), *y = gf_accumulator_pack(b, &m);
    assert_non_null(x);
    assert_non_null(y);
    const int same = n == m && memcmp(x, y, n * sizeof *x) == 0;
    free(x);
    free(y);
    return same;
}

static void test_packed_sketches_add_up_to_the_whole(void **state)
{
    gf_column columns[2] = {{"a", "1", "a", 0, NULL}, {"b", "1", "b", 1, NULL}};
    const gf_layout layout = {.n_columns = 2, .columns = columns};
    gf_accumulator *whole, *part, *sum;
    (void)state;
    assert_int_equal(gf_accumulator_new(&whole, &layout, NULL), GF_OK);
    assert_int_equal(gf_accumulator_new(&part, &layout, NULL), GF_OK);
    assert_int_equal(gf_accumulator_new(&sum, &layout, NULL), GF_OK);
    fill(whole, 0, N_VALUES);
    static const int cuts[][2] = {{3000, 5000}, {0, 250}, {250, 3000}}; /* in any order */
    for (int i = 0; i < 3; i++) {
        size_t n;
        assert_false(same_words(whole, sum)); /* a part that is missing shows */
        gf_accumulator_reset(part);
        fill(part, cuts[i][0], cuts[i][1]);
        int64_t *words = gf_accumulator_pack(part, &n);
        assert_non_null(words);
        assert_int_equal(gf_accumulator_add_packed(sum, words, n), 1);
        free(words);
    }
    assert_true(same_words(whole, sum));
    assert_true(gf_exact_value(&gf_accumulator_sketch(whole, 0)->sum2) ==
                gf_exact_value(&gf_accumulator_sketch(sum, 0)->sum2));
    gf_accumulator_free(whole);
    gf_accumulator_free(part);
    gf_accumulator_free(sum);
}

static void test_words_that_are_no_sketches_are_refused(void **state)
{
    gf_column columns[2] = {{"a", "1", "a", 0, NULL}, {"b", "1", "b", 1, NULL}};
    const gf_layout layout = {.n_columns = 2, .columns = columns};
    gf_accumulator *from, *into;
    size_t n;
    (void)state;
    assert_int_equal(gf_accumulator_new(&from, &layout, NULL), GF_OK);
    assert_int_equal(gf_accumulator_new(&into, &layout, NULL), GF_OK);
    fill(from, 0, BATCH);
    int64_t *words = gf_accumulator_pack(from, &n);
    for (size_t m = 0; m < n; m += 1 + m / 50)
        assert_int_equal(gf_accumulator_add_packed(into, words, m), 0);
    words[0] = 3;
    assert_int_equal(gf_accumulator_add_packed(into, words, n), 0);
    words[0] = 2;
    words[1 + 5 + 2 * GF_EXACT_LIMBS] = INT64_C(1) << 40; /* pairs of the first column */
    assert_int_equal(gf_accumulator_add_packed(into, words, n), 0);
    free(words);
    gf_accumulator_free(from);
    gf_accumulator_free(into);
}

/* --- part files --- */

static const gf_part_info about = {.scenario = "杭州",
                                   .config_text = "scenario: 杭州\n",
                                   .program_version = "0.1.0",
                                   .revision = "abc",
                                   .seed = UINT64_C(0xfedcba9876543210),
                                   .identity = UINT64_C(0x8000000000000001),
                                   .portfolios_total = 1000,
                                   .first_portfolio = 256,
                                   .n_portfolios = 100,
                                   .shard = 2,
                                   .n_shards = 4,
                                   .rows = {3, 4, 0},
                                   .portfolios = {100, 10, 0}};

static gf_status write_part(const char *path)
{
    double columns[3 * 128], series[4 * 16];
    const int64_t words[4] = {1, -2, INT64_MAX, INT64_MIN};
    gf_part *part = NULL;
    for (int i = 0; i < 3 * 128; i++)
        columns[i] = i % 128 == 7 ? NAN : i + 0.5;
    for (int i = 0; i < 4 * 16; i++)
        series[i] = -i;
    gf_status status = gf_part_create(&part, path, &about, NULL);
    if (status != GF_OK)
        return status;
    assert_int_equal(gf_part_write(part, GF_PART_COLUMNS, 60, 40, columns + 60, 128, NULL), GF_OK);
    assert_int_equal(gf_part_write(part, GF_PART_COLUMNS, 0, 60, columns, 128, NULL), GF_OK);
    assert_int_equal(gf_part_write(part, GF_PART_SERIES, 0, 10, series, 16, NULL), GF_OK);
    assert_int_equal(gf_part_write(part, GF_PART_STARTUPS, 0, 0, NULL, 0, NULL), GF_OK);
    assert_int_equal(gf_part_write_words(part, GF_PART_SKETCHES, words, 4, NULL), GF_OK);
    assert_int_equal(gf_part_write_words(part, GF_PART_STOP, words + 2, 2, NULL), GF_OK);
    assert_false(exists(path));
    return gf_part_commit(part, NULL);
}

static void test_a_part_reads_back(void **state)
{
    const char *path = in_folder("back.h5");
    gf_part *part = NULL;
    double columns[3 * 100], series[4 * 5];
    int64_t words[4];
    (void)state;
    assert_int_equal(write_part(path), GF_OK);
    assert_int_equal(gf_part_open(&part, path, NULL), GF_OK);
    const gf_part_info *info = gf_part_about(part);
    assert_string_equal(info->scenario, about.scenario);
    assert_string_equal(info->config_text, about.config_text);
    assert_true(info->seed == about.seed && info->identity == about.identity);
    assert_true(info->first_portfolio == 256 && info->n_portfolios == 100 && info->portfolios_total == 1000);
    assert_true(info->shard == 2 && info->n_shards == 4 && info->n_words[GF_PART_SKETCHES] == 4);
    assert_true(info->n_words[GF_PART_STOP] == 2);
    assert_true(info->rows[GF_PART_COLUMNS] == 3 && info->portfolios[GF_PART_COLUMNS] == 100);
    assert_true(info->portfolios[GF_PART_STARTUPS] == 0);
    assert_int_equal(gf_part_read(part, GF_PART_COLUMNS, 0, 100, columns, 100, NULL), GF_OK);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 100; i++)
            assert_true(i == 7 ? isnan(columns[c * 100 + i]) : columns[c * 100 + i] == c * 128 + i + 0.5);
    assert_int_equal(gf_part_read(part, GF_PART_SERIES, 5, 5, series, 5, NULL), GF_OK);
    for (int i = 0; i < 20; i++)
        assert_true(series[i] == -(i / 5 * 16 + 5 + i % 5));
    assert_int_equal(gf_part_read_words(part, GF_PART_SKETCHES, words, NULL), GF_OK);
    assert_int_equal(gf_part_read_words(part, GF_PART_STOP, words, NULL), GF_OK);
    assert_true(words[0] == INT64_MAX && words[1] == INT64_MIN);
    assert_int_equal(gf_part_read_words(part, GF_PART_SKETCHES, words, NULL), GF_OK);
    assert_true(words[1] == -2 && words[2] == INT64_MAX && words[3] == INT64_MIN);
    gf_part_close(part);
}

static void test_a_changed_part_is_refused(void **state)
{
    const char *path = in_folder("changed.h5");
    gf_part *part = NULL;
    struct stat size;
    (void)state;
    assert_int_equal(write_part(path), GF_OK);
    assert_int_equal(stat(path, &size), 0);
    for (long at = 0; at < size.st_size; at += 1 + size.st_size / 60) {
        FILE *file = fopen(path, "r+b");
        fseek(file, at, SEEK_SET);
        const int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x20, file);
        fclose(file);
        assert_int_equal(gf_part_open(&part, path, NULL), GF_CONFIG);
        file = fopen(path, "r+b");
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fclose(file);
    }
    assert_int_equal(gf_part_open(&part, path, NULL), GF_OK); /* all is as it was */
    gf_part_close(part);
    assert_int_equal(truncate(path, size.st_size - 1), 0);
    assert_int_equal(gf_part_open(&part, path, NULL), GF_CONFIG);
    assert_int_equal(gf_part_open(&part, in_folder("nowhere.h5"), NULL), GF_NO_INPUT);
    assert_int_equal(gf_part_open(&part, folder, NULL), GF_NO_INPUT);
}

/* --- the folder of parts --- */

static void test_parts_are_found_by_identity(void **state)
{
    gf_parts parts;
    char output[200];
    (void)state;
    snprintf(output, sizeof output, "%s", in_folder("run.h5"));
    assert_int_equal(gf_parts_find(&parts, output, 5, NULL), GF_OK);
    assert_int_equal(parts.n_found, 0);
    static const uint64_t ranges[][2] = {{512, 256}, {0, 256}, {256, 256}};
    for (int i = 0; i < 3; i++) {
        char *path = gf_parts_name(&parts, ranges[i][0], ranges[i][1], NULL);
        make_file(path);
        free(path);
    }
    parts.identity = 6;
    char *foreign = gf_parts_name(&parts, 0, 256, NULL),
         *stale = in_folder("run.h5.parts/.part-0-1-2.h5.host.17.tmp");
    make_file(foreign);
    make_file(stale);
    make_file(in_folder("run.h5.parts/notes.txt"));
    make_file(in_folder(".run.h5.elsewhere.17.tmp"));
    make_file(in_folder(".other.h5.elsewhere.17.tmp"));
    /* of another output that is being written, whose name begins with this one's */
    make_file(in_folder(".run.h5.new.host.17.tmp"));
    make_file(in_folder(".run.h5.new.lock"));
    gf_parts_clear(&parts);
    gf_parts_sweep(output);
    assert_int_equal(gf_parts_find(&parts, output, 5, NULL), GF_OK);
    assert_int_equal(parts.n_found, 3);
    assert_int_equal(parts.n_foreign, 1);
    for (uint64_t i = 0; i < 3; i++)
        assert_true(parts.found[i].first == 256 * i && parts.found[i].n == 256);
    assert_false(exists(in_folder("run.h5.parts/.part-0-1-2.h5.host.17.tmp")));
    assert_false(exists(in_folder(".run.h5.elsewhere.17.tmp")));
    assert_true(exists(in_folder(".other.h5.elsewhere.17.tmp")));
    assert_true(exists(in_folder(".run.h5.new.host.17.tmp")));
    remove(in_folder(".run.h5.new.lock"));
    gf_parts_sweep(output);
    assert_false(exists(in_folder(".run.h5.new.host.17.tmp")));
    gf_parts_remove(&parts, 0);
    assert_true(exists(foreign));
    gf_parts_remove(&parts, 1);
    assert_false(exists(foreign));
    assert_true(exists(in_folder("run.h5.parts/notes.txt"))); /* what is no part is not ours */
    free(foreign);
    gf_parts_clear(&parts);
}

/* --- the lock --- */

static void test_a_lock_dies_with_its_process(void **state)
{
    gf_lock lock;
    gf_error error = {GF_OK, ""};
    char output[200], byte = 0;
    int ready[2];
    (void)state;
    snprintf(output, sizeof output, "%s", in_folder("locked.h5"));
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        byte = gf_lock_take(&lock, output, NULL) == GF_OK ? 'y' : 'n';
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_int_equal(gf_lock_take(&lock, output, &error), GF_CREATE);
    char number[24];
    snprintf(number, sizeof number, "process %ld", (long)child);
    assert_non_null(strstr(error.message, number));
    gf_lock_drop(&lock);
    assert_true(exists(in_folder(".locked.h5.lock"))); /* it is the child's */
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(exists(in_folder(".locked.h5.lock")));
    assert_int_equal(gf_lock_take(&lock, output, NULL), GF_OK);
    assert_true(lock.is_real);
    gf_lock_drop(&lock);
    assert_false(exists(in_folder(".locked.h5.lock")));
    assert_int_equal(gf_lock_take(&lock, in_folder("nowhere/out.h5"), NULL), GF_CREATE);
    close(ready[0]);
    close(ready[1]);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shards_cover_a_run_without_gaps),
                                       cmocka_unit_test(test_shard_names),
                                       cmocka_unit_test(test_packed_sketches_add_up_to_the_whole),
                                       cmocka_unit_test(test_words_that_are_no_sketches_are_refused),
                                       cmocka_unit_test(test_a_part_reads_back),
                                       cmocka_unit_test(test_a_changed_part_is_refused),
                                       cmocka_unit_test(test_parts_are_found_by_identity),
                                       cmocka_unit_test(test_a_lock_dies_with_its_process)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
