"""The reference workload for the Python peers: constants, fund accounting vectorised over portfolios, output.

benchmarks/README.md defines the workload in words. Money is in units of the commitment, stakes in units of a cheque.
"""
import json
import sys
import time

import numpy as np

QUARTERS, DELTA = 40, 0.25
BREAKOUT, LIST, ACQUIRE, FAIL, GRADUATE = range(5)
# per year, [stage seed, A, B, C, growth][breakout, list, acquire, fail, graduate]
HAZARDS = np.array([[0.002, 0.00, 0.025, 0.200, 0.32],
                    [0.002, 0.00, 0.045, 0.160, 0.30],
                    [0.002, 0.00, 0.060, 0.130, 0.25],
                    [0.002, 0.00, 0.085, 0.090, 0.23],
                    [0.002, 0.13, 0.110, 0.065, 0.00]])
STEP_UP_MEDIAN = np.array([2.0, 1.9, 1.7, 1.5, 1.0])
STEP_UP_SIGMA, DILUTION = 0.5, 0.20
SALE_MEDIAN, SALE_SIGMA = 0.9, 0.8
LISTING_MEDIAN, LISTING_SIGMA = 1.6, 0.5
PARETO_INDEX, PARETO_MIN, PARETO_CAP = 1.3, 30.0, 5000.0
PERSISTENCE, EXIT_LOADING = 0.9, 0.35
SPILL, SPILL_CAP = 0.15, 2.0
HORIZON_SHARE = 0.75
CALL_QUARTERS, INVESTED, FEE_PER_QUARTER = 8, 0.8, 0.005
HURDLE, CARRY = 0.08, 0.20

COLUMNS = ("gross_multiple net_tvpi net_dpi net_rvpi net_irr net_irr_flag paid_in invested fees carry n_entered n_failed "
           "n_graduated n_acquired n_listed n_outliers n_live first_outlier_quarter max_multiple top_share "
           "top_tenth_share").split()


def distribute(amount, balance, called, to_partners, carry):
    """European waterfall with full catch-up for one distribution; returns partners' part and the new state."""
    first = np.minimum(amount, balance)
    to_partners = to_partners + first
    rest = amount - first
    share = CARRY / (1 - CARRY)
    catch_up = np.minimum(rest, np.maximum(share * (to_partners - called) - carry, 0.0))
    rest = rest - catch_up
    partners_part = (1 - CARRY) * rest
    return first + partners_part, balance - first, to_partners + partners_part, carry + catch_up + CARRY * rest


def internal_rate(flows):
    """Annual IRR of each column of flows [date][portfolio]: bisection on the log of the quarterly discount factor."""
    def npv(v):
        total = np.zeros_like(v)
        for flow in flows[::-1]:
            total *= v
            total += flow
        return total

    low = np.full(flows.shape[1], np.log(1e-4))
    high = np.full(flows.shape[1], np.log(16.0))
    has_root = (npv(np.exp(low)) < 0) & (npv(np.exp(high)) > 0)
    for _ in range(40):
        middle = 0.5 * (low + high)
        is_above = npv(np.exp(middle)) > 0
        high = np.where(is_above, middle, high)
        low = np.where(is_above, low, middle)
    return np.where(has_root, np.exp(-2.0 * (low + high)) - 1.0, np.nan)


def account(proceeds, nav, cheque, out):
    """Partners' cash flows and returns from proceeds [quarter][portfolio] and nav [portfolio], in cheques."""
    n = nav.size
    balance, called, to_partners, carry = np.zeros(n), 0.0, np.zeros(n), np.zeros(n)
    flows = np.zeros((QUARTERS + 1, n))
    for t in range(QUARTERS + 1):
        invested = INVESTED / CALL_QUARTERS if t < CALL_QUARTERS else 0.0
        call = invested + (FEE_PER_QUARTER if t < QUARTERS else 0.0)
        balance = balance * (1 + HURDLE) ** DELTA + call
        called += call
        flows[t] = -call
        if t > 0:
            part, balance, to_partners, carry = distribute(proceeds[t - 1] * cheque, balance, called, to_partners, carry)
            flows[t] += part
    out["net_dpi"] = to_partners / called
    part, balance, to_partners, carry = distribute(nav * cheque, balance, called, to_partners, carry)
    flows[QUARTERS] += part
    out["net_rvpi"] = part / called
    out["net_tvpi"] = out["net_dpi"] + out["net_rvpi"]
    out["net_irr"] = internal_rate(flows)
    out["net_irr_flag"] = np.isnan(out["net_irr"]).astype(float)
    out["carry"] = carry
    out["paid_in"], out["invested"], out["fees"] = (np.full(n, x) for x in (called, INVESTED, QUARTERS * FEE_PER_QUARTER))


def concentrate(values, out):
    """Concentration of values [portfolio][startup], in cheques."""
    n = values.shape[1]
    n_top = -(-n // 10)
    top = np.partition(values, n - n_top, axis=1)[:, n - n_top:]
    total = values.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    out["gross_multiple"] = total / n
    out["max_multiple"] = top.max(axis=1)
    out["top_share"] = out["max_multiple"] / safe
    out["top_tenth_share"] = top.sum(axis=1) / safe
    out["n_entered"] = np.full(values.shape[0], float(n))


def market_path(rng, n):
    """Exit windows [quarter][portfolio] of a stationary AR(1) factor."""
    m = rng.standard_normal(n)
    windows = np.empty((QUARTERS, n))
    for q in range(QUARTERS):
        if q > 0:
            m = PERSISTENCE * m + np.sqrt(1 - PERSISTENCE ** 2) * rng.standard_normal(n)
        windows[q] = np.exp(EXIT_LOADING * m - 0.5 * EXIT_LOADING ** 2)
    return windows


def truncated_pareto(u):
    """Inverse of the conditional law of a Pareto multiple below its cap."""
    return PARETO_MIN * (1 - u * (1 - (PARETO_MIN / PARETO_CAP) ** PARETO_INDEX)) ** (-1 / PARETO_INDEX)


def run(simulate, warm_up=None):
    """Command line of a peer: PORTFOLIOS STARTUPS SEED FILE. simulate(portfolios, startups, seed) → dict of columns."""
    if len(sys.argv) != 5:
        sys.exit(f"usage: {sys.argv[0]} PORTFOLIOS STARTUPS SEED FILE")
    portfolios, startups, seed = (int(x) for x in sys.argv[1:4])
    if warm_up:
        warm_up()
    wall, cpu = time.perf_counter(), time.process_time()
    out = simulate(portfolios, startups, seed)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if sys.argv[4] != "-":
        np.array([out[name] for name in COLUMNS]).tofile(sys.argv[4])
    print(json.dumps({"seconds": wall, "cpu_seconds": cpu, "portfolios": portfolios, "startups": startups,
                      "columns": COLUMNS}))
