/* Checks a set of parts and makes a result file of it. */
#include "run/merge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/lock.h"
#include "run/parts.h"
#include "run/record_collection.h"

typedef struct piece {
    const char *path;
    uint64_t identity, first, n;
    int shard, n_shards;
} piece;

typedef struct merger {
    const gf_merge_options *options;
    piece *pieces;                      /* [n], readable ones, in order of portfolios after sorting */
    size_t n, n_problems, n_unreadable; /* unreadable: of the problems, files that cannot be opened */
    uint64_t identity;                  /* of the run that most parts belong to */
    gf_config config;                   /* of that run */
} merger;

static void problem(merger *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void problem(merger *m, const char *format, ...)
{
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    m->n_problems++;
    if (m->options->problem != NULL)
        m->options->problem(m->options->context, text);
}

/* --- the set
 * ---------------------------------------------------------------------------------------------------------
 */

static gf_status look_at_files(merger *m, gf_error *error)
{
    m->pieces = calloc((size_t)m->options->n_parts + 1, sizeof *m->pieces);
    if (m->pieces == NULL)
        return gf_error_set(error, GF_MEMORY, "out of memory for %d parts", m->options->n_parts);
    for (int i = 0; i < m->options->n_parts; i++) {
        gf_part *part = NULL;
        gf_error why = {GF_OK, ""};
        const gf_status status = gf_part_open(&part, m->options->parts[i], &why);
        if (status == GF_MEMORY)
            return gf_error_set(error, status, "%s", why.message);
        if (status != GF_OK) {
            problem(m, "%s", why.message);
            m->n_unreadable += status == GF_NO_INPUT;
            continue;
        }
        const gf_part_info *info = gf_part_about(part);
        m->pieces[m->n++] = (piece){m->options->parts[i], info->identity, info->first_portfolio,
                                    info->n_portfolios,   info->shard,    info->n_shards};
        gf_part_close(part);
    }
    return GF_OK;
}

static int compare_identities(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The identity that most parts have; of equally many the one that is named first. */
static int choose_identity(merger *m)
{
    uint64_t *sorted = malloc(m->n * sizeof *sorted + 1);
    size_t most = 0;
    if (sorted == NULL)
        return 0;
    for (size_t i = 0; i < m->n; i++)
        sorted[i] = m->pieces[i].identity;
    qsort(sorted, m->n, sizeof *sorted, compare_identities);
    for (size_t i = 0, end = 0; i < m->n; i = end) {
        while (end < m->n && sorted[end] == sorted[i])
            end++;
        if (end - i > most || (end - i == most && sorted[i] == m->pieces[0].identity)) {
            most = end - i;
            m->identity = sorted[i];
        }
    }
    free(sorted);
    return 1;
}

/* The config of the run; refuses parts that another version of this program wrote. */
static gf_status read_config(merger *m, gf_error *error)
{
    size_t i = 0;
    gf_part *part = NULL;
    gf_error_list errors = {0};
    while (m->pieces[i].identity != m->identity)
        i++;
    gf_status status = gf_part_open(&part, m->pieces[i].path, error);
    if (status != GF_OK)
        return status;
    const gf_part_info *info = gf_part_about(part);
    const gf_status read = gf_config_read_text(info->config_text, m->pieces[i].path, &m->config, &errors);
    gf_errors_clear(&errors);
    if (read == GF_MEMORY)
        status = gf_error_set(error, read, "out of memory for the config of %s", m->pieces[i].path);
    else if (strcmp(info->revision, gf_program_revision()) == 0 &&
             strcmp(info->program_version, gf_program_version()) == 0 &&
             (read != GF_OK || gf_run_identity(&m->config, NULL) != m->identity))
        status = gf_error_set(error, GF_CONFIG,
                              "%s: no shard of a run as this program cuts it; expected shards of `guidefund "
                              "run' (those of a sweep go behind its design: guidefund sweep DESIGN.yaml -o "
                              "FILE.h5 SHARD.h5...)",
                              m->pieces[i].path);
    else if (read != GF_OK || gf_run_identity(&m->config, NULL) != m->identity)
        status = gf_error_set(error, GF_CONFIG,
                              "%s: written by guidefund %s (%s), this is %s (%s): parts of another version "
                              "are not put together",
                              m->pieces[i].path, info->program_version, info->revision, gf_program_version(),
                              gf_program_revision());
    gf_part_close(part);
    return status;
}

/* Names a part that belongs to another run, and in what it differs. */
static void name_foreign(merger *m, const piece *p)
{
    gf_part *part = NULL;
    if (gf_part_open(&part, p->path, NULL) != GF_OK) {
        problem(m, "%s: changed while it was looked at", p->path);
        return;
    }
    const gf_part_info *info = gf_part_about(part);
    const gf_scenario *s = &m->config.scenario;
    if (info->seed != s->seed)
        problem(m, "%s: foreign: seed %" PRIu64 ", the other parts have %" PRIu64, p->path, info->seed,
                s->seed);
    else if (info->portfolios_total != (uint64_t)s->portfolios)
        problem(m, "%s: foreign: of a run of %" PRIu64 " portfolios, the other parts of %" PRId64, p->path,
                info->portfolios_total, s->portfolios);
    else if (strcmp(info->config_text, m->config.text) != 0)
        problem(m, "%s: foreign: its config (scenario %s) differs from that of the other parts (%s)", p->path,
                info->scenario, s->name);
    else
        problem(m, "%s: foreign: written by guidefund %s (%s), the other parts by %s (%s)", p->path,
                info->program_version, info->revision, gf_program_version(), gf_program_revision());
    gf_part_close(part);
}

static int compare_pieces(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* Leaves only pieces of the run, sorted. */
static void drop_foreign(merger *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (m->pieces[i].identity == m->identity)
            m->pieces[kept++] = m->pieces[i];
        else
            name_foreign(m, &m->pieces[i]);
    }
    m->n = kept;
    qsort(m->pieces, m->n, sizeof *m->pieces, compare_pieces);
}

/* Names what lies between portfolios `from` and `to`: by shards where the set is one of shards. */
static void name_gap(merger *m, uint64_t from, uint64_t to)
{
    const gf_run_plan plan = gf_run_plan_of(&m->config.scenario);
    const int n_shards = m->pieces[0].n_shards;
    int first = 0, last = 0;
    for (int k = 1; k <= n_shards; k++) {
        uint64_t start, n;
        gf_shard_range((gf_shard){k, n_shards}, plan.n_portfolios, plan.batch, &start, &n);
        if (n == 0 || start < from || start + n > to)
            continue;
        first = first == 0 ? k : first;
        last = k;
    }
    if (first == 0)
        problem(m, "missing: portfolios %" PRIu64 " to %" PRIu64, from, to - 1);
    else if (first == last)
        problem(m, "missing: shard %d of %d (portfolios %" PRIu64 " to %" PRIu64 ")", first, n_shards, from,
                to - 1);
    else
        problem(m, "missing: shards %d to %d of %d (portfolios %" PRIu64 " to %" PRIu64 ")", first, last,
                n_shards, from, to - 1);
}

static void check_cover(merger *m)
{
    uint64_t at = 0;
    const uint64_t end = (uint64_t)m->config.scenario.portfolios;
    for (size_t i = 0; i < m->n; i++) {
        const piece *p = &m->pieces[i], *before = i > 0 ? &m->pieces[i - 1] : NULL;
        if (p->n == 0)
            continue;
        if (before != NULL && p->first == before->first && p->n == before->n)
            problem(m, "%s: doubled: holds the same portfolios as %s", p->path, before->path);
        else if (p->first < at)
            problem(m, "%s: doubled: portfolios %" PRIu64 " to %" PRIu64 " are also in %s", p->path, p->first,
                    (p->first + p->n < at ? p->first + p->n : at) - 1,
                    before != NULL ? before->path : "another part");
        else if (p->first > at)
            name_gap(m, at, p->first);
        at = p->first + p->n > at ? p->first + p->n : at;
    }
    if (at < end)
        name_gap(m, at, end);
}

static gf_status check_set(merger *m, gf_error *error)
{
    gf_status status = look_at_files(m, error);
    if (status == GF_OK && m->n > 0) {
        if (!choose_identity(m))
            return gf_error_set(error, GF_MEMORY, "out of memory for %zu parts", m->n);
        status = read_config(m, error);
        if (status == GF_OK) {
            drop_foreign(m);
            check_cover(m);
        }
    }
    if (status == GF_OK && m->n_problems > 0)
        status = gf_error_set(error, m->n_problems == m->n_unreadable ? GF_NO_INPUT : GF_CONFIG,
                              "%zu problem%s with the parts of %s: nothing is written", m->n_problems,
                              m->n_problems == 1 ? "" : "s", m->options->path);
    return status;
}

/* --- the file
 * -------------------------------------------------------------------------------------------------------- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static gf_status absorb_all(const merger *m, gf_collection *c, gf_error *error)
{
    uint64_t done = 0;
    gf_status status = GF_OK;
    for (size_t i = 0; i < m->n && status == GF_OK; i++) {
        gf_part *part = NULL;
        if (m->options->stop != NULL && __atomic_load_n(m->options->stop, __ATOMIC_RELAXED) != 0)
            return gf_error_set(error, GF_INTERRUPTED,
                                "interrupted after %zu of %zu parts; nothing is written, the same command "
                                "begins again",
                                i, m->n);
        status = gf_part_open(&part, m->pieces[i].path, error);
        if (status != GF_OK)
            break;
        const gf_part_info *info = gf_part_about(part);
        if (info->identity != m->identity || info->first_portfolio != m->pieces[i].first ||
            info->n_portfolios != m->pieces[i].n)
            status = gf_error_set(error, GF_CONFIG, "%s: changed while it was merged", m->pieces[i].path);
        else
            status = gf_collection_absorb(c, part, error);
        gf_part_close(part);
        done += m->pieces[i].n;
        if (m->options->progress != NULL)
            m->options->progress(m->options->context, done, c->plan.n_portfolios);
    }
    return status;
}

static gf_status write_file(merger *m, gf_merge *merge, gf_error *error)
{
    gf_collection c;
    const time_t started = time(NULL);
    const double start = now();
    gf_status status = gf_collection_init(&c, &m->config, m->options->path, (gf_shard){0, 0}, error);
    if (status == GF_OK)
        status = gf_collection_open(&c, 0, error);
    if (status == GF_OK)
        status = absorb_all(m, &c, error);
    if (status == GF_OK)
        status = gf_collection_finish(&c, &merge->summary, error);
    const gf_provenance provenance = {.threads = 1,
                                      .isa = "",
                                      .command_line = m->options->command_line,
                                      .started = started,
                                      .duration_seconds = now() - start};
    if (status == GF_OK)
        status = gf_collection_commit(&c, &provenance, error);
    gf_collection_clear(&c);
    merge->seconds = now() - start;
    return status;
}

gf_status gf_merge_run(const gf_merge_options *options, gf_merge *merge, gf_error *error)
{
    merger m = {.options = options};
    gf_lock lock = {.file = -1};
    *merge = (gf_merge){0};
    gf_status status = gf_lock_take(&lock, options->path, error);
    if (status == GF_OK && lock.is_real)
        gf_parts_sweep(options->path);
    if (status == GF_OK)
        status = gf_shard_spare(options->path, error);
    if (status == GF_OK)
        status = check_set(&m, error);
    if (status == GF_OK)
        status = write_file(&m, merge, error);
    if (status == GF_OK) {
        merge->scenario = strdup(m.config.scenario.name);
        merge->n_portfolios = (uint64_t)m.config.scenario.portfolios;
    }
    gf_lock_drop(&lock);
    gf_config_clear(&m.config);
    free(m.pieces);
    return status;
}

void gf_merge_clear(gf_merge *merge)
{
    free(merge->scenario);
    gf_summary_clear(&merge->summary);
    *merge = (gf_merge){0};
}

/* --- which shards are still to be run
 * -------------------------------------------------------------------------------- */

static int is_there(const char *path, uint64_t identity, uint64_t first, uint64_t n)
{
    gf_part *part = NULL;
    if (gf_part_open(&part, path, NULL) != GF_OK)
        return 0;
    const gf_part_info *info = gf_part_about(part);
    const int fits = info->identity == identity && info->first_portfolio == first && info->n_portfolios == n;
    gf_part_close(part);
    return fits;
}

typedef struct wanted_run {
    gf_run_plan plan;
    uint64_t identity;
} wanted_run;

static int has_shard(const void *context, gf_shard shard, const char *name)
{
    const wanted_run *run = context;
    uint64_t start, size;
    gf_shard_range(shard, run->plan.n_portfolios, run->plan.batch, &start, &size);
    return is_there(name, run->identity, start, size);
}

gf_status gf_merge_list_missing(const gf_config *config, const char *path, int n, FILE *out, gf_error *error)
{
    const wanted_run run = {gf_run_plan_of(&config->scenario), gf_run_identity(config, NULL)};
    return gf_shards_list_missing(path, n, has_shard, &run, out, error);
}
