/* Order statistics, and atoms that are ordered only as far as asked, against sorted values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/order.h"
#include "run/passes.h"
#include "sample_fixture.h"

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void the_sort_agrees_with_qsort(void **state)
{
    enum { N = 5000 };
    static double a[N], b[N], work[N];
    (void)state;
    for (uint32_t i = 0; i < N; i++)
        a[i] = b[i] = (uniform(i, 1) - 0.5) * pow(10, 600 * (uniform(i, 2) - 0.5));
    a[0] = b[0] = INFINITY;
    a[1] = b[1] = -INFINITY;
    a[2] = b[2] = 0;
    gf_sort_doubles(a, work, N);
    qsort(b, N, sizeof *b, ascending);
    assert_memory_equal(a, b, sizeof a);
    gf_sort_doubles(a, work, 0);
}

/* Samples of several shapes: spread, ties, nearly equal, one value far off, few, signs of zero. */
static double shaped(int shape, uint32_t i)
{
    const double u = uniform(i, 3);
    switch (shape) {
    case 0:
        return pow(u, -1 / 1.3) - 2;
    case 1:
        return floor(10 * u);
    case 2:
        return 1000 + (i == 7 ? 1e9 : 1e-12 * floor(1000 * u));
    case 3:
        return u < 0.5 ? -0.0 : u < 0.9 ? 0.0 : 1e-300;
    default:
        return (u - 0.5) * 1e-3;
    }
}

static void order_statistics_are_those_of_the_sort(void **state)
{
    static const size_t sizes[] = {1, 2, 47, 300, 2000, 50000}; /* sorted, even bins, classes */
    double *values = malloc(50000 * sizeof(double)), *sorted = malloc(50000 * sizeof(double)),
           *ordered = malloc(50000 * sizeof(double));
    (void)state;
    for (int shape = 0; shape < 5; shape++)
        for (int s = 0; s < 6; s++) {
            const size_t n = sizes[s], ranks[] = {0, n / 20, n / 2, n / 2, n - 1 - n / 50, n - 1};
            for (uint32_t i = 0; i < n; i++)
                values[i] = sorted[i] = shaped(shape, i);
            gf_sort_doubles(sorted, ordered, n);
            for (size_t i = 1; i < n; i++)
                assert_true(sorted[i - 1] <= sorted[i]);
            gf_order_doubles(ordered, values, n, ranks, 6);
            for (int k = 0; k < 6; k++) {
                assert_memory_equal(&ordered[ranks[k]], &sorted[ranks[k]], sizeof(double));
                for (size_t i = 0; i < n; i++)
                    assert_true(i < ranks[k] ? ordered[i] <= ordered[ranks[k]]
                                             : ordered[i] >= ordered[ranks[k]]);
            }
            gf_select_doubles(values, ordered, n, ranks, 6);
            for (int k = 0; k < 6; k++)
                assert_memory_equal(&values[ranks[k]], &sorted[ranks[k]], sizeof(double));
            for (uint32_t i = 0; i < n; i++)
                values[i] = shaped(shape, i);
            gf_sort_doubles(values, ordered, n);
            assert_memory_equal(values, sorted, n * sizeof(double));
        }
    free(values);
    free(sorted);
    free(ordered);
}

/* Bits of whatever passes make of a sample, in one number. */
static uint64_t digest(const gf_passes *passes, const double *x, size_t n)
{
    enum { MOST = 3000 };
    static int32_t class[MOST];
    static uint8_t bin[MOST];
    gf_careful_sum sum = {0}, squares = {0};
    double found[4];
    uint64_t hash = 0, bits;
    passes->find_extremes(x, n, &found[0], &found[1]);
    passes->add_capped(&sum, x, n, 1.5);
    passes->add_squares(&squares, x, n, INFINITY, 0.1);
    found[2] = gf_careful_total(&sum);
    found[3] = gf_careful_total(&squares);
    passes->find_classes(class, x, n);
    passes->find_bins(bin, x, n, found[0], found[1] > found[0] ? 256 / (found[1] - found[0]) : 1);
    for (size_t i = 0; i < n; i++)
        hash = hash * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t) class[i] * 256 + bin[i];
    for (int k = 0; k < 4; k++) {
        memcpy(&bits, &found[k], sizeof bits);
        hash = hash * UINT64_C(0x9e3779b97f4a7c15) + bits;
    }
    return hash * 31 + passes->count_missing(x, n) * 7 + passes->count_whole(x, n);
}

static void passes_agree_to_the_bit(void **state)
{
    double x[3000];
    (void)state;
    for (int shape = 0; shape < 5; shape++)
        for (size_t n = 1; n < 3000; n = n * 2 + n % 3) {
            for (uint32_t i = 0; i < n; i++)
                x[i] = shaped(shape, i);
            const uint64_t expected = digest(gf_passes_table(GF_ISA_SSE2), x, n);
            for (int isa = 0; isa < GF_N_ISA; isa++)
                if (gf_isa_available((gf_isa)isa))
                    assert_true(digest(gf_passes_table((gf_isa)isa), x, n) == expected);
            x[n / 2] = 2 * x[n / 2] + 1;
            assert_true(digest(gf_passes_in_use(), x, n) != expected);
        }
}

