/* Progress of a long command on stderr: a line that rewrites itself on a terminal, plain lines elsewhere. */
#ifndef GF_CLI_PROGRESS_H
#define GF_CLI_PROGRESS_H

#include <argp.h>
#include <errno.h>
#include <stdint.h>

typedef enum {
    GF_PROGRESS_AUTO,
    GF_PROGRESS_PLAIN,
    GF_PROGRESS_JSON,
    GF_PROGRESS_NONE,
    GF_PROGRESS_LIVE
} gf_progress_mode;

typedef struct gf_progress {
    gf_progress_mode mode;
    const char *label; /* what is counted: "portfolios" */
    double started, last;
    uint64_t first; /* what was done before, and does not count in the rate */
    int has_first, is_line_open;
} gf_progress;

/* Mode of that name, or -1; GF_PROGRESS_AUTO becomes live on a terminal and plain elsewhere. */
int gf_progress_mode_of(const char *name);
/* For parsers of gf_cli_parse(): the value of --progress. */
error_t gf_cli_parse_progress(const struct argp_state *state, const char *text, gf_progress_mode *mode);
void gf_progress_begin(gf_progress *progress, gf_progress_mode mode, const char *label);
/* Called often; the first call tells what was done before; prints at most five times a second live, every ten
 * seconds plain or as JSON lines. */
void gf_progress_tell(gf_progress *progress, uint64_t done, uint64_t total);
/* Ends an open line. */
void gf_progress_end(gf_progress *progress);

#endif
