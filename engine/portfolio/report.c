/* From the state of a simulated block to result columns, quarterly series and startup rows. */
#include <math.h>
#include <string.h>

#include "base/stream.h"
#include "portfolio/return_columns.h"
#include "portfolio/workspace.h"

/* Into the column at a place of the layout. */
static void put_at(const gf_workspace *w, const gf_sink *sink, int place, const double *values)
{
    gf_stream(sink->columns + (size_t)place * sink->columns_stride, values, (size_t)w->block.n_lanes);
}

/* Into one of the engine's columns, if it is wanted. */
static void put(const gf_workspace *w, const gf_sink *sink, int column, const double *values)
{
    if (w->needs.place[column] >= 0)
        put_at(w, sink, w->needs.place[column], values);
}

static void ratio(const double *a, const double *b, double *quotient)
{
    for (int lane = 0; lane < GF_LANES; lane++)
        quotient[lane] = b[lane] > 0 ? a[lane] / b[lane] : 0.0;
}

/* Returns of all partners together that take a root or the index. */
static void report_rates(gf_workspace *w, const gf_sink *sink, const gf_flow_block *block)
{
    double a[GF_LANES], b[GF_LANES];
    if (w->needs.has_irr) {
        w->returns->net_irr(block, w->net_returns[1], w->net_returns[2]);
        put(w, sink, GF_COLUMN_NET_IRR, w->net_returns[1]);
        put(w, sink, GF_COLUMN_NET_IRR_FLAG, w->net_returns[2]);
    }
    if (w->needs.has_ks_pme) {
        w->returns->ks_pme(block, a);
        put(w, sink, GF_COLUMN_KS_PME, a);
    }
    if (w->needs.has_direct_alpha) {
        w->returns->direct_alpha(block, a, b);
        put(w, sink, GF_COLUMN_DIRECT_ALPHA, a);
        put(w, sink, GF_COLUMN_DIRECT_ALPHA_FLAG, b);
    }
}

/* Returns of all partners together. */
static void report_programme(gf_workspace *w, const gf_sink *sink, const gf_flow_block *block)
{
    const gf_ledger *g = &w->ledger;
    double a[GF_LANES], b[GF_LANES];
    put(w, sink, GF_COLUMN_PAID_IN, g->total.paid_in);
    ratio(g->total.paid_out, g->total.paid_in, a);
    ratio(g->partners_nav, g->total.paid_in, b);
    put(w, sink, GF_COLUMN_NET_DPI, a);
    put(w, sink, GF_COLUMN_NET_RVPI, b);
    for (int lane = 0; lane < GF_LANES; lane++)
        w->net_returns[0][lane] = a[lane] + b[lane];
    put(w, sink, GF_COLUMN_NET_TVPI, w->net_returns[0]);
    report_rates(w, sink, block);
}

/* Returns of one party. Where its flows are its share of all partners' flows so are its returns: they are
 * copied (and would differ by rounding alone). columns: TVPI, IRR, its flag; < 0: there is none. */
static void report_party(gf_workspace *w, const gf_sink *sink, gf_party party, const int columns[3])
{
    double paid_in[GF_LANES], paid_out[GF_LANES], own[3][GF_LANES], is_share[GF_LANES];
    const int n_times = w->ledger.n_times, has_share = w->ledger.share[party] > 0;
    const int has_irr = columns[2] >= 0 && w->needs.place[columns[2]] >= 0; /* its flag is always along */
    int n_others = 0;
    if (!w->ledger.is_plain)
        w->kernel->find_shares(&w->ledger, (int)party, is_share);
    for (int lane = 0; lane < GF_LANES; lane++) {
        is_share[lane] = w->ledger.is_plain ? 1.0 : is_share[lane];
        n_others += lane < w->block.n_lanes && is_share[lane] == 0;
        own[0][lane] = 0; /* of a party that pays and gets nothing */
        own[1][lane] = NAN;
        own[2][lane] = GF_IRR_NONE;
    }
    if (n_others > 0) {
        const gf_ledger *g = &w->ledger;
        const gf_flow_block block = {.n_flows = n_times,
                                     .n_lanes = w->block.n_lanes,
                                     .periods_per_year = 4,
                                     .contributions = g->call[party],
                                     .distributions = g->distribution[party],
                                     .nav = g->nav[party]};
        w->kernel->total(n_times, g->call[party], paid_in);
        w->kernel->total(n_times, g->distribution[party], paid_out);
        for (int lane = 0; lane < GF_LANES; lane++)
            paid_out[lane] += g->nav[party][lane];
        ratio(paid_out, paid_in, own[0]);
        if (has_irr)
            w->returns->net_irr(&block, own[1], own[2]);
    }
    for (int i = 0; i < 3 && columns[i] >= 0; i++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            own[i][lane] = is_share[lane] > 0 && has_share ? w->net_returns[i][lane] : own[i][lane];
        put(w, sink, columns[i], own[i]);
    }
}

