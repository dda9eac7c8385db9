/* Rules by which a run may stop: their text, the columns they speak of, the numbers of portfolios at which
 * they are judged. */
#include "run/until.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/config_scalar.h"
#include "run/summary.h"

/* --- the text --- */

static const char forms[] = "P(net_tvpi>=5)~2%, mean(n_listed)~0.01 or capped_mean(net_tvpi, 10)~1%";

/* What stands behind the last '~': a number, of per cent if one follows. */
static gf_status parse_error(gf_until *until, const char *text, gf_error *error)
{
    char number[GF_NUMBER_SIZE];
    size_t n = strspn(text, " ");
    const size_t length = strcspn(text + n, " %");
    snprintf(number, sizeof number, "%.*s", (int)length, text + n);
    n += length;
    n += strspn(text + n, " ");
    until->is_relative = text[n] == '%';
    n += (size_t)until->is_relative;
    n += strspn(text + n, " ");
    const char *wrong = length < sizeof number ? gf_scalar_double(number, &until->wanted) : "is too long";
    if (text[n] != '\0')
        wrong = "is not one number";
    if (wrong == NULL && !(until->wanted > 0))
        wrong = "is not above 0";
    if (wrong == NULL && until->is_probability && !until->is_relative && until->wanted >= 1)
        wrong = "is no error of a probability, which is below 1 (is a '%' missing?)";
    if (wrong != NULL)
        return gf_error_set(
            error, GF_USAGE,
            "'%.40s' %s; expected the wanted standard error behind the '~', such as 2%% (of the "
            "estimate) or 0.001",
            text, wrong);
    snprintf(until->text, sizeof until->text, "%s~%s%s", until->name, gf_format_double(until->wanted, number),
             until->is_relative ? "%" : "");
    until->wanted /= until->is_relative ? 100 : 1;
    return GF_OK;
}

static gf_status parse_quantity(gf_until *until, const char *text, gf_error *error)
{
    gf_quantity *q = &until->quantity;
    const int is_read = gf_quantity_parse(text, q, NULL) == GF_OK;
    const int is_plain = is_read && q->relation == GF_NO_RELATION;
    until->is_probability = is_read && !is_plain && gf_quantity_is(q, "P", 1, 1);
    until->cap = INFINITY;
    if (is_plain && gf_quantity_is(q, "capped_mean", 1, 1))
        until->cap = q->arguments[0];
    else if (!until->is_probability && !(is_plain && gf_quantity_is(q, "mean", 1, 0)))
        return gf_error_set(
            error, GF_USAGE,
            "'%.90s' is no quantity to stop by; expected a probability, a mean or a capped mean "
            "of a column: %s",
            text, forms);
    gf_quantity_write(q, until->name, sizeof until->name);
    return GF_OK;
}

gf_status gf_until_parse(gf_until *until, const char *text, gf_error *error)
{
    char quantity[GF_UNTIL_TEXT];
    const char *tilde = strrchr(text, '~');
    *until = (gf_until){.column = -1, .log_weight = -1};
    if (tilde == NULL || (size_t)(tilde - text) >= sizeof quantity)
        return gf_error_set(error, GF_USAGE,
                            "'%.90s' is not a rule; expected a quantity and its wanted standard error: %s",
                            text, forms);
    snprintf(quantity, sizeof quantity, "%.*s", (int)(tilde - text), text);
    const gf_status status = parse_quantity(until, quantity, error);
    return status == GF_OK ? parse_error(until, tilde + 1, error) : status;
}

/* --- the columns --- */

static gf_status refuse_column(const gf_until *until, const gf_layout *layout, gf_error *error)
{
    const char *name = until->quantity.column;
    gf_nearest nearest = {name, NULL, 0};
    for (int c = 0; c < GF_N_COLUMNS; c++)
        if (strcmp(gf_columns[c].name, name) == 0)
            return gf_error_set(error, GF_USAGE,
                                "%s: the run does not work out column %s; expected it in output.columns",
                                until->name, name);
    for (int c = 0; c < layout->n_columns; c++)
        gf_nearest_offer(&nearest, layout->columns[c].name);
    return gf_error_set(error, GF_USAGE,
                        "%s: no column '%s'; expected one of the run, as `guidefund models output' lists "
                        "them%s%s%s",
                        until->name, name, nearest.best != NULL ? " (did you mean '" : "",
                        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?)" : "");
}

/* A standard error of a mean must exist before one can wait for it. */
static gf_status check_moments(const gf_until *until, const gf_scenario *scenario, const gf_column *column,
                               gf_error *error)
{
    const gf_tail tail = gf_tail_of_scenario(scenario);
    const gf_moments moments = gf_tail_moments(&tail, column);
    if (until->is_probability || isfinite(until->cap) || moments == GF_MOMENTS_FINITE ||
        moments == GF_MOMENTS_CAPPED)
        return GF_OK;
    const int is_rate = strcmp(column->unit, "1/year") == 0;
    return gf_error_set(
        error, GF_USAGE,
        "%s has no standard error to wait for: the column inherits a tail of index %.3g without "
        "a cap, with which %s; expected a probability such as P(%s>=%s), or capped_mean(%s, %s)",
        until->name, gf_tail_index_of(&tail, column),
        moments == GF_MOMENTS_NONE ? "not even the mean is finite" : "the variance is infinite", column->name,
        is_rate ? "0.1" : "5", column->name, is_rate ? "1" : "10");
}

gf_status gf_until_bind(gf_until *until, const gf_scenario *scenario, const gf_layout *layout,
                        gf_error *error)
{
    until->column = gf_layout_find(layout, until->quantity.column);
    if (until->column < 0)
        return refuse_column(until, layout, error);
    const gf_column *column = &layout->columns[until->column];
    until->is_event = gf_summary_is_event(column);
    until->log_weight = scenario->sampling.breakout_tilt != 1.0 ? gf_layout_find(layout, "log_weight") : -1;
    return check_moments(until, scenario, column, error);
}

/* --- the looks --- */

/* The one after a look, most apart. */
static uint64_t next_look(uint64_t look)
{
    const int is_power = (look & (look - 1)) == 0;
    return is_power ? look / 2 * 3 : look / 3 * 4;
}

uint64_t gf_until_look(uint64_t n, uint64_t most)
{
    uint64_t look = GF_UNTIL_FIRST_LOOK;
    while (look < n && look < most)
        look = next_look(look);
    return look < most ? look : most;
}

int gf_until_count_looks(uint64_t n, uint64_t most)
{
    int looks = 1;
    for (uint64_t look = gf_until_look(1, most); look < n && look < most; looks++)
        look = gf_until_look(look + 1, most);
    return looks;
}
