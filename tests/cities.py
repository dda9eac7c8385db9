# See statistics_cities.sh. Seed: GF_TEST_SEED. Every bound is in standard errors of the paired difference; the true
# differences are 20 of them and more, so that a right engine falls below 6 in fewer than one run in a billion.
import os
import tempfile

from result_checks import *

PORTFOLIOS = 12000
BOUND = 6
NAMES = ("net_tvpi", "n_failed", "n_outliers", "n_entered", "top_share", "top_tenth_share", "max_multiple", "gross_multiple")


def load(config, *settings, seed=SEED):
    path = run(f"{CONFIGS}/{config}.yaml", "city.h5", PORTFOLIOS, *settings, seed=seed)
    c = columns(path, *NAMES)
    c["capped_tvpi"] = np.minimum(c["net_tvpi"], 10)
    c["has_outlier"] = (c["n_outliers"] > 0).astype(float)
    return c


def z_of(difference):
    mean, error = mean_and_error(difference)
    return mean / error if error > 0 else 0


def is_above(a, b, name):
    """Is a's mean above b's by many paired errors?"""
    return z_of(a[name].astype(float) - b[name]) > BOUND


def top_tenth(c):
    """Share of the best tenth of portfolios in the sum, and each portfolio's influence on it (Lorenz curve at 90%)."""
    x = c["gross_multiple"]
    q = np.quantile(x, 0.9)
    total, top = x.mean(), np.where(x >= q, x - q, 0) + 0.1 * q
    share = top.mean() / total
    return share, (top - share * x) / total


def variance_ratio(a, b, name):
    return (np.var(a[name], ddof=1) + np.var(b[name], ddof=1)) / np.var(a[name].astype(float) - b[name], ddof=1)


def signature(h, s):
    """What is wrong with h as Hangzhou and s as Shenzhen."""
    wrong = [name for name in ("n_failed", "n_outliers", "has_outlier", "top_share", "top_tenth_share", "capped_tvpi")
             if not is_above(h, s, name)]
    (share_h, u), (share_s, v) = top_tenth(h), top_tenth(s)
    if not share_h - share_s > mean_and_error(u - v)[1]:  # five of them in truth: one run in 30,000 fails
        wrong.append("share of the best tenth of portfolios")
    rate_h, rate_s = (c["n_failed"] / c["n_entered"] for c in (h, s))
    if not z_of(rate_h - rate_s) > BOUND:
        wrong.append("failures of those who entered")
    return wrong


def check_cities():
    h, s, both = load("hangzhou"), load("shenzhen"), load("shenzhen_with_incubation")
    expect(not signature(h, s), f"Hangzhou is not above Shenzhen in {signature(h, s)}")
    expect(len(signature(s, h)) >= 6, "spoiled twin: the cities may be swapped")
    expect(len(signature(h, h)) >= 6, "spoiled twin: a city is above itself")
    for name in ("n_failed", "n_outliers", "has_outlier", "capped_tvpi", "top_tenth_share"):
        expect(is_above(h, both, name) and is_above(both, s, name), f"{name} of the hybrid is not between the cities")
    expect(not (is_above(s, both, "n_failed") or is_above(s, h, "n_failed")), "spoiled twin: failures are above both ways")

    quiet_h, quiet_s = load("hangzhou", "models.spillover=false"), load("shenzhen", "models.spillover=false")
    for name in ("capped_tvpi", "n_outliers"):
        gap, quiet_gap = h[name] - s[name].astype(float), quiet_h[name] - quiet_s[name].astype(float)
        expect(z_of(gap - quiet_gap) > BOUND, f"without spillover the gap in {name} does not shrink")
        expect(not z_of(quiet_gap - gap) > BOUND, "spoiled twin: gaps shrink both ways")
        expect(z_of(quiet_gap) > BOUND, f"without spillover the gap in {name} is gone")


def check_pairing():
    """Two policies that differ by -20% on failures and +15% on graduations."""
    def scaled(cause, hazards, factor):
        return f"startups.hazards_per_year.{cause}=[{','.join('%.9g' % (factor * rate) for rate in hazards)}]"

    rates = {"fail": [0.20, 0.16, 0.13, 0.09, 0.065, 0], "graduate": [0.32, 0.30, 0.25, 0.23, 0, 0]}
    changed = [scaled("fail", rates["fail"], 0.8), scaled("graduate", rates["graduate"], 1.15)]
    a, b = load("reference"), load("reference", *changed)
    unpaired = load("reference", *changed, seed=int(SEED) + 1)
    for name in ("capped_tvpi", "n_outliers"):
        ratio = variance_ratio(a, b, name)
        expect(ratio >= 8, f"pairing makes {name} only {ratio:.3g} times cheaper, expected 8")
        expect(variance_ratio(a, unpaired, name) < 1.2, "spoiled twin: unpaired runs look paired")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    check_cities()
    check_pairing()
finish(f"the cities show their signatures over {PORTFOLIOS} portfolios each")
