#!/usr/bin/python3
"""Holds the fitted baseline against the figures it was fitted to (on another seed) and, without refitting, against
figures that the fit has not seen. Prints Markdown tables; exit status 1 when a bucket is out of its bound.

A figure that the fit has not seen is a hit within a fifth of the published one; everything else is a miss, and is
printed as one. GUIDEFUND names the program.

usage: check_baseline.py [--portfolios N] [--seed S] [--config FILE]
"""

import argparse
import sys

import numpy as np

import measures

# The fund of the quantiles: one manager, 30 startups, all of them found. Set before anything was compared.
FUND = {"startups.count": 30, "programme.sub_funds": 1, "startups.entry.deal_flow_per_year": "none"}
LEVELS = [0.95, 0.75, 0.5, 0.25, 0.05]


def check_buckets(config, portfolios, seed):
    rows = measures.startups(config, {}, portfolios, seed)
    shares, errors = measures.shares(rows), measures.share_errors(rows)
    good = np.abs(shares - measures.PUBLISHED) <= measures.BOUND
    print("| multiple | published | baseline | bound | |\n|---|---|---|---|---|")
    for name, published, share, error, bound, ok in zip(measures.BUCKETS, measures.PUBLISHED, shares, errors,
                                                        measures.BOUND, good):
        print(f"| {name} | {100 * published:.1f}% | {100 * share:.2f} ± {100 * error:.2f}% | ± {100 * bound:.2f} | "
              f"{'ok' if ok else 'OUT'} |")
    return rows, good.all()


def waits(config, portfolios, seed):
    """Years from seed to round A: startups that reach A are made to fail at once, so that their exit tells when."""
    rows = measures.startups(config, {"startups.hazards_per_year.fail[1]": 50}, portfolios, seed)
    reached = (rows["last_stage"] == measures.A) & (rows["exit_quarter"] >= 0)
    return (rows["exit_quarter"] - rows["entry_quarter"])[reached] / 4, len(reached)


def years_held(rows, low, high):
    multiple = measures.multiples(rows)
    chosen = (rows["exit_quarter"] >= 0) & (multiple >= low) & (multiple < high)
    return np.mean(rows["exit_quarter"][chosen] - rows["entry_quarter"][chosen] + 1) / 4


def unseen(rows, config, portfolios, seed):
    """(figure, source, published, obtained, unit) of what the fit has not seen."""
    staged = rows["last_stage"] < measures.OUTLIER
    stage = rows["last_stage"][staged]
    wait, n_seed = waits(config, portfolios, seed)
    return [
        ("seed startups with a second round", "CB Insights, 1,098 seeds", 46, 100 * np.mean(stage >= measures.A), "%"),
        ("seed startups with a fourth round", "CB Insights", 14, 100 * np.mean(stage >= measures.C), "%"),
        ("seed to A, median wait", "Carta", 2.1, np.median(wait), "years"),
        ("seed to A, 75% quantile of the wait", "Carta", 3.4, np.quantile(wait, 0.75), "years"),
        ("seed to A within 24 months", "Carta, normal cohorts 25-30%: seen, a prior", 27.5,
         100 * np.sum(wait <= 2) / n_seed, "%"),
        ("years to the exit of losers (below 1x)", "Wiltbank, about 3", 3, years_held(rows, 0, 1), "years"),
        ("years to the exit of winners (above 30x)", "Wiltbank, about 6", 6, years_held(rows, 30, np.inf), "years"),
        ("years to any exit", "NVCA, 3.3 (2001) to 6.8 (2014)", 5.05, years_held(rows, 0, np.inf), "years"),
    ]


def print_unseen(figures):
    print("| figure | source | published | baseline | |\n|---|---|---|---|---|")
    for name, source, published, obtained, unit in figures:
        verdict = "prior" if "prior" in source else "hit" if abs(obtained - published) <= 0.2 * published else "miss"
        print(f"| {name} | {source} | {published:g} {unit} | {obtained:.2f} {unit} | {verdict} |")


def print_funds(config, portfolios, seed):
    print("| net IRR of a fund of 30 startups | " + " | ".join(f"P{100 * p:g}" for p in LEVELS) + " | median TVPI |")
    print("|---|" + "---|" * (len(LEVELS) + 1))
    bad = measures.SOURCE / "analysis" / "calibration" / "bad_vintage.yaml"
    for name, one in (("baseline", config), ("bad vintage", bad)):
        columns = measures.columns(one, FUND, portfolios, seed, ["net_irr", "net_tvpi"])
        rates = np.where(np.isnan(columns["net_irr"]), -1, columns["net_irr"])  # nothing ever came back
        cells = [f"{100 * value:.1f}%" for value in np.quantile(rates, LEVELS)]
        print(f"| {name} | " + " | ".join(cells) + f" | {np.median(columns['net_tvpi']):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portfolios", type=int, default=8192)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--config", default=str(measures.SOURCE / "configs" / "baseline.yaml"))
    arguments = parser.parse_args()
    rows, is_good = check_buckets(arguments.config, arguments.portfolios, arguments.seed)
    print()
    print_unseen(unseen(rows, arguments.config, arguments.portfolios, arguments.seed))
    print()
    print_funds(arguments.config, arguments.portfolios, arguments.seed)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
