/* Is the root of a lane the only one, or are there others? Second part of returns_hot.c, which includes it
 * once.
 *
 * Call S_t = Σ_{i≤t} c_i s^i the balances at s, and A_t = Σ_{i≥t} c_i s^(i−t) what is still to come. At the
 * root the balances are the coefficients of the deflated polynomial: if none changes sign there is no other
 * root. That is the pure investment of Teichroew, Robichek & Montalbano (1965), and most lanes are. Where
 * first and last flow have the same sign, and so have all S_t and A_t at some s, there is no root at all;
 * and where p(s) has the other sign, there are at least two.
 *
 * Lanes that are left, because cash comes back early and is called again, are judged at cuts s. Running sums
 * of running sums of S_t are the coefficients of p(x)/(1 − x/s)³, so by Descartes' rule (which holds for
 * power series) they change sign at least as often as p has roots in (0, s); by reversal those of A_t do so
 * for (s, ∞). No change in all: no root; one: one. And where p(s) has the sign that it cannot have with one
 * root or none there are several. The nearer the cut is to 0, the fewer are the changes of the first kind and
 * the more those of the second: a lane's next cut lies on the side where there are too many, and where both
 * are too many no cut helps. Lanes that no cut decides, about one in a thousand, go to the root isolation of
 * gf_irr(). */

/* Rounding error of a sum of n terms, relative to the sum of their sizes, with room. */
INLINE double rounding(int n_flows)
{
    return 4.0 * DBL_EPSILON * (n_flows + 8);
}

/* Sign bits of lanes with an odd number of roots. */
INLINE mask odd_sign(mask is_bracketed)
{
    return is_bracketed & INT64_MIN;
}

/* What the balances at x say, which is the root of lanes that have one and first_cut of the others: of the
 * former that they are pure, where no balance and nothing still to come has the wrong sign by more than its
 * rounding error; of the latter that there is no root, where all signs are certain, or that there are two.
 * The error is added to each term, so that one sum carries both and its sign bit is the answer. */
static void judge_balances(const group *g, int k, mask *is_proved, mask *is_multiple)
{
    const mask turn = (mask)g->first[k] & INT64_MIN, turn_back = turn ^ odd_sign(g->is_bracketed[k]);
    const double error = rounding(g->n_flows);
    const vec slack = pick(g->is_bracketed[k], splat(error), splat(-error));
    vec x = g->x[k], power = splat(1.0), balance = splat(0.0), rest = splat(0.0);
    mask wrong = {0};
    for (int t = 0, back = g->n_flows - 1; back >= 0; t++, back--) {
        vec c = flow(g, t, k) * power, b = flow(g, back, k);
        power *= x;
        balance += (vec)((mask)c ^ turn) + size(c) * slack;
        rest = rest * x + ((vec)((mask)b ^ turn_back) + size(b) * slack);
        wrong |= (mask)balance | (mask)rest;
    }
    const mask is_judged = g->is_found[k] | ~g->is_bracketed[k];
    *is_proved = is_judged & (wrong >= 0);
    *is_multiple = ~g->is_bracketed[k] & (balance < -2.0 * error * power * g->gross[k]);
}

/* How far the second cut is from the first one, and how many there are at most. */
static const double first_stride = 1.3;
enum { MAX_CUTS = 8 };

/* Lanes that stay undecided, side by side without gaps. */
typedef struct doubtful {
    int n, lane[GF_LANES];
    GF_ALIGNED double x[GF_LANES]; /* the root that was found, or first_cut */
    double first[GF_LANES], is_bracketed[GF_LANES];
    double cut[GF_LANES], low[GF_LANES], high[GF_LANES]; /* the next cut, and what it lies between */
    double stride[GF_LANES];                             /* how far it goes where one end is open */
    double flows[GF_MAX_FLOWS][GF_LANES];
} doubtful;

/* Lanes with is_doubtful > 0, of which x, first and is_bracketed are known by lane. The last vector is filled
 * up with copies. */
