/* What a rule asks of portfolios, and what it makes of that. */
#include "run/until.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/careful_sum.h"
#include "run/statistics.h"

/* --- sums --- */

enum { BLOCK = 64, N_EXACT = 5 };

void gf_until_sums_reset(gf_until_sums *sums)
{
    *sums = (gf_until_sums){.least = INFINITY, .largest = -INFINITY};
}

/* Values and weights of the portfolios of a block that have a value, moved together. */
static size_t pick(const gf_until *until, gf_until_sums *sums, const double *values,
                   const double *log_weights, size_t n, double y[BLOCK], double w[BLOCK])
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = values[i];
        if (isnan(x) || (until->is_event && x < 0)) {
            sums->n_missing++;
            continue;
        }
        y[m] = until->is_probability
                   ? gf_relation_score(until->quantity.relation, x, until->quantity.arguments[0])
                   : fmin(x, until->cap);
        w[m] = log_weights != NULL ? exp(log_weights[i]) : 1;
        const int has_moments = isfinite(y[m] * y[m]);
        sums->n_infinite += !has_moments;
        m += has_moments ? 1 : 0;
    }
    return m;
}

/* What weighs nothing says nothing. */
static void widen(gf_until_sums *sums, const double *y, const double *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(w[i] > 0))
            continue;
        sums->least = fmin(sums->least, y[i]);
        sums->largest = fmax(sums->largest, y[i]);
    }
}

static void add_terms(gf_exact_sum *sum, const double *terms, size_t n)
{
    gf_careful_sum careful = {0};
    gf_careful_add(&careful, terms, n);
    gf_exact_add(sum, gf_careful_total(&careful));
}

static void add_weighted(gf_until_sums *sums, const double *y, const double *w, size_t n)
{
    double w2[BLOCK], wy[BLOCK], w2y[BLOCK], w2y2[BLOCK];
    for (size_t i = 0; i < n; i++) {
        w2[i] = w[i] * w[i];
        wy[i] = w[i] * y[i];
        w2y[i] = w[i] * wy[i];
        w2y2[i] = wy[i] * wy[i];
    }
    add_terms(&sums->w, w, n);
    add_terms(&sums->w2, w2, n);
    add_terms(&sums->wy, wy, n);
    add_terms(&sums->w2y, w2y, n);
    add_terms(&sums->w2y2, w2y2, n);
}

static void add_plain(gf_until_sums *sums, const double *y, size_t n)
{
    double squares[BLOCK];
    for (size_t i = 0; i < n; i++)
        squares[i] = y[i] * y[i];
    add_terms(&sums->wy, y, n);
    add_terms(&sums->w2y2, squares, n);
}

void gf_until_add_batch(const gf_until *until, gf_until_sums *sums, const double *columns, size_t stride,
                        size_t n)
{
    const double *values = columns + (size_t)until->column * stride;
    const double *log_weights = until->log_weight >= 0 ? columns + (size_t)until->log_weight * stride : NULL;
    double y[BLOCK], w[BLOCK];
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t size = n - first < BLOCK ? n - first : BLOCK;
        const size_t m =
            pick(until, sums, values + first, log_weights != NULL ? log_weights + first : NULL, size, y, w);
        sums->n += (int64_t)m;
        widen(sums, y, w, m);
        if (log_weights != NULL)
            add_weighted(sums, y, w, m);
        else
            add_plain(sums, y, m);
    }
}

/* The exact sums in a fixed order. */
static void list_exact(gf_until_sums *sums, gf_exact_sum *list[N_EXACT])
{
    gf_exact_sum *all[N_EXACT] = {&sums->w, &sums->w2, &sums->wy, &sums->w2y, &sums->w2y2};
    memcpy(list, all, sizeof all);
}

void gf_until_sums_merge(gf_until_sums *into, const gf_until_sums *from)
{
    gf_until_sums copy = *from;
    gf_exact_sum *to[N_EXACT], *of[N_EXACT];
    list_exact(into, to);
    list_exact(&copy, of);
    into->n += from->n;
    into->n_missing += from->n_missing;
    into->n_infinite += from->n_infinite;
    into->least = fmin(into->least, from->least);
    into->largest = fmax(into->largest, from->largest);
    for (int i = 0; i < N_EXACT; i++)
        gf_exact_merge(to[i], of[i]);
}

void gf_until_sums_pack(const gf_until_sums *sums, int64_t words[GF_UNTIL_WORDS])
{
    gf_until_sums carried; /* merging carries: one form for one sum */
    gf_exact_sum *list[N_EXACT];
    gf_until_sums_reset(&carried);
    gf_until_sums_merge(&carried, sums);
    list_exact(&carried, list);
    words[0] = sums->n;
    words[1] = sums->n_missing;
    words[2] = sums->n_infinite;
    memcpy(&words[3], &sums->least, sizeof sums->least);
    memcpy(&words[4], &sums->largest, sizeof sums->largest);
    for (int i = 0; i < N_EXACT; i++)
        memcpy(words + 5 + i * GF_EXACT_LIMBS, list[i]->limb, sizeof list[i]->limb);
}

void gf_until_sums_add_packed(gf_until_sums *into, const int64_t words[GF_UNTIL_WORDS])
{
    gf_until_sums sums = {.n = words[0], .n_missing = words[1], .n_infinite = words[2]};
    gf_exact_sum *list[N_EXACT];
    list_exact(&sums, list);
    memcpy(&sums.least, &words[3], sizeof sums.least);
    memcpy(&sums.largest, &words[4], sizeof sums.largest);
    for (int i = 0; i < N_EXACT; i++)
        memcpy(list[i]->limb, words + 5 + i * GF_EXACT_LIMBS, sizeof list[i]->limb);
    gf_until_sums_merge(into, &sums);
}

