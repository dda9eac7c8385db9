/* Sketches of columns with infinite values, or values whose squares are beyond the range of doubles: the
 * moments are those of the values, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "run/sketch_pack.h"
#include "sample_fixture.h"

enum { N = 6000, BATCH = 500 };

static const gf_column columns[] = {{"x", "1", "a column", 0, NULL}};
static const gf_layout layout = {.n_columns = 1, .columns = (gf_column *)(uintptr_t)columns};

static gf_accumulator *new_accumulator(void)
{
    gf_accumulator *accumulator;
    assert_int_equal(gf_accumulator_new(&accumulator, &layout, NULL), GF_OK);
    return accumulator;
}

/* Batches first, first + step … of the values. */
static gf_accumulator *sketch_of(const double *x, size_t first, size_t step)
{
    gf_accumulator *accumulator = new_accumulator();
    for (size_t at = first * BATCH; at < N; at += step * BATCH)
        gf_accumulator_add_batch(accumulator, x + at, N, BATCH);
    return accumulator;
}

static gf_atoms atoms_of_sketch(const gf_accumulator *accumulator)
{
    gf_atoms atoms;
    assert_int_equal(gf_atoms_from_sketch(&atoms, gf_accumulator_sketch(accumulator, 0), 0), 0);
    return atoms;
}

static int is_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

static void expect_same(const char *what, gf_estimate found, gf_estimate expected, double slack)
{
    if (!is_same(found.value, expected.value) &&
        !(fabs(found.value - expected.value) <= slack * fabs(expected.value)))
        fail_msg("%s: %.17g, from the values %.17g", what, found.value, expected.value);
    if (!is_same(found.se, expected.se) && !(fabs(found.se - expected.se) <= 0.02 * fabs(expected.se)))
        fail_msg("error of %s: %.17g, from the values %.17g", what, found.se, expected.se);
}

/* Three parts merged in another order, one of them by way of its words, are the same bits as one sketch. */
static void expect_same_by_parts(const double *x, const gf_atoms *one)
{
    gf_accumulator *parts[3], *merged = new_accumulator();
    size_t n_words;
    for (size_t k = 0; k < 3; k++)
        parts[k] = sketch_of(x, k, 3);
    gf_accumulator_merge(merged, parts[2]);
    int64_t *words = gf_accumulator_pack(parts[0], &n_words);
    assert_true(words != NULL && gf_accumulator_add_packed(merged, words, n_words));
    gf_accumulator_merge(merged, parts[1]);
    gf_atoms atoms = atoms_of_sketch(merged);
    assert_true(atoms.n == one->n && is_same(atoms.mean, one->mean) &&
                is_same(atoms.variance, one->variance));
    assert_true(atoms.has_moments == one->has_moments);
    assert_memory_equal(atoms.value, one->value, one->n * sizeof(double));
    assert_memory_equal(atoms.count, one->count, one->n * sizeof(double));
    gf_atoms_clear(&atoms);
    for (size_t k = 0; k < 3; k++)
        gf_accumulator_free(parts[k]);
    gf_accumulator_free(merged);
    free(words);
}

/* Of values within 2^±64, infinite, or among the thousand largest: what the columns themselves would give. */
static void expect_as_of_columns(const double *x, double expected_mean)
{
    gf_accumulator *accumulator = sketch_of(x, 0, 1);
    gf_atoms sketched = atoms_of_sketch(accumulator), exact = atoms_of(x, NULL, N);
    const gf_estimate mean = gf_atoms_mean(&sketched);
    if (!is_same(mean.value, expected_mean) && !(fabs(mean.value / expected_mean - 1) <= 1e-14))
        fail_msg("mean %.17g, expected %.17g", mean.value, expected_mean);
    expect_same("mean", mean, gf_atoms_mean(&exact), 1e-12);
    if (exact.value[0] > -INFINITY) /* the lowest bin ends at -2^64 */
        expect_same("capped mean", gf_atoms_capped_mean(&sketched, 3), gf_atoms_capped_mean(&exact, 3),
                    0x1p-7);
    for (double p = 0.1; p < 0.99; p += 0.1)
        expect_near(gf_atoms_quantile(&sketched, p).value, gf_atoms_quantile(&exact, p).value, 0x1p-6);
    assert_true(gf_atoms_quantile(&sketched, 1).value == gf_atoms_quantile(&exact, 1).value);
    static const double thresholds[] = {1, 2, 1e100, INFINITY};
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++)
        expect_same("probability", gf_atoms_probability(&sketched, thresholds[i]),
                    gf_atoms_probability(&exact, thresholds[i]), 1e-15);
    expect_same_by_parts(x, &sketched);
    gf_atoms_clear(&sketched);
    gf_atoms_clear(&exact);
    gf_accumulator_free(accumulator);
}

