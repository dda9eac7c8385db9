/* Checks of designs. */
#include "run/design.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/quantity.h"

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
    return strcmp(key, "portfolios") == 0 || strcmp(key, "seed") == 0 || strcmp(key, "output") == 0 ||
           strncmp(key, "output.", 7) == 0;
}

int gf_design_sets(const gf_design *d, const char *key)
{
    int is_set = is_reserved(key) && strcmp(key, "seed") != 0;
    for (int64_t i = 0; i < d->n_keys; i++)
        is_set |= strcmp(d->keys[i].key, key) == 0;
    return is_set;
}

/* The index at the end of a path: of a list of that many at most. */
static void check_index(const gf_param *row, const char *key, const char *place, gf_diagnostics *diagnostics)
{
    const int64_t most = row->fixed_count > 0 ? row->fixed_count : row->max_count;
    const char *bracket = strrchr(key, '[');
    if (row->kind == GF_DOUBLES && bracket != NULL && !(strtod(bracket + 1, NULL) < (double)most))
        gf_diagnose(diagnostics, place, "'%s' has no such element; expected an index from 0 to %d", key,
                    (int)most - 1);
}

static void report_no_number(const gf_param *row, const char *key, const char *place,
                             gf_diagnostics *diagnostics)
{
    char likely[GF_DESIGN_TEXT + 64] = "";
    if (row == NULL)
        gf_config_suggest_key(key, likely, sizeof likely);
    if (is_reserved(likely))
        likely[0] = '\0';
    gf_diagnose(diagnostics, place, "'%s' is %s; expected the path of a number in a config%s%s%s", key,
                row == NULL ? "no key" : "not one number", likely[0] != '\0' ? " (did you mean '" : "",
                likely[0] != '\0' ? likely
                                  : ", such as programme.terms.carry or \"startups.dilution[0]\" (`guidefund "
                                    "models' lists them)",
                likely[0] != '\0' ? "'?)" : "");
}

/* Is it a key that a sweep may vary? */
static int check_path(const gf_design *d, int64_t i, const gf_param *row, gf_diagnostics *diagnostics)
{
    const char *key = d->keys[i].key;
    const int n_before = diagnostics->n_errors;
    char place[64];
    snprintf(place, sizeof place, "keys[%d].key", (int)i);
    if (is_reserved(key))
        gf_diagnose(diagnostics, place, "'%s' is for the sweep to set; expected another key", key);
    else if (row == NULL || !is_number(row, key))
        report_no_number(row, key, place, diagnostics);
    else
        check_index(row, key, place, diagnostics);
    for (int64_t j = 0; j < i; j++)
        if (strcmp(d->keys[j].key, key) == 0)
            gf_diagnose(diagnostics, place, "'%s' is there twice; expected keys that differ", key);
    return diagnostics->n_errors == n_before;
}

static void check_values(const gf_design_key *k, const gf_param *row, const char *path,
                         gf_diagnostics *diagnostics)
{
    char place[64];
    for (int64_t v = 0; v < k->n_values; v++) {
        snprintf(place, sizeof place, "%s.values[%d]", path, (int)v);
        check_value(row, place, k->values[v], diagnostics);
        for (int64_t w = 0; w < v; w++)
            if (k->values[v] == k->values[w])
                gf_diagnose(diagnostics, place, "is %g again; expected values that differ", k->values[v]);
    }
}

/* Levels of a grid: only of ranges in one, and no more than there are whole numbers. */
static void check_levels(const gf_design *d, const gf_design_key *k, const gf_param *row, const char *path,
                         gf_diagnostics *diagnostics)
{
    char place[64];
    snprintf(place, sizeof place, "%s.levels", path);
    if (k->has_levels && (d->method != GF_DESIGN_GRID || k->n_values > 0))
        gf_diagnose(diagnostics, place, "are for ranges in a grid; expected none here");
    else if (d->method == GF_DESIGN_GRID && row->kind == GF_INT && k->n_values == 0 &&
             (double)k->levels > k->to - k->from + 1)
        gf_diagnose(diagnostics, place,
                    "are %d; expected at most %.0f, one for each whole number from %g to %g", (int)k->levels,
                    k->to - k->from + 1, k->from, k->to);
}

