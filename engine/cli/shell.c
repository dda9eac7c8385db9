/* Argument parsing and messages that all commands share. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/config_scalar.h"

enum { KEY_USAGE = 0x7001 };

static const struct argp_option help_options[] = {
    {"help", 'h', NULL, 0, "show this help", -1},
    {"usage", KEY_USAGE, NULL, 0, "show a short usage", -1},
    {0},
};

/* argp's own --help would exit; only main() may. ECANCELED tells that help was printed. */
/* NOLINTNEXTLINE(readability-non-const-parameter): argp's signature */
static error_t parse_help(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key != 'h' && key != KEY_USAGE)
        return ARGP_ERR_UNKNOWN;
    argp_state_help(state, stdout,
                    key == 'h' ? ARGP_HELP_LONG | ARGP_HELP_DOC | ARGP_HELP_USAGE : ARGP_HELP_USAGE);
    return ECANCELED;
}

gf_status gf_cli_parse(const struct argp *argp, int argc, char **argv, void *input, int *is_done)
{
    static const struct argp help_argp = {.options = help_options, .parser = parse_help};
    const struct argp_child children[] = {{&help_argp, 0, NULL, -1}, {0}};
    struct argp with_help = *argp;
    with_help.children = children;
    error_t wrong = argp_parse(&with_help, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, input);
    *is_done = wrong == ECANCELED;
    return wrong == 0 || *is_done ? GF_OK : GF_USAGE;
}

error_t gf_cli_wrong(const struct argp_state *state, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: error: ", state->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry `%s --help'.\n", state->name);
    return EINVAL;
}

gf_status gf_cli_fail(const gf_error *error)
{
    fprintf(stderr, "guidefund: error: %s\n", error->message);
    return error->status;
}

int gf_cli_parse_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
    return gf_scalar_int(text, value) == NULL && *value >= min && *value <= max;
}

error_t gf_cli_parse_count(const struct argp_state *state, const char *option, const char *text, int64_t min,
                           int64_t max, int64_t *value)
{
    return gf_cli_parse_int(text, min, max, value)
               ? 0
               : gf_cli_wrong(state, "%s %s; expected a whole number from %lld to %lld", option, text,
                              (long long)min, (long long)max);
}

error_t gf_cli_parse_shard(const struct argp_state *state, const char *text, gf_shard *shard, int *is_auto)
{
    gf_error error = {GF_OK, ""};
    *is_auto = strcmp(text, "auto") == 0;
    return gf_shard_parse(shard, text, &error) == GF_OK ? 0 : gf_cli_wrong(state, "%s", error.message);
}

error_t gf_cli_parse_seconds(const struct argp_state *state, const char *option, const char *text,
                             double *value)
{
    char *end = NULL;
    const double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0) || seconds > 1e6)
        return gf_cli_wrong(state, "%s %s; expected a number from 0 to 1e6", option, text);
    *value = seconds;
    return 0;
}

gf_status gf_cli_check_output(const char *output, const char *input)
{
    struct stat out, in;
    gf_error error = {GF_OK, ""};
    if (stat(output, &out) != 0 || stat(input, &in) != 0 || out.st_dev != in.st_dev ||
        out.st_ino != in.st_ino)
        return GF_OK;
    gf_error_set(&error, GF_CREATE, "cannot create %s: it is %s, which is read; expected another name",
                 output, input);
    return gf_cli_fail(&error);
}

gf_status gf_cli_check_output_of_config(const char *output, const gf_config *config, const char *path)
{
    gf_error error = {GF_OK, ""};
    if (gf_cli_check_output(output, path) != GF_OK)
        return GF_CREATE;
    if (!gf_config_was_read_from(config, output))
        return GF_OK;
    gf_error_set(&error, GF_CREATE, "cannot create %s: %s extends it; expected another name", output, path);
    return gf_cli_fail(&error);
}

char *gf_cli_join(int argc, char **argv)
{
    size_t size = 1;
    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    char *text = calloc(size, 1);
    for (int i = 0; i < argc && text != NULL; i++) {
        strcat(text, argv[i]);
        if (i + 1 < argc)
            strcat(text, " ");
    }
    return text;
}