/* Values from 1 to 3, NaN now and then; their exact sum. */
static double *some_values(gf_exact_sum *sum, size_t *n)
{
    double *x = malloc(N * sizeof *x);
    *n = 0;
    *sum = (gf_exact_sum){{0}, 0};
    for (uint32_t i = 0; i < N; i++) {
        x[i] = i % 97 == 5 ? NAN : 1 + 2 * uniform(i, 1);
        if (isnan(x[i]))
            continue;
        gf_exact_add(sum, x[i]);
        ++*n;
    }
    return x;
}

/* Another value in the place of one that is there. */
static void replace(double *x, size_t i, double value, gf_exact_sum *sum)
{
    assert_true(isfinite(x[i]));
    gf_exact_add(sum, -x[i]);
    x[i] = value;
    if (isfinite(value))
        gf_exact_add(sum, value);
}

static void infinite_values_have_no_error(void **state)
{
    gf_exact_sum sum;
    size_t n;
    double *x = some_values(&sum, &n);
    (void)state;
    expect_as_of_columns(x, gf_exact_value(&sum) / (double)n);
    for (size_t i = 0; i < 3; i++)
        replace(x, 1000 * i + 1, INFINITY, &sum);
    expect_as_of_columns(x, INFINITY);
    gf_accumulator *accumulator = sketch_of(x, 0, 1);
    const gf_sketch *sketch = gf_accumulator_sketch(accumulator, 0);
    assert_true(sketch->n_infinite == 3 && isinf(sketch->largest) && sketch->n == (int64_t)n);
    expect_near(gf_exact_value(&sketch->sum), gf_exact_value(&sum), 1e-9); /* of those that are finite */
    gf_accumulator_free(accumulator);
    free(x);
}

static void negative_infinities(void **state)
{
    gf_exact_sum sum;
    size_t n;
    double *x = some_values(&sum, &n);
    (void)state;
    replace(x, 4001, -INFINITY, &sum);
    expect_as_of_columns(x, -INFINITY);
    replace(x, 11, INFINITY, &sum);
    expect_as_of_columns(x, NAN);
    free(x);
}

/* A block of nothing but infinities is one of equal values. */
static void more_infinities_than_are_kept(void **state)
{
    gf_exact_sum sum;
    size_t n;
    double *x = some_values(&sum, &n);
    (void)state;
    for (size_t i = 2 * BATCH; i < 5 * BATCH; i++)
        if (!isnan(x[i]))
            replace(x, i, INFINITY, &sum);
    gf_accumulator *accumulator = sketch_of(x, 0, 1);
    gf_atoms atoms = atoms_of_sketch(accumulator);
    assert_true(gf_atoms_mean(&atoms).value == INFINITY && gf_atoms_quantile(&atoms, 0.9).value == INFINITY);
    expect_same_by_parts(x, &atoms);
    gf_atoms_clear(&atoms);
    gf_accumulator_free(accumulator);
    free(x);
}

/* The mean stays; its error is infinite, as that of the columns. */
static void squares_that_overflow(void **state)
{
    gf_exact_sum sum;
    size_t n;
    double *x = some_values(&sum, &n);
    (void)state;
    replace(x, 700, 1e200, &sum);
    expect_as_of_columns(x, gf_exact_value(&sum) / (double)n);
    replace(x, 701, 3e170, &sum);
    replace(x, 5200, 1e156, &sum);
    expect_as_of_columns(x, gf_exact_value(&sum) / (double)n);
    free(x);
}

/* Whatever their number and sign: sums are exact also where they overflow on their way. */
static void many_squares_that_overflow(void **state)
{
    gf_exact_sum sum;
    size_t n;
    double *x = some_values(&sum, &n);
    (void)state;
    for (size_t i = 0; i < 3000; i++)
        if (!isnan(x[i]))
            replace(x, i, i % 2 ? 1e200 : -3e199, &sum);
    replace(x, 4000, DBL_MAX, &sum);
    replace(x, 4001, DBL_MAX, &sum);
    replace(x, 4002, -DBL_MAX, &sum);
    replace(x, 4003, -DBL_MAX, &sum);
    gf_accumulator *accumulator = sketch_of(x, 0, 1);
    gf_atoms atoms = atoms_of_sketch(accumulator);
    const gf_estimate mean = gf_atoms_mean(&atoms);
    assert_true(mean.value == gf_exact_value(&sum) / (double)n && mean.se == INFINITY);
    expect_same_by_parts(x, &atoms);
    gf_atoms_clear(&atoms);
    gf_accumulator_free(accumulator);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(infinite_values_have_no_error), cmocka_unit_test(negative_infinities),
        cmocka_unit_test(more_infinities_than_are_kept), cmocka_unit_test(squares_that_overflow),
        cmocka_unit_test(many_squares_that_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
