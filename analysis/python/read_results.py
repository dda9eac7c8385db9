"""Reads guidefund result files with xarray and computes the numbers that summaries print.

Each file is plain HDF5: xarray.open_dataset(path, group="portfolios") is all that is needed to go further.
"""

import math

import h5py
import numpy as np
import xarray as xr

QUANTILES = {"median": 0.5, "q05": 0.05, "q95": 0.95}
SPREAD = ["gross_multiple", "net_tvpi", "net_dpi", "net_irr", "government_tvpi", "private_tvpi", "max_multiple", "top_share"]
COUNTS = ["n_failed", "n_graduated", "n_acquired", "n_captive", "n_listed", "n_outliers", "n_ambient_outliers", "n_live"]
THRESHOLDS = [1, 2, 3, 5, 10]


def open_results(path, engine="h5netcdf"):
    """The file's attributes (dict) and its portfolios (xarray.Dataset, dimension `portfolio`), read into memory."""
    with h5py.File(path) as file:  # parts and shards have datasets that netCDF does not know
        kind, has_portfolios = file.attrs.get("filetype"), "portfolios" in file
    if kind != "guidefund-results":
        raise ValueError("not a guidefund result file (attribute filetype)" + (", but a shard, which guidefund merge, or sweep, puts together with the others" if kind == "guidefund-part" else ""))
    with xr.open_dataset(path, engine=engine) as root:
        about = dict(root.attrs)
    if int(str(about["format_version"]).split(".")[0]) != 1:
        raise ValueError(f"format {about['format_version']}, this reader knows 1")
    if not has_portfolios:
        raise ValueError("keeps no portfolios (output.portfolios: none); guidefund summary prints its numbers")
    with xr.open_dataset(path, group="portfolios", engine=engine) as portfolios:
        return about, portfolios.load()


def weights_of(portfolios):
    """Likelihood-ratio weights, mean 1; None when every portfolio counts the same."""
    if "log_weight" not in portfolios or not portfolios["log_weight"].any():
        return None
    log_weight = portfolios["log_weight"].values
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.mean()


def defined(values, weight):
    """The values that exist (a flag column tells why others are NaN), and their weights."""
    keep = ~np.isnan(values)
    return values[keep], None if weight is None else weight[keep]


def weighted_quantile(values, weight, level):
    """Smallest value whose weighted distribution function reaches the level; values ascend."""
    reached = np.cumsum(weight)
    return float(values[min(np.searchsorted(reached, level * reached[-1]), values.size - 1)])


def quantile(values, level, weight=None):
    """Quantile (Hyndman and Fan's type 7) and its standard error: half the distance between the quantiles one binomial
    standard deviation of the level to either side, NaN where that leaves the sample."""
    n = values.size
    if n == 0:
        return math.nan, math.nan
    if weight is not None:
        order = np.argsort(values, kind="stable")
        values, weight = values[order], weight[order]
        spread = math.sqrt(level * (1 - level) * (weight**2).sum()) / weight.sum()
        error = math.nan
        if 0 < level - spread and level + spread < 1:
            low, high = (weighted_quantile(values, weight, level + side) for side in (-spread, spread))
            error = (high - low) / 2
        return weighted_quantile(values, weight, level), error
    values = np.sort(values)
    spread = math.sqrt(n * level * (1 - level))
    low, high = math.floor(n * level - spread), math.ceil(n * level + spread)
    error = (values[high] - values[low]) / 2 if low >= 0 and high < n else math.nan
    return float(np.quantile(values, level)), float(error)


def mean_and_error(values, weight=None):
    """Mean and its standard error; ratio estimate when weighted."""
    n = values.size
    if n < 2:
        return (float(values[0]) if n else math.nan), math.nan
    if weight is None:
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(n))
    mean = float((weight * values).sum() / weight.sum())
    return mean, float(np.sqrt((weight**2 * (values - mean) ** 2).sum() * n / (n - 1)) / weight.sum())


def probability(values, threshold, weight=None):
    """P(value >= threshold) and its binomial standard error (ratio estimate when weighted), NaN when all or none hit."""
    hit = (values >= threshold).astype(float)
    if hit.size == 0 or hit.all() or not hit.any():
        return (float(hit[0]) if hit.size else math.nan), math.nan
    weight = np.ones(hit.size) if weight is None else weight
    p = float((weight * hit).sum() / weight.sum())
    return p, float(np.sqrt((weight**2 * (hit - p) ** 2).sum()) / weight.sum())


def numbers_of(portfolios):
    """{name: (value, standard error or NaN)}, named as in the file's own /summary; of the columns that the file keeps."""
    weight = weights_of(portfolios)
    numbers = {}
    for name in filter(portfolios.__contains__, SPREAD):
        values, w = defined(portfolios[name].values, weight)
        for suffix, level in QUANTILES.items():
            numbers[f"{name}.{suffix}"] = quantile(values, level, w)
    for threshold in THRESHOLDS if "net_tvpi" in portfolios else ():
        values, w = defined(portfolios["net_tvpi"].values, weight)
        numbers[f"P(net_tvpi>={threshold})"] = probability(values, threshold, w)
    for name in filter(portfolios.__contains__, COUNTS):
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
