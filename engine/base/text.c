/* Likeness of words, numbers as text, hashes. */
#include "base/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 64 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

int gf_edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    int cost[WORD_SIZE][WORD_SIZE];
    if (n >= WORD_SIZE || m >= WORD_SIZE)
        return INT_MAX;
    for (size_t i = 0; i <= n; i++)
        cost[i][0] = (int)i;
    for (size_t j = 0; j <= m; j++)
        cost[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            int replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            cost[i][j] = least(replaced, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[n][m];
}

void gf_nearest_offer(gf_nearest *nearest, const char *candidate)
{
    int distance = gf_edit_distance(nearest->wanted, candidate);
    if (distance > 1 + (int)(strlen(nearest->wanted) / 4) || distance >= (int)strlen(candidate))
        return;
    if (nearest->best == NULL || distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

const char *gf_format_double(double value, char buffer[GF_NUMBER_SIZE])
{
    if (isnan(value))
        return strcpy(buffer, "nan");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, GF_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

uint64_t gf_text_hash(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++)
        hash = (hash ^ *c) * 1099511628211u;
    return hash;
}

/* Length of the UTF-8 sequence at s (n bytes left), or 0 if it is not one. */
static size_t sequence_length(const unsigned char *s, size_t n)
{
    static const unsigned least_code[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : (s[0] & 0xe0) == 0xc0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (length == 1)
        return 1;
    if ((length == 4 && (s[0] & 0xf8) != 0xf0) || length > n)
        return 0;
    unsigned code = s[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    int is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < least_code[length] || code > 0x10ffff || is_surrogate ? 0 : length;
}

size_t gf_utf8_valid_size(const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t length = sequence_length((const unsigned char *)bytes + at, size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}
