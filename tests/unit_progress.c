/* Progress on stderr: what is printed in each mode, and when. The clock of a progress is set back instead of
 * waiting. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>

#include "cli/progress.c" /* the program's own files are in no library */

/* --- what it needs of the program, and stderr --- */

static char complaint[200];

error_t gf_cli_wrong(const struct argp_state *state, const char *format, ...)
{
    va_list arguments;
    (void)state;
    va_start(arguments, format);
    vsnprintf(complaint, sizeof complaint, format, arguments);
    va_end(arguments);
    return EINVAL;
}

static int real_stderr;

/* stderr goes to a file, or a terminal. */
static void begin_catch(int file)
{
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    assert_true(file >= 0 && real_stderr >= 0 && dup2(file, STDERR_FILENO) >= 0);
}

static void end_catch(void)
{
    fflush(stderr);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
}

/* What is printed when `done` are told so many seconds after the beginning, and after the last line; valid
 * until the next call. */
static const char *told(gf_progress *p, double since_start, double since_last, uint64_t done, uint64_t total)
{
    static char text[400];
    char path[] = "/tmp/guidefund-progress-XXXXXX";
    const int file = mkstemp(path);
    begin_catch(file);
    p->started = now() - since_start;
    p->last = now() - since_last;
    gf_progress_tell(p, done, total);
    gf_progress_end(p);
    end_catch();
    const ssize_t n = pread(file, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    close(file);
    unlink(path);
    return text;
}

/* --- */

static void modes_have_names(void **state)
{
    static const char *const words[] = {"auto", "plain", "json", "none"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        gf_progress_mode mode = GF_PROGRESS_LIVE;
        assert_int_equal(gf_cli_parse_progress(NULL, words[i], &mode), 0);
        assert_int_equal(mode, i);
    }
    static const char *const wrong[] = {"", "live", "Plain", "jso", "json "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char expected[100];
        gf_progress_mode mode = GF_PROGRESS_JSON;
        snprintf(expected, sizeof expected, "--progress %s; expected auto, plain, json or none", wrong[i]);
        assert_int_equal(gf_cli_parse_progress(NULL, wrong[i], &mode), EINVAL);
        assert_string_equal(complaint, expected);
        assert_int_equal(mode, GF_PROGRESS_JSON);
    }
}

static gf_progress begun(gf_progress_mode mode)
{
    gf_progress p;
    gf_progress_begin(&p, mode, "portfolios");
    assert_string_equal(told(&p, 0, 0, 1000, 9000), ""); /* too early, and what was there before */
    return p;
}

/* 2000 of 8000 in 20 seconds: 100 a second, a minute to go. */
static void plain_lines(void **state)
{
    gf_progress p = begun(GF_PROGRESS_PLAIN);
    (void)state;
    assert_string_equal(told(&p, 9.9, 9.9, 2000, 9000), "");
    assert_string_equal(told(&p, 20, 10.1, 3000, 9000),
                        " 33.3%  3000 of 9000 portfolios, 100 a second, 1:00 to go\n");
    assert_string_equal(told(&p, 20.1, 0.1, 3000, 9000), "");
    assert_string_equal(told(&p, 200, 179.9, 4000, 9000),
                        " 44.4%  4000 of 9000 portfolios, 15 a second, 5:33 to go\n");
    assert_string_equal(told(&p, 30100, 29900, 4000, 9000),
                        " 44.4%  4000 of 9000 portfolios, 0.0997 a second, 13:56:07 to go\n");
}

static void a_line_that_rewrites_itself(void **state)
{
    gf_progress p = begun(GF_PROGRESS_LIVE);
    (void)state;
    assert_string_equal(told(&p, 0.1, 0.1, 2000, 9000), "");
    assert_string_equal(told(&p, 20, 0.3, 3000, 9000),
                        "\r 33.3%  3000 of 9000 portfolios, 100 a second, 1:00 to go\033[K\r\033[K");
    assert_false(p.is_line_open);
}

static double number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

/* One object a line, with numbers that JSON knows, also when nothing is done yet and no time has passed. */
static void lines_of_json(void **state)
{
    gf_progress p = begun(GF_PROGRESS_JSON);
    (void)state;
    const char *text = told(&p, 20, 20, 3000, 9000);
    assert_int_equal(number_after(text, "{\"done\": "), 3000);
    assert_int_equal(number_after(text, ", \"total\": "), 9000);
    assert_true(fabs(number_after(text, ", \"per_second\": ") - 100) < 0.5);
    assert_true(fabs(number_after(text, ", \"seconds_left\": ") - 60) < 0.5);
    assert_string_equal(text + strlen(text) - 2, "}\n");
    gf_progress_begin(&p, GF_PROGRESS_JSON, "portfolios");
    assert_string_equal(told(&p, 20, 20, 0, 9000),
                        "{\"done\": 0, \"total\": 9000, \"per_second\": 0, \"seconds_left\": 0}\n");
    assert_string_equal(told(&p, -1, 20, 0, 9000),
                        "{\"done\": 0, \"total\": 9000, \"per_second\": 0, \"seconds_left\": 0}\n");
    assert_string_equal(told(&p, -1, 20, 10, 9000),
                        "{\"done\": 10, \"total\": 9000, \"per_second\": 0, \"seconds_left\": 0}\n");
}

/* A shard that has no portfolios. */
static void nothing_to_do(void **state)
{
    gf_progress p;
    (void)state;
    gf_progress_begin(&p, GF_PROGRESS_PLAIN, "portfolios");
    assert_string_equal(told(&p, 20, 20, 0, 0), "100.0%  0 of 0 portfolios, 0 a second, 0:00 to go\n");
}

static void nothing_is_told(void **state)
{
    gf_progress p = begun(GF_PROGRESS_NONE);
    (void)state;
    assert_string_equal(told(&p, 3600, 3600, 3000, 9000), "");
}

/* A terminal gets the line that rewrites itself, a file plain ones. */
static void auto_looks_at_stderr(void **state)
{
    gf_progress p;
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    (void)state;
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        skip(); /* no terminals here */
    const int other_end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    begin_catch(other_end);
    gf_progress_begin(&p, GF_PROGRESS_AUTO, "portfolios");
    end_catch();
    assert_int_equal(p.mode, GF_PROGRESS_LIVE);
    close(other_end);
    close(terminal);
    const int file = open("/dev/null", O_WRONLY);
    begin_catch(file);
    gf_progress_begin(&p, GF_PROGRESS_AUTO, "portfolios");
    end_catch();
    close(file);
    assert_int_equal(p.mode, GF_PROGRESS_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_have_names),
        cmocka_unit_test(plain_lines),
        cmocka_unit_test(a_line_that_rewrites_itself),
        cmocka_unit_test(lines_of_json),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(nothing_is_told),
        cmocka_unit_test(auto_looks_at_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
