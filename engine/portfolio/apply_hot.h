/* What events do to startups and money: second half of the kernel (kernel_hot.c, which includes it once). */

/* The words of luck of n startups for `purpose`, addressed by the stage they are in, into e->word. */
static void draw_words(gf_cohort *k, const gf_luck_hot *luck, size_t n, const uint32_t *tag, uint32_t purpose)
{
    const gf_event_buffer *e = &k->events;
    uint32_t *startup = e->startup, *stage = e->stage;
    uint64_t *portfolio = e->portfolio;
    const uint32_t stride = (uint32_t)k->stride;
    const uint64_t first = k->first_portfolio;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        startup[i] = gf_tag_slot(tag[i]) - gf_tag_lane(tag[i]) * stride;
        stage[i] = gf_tag_stage(tag[i]);
    }
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        portfolio[i] = first + gf_tag_lane(tag[i]);
    luck->startups(k->seed, whole(n), startup, portfolio, purpose, stage, e->word[0], e->word[1], e->word[2],
                   e->word[3]);
}

/* Price factors exp(μ + loading ε + σ z) of graduates, then exits, into e->factor. */
static void value_events(gf_cohort *k, const gf_market *market, const gf_luck_hot *luck)
{
    const gf_event_buffer *e = &k->events;
    const gf_kind g = e->graduates, x = e->exits;
    const size_t total = g.n + x.n;
    const double *z = e->z;
    double *factor = e->factor;
    memcpy(g.value_word[0] + g.n, x.value_word[0], x.n * sizeof(uint32_t));
    memcpy(g.value_word[1] + g.n, x.value_word[1], x.n * sizeof(uint32_t));
    luck->wide(whole(total), g.value_word[0], g.value_word[1], e->uniform);
    k->draws->normal(whole(total), e->uniform, e->z);
    double mu[GF_N_STAGES], sigma[GF_N_STAGES], loading[GF_N_STAGES]; /* nobody's alias */
    memcpy(mu, k->value_mu, sizeof mu);
    memcpy(sigma, k->value_sigma, sizeof sigma);
    memcpy(loading, k->value_loading, sizeof loading);
    for (size_t j = 0; j < g.n; j++) {
        const uint32_t stage = gf_tag_stage(g.tag[j]);
        factor[j] = mu[stage] + loading[stage] * market->innovation[gf_tag_lane(g.tag[j])] + sigma[stage] * z[j];
    }
    for (size_t j = 0; j < x.n; j++) {
        const int kind = 5 - (x.cause[j] == GF_ACQUIRE);
        factor[g.n + j] = mu[kind] + sigma[kind] * z[g.n + j];
    }
    k->draws->exp(whole(total), e->factor, e->factor);
}

/* Budgets of the next stage for those that stay, into e->budget. */
static void draw_budgets(gf_cohort *k, const gf_luck_hot *luck, const gf_kind *kind)
{
    luck->narrow(whole(kind->n), kind->budget_word, k->events.uniform);
    k->draws->exponential(whole(kind->n), k->events.uniform, k->events.budget);
}

static inline void count(gf_cohort *k, int32_t cause, uint32_t tag)
{
    k->n_by_cause[cause][gf_tag_sector(tag)][gf_tag_lane(tag)]++;
}

/* Enters a startup at place `at` of the live lists, in the class of `tag` with a new budget. */
static inline void join(gf_cohort *k, size_t at, uint32_t tag, double budget)
{
    const uint32_t lane = gf_tag_lane(tag);
    k->tag[at] = tag;
    k->due[at] = (float)(k->is_own ? budget : k->clock[gf_tag_class(tag) * GF_LANES + lane] + budget);
    for (int cause = 0; k->is_own && cause < GF_N_CAUSES; cause++)
        k->weight[cause][at] = k->own_weight[gf_tag_slot(tag)][cause];
}

/* Graduates of a lane follow each other: their number runs in a register, since a counter in memory would
 * make each wait for the one before. */
static void apply_graduates(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_kind g = k->events.graduates;
    const double *budget = k->events.budget;
    double *factor = k->events.factor;
    gf_stake *stakes = k->stake;
    const size_t stride = (size_t)k->stride;
    const int has_sectors = k->n_sectors > 1;
    int32_t n_graduates[GF_LANES] = {0};
    uint32_t last_lane = GF_LANES;
    int32_t rank = 0;
    draw_budgets(k, luck, &g);
    for (size_t j = 0; j < g.n; j++) {
        const uint32_t tag = g.tag[j], lane = gf_tag_lane(tag);
        gf_stake *stake = &stakes[gf_tag_slot(tag)];
        const double keep = k->keep[gf_tag_stage(tag)];
        rank = (rank & -(int32_t)(lane == last_lane)) + 1; /* a branch would be mispredicted at every lane */
        last_lane = lane;
        n_graduates[lane] = rank;
        factor[j] *= k->step_up[gf_tag_sector(tag)][lane];
        stake->value *= factor[j] * keep;
        stake->ownership *= keep;
        join(k, lane * stride + (size_t)(k->n_live[lane] + rank - 1), tag + 1, budget[j]);
        if (has_sectors)
            count(k, GF_GRADUATE, tag);
    }
    for (int lane = 0; lane < GF_LANES; lane++)
        k->n_live[lane] += n_graduates[lane];
    if (!has_sectors)
        memcpy(k->n_by_cause[GF_GRADUATE][0], n_graduates, sizeof n_graduates);
}

