/* What a merge says of sets that only another program, another version or somebody in between can have made;
 * the rest of its refusals is in contract_merge.sh. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/part.h"
#include "run/merge.h"
#include "run/record.h"
#include "run/record_collection.h"

enum { PORTFOLIOS = 2000, SHARDS = 3 };

static char folder[] = "/tmp/guidefund-merge-XXXXXX";
static gf_config config;
static char shard_path[SHARDS][64], target[64], other[64], spare[64];

/* --- a run in three shards --- */

static void read_text(const char *text)
{
    gf_error_list errors = {0};
    const gf_status status = gf_config_read_text(text, "merge.yaml", &config, &errors);
    gf_errors_print(&errors, stderr);
    assert_int_equal(status, GF_OK);
}

static void run_shard(int k, const char *path)
{
    gf_record record;
    gf_error error = {GF_OK, ""};
    const gf_record_options options = {.path = path,
                                       .run = {.threads = 1, .isa = gf_isa_detect()},
                                       .shard = {k, SHARDS},
                                       .part_seconds = 60};
    assert_int_equal(gf_record_run(&config, &options, &record, &error), GF_OK);
    gf_summary_clear(&record.summary);
}

static int make_shards(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(target, sizeof target, "%s/run.h5", folder);
    snprintf(other, sizeof other, "%s/other.h5", folder);
    snprintf(spare, sizeof spare, "%s/spare.h5", folder);
    read_text("scenario: merge\nportfolios: 2000\nseed: 3\nhorizon_years: 4\nstartups: {count: 3}\n"
              "output: {quarters_of: 100, startups_of: 10}\n");
    for (int k = 1; k <= SHARDS; k++) {
        snprintf(shard_path[k - 1], sizeof shard_path[0], "%s/s%d.h5", folder, k);
        run_shard(k, shard_path[k - 1]);
    }
    return 0;
}

static int remove_shards(void **state)
{
    (void)state;
    for (int k = 0; k < SHARDS; k++)
        unlink(shard_path[k]);
    gf_config_clear(&config);
    return rmdir(folder); /* nothing else is left */
}

/* What shard k says of itself, for parts without contents that say nearly the same. */
static gf_part_info info_of(int k, gf_part **part)
{
    assert_int_equal(gf_part_open(part, shard_path[k - 1], NULL), GF_OK);
    gf_part_info info = *gf_part_about(*part);
    memset(info.rows, 0, sizeof info.rows);
    memset(info.portfolios, 0, sizeof info.portfolios);
    return info;
}

static void write_empty(const char *path, const gf_part_info *info)
{
    gf_part *part;
    const int64_t words[] = {0};
    assert_int_equal(gf_part_create(&part, path, info, NULL), GF_OK);
    assert_int_equal(gf_part_write_words(part, GF_PART_SKETCHES, words, 1, NULL), GF_OK);
    assert_int_equal(gf_part_commit(part, NULL), GF_OK);
}

/* --- a merge, and what it says --- */

typedef struct report {
    char problems[2000];
    int n_problems, n_told;
    void (*meanwhile)(void); /* once, at the first problem or the first progress */
} report;

static void meanwhile(report *r)
{
    if (r->meanwhile != NULL)
        r->meanwhile();
    r->meanwhile = NULL;
}

static void take_problem(void *context, const char *text)
{
    report *r = context;
    const size_t n = strlen(r->problems);
    snprintf(r->problems + n, sizeof r->problems - n, "%s\n", text);
    r->n_problems++;
    meanwhile(r);
}

static void take_progress(void *context, uint64_t done, uint64_t total)
{
    report *r = context;
    assert_true(done <= total && total == PORTFOLIOS);
    r->n_told++;
    meanwhile(r);
}

static gf_status merge(int n, const char *const *parts, report *r, gf_error *error)
{
    gf_merge result;
    const gf_merge_options options = {.path = target,
                                      .parts = parts,
                                      .n_parts = n,
                                      .progress = take_progress,
                                      .problem = take_problem,
                                      .context = r};
    const gf_status status = gf_merge_run(&options, &result, error);
    assert_int_equal(access(target, F_OK), status == GF_OK ? 0 : -1);
    assert_int_equal(result.n_portfolios, status == GF_OK ? PORTFOLIOS : 0);
    gf_merge_clear(&result);
    unlink(target);
    return status;
}

static void assert_says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("'%s' does not say '%s'", text, words);
}

#define THREE                                                                                                \
    (const char *const[])                                                                                    \
    {                                                                                                        \
        shard_path[0], shard_path[1], shard_path[2]                                                          \
    }

static void the_whole_set_is_merged(void **state)
{
    report r = {.n_problems = 0};
    gf_error error = {GF_OK, ""};
    (void)state;
    assert_int_equal(merge(3, THREE, &r, &error), GF_OK);
    assert_true(r.n_problems == 0 && r.n_told == 3);
}

/* --- other versions --- */

