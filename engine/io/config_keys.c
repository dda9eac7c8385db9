/* From the path of a key to the row that describes it. */
#include <stdio.h>
#include <string.h>

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
