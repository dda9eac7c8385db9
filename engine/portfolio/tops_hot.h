/* The best of one portfolio's startups: third part of the kernel (kernel_hot.c, which includes it once). */

/* How many of n values are at least `least`. */
static int count_from(int n, const double *values, double least)
{
    int64_t count = 0;
#pragma omp simd reduction(+ : count)
    for (int i = 0; i < n; i++)
        count += values[i] >= least;
    return (int)count;
}

/* A threshold that at least m of n > m values > 0 reach, and as few more as ties force: bisects the bits of doubles
 * between two values, whose order is that of values > 0 and nearly that of their logarithms, until exactly m values
 * reach it or the ends are neighbours. No branch on counts but the last. */
static double threshold_of(int n, int m, const double *values, double least, double largest, int *n_reach)
{
    uint64_t low, high;
    memcpy(&low, &least, sizeof low);
    memcpy(&high, &largest, sizeof high);
    high++;
    int reach = n;
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

/* Sum of the m largest. Of more than m that reach the threshold, those at it are equal, and the surplus is taken off. */
static double sum_of_largest(int n, int m, const double *values, double smallest, double largest)
{
    int n_reach;
    const double least = threshold_of(n, m, values, smallest, largest, &n_reach);
    double sums[8] = {0};
    for (int i = 0; i < n; i += 8)
        for (int j = 0; j < 8; j++)
            sums[j] += (i + j < n) & (values[i + j] >= least) ? values[i + j] : 0.0;
    const double sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    return sum - (n_reach - m) * least;
}

/* Eight running sums and maxima, combined in a fixed order: the same bits whatever the width. */
static void tops(int n, int n_tenth, const double *won, const double *cost, gf_tops *result)
{
    double sums[8] = {0}, largest[8] = {0}, multiple[8] = {0}, smallest[8];
    for (int j = 0; j < 8; j++)
        smallest[j] = INFINITY;
    for (int i = 0; i < n; i += 8)
        for (int j = 0; j < 8; j++) {
            const double x = i + j < n ? won[i + j] : 0.0, y = i + j < n ? won[i + j] / cost[i + j] : 0.0;
            sums[j] += x;
            largest[j] = x > largest[j] ? x : largest[j];
            smallest[j] = (i + j < n) & (x < smallest[j]) ? x : smallest[j];
            multiple[j] = y > multiple[j] ? y : multiple[j];
        }
    result->sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    result->largest = result->multiple = 0.0;
    double least = INFINITY;
    for (int j = 0; j < 8; j++) {
        least = smallest[j] < least ? smallest[j] : least;
        result->largest = largest[j] > result->largest ? largest[j] : result->largest;
        result->multiple = multiple[j] > result->multiple ? multiple[j] : result->multiple;
    }
    result->tenth = n <= n_tenth ? result->sum : sum_of_largest(n, n_tenth, won, least, result->largest);
}