/* Writes the row of a startup that leaves. */
static inline void record_exit(gf_cohort *k, uint32_t tag, int32_t cause, double amount, int quarter)
{
    const uint32_t slot = gf_tag_slot(tag);
    k->stake[slot].received = amount;
    k->record[slot].exit_quarter = (int16_t)quarter;
    k->record[slot].fate = (int8_t)cause;
    k->record[slot].last_stage = (int8_t)gf_tag_stage(tag);
}

/* Takes a startup off the books: its stake turned into `amount`, paid to its fund this quarter. */
static inline void leave(gf_cohort *k, uint32_t tag, int32_t cause, double amount, int quarter)
{
    const uint32_t slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
    const int fund = k->sub_fund[slot];
    const double cost = k->stake[slot].cost;
    k->cost_live[fund][lane] -= cost;
    k->proceeds[gf_flow_index(fund, quarter, (int)lane)] += amount;
    gf_cohort_win(k, lane, amount, cost);
    if (k->is_recorded)
        record_exit(k, tag, cause, amount, quarter);
}

/* The rare event: the stake is worth M × cost, M truncated Pareto; sold at once or held as an outlier. */
static void apply_breakouts(gf_cohort *k, const gf_luck_hot *luck, int quarter)
{
    const gf_kind b = k->events.breakouts;
    const gf_startup_params *s = &k->scenario->startups;
    double *multiple = k->events.z;
    draw_budgets(k, luck, &b);
    luck->wide(b.n, b.value_word[0], b.value_word[1], k->events.uniform);
    if (b.n > 0)
        k->draws->pareto(b.n, k->events.uniform, s->breakout.index, s->breakout.min_multiple,
                         s->breakout.cap_multiple, multiple);
    for (size_t j = 0; j < b.n; j++) {
        const uint32_t tag = b.tag[j], lane = gf_tag_lane(tag);
        gf_stake *stake = &k->stake[gf_tag_slot(tag)];
        stake->value = multiple[j] * stake->cost;
        count(k, GF_BREAKOUT, tag);
        if (k->first_outlier[lane] < 0)
            k->first_outlier[lane] = quarter;
        if (s->breakout.then == GF_BREAKOUT_LEAVES)
            leave(k, tag, GF_BREAKOUT, stake->value, quarter);
        else
            join(k, (size_t)lane * (size_t)k->stride + (size_t)k->n_live[lane]++,
                 tag - gf_tag_stage(tag) + GF_OUTLIER, k->events.budget[j]);
    }
}

/* Sale: non-participating preference, and the giant's cap when the buyer is one. Returns the proceeds. */
static double sale_proceeds(gf_cohort *k, const gf_climate *climate, uint32_t tag, uint32_t word,
                            double price)
{
    const uint32_t lane = gf_tag_lane(tag);
    const gf_stake *stake = &k->stake[gf_tag_slot(tag)];
    const double preference = k->scenario->startups.sale.preference;
    double proceeds = price;
    if (preference > 0.0 && price < preference * stake->cost)
        proceeds = fmin(preference * stake->cost, price / stake->ownership);
    if (climate->captive_sale[lane] > 0.0 && gf_uniform_narrow(word) < climate->captive_sale[lane]) {
        proceeds = fmin(proceeds, climate->captive_cap[lane] * stake->cost);
        k->n_captive[lane] += 1.0;
    }
    return proceeds;
}

/* A listing under lock-up is booked at its price; what it brings moves with the index until it may be sold.
 */
static void lock_up(gf_cohort *k, uint32_t tag, double amount, int quarter, int lock_up_quarters)
{
    const uint32_t slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
    const size_t at = (size_t)lane * (size_t)k->stride + (size_t)k->n_locked[lane]++;
    const int paid =
        quarter + lock_up_quarters < GF_FLOW_QUARTERS ? quarter + lock_up_quarters : GF_FLOW_QUARTERS - 1;
    const int fund = k->sub_fund[slot];
    k->locked_won[at] = k->n_won[lane];
    k->locked_quarter[at] = (int16_t)quarter;
    k->locked[gf_flow_index(fund, paid, (int)lane)] += amount / k->index_now[lane];
    k->listed_locked[lane] += amount;
    k->cost_live[fund][lane] -= k->stake[slot].cost;
    gf_cohort_win(k, lane, amount, k->stake[slot].cost);
    if (k->is_recorded)
        record_exit(k, tag, GF_LIST, amount, quarter);
}

