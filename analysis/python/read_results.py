"""Reads guidefund result files with xarray and computes the numbers that summaries print.

Each file is plain HDF5: xarray.open_dataset(path, group="portfolios") is all that is needed to go further.
"""

import math

import numpy as np
import xarray as xr

MEDIANS = ["gross_multiple", "net_tvpi", "net_dpi", "net_irr", "government_tvpi", "private_tvpi", "max_multiple", "top_share"]
COUNTS = ["n_failed", "n_graduated", "n_acquired", "n_captive", "n_listed", "n_outliers", "n_ambient_outliers", "n_live"]
THRESHOLDS = [1, 2, 3, 5, 10]


def open_results(path, engine="h5netcdf"):
    """The file's attributes (dict) and its portfolios (xarray.Dataset, dimension `portfolio`), read into memory."""
    with xr.open_dataset(path, engine=engine) as root:
        about = dict(root.attrs)
    if about.get("filetype") != "guidefund-results":
        raise ValueError(f"{path}: not a guidefund result file (attribute filetype)")
    if int(str(about["format_version"]).split(".")[0]) != 1:
        raise ValueError(f"{path}: format {about['format_version']}, this reader knows 1")
    with xr.open_dataset(path, group="portfolios", engine=engine) as portfolios:
        return about, portfolios.load()


def weights_of(portfolios):
    """Likelihood-ratio weights, mean 1; None when every portfolio counts the same."""
    log_weight = portfolios["log_weight"].values
    if not log_weight.any():
        return None
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.mean()


def defined(values, weight):
    """The values that exist (a flag column tells why others are NaN), and their weights."""
    keep = ~np.isnan(values)
    return values[keep], None if weight is None else weight[keep]


def quantile(values, level, weight=None):
    """Quantile by linear interpolation (Hyndman and Fan's type 7); with weights, the inverse of the weighted ECDF."""
    if values.size == 0:
        return math.nan
    if weight is None:
        return float(np.quantile(values, level))
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][min(np.searchsorted(reached, level * reached[-1]), values.size - 1)])


def mean_and_error(values, weight=None):
    """Mean and its standard error; ratio estimate when weighted."""
    n = values.size
    if n < 2:
        return (float(values[0]) if n else math.nan), math.nan
    if weight is None:
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(n))
    mean = float((weight * values).sum() / weight.sum())
    return mean, float(np.sqrt((weight**2 * (values - mean) ** 2).sum()) / weight.sum())


def probability(values, threshold, weight=None):
    """P(value >= threshold) and its binomial standard error (ratio estimate when weighted)."""
    hit = (values >= threshold).astype(float)
    p, error = mean_and_error(hit, weight)
    return (p, math.sqrt(p * (1 - p) / hit.size)) if weight is None and hit.size else (p, error)


def numbers_of(portfolios):
    """{name: (value, standard error or NaN)}, named as in the file's own /summary."""
    weight = weights_of(portfolios)
    numbers = {}
    for name in MEDIANS:
        values, w = defined(portfolios[name].values, weight)
        numbers[f"{name}.median"] = (quantile(values, 0.5, w), math.nan)
    for threshold in THRESHOLDS:
        values, w = defined(portfolios["net_tvpi"].values, weight)
        numbers[f"P(net_tvpi>={threshold})"] = probability(values, threshold, w)
    for name in COUNTS:
        values, w = defined(portfolios[name].values.astype(float), weight)
        numbers[f"{name}.mean"] = mean_and_error(values, w)
    return numbers


def survival_curve(portfolios, column="net_tvpi", n_points=400):
    """x, P(column >= x) and its 95% Wilson band, at n_points ranks that are dense in the tail. Only x > 0."""
    values, weight = defined(portfolios[column].values, weights_of(portfolios))
    order = np.argsort(values)[::-1]
    weight = np.ones(values.size) if weight is None else weight[order]
    x, above = values[order], np.cumsum(weight) / weight.sum()
    rank = np.unique(np.geomspace(1, x.size, n_points).astype(int)) - 1
    rank = rank[x[rank] > 0]
    x, p = x[rank], above[rank]
    n = weight.sum() ** 2 / (weight**2).sum()  # effective sample size
    z = 1.959963984540054
    centre, half = p + z**2 / (2 * n), z * np.sqrt(np.clip(p * (1 - p), 0, None) / n + (z / (2 * n)) ** 2)
    scale = 1 + z**2 / n
    return x, p, (centre - half) / scale, (centre + half) / scale
