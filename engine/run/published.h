/* Published and closed-form cases: what a source printed or a formula gives, held against what the engine
 * obtains through the code that scenarios use. A case is data (configs/published/cases.yaml): how to obtain
 * (a config with settings, a series of cash flows, a law), and a list of quantities with their expected
 * values and bounds. */
#ifndef GF_RUN_PUBLISHED_H
#define GF_RUN_PUBLISHED_H

#include <stdint.h>

#include "base/param.h"
#include "io/config.h"
#include "run/run.h"

enum { GF_MAX_CASES = 256, GF_MAX_CHECKS = 32, GF_MAX_CASE_FLOWS = 64, GF_CASE_PORTFOLIOS = 100000 };

/* exact: a closed form; published: a source printed it; reference: a separate run of high precision. */
enum { GF_CASE_EXACT, GF_CASE_PUBLISHED, GF_CASE_REFERENCE };

/* How a case is obtained. */
typedef enum {
    GF_BY_RUN,       /* simulation of a config */
    GF_BY_FLOWS,     /* performance measures of given cash flows */
    GF_BY_PARETO,    /* closed forms of a Pareto law, truncated or not */
    GF_BY_LOGNORMAL, /* closed forms of a lognormal law */
    GF_BY_VASICEK,   /* one-factor Gaussian defaults */
    GF_BY_BRANCHING, /* cascades with Poisson offspring */
    GF_BY_STABLE     /* limit law of sums with a heavy right tail */
} gf_case_method;

/* One quantity of a case. */
typedef struct gf_check {
    char quantity[96];
    char settings[300]; /* run: further changes of the config for this number */
    double expected;
    double within;       /* accepted distance besides Monte Carlo error */
    double reference_se; /* standard error of the expected value itself */
    int64_t kind;        /* GF_CASE_*, -1: as the case */
    int64_t holds; /* 0: a printed number that does not follow from its own text; the distance must exceed the
                      bound */
    char note[400];
} gf_check;

typedef struct gf_case {
    char name[64], title[200], source[400];
    int64_t kind, method;
    char config[128];   /* beside the file of the cases */
    char settings[900]; /* "KEY=VALUE; KEY=VALUE" */
    int64_t portfolios;
    struct {
        double amounts[GF_MAX_CASE_FLOWS], index[GF_MAX_CASE_FLOWS];
        int64_t n_amounts, n_index;
        double nav, periods_per_year;
    } flows;
    struct {
        double index, min, cap;
    } pareto;
    struct {
        double median, sigma;
    } lognormal;
    struct {
        double probability, correlation;
    } vasicek;
    int64_t has_flows;
    double offspring;    /* branching: mean number */
    double stable_index; /* stable: index in (1, 2) */
    int64_t n_checks;
    gf_check checks[GF_MAX_CHECKS];
} gf_case;

typedef struct gf_cases {
    char path[4096]; /* the file; configs of cases stand beside it */
    int64_t n;
    gf_case items[GF_MAX_CASES];
} gf_cases;

extern const gf_param gf_cases_rows[];

/* Reads a file of cases into new memory (free() it). NULL with `errors` filled. */
gf_cases *gf_cases_read(const char *path, gf_error_list *errors);
/* The case of that name, or NULL with the nearest name in *nearest (NULL: none is near). */
const gf_case *gf_cases_find(const gf_cases *cases, const char *name, const char **nearest);

/* What came of one check. */
typedef struct gf_verdict {
    double obtained, se; /* se 0: deterministic */
    double error, bound; /* error = obtained − expected; bound = within + 4 √(se² + reference_se²) */
    int is_near;         /* within the bound */
    int is_good;         /* as it should be; where it should not be near, an undecided run is good */
} gf_verdict;

/* Runs one case into verdicts[n_checks]. `scale` multiplies its number of portfolios (at least 100 are run).
 * GF_CONFIG when the case asks for what does not exist; errors of its config are printed into `error`. */
gf_status gf_case_run(const gf_cases *cases, const gf_case *item, double scale, const gf_run_options *options,
                      gf_verdict *verdicts, gf_error *error);

#endif
