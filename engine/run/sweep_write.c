/* From a finished sweep to its file. */
#include "run/sweep_write.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/sweep_file.h"

/* Names and units of what the file holds. */
typedef struct labels {
    gf_column keys[GF_DESIGN_MAX_KEYS], numbers[GF_DESIGN_MAX_NUMBERS];
    char meanings[GF_DESIGN_MAX_NUMBERS][GF_DESIGN_TEXT + 200];
} labels;

static void fill_labels(const gf_sweep_about *s, labels *l)
{
    for (int64_t k = 0; k < s->design->n_keys; k++) {
        const gf_param *row = gf_config_find_row(s->design->keys[k].key);
        l->keys[k] = (gf_column){s->design->keys[k].key, row->unit, row->help,
                                 row->kind == GF_INT ? GF_INDEX : 0, NULL};
    }
    for (int64_t k = 0; k < s->design->n_numbers; k++) {
        const gf_measure *m = &s->measures[k];
        snprintf(l->meanings[k], sizeof l->meanings[k], "%s: %.180s", s->design->numbers[k].of,
                 m->about.long_name);
        l->numbers[k] = (gf_column){s->design->numbers[k].name, gf_measure_unit(m), l->meanings[k], 0, NULL};
    }
}

/* The members of gf_sobol_index one by one, [4][n]; NULL when out of memory. */
static double *spread_indices(const gf_sweep *w)
{
    const size_t n = w->n_numbers * w->n_keys;
    double *table = malloc(4 * n * sizeof *table + 1);
    for (size_t i = 0; i < n && table != NULL; i++) {
        table[i] = w->indices[i].first;
        table[n + i] = w->indices[i].first_se;
        table[2 * n + i] = w->indices[i].total;
        table[3 * n + i] = w->indices[i].total_se;
    }
    return table;
}

gf_status gf_sweep_write(const gf_sweep *w, const gf_sweep_about *s, const char *path,
                         const gf_provenance *provenance, gf_error *error)
{
    char method[32];
    labels l;
    fill_labels(s, &l);
    double *table = w->indices != NULL ? spread_indices(w) : NULL;
    const size_t n = w->n_numbers * w->n_keys;
    gf_sweep_file file = {.name = s->design->name,
                          .method = gf_choice_word(gf_params_find(gf_design_rows, "method")->choices,
                                                   (int)s->design->method, method, sizeof method),
                          .design_text = s->design->text,
                          .config_text = s->config_text,
                          .seed = s->seed,
                          .portfolios = (uint64_t)s->design->portfolios,
                          .n_points = w->n_points,
                          .n_keys = w->n_keys,
                          .n_numbers = w->n_numbers,
                          .keys = l.keys,
                          .points = w->points,
                          .numbers = l.numbers,
                          .values = w->values,
                          .errors = w->errors,
                          .noise = w->noise};
    if (table != NULL) {
        file.first = table;
        file.first_se = table + n;
        file.total = table + 2 * n;
        file.total_se = table + 3 * n;
    }
    const gf_status status = w->indices != NULL && table == NULL
                                 ? gf_error_set(error, GF_MEMORY, "out of memory for %s", path)
                                 : gf_sweep_file_write(path, &file, provenance, error);
    free(table);
    return status;
}
