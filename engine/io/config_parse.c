/* From YAML text to a tree, over libyaml's events. Refuses what a config does not need: aliases (so no alias
 * bomb can unfold), tags, further documents, deep nesting. */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "io/config_tree.h"

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    gf_arena *arena;
    gf_place origin;
    gf_error_list *errors;
    long n_nodes;
    int has_alias; /* one was reported */
    int is_over;   /* nothing more can be read */
} reader;

static gf_place place_at(const reader *self, yaml_mark_t mark)
{
    gf_place place = self->origin;
    if (place.line > 0) {
        place.line = (int)mark.line + 1;
        place.column = (int)mark.column + 1;
    }
    return place;
}

static gf_place event_place(const reader *self)
{
    return place_at(self, self->event.start_mark);
}

static void report_syntax(reader *self)
{
    const yaml_parser_t *parser = &self->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        self->errors->is_out_of_memory = 1;
    else if (parser->error == YAML_READER_ERROR)
        gf_errors_add(self->errors, GF_CONFIG, place_at(self, parser->mark),
                      "%s (U+%04X); expected YAML text", parser->problem, (unsigned)parser->problem_value);
    else
        gf_errors_add(self->errors, GF_CONFIG, place_at(self, parser->problem_mark),
                      "not YAML: %s%s%s; expected `key: value` lines, indented by spaces", parser->problem,
                      parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "");
}

/* Moves to the next event; 0 at a syntax error. */
static int advance(reader *self)
{
    yaml_event_delete(&self->event);
    if (self->is_over || self->arena->is_exhausted)
        return 0;
    if (!yaml_parser_parse(&self->parser, &self->event)) {
        report_syntax(self);
        self->is_over = 1;
        return 0;
    }
    return 1;
}

static gf_node *stop(reader *self)
{
    self->is_over = 1;
    return NULL;
}

static gf_node *read_node(reader *self, int depth);

static gf_node *read_alias(reader *self)
{
    if (!self->has_alias)
        gf_errors_add(self->errors, GF_CONFIG, event_place(self),
                      "alias '*%s'; aliases are not supported, expected the value itself",
                      (const char *)self->event.data.alias.anchor);
    self->has_alias = 1;
    return gf_node_new(self->arena, GF_NODE_BROKEN, event_place(self));
}

static gf_node *read_scalar(reader *self)
{
    gf_node *node = gf_node_new(self->arena, GF_NODE_SCALAR, event_place(self));
    if (node == NULL)
        return stop(self);
    const char *value = (const char *)self->event.data.scalar.value;
    size_t length = self->event.data.scalar.length;
    node->is_plain = self->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = gf_arena_text(self->arena, value, length);
    if (node->text == NULL)
        return stop(self);
    if (memchr(value, '\0', length) != NULL) {
        gf_errors_add(self->errors, GF_CONFIG, node->place,
                      "text holds a zero character; expected plain text");
        node->kind = GF_NODE_BROKEN;
    }
    return node;
}

static gf_node *read_list(reader *self, int depth)
{
    gf_node *list = gf_node_new(self->arena, GF_NODE_LIST, event_place(self));
    while (list != NULL && advance(self)) {
        if (self->event.type == YAML_SEQUENCE_END_EVENT)
            return list;
        gf_entry entry = {.place = event_place(self), .value = read_node(self, depth + 1)};
        if (entry.value == NULL || !gf_node_append(self->arena, list, entry))
            break;
    }
    return stop(self);
}

/* Appends a pair unless its key stands there already. */
static int add_pair(reader *self, gf_node *map, gf_entry entry)
{
    const gf_entry *first = gf_node_find(map, entry.key);
    if (first == NULL)
        return gf_node_append(self->arena, map, entry);
    char where[32] = "";
    if (first->place.line > 0)
        snprintf(where, sizeof where, ", first on line %d", first->place.line);
    gf_errors_add(self->errors, GF_CONFIG, entry.place, "duplicate key '%.60s'%s; expected each key once",
                  entry.key, where);
    return 1;
}

