/* Presets, neutral values and look-up of parameter rows. */
#include "base/param.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Writes one number into the place of a scalar row. */
static void store(const gf_param *row, void *place, double value)
{
    if (row->kind == GF_DOUBLE)
        *(double *)place = value;
    else
        *(int64_t *)place = (int64_t)value;
}

static int64_t *count_of(const gf_param *row, void *values)
{
    return (int64_t *)(void *)((char *)values + row->count_offset);
}

/* A list of fixed length takes `preset` or `presets`; a free one takes `presets` up to its NaN. */
static void preset_list(const gf_param *row, void *values)
{
    double *list = (double *)(void *)((char *)values + row->offset);
    int64_t n = 0;
    if (row->fixed_count > 0)
        for (; n < row->fixed_count; n++)
            list[n] = row->presets != NULL ? row->presets[n] : row->preset;
    else {
        for (; row->presets != NULL && n < row->max_count && !isnan(row->presets[n]); n++)
            list[n] = row->presets[n];
        *count_of(row, values) = n;
    }
}

void gf_params_preset(const gf_param *rows, void *values)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        void *place = (char *)values + row->offset;
        switch (row->kind) {
        case GF_DOUBLE:
        case GF_INT:
        case GF_BOOL:
        case GF_CHOICE:
            store(row, place, row->preset);
            break;
        case GF_SET:
            *(uint64_t *)place = gf_set_of_all(row->choices);
            break;
        case GF_TEXT:
            *(char *)place = '\0';
            break;
        case GF_DOUBLES:
            preset_list(row, values);
            break;
        case GF_TABLE:
            *count_of(row, values) = 0;
            break;
        case GF_GROUP:
            gf_params_preset(row->rows, place);
            break;
        }
    }
}

static void neutralise_list(const gf_param *row, void *values)
{
    double *list = (double *)(void *)((char *)values + row->offset);
    int64_t n = row->fixed_count > 0 ? row->fixed_count : *count_of(row, values);
    for (int64_t i = 0; i < n; i++)
        list[i] = row->neutral;
}

void gf_params_neutralise(const gf_param *rows, void *values)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        void *place = (char *)values + row->offset;
        if (row->kind == GF_GROUP)
            gf_params_neutralise(row->rows, place);
        else if (row->kind == GF_TEXT || row->kind == GF_SET || isnan(row->neutral))
            continue;
        else if (row->kind == GF_TABLE)
            *count_of(row, values) = 0;
        else if (row->kind == GF_DOUBLES)
            neutralise_list(row, values);
        else
            store(row, place, row->neutral);
    }
}

const gf_param *gf_params_find(const gf_param *rows, const char *name)
{
    for (const gf_param *row = rows; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const char *gf_params_nearest(const gf_param *rows, const char *name)
{
    gf_nearest nearest = {name, NULL, 0};
    for (const gf_param *row = rows; row->name != NULL; row++)
        gf_nearest_offer(&nearest, row->name);
    return nearest.best;
}

int gf_choice_index(const char *choices, const char *word)
{
    size_t length = strlen(word);
    const char *at = choices;
    for (int index = 0;; index++) {
        size_t n = strcspn(at, "|");
        if (n == length && memcmp(at, word, n) == 0)
            return index;
        if (at[n] == '\0')
            return -1;
        at += n + 1;
    }
}

const char *gf_choice_word(const char *choices, int index, char *buffer, size_t size)
{
    const char *at = choices;
    for (int i = 0; i < index && *at != '\0'; i++) {
        at += strcspn(at, "|");
        at += *at == '|';
    }
    snprintf(buffer, size, "%.*s", (int)strcspn(at, "|"), at);
    return buffer;
}

int gf_choice_count(const char *choices)
{
    int n = 1;
    for (const char *c = choices; *c != '\0'; c++)
        n += *c == '|';
    return n;
}

uint64_t gf_set_of_all(const char *choices)
{
    return UINT64_MAX >> (64 - gf_choice_count(choices));
}
