/* From the path of a key to the row that describes it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/config.h"

/* Takes "name" or "name[3]" from the front of a path into `name`; *has_index tells which. Returns what
 * follows the dot behind it, "" at the end; NULL if it is neither. */
static const char *take_step(const char *path, char *name, size_t size, int *has_index)
{
    const size_t length = strcspn(path, ".["),
                 rest = strspn(path + length + (path[length] == '['), "0123456789");
    const char *end = path + length;
    *has_index = *end == '[';
    if (length == 0 || length >= size || (*has_index && (rest == 0 || end[1 + rest] != ']')))
        return NULL;
    if (*has_index && rest > 1 && end[1] == '0') /* one spelling an element */
        return NULL;
    snprintf(name, size, "%.*s", (int)length, path);
    end += *has_index ? rest + 2 : 0;
    return *end == '.' && end[1] != '\0' ? end + 1 : *end == '\0' ? end : NULL;
}

static const gf_param *find(const gf_param *rows, const char *path)
{
    char name[128];
    int has_index = 0;
    path = take_step(path, name, sizeof name, &has_index);
    const gf_param *row = path != NULL ? gf_params_find(rows, name) : NULL;
    if (row == NULL || has_index != (row->kind == GF_TABLE || (row->kind == GF_DOUBLES && has_index)))
        return NULL;
    if (*path == '\0')
        return row;
    return row->kind == GF_GROUP || row->kind == GF_TABLE ? find(row->rows, path) : NULL;
}

const gf_param *gf_config_find_row(const char *key)
{
    static const char models[] = "models.";
    if (strncmp(key, models, sizeof models - 1) != 0)
        return find(gf_scenario_rows, key);
    char name[128];
    int has_index = 0;
    const char *path = take_step(key + sizeof models - 1, name, sizeof name, &has_index);
    const gf_model *model = path != NULL && !has_index ? gf_model_find(name) : NULL;
    return model != NULL && *path != '\0' ? find(model->rows, path) : NULL;
}

/* The name among rows, and the word models among those of a scenario, that is most like it, or NULL. */
static const char *nearest_of(const gf_param *rows, const char *name)
{
    gf_nearest nearest = {name, NULL, 0};
    if (rows == gf_scenario_rows)
        gf_nearest_offer(&nearest, "models");
    for (; rows->name != NULL; rows++)
        gf_nearest_offer(&nearest, rows->name);
    return nearest.best;
}

static const char *nearest_model(const char *name)
{
    gf_nearest nearest = {name, NULL, 0};
    for (const gf_model *const *model = gf_models; *model != NULL; model++)
        gf_nearest_offer(&nearest, (*model)->name);
    return nearest.best;
}

/* Goes down a path, of which `at` bytes are known, to the step that is not: its likeliest name, or NULL. */
static const char *find_likely(const gf_param *rows, const char *key, size_t *at, size_t *length)
{
    char name[128];
    for (;;) {
        *length = strcspn(key + *at, ".[");
        if (*length == 0 || *length >= sizeof name)
            return NULL;
        snprintf(name, sizeof name, "%.*s", (int)*length, key + *at);
        const gf_param *row = gf_params_find(rows, name);
        if (row == NULL)
            return nearest_of(rows, name);
        *at += strcspn(key + *at, ".");
        if (key[*at] == '\0' || row->rows == NULL)
            return NULL;
        ++*at;
        rows = row->rows;
    }
}

void gf_config_suggest_key(const char *key, char *suggestion, size_t size)
{
    static const char models[] = "models.";
    const gf_param *rows = gf_scenario_rows;
    const char *likely = NULL;
    size_t at = 0, length = 0;
    suggestion[0] = '\0';
    if (strncmp(key, models, sizeof models - 1) == 0) {
        char name[128];
        at = sizeof models - 1;
        length = strcspn(key + at, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, key + at);
        const gf_model *model = gf_model_find(name);
        rows = model != NULL ? model->rows : NULL;
        likely = model == NULL ? nearest_model(name) : NULL;
        at += model != NULL && key[at + length] == '.' ? length + 1 : 0;
    }
    if (rows != NULL)
        likely = find_likely(rows, key, &at, &length);
    if (likely == NULL)
        return;
    const int n = snprintf(suggestion, size, "%.*s%s%s", (int)at, key, likely, key + at + length);
    if (n < 0 || (size_t)n >= size || gf_config_find_row(suggestion) == NULL)
        suggestion[0] = '\0';
}
