/* What events do to startups and money: second half of the kernel (kernel_hot.c, which includes it once). */

/* Price factors exp(μ + loading ε + σ z) of graduates, then exits, into factor[0 … n_graduates + n_exits). */
static void value_events(gf_cohort *k, const gf_market *market, const gf_luck_hot *luck, split n)
{
    const gf_event_buffer *e = &k->events;
    const size_t total = n.n_graduates + n.n_exits;
    uint32_t *restrict high = e->some_word[0], *restrict low = e->some_word[1];
    const uint32_t *restrict from_high = e->word[2], *restrict from_low = e->word[3];
    double *restrict factor = e->factor;
    const double *restrict z = e->z;
    for (size_t j = 0; j < n.n_graduates; j++) {
        high[j] = from_high[e->graduates[j]];
        low[j] = from_low[e->graduates[j]];
    }
    for (size_t j = 0; j < n.n_exits; j++) {
        high[n.n_graduates + j] = from_high[e->exits[j]];
        low[n.n_graduates + j] = from_low[e->exits[j]];
    }
    luck->wide(whole(total), high, low, e->uniform);
    k->draws->normal(whole(total), e->uniform, e->z);
    for (size_t j = 0; j < n.n_graduates; j++) {
        const uint32_t tag = e->tag[e->graduates[j]], stage = e->stage[e->graduates[j]];
        factor[j] = k->value_mu[stage] + k->value_loading[stage] * market->innovation[gf_tag_lane(tag)] +
                    k->value_sigma[stage] * z[j];
    }
    for (size_t j = 0; j < n.n_exits; j++) {
        const int kind = e->cause[e->exits[j]] == GF_ACQUIRE ? 4 : 5;
        factor[n.n_graduates + j] = k->value_mu[kind] + k->value_sigma[kind] * z[n.n_graduates + j];
    }
    k->draws->exp(whole(total), factor, factor);
}

/* Budgets of the next stage for those that stay: index[n] events → e->budget[0 … n). */
static void draw_budgets(gf_cohort *k, const gf_luck_hot *luck, const int32_t *index, size_t n)
{
    const gf_event_buffer *e = &k->events;
    uint32_t *restrict words = e->some_word[0];
    for (size_t j = 0; j < n; j++)
        words[j] = e->word[1][index[j]];
    luck->narrow(whole(n), words, e->uniform);
    k->draws->exponential(whole(n), e->uniform, e->budget);
}

/* Words of purpose GF_LUCK_EXIT for the events index[n], into e->some_word. */
static void draw_exit_words(gf_cohort *k, const gf_luck_hot *luck, const int32_t *index, size_t n)
{
    const gf_event_buffer *e = &k->events;
    for (size_t j = 0; j < n; j++) {
        e->some_startup[j] = e->startup[index[j]];
        e->some_stage[j] = e->stage[index[j]];
        e->some_portfolio[j] = e->portfolio[index[j]];
    }
    luck->startups(k->seed, whole(n), e->some_startup, e->some_portfolio, GF_LUCK_EXIT, e->some_stage, e->some_word[0],
                   e->some_word[1], e->some_word[2], e->some_word[3]);
}

static inline void count(gf_cohort *k, int32_t cause, uint32_t tag)
{
    k->n_by_cause[cause][gf_tag_class(tag) * 43u / 256u][gf_tag_lane(tag)]++;
}

/* Appends a startup to the live list of its lane, in class `tag` with a new budget. */
static inline void join(gf_cohort *k, uint32_t tag, double budget)
{
    const uint32_t lane = gf_tag_lane(tag);
    const size_t at = (size_t)lane * (size_t)k->stride + (size_t)k->n_live[lane]++;
    k->tag[at] = tag;
    k->due[at] = (float)(k->is_own ? budget : k->clock[gf_tag_class(tag) * GF_LANES + lane] + budget);
    for (int cause = 0; k->is_own && cause < GF_N_CAUSES; cause++)
        k->weight[cause][at] = k->own_weight[gf_tag_slot(tag)][cause];
}

static void apply_graduates(gf_cohort *k, const gf_luck_hot *luck, size_t n)
{
    const gf_event_buffer *e = &k->events;
    draw_budgets(k, luck, e->graduates, n);
    for (size_t j = 0; j < n; j++) {
        const int32_t i = e->graduates[j];
        const uint32_t tag = e->tag[i], stage = e->stage[i];
        gf_stake *restrict stake = &k->stake[gf_tag_slot(tag)];
        e->factor[j] *= k->step_up[gf_tag_class(tag) * 43u / 256u][gf_tag_lane(tag)];
        stake->value *= e->factor[j] * k->keep[stage];
        stake->ownership *= k->keep[stage];
        count(k, GF_GRADUATE, tag);
        join(k, tag + 1, e->budget[j]);
    }
}

/* Writes the row of a startup that leaves. */
static inline void record_exit(gf_cohort *k, int32_t i, double amount, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const uint32_t slot = gf_tag_slot(e->tag[i]);
    k->stake[slot].received = amount;
    k->record[slot].exit_quarter = (int16_t)quarter;
    k->record[slot].fate = (int8_t)e->cause[i];
    k->record[slot].last_stage = (int8_t)e->stage[i];
}

/* Takes a startup off the books: its stake turned into `amount`, paid to its fund this quarter. */
static inline void leave(gf_cohort *k, int32_t i, double amount, int quarter)
{
    const uint32_t tag = k->events.tag[i], slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
    const int fund = k->sub_fund[slot];
    const double cost = k->stake[slot].cost;
    k->cost_live[fund][lane] -= cost;
    k->proceeds[gf_flow_index(fund, quarter, (int)lane)] += amount;
    gf_cohort_win(k, lane, amount, cost);
    if (k->is_recorded)
        record_exit(k, i, amount, quarter);
}

