/* What guidefund sweep says at its end. */
#include "cli/sweep_print.h"

#include <math.h>
#include <stdio.h>

#include "cli/print.h"
#include "run/statistics.h"

enum { MOST_PRINTED = 40, MOST_COLUMNS = 8 }; /* points and columns of a table on a terminal */

/* Points at which a number is least and largest; 0: it is NaN everywhere. */
static int find_range(const gf_sweep *w, size_t number, size_t *least, size_t *most)
{
    const double *values = w->values + number * w->n_points;
    int is_found = 0;
    for (size_t p = 0; p < w->n_points; p++) {
        if (isnan(values[p]))
            continue;
        if (!is_found || values[p] < values[*least])
            *least = p;
        if (!is_found || values[p] > values[*most])
            *most = p;
        is_found = 1;
    }
    return is_found;
}

static void json_point(gf_json *json, const char *key, const gf_design *d, const gf_sweep *w, size_t number,
                       size_t point)
{
    gf_json_object(json, key);
    gf_json_int(json, "point", (int64_t)point);
    gf_json_number(json, "value", w->values[number * w->n_points + point]);
    gf_json_number(json, "standard_error", w->errors[number * w->n_points + point]);
    gf_json_object(json, "keys");
    for (size_t k = 0; k < w->n_keys; k++)
        gf_json_number(json, d->keys[k].key, w->points[k * w->n_points + point]);
    gf_json_object_end(json);
    gf_json_object_end(json);
}

