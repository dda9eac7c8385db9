/* The writer's beginning, and its end without a file. Everything is planned at creation. */
#include "io/results_temporary.h"
#include "io/results_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Closes the datasets of a list (entries ≤ 0 were never opened) and frees it. */
static void close_all(hid_t **list, int n)
{
    for (int i = 0; *list != NULL && i < n; i++)
        if ((*list)[i] > 0)
            H5Dclose((*list)[i]);
    free(*list);
    *list = NULL;
}

void gf_results_close_datasets(gf_results *results)
{
    close_all(&results->columns, results->plan.layout->n_columns);
    close_all(&results->startups, GF_N_STARTUP_COLUMNS);
    close_all(&results->series, results->plan.layout->n_series * GF_SERIES_PARTS);
}

void gf_results_free(gf_results *results)
{
    free(results->whole);
    free(results->stored);
    free(results->temporary);
    free(results);
}

void gf_results_abandon(gf_results *results)
{
    if (results == NULL)
        return;
    gf_results_close_datasets(results);
    if (results->file >= 0) {
        /* on a full disk: room for what closing wants to write; without it, closing fails and nothing is
         * lost */
        if (results->temporary != NULL && truncate(results->temporary, 0) != 0)
            unlink(results->temporary);
        H5Fclose(results->file);
    }
    if (results->temporary != NULL)
        unlink(results->temporary);
    gf_results_free(results);
}

gf_status gf_results_create(gf_results **out, const gf_results_plan *plan, gf_error *error)
{
    *out = NULL;
    gf_status status = gf_temporary_check_target(plan->path, error);
    if (status == GF_OK)
        status = gf_temporary_check_room(plan->path, plan->n_kept + plan->n_startup_rows, error);
    if (status != GF_OK)
        return status;
    gf_h5_start();
    gf_results *results = calloc(1, sizeof *results);
    if (results == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", plan->path);
    results->plan = *plan;
    results->file = -1;
    results->temporary = gf_temporary_name(plan->path);
    if (results->temporary == NULL) {
        gf_results_abandon(results);
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", plan->path);
    }
    gf_temporary_sweep(plan->path);
    results->file = gf_h5_file_new(results->temporary);
    if (results->file < 0) {
        status = gf_h5_fail(error, gf_h5_errno() == ENOSPC ? GF_IO : GF_CREATE, plan->path, "create");
        gf_results_abandon(results);
        return status;
    }
    /* a full disk shows at the first rows, or now if there will be none before the end */
    if (gf_results_make(results) < 0 ||
        (plan->n_kept == 0 && H5Fflush(results->file, H5F_SCOPE_GLOBAL) < 0)) {
        status = gf_h5_fail(error, GF_IO, plan->path, "write");
        gf_results_abandon(results);
        return status;
    }
    *out = results;
    return GF_OK;
}
