# See statistics_lifecycle.sh. Seed: GF_TEST_SEED. Counts: |z| < 5 (odds of a false alarm 6e-7 each, about 60 comparisons);
# laws: Kolmogorov's distance below 2.6/sqrt(n) (odds 3e-6 each). Every check has a spoiled twin that must fail.
import math
import os
import tempfile

from result_checks import *

STAGES = 6
CAUSES = ("breakout", "list", "acquire", "fail", "graduate")
COLUMNS = ("n_outliers", "n_listed", "n_acquired", "n_failed", "n_graduated")
QUARTER = 0.25
BOUND_Z, BOUND_KS = 5, 2.6
PLAIN = ["models.spillover=false", "market.exit_loading=0", "startups.entry.tranche_quarters=1"]
RATES = {"breakout": [0.004, 0.006, 0.01, 0.02, 0.03, 0], "list": [0.01, 0.02, 0.05, 0.1, 0.2, 0.25],
         "acquire": [0.03, 0.05, 0.08, 0.1, 0.15, 0.1], "fail": [0.2, 0.16, 0.13, 0.09, 0.065, 0.02],
         "graduate": [0.4, 0.35, 0.3, 0.25, 0, 0]}
n_checks = 0


def settings_of(rates):
    return [f"startups.hazards_per_year.{cause}={rates.get(cause, [0] * STAGES)}".replace(" ", "") for cause in CAUSES]


def expected_counts(rates, n_quarters, factor=lambda cause: 1.0):
    """Expected events of one startup that enters at seed: a chain over quarters, P(any) = 1 - exp(-sum of hazards / 4).
    Outliers stay and keep their own hazards; a new stage begins in the quarter after."""
    alive = np.zeros(STAGES)
    alive[0] = 1
    counts = dict.fromkeys(CAUSES, 0.0)
    for _ in range(n_quarters):
        after = np.zeros(STAGES)
        for stage in range(STAGES):
            hazard = {cause: rates.get(cause, [0] * STAGES)[stage] * factor(cause) for cause in CAUSES}
            total = sum(hazard.values())
            if total == 0:
                after[stage] += alive[stage]
                continue
            p_any = -math.expm1(-QUARTER * total)
            after[stage] += alive[stage] * (1 - p_any)
            for cause in CAUSES:
                moved = alive[stage] * p_any * hazard[cause] / total
                counts[cause] += moved
                if cause == "graduate" and moved > 0:
                    after[stage + 1] += moved
                elif cause == "breakout":
                    after[STAGES - 1] += moved
        alive = after
    return counts


def largest_z(c, expected, n_startups):
    """Largest |z| over causes, with the errors between portfolios."""
    worst = 0
    for cause, column in zip(CAUSES, COLUMNS):
        mean, error = mean_and_error(c[column] / n_startups)
        if error == 0:
            worst = max(worst, 0 if abs(mean - expected[cause]) < 1e-12 else math.inf)
        else:
            worst = max(worst, abs(mean - expected[cause]) / error)
    return worst


def check_counts(name, expected_of, portfolios, *settings):
    """expected_of(shift) gives expected counts with all hazards times 1 + shift."""
    global n_checks
    path = run(f"{CONFIGS}/reference.yaml", "counts.h5", portfolios, *PLAIN, *settings)
    c = columns(path, *COLUMNS)
    z = largest_z(c, expected_of(0), 100)
    expect(z < BOUND_Z, f"{name}: counts are {z:.1f} errors off")
    spoiled = largest_z(c, expected_of(0.08), 100)
    expect(spoiled > BOUND_Z, f"spoiled twin, {name}: hazards 8% higher pass ({spoiled:.1f})")
    n_checks += 1


def scaled(rates, factor):
    return {cause: [factor * rate for rate in row] for cause, row in rates.items()}


def counts():
    stays = "startups.breakout.then=stays"
    for horizon in (0.25, 2, 10):
        check_counts(f"chain over {horizon} years", lambda shift: expected_counts(scaled(RATES, 1 + shift), int(4 * horizon)),
                     20000 if horizon < 1 else 10000, *settings_of(RATES), stays, f"horizon_years={horizon}")
    fast = {"fail": [8] * STAGES, "acquire": [4] * STAGES}
    check_counts("several a quarter", lambda shift: expected_counts(scaled(fast, 1 + shift), 1), 20000, *settings_of(fast),
                 "horizon_years=0.25")

    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    loading = {"fail": -0.5, "graduate": 0.3, "breakout": 0.8, "list": 0.2, "acquire": 0}

    def with_quality(shift):
        total = dict.fromkeys(CAUSES, 0.0)
        for z, weight in zip(nodes, weights):
            part = expected_counts(scaled(RATES, 1 + shift), 40, lambda cause: math.exp(loading[cause] * z))
            total = {cause: total[cause] + weight * part[cause] for cause in CAUSES}
        return total

    quality = [f"startups.quality.{cause}={g}" for cause, g in loading.items()]
    check_counts("quality", with_quality, 10000, *settings_of(RATES), stays, *quality)
    check_counts("quality shared in a portfolio", with_quality, 10000, *settings_of(RATES), stays, *quality,
                 "startups.quality.correlation=0.1")

    def with_sectors(shift):
        a = expected_counts(scaled(RATES, 1 + shift), 40, lambda cause: {"fail": 2, "breakout": 0.5}.get(cause, 1))
        b = expected_counts(scaled(RATES, 1 + shift), 40, lambda cause: {"list": 3, "graduate": 0.5}.get(cause, 1))
        return {cause: 0.25 * a[cause] + 0.75 * b[cause] for cause in CAUSES}

    check_counts("sectors", with_sectors, 10000, *settings_of(RATES), stays,
                 "startups.sectors=[{name: a, weight: 0.25, fail: 2, breakout: 0.5}, {name: b, weight: 0.75, list: 3, graduate: 0.5}]")


