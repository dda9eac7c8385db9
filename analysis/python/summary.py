#!/usr/bin/python3
"""Prints the summary of guidefund result files and draws the survival curves of net TVPI.

    summary.py FILE.h5 [FILE.h5 ...] [--json] [--quiet] [--plot PICTURE.png]
"""

import argparse
import json
import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from read_results import numbers_of, open_results, survival_curve  # noqa: E402

COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]  # Okabe and Ito: safe for colour-blind eyes
DASHES = ["-", "--", "-.", ":"]
CHINESE_FONTS = ["Noto Sans CJK SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "PingFang SC", "SimHei"]  # names of scenarios


def print_text(path, about, portfolios, numbers):
    print(f"{about['scenario']}: {portfolios.sizes['portfolio']:,} portfolios, seed {about['seed']} ({path})")
    for name, (value, error) in numbers.items():
        print(f"  {name:<28} {value:>12.5g}" + ("" if math.isnan(error) else f"  ± {error:.2g}"))


def plain(value):
    return None if math.isnan(value) else value


def print_json(rows):
    results = [
        {
            "path": path,
            "scenario": about["scenario"],
            "portfolios": portfolios.sizes["portfolio"],
            "numbers": {name: {"value": plain(v), "se": plain(e)} for name, (v, e) in numbers.items()},
        }
        for path, about, portfolios, numbers in rows
    ]
    print(json.dumps({"results": results}, indent=1, ensure_ascii=False))


def labels_of(rows):
    """What tells the curves apart: scenarios, with the file where two have the same."""
    scenarios = [str(about["scenario"]) for _, about, _, _ in rows]
    names = [os.path.basename(path) for path, _, _, _ in rows]
    names = names if len(set(zip(scenarios, names))) == len(rows) else [path for path, _, _, _ in rows]
    return [s if scenarios.count(s) == 1 else f"{s} ({name})" for s, name in zip(scenarios, names)]


def plot(rows, picture):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.font_manager import fontManager
    from matplotlib.ticker import FuncFormatter

    have = {font.name for font in fontManager.ttflist}
    plt.rcParams["font.family"] = ["DejaVu Sans"] + [name for name in CHINESE_FONTS if name in have]
    figure, axes = plt.subplots(figsize=(7.5, 5), layout="constrained")
    floor, left = 1.0, 1.0
    for i, ((_, _, portfolios, _), label) in enumerate(zip(rows, labels_of(rows))):
        x, p, low, high = survival_curve(portfolios)
        floor, left = min(floor, p.min()), min(left, x.min())
        colour = COLOURS[i % len(COLOURS)]
        axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, p, DASHES[i % len(DASHES)], color=colour, label=label, linewidth=1.8)
    axes.set(xscale="log", yscale="log", ylim=(floor / 2, 1.4))
    axes.set_xlim(left=max(0.1, left / 1.2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}×"))
    axes.set_xlabel("net TVPI x (multiple of paid-in capital, after fees and carry)")
    axes.set_ylabel("P(net TVPI ≥ x) (share of portfolios)")
    axes.grid(True, which="major", linewidth=0.4, alpha=0.6)
    axes.legend(frameon=False, loc="lower left")
    counts = sorted({portfolios.sizes["portfolio"] for _, _, portfolios, _ in rows})
    each = " or ".join(f"{n:,}" for n in counts) + (" portfolios each" if len(rows) > 1 else " portfolios")
    axes.set_title(f"Survival curve of net TVPI: {each}\nband: 95% Monte Carlo interval", fontsize=11)
    figure.savefig(picture, dpi=160)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description="Summary and survival curve of guidefund result files.")
    parser.add_argument("files", nargs="+", metavar="FILE.h5")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="print nothing")
    parser.add_argument("--plot", metavar="PICTURE.png", help="draw the survival curves of net TVPI")
    arguments = parser.parse_args()
    rows = []
    for path in arguments.files:
        try:
            about, portfolios = open_results(path)
        except (OSError, KeyError, ValueError) as error:
            print(f"summary.py: {path}: {error}", file=sys.stderr)
            sys.exit(65)
        if arguments.plot and "net_tvpi" not in portfolios:
            print(f"summary.py: {path}: no column net_tvpi to draw; run it with net_tvpi in output.columns", file=sys.stderr)
            sys.exit(65)
        rows.append((path, about, portfolios, numbers_of(portfolios)))
    if arguments.json:
        print_json(rows)
    elif not arguments.quiet:
        for row in rows:
            print_text(*row)
    if arguments.plot:
        try:
            plot(rows, arguments.plot)
        except (OSError, ValueError) as error:
            print(f"summary.py: cannot draw {arguments.plot}: {error}", file=sys.stderr)
            sys.exit(73)


if __name__ == "__main__":
    main()
