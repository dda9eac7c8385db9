/* The public account of a block. */
#include "portfolio/account.h"

#include <math.h>
#include <string.h>

const gf_param gf_account_rows[] = {
    {GF_ROW(GF_DOUBLE, gf_account_params, "discount_rate_per_year", discount_rate_per_year), .preset = 0.03,
     .min = -0.05, .max = 0.3, .neutral = 0, .unit = "1/year",
     .help = "rate at which the public purse discounts", .source = "prior: local government bond yields"},
    GF_ROW_END,
};

static const double sign_of[GF_N_PUBLIC] = {
    [GF_PUBLIC_SUBSIDY] = -1,   [GF_PUBLIC_INFRASTRUCTURE] = -1, [GF_PUBLIC_INTEREST] = -1,
    [GF_PUBLIC_PRINCIPAL] = -1, [GF_PUBLIC_BORROWING] = 1,       [GF_PUBLIC_TAX] = 1,
    [GF_PUBLIC_LAND] = 1,       [GF_PUBLIC_SPENDING] = -1,       [GF_PUBLIC_SURPLUS] = 1,
};

void gf_account_begin(gf_account *a, int n_quarters)
{
    a->n_times = n_quarters + 1;
    for (int item = 0; item < GF_N_PUBLIC; item++)
        memset(a->flow[item], 0, (size_t)a->n_times * sizeof a->flow[item][0]);
    double *const sums[] = {a->debt, a->peak_debt_ratio, a->stress_quarters, a->output, a->first_output,
                            a->jobs, a->ambient_outliers};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        memset(sums[i], 0, GF_LANES * sizeof(double));
    for (int lane = 0; lane < GF_LANES; lane++)
        a->first_output_quarter[lane] = -1;
    a->last_output_quarter = 0;
}

void gf_account_record(gf_account *a, const gf_block *block, int quarter)
{
    for (int item = 0; item < GF_N_PUBLIC; item++)
        memcpy(a->flow[item][quarter + 1], block->public_flow[item], sizeof block->public_flow[item]);
    a->last_output_quarter = quarter;
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double gdp = block->emit[GF_SIGNAL_GDP][lane],
                     output = block->emit[GF_SIGNAL_CLUSTER_OUTPUT][lane];
        a->debt[lane] = block->emit[GF_SIGNAL_DEBT][lane];
        if (gdp > 0)
            a->peak_debt_ratio[lane] = fmax(a->peak_debt_ratio[lane], a->debt[lane] / gdp);
        a->stress_quarters[lane] += block->emit[GF_SIGNAL_STRESS][lane] > 0;
        a->ambient_outliers[lane] += block->emit[GF_SIGNAL_AMBIENT_OUTLIERS][lane];
        a->jobs[lane] = block->emit[GF_SIGNAL_CLUSTER_JOBS][lane];
        a->output[lane] = output;
        if (output > 0 && a->first_output_quarter[lane] < 0) {
            a->first_output_quarter[lane] = quarter;
            a->first_output[lane] = output;
        }
    }
}

/* Growth from the first quarter with output to the last. */
static double growth(const gf_account *a, int lane)
{
    const int quarters = a->last_output_quarter - a->first_output_quarter[lane];
    if (a->first_output_quarter[lane] < 0 || quarters <= 0 || a->output[lane] <= 0)
        return 0.0;
    return pow(a->output[lane] / a->first_output[lane], 4.0 / quarters) - 1.0;
}

typedef struct running {
    double outlays, receipts, subsidies, npv;
    int was_negative, payback;
} running;

static void add_date(running *r, const gf_account *a, const gf_ledger *g, int t, int lane, double discount)
{
    double out = g->call[GF_GOVERNMENT][t][lane], in = g->distribution[GF_GOVERNMENT][t][lane];
    for (int item = 0; item < GF_N_PUBLIC; item++) {
        out += sign_of[item] < 0 ? a->flow[item][t][lane] : 0.0;
        in += sign_of[item] > 0 ? a->flow[item][t][lane] : 0.0;
    }
    r->outlays += out;
    r->receipts += in;
    r->subsidies += a->flow[GF_PUBLIC_SUBSIDY][t][lane] + a->flow[GF_PUBLIC_INFRASTRUCTURE][t][lane];
    r->npv += (in - out) * discount;
    const double balance = r->receipts - r->outlays;
    if (r->was_negative && balance >= 0 && r->payback < 0)
        r->payback = t;
    r->was_negative |= balance < 0;
    if (balance < 0)
        r->payback = -1; /* it must stay paid back */
}

void gf_account_settle(const gf_account *a, const gf_account_params *p, const gf_ledger *g,
                       gf_account_result *result)
{
    double discount[GF_MAX_QUARTERS + 1];
    for (int t = 0; t < g->n_times; t++)
        discount[t] = pow(1 + p->discount_rate_per_year, -t / 4.0);
    for (int lane = 0; lane < GF_LANES; lane++) {
        running r = {.payback = -1};
        for (int t = 0; t < g->n_times; t++)
            add_date(&r, a, g, t, lane, discount[t]);
        result->outlays[lane] = r.outlays;
        result->receipts[lane] = r.receipts;
        result->balance[lane] = r.receipts - r.outlays;
        result->subsidies[lane] = r.subsidies;
        result->npv[lane] = r.npv + (g->nav[GF_GOVERNMENT][lane] - a->debt[lane]) * discount[g->n_times - 1];
        result->payback_quarter[lane] = r.payback;
        result->growth[lane] = growth(a, lane);
    }
}
