/* Hazards of the quarter: first part of the kernel (kernel_hot.c, which includes it once). */

/* Stages side by side, as many as fit a vector: all of a sector with AVX-512. */
#if defined(__AVX512F__)
enum { WIDTH = 8 };
#elif defined(__AVX2__)
enum { WIDTH = 4 };
#else
enum { WIDTH = 2 };
#endif
typedef double stages __attribute__((vector_size(8 * WIDTH)));
typedef float stages_single __attribute__((vector_size(4 * WIDTH)));
typedef double stages_in_memory __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
typedef float stages_single_in_memory __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
#define STAGES(p)          (*(stages_in_memory *)(p))
#define STORE_SINGLE(p, a) (*(stages_single_in_memory *)(p) = __builtin_convertvector(a, stages_single))

/* Hazards of WIDTH classes of a sector, from class `first` on, as running sums over causes, which classify
 * compares with, and their clocks. The vector is one lane's stages, which is how detect and classify read
 * them. */
static void expose_clocks(gf_cohort *k, const gf_climate *climate, size_t first)
{
    const size_t n_classes = (size_t)k->n_classes;
    const stages b0 = STAGES(k->base[0] + first), b1 = STAGES(k->base[1] + first),
                 b2 = STAGES(k->base[2] + first), b3 = STAGES(k->base[3] + first),
                 b4 = STAGES(k->base[4] + first);
    float *rate = k->rate + first, *now = k->clock_now + first;
    double *clock = k->clock + first;
    const double *factor = climate->hazard[0][first / GF_CLASS_ROOM];
    const size_t next = sizeof climate->hazard[0] / sizeof(double);
    for (int lane = 0; lane < GF_LANES; lane++, factor++) {
        const stages s0 = b0 * factor[0], s1 = s0 + b1 * factor[next], s2 = s1 + b2 * factor[2 * next],
                     s3 = s2 + b3 * factor[3 * next], s4 = s3 + b4 * factor[4 * next];
        const stages advanced = STAGES(clock) + s4;
        STAGES(clock) = advanced;
        STORE_SINGLE(now, advanced);
        STORE_SINGLE(rate, s0);
        STORE_SINGLE(rate + n_classes, s1);
        STORE_SINGLE(rate + 2 * n_classes, s2);
        STORE_SINGLE(rate + 3 * n_classes, s3);
        STORE_SINGLE(rate + 4 * n_classes, s4);
        clock += n_classes;
        now += n_classes;
        rate += GF_N_CAUSES * n_classes;
    }
}

/* Eight sectors by eight lanes of own factors. */
enum { BLOCK = 8 };
typedef float block_row __attribute__((vector_size(4 * BLOCK)));
typedef float block_row_in_memory __attribute__((vector_size(4 * BLOCK), aligned(4), may_alias));
typedef double block_wide __attribute__((vector_size(8 * BLOCK)));
typedef double block_wide_in_memory __attribute__((vector_size(8 * BLOCK), aligned(8), may_alias));

/* gcc has the first form from 12 on only, clang not the second. */
#if defined(__clang__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t block_order __attribute__((vector_size(4 * BLOCK)));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (block_order){__VA_ARGS__})
#endif

/* Rows become columns: by ones, by twos, by fours, each in the form that AVX has one instruction for. */
static inline __attribute__((always_inline)) void transpose(block_row r[BLOCK])
{
    block_row t[BLOCK];
    for (int i = 0; i < BLOCK; i += 2) {
        t[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = SHUFFLE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < BLOCK; i += 4)
        for (int j = 0; j < 2; j++) {
            r[i + 2 * j] = SHUFFLE(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 2 * j + 1] = SHUFFLE(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < BLOCK / 2; i++) {
        t[i] = SHUFFLE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        t[i + 4] = SHUFFLE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int i = 0; i < BLOCK; i++)
        r[i] = t[i];
}

/* Own: what climate does to the hazards of one cause in a block of sectors and lanes, times what the sectors
 * do; sectors that are not there have factors that nobody reads. */
static inline void expose_block(gf_cohort *k, const gf_climate *climate, int cause, int sector, int lane)
{
    block_row row[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
        const block_wide factor = k->scenario->sector_factor[sector + i][cause] * (block_wide) *
                                  (const block_wide_in_memory *)(climate->hazard[cause][sector + i] + lane);
        row[i] = __builtin_convertvector(factor, block_row);
    }
    transpose(row);
    for (int i = 0; i < BLOCK; i++)
        *(block_row_in_memory *)(k->own_factor + ((lane + i) * GF_N_CAUSES + cause) * GF_MAX_SECTORS +
                                 sector) = row[i];
}

/* The same of one sector, where blocks would be mostly empty. */
static void expose_sector(gf_cohort *k, const gf_climate *climate, int cause, int sector)
{
    const double own = k->scenario->sector_factor[sector][cause];
    const double *restrict of_climate = climate->hazard[cause][sector];
    float *restrict factor = k->own_factor + cause * GF_MAX_SECTORS + sector;
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane * GF_N_CAUSES * GF_MAX_SECTORS] = (float)(own * of_climate[lane]);
}

static void expose_own(gf_cohort *k, const gf_climate *climate)
{
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        for (int sector = 0; k->n_sectors < BLOCK && sector < k->n_sectors; sector++)
            expose_sector(k, climate, cause, sector);
        for (int sector = 0; k->n_sectors >= BLOCK && sector < k->n_sectors; sector += BLOCK)
            for (int lane = 0; lane < GF_LANES; lane += BLOCK)
                expose_block(k, climate, cause, sector, lane);
    }
}

/* Logarithm of what sector and climate do to step-ups; that of 0 is far below all others. */
static void log_step_up(gf_cohort *k, int sector, const double *restrict climate)
{
    const double own = k->scenario->sector_step_up[sector], nothing = -1e6;
    double *restrict result = k->log_step_up[sector], factor[GF_LANES];
    int n_neutral = 0;
#pragma omp simd reduction(+ : n_neutral)
    for (int lane = 0; lane < GF_LANES; lane++) {
        factor[lane] = own * climate[lane];
        n_neutral += factor[lane] == 1.0;
        result[lane] = 0.0;
    }
    if (n_neutral == GF_LANES)
        return;
    k->draws->log(GF_LANES, factor, result);
    for (int lane = 0; lane < GF_LANES; lane++)
        result[lane] = factor[lane] > 0.0 ? result[lane] : nothing;
}

static void expose(gf_cohort *k, const gf_climate *climate)
{
    if (k->is_own)
        expose_own(k, climate);
    for (size_t first = 0; !k->is_own && first < (size_t)k->n_classes; first += WIDTH)
        expose_clocks(k, climate, first);
    for (int sector = 0; sector < k->n_sectors; sector++)
        log_step_up(k, sector, climate->step_up[sector]);
}
