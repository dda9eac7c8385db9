/* Reads config files and what they extend, and applies overrides. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/config_tree.h"

/* One file of a chain of `extends`, for the detection of cycles. */
typedef struct chain_link {
    const struct chain_link *from;
    gf_read_files *files; /* that were opened; NULL: nobody asks */
    dev_t device;
    ino_t inode;
    int order;
} chain_link;

/* Where the name of the file stands: the command line for the first, an `extends` for the others. */
static void report_unreadable(gf_place origin, const char *path, const char *reason, gf_error_list *errors)
{
    if (origin.line > 0)
        gf_errors_add(errors, GF_NO_INPUT, origin, "extends: cannot read '%s': %s; expected a config file",
                      path, reason);
    else
        gf_errors_add(errors, GF_NO_INPUT, origin, "cannot read: %s; expected a config file", reason);
}

static void report_size(gf_place file, gf_error_list *errors)
{
    file.line = 0;
    gf_errors_add(errors, GF_CONFIG, file, "larger than %d MB; expected a config of at most %d bytes",
                  GF_CONFIG_MAX_BYTES >> 20, GF_CONFIG_MAX_BYTES);
}

/* Checks that bytes are UTF-8 text; says where they are not. */
static int is_text(const char *bytes, size_t size, gf_place place, gf_error_list *errors)
{
    size_t valid = gf_utf8_valid_size(bytes, size);
    const char *zero = memchr(bytes, '\0', size);
    size_t wrong = zero != NULL && (size_t)(zero - bytes) < valid ? (size_t)(zero - bytes) : valid;
    if (wrong == size)
        return 1;
    place.line = place.column = 1;
    for (size_t i = 0; i < wrong; i++) {
        place.column += ((unsigned char)bytes[i] & 0xc0) != 0x80;
        if (bytes[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    gf_errors_add(errors, GF_CONFIG, place, "byte 0x%02x is not text; expected a YAML file in UTF-8",
                  (unsigned)(unsigned char)bytes[wrong]);
    return 0;
}

/* Takes away the mark that some editors put before the first line (U+FEFF). */
static const char *without_mark(const char *bytes, size_t *size)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    if (*size < sizeof mark || memcmp(bytes, mark, sizeof mark) != 0)
        return bytes;
    *size -= sizeof mark;
    return bytes + sizeof mark;
}

/* Reads at most the limit plus one byte; NULL with a report when there is no usable text. */
static const char *read_bytes(gf_arena *arena, FILE *in, gf_place file, gf_place origin, size_t *size,
                              gf_error_list *errors)
{
    struct stat about;
    if (fstat(fileno(in), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > GF_CONFIG_MAX_BYTES) {
        report_size(file, errors);
        return NULL;
    }
    char *bytes = gf_arena_take(arena, GF_CONFIG_MAX_BYTES + 1);
    if (bytes == NULL) {
        errors->is_out_of_memory = 1;
        return NULL;
    }
    *size = fread(bytes, 1, GF_CONFIG_MAX_BYTES + 1, in);
    if (ferror(in)) {
        report_unreadable(origin, file.file, strerror(errno), errors);
        return NULL;
    }
    if (!is_text(bytes, *size, file, errors))
        return NULL;
    if (*size > GF_CONFIG_MAX_BYTES) {
        report_size(file, errors);
        return NULL;
    }
    return without_mark(bytes, size);
}

/* Path of `name` seen from the file `from`. */
static const char *beside(gf_arena *arena, const char *from, const char *name)
{
    const char *slash = strrchr(from, '/');
    if (slash == NULL || name[0] == '/')
        return name;
    size_t folder = (size_t)(slash - from) + 1, length = strlen(name);
    char *path = gf_arena_take(arena, folder + length + 1);
    if (path != NULL)
        snprintf(path, folder + length + 1, "%.*s%s", (int)folder, from, name);
    return path;
}

static gf_node *read_file(gf_arena *arena, const char *path, gf_place origin, const chain_link *from,
                          gf_error_list *errors);

/* Replaces a tree that extends another by the merged one. */
static gf_node *extend(gf_arena *arena, gf_node *root, const char *path, const chain_link *self,
                       gf_error_list *errors)
{
    gf_entry *entry = gf_node_find(root, "extends");
    if (entry == NULL)
        return root;
    const gf_node *value = entry->value;
    gf_node_remove(root, entry);
    if (value->kind != GF_NODE_SCALAR || value->text[0] == '\0') {
        if (value->kind != GF_NODE_BROKEN)
            gf_errors_add(errors, GF_CONFIG, value->place,
                          "extends: not a file name; expected one such as hangzhou.yaml");
        return root;
    }
    if (self->order + 1 > GF_CONFIG_MAX_EXTENDS) {
        gf_errors_add(errors, GF_CONFIG, value->place,
                      "extends: the chain is too long; expected at most %d files", GF_CONFIG_MAX_EXTENDS);
        return root;
    }
    const char *base_path = beside(arena, path, value->text);
    gf_node *base = base_path != NULL ? read_file(arena, base_path, value->place, self, errors) : NULL;
    return base != NULL ? gf_tree_merge(arena, base, root) : root;
}

static int is_cycle(const chain_link *self)
{
    for (const chain_link *other = self->from; other != NULL; other = other->from)
        if (other->device == self->device && other->inode == self->inode)
            return 1;
    return 0;
}

/* Opens a file, refusing folders and cycles. */
static FILE *open_config(const char *path, gf_place origin, chain_link *self, gf_error_list *errors)
{
    struct stat about;
    FILE *in = fopen(path, "rb");
    if (in == NULL || fstat(fileno(in), &about) != 0 || S_ISDIR(about.st_mode)) {
        report_unreadable(origin, path, in != NULL ? strerror(EISDIR) : strerror(errno), errors);
        if (in != NULL)
            fclose(in);
        return NULL;
    }
    self->device = about.st_dev;
    self->inode = about.st_ino;
    if (self->files != NULL && self->files->n < GF_CONFIG_MAX_EXTENDS + 1) {
        self->files->device[self->files->n] = about.st_dev;
        self->files->inode[self->files->n++] = about.st_ino;
    }
    if (is_cycle(self)) {
        gf_errors_add(errors, GF_CONFIG, origin,
                      "extends: '%s' extends itself in the end; expected a chain that ends", path);
        fclose(in);
        return NULL;
    }
    return in;
}

static gf_node *read_file(gf_arena *arena, const char *path, gf_place origin, const chain_link *from,
                          gf_error_list *errors)
{
    chain_link self = {.from = from, .files = from->files, .order = from->order + 1};
    gf_place file = {.file = path, .order = self.order, .line = 1, .column = 1};
    size_t size = 0;
    FILE *in = open_config(path, origin, &self, errors);
    if (in == NULL)
        return NULL;
    const char *bytes = read_bytes(arena, in, file, origin, &size, errors);
    fclose(in);
    gf_node *root = bytes != NULL ? gf_tree_parse(arena, bytes, size, file, errors) : NULL;
    if (root != NULL && root->kind != GF_NODE_MAP) {
        if (root->kind != GF_NODE_BROKEN)
            gf_errors_add(errors, GF_CONFIG, root->place, "the file holds a %s; expected a mapping of keys",
                          root->kind == GF_NODE_LIST ? "list" : "single value");
        return NULL;
    }
    return root != NULL ? extend(arena, root, path, &self, errors) : NULL;
}

gf_node *gf_tree_read(gf_arena *arena, const char *path, gf_read_files *files, gf_error_list *errors)
{
    const gf_place origin = {.file = path};
    const chain_link before = {.files = files, .order = -1}; /* no file has its inode 0 */
    return read_file(arena, path, origin, &before, errors);
}

int gf_config_was_read_from(const gf_config *config, const char *file)
{
    struct stat about;
    if (stat(file, &about) != 0)
        return 0;
    for (int i = 0; i < config->files.n; i++)
        if (config->files.device[i] == about.st_dev && config->files.inode[i] == about.st_ino)
            return 1;
    return 0;
}

/* One step of an override's path below `node`: the slot that holds the value, made if need be. NULL: no such
 * place. */
static gf_node **step(gf_arena *arena, gf_node *node, const char *part, int is_index, gf_place place)
{
    gf_entry entry = {.key = is_index ? NULL : part, .place = place};
    if (is_index) {
        char *end;
        unsigned long at = strtoul(part, &end, 10);
        if (node->kind != GF_NODE_LIST || *end != '\0' || end == part || part[0] == '-' || at > node->n)
            return NULL;
        if (at < node->n)
            return &node->entries[at].value;
    } else {
        if (node->kind != GF_NODE_MAP)
            return NULL;
        gf_entry *old = gf_node_find(node, part);
        if (old != NULL) {
            old->place = place;
            return &old->value;
        }
    }
    entry.value = gf_node_new(arena, GF_NODE_MAP, place);
    if (entry.value == NULL || !gf_node_append(arena, node, entry))
        return NULL;
    return &node->entries[node->n - 1].value;
}

/* Takes the next part of an override's path ("name" or "[3]" as "3"); returns what follows, or NULL where the
 * path is not well formed. */
static char *take_part(gf_arena *arena, char *path, const char **part, int *is_index)
{
    *is_index = *path == '[';
    path += *is_index;
    size_t length = strcspn(path, *is_index ? "]" : ".[");
    *part = gf_arena_text(arena, path, length);
    if (*part == NULL || length == 0 || (*is_index && path[length] != ']'))
        return NULL;
    path += length + (*is_index ? 1 : 0);
    if (*path == '.' && path[1] != '\0')
        return path + 1;
    return *path == '\0' || *path == '[' ? path : NULL;
}

/* The slot at a key path, made if need be; NULL when there is no such place, with the part that is wrong in
 * `stuck`. */
static gf_node **find_slot(gf_arena *arena, gf_node *root, char *path, gf_place place, const char **stuck)
{
    gf_node *node = root, **slot = NULL, *grown = NULL;
    while (*path != '\0') {
        int is_index;
        size_t n = node->n;
        path = take_part(arena, path, stuck, &is_index);
        slot = path != NULL ? step(arena, node, *stuck, is_index, place) : NULL;
        if (slot == NULL) {
            if (grown != NULL)
                grown->n--; /* what was made on the way goes again */
            return NULL;
        }
        if (grown == NULL && node->n > n)
            grown = node;
        node = *slot;
    }
    return slot;
}

void gf_tree_override(gf_arena *arena, gf_node *root, const char *assignment, int order,
                      gf_error_list *errors)
{
    int is_option = strncmp(assignment, "--", 2) == 0;
    size_t length = strlen(assignment);
    char *label = gf_arena_take(arena, length + 8);
    if (label == NULL)
        return;
    snprintf(label, length + 8, "%s%s", is_option ? "" : "--set: ", assignment);
    gf_place place = {.file = label, .order = order};
    const char *equals = strchr(assignment, '='), *key = assignment + (is_option ? 2 : 0), *stuck = "";
    if (equals == NULL || equals <= key || equals[1] == '\0') {
        gf_errors_add(errors, GF_CONFIG, place, "%s",
                      is_option ? "no value; expected one after the name of the option"
                                : "not an assignment; expected KEY=VALUE such as programme.terms.carry=0.2");
        return;
    }
    char *path = gf_arena_text(arena, key, (size_t)(equals - key));
    if (path == NULL)
        return;
    if (strcmp(path, "extends") == 0) {
        gf_errors_add(errors, GF_CONFIG, place, "extends: cannot be set here; expected it in the file");
        return;
    }
    gf_node *value = gf_tree_parse(arena, equals + 1, strlen(equals + 1), place, errors);
    if (value == NULL)
        return;
    gf_node **slot = find_slot(arena, root, path, place, &stuck);
    if (slot != NULL)
        *slot = value;
    else if (!arena->is_exhausted)
        gf_errors_add(
            errors, GF_CONFIG, place,
            "no place for '%s'; expected a path such as a.b or a[0] through mappings and lists of the config",
            stuck);
}
