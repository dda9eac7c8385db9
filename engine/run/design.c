/* Designs: reading, checks, points. */
#include "run/design.h"

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random/rng_gsl.h"
#include "run/quantity.h"

/* --- checks --- */

static int has_range(const gf_design_key *k)
{
    return !isnan(k->from) || !isnan(k->to);
}

static int counts(const gf_param *row)
{
    return row->kind == GF_INT;
}

/* A value that the key's row takes. */
static void check_value(const gf_param *row, const char *path, double value, gf_diagnostics *diagnostics)
{
    if (!(value >= row->min && value <= row->max))
        gf_diagnose(diagnostics, path, "is %g; expected a number from %g to %g, as the key takes", value,
                    row->min, row->max);
    else if (counts(row) && value != floor(value))
        gf_diagnose(diagnostics, path, "is %g; expected a whole number, as the key takes", value);
}

static void check_range(const gf_design_key *k, const gf_param *row, const char *path,
                        gf_diagnostics *diagnostics)
{
    char place[64];
    if (isnan(k->from) || isnan(k->to)) {
        gf_diagnose(diagnostics, path, "has one end of a range; expected both from and to");
        return;
    }
    snprintf(place, sizeof place, "%s.from", path);
    check_value(row, place, k->from, diagnostics);
    if (k->scale == GF_DESIGN_LOG && !(k->from > 0))
        gf_diagnose(diagnostics, place, "is %g; expected more than 0 with scale: log", k->from);
    snprintf(place, sizeof place, "%s.to", path);
    check_value(row, place, k->to, diagnostics);
    if (!(k->to > k->from))
        gf_diagnose(diagnostics, place, "is %g; expected more than from (%g)", k->to, k->from);
}

/* Of a list, one element. */
static int is_number(const gf_param *row, const char *key)
{
    return row->kind == GF_DOUBLE || row->kind == GF_INT ||
           (row->kind == GF_DOUBLES && key[strlen(key) - 1] == ']');
}

/* What a sweep sets itself. */
static int is_reserved(const char *key)
{
    return strcmp(key, "portfolios") == 0 || strncmp(key, "output.", 7) == 0;
}

static void check_key(const gf_design *d, int64_t i, gf_diagnostics *diagnostics)
{
    const gf_design_key *k = &d->keys[i];
    const gf_param *row = gf_config_find_row(k->key);
    char path[32], place[64];
    snprintf(path, sizeof path, "keys[%d]", (int)i);
    snprintf(place, sizeof place, "%s.key", path);
    if (row == NULL || !is_number(row, k->key)) {
        gf_diagnose(diagnostics, place,
                    "'%s' is %s; expected the path of a number in a config, such as programme.terms.carry or "
                    "startups.dilution[0] (`guidefund models' lists them)",
                    k->key, row == NULL ? "no key" : "not one number");
        return;
    }
    if (is_reserved(k->key))
        gf_diagnose(diagnostics, place, "'%s' is for the sweep to set; expected another key", k->key);
    for (int64_t j = 0; j < i; j++)
        if (strcmp(d->keys[j].key, k->key) == 0)
            gf_diagnose(diagnostics, place, "'%s' is there twice; expected keys that differ", k->key);
    if (has_range(k) == (k->n_values > 0))
        gf_diagnose(diagnostics, path, "has %s; expected either values, or from and to",
                    has_range(k) ? "values and a range" : "neither values nor a range");
    else if (has_range(k))
        check_range(k, row, path, diagnostics);
    for (int64_t v = 0; v < k->n_values; v++) {
        snprintf(place, sizeof place, "%s.values[%d]", path, (int)v);
        check_value(row, place, k->values[v], diagnostics);
    }
}

static void check_number(const gf_design *d, int64_t i, gf_diagnostics *diagnostics)
{
    const gf_design_number *n = &d->numbers[i];
    gf_quantity quantity;
    gf_error error = {GF_OK, ""};
    char place[64];
    snprintf(place, sizeof place, "numbers[%d].of", (int)i);
    if (gf_quantity_parse(n->of, &quantity, &error) != GF_OK)
        gf_diagnose(diagnostics, place, "%s", error.message);
    snprintf(place, sizeof place, "numbers[%d].name", (int)i);
    if (strchr(n->name, '/') != NULL)
        gf_diagnose(diagnostics, place, "'%s' has a '/'; expected the name of a dataset", n->name);
}

static void check_design(const void *values, gf_diagnostics *diagnostics)
{
    const gf_design *d = values;
    if (d->n_keys == 0)
        gf_diagnose(diagnostics, "keys", "is empty; expected a key or more");
    if (d->n_numbers == 0)
        gf_diagnose(diagnostics, "numbers", "is empty; expected a number or more");
    for (int64_t i = 0; i < d->n_keys; i++)
        check_key(d, i, diagnostics);
    for (int64_t i = 0; i < d->n_numbers; i++)
        check_number(d, i, diagnostics);
    if (diagnostics->n_errors == 0 && gf_design_size(d) > GF_DESIGN_MAX_POINTS)
        gf_diagnose(diagnostics, d->method == GF_DESIGN_GRID ? "keys" : "points",
                    "makes %.6g runs; expected at most %d", (double)gf_design_size(d), GF_DESIGN_MAX_POINTS);
}

/* --- reading --- */

static void fill_name(gf_design_number *n)
{
    char *to = n->name;
    if (n->name[0] != '\0')
        return;
    for (const char *from = n->of; *from != '\0'; from++)
        if (*from != ' ')
            *to++ = *from;
    *to = '\0';
}

/* Names of datasets: of keys, of numbers, and of errors. */
static void check_names(const gf_design *d, gf_error_list *errors)
{
    for (int64_t i = 0; i < d->n_numbers; i++) {
        const char *name = d->numbers[i].name;
        int is_taken = strcmp(name, "point") == 0;
        for (int64_t j = 0; j < d->n_keys; j++)
            is_taken |= strcmp(d->keys[j].key, name) == 0;
        for (int64_t j = 0; j < i; j++)
            is_taken |= strcmp(d->numbers[j].name, name) == 0;
        if (is_taken)
            gf_errors_add(errors, GF_CONFIG, (gf_place){.file = d->path},
                          "numbers[%d]: the name '%s' is taken; expected names that differ", (int)i, name);
    }
}

gf_design *gf_design_read(const char *path, gf_error_list *errors)
{
    gf_design *design = calloc(1, sizeof *design);
    if (design == NULL) {
        errors->is_out_of_memory = 1;
        return NULL;
    }
    snprintf(design->path, sizeof design->path, "%s", path);
    if (gf_config_read_checked(path, gf_design_rows, design, check_design, errors) == GF_OK) {
        for (int64_t i = 0; i < design->n_numbers; i++)
            fill_name(&design->numbers[i]);
        check_names(design, errors);
    }
    if (gf_errors_status(errors) == GF_OK)
        return design;
    free(design);
    return NULL;
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
