/* The public account of a block. */
#include "portfolio/account.h"

#include <math.h>
#include <string.h>

static const double sign_of[GF_N_PUBLIC] = {
    [GF_PUBLIC_SUBSIDY] = -1,   [GF_PUBLIC_INFRASTRUCTURE] = -1, [GF_PUBLIC_INTEREST] = -1,
    [GF_PUBLIC_PRINCIPAL] = -1, [GF_PUBLIC_BORROWING] = 1,       [GF_PUBLIC_TAX] = 1,
    [GF_PUBLIC_LAND] = 1,       [GF_PUBLIC_SPENDING] = -1,       [GF_PUBLIC_SURPLUS] = 1,
};

void gf_account_begin(gf_account *a, int n_quarters, const double *opening_debt)
{
    a->n_times = n_quarters + 1;
    memset(a->is_used, 0, sizeof a->is_used);
    double *const sums[] = {a->debt, a->peak_debt_ratio, a->stress_quarters, a->output, a->first_output,
                            a->jobs, a->ambient_outliers};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        memset(sums[i], 0, GF_LANES * sizeof(double));
    for (int lane = 0; lane < GF_LANES; lane++)
        a->first_output_quarter[lane] = -1;
    memcpy(a->opening_debt, opening_debt, sizeof a->opening_debt);
    memcpy(a->debt, opening_debt, sizeof a->debt);
    a->last_output_quarter = 0;
}

static int is_zero(const double *row)
{
    uint64_t bits[GF_LANES], all = 0;
    memcpy(bits, row, sizeof bits);
    for (int lane = 0; lane < GF_LANES; lane++)
        all |= bits[lane];
    return all == 0;
}

static void record_flows(gf_account *a, const gf_block *block, int quarter)
{
    for (int item = 0; item < GF_N_PUBLIC; item++) {
        if (!gf_may(block->pays, item) || (!a->is_used[item] && is_zero(block->public_flow[item])))
            continue;
        if (!a->is_used[item]) /* from here on; until now nothing flowed */
            memset(a->flow[item], 0, (size_t)a->n_times * sizeof a->flow[item][0]);
        a->is_used[item] = 1;
        memcpy(a->flow[item][quarter + 1], block->public_flow[item], sizeof block->public_flow[item]);
    }
}

static void record_debt(gf_account *a, const double *debt, const double *gdp)
{
    memcpy(a->debt, debt, sizeof a->debt);
    for (int lane = 0; lane < GF_LANES; lane++)
        a->peak_debt_ratio[lane] =
            gf_greatest(a->peak_debt_ratio[lane], gdp[lane] > 0 ? debt[lane] / gdp[lane] : 0.0);
}

static void record_output(gf_account *a, const double *output, int quarter)
{
    memcpy(a->output, output, sizeof a->output);
    for (int lane = 0; lane < GF_LANES; lane++)
        if (output[lane] > 0 && a->first_output_quarter[lane] < 0) {
            a->first_output_quarter[lane] = quarter;
            a->first_output[lane] = output[lane];
        }
}

/* Signals that no model emits were 0 from the start and stay so. */
void gf_account_record(gf_account *a, const gf_block *block, int quarter)
{
    record_flows(a, block, quarter);
    a->last_output_quarter = quarter;
    if (gf_may(block->emits, GF_SIGNAL_DEBT))
        record_debt(a, block->emit[GF_SIGNAL_DEBT], block->emit[GF_SIGNAL_GDP]);
    if (gf_may(block->emits, GF_SIGNAL_CLUSTER_OUTPUT))
        record_output(a, block->emit[GF_SIGNAL_CLUSTER_OUTPUT], quarter);
    if (gf_may(block->emits, GF_SIGNAL_CLUSTER_JOBS))
        memcpy(a->jobs, block->emit[GF_SIGNAL_CLUSTER_JOBS], sizeof a->jobs);
    if (gf_may(block->emits, GF_SIGNAL_STRESS))
        for (int lane = 0; lane < GF_LANES; lane++)
            a->stress_quarters[lane] += block->emit[GF_SIGNAL_STRESS][lane] > 0;
    if (gf_may(block->emits, GF_SIGNAL_AMBIENT_OUTLIERS))
        for (int lane = 0; lane < GF_LANES; lane++)
            a->ambient_outliers[lane] += block->emit[GF_SIGNAL_AMBIENT_OUTLIERS][lane];
}

/* Growth from the first quarter with output to the last. */
static double growth(const gf_account *a, int lane)
{
    const int quarters = a->last_output_quarter - a->first_output_quarter[lane];
    if (a->first_output_quarter[lane] < 0 || quarters <= 0 || a->output[lane] <= 0)
        return 0.0;
    return pow(a->output[lane] / a->first_output[lane], 4.0 / quarters) - 1.0;
}

/* Side by side in lanes: the loops over lanes are the inner ones. */
typedef struct running {
    double out[GF_LANES], in[GF_LANES]; /* of one date */
    double balance[GF_LANES], was_negative[GF_LANES];
} running;

/* Everything that moves at date t, by side; subsidies add up on the way. */
static void gather_date(running *r, const gf_account *a, const gf_ledger *g, int t, gf_account_result *result)
{
    gf_ledger_date(g, GF_GOVERNMENT, t, r->out, r->in);
    for (int item = 0; item < GF_N_PUBLIC; item++) {
        if (!a->is_used[item])
            continue;
        const int is_subsidy = item == GF_PUBLIC_SUBSIDY || item == GF_PUBLIC_INFRASTRUCTURE;
        double *side = sign_of[item] < 0 ? r->out : r->in;
        for (int lane = 0; lane < GF_LANES; lane++)
            side[lane] += a->flow[item][t][lane];
        for (int lane = 0; lane < GF_LANES && is_subsidy; lane++)
            result->subsidies[lane] += a->flow[item][t][lane];
    }
}

/* Payback must be for good: a balance below 0 takes it back. */
static void add_date(running *r, int t, double discount, gf_account_result *result)
{
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double net = r->in[lane] - r->out[lane], balance = r->balance[lane] + net;
        const double payback = result->payback_quarter[lane];
        const double outlays = result->outlays[lane] + r->out[lane];
        const int is_short = balance < -1e-12 * outlays; /* rounding does not decide */
        const int is_back = (r->was_negative[lane] > 0) & !is_short & (payback < 0);
        result->outlays[lane] = outlays;
        result->receipts[lane] += r->in[lane];
        result->npv[lane] += net * discount;
        result->payback_quarter[lane] = is_short ? -1.0 : is_back ? t : payback;
        r->was_negative[lane] = is_short ? 1.0 : r->was_negative[lane];
        r->balance[lane] = balance;
    }
}

void gf_account_settle(const gf_account *a, const gf_account_params *p, const gf_ledger *g,
                       gf_account_result *result)
{
    const double per_quarter = pow(1 + p->discount_rate_per_year, -0.25);
    running r = {{0}, {0}, {0}, {0}};
    double discount = 1;
    memset(result, 0, sizeof *result);
    for (int lane = 0; lane < GF_LANES; lane++)
        result->payback_quarter[lane] = -1;
    for (int t = 0; t < g->n_times; t++) {
        discount = t > 0 ? discount * per_quarter : 1.0;
        gather_date(&r, a, g, t, result);
        add_date(&r, t, discount, result);
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        result->balance[lane] = r.balance[lane];
        result->npv[lane] += (g->nav[GF_GOVERNMENT][lane] - a->debt[lane]) * discount + a->opening_debt[lane];
        result->growth[lane] = growth(a, lane);
    }
}
