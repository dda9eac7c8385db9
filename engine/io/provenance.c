/* Provenance: compiled-in and run-time versions, and the group /provenance. */
#include "io/provenance.h"
#include "io/results_hdf5.h"

#include <gsl/gsl_version.h>
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
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, sizeof text, "HDF5 %u.%u.%u, GSL %s, libyaml %s", major, minor, release, gsl_version,
             yaml_get_version_string());
    return text;
}

static void format_time(time_t moment, char *text, size_t size)
{
    struct tm parts;
    text[0] = '\0';
    if (moment != 0 && gmtime_r(&moment, &parts) != NULL)
        strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &parts);
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

int gf_h5_put_provenance(hid_t file, const gf_provenance *provenance)
{
    char host[256] = "", started[32], finished[32];
    gethostname(host, sizeof host - 1);
    format_time(provenance->started, started, sizeof started);
    format_time(time(NULL), finished, sizeof finished);
    hid_t group = gf_h5_group_new(file, "provenance");
    if (group < 0)
        return -1;
    int failed = gf_h5_put_text(group, "program_version", gf_program_version()) < 0 ||
                 gf_h5_put_text(group, "revision", gf_program_revision()) < 0 ||
                 gf_h5_put_text(group, "compiler", gf_program_compiler()) < 0 ||
                 gf_h5_put_text(group, "libraries", gf_program_libraries()) < 0 ||
                 gf_h5_put_text(group, "host", host) < 0 || gf_h5_put_text(group, "started", started) < 0 ||
                 gf_h5_put_text(group, "finished", finished) < 0 ||
                 gf_h5_put_real(group, "duration_seconds", provenance->duration_seconds) < 0 ||
                 gf_h5_put_int(group, "threads", provenance->threads) < 0 ||
                 gf_h5_put_text(group, "isa", provenance->isa != NULL ? provenance->isa : "") < 0 ||
                 gf_h5_put_text(group, "command_line",
                                provenance->command_line != NULL ? provenance->command_line : "") < 0;
    H5Gclose(group);
    return failed ? -1 : 0;
}
