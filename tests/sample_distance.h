/* Kolmogorov and Smirnov's distances of samples, and how likely larger ones are by chance. */
#ifndef GF_TESTS_SAMPLE_DISTANCE_H
#define GF_TESTS_SAMPLE_DISTANCE_H

#include <math.h>
#include <stdlib.h>

static inline int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* P of a larger distance of a sample of size n (two samples: n m / (n + m)), Stephens' approximation. */
static inline double p_of_distance(double distance, double n)
{
    const double t = distance * (sqrt(n) + 0.12 + 0.11 / sqrt(n));
    double p = 0;
    for (int k = 1; k <= 100; k++)
        p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * t * t);
    return t < 0.2 ? 1 : fmin(fmax(p, 0), 1);
}

/* Distance of values from uniform; sorts them. */
static inline double p_of_uniform(size_t n, double *values)
{
    double distance = 0;
    qsort(values, n, sizeof *values, by_size);
    for (size_t i = 0; i < n; i++)
        distance =
            fmax(distance, fmax((double)(i + 1) / (double)n - values[i], values[i] - (double)i / (double)n));
    return p_of_distance(distance, (double)n);
}

/* Distance of two samples from each other; sorts them. With ties the chance is larger than what this says. */
static inline double p_of_same(size_t n, double *a, size_t m, double *b)
{
    double distance = 0;
    qsort(a, n, sizeof *a, by_size);
    qsort(b, m, sizeof *b, by_size);
    for (size_t i = 0, j = 0; i < n && j < m;) {
        const double x = a[i] < b[j] ? a[i] : b[j];
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        distance = fmax(distance, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return p_of_distance(distance, (double)n * (double)m / (double)(n + m));
}

#endif
