/* From a tree to structs, driven by parameter rows. */
#include "io/config_bind.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "io/config_scalar.h"

size_t gf_path_push(gf_binder *binder, const char *key)
{
    size_t length = strlen(binder->path);
    snprintf(binder->path + length, sizeof binder->path - length, "%s%s", length > 0 ? "." : "", key);
    return length;
}

size_t gf_path_push_index(gf_binder *binder, size_t index)
{
    size_t length = strlen(binder->path);
    snprintf(binder->path + length, sizeof binder->path - length, "[%zu]", index);
    return length;
}

void gf_path_cut(gf_binder *binder, size_t length)
{
    binder->path[length] = '\0';
}

void gf_bind_report(gf_binder *binder, gf_place place, const char *format, ...)
{
    char message[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    gf_errors_add(binder->errors, GF_CONFIG, place, "%s%s%s", binder->path,
                  binder->path[0] != '\0' ? ": " : "", message);
}

/* "'0.44x' has …; expected …" for a scalar, "is a list; …" for the rest. Long texts are cut. */
static void report_value(gf_binder *binder, const gf_param *row, const gf_node *node, const char *wrong)
{
    static const char *const kinds[] = {"", "", "is a list", "is a mapping"};
    char expected[300];
    if (node->kind == GF_NODE_BROKEN) {
        binder->has_broken = 1;
        return;
    }
    gf_param_expectation(row, expected, sizeof expected);
    if (node->kind != GF_NODE_SCALAR)
        gf_bind_report(binder, node->place, "%s; expected %s", kinds[node->kind], expected);
    else if (node->text[0] == '\0')
        gf_bind_report(binder, node->place, "is empty; expected %s", expected);
    else
        gf_bind_report(binder, node->place, "'%.60s%s' %s; expected %s", node->text,
                       strlen(node->text) > 60 ? "…" : "", wrong, expected);
}

/* The number of a scalar node within the bounds of the row; 0 after a report. */
static int read_number(gf_binder *binder, const gf_param *row, const gf_node *node, double *value)
{
    const char *wrong = "is not a number";
    if (node->kind == GF_NODE_SCALAR) {
        if (row->has_none && strcmp(node->text, "none") == 0) {
            *value = row->none_value;
            return 1;
        }
        wrong = node->is_plain ? gf_scalar_double(node->text, value) : "is text in quotes";
        if (wrong == NULL && *value >= row->min && *value <= row->max)
            return 1;
        if (wrong == NULL)
            wrong = "is out of range";
    }
    report_value(binder, row, node, wrong);
    return 0;
}

static void bind_int(gf_binder *binder, const gf_param *row, const gf_node *node, int64_t *out)
{
    const char *wrong = "is not an integer";
    int64_t value = 0;
    if (node->kind == GF_NODE_SCALAR) {
        wrong = node->is_plain ? gf_scalar_int(node->text, &value) : "is text in quotes";
        if (wrong == NULL && ((double)value < row->min || (double)value > row->max))
            wrong = "is out of range";
        if (wrong == NULL) {
            *out = value;
            return;
        }
    }
    report_value(binder, row, node, wrong);
}

static void bind_bool(gf_binder *binder, const gf_param *row, const gf_node *node, int64_t *out)
{
    int64_t value = 0;
    const char *wrong = "is neither true nor false";
    if (node->kind == GF_NODE_SCALAR)
        wrong = node->is_plain ? gf_scalar_bool(node->text, &value) : "is text in quotes";
    if (node->kind != GF_NODE_SCALAR || wrong != NULL)
        report_value(binder, row, node, wrong);
    else
        *out = value;
}

static void bind_choice(gf_binder *binder, const gf_param *row, const gf_node *node, int64_t *out)
{
    int index = node->kind == GF_NODE_SCALAR ? gf_choice_index(row->choices, node->text) : -1;
    if (index >= 0) {
        *out = index;
        return;
    }
    if (node->kind != GF_NODE_SCALAR || node->text[0] == '\0') {
        report_value(binder, row, node, "");
        return;
    }
    char words[64][48], expected[300];
    gf_nearest nearest = {node->text, NULL, 0};
    for (int i = 0; i < 64 && gf_choice_word(row->choices, i, words[i], sizeof words[i])[0] != '\0'; i++)
        gf_nearest_offer(&nearest, words[i]);
    gf_bind_report(binder, node->place, "unknown word '%.60s'; expected %s%s%s%s", node->text,
                   gf_param_expectation(row, expected, sizeof expected),
                   nearest.best != NULL ? " (did you mean '" : "", nearest.best != NULL ? nearest.best : "",
                   nearest.best != NULL ? "'?)" : "");
}

/* The word all, or a list of different words. */
static void bind_set(gf_binder *binder, const gf_param *row, const gf_node *node, uint64_t *out)
{
    uint64_t set = 0;
    if (node->kind == GF_NODE_SCALAR && strcmp(node->text, "all") == 0) {
        *out = gf_set_of_all(row->choices);
        return;
    }
    if (node->kind != GF_NODE_LIST || node->n == 0) {
        char expected[300];
        if (node->kind == GF_NODE_LIST)
            gf_bind_report(binder, node->place, "is an empty list; expected %s",
                           gf_param_expectation(row, expected, sizeof expected));
        else
            report_value(binder, row, node, "is not a list");
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        const gf_node *element = node->entries[i].value;
        const size_t length = gf_path_push_index(binder, i);
        gf_param word = *row;
        word.kind = GF_CHOICE;
        int64_t index = -1;
        bind_choice(binder, &word, element, &index);
        if (index >= 0 && (set >> index & 1u) != 0)
            gf_bind_report(binder, element->place, "'%.60s' is there twice; expected each word once",
                           element->text);
        set |= index >= 0 ? UINT64_C(1) << index : 0;
        gf_path_cut(binder, length);
    }
    *out = set;
}

/* Control characters and Unicode line breaks would spoil terminals and files. */
static int has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++)
        if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0) ||
            (*c == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9)) ||
            (*c == 0xef && c[1] == 0xbb && c[2] == 0xbf))
            return 1;
    return 0;
}