static void check_key(const gf_design *d, int64_t i, gf_diagnostics *diagnostics)
{
    const gf_design_key *k = &d->keys[i];
    const gf_param *row = gf_config_find_row(k->key);
    const int n_before = diagnostics->n_errors;
    char path[32];
    snprintf(path, sizeof path, "keys[%d]", (int)i);
    if (!check_path(d, i, row, diagnostics))
        return;
    if (has_range(k) == (k->n_values > 0))
        gf_diagnose(diagnostics, path, "has %s; expected either values, or from and to",
                    has_range(k) ? "values and a range" : "neither values nor a range");
    else if (has_range(k))
        check_range(k, row, path, diagnostics);
    check_values(k, row, path, diagnostics);
    if (diagnostics->n_errors == n_before)
        check_levels(d, k, row, path, diagnostics);
}

void gf_design_name(const gf_design_number *n, char name[GF_DESIGN_TEXT])
{
    const int is_given = n->name[0] != '\0';
    for (const char *from = is_given ? n->name : n->of; *from != '\0'; from++)
        if (is_given || *from != ' ')
            *name++ = *from;
    *name = '\0';
}

/* "a" and "a_se" of two numbers. */
static int is_error_of(const char *a, const char *b)
{
    const size_t length = strlen(b);
    return strncmp(a, b, length) == 0 && strcmp(a + length, "_se") == 0;
}

/* Names of datasets: of the index, of keys, of numbers and of their errors. */
static void check_name(const gf_design *d, int64_t i, gf_diagnostics *diagnostics)
{
    char name[GF_DESIGN_TEXT], other[GF_DESIGN_TEXT], place[64];
    snprintf(place, sizeof place, "numbers[%d].name", (int)i);
    gf_design_name(&d->numbers[i], name);
    int is_taken = strcmp(name, "point") == 0;
    for (int64_t j = 0; j < d->n_keys; j++)
        is_taken |= strcmp(d->keys[j].key, name) == 0 || is_error_of(d->keys[j].key, name);
    for (int64_t j = 0; j < i; j++) {
        gf_design_name(&d->numbers[j], other);
        is_taken |= strcmp(other, name) == 0 || is_error_of(other, name) || is_error_of(name, other);
    }
    if (strchr(name, '/') != NULL || strspn(name, ". ") == strlen(name))
        gf_diagnose(diagnostics, place, "'%s' is no name of a dataset; expected one without '/'", name);
    else if (is_taken)
        gf_diagnose(diagnostics, place, "'%s' is taken, or the error of another; expected names that differ",
                    name);
}

static void check_number(const gf_design *d, int64_t i, gf_diagnostics *diagnostics)
{
    gf_quantity quantity;
    char place[64];
    snprintf(place, sizeof place, "numbers[%d].of", (int)i);
    if (gf_quantity_parse(d->numbers[i].of, &quantity, NULL) != GF_OK)
        gf_diagnose(
            diagnostics, place,
            "'%s' is not a number of a run; expected one such as median(net_tvpi) or P(net_tvpi >= 3)",
            d->numbers[i].of);
    check_name(d, i, diagnostics);
}

void gf_design_check(const void *values, gf_diagnostics *diagnostics)
{
    const gf_design *d = values;
    if (d->n_keys == 0)
        gf_diagnose(diagnostics, "keys", "is empty; expected a key or more");
    if (d->n_numbers == 0)
        gf_diagnose(diagnostics, "numbers", "is empty; expected a number or more");
    if (d->has_points && d->method == GF_DESIGN_GRID)
        gf_diagnose(diagnostics, "points", "a grid has as many as its levels make; expected none here");
    for (int64_t i = 0; i < d->n_keys; i++)
        check_key(d, i, diagnostics);
    for (int64_t i = 0; i < d->n_numbers; i++)
        check_number(d, i, diagnostics);
    if (diagnostics->n_errors == 0 && gf_design_size(d) > GF_DESIGN_MAX_POINTS)
        gf_diagnose(diagnostics, d->method == GF_DESIGN_GRID ? "keys" : "points",
                    "makes %.6g runs; expected at most %d", (double)gf_design_size(d), GF_DESIGN_MAX_POINTS);
}
