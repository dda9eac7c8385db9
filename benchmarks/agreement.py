"""Do two samples of the reference workload come from one law? Used by benchmarks/run and by the tests.

Two-sample tests per pair: probabilities, capped means, means of counts, products of centred counts (the market and the
spillover couple startups), shares below pooled quantiles, Kolmogorov-Smirnov for amounts, chi-square for counts; all of
it again given at least one outlier. Returns are heavy-tailed: no plain mean of an uncapped amount is compared.
Rates of return are compared without portfolios whose first outlier fell into the first year (later_irr): a large
distribution while capital is still called makes several roots, which the engine says (0.6% of portfolios, NaN with flag 2)
and peers do not, since they look for one root in one bracket. The quarter of the first outlier itself is compared.
In small portfolios early sales do the same (12% of those of ten startups): below FEWEST_WITH_RATES startups rates are not compared.
Every result is put on the scale of a standard normal, so that one bound serves all.
"""
import math
from statistics import NormalDist

import numpy as np

BOUND = 5.0                # on |z|: one test in 1.7 million crosses it by chance
MIN_HITS = 30              # fewer events on one side, and the normal law of a share is no good
MIN_EXPECTED = 20          # per chi-square class
AMOUNTS = ["gross_multiple", "net_tvpi", "net_dpi", "net_rvpi", "later_irr", "carry", "max_multiple", "top_share",
           "top_tenth_share"]
COUNTS = ["n_failed", "n_graduated", "n_acquired", "n_listed", "n_outliers", "n_live", "first_outlier_quarter"]
FIRST_YEAR = 4             # quarters
FEWEST_WITH_RATES = 50     # startups
MONEY = ["invested", "fees", "carry"]
COLUMNS = [name for name in AMOUNTS if name != "later_irr"] + COUNTS + ["net_irr", "net_irr_flag", "paid_in", "invested", "fees", "n_entered"]
THRESHOLDS = {"net_tvpi": (1, 2, 3, 5), "net_dpi": (0.5, 1, 2), "later_irr": (0, 0.05, 0.15, 0.25), "carry": (1e-9, 0.5),
              "gross_multiple": (1, 3), "max_multiple": (20, 100, 1000), "top_share": (0.25, 0.5),
              "n_outliers": (1, 2, 3), "n_listed": (1,)}
CAPS = {"net_tvpi": 10, "gross_multiple": 15, "net_dpi": 10, "net_rvpi": 2, "later_irr": 1, "carry": 2,
        "max_multiple": 300, "top_share": 1, "top_tenth_share": 1}
PRODUCTS = [("n_acquired", "n_acquired"), ("n_acquired", "n_listed"), ("n_outliers", "n_graduated"),
            ("n_outliers", "n_outliers"), ("n_failed", "n_failed"), ("n_graduated", "n_graduated"),
            ("n_failed", "n_acquired"), ("n_live", "n_graduated")]


def normalise(columns):
    """Money in units of paid-in capital, IRR and amounts free of rounding differences."""
    out = {name: np.asarray(columns[name], dtype=float) for name in COLUMNS}
    first = out["first_outlier_quarter"]
    out["later_irr"] = np.where((first >= 0) & (first < FIRST_YEAR), np.nan, out["net_irr"])
    for name in MONEY:
        out[name] = out[name] / out["paid_in"]
    for name in AMOUNTS:  # waterfalls put atoms into the law (IRR = hurdle): ties must stay ties
        out[name] = np.round(out[name], 8)
    return out


def violations(columns, startups):
    """Identities that every single portfolio must satisfy; columns are normalised. Returns messages."""
    c = columns
    left = c["n_failed"] + c["n_acquired"] + c["n_listed"] + c["n_outliers"] + c["n_live"]
    checks = {"n_entered is the number of startups": c["n_entered"] == startups,
              "every startup failed, was sold, listed, broke out or lives": left == startups,
              "80% of paid-in is invested": np.abs(c["invested"] - 0.8) < 1e-9,
              "20% of paid-in are fees": np.abs(c["fees"] - 0.2) < 1e-9,
              "TVPI = DPI + RVPI": np.abs(c["net_tvpi"] - c["net_dpi"] - c["net_rvpi"]) < 3e-8,
              "gross value = partners' value + carry": np.abs(0.8 * c["gross_multiple"] - c["net_tvpi"] - c["carry"])
                                                       < 3e-8 * (1 + c["gross_multiple"]),
              "first outlier quarter is -1 exactly without outliers":
                  (c["first_outlier_quarter"] < 0) == (c["n_outliers"] == 0),
              "an IRR exists exactly where its flag is 0": np.isnan(c["net_irr"]) == (c["net_irr_flag"] != 0)}
    return [f"{text}: {int((~ok).sum())} of {ok.size} portfolios break it" for text, ok in checks.items() if not ok.all()]


