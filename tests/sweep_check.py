"""Checks of files of sweeps, called by contract_sweep.sh.

overrides SWEEP.h5 POINT    prints KEY=VALUE of that point
point SWEEP.h5 POINT RUN.h5 the numbers of that point from the columns of a run
near A.h5 B.h5              the numbers of all points agree within 4.5 errors
linear SWEEP.h5             the indices of a mean that is linear in two keys
opens SWEEP.h5              xarray reads points with their coordinates
seeds SWEEP.h5...           indices of equal designs under other seeds differ as their errors say
picture FILE.png            a picture in which something is drawn in the first colour
"""

import math
import sys

import h5py
import numpy as np


def keys_of(points):
    return [name for name in points if "." in name and "(" not in name]


def numbers_of(points):
    return [name for name in points if name + "_se" in points]


def overrides(path, point):
    with h5py.File(path) as file:
        for key in keys_of(file["points"]):
            print(f"{key}={file['points'][key][int(point)]!r}")


def point(path, number, run):
    with h5py.File(path) as file, h5py.File(run) as result:
        points, columns = file["points"], result["portfolios"]
        failed = columns["n_failed"][:]
        tvpi = columns["net_tvpi"][:]
        irr = columns["net_irr"][:]
        quarter = columns["first_outlier_quarter"][:]
        quarter = quarter[quarter >= 0]
        capped = np.minimum(tvpi, 4)
        n = len(tvpi)
        expected = {
            "mean(n_failed)": (failed.mean(), failed.std(ddof=1) / math.sqrt(n)),
            "double": ((tvpi >= 2).mean(), math.sqrt((tvpi >= 2).mean() * (tvpi < 2).mean() / n)),
            "quantile(net_irr,0.7)": (np.quantile(irr[~np.isnan(irr)], 0.7), None),
            "mean(first_outlier_quarter)": (quarter.mean(), quarter.std(ddof=1) / math.sqrt(len(quarter))),
            "capped_mean(net_tvpi,4)": (capped.mean(), capped.std(ddof=1) / math.sqrt(n)),
        }
        assert sorted(expected) == sorted(numbers_of(points)), numbers_of(points)
        for name, (value, error) in expected.items():
            obtained, its_error = points[name][int(number)], points[name + "_se"][int(number)]
            assert math.isclose(obtained, value, rel_tol=1e-12), (name, obtained, value)
            assert error is None or math.isclose(its_error, error, rel_tol=2e-3), (name, its_error, error)


def near(a, b):
    """By chance one of 60 is beyond 4.5 errors once in 2,500 seeds, were errors normal."""
    with h5py.File(a) as left, h5py.File(b) as right:
        for name in numbers_of(left["points"]):
            x, y = left["points"][name][:], right["points"][name][:]
            error = np.hypot(left["points"][name + "_se"][:], right["points"][name + "_se"][:])
            assert (np.abs(x - y) <= 4.5 * error).all(), (name, x, y, error)
            assert (x != y).any(), name


def linear(path):
    with h5py.File(path) as file:
        first, total = file["indices/first_order"][0], file["indices/total"][0]
        errors = file["indices/first_order_se"][0]
        keys = [key.decode() for key in file["indices/key"][:]]
        assert keys == list(keys_of(file["points"])) or sorted(keys) == sorted(keys_of(file["points"])), keys
        slopes = np.array([0.3 * 1.2, 0.6 * 1.0, 0])
        expected = slopes**2 / (slopes**2).sum()
        # the drawn shares of both components differ a little from 0.3 and 0.6: 16,000 startups, one luck
        tolerance = 4 * errors + 0.02
        assert (np.abs(first - expected) <= tolerance).all(), (first, expected, errors)
        assert (np.abs(total - first) < 0.01).all(), (first, total)
        assert not (np.abs(first[::-1] - expected) <= tolerance).all(), "a spoiled order passes, too"
        assert first[2] == 0 and total[2] == 0


def opens(path):
    import xarray

    with xarray.open_dataset(path, group="points", engine="h5netcdf") as points:
        assert points.sizes["point"] == 12 and points["double"].attrs["units"] == "1"
        assert points["startups.count"].dtype == np.int64 and set(points["startups.count"].values) == {5, 7, 9}


def seeds(*paths):
    """Over 12 seeds of points and luck; by chance a ratio above 2.6 comes once in 400 for each of two keys."""
    first, errors = [], []
    for path in paths:
        with h5py.File(path) as file:
            first.append(file["indices/first_order"][0])
            errors.append(file["indices/first_order_se"][0])
    spread = np.var(first, axis=0, ddof=1) / np.mean(np.square(errors), axis=0)
    assert len(paths) == 12 and (spread < 2.6).all(), spread
    assert (spread > 0.05).all(), spread  # nor are they so wide that they say nothing


def picture(path):
    from matplotlib.image import imread

    pixels = (imread(path)[:, :, :3] * 255).round().astype(int)
    assert min(pixels.shape[:2]) > 300, pixels.shape
    assert (np.abs(pixels - [0, 114, 178]).max(axis=2) < 8).sum() > 50, "nothing is drawn"


if __name__ == "__main__":
    {"overrides": overrides, "point": point, "near": near, "linear": linear, "opens": opens, "seeds": seeds, "picture": picture}[sys.argv[1]](*sys.argv[2:])
