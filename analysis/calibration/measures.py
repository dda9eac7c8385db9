"""Runs guidefund and measures startups and funds of the baseline: the quantities that the fit and the check share."""

import os
import subprocess
import tempfile
from pathlib import Path

import h5py
import numpy as np

SOURCE = Path(__file__).resolve().parents[2]
EDGES = [1, 5, 10, 20, 50]
BUCKETS = ["below 1x", "1x to 5x", "5x to 10x", "10x to 20x", "20x to 50x", "above 50x"]
# Correlation Ventures, more than 21,000 US financings of 2004 to 2013, share of financings by multiple.
PUBLISHED = np.array([0.648, 0.253, 0.059, 0.025, 0.011, 0.004])
# Within one point each, and within a fifth of each.
BOUND = np.minimum(0.01, 0.2 * PUBLISHED)

SEED, A, B, C, GROWTH, OUTLIER = range(6)
BREAKOUT, LISTED, ACQUIRED, FAILED, HELD, NEVER = range(6)


def program():
    """The program: GUIDEFUND in the environment, else the release build of the source tree."""
    return os.environ.get("GUIDEFUND", str(SOURCE / "build" / "release" / "guidefund"))


def run(config, path, settings, portfolios, seed):
    """Runs a config with overrides {key: value}; the result file is `path`."""
    command = [program(), "run", str(config), "-o", str(path), "--portfolios", str(portfolios), "--seed", str(seed),
               "--progress", "none"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")


def startups(config, settings, portfolios, seed):
    """Funded startups of a run as a dict of arrays; every portfolio delivers its startups."""
    settings = {**settings, "output.startups_of": portfolios, "output.quarters_of": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.h5"
        run(config, path, settings, portfolios, seed)
        with h5py.File(path) as file:
            rows = {name: file["startups"][name][:] for name in file["startups"] if name != "row"}
    funded = rows["cost"] > 0
    return {name: values[funded] for name, values in rows.items()}


def columns(config, settings, portfolios, seed, names):
    """Columns of a run by portfolio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.h5"
        run(config, path, {**settings, "output.quarters_of": 0}, portfolios, seed)
        with h5py.File(path) as file:
            return {name: file["portfolios"][name][:] for name in names}


def multiples(rows):
    return rows["value"] / rows["cost"]


def shares(rows):
    """Share of startups by bucket of their multiple."""
    bucket = np.searchsorted(EDGES, multiples(rows), side="right")
    return np.bincount(bucket, minlength=len(BUCKETS)) / len(bucket)


def share_errors(rows):
    """Standard errors of the shares, portfolios as clusters: startups of one portfolio share their luck."""
    bucket = np.searchsorted(EDGES, multiples(rows), side="right")
    portfolio = np.unique(rows["portfolio"], return_inverse=True)[1]
    n = np.bincount(portfolio)
    errors = []
    for k in range(len(BUCKETS)):
        hits = np.bincount(portfolio, weights=bucket == k)
        residual = hits - n * hits.sum() / n.sum()
        errors.append(np.sqrt((residual**2).sum()) / n.sum())
    return np.array(errors)
