/* Who is due this quarter: second part of the kernel (kernel_hot.c, which includes it once). */

#ifdef GF_PACK
enum { GF_ROWS = GF_PACK, GF_CLOSING_SAVES = 4 }; /* rows of a vector; one vector of so many, at least */
#else
enum { GF_ROWS = 8, GF_CLOSING_SAVES = 3 };
#endif

/* Budgets below it are not above 0: differences of budgets and hazards are never subnormal. */
#define GF_SPENT 0x1p-126f

/* What the comparison of clocks reads and writes, in a copy that no store can mean. */
typedef struct clock_rows {
    uint32_t *tag;
    float *until;
    const float *clock;
    uint32_t *event;
    int32_t *from;
    int *n_rows; /* where rows close up */
    int n_lanes;
    size_t stride;
} clock_rows;

/* Those of all lanes that are due become events, in order of rows; their rows are nobody's from then on.
 * Returns the number of events. A clock must have moved for anybody to be due: the comparison is strict, and
 * rounding is monotone. has_one_sector, whether rows close up on the way, and n_rows of the fullest are known
 * where this is inlined. Whole vectors are written, also behind the last row (row_stride). */
#ifdef GF_PACK
GF_PACK_INLINE size_t detect_clocks(const clock_rows *r, int n_rows, int has_one_sector, int close)
{
    const gf_words cell_bits = gf_words_set(GF_CELLS - 1);
    const gf_reals never = gf_reals_set(INFINITY);
    uint32_t *tags = r->tag;
    float *until = r->until;
    const float *clock = r->clock;
    size_t n = 0;
    for (int i = 0; i * GF_SHARING < r->n_lanes; i++) {
        const gf_table table = gf_table_load(clock);
        size_t n_left = 0;
        r->from[i] = (int32_t)n;
        for (int line = 0; line < (GF_SHARING + 1) / 2; line++)
            gf_fetch(r->event + n + 64 + 16 * line);
        for (int row = 0; row < n_rows; row += GF_PACK) {
            const gf_words tag = gf_words_load(tags + row); /* the low bits choose */
            const gf_reals now = has_one_sector ? gf_table_choose(&table, tag)
                                                : gf_reals_gather(r->clock, gf_words_and(tag, cell_bits));
            uint32_t is_due;
            if (close) {
                const gf_reals date = gf_reals_load(until + row);
                is_due = gf_reals_above(now, date);
                const uint32_t is_left = gf_reals_above(never, date) & ~is_due;
                gf_reals_store(until + row, never);
                gf_reals_pack(until + n_left, date, is_left);
                gf_words_pack(tags + n_left, tag, is_left);
                n_left += gf_count(is_left);
            } else
                is_due = gf_reals_replace_below(now, until + row, never);
            gf_words_pack(r->event + n, tag, is_due);
            n += gf_count(is_due);
        }
        if (close) {
            gf_reals_store(until + n_left, never);
            r->n_rows[i] = (int)n_left;
        }
        tags += r->stride;
        until += r->stride;
        clock += GF_PACK_TABLE;
    }
    return n;
}
#else
static inline size_t detect_clocks(const clock_rows *r, int n_rows, int has_one_sector, int close)
{
    size_t n = 0;
    (void)has_one_sector;
    (void)close; /* they did before */
    for (int lane = 0; lane < r->n_lanes; lane++) {
        const size_t base = (size_t)lane * r->stride;
        const uint32_t *tags = r->tag + base;
        float *until = r->until + base;
        r->from[lane] = (int32_t)n;
        for (int i = 0; i < n_rows; i += GF_FEW) /* few are due */
            for (uint32_t left = gf_few_above(r->clock, tags + i, GF_CELLS - 1, until + i); left != 0;
                 left &= left - 1) {
                const int j = i + __builtin_ctz(left);
                r->event[n++] = tags[j];
                until[j] = INFINITY;
            }
    }
    return n;
}
#endif

/* All lanes by their clocks; returns the number of events. */
static size_t detect_by_clocks(gf_cohort *k, int n_rows, int close)
{
    const clock_rows r = {.tag = k->row_tag,
                          .until = k->until,
                          .clock = k->clock,
                          .event = k->events.tag,
                          .from = k->events.from,
                          .n_rows = k->n_rows,
                          .n_lanes = k->n_lanes,
                          .stride = (size_t)k->row_stride * GF_SHARING};
#ifdef GF_PACK
    if (close)
        return k->n_sectors > 1 ? detect_clocks(&r, n_rows, 0, 1) : detect_clocks(&r, n_rows, 1, 1);
#endif
    (void)close;
    if (k->n_sectors > 1)
        return detect_clocks(&r, n_rows, 0, 0);
#ifdef GF_PACK
    if (n_rows <= GF_PACK) /* without a loop over the rows of a lane */
        return detect_clocks(&r, GF_PACK, 1, 0);
    if (n_rows <= 2 * GF_PACK)
        return detect_clocks(&r, 2 * GF_PACK, 1, 0);
#endif
    return detect_clocks(&r, n_rows, 1, 0);
}

