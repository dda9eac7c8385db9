/* Parses names of quantities. */
#include "run/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *skip_spaces(const char *text)
{
    while (*text == ' ')
        text++;
    return text;
}

/* Copies a word of letters, digits, '_' and '.' that begins with a letter; NULL if there is none or it is too
 * long. */
static const char *take_word(const char *text, char *word, size_t size)
{
    size_t n = 0;
    text = skip_spaces(text);
    if (!isalpha((unsigned char)*text))
        return NULL;
    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '.')
        n++;
    if (n >= size)
        return NULL;
    memcpy(word, text, n);
    word[n] = '\0';
    return skip_spaces(text + n);
}

static const char *take_relation(const char *text, gf_relation *relation)
{
    const int has_equal = text[0] != '\0' && text[1] == '=';
    if (*text != '>' && *text != '<')
        return text;
    *relation = *text == '>' ? (has_equal ? GF_AT_LEAST : GF_ABOVE) : (has_equal ? GF_AT_MOST : GF_BELOW);
    return text + 1 + has_equal;
}

static const char *take_number(const char *text, gf_quantity *q)
{
    char *end;
    const double value = strtod(text, &end);
    if (end == text || !isfinite(value) || q->n_arguments == GF_MAX_ARGUMENTS)
        return NULL;
    q->arguments[q->n_arguments++] = value;
    return skip_spaces(end);
}

/* What stands between the brackets, from behind the opening one to behind the closing one; NULL if malformed.
 */
static const char *take_arguments(const char *text, gf_quantity *q)
{
    text = skip_spaces(text);
    if (isalpha((unsigned char)*text)) {
        text = take_word(text, q->column, sizeof q->column);
        if (text == NULL)
            return NULL;
        text = take_relation(text, &q->relation);
        if (q->relation != GF_NO_RELATION)
            text = take_number(text, q);
        else if (*text == ',')
            text = take_number(text + 1, q);
    } else {
        text = take_number(text, q);
    }
    while (text != NULL && *text == ',')
        text = take_number(text + 1, q);
    return text != NULL && *text == ')' ? skip_spaces(text + 1) : NULL;
}

gf_status gf_quantity_parse(const char *text, gf_quantity *q, gf_error *error)
{
    *q = (gf_quantity){.relation = GF_NO_RELATION};
    const char *at = take_word(text, q->function, sizeof q->function);
    if (at != NULL && *at == '(')
        at = take_arguments(at + 1, q);
    if (at == NULL || *at != '\0')
        return gf_error_set(
            error, GF_CONFIG,
            "'%.90s' is not a quantity; expected one such as median(net_tvpi), P(net_tvpi >= 3) or irr",
            text);
    return GF_OK;
}

int gf_quantity_is(const gf_quantity *q, const char *function, int has_column, int n_arguments)
{
    return strcmp(q->function, function) == 0 && (q->column[0] != '\0') == has_column &&
           q->n_arguments == n_arguments;
}

double gf_relation_score(gf_relation relation, double x, double y)
{
    switch (relation) {
    case GF_AT_LEAST:
        return x >= y;
    case GF_ABOVE:
        return x > y;
    case GF_AT_MOST:
        return x <= y;
    case GF_BELOW:
        return x < y;
    case GF_NO_RELATION:
        break;
    }
    return x;
}

void gf_quantity_write(const gf_quantity *q, char *text, size_t size)
{
    static const char *const relations[] = {[GF_NO_RELATION] = "", ">=", ">", "<=", "<"};
    char number[GF_NUMBER_SIZE];
    int n = snprintf(text, size, "%s(%s%s", q->function, q->column, relations[q->relation]);
    for (int i = 0; i < q->n_arguments && n >= 0 && (size_t)n < size; i++) {
        const int is_first = i == 0 && (q->relation != GF_NO_RELATION || q->column[0] == '\0');
        n += snprintf(text + n, size - (size_t)n, "%s%s", is_first ? "" : ", ",
                      gf_format_double(q->arguments[i], number));
    }
    if (n >= 0 && (size_t)n < size)
        snprintf(text + n, size - (size_t)n, ")");
}