static void json_indices(gf_json *json, const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_json_array(json, "indices");
    for (size_t k = 0; k < w->n_keys; k++) {
        const gf_sobol_index *i = &w->indices[number * w->n_keys + k];
        gf_json_object(json, NULL);
        gf_json_text(json, "key", d->keys[k].key);
        gf_json_number(json, "first_order", i->first);
        gf_json_number(json, "first_order_se", i->first_se);
        gf_json_number(json, "total", i->total);
        gf_json_number(json, "total_se", i->total_se);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

static void json_numbers(gf_json *json, const gf_design *d, const gf_sweep *w)
{
    gf_json_array(json, "numbers");
    for (size_t number = 0; number < w->n_numbers && !w->was_complete; number++) {
        size_t least = 0, most = 0;
        gf_json_object(json, NULL);
        gf_json_text(json, "name", d->numbers[number].name);
        if (find_range(w, number, &least, &most)) {
            json_point(json, "least", d, w, number, least);
            json_point(json, "largest", d, w, number, most);
        }
        gf_json_number(json, "noise", w->noise[number]);
        if (w->indices != NULL)
            json_indices(json, d, w, number);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

void gf_sweep_print_json(const gf_design *d, const gf_sweep_options *o, const gf_sweep *w)
{
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "sweep", d->name);
    gf_json_text(&json, "file", o->path);
    gf_json_int(&json, "points", (int64_t)w->n_points);
    gf_json_int(&json, "first_point", (int64_t)w->first);
    gf_json_int(&json, "points_here", (int64_t)w->n_here);
    gf_json_int(&json, "shard", o->shard.k);
    gf_json_int(&json, "shards", o->shard.n);
    gf_json_int(&json, "shard_files", o->n_shard_files);
    gf_json_int(&json, "from_parts", (int64_t)w->n_from_parts);
    gf_json_int(&json, "portfolios", d->portfolios);
    gf_json_number(&json, "seconds", w->seconds);
    if (o->shard.n == 0)
        json_numbers(&json, d, w);
    gf_json_object_end(&json);
    putchar('\n');
}

static void add_value(gf_table *table, double value, double se)
{
    if (isnan(value))
        gf_table_add(table, "none");
    else if (isnan(se) || gf_is_rounding(se, value))
        gf_table_add(table, "%.4g", value);
    else
        gf_table_add(table, "%.4g ± %.2g", value, se);
}

/* All points, where they are few. */
static void print_points(const gf_design *d, const gf_sweep *w)
{
    gf_table table = {.n_columns = (int)(w->n_keys + w->n_numbers), .right_aligned = ~0u};
    for (size_t k = 0; k < w->n_keys; k++)
        gf_table_add(&table, "%s", d->keys[k].key);
    for (size_t k = 0; k < w->n_numbers; k++)
        gf_table_add(&table, "%s", d->numbers[k].name);
    for (size_t p = 0; p < w->n_points; p++) {
        for (size_t k = 0; k < w->n_keys; k++)
            gf_table_add(&table, "%.6g", w->points[k * w->n_points + p]);
        for (size_t k = 0; k < w->n_numbers; k++)
            add_value(&table, w->values[k * w->n_points + p], w->errors[k * w->n_points + p]);
    }
    putchar('\n');
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

/* Values of the keys at the points where a number is least and largest, and of the number itself. */
static void print_range(const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_table table = {.n_columns = 3, .right_aligned = 0x6u};
    size_t at[2] = {0, 0};
    if (!find_range(w, number, &at[0], &at[1])) {
        printf("\n%s: no value at any point\n", d->numbers[number].name);
        return;
    }
    printf("\n%s\n", d->numbers[number].name);
    gf_table_add(&table, "%s", "");
    gf_table_add(&table, "least");
    gf_table_add(&table, "largest");
    gf_table_add(&table, "at point");
    for (int side = 0; side < 2; side++)
        gf_table_add(&table, "%zu", at[side]);
    gf_table_add(&table, "value");
    for (int side = 0; side < 2; side++)
        add_value(&table, w->values[number * w->n_points + at[side]],
                  w->errors[number * w->n_points + at[side]]);
    for (size_t k = 0; k < w->n_keys; k++) {
        gf_table_add(&table, "%s", d->keys[k].key);
        for (int side = 0; side < 2; side++)
            gf_table_add(&table, "%.6g", w->points[k * w->n_points + at[side]]);
    }
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

static void add_index(gf_table *table, double value, double se)
{
    if (isnan(value))
        gf_table_add(table, "none");
    else if (isnan(se))
        gf_table_add(table, "%.3f ± ?", value);
    else if (gf_is_rounding(se, value) || !(se > 0))
        gf_table_add(table, "%.3f", value);
    else
        gf_table_add(table, "%.3f ± %.2g", value, se);
}

static void print_indices(const gf_design *d, const gf_sweep *w, size_t number)
{
    gf_table table = {.n_columns = 3, .right_aligned = 0x6u};
    gf_table_add(&table, "share of the variance behind");
    gf_table_add(&table, "alone");
    gf_table_add(&table, "with others");
    for (size_t k = 0; k < w->n_keys; k++) {
        const gf_sobol_index *i = &w->indices[number * w->n_keys + k];
        gf_table_add(&table, "%s", d->keys[k].key);
        add_index(&table, i->first, i->first_se);
        add_index(&table, i->total, i->total_se);
    }
    gf_table_print(&table, stdout, 2);
    gf_table_clear(&table);
}

/* What a reader should know of a number. */
static void print_notes(const gf_design *d, const gf_sweep *w, size_t number)
{
    const double *values = w->values + number * w->n_points, *errors = w->errors + number * w->n_points;
    size_t n_missing = 0, n_without_error = 0;
    for (size_t p = 0; p < w->n_points; p++) {
        n_missing += isnan(values[p]) ? 1 : 0;
        n_without_error += !isnan(values[p]) && isnan(errors[p]) ? 1 : 0;
    }
    if (n_missing > 0)
        printf(
            "  note: %s has no value at %zu of %zu points: its mean does not exist there (a tail of index 1 "
            "or less without a cap), or no portfolio has a value\n",
            d->numbers[number].name, n_missing, w->n_points);
    if (w->indices != NULL && n_without_error > 0)
        printf(
            "  note: %s has no Monte Carlo error at %zu of %zu points, such as a probability without hits: "
            "more portfolios a point make it known\n",
            d->numbers[number].name, n_without_error, w->n_points);
    if (w->noise[number] > 0.1)
        printf("  note: the mean squared Monte Carlo error of %s is %.2g times its variance over the points, "
               "less what shared luck cancels; more portfolios a point make it smaller\n",
               d->numbers[number].name, w->noise[number]);
}

static void print_shard(const gf_design *d, const gf_sweep_options *o, const gf_sweep *w)
{
    const gf_shard shard = o->shard;
    if (w->was_complete)
        printf("%s: shard %d of %d is complete already\n", d->name, shard.k, shard.n);
    else if (w->n_here == 0)
        printf("%s: shard %d of %d has none of the %zu point%s\n", d->name, shard.k, shard.n, w->n_points,
               GF_PLURAL(w->n_points));
    else if (w->n_here == 1)
        printf("%s: point %zu of %zu, %lld portfolio%s, in %.2f s\n", d->name, w->first, w->n_points,
               (long long)d->portfolios, GF_PLURAL(d->portfolios), w->seconds);
    else
        printf("%s: points %zu to %zu of %zu, %lld portfolio%s each, in %.2f s\n", d->name, w->first,
               w->first + w->n_here - 1, w->n_points, (long long)d->portfolios, GF_PLURAL(d->portfolios),
               w->seconds);
    printf("shard %d of %d in %s; all of them are put together by\n"
           "  guidefund sweep %s -o FILE.h5 SHARD.h5...    (with the same --set, --seed and --portfolios)\n",
           shard.k, shard.n, o->path, d->path);
}

void gf_sweep_print_text(const gf_design *d, const gf_sweep_options *o, const gf_sweep *w)
{
    const int is_small = w->n_points <= MOST_PRINTED && w->n_keys + w->n_numbers <= MOST_COLUMNS;
    if (o->shard.n > 0) {
        print_shard(d, o, w);
        return;
    }
    if (w->was_complete) {
        printf("%s is complete: nothing to do\n", o->path);
        return;
    }
    printf("%s: %zu point%s of %lld portfolio%s ", d->name, w->n_points, GF_PLURAL(w->n_points),
           (long long)d->portfolios, GF_PLURAL(d->portfolios));
    if (o->n_shard_files > 0)
        printf("from %d shard%s ", o->n_shard_files, GF_PLURAL(o->n_shard_files));
    printf("in %.2f s\n", w->seconds);
    if (is_small)
        print_points(d, w);
    for (size_t number = 0; number < w->n_numbers; number++) {
        if (!is_small)
            print_range(d, w, number);
        if (w->indices != NULL)
            print_indices(d, w, number);
        print_notes(d, w, number);
    }
    printf("\nall points in %s\n", o->path);
}
