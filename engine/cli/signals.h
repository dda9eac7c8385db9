/* Signals of commands that run for long: SIGINT, SIGTERM and (not under nohup) SIGHUP ask for a clean
 * end. */
#ifndef GF_CLI_SIGNALS_H
#define GF_CLI_SIGNALS_H

#include <signal.h>

/* Catches them from now on; the flag becomes non-zero with the first. A limit on the size of files
 * becomes an error to be told. */
const volatile sig_atomic_t *gf_cli_catch_signals(void);

#endif
