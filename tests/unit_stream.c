/* Stores past the caches: every double arrives, and nothing beside them is touched. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/stream.h"

enum { MOST = 40, ROOM = 64 };

static void copies_whole_and_part_lines(void **state)
{
    (void)state;
    _Alignas(64) double to[ROOM], from[ROOM];
    for (size_t n = 0; n <= MOST; n++)
        for (size_t at = 0; at < 10; at++) {
            for (int i = 0; i < ROOM; i++) {
                to[i] = -1;
                from[i] = 100 + i;
            }
            gf_stream(to + at, from + 3, n);
            gf_stream_end();
            for (size_t i = 0; i < ROOM; i++)
                assert_true(to[i] == (i >= at && i < at + n ? 103.0 + (double)(i - at) : -1.0));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(copies_whole_and_part_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