#ifdef GF_PACK
/* What a lane's own hazards are made of: plain causes first, then those that quality weighs. Without
 * vectors of sectors there is one, whose factors are in the tables of stages, and plain causes are added up.
 * Both numbers are known where this is inlined, so that tables stay in registers. */
typedef struct own_tables {
    int n_weighted, n_vectors;
    gf_reals stage[GF_N_CAUSES], sector[GF_N_CAUSES][GF_MAX_SECTORS / GF_PACK], plain;
    const float *weight[GF_N_CAUSES];
} own_tables;

GF_PACK_INLINE own_tables load_own(const gf_cohort *k, int lane, int n_weighted, int n_vectors)
{
    own_tables t = {.n_weighted = n_weighted, .n_vectors = n_vectors, .plain = gf_reals_zero()};
    const int n_plain = GF_N_CAUSES - n_weighted;
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const float *factor = gf_own_factors(k, lane, j);
        t.stage[j] = gf_reals_load(k->own_stage[j]);
        if (j >= n_plain)
            t.weight[j] = k->weight[j] + (size_t)lane * (size_t)k->row_stride;
        if (n_vectors == 0) {
            t.stage[j] = gf_reals_multiply(t.stage[j], gf_reals_set(factor[0]));
            gf_reals_store(gf_own_hazards(k, lane, j), t.stage[j]);
            if (j < n_plain)
                t.plain = gf_reals_add(t.plain, t.stage[j]);
        }
        for (int i = 0; i < n_vectors; i++)
            t.sector[j][i] = gf_reals_load(factor + i * GF_PACK);
    }
    return t;
}

/* Of startups with these tags from row i of the lane on. */
GF_PACK_INLINE gf_reals own_hazard(const own_tables *t, int i, gf_words tag)
{
    const int n_plain = GF_N_CAUSES - t->n_weighted;
    const gf_words sector = gf_words_shift(tag, GF_SECTOR_SHIFT);
    gf_reals sum = t->n_vectors == 0 ? gf_reals_choose(t->plain, tag) : gf_reals_zero();
    for (int j = t->n_vectors == 0 ? n_plain : 0; j < GF_N_CAUSES; j++) {
        gf_reals rate = gf_reals_choose(t->stage[j], tag);
        if (t->n_vectors == 1)
            rate = gf_reals_multiply(rate, gf_reals_choose(t->sector[j][0], sector));
        if (t->n_vectors > 1)
            rate = gf_reals_multiply(rate, gf_reals_choose16(t->sector[j], sector));
        if (j >= n_plain)
            rate = gf_reals_multiply(gf_reals_load(t->weight[j] + i), rate);
        sum = gf_reals_add(sum, rate);
    }
    return sum;
}

GF_PACK_INLINE size_t detect_packs(gf_cohort *k, int lane, int n_rows, size_t n, int n_weighted,
                                   int n_vectors)
{
    const size_t base = (size_t)lane * (size_t)k->row_stride;
    const uint32_t *row_tag = k->row_tag + base;
    uint32_t *event = k->events.tag;
    float *budget = k->until + base;
    const own_tables tables = load_own(k, lane, n_weighted, n_vectors);
    const gf_reals spent = gf_reals_set(GF_SPENT), never = gf_reals_set(INFINITY);
    for (int i = 0; i < n_rows; i += GF_PACK) {
        const gf_words tag = gf_words_load(row_tag + i); /* the low bits choose */
        const gf_reals left = gf_reals_subtract(gf_reals_load(budget + i), own_hazard(&tables, i, tag));
        const uint32_t is_due = gf_reals_above(spent, left);
        gf_words_pack(event + n, tag, is_due);
        gf_reals_store(budget + i, gf_reals_where_above(spent, left, never, left));
        n += gf_count(is_due);
    }
    return n;
}

