/* The registry of models, from registry.def: once as gf_models, and once for each instruction set as
 * gf_models_<set>, whose tables hold the functions compiled for it. */
#include <string.h>

#include "base/isa.h"
#include "portfolio/model.h"

#define GF_MODEL(name) extern const gf_model gf_model_##name;
#include "models/registry.def"
#undef GF_MODEL

#ifdef GF_ISA
extern const gf_model *const GF_HOT(gf_models)[];
const gf_model *const GF_HOT(gf_models)[] = {
#else
const gf_model *const gf_models[] = {
#endif
#define GF_MODEL(name) &gf_model_##name,
#include "models/registry.def"
#undef GF_MODEL
    NULL,
};

#ifndef GF_ISA
const gf_model *gf_model_find(const char *name)
{
    for (const gf_model *const *model = gf_models; *model != NULL; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}
#endif
