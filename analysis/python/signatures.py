#!/usr/bin/python3
"""The signatures of the systems, each a statement about paired result files with its number and its z-value.

usage: signatures.py [--portfolios N] [--seed S] [--bound Z] [--spoil]

A statement holds when its number is more than --bound of its own standard errors above 0; a statement without error is
a fact of every portfolio. Ends with 1 when one does not hold. With --spoil the two sides of every comparison change
places: then none may hold. GUIDEFUND names the program.
"""

import argparse
import sys
import tempfile

import numpy as np

from policy_runs import BASELINE, CONTROLS, NO_AMBIENT, QUIET, Runs, digits, mean_and_error

OUTLIER, HANGZHOU, SHENZHEN, XUHUI = ("outlier",), ("hangzhou",), ("shenzhen",), ("xuhui",)
BOTH, CONTROLLED, DECOUPLED = ("shenzhen_with_incubation",), ("export_controls",), ("hybrids/shenzhen_decoupled",)
EARLY = ("horizon_years=4", "programme.terms.fee_years=4", QUIET)
TECHNOLOGY, APPLICATION, INSTITUTION = (tuple([f"cluster_{name}", *EARLY])
                                        for name in ("technology", "application", "institution"))
SHORT = ("horizon_years=5", "programme.terms.fee_years=5")
SHOCKED = ("cluster_technology", *SHORT, "models.cluster.inputs=[{name: a shock, subsystem: governance, start_quarter: 8, quarters: 8, "
           "level: 1}]")
CALM = ("cluster_technology", *SHORT, "models.cluster.inputs=[]")
GENEROUS = ("hybrids/hangzhou_generous",)
NO_CAPACITY = ("cluster_application", "models.cluster.inputs=[]")


class Signatures:
    """Collects (system, statement, value, error) of statements; a value above 0 says that one holds."""

    def __init__(self, runs, is_spoiled=False):
        self.runs, self.rows, self.sign = runs, [], -1 if is_spoiled else 1

    def add(self, system, statement, value, error):
        self.rows.append((system, statement, self.sign * value, error))

    def above(self, system, statement, high, low, name, change=lambda x: x):
        """Mean of a column in `high` minus that in `low`, portfolio by portfolio."""
        difference = change(self.runs.column(high, name)) - change(self.runs.column(low, name))
        self.add(system, statement, *mean_and_error(difference))

    def chance(self, system, statement, happens, least=0):
        """A chance that must be above `least`."""
        value, error = mean_and_error(happens)
        self.add(system, statement, value - least, error)


def capped(values):
    return np.minimum(values, 10)


def outlier(s):
    c = lambda name: s.runs.column(OUTLIER, name)
    held, tvpi = c("n_outliers") > 0, capped(c("net_tvpi"))
    (mean, error), (mean_without, error_without) = mean_and_error(tvpi[held]), mean_and_error(tvpi[~held])
    s.add("outlier", "net TVPI (capped at 10) with a breakout over that without", mean - mean_without,
          np.hypot(error, error_without))
    s.chance("outlier", "share of portfolios without one, beyond a half", ~held, 0.5)
    s.chance("outlier", "outliers around a portfolio that holds none", ~held & (c("n_ambient_outliers") > 0))
    s.above("outlier", "breakouts that the wave adds", OUTLIER, BASELINE, "n_outliers")
    s.above("outlier", "of which by outliers around the portfolio", OUTLIER, ("outlier", NO_AMBIENT), "n_outliers")
    s.above("outlier", "net TVPI (capped) that the wave adds", OUTLIER, BASELINE, "net_tvpi", capped)
    s.chance("outlier", "loses money and pays the public", (c("net_tvpi") < 1) & (c("fiscal_npv") > 0))


