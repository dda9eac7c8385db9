/* Atoms from values: sorted, counted, or ordered as far as will be asked. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/careful_sum.h"
#include "run/order.h"
#include "run/passes.h"
#include "run/statistics.h"

void gf_atoms_clear(gf_atoms *atoms)
{
    if (!atoms->is_lent)
        free(atoms->value);
    free(atoms->count);
    free(atoms->half);
    free(atoms->weight);
    memset(atoms, 0, sizeof *atoms);
}

/* --- sorted --- */

typedef struct {
    double value, weight;
} weighted_value;

/* −0 before +0, as without weights. */
static int compare_weighted(const void *a, const void *b)
{
    const weighted_value *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (signbit(x->value) != signbit(y->value))
        return signbit(x->value) ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static int sort_weighted(gf_atoms *atoms)
{
    weighted_value *pairs = calloc(atoms->n + 1, sizeof *pairs);
    gf_careful_sum sum = {0}, sum2 = {0};
    if (pairs == NULL)
        return -1;
    for (size_t i = 0; i < atoms->n; i++)
        pairs[i] = (weighted_value){atoms->value[i], atoms->weight[i]};
    qsort(pairs, atoms->n, sizeof *pairs, compare_weighted);
    for (size_t i = 0; i < atoms->n; i++) {
        const double square = pairs[i].weight * pairs[i].weight;
        atoms->value[i] = pairs[i].value;
        atoms->weight[i] = pairs[i].weight;
        gf_careful_add(&sum, &pairs[i].weight, 1);
        gf_careful_add(&sum2, &square, 1);
    }
    atoms->sum_weight = gf_careful_total(&sum);
    atoms->sum_weight2 = gf_careful_total(&sum2);
    free(pairs);
    return 0;
}

static void set_sizes(gf_atoms *atoms, size_t n_valid, size_t n)
{
    atoms->n_missing = (double)(n - n_valid);
    atoms->total = atoms->sum_weight = atoms->sum_weight2 = (double)n_valid;
}

int gf_atoms_from_values(gf_atoms *atoms, const double *values, const double *weights, size_t n)
{
    memset(atoms, 0, sizeof *atoms);
    atoms->value = calloc(n + 1, sizeof(double));
    double *work = malloc((n + 1) * sizeof(double));
    if (atoms->value == NULL || work == NULL) {
        free(work);
        gf_atoms_clear(atoms);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            work[atoms->n] = weights != NULL ? weights[i] : 1;
            atoms->value[atoms->n++] = values[i];
        }
    set_sizes(atoms, atoms->n, n);
    if (weights == NULL) {
        gf_sort_doubles(atoms->value, work, atoms->n);
        free(work);
        return 0;
    }
    atoms->weight = work;
    if (sort_weighted(atoms) == 0)
        return 0;
    gf_atoms_clear(atoms);
    return -1;
}

/* --- counted --- */

enum { MOST_COUNTED = 4096 };

/* Are all values one of few whole numbers? *least, *largest: of all values, if so. */
static int is_countable(const double *values, size_t n, double *least, double *largest)
{
    gf_passes_in_use()->find_extremes(values, n, least, largest);
    if (!(fabs(*least) < 1e9 && *largest - *least < MOST_COUNTED))
        return 0;
    return gf_passes_in_use()->count_whole(values, n) == n;
}

/* values are whole numbers from least to least + n_bins − 1 */
static int count_values(gf_atoms *atoms, const double *values, size_t n, double least, size_t n_bins)
{
    enum { SIDE_BY_SIDE = 4 }; /* neighbours are often of one bin */
    uint32_t bins[SIDE_BY_SIDE][MOST_COUNTED];
    if (n > UINT32_MAX) /* far beyond what is summed up from columns */
        return -1;
    for (int k = 0; k < SIDE_BY_SIDE; k++)
        memset(bins[k], 0, n_bins * sizeof bins[k][0]);
    atoms->value = calloc(n_bins, sizeof(double));
    atoms->count = calloc(n_bins, sizeof(double));
    atoms->half = calloc(n_bins, sizeof(double));
    if (atoms->value == NULL || atoms->count == NULL || atoms->half == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        bins[i % SIDE_BY_SIDE][(size_t)(int32_t)(values[i] - least)]++;
    for (size_t b = 0; b < n_bins; b++) {
        const double count = (double)((uint64_t)bins[0][b] + bins[1][b] + bins[2][b] + bins[3][b]);
        if (count > 0) {
            atoms->value[atoms->n] = least + (double)b;
            atoms->count[atoms->n++] = count;
        }
    }
    return 0;
}

/* Are all values the same, to the bit? */
static int are_alike(const double *values, size_t n)
{
    return n < 2 || memcmp(values, values + 1, (n - 1) * sizeof *values) == 0;
}

/* One atom for all. */
static int count_alike(gf_atoms *atoms, double value, size_t n)
{
    atoms->value = malloc(sizeof(double));
    atoms->count = malloc(sizeof(double));
    atoms->half = calloc(1, sizeof(double));
    if (atoms->value == NULL || atoms->count == NULL || atoms->half == NULL)
        return -1;
    atoms->value[0] = value;
    atoms->count[0] = (double)n;
    atoms->n = 1;
    return 0;
}

/* --- ordered as far as asked --- */

static int by_size(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Ranks behind everything that is asked, ascending; NULL when out of memory. */
static size_t *ranks_of(size_t n, const gf_asked *asked, size_t *n_ranks)
{
    enum { EACH = GF_QUANTILE_RANKS + 3 };
    const size_t largest = asked->n_largest < n ? asked->n_largest : n - 1;
    size_t k = 0, *ranks = malloc((1 + largest + EACH * (size_t)asked->n_levels + 1) * sizeof *ranks);
    if (ranks == NULL)
        return NULL;
    for (int i = 0; i < asked->n_levels; i++) {
        double rank[EACH];
        gf_quantile_ranks((double)n, asked->levels[i], rank);
        for (int j = 0; j < 3; j++) /* where the best end: rounding may put it to either side */
            rank[GF_QUANTILE_RANKS + j] = floor(asked->levels[i] * (double)n) + j - 1;
        for (int j = 0; j < EACH; j++)
            if (rank[j] > 0 && rank[j] < (double)(n - 1 - largest))
                ranks[k++] = (size_t)rank[j];
    }
    ranks[k++] = 0;
    qsort(ranks, k, sizeof *ranks, by_size);
    for (size_t i = n - 1 - largest; i < n; i++)
        ranks[k++] = i;
    *n_ranks = k;
    return ranks;
}

static int order_values(gf_atoms *atoms, double *values, double *ordered, size_t n, const gf_asked *asked)
{
    size_t n_ranks = 0, *ranks = ranks_of(n, asked, &n_ranks);
    if (ranks == NULL)
        return -1;
    gf_order_doubles(ordered, values, n, ranks, n_ranks);
    free(ranks);
    atoms->value = ordered;
    atoms->is_lent = 1;
    atoms->n = n;
    return 0;
}

/* Leaves out NaN; the number of values that are left. */
static size_t move_together(double *values, size_t n)
{
    size_t valid = 0;
    if (gf_passes_in_use()->count_missing(values, n) == 0)
        return n;
    for (size_t i = 0; i < n; i++) {
        values[valid] = values[i];
        valid += isnan(values[i]) ? 0 : 1;
    }
    return valid;
}

int gf_atoms_from_column(gf_atoms *atoms, double *values, double *ordered, size_t n, int is_integer,
                         const gf_asked *asked)
{
    size_t valid;
    double least = 0, largest = 0;
    int failed;
    memset(atoms, 0, sizeof *atoms);
    valid = move_together(values, n);
    set_sizes(atoms, valid, n);
    if (valid == 0)
        return 0;
    if (are_alike(values, valid))
        failed = count_alike(atoms, values[0], valid);
    else if (is_integer && is_countable(values, valid, &least, &largest))
        failed = count_values(atoms, values, valid, least, (size_t)(largest - least) + 1);
    else
        failed = order_values(atoms, values, ordered, valid, asked);
    if (failed)
        gf_atoms_clear(atoms);
    return failed;
}
