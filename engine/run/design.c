/* Designs: reading, checks, points. */
#include "run/design.h"

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random/rng_gsl.h"

static int counts(const gf_param *row)
{
    return row->kind == GF_INT;
}

/* --- reading --- */

/* The file as the user wrote it; NULL, with errno, if it cannot be read twice. */
static char *read_text(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    struct stat status;
    FILE *in = stat(path, &status) == 0 && S_ISREG(status.st_mode) ? fopen(path, "r") : NULL;
    if (in != NULL && getdelim(&text, &room, '\0', in) < 0) {
        free(text);
        text = NULL;
    }
    if (in != NULL)
        fclose(in);
    return text;
}

gf_design *gf_design_read(const char *path, gf_error_list *errors)
{
    gf_design *design = calloc(1, sizeof *design);
    if (design == NULL) {
        errors->is_out_of_memory = 1;
        return NULL;
    }
    snprintf(design->path, sizeof design->path, "%s", path);
    if (gf_config_kind(path) == GF_FILE_CONFIG)
        gf_errors_add(errors, GF_CONFIG, (gf_place){.file = path, .line = 1, .column = 1},
                      "is a config, not the design of a sweep; expected keys sweep, base, keys and numbers "
                      "(configs/sweeps has designs, section 13 of docs/model.md explains them)");
    else if (gf_config_read_checked(path, gf_design_rows, design, gf_design_check, errors) == GF_OK) {
        design->text = read_text(path);
        if (design->text == NULL)
            gf_errors_add(errors, GF_NO_INPUT, (gf_place){.file = path},
                          "is no regular file; expected one, which can be kept with the results");
    }
    for (int64_t i = 0; i < design->n_numbers; i++)
        gf_design_name(&design->numbers[i], design->numbers[i].name);
    if (gf_errors_status(errors) == GF_OK)
        return design;
    gf_design_free(design);
    return NULL;
}

void gf_design_free(gf_design *design)
{
    if (design != NULL)
        free(design->text);
    free(design);
}

char *gf_design_base(const gf_design *d)
{
    const char *slash = strrchr(d->path, '/');
    const int folder = slash != NULL && d->base[0] != '/' ? (int)(slash - d->path) + 1 : 0;
    char *path = NULL;
    return asprintf(&path, "%.*s%s", folder, d->path, d->base) < 0 ? NULL : path;
}

/* --- points --- */

static size_t levels_of(const gf_design_key *k)
{
    return (size_t)(k->n_values > 0 ? k->n_values : k->levels);
}

size_t gf_design_size(const gf_design *d)
{
    size_t n = 1;
    if (d->method == GF_DESIGN_SOBOL)
        return (size_t)d->points * (size_t)(2 * d->n_keys + 2);
    if (d->method == GF_DESIGN_LATIN_HYPERCUBE)
        return (size_t)d->points;
    for (int64_t i = 0; i < d->n_keys && n <= GF_DESIGN_MAX_POINTS; i++)
        n *= levels_of(&d->keys[i]);
    return n;
}

/* Between both ends of a range, 0 ≤ u ≤ 1. */
static double in_range(const gf_design_key *k, double u)
{
    if (u <= 0 || u >= 1)
        return u <= 0 ? k->from : k->to;
    return k->scale == GF_DESIGN_LOG ? k->from * exp(u * log(k->to / k->from))
                                     : k->from + u * (k->to - k->from);
}

/* The value of probability u, 0 ≤ u < 1. */
static double value_at(const gf_design_key *k, double u)
{
    if (k->n_values > 0)
        return k->values[(size_t)fmin(u * (double)k->n_values, (double)k->n_values - 1)];
    if (!counts(gf_config_find_row(k->key)))
        return in_range(k, u);
    gf_design_key wide = *k; /* both ends with as much room as the others */
    wide.to += 1;
    return fmin(floor(in_range(&wide, u)), k->to);
}

static void fill_grid(const gf_design *d, size_t n, double *x)
{
    size_t block = n; /* the last key changes first */
    for (int64_t i = 0; i < d->n_keys; i++) {
        const gf_design_key *k = &d->keys[i];
        const size_t levels = levels_of(k);
        const int is_whole = counts(gf_config_find_row(k->key));
        block /= levels;
        for (size_t p = 0; p < n; p++) {
            const size_t level = p / block % levels;
            const double at =
                k->n_values > 0 ? k->values[level] : in_range(k, (double)level / (double)(levels - 1));
            x[(size_t)i * n + p] = is_whole ? round(at) : at;
        }
    }
}

/* McKay, Beckman and Conover (1979), Technometrics 21, 239–245. */
static int fill_latin_hypercube(const gf_design *d, size_t n, gsl_rng *rng, double *x)
{
    size_t *stratum = malloc(n * sizeof *stratum);
    if (stratum == NULL)
        return 0;
    for (int64_t i = 0; i < d->n_keys; i++) {
        for (size_t p = 0; p < n; p++)
            stratum[p] = p;
        gsl_ran_shuffle(rng, stratum, n, sizeof *stratum);
        for (size_t p = 0; p < n; p++)
            x[(size_t)i * n + p] =
                value_at(&d->keys[i], ((double)stratum[p] + gsl_rng_uniform(rng)) / (double)n);
    }
    free(stratum);
    return 1;
}

/* Key i of A is dimension i of the sequence, of B dimension keys + i; a random shift of each, modulo 1
 * (Cranley and Patterson 1976), lets seeds differ. */
static int fill_sobol(const gf_design *d, size_t n_all, gsl_rng *rng, double *x)
{
    const size_t n = (size_t)d->points, n_keys = (size_t)d->n_keys;
    double shift[2 * GF_DESIGN_MAX_KEYS] = {0}, u[2 * GF_DESIGN_MAX_KEYS] = {0};
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)(2 * n_keys));
    if (sequence == NULL)
        return 0;
    for (size_t k = 0; k < 2 * n_keys; k++)
        shift[k] = gsl_rng_uniform(rng);
    for (size_t p = 0; p < n; p++) {
        gsl_qrng_get(sequence, u);
        for (size_t k = 0; k < n_keys; k++) {
            double a = u[k] + shift[k], b = u[n_keys + k] + shift[n_keys + k];
            a = value_at(&d->keys[k], a - floor(a));
            b = value_at(&d->keys[k], b - floor(b));
            double *of_key = x + k * n_all + p;
            for (size_t block = 0; block < 2 * n_keys + 2; block++) {
                const int is_base_a = block == 0 || (block >= 2 && block < n_keys + 2);
                const int is_swapped = block == k + 2 || block == n_keys + k + 2;
                of_key[block * n] = is_base_a != is_swapped ? a : b;
            }
        }
    }
    gsl_qrng_free(sequence);
    return 1;
}

double *gf_design_points(const gf_design *d)
{
    const size_t n = gf_design_size(d);
    double *x = malloc((size_t)d->n_keys * n * sizeof *x);
    gsl_rng *rng = gsl_rng_alloc(gf_rng_ars);
    int is_filled = x != NULL && rng != NULL;
    if (is_filled) {
        gsl_rng_set(rng, (unsigned long)d->seed);
        if (d->method == GF_DESIGN_GRID)
            fill_grid(d, n, x);
        else
            is_filled =
                d->method == GF_DESIGN_SOBOL ? fill_sobol(d, n, rng, x) : fill_latin_hypercube(d, n, rng, x);
    }
    gsl_rng_free(rng);
    if (is_filled)
        return x;
    free(x);
    return NULL;
}