def z_of_p(p, exponent):
    """|z| with two-sided probability p; exponent ≈ −log p serves where p underflows."""
    return NormalDist().inv_cdf(1 - p / 2) if p > 1e-14 else math.sqrt(2 * exponent)


def z_means(x, y):
    error = math.sqrt(x.var() / x.size + y.var() / y.size)
    difference = x.mean() - y.mean()
    return 0.0 if difference == 0 else difference / error if error > 0 else math.inf


def z_shares(x, y):
    """Two-sample z of shares of true values, or None where there are too few."""
    hits, n = int(x.sum()) + int(y.sum()), x.size + y.size
    if min(hits, n - hits) < MIN_HITS:
        return None
    pooled = hits / n
    return (x.mean() - y.mean()) / math.sqrt(pooled * (1 - pooled) * (1 / x.size + 1 / y.size))


def z_kolmogorov_smirnov(x, y):
    x, y = np.sort(x), np.sort(y)
    both = np.concatenate([x, y])
    gap = np.searchsorted(x, both, "right") / x.size - np.searchsorted(y, both, "right") / y.size
    size = math.sqrt(x.size * y.size / (x.size + y.size))
    argument = np.abs(gap).max() * (size + 0.12 + 0.11 / size)  # Stephens 1970
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * argument) ** 2) for k in range(1, 101))
    return z_of_p(min(max(p, 0.0), 1.0), 2 * argument ** 2) if argument > 0.3 else 0.0


def z_chi_square(x, y):
    """Equal laws of two integer samples, rare values joined with their neighbours; None with fewer than two classes."""
    values, index = np.unique(np.concatenate([x, y]), return_inverse=True)
    a = np.bincount(index[:x.size], minlength=values.size).astype(float)
    b = np.bincount(index[x.size:], minlength=values.size).astype(float)
    classes, start = [], 0
    share = min(x.size, y.size) / (x.size + y.size)
    for end in range(1, values.size + 1):
        if (a[start:end].sum() + b[start:end].sum()) * share >= MIN_EXPECTED:
            classes.append((a[start:end].sum(), b[start:end].sum()))
            start = end
    if start < values.size and classes:
        classes[-1] = (classes[-1][0] + a[start:].sum(), classes[-1][1] + b[start:].sum())
    if len(classes) < 2:
        return None
    a, b = np.array(classes).T
    ratio = math.sqrt(y.size / x.size)
    statistic = (((ratio * a - b / ratio) ** 2) / (a + b)).sum()
    k = len(classes) - 1
    return ((statistic / k) ** (1 / 3) - 1 + 2 / (9 * k)) / math.sqrt(2 / (9 * k))  # Wilson and Hilferty 1931


def tests_of(x, y):
    """All tests of two sets of normalised columns: yields (name, z or None)."""
    for name, levels in THRESHOLDS.items():
        for level in levels:
            yield f"P({name} >= {level:g})", z_shares(x[name] >= level, y[name] >= level)
    for name in AMOUNTS:
        a, b = x[name][~np.isnan(x[name])], y[name][~np.isnan(y[name])]
        yield f"mean of min({name}, {CAPS[name]})", z_means(np.minimum(a, CAPS[name]), np.minimum(b, CAPS[name]))
        for share in (10, 50, 90):
            level = np.percentile(np.concatenate([a, b]), share)
            yield f"share of {name} up to its pooled {share}% quantile", z_shares(a <= level, b <= level)
        yield f"Kolmogorov-Smirnov of {name}", z_kolmogorov_smirnov(a, b)
    for name in COUNTS:
        yield f"mean of {name}", z_means(x[name], y[name])
        yield f"chi-square of {name}", z_chi_square(x[name], y[name])
    for first, second in PRODUCTS:
        centre = [0.5 * (x[name].mean() + y[name].mean()) for name in (first, second)]
        product = [(c[first] - centre[0]) * (c[second] - centre[1]) for c in (x, y)]
        yield f"covariance of {first}, {second}", z_means(*product)


def compare(x, y, startups):
    """[(name, z)] of all tests that have enough data, over all portfolios and given at least one outlier."""
    results = [(name, float(z)) for name, z in tests_of(x, y) if z is not None]
    x, y = ({name: column[c["n_outliers"] >= 1] for name, column in c.items()} for c in (x, y))
    if min(x["n_outliers"].size, y["n_outliers"].size) >= 100:
        results += [(f"{name}, given an outlier", float(z)) for name, z in tests_of(x, y) if z is not None]
    return [r for r in results if startups >= FEWEST_WITH_RATES or "later_irr" not in r[0]]


def odds(n_tests):
    """Chance that at least one of so many tests crosses the bound though nothing differs (Bonferroni)."""
    return n_tests * 2 * (1 - NormalDist().cdf(BOUND))
