/* Writes a finished sweep: names, units and meanings of what the file holds come from the design and its
 * rows. */
#ifndef GF_RUN_SWEEP_WRITE_H
#define GF_RUN_SWEEP_WRITE_H

#include "io/provenance.h"
#include "run/measure.h"
#include "run/sweep.h"

typedef struct gf_sweep_about {
    const gf_design *design;
    const gf_measure *measures; /* [n_numbers] */
    const char *config_text;    /* of the base */
    uint64_t seed;
} gf_sweep_about;

/* GF_CREATE, GF_IO, GF_MEMORY; then nothing is left behind. */
gf_status gf_sweep_write(const gf_sweep *sweep, const gf_sweep_about *about, const char *path,
                         const gf_provenance *provenance, gf_error *error);

#endif
