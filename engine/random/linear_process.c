/* Matrix exponentials and eigenvalues behind the exact steps of a linear process. Load time only. */
#include "random/linear_process.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

enum { MAX = GF_LINEAR_MAX, MAX_BLOCKS = 4 * MAX * MAX };

static double largest_eigenvalue(int n, const double *drift)
{
    double copy[MAX * MAX], parts[2 * MAX], largest = -INFINITY;
    memcpy(copy, drift, (size_t)(n * n) * sizeof *copy);
    gsl_matrix_view matrix = gsl_matrix_view_array(copy, (size_t)n, (size_t)n);
    gsl_vector_complex_view values = gsl_vector_complex_view_array(parts, (size_t)n);
    gsl_eigen_nonsymm_workspace *workspace = gsl_eigen_nonsymm_alloc((size_t)n);
    gsl_eigen_nonsymm(&matrix.matrix, &values.vector, workspace);
    gsl_eigen_nonsymm_free(workspace);
    for (int k = 0; k < n; k++)
        largest = fmax(largest, parts[2 * k]);
    return largest;
}

/* out[2n × 2n] = exp(blocks), both by rows. */
static void exponential(int n, double *blocks, double *out)
{
    gsl_matrix_view in = gsl_matrix_view_array(blocks, (size_t)(2 * n), (size_t)(2 * n));
    gsl_matrix_view result = gsl_matrix_view_array(out, (size_t)(2 * n), (size_t)(2 * n));
    gsl_linalg_exponential_ss(&in.matrix, &result.matrix, GSL_PREC_DOUBLE);
}

/* exp of [[A, I], [0, 0]] dt holds E and F in its upper half. */
static void solve_mean(gf_linear_process *self, const double *drift, double dt)
{
    const int n = self->n;
    double blocks[MAX_BLOCKS] = {0}, whole[MAX_BLOCKS];
    for (int k = 0; k < n; k++) {
        blocks[k * 2 * n + n + k] = dt;
        for (int j = 0; j < n; j++)
            blocks[k * 2 * n + j] = drift[k * n + j] * dt;
    }
    exponential(n, blocks, whole);
    for (int k = 0; k < n; k++)
        for (int j = 0; j < n; j++) {
            self->step[k][j] = whole[k * 2 * n + j];
            self->gain[k][j] = whole[k * 2 * n + n + j];
        }
}

/* exp of [[−A, σ²], [0, A']] dt = [[·, G], [0, H]]; the covariance is H' G. */
static void solve_covariance(int n, const double *drift, const double *volatility, double dt,
                             double *covariance)
{
    double blocks[MAX_BLOCKS] = {0}, whole[MAX_BLOCKS];
    for (int k = 0; k < n; k++) {
        blocks[k * 2 * n + n + k] = volatility[k] * volatility[k] * dt;
        for (int j = 0; j < n; j++) {
            blocks[k * 2 * n + j] = -drift[k * n + j] * dt;
            blocks[(n + k) * 2 * n + n + j] = drift[j * n + k] * dt;
        }
    }
    exponential(n, blocks, whole);
    for (int k = 0; k < n; k++)
        for (int j = 0; j < n; j++) {
            covariance[k * n + j] = 0;
            for (int i = 0; i < n; i++)
                covariance[k * n + j] += whole[(n + i) * 2 * n + n + k] * whole[i * 2 * n + n + j];
        }
}

/* Cholesky's factor of a covariance that may be singular: a direction without variance has a column of 0. */
static void factorise(gf_linear_process *self, const double *covariance)
{
    const int n = self->n;
    for (int j = 0; j < n; j++) {
        double left = covariance[j * n + j];
        for (int i = 0; i < j; i++)
            left -= self->noise[j][i] * self->noise[j][i];
        if (left <= 1e-14 * covariance[j * n + j])
            continue;
        self->noise[j][j] = sqrt(left);
        for (int k = j + 1; k < n; k++) {
            double rest = covariance[k * n + j];
            for (int i = 0; i < j; i++)
                rest -= self->noise[k][i] * self->noise[j][i];
            self->noise[k][j] = rest / self->noise[j][j];
        }
    }
}

void gf_linear_process_solve(gf_linear_process *self, int n, const double *drift, const double *volatility,
                             double dt)
{
    double covariance[MAX * MAX];
    memset(self, 0, sizeof *self);
    self->n = n;
    self->largest_eigenvalue = largest_eigenvalue(n, drift);
    if (self->largest_eigenvalue >= 0)
        return;
    solve_mean(self, drift, dt);
    solve_covariance(n, drift, volatility, dt, covariance);
    factorise(self, covariance);
}
