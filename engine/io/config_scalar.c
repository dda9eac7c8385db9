/* Strict scalars of configs. */
#include "io/config_scalar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/config.h"

/* A decimal taken apart: ± 0.digits × 10^…; digits lie in the text, with at most one point among them. */
typedef struct decimal {
    int is_negative;
    const char *digits, *end; /* of the mantissa, the point included */
    long exponent;
} decimal;

static const char *skip_digits(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* What people write for "no number", to say so plainly. */
static const char *name_oddity(const char *text)
{
    const char *bare = text + (*text == '-' || *text == '+');
    bare += *bare == '.';
    if (strcasecmp(bare, "nan") == 0)
        return "is not a number";
    if (strcasecmp(bare, "inf") == 0 || strcasecmp(bare, "infinity") == 0)
        return "is infinite";
    if (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
        return "is empty";
    return "is not a number";
}

static const char *take_apart(const char *text, decimal *out)
{
    const char *at = text;
    out->is_negative = *at == '-';
    at += *at == '-' || *at == '+';
    out->digits = at;
    const char *whole_end = skip_digits(at);
    size_t n_digits = (size_t)(whole_end - at);
    if (n_digits > 1 && *at == '0')
        return "has a leading zero";
    at = whole_end;
    if (*at == '.') {
        at = skip_digits(at + 1);
        n_digits += (size_t)(at - whole_end) - 1;
    }
    if (n_digits == 0)
        return name_oddity(text);
    out->end = at;
    out->exponent = 0;
    if (*at == 'e' || *at == 'E') {
        char *end;
        const char *first = at + 1 + (at[1] == '-' || at[1] == '+');
        if (*first < '0' || *first > '9')
            return "is not a number";
        errno = 0;
        out->exponent = strtol(at + 1, &end, 10);
        if (errno != 0 || labs(out->exponent) > 100000)
            return "has an exponent out of range";
        at = end;
    }
    if (*at == '_')
        return "has an underscore";
    return *at == '\0' ? NULL : "is not a number";
}

const char *gf_scalar_double(const char *text, double *value)
{
    decimal parts = {0};
    const char *wrong = take_apart(text, &parts);
    if (wrong != NULL)
        return wrong;
    errno = 0;
    double number = strtod(text, NULL);
    if (errno == ERANGE)
        return number > 1 || number < -1 ? "is too large" : "is too close to zero";
    *value = number;
    return NULL;
}

/* Appends a digit to a magnitude; 0 on overflow. */
static int push_digit(uint64_t *magnitude, unsigned digit)
{
    return !__builtin_mul_overflow(*magnitude, (uint64_t)10, magnitude) &&
           !__builtin_add_overflow(*magnitude, (uint64_t)digit, magnitude);
}

const char *gf_scalar_int(const char *text, int64_t *value)
{
    decimal parts = {0};
    const char *wrong = take_apart(text, &parts);
    if (wrong != NULL)
        return wrong;
    uint64_t magnitude = 0;
    /* zeros to append: exponent minus digits after the point; zeros among the digits wait for a digit after
     * them */
    long zeros = parts.exponent, pending = 0;
    int is_fraction = 0;
    for (const char *at = parts.digits; at < parts.end; at++) {
        if (*at == '.') {
            is_fraction = 1;
            continue;
        }
        zeros -= is_fraction;
        if (*at == '0') {
            pending++;
            continue;
        }
        for (; pending > 0 && magnitude > 0; pending--)
            if (!push_digit(&magnitude, 0))
                return "is too large";
        pending = 0;
        if (!push_digit(&magnitude, (unsigned)(*at - '0')))
            return "is too large";
    }
    zeros += pending;
    if (zeros < 0 && magnitude > 0)
        return "is not an integer";
    for (; zeros > 0 && magnitude > 0; zeros--)
        if (!push_digit(&magnitude, 0))
            return "is too large";
    if (magnitude > (uint64_t)INT64_MAX)
        return "is too large";
    *value = parts.is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return NULL;
}

const char *gf_scalar_bool(const char *text, int64_t *value)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0 ? NULL : "is neither true nor false";
}

int gf_seed_parse(const char *text, uint64_t *seed)
{
    int is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = text + (is_hex ? 2 : 0);
    const char *allowed = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
    if (*digits == '\0' || digits[strspn(digits, allowed)] != '\0')
        return 0;
    if (!is_hex && digits[0] == '0' && digits[1] != '\0')
        return 0;
    errno = 0;
    unsigned long long number = strtoull(digits, NULL, is_hex ? 16 : 10);
    if (errno != 0)
        return 0;
    *seed = number;
    return 1;
}
