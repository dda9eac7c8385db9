/* Fills structs from trees by their parameter rows, and writes them back as canonical YAML. Private to
 * io/config. */
#ifndef GF_IO_CONFIG_BIND_H
#define GF_IO_CONFIG_BIND_H

#include <stdio.h>
#include "base/param.h"
#include "io/config_tree.h"

enum { GF_PATH_SIZE = 256 };

/* Where the binder is: errors name the key path. */
typedef struct gf_binder {
    gf_error_list *errors;
    char path[GF_PATH_SIZE];
    int has_broken; /* met a value that the parser refused: cross-checks would mislead */
} gf_binder;

/* Fills `values` (already preset) from a mapping: unknown, wrong and missing keys are reported. `place` is
 * where missing keys are reported; `node` may be NULL: an absent mapping. */
void gf_bind_map(gf_binder *binder, const gf_param *rows, const gf_node *node, gf_place place, void *values);

/* Fills the one row from its entry; the binder's path ends with its key. */
void gf_bind_value(gf_binder *binder, const gf_param *row, const gf_entry *entry, void *values);

/* Reports the required keys that a mapping (or NULL) lacks, those of absent sections included. */
void gf_bind_missing(gf_binder *binder, const gf_param *rows, const gf_node *node, gf_place place);

/* Appends ".key" or "[index]" to the path; gf_path_cut() takes it back to the length returned. */
size_t gf_path_push(gf_binder *binder, const char *key);
size_t gf_path_push_index(gf_binder *binder, size_t index);
void gf_path_cut(gf_binder *binder, size_t length);

/* Reports a problem at the binder's path: "path: message". */
void gf_bind_report(gf_binder *binder, gf_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a row accepts, in words: "a number from 0 to 1 (1/year)". Returns buffer. */
const char *gf_param_expectation(const gf_param *row, char *buffer, size_t size);

/* Writes the keys that `node` has, in the order of the rows, with their values; indented by `indent` spaces.
 */
void gf_text_write_map(FILE *out, const gf_param *rows, const gf_node *node, const void *values, int indent);

#endif