/* --- the verdict --- */

typedef struct moments {
    double n, w, w2, ratio, squares; /* squares: Σw²(y − ratio)² */
} moments;

static moments moments_of(const gf_until *until, const gf_until_sums *sums)
{
    const int is_weighted = until->log_weight >= 0;
    const double n = (double)sums->n, wy = gf_exact_value(&sums->wy), w2y2 = gf_exact_value(&sums->w2y2);
    moments m = {.n = n, .w = n, .w2 = n};
    if (is_weighted) {
        m.w = gf_exact_value(&sums->w);
        m.w2 = gf_exact_value(&sums->w2);
    }
    const double w2y = is_weighted ? gf_exact_value(&sums->w2y) : wy;
    m.ratio = wy / m.w;
    m.squares = fmax(w2y2 - m.ratio * (2 * w2y - m.ratio * m.w2), 0);
    return m;
}

/* A probability of which only hits, or none, have been seen. */
static double bound_of(const gf_until_sums *sums, double effective)
{
    const double bound = fmin(3 / effective, 1);
    return sums->largest > 0 ? 1 - bound : bound;
}

/* Two values that happen to be close have a small error; it says nothing. */
static int has_few(const gf_until_verdict *v)
{
    return v->effective < GF_UNTIL_LEAST;
}

static uint64_t portfolios_needed(const gf_until_verdict *v, double reached, double wanted)
{
    const double by_error = reached / wanted * (reached / wanted),
                 n = (double)v->n * (has_few(v) ? fmax(by_error, GF_UNTIL_LEAST / v->effective) : by_error);
    return isfinite(n) && n < 1e18 ? (uint64_t)ceil(n) : 0;
}

static double reached_error(const gf_until *until, const gf_until_verdict *v)
{
    return until->is_relative ? v->se / fabs(v->estimate) : v->se;
}

gf_until_verdict gf_until_judge(const gf_until *until, const gf_until_sums *sums, uint64_t n, uint64_t most)
{
    gf_until_verdict v = {
        .n = n, .n_looks = gf_until_count_looks(n, most), .estimate = NAN, .se = NAN, .bound = NAN};
    const moments m = moments_of(until, sums);
    if (sums->n == 0 || sums->n_infinite > 0 || !(m.w > 0))
        return v;
    v.effective = m.w * m.w / m.w2;
    v.estimate = m.ratio;
    v.is_alike = gf_is_rounding(sums->largest - sums->least, m.ratio);
    if (v.is_alike && until->is_probability)
        v.bound = bound_of(sums, v.effective);
    if (v.is_alike || sums->n < 2)
        return v;
    v.se = sqrt(m.squares * (until->is_probability ? 1 : m.n / (m.n - 1))) / m.w;
    const double reached = reached_error(until, &v);
    v.is_met = v.se > 0 && reached <= until->wanted && !has_few(&v);
    v.n_needed = portfolios_needed(&v, reached, until->wanted);
    return v;
}

/* --- in words --- */

static void write_error(const gf_until *until, double error, char *text, size_t size)
{
    if (until->is_relative)
        snprintf(text, size, "%.3g%%", 100 * error);
    else
        snprintf(text, size, "±%.3g", error);
}

static void describe_unknown(const gf_until *until, const gf_until_verdict *v, char *text, size_t size)
{
    if (isfinite(v->bound))
        snprintf(text, size,
                 "%s is not known: %s of %" PRIu64 " portfolios are so, which makes it %s %.*g with 95%% "
                 "confidence (rule of three)",
                 until->name, v->estimate > 0 ? "all" : "none", v->n, v->estimate > 0 ? "above" : "below",
                 v->estimate > 0 ? 9 : 3, v->bound);
    else if (v->is_alike)
        snprintf(text, size,
                 "%s is not known: it is %.6g in all of %" PRIu64 " portfolios, which tells no error",
                 until->name, v->estimate, v->n);
    else
        snprintf(text, size, "%s is not known: no error can be told from %" PRIu64 " portfolios", until->name,
                 v->n);
}

void gf_until_describe(const gf_until *until, const gf_until_verdict *v, char *text, size_t size)
{
    char reached[32], wanted[32];
    if (!isfinite(v->se)) {
        describe_unknown(until, v, text, size);
        return;
    }
    write_error(until, reached_error(until, v), reached, sizeof reached);
    write_error(until, until->wanted, wanted, sizeof wanted);
    const int n = has_few(v) ? snprintf(text, size,
                                        "%s is not known: it is %.6g by those of %" PRIu64
                                        " portfolios that have a value, which count for %.3g, fewer than %d",
                                        until->name, v->estimate, v->n, v->effective, GF_UNTIL_LEAST)
                             : snprintf(text, size, "%s is %.6g and known to %s after %" PRIu64 " portfolios",
                                        until->name, v->estimate, reached, v->n);
    if (v->is_met || n < 0 || (size_t)n >= size)
        return;
    const int m = has_few(v) ? 0 : snprintf(text + n, size - (size_t)n, ", not to %s", wanted);
    if (v->n_needed > 0 && m >= 0 && (size_t)(n + m) < size)
        snprintf(text + n + m, size - (size_t)(n + m), "; about %" PRIu64 " would be needed", v->n_needed);
}
