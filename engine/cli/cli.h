/* The command shell: commands return a gf_status, main() alone turns it into an exit code. Results go to
 * stdout, everything else to stderr. */
#ifndef GF_CLI_CLI_H
#define GF_CLI_CLI_H

#include <argp.h>
#include <errno.h>

#include "base/status.h"
#include "io/config.h"
#include "run/shards.h"

/* A command: argv[0] is "guidefund NAME". Declared from commands.def as gf_command_<name>. */
typedef gf_status gf_command_function(int argc, char **argv);
#define GF_COMMAND(name, help) gf_command_function gf_command_##name;
#include "cli/commands.def"
#undef GF_COMMAND

/* Parses a command's arguments by `argp` (options, parser, args_doc, doc), to which --help and --usage are
 * added. Returns GF_OK, or GF_USAGE after a message on stderr. *is_done is 1 when help was printed and the
 * command should return GF_OK. The parser reports a wrong argument by `return gf_cli_wrong(state, "…", …)`.
 */
gf_status gf_cli_parse(const struct argp *argp, int argc, char **argv, void *input, int *is_done);

/* Prints "guidefund NAME: error: message" with a hint at --help; returns EINVAL, for parsers of
 * gf_cli_parse(). */
error_t gf_cli_wrong(const struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "guidefund: error: message" on stderr and returns the status of the error. */
gf_status gf_cli_fail(const gf_error *error);

/* Parses a count, a duration, … : an integer from min to max as configs accept it (1e6). 1 if it is one. */
int gf_cli_parse_int(const char *text, int64_t min, int64_t max, int64_t *value);

/* For parsers of gf_cli_parse(): an integer from min to max, the value of `option`. */
error_t gf_cli_parse_count(const struct argp_state *state, const char *option, const char *text, int64_t min,
                           int64_t max, int64_t *value);
/* The same: K/N, or auto, which *is_auto tells. */
error_t gf_cli_parse_shard(const struct argp_state *state, const char *text, gf_shard *shard, int *is_auto);
/* The same: seconds from 0 to 1e6. */
error_t gf_cli_parse_seconds(const struct argp_state *state, const char *option, const char *text,
                             double *value);

/* GF_OK, or GF_CREATE after a message: `output` is the file `input` itself, which would be lost. */
gf_status gf_cli_check_output(const char *output, const char *input);
/* The same of a config, named `path` on the command line, and all that it extends. */
gf_status gf_cli_check_output_of_config(const char *output, const gf_config *config, const char *path);

/* The command line as typed, for the provenance; malloc'ed, NULL when out of memory. */
char *gf_cli_join(int argc, char **argv);

#endif