GF_PACK_INLINE size_t detect_weighted(gf_cohort *k, int lane, int n_rows, size_t n, int n_vectors)
{
    switch (GF_N_CAUSES - k->n_plain) {
    case 1:
        return detect_packs(k, lane, n_rows, n, 1, n_vectors);
    case 2:
        return detect_packs(k, lane, n_rows, n, 2, n_vectors);
    case 3:
        return detect_packs(k, lane, n_rows, n, 3, n_vectors);
    case 4:
        return detect_packs(k, lane, n_rows, n, 4, n_vectors);
    default:
        return detect_packs(k, lane, n_rows, n, 5, n_vectors);
    }
}
#endif

#ifdef GF_FOUR_LANES
/* The same of the only sector and of four lanes that share rows: tables by lane and stage, which one
 * instruction looks up. */
typedef struct shared_tables {
    int n_weighted;
    gf_table stage[GF_N_CAUSES], plain;
    const float *weight[GF_N_CAUSES];
} shared_tables;

GF_PACK_INLINE shared_tables load_shared(const gf_cohort *k, int lane, int n_weighted)
{
    static const uint32_t lanes[2][GF_PACK] = {{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1},
                                               {2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3}};
    const gf_words first = gf_words_load(lanes[0]), last = gf_words_load(lanes[1]);
    shared_tables t = {.n_weighted = n_weighted, .plain = {gf_reals_zero(), gf_reals_zero()}};
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const gf_reals stage = gf_reals_load(k->own_stage[j]),
                       factor = gf_reals_repeat4(&k->factor[k->own_cause[j]][lane]);
        t.stage[j] = (gf_table){gf_reals_multiply(stage, gf_reals_choose(factor, first)),
                                gf_reals_multiply(stage, gf_reals_choose(factor, last))};
        if (j < GF_N_CAUSES - n_weighted)
            t.plain = (gf_table){gf_reals_add(t.plain.low, t.stage[j].low),
                                 gf_reals_add(t.plain.high, t.stage[j].high)};
        else
            t.weight[j] = k->weight[j] + gf_rows_of(k, lane);
    }
    return t;
}

GF_PACK_INLINE size_t detect_shared(gf_cohort *k, int lane, int n_rows, size_t n, int n_weighted)
{
    const size_t base = gf_rows_of(k, lane);
    const uint32_t *row_tag = k->row_tag + base;
    uint32_t *event = k->events.tag;
    float *budget = k->until + base;
    const shared_tables t = load_shared(k, lane, n_weighted);
    const gf_reals spent = gf_reals_set(GF_SPENT), never = gf_reals_set(INFINITY);
    for (int i = 0; i < n_rows; i += GF_PACK) {
        const gf_words tag = gf_words_load(row_tag + i); /* the low bits choose */
        gf_reals sum = gf_table_choose(&t.plain, tag);
        for (int j = GF_N_CAUSES - n_weighted; j < GF_N_CAUSES; j++)
            sum = gf_reals_add(
                sum, gf_reals_multiply(gf_reals_load(t.weight[j] + i), gf_table_choose(&t.stage[j], tag)));
        const gf_reals left = gf_reals_subtract(gf_reals_load(budget + i), sum);
        const uint32_t is_due = gf_reals_above(spent, left);
        gf_words_pack(event + n, tag, is_due);
        gf_reals_store(budget + i, gf_reals_where_above(spent, left, never, left));
        n += gf_count(is_due);
    }
    return n;
}

GF_PACK_INLINE size_t detect_shared_weighted(gf_cohort *k, int lane, int n_rows, size_t n)
{
    switch (GF_N_CAUSES - k->n_plain) {
    case 1:
        return detect_shared(k, lane, n_rows, n, 1);
    case 2:
        return detect_shared(k, lane, n_rows, n, 2);
    case 3:
        return detect_shared(k, lane, n_rows, n, 3);
    case 4:
        return detect_shared(k, lane, n_rows, n, 4);
    default:
        return detect_shared(k, lane, n_rows, n, 5);
    }
}
#endif

#ifndef GF_PACK
enum { GF_OWN_CELLS = GF_MAX_SECTORS * GF_STAGE_ROOM };

/* Sector and stage. */
static inline uint32_t cell_of(uint32_t tag)
{
    return gf_tag_sector(tag) * GF_STAGE_ROOM + gf_tag_stage(tag);
}

