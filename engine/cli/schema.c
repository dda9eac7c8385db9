/* guidefund schema: the JSON Schema of a config, made from the parameter rows, for editors and other
 * programs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "run/design.h"

enum { KEY_SWEEP = 0x100 };
static const struct argp_option options[] = {
    {"sweep", KEY_SWEEP, NULL, 0, "of the design of a sweep instead", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    int *is_of_sweep = state->input;
    if (key == KEY_SWEEP) {
        *is_of_sweep = 1;
        return 0;
    }
    if (key == ARGP_KEY_ARG)
        return gf_cli_wrong(state, "unexpected argument '%s'; expected none", text);
    return ARGP_ERR_UNKNOWN;
}

static void write_row(gf_json *json, const gf_param *row);

/* The members of an object's schema. Inside lists all required keys must be there; elsewhere they may come
 * from a config that is extended. */
static void write_members(gf_json *json, const gf_param *rows, int is_item)
{
    gf_json_text(json, "type", "object");
    gf_json_bool(json, "additionalProperties", 0);
    gf_json_object(json, "properties");
    for (const gf_param *row = rows; row->name != NULL; row++)
        write_row(json, row);
    gf_json_object_end(json);
    if (!is_item)
        return;
    gf_json_array(json, "required");
    for (const gf_param *row = rows; row->name != NULL; row++)
        if (row->required)
            gf_json_text(json, NULL, row->name);
    gf_json_array_end(json);
}

static void write_bounds(gf_json *json, const gf_param *row, const char *type)
{
    gf_json_text(json, "type", type);
    if (isfinite(row->min))
        gf_json_number(json, "minimum", row->min);
    if (isfinite(row->max))
        gf_json_number(json, "maximum", row->max);
}

/* A number, or the word none where the row allows it. */
static void write_number(gf_json *json, const gf_param *row, const char *type)
{
    if (!row->has_none) {
        write_bounds(json, row, type);
        return;
    }
    gf_json_array(json, "anyOf");
    gf_json_object(json, NULL);
    write_bounds(json, row, type);
    gf_json_object_end(json);
    gf_json_object(json, NULL);
    gf_json_text(json, "const", "none");
    gf_json_object_end(json);
    gf_json_array_end(json);
}

static void write_words(gf_json *json, const gf_param *row)
{
    char word[64];
    gf_json_array(json, "enum");
    for (int i = 0; gf_choice_word(row->choices, i, word, sizeof word)[0] != '\0'; i++)
        gf_json_text(json, NULL, word);
    gf_json_array_end(json);
}

/* Different words, or the word all. */
static void write_set(gf_json *json, const gf_param *row)
{
    gf_json_array(json, "anyOf");
    gf_json_object(json, NULL);
    gf_json_text(json, "const", "all");
    gf_json_object_end(json);
    gf_json_object(json, NULL);
    gf_json_text(json, "type", "array");
    gf_json_int(json, "minItems", 1);
    gf_json_bool(json, "uniqueItems", 1);
    gf_json_object(json, "items");
    write_words(json, row);
    gf_json_object_end(json);
    gf_json_object_end(json);
    gf_json_array_end(json);
}

static void write_list(gf_json *json, const gf_param *row)
{
    gf_json_text(json, "type", "array");
    if (row->kind == GF_DOUBLES && row->fixed_count > 0)
        gf_json_int(json, "minItems", row->fixed_count);
    else if (row->required) /* an empty list is none */
        gf_json_int(json, "minItems", 1);
    gf_json_int(json, "maxItems",
                row->kind == GF_DOUBLES && row->fixed_count > 0 ? row->fixed_count : row->max_count);
    gf_json_object(json, "items");
    if (row->kind == GF_DOUBLES)
        write_number(json, row, "number");
    else
        write_members(json, row->rows, 1);
    gf_json_object_end(json);
}

/* What a validator ignores and a reader wants: meaning, preset, unit, source. */
static void write_notes(gf_json *json, const gf_param *row)
{
    char word[64];
    if (row->help != NULL && row->help[0] != '\0')
        gf_json_text(json, "description", row->help);
    if (row->unit != NULL && row->unit[0] != '\0')
        gf_json_text(json, "x-unit", row->unit);
    if (row->source != NULL && row->source[0] != '\0')
        gf_json_text(json, "x-source", row->source);
    if (row->required)
        return;
    if (row->kind == GF_BOOL)
        gf_json_bool(json, "default", row->preset != 0);
    else if (row->kind == GF_SET)
        gf_json_text(json, "default", "all");
    else if (row->kind == GF_CHOICE)
        gf_json_text(json, "default", gf_choice_word(row->choices, (int)row->preset, word, sizeof word));
    else if ((row->kind == GF_DOUBLE || row->kind == GF_INT) && isfinite(row->preset))
        gf_json_number(json, "default", row->preset);
    else if (row->kind == GF_DOUBLE && row->has_none)
        gf_json_text(json, "default", "none");
}