static void bind_text(gf_binder *binder, const gf_param *row, const gf_node *node, char *out)
{
    size_t room = row->max_count > 0 ? (size_t)row->max_count : GF_TEXT_SIZE;
    if (node->kind != GF_NODE_SCALAR || node->text[0] == '\0')
        report_value(binder, row, node, "");
    else if (strlen(node->text) >= room)
        report_value(binder, row, node, "is too long");
    else if (has_control(node->text))
        gf_bind_report(binder, node->place,
                       "holds a control character or line break; expected one line of text");
    else
        memcpy(out, node->text, strlen(node->text) + 1);
}

static void bind_doubles(gf_binder *binder, const gf_param *row, const gf_node *node, char *values)
{
    double *list = (double *)(void *)(values + row->offset);
    size_t room = (size_t)(row->fixed_count > 0 ? row->fixed_count : row->max_count);
    if (node->kind != GF_NODE_LIST) {
        report_value(binder, row, node, "is not a list");
        return;
    }
    if (row->fixed_count > 0 ? node->n != room : node->n > room) {
        char expected[300];
        gf_bind_report(binder, node->place, "is a list of %zu; expected %s", node->n,
                       gf_param_expectation(row, expected, sizeof expected));
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        size_t length = gf_path_push_index(binder, i);
        gf_param element = *row;
        element.kind = GF_DOUBLE;
        double value = 0;
        if (read_number(binder, &element, node->entries[i].value, &value))
            list[i] = value;
        gf_path_cut(binder, length);
    }
    if (row->fixed_count == 0)
        *(int64_t *)(void *)(values + row->count_offset) = (int64_t)node->n;
}

