/* Hazards of the quarter: first part of the kernel (kernel_hot.c, which includes it once). */

/* What the climate does to a hazard of a sector, by lane, in the precision of the tables: where it is, or
 * made in `room`. */
static const float *single_factor(const gf_cohort *k, const gf_climate *climate, int cause, int sector,
                                  float *restrict room)
{
    const gf_multiplier *m = &climate->hazard[cause];
    if (m->form == GF_UNTOUCHED)
        return k->neutral;
    if (m->form == GF_SINGLES)
        return m->single;
    const double *restrict row = m->row[m->form == GF_ALIKE ? 0 : sector];
#pragma omp simd
    for (int lane = 0; lane < GF_LANES; lane++)
        room[lane] = (float)row[lane];
    return room;
}

/* Of all causes; returns the bits of those that somebody touched. */
static uint32_t single_factors(const gf_cohort *k, const gf_climate *climate, int sector,
                               float (*room)[GF_LANES], const float **factor)
{
    uint32_t touched = 0;
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        touched |= (uint32_t)(climate->hazard[cause].form != GF_UNTOUCHED) << cause;
        factor[cause] = single_factor(k, climate, cause, sector, room[cause]);
    }
    return touched;
}

/* Hazards of the classes of a sector as running sums over causes, which classify compares with, and their
 * clocks. */
static void expose_sector_clocks(gf_cohort *k, const gf_climate *climate, int sector)
{
    const size_t first = (size_t)sector * GF_SECTOR_CELLS;
    float room[GF_N_CAUSES][GF_LANES];
    const float *factor[GF_N_CAUSES];
    (void)single_factors(k, climate, sector, room, factor);
    for (int lane = 0; lane < GF_LANES; lane++) {
        const size_t at = first + (size_t)lane * GF_STAGE_ROOM;
        float *restrict clock = k->clock + at, sum[GF_STAGE_ROOM] = {0};
        for (int cause = 0; cause < GF_N_CAUSES; cause++) {
            const float *restrict base = k->base[cause] + 2 * sector * GF_STAGE_ROOM,
                                  climatic = factor[cause][lane];
            float *restrict rate = gf_rates(k, cause) + at;
#pragma omp simd
            for (int stage = 0; stage < GF_STAGE_ROOM; stage++)
                rate[stage] = sum[stage] = sum[stage] + base[stage] * climatic;
        }
#pragma omp simd
        for (int stage = 0; stage < GF_STAGE_ROOM; stage++)
            clock[stage] += sum[stage];
    }
}

#ifdef GF_FOUR_LANES
/* The sum over causes of base × factor. repeats: four factors four times instead of sixteen; moved: bits of
 * causes that have factors; both known where this is inlined. */
GF_PACK_INLINE gf_reals sum_causes(const float *const factor[GF_N_CAUSES], const gf_reals base[GF_N_CAUSES],
                                   int lane, int repeats, uint32_t moved)
{
    gf_reals sum = base[0];
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        const float *of_lane = factor[cause] + lane;
        gf_reals rate = base[cause];
        if (moved >> cause & 1u)
            rate = gf_reals_multiply(rate, repeats ? gf_reals_repeat4(of_lane) : gf_reals_load(of_lane));
        sum = cause == 0 ? rate : gf_reals_add(sum, rate);
    }
    return sum;
}

/* Clocks of the only sector, whose tables lanes that share rows have together. A vector holds four stages of
 * four of them, stage by stage. What classify wants of a quarter is little, and made there. */
GF_PACK_INLINE void expose_fours(gf_cohort *k, uint32_t moved)
{
    static const uint32_t stages[2][GF_PACK] = {{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3},
                                                {4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7}};
    gf_reals lower[GF_N_CAUSES], upper[GF_N_CAUSES];
    const float *factor[GF_N_CAUSES];
    float *clock = k->clock;
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        const gf_reals base = gf_reals_load(k->base[cause]);
        factor[cause] = k->factor[cause];
        lower[cause] = gf_reals_choose(base, gf_words_load(stages[0]));
        upper[cause] = gf_reals_choose(base, gf_words_load(stages[1]));
    }
    for (int lane = 0; lane < GF_LANES; lane += GF_SHARING, clock += GF_PACK_TABLE)
        gf_table_add(clock, gf_table_by_lane(sum_causes(factor, lower, lane, 1, moved),
                                             sum_causes(factor, upper, lane, 1, moved)));
}

