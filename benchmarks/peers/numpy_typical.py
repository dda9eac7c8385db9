#!/usr/bin/python3
"""Peer of the reference workload: NumPy as most people write it. Arrays [portfolio][startup], boolean masks every
quarter, a uniform for every startup whether it lives or not. Blocks of portfolios only to bound the memory.
"""
import numpy as np

import workload as w

BLOCK = 10000


def simulate_block(rng, portfolios, startups):
    shape = (portfolios, startups)
    stage = np.zeros(shape, dtype=int)
    value = np.ones(shape)
    alive = np.ones(shape, dtype=bool)
    out = {name: np.zeros(portfolios) for name in w.COLUMNS}
    out["first_outlier_quarter"] -= 1
    proceeds = np.zeros((w.QUARTERS, portfolios))
    windows = w.market_path(rng, portfolios)
    for q in range(w.QUARTERS):
        spill = np.minimum(1 + w.SPILL * out["n_outliers"], w.SPILL_CAP)
        hazard = w.HAZARDS[stage]  # [portfolio][startup][cause]
        hazard[..., w.GRADUATE] *= spill[:, None]
        hazard[..., w.ACQUIRE] *= windows[q][:, None]
        hazard[..., w.LIST] *= windows[q][:, None]
        cumulative = np.cumsum(hazard, axis=-1)
        total = cumulative[..., -1]
        event = alive & (rng.random(shape) < 1 - np.exp(-w.DELTA * total))
        pick = rng.random(shape) * total
        breakout = event & (pick < cumulative[..., w.BREAKOUT])
        listed = event & (pick >= cumulative[..., w.BREAKOUT]) & (pick < cumulative[..., w.LIST])
        acquired = event & (pick >= cumulative[..., w.LIST]) & (pick < cumulative[..., w.ACQUIRE])
        failed = event & (pick >= cumulative[..., w.ACQUIRE]) & (pick < cumulative[..., w.FAIL])
        graduated = event & (pick >= cumulative[..., w.FAIL])

        value[failed] = 0
        step_up = rng.lognormal(np.log(w.STEP_UP_MEDIAN[stage[graduated]]), w.STEP_UP_SIGMA)
        value[graduated] *= (1 - w.DILUTION) * step_up
        stage[graduated] += 1
        value[acquired] *= rng.lognormal(np.log(w.SALE_MEDIAN), w.SALE_SIGMA, acquired.sum())
        value[listed] *= rng.lognormal(np.log(w.LISTING_MEDIAN), w.LISTING_SIGMA, listed.sum())
        value[breakout] = w.truncated_pareto(rng.random(breakout.sum()))

        leaves = breakout | listed | acquired
        proceeds[q] = np.where(leaves, value, 0).sum(axis=1)
        alive &= ~(leaves | failed)
        n_breakouts = breakout.sum(axis=1)
        is_first = (n_breakouts > 0) & (out["n_outliers"] == 0)
        out["first_outlier_quarter"][is_first] = q
        out["n_outliers"] += n_breakouts
        out["n_failed"] += failed.sum(axis=1)
        out["n_graduated"] += graduated.sum(axis=1)
        out["n_acquired"] += acquired.sum(axis=1)
        out["n_listed"] += listed.sum(axis=1)
    value[alive] *= w.HORIZON_SHARE
    out["n_live"] = alive.sum(axis=1).astype(float)
    w.account(proceeds, np.where(alive, value, 0).sum(axis=1), w.INVESTED / startups, out)
    w.concentrate(value, out)
    return out


def simulate(portfolios, startups, seed):
    rng = np.random.default_rng(seed)
    block = max(1, BLOCK * 100 // startups)
    blocks = [simulate_block(rng, min(block, portfolios - first), startups) for first in range(0, portfolios, block)]
    return {name: np.concatenate([b[name] for b in blocks]) for name in w.COLUMNS}


if __name__ == "__main__":
    w.run(simulate)
