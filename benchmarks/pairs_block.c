/* What benchmarks/pairs asks of an engine: a scenario, and its blocks of portfolios one after the other.
 * Linked with one revision's library into a shared object, so that two revisions can take turns in one
 * process. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"
#include "portfolio/portfolio.h"

typedef struct block {
    gf_config config;
    gf_layout layout;
    gf_workspace *workspace;
    double *columns; /* [n_columns][lanes] */
    int lanes;
} block;

/* NULL after a message on standard error. isa: a name, or "" for the best there is. */
void *pairs_open(const char *config, int n_settings, const char *const *settings, const char *isa);
void *pairs_open(const char *config, int n_settings, const char *const *settings, const char *isa)
{
    block *b = calloc(1, sizeof *b);
    gf_error error = {GF_OK, ""};
    gf_error_list errors = {0};
    if (b == NULL)
        return NULL;
    if (gf_config_read(config, n_settings, settings, &b->config, &errors) != GF_OK) {
        gf_errors_print(&errors, stderr);
        return NULL;
    }
    const gf_isa set = *isa == '\0' ? gf_isa_detect() : gf_isa_from_name(isa);
    if (set == GF_N_ISA || !gf_isa_available(set)) {
        fprintf(stderr, "%s: no such instruction set here\n", isa);
        return NULL;
    }
    if (gf_layout_init(&b->layout, &b->config.scenario, &error) != GF_OK ||
        gf_workspace_new(&b->workspace, &b->config.scenario, &b->layout, set, &error) != GF_OK) {
        fprintf(stderr, "%s\n", error.message);
        return NULL;
    }
    b->lanes = gf_workspace_lanes(&b->config.scenario);
    b->columns = calloc((size_t)b->layout.n_columns * (size_t)b->lanes, sizeof *b->columns);
    return b->columns == NULL ? NULL : b;
}

int pairs_lanes(const void *opened);
int pairs_lanes(const void *opened)
{
    return ((const block *)opened)->lanes;
}

/* Simulates the block that begins with a portfolio. */
void pairs_run(void *opened, uint64_t first);
void pairs_run(void *opened, uint64_t first)
{
    block *b = opened;
    const gf_sink sink = {.columns = b->columns, .columns_stride = (size_t)b->lanes};
    gf_simulate(b->workspace, first, b->lanes, &sink);
}

/* A number that tells the columns of the last block from others (FNV-1a). */
uint64_t pairs_digest(const void *opened);
uint64_t pairs_digest(const void *opened)
{
    const block *b = opened;
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < (size_t)b->layout.n_columns * (size_t)b->lanes; i++) {
        uint64_t bits;
        memcpy(&bits, b->columns + i, sizeof bits);
        digest = (digest ^ bits) * UINT64_C(0x100000001b3);
    }
    return digest;
}
