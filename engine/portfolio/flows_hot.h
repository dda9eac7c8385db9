/* Sums over the ledger's dates for the columns: last part of the kernel (kernel_hot.c, which includes it
 * once). */

static void total_flows(int n_times, const double (*flows)[GF_LANES], double *total)
{
    double sum[GF_LANES] = {0};
    for (int t = 0; t < n_times; t++)
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++)
            sum[lane] += flows[t][lane];
    memcpy(total, sum, sizeof sum);
}

/* Whether a party's flows are its share of all partners', but for rounding: is_share[lane] 1 or 0. */
static void find_shares(const gf_ledger *g, int party, double *is_share)
{
    const double share = g->share[party], rounding = 1e-13;
    const int last = g->n_times - 1;
    double same[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        same[lane] = 1.0;
    for (int t = 0; t <= last; t++)
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            const double all_nav = t == last ? g->partners_nav[lane] : 0.0;
            const double nav = t == last ? g->nav[party][lane] : 0.0;
            const double in = share * g->paid_in[t][lane], out = share * (g->paid_out[t][lane] + all_nav);
            const double gap_in = fabs(g->call[party][t][lane] - in),
                         gap_out = fabs(g->distribution[party][t][lane] + nav - out);
            same[lane] = ((gap_in <= rounding * in) & (gap_out <= rounding * out)) ? same[lane] : 0.0;
        }
    memcpy(is_share, same, sizeof same);
}
