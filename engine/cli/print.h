/* What commands print: JSON objects and terminal tables. */
#ifndef GF_CLI_PRINT_H
#define GF_CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

/* A JSON writer that keeps commas and indentation right. Start with {.out = stdout}. `key` is NULL inside
 * arrays and for the outermost value. Numbers read back as the same double; NaN and infinities are null. */
typedef struct gf_json {
    FILE *out;
    int depth;
    int has_items; /* something was written at this depth */
} gf_json;

void gf_json_object(gf_json *json, const char *key);
void gf_json_object_end(gf_json *json);
void gf_json_array(gf_json *json, const char *key);
void gf_json_array_end(gf_json *json);
void gf_json_number(gf_json *json, const char *key, double value);
void gf_json_int(gf_json *json, const char *key, int64_t value);
void gf_json_bool(gf_json *json, const char *key, int value);
void gf_json_text(gf_json *json, const char *key, const char *text); /* NULL: null */

/* A text as a JSON string, quotes included: control characters escaped, bytes that are not UTF-8 replaced by
 * U+FFFD. */
void gf_json_write_string(FILE *out, const char *text);

enum { GF_TABLE_MAX_COLUMNS = 32 };

/* A table whose columns are as wide as their longest cell. Zero-initialise with n_columns set. */
typedef struct gf_table {
    int n_columns;
    unsigned right_aligned; /* bit c: column c is aligned to the right */
    int n_inline;           /* cells from this column on go to lines of their own, indented; 0: none does */
    size_t n_cells, room;
    char **cells;
    int is_out_of_memory;
} gf_table;

/* Adds the next cell, row by row. */
void gf_table_add(gf_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints all rows, each after `indent` spaces, without trailing spaces. */
void gf_table_print(const gf_table *table, FILE *out, int indent);
void gf_table_clear(gf_table *table);

/* What makes a plural of a word after its number: "s", or nothing after 1. */
#define GF_PLURAL(n) ((n) == 1 ? "" : "s")

/* Columns that a UTF-8 text takes on a terminal (one for each character). */
int gf_text_columns(const char *text);

#endif
