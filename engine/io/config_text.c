/* Writes what a user gave as canonical YAML. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "io/config_bind.h"

/* A number with a point before its exponent: YAML 1.1 readers take 1e+06 for text. */
static void write_double(FILE *out, const gf_param *row, double value)
{
    char number[GF_NUMBER_SIZE];
    if (row->has_none && (value == row->none_value || (isnan(value) && isnan(row->none_value)))) {
        fputs("none", out);
        return;
    }
    gf_format_double(value, number);
    const char *exponent = strchr(number, 'e');
    if (exponent != NULL && strchr(number, '.') == NULL)
        fprintf(out, "%.*s.0%s", (int)(exponent - number), number, exponent);
    else
        fputs(number, out);
}

/* Text was checked to hold no control characters. */
static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_scalar(FILE *out, const gf_param *row, const char *place)
{
    char word[64];
    int64_t integer = 0;
    double number = 0;
    if (row->kind == GF_TEXT) {
        write_text(out, place);
        return;
    }
    if (row->kind == GF_DOUBLE) {
        memcpy(&number, place, sizeof number);
        write_double(out, row, number);
        return;
    }
    memcpy(&integer, place, sizeof integer);
    if (row->kind == GF_CHOICE)
        fputs(gf_choice_word(row->choices, (int)integer, word, sizeof word), out);
    else if (row->kind == GF_BOOL)
        fputs(integer ? "true" : "false", out);
    else
        fprintf(out, "%lld", (long long)integer);
}

static void write_list(FILE *out, const gf_param *row, const gf_node *node, const char *values)
{
    const double *list = (const double *)(const void *)(values + row->offset);
    fputs(" [", out);
    for (size_t i = 0; i < node->n; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_double(out, row, list[i]);
    }
    fputs("]\n", out);
}

/* In the order of the words, however they were given. */
static void write_set(FILE *out, const gf_param *row, const char *place)
{
    char word[64];
    uint64_t set = 0;
    int n_written = 0;
    memcpy(&set, place, sizeof set);
    if (set == gf_set_of_all(row->choices)) {
        fputs(" all\n", out);
        return;
    }
    for (int i = 0; set >> i != 0; i++)
        if ((set >> i & 1u) != 0)
            fprintf(out, "%s%s", n_written++ > 0 ? ", " : " [",
                    gf_choice_word(row->choices, i, word, sizeof word));
    fputs("]\n", out);
}

static void write_map(FILE *out, const gf_param *rows, const gf_node *node, const char *values, int indent,
                      int is_item);

static void write_table(FILE *out, const gf_param *row, const gf_node *node, const char *values, int indent)
{
    fputs(node->n == 0 ? " []\n" : "\n", out);
    for (size_t i = 0; i < node->n; i++) {
        fprintf(out, "%*s-%s", indent, "", node->entries[i].value->n == 0 ? " {}\n" : " ");
        write_map(out, row->rows, node->entries[i].value, values + row->offset + i * row->row_size,
                  indent + 2, 1);
    }
}

/* In an item of a list the first key follows the dash. */
static void write_map(FILE *out, const gf_param *rows, const gf_node *node, const char *values, int indent,
                      int is_item)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        const gf_entry *entry = gf_node_find(node, row->name);
        if (entry == NULL)
            continue;
        fprintf(out, "%*s%s:", is_item ? 0 : indent, "", row->name);
        is_item = 0;
        if (row->kind == GF_DOUBLES)
            write_list(out, row, entry->value, values);
        else if (row->kind == GF_SET)
            write_set(out, row, values + row->offset);
        else if (row->kind == GF_TABLE)
            write_table(out, row, entry->value, values, indent + 2);
        else if (row->kind == GF_GROUP) {
            fputs(entry->value->n == 0 ? " {}\n" : "\n", out);
            write_map(out, row->rows, entry->value, values + row->offset, indent + 2, 0);
        } else {
            fputc(' ', out);
            write_scalar(out, row, values + row->offset);
            fputc('\n', out);
        }
    }
}

void gf_text_write_map(FILE *out, const gf_param *rows, const gf_node *node, const void *values, int indent)
{
    write_map(out, rows, node, values, indent, 0);
}