static void report_money(gf_workspace *w, const gf_sink *sink)
{
    const gf_ledger *g = &w->ledger;
    double a[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++)
        a[lane] = g->total.proceeds[lane] + g->stakes[lane];
    ratio(a, g->total.invested, a);
    put(w, sink, GF_COLUMN_GROSS_MULTIPLE, a);
    put(w, sink, GF_COLUMN_INVESTED, g->total.invested);
    put(w, sink, GF_COLUMN_FEES, g->total.fees);
    for (int lane = 0; lane < GF_LANES; lane++)
        a[lane] = g->total.carry[lane] + g->carry_accrued[lane];
    put(w, sink, GF_COLUMN_CARRY, a);
}

static void report_pace(gf_workspace *w, const gf_sink *sink)
{
    const gf_cohort *k = &w->cohort;
    const gf_ledger *g = &w->ledger;
    double duty[GF_LANES], recycled[GF_LANES] = {0};
    if (!g->is_plain)
        w->kernel->total(g->n_times, g->call[GF_GOVERNMENT], duty);
    for (int lane = 0; lane < GF_LANES; lane++) {
        duty[lane] = g->is_plain ? g->share[GF_GOVERNMENT] * g->total.paid_in[lane] : duty[lane];
        duty[lane] *= w->scenario->programme.reinvestment.ratio;
        for (int fund = 0; fund < k->n_sub_funds; fund++)
            recycled[lane] += k->pace.recycled[fund][lane];
    }
    put(w, sink, GF_COLUMN_FOLLOW_ON, k->follow_on);
    put(w, sink, GF_COLUMN_LOCAL_INVESTED, k->pace.local_invested);
    put(w, sink, GF_COLUMN_LOCAL_DUTY, duty);
    put(w, sink, GF_COLUMN_IDLE_CASH, k->pace.idle);
    put(w, sink, GF_COLUMN_RECYCLED, recycled);
}

static void report_counts(gf_workspace *w, const gf_sink *sink)
{
    const gf_cohort *k = &w->cohort;
    static const int columns[GF_N_CAUSES] = {[GF_BREAKOUT] = GF_COLUMN_N_OUTLIERS,
                                             [GF_LIST] = GF_COLUMN_N_LISTED,
                                             [GF_ACQUIRE] = GF_COLUMN_N_ACQUIRED,
                                             [GF_FAIL] = GF_COLUMN_N_FAILED,
                                             [GF_GRADUATE] = GF_COLUMN_N_GRADUATED};
    double entered[GF_LANES], live[GF_LANES], first[GF_LANES], events[GF_LANES];
    for (int lane = 0; lane < GF_LANES; lane++) {
        entered[lane] = k->n_entered[lane];
        live[lane] = k->n_live[lane];
        first[lane] = k->first_outlier[lane];
    }
    put(w, sink, GF_COLUMN_N_ENTERED, entered);
    put(w, sink, GF_COLUMN_N_LIVE, live);
    put(w, sink, GF_COLUMN_FIRST_OUTLIER_QUARTER, first);
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        for (int lane = 0; lane < GF_LANES; lane++)
            events[lane] = k->n_so_far[cause][lane];
        put(w, sink, columns[cause], events);
    }
    put(w, sink, GF_COLUMN_N_CAPTIVE, k->n_captive);
    put(w, sink, GF_COLUMN_N_AMBIENT_OUTLIERS, w->account.ambient_outliers);
    put(w, sink, GF_COLUMN_LOG_WEIGHT, w->log_weight);
}

