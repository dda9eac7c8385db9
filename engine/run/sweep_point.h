/* One point of a sweep: the base config with the point's values, simulated in memory, and the numbers
 * asked for. */
#ifndef GF_RUN_SWEEP_POINT_H
#define GF_RUN_SWEEP_POINT_H

#include "run/design.h"
#include "run/measure.h"
#include "run/run.h"

enum { GF_SWEEP_GROUPS = 8 }; /* of portfolios, by which the error is told that luck brings into indices */

typedef struct gf_sweep_base {
    const gf_design *design;
    gf_config config; /* as read: files that are edited meanwhile change nothing */
    char columns[GF_DESIGN_MAX_NUMBERS * 52 + 32]; /* override that leaves what the numbers need */
    int n_groups;                                  /* 0: nobody asks for them */
} gf_sweep_base;

/* Rows of a point's results: values of all numbers, their errors, then all numbers by each group of
 * portfolios alone. */
int gf_sweep_n_rows(const gf_sweep_base *base);

/* Reads the base config with the overrides of a command line and what a sweep sets, and looks the
 * numbers up in what it can give: measures [n_numbers]. GF_CONFIG, GF_USAGE for an override of what the
 * sweep sets itself, or the status of the config, whose first error is put into `error`. Clear it in
 * every case. */
gf_status gf_sweep_base_init(gf_sweep_base *base, const gf_design *design, int n_overrides,
                             const char *const *overrides, gf_measure *measures, gf_error *error);
void gf_sweep_base_clear(gf_sweep_base *base);

/* The config at a point, x[key * stride]; NULL: of the base. Clear it if GF_OK is returned. Errors name the
 * point's values. From several threads at a time. */
gf_status gf_sweep_point_read(const gf_sweep_base *base, const double *x, size_t stride, gf_config *config,
                              gf_error *error);

/* Runs it: rows[row * stride]. GF_OK, GF_INTERRUPTED, GF_MEMORY, or as above. From several threads at a
 * time. */
gf_status gf_sweep_point_run(const gf_sweep_base *base, const double *x, size_t stride,
                             const gf_run_options *options, double *rows, gf_error *error);

#endif
