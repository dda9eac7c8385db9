#!/usr/bin/python3
"""What policy does: all systems side by side on the same luck, as the tables of docs/policies.md.

usage: policies.py [--portfolios N]     (GUIDEFUND names the program; script/make_policies makes the page)

Every number comes from `guidefund summary --json`, every difference from `guidefund compare --json`, but for the chances
that join two columns and for the signatures, which are computed from the columns. ± is one Monte Carlo standard error.
"""

import argparse
import math
import tempfile

import numpy as np

import signatures
from policy_runs import BASELINE, CONTROLS, QUIET, SYSTEMS, Runs, digits, mean_and_error, signed

NONE = "–"


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|---" + "|---" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def value(rows, name):
    """A row of a summary as text; a dash where there is none, or where nothing ever moves."""
    row = rows.get(name)
    if row is None or row["value"] is None or not math.isfinite(row["value"]):
        return NONE
    return digits(row["value"], row["standard_error"])


def joint(happens):
    return digits(*mean_and_error(happens))


def name_of(key):
    settings = f" `--set {' '.join(key[1:])}`" if len(key) > 1 else ""
    return f"`{key[0]}.yaml`{settings}"


def list_of_systems(runs):
    print("## The systems\n")
    table(["system", "run it", "models"],
          [[label, name_of(key), ", ".join(model for model in runs.models(key)) or "none"] for label, key in SYSTEMS])


def financial(runs):
    print("## Financial results\n\nNet TVPI is what all partners get after fees and carry over what they paid in.\n")
    rows = []
    for label, key in SYSTEMS:
        s = runs.summary(key)
        has_government = runs.column(key, "government_tvpi").max() > 0
        rows.append([label, value(s, "net_tvpi.median"), value(s, "P(net_tvpi>=1)"), value(s, "P(net_tvpi>=3)"),
                     value(s, "net_tvpi.capped_mean"), value(s, "net_irr.median"),
                     value(s, "government_tvpi.median") if has_government else NONE, value(s, "private_tvpi.median")])
    table(["system", "median net TVPI", "P(TVPI ≥ 1)", "P(TVPI ≥ 3)", "mean TVPI, capped at 10", "median IRR",
           "government, median TVPI", "private partners, median TVPI"], rows)


def public(runs):
    print("## Public results\n\nCNY million. The horizon is twelve years; see *How to read them* for what these accounts cover.\n")
    rows = []
    for label, key in SYSTEMS:
        s, c = runs.summary(key), lambda name: runs.column(key, name)
        pays, wins, paid = c("fiscal_npv") > 0, c("net_tvpi") >= 1, c("payback_quarter") >= 0
        had = (c("debt_infrastructure_peak_ratio").max() > 0) if "debt_infrastructure" in runs.models(key) else False
        rows.append([label, value(s, "fiscal_npv.median"), joint(pays), joint(pays & ~wins), joint(~pays & wins),
                     joint(paid), value(s, "payback_quarter.median") if paid.any() else NONE,
                     value(s, "peak_debt_ratio.median") if had else NONE, value(s, "jobs.mean"),
                     value(s, "cluster_output.median"), value(s, "output_growth.median")])
    table(["system", "fiscal NPV, median", "P(NPV > 0)", "loses money, pays the public", "makes money, costs the public",
           "P(paid back)", "median quarter of it", "peak debt over GDP", "jobs at the horizon, mean",
           "output around the portfolio at the horizon, median", "its growth a year, median"], rows)


def outliers(runs):
    print("## Outliers in and around the portfolio\n")
    rows = []
    for label, key in SYSTEMS:
        s, c = runs.summary(key), lambda name: runs.column(key, name)
        rows.append([label, value(s, "P(n_outliers>=1)"), value(s, "n_outliers.mean"), value(s, "n_ambient_outliers.mean"),
                     joint((c("n_outliers") == 0) & (c("n_ambient_outliers") > 0)), value(s, "first_outlier_quarter.median"),
                     value(s, "top_share.mean"), value(s, "max_multiple.median"), value(s, "n_failed.mean"),
                     value(s, "n_entered.mean")])
    table(["system", "P(at least one)", "in the portfolio, mean", "around it, mean", "only around it", "first one, median quarter",
           "share of the top holding", "largest multiple, median", "failures", "entrants"], rows)


DIFFERENCES = [("mean TVPI, capped at 10", "net_tvpi.capped_mean.capped"), ("P(TVPI ≥ 1)", "P(net_tvpi>=1)"),
               ("P(TVPI ≥ 3)", "P(net_tvpi>=3)"), ("median TVPI", "net_tvpi.median"), ("failures", "n_failed.mean"),
               ("outliers in", "n_outliers.mean"), ("around", "n_ambient_outliers.mean"),
               ("fiscal NPV, median", "fiscal_npv.median"), ("jobs", "jobs.mean")]


def difference(rows, name):
    row = rows.get(name)
    if row is None or row["difference"] is None:
        return NONE
    if row["standard_error"] is None:
        return "0" if row["difference"] == 0 else f"{row['difference']:+.4g}"
    return signed(row["difference"], row["standard_error"])


def paired(runs, title, text, pairs):
    """A table of B − A for (label, A, B), portfolio by portfolio."""
    print(f"## {title}\n\n{text}\n")
    rows = []
    for label, first, second in pairs:
        told = runs.compare(first, second)
        ratio = told["net_tvpi.capped_mean.capped"]["variance_ratio"]
        rows.append([label] + [difference(told, name) for _, name in DIFFERENCES] + [f"≈ {ratio:.2g}" if ratio else NONE])
    table(["system"] + [head for head, _ in DIFFERENCES] + ["unpaired runs that one paired run is worth"], rows)


def all_pairs(runs):
    paired(runs, "What each policy changes",
           "Each system minus the outlier and its wave without a policy, portfolio by portfolio.",
           [(label, ("outlier",), key) for label, key in SYSTEMS if key != ("outlier",)])
    paired(runs, "What the wave changes", "Each system as configured minus the same with `--set models.spillover=false`.",
           [(label, (*key, QUIET), key) for label, key in SYSTEMS if key != BASELINE])
    paired(runs, "What export controls change",
           "Each system under the headwind of `configs/export_controls.yaml` minus the same as configured.",
           [(label, key, (*key, CONTROLS)) for label, key in SYSTEMS if "headwind" not in runs.models(key)])


def list_signatures(runs):
    rows = []
    for system, statement, number, error in signatures.find(runs):
        z = "fact" if error is None else f"≈ {number / error:.0f}"
        rows.append([system, statement, digits(number, error), z])
    table(["system", "statement", "number", "z"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portfolios", type=int, default=50000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(folder, arguments.portfolios)
        list_of_systems(runs)
        financial(runs)
        public(runs)
        outliers(runs)
        all_pairs(runs)
        print("## Signatures\n\nWhat each system must show, computed from result files by `analysis/python/signatures.py`, which "
              "`tests/statistics_signatures.sh`\nruns on other luck; z is the number over its standard error.\n")
        list_signatures(runs)


if __name__ == "__main__":
    main()
