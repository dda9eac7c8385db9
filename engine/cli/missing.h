/* What --missing-shards prints. */
#ifndef GF_CLI_MISSING_H
#define GF_CLI_MISSING_H

#include <stdio.h>

#include "base/status.h"

/* Writes the missing ones of n shards beside a file as "1,4-6" and a new line. */
typedef gf_status gf_missing_lister(void *context, FILE *out, gf_error *error);

/* Prints that line, or an object with the numbers one by one. Messages of failures are printed, too. */
gf_status gf_cli_print_missing(gf_missing_lister *list, void *context, const char *path, int n,
                               int wants_json);

#endif
