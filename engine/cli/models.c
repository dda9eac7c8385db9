/* guidefund models: the registry, and the parameters of one model or section of a config. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "portfolio/columns.h"

enum { KEY_JSON = 0x100, KEY_SIZE = 128, CELL_SIZE = 96 };
static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
    {0},
};

typedef struct arguments {
    const char *name; /* NULL: all */
    int wants_json;
} arguments;

static error_t parse(int key, char *text, struct argp_state *state)
{
    arguments *self = state->input;
    if (key == KEY_JSON)
        self->wants_json = 1;
    else if (key == ARGP_KEY_ARG && self->name == NULL)
        self->name = text;
    else if (key == ARGP_KEY_ARG)
        return gf_cli_wrong(state, "unexpected argument '%s'; expected at most one NAME", text);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* A value as a config would spell it. */
static const char *spell(const gf_param *row, double value, char *cell)
{
    char number[GF_NUMBER_SIZE];
    if (row->has_none && (value == row->none_value || (isnan(value) && isnan(row->none_value))))
        snprintf(cell, CELL_SIZE, "none");
    else if (row->kind == GF_CHOICE)
        gf_choice_word(row->choices, (int)value, cell, CELL_SIZE);
    else if (row->kind == GF_BOOL)
        snprintf(cell, CELL_SIZE, "%s", value != 0 ? "true" : "false");
    else
        snprintf(cell, CELL_SIZE, "%s", isnan(value) ? "" : gf_format_double(value, number));
    return cell;
}

static const char *spell_preset(const gf_param *row, char *cell)
{
    if (row->required)
        return "required";
    if (row->kind == GF_TEXT || row->kind == GF_TABLE || row->kind == GF_GROUP)
        return "";
    if (row->kind == GF_SET)
        return "all";
    if (row->kind != GF_DOUBLES || row->presets == NULL)
        return row->kind == GF_DOUBLES && row->fixed_count == 0 ? "[]" : spell(row, row->preset, cell);
    size_t at = 0;
    int64_t n = row->fixed_count > 0 ? row->fixed_count : row->max_count;
    for (int64_t i = 0; i < n && (row->fixed_count > 0 || !isnan(row->presets[i])) && at + 40 < CELL_SIZE;
         i++) {
        char element[CELL_SIZE];
        at += (size_t)snprintf(cell + at, CELL_SIZE - at, "%s%s", i > 0 ? ", " : "[",
                               spell(row, row->presets[i], element));
    }
    snprintf(cell + at, CELL_SIZE - at, "]");
    return cell;
}

static const char *spell_range(const gf_param *row, char *cell)
{
    char low[GF_NUMBER_SIZE], high[GF_NUMBER_SIZE];
    cell[0] = '\0';
    if (row->kind == GF_CHOICE)
        snprintf(cell, CELL_SIZE, "%s", row->choices);
    else if (row->kind == GF_SET)
        snprintf(cell, CELL_SIZE, "all or a list of %d words", gf_choice_count(row->choices));
    else if (row->kind == GF_TABLE)
        snprintf(cell, CELL_SIZE, "at most %d rows", (int)row->max_count);
    else if (row->kind == GF_DOUBLE || row->kind == GF_INT || row->kind == GF_DOUBLES)
        snprintf(cell, CELL_SIZE, "%s to %s%s", gf_format_double(row->min, low),
                 gf_format_double(row->max, high), row->has_none ? " or none" : "");
    return cell;
}

static int has_neutral(const gf_param *row)
{
    return row->kind != GF_TEXT && row->kind != GF_TABLE && row->kind != GF_GROUP && !isnan(row->neutral);
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* A row of the table, and those of its nested rows. */
static void add_rows(gf_table *table, const gf_param *rows, const char *prefix)
{
    for (const gf_param *row = rows; row->name != NULL; row++) {
        char key[KEY_SIZE], cell[CELL_SIZE];
        snprintf(key, sizeof key, "%s%s%s", prefix, row->name, row->kind == GF_TABLE ? "[]" : "");
        if (row->kind != GF_GROUP) {
            gf_table_add(table, "%s", key);
            gf_table_add(table, "%s", text_or_empty(row->unit));
            gf_table_add(table, "%s", spell_preset(row, cell));
            gf_table_add(table, "%s", spell_range(row, cell));
            gf_table_add(table, "%s", has_neutral(row) ? spell(row, row->neutral, cell) : "");
            const char *source = text_or_empty(row->source);
            gf_table_add(table, "%s%s%s%s", text_or_empty(row->help), source[0] != '\0' ? " [" : "", source,
                         source[0] != '\0' ? "]" : "");
        }
        if (row->rows != NULL) {
            size_t length = strlen(key);
            snprintf(key + length, sizeof key - length, ".");
            add_rows(table, row->rows, key);
        }
    }
}

static void print_rows(const gf_param *rows)
{
    static const char *const heads[] = {"KEY", "UNIT", "PRESET", "RANGE", "NEUTRAL", "meaning [source]"};
    gf_table table = {.n_columns = sizeof heads / sizeof *heads,
                      .n_inline = sizeof heads / sizeof *heads - 1};
    for (int i = 0; i < table.n_columns; i++)
        gf_table_add(&table, "%s", heads[i]);
    add_rows(&table, rows, "");
    gf_table_print(&table, stdout, 0);
    gf_table_clear(&table);
}

static void print_rows_json(gf_json *json, const gf_param *rows)
{
    static const char *const kinds[] = {"number", "integer", "boolean", "choice", "set",
                                        "text",   "numbers", "table",   "group"};
    gf_json_array(json, "parameters");
    for (const gf_param *row = rows; row->name != NULL; row++) {
        char cell[CELL_SIZE];
        gf_json_object(json, NULL);
        gf_json_text(json, "key", row->name);
        gf_json_text(json, "kind", kinds[row->kind]);
        gf_json_text(json, "unit", text_or_empty(row->unit));
        gf_json_text(json, "preset", spell_preset(row, cell));
        gf_json_text(json, "range", spell_range(row, cell));
        gf_json_text(json, "neutral", has_neutral(row) ? spell(row, row->neutral, cell) : NULL);
        gf_json_text(json, "help", text_or_empty(row->help));
        gf_json_text(json, "source", text_or_empty(row->source));
        gf_json_bool(json, "required", row->required);
        if (row->rows != NULL)
            print_rows_json(json, row->rows);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

static void print_columns_json(gf_json *json, const char *key, const gf_model_column *columns)
{
    gf_json_array(json, key);
    for (; columns != NULL && columns->name != NULL; columns++) {
        gf_json_object(json, NULL);
        gf_json_text(json, "name", columns->name);
        gf_json_text(json, "unit", columns->unit);
        gf_json_text(json, "long_name", columns->long_name);
        gf_json_object_end(json);
    }
    gf_json_array_end(json);
}

static void print_columns(const char *title, const char *model, const gf_model_column *columns)
{
    gf_table table = {.n_columns = 3};
    if (columns == NULL || columns->name == NULL)
        return;
    printf("\n%s\n", title);
    for (; columns->name != NULL; columns++) {
        gf_table_add(&table, "%s%s%s", model, model[0] != '\0' ? "_" : "", columns->name);
        gf_table_add(&table, "%s", columns->unit);
        gf_table_add(&table, "%s", columns->long_name);
    }
    gf_table_print(&table, stdout, 0);
    gf_table_clear(&table);
}

/* Those that a section with the key `columns` may name; {{NULL}} for the others. */
static void list_engine_columns(const gf_param *section, gf_model_column columns[GF_N_COLUMNS + 1])
{
    const int n = gf_params_find(section->rows, "columns") != NULL ? GF_N_COLUMNS : 0;
    for (int c = 0; c < n; c++)
        columns[c] = (gf_model_column){gf_columns[c].name, gf_columns[c].unit, gf_columns[c].long_name};
    columns[n] = (gf_model_column){NULL, NULL, NULL};
}

static void list_all(int wants_json)
{
    gf_json json = {.out = stdout};
    gf_table table = {.n_columns = 2};
    if (wants_json) {
        gf_json_object(&json, NULL);
        gf_json_array(&json, "models");
    }
    for (const gf_model *const *model = gf_models; *model != NULL; model++) {
        if (wants_json) {
            gf_json_object(&json, NULL);
            gf_json_text(&json, "name", (*model)->name);
            gf_json_text(&json, "summary", (*model)->summary);
            gf_json_object_end(&json);
        } else {
            gf_table_add(&table, "%s", (*model)->name);
            gf_table_add(&table, "%s", (*model)->summary);
        }
    }
    if (wants_json) {
        gf_json_array_end(&json);
        gf_json_object_end(&json);
    } else
        gf_table_print(&table, stdout, 0);
    gf_table_clear(&table);
}

/* One model (or NULL and a section of the config). */
static void show(const gf_model *model, const gf_param *section, int wants_json)
{
    const char *name = model != NULL ? model->name : section->name;
    const char *summary = model != NULL ? model->summary : section->help;
    const gf_param *rows = model != NULL ? model->rows : section->rows;
    gf_model_column of_engine[GF_N_COLUMNS + 1];
    if (model == NULL)
        list_engine_columns(section, of_engine);
    const gf_model_column *columns = model != NULL ? model->columns : of_engine;
    if (!wants_json) {
        printf("%s: %s\n\n", name, summary);
        print_rows(rows);
        print_columns("Columns of /portfolios", model != NULL ? name : "", columns);
        if (model != NULL)
            print_columns("Series of /quarters", name, model->series);
        return;
    }
    gf_json json = {.out = stdout};
    gf_json_object(&json, NULL);
    gf_json_text(&json, "name", name);
    gf_json_text(&json, "summary", summary);
    print_rows_json(&json, rows);
    if (columns != of_engine || of_engine[0].name != NULL)
        print_columns_json(&json, "columns", columns);
    if (model != NULL)
        print_columns_json(&json, "series", model->series);
    gf_json_object_end(&json);
}

static gf_status refuse(const char *name)
{
    gf_error error = {0};
    gf_nearest nearest = {name, NULL, 0};
    for (const gf_model *const *model = gf_models; *model != NULL; model++)
        gf_nearest_offer(&nearest, (*model)->name);
    for (const gf_param *row = gf_scenario_rows; row->name != NULL; row++)
        if (row->kind == GF_GROUP)
            gf_nearest_offer(&nearest, row->name);
    gf_error_set(&error, GF_USAGE,
                 "unknown model '%s'; expected one that `guidefund models' lists, or a section%s%s%s", name,
                 nearest.best != NULL ? " (did you mean '" : "", nearest.best != NULL ? nearest.best : "",
                 nearest.best != NULL ? "'?)" : "");
    return gf_cli_fail(&error);
}

gf_status gf_command_models(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "[NAME]",
        "Lists the policy models, or shows the parameters, columns and series of one. NAME may "
        "also be a section of the config: market, startups, programme, output.",
        NULL,
        NULL,
        NULL};
    arguments self = {0};
    int is_done = 0;
    gf_status status = gf_cli_parse(&argp, argc, argv, &self, &is_done);
    if (status != GF_OK || is_done)
        return status;
    if (self.name == NULL) {
        list_all(self.wants_json);
        return GF_OK;
    }
    const gf_model *model = gf_model_find(self.name);
    const gf_param *section = gf_params_find(gf_scenario_rows, self.name);
    if (model == NULL && (section == NULL || section->kind != GF_GROUP))
        return refuse(self.name);
    show(model, section, self.wants_json);
    return GF_OK;
}
