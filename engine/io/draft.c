/* Files and objects of a draft. */
#include "io/draft_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_object(gf_draft_object *object)
{
    free(object->name);
    free(object->messages.at);
    free(object->data.at);
    free(object->crcs);
    free(object->users);
    free(object);
}

static void free_draft(gf_draft *draft)
{
    for (size_t i = 0; i < draft->n_objects; i++)
        free_object(draft->objects[i]);
    free(draft->objects);
    free(draft->links);
    free(draft->heap.at);
    free(draft->whole);
    gf_draft_leave_room(draft);
    free(draft);
}

void gf_draft_drop(gf_draft *draft)
{
    if (draft == NULL)
        return;
    if (draft->descriptor >= 0)
        close(draft->descriptor);
    free_draft(draft);
}

static gf_draft_object *add_object(gf_draft *draft, gf_draft_object *parent, const char *name)
{
    gf_draft_object **objects = gf_list_grow(draft, draft->objects, draft->n_objects, &draft->objects_room,
                                             sizeof(gf_draft_object *));
    if (objects == NULL)
        return NULL;
    draft->objects = objects;
    gf_draft_object *object = calloc(1, sizeof *object);
    if (object == NULL || (object->name = strdup(name)) == NULL) {
        free(object);
        draft->problem = ENOMEM;
        return NULL;
    }
    object->draft = draft;
    object->parent = parent;
    objects[draft->n_objects++] = object;
    return object;
}

gf_draft_object *gf_draft_group(gf_draft_object *parent, const char *name)
{
    gf_draft_object *group = parent != NULL ? add_object(parent->draft, parent, name) : NULL;
    if (group == NULL)
        return NULL;
    group->is_group = 1;
    gf_header_begin(group);
    return group;
}

gf_draft_object *gf_draft_root(gf_draft *draft)
{
    return draft->objects[0];
}

int gf_draft_problem(const gf_draft *draft)
{
    return draft->problem;
}

gf_status gf_draft_fail(gf_error *error, gf_status status, const char *path, const char *doing, int problem)
{
    if (problem == ENOMEM)
        return gf_error_set(error, GF_MEMORY, "out of memory for %s", path);
    return gf_error_set(error, status, "cannot %s %s: %s", doing, path,
                        problem == EDOM    ? "a number does not fit the integers of its dataset"
                        : problem == E2BIG ? "too many datasets for one axis"
                                           : strerror(problem));
}

gf_status gf_draft_fail_to_begin(gf_error *error, const char *path, int problem)
{
    return problem == ENOSPC || problem == EDQUOT || problem == EFBIG
               ? gf_draft_fail(error, GF_IO, path, "write", problem)
               : gf_draft_fail(error, GF_CREATE, path, "create", problem);
}

static int make_root(gf_draft *draft)
{
    gf_draft_object *root = add_object(draft, NULL, "/");
    if (root == NULL)
        return ENOMEM;
    root->is_group = 1;
    gf_header_begin(root);
    return draft->problem;
}

int gf_draft_begin(gf_draft **out, const char *name, gf_draft_size size, int is_scratch)
{
    static const char nothing[GF_SUPERBLOCK_SIZE];
    gf_draft *draft = calloc(1, sizeof *draft);
    *out = NULL;
    if (draft == NULL)
        return ENOMEM;
    draft->is_scratch = is_scratch;
    draft->end = GF_SUPERBLOCK_SIZE;
    draft->descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int problem = draft->descriptor < 0 ? errno : make_root(draft);
    if (problem == 0)
        problem = gf_draft_take_room(draft, size);
    if (problem == 0 && draft->room == NULL) /* a full disk shows before the first rows */
        problem = gf_draft_to_file(draft, nothing, sizeof nothing, 0);
    if (problem != 0)
        gf_draft_drop(draft);
    else
        *out = draft;
    return problem;
}

/* Dataset of numbers or texts, without values. */
static gf_draft_object *add_dataset(gf_draft_object *group, const gf_column *column, int rank,
                                    const uint64_t *size, int is_text)
{
    assert(rank >= 1 && rank <= GF_DRAFT_MOST_AXES);
    gf_draft_object *dataset = group != NULL ? add_object(group->draft, group, column->name) : NULL;
    if (dataset == NULL)
        return NULL;
    dataset->rank = rank;
    dataset->is_text = is_text;
    dataset->is_integer = column->is_integer;
    dataset->element = is_text ? 16 : column->is_integer == GF_COUNT ? sizeof(int32_t) : sizeof(double);
    dataset->n_elements = 1;
    for (int axis = 0; axis < rank; axis++) {
        dataset->size[axis] = size[axis];
        dataset->n_elements *= size[axis];
    }
    gf_header_begin(dataset);
    gf_draft_put_text(dataset, "units", column->unit);
    gf_draft_put_text(dataset, "long_name", column->long_name);
    return dataset;
}

gf_draft_object *gf_draft_dataset(gf_draft_object *group, const gf_column *column, int rank,
                                  const uint64_t *size)
{
    return add_dataset(group, column, rank, size, 0);
}

gf_draft_object *gf_draft_texts(gf_draft_object *group, const gf_column *column, size_t n,
                                const char *const *texts)
{
    const uint64_t size = n;
    gf_draft_object *dataset = add_dataset(group, column, 1, &size, 1);
    if (dataset == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const size_t length = strlen(texts[i]);
        gf_heap_put(group->draft, &dataset->data, (uint32_t)length, texts[i], length);
    }
    dataset->is_stored = n > 0;
    return dataset;
}
