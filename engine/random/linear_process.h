/* Exact steps of a linear stochastic process, dx = (A x + c) dt + diag(σ) dB: the multivariate
 * Ornstein-Uhlenbeck process when A is stable. Solved once at load; a step is then three small matrix
 * products. */
#ifndef GF_RANDOM_LINEAR_PROCESS_H
#define GF_RANDOM_LINEAR_PROCESS_H

enum { GF_LINEAR_MAX = 8 };

typedef struct gf_linear_process {
    int n;
    double largest_eigenvalue;                 /* largest real part of A's, 1/time */
    double step[GF_LINEAR_MAX][GF_LINEAR_MAX]; /* E = e^(A dt) */
    double gain[GF_LINEAR_MAX][GF_LINEAR_MAX]; /* F = ∫ e^(A t) dt over a step */
    double noise[GF_LINEAR_MAX][GF_LINEAR_MAX]; /* L, lower triangular, L L' = ∫ e^(At) diag(σ²) e^(A't) dt */
} gf_linear_process;

/* Solves x(t + dt) = E x + F c + L z, z standard normal, for drift A[n × n] by rows, n ≤ GF_LINEAR_MAX, per
 * time, and volatility σ[n] ≥ 0 per √time. Matrix exponentials of blocks, after Van Loan (1978), Computing
 * integrals involving the matrix exponential, IEEE Transactions on Automatic Control 23. With an unstable A
 * (largest eigenvalue ≥ 0) only largest_eigenvalue is set and the matrices are 0. */
void gf_linear_process_solve(gf_linear_process *self, int n, const double *drift, const double *volatility,
                             double dt);

#endif
