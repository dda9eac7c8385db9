/* Performance measures of one series of contributions, distributions and a final NAV; dispatch of the lane
 * functions. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include "portfolio/returns.h"

extern const gf_returns_hot gf_returns_table_sse2, gf_returns_table_avx2, gf_returns_table_avx512;

const gf_returns_hot *gf_returns_hot_table(gf_isa isa)
{
    return GF_OF_ISA(isa, &gf_returns_table);
}

gf_multiples gf_multiples_of(const gf_cash_flows *flows)
{
    double paid_in = 0.0, distributed = 0.0;
    for (int t = 0; t < flows->n; t++) {
        paid_in += flows->contributions[t];
        distributed += flows->distributions[t];
    }
    if (paid_in <= 0.0)
        return (gf_multiples){0.0, 0.0, 0.0};
    return (gf_multiples){(distributed + flows->nav) / paid_in, distributed / paid_in, flows->nav / paid_in};
}

/* Net flows with `terminal` as last receipt, each divided by the index if there is one. Dividing by the level
 * at t instead of compounding to the end scales all flows alike and leaves the roots as they are. */
static void net_flows(const gf_cash_flows *flows, const double *index, double terminal, double *net)
{
    assert(flows->n >= 0 && flows->n <= GF_MAX_FLOWS);
    for (int t = 0; t < flows->n; t++) {
        double receipt = t == flows->n - 1 ? terminal : 0.0;
        net[t] = flows->distributions[t] + receipt - flows->contributions[t];
        if (index)
            net[t] /= index[t];
    }
}

gf_irr_flag gf_net_irr(const gf_cash_flows *flows, double *annual_rate)
{
    double net[GF_MAX_FLOWS];
    net_flows(flows, NULL, flows->nav, net);
    return gf_irr(flows->n, net, flows->periods_per_year, annual_rate);
}

double gf_ks_pme(const gf_cash_flows *flows)
{
    double paid_in = 0.0, received = 0.0;
    for (int t = 0; t < flows->n; t++) {
        double receipt = t == flows->n - 1 ? flows->nav : 0.0;
        paid_in += flows->contributions[t] / flows->index[t];
        received += (flows->distributions[t] + receipt) / flows->index[t];
    }
    return paid_in > 0.0 ? received / paid_in : 0.0;
}

gf_irr_flag gf_ln_pme(const gf_cash_flows *flows, double *index_nav, double *annual_rate)
{
    double net[GF_MAX_FLOWS], balance = 0.0;
    for (int t = 0; t < flows->n; t++) {
        double growth = t > 0 ? flows->index[t] / flows->index[t - 1] : 1.0;
        balance = balance * growth + flows->contributions[t] - flows->distributions[t];
        if (index_nav)
            index_nav[t] = balance;
    }
    net_flows(flows, NULL, balance, net);
    return gf_irr(flows->n, net, flows->periods_per_year, annual_rate);
}

gf_irr_flag gf_direct_alpha(const gf_cash_flows *flows, double *annual_alpha, double *log_alpha)
{
    double net[GF_MAX_FLOWS];
    net_flows(flows, flows->index, flows->nav, net);
    gf_irr_flag flag = gf_irr(flows->n, net, flows->periods_per_year, annual_alpha);
    if (log_alpha)
        *log_alpha = log1p(*annual_alpha);
    return flag;
}