/* Hazards of one lane by sector and stage: the sum of plain causes, then each that quality weighs. */
static void tabulate_own(const gf_cohort *k, int lane, float table[GF_N_CAUSES + 1][GF_OWN_CELLS])
{
    memset(table[0], 0, (size_t)k->n_sectors * GF_STAGE_ROOM * sizeof table[0][0]);
    for (int j = 0; j < GF_N_CAUSES; j++) {
        const int is_plain = j < k->n_plain;
        const float *stage = k->own_stage[j], *factor = gf_own_factors(k, lane, j);
        float *rates = table[is_plain ? 0 : 1 + j - k->n_plain];
        for (int sector = 0; sector < k->n_sectors; sector++, rates += GF_STAGE_ROOM)
            for (int i = 0; i < GF_STAGE_ROOM; i++)
                rates[i] = (is_plain ? rates[i] : 0.0f) + stage[i] * factor[sector];
        for (int i = 0; k->n_sectors == 1 && i < GF_STAGE_ROOM; i++)
            gf_own_hazards(k, lane, j)[i] = stage[i] * factor[0];
    }
}

/* has_one_sector: known where this is inlined; then the stage is enough. */
static inline __attribute__((always_inline)) size_t detect_singly(gf_cohort *k, int lane, int n_rows,
                                                                  size_t n, int has_one_sector)
{
    const size_t base = (size_t)lane * (size_t)k->row_stride;
    float table[GF_N_CAUSES + 1][GF_OWN_CELLS], *restrict left = k->until + base;
    const uint32_t *restrict row_tag = k->row_tag + base;
    const float *weight[GF_N_CAUSES];
    const int n_weighted = GF_N_CAUSES - k->n_plain;
    tabulate_own(k, lane, table);
    for (int j = 0; j < n_weighted; j++)
        weight[j] = k->weight[k->n_plain + j] + base;
    for (int i = 0; i < n_rows; i++) {
        const uint32_t c = has_one_sector ? gf_tag_stage(row_tag[i]) : cell_of(row_tag[i]);
        float sum = table[0][c];
        for (int j = 0; j < n_weighted; j++)
            sum += weight[j][i] * table[1 + j][c];
        left[i] -= sum;
        if (GF_SPENT > left[i]) {
            k->events.tag[n++] = row_tag[i];
            left[i] = INFINITY;
        }
    }
    return n;
}
#endif

/* The same of a lane, or of those that share its rows, with budgets left and own hazards, plain ones first.
 * Budgets are above 0 as long as they last; whoever has spent one waits for ever, until it joins again. */
static size_t detect_own(gf_cohort *k, int lane, int n_rows, size_t n)
{
#ifdef GF_PACK
    if (k->n_sectors == 1)
#ifdef GF_FOUR_LANES
        return detect_shared_weighted(k, lane, n_rows, n);
#else
        return detect_weighted(k, lane, n_rows, n, 0);
#endif
    if (k->n_sectors <= GF_PACK)
        return detect_weighted(k, lane, n_rows, n, 1);
    return detect_weighted(k, lane, n_rows, n, GF_MAX_SECTORS / GF_PACK);
#else
    return k->n_sectors == 1 ? detect_singly(k, lane, n_rows, n, 1) : detect_singly(k, lane, n_rows, n, 0);
#endif
}

/* Tags of the first n rows of a lane tell their startups where they are. */
static void tell_rows(gf_cohort *k, size_t base, int n)
{
    const uint32_t *restrict tag = k->row_tag + base;
    uint32_t *restrict row_of = k->row_of;
    uint32_t row = (uint32_t)base;
#if !defined(__clang__)
#pragma GCC unroll 4
#endif
    for (int i = 0; i < n; i++)
        row_of[gf_tag_slot(tag[i])] = row++;
}

/* Rows of one lane without a startup are taken out of `end`, with n_weights weights each, which is known
 * where this is inlined: how many are left. Whole vectors are written, also behind the last row (row_stride).
 */
#ifdef GF_PACK
GF_PACK_INLINE int close_lane(const gf_cohort *k, size_t base, int end, int n_weights)
{
    const gf_reals never = gf_reals_set(INFINITY);
    float *until = k->until + base, *weight[GF_N_CAUSES];
    uint32_t *tag = k->row_tag + base;
    size_t n = 0;
    for (int j = 0; j < n_weights; j++)
        weight[j] = k->weight[k->n_plain + j] + base;
    for (int i = 0; i < end; i += GF_PACK) {
        const gf_reals date = gf_reals_load(until + i);
        const uint32_t is_live = gf_reals_above(never, date);
        gf_reals_store(until + i, never);
        gf_reals_pack(until + n, date, is_live);
        gf_words_pack(tag + n, gf_words_load(tag + i), is_live);
        for (int j = 0; j < n_weights; j++)
            gf_words_pack(weight[j] + n, gf_words_load(weight[j] + i), is_live);
        n += gf_count(is_live);
    }
    gf_reals_store(until + n, never);
    return (int)n;
}
#else
static inline int close_lane(const gf_cohort *k, size_t base, int end, int n_weights)
{
    float *until = k->until + base;
    uint32_t *tag = k->row_tag + base;
    int n = 0;
    for (int i = 0; i < end; i++) {
        until[n] = until[i];
        tag[n] = tag[i];
        for (int j = 0; j < n_weights; j++)
            k->weight[k->n_plain + j][base + (size_t)n] = k->weight[k->n_plain + j][base + (size_t)i];
        n += until[i] < INFINITY;
    }
    for (int i = n; i < end; i++)
        until[i] = INFINITY;
    return n;
}
#endif

