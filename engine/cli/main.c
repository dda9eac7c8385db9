/* guidefund COMMAND …: finds the command, runs it, turns its status into an exit code. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/isa.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "io/provenance.h"

static const struct {
    const char *name, *help;
    gf_command_function *run;
} commands[] = {
#define GF_COMMAND(name, help) {#name, help, gf_command_##name},
#include "cli/commands.def"
#undef GF_COMMAND
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    gf_table table = {.n_columns = 2};
    fputs("Usage: guidefund COMMAND [OPTION...] [ARGUMENT...]\n"
          "Monte Carlo engine for government-guided venture portfolios.\n\nCommands:\n",
          out);
    for (int i = 0; i < N_COMMANDS; i++) {
        gf_table_add(&table, "%s", commands[i].name);
        gf_table_add(&table, "%s", commands[i].help);
    }
    gf_table_print(&table, out, 2);
    gf_table_clear(&table);
    fputs("\n`guidefund COMMAND --help' explains a command.\n", out);
}

static int find_command(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return i;
    return -1;
}

static gf_status refuse_command(const char *name)
{
    gf_nearest nearest = {name, NULL, 0};
    for (int i = 0; i < N_COMMANDS; i++)
        gf_nearest_offer(&nearest, commands[i].name);
    fprintf(stderr, "guidefund: error: unknown command '%s'; expected one of", name);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", commands[i].name);
    if (nearest.best != NULL)
        fprintf(stderr, " (did you mean '%s'?)", nearest.best);
    fputs("\nTry `guidefund --help'.\n", stderr);
    return GF_USAGE;
}

static gf_status dispatch(int argc, char **argv)
{
    char full_name[64], help_option[] = "--help", *help_argv[] = {full_name, help_option, NULL};
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name == NULL) {
        print_help(stderr);
        return GF_USAGE;
    }
    int is_help = strcmp(name, "help") == 0;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (is_help && argc == 2)) {
        print_help(stdout);
        return GF_OK;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("guidefund %s (%s)\n", gf_program_version(), gf_program_revision());
        return GF_OK;
    }
    if (is_help)
        name = argv[2];
    int command = find_command(name);
    if (command < 0)
        return refuse_command(name);
    gf_error error = {GF_OK, ""};
    if (!is_help && gf_isa_check(&error) != GF_OK)
        return gf_cli_fail(&error);
    snprintf(full_name, sizeof full_name, "guidefund %s", name);
    argv[1] = full_name;
    return is_help ? commands[command].run(2, help_argv) : commands[command].run(argc - 1, argv + 1);
}

/* 1 if stdout is a pipe whose reader went away. */
static int is_reader_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

/* What was printed must have landed: a full disk is an error, a reader that went away is one without a word.
 */
static gf_status close_output(gf_status status)
{
    errno = 0;
    int has_failed = fflush(stdout) != 0, reason = errno;
    has_failed |= ferror(stdout);
    int is_quiet = is_reader_gone();
    if (fclose(stdout) == 0 && !has_failed)
        return status;
    if (!is_quiet)
        fprintf(stderr, "guidefund: error: cannot write to standard output%s%s; expected room for it\n",
                reason != 0 ? ": " : "", reason != 0 ? strerror(reason) : "");
    return status == GF_OK ? GF_IO : status;
}

int main(int argc, char **argv)
{
    /* a closed pipe must not kill a run that writes a file */
    signal(SIGPIPE, SIG_IGN);
    return gf_status_exit_code(close_output(dispatch(argc, argv)));
}