static void bind_table(gf_binder *binder, const gf_param *row, const gf_node *node, char *values)
{
    if (node->kind != GF_NODE_LIST) {
        report_value(binder, row, node, "is not a list");
        return;
    }
    if (node->n > (size_t)row->max_count) {
        gf_bind_report(binder, node->place, "is a list of %zu; expected at most %d mappings", node->n,
                       (int)row->max_count);
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        char *element = values + row->offset + i * row->row_size;
        size_t length = gf_path_push_index(binder, i);
        memset(element, 0, row->row_size);
        gf_params_preset(row->rows, element);
        const gf_node *map = node->entries[i].value;
        if (map->kind == GF_NODE_MAP)
            gf_bind_map(binder, row->rows, map, map->place, element);
        else if (map->kind == GF_NODE_BROKEN)
            binder->has_broken = 1;
        else
            gf_bind_report(binder, map->place, "is not a mapping; expected a mapping of keys");
        gf_path_cut(binder, length);
    }
    *(int64_t *)(void *)(values + row->count_offset) = (int64_t)node->n;
}

void gf_bind_value(gf_binder *binder, const gf_param *row, const gf_entry *entry, void *values)
{
    char *place = (char *)values + row->offset;
    const gf_node *node = entry->value;
    switch (row->kind) {
    case GF_DOUBLE: {
        double value = 0;
        if (read_number(binder, row, node, &value))
            *(double *)(void *)place = value;
        break;
    }
    case GF_INT:
        bind_int(binder, row, node, (int64_t *)(void *)place);
        break;
    case GF_BOOL:
        bind_bool(binder, row, node, (int64_t *)(void *)place);
        break;
    case GF_CHOICE:
        bind_choice(binder, row, node, (int64_t *)(void *)place);
        break;
    case GF_SET:
        bind_set(binder, row, node, (uint64_t *)(void *)place);
        break;
    case GF_TEXT:
        bind_text(binder, row, node, place);
        break;
    case GF_DOUBLES:
        bind_doubles(binder, row, node, values);
        break;
    case GF_TABLE:
        bind_table(binder, row, node, values);
        break;
    case GF_GROUP:
        if (node->kind == GF_NODE_MAP)
            gf_bind_map(binder, row->rows, node, entry->place, place);
        else
            report_value(binder, row, node, "is not a mapping");
        break;
    }
}

static void report_unknown(gf_binder *binder, const gf_param *rows, const gf_entry *entry)
{
    char keys[400] = "";
    const char *near = gf_params_nearest(rows, entry->key);
    size_t at = 0;
    for (const gf_param *row = rows; row->name != NULL && at + strlen(row->name) + 8 < sizeof keys; row++)
        at += (size_t)snprintf(keys + at, sizeof keys - at, "%s%s", at > 0 ? ", " : "", row->name);
    if (near != NULL)
        gf_bind_report(binder, entry->place,
                       "unknown key '%.60s'; expected one of its keys (did you mean '%s'?)", entry->key,
                       near);
    else
        gf_bind_report(binder, entry->place, "unknown key '%.60s'; expected one of %s", entry->key, keys);
}

void gf_bind_missing(gf_binder *binder, const gf_param *rows, const gf_node *node, gf_place place)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        char expected[300];
        if (node != NULL && gf_node_find(node, row->name) != NULL)
            continue;
        if (row->required)
            gf_bind_report(binder, place, "missing %s '%s'; expected %s",
                           row->kind == GF_GROUP ? "section" : "key", row->name,
                           gf_param_expectation(row, expected, sizeof expected));
        else if (row->kind == GF_GROUP && row->presence_offset == 0) {
            size_t length = gf_path_push(binder, row->name);
            gf_bind_missing(binder, row->rows, NULL, place);
            gf_path_cut(binder, length);
        }
    }
}

void gf_bind_map(gf_binder *binder, const gf_param *rows, const gf_node *node, gf_place place, void *values)
{
    for (size_t i = 0; i < node->n; i++) {
        const gf_entry *entry = &node->entries[i];
        const gf_param *row = gf_params_find(rows, entry->key);
        if (row == NULL) {
            report_unknown(binder, rows, entry);
            continue;
        }
        size_t length = gf_path_push(binder, entry->key);
        if (row->presence_offset != 0)
            *(int64_t *)(void *)((char *)values + row->presence_offset) = 1;
        gf_bind_value(binder, row, entry, values);
        gf_path_cut(binder, length);
    }
    gf_bind_missing(binder, rows, node, place);
}