static void passes_find_what_plain_loops_find(void **state)
{
    enum { N = 1003 };
    double x[N], low = INFINITY, high = -INFINITY, found[2];
    long double sum = 0, squares = 0;
    gf_careful_sum s = {0}, s2 = {0};
    const gf_passes *passes = gf_passes_in_use();
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        x[i] = shaped(0, i);
        const long double capped = x[i] < 2 ? x[i] : 2;
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        sum += capped;
        squares += (capped - 0.25L) * (capped - 0.25L);
    }
    passes->find_extremes(x, N, &found[0], &found[1]);
    assert_true(found[0] == low && found[1] == high);
    passes->add_capped(&s, x, N, 2);
    passes->add_squares(&s2, x, N, 2, 0.25);
    expect_near(gf_careful_total(&s), (double)sum, 1e-15 * fabs((double)sum));
    expect_near(gf_careful_total(&s2), (double)squares, 1e-15 * (double)squares);
    assert_int_equal(passes->count_missing(x, N), 0);
    assert_int_equal(passes->count_whole(x, N), 0);
    x[3] = x[1002] = NAN;
    x[5] = -7;
    assert_int_equal(passes->count_missing(x, N), 2);
    assert_int_equal(passes->count_whole(x, N), 1);
}

/* Bands are the quantiles and the mean of the sorted values, for any number of portfolios. */
static void bands_are_those_of_the_sort(void **state)
{
    static const size_t sizes[] = {1, 2, 50, 1024, 4095, 4096, 5000};
    static const double levels[] = {0.95, 0.05, 0.5, 0, 1};
    static double values[5000], work[5000];
    (void)state;
    for (int shape = 0; shape < 5; shape++)
        for (int s = 0; s < 7; s++) {
            double quantiles[5];
            gf_estimate mean;
            for (uint32_t i = 0; i < sizes[s]; i++)
                values[i] = shaped(shape, i);
            gf_atoms atoms = atoms_of(values, NULL, sizes[s]);
            gf_bands(values, work, sizes[s], levels, 5, quantiles, &mean);
            for (int k = 0; k < 5; k++) {
                const double expected = gf_atoms_quantile(&atoms, levels[k]).value;
                assert_memory_equal(&quantiles[k], &expected, sizeof expected);
            }
            expect_near(mean.value, gf_atoms_mean(&atoms).value, 1e-15 * fabs(mean.value));
            gf_atoms_clear(&atoms);
        }
}

static void expect_same(gf_estimate a, gf_estimate b)
{
    expect_near(a.value, b.value, 1e-15 * fabs(b.value));
    if (isnan(a.se) || isnan(b.se))
        assert_true(isnan(a.se) && isnan(b.se));
    else
        expect_near(a.se, b.se, 1e-14 * fabs(b.se));
}

/* Atoms that are ordered as far as asked, or counted, answer as sorted ones do. */
static void columns_answer_as_sorted_values_do(void **state)
{
    enum { N = 30000, TOP = 900 };
    static const double levels[] = {0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.9};
    const gf_asked asked = {levels, 7, TOP};
    double *values = malloc(N * sizeof(double)), *ordered = malloc(N * sizeof(double));
    (void)state;
    for (int shape = 0; shape < 6; shape++) {
        gf_atoms column;
        for (uint32_t i = 0; i < N; i++)
            values[i] = shape == 5 ? 0.8 : i % 11 == 3 ? NAN : shaped(shape, i);
        gf_atoms sorted = atoms_of(values, NULL, N);
        assert_int_equal(gf_atoms_from_column(&column, values, ordered, N, shape == 1, &asked), 0);
        assert_true((column.count != NULL) == (shape == 1 || shape == 5));
        assert_true(column.total == sorted.total && column.n_missing == sorted.n_missing);
        for (int k = 0; k < 7; k++)
            expect_same(gf_atoms_quantile(&column, levels[k]), gf_atoms_quantile(&sorted, levels[k]));
        for (double x = -1; x < 12; x += 0.5)
            expect_same(gf_atoms_probability(&column, x), gf_atoms_probability(&sorted, x));
        expect_same(gf_atoms_mean(&column), gf_atoms_mean(&sorted));
        expect_same(gf_atoms_capped_mean(&column, 3), gf_atoms_capped_mean(&sorted, 3));
        if (sorted.value[0] >= 0)
            expect_same(gf_atoms_top_share(&column, 0.1), gf_atoms_top_share(&sorted, 0.1));
        for (size_t k = 1; k <= TOP + 1 && column.count == NULL; k++)
            expect_near(column.value[column.n - k], sorted.value[sorted.n - k], 0);
        gf_atoms_clear(&column);
        gf_atoms_clear(&sorted);
    }
    free(values);
    free(ordered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sort_agrees_with_qsort),
        cmocka_unit_test(order_statistics_are_those_of_the_sort),
        cmocka_unit_test(passes_agree_to_the_bit),
        cmocka_unit_test(passes_find_what_plain_loops_find),
        cmocka_unit_test(bands_are_those_of_the_sort),
        cmocka_unit_test(columns_answer_as_sorted_values_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
