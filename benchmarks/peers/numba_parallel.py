#!/usr/bin/python3
"""Peer of the reference workload: Numba, a loop over portfolios with prange, scalar code compiled by LLVM inside.
NUMBA_NUM_THREADS sets the threads. Compilation happens in the warm-up and is not timed.
"""
import math

import numba
import numpy as np

import workload as w

BLOCK = 250  # portfolios that share a seeded stream, so that results do not depend on threads
HAZARDS, STEP_UP_MEDIAN = w.HAZARDS, w.STEP_UP_MEDIAN
(GROSS, TVPI, DPI, RVPI, IRR, IRR_FLAG, PAID_IN, INVESTED, FEES, CARRY, ENTERED, FAILED, GRADUATED, ACQUIRED, LISTED,
 OUTLIERS, LIVE, FIRST, MAX_MULTIPLE, TOP_SHARE, TOP_TENTH) = range(len(w.COLUMNS))


@numba.njit
def live_and_leave(stage, value, proceeds, row):
    """All startups through all quarters; returns the value of what is left, in cheques."""
    n_live = stage.size
    live = np.arange(n_live)
    cumulative = np.empty((5, 5))
    p_any = np.empty(5)
    m = np.random.normal()
    for q in range(w.QUARTERS):
        if q > 0:
            m = w.PERSISTENCE * m + math.sqrt(1 - w.PERSISTENCE ** 2) * np.random.normal()
        window = math.exp(w.EXIT_LOADING * m - 0.5 * w.EXIT_LOADING ** 2)
        spill = min(1 + w.SPILL * row[OUTLIERS], w.SPILL_CAP)
        for s in range(5):
            total = 0.0
            for k in range(5):
                factor = spill if k == w.GRADUATE else window if k == w.ACQUIRE or k == w.LIST else 1.0
                total += HAZARDS[s, k] * factor
                cumulative[s, k] = total
            p_any[s] = -math.expm1(-w.DELTA * total)
            for k in range(5):
                cumulative[s, k] *= p_any[s] / total
        paid = 0.0
        kept = 0
        for j in range(n_live):
            i = live[j]
            s = stage[i]
            u = np.random.random()
            live[kept] = i
            kept += 1
            if u >= p_any[s]:
                continue
            if u >= cumulative[s, w.FAIL]:
                value[i] *= (1 - w.DILUTION) * STEP_UP_MEDIAN[s] * math.exp(w.STEP_UP_SIGMA * np.random.normal())
                stage[i] += 1
                row[GRADUATED] += 1
                continue
            kept -= 1
            if u >= cumulative[s, w.ACQUIRE]:
                value[i] = 0.0
                row[FAILED] += 1
            elif u >= cumulative[s, w.LIST]:
                value[i] *= w.SALE_MEDIAN * math.exp(w.SALE_SIGMA * np.random.normal())
                row[ACQUIRED] += 1
            elif u >= cumulative[s, w.BREAKOUT]:
                value[i] *= w.LISTING_MEDIAN * math.exp(w.LISTING_SIGMA * np.random.normal())
                row[LISTED] += 1
            else:
                tail = 1 - (w.PARETO_MIN / w.PARETO_CAP) ** w.PARETO_INDEX
                value[i] = w.PARETO_MIN * (1 - np.random.random() * tail) ** (-1 / w.PARETO_INDEX)
                row[OUTLIERS] += 1
                if row[FIRST] < 0:
                    row[FIRST] = q
            paid += value[i]
        proceeds[q] = paid
        n_live = kept
    nav = 0.0
    for j in range(n_live):
        value[live[j]] *= w.HORIZON_SHARE
        nav += value[live[j]]
    row[LIVE] = n_live
    return nav