static void report_tops(gf_workspace *w, const gf_sink *sink)
{
    const gf_cohort *k = &w->cohort;
    double multiple[GF_LANES], share[GF_LANES] = {0}, tenth[GF_LANES] = {0}, sum[GF_LANES] = {0};
    for (int lane = 0; lane < k->n_lanes; lane++) {
        const size_t base = (size_t)lane * (size_t)k->stride;
        gf_tops tops;
        w->kernel->tops(k->n_won[lane], (k->n_entered[lane] + 9) / 10, k->won + base,
                        k->has_follow_on ? k->won_cost + base : NULL, k->cheque, &tops);
        multiple[lane] = tops.multiple;
        sum[lane] = tops.sum;
        share[lane] = tops.largest;
        tenth[lane] = tops.tenth;
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        const double part = tenth[lane] / sum[lane];
        share[lane] = sum[lane] > 0 ? share[lane] / sum[lane] : 0.0;
        tenth[lane] = sum[lane] > 0 ? (part < 1.0 ? part : 1.0) : 0.0;
    }
    put(w, sink, GF_COLUMN_MAX_MULTIPLE, multiple);
    put(w, sink, GF_COLUMN_TOP_SHARE, share);
    put(w, sink, GF_COLUMN_TOP_TENTH_SHARE, tenth);
}

static void report_public(gf_workspace *w, const gf_sink *sink)
{
    const gf_account *a = &w->account;
    gf_account_result *r = &w->public_result;
    gf_account_settle(a, &w->scenario->public_account, &w->ledger, r);
    put(w, sink, GF_COLUMN_PUBLIC_OUTLAYS, r->outlays);
    put(w, sink, GF_COLUMN_PUBLIC_RECEIPTS, r->receipts);
    put(w, sink, GF_COLUMN_PUBLIC_BALANCE, r->balance);
    put(w, sink, GF_COLUMN_PUBLIC_SUBSIDIES, r->subsidies);
    put(w, sink, GF_COLUMN_FISCAL_NPV, r->npv);
    put(w, sink, GF_COLUMN_PAYBACK_QUARTER, r->payback_quarter);
    put(w, sink, GF_COLUMN_PEAK_DEBT_RATIO, a->peak_debt_ratio);
    put(w, sink, GF_COLUMN_STRESS_QUARTERS, a->stress_quarters);
    put(w, sink, GF_COLUMN_CLUSTER_OUTPUT, a->output);
    put(w, sink, GF_COLUMN_OUTPUT_GROWTH, r->growth);
    put(w, sink, GF_COLUMN_JOBS, a->jobs);
}

static void report_models(gf_workspace *w, const gf_sink *sink)
{
    int column = w->layout->n_engine_columns;
    column += w->scenario->output.returns == GF_RETURNS_ALL ? GF_N_RETURN_COLUMNS : 0;
    for (int i = 0; i < w->scenario->n_models; i++) {
        const gf_model *model = w->models[i];
        if (model->columns == NULL)
            continue;
        model->report(w->scenario->models[i].params, &w->scenario->scene, w->states[i], &w->block, w->values);
        for (int j = 0; model->columns[j].name != NULL; j++)
            put_at(w, sink, column++, w->values[j]);
    }
}

void gf_report_columns(gf_workspace *w, const gf_sink *sink)
{
    static const int columns[GF_N_PARTIES][3] = {
        [GF_GOVERNMENT] = {GF_COLUMN_GOVERNMENT_TVPI, GF_COLUMN_GOVERNMENT_IRR,
                           GF_COLUMN_GOVERNMENT_IRR_FLAG},
        [GF_PRIVATE] = {GF_COLUMN_PRIVATE_TVPI, GF_COLUMN_PRIVATE_IRR, GF_COLUMN_PRIVATE_IRR_FLAG},
        [GF_MANAGERS] = {GF_COLUMN_MANAGER_TVPI, -1, -1},
    };
    const gf_flow_block block = {.n_flows = w->ledger.n_times,
                                 .n_lanes = w->block.n_lanes,
                                 .periods_per_year = 4,
                                 .contributions = (const double(*)[GF_LANES])w->ledger.paid_in,
                                 .distributions = (const double(*)[GF_LANES])w->ledger.paid_out,
                                 .nav = w->ledger.partners_nav,
                                 .index = (const double(*)[GF_LANES])w->market.index};
    if (w->needs.has_flows)
        report_programme(w, sink, &block);
    for (int party = 0; party < GF_N_PARTIES; party++)
        if (w->needs.has_party[party])
            report_party(w, sink, (gf_party)party, columns[party]);
    if (w->needs.has_money)
        report_money(w, sink);
    if (w->needs.has_pace)
        report_pace(w, sink);
    report_counts(w, sink);
    if (w->needs.has_tops)
        report_tops(w, sink);
    if (w->needs.has_public_results)
        report_public(w, sink);
    if (w->scenario->output.returns == GF_RETURNS_ALL)
        gf_report_returns(w, sink);
    report_models(w, sink);
    gf_stream_end();
}