/* The same where nobody holds outliers: of the fifth stage, the last, a vector holds sixteen lanes. */
GF_PACK_INLINE void expose_five_stages(gf_cohort *k, uint32_t moved)
{
    static const uint32_t stages[GF_PACK] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
    gf_reals lower[GF_N_CAUSES], last[GF_N_CAUSES];
    const float *factor[GF_N_CAUSES];
    float *clock = k->clock;
    _Static_assert(GF_GROWTH == 4 && GF_OUTLIER == 5, "five stages without outliers");
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        factor[cause] = k->factor[cause];
        lower[cause] = gf_reals_choose(gf_reals_load(k->base[cause]), gf_words_load(stages));
        last[cause] = gf_reals_set(k->base[cause][GF_GROWTH]);
    }
    for (int lane = 0; lane < GF_LANES; lane += GF_PACK) {
        const gf_reals of_last = sum_causes(factor, last, lane, 0, moved);
        for (int i = 0; i < GF_PACK; i += GF_SHARING, clock += GF_PACK_TABLE)
            gf_table_add(clock, gf_table_of_five(sum_causes(factor, lower, lane + i, 1, moved), of_last, i));
    }
}

/* Mostly breakouts and failures are neutral; whatever else is goes through the motions. */
enum { ALL_MOVED = (1u << GF_N_CAUSES) - 1, MOSTLY_MOVED = ALL_MOVED & ~(1u << GF_BREAKOUT | 1u << GF_FAIL) };

PHASE void expose_all(gf_cohort *k)
{
    if (k->n_stages <= GF_OUTLIER)
        expose_five_stages(k, ALL_MOVED);
    else
        expose_fours(k, ALL_MOVED);
}

PHASE void expose_most(gf_cohort *k)
{
    if (k->n_stages <= GF_OUTLIER)
        expose_five_stages(k, MOSTLY_MOVED);
    else
        expose_fours(k, MOSTLY_MOVED);
}

static void expose_table(gf_cohort *k, const gf_climate *climate)
{
    k->moved = single_factors(k, climate, 0, k->factor_here, k->factor);
    if (k->moved & ~(uint32_t)MOSTLY_MOVED)
        expose_all(k);
    else
        expose_most(k);
}
#elif defined(GF_PACK)
/* The same for the only sector: a vector holds the stages of a lane. is_still: breakouts are neutral, as
 * their hazards in the table are already; known where this is inlined. */
GF_PACK_INLINE void expose_lanes(gf_cohort *k, const float *const factor[GF_N_CAUSES], int is_still)
{
    gf_reals base[GF_N_CAUSES];
    float *rate[GF_N_CAUSES], *clock = k->clock;
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        base[cause] = gf_reals_load(k->base[cause]);
        rate[cause] = gf_rates(k, cause);
    }
    for (int lane = 0; lane < GF_LANES; lane++, clock += GF_PACK) {
        for (int cause = is_still; cause < GF_N_CAUSES; cause++) /* last quarter's are no longer near */
            gf_fetch(rate[cause] + (lane + 4) * GF_STAGE_ROOM);
        gf_reals sum = base[0];
        if (!is_still) {
            sum = gf_reals_multiply(sum, gf_reals_set(factor[0][lane]));
            gf_reals_store(rate[0] + lane * GF_STAGE_ROOM, sum);
        }
        for (int cause = 1; cause < GF_N_CAUSES; cause++) {
            sum = gf_reals_add(sum, gf_reals_multiply(base[cause], gf_reals_set(factor[cause][lane])));
            gf_reals_store(rate[cause] + lane * GF_STAGE_ROOM, sum);
        }
        gf_reals_store(clock, gf_reals_add(gf_reals_load(clock), sum));
    }
}

static void expose_clocks(gf_cohort *k, const gf_climate *climate)
{
    float room[GF_N_CAUSES][GF_LANES];
    const float *factor[GF_N_CAUSES];
    const uint32_t still = ~single_factors(k, climate, 0, room, factor);
    if (k->still & still & 1u << GF_BREAKOUT)
        expose_lanes(k, factor, 1);
    else
        expose_lanes(k, factor, 0);
    k->still = still;
}
#endif

/* Eight sectors by eight lanes of own factors. */
enum { BLOCK = GF_SECTOR_BLOCK };
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
static inline void expose_block(gf_cohort *k, const double (*of_climate)[GF_LANES], int cause, int sector,
                                int lane)
{
    block_row row[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
        const block_wide factor = k->scenario->sector_factor[sector + i][cause] *
                                  *(const block_wide_in_memory *)(of_climate[sector + i] + lane);
        row[i] = __builtin_convertvector(factor, block_row);
    }
    transpose(row);
    for (int i = 0; i < BLOCK; i++)
        *(block_row_in_memory *)(k->own_factor +
                                 ((lane + i) * GF_N_CAUSES + k->own_order[cause]) * GF_MAX_SECTORS + sector) =
            row[i];
}

