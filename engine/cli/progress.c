/* Rate and time to go, on stderr. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static const char *const names[] = {"auto", "plain", "json", "none"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int gf_progress_mode_of(const char *name)
{
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

error_t gf_cli_parse_progress(const struct argp_state *state, const char *text, gf_progress_mode *mode)
{
    const int found = gf_progress_mode_of(text);
    if (found < 0)
        return gf_cli_wrong(state, "--progress %s; expected auto, plain, json or none", text);
    *mode = (gf_progress_mode)found;
    return 0;
}

void gf_progress_begin(gf_progress *p, gf_progress_mode mode, const char *label)
{
    *p = (gf_progress){.mode = mode, .label = label, .started = now()};
    p->last = p->started;
    if (mode == GF_PROGRESS_AUTO)
        p->mode = isatty(STDERR_FILENO) ? GF_PROGRESS_LIVE : GF_PROGRESS_PLAIN;
}

static void write_duration(char *text, size_t size, double seconds)
{
    const long s = (long)(seconds + 0.5);
    if (s < 3600)
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

void gf_progress_tell(gf_progress *p, uint64_t done, uint64_t total)
{
    if (!p->has_first) {
        p->has_first = 1;
        p->first = done;
        p->started = now();
    }
    const double t = now(), interval = p->mode == GF_PROGRESS_LIVE ? 0.2 : 10.0;
    if (p->mode == GF_PROGRESS_NONE || t - p->last < interval)
        return;
    p->last = t;
    const double rate = t > p->started ? (double)(done - p->first) / (t - p->started) : 0,
                 left = rate > 0 ? (double)(total - done) / rate : 0;
    const double percent = total > 0 ? 100.0 * (double)done / (double)total : 100;
    char eta[32];
    write_duration(eta, sizeof eta, left);
    if (p->mode == GF_PROGRESS_JSON) {
        fprintf(stderr, "{\"done\": %llu, \"total\": %llu, \"per_second\": %.6g, \"seconds_left\": %.3g}\n",
                (unsigned long long)done, (unsigned long long)total, rate, left);
        return;
    }
    p->is_line_open = p->mode == GF_PROGRESS_LIVE;
    fprintf(stderr, "%s%5.1f%%  %llu of %llu %s, %.3g a second, %s to go%s", p->is_line_open ? "\r" : "",
            percent, (unsigned long long)done, (unsigned long long)total, p->label, rate, eta,
            p->is_line_open ? "\033[K" : "\n");
    fflush(stderr);
}

void gf_progress_end(gf_progress *p)
{
    if (p->is_line_open)
        fputs("\r\033[K", stderr);
    p->is_line_open = 0;
}
