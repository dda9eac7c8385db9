/* What events do to startups and money: sixth part of the kernel (kernel_hot.c, which includes it once). */

/* Prices of exits over the value of their stakes into e->factor: growth of the stake × exp(μ + σ z). */
PHASE void price_exits(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_event_buffer *e = &k->events;
    const gf_kind x = e->exits;
    const gf_prices *p = &k->prices;
    const double *z = e->z, *restrict growth = k->growth;
    double *restrict factor = e->factor;
    for (size_t j = x.n; j < whole(x.n); j++)
        x.value_word[0][j] = 0x80000000u; /* drawn in vain: words of 0 are far tails, the slow way */
    luck->to.wide(whole(x.n), x.value_word[0], x.value_word[1], e->uniform);
    k->draws->normal(drawn(k, x.n), e->uniform, e->z);
    for (size_t j = 0; j < x.n; j++) {
        const uint32_t tag = x.tag[j];
        const gf_price price =
            (int32_t)(x.value_word[1][j] & GF_CAUSE_BITS) == GF_ACQUIRE ? GF_PRICE_SALE : GF_PRICE_LISTING;
        const size_t cell = gf_price_cell(k, tag);
        factor[j] = p->mean[price][cell] + p->sigma[price][cell] * z[j];
    }
    for (size_t j = 0; k->has_growth && j < x.n; j++)
        factor[j] += growth[gf_tag_slot(x.tag[j])];
    k->draws->exp(drawn(k, x.n), factor, factor);
}

/* Budgets of the next stage for those that stay, into e->budget. */
static void draw_budgets(gf_cohort *k, const gf_kind *kind)
{
    k->draws->waits(drawn(k, kind->n), kind->budget_word, k->events.budget);
}

/* Normals of the rounds of graduates, into e->z. */
static void draw_rounds(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_event_buffer *e = &k->events;
    const gf_kind g = e->graduates;
    luck->to.wide(whole(g.n), g.value_word[0], g.value_word[1], e->uniform);
    k->draws->normal(drawn(k, g.n), e->uniform, e->z);
}

/* What the rounds of graduates add to the growth of their stakes: their log prices where rounds are seen,
 * else what market, sector and climate do to them, which may be nothing. */
PHASE void grow(gf_cohort *k, const gf_luck_hot *luck, const gf_market *market)
{
    const gf_kind g = k->events.graduates;
    const gf_prices *p = &k->prices;
    const int has_step_up = !k->is_step_up_neutral, are_seen = p->are_rounds_seen;
    const uint32_t *restrict tags = g.tag;
    const double *restrict mean = p->round_mean, *restrict loading = p->round_loading,
                           *restrict sigma = p->round_sigma, *restrict innovation = market->innovation;
    const double *z = k->events.z;
    double *restrict growth = k->growth;
    if (!has_step_up && !p->has_loading && !are_seen)
        return;
    if (are_seen)
        draw_rounds(k, luck);
    for (size_t j = 0; j < g.n; j++) {
        const uint32_t tag = tags[j], lane = gf_tag_lane(tag), stage = gf_tag_stage(tag);
        double price = mean[stage] + loading[stage] * innovation[lane];
        if (has_step_up)
            price += k->log_step_up[gf_tag_sector(tag)][lane];
        if (are_seen)
            price += sigma[stage] * z[j];
        growth[gf_tag_slot(tag)] += price;
    }
}

/* Where somebody asks for the price of each round: realised step-ups into e->factor, and stakes worth what
 * they are now. */
static void revalue_graduates(gf_cohort *k, double *factor)
{
    const gf_kind g = k->events.graduates;
    for (size_t j = 0; j < g.n; j++) {
        factor[j] = k->growth[gf_tag_slot(g.tag[j])];
        k->growth[gf_tag_slot(g.tag[j])] = 0.0;
    }
    k->draws->exp(drawn(k, g.n), factor, factor);
    for (size_t j = 0; j < g.n; j++)
        k->stake[gf_tag_slot(g.tag[j])].value *= factor[j] * k->prices.keep[gf_tag_stage(g.tag[j])];
}

/* After all others, whose numbers tell theirs. */
static void apply_graduates(gf_cohort *k)
{
    const gf_kind g = k->events.graduates;
    draw_budgets(k, &g);
    join_graduates(k);
    for (size_t j = 0; k->has_ownership && k->prices.are_rounds_seen && j < g.n; j++)
        k->ownership[gf_tag_slot(g.tag[j])] *= k->prices.keep[gf_tag_stage(g.tag[j])];
}

