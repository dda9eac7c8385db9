# See contract_extremes.sh.
import json
import os
import subprocess
import tempfile

from result_checks import *

CAUSES = ("fail", "graduate", "acquire", "list", "breakout")


def hazards(**given):
    """Settings of all five hazards; those not given are zero."""
    return [f"startups.hazards_per_year.{cause}={given.get(cause, [0] * 6)}".replace(" ", "") for cause in CAUSES]


def everywhere(rate):
    return [rate] * 6


def check_books(name, path):
    """Identities that hold in every portfolio whatever the scenario."""
    c = columns(path)
    with h5py.File(path) as file:
        leaves = "then: leaves" in str(file.attrs["config"])
    gone = c["n_failed"] + c["n_acquired"] + c["n_listed"] + c["n_live"] + (c["n_outliers"] if leaves else 0)
    expect((gone == c["n_entered"]).all(), f"{name}: startups are lost or doubled")
    scale = np.maximum(1, c["net_tvpi"])
    expect((np.abs(c["net_dpi"] + c["net_rvpi"] - c["net_tvpi"]) <= 1e-9 * scale).all(), f"{name}: DPI + RVPI is not TVPI")
    paid = c["invested"] + c["fees"] - c["recycled"]
    expect((np.abs(paid - c["paid_in"]) <= 1e-9 * np.maximum(1, c["paid_in"])).all(), f"{name}: paid-in is not what was spent")
    back = c["net_tvpi"] * c["paid_in"] + c["carry"]
    proceeds = c["gross_multiple"] * c["invested"]
    expect((np.abs(back - proceeds) <= 1e-9 * np.maximum(1, proceeds)).all(), f"{name}: value is lost between startups and partners")
    for column in ("top_share", "top_tenth_share"):
        expect(((c[column] >= 0) & (c[column] <= 1 + 1e-12)).all(), f"{name}: {column} is no share")
    return c


def check_summary(name, path):
    """The summary and its JSON: valid, and without a NaN in words or numbers."""
    text = subprocess.run([PROGRAM, "summary", path], capture_output=True, text=True)
    data = subprocess.run([PROGRAM, "summary", path, "--json"], capture_output=True, text=True)
    expect(text.returncode == 0 and data.returncode == 0, f"{name}: summary fails")
    expect("nan" not in text.stdout.lower() and "infinity" not in data.stdout.lower(), f"{name}: summary prints nan")

    def refuse(constant):
        raise ValueError(constant)

    try:
        json.loads(data.stdout, parse_constant=refuse)
    except ValueError as error:
        expect(False, f"{name}: --json is not JSON: {error}")


def extreme(name, config, portfolios, *settings):
    path = run(f"{CONFIGS}/{config}.yaml", "extreme.h5", portfolios, "output.columns=all", *settings)
    for problem in lost_values(path):
        expect(False, f"{name}: {problem}")
    check_summary(name, path)
    return check_books(name, path)


def zero_and_everything():
    for config in ("reference", "hangzhou"):
        c = extreme(f"hazards of zero, {config}", config, 200, *hazards())
        expect(np.allclose(c["gross_multiple"], 0.75, rtol=1e-12), "hazards of zero: worth is not horizon_share")
        expect((c["n_live"] == c["n_entered"]).all() and (c["carry"] == 0).all(), "hazards of zero: something happened")
    c = extreme("worthless at the horizon", "reference", 200, *hazards(), "startups.horizon_share=0")
    expect((c["net_tvpi"] == 0).all() and (c["net_irr_flag"] == 1).all(), "nothing back: there is no rate")
    c = extreme("everything fails", "reference", 200, *hazards(fail=everywhere(50)))
    expect((c["n_failed"] == 100).all() and (c["net_tvpi"] == 0).all() and np.isnan(c["net_irr"]).all(), "everything fails: not all lost")
    c = extreme("everything fails but is redeemed", "reference", 200, *hazards(fail=everywhere(50)), "startups.redemption.probability=1")
    expect(np.allclose(c["gross_multiple"], 1, rtol=1e-12), "redeemed at cost, yet the multiple is not 1")
    c = extreme("everything breaks out", "reference", 200, *hazards(breakout=[50] * 5 + [0]))
    expect((c["n_outliers"] == 100).all() and (c["gross_multiple"] >= 30).all(), "everything breaks out: not all did")
    c = extreme("outliers that nobody buys", "reference", 200, *hazards(breakout=[50] * 5 + [0]), "startups.breakout.then=stays")
    expect((c["n_live"] == 100).all() and (c["net_dpi"] == 0).all(), "outliers left without a hazard")
    c = extreme("no deal flow", "hangzhou", 200, "startups.entry.deal_flow_per_year=0")
    expect((c["n_entered"] == 0).all() and (c["invested"] == 0).all() and (c["net_irr_flag"] == 1).all(), "no deal flow: somebody entered")


