/* What `guidefund run` says on stdout of a run that ended well. */
#ifndef GF_CLI_RUN_PRINT_H
#define GF_CLI_RUN_PRINT_H

#include "io/config.h"
#include "run/record.h"

/* One object: how it ran, times in seconds, the whole summary. */
void gf_run_print_json(const gf_config *config, const gf_record_options *options, const gf_record *record);
/* The headline numbers, for people. */
void gf_run_print_text(const gf_config *config, const gf_record_options *options, const gf_record *record);

#endif
