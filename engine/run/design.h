/* A design: which keys of a config a sweep varies, how, and which numbers it asks for. A YAML file of
 * its own (configs/sweeps/), read by parameter rows as configs are. */
#ifndef GF_RUN_DESIGN_H
#define GF_RUN_DESIGN_H

#include <stddef.h>
#include <stdint.h>

#include "io/config.h"

enum {
    GF_DESIGN_MAX_KEYS = 20, /* GSL's Sobol' sequence has 40 dimensions, two a key */
    GF_DESIGN_MAX_LEVELS = 64,
    GF_DESIGN_MAX_NUMBERS = 16,
    GF_DESIGN_MAX_POINTS = 1000000,
    GF_DESIGN_TEXT = 128
};

typedef enum {
    GF_DESIGN_GRID,            /* every combination of the keys' levels */
    GF_DESIGN_LATIN_HYPERCUBE, /* `points` points, each of as many strata of every key once */
    GF_DESIGN_SOBOL            /* for indices, over a Sobol' sequence: points × (2 keys + 2) runs */
} gf_design_method;

enum { GF_DESIGN_LINEAR, GF_DESIGN_LOG };

/* One key: a list of values, or a range. */
typedef struct gf_design_key {
    char key[GF_DESIGN_TEXT]; /* path in the config */
    double values[GF_DESIGN_MAX_LEVELS];
    int64_t n_values;
    double from, to; /* NaN: not given */
    int64_t scale;
    int64_t levels, has_levels; /* of a range in a grid, both ends included */
} gf_design_key;

typedef struct gf_design_number {
    char of[GF_DESIGN_TEXT];   /* run/measure.h */
    char name[GF_DESIGN_TEXT]; /* of its dataset; "": as `of`, without blanks */
} gf_design_number;

typedef struct gf_design {
    char path[4096];
    char name[GF_DESIGN_TEXT], base[256]; /* config that is varied, beside the design */
    char *text;                           /* the file as it was */
    int64_t method, points, has_points, portfolios;
    int64_t seed; /* of the design: permutations, shifts, bootstrap. The luck of portfolios is the config's */
    int64_t n_keys, n_numbers;
    gf_design_key keys[GF_DESIGN_MAX_KEYS];
    gf_design_number numbers[GF_DESIGN_MAX_NUMBERS];
} gf_design;

extern const gf_param gf_design_rows[];

/* Reads a design into new memory, with the names of all numbers filled in. NULL with `errors`. */
gf_design *gf_design_read(const char *path, gf_error_list *errors);
void gf_design_free(gf_design *design);

/* Name of a number's dataset: as given, or the number without blanks. May be written over number->name. */
void gf_design_name(const gf_design_number *number, char name[GF_DESIGN_TEXT]);

/* What rows cannot say of a design; for gf_config_read_checked(). */
gf_rows_check gf_design_check;

/* Does the sweep set this key of the config itself: by the design, or because of what a sweep is? */
int gf_design_sets(const gf_design *design, const char *key);

/* Path of the base config, malloc'ed; NULL when out of memory. */
char *gf_design_base(const gf_design *design);

/* Points of the design. Of Sobol' designs: A, then B, then for each key the points A with that key of B,
 * then for each key the points B with that key of A, each as many as `points`. */
size_t gf_design_size(const gf_design *design);

/* Values of all keys at all points, x[key][point], malloc'ed; NULL when out of memory. The same for the
 * same seed. Keys that count (whole numbers) get whole numbers, each as likely as the others on a linear
 * scale. */
double *gf_design_points(const gf_design *design);

#endif