static void collect_doubtful(doubtful *d, int n_flows, int n_lanes, const double (*flows)[GF_LANES],
                             const double *is_doubtful)
{
    d->n = 0;
    for (int lane = 0; lane < n_lanes; lane++) {
        d->lane[d->n] = lane;
        d->n += is_doubtful[lane] > 0;
    }
    if (d->n == 0)
        return;
    const int n = (d->n + WIDTH - 1) / WIDTH * WIDTH;
    for (int i = d->n; i < n; i++)
        d->lane[i] = d->lane[0];
    for (int i = 0; i < n; i++) { /* lane[i] ≥ i but for the copies, which come last: nothing is lost */
        d->cut[i] = first_cut;
        d->low[i] = 0.0;
        d->high[i] = INFINITY;
        d->stride[i] = first_stride;
        d->x[i] = d->x[d->lane[i]];
        d->first[i] = d->first[d->lane[i]];
        d->is_bracketed[i] = d->is_bracketed[d->lane[i]];
    }
    for (int t = 0; t < n_flows; t++)
        for (int i = 0; i < n; i++)
            d->flows[t][i] = flows[t][d->lane[i]];
}

static void move_doubtful(doubtful *d, int n_flows, int from, int to)
{
    d->lane[to] = d->lane[from];
    d->x[to] = d->x[from];
    d->first[to] = d->first[from];
    d->is_bracketed[to] = d->is_bracketed[from];
    d->cut[to] = d->cut[from];
    d->low[to] = d->low[from];
    d->high[to] = d->high[from];
    d->stride[to] = d->stride[from];
    for (int t = 0; t < n_flows; t++)
        d->flows[t][to] = d->flows[t][from];
}

/* Running sums of one side of a cut, and the changes of sign of the last of them. A sum whose sign is not
 * certain spoils the count. */
typedef struct side_sums {
    vec sum[3], turnover; /* of the flows, of sum[0], of sum[1]; of sizes */
    vec before;           /* sum[2] one date ago */
    mask n_changes, doubt;
} side_sums;

INLINE void count_change(side_sums *s, vec value, double tolerance)
{
    s->n_changes += (mask)((umask)((mask)value ^ (mask)s->before) >> 63);
    s->doubt |= (mask)(size(value) - s->turnover * tolerance);
    s->before = value;
}

/* Sums of sums go on for ever after the last flow: their further changes are those among these values. */
INLINE void count_tail(side_sums *s, double slack, int n_flows)
{
    count_change(s, s->sum[1], slack * n_flows);
    count_change(s, s->sum[0], slack);
}

/* What a cut tells of WIDTH lanes; fine: no more changes than there must be. */
typedef struct verdict {
    mask is_proved, is_multiple, is_early_fine, is_late_fine;
} verdict;

INLINE verdict judge(int n_flows, const double (*flows)[GF_LANES], vec s, vec x, vec first, mask is_bracketed)
{
    const double slack = rounding(n_flows);
    const mask turn = (mask)first & INT64_MIN, turn_back = turn ^ odd_sign(is_bracketed);
    side_sums early = {0}, late = {0};
    vec power = splat(1.0);
    for (int t = 0, back = n_flows - 1; back >= 0; t++, back--) {
        const double tolerance = slack * (0.5 * (t + 1) * (t + 2)); /* so often the first flow is counted */
        vec c = (vec)((mask)load(flows[t]) ^ turn) * power, b = (vec)((mask)load(flows[back]) ^ turn_back);
        power *= s;
        early.turnover += size(c);
        early.sum[0] += c;
        early.sum[1] += early.sum[0];
        early.sum[2] += early.sum[1];
        count_change(&early, early.sum[2], tolerance);
        late.turnover = late.turnover * s + size(b);
        late.sum[0] = late.sum[0] * s + b;
        late.sum[1] = late.sum[1] * s + late.sum[0];
        late.sum[2] = late.sum[2] * s + late.sum[1];
        count_change(&late, late.sum[2], tolerance);
    }
    count_tail(&early, slack, n_flows);
    count_tail(&late, slack, n_flows);
    const mask is_early_root = is_bracketed & (s > x), is_late_root = is_bracketed & ~(s > x);
    const mask is_early_fine = early.n_changes <= -is_early_root,
               is_late_fine = late.n_changes <= -is_late_root;
    vec at_cut = early.sum[0]; /* p(s), positive where it has the sign of the first flow */
    mask is_wrong = (mask)pick(is_early_root, (vec)(at_cut > 0.0), (vec)(at_cut < 0.0));
    return (verdict){((early.doubt | late.doubt) >= 0) & is_early_fine & is_late_fine,
                     is_wrong & (size(at_cut) > slack * early.turnover), is_early_fine, is_late_fine};
}

