/* Says in words what a parameter row accepts. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "io/config_bind.h"

/* " from 0 to 1", " of at least 0", … */
static void describe_range(const gf_param *row, char *buffer, size_t size)
{
    char low[GF_NUMBER_SIZE], high[GF_NUMBER_SIZE];
    gf_format_double(row->min, low);
    gf_format_double(row->max, high);
    if (isfinite(row->min) && isfinite(row->max))
        snprintf(buffer, size, " from %s to %s", low, high);
    else if (isfinite(row->min))
        snprintf(buffer, size, " of at least %s", low);
    else if (isfinite(row->max))
        snprintf(buffer, size, " of at most %s", high);
    else
        buffer[0] = '\0';
}

static void describe_numbers(const gf_param *row, const char *noun, char *buffer, size_t size)
{
    char range[80];
    describe_range(row, range, sizeof range);
    int has_unit = row->unit != NULL && row->unit[0] != '\0' && strcmp(row->unit, "1") != 0;
    snprintf(buffer, size, "%s%s%s%s%s%s", noun, range, has_unit ? " (" : "", has_unit ? row->unit : "",
             has_unit ? ")" : "", row->has_none ? " or none" : "");
}

/* "a|b|c" as "one of a, b, c"; what finds no room is left out: "one of a, b, …" */
static void describe_choices(const gf_param *row, char *buffer, size_t size)
{
    const size_t n = (size_t)gf_choice_count(row->choices), dots = sizeof ", …";
    size_t at = (size_t)snprintf(buffer, size, n > 1 ? "one of " : "the word ");
    const char *word = row->choices;
    for (size_t i = 0; i < n; i++) {
        const size_t length = strcspn(word, "|");
        if (at + length + sizeof ", " + dots > size) {
            snprintf(buffer + at, size - at, ", …");
            return;
        }
        at += (size_t)snprintf(buffer + at, size - at, "%s%.*s", i > 0 ? ", " : "", (int)length, word);
        word += length + 1;
    }
}

const char *gf_param_expectation(const gf_param *row, char *buffer, size_t size)
{
    char noun[64], words[120];
    switch (row->kind) {
    case GF_DOUBLE:
        describe_numbers(row, "a number", buffer, size);
        break;
    case GF_INT:
        describe_numbers(row, "an integer", buffer, size);
        break;
    case GF_BOOL:
        snprintf(buffer, size, "true or false");
        break;
    case GF_CHOICE:
        describe_choices(row, buffer, size);
        break;
    case GF_SET:
        describe_choices(row, words, sizeof words);
        snprintf(buffer, size, "the word all, or a list, each %s", words);
        break;
    case GF_TEXT:
        snprintf(buffer, size, "text of 1 to %d bytes",
                 (int)(row->max_count > 0 ? row->max_count : GF_TEXT_SIZE) - 1);
        break;
    case GF_DOUBLES:
        snprintf(noun, sizeof noun, "a list of %s%d numbers", row->fixed_count > 0 ? "" : "at most ",
                 (int)(row->fixed_count > 0 ? row->fixed_count : row->max_count));
        describe_numbers(row, noun, buffer, size);
        break;
    case GF_TABLE:
        snprintf(buffer, size, "a list of at most %d mappings", (int)row->max_count);
        break;
    case GF_GROUP:
        snprintf(buffer, size, "a mapping of keys");
        break;
    }
    return buffer;
}
