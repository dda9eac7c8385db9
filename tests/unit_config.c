/* Configs: strict scalars, extends, overrides, canonical text, errors and where they point. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/config.h"
#include "io/config_bind.h"
#include "io/config_scalar.h"

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = path_of(name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* Reads a config that must be right. */
static void read_right(const char *text, int n, const char *const *overrides, gf_config *config)
{
    gf_error_list errors = {0};
    gf_status status = gf_config_read(write_file("main.yaml", text), n, overrides, config, &errors);
    gf_errors_print(&errors, stderr);
    assert_int_equal(status, GF_OK);
    assert_int_equal(errors.n, 0);
}

/* Reads a config whose only errors must be `expected`: "LINE:COLUMN part of the message" for each, in order.
 */
static void read_wrong(const char *text, int n_expected, const char *const *expected)
{
    gf_config config;
    gf_error_list errors = {0};
    assert_int_equal(gf_config_read(write_file("main.yaml", text), 0, NULL, &config, &errors), GF_CONFIG);
    gf_errors_print(&errors, stderr);
    assert_int_equal(errors.n, n_expected);
    for (int i = 0; i < n_expected; i++) {
        char place[32];
        const gf_config_error *error = &errors.errors[i];
        snprintf(place, sizeof place, "%d:%d ", error->line, error->column);
        assert_memory_equal(place, expected[i], strlen(place));
        assert_non_null(strstr(error->message, expected[i] + strlen(place)));
        assert_non_null(strstr(error->message, "expected"));
    }
    assert_null(config.text);
    gf_errors_clear(&errors);
}
#define READ_WRONG(text, ...)                                                                                \
    do {                                                                                                     \
        const char *const expected_[] = {__VA_ARGS__};                                                       \
        read_wrong(text, (int)(sizeof expected_ / sizeof *expected_), expected_);                            \
    } while (0)

static void doubles_are_strict(void **state)
{
    static const char *const right[] = {"0",  "-0.5", "+3",   "1e6", ".5",
                                        "5.", "1E-3", "0.44", "0e5", "-.5e+2"};
    static const char *const wrong[] = {
        "010",  "0.44x",          "1_000", "nan", ".nan", ".inf", "-inf", "1e",    "1e+",    "",     " 1",
        "1 ",   "0x10",           "1,5",   "--1", ".",    "-",    "e5",   "1e999", "1e-999", "00.5", "1.2.3",
        "true", "1e999999999999", "-010",  "~",   "+-1"};
    double value = 0;
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_null(gf_scalar_double(right[i], &value));
        assert_true(value == strtod(right[i], NULL));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(gf_scalar_double(wrong[i], &value));
}

