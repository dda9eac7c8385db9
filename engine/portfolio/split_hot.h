/* Events by kind: fourth part of the kernel (kernel_hot.c, which includes it once). */

#ifdef GF_PACK
/* Which of GF_PACK events are of a kind. */
typedef struct event_kinds {
    uint32_t graduate, fail, breakout, exit;
} event_kinds;

/* Kinds as they grow, and where events and their words are: copies, which no store can mean. */
typedef struct sorting {
    gf_kind graduates, exits, failures, breakouts;
    const uint32_t *tag, *budget, *high, *low;
} sorting;

GF_PACK_INLINE sorting begin_sorting(const gf_event_buffer *e)
{
    return (sorting){.graduates = e->graduates,
                     .exits = e->exits,
                     .failures = e->failures,
                     .breakouts = e->breakouts,
                     .tag = e->tag,
                     .budget = e->word[1],
                     .high = e->word[2],
                     .low = e->word[3]};
}

GF_PACK_INLINE void end_sorting(gf_event_buffer *e, const sorting *s)
{
    e->graduates.n = s->graduates.n;
    e->exits.n = s->exits.n;
    e->failures.n = s->failures.n;
    e->breakouts.n = s->breakouts.n;
}

/* What GF_PACK events need to know. */
typedef struct event_words {
    gf_words tag, budget, price[2];
} event_words;

/* Appends the chosen of GF_PACK events, with the words they need. */
GF_PACK_INLINE void choose(gf_kind *kind, const event_words *w, uint32_t chosen, int has_budget,
                           int has_price)
{
    gf_words_pack(kind->tag + kind->n, w->tag, chosen);
    if (has_budget)
        gf_words_pack(kind->budget_word + kind->n, w->budget, chosen);
    if (has_price) {
        gf_words_pack(kind->value_word[0] + kind->n, w->price[0], chosen);
        gf_words_pack(kind->value_word[1] + kind->n, w->price[1], chosen);
    }
    kind->n += gf_count(chosen);
}

/* GF_PACK events from number i on go where they belong. Exits keep their cause (cause: of all of them) in
 * bits of luck that nobody uses. are_rounds_seen: graduates have prices; has_failures: somebody asks for
 * them; both known where this is inlined. */
GF_PACK_INLINE void sort_pack(sorting *s, size_t i, event_kinds is, gf_words cause, int are_rounds_seen,
                              int has_failures)
{
    const gf_words low = gf_words_and(gf_words_load(s->low + i), gf_words_set(~(uint32_t)GF_CAUSE_BITS));
    const event_words w = {gf_words_load(s->tag + i),
                           gf_words_load(s->budget + i),
                           {gf_words_load(s->high + i), gf_words_or(low, cause)}};
    gf_fetch(s->graduates.tag + s->graduates.n + 64);
    gf_fetch(s->graduates.budget_word + s->graduates.n + 64);
    choose(&s->graduates, &w, is.graduate, 1, are_rounds_seen);
    if (has_failures) {
        gf_fetch(s->failures.tag + s->failures.n + 64);
        choose(&s->failures, &w, is.fail, 0, 0);
    }
    choose(&s->exits, &w, is.exit, 0, 1);
    if (is.breakout != 0)
        choose(&s->breakouts, &w, is.breakout, 1, 1);
}

/* By causes that are known. */
GF_PACK_INLINE void split_packed(gf_event_buffer *e, int are_rounds_seen)
{
    sorting s = begin_sorting(e);
    const int32_t *const causes = e->cause;
    const size_t n = e->n;
    for (size_t i = 0; i < n; i += GF_PACK) {
        const gf_words cause = gf_words_load(causes + i);
        const uint32_t valid = gf_first_bits((int)(n - i)),
                       graduate = gf_words_equal(cause, GF_GRADUATE) & valid,
                       fail = gf_words_equal(cause, GF_FAIL) & valid,
                       breakout = gf_words_equal(cause, GF_BREAKOUT) & valid;
        const event_kinds is = {graduate, fail, breakout, valid & ~(graduate | fail | breakout)};
        sort_pack(&s, i, is, cause, are_rounds_seen, 1);
    }
    end_sorting(e, &s);
}
#else
static void split_singly(gf_event_buffer *e)
{
    gf_kind *const kinds[GF_N_CAUSES] = {&e->breakouts, &e->exits, &e->exits, &e->failures, &e->graduates};
    for (size_t i = 0; i < e->n; i++) {
        gf_kind *kind = kinds[e->cause[i]];
        kind->tag[kind->n] = e->tag[i];
        kind->budget_word[kind->n] = e->word[1][i];
        kind->value_word[0][kind->n] = e->word[2][i];
        kind->value_word[1][kind->n++] = (e->word[3][i] & ~(uint32_t)GF_CAUSE_BITS) | (uint32_t)e->cause[i];
    }
}
#endif

