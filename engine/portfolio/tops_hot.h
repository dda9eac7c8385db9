/* The best of one portfolio's startups: seventh part of the kernel (kernel_hot.c, which includes it once). */

#include "random/math_hot.h"

/* Values come in whole groups of eight, the last one filled up with 0: eight running sums, combined in a
 * fixed order, give the same bits whatever the width, and no loop has a rest. */
enum { GF_TOPS_GROUP = 8, GF_TOPS_CUTS = 3, GF_TOPS_FEW = 2 * GF_TOPS_GROUP };

static double sum_of(const double *sums)
{
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/* How many of n values are at least each cut. */
static void count_from(int n, const double *values, const double *cuts, int *counts)
{
    const double cut0 = cuts[0], cut1 = cuts[1], cut2 = cuts[2];
    int64_t n0 = 0, n1 = 0, n2 = 0;
#ifdef GF_PACK
    for (int i = 0; i < n; i += GF_PACK / 2) {
        n0 += __builtin_popcount(gf_doubles_from(values + i, cut0));
        n1 += __builtin_popcount(gf_doubles_from(values + i, cut1));
        n2 += __builtin_popcount(gf_doubles_from(values + i, cut2));
    }
#else
#pragma omp simd reduction(+ : n0, n1, n2)
    for (int i = 0; i < n; i++) {
        n0 += values[i] >= cut0;
        n1 += values[i] >= cut1;
        n2 += values[i] >= cut2;
    }
#endif
    counts[0] = (int)n0;
    counts[1] = (int)n1;
    counts[2] = (int)n2;
}

/* A threshold that at least m of the values > 0 reach, and as few more as ties force; n_reach: how many. The
 * order of bits is that of values > 0 and nearly that of their logarithms: the search begins around the mean
 * and cuts the bits that are left in four, since three counts that do not wait for each other take hardly
 * longer than one. No branch on counts but the last. */
static double threshold_of(int n, int m, const double *values, double mean, double largest, int *n_reach)
{
    double cuts[GF_TOPS_CUTS] = {mean / 4, mean, mean * 4};
    int64_t low = 0, high = (int64_t)gf_bits_of(largest) + 1;
    int reach = n;
    while (reach != m && high - low > 1) {
        int counts[GF_TOPS_CUTS];
        count_from(n, values, cuts, counts);
        for (int i = 0; i < GF_TOPS_CUTS; i++) {
            const int64_t cut = (int64_t)gf_bits_of(cuts[i]);
            const int is_low = counts[i] >= m;
            low = is_low ? cut : low;
            reach = is_low ? counts[i] : reach;
            high = is_low || cut > high ? high : cut;
        }
        const int64_t step = (high - low + GF_TOPS_CUTS) / (GF_TOPS_CUTS + 1);
        for (int i = 0; i < GF_TOPS_CUTS; i++)
            cuts[i] = gf_double_of((uint64_t)(low + step * (i + 1)));
    }
    *n_reach = reach;
    return gf_double_of((uint64_t)low);
}

/* Sum of the m largest. Of more than m that reach the threshold, those at it are equal, and the surplus is
 * taken off. */
static double sum_of_largest(int n, int m, const double *values, double threshold, int n_reach)
{
    double sums[GF_TOPS_GROUP] = {0};
    for (int i = 0; i < n; i += GF_TOPS_GROUP)
        for (int j = 0; j < GF_TOPS_GROUP; j++)
            sums[j] += values[i + j] >= threshold ? values[i + j] : 0.0;
    return sum_of(sums) - (n_reach - m) * threshold;
}

static double greater_of(double a, double b)
{
    return a > b ? a : b;
}

static double largest_of(const double *values)
{
    return greater_of(greater_of(greater_of(values[0], values[4]), greater_of(values[2], values[6])),
                      greater_of(greater_of(values[1], values[5]), greater_of(values[3], values[7])));
}

/* Sum, largest value and, unless `cost` is NULL, largest multiple of cost. Unless it is filled up, anything
 * may stand beyond n, up to a whole group. */
static inline __attribute__((always_inline)) void add_up(int n, int is_filled, const double *won,
                                                         const double *cost, gf_tops *result)
{
    double sums[GF_TOPS_GROUP] = {0}, largest[GF_TOPS_GROUP] = {0}, multiple[GF_TOPS_GROUP] = {0};
    for (int i = 0; i < n; i += GF_TOPS_GROUP)
#pragma omp simd
        for (int j = 0; j < GF_TOPS_GROUP; j++) {
            const int64_t left = is_filled ? GF_TOPS_GROUP : n - i;
            const double anything = won[i + j],
                         any_cost = cost == NULL ? 1.0 : cost[i + j]; /* loads without conditions: vectors */
            const double value = j < left ? anything : 0.0, paid = j < left ? any_cost : 1.0;
            sums[j] += value;
            largest[j] = greater_of(value, largest[j]);
            if (cost != NULL)
                multiple[j] = greater_of(value / paid, multiple[j]);
        }
    *result =
        (gf_tops){.sum = sum_of(sums), .largest = largest_of(largest), .multiple = largest_of(multiple)};
}

static void fill_up(int n_won, int n, double *won, double *cost)
{
    for (int i = n_won; i < n; i++)
        won[i] = 0.0;
    for (int i = n_won; cost != NULL && i < n; i++)
        cost[i] = 1.0;
}

/* Of a few winners the last group is chosen from, since a load would wait for the stores that fill it up; of
 * many that does not matter. */
static inline __attribute__((always_inline)) void find_tops(int n_won, int n_tenth, double *won, double *cost,
                                                            gf_tops *result)
{
    const int n = (n_won + GF_TOPS_GROUP - 1) / GF_TOPS_GROUP * GF_TOPS_GROUP, is_few = n <= GF_TOPS_FEW;
    if (is_few)
        add_up(n_won, 0, won, cost, result);
    else {
        fill_up(n_won, n, won, cost);
        add_up(n, 1, won, cost, result);
    }
    result->tenth = n_tenth == 1 ? result->largest : result->sum;
    if (n_tenth == 1 || n_won <= n_tenth)
        return;
    if (is_few)
        fill_up(n_won, n, won, cost);
    int n_reach;
    const double threshold = threshold_of(n, n_tenth, won, result->sum / n_won, result->largest, &n_reach);
    result->tenth = sum_of_largest(n, n_tenth, won, threshold, n_reach);
}

/* Of one cost the largest value has the largest multiple, to the bit: division rounds monotonically. */
static void tops(int n_won, int n_tenth, double *won, double *cost, double cheque, gf_tops *result)
{
    if (cost != NULL) {
        find_tops(n_won, n_tenth, won, cost, result);
        return;
    }
    find_tops(n_won, n_tenth, won, NULL, result);
    result->multiple =
        result->largest > 0 ? result->largest / cheque : 0.0; /* without winners maybe no cheque */
}
