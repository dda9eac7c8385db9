#!/usr/bin/python3
"""Fits the baseline's startups to the published outcome buckets, once; configs/baseline.yaml holds the result.

Model      the staged lifecycle of configs/baseline.yaml without any policy model (neutral climate)
Target     shares of startups by multiple (value over cost): see PUBLISHED in measures.py
Parameters START below: five, of which each is a factor on a prior; everything else of the baseline is a prior
Objective  sum over buckets of ((share - published) / bound)^2, bound = min(1 point, a fifth of the share)
           + WEIGHT * sum over parameters of (log(value / prior) / spread)^2, so that the priors decide what buckets do not
Method     least squares (trust region) on common random numbers: the same seed for every evaluation
Not used   the seed funnel, waiting times, holding times and fund returns: check_baseline.py holds the fit against them

Again      refits.json holds what a later program finds with this seed and two others; why it differs: docs/validation.md

usage: fit_baseline.py [--portfolios N] [--seed S] [--json FILE]     (GUIDEFUND names the program)
"""

import argparse
import json
import sys

import numpy as np
from scipy.optimize import least_squares

import measures

CONFIG = measures.SOURCE / "configs" / "baseline.yaml"
# What the fit starts from: priors, with the spread (one sigma of the logarithm) that they are given.
FAIL = np.array([0.17, 0.16, 0.13, 0.09, 0.065, 0.01])
BREAKOUT = np.array([1, 1, 1, 1, 1, 0])
STEP_UP = np.array([2.0, 1.9, 1.7, 1.5])
START = {  # name: (prior, spread)
    "fail_factor": (1.0, 0.3),
    "breakout_per_year": (0.0007, 1.0),
    "step_up_factor": (1.0, 0.2),
    "step_up_sigma": (0.5, 0.3),
    "sale_median": (0.9, 0.4),
}
WEIGHT = 0.1


def listed(values):
    return "[" + ", ".join(f"{value:.3g}" for value in values) + "]"


def settings(values):
    """Overrides of the config for parameter values in the order of START, rounded as the config will hold them."""
    fail, breakout, step_up, sigma, sale = values
    return {
        "startups.hazards_per_year.fail": listed(fail * FAIL),
        "startups.hazards_per_year.breakout": listed(breakout * BREAKOUT),
        "startups.step_up.median": listed(step_up * STEP_UP),
        "startups.step_up.sigma": listed(4 * [sigma]),
        "startups.sale.median": f"{sale:.3g}",
    }


def residuals(ratios, portfolios, seed):
    """Of the objective; ratios are the parameters over their priors."""
    priors = np.array([prior for prior, _ in START.values()])
    spreads = np.array([spread for _, spread in START.values()])
    rows = measures.startups(CONFIG, settings(priors * ratios), portfolios, seed)
    misfit = (measures.shares(rows) - measures.PUBLISHED) / measures.BOUND
    print("  ".join(f"{value:+.3f}" for value in misfit), file=sys.stderr)
    return np.concatenate([misfit, np.sqrt(WEIGHT) * np.log(ratios) / spreads])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portfolios", type=int, default=8192)
    parser.add_argument("--seed", type=int, default=20130101)
    parser.add_argument("--json", help="write the fit here")
    arguments = parser.parse_args()
    fit = least_squares(residuals, np.ones(len(START)), bounds=(0.05, 20), args=(arguments.portfolios, arguments.seed), diff_step=0.03,
                        x_scale=0.1, xtol=1e-4, ftol=1e-4, max_nfev=40)
    values = np.array([prior for prior, _ in START.values()]) * fit.x
    fitted = settings(values)
    rows = measures.startups(CONFIG, fitted, arguments.portfolios, arguments.seed + 1)
    record = {
        "seed": arguments.seed, "portfolios": arguments.portfolios, "objective": 2 * fit.cost,
        "evaluations": int(fit.nfev), "parameters": dict(zip(START, (float(f"{v:.4g}") for v in values))),
        "settings": fitted, "shares_on_another_seed": [round(float(s), 5) for s in measures.shares(rows)],
    }
    print(json.dumps(record, indent=2))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=2)
            file.write("\n")
    return 0 if (np.abs(measures.shares(rows) - measures.PUBLISHED) < measures.BOUND).all() else 1


if __name__ == "__main__":
    sys.exit(main())