@numba.njit
def distribute(amount, state):
    """European waterfall on state = [balance, called, to partners, carry]; returns the partners' part."""
    first = min(amount, state[0])
    state[0] -= first
    state[2] += first
    rest = amount - first
    catch_up = min(rest, max(w.CARRY / (1 - w.CARRY) * (state[2] - state[1]) - state[3], 0.0))
    rest -= catch_up
    state[3] += catch_up + w.CARRY * rest
    state[2] += (1 - w.CARRY) * rest
    return first + (1 - w.CARRY) * rest


@numba.njit
def npv_and_slope(flows, v):
    total, slope = 0.0, 0.0
    for t in range(flows.size - 1, -1, -1):
        slope = slope * v + total
        total = total * v + flows[t]
    return total, slope


@numba.njit
def internal_rate(flows):
    """Annual IRR: Newton on the quarterly discount factor, kept inside a bracket by bisection."""
    low, high = 1e-4, 16.0
    if npv_and_slope(flows, low)[0] >= 0 or npv_and_slope(flows, high)[0] <= 0:
        return math.nan
    v = 0.98
    for _ in range(200):
        total, slope = npv_and_slope(flows, v)
        if total > 0:
            high = v
        else:
            low = v
        step = v - total / slope if slope != 0 else low
        if not low < step < high:
            step = 0.5 * (low + high)
        is_done = abs(step - v) <= 1e-12 * v
        v = step
        if is_done:
            break
    return v ** -4 - 1


@numba.njit
def account(proceeds, nav, cheque, flows, row):
    state = np.zeros(4)
    for t in range(w.QUARTERS + 1):
        call = (w.INVESTED / w.CALL_QUARTERS if t < w.CALL_QUARTERS else 0.0) + (w.FEE_PER_QUARTER if t < w.QUARTERS else 0.0)
        state[0] = state[0] * (1 + w.HURDLE) ** w.DELTA + call
        state[1] += call
        flows[t] = (distribute(proceeds[t - 1] * cheque, state) if t > 0 else 0.0) - call
    row[DPI] = state[2] / state[1]
    net_nav = distribute(nav * cheque, state)
    flows[w.QUARTERS] += net_nav
    row[RVPI] = net_nav / state[1]
    row[TVPI] = row[DPI] + row[RVPI]
    row[PAID_IN], row[INVESTED], row[FEES], row[CARRY] = state[1], w.INVESTED, w.QUARTERS * w.FEE_PER_QUARTER, state[3]
    row[IRR] = internal_rate(flows)
    row[IRR_FLAG] = 1.0 if math.isnan(row[IRR]) else 0.0


@numba.njit
def concentrate(value, row):
    n = value.size
    n_top = -(-n // 10)
    top = np.sort(value)[n - n_top:]
    total = value.sum()
    row[ENTERED] = n
    row[GROSS] = total / n
    row[MAX_MULTIPLE] = top[-1]
    row[TOP_SHARE] = top[-1] / total if total > 0 else 0.0
    row[TOP_TENTH] = top.sum() / total if total > 0 else 0.0


@numba.njit(parallel=True)
def simulate_rows(portfolios, startups, seed):
    rows = np.zeros((portfolios, TOP_TENTH + 1))
    for block in numba.prange((portfolios + BLOCK - 1) // BLOCK):
        np.random.seed((seed * 1000003 + block) % 2**32)
        stage, value = np.empty(startups, dtype=np.int64), np.empty(startups)
        proceeds, flows = np.empty(w.QUARTERS), np.empty(w.QUARTERS + 1)
        for f in range(block * BLOCK, min((block + 1) * BLOCK, portfolios)):
            row = rows[f]
            row[FIRST] = -1
            stage[:] = 0
            value[:] = 1.0
            nav = live_and_leave(stage, value, proceeds, row)
            account(proceeds, nav, w.INVESTED / startups, flows, row)
            concentrate(value, row)
    return rows


def simulate(portfolios, startups, seed):
    rows = simulate_rows(portfolios, startups, seed)
    return {name: rows[:, c] for c, name in enumerate(w.COLUMNS)}


if __name__ == "__main__":
    w.run(simulate, warm_up=lambda: simulate_rows(2, 10, 0))
