#!/usr/bin/python3
"""How many startups? The chance of three times the money against the number of startups, by the tail of outcomes.

Runs guidefund (GUIDEFUND names the program) on ready configs with `startups.count` from 10 to 1000, prints a Markdown
table and, with --figure, draws it. With a capped tail the chance first rises and then falls, as the mean that a large
portfolio approaches is below three; with a tail that has no mean (survival index at most 1) it goes on rising.

usage: portfolio_size.py [--portfolios N] [--figure FILE.png] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SIZES = [10, 20, 34, 50, 70, 100, 150, 200, 300, 500, 700, 1000]
NEUMANN = "neumann_thirds.yaml"
CURVES = [  # label, config, settings
    ("Neumann's thirds, index 0.98, not capped", NEUMANN, []),
    ("the same, capped at 1000x", NEUMANN, ["startups.outcome.mixture[2].pareto.cap=1000"]),
    ("the same, capped at 100x", NEUMANN, ["startups.outcome.mixture[2].pareto.cap=100"]),
    ("Moonfire's above-average fund, capped at 1000x, net", "moonfire_above_average.yaml", []),
    ("Correlation Ventures' table, capped at 1000x, net", "correlation_ventures.yaml", []),
]
QUANTITY = "P(net_tvpi>=3)"


def chance(config, settings, portfolios):
    """(chance, standard error) of QUANTITY."""
    program = os.environ.get("GUIDEFUND", str(SOURCE / "build" / "release" / "guidefund"))
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", str(SOURCE / "configs" / "published" / config), "-o", f"{folder}/run.h5", "--json",
                   "--progress", "none", "--portfolios", str(portfolios), "--set", "output.quarters_of=0"]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    rows = {row["name"]: row for row in json.loads(done.stdout)["summary"]}
    return rows[QUANTITY]["value"], rows[QUANTITY]["standard_error"] or 0.0


def sweep(portfolios):
    return [{"label": label, "config": config, "settings": settings, "sizes": SIZES,
             "chance": [chance(config, [*settings, f"startups.count={n}"], portfolios) for n in SIZES]}
            for label, config, settings in CURVES]


def print_table(curves, portfolios):
    print(f"Chance of three times the money (TVPI of at least 3), {portfolios} portfolios each; one standard error.\n")
    print("| startups | " + " | ".join(curve["label"] for curve in curves) + " |")
    print("|---|" + "---|" * len(curves))
    for k, n in enumerate(SIZES):
        cells = [f"{value:.4f} ± {error:.4f}" for value, error in (curve["chance"][k] for curve in curves)]
        print(f"| {n} | " + " | ".join(cells) + " |")


def draw(curves, path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for curve in curves:
        values, errors = zip(*curve["chance"])
        axes.errorbar(curve["sizes"], values, yerr=errors, marker="o", markersize=3, linewidth=1.2, label=curve["label"])
    axes.set(xscale="log", xlabel="startups in the portfolio", ylabel="chance of three times the money", ylim=(0, None))
    axes.set_xticks(SIZES, [str(n) for n in SIZES], rotation=45)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portfolios", type=int, default=20000)
    parser.add_argument("--figure")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    curves = sweep(arguments.portfolios)
    print_table(curves, arguments.portfolios)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(curves, indent=1) + "\n", encoding="utf-8")
    if arguments.figure:
        draw(curves, arguments.figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