/* Whether any lane has giants: luck for them is drawn for all or for none, and read only where a lane has them. */
static int has_giants(const gf_climate *climate)
{
    int n = 0;
#pragma omp simd reduction(+ : n)
    for (int lane = 0; lane < GF_LANES; lane++)
        n += climate->captive_sale[lane] > 0.0;
    return n > 0;
}

static void apply_exits(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, int quarter)
{
    const gf_kind x = k->events.exits;
    const uint32_t *giant_word = k->events.word[1];
    const double *factor = k->events.factor + k->events.graduates.n;
    const int lock_up_quarters = (int)k->scenario->startups.listing.lock_up_quarters,
              are_giants = has_giants(climate);
    if (are_giants)
        draw_words(k, luck, x.n, x.tag, GF_LUCK_EXIT);
    memset(k->listed_locked, 0, sizeof k->listed_locked);
    for (size_t j = 0; j < x.n; j++) {
        const uint32_t tag = x.tag[j];
        const double price = k->stake[gf_tag_slot(tag)].value * factor[j];
        count(k, x.cause[j], tag);
        if (x.cause[j] == GF_ACQUIRE)
            leave(k, tag, GF_ACQUIRE, sale_proceeds(k, climate, tag, are_giants ? giant_word[j] : 0, price),
                  quarter);
        else if (lock_up_quarters == 0)
            leave(k, tag, GF_LIST, price, quarter);
        else
            lock_up(k, tag, price, quarter, lock_up_quarters);
    }
}

/* What failures return of their cost, into e->budget (factor is still needed for follow-ons): Beta recovery
 * times the climate, or an honoured redemption. */
static void recover(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate)
{
    const gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    const gf_kind f = e->failures;
    draw_words(k, luck, f.n, f.tag, GF_LUCK_EXIT);
    for (size_t j = 0; j < f.n; j++)
        e->z[j] = 0.0;
    if (k->recovery != NULL) {
        luck->wide(whole(f.n), e->word[2], e->word[3], e->uniform);
        k->draws->beta(f.n, e->uniform, k->recovery, e->z);
    }
    luck->narrow(whole(f.n), e->word[0], e->uniform);
    for (size_t j = 0; j < f.n; j++) {
        const double share = e->z[j] * climate->recovery[gf_tag_lane(f.tag[j])];
        const double least = e->uniform[j] < s->redemption.probability ? s->redemption.recovery : 0.0;
        const double capped = share < 1.0 ? share : 1.0;
        e->budget[j] = capped > least ? capped : least;
    }
}

/* Failures that return nothing, of the only fund in the only sector, where nobody followed on: all cost a cheque, and
 * counting them is all. The count runs in a register, as in apply_graduates. */
static void bury(gf_cohort *k, double *lost)
{
    const gf_kind f = k->events.failures;
    int32_t *n_failed = k->n_by_cause[GF_FAIL][0], n = 0;
    uint32_t last_lane = GF_LANES;
    for (size_t j = 0; j < f.n; j++) {
        const uint32_t lane = gf_tag_lane(f.tag[j]);
        n = (n & -(int32_t)(lane == last_lane)) + 1;
        last_lane = lane;
        n_failed[lane] = n;
    }
    for (int lane = 0; lane < GF_LANES; lane++) {
        lost[lane] = k->cheque * n_failed[lane];
        k->cost_live[0][lane] -= lost[lane];
    }
}

static void apply_failures(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, int quarter,
                           gf_events *events)
{
    const gf_kind f = k->events.failures;
    double *lost = events->cost_lost_cny_m;
    memset(lost, 0, sizeof events->cost_lost_cny_m);
    if (k->has_recovery)
        recover(k, luck, climate);
    else if (k->n_sub_funds == 1 && k->n_sectors == 1 && !k->is_recorded && !k->has_follow_on) {
        bury(k, lost);
        return;
    }
    for (size_t j = 0; j < f.n; j++) {
        const uint32_t tag = f.tag[j];
        const double cost = k->stake[gf_tag_slot(tag)].cost,
                     amount = k->has_recovery ? cost * k->events.budget[j] : 0.0;
        count(k, GF_FAIL, tag);
        lost[gf_tag_lane(tag)] += cost - amount;
        leave(k, tag, GF_FAIL, amount, quarter);
    }
}
