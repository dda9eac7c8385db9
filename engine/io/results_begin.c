/* The writer's beginning, and its end without a file. Everything is planned at creation. */
#include "io/results_temporary.h"
#include "io/results_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void gf_results_abandon(gf_results *results)
{
    if (results == NULL)
        return;
    gf_draft_drop(results->draft);
    if (results->temporary != NULL)
        unlink(results->temporary);
    free(results->columns);
    free(results->stored);
    free(results->startups);
    free(results->series);
    free(results->temporary);
    free(results);
}

gf_status gf_results_create(gf_results **out, const gf_results_plan *plan, gf_error *error)
{
    *out = NULL;
    gf_status status = gf_temporary_check_target(plan->path, error);
    if (status == GF_OK)
        status = gf_temporary_check_room(plan->path, plan->n_kept + plan->n_startup_rows, error);
    if (status != GF_OK)
        return status;
    gf_results *results = calloc(1, sizeof *results);
    if (results != NULL) {
        results->plan = *plan;
        results->temporary = gf_temporary_name(plan->path);
    }
    if (results == NULL || results->temporary == NULL) {
        gf_results_abandon(results);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", plan->path);
    }
    gf_temporary_sweep(plan->path);
    int problem = gf_draft_begin(&results->draft, results->temporary, gf_results_size(plan), 0);
    if (problem != 0)
        status = gf_draft_fail_to_begin(error, plan->path, problem);
    else if ((problem = gf_results_make(results)) != 0)
        status = gf_draft_fail(error, GF_IO, plan->path, "write", problem);
    if (status != GF_OK) {
        gf_results_abandon(results);
        return status;
    }
    *out = results;
    return GF_OK;
}