static void begin_kinds(gf_cohort *k)
{
    gf_event_buffer *events = &k->events;
    events->graduates.n = events->failures.n = 0;
    if (!k->sells_later)
        events->exits.n = events->breakouts.n = 0;
    events->first_breakout = events->breakouts.n;
}

PHASE void split_by_kind(gf_cohort *k)
{
    begin_kinds(k);
#ifdef GF_PACK
    if (k->prices.are_rounds_seen)
        split_packed(&k->events, 1);
    else
        split_packed(&k->events, 0);
#else
    split_singly(&k->events);
#endif
}

#ifdef GF_FOUR_LANES
/* Which of a vector of events graduate, and how many do before it. */
typedef struct sorted_vectors {
    uint32_t *chosen, *before;
} sorted_vectors;

/* Events from `first` to before `end` are sorted as their causes are chosen (classify_hot.h). */
GF_PACK_INLINE void sort_half(sorting *s, const cause_tables *tables, const uint32_t *word, size_t first,
                              size_t end, sorted_vectors vectors)
{
    size_t n = 0;
    for (size_t i = first; i < end; i += GF_PACK, n++) {
        gf_reals sum[GF_N_CAUSES];
        sum_hazards(tables, gf_words_load(s->tag + i), sum);
        const gf_reals x = gf_reals_multiply(chance_of(gf_words_load(word + i)), sum[GF_N_CAUSES - 1]);
        /* in their order, sums grow: those that are above x begin with that of the cause */
        const uint32_t valid = gf_first_bits((int)(end - i)),
                       breakout = gf_reals_above(sum[GF_BREAKOUT], x) & valid,
                       until_acquire = gf_reals_above(sum[GF_ACQUIRE], x) & valid,
                       until_fail = gf_reals_above(sum[GF_FAIL], x) & valid;
        const event_kinds is = {valid & ~until_fail, until_fail & ~until_acquire, breakout,
                                until_acquire & ~breakout};
        vectors.chosen[n] = is.graduate;
        vectors.before[n] = (uint32_t)s->graduates.n;
        sort_pack(s, i, is, gf_words_less_where_above(gf_words_set(GF_ACQUIRE), sum[GF_LIST], x), 0, 0);
    }
    vectors.chosen[n] = 0;
    vectors.before[n] = (uint32_t)s->graduates.n;
}
_Static_assert(GF_BREAKOUT < GF_LIST && GF_LIST == GF_ACQUIRE - 1 && GF_ACQUIRE < GF_FAIL &&
                   GF_FAIL < GF_GRADUATE && GF_GRADUATE == GF_N_CAUSES - 1,
               "the order of causes");

/* Where the graduates of lanes that share rows begin, from where their events do: `first` and later. */
static void find_graduates(int n, const int32_t *restrict from, size_t first, sorted_vectors vectors,
                           int32_t *restrict graduates_from)
{
    for (int i = 0; i < n; i++) {
        const size_t at = (size_t)from[i] - first, vector = at / GF_PACK;
        graduates_from[i] = (int32_t)vectors.before[vector] +
                            (int32_t)gf_count(vectors.chosen[vector] & gf_first_bits((int)(at % GF_PACK)));
    }
}

/* With counts_later causes need not be known, only kinds. A half is of as many lanes as a gf_table holds;
 * where rows stay nobody asks whose graduates begin where. moved: as in sum_causes(). */
GF_PACK_INLINE void sort_halves(gf_cohort *k, uint32_t moved)
{
    enum { HALF = GF_PACK_TABLE / GF_SHARING };
    gf_event_buffer *e = &k->events;
    const uint32_t *const word = e->word[0];
    const sorted_vectors vectors = {e->stage, e->startup};
    sorting s = begin_sorting(e);
    size_t first = 0;
    for (int half = 0; half < 2; half++) {
        const size_t end = half == 0 ? (size_t)e->from[HALF] : e->n;
        const cause_tables tables = load_causes(k, half * GF_PACK_TABLE, moved);
        sort_half(&s, &tables, word, first, end, vectors);
        if (!k->keeps_rows)
            find_graduates(HALF + half, e->from + half * HALF, first, vectors,
                           e->graduates_from + half * HALF);
        first = end;
    }
    end_sorting(e, &s);
}

PHASE void sort_all(gf_cohort *k)
{
    sort_halves(k, ALL_MOVED);
}

PHASE void sort_most(gf_cohort *k)
{
    sort_halves(k, MOSTLY_MOVED);
}

static void sort_events(gf_cohort *k)
{
    begin_kinds(k);
    if (k->moved & ~(uint32_t)MOSTLY_MOVED)
        sort_all(k);
    else
        sort_most(k);
}
#endif
