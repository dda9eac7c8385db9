/* Closed forms that published cases are held against: Pareto and lognormal laws, one-factor defaults,
 * cascades, the stable limit of heavy-tailed sums. Private to the published cases. */
#ifndef GF_RUN_CLOSED_FORM_H
#define GF_RUN_CLOSED_FORM_H

/* Pareto law, P(X > x) = (min/x)^index, conditioned on X ≤ cap (INFINITY: not). Moments that do not exist are
 * INFINITY. */
typedef struct gf_pareto_law {
    double index, min, cap;
} gf_pareto_law;

double gf_pareto_survival(const gf_pareto_law *law, double x);
double gf_pareto_mean(const gf_pareto_law *law);
double gf_pareto_variance(const gf_pareto_law *law);
double gf_pareto_capped_mean(const gf_pareto_law *law, double cap);    /* E min(X, cap) */
double gf_pareto_excess_mean(const gf_pareto_law *law, double strike); /* E max(X − strike, 0) */
/* Largest of n, not truncated: mean min Γ(n+1) Γ(1 − 1/a) / Γ(n + 1 − 1/a), median min (1 − 2^(−1/n))^(−1/a)
 */
double gf_pareto_max_mean(const gf_pareto_law *law, double n);
double gf_pareto_max_median(const gf_pareto_law *law, double n);
/* Share of the whole held by the best q: q^(1 − 1/a), not truncated, a > 1; and the index at which q hold
 * `share`. */
double gf_pareto_top_share(const gf_pareto_law *law, double q);
double gf_pareto_index_of_share(double q, double share);

/* Lognormal law of that median and standard deviation of the logarithm (Black & Scholes 1973 for the excess).
 */
double gf_lognormal_mean(double median, double sigma);
double gf_lognormal_survival(double median, double sigma, double x);
double gf_lognormal_excess_mean(double median, double sigma, double strike);

/* One-factor Gaussian defaults (Vasicek 1987): share of a large pool above x, and P(K ≥ k) of n. */
double gf_vasicek_large_pool(double probability, double correlation, double x);
double gf_vasicek_pool(double probability, double correlation, double n, double k);

/* Cascade with Poisson offspring of mean m: chance that it ends, and the Borel law of its size (Borel 1942).
 */
double gf_branching_extinction(double m);
double gf_borel_probability(double m, double k);

/* P((S_n − n μ) / n^(1/a) ≤ x) for n → ∞ where S_n sums Pareto variates of index a in (1, 2) with min 1: the
 * totally skewed stable law, by inversion of its characteristic function (Gil-Pelaez 1951; Feller II, XVII).
 */
double gf_stable_limit(double index, double x);

#endif
