/* Peer of the reference workload: plain C with GSL, as a competent programmer writes it the first time. One
 * sequential generator (mt19937), one gsl_ran_* call per draw, scalar loops over startups, Brent's method for
 * the IRR. It shares no line with the engine, so that agreement means something. benchmarks/README.md defines
 * the workload.
 *
 *   naive_gsl PORTFOLIOS STARTUPS SEED FILE     columns as raw float64, one after the other, into FILE
 *                                               ("-": none)
 *
 * Compiled with -DSPOILED it has one wrong hazard: the twin that the comparison must reject. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUARTERS = 40, DATES = QUARTERS + 1, STAGES = 5, CALL_QUARTERS = 8 };
enum { FAIL, GRADUATE, ACQUIRE, LIST, BREAKOUT, CAUSES };
enum { LEFT = -1 }; /* stage of a startup that has left */

#ifdef SPOILED
#define SEED_FAIL 0.22
#else
#define SEED_FAIL 0.20
#endif

static const double hazards[STAGES][CAUSES] = {/* per year: fail, graduate, acquire, list, breakout */
                                               {SEED_FAIL, 0.32, 0.025, 0.00, 0.002},
                                               {0.16, 0.30, 0.045, 0.00, 0.002},
                                               {0.13, 0.25, 0.060, 0.00, 0.002},
                                               {0.09, 0.23, 0.085, 0.00, 0.002},
                                               {0.065, 0.0, 0.110, 0.13, 0.002}};
static const double step_up_median[STAGES] = {2.0, 1.9, 1.7, 1.5, 1.0};

/* clang-format off */
#define COLUMN_LIST(X)                                                                                       \
    X(gross_multiple) X(net_tvpi) X(net_dpi) X(net_rvpi) X(net_irr) X(net_irr_flag) X(paid_in) X(invested)   \
    X(fees) X(carry) X(n_entered) X(n_failed) X(n_graduated) X(n_acquired) X(n_listed) X(n_outliers)         \
    X(n_live) X(first_outlier_quarter) X(max_multiple) X(top_share) X(top_tenth_share)
/* clang-format on */
typedef struct {
#define FIELD(name) double name;
    COLUMN_LIST(FIELD)
} row;
#define NAME(name) #name,
static const char *const column_names[] = {COLUMN_LIST(NAME)};
enum { COLUMNS = sizeof(row) / sizeof(double) };

typedef struct {
    int n;
    int *stage;
    double *value; /* in units of the cheque */
    gsl_rng *rng;
    gsl_root_fsolver *solver;
    long live_quarters;
} simulator;

static double breakout_multiple(gsl_rng *rng)
{
    double multiple;
    do
        multiple = gsl_ran_pareto(rng, 1.3, 30.0);
    while (multiple > 5000.0);
    return multiple;
}

static int choose_cause(gsl_rng *rng, const double cumulative[CAUSES])
{
    double u = gsl_rng_uniform(rng) * cumulative[CAUSES - 1];
    int cause = 0;
    while (u >= cumulative[cause])
        cause++;
    return cause;
}

/* One event of one startup. Returns what it pays in units of the cheque. */
static double happen(simulator *self, int i, int cause, int quarter, row *out)
{
    double paid = 0.0;
    switch (cause) {
    case FAIL:
        self->value[i] = 0.0;
        out->n_failed++;
        break;
    case GRADUATE:
        self->value[i] *= 0.8 * gsl_ran_lognormal(self->rng, log(step_up_median[self->stage[i]]), 0.5);
        self->stage[i]++;
        out->n_graduated++;
        return 0.0;
    case ACQUIRE:
        paid = self->value[i] *= gsl_ran_lognormal(self->rng, log(0.9), 0.8);
        out->n_acquired++;
        break;
    case LIST:
        paid = self->value[i] *= gsl_ran_lognormal(self->rng, log(1.6), 0.5);
        out->n_listed++;
        break;
    default:
        paid = self->value[i] = breakout_multiple(self->rng);
        out->n_outliers++;
        if (out->first_outlier_quarter < 0.0)
            out->first_outlier_quarter = quarter;
    }
    self->stage[i] = LEFT;
    return paid;
}

/* All startups through all quarters: proceeds[q] in units of the cheque. */
static void live_and_leave(simulator *self, double proceeds[QUARTERS], row *out)
{
    const double phi = 0.9, beta = 0.35, delta = 0.25;
    double m = gsl_ran_gaussian(self->rng, 1.0);
    for (int q = 0; q < QUARTERS; q++) {
        if (q > 0)
            m = phi * m + gsl_ran_gaussian(self->rng, sqrt(1.0 - phi * phi));
        double window = exp(beta * m - 0.5 * beta * beta);
        double spill = fmin(1.0 + 0.15 * out->n_outliers, 2.0);
        double p_any[STAGES], cumulative[STAGES][CAUSES];
        for (int s = 0; s < STAGES; s++) {
            const double *h = hazards[s];
            double lambda[CAUSES] = {h[FAIL], h[GRADUATE] * spill, h[ACQUIRE] * window, h[LIST] * window,
                                     h[BREAKOUT]};
            double sum = 0.0;
            for (int k = 0; k < CAUSES; k++)
                cumulative[s][k] = sum += lambda[k];
            p_any[s] = 1.0 - exp(-delta * sum);
        }
        proceeds[q] = 0.0;
        for (int i = 0; i < self->n; i++) {
            int s = self->stage[i];
            if (s == LEFT)
                continue;
            self->live_quarters++;
            if (gsl_rng_uniform(self->rng) < p_any[s])
                proceeds[q] += happen(self, i, choose_cause(self->rng, cumulative[s]), q, out);
        }
    }
}