static void write_row(gf_json *json, const gf_param *row)
{
    gf_json_object(json, row->name);
    switch (row->kind) {
    case GF_DOUBLE:
        write_number(json, row, "number");
        break;
    case GF_INT:
        write_number(json, row, "integer");
        break;
    case GF_BOOL:
        gf_json_text(json, "type", "boolean");
        break;
    case GF_CHOICE:
        write_words(json, row);
        break;
    case GF_SET:
        write_set(json, row);
        break;
    case GF_TEXT:
        /* an unquoted 2030 is text to guidefund and a number to other readers */
        gf_json_array(json, "type");
        gf_json_text(json, NULL, "string");
        gf_json_text(json, NULL, "number");
        gf_json_array_end(json);
        gf_json_int(json, "minLength", 1);
        gf_json_int(json, "maxLength", (row->max_count > 0 ? row->max_count : GF_TEXT_SIZE) - 1);
        break;
    case GF_DOUBLES:
    case GF_TABLE:
        write_list(json, row);
        break;
    case GF_GROUP:
        write_members(json, row->rows, 0);
        break;
    }
    write_notes(json, row);
    gf_json_object_end(json);
}

static void write_models(gf_json *json)
{
    gf_json_object(json, "models");
    gf_json_text(json, "description", "policy models by name; a model that is not named, or false, is off");
    gf_json_text(json, "type", "object");
    gf_json_bool(json, "additionalProperties", 0);
    gf_json_object(json, "properties");
    for (const gf_model *const *model = gf_models; *model != NULL; model++) {
        gf_json_object(json, (*model)->name);
        gf_json_text(json, "description", (*model)->summary);
        gf_json_array(json, "anyOf");
        gf_json_object(json, NULL);
        gf_json_bool(json, "const", 0);
        gf_json_object_end(json);
        gf_json_object(json, NULL);
        write_members(json, (*model)->rows, 0);
        gf_json_object_end(json);
        gf_json_array_end(json);
        gf_json_object_end(json);
    }
    gf_json_object_end(json);
    gf_json_object_end(json);
}

static void write_extends(gf_json *json)
{
    gf_json_object(json, "extends");
    gf_json_text(json, "type", "string");
    gf_json_text(json, "description",
                 "file whose keys hold where this one names none, relative to this file");
    gf_json_object_end(json);
}

static void write_seed(gf_json *json)
{
    gf_json_object(json, "seed");
    gf_json_text(json, "type", "integer");
    gf_json_int(json, "minimum", 0);
    gf_json_number(json, "maximum", 0x1p64);
    gf_json_int(json, "default", GF_SEED_PRESET);
    gf_json_text(json, "description", "unsigned 64-bit seed, decimal or 0x hex; 0 is a seed like any other");
    gf_json_object_end(json);
}

/* Either extends another file or names what is required. */
static void write_required(gf_json *json, const gf_param *rows)
{
    gf_json_array(json, "anyOf");
    gf_json_object(json, NULL);
    gf_json_array(json, "required");
    gf_json_text(json, NULL, "extends");
    gf_json_array_end(json);
    gf_json_object_end(json);
    gf_json_object(json, NULL);
    gf_json_array(json, "required");
    for (const gf_param *row = rows; row->name != NULL; row++)
        if (row->required)
            gf_json_text(json, NULL, row->name);
    gf_json_array_end(json);
    gf_json_object_end(json);
    gf_json_array_end(json);
}

static void write_head(gf_json *json, const char *title)
{
    gf_json_object(json, NULL);
    gf_json_text(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    gf_json_text(json, "title", title);
}

/* All keys of a file that may extend another. */
static void write_file(gf_json *json, const char *title, const gf_param *rows, int has_models)
{
    write_head(json, title);
    gf_json_text(json, "type", "object");
    gf_json_bool(json, "additionalProperties", 0);
    gf_json_object(json, "properties");
    for (const gf_param *row = rows; row->name != NULL; row++)
        write_row(json, row);
    write_extends(json);
    if (has_models) {
        write_seed(json);
        write_models(json);
    }
    gf_json_object_end(json);
    write_required(json, rows);
    gf_json_object_end(json);
}

gf_status gf_command_schema(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "",
        "Prints the JSON Schema (draft 2020-12) of a config, or of the design of "
        "a sweep.",
        NULL,
        NULL,
        NULL};
    gf_json json = {.out = stdout};
    int is_done = 0, is_of_sweep = 0;
    const gf_status status = gf_cli_parse(&argp, argc, argv, &is_of_sweep, &is_done);
    if (status == GF_OK && !is_done)
        write_file(&json, is_of_sweep ? "guidefund design of a sweep" : "guidefund config",
                   is_of_sweep ? gf_design_rows : gf_scenario_rows, !is_of_sweep);
    return status;
}
