/* Provenance: compiled-in and run-time versions, and the group /provenance. */
#include "io/provenance.h"
#include "io/draft.h"
#include "io/results_hdf5.h"

#include <gsl/gsl_version.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "gf_revision.h"

const char *gf_program_version(void)
{
    return GF_VERSION;
}

const char *gf_program_revision(void)
{
    return GF_REVISION;
}

const char *gf_program_compiler(void)
{
#if defined __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

const char *gf_program_libraries(void)
{
    static char text[96];
    /* that of HDF5's headers: to ask the library would start it */
    snprintf(text, sizeof text, "HDF5 %d.%d.%d, GSL %s, libyaml %s", H5_VERS_MAJOR, H5_VERS_MINOR,
             H5_VERS_RELEASE, gsl_version, yaml_get_version_string());
    return text;
}

/* UTC by the calendar of Howard Hinnant's "chrono-compatible low-level date algorithms" (days_from_civil's
 * inverse): the system's functions read the time zone from a file first. */
static void format_time(time_t moment, char *text, size_t size)
{
    const int64_t seconds = (int64_t)moment % 86400, z = (int64_t)moment / 86400 + 719468;
    const int64_t era = z / 146097, of_era = z % 146097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100); /* from 1 March */
    const int64_t m = (5 * of_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;
    text[0] = '\0';
    if (moment > 0)
        snprintf(text, size,
                 "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 "Z",
                 year + era * 400 + (month <= 2), month, of_year - (153 * m + 2) / 5 + 1, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
}

int gf_h5_is_of_this_revision(hid_t file)
{
    char *revision = NULL;
    if (H5Lexists(file, "provenance", H5P_DEFAULT) <= 0)
        return 0;
    const hid_t group = H5Gopen2(file, "provenance", H5P_DEFAULT);
    const int is_same = group >= 0 && gf_h5_get_text(group, "revision", &revision) >= 0 &&
                        strcmp(revision, gf_program_revision()) == 0;
    free(revision);
    if (group >= 0)
        H5Gclose(group);
    return is_same;
}

void gf_draft_put_provenance(gf_draft *draft, const gf_provenance *provenance)
{
    char host[256] = "", started[160], finished[160];
    gethostname(host, sizeof host - 1);
    format_time(provenance->started, started, sizeof started);
    format_time(time(NULL), finished, sizeof finished);
    gf_draft_object *group = gf_draft_group(gf_draft_root(draft), "provenance");
    gf_draft_put_text(group, "program_version", gf_program_version());
    gf_draft_put_text(group, "revision", gf_program_revision());
    gf_draft_put_text(group, "compiler", gf_program_compiler());
    gf_draft_put_text(group, "libraries", gf_program_libraries());
    gf_draft_put_text(group, "host", host);
    gf_draft_put_text(group, "started", started);
    gf_draft_put_text(group, "finished", finished);
    gf_draft_put_real(group, "duration_seconds", provenance->duration_seconds);
    gf_draft_put_int(group, "threads", provenance->threads);
    gf_draft_put_text(group, "isa", provenance->isa != NULL ? provenance->isa : "");
    gf_draft_put_text(group, "command_line",
                      provenance->command_line != NULL ? provenance->command_line : "");
}