/* The same where the climate of all sectors is alike: a row is a lane's from the beginning. */
static void expose_alike(gf_cohort *k, const double *of_climate, int cause, int sector)
{
    block_wide own;
    float *factor = k->own_factor + k->own_order[cause] * GF_MAX_SECTORS + sector;
    for (int i = 0; i < BLOCK; i++)
        own[i] = k->scenario->sector_factor[sector + i][cause];
    for (int lane = 0; lane < GF_LANES; lane++, factor += GF_N_CAUSES * GF_MAX_SECTORS)
        *(block_row_in_memory *)factor = __builtin_convertvector(own * of_climate[lane], block_row);
}

/* One of few sectors, where blocks would be mostly empty. */
static void expose_sector(gf_cohort *k, const double *restrict of_climate, int cause, int sector)
{
    const double own = k->scenario->sector_factor[sector][cause];
    const int room = k->sector_room;
    float *restrict factor = k->own_factor + k->own_order[cause] * room + sector;
    for (int lane = 0; lane < GF_LANES; lane++)
        factor[lane * GF_N_CAUSES * room] = (float)(own * of_climate[lane]);
}

#ifdef GF_FOUR_LANES
/* Of the only sector, for all lanes side by side. */
static void expose_only(gf_cohort *k, const gf_climate *climate)
{
    k->moved = single_factors(k, climate, 0, k->factor_here, k->factor);
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        const double own = k->scenario->sector_factor[0][cause];
        float *restrict factor = k->factor_here[cause];
        if (own == 1.0)
            continue;
        for (int lane = 0; lane < GF_LANES; lane++)
            factor[lane] = (float)(own * gf_climate_hazard(climate, cause, 0, lane));
        k->factor[cause] = factor;
        k->moved |= 1u << cause;
    }
}
#endif

/* The climate of a cause that is the same in all sectors; NULL where they differ. */
static const double *alike_factor(const gf_climate *climate, int cause, double *restrict room)
{
    const gf_multiplier *m = &climate->hazard[cause];
    if (m->form == GF_BY_SECTOR)
        return NULL;
    if (m->form == GF_ALIKE)
        return m->row[0];
    for (int lane = 0; lane < GF_LANES; lane++)
        room[lane] = m->form == GF_SINGLES ? (double)m->single[lane] : 1.0;
    return room;
}

/* Factors of one cause in all sectors. */
static void expose_cause(gf_cohort *k, const gf_climate *climate, int cause)
{
    const double(*rows)[GF_LANES] = climate->hazard[cause].row;
    double room[GF_LANES];
    const double *alike = alike_factor(climate, cause, room);
    if (k->n_sectors < BLOCK) {
        for (int sector = 0; sector < k->n_sectors; sector++)
            expose_sector(k, alike != NULL ? alike : rows[sector], cause, sector);
        return;
    }
    for (int sector = 0; sector < k->n_sectors; sector += BLOCK)
        if (alike != NULL)
            expose_alike(k, alike, cause, sector);
        else
            for (int lane = 0; lane < GF_LANES; lane += BLOCK)
                expose_block(k, rows, cause, sector, lane);
}

static void expose_own(gf_cohort *k, const gf_climate *climate)
{
#ifdef GF_FOUR_LANES
    if (!k->has_tables) {
        expose_only(k, climate);
        return;
    }
#endif
    uint32_t still = 0;
    for (int cause = 0; cause < GF_N_CAUSES; cause++) {
        const uint32_t bit = (uint32_t)(climate->hazard[cause].form == GF_UNTOUCHED) << cause;
        if ((bit & k->still) == 0)
            expose_cause(k, climate, cause);
        still |= bit;
    }
    k->still = still;
}

/* Logarithm of what sector and climate do to step-ups; that of 0 is far below all others. Returns 1 where
 * they do nothing. */
static int log_step_up(gf_cohort *k, int sector, const double *restrict climate)
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
        return 1;
    k->draws->log(GF_LANES, factor, result);
    for (int lane = 0; lane < GF_LANES; lane++)
        result[lane] = factor[lane] > 0.0 ? result[lane] : nothing;
    return 0;
}

static void expose(gf_cohort *k, const gf_climate *climate)
{
    if (k->is_own)
        expose_own(k, climate);
#ifdef GF_FOUR_LANES
    else if (k->n_sectors == 1)
        expose_table(k, climate);
#elif defined(GF_PACK)
    else if (k->n_sectors == 1)
        expose_clocks(k, climate);
#endif
    else
        for (int sector = 0; sector < k->n_sectors; sector++)
            expose_sector_clocks(k, climate, sector);
    if (!gf_may(climate->shifts, GF_SHIFT_STEP_UP))
        return; /* as in the quarter before */
    k->is_step_up_neutral = 1;
    for (int sector = 0; sector < k->n_sectors; sector++)
        k->is_step_up_neutral &= log_step_up(k, sector, climate->step_up[sector]);
}
