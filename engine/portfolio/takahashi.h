/* Takahashi & Alexander (2002), "Illiquid Alternative Asset Fund Modeling": deterministic calls,
 * distributions and NAV of a fund. Per period t = 1 … n, with commitment K, paid-in P, net asset value V:
 *
 *     C_t = RC_t (K − P_{t−1})          call: a share of what is still unpaid
 *     D_t = RD_t V_{t−1} (1 + G)        distribution: a share of the grown NAV
 *     V_t = V_{t−1} (1 + G) + C_t − D_t
 *     RD_t = max(Y, (year / L)^B), 1 from year L on
 *
 * With one period a year this is the paper. With m periods a year, chosen so that the shares of a year
 * compose: 1 + G → (1+G)^(1/m); RC → 1 − (1−RC)^(1/m); RD → 1 − (1−RD)^(1/m) while RD < 1; and where RD = 1
 * the NAV leaves in even steps 1/m, 1/(m−1), …, 1 of the year. */
#ifndef GF_PORTFOLIO_TAKAHASHI_H
#define GF_PORTFOLIO_TAKAHASHI_H

enum { GF_TAKAHASHI_MAX_RATES = 40 };

typedef struct gf_takahashi {
    double commitment;                                    /* K, CNY million, ≥ 0 */
    int n_rates;                                          /* ≥ 1; the last rate holds for later years */
    double contribution_per_year[GF_TAKAHASHI_MAX_RATES]; /* RC of years 1, 2, …, in [0,1] */
    double life_years;                                    /* L > 0 */
    double bow;                                           /* B > 0 */
    double growth_per_year;                               /* G > −1 */
    double yield_per_year;                                /* Y in [0,1] */
} gf_takahashi;

/* The published example of the paper: RC 25%, 33⅓%, then 50%; L 12 years, B 2.5, G 13%, Y 0; commitment 100.
 */
gf_takahashi gf_takahashi_example(void);

/* Writes n_periods of calls, distributions and NAV (each may be NULL) at the ends of periods 1 … n_periods;
 * periods_per_year ≥ 1. Same money unit as the commitment. */
void gf_takahashi_project(const gf_takahashi *model, int periods_per_year, int n_periods, double *calls,
                          double *distributions, double *nav);

#endif
