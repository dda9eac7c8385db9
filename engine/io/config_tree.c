/* Nodes of a config's tree: memory, look-up, merging, places. */
#include "io/config_tree.h"

#include <stdlib.h>
#include <string.h>

struct gf_arena_chunk {
    struct gf_arena_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

void *gf_arena_take(gf_arena *arena, size_t size)
{
    struct gf_arena_chunk *chunk = arena->chunks;
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > 1 << 16 ? size : 1 << 16;
        chunk = calloc(1, sizeof *chunk + room);
        if (chunk == NULL) {
            arena->is_exhausted = 1;
            return NULL;
        }
        chunk->size = room;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *place = chunk->bytes + chunk->used;
    chunk->used += size;
    return place;
}

char *gf_arena_text(gf_arena *arena, const char *bytes, size_t size)
{
    char *text = gf_arena_take(arena, size + 1);
    if (text != NULL && size > 0)
        memcpy(text, bytes, size);
    return text;
}

void gf_arena_clear(gf_arena *arena)
{
    while (arena->chunks != NULL) {
        struct gf_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
}

gf_node *gf_node_new(gf_arena *arena, gf_node_kind kind, gf_place place)
{
    gf_node *node = gf_arena_take(arena, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
        node->place = place;
    }
    return node;
}

int gf_node_append(gf_arena *arena, gf_node *node, gf_entry entry)
{
    if (node->n == node->room) {
        size_t room = node->room > 0 ? 2 * node->room : 8;
        gf_entry *grown = gf_arena_take(arena, room * sizeof *grown);
        if (grown == NULL)
            return 0;
        if (node->n > 0)
            memcpy(grown, node->entries, node->n * sizeof *grown);
        node->entries = grown;
        node->room = room;
    }
    node->entries[node->n++] = entry;
    return 1;
}

gf_entry *gf_node_find(const gf_node *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

void gf_node_remove(gf_node *map, gf_entry *entry)
{
    size_t at = (size_t)(entry - map->entries);
    memmove(entry, entry + 1, (map->n - at - 1) * sizeof *entry);
    map->n--;
}

gf_node *gf_tree_merge(gf_arena *arena, gf_node *base, gf_node *over)
{
    if (base->kind != GF_NODE_MAP || over->kind != GF_NODE_MAP)
        return over;
    for (size_t i = 0; i < over->n; i++) {
        gf_entry entry = over->entries[i];
        gf_entry *old = gf_node_find(base, entry.key);
        if (old != NULL) {
            entry.value = gf_tree_merge(arena, old->value, entry.value);
            *old = entry;
        } else if (!gf_node_append(arena, base, entry))
            return NULL;
    }
    base->place = over->place;
    return base;
}

/* Copies the next part of a path, "name" or "[3]" as "3", into `part`; returns what follows. */
static const char *next_part(const char *path, char *part, size_t size, int *is_index)
{
    *is_index = *path == '[';
    path += *is_index;
    size_t length = strcspn(path, *is_index ? "]" : ".[");
    size_t kept = length < size ? length : size - 1;
    memcpy(part, path, kept);
    part[kept] = '\0';
    path += length;
    path += *path == ']';
    path += *path == '.';
    return path;
}

gf_place gf_tree_place(const gf_node *root, const char *path, int *is_found)
{
    gf_place place = root->place;
    const gf_node *node = root;
    *is_found = 1;
    while (*path != '\0') {
        char part[128];
        int is_index;
        path = next_part(path, part, sizeof part, &is_index);
        const gf_entry *entry = NULL;
        if (is_index && node->kind == GF_NODE_LIST && strtoull(part, NULL, 10) < node->n)
            entry = &node->entries[strtoull(part, NULL, 10)];
        else if (!is_index && node->kind == GF_NODE_MAP)
            entry = gf_node_find(node, part);
        if (entry == NULL) {
            *is_found = 0;
            break;
        }
        node = entry->value;
        place = node->kind == GF_NODE_SCALAR ? node->place : entry->place;
    }
    return place;
}