/* The next cut of a lane; 0 if none will decide. */
static int move_cut(doubtful *d, int i, unsigned is_early_fine, unsigned is_late_fine)
{
    if (is_early_fine == is_late_fine)
        return 0;
    *(is_early_fine ? &d->low[i] : &d->high[i]) = d->cut[i];
    if (d->low[i] > 0.0 && d->high[i] < INFINITY)
        d->cut[i] = sqrt(d->low[i] * d->high[i]);
    else {
        d->cut[i] = is_early_fine ? d->cut[i] * d->stride[i] : d->cut[i] / d->stride[i];
        d->stride[i] *= d->stride[i];
    }
    return d->cut[i] > least_factor && d->cut[i] < greatest_factor;
}

/* Judges the lanes `at` + i, for the bits i of `open`, by their next cuts; returns the bits that stay open.
 */
static unsigned judge_open(int n_flows, doubtful *d, int at, unsigned open, double *flag)
{
    verdict v = judge(n_flows, (const double(*)[GF_LANES]) & d->flows[0][at], load(d->cut + at),
                      load(d->x + at), load(d->first + at), load(d->is_bracketed + at) > 0.0);
    const unsigned is_multiple = bits_of(v.is_multiple), is_decided = is_multiple | bits_of(v.is_proved);
    const unsigned is_early_fine = bits_of(v.is_early_fine), is_late_fine = bits_of(v.is_late_fine);
    for (unsigned left = open; left != 0; left &= left - 1) {
        const int i = __builtin_ctz(left);
        if (is_decided >> i & 1u)
            flag[d->lane[at + i]] = is_multiple >> i & 1u         ? GF_IRR_MULTIPLE
                                    : d->is_bracketed[at + i] > 0 ? GF_IRR_UNIQUE
                                                                  : GF_IRR_NONE;
        else if (move_cut(d, at + i, is_early_fine >> i & 1, is_late_fine >> i & 1))
            continue;
        open &= ~(1u << i);
    }
    return open;
}

/* Lanes from number `at` on, as bits. */
static unsigned lanes_from(const doubtful *d, int at)
{
    const int n = d->n - at < WIDTH ? d->n - at : WIDTH;
    return (1u << n) - 1u;
}

/* Writes the flags of lanes that cuts decide. The first one decides most of them; those that are left move
 * together for the others. */
static void decide(int n_flows, doubtful *d, double *flag)
{
    int kept = 0;
    for (int at = 0; at < d->n; at += WIDTH) {
        unsigned open = judge_open(n_flows, d, at, lanes_from(d, at), flag);
        for (int i = 0; i < WIDTH; i++)
            if (open >> i & 1u)
                move_doubtful(d, n_flows, at + i, kept++);
    }
    d->n = kept;
    for (int at = 0; at < d->n; at += WIDTH) {
        unsigned open = lanes_from(d, at);
        for (int n_cuts = 1; n_cuts < MAX_CUTS && open; n_cuts++)
            open = judge_open(n_flows, d, at, open, flag);
    }
}
