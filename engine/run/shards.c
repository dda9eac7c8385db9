/* Shards: their place in the environment, their portfolios, their names. */
#include "run/shards.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/part.h"

static int parse_count(const char *text, long *value)
{
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return 0;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static gf_status check(gf_shard *shard, long k, long n, const char *text, gf_error *error)
{
    if (n < 1 || n > GF_MAX_SHARDS || k < 1 || k > n)
        return gf_error_set(error, GF_USAGE,
                            "--shard %s: shard %ld of %ld; expected K/N with K from 1 to N, N at most %d",
                            text, k, n, GF_MAX_SHARDS);
    *shard = (gf_shard){(int)k, (int)n};
    return GF_OK;
}

/* Place among the tasks of an array; 1, 1 outside of one. A gap means a part of an array was submitted again:
 * then a task's place does not tell its shard. */
static gf_status find_array_place(long *place, long *n, gf_error *error)
{
    const char *id_text = getenv("SLURM_ARRAY_TASK_ID"), *step_text = getenv("SLURM_ARRAY_TASK_STEP");
    const char *max_text = getenv("SLURM_ARRAY_TASK_MAX");
    long id = 0, min = 0, max = 0, step = 1;
    *place = 0;
    *n = 1;
    if (id_text == NULL)
        return GF_OK;
    if (!parse_count(id_text, &id) || !parse_count(getenv("SLURM_ARRAY_TASK_COUNT"), n) ||
        !parse_count(getenv("SLURM_ARRAY_TASK_MIN"), &min) ||
        (step_text != NULL && !parse_count(step_text, &step)) || step < 1 || id < min)
        return gf_error_set(error, GF_USAGE,
                            "--shard auto: the SLURM_ARRAY_TASK_* variables are incomplete; expected ID, "
                            "COUNT and MIN, or --shard K/N");
    if ((id - min) % step != 0 || (id - min) / step >= *n ||
        (parse_count(max_text, &max) && (max - min) / step + 1 != *n))
        return gf_error_set(error, GF_USAGE,
                            "--shard auto: the array has gaps, so a task's place does not tell its shard; "
                            "expected --shard K/N");
    *place = (id - min) / step;
    return GF_OK;
}

/* Place among the tasks of an srun step; 1, 1 outside of one. A batch script also sees SLURM_PROCID and
 * SLURM_NTASKS but is one process: inside an array only a step's variables count. */
static gf_status find_step_place(long *place, long *n, gf_error *error)
{
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    const int is_step = getenv("SLURM_STEP_ID") != NULL, is_array = getenv("SLURM_ARRAY_TASK_ID") != NULL;
    *place = 0;
    *n = 1;
    if (getenv("SLURM_PROCID") == NULL || (is_array && !is_step))
        return GF_OK;
    if (!is_step || tasks == NULL)
        tasks = getenv("SLURM_NTASKS");
    if (!parse_count(getenv("SLURM_PROCID"), place) || !parse_count(tasks, n) || *n < 1 || *place >= *n)
        return gf_error_set(error, GF_USAGE,
                            "--shard auto: SLURM_PROCID '%s' of SLURM_NTASKS '%s'; expected a place below "
                            "a count, or --shard K/N",
                            getenv("SLURM_PROCID"), tasks != NULL ? tasks : "");
    return GF_OK;
}

static gf_status find_place(gf_shard *shard, gf_error *error)
{
    long array_place, n_array, step_place, n_step;
    if (getenv("SLURM_PROCID") == NULL && getenv("SLURM_ARRAY_TASK_ID") == NULL)
        return gf_error_set(error, GF_USAGE,
                            "--shard auto: neither SLURM_PROCID nor SLURM_ARRAY_TASK_ID is set; expected a "
                            "Slurm job, or --shard K/N");
    gf_status status = find_array_place(&array_place, &n_array, error);
    if (status == GF_OK)
        status = find_step_place(&step_place, &n_step, error);
    if (status != GF_OK)
        return status;
    if (n_array > GF_MAX_SHARDS || n_step > GF_MAX_SHARDS)
        return gf_error_set(error, GF_USAGE, "--shard auto: too many tasks; expected at most %d",
                            GF_MAX_SHARDS);
    return check(shard, array_place * n_step + step_place + 1, n_array * n_step, "auto", error);
}

gf_status gf_shard_parse(gf_shard *shard, const char *text, gf_error *error)
{
    char number[32];
    long k = 0, n = 0;
    const char *slash = strchr(text, '/');
    if (strcmp(text, "auto") == 0)
        return find_place(shard, error);
    if (slash != NULL && slash - text < (long)sizeof number) {
        memcpy(number, text, (size_t)(slash - text));
        number[slash - text] = '\0';
        if (parse_count(number, &k) && parse_count(slash + 1, &n))
            return check(shard, k, n, text, error);
    }
    return gf_error_set(error, GF_USAGE, "--shard %s; expected K/N, such as 3/8, or auto", text);
}

void gf_shard_range(gf_shard shard, uint64_t n_portfolios, uint64_t batch, uint64_t *first, uint64_t *n)
{
    const uint64_t n_batches = (n_portfolios + batch - 1) / batch;
    if (shard.n == 0) {
        *first = 0;
        *n = n_portfolios;
        return;
    }
    const uint64_t k = (uint64_t)shard.k, m = (uint64_t)shard.n, each = n_batches / m, longer = n_batches % m;
    /* the first `longer` shards have a batch more */
    const uint64_t from = (k - 1) * each + (k - 1 < longer ? k - 1 : longer);
    const uint64_t to = from + each + (k - 1 < longer ? 1 : 0);
    *first = from * batch < n_portfolios ? from * batch : n_portfolios;
    *n = (to * batch < n_portfolios ? to * batch : n_portfolios) - *first;
}

char *gf_shard_path(gf_shard shard, const char *path)
{
    const size_t length = strlen(path),
                 kept = length > 3 && strcmp(path + length - 3, ".h5") == 0 ? length - 3 : length;
    char *name = NULL;
    return asprintf(&name, "%.*s.shard-%04d-of-%04d.h5", (int)kept, path, shard.k, shard.n) < 0 ? NULL : name;
}

gf_status gf_shard_spare(const char *path, gf_error *error)
{
    gf_part *part = NULL;
    gf_status status = GF_OK;
    if (!gf_part_is_likely(path) || gf_part_open(&part, path, NULL) != GF_OK)
        return GF_OK;
    const gf_part_info *info = gf_part_about(part);
    if (info->n_shards > 0)
        status = gf_error_set(error, GF_CREATE, "%s holds shard %d of %d (%s); expected another name", path,
                              info->shard, info->n_shards, info->scenario);
    gf_part_close(part);
    return status;
}

/* Prints first-last, first or nothing, after a comma if there was something before. */
static void print_run(FILE *out, int first, int last, int *has_any)
{
    if (first == 0)
        return;
    fprintf(out, first == last ? "%s%d" : "%s%d-%d", *has_any ? "," : "", first, last);
    *has_any = 1;
}

gf_status gf_shards_list_missing(const char *path, int n,
                                 int (*is_there)(const void *context, gf_shard shard, const char *name),
                                 const void *context, FILE *out, gf_error *error)
{
    int first = 0, has_any = 0;
    for (int k = 1; k <= n; k++) {
        char *name = gf_shard_path((gf_shard){k, n}, path);
        if (name == NULL)
            return gf_error_set(error, GF_MEMORY, "out of memory");
        const int missing = !is_there(context, (gf_shard){k, n}, name);
        free(name);
        if (missing && first == 0)
            first = k;
        if (!missing) {
            print_run(out, first, k - 1, &has_any);
            first = 0;
        }
    }
    print_run(out, first, n, &has_any);
    fputc('\n', out);
    return GF_OK;
}
