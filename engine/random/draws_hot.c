/* Fast draws, compiled once per instruction set: every loop is branch-free so that it vectorises. */
#include <math.h>
#include <string.h>

#include "base/pack_hot.h"
#include "random/beta_table.h"
#include "random/counts_hot.h"
#include "random/draws.h"
#include "random/luck.h"
#include "random/math_hot.h"
#include "random/single_hot.h"
#include "random/wait_hot.h"

extern const gf_draws GF_HOT(gf_draws_fast);

/* gcc has the first form from 12 on only, clang not the second. */
#if defined(__clang__)
#define GF_SHUFFLE4(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int64_t four_orders __attribute__((vector_size(32)));
#define GF_SHUFFLE4(a, b, ...) __builtin_shuffle(a, b, (four_orders){__VA_ARGS__})
#endif

enum { CHUNK = 640, WHOLE = 8 }; /* doubles of the widest vector */

/* Numbers of the m elements of u outside the central region, in order; returns how many. */
static size_t list_outer(size_t m, const double *u, int32_t *number)
{
    size_t n = 0, i = 0;
#ifdef GF_PACK
    for (; i + GF_PACK <= m; i += GF_PACK) {
        const uint32_t outer = gf_doubles_outside(u + i, 0.5, GF_FAST_NORMAL_CENTRE);
        gf_words_pack(number + n, gf_words_count_from((int32_t)i), outer);
        n += gf_count(outer);
    }
#endif
    for (; i < m; i++) {
        number[n] = (int32_t)i;
        n += !gf_fast_normal_is_central(u[i]);
    }
    return n;
}

/* Quantiles of n elements outside the central region, n whole vectors. A few in 10^11 wide uniforms lie in
 * the far tails: they are counted on the way and mended in a rare second pass. */
static void normal_outer(size_t n, const double *u, double *z)
{
    uint64_t n_far = 0;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = -gf_fast_log(u[i] < 0.5 ? u[i] : 1 - u[i]);
#pragma omp simd reduction(+ : n_far)
    for (size_t i = 0; i < n; i++) {
        z[i] = gf_fast_normal_outer(u[i], z[i]);
        n_far += gf_fast_normal_holds(u[i]) ? 0 : 1;
    }
    for (size_t i = 0; i < n && n_far > 0; i++)
        if (!gf_fast_normal_holds(u[i]))
            z[i] = gf_fast_normal_tail(u[i]);
}

/* All by the central region, then those outside it, one in twenty, once more: they alone need a logarithm and
 * a root. The first of them fills their last vector up: a rest would go one by one. */
static void normal(size_t n, const double *u, double *z)
{
    double outer[CHUNK], value[CHUNK];
    int32_t number[CHUNK + 16];
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t m = n - start < CHUNK ? n - start : CHUNK, n_outer = list_outer(m, u + start, number),
                     whole = (n_outer + WHOLE - 1) / WHOLE * WHOLE;
        for (size_t j = 0; j < WHOLE; j++)
            number[n_outer + j] = number[0];
        for (size_t i = 0; i < whole; i += WHOLE) /* before they are overwritten: z may be u */
            for (size_t j = i; j < i + WHOLE; j++)
                outer[j] = u[start + (size_t)number[j]];
#pragma omp simd
        for (size_t i = start; i < start + m; i++)
            z[i] = gf_fast_normal_central(u[i]);
        normal_outer(whole, outer, value);
        for (size_t i = 0; i < whole; i += WHOLE)
            for (size_t j = i; j < i + WHOLE; j++)
                z[start + (size_t)number[j]] = value[j];
    }
}

static void waits(size_t n, const uint32_t *words, float *e)
{
    size_t i = 0;
#ifdef GF_PACK
    const gf_wait_tables tables = gf_wait_load();
    for (; i + GF_PACK <= n; i += GF_PACK)
        gf_reals_store(e + i, gf_wait_pack(&tables, gf_words_load(words + i)));
#endif
#pragma omp simd
    for (size_t j = i; j < n; j++)
        e[j] = gf_wait(words[j]);
}

/* Numbers of the m words outside the central region, in order; returns how many. */
static size_t list_outer_words(size_t m, const uint32_t *words, int32_t *number)
{
    size_t n = 0, i = 0;
#ifdef GF_PACK
    for (; i + GF_PACK <= m; i += GF_PACK) {
        const gf_words from_centre =
            gf_words_subtract(gf_words_load(words + i), gf_words_set(GF_SINGLE_CENTRE));
        const uint32_t outer = gf_words_above(from_centre, GF_SINGLE_CENTRE_SPAN);
        gf_words_pack(number + n, gf_words_count_from((int32_t)i), outer);
        n += gf_count(outer);
    }
#endif
    for (; i < m; i++) {
        number[n] = (int32_t)i;
        n += !gf_single_normal_is_central(words[i]);
    }
    return n;
}

/* As normal(): the few outside the central region once more, in double precision. */
static void normal_single(size_t n, const uint32_t *words, float *z)
{
    double outer[CHUNK], value[CHUNK];
    int32_t number[CHUNK + 16];
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t m = n - start < CHUNK ? n - start : CHUNK,
                     n_outer = list_outer_words(m, words + start, number),
                     whole = (n_outer + WHOLE - 1) / WHOLE * WHOLE;
        for (size_t j = 0; j < WHOLE; j++)
            number[n_outer + j] = number[0];
#pragma omp simd
        for (size_t i = start; i < start + m; i++)
            z[i] = gf_single_normal_central(words[i]);
        for (size_t j = 0; j < whole; j++)
            outer[j] = gf_uniform_narrow(words[start + (size_t)number[j]]);
        normal_outer(whole, outer, value);
        for (size_t j = 0; j < whole; j++)
            z[start + (size_t)number[j]] = (float)value[j];
    }
}

