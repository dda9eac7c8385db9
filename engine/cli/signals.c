/* Signals that ask a long command to end. */
#include "cli/signals.h"

#include <stddef.h>

static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
    /* atomic: any thread may be the one that is interrupted, and any may be reading */
    __atomic_store_n(&stop, signal_number, __ATOMIC_RELAXED);
}

const volatile sig_atomic_t *gf_cli_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error to be told */
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* not under nohup */
        sigaction(SIGHUP, &action, NULL);
    return &stop;
}
