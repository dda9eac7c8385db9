/* Parameter rows: presets, neutral values, look-up, suggestions; numbers and words as text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/param.h"
#include "base/text.h"

typedef struct phase {
    int64_t year;
    double level;
} phase;
typedef struct sample {
    double rate;
    int64_t count, is_on, rule;
    uint64_t rules;
    char name[GF_TEXT_SIZE];
    double fixed[3], free_list[4];
    int64_t n_free;
    struct {
        double deep;
    } group;
    int64_t n_phases;
    phase phases[2];
} sample;

static const gf_param phase_rows[] = {
    {GF_ROW(GF_INT, phase, "year", year), .preset = 1980, .neutral = NAN},
    {GF_ROW(GF_DOUBLE, phase, "level", level), .preset = 2, .neutral = 0},
    GF_ROW_END,
};
static const gf_param group_rows[] = {
    {.name = "deep", .kind = GF_DOUBLE, .offset = 0, .preset = 7, .neutral = 1},
    GF_ROW_END,
};
static const double fixed_presets[] = {1, 2, 3};
static const double free_presets[] = {0.1, 0.9, NAN};
static const gf_param rows[] = {
    {GF_ROW(GF_DOUBLE, sample, "rate_per_year", rate), .preset = 0.25, .neutral = 0},
    {GF_ROW(GF_INT, sample, "count", count), .preset = 100, .neutral = NAN},
    {GF_ROW(GF_BOOL, sample, "is_on", is_on), .preset = 1, .neutral = 0},
    {GF_ROW(GF_CHOICE, sample, "rule", rule), .preset = 2, .choices = "none|pro_rata|winners", .neutral = 0},
    {GF_ROW(GF_SET, sample, "rules", rules), .choices = "none|pro_rata|winners", .neutral = NAN},
    {GF_ROW(GF_TEXT, sample, "name", name)},
    {GF_ROW(GF_DOUBLES, sample, "fixed", fixed), .presets = fixed_presets, .fixed_count = 3, .neutral = 1},
    {GF_ROW(GF_DOUBLES, sample, "free_list", free_list), .presets = free_presets, .max_count = 4,
     .count_offset = offsetof(sample, n_free), .neutral = NAN},
    {GF_ROW(GF_GROUP, sample, "group", group), .rows = group_rows},
    {GF_ROW(GF_TABLE, sample, "phases", phases), .rows = phase_rows, .row_size = sizeof(phase),
     .max_count = 2, .count_offset = offsetof(sample, n_phases), .neutral = 0},
    GF_ROW_END,
};

static void presets_fill_every_kind(void **state)
{
    sample s = {.n_phases = 2, .name = "x"};
    (void)state;
    gf_params_preset(rows, &s);
    assert_true(s.rate == 0.25 && s.count == 100 && s.is_on == 1 && s.rule == 2);
    assert_int_equal(s.rules, 7);
    assert_string_equal(s.name, "");
    assert_true(s.fixed[0] == 1 && s.fixed[1] == 2 && s.fixed[2] == 3);
    assert_int_equal(s.n_free, 2);
    assert_true(s.free_list[0] == 0.1 && s.free_list[1] == 0.9);
    assert_true(s.group.deep == 7);
    assert_int_equal(s.n_phases, 0);
}

static void neutral_values_replace_only_what_has_one(void **state)
{
    sample s = {0};
    (void)state;
    gf_params_preset(rows, &s);
    s.n_phases = 1;
    s.rules = 2;
    gf_params_neutralise(rows, &s);
    assert_true(s.rate == 0 && s.count == 100 && s.is_on == 0 && s.rule == 0 && s.rules == 2);
    assert_true(s.fixed[0] == 1 && s.fixed[2] == 1 && s.group.deep == 1);
    assert_int_equal(s.n_free, 2);
    assert_true(s.free_list[1] == 0.9);
    assert_int_equal(s.n_phases, 0);
}

static void rows_are_found_by_name_and_by_likeness(void **state)
{
    (void)state;
    assert_ptr_equal(gf_params_find(rows, "count"), &rows[1]);
    assert_null(gf_params_find(rows, "coun"));
    assert_string_equal(gf_params_nearest(rows, "coutn"), "count");
    assert_string_equal(gf_params_nearest(rows, "rate_pre_yaer"), "rate_per_year");
    assert_null(gf_params_nearest(rows, "horizon"));
    assert_null(gf_params_nearest(rows, ""));
}

static void choices_are_words_between_bars(void **state)
{
    char word[16], tiny[4];
    (void)state;
    assert_int_equal(gf_choice_index("none|pro_rata|winners", "none"), 0);
    assert_int_equal(gf_choice_index("none|pro_rata|winners", "winners"), 2);
    assert_int_equal(gf_choice_index("none|pro_rata|winners", "win"), -1);
    assert_int_equal(gf_choice_index("none|pro_rata|winners", ""), -1);
    assert_int_equal(gf_choice_index("none|pro_rata|winners", "none|pro_rata"), -1);
    assert_string_equal(gf_choice_word("none|pro_rata|winners", 1, word, sizeof word), "pro_rata");
    assert_string_equal(gf_choice_word("none|pro_rata|winners", 3, word, sizeof word), "");
    assert_string_equal(gf_choice_word("none|pro_rata", 1, tiny, sizeof tiny), "pro");
    assert_int_equal(gf_choice_count("none|pro_rata|winners"), 3);
    assert_int_equal(gf_choice_count("none"), 1);
}

static void a_set_of_all_has_a_bit_for_every_word(void **state)
{
    (void)state;
    assert_int_equal(gf_set_of_all("none"), 1);
    assert_int_equal(gf_set_of_all("none|pro_rata|winners"), 7);
    char most[2 * 64] = "a";
    for (int i = 1; i < 64; i++)
        memcpy(most + 2 * i - 1, "|a", 3);
    assert_int_equal(gf_set_of_all(most), UINT64_MAX);
}

static void edit_distance_counts_swaps_once(void **state)
{
    char longer[100];
    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(gf_edit_distance("beta", "bteta"), 1);
    assert_int_equal(gf_edit_distance("beta", "btea"), 1);
    assert_int_equal(gf_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(gf_edit_distance("", "abc"), 3);
    assert_int_equal(gf_edit_distance("same", "same"), 0);
    assert_int_equal(gf_edit_distance(longer, "a"), INT_MAX);
}

static void numbers_read_back_as_the_same_bits(void **state)
{
    static const double values[] = {0.1,   1e6,    1.0 / 3, 5e-324,   1.7976931348623157e308, -0.0,
                                    0.075, 123456, 1e22,    INFINITY, 2.2250738585072014e-308};
    char number[GF_NUMBER_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double again = strtod(gf_format_double(values[i], number), NULL);
        assert_memory_equal(&again, &values[i], sizeof again);
    }
    assert_string_equal(gf_format_double(0.1, number), "0.1");
    assert_string_equal(gf_format_double(NAN, number), "nan");
}

static void utf8_is_checked_strictly(void **state)
{
    (void)state;
    assert_int_equal(gf_utf8_valid_size("a\xc3\xa9\xe5\xb8\x82\xf0\x9f\x98\x80", 10), 10);
    assert_int_equal(gf_utf8_valid_size("ab\xff", 3), 2);
    assert_int_equal(gf_utf8_valid_size("a\xc0\xaf", 3), 1);    /* overlong */
    assert_int_equal(gf_utf8_valid_size("\xed\xa0\x80", 3), 0); /* surrogate */
    assert_int_equal(gf_utf8_valid_size("\xe5\xb8", 2), 0);     /* cut off */
    assert_int_equal(gf_utf8_valid_size("\xf4\x90\x80\x80", 4), 0);
    assert_int_equal(gf_utf8_valid_size("\x80", 1), 0);
}

static void hash_is_fnv_1a(void **state)
{
    (void)state;
    /* test vectors of the draft by Fowler, Noll, Vo, Eastlake */
    assert_true(gf_text_hash("") == 0xcbf29ce484222325u);
    assert_true(gf_text_hash("a") == 0xaf63dc4c8601ec8cu);
    assert_true(gf_text_hash("foobar") == 0x85944171f73967e8u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_fill_every_kind),
        cmocka_unit_test(neutral_values_replace_only_what_has_one),
        cmocka_unit_test(rows_are_found_by_name_and_by_likeness),
        cmocka_unit_test(choices_are_words_between_bars),
        cmocka_unit_test(a_set_of_all_has_a_bit_for_every_word),
        cmocka_unit_test(edit_distance_counts_swaps_once),
        cmocka_unit_test(numbers_read_back_as_the_same_bits),
        cmocka_unit_test(utf8_is_checked_strictly),
        cmocka_unit_test(hash_is_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
