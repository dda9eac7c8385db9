/* From a YAML file to a checked scenario. Parameter rows drive it; every error of a config is found in one
 * pass and points at file:line:column. */
#ifndef GF_IO_CONFIG_H
#define GF_IO_CONFIG_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/diagnose.h"
#include "base/status.h"
#include "portfolio/scenario.h"

/* Limits that make hostile input harmless; each is named in its error message. */
enum {
    GF_CONFIG_MAX_BYTES = 4 << 20,
    GF_CONFIG_MAX_DEPTH = 32,
    GF_CONFIG_MAX_KEYS = 1000,     /* of one mapping */
    GF_CONFIG_MAX_VALUES = 200000, /* of one file: scalars, lists and mappings together */
    GF_CONFIG_MAX_EXTENDS = 16,
    GF_CONFIG_MAX_ERRORS = 1000
};

/* Where a value stands. line 0: no line (a command line, an unreadable file). Lines and columns count
 * from 1. */
typedef struct gf_place {
    const char *file; /* path as given, or "--set: KEY=VALUE" */
    int order;        /* of the file: 0 the config, then what it extends, then overrides */
    int line, column;
} gf_place;

typedef struct gf_config_error {
    gf_status status; /* GF_CONFIG, GF_NO_INPUT or GF_MEMORY */
    char *file;       /* owned */
    int order, line, column;
    char *message; /* owned: what was found; what was expected (did you mean …) */
} gf_config_error;

/* All problems of one config, sorted by file and line. Zero-initialise before use. */
typedef struct gf_error_list {
    size_t n, room;
    size_t n_left_out; /* beyond GF_CONFIG_MAX_ERRORS */
    gf_config_error *errors;
    int is_out_of_memory;
} gf_error_list;

/* Adds a problem with a printf-style message. */
void gf_errors_add(gf_error_list *errors, gf_status status, gf_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Sorts by file, line and column; problems at one place keep the order in which they were found. */
void gf_errors_sort(gf_error_list *errors);
/* One line each: "file:line:column: error: message". */
void gf_errors_print(const gf_error_list *errors, FILE *out);
/* GF_OK if empty; else GF_MEMORY, GF_CONFIG or, if nothing else happened, GF_NO_INPUT. */
gf_status gf_errors_status(const gf_error_list *errors);
void gf_errors_clear(gf_error_list *errors);

/* The files that a config came from: the first, and what it extends. */
typedef struct gf_read_files {
    int n;
    dev_t device[GF_CONFIG_MAX_EXTENDS + 1];
    ino_t inode[GF_CONFIG_MAX_EXTENDS + 1];
} gf_read_files;

/* A config as read. `scenario` holds pointers into itself: do not copy or move the struct after reading. */
typedef struct gf_config {
    gf_scenario scenario;
    /* The effective config as canonical YAML: all keys that the user gave, after `extends` and overrides, in
       the order of the rows (models: of the registry), numbers normalised. Equal for any order of keys. Reads
       back. */
    char *text;
    uint64_t hash; /* gf_text_hash(text) */
    gf_read_files files;
} gf_config;

/* Was it read from `file`, by whatever name, or does it extend it? */
int gf_config_was_read_from(const gf_config *config, const char *file);

/* Reads a config.
 *
 * `overrides` are n_overrides texts "KEY=VALUE" in the order of the command line, later ones win: KEY is a
 * path such as "models.giants.supplier_share" or "startups.dilution[0]", VALUE is YAML in flow style and
 * replaces the whole value; an index equal to the length of a list appends. Errors call them "--set:
 * KEY=VALUE". A text that begins with "--" comes from an option of that name: "--portfolios=1000" sets
 * `portfolios`.
 *
 * Returns GF_OK with a filled config (free it with gf_config_clear()), or the status of `errors` (zeroed
 * before, sorted after the call) with an empty one. */
gf_status gf_config_read(const char *path, int n_overrides, const char *const *overrides, gf_config *config,
                         gf_error_list *errors);

/* Reads a config from a text in memory that extends nothing, such as the one that a result file holds; errors
 * call it `label`. */
gf_status gf_config_read_text(const char *text, const char *label, gf_config *config, gf_error_list *errors);

/* The config that more overrides would have made, such as "--portfolios=4096"; the file is not read again, so
 * that whoever edits it meanwhile changes nothing. */
gf_status gf_config_change(const gf_config *from, int n_overrides, const char *const *overrides,
                           gf_config *config, gf_error_list *errors);

/* Reads another kind of YAML file (not a scenario) into `values`, a zeroed struct that `rows` describe,
 * presets first. Returns GF_OK or the status of `errors`. */
gf_status gf_config_read_rows(const char *path, const gf_param *rows, void *values, gf_error_list *errors);
/* The same; then, if nothing is wrong so far, `check` (may be NULL) says by gf_diagnose() what rows cannot:
 * errors point at the key that it names. */
typedef void gf_rows_check(const void *values, gf_diagnostics *diagnostics);
gf_status gf_config_read_checked(const char *path, const gf_param *rows, void *values, gf_rows_check *check,
                                 gf_error_list *errors);

/* Row of the key path of a config such as "models.incubation.loss_tolerance", "startups.dilution[0]" or
 * "startups.outcome.mixture[2].weight", whatever config; NULL: there is no such key. */
const gf_param *gf_config_find_row(const char *key);
/* The path of a key most like one that there is not, where one step of it is misspelt; "" if there is none.
 */
void gf_config_suggest_key(const char *key, char *suggestion, size_t size);

/* What a YAML file is by its top-level keys, with what it extends: a config has `scenario`, the design of a
 * sweep `sweep`, or `keys` and `numbers`. OTHER also where it is no regular file, which could not be read
 * again. */
typedef enum { GF_FILE_OTHER, GF_FILE_CONFIG, GF_FILE_DESIGN } gf_file_kind;
gf_file_kind gf_config_kind(const char *path);
/* Place of the value at a key path of a file, or of its nearest parent there; place.line is 0 if it cannot be
 * read. place.file is `path`. */
gf_place gf_config_place(const char *path, const char *key);

/* The overrides of a command line, for gf_config_read(). Zero-initialise. */
typedef struct gf_overrides {
    int n, room;
    const char **items; /* [n], each owned */
} gf_overrides;

/* Appends "KEY=VALUE" (option NULL), or "--option=value" for an option that sets the key of its name:
 * ("portfolios", "1e5"). 0 when out of memory. */
int gf_overrides_add(gf_overrides *overrides, const char *option, const char *text);
void gf_overrides_clear(gf_overrides *overrides);

/* Frees what the config owns; a zeroed config is fine. */
void gf_config_clear(gf_config *config);

/* Seed of a config that names none. */
enum { GF_SEED_PRESET = 1 };

/* An unsigned 64-bit seed, decimal or 0x…; 1 if the whole text is one. */
int gf_seed_parse(const char *text, uint64_t *seed);

#endif