def window():
    """One quarter under the exit window exp(b m - b^2/2), m standard normal; the law of a portfolio's count, by its
    share of portfolios without a sale."""
    b, rate, n = 1.0, 0.5, 100
    path = run(f"{CONFIGS}/reference.yaml", "window.h5", 40000, "models.spillover=false", "horizon_years=0.25",
               f"market.exit_loading={b}", *settings_of({"acquire": [rate] * STAGES}), "startups.entry.tranche_quarters=1")
    sold = columns(path, "n_acquired")["n_acquired"]
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()

    def z_values(loading):
        p = -np.expm1(-QUARTER * rate * np.exp(loading * nodes - loading**2 / 2))
        none = (weights * (1 - p) ** n).sum()
        mean, error = mean_and_error(sold / n)
        share = (sold == 0).mean()
        return abs(mean - (weights * p).sum()) / error, abs(share - none) / math.sqrt(none * (1 - none) / len(sold))

    expect(max(z_values(b)) < BOUND_Z, f"exit window: {z_values(b)} errors off")
    expect(max(z_values(1.05 * b)) > BOUND_Z, "spoiled twin: a window 5% wider passes")


def distance(values, cdf):
    """Kolmogorov's distance times sqrt(n)."""
    x = np.sort(values)
    n = len(x)
    f = cdf(x)
    return math.sqrt(n) * max((np.arange(1, n + 1) / n - f).max(), (f - np.arange(n) / n).max())


def normal_cdf(x):
    return 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def check_law(name, rates, fate, transform, cdf, spoiled_cdf, *settings):
    global n_checks
    path = run(f"{CONFIGS}/reference.yaml", "law.h5", 400, *PLAIN, "horizon_years=0.25", "output.startups_of=400",
               *settings_of(rates), *settings)
    with h5py.File(path) as file:
        rows = file["startups"]
        taken = rows["fate"][()] == fate
        multiple = (rows["value"][()] / rows["cost"][()])[taken]
    if not expect(len(multiple) > 20000, f"{name}: only {len(multiple)} cases"):
        return
    found = distance(transform(multiple), cdf)
    expect(found < BOUND_KS, f"{name}: distance {found:.2f}/sqrt(n)")
    expect(distance(transform(multiple), spoiled_cdf) > BOUND_KS, f"spoiled twin, {name}: another law passes")
    n_checks += 1


def laws():
    sure = [50] * 5

    def pareto(index, low=30, cap=5000):
        return lambda x: (1 - (low / x) ** index) / (1 - (low / cap) ** index)

    def log_normal(median, sigma):
        return lambda x: normal_cdf((np.log(x) - math.log(median)) / sigma)

    same = lambda x: x
    check_law("breakout", {"breakout": sure + [0]}, 0, same, pareto(1.3), pareto(1.37))
    check_law("breakout without a cap", {"breakout": sure + [0]}, 0, same, pareto(0.9, 20, math.inf),
              pareto(0.95, 20, math.inf), "startups.breakout={index: 0.9, min_multiple: 20, cap_multiple: none, then: leaves}")
    check_law("sale", {"acquire": sure + [0]}, 2, same, log_normal(0.9, 0.8), log_normal(0.95, 0.8))
    check_law("listing", {"list": sure + [0]}, 1, same, log_normal(1.6, 0.5), log_normal(1.65, 0.5))
    check_law("recovery", {"fail": sure + [0]}, 3, same, lambda x: 1 - (1 - x) ** 4, lambda x: 1 - (1 - x) ** 4.2,
              "startups.recovery={a: 1, b: 4}")
    # a round, then held: step-up × (1 − dilution) × what the horizon leaves
    factor = 0.8 * 0.75
    check_law("round", {"graduate": [50, 0, 0, 0, 0, 0]}, 4, lambda x: x / factor, log_normal(2, 0.5), log_normal(2.05, 0.5))
    # preference: at least cost, as far as the price goes: a price below cost on 10% of the company all goes to its holder
    check_law("preference", {"acquire": sure + [0]}, 2, lambda x: x[x > 1], lambda x: (log_normal(0.9, 0.8)(x) - below) / (1 - below),
              lambda x: (log_normal(0.95, 0.8)(x) - below) / (1 - below), "startups.sale.preference=1")


below = float(normal_cdf(np.array(-math.log(0.9) / 0.8)))
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    counts()
    window()
    laws()
finish(f"{n_checks + 1} closed forms of the staged lifecycle hold")
