/* The best of a portfolio's startups against sorting, for every instruction set: sizes, ties, wide ranges. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "portfolio/cohort.h"
#include "random_helpers.h"

enum { MOST = 160, ROOM = MOST + 8, N_LAWS = 4 };

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Proceeds > 0 of n startups: lognormal, all alike, few different ones, over most of the range of doubles. */
static void make_won(int law, int n, uint64_t which, double *won, double *cost)
{
    for (int i = 0; i < n; i++) {
        double u, v;
        gf_luck_lanes(test_seed(), which, 1, (uint32_t)i, 1001, 0, &u, &v);
        const double choices[N_LAWS] = {exp(6 * u - 3), 0.1, 1.0 + floor(3 * u), exp(1300 * u - 650)};
        won[i] = choices[law];
        cost[i] = 0.5 + v;
    }
}

static gf_tops sorted_tops(int n, int m, const double *won, const double *cost)
{
    double sorted[ROOM];
    gf_tops truth = {0};
    memcpy(sorted, won, (size_t)n * sizeof *won);
    qsort(sorted, (size_t)n, sizeof *sorted, descending);
    for (int i = 0; i < n; i++) {
        truth.sum += sorted[i];
        truth.tenth += i < m ? sorted[i] : 0.0;
        truth.multiple = fmax(truth.multiple, won[i] / cost[i]);
    }
    truth.largest = n > 0 ? sorted[0] : 0.0;
    return truth;
}

static int is_close(double x, double truth)
{
    return fabs(x - truth) <= 1e-13 * truth;
}

static void test_tops_are_those_of_sorting(void **state)
{
    (void)state;
    double won[ROOM], cost[ROOM], costs_alike[ROOM];
    for (int i = 0; i < ROOM; i++)
        costs_alike[i] = 0.75;
    for (int law = 0; law < N_LAWS; law++)
        for (int n = 0; n <= MOST; n++)
            for (int m = 1; m <= n + 1; m += 1 + m / 8) {
                make_won(law, n, (uint64_t)n, won, cost);
                const gf_tops truth = sorted_tops(n, m, won, cost);
                gf_tops first = {0};
                for (int isa = 0; isa < GF_N_ISA; isa++) {
                    if (!gf_isa_available((gf_isa)isa))
                        continue;
                    gf_tops tops;
                    for (int i = n; i < n + 8; i++)
                        won[i] = cost[i] = NAN; /* rubbish beyond them */
                    gf_kernel_hot_table((gf_isa)isa)->tops(n, m, won, cost, NAN, &tops);
                    assert_true(is_close(tops.sum, truth.sum) && is_close(tops.tenth, truth.tenth));
                    assert_true(tops.largest == truth.largest && tops.multiple == truth.multiple);
                    gf_tops alike; /* where all cost 0.75 */
                    for (int i = n; i < n + 8; i++)
                        won[i] = NAN;
                    gf_kernel_hot_table((gf_isa)isa)->tops(n, m, won, NULL, 0.75, &alike);
                    assert_true(alike.sum == tops.sum && alike.tenth == tops.tenth);
                    assert_true(alike.largest == tops.largest &&
                                alike.multiple == sorted_tops(n, m, won, costs_alike).multiple);
                    if (isa == 0)
                        first = tops;
                    assert_memory_equal(&tops, &first, sizeof tops);
                }
                /* the bound tells one startup more or less from the best tenth */
                assert_true(law != 0 || m > n ||
                            !is_close(sorted_tops(n, m - 1, won, cost).tenth, truth.tenth));
            }
}

static void test_nobody_wins_without_a_cheque(void **state)
{
    (void)state;
    double won[8] = {0};
    gf_tops tops;
    gf_kernel_hot_table(gf_isa_detect())->tops(0, 1, won, NULL, 0.0, &tops);
    assert_true(tops.sum == 0 && tops.largest == 0 && tops.tenth == 0 && tops.multiple == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tops_are_those_of_sorting),
                                       cmocka_unit_test(test_nobody_wins_without_a_cheque)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