static double *series_row(const gf_workspace *w, const gf_sink *sink, int series, int quarter)
{
    return sink->series +
           ((size_t)series * (size_t)w->scenario->n_quarters + (size_t)quarter) * sink->series_stride;
}

void gf_report_quarter(gf_workspace *w, int quarter, const gf_sink *sink)
{
    const gf_cohort *k = &w->cohort;
    const int n_sectors = w->scenario->scene.n_sectors;
    int series = GF_N_SERIES;
    for (int lane = 0; lane < w->block.n_lanes; lane++) {
        series_row(w, sink, GF_SERIES_NAV, quarter)[lane] = k->value_live[lane];
        series_row(w, sink, GF_SERIES_LIVE, quarter)[lane] = k->n_live[lane];
        series_row(w, sink, GF_SERIES_FACTOR, quarter)[lane] = w->market.factor[lane];
        series_row(w, sink, GF_SERIES_INDEX, quarter)[lane] = w->market.index[quarter + 1][lane];
        for (int cause = 0; cause < GF_N_CAUSES; cause++) {
            double sum = 0;
            for (int sector = 0; sector < n_sectors; sector++)
                sum += gf_climate_hazard(&w->climate, cause, sector, lane);
            series_row(w, sink, GF_SERIES_BREAKOUT + cause, quarter)[lane] = sum / n_sectors;
        }
    }
    for (int i = 0; i < w->scenario->n_models; i++) {
        const gf_model *model = w->models[i];
        if (model->series == NULL)
            continue;
        model->sample(w->scenario->models[i].params, &w->scenario->scene, w->states[i], &w->block, quarter,
                      w->values);
        for (int j = 0; model->series[j].name != NULL; j++)
            memcpy(series_row(w, sink, series++, quarter), w->values[j],
                   (size_t)w->block.n_lanes * sizeof(double));
    }
}

void gf_report_cash(const gf_workspace *w, const gf_sink *sink)
{
    const gf_ledger *g = &w->ledger;
    for (int q = 0; q < w->scenario->n_quarters; q++)
        for (int lane = 0; lane < w->block.n_lanes; lane++) {
            series_row(w, sink, GF_SERIES_CALLS, q)[lane] = g->paid_in[q][lane] + g->transfer[q][lane];
            series_row(w, sink, GF_SERIES_DISTRIBUTIONS, q)[lane] =
                g->paid_out[q + 1][lane] + g->transfer[q + 1][lane];
        }
}

void gf_report_startups(const gf_workspace *w, const gf_sink *sink)
{
    const gf_cohort *k = &w->cohort;
    for (int lane = 0; lane < w->block.n_lanes; lane++)
        for (int i = 0; i < k->n_startups; i++) {
            const size_t slot = (size_t)lane * (size_t)k->stride + (size_t)i;
            const gf_record *r = &k->record[slot];
            const int is_funded = r->entry_quarter >= 0, has_left = is_funded && r->exit_quarter >= 0;
            double row[GF_N_STARTUP_COLUMNS];
            row[GF_STARTUP_PORTFOLIO] = (double)(w->block.first_portfolio + (uint64_t)lane);
            row[GF_STARTUP_STARTUP] = i;
            row[GF_STARTUP_SECTOR] = is_funded ? r->sector : -1;
            row[GF_STARTUP_SUB_FUND] = k->sub_fund[slot];
            row[GF_STARTUP_ENTRY_QUARTER] = r->entry_quarter;
            row[GF_STARTUP_EXIT_QUARTER] = r->exit_quarter;
            row[GF_STARTUP_FATE] = has_left ? r->fate : is_funded ? GF_FATE_HELD : GF_FATE_NEVER_FUNDED;
            row[GF_STARTUP_LAST_STAGE] = is_funded ? r->last_stage : -1;
            row[GF_STARTUP_COST] = is_funded ? gf_cost(k, slot) : 0.0;
            row[GF_STARTUP_VALUE] = is_funded ? k->received[slot] : 0.0;
            row[GF_STARTUP_QUALITY] = is_funded && k->is_own ? k->quality[slot] : 0.0;
            for (int c = 0; c < GF_N_STARTUP_COLUMNS; c++)
                sink->startups[((size_t)c * (size_t)k->n_startups + (size_t)i) * sink->startups_stride +
                               (size_t)lane] = row[c];
        }
}
