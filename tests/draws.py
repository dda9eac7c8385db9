# See contract_draws.sh.
import os
import tempfile

from result_checks import *

TIES_PER_STARTUP = 1e-5
# decided by whether a sum of money is exactly 0, not by luck
MONEY_DECIDED = ("payback_quarter", "irr_flag", "alpha_flag", "pme_flag")


def compare(fast, gsl):
    """Startups, portfolios whose counts differ, and the largest relative difference of amounts where they agree."""
    a, b = columns(fast), columns(gsl)
    is_same = np.ones(len(a["portfolio"]), bool)
    for name in a:
        if a[name].dtype.kind == "i" and not name.endswith(MONEY_DECIDED):
            is_same &= a[name] == b[name]
    worst, worst_name = 0, ""
    for name in a:
        if a[name].dtype.kind != "f":
            continue
        x, y = a[name][is_same], b[name][is_same]
        is_number = ~np.isnan(x) & ~np.isnan(y)
        apart = np.abs(x - y)[is_number] / np.maximum(1, np.abs(x[is_number]))
        if apart.size and apart.max() > worst:
            worst, worst_name = apart.max(), name
    return int(a["n_entered"].sum()), int((~is_same).sum()), worst, worst_name


def is_right(comparison):
    n_startups, n_different, worst, _ = comparison
    return n_different < max(TIES_PER_STARTUP * n_startups, 1) and worst <= 1e-12


n_all = 0
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name, portfolios, settings in (
            ("reference", 4000, []), ("hangzhou", 4000, []), ("shenzhen_with_incubation", 2000, []),
            ("hangzhou", 2000, ["startups.breakout.index=0.9", "startups.breakout.cap_multiple=none",
                                "startups.hazards_per_year.breakout=[0.01,0.01,0.01,0.01,0.01,0]",
                                "models.spillover.breakout=0", "startups.recovery={a: 0.1, b: 0.1}"])):
        config = f"{CONFIGS}/{name}.yaml"
        fast = run(config, "fast.h5", portfolios, *settings)
        gsl = run(config, "gsl.h5", portfolios, *settings, "draws=gsl")
        found = compare(fast, gsl)
        n_all += found[0]
        expect(is_right(found), f"{name} {settings}: of {found[0]} startups {found[1]} portfolios differ in counts; "
                                f"amounts by {found[2]:.3g} ({found[3]})")
        expect("fast" in str(differences(fast, gsl)) or len(differences(fast, gsl)) > 0,
               f"{name}: the mode of drawing is not recorded")
    # spoiled twins: other luck, and a hazard that is off by one in 100,000
    other = run(config, "other.h5", portfolios, *settings, "draws=gsl", seed=int(SEED) + 1)
    expect(not is_right(compare(fast, other)), "spoiled twin: another seed passes")
    off = run(config, "off.h5", portfolios, *settings, "draws=gsl", "startups.sale.median=1.21000001")
    expect(not is_right(compare(fast, off)), "spoiled twin: amounts off by 1e-8 pass")
finish(f"draws: fast and gsl agree over {n_all} startups")
