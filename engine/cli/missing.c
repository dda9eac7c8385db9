/* What --missing-shards prints. */
#include "cli/missing.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "cli/print.h"

static void print_json(const char *ranges, const char *path, int n)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "file", path);
    gf_json_int(&json, "shards", n);
    gf_json_array(&json, "missing");
    for (const char *at = ranges; *at >= '0' && *at <= '9';) {
        char *end = NULL;
        const long first = strtol(at, &end, 10);
        const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        for (long k = first; k <= last; k++)
            gf_json_int(&json, NULL, k);
        at = *end == ',' ? end + 1 : end;
    }
    gf_json_array_end(&json);
    gf_json_object_end(&json);
    putchar('\n');
}

gf_status gf_cli_print_missing(gf_missing_lister *list, void *context, const char *path, int n,
                               int wants_json)
{
    gf_error error = {GF_OK, ""};
    char *ranges = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&ranges, &size);
    gf_status status =
        out == NULL ? gf_error_set(&error, GF_MEMORY, "out of memory") : list(context, out, &error);
    if (out != NULL && fclose(out) != 0 && status == GF_OK)
        status = gf_error_set(&error, GF_MEMORY, "out of memory");
    if (status != GF_OK)
        gf_cli_fail(&error);
    else if (wants_json)
        print_json(ranges, path, n);
    else
        fputs(ranges, stdout);
    free(ranges);
    return status;
}
