/* One point of a sweep: the base config with the point's values, simulated in memory, and the numbers
 * asked for. */
#ifndef GF_RUN_SWEEP_POINT_H
#define GF_RUN_SWEEP_POINT_H

#include "run/design.h"
#include "run/measure.h"
#include "run/run.h"

typedef struct gf_sweep_base {
    const gf_design *design;
    char *path;             /* of the base config */
    gf_overrides overrides; /* of the command line, then what a sweep sets */
} gf_sweep_base;

/* Looks the numbers up in what the base config can give, and narrows `overrides` down to their columns.
 * measures [n_numbers]. GF_CONFIG, or the status of the base config, whose errors are printed into
 * `error`. Clear it in every case. */
gf_status gf_sweep_base_init(gf_sweep_base *base, const gf_design *design, int n_overrides,
                             const char *const *overrides, gf_measure *measures, gf_error *error);
void gf_sweep_base_clear(gf_sweep_base *base);

/* The config at a point, x[key * stride]; NULL: of the base. Clear it if GF_OK is returned. Errors name
 * the point's values. */
gf_status gf_sweep_point_read(const gf_sweep_base *base, const double *x, size_t stride, gf_config *config,
                              gf_error *error);

/* Runs it: values[number * stride] and errors[number * stride]. GF_OK, GF_INTERRUPTED, GF_MEMORY, or as
 * above. From several threads at a time. */
gf_status gf_sweep_point_run(const gf_sweep_base *base, const double *x, size_t stride,
                             const gf_run_options *options, double *values, double *errors, gf_error *error);

#endif