/* Writes the row of a startup that leaves. */
static inline void record_exit(gf_cohort *k, uint32_t tag, int32_t cause, double amount, int quarter)
{
    const uint32_t slot = gf_tag_slot(tag);
    k->received[slot] = amount;
    k->record[slot].exit_quarter = (int16_t)quarter;
    k->record[slot].fate = (int8_t)cause;
    k->record[slot].last_stage = (int8_t)gf_tag_stage(tag);
}

/* Takes a startup off the books: its stake turned into `amount`, paid to its fund this quarter. */
static inline void leave(gf_cohort *k, uint32_t tag, int32_t cause, double amount, int quarter)
{
    const uint32_t slot = gf_tag_slot(tag), lane = gf_tag_lane(tag);
    const int fund = k->n_sub_funds > 1 ? k->sub_fund[slot] : 0;
    const double cost = gf_cost(k, slot);
    if (k->has_costs)
        k->cost_live[fund][lane] -= cost;
    k->proceeds[gf_flow_index(fund, quarter, (int)lane)] += amount;
    gf_cohort_win(k, lane, amount, cost);
    if (k->is_recorded)
        record_exit(k, tag, cause, amount, quarter);
}

/* An outlier that is held: its stake is worth M × cost, whatever its rounds did before. */
static void hold_outlier(gf_cohort *k, uint32_t tag, double multiple, double log_multiple, float budget)
{
    const uint32_t slot = gf_tag_slot(tag);
    k->growth[slot] = k->has_follow_on ? 0.0 : log_multiple;
    if (k->has_follow_on)
        k->stake[slot].value = multiple * k->stake[slot].cost;
    if (k->has_ownership)
        k->ownership[slot] *= k->prices.kept[gf_price_cell(k, tag)];
    join(k, tag + (GF_OUTLIER - gf_tag_stage(tag)) * GF_NEXT_STAGE, budget);
}

/* Multiples of breakouts, truncated Pareto, into e->z. */
static void draw_multiples(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_kind b = k->events.breakouts;
    const gf_startup_params *s = &k->scenario->startups;
    luck->to.wide(whole(b.n), b.value_word[0], b.value_word[1], k->events.uniform);
    k->draws->pareto(drawn(k, b.n), k->events.uniform, s->breakout.index, s->breakout.min_multiple,
                     s->breakout.cap_multiple, k->beyond_cap, k->events.z);
}

/* With exits that wait: breakouts of the quarter are counted and keep places among the winners, too. */
static void let_breakouts_wait(gf_cohort *k, int quarter)
{
    const gf_kind b = k->events.breakouts;
    for (size_t j = k->events.first_breakout; j < b.n; j++) {
        const uint32_t tag = b.tag[j], lane = gf_tag_lane(tag);
        count(k, GF_BREAKOUT, tag);
        if (k->first_outlier[lane] < 0)
            k->first_outlier[lane] = quarter;
        b.budget_word[j] = lane * (uint32_t)k->stride + (uint32_t)k->n_won[lane]++;
        b.quarter[j] = quarter;
    }
}

/* The rare event: the stake is worth M × cost; sold at once or held as an outlier. */
PHASE void apply_breakouts(gf_cohort *k, const gf_luck_hot *luck, int quarter)
{
    const gf_kind b = k->events.breakouts;
    const int are_held = k->scenario->startups.breakout.then == GF_BREAKOUT_STAYS;
    k->has_breakouts = b.n > k->events.first_breakout;
    double *multiple = k->events.z, *log_multiple = k->events.uniform;
    if (k->sells_later) {
        let_breakouts_wait(k, quarter);
        return;
    }
    draw_multiples(k, luck);
    if (are_held) {
        draw_budgets(k, &b);
        k->draws->log(b.n, multiple, log_multiple);
    }
    for (size_t j = 0; j < b.n; j++) {
        const uint32_t tag = b.tag[j], lane = gf_tag_lane(tag);
        count(k, GF_BREAKOUT, tag);
        if (k->first_outlier[lane] < 0)
            k->first_outlier[lane] = quarter;
        if (are_held)
            hold_outlier(k, tag, multiple[j], log_multiple[j], k->events.budget[j]);
        else
            leave(k, tag, GF_BREAKOUT, multiple[j] * gf_cost(k, gf_tag_slot(tag)), quarter);
    }
}

/* Share of the company after all rounds so far. */
static inline double ownership_of(const gf_cohort *k, uint32_t tag)
{
    return k->ownership[gf_tag_slot(tag)] * k->prices.kept[gf_price_cell(k, tag)];
}