def cities(s):
    for name, what in (("n_failed", "failures"), ("n_outliers", "breakouts"), ("top_share", "share of the top holding"),
                       ("top_tenth_share", "share of the best tenth of startups")):
        s.above("Hangzhou", f"{what} over Shenzhen's", HANGZHOU, SHENZHEN, name)
    quiet = [tuple([*city, QUIET]) for city in (HANGZHOU, SHENZHEN)]
    gap, calm = ([capped(s.runs.column(city, "net_tvpi")) for city in pair] for pair in ((HANGZHOU, SHENZHEN), quiet))
    s.add("Hangzhou", "gap in net TVPI (capped) over that without the wave", *mean_and_error(gap[0] - gap[1] - calm[0] + calm[1]))
    s.chance("Hangzhou", "makes money and costs the public",
             (s.runs.column(HANGZHOU, "net_tvpi") >= 1) & (s.runs.column(HANGZHOU, "fiscal_npv") < 0))
    s.above("Shenzhen", "failures fewer than without a policy", OUTLIER, SHENZHEN, "n_failed")
    s.above("Shenzhen", "entrants fewer", OUTLIER, SHENZHEN, "n_entered")
    s.above("Shenzhen", "sales more", SHENZHEN, OUTLIER, "n_acquired")
    s.above("Shenzhen", "sales to giants", SHENZHEN, OUTLIER, "n_captive")
    s.above("Shenzhen", "share of the best tenth of startups, less: a thinner tail", OUTLIER, SHENZHEN, "top_tenth_share")
    s.above("Shenzhen", "largest multiple (capped at 100), less", OUTLIER, SHENZHEN, "max_multiple", lambda x: np.minimum(x, 100))
    for name, what in (("n_failed", "failures"), ("n_outliers", "breakouts")):
        s.above("hybrid", f"{what} with incubation over Shenzhen's", BOTH, SHENZHEN, name)
        s.above("hybrid", f"{what} in Hangzhou over those", HANGZHOU, BOTH, name)


def histories(s):
    land = s.runs.quarters(("history/shenzhen_1980_2020",), "giants_land_share")
    s.add("Shenzhen", "land of giants grows from phase to phase, least step (1985, 1995, 2005, 2015)",
          float(np.diff(land[[20, 60, 100, 140]]).min()), None)
    wuxi = lambda *key: s.runs.column(("history/wuxi_2007_2023", *key), "economy_firms")
    c = lambda name: s.runs.column(("wuxi",), name)
    s.add("Wuxi", "semiconductor firms by 2023 beyond 600 (history)", *median_beyond(wuxi(), 600))
    s.add("Wuxi", "of which through borrowed infrastructure",
          *mean_and_error(wuxi() - wuxi("models.debt_infrastructure.borrowing=[]")))
    s.add("Wuxi", "peak of the debt ratio over where it ends",
          *mean_and_error(c("debt_infrastructure_peak_ratio") - c("debt_infrastructure_final_ratio")))
    s.above("Wuxi", "entrants of emergent sectors through the plan", ("wuxi",), ("wuxi", "models.sector_policy.steered_share=0"),
            "sector_policy_emergent")
    x = lambda name, *key: s.runs.column(("history/xuhui_2018_2023", *key), name)
    s.chance("Xuhui", "AI output above +30% in every year, beyond a half (history)", x("district_least_growth") > 0.3, 0.5)
    s.add("Xuhui", "firms in the centre beyond 80 (history)", *mean_and_error(x("district_hosted") - 80))
    s.add("Xuhui", "anchors drawn by anchors (history)",
          *mean_and_error(x("district_anchors") - x("district_anchors", "models.district.attraction_per_year=0")))
    anchors = s.runs.quarters(XUHUI, "district_anchors")
    s.add("Xuhui", "anchors of years 2 and 3 over those of years 11 and 12: it saturates",
          float((anchors[12] - anchors[4]) - (anchors[47] - anchors[39])), None)


def clusters(s):
    for name, what, high, others in (
            ("n_outliers", "breakouts first: by year 4 over the next driver's", TECHNOLOGY, (APPLICATION, INSTITUTION)),
            ("n_graduated", "graduations first", APPLICATION, (TECHNOLOGY, INSTITUTION)),
            ("n_acquired", "sales first", APPLICATION, (TECHNOLOGY, INSTITUTION)),
            ("n_entered", "entry first", INSTITUTION, (TECHNOLOGY, APPLICATION)),
            ("n_live", "survival first", INSTITUTION, (TECHNOLOGY, APPLICATION))):
        values = [mean_and_error(s.runs.column(high, name) - s.runs.column(other, name)) for other in others]
        s.add(f"driver: {high[0].split('_')[1]}", what, *min(values, key=lambda pair: pair[0] / pair[1]))
    for leader, first, rest in ((TECHNOLOGY, ("breakout",), ("graduate", "acquire", "fail")),
                                (APPLICATION, ("graduate", "acquire"), ("breakout", "fail")),
                                (INSTITUTION, ("fail",), ("breakout", "graduate", "acquire"))):
        passed = {cause: first_quarter(s.runs.quarters((leader[0], QUIET), f"climate_{cause}")) for cause in first + rest}
        s.add(f"driver: {leader[0].split('_')[1]}", f"quarters by which {' and '.join(first)} pass 10% before other hazards do",
              float(min(passed[cause] for cause in rest) - max(passed[cause] for cause in first)), None)
    s.above("cluster", "talent and capital in year 5 after a shock to governance in years 3 and 4", SHOCKED, CALM, "cluster_talent_capital")
    s.above("cluster", "innovation after that shock", SHOCKED, CALM, "cluster_innovation")
    s.above("cluster", "failures that the shock saves", CALM, SHOCKED, "n_failed")
    s.above("infrastructure", "its level through inputs of computing capacity and digital economy", ("cluster_application",),
            NO_CAPACITY, "cluster_infrastructure")
    s.above("infrastructure", "graduations through them", ("cluster_application",), NO_CAPACITY, "n_graduated")