static void parts_of_another_version_are_refused(void **state)
{
    static const char *const texts[] = {"scenario: of a later version\nnew_key: 1\n", "no config at all",
                                        "scenario: merge\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        report r = {.n_problems = 0};
        gf_error error = {GF_OK, ""};
        gf_part *part;
        gf_part_info info = info_of(1, &part);
        info.config_text = texts[i];
        info.program_version = "9.9";
        info.revision = "abcdef";
        write_empty(other, &info);
        gf_part_close(part);
        assert_int_equal(merge(1, (const char *const[]){other}, &r, &error), GF_CONFIG);
        assert_says(error.message, "/other.h5: written by guidefund 9.9 (abcdef), this is ");
        assert_says(error.message, "parts of another version are not put together");
        assert_true(r.n_problems == 0 && r.n_told == 0);
        unlink(other);
    }
}

/* Seed, size and config are those of the set, and yet it is another run. */
static void a_foreign_part_of_another_version(void **state)
{
    report r = {.n_problems = 0};
    gf_error error = {GF_OK, ""};
    gf_part *part;
    gf_part_info info = info_of(2, &part);
    (void)state;
    info.identity++;
    info.program_version = "9.9";
    info.revision = "abcdef";
    write_empty(other, &info);
    gf_part_close(part);
    assert_int_equal(
        merge(4, (const char *const[]){shard_path[0], shard_path[1], other, shard_path[2]}, &r, &error),
        GF_CONFIG);
    assert_int_equal(r.n_problems, 1);
    assert_says(r.problems, "/other.h5: foreign: written by guidefund 9.9 (abcdef), the other parts by ");
    assert_says(error.message, "1 problem with the parts of ");
    unlink(other);
}

/* --- gaps --- */

/* Parts that are no shards, or end where no shard does: a gap is told by portfolios. */
static void gaps_without_shards(void **state)
{
    report r = {.n_problems = 0};
    gf_error error = {GF_OK, ""};
    gf_part *part;
    gf_part_info info = info_of(1, &part);
    (void)state;
    info.shard = info.n_shards = 0;
    info.first_portfolio = 10;
    info.n_portfolios = 90;
    write_empty(other, &info);
    info.first_portfolio = 150;
    info.n_portfolios = 50;
    write_empty(spare, &info);
    gf_part_close(part);
    assert_int_equal(merge(2, (const char *const[]){spare, other}, &r, &error), GF_CONFIG);
    assert_string_equal(r.problems, "missing: portfolios 0 to 9\nmissing: portfolios 100 to 149\n"
                                    "missing: portfolios 200 to 1999\n");
    assert_says(error.message, "3 problems with the parts of ");
    unlink(other);
    unlink(spare);
}

/* --- changes while it looks --- */

static void remove_other(void)
{
    assert_int_equal(unlink(other), 0);
}

/* Both are foreign; the second is gone when it is asked in what it differs. */
static void a_part_that_is_gone_when_it_is_named(void **state)
{
    report r = {.n_problems = 0, .meanwhile = remove_other};
    gf_error error = {GF_OK, ""};
    gf_part *part;
    gf_part_info info = info_of(2, &part);
    (void)state;
    info.identity++;
    info.seed = 4;
    write_empty(spare, &info);
    write_empty(other, &info);
    gf_part_close(part);
    assert_int_equal(merge(5,
                           (const char *const[]){shard_path[0], spare, other, shard_path[1], shard_path[2]},
                           &r, &error),
                     GF_CONFIG);
    assert_int_equal(r.n_problems, 2);
    assert_says(r.problems, "/spare.h5: foreign: seed 4, the other parts have 3\n");
    assert_says(r.problems, "/other.h5: changed while it was looked at\n");
    unlink(spare);
}

static void swap_last(void)
{
    gf_part *part;
    gf_part_info info = info_of(1, &part);
    assert_int_equal(rename(shard_path[2], spare), 0);
    write_empty(shard_path[2], &info);
    gf_part_close(part);
}

static void remove_last(void)
{
    assert_int_equal(rename(shard_path[2], spare), 0);
}

/* After the first part was taken the last one is another, or gone. */
static void a_part_that_changes_while_it_is_merged(void **state)
{
    report swapped = {.meanwhile = swap_last}, removed = {.meanwhile = remove_last}, again = {.n_told = 0};
    gf_error error = {GF_OK, ""};
    (void)state;
    assert_int_equal(merge(3, THREE, &swapped, &error), GF_CONFIG);
    assert_says(error.message, "/s3.h5: changed while it was merged");
    assert_true(swapped.n_problems == 0 && swapped.n_told == 3);
    assert_int_equal(rename(spare, shard_path[2]), 0);
    assert_int_equal(merge(3, THREE, &removed, &error), GF_NO_INPUT);
    assert_says(error.message, "/s3.h5: No such file");
    assert_int_equal(rename(spare, shard_path[2]), 0);
    assert_int_equal(merge(3, THREE, &again, &error), GF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_set_is_merged),
        cmocka_unit_test(parts_of_another_version_are_refused),
        cmocka_unit_test(a_foreign_part_of_another_version),
        cmocka_unit_test(gaps_without_shards),
        cmocka_unit_test(a_part_that_is_gone_when_it_is_named),
        cmocka_unit_test(a_part_that_changes_while_it_is_merged),
    };
    return cmocka_run_group_tests(tests, make_shards, remove_shards);
}