typedef struct {
    double balance;                    /* capital and hurdle still owed to partners */
    double called, to_partners, carry; /* so far */
} waterfall;

/* European waterfall of one distribution; returns the partners' part. */
static double distribute(waterfall *w, double amount)
{
    double first = fmin(amount, w->balance);
    w->balance -= first;
    w->to_partners += first;
    double rest = amount - first;
    double catch_up = fmin(rest, fmax(0.25 * (w->to_partners - w->called) - w->carry, 0.0));
    rest -= catch_up;
    w->carry += catch_up + 0.2 * rest;
    w->to_partners += 0.8 * rest;
    return first + 0.8 * rest;
}

static double net_present_value(double v, void *flows)
{
    double sum = 0.0;
    for (int t = DATES - 1; t >= 0; t--)
        sum = sum * v + ((const double *)flows)[t];
    return sum;
}

/* Annual IRR by Brent's method on the quarterly discount factor; NaN when the bracket holds no root. */
static double internal_rate(gsl_root_fsolver *solver, double flows[DATES])
{
    gsl_function f = {net_present_value, flows};
    double low = 1e-4, high = 16.0;
    if (net_present_value(low, flows) >= 0.0 || net_present_value(high, flows) <= 0.0)
        return NAN;
    gsl_root_fsolver_set(solver, &f, low, high);
    do {
        gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
    } while (gsl_root_test_interval(low, high, 0.0, 1e-11) == GSL_CONTINUE);
    return pow(gsl_root_fsolver_root(solver), -4.0) - 1.0;
}

static void account(simulator *self, const double proceeds[QUARTERS], double nav, row *out)
{
    const double growth = pow(1.08, 0.25), cheque = 0.8 / self->n;
    double flows[DATES];
    waterfall w = {0};
    for (int t = 0; t < DATES; t++) {
        double call = (t < CALL_QUARTERS ? 0.1 : 0.0) + (t < QUARTERS ? 0.005 : 0.0);
        w.balance = w.balance * growth + call;
        w.called += call;
        flows[t] = (t > 0 ? distribute(&w, proceeds[t - 1] * cheque) : 0.0) - call;
        out->invested += t < CALL_QUARTERS ? 0.1 : 0.0;
        out->fees += t < QUARTERS ? 0.005 : 0.0;
    }
    out->net_dpi = w.to_partners / w.called;
    double net_nav = distribute(&w, nav * cheque);
    flows[DATES - 1] += net_nav;
    out->net_rvpi = net_nav / w.called;
    out->net_tvpi = out->net_dpi + out->net_rvpi;
    out->paid_in = w.called;
    out->carry = w.carry;
    out->net_irr = internal_rate(self->solver, flows);
    out->net_irr_flag = isnan(out->net_irr) ? 1.0 : 0.0;
}

/* Concentration of the value of all stakes. */
static void concentrate(simulator *self, row *out)
{
    int n_top = (self->n + 9) / 10;
    double sum = 0.0, tenth = 0.0, top[n_top];
    gsl_sort_largest(top, (size_t)n_top, self->value, 1, (size_t)self->n);
    for (int i = 0; i < self->n; i++)
        sum += self->value[i];
    for (int i = 0; i < n_top; i++)
        tenth += top[i];
    out->gross_multiple = sum / self->n;
    out->max_multiple = top[0];
    out->top_share = sum > 0.0 ? top[0] / sum : 0.0;
    out->top_tenth_share = sum > 0.0 ? tenth / sum : 0.0;
}

static row simulate(simulator *self)
{
    row out = {.n_entered = self->n, .first_outlier_quarter = -1.0};
    double proceeds[QUARTERS], nav = 0.0;
    for (int i = 0; i < self->n; i++) {
        self->stage[i] = 0;
        self->value[i] = 1.0;
    }
    live_and_leave(self, proceeds, &out);
    for (int i = 0; i < self->n; i++)
        if (self->stage[i] != LEFT) {
            nav += self->value[i] *= 0.75;
            out.n_live++;
        }
    account(self, proceeds, nav, &out);
    concentrate(self, &out);
    return out;
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void write_columns(const char *path, const double *columns, size_t n)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(columns, sizeof(double), n, file) != n || fclose(file) != 0) {
        perror(path);
        exit(74);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: naive_gsl PORTFOLIOS STARTUPS SEED FILE\n");
        return 64;
    }
    size_t portfolios = strtoul(argv[1], NULL, 10);
    int n = atoi(argv[2]);
    simulator self = {.n = n,
                      .stage = malloc((size_t)n * sizeof(int)),
                      .value = malloc((size_t)n * sizeof(double)),
                      .rng = gsl_rng_alloc(gsl_rng_mt19937),
                      .solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent)};
    gsl_rng_set(self.rng, strtoul(argv[3], NULL, 10));
    double *columns = malloc(portfolios * COLUMNS * sizeof(double));
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t f = 0; f < portfolios; f++) {
        row out = simulate(&self);
        for (size_t c = 0; c < COLUMNS; c++)
            columns[c * portfolios + f] = ((const double *)&out)[c];
    }
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (strcmp(argv[4], "-") != 0)
        write_columns(argv[4], columns, portfolios * COLUMNS);
    printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"portfolios\": %zu, \"startups\": %d, "
           "\"live_quarters_per_startup\": %.4f, \"columns\": [",
           wall, cpu, portfolios, n, (double)self.live_quarters / ((double)portfolios * n));
    for (size_t c = 0; c < COLUMNS; c++)
        printf("%s\"%s\"", c ? ", " : "", column_names[c]);
    printf("]}\n");
    gsl_root_fsolver_free(self.solver);
    gsl_rng_free(self.rng);
    free(self.stage);
    free(self.value);
    free(columns);
    return 0;
}
