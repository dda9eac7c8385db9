/* The list of a config's errors, and the list of a command line's overrides. */
#include "io/config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int make_room(gf_error_list *errors)
{
    if (errors->n < errors->room)
        return 1;
    size_t room = errors->room > 0 ? 2 * errors->room : 16;
    gf_config_error *grown = realloc(errors->errors, room * sizeof *grown);
    if (grown == NULL)
        return 0;
    errors->errors = grown;
    errors->room = room;
    return 1;
}

void gf_errors_add(gf_error_list *errors, gf_status status, gf_place place, const char *format, ...)
{
    char message[1000];
    va_list arguments;
    if (errors->n >= GF_CONFIG_MAX_ERRORS) {
        errors->n_left_out++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    gf_config_error error = {.status = status,
                             .file = strdup(place.file),
                             .order = place.order,
                             .line = place.line,
                             .column = place.column,
                             .message = strdup(message)};
    if (error.file == NULL || error.message == NULL || !make_room(errors)) {
        free(error.file);
        free(error.message);
        errors->is_out_of_memory = 1;
        return;
    }
    errors->errors[errors->n++] = error;
}

static int compare(const gf_config_error *a, const gf_config_error *b)
{
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

void gf_errors_sort(gf_error_list *errors)
{
    /* insertion sort is stable, and the list is short and nearly sorted */
    for (size_t i = 1; i < errors->n; i++) {
        gf_config_error error = errors->errors[i];
        size_t j = i;
        for (; j > 0 && compare(&errors->errors[j - 1], &error) > 0; j--)
            errors->errors[j] = errors->errors[j - 1];
        errors->errors[j] = error;
    }
}

/* A text on one line: what moves the cursor is shown as its number. */
static void print_inline(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        else
            fputc(*text, out);
}

void gf_errors_print(const gf_error_list *errors, FILE *out)
{
    for (size_t i = 0; i < errors->n; i++) {
        const gf_config_error *error = &errors->errors[i];
        print_inline(error->file, out);
        if (error->line > 0)
            fprintf(out, ":%d:%d", error->line, error->column);
        fputs(": error: ", out);
        print_inline(error->message, out);
        fputc('\n', out);
    }
    if (errors->n_left_out > 0)
        fprintf(out, "… and %zu error%s more\n", errors->n_left_out, errors->n_left_out == 1 ? "" : "s");
    if (errors->is_out_of_memory)
        fprintf(out, "error: out of memory\n");
}

gf_status gf_errors_status(const gf_error_list *errors)
{
    gf_status status = GF_OK;
    if (errors->is_out_of_memory)
        return GF_MEMORY;
    for (size_t i = 0; i < errors->n; i++)
        if (status != GF_CONFIG)
            status = errors->errors[i].status;
    return status;
}

void gf_errors_clear(gf_error_list *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        free(errors->errors[i].file);
        free(errors->errors[i].message);
    }
    free(errors->errors);
    *errors = (gf_error_list){0};
}

int gf_overrides_add(gf_overrides *overrides, const char *option, const char *text)
{
    char *item = NULL;
    if (overrides->n == overrides->room) {
        int room = overrides->room > 0 ? 2 * overrides->room : 8;
        const char **grown = realloc(overrides->items, (size_t)room * sizeof *grown);
        if (grown == NULL)
            return 0;
        overrides->items = grown;
        overrides->room = room;
    }
    if (asprintf(&item, "%s%s%s%s", option != NULL ? "--" : "", option != NULL ? option : "",
                 option != NULL ? "=" : "", text) < 0)
        return 0;
    overrides->items[overrides->n++] = item;
    return 1;
}

void gf_overrides_clear(gf_overrides *overrides)
{
    for (int i = 0; i < overrides->n; i++)
        free((void *)overrides->items[i]);
    free(overrides->items);
    *overrides = (gf_overrides){0};
}