static void integers_are_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } right[] = {{"0", 0},
                 {"-3", -3},
                 {"1e6", 1000000},
                 {"2.50e2", 250},
                 {"100.0", 100},
                 {"0.0", 0},
                 {"10e-1", 1},
                 {"1.5e1", 15},
                 {"0.001e3", 1},
                 {"120e-1", 12},
                 {"1e18", 1000000000000000000},
                 {"9007199254740993.0", 9007199254740993},
                 {"9223372036854775807", INT64_MAX},
                 {"0e99", 0}};
    static const char *const wrong[] = {"0.5",
                                        "1e-1",
                                        "9223372036854775808",
                                        "1e19",
                                        "0.99999999999999999999",
                                        "010",
                                        "12x",
                                        "1_000",
                                        "",
                                        "105e-1",
                                        "1e400",
                                        "0x10",
                                        "99999999999999999999999"};
    int64_t value = 0;
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_null(gf_scalar_int(right[i].text, &value));
        assert_true(value == right[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(gf_scalar_int(wrong[i], &value));
}

static void seeds_use_all_64_bits(void **state)
{
    static const char *const wrong[] = {
        "-1", "18446744073709551616", "0x1ffffffffffffffff", "010", "1e6", "", "0x", " 1", "+1", "7x"};
    uint64_t seed = 1;
    (void)state;
    assert_true(gf_seed_parse("0", &seed) && seed == 0);
    assert_true(gf_seed_parse("18446744073709551615", &seed) && seed == UINT64_MAX);
    assert_true(gf_seed_parse("0xFFFFffffFFFFffff", &seed) && seed == UINT64_MAX);
    assert_true(gf_seed_parse("0x0a", &seed) && seed == 10);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(gf_seed_parse(wrong[i], &seed));
}

static void a_small_config_gets_presets(void **state)
{
    gf_config config;
    (void)state;
    read_right("scenario: small\nmarket: {exit_loading: 0.5}\nportfolios: 1e6\n", 0, NULL, &config);
    assert_string_equal(config.scenario.name, "small");
    assert_true(config.scenario.market.exit_loading == 0.5 && config.scenario.market.persistence == 0.9);
    assert_true(config.scenario.portfolios == 1000000 && config.scenario.seed == GF_SEED_PRESET);
    assert_true(config.scenario.scene.n_quarters == 40 && config.scenario.n_models == 0);
    assert_string_equal(config.text,
                        "scenario: \"small\"\nportfolios: 1000000\nmarket:\n  exit_loading: 0.5\n");
    assert_true(config.hash == gf_text_hash(config.text));
    gf_config_clear(&config);
    gf_config_clear(&config);
}

static const char full[] = "scenario: 'quote \" and \\ back'\n"
                           "seed: 0xff\n"
                           "models: {spillover: {half_life_years: none}, incubation: {}}\n"
                           "startups:\n"
                           "  sectors: [{name: ai, weight: 0.25}, {weight: .75, name: bio, fail: 1e0}]\n"
                           "  breakout: {cap_multiple: none, min_multiple: 1e5}\n"
                           "  dilution: [.1, 1e-7, 0.2, .3]\n"
                           "portfolios: 1e6\n";
static const char shuffled[] =
    "portfolios: 1000000\n"
    "startups:\n"
    "  dilution: [0.1, 0.0000001, 0.20, 3e-1]\n"
    "  breakout:\n    min_multiple: 100000\n    cap_multiple: none\n"
    "  sectors:\n  - weight: 0.25\n    name: ai\n  - {fail: 1, weight: 0.75, name: bio}\n"
    "models:\n  incubation: {}\n  spillover:\n    half_life_years: none\n"
    "scenario: \"quote \\\" and \\\\ back\"\n"
    "seed: 255\n";

static void the_order_of_keys_changes_nothing(void **state)
{
    gf_config a, b, c;
    (void)state;
    read_right(full, 0, NULL, &a);
    read_right(shuffled, 0, NULL, &b);
    assert_string_equal(a.text, b.text);
    assert_true(a.hash == b.hash);
    assert_int_equal(a.scenario.n_models, 2);
    assert_string_equal(a.scenario.models[0].model->name, b.scenario.models[0].model->name);
    read_right(a.text, 0, NULL, &c); /* canonical text reads back as itself */
    assert_string_equal(a.text, c.text);
    assert_string_equal(c.scenario.name, "quote \" and \\ back");
    assert_true(isinf(c.scenario.startups.breakout.cap_multiple) && c.scenario.startups.sectors[1].fail == 1);
    gf_config_clear(&a);
    gf_config_clear(&b);
    gf_config_clear(&c);
}

static void another_value_changes_text_and_hash(void **state)
{
    static const char *const other[] = {"startups.dilution[3]=0.31"};
    gf_config a, b;
    (void)state;
    read_right(full, 0, NULL, &a);
    read_right(full, 1, other, &b);
    assert_string_not_equal(a.text, b.text);
    assert_true(a.hash != b.hash);
    gf_config_clear(&a);
    gf_config_clear(&b);
}

static void extends_merges_key_by_key(void **state)
{
    gf_config config;
    (void)state;
    write_file("base.yaml",
               "scenario: base\nmarket: {persistence: 0.8, exit_loading: 0.1}\n"
               "models: {spillover: {}, incubation: {}}\nstartups: {dilution: [0.1, 0.1, 0.1, 0.1]}\n");
    write_file("middle.yaml", "extends: base.yaml\nmarket: {exit_loading: 0.2, index_correlation: 0.3}\n");
    read_right("extends: middle.yaml\nscenario: derived\nmarket: {exit_loading: 0.3}\n"
               "models: {incubation: false}\nstartups: {dilution: [0.2, 0.2, 0.2, 0.2]}\n",
               0, NULL, &config);
    assert_string_equal(config.text,
                        "scenario: \"derived\"\nmarket:\n  persistence: 0.8\n  exit_loading: 0.3\n"
                        "  index_correlation: 0.3\nstartups:\n  dilution: [0.2, 0.2, 0.2, 0.2]\n"
                        "models:\n  spillover: {}\n");
    gf_config_clear(&config);
}

static void errors_of_a_base_point_into_it(void **state)
{
    gf_config config;
    gf_error_list errors = {0};
    (void)state;
    write_file("base.yaml", "scenario: base\nmarket:\n  persistence: 7\n  exit_loading: 9\n");
    const char *path =
        write_file("main.yaml", "extends: base.yaml\nmarket: {exit_loading: x, persistenc: 1}\n");
    assert_int_equal(gf_config_read(path, 0, NULL, &config, &errors), GF_CONFIG);
    assert_int_equal(errors.n, 3);
    assert_string_equal(errors.errors[0].file, path);
    assert_int_equal(errors.errors[0].line, 2);
    assert_int_equal(errors.errors[0].column, 24);
    assert_non_null(strstr(errors.errors[1].message, "did you mean 'persistence'?"));
    assert_string_equal(errors.errors[2].file, path_of("base.yaml"));
    assert_int_equal(errors.errors[2].line, 3);
    assert_int_equal(errors.errors[2].column, 16);
    gf_errors_clear(&errors);
}

static void cycles_and_missing_bases_are_refused(void **state)
{
    gf_config config;
    gf_error_list errors = {0};
    (void)state;
    write_file("loop.yaml", "extends: main.yaml\n");
    READ_WRONG("scenario: a\nextends: loop.yaml\n", "1:10 extends itself");
    READ_WRONG("scenario: a\nextends: main.yaml\n", "2:10 extends itself");
    READ_WRONG("scenario: a\nextends: [a, b]\n", "2:10 not a file name");
    const char *path = write_file("main.yaml", "scenario: a\nextends: nowhere.yaml\n");
    assert_int_equal(gf_config_read(path, 0, NULL, &config, &errors), GF_NO_INPUT);
    assert_int_equal(errors.errors[0].line, 2);
    assert_non_null(strstr(errors.errors[0].message, "nowhere.yaml': No such file"));
    gf_errors_clear(&errors);
}

static void overrides_replace_and_append(void **state)
{
    static const char *const overrides[] = {"programme.terms.carry=0.1",
                                            "programme.terms.carry=0.25",
                                            "startups.sectors[1]={name: bio, weight: 0.25}",
                                            "startups.sectors[0].weight=0.75",
                                            "models.spillover={half_life_years: 2}",
                                            "models.incubation=false",
                                            "--seed=0",
                                            "--portfolios=1e3"};
    gf_config config;
    (void)state;
    read_right("scenario: s\nstartups: {sectors: [{name: ai, weight: 1}]}\nmodels: {incubation: {}}\n", 8,
               overrides, &config);
    assert_true(config.scenario.programme.terms.carry == 0.25);
    assert_true(config.scenario.startups.n_sectors == 2 &&
                config.scenario.startups.sectors[0].weight == 0.75);
    assert_string_equal(config.scenario.startups.sectors[1].name, "bio");
    assert_int_equal(config.scenario.n_models, 1);
    assert_string_equal(config.scenario.models[0].model->name, "spillover");
    assert_true(config.scenario.seed == 0 && config.scenario.portfolios == 1000);
    gf_config_clear(&config);
}

static void wrong_overrides_name_their_key(void **state)
{
    static const char *const overrides[] = {"market.persistence=2",
                                            "startups.dilution[0]=0.1",
                                            "no_value=",
                                            "plain",
                                            "a..b=1",
                                            "market.exit_loading=[",
                                            "extends=x.yaml",
                                            "--seed=seven",
                                            "scenario.deep=1",
                                            "market.index_correlation=*a"};
    static const char *const parts[] = {"persistence: '2' is out of range",
                                        "no place for '0'",
                                        "not an assignment",
                                        "not an assignment",
                                        "no place for ''",
                                        "not YAML",
                                        "cannot be set here",
                                        "'seven' is not a seed",
                                        "no place for 'deep'",
                                        "aliases are not supported"};
    gf_config config;
    gf_error_list errors = {0};
    (void)state;
    const char *path = write_file("main.yaml", "scenario: s\n");
    assert_int_equal(gf_config_read(path, 10, overrides, &config, &errors), GF_CONFIG);
    gf_errors_print(&errors, stderr);
    assert_int_equal(errors.n, 10);
    for (size_t i = 0; i < errors.n; i++) {
        int is_option = strncmp(overrides[i], "--", 2) == 0;
        assert_memory_equal(errors.errors[i].file, is_option ? "--seed" : "--set: ", 6);
        assert_string_equal(errors.errors[i].file + (is_option ? 0 : 7), overrides[i]);
        assert_non_null(strstr(errors.errors[i].message, parts[i]));
        assert_int_equal(errors.errors[i].line, 0);
    }
    gf_errors_clear(&errors);
}

static void all_errors_come_at_once_and_in_order(void **state)
{
    (void)state;
    READ_WRONG("scenario: s\nstartups:\n  count: 010\n  dilution: [0.1, .nan, 0.1]\n  lifecycle: stagd\n"
               "market:\n  persistance: 0.5\n  exit_loading: 0.44x\n  index_correlation: \"0.5\"\n"
               "horizon_years: 1_0\nportfolios: 1.5\noutput: 3\nmodels: {spilover: {}, incubation: yes}\n",
               "3:10 startups.count: '010' has a leading zero", "4:13 is a list of 3",
               "5:14 did you mean 'staged'?", "7:3 did you mean 'persistence'?",
               "8:17 '0.44x' is not a number", "9:22 is text in quotes", "10:16 has an underscore",
               "11:13 '1.5' is not an integer", "12:9 output: '3' is not a mapping",
               "13:10 did you mean 'spillover'?", "13:36 models.incubation: is not a mapping");
}

static void checks_across_keys_point_at_their_key(void **state)
{
    (void)state;
    READ_WRONG("scenario: s\nprogramme:\n  terms:\n    carry: 0.2\n    catch_up: 0.1\n",
               "5:15 programme.terms.catch_up: ");
    READ_WRONG("scenario: s\nstartups:\n  entry: {stage_weights: [0.5, 0, 0, 0, 0]}\n",
               "3:11 startups.entry.stage_weights: ");
    /* catch_up itself is a preset: its nearest parent is shown */
    READ_WRONG("scenario: s\nprogramme: {terms: {carry: 0.5}, fiscal_share: 1, manager_share: 0.1}\n",
               "2:48 programme.fiscal_share: ");
    READ_WRONG("scenario: s\nmarket: {persistence: x}\nprogramme: {terms: {catch_up: 0.1}}\n",
               "2:23 market.persistence", "3:31 programme.terms.catch_up");
}

static void hostile_structure_is_refused(void **state)
{
    char deep[300] = "scenario: ";
    (void)state;
    memset(deep + 10, '[', 100);
    READ_WRONG(deep, "1:42 nested too deeply");
    READ_WRONG("", "1:1 empty");
    READ_WRONG("# only a comment\n", "1:1 empty");
    READ_WRONG("- a\n- b\n", "1:1 the file holds a list");
    READ_WRONG("just words\n", "1:1 the file holds a single value");
    READ_WRONG("scenario: a\n---\nscenario: b\n", "2:1 a second document");
    READ_WRONG("scenario: &x a\nmarket: *x\n", "2:9 aliases are not supported");
    READ_WRONG("scenario: !!str a\n", "1:11 tags are not supported");
    READ_WRONG("scenario: a\nscenario: b\n", "2:1 duplicate key 'scenario', first on line 1");
    READ_WRONG("scenario: a\n[1, 2]: b\n", "2:1 the key is a list");
    READ_WRONG("scenario: a\n\tmarket: b\n", "2:1 not YAML");
    READ_WRONG("scenario: a\nmarket: {persistence: 0.5\n", "3:1 not YAML");
    READ_WRONG("scenario: \"a\\0b\"\n", "1:11 zero character");
    READ_WRONG("scenario: \"a\\nb\"\n", "1:11 control character");
    READ_WRONG("scenario: caf\xe9\n", "1:14 byte 0xe9 is not text");
    READ_WRONG("portfolios: 5\n", "1:1 missing key 'scenario'");
    READ_WRONG("scenario:\nmarket:\n", "1:10 scenario: is empty", "2:8 market: is empty");
    READ_WRONG("scenario: s\nstartups: {sectors: [{weight: 1}, 3]}\n", "2:22 missing key 'name'",
               "2:35 is not a mapping");
}

static void a_flood_of_errors_is_bounded(void **state)
{
    gf_config config;
    gf_error_list errors = {0};
    (void)state;
    FILE *out = fopen(path_of("flood.yaml"), "w");
    assert_non_null(out);
    for (int i = 0; i < 3000; i++)
        fprintf(out, "[%d]: 1\n", i);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(gf_config_read(path_of("flood.yaml"), 0, NULL, &config, &errors), GF_CONFIG);
    assert_int_equal(errors.n, GF_CONFIG_MAX_ERRORS);
    assert_true(errors.n_left_out >= 2000);
    gf_errors_clear(&errors);
}

/* Rows of every kind, with and without bounds, units and words for "none". */
static void what_is_expected_is_said_in_words(void **state)
{
    static const struct {
        gf_param row;
        const char *words;
    } cases[] = {
        {{.kind = GF_DOUBLE, .min = 0, .max = 0.5, .unit = "1/year"}, "a number from 0 to 0.5 (1/year)"},
        {{.kind = GF_DOUBLE, .min = 0.25, .max = INFINITY, .unit = "1"}, "a number of at least 0.25"},
        {{.kind = GF_DOUBLE, .min = -INFINITY, .max = 7, .unit = "year", .has_none = 1},
         "a number of at most 7 (year) or none"},
        {{.kind = GF_DOUBLE, .min = -INFINITY, .max = INFINITY, .unit = ""}, "a number"},
        {{.kind = GF_DOUBLE, .min = -INFINITY, .max = INFINITY}, "a number"},
        {{.kind = GF_INT, .min = 1, .max = 4096, .unit = "threads"}, "an integer from 1 to 4096 (threads)"},
        {{.kind = GF_INT, .min = 1, .max = INFINITY, .unit = ""}, "an integer of at least 1"},
        {{.kind = GF_BOOL, .min = 0, .max = 1}, "true or false"},
        {{.kind = GF_CHOICE, .choices = "plain"}, "the word plain"},
        {{.kind = GF_CHOICE, .choices = "plain|json|none"}, "one of plain, json, none"},
        {{.kind = GF_SET, .choices = "a|b"}, "the word all, or a list, each one of a, b"},
        {{.kind = GF_TEXT}, "text of 1 to 63 bytes"},
        {{.kind = GF_TEXT, .max_count = 300}, "text of 1 to 299 bytes"},
        {{.kind = GF_DOUBLES, .min = 0, .max = INFINITY, .max_count = 9},
         "a list of at most 9 numbers of at least 0"},
        {{.kind = GF_DOUBLES, .min = 0, .max = 1, .max_count = 4, .fixed_count = 4},
         "a list of 4 numbers from 0 to 1"},
        {{.kind = GF_TABLE, .max_count = 16}, "a list of at most 16 mappings"},
        {{.kind = GF_GROUP}, "a mapping of keys"},
    };
    char words[160], few[24];
    (void)state;
    assert_int_equal(GF_TEXT_SIZE, 64);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(gf_param_expectation(&cases[i].row, words, sizeof words), cases[i].words);
    const gf_param many = {.kind = GF_CHOICE, .choices = "first|second|third|fourth"};
    assert_string_equal(gf_param_expectation(&many, few, sizeof few), "one of first, …");
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/gf_unit_config_XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"main.yaml", "base.yaml", "middle.yaml", "loop.yaml", "flood.yaml"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_strict),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(seeds_use_all_64_bits),
        cmocka_unit_test(a_small_config_gets_presets),
        cmocka_unit_test(the_order_of_keys_changes_nothing),
        cmocka_unit_test(another_value_changes_text_and_hash),
        cmocka_unit_test(extends_merges_key_by_key),
        cmocka_unit_test(errors_of_a_base_point_into_it),
        cmocka_unit_test(cycles_and_missing_bases_are_refused),
        cmocka_unit_test(overrides_replace_and_append),
        cmocka_unit_test(wrong_overrides_name_their_key),
        cmocka_unit_test(all_errors_come_at_once_and_in_order),
        cmocka_unit_test(checks_across_keys_point_at_their_key),
        cmocka_unit_test(hostile_structure_is_refused),
        cmocka_unit_test(a_flood_of_errors_is_bounded),
        cmocka_unit_test(what_is_expected_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
