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

/* What the parties (bits of 1 << party) pay and get, the NAV being part of the last receipt. A buy-back
 * between two of them is no flow. */
static void party_flows(const gf_ledger *g, unsigned parties, gf_net_flows *to)
{
    const unsigned both = 1u << GF_GOVERNMENT | 1u << GF_PRIVATE;
    const int last = g->n_times - 1, is_internal = (parties & both) == both;
    for (int t = 0; t <= last; t++) {
        double in[GF_LANES] = {0}, out[GF_LANES] = {0};
        for (int party = 0; party < GF_N_PARTIES; party++) {
            if (!(parties >> party & 1u))
                continue;
#pragma omp simd
            for (int lane = 0; lane < GF_LANES; lane++) {
                in[lane] += g->call[party][t][lane];
                out[lane] += g->distribution[party][t][lane];
            }
            for (int lane = 0; lane < GF_LANES && t == last; lane++)
                out[lane] += g->nav[party][lane];
        }
        for (int lane = 0; lane < GF_LANES && is_internal; lane++) {
            in[lane] -= g->transfer[t][lane];
            out[lane] -= g->transfer[t][lane];
        }
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            to->paid_in[t][lane] = in[lane];
            to->paid_out[t][lane] = out[lane];
            to->net[t][lane] = out[lane] - in[lane];
        }
    }
}

/* Whether a party's flows are its share of `all`, but for rounding: is_share[lane] 1 or 0. */
static void find_shares(const gf_ledger *g, int party, const gf_net_flows *all, double *is_share)
{
    const double share = g->share[party], rounding = 1e-13;
    const int last = g->n_times - 1;
    double same[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        same[lane] = 1.0;
    for (int t = 0; t <= last; t++)
#pragma omp simd
        for (int lane = 0; lane < GF_LANES; lane++) {
            const double in = share * all->paid_in[t][lane], out = share * all->paid_out[t][lane];
            const double nav = t == last ? g->nav[party][lane] : 0.0;
            const double gap_in = fabs(g->call[party][t][lane] - in),
                         gap_out = fabs(g->distribution[party][t][lane] + nav - out);
            same[lane] = ((gap_in <= rounding * in) & (gap_out <= rounding * out)) ? same[lane] : 0.0;
        }
    memcpy(is_share, same, sizeof same);
}
