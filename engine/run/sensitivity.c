/* Sobol' indices with bootstrap errors. */
#include "run/sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include "random/rng_gsl.h"

typedef struct rows {
    size_t n;
    int d;
    const double *f;      /* [(2 d + 2)][n] */
    const size_t *chosen; /* [n] rows of a bootstrap sample; NULL: each once */
} rows;

/* Of key i, by sums over rows; NaN where nothing varies: rounding alone is no variance. */
static void shares(const rows *r, int i, double *first, double *total)
{
    const size_t n = r->n;
    const double *a = r->f, *b = a + n, *ab = a + (size_t)(i + 2) * n, *ba = ab + (size_t)r->d * n;
    double alone = 0, changed = 0, all = 0, size = 0;
    for (size_t j = 0; j < n; j++) {
        const size_t k = r->chosen != NULL ? r->chosen[j] : j;
        const double by_a = a[k] - ab[k], by_b = ba[k] - b[k], all_of_a = a[k] - b[k],
                     all_of_b = ab[k] - ba[k];
        alone += by_a * by_b;
        changed += by_a * by_a + by_b * by_b;
        all += all_of_a * all_of_a + all_of_b * all_of_b;
        size += a[k] * a[k] + b[k] * b[k];
    }
    if (!(all > 1e-24 * size))
        all = NAN;
    *first = 2 * alone / all;
    *total = changed / all;
}

/* Adds one bootstrap sample to sums and squares of first and total, [d][4]. */
static void add_sample(rows *r, double *sums)
{
    for (int i = 0; i < r->d; i++) {
        double first, total;
        shares(r, i, &first, &total);
        sums[4 * i] += first;
        sums[4 * i + 1] += first * first;
        sums[4 * i + 2] += total;
        sums[4 * i + 3] += total * total;
    }
}

static double deviation(double sum, double squares)
{
    const double m = GF_BOOTSTRAP_SAMPLES, mean = sum / m, spread = squares / m - mean * mean;
    return spread < 0 ? 0 : sqrt(spread * m / (m - 1)); /* NaN stays NaN */
}

static void add_errors(rows *r, gsl_rng *rng, size_t *chosen, double *sums, gf_sobol_index *indices)
{
    r->chosen = chosen;
    for (int sample = 0; sample < GF_BOOTSTRAP_SAMPLES; sample++) {
        for (size_t j = 0; j < r->n; j++)
            chosen[j] = (size_t)gsl_rng_uniform_int(rng, r->n);
        add_sample(r, sums);
    }
    for (int i = 0; i < r->d; i++) {
        indices[i].first_se = deviation(sums[4 * i], sums[4 * i + 1]);
        indices[i].total_se = deviation(sums[4 * i + 2], sums[4 * i + 3]);
    }
}

void gf_sobol_indices(size_t n, int d, const double *f, gf_sobol_index *indices)
{
    const rows r = {.n = n, .d = d, .f = f};
    for (int i = 0; i < d; i++) {
        indices[i] = (gf_sobol_index){.first_se = NAN, .total_se = NAN};
        shares(&r, i, &indices[i].first, &indices[i].total);
    }
}

int gf_sobol_errors(size_t n, int d, const double *f, uint64_t seed, gf_sobol_index *indices)
{
    rows r = {.n = n, .d = d, .f = f};
    gsl_rng *rng = gsl_rng_alloc(gf_rng_ars);
    size_t *chosen = malloc(n * sizeof *chosen);
    double *sums = calloc(4 * (size_t)d, sizeof *sums);
    const int is_ready = rng != NULL && chosen != NULL && sums != NULL;
    if (is_ready) {
        gsl_rng_set(rng, (unsigned long)seed);
        add_errors(&r, rng, chosen, sums, indices);
    }
    free(sums);
    free(chosen);
    gsl_rng_free(rng);
    return is_ready ? 0 : -1;
}

/* Squared standard error of the mean of n numbers, stride apart. */
static double squared_error(const double *x, int n, size_t stride)
{
    double mean = 0, squares = 0;
    for (int g = 0; g < n; g++) {
        const double d = x[(size_t)g * stride] - mean;
        mean += d / (g + 1);
        squares += d * (x[(size_t)g * stride] - mean);
    }
    return squares / (n - 1) / n;
}

void gf_sobol_add_luck(int d, const gf_sobol_index *of_groups, int n_groups, gf_sobol_index *indices)
{
    const size_t stride = (size_t)d * (sizeof *of_groups / sizeof(double));
    for (int i = 0; i < d; i++) {
        gf_sobol_index *all = &indices[i];
        all->first_se =
            sqrt(all->first_se * all->first_se + squared_error(&of_groups[i].first, n_groups, stride));
        all->total_se =
            sqrt(all->total_se * all->total_se + squared_error(&of_groups[i].total, n_groups, stride));
    }
}