static gf_node *read_map(reader *self, int depth)
{
    gf_node *map = gf_node_new(self->arena, GF_NODE_MAP, event_place(self));
    while (map != NULL && advance(self)) {
        if (self->event.type == YAML_MAPPING_END_EVENT)
            return map;
        gf_entry entry = {.place = event_place(self)};
        if (map->n >= GF_CONFIG_MAX_KEYS) {
            gf_errors_add(self->errors, GF_CONFIG, entry.place,
                          "too many keys; expected at most %d in a mapping", GF_CONFIG_MAX_KEYS);
            break;
        }
        gf_node *key = read_node(self, depth + 1);
        if (key == NULL || !advance(self) || (entry.value = read_node(self, depth + 1)) == NULL)
            break;
        entry.key = key->text;
        if (key->kind == GF_NODE_LIST || key->kind == GF_NODE_MAP)
            gf_errors_add(self->errors, GF_CONFIG, entry.place, "the key is a %s; expected a word",
                          key->kind == GF_NODE_LIST ? "list" : "mapping");
        else if (key->kind == GF_NODE_SCALAR && !add_pair(self, map, entry))
            break;
    }
    return stop(self);
}

/* Tag and anchor of the current event are refused; a tag breaks the node. */
static int has_tag(reader *self)
{
    const yaml_event_t *event = &self->event;
    const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
                             : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                             : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
                                                                        : NULL;
    if (tag != NULL)
        gf_errors_add(self->errors, GF_CONFIG, event_place(self),
                      "tag '%s'; tags are not supported, expected a value", (const char *)tag);
    return tag != NULL;
}

/* The node at the current event. */
static gf_node *read_node(reader *self, int depth)
{
    if (depth > GF_CONFIG_MAX_DEPTH) {
        gf_errors_add(self->errors, GF_CONFIG, event_place(self),
                      "nested too deeply; expected at most %d levels", GF_CONFIG_MAX_DEPTH);
        return stop(self);
    }
    if (++self->n_nodes > GF_CONFIG_MAX_VALUES) {
        gf_errors_add(self->errors, GF_CONFIG, event_place(self), "too many values; expected at most %d",
                      GF_CONFIG_MAX_VALUES);
        return stop(self);
    }
    int is_tagged = has_tag(self);
    gf_node *node = NULL;
    if (self->event.type == YAML_ALIAS_EVENT)
        node = read_alias(self);
    else if (self->event.type == YAML_SCALAR_EVENT)
        node = read_scalar(self);
    else if (self->event.type == YAML_SEQUENCE_START_EVENT)
        node = read_list(self, depth);
    else
        node = read_map(self, depth);
    if (node != NULL && is_tagged)
        node->kind = GF_NODE_BROKEN;
    return node;
}

/* stream start, document start, node, document end, stream end */
static gf_node *read_stream(reader *self)
{
    int is_open = advance(self);
    if (!is_open || !advance(self))
        return NULL;
    if (self->event.type == YAML_STREAM_END_EVENT) {
        gf_errors_add(self->errors, GF_CONFIG, self->origin, "empty; expected a YAML mapping of keys");
        return NULL;
    }
    gf_node *root = advance(self) ? read_node(self, 1) : NULL;
    int is_closed = root != NULL && advance(self);
    if (!is_closed || !advance(self))
        return root;
    if (self->event.type != YAML_STREAM_END_EVENT)
        gf_errors_add(self->errors, GF_CONFIG, event_place(self),
                      "a second document begins; expected a single one");
    return root;
}

gf_node *gf_tree_parse(gf_arena *arena, const char *bytes, size_t size, gf_place place, gf_error_list *errors)
{
    reader self = {.arena = arena, .origin = place, .errors = errors};
    if (!yaml_parser_initialize(&self.parser)) {
        errors->is_out_of_memory = 1;
        return NULL;
    }
    yaml_parser_set_encoding(&self.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&self.parser, (const unsigned char *)bytes, size);
    gf_node *root = read_stream(&self);
    yaml_event_delete(&self.event);
    yaml_parser_delete(&self.parser);
    if (arena->is_exhausted)
        errors->is_out_of_memory = 1;
    return arena->is_exhausted ? NULL : root;
}
