/* What guidefund sweep says at its end: ranges and indices, or which points a shard holds. */
#ifndef GF_CLI_SWEEP_PRINT_H
#define GF_CLI_SWEEP_PRINT_H

#include "run/sweep.h"

void gf_sweep_print_text(const gf_design *design, const gf_sweep_options *options, const gf_sweep *sweep);
void gf_sweep_print_json(const gf_design *design, const gf_sweep_options *options, const gf_sweep *sweep);

#endif