def sizes():
    c = extreme("one startup", "reference", 300, "startups.count=1")
    expect((c["n_entered"] == 1).all() and set(np.unique(c["top_share"])) <= {0.0, 1.0}, "one startup is not all there is")
    extreme("one startup in a city", "hangzhou", 300, "startups.count=1", "programme.sub_funds=1")
    for config in ("reference", "hangzhou"):
        expect(len(extreme(f"one portfolio, {config}", config, 1)["portfolio"]) == 1, "one portfolio is not one row")
    c = extreme("10,000 startups", "reference", 20, "startups.count=10000")
    expect((c["n_entered"] == 10000).all(), "10,000 startups: some are missing")
    extreme("10,000 startups in a city", "hangzhou", 20, "startups.count=10000", "models.spillover.breakout=0.003",
            "startups.entry.deal_flow_per_year=none")
    extreme("32 sub-funds", "hangzhou", 100, "programme.sub_funds=32", "programme.manager_skill=0.8")
    weights = ",".join("{name: s%d, weight: 0.0625, fail: %g, step_up: %g}" % (i, i / 4, 0.5 + i / 8) for i in range(16))
    extreme("16 sectors", "hangzhou", 100, f"startups.sectors=[{weights}]")


def times():
    for config in ("reference", "hangzhou", "shenzhen"):
        c = extreme(f"a quarter's horizon, {config}", config, 200, "horizon_years=0.25")
        expect((c["paid_in"] > 0).all(), "a quarter's horizon: nothing was called")
    extreme("forty years", "hangzhou", 50, "horizon_years=40")
    c = extreme("lock-up beyond the horizon", "reference", 200, "horizon_years=1", "startups.listing.lock_up_quarters=20",
                *hazards(list=everywhere(50)))
    expect((c["n_listed"] == 100).all() and (c["net_dpi"] == 0).all() and (c["net_rvpi"] > 0).all(), "locked shares were sold")
    c = extreme("a window that is shut", "reference", 200, "market.listing_window={close_per_year: 20, open_per_year: 0.01}")
    expect(c["n_listed"].mean() < 0.2, "listings through a shut window")


def terms_and_tails():
    c = extreme("a tail without a mean", "hangzhou", 300, "startups.breakout={index: 0.2, cap_multiple: none}")
    expect(c["max_multiple"].max() > 1e4, "an uncapped tail ends early")
    for rule in ("pro_rata", "winners"):
        c = extreme(rule, "hangzhou", 200, f"startups.follow_on.rule={rule}", "programme.reserve_share=0.3")
        expect((c["follow_on"] > 0).any() and (c["paid_in"] <= 600 * (1 + 1e-12)).all(), f"{rule}: no follow-ons, or too many")
    for setting in ("programme.terms={waterfall: american, clawback: true}", "programme.government.first_loss=1",
                    "programme.government.concession=cap", "programme.horizon=sell",
                    "programme={fiscal_share: 0, manager_share: 1}", "programme={fiscal_share: 1, manager_share: 0}"):
        extreme(setting, "hangzhou", 100, setting)
    c = extreme("no money for startups", "reference", 100, "programme.invested_share=0")
    expect((c["invested"] == 0).all() and (c["net_tvpi"] == 0).all(), "startups without money are worth something")


def spoiled_twin():
    """A NaN that is planted without a flag, and one behind a flag that says nothing, must be found."""
    path = run(f"{CONFIGS}/reference.yaml", "spoiled.h5", 50)
    for name in ("net_tvpi", "net_irr"):
        with h5py.File(path, "r+") as file:
            before = file[f"portfolios/{name}"][7]
            file[f"portfolios/{name}"][7] = np.nan
        expect(any(name in problem for problem in lost_values(path)), f"spoiled twin: a planted NaN in {name} passes")
        with h5py.File(path, "r+") as file:
            file[f"portfolios/{name}"][7] = before


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for part in (zero_and_everything, sizes, times, terms_and_tails, spoiled_twin):
        part()
finish("scenarios at their limits keep their books and flag what has no value")
