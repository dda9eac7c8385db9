/* The best of one portfolio's startups: third part of the kernel (kernel_hot.c, which includes it once). */

/* Values come in whole groups of eight, the last one filled up with 0: eight running sums, combined in a
 * fixed order, give the same bits whatever the width, and no loop has a rest. */
enum { GF_TOPS_GROUP = 8 };

static double sum_of(const double *sums)
{
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/* How many of n values are at least `least`. */
static int count_from(int n, const double *values, double least)
{
    int64_t counts[GF_TOPS_GROUP] = {0}, count = 0;
    for (int i = 0; i < n; i += GF_TOPS_GROUP)
        for (int j = 0; j < GF_TOPS_GROUP; j++)
            counts[j] += values[i + j] >= least;
    for (int j = 0; j < GF_TOPS_GROUP; j++)
        count += counts[j];
    return (int)count;
}

/* A threshold that at least m of the values reach, and as few more as ties force: bisects the bits of doubles
 * from `least`, which n_reach > m of them reach, up to the largest. The order of bits is that of values > 0
 * and nearly that of their logarithms. No branch on counts but the last. */
static double threshold_of(int n, int m, const double *values, double least, double largest, int *n_reach)
{
    uint64_t low, high;
    memcpy(&low, &least, sizeof low);
    memcpy(&high, &largest, sizeof high);
    high++;
    int reach = *n_reach;
    while (reach != m && high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        double guess;
        memcpy(&guess, &middle, sizeof guess);
        const int count = count_from(n, values, guess), is_low = count >= m;
        low = is_low ? middle : low;
        reach = is_low ? count : reach;
        high = is_low ? high : middle;
    }
    double threshold;
    memcpy(&threshold, &low, sizeof threshold);
    *n_reach = reach;
    return threshold;
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

static void tops(int n_won, int n_tenth, double *won, double *cost, gf_tops *result)
{
    const int n = (n_won + GF_TOPS_GROUP - 1) / GF_TOPS_GROUP * GF_TOPS_GROUP;
    double sums[GF_TOPS_GROUP] = {0}, largest[GF_TOPS_GROUP] = {0}, multiple[GF_TOPS_GROUP] = {0};
    for (int i = n_won; i < n; i++) {
        won[i] = 0.0;
        cost[i] = 1.0;
    }
    for (int i = 0; i < n; i += GF_TOPS_GROUP)
        for (int j = 0; j < GF_TOPS_GROUP; j++) {
            const double x = won[i + j], y = won[i + j] / cost[i + j];
            sums[j] += x;
            largest[j] = x > largest[j] ? x : largest[j];
            multiple[j] = y > multiple[j] ? y : multiple[j];
        }
    *result = (gf_tops){.sum = sum_of(sums)};
    for (int j = 0; j < GF_TOPS_GROUP; j++) {
        result->largest = largest[j] > result->largest ? largest[j] : result->largest;
        result->multiple = multiple[j] > result->multiple ? multiple[j] : result->multiple;
    }
    result->tenth = result->sum;
    if (n_won <= n_tenth)
        return;
    /* the m-th largest is rarely below a 4096th of the mean: then the search starts from 0 */
    double least = result->sum / n_won * 0x1p-12;
    const int n_above = count_from(n, won, least);
    least = n_above >= n_tenth ? least : 0.0;
    int n_reach = n_above >= n_tenth ? n_above : n_won;
    const double threshold = threshold_of(n, n_tenth, won, least, result->largest, &n_reach);
    result->tenth = sum_of_largest(n, n_tenth, won, threshold, n_reach);
}
