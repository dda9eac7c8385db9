#!/usr/bin/python3
"""Prints what a file of guidefund sweep holds, and draws it: Sobol' indices as bars, other designs as points.

    sweep.py FILE.h5 [--plot PICTURE.png]
"""

import argparse
import math
import sys

import xarray as xr

FIRST, TOTAL = "#0072B2", "#D55E00"  # Okabe and Ito: safe for colour-blind eyes


def open_sweep(path, engine="h5netcdf"):
    """The file's attributes (dict), its points and its indices (xarray.Dataset, None unless it is a Sobol' design)."""
    with xr.open_dataset(path, engine=engine) as root:
        about = dict(root.attrs)
    if about.get("filetype") != "guidefund-sweep":
        raise ValueError("not a file of guidefund sweep (attribute filetype)")
    if int(str(about["format_version"]).split(".")[0]) != 1:
        raise ValueError(f"format {about['format_version']}, this reader knows 1")
    with xr.open_dataset(path, group="points", engine=engine) as points:
        points = points.load()
    if about["method"] != "sobol":
        return about, points, None
    with xr.open_dataset(path, group="indices", engine=engine) as indices:
        return about, points, indices.load()


def numbers_of(points):
    return [name for name in points if f"{name}_se" in points]


def keys_of(points):
    numbers = numbers_of(points)
    return [name for name in points if name not in numbers and name.removesuffix("_se") not in numbers]


def plain(value, error=math.nan):
    """A value and its error as the program prints them."""
    if math.isnan(value):
        return "none"
    return f"{value:.4g}" + (f" ± {error:.2g}" if error > 0 else "")


def print_text(path, about, points, indices):
    print(f"{about['sweep']}: {points.sizes['point']:,} points of {int(about['portfolios']):,} portfolios each ({path})")
    for number in numbers_of(points):
        values = points[number]
        print(f"  {number:<44} {plain(float(values.min()))} to {plain(float(values.max()))}")
        for key in keys_of(points) if indices is not None else []:
            one = indices.sel(number=number, key=key)
            print(f"    {key:<42} {plain(float(one.first_order), float(one.first_order_se)):<18}"
                  f" total {plain(float(one.total), float(one.total_se))}")


def short(key):
    """The end of a key's path, which is enough on an axis."""
    return ": ".join(key.split(".")[-2:]).replace("_", " ")


def draw_indices(axes, number, indices):
    one = indices.sel(number=number)
    keys = [str(key) for key in one.key.values]
    rows = list(range(len(keys)))[::-1]
    for shift, name, colour, label in [(0.19, "first_order", FIRST, "alone"), (-0.19, "total", TOTAL, "with others")]:
        axes.barh([row + shift for row in rows], one[name].fillna(0), 0.36, xerr=1.96 * one[f"{name}_se"].fillna(0), color=colour, label=label,
                  error_kw={"linewidth": 1})
    axes.set_yticks(rows, [short(key) for key in keys])
    # indices lie between 0 and 1, but for their errors
    both = one[["first_order", "total"]].to_array()
    axes.set_xlim(min(0, float(both.min()) - 0.01), max(1, float(both.max()) + 0.01))
    axes.set_title(number, fontsize=10)
    axes.grid(True, axis="x", linewidth=0.4, alpha=0.6)


def draw_points(axes, key, number, points):
    axes.errorbar(points[key], points[number], yerr=1.96 * points[f"{number}_se"].fillna(0), fmt="o", markersize=3, linewidth=0.8, color=FIRST)
    axes.set_xlabel(short(key), fontsize=9)
    axes.set_ylabel(number, fontsize=9)
    axes.grid(True, linewidth=0.4, alpha=0.6)


def plot(about, points, indices, picture):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    numbers, keys = numbers_of(points), keys_of(points)
    if indices is not None:
        width = min(3, len(numbers))
        height = math.ceil(len(numbers) / width)
        figure, grid = plt.subplots(height, width, sharey=True, squeeze=False, layout="constrained",
                                    figsize=(2.2 + 2.7 * width, 0.9 + height * (0.8 + 0.32 * len(keys))))
        for axes, number in zip(grid.flat, numbers):
            draw_indices(axes, number, indices)
        for axes in grid.flat[len(numbers):]:
            axes.set_axis_off()
        handles, labels = grid.flat[0].get_legend_handles_labels()
        last = grid.flat[-1] if len(numbers) < grid.size else grid.flat[0]
        last.legend(handles, labels, frameon=False, loc="center" if len(numbers) < grid.size else "lower right",
                    title="share of the variance\nbehind a key (95% interval)", fontsize=9, title_fontsize=9)
    else:
        figure, grid = plt.subplots(len(numbers), len(keys), squeeze=False, layout="constrained",
                                    figsize=(1 + 2.8 * len(keys), 0.6 + 2.1 * len(numbers)))
        for row, number in zip(grid, numbers):
            for axes, key in zip(row, keys):
                draw_points(axes, key, number, points)
    figure.suptitle(f"{about['sweep']}: {points.sizes['point']:,} points of {int(about['portfolios']):,} portfolios", fontsize=11)
    figure.savefig(picture, dpi=160)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description="Prints and draws a file of guidefund sweep.")
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("--plot", metavar="PICTURE.png", help="draw the indices, or the points of other designs")
    arguments = parser.parse_args()
    try:
        about, points, indices = open_sweep(arguments.file)
    except (OSError, KeyError, ValueError) as error:
        print(f"sweep.py: {arguments.file}: {error}", file=sys.stderr)
        sys.exit(65)
    print_text(arguments.file, about, points, indices)
    if arguments.plot:
        try:
            plot(about, points, indices, arguments.plot)
        except (OSError, ValueError) as error:
            print(f"sweep.py: {arguments.plot}: {error}", file=sys.stderr)
            sys.exit(73)


if __name__ == "__main__":
    main()