/* Sale: non-participating preference, and the giant's cap when the buyer is one. Returns the proceeds. */
static double sale_proceeds(gf_cohort *k, const gf_climate *climate, uint32_t tag, uint32_t word,
                            double price)
{
    const uint32_t lane = gf_tag_lane(tag);
    const double preference = k->scenario->startups.sale.preference, cost = gf_cost(k, gf_tag_slot(tag));
    double proceeds = price;
    if (preference > 0.0 && price < preference * cost)
        proceeds = fmin(preference * cost, price / ownership_of(k, tag));
    if (climate->captive_sale[lane] > 0.0 && gf_uniform_narrow(word) < climate->captive_sale[lane]) {
        proceeds = fmin(proceeds, climate->captive_cap[lane] * cost);
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
    if (k->has_costs)
        k->cost_live[fund][lane] -= gf_cost(k, slot);
    gf_cohort_win(k, lane, amount, gf_cost(k, slot));
    if (k->is_recorded)
        record_exit(k, tag, GF_LIST, amount, quarter);
}

/* Whether any lane has giants: luck for them is drawn for all or for none, and read only where a lane has
 * them. */
static int has_giants(const gf_climate *climate)
{
    int n = 0;
    if (!gf_may(climate->shifts, GF_SHIFT_CAPTIVE))
        return 0;
#pragma omp simd reduction(+ : n)
    for (int lane = 0; lane < GF_LANES; lane++)
        n += climate->captive_sale[lane] > 0.0;
    return n > 0;
}

/* Exits of the only fund that bring their price at once, all for a cheque, with nobody who wants rows.
 * has_one_sector: known where this is inlined. */
static inline __attribute__((always_inline)) void sell_all(gf_cohort *k, int quarter, int has_one_sector)
{
    const gf_kind x = k->events.exits;
    const uint32_t *restrict tags = x.tag;
    const uint32_t *restrict causes = x.value_word[1];
    const double *restrict factor = k->events.factor;
    const double cheque = k->cheque;
    const size_t stride = (size_t)k->stride;
    const int has_costs = k->has_costs;
    double *restrict won = k->won, *restrict cost_live = k->cost_live[0],
                     *restrict proceeds = k->proceeds + gf_flow_index(0, quarter, 0);
    int *restrict n_won = k->n_won;
    int32_t(*const counts)[GF_LANES] = gf_counts(k);
    for (size_t j = 0; j < x.n; j++) {
        const uint32_t tag = tags[j], lane = gf_tag_lane(tag);
        const double price = cheque * factor[j];
        const size_t at = lane * stride + (size_t)n_won[lane];
        if (has_costs)
            cost_live[lane] -= cheque;
        proceeds[lane] += price;
        won[at] = price;
        n_won[lane] += price > 0.0;
        (has_one_sector ? counts : k->n_by_cause[gf_tag_sector(tag)])[causes[j] & GF_CAUSE_BITS][lane]++;
    }
}

static void sell_plainly(gf_cohort *k, int quarter)
{
    if (k->n_sectors == 1)
        sell_all(k, quarter, 1);
    else
        sell_all(k, quarter, 0);
}

/* How many exits of earlier quarters wait. */
static size_t n_waiting(const gf_cohort *k, int quarter)
{
    const gf_event_buffer *e = &k->events;
    return quarter > e->first_unsold ? (size_t)e->n_exits[quarter - 1] : 0;
}

/* Sells breakouts that wait. */
static void sell_breakouts(gf_cohort *k, const gf_luck_hot *luck)
{
    const gf_kind b = k->events.breakouts;
    draw_multiples(k, luck);
    for (size_t j = 0; j < b.n; j++) {
        const uint32_t lane = gf_tag_lane(b.tag[j]);
        const double amount = k->events.z[j] * k->cheque;
        k->proceeds[gf_flow_index(0, b.quarter[j], (int)lane)] += amount;
        k->won[b.budget_word[j]] = amount;
    }
    k->events.breakouts.n = 0;
}

/* Sells them and those of the quarter, where they keep a place among the winners: within a quarter breakouts
 * first, as they would be without waiting. */
static void sell(gf_cohort *k, int quarter)
{
    const gf_luck_hot *luck = gf_luck_hot_table(k->isa);
    gf_event_buffer *e = &k->events;
    sell_breakouts(k, luck);
    const uint32_t *restrict tags = e->exits.tag, *restrict place = e->exits.budget_word;
    const double *restrict factor = e->factor, cheque = k->cheque;
    double *restrict won = k->won;
    price_exits(k, luck);
    for (int q = e->first_unsold; q <= quarter; q++) {
        double *restrict proceeds = k->proceeds + gf_flow_index(0, q, 0);
        const size_t end = (size_t)e->n_exits[q];
        for (size_t j = n_waiting(k, q); j < end; j++) {
            const uint32_t lane = gf_tag_lane(tags[j]);
            const double price = cheque * factor[j];
            proceeds[lane] += price;
            won[place[j]] = price;
        }
    }
    e->exits.n = 0;
    e->first_unsold = quarter + 1;
}

/* Exits of the quarter are counted and keep places among the winners. has_one_sector: known where this is
 * inlined. */
static inline __attribute__((always_inline)) void take_places(gf_cohort *k, size_t first, int has_one_sector)
{
    const gf_kind x = k->events.exits;
    const uint32_t *restrict tags = x.tag, stride = (uint32_t)k->stride;
    const uint32_t *restrict causes = x.value_word[1];
    uint32_t *restrict place = x.budget_word;
    int *restrict n_won = k->n_won;
    int32_t(*const counts)[GF_LANES] = gf_counts(k);
    for (size_t j = first; j < x.n; j++) {
        const uint32_t tag = tags[j], lane = gf_tag_lane(tag);
        place[j] = lane * stride + (uint32_t)n_won[lane]++;
        (has_one_sector ? counts : k->n_by_cause[gf_tag_sector(tag)])[causes[j] & GF_CAUSE_BITS][lane]++;
    }
}

/* Exits wait until they are a batch: the prices of a few cost more, and those of very many lie far away when
 * they are sold. They are counted now and keep their places, so that nobody can tell that they wait. */
static void let_exits_wait(gf_cohort *k, int quarter)
{
    enum { BATCH = 512 };
    const gf_kind x = k->events.exits;
    if (k->n_sectors == 1)
        take_places(k, n_waiting(k, quarter), 1);
    else
        take_places(k, n_waiting(k, quarter), 0);
    k->events.n_exits[quarter] = (int32_t)x.n;
    if (x.n >= BATCH)
        sell(k, quarter);
}

PHASE void apply_exits(gf_cohort *k, const gf_climate *climate, int quarter)
{
    const gf_kind x = k->events.exits;
    const uint32_t *giant_word = k->events.word[1];
    const double *factor = k->events.factor;
    const int lock_up_quarters = (int)k->scenario->startups.listing.lock_up_quarters,
              are_giants = has_giants(climate);
    if (k->sells_later) {
        let_exits_wait(k, quarter);
        return;
    }
    if (are_giants)
        draw_words(k, x.n, x.tag, GF_LUCK_EXIT);
    if (!are_giants && lock_up_quarters == 0 && k->n_sub_funds == 1 && !k->is_recorded && !k->has_ownership) {
        sell_plainly(k, quarter);
        return;
    }
    if (lock_up_quarters > 0)
        memset(k->listed_locked, 0, sizeof k->listed_locked);
    for (size_t j = 0; j < x.n; j++) {
        const uint32_t tag = x.tag[j];
        const double price = gf_first_value(k, gf_tag_slot(tag)) * factor[j];
        count(k, (int32_t)(x.value_word[1][j] & GF_CAUSE_BITS), tag);
        if ((int32_t)(x.value_word[1][j] & GF_CAUSE_BITS) == GF_ACQUIRE)
            leave(k, tag, GF_ACQUIRE, sale_proceeds(k, climate, tag, are_giants ? giant_word[j] : 0, price),
                  quarter);
        else if (lock_up_quarters == 0)
            leave(k, tag, GF_LIST, price, quarter);
        else
            lock_up(k, tag, price, quarter, lock_up_quarters);
    }
}

/* What failures return of their cost, into e->returned: Beta recovery
 * times the climate, or an honoured redemption. */
static void recover(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate)
{
    const gf_event_buffer *e = &k->events;
    const gf_startup_params *s = &k->scenario->startups;
    const gf_kind f = e->failures;
    draw_words(k, f.n, f.tag, GF_LUCK_EXIT);
    if (k->recovery != NULL) {
        luck->to.wide(whole(f.n), e->word[2], e->word[3], e->uniform);
        k->draws->beta(f.n, e->uniform, k->recovery, e->z);
    } else
        for (size_t j = 0; j < f.n; j++)
            e->z[j] = 0.0;
    luck->to.narrow(whole(f.n), e->word[0], e->uniform);
    const double honoured = s->redemption.probability, redeemed = s->redemption.recovery,
                 *restrict of_climate = climate->recovery, *restrict z = e->z, *restrict u = e->uniform;
    const uint32_t *restrict tags = f.tag;
    double *restrict returned = e->returned;
    const int has_climate = gf_may(climate->shifts, GF_SHIFT_RECOVERY);
    for (size_t j = 0; j < f.n && !has_climate; j++)
        returned[j] = 1.0;
    for (size_t j = 0; j < f.n && has_climate; j++)
        returned[j] = of_climate[gf_tag_lane(tags[j])];
#pragma omp simd
    for (size_t j = 0; j < f.n; j++) {
        const double share = z[j] * returned[j];
        const double least = u[j] < honoured ? redeemed : 0.0;
        const double capped = share < 1.0 ? share : 1.0;
        returned[j] = capped > least ? capped : least;
    }
}

/* Failures that return nothing, of the only fund in the only sector, where nobody followed on: all cost a
 * cheque. */
static void bury(gf_cohort *k, double *lost)
{
    int32_t *restrict n_failing = k->n_by_cause[0][GF_FAIL];
    count_by_lane(&k->events.failures, n_failing);
    for (int lane = 0; k->has_costs && lane < GF_LANES; lane++) {
        lost[lane] = k->cheque * n_failing[lane];
        k->cost_live[0][lane] -= lost[lane];
    }
}

/* Failures that nobody wants rows of, all at once: what they return is in e->returned, if anything.
 * has_costs, and what makes them simple: one sector, no follow-ons; known where this is inlined. */
static inline __attribute__((always_inline)) void write_off(gf_cohort *k, int quarter, double *restrict lost,
                                                            int has_costs, int are_simple)
{
    const gf_kind f = k->events.failures;
    const uint32_t *restrict tags = f.tag;
    const double *restrict returned = k->events.returned;
    const gf_stake *restrict stakes = k->stake;
    const uint8_t *restrict sub_fund = k->sub_fund;
    const size_t stride = (size_t)k->stride, now = gf_flow_index(0, quarter, 0);
    const int has_recovery = k->has_recovery, has_follow_on = !are_simple && k->has_follow_on;
    const double cheque = k->cheque;
    double *restrict won = k->won, *restrict won_cost = k->won_cost, *restrict cost_live = k->cost_live[0],
                     *restrict proceeds = k->proceeds + now;
    int *restrict n_won = k->n_won;
    int32_t *restrict n_failed = k->n_by_cause[0][GF_FAIL];
    const uint32_t of_sector = GF_N_CAUSES * GF_LANES;
    for (size_t j = 0; j < f.n; j++) {
        const size_t slot = gf_tag_slot(tags[j]), lane = gf_tag_lane(tags[j]), fund = sub_fund[slot];
        n_failed[(are_simple ? 0 : gf_tag_sector(tags[j]) * of_sector) + lane]++;
        const double cost = has_follow_on ? stakes[slot].cost : cheque,
                     amount = has_recovery ? cost * returned[j] : 0.0;
        const size_t at = lane * stride + (size_t)n_won[lane];
        if (has_costs) {
            lost[lane] += cost - amount;
            cost_live[fund * GF_LANES + lane] -= cost;
        }
        proceeds[fund * GF_FLOW_QUARTERS * GF_LANES + lane] += amount;
        won[at] = amount;
        if (has_follow_on)
            won_cost[at] = cost;
        n_won[lane] += amount > 0.0;
    }
}

PHASE void apply_failures(gf_cohort *k, const gf_luck_hot *luck, const gf_climate *climate, int quarter,
                          gf_events *events)
{
    const gf_kind f = k->events.failures;
    double *lost = events->cost_lost_cny_m;
    if (k->counts_later)
        return; /* what they cost nobody asks either */
    if (k->has_recovery)
        recover(k, luck, climate);
    else if (k->n_sub_funds == 1 && k->n_sectors == 1 && !k->is_recorded && !k->has_follow_on) {
        bury(k, lost);
        return;
    }
    if (!k->is_recorded) {
        if (k->has_costs)
            write_off(k, quarter, lost, 1, 0);
        else if (k->n_sectors == 1 && !k->has_follow_on)
            write_off(k, quarter, lost, 0, 1);
        else
            write_off(k, quarter, lost, 0, 0);
        return;
    }
    for (size_t j = 0; j < f.n; j++) {
        const uint32_t tag = f.tag[j];
        count(k, GF_FAIL, tag);
        const double cost = gf_cost(k, gf_tag_slot(tag)),
                     amount = k->has_recovery ? cost * k->events.returned[j] : 0.0;
        lost[gf_tag_lane(tag)] += cost - amount;
        leave(k, tag, GF_FAIL, amount, quarter);
    }
}
