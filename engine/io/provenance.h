/* Where, when and by what a result was made: the only part of a file that may differ between equal runs. */
#ifndef GF_IO_PROVENANCE_H
#define GF_IO_PROVENANCE_H

#include <stddef.h>
#include <time.h>

/* Facts of this run; the rest (compiler, library versions, host, revision) is looked up. */
typedef struct gf_provenance {
    int threads;
    const char *isa;          /* gf_isa_name() of the set in use */
    const char *command_line; /* as typed, may be NULL */
    time_t started;           /* 0: unknown */
    double duration_seconds;
} gf_provenance;

/* One line each, static storage: "0.1.0", git revision, "gcc 12.2.0", "HDF5 1.10.8, GSL 2.7.1, libyaml 0.2.5"
 * (run time versions, of HDF5 that of the headers it was built with). */
const char *gf_program_version(void);
const char *gf_program_revision(void);
const char *gf_program_compiler(void);
const char *gf_program_libraries(void);

#endif
