/* The registry of models, from registry.def. */
#include <string.h>

#include "portfolio/model.h"

#define GF_MODEL(name) extern const gf_model gf_model_##name;
#include "models/registry.def"
#undef GF_MODEL

const gf_model *const gf_models[] = {
#define GF_MODEL(name) &gf_model_##name,
#include "models/registry.def"
#undef GF_MODEL
    NULL,
};

const gf_model *gf_model_find(const char *name)
{
    for (const gf_model *const *model = gf_models; *model != NULL; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}
