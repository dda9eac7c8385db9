/* guidefund version: what this program was made of and runs on. */
#include <omp.h>
#include <stdio.h>

#include "base/isa.h"
#include "random/ars_batch.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "io/provenance.h"
#include "io/results.h"

enum { KEY_JSON = 0x100 };
static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        return gf_cli_wrong(state, "unexpected argument '%s'; expected none", text);
    if (key != KEY_JSON)
        return ARGP_ERR_UNKNOWN;
    *(int *)state->input = 1;
    return 0;
}

static void print_json(void)
{
    gf_json json = {.out = stdout};
    char format[24];
    snprintf(format, sizeof format, "%d.%d", GF_RESULTS_MAJOR, GF_RESULTS_MINOR);
    gf_json_object(&json, NULL);
    gf_json_text(&json, "version", gf_program_version());
    gf_json_text(&json, "revision", gf_program_revision());
    gf_json_text(&json, "compiler", gf_program_compiler());
    gf_json_text(&json, "libraries", gf_program_libraries());
    gf_json_text(&json, "results_format", format);
    gf_json_text(&json, "instruction_set", gf_isa_name(gf_isa_detect()));
    gf_json_array(&json, "instruction_sets");
    for (int isa = 0; isa < GF_N_ISA; isa++)
        if (gf_isa_available((gf_isa)isa))
            gf_json_text(&json, NULL, gf_isa_name((gf_isa)isa));
    gf_json_array_end(&json);
    gf_json_text(&json, "random_numbers", "ARS-7");
    gf_json_text(&json, "rounds_by", gf_aes_name(gf_aes_of(gf_isa_detect())));
    gf_json_int(&json, "threads", omp_get_max_threads());
    gf_json_object_end(&json);
}

static void print_text(void)
{
    printf("guidefund %s\n", gf_program_version());
    printf("revision          %s\n", gf_program_revision());
    printf("compiler          %s\n", gf_program_compiler());
    printf("libraries         %s\n", gf_program_libraries());
    printf("results format    %d.%d\n", GF_RESULTS_MAJOR, GF_RESULTS_MINOR);
    printf("instruction set   %s (available:", gf_isa_name(gf_isa_detect()));
    for (int isa = 0; isa < GF_N_ISA; isa++)
        if (gf_isa_available((gf_isa)isa))
            printf(" %s", gf_isa_name((gf_isa)isa));
    printf("; choose with GUIDEFUND_SIMD)\n");
    printf("random numbers    ARS-7, rounds by %s\n", gf_aes_name(gf_aes_of(gf_isa_detect())));
    printf("threads           %d\n", omp_get_max_threads());
}

gf_status gf_command_version(int argc, char **argv)
{
    static const struct argp argp = {
        options, parse, "",  "Prints version, revision, compiler, libraries and instruction sets.",
        NULL,    NULL,  NULL};
    int wants_json = 0, is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &wants_json, &is_done);
    if (status != GF_OK || is_done)
        return status;
    if (wants_json)
        print_json();
    else
        print_text();
    return GF_OK;
}
