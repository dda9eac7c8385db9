/* JSON objects and terminal tables. */
#include "cli/print.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void gf_json_write_string(FILE *out, const char *text)
{
    size_t size = strlen(text), at = 0;
    fputc('"', out);
    while (at < size) {
        size_t valid = at + gf_utf8_valid_size(text + at, size - at);
        for (; at < valid; at++) {
            unsigned char c = (unsigned char)text[at];
            if (c == '"' || c == '\\')
                fprintf(out, "\\%c", c);
            else if (c < 0x20 || c == 0x7f)
                fprintf(out, "\\u%04x", c);
            else
                fputc(c, out);
        }
        if (at < size) {
            fputs("\\ufffd", out);
            at++;
        }
    }
    fputc('"', out);
}

/* Comma, new line, indentation and key of the next item. */
static void begin_item(gf_json *json, const char *key)
{
    if (json->depth > 0)
        fprintf(json->out, "%s\n%*s", json->has_items ? "," : "", 2 * json->depth, "");
    if (key != NULL) {
        gf_json_write_string(json->out, key);
        fputs(": ", json->out);
    }
    json->has_items = 1;
}

static void begin_nested(gf_json *json, const char *key, char bracket)
{
    begin_item(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->has_items = 0;
}

static void end_nested(gf_json *json, char bracket)
{
    json->depth--;
    if (json->has_items)
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->out);
    json->has_items = 1;
    if (json->depth == 0)
        fputc('\n', json->out);
}

void gf_json_object(gf_json *json, const char *key)
{
    begin_nested(json, key, '{');
}
void gf_json_object_end(gf_json *json)
{
    end_nested(json, '}');
}
void gf_json_array(gf_json *json, const char *key)
{
    begin_nested(json, key, '[');
}
void gf_json_array_end(gf_json *json)
{
    end_nested(json, ']');
}

void gf_json_number(gf_json *json, const char *key, double value)
{
    char number[GF_NUMBER_SIZE];
    begin_item(json, key);
    fputs(isfinite(value) ? gf_format_double(value, number) : "null", json->out);
}

void gf_json_int(gf_json *json, const char *key, int64_t value)
{
    begin_item(json, key);
    fprintf(json->out, "%lld", (long long)value);
}

void gf_json_bool(gf_json *json, const char *key, int value)
{
    begin_item(json, key);
    fputs(value ? "true" : "false", json->out);
}

void gf_json_text(gf_json *json, const char *key, const char *text)
{
    begin_item(json, key);
    if (text != NULL)
        gf_json_write_string(json->out, text);
    else
        fputs("null", json->out);
}

int gf_text_columns(const char *text)
{
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

void gf_table_add(gf_table *table, const char *format, ...)
{
    va_list arguments;
    char *cell = NULL;
    if (table->n_cells == table->room) {
        size_t room = table->room > 0 ? 2 * table->room : 64;
        char **grown = realloc(table->cells, room * sizeof *grown);
        if (grown == NULL) {
            table->is_out_of_memory = 1;
            return;
        }
        table->cells = grown;
        table->room = room;
    }
    va_start(arguments, format);
    if (vasprintf(&cell, format, arguments) < 0) {
        cell = NULL;
        table->is_out_of_memory = 1;
    }
    va_end(arguments);
    if (cell != NULL)
        table->cells[table->n_cells++] = cell;
}

static int column_width(const gf_table *table, size_t column)
{
    int width = 0;
    for (size_t i = column; i < table->n_cells; i += (size_t)table->n_columns) {
        int cell = gf_text_columns(table->cells[i]);
        width = cell > width ? cell : width;
    }
    return width;
}

/* Prints one row; spaces are put off until something visible follows them. */
static void print_row(const gf_table *table, const int *widths, char *const *cells, FILE *out, int indent)
{
    int n_inline = table->n_inline > 0 ? table->n_inline : table->n_columns, pending = indent;
    for (int column = 0; column < n_inline; column++) {
        int is_right = table->right_aligned >> column & 1;
        int padding = widths[column] - gf_text_columns(cells[column]);
        pending += is_right ? padding : 0;
        if (*cells[column] != '\0') {
            fprintf(out, "%*s%s", pending, "", cells[column]);
            pending = 0;
        }
        pending += (is_right ? 0 : padding) + 2;
    }
    fputc('\n', out);
    for (int column = n_inline; column < table->n_columns; column++)
        if (*cells[column] != '\0')
            fprintf(out, "%*s%s\n", indent + 4, "", cells[column]);
}

void gf_table_print(const gf_table *table, FILE *out, int indent)
{
    size_t n_columns = (size_t)table->n_columns;
    int widths[GF_TABLE_MAX_COLUMNS] = {0};
    assert(table->n_columns > 0 && table->n_columns <= GF_TABLE_MAX_COLUMNS);
    for (size_t column = 0; column < n_columns; column++)
        widths[column] = column_width(table, column);
    for (size_t i = 0; i + n_columns <= table->n_cells; i += n_columns)
        print_row(table, widths, table->cells + i, out, indent);
    if (table->is_out_of_memory)
        fputs("(the table is incomplete: out of memory)\n", out);
}

void gf_table_clear(gf_table *table)
{
    for (size_t i = 0; i < table->n_cells; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (gf_table){
        .n_columns = table->n_columns, .right_aligned = table->right_aligned, .n_inline = table->n_inline};
}