/* Vectors that hold n rows. */
static int vectors_of(int n)
{
    return (n + GF_ROWS - 1) / GF_ROWS;
}

/* Of all rows that lanes share: the most in use, the most that are live, and whether there is not room for as
 * many as may come this quarter: all that are live may go on, by clocks to new rows, and all that are missing
 * may come in. */
typedef struct row_use {
    int rows, live, is_full;
} row_use;

static inline __attribute__((always_inline)) row_use use_of_rows(const gf_cohort *k, int sharing)
{
    const int n_groups = GF_LANES / sharing, room = sharing * k->row_stride, is_moved = !k->is_own,
              of_missing = k->n_missing > 0;
    const int *restrict n_live = k->n_live, *restrict n_rows = k->n_rows, *restrict n_entered = k->n_entered;
    int most_rows = 0, most_live = 0, n_full = 0;
#pragma omp simd reduction(max : most_rows, most_live) reduction(+ : n_full)
    for (int i = 0; i < n_groups; i++) {
        int live = 0, missing = 0;
        for (int j = 0; j < sharing; j++) {
            live += n_live[i * sharing + j];
            missing += of_missing * (k->n_startups - n_entered[i * sharing + j]);
        }
        most_rows = n_rows[i] > most_rows ? n_rows[i] : most_rows;
        most_live = live > most_live ? live : most_live;
        n_full += n_rows[i] + missing + is_moved * live > room;
    }
    return (row_use){most_rows, most_live, n_full > 0};
}

/* Whether rows close up: when that saves enough, or room runs out. */
static int are_worth_closing(row_use use)
{
    return use.rows > 0 && (use.is_full || GF_CLOSING_SAVES * vectors_of(use.live) <=
                                               (GF_CLOSING_SAVES - 1) * vectors_of(use.rows));
}

/* Rows of all lanes close up, own ones with their weights. */
static void close_up(gf_cohort *k, int most)
{
    for (int lane = 0, i = 0; lane < k->n_lanes; lane += 1 << k->sharing_bits, i++) {
        const size_t base = gf_rows_of(k, lane);
        if (k->is_own) {
            k->n_rows[i] = close_lane(k, base, k->n_rows[i], GF_N_CAUSES - k->n_plain);
            tell_rows(k, base, k->n_rows[i]);
        } else
            k->n_rows[i] = close_lane(k, base, most, 0);
    }
}

/* All lanes run through as many rows as the fullest has: a loop of known length is never mispredicted. */
static size_t detect_all_clocks(gf_cohort *k)
{
    if (k->keeps_rows)
        return detect_by_clocks(k, k->n_startups << k->sharing_bits, 0);
    const row_use use = use_of_rows(k, GF_SHARING);
    const int close = are_worth_closing(use);
#ifdef GF_PACK
    return detect_by_clocks(k, use.rows, close);
#else
    if (close)
        close_up(k, use.rows);
    return detect_by_clocks(k, close ? use.live : use.rows, 0);
#endif
}

static size_t detect_all_own(gf_cohort *k)
{
    const row_use use = k->sharing_bits > 0 ? use_of_rows(k, GF_SHARING) : use_of_rows(k, 1);
    const int close = are_worth_closing(use);
    size_t n = 0;
    if (close)
        close_up(k, use.rows);
    for (int lane = 0, i = 0; lane < k->n_lanes; lane += 1 << k->sharing_bits, i++) {
        k->events.from[i] = (int32_t)n;
        n = detect_own(k, lane, close ? use.live : use.rows, n);
    }
    return n;
}

PHASE void detect(gf_cohort *k)
{
    const size_t n = k->is_own ? detect_all_own(k) : detect_all_clocks(k);
    for (int i = ((k->n_lanes - 1) >> k->sharing_bits) + 1; i <= GF_LANES >> k->sharing_bits; i++)
        k->events.from[i] = (int32_t)n;
    k->events.n = n;
}