def winds_and_money(s):
    s.above("headwind", "net TVPI (capped) lost under export controls", OUTLIER, CONTROLLED, "net_tvpi", capped)
    s.above("headwind", "breakouts lost", OUTLIER, CONTROLLED, "n_outliers")
    c = lambda name: s.runs.column(DECOUPLED, name)
    s.chance("fund", "decoupled Shenzhen loses money, beyond a half of portfolios", c("net_tvpi") < 1, 0.5)
    s.chance("fund", "and pays the public, beyond a half", c("fiscal_npv") > 0, 0.5)
    s.chance("fund", "both at once", (c("net_tvpi") < 1) & (c("fiscal_npv") > 0))
    c = lambda name: s.runs.column(GENEROUS, name)
    s.chance("fund", "generous Hangzhou makes money and costs the public, beyond a half of portfolios",
             (c("net_tvpi") >= 1) & (c("fiscal_npv") < 0), 0.5)
    c = lambda name: s.runs.column(DECOUPLED, name)
    s.add("fund", "private TVPI over government's that shields it",
          *mean_and_error(capped(c("private_tvpi")) - capped(c("government_tvpi"))))
    s.above("fund", "graduations through procurement in Hangzhou", ("hybrids/hangzhou_with_procurement",), HANGZHOU, "n_graduated")
    s.above("fund", "and what the public pays for it, CNY million", ("hybrids/hangzhou_with_procurement",), HANGZHOU,
            "public_subsidies")


def median_beyond(values, least):
    """Median minus `least`, with the error of a binomial interval of one standard error either way."""
    ordered, n = np.sort(values), values.size
    half = int(np.ceil(np.sqrt(n) / 2))
    return float(np.median(values) - least), max(float(ordered[n // 2 + half] - ordered[n // 2 - half]) / 2, 1e-9)


def first_quarter(factor):
    """First quarter in which a mean hazard factor is more than 10% off; past the horizon if there is none."""
    off = np.nonzero(np.abs(np.log(factor)) > np.log(1.1))[0]
    return int(off[0]) if off.size else factor.size


def exact_faults(runs):
    """What must hold to rounding: the public account closes, and the headwind of the tables is that of the config."""
    faults = []
    for key in (OUTLIER, HANGZHOU, ("wuxi",), XUHUI, DECOUPLED):
        c = lambda name: runs.column(key, name)
        gap = np.abs(c("public_balance") - c("public_receipts") + c("public_outlays"))
        if not (gap <= 1e-9 * np.maximum(1, c("public_outlays") + c("public_receipts"))).all():
            faults.append(f"{key[0]}: the public account does not close")
    for config, plain in ((CONTROLLED, OUTLIER), (("hybrids/hangzhou_with_export_controls",), HANGZHOU)):
        if (runs.column(config, "net_tvpi") != runs.column((*plain, CONTROLS), "net_tvpi")).any():
            faults.append(f"{config[0]}: its headwind is not that of policy_runs.py")
    return faults


def find(runs, is_spoiled=False):
    """All statements as (system, statement, value, error)."""
    found = Signatures(runs, is_spoiled)
    for part in (outlier, cities, histories, clusters, winds_and_money):
        part(found)
    return found.rows


def holds(value, error, bound):
    return value > 0 if error is None else value > bound * error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portfolios", type=int, default=4000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--bound", type=float, default=4)
    parser.add_argument("--spoil", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(folder, arguments.portfolios, arguments.seed)
        rows, faults = find(runs, arguments.spoil), exact_faults(runs)
    for system, statement, value, error in rows:
        verdict = "" if holds(value, error, arguments.bound) else "  DOES NOT HOLD"
        z = "" if error is None else f"  z {value / error:+.1f}" if error > 0 else "  in every portfolio"
        print(f"{system}: {statement}: {digits(value, error)}{z}{verdict}")
    for fault in faults:
        print(f"FAULT: {fault}")
    n_off = sum(not holds(value, error, arguments.bound) for _, _, value, error in rows)
    print(f"{len(rows)} statements, {n_off} do not hold, {len(faults)} faults")
    sys.exit(1 if n_off or faults else 0)


if __name__ == "__main__":
    main()