static void exp_single(size_t n, const float *x, float *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = gf_single_exp(x[i]);
}

static void exp_of(size_t n, const double *x, double *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = gf_fast_exp(x[i]);
}

static void log_of(size_t n, const double *x, double *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = gf_fast_log(x[i]);
}

static void pareto(size_t n, const double *u, double index, double x_min, double cap, double beyond,
                   double *x)
{
    const double slope = -1 / index;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] = slope * gf_fast_log((1 - u[i]) * (1 - beyond) + beyond);
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const double y = x_min * gf_fast_exp(x[i]);
        x[i] = y < cap ? y : cap;
    }
}

/* Where Beta quantiles are read, of a chunk: number of the first coefficient of their pieces, and the place
 * there in [-1, 1). */
enum { BETA_CHUNK = 64 };
typedef struct {
    uint64_t first[BETA_CHUNK];
    double s[BETA_CHUNK];
} beta_places;

static void find_places(size_t n, const double *u, beta_places *at)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double p = u[i] > 0.5 ? 1 - u[i] : u[i];
        p = p < 0x1.fffffffffffffp-2 ? p : 0x1.fffffffffffffp-2;
        p = p > 0x1p-53 ? p : 0x1p-53;
        const uint64_t bits = gf_bits_of(p), of_upper = u[i] > 0.5 ? GF_BETA_PIECES : 0;
        const uint64_t piece = (bits >> (52 - GF_BETA_PIECE_BITS)) -
                               ((uint64_t)GF_BETA_LEAST_EXPONENT << GF_BETA_PIECE_BITS) + of_upper;
        const uint64_t place = bits << GF_BETA_PIECE_BITS & 0x000fffffffffffffu;
        at->first[i] = (piece << 3) + (piece << 1) + piece; /* times GF_BETA_COEFFICIENTS */
        at->s[i] = 2 * gf_double_of(place | 0x3ff0000000000000u) - 3;
    }
}

/* Four quantiles side by side, whose coefficients are read four at a time and transposed. */
enum { FOUR = 4 };
typedef double four __attribute__((vector_size(8 * FOUR)));
typedef double four_in_memory __attribute__((vector_size(8 * FOUR), aligned(8), may_alias));

/* Four coefficients each, from p[0] + skipped and so on. */
GF_INLINE void load_powers(const double *const p[FOUR], int skipped, four c[FOUR])
{
    four r[FOUR], t[FOUR];
    for (int j = 0; j < FOUR; j++)
        r[j] = *(const four_in_memory *)(p[j] + skipped);
    for (int j = 0; j < FOUR; j += 2) {
        t[j] = GF_SHUFFLE4(r[j], r[j + 1], 0, 4, 2, 6);
        t[j + 1] = GF_SHUFFLE4(r[j], r[j + 1], 1, 5, 3, 7);
    }
    for (int j = 0; j < 2; j++) {
        c[j] = GF_SHUFFLE4(t[j], t[j + 2], 0, 1, 4, 5);
        c[j + 2] = GF_SHUFFLE4(t[j], t[j + 2], 2, 3, 6, 7);
    }
}

GF_INLINE void beta_four(const double *power, const uint64_t *first, const double *places, double *x)
{
    _Static_assert(GF_BETA_COEFFICIENTS == 11, "three loads, the last of which overlaps");
    const double *const p[FOUR] = {power + first[0], power + first[1], power + first[2], power + first[3]};
    const four s = *(const four_in_memory *)places;
    four low[FOUR], middle[FOUR], high[FOUR];
    load_powers(p, 7, high);
    load_powers(p, 4, middle);
    load_powers(p, 0, low);
    four y = high[3];
    for (int k = 2; k >= 0; k--)
        y = y * s + high[k];
    for (int k = 2; k >= 0; k--)
        y = y * s + middle[k];
    for (int k = 3; k >= 0; k--)
        y = y * s + low[k];
    *(four_in_memory *)x = y;
}

static void beta(size_t n, const double *u, const gf_beta_table *table, double *x)
{
    beta_places at;
    for (size_t start = 0; start < n; start += BETA_CHUNK) {
        const size_t m = n - start < BETA_CHUNK ? n - start : BETA_CHUNK;
        find_places(m, u + start, &at);
        for (size_t i = m; i % FOUR != 0; i++) { /* read in vain */
            at.first[i] = 0;
            at.s[i] = 0;
        }
        const size_t fours = m / FOUR * FOUR;
        for (size_t i = 0; i < fours; i += FOUR)
            beta_four(table->power[0][0], at.first + i, at.s + i, x + start + i);
        if (fours == m)
            continue;
        double rest[FOUR];
        beta_four(table->power[0][0], at.first + fours, at.s + fours, rest);
        for (size_t i = fours; i < m; i++)
            x[start + i] = rest[i - fours];
    }
}

const gf_draws GF_HOT(gf_draws_fast) = {"fast", 16,     normal, waits, normal_single,     exp_single,
                                        exp_of, log_of, pareto, beta,  gf_counts_poisson, gf_counts_binomial};