/* The rare event: the stake is worth M × cost, M truncated Pareto; sold at once or held as an outlier. */
static void apply_breakouts(gf_cohort *k, const gf_luck_hot *luck, size_t n, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    draw_budgets(k, luck, e->breakouts, n);
    for (size_t j = 0; j < n; j++) {
        const int32_t i = e->breakouts[j];
        const uint32_t tag = e->tag[i], lane = gf_tag_lane(tag);
        gf_stake *stake = &k->stake[gf_tag_slot(tag)];
        const double u = gf_uniform_wide(e->word[2][i], e->word[3][i]);
        double multiple;
        k->draws->pareto(1, &u, s->breakout.index, s->breakout.min_multiple, s->breakout.cap_multiple, &multiple);
        stake->value = multiple * stake->cost;
        count(k, GF_BREAKOUT, tag);
        if (k->first_outlier[lane] < 0)
            k->first_outlier[lane] = quarter;
        if (s->breakout.then == GF_BREAKOUT_LEAVES)
            leave(k, i, stake->value, quarter);
        else
            join(k, tag - e->stage[i] + GF_OUTLIER, e->budget[j]);
    }
}

/* Sale: non-participating preference, and the giant's cap when the buyer is one. Returns the proceeds. */
static double sale_proceeds(gf_cohort *k, const gf_climate *climate, uint32_t tag, uint32_t word, double price)
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

/* A listing under lock-up is booked at its price; what it brings moves with the index until it may be sold. */
static void lock_up(gf_cohort *k, int32_t i, double amount, int quarter, int lock_up_quarters)
{
    const uint32_t tag = k->events.tag[i], slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
    const size_t at = (size_t)lane * (size_t)k->stride + (size_t)k->n_locked[lane]++;
    const int paid = quarter + lock_up_quarters < GF_FLOW_QUARTERS ? quarter + lock_up_quarters : GF_FLOW_QUARTERS - 1;
    const int fund = k->sub_fund[slot];
    k->locked_won[at] = k->n_won[lane];
    k->locked_quarter[at] = (int16_t)quarter;
    k->locked[gf_flow_index(fund, paid, (int)lane)] += amount / k->index_now[lane];
    k->listed_locked[lane] += amount;
    k->cost_live[fund][lane] -= k->stake[slot].cost;
    gf_cohort_win(k, lane, amount, k->stake[slot].cost);
    if (k->is_recorded)
        record_exit(k, i, amount, quarter);
}

static int has_giants(const gf_cohort *k, const gf_climate *climate)
{
    double most = 0.0;
    for (int lane = 0; lane < k->n_lanes; lane++)
        most = climate->captive_sale[lane] > most ? climate->captive_sale[lane] : most;
    return most > 0.0;
}

static void apply_exits(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, split n, int quarter)
{
    const gf_event_buffer *e = &k->events;
    const int lock_up_quarters = (int)k->scenario->startups.listing.lock_up_quarters, are_giants = has_giants(k, climate);
    if (are_giants)
        draw_exit_words(k, luck, e->exits, n.n_exits);
    memset(k->listed_locked, 0, sizeof k->listed_locked);
    for (size_t j = 0; j < n.n_exits; j++) {
        const int32_t i = e->exits[j];
        const double price = k->stake[gf_tag_slot(e->tag[i])].value * e->factor[n.n_graduates + j];
        count(k, e->cause[i], e->tag[i]);
        if (e->cause[i] == GF_ACQUIRE)
            leave(k, i, sale_proceeds(k, climate, e->tag[i], are_giants ? e->some_word[1][j] : 0, price), quarter);
        else if (lock_up_quarters == 0)
            leave(k, i, price, quarter);
        else
            lock_up(k, i, price, quarter, lock_up_quarters);
    }
}

/* What failures return of their cost, e->budget[n] (factor is still needed for follow-ons): Beta recovery times the climate, or an honoured redemption. */
static void recover(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, size_t n)
{
    const gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    draw_exit_words(k, luck, e->failures, n);
    for (size_t j = 0; j < n; j++)
        e->z[j] = 0.0;
    if (k->recovery != NULL) {
        luck->wide(whole(n), e->some_word[2], e->some_word[3], e->uniform);
        k->draws->beta(whole(n), e->uniform, k->recovery, e->z);
    }
    luck->narrow(whole(n), e->some_word[0], e->uniform);
    for (size_t j = 0; j < n; j++) {
        const double share = e->z[j] * climate->recovery[gf_tag_lane(e->tag[e->failures[j]])];
        const double least = e->uniform[j] < s->redemption.probability ? s->redemption.recovery : 0.0;
        const double capped = share < 1.0 ? share : 1.0;
        e->budget[j] = capped > least ? capped : least;
    }
}

static void apply_failures(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, size_t n, int quarter,
                           gf_events *events)
{
    const gf_event_buffer *e = &k->events;
    memset(events->cost_lost_cny_m, 0, sizeof events->cost_lost_cny_m);
    if (k->has_recovery)
        recover(k, luck, climate, n);
    for (size_t j = 0; j < n; j++) {
        const int32_t i = e->failures[j];
        const uint32_t tag = e->tag[i], slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
        const double cost = k->stake[slot].cost;
        count(k, GF_FAIL, tag);
        if (k->has_recovery) {
            const double amount = cost * e->budget[j];
            events->cost_lost_cny_m[lane] += cost - amount;
            leave(k, i, amount, quarter);
            continue;
        }
        k->cost_live[k->sub_fund[slot]][lane] -= cost;
        events->cost_lost_cny_m[lane] += cost;
        if (k->is_recorded)
            record_exit(k, i, 0.0, quarter);
    }
}
