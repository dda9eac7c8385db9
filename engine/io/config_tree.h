/* A YAML document as a tree of nodes that know where they stand. Private to io/config. */
#ifndef GF_IO_CONFIG_TREE_H
#define GF_IO_CONFIG_TREE_H

#include <stddef.h>
#include "io/config.h"

/* Memory that is freed all at once. Zero-initialise. A failed request is remembered in `is_exhausted`. */
typedef struct gf_arena {
    struct gf_arena_chunk *chunks;
    int is_exhausted;
} gf_arena;
void *gf_arena_take(gf_arena *arena, size_t size); /* zeroed; NULL when out of memory */
char *gf_arena_text(gf_arena *arena, const char *bytes, size_t size);
void gf_arena_clear(gf_arena *arena);

/* BROKEN stands for something that has been reported already: nothing more is said of it. */
typedef enum { GF_NODE_BROKEN, GF_NODE_SCALAR, GF_NODE_LIST, GF_NODE_MAP } gf_node_kind;

typedef struct gf_node gf_node;
typedef struct gf_entry {
    const char *key; /* NULL in a list */
    gf_place place;  /* of the key */
    gf_node *value;
} gf_entry;
struct gf_node {
    gf_node_kind kind;
    gf_place place;
    int is_plain;     /* SCALAR: not quoted */
    const char *text; /* SCALAR */
    size_t n, room;   /* LIST, MAP */
    gf_entry *entries;
};

gf_node *gf_node_new(gf_arena *arena, gf_node_kind kind, gf_place place);
/* Appends an entry; 0 when out of memory. */
int gf_node_append(gf_arena *arena, gf_node *node, gf_entry entry);
/* Entry of that key in a map, or NULL. */
gf_entry *gf_node_find(const gf_node *map, const char *key);
/* Removes an entry of a map. */
void gf_node_remove(gf_node *map, gf_entry *entry);

/* Parses the single document in `bytes`. place.file and place.order name the source; place.line 0 makes all
 * lines 0 (overrides). NULL when nothing useful could be built; everything wrong is in `errors`. */
gf_node *gf_tree_parse(gf_arena *arena, const char *bytes, size_t size, gf_place place,
                       gf_error_list *errors);

/* Merges `over` into `base` key by key; lists and scalars replace. Returns the merged tree made of both. */
gf_node *gf_tree_merge(gf_arena *arena, gf_node *base, gf_node *over);

/* Reads a file and all that it extends; *files (may be NULL, zeroed before) lists them. NULL when there is no
 * tree. */
gf_node *gf_tree_read(gf_arena *arena, const char *path, gf_read_files *files, gf_error_list *errors);

/* Applies one override, see gf_config_read(). */
void gf_tree_override(gf_arena *arena, gf_node *root, const char *assignment, int order,
                      gf_error_list *errors);

/* Place of the value at a key path such as "models.giants.phases[1].start_year", or of its nearest parent
 * that is in the tree; *is_found tells which. */
gf_place gf_tree_place(const gf_node *root, const char *path, int *is_found);

#endif
