# See contract_same_bytes.sh.
import os
import subprocess
import tempfile

from result_checks import *


def instruction_sets():
    import json
    return json.loads(subprocess.run([PROGRAM, "version", "--json"], capture_output=True, text=True,
                                     check=True).stdout)["instruction_sets"]


def check_bytes(config, portfolios, *settings):
    """One thread against 2, 3, 7; the first instruction set against the others. With sanitizers each set once, by 1, 2 and 3 threads."""
    sets = instruction_sets()
    ways = [(1, sets[0])] + [(threads, sets[i % len(sets)]) for i, threads in enumerate((2, 3, 7), 1)]
    ways += [(1, name) for name in sets[1:]]
    if SANITIZED:
        ways = ways[:len(sets)]
    first = None
    for i, (threads, simd) in enumerate(ways):
        path = run(config, f"{i}.h5", portfolios, *settings, threads=threads, simd=simd)
        if first is None:
            first = path
            continue
        changed = differences(first, path)
        expect(not changed, f"{os.path.basename(config)}, {threads} threads, {simd}: {len(changed)} differ: {changed[:5]}")
        os.remove(path)
    return first


def check_address(path, config, portfolios, *settings):
    """A portfolio, startup, quarter or seed that dropped out of the address would repeat what must be new."""
    with h5py.File(path) as file:
        tvpi = file["portfolios/net_tvpi"][()]
        funded = file["startups/fate"][()] != 5  # the rest has no quality
        quality = file["startups/quality"][()][funded]
        market = file["quarters/market_factor_mean"][()]
    expect(len(np.unique(tvpi)) > 0.99 * len(tvpi), "portfolios repeat: their index is not part of the address")
    expect(len(np.unique(quality)) == len(quality), "startups repeat: their index, or that of their portfolio, is not part of the address")
    expect(len(np.unique(market)) == len(market), "quarters repeat: they are not part of the address")
    other = run(config, "other_seed.h5", portfolios, *settings, seed=int(SEED) + 1)
    a, b = columns(path, "net_tvpi", "max_multiple", "top_share"), columns(other, "net_tvpi", "max_multiple", "top_share")
    for name in a:
        expect((a[name] != b[name]).mean() > 0.99, f"{name} does not depend on the seed")
    # spoiled twin: the comparison of files must see another seed
    expect(len(differences(path, other)) > 50, "spoiled twin: two seeds pass for the same bytes")
    more = run(config, "more.h5", portfolios + 777, *settings)
    expect((columns(more, "net_tvpi")["net_tvpi"][:portfolios] == tvpi).all(),
           "more portfolios change those that were there before")


def check_selection(config, portfolios, *settings):
    """What a file with few columns holds are the bytes of the file with all of them; so are its bands and rows."""
    settings = (*settings, "output.startups_of=20", "output.quarters_of=300")
    every = run(config, "every.h5", portfolios, "output.columns=all", *settings)
    few = run(config, "few.h5", portfolios, "output.columns=[net_irr, private_tvpi, n_outliers, fiscal_npv, max_multiple]", *settings)
    told = {name.split("@")[0] for name in differences(every, few)}
    kept = columns(few).keys()
    expect({"net_irr", "net_irr_flag", "n_outliers"} <= kept and "net_tvpi" not in kept, f"few columns: {sorted(kept)}")
    wrong = [name for name in told if name.split("/")[0] in ("quarters", "startups") or name in {f"portfolios/{c}" for c in kept}]
    expect(not wrong, f"{os.path.basename(config)}: other bytes among few columns: {wrong[:5]}")
    # spoiled twin: the columns that are left out must be told
    expect({"portfolios/net_tvpi", "portfolios/ks_pme"} <= told, "spoiled twin: columns that are missing are not told")
    numbers = [summary_of(path) for path in (every, few)]
    expect(numbers[1].items() <= numbers[0].items() and "net_irr.median" in numbers[1], "the summary of few columns has other numbers")


def check_watching(config, portfolios, *settings):
    """Portfolios of which quarters or startups are kept have the bytes of those that nobody watches, although less is put off for them."""
    paths = [run(config, f"watched_{i}.h5", portfolios, "output.columns=all", f"output.quarters_of={series}", f"output.startups_of={rows}",
                 *settings) for i, (series, rows) in enumerate(((0, 0), (portfolios // 2, 0), (0, portfolios // 3)))]
    for path in paths[1:]:
        wrong = [name for name in differences(paths[0], path) if name.startswith("portfolios/")]
        expect(not wrong, f"{os.path.basename(config)} {settings}: watching changes {wrong[:5]}")
    # spoiled twin: other luck must be told among the same names
    other = run(config, "watched_other.h5", portfolios, "output.columns=all", "output.quarters_of=0", *settings, seed=int(SEED) + 1)
    told = {name.split("@")[0] for name in differences(paths[0], other)}
    expect({"portfolios/net_tvpi", "portfolios/gross_multiple"} <= told, "spoiled twin: other luck passes for watching")


def summary_of(path):
    """Bytes of values and errors by name."""
    with h5py.File(path) as file:
        group = file["summary"]
        return {name: (value.tobytes(), error.tobytes()) for name, value, error in
                zip(group["name"].asstr()[()], group["value"][()], group["standard_error"][()])}


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("everything.yaml", "w") as file:
        file.write(EVERYTHING % CONFIGS)
    whole = check_bytes("everything.yaml", 3001)
    check_address(whole, "everything.yaml", 3001)
    check_bytes("everything.yaml", 501, "draws=gsl")
    check_bytes("everything.yaml", 501, *UNSEEN)
    for name in ("hangzhou", "reference"):
        check_bytes(f"{CONFIGS}/{name}.yaml", 2500)
    check_bytes(f"{CONFIGS}/reference.yaml", 2500, "output.columns=all")
    for name in ("hangzhou", "reference", "xuhui"):
        check_selection(f"{CONFIGS}/{name}.yaml", 2500)
    for n in (7, 100, 300):
        check_watching(f"{CONFIGS}/reference.yaml", 700, f"startups.count={n}")
    check_watching(f"{CONFIGS}/reference.yaml", 700, "startups.breakout.then=stays", "startups.recovery={a: 1, b: 3}")
    check_watching("everything.yaml", 300)
    # every way in which the kernel looks up hazards: by clocks or by quality of one to five causes, for one sector, for
    # few, and for more than a vector holds
    loadings = [f"startups.quality.{cause}=0.3" for cause in ("fail", "graduate", "breakout", "list", "acquire")]
    none = [f"startups.quality.{cause}=0" for cause in ("fail", "graduate", "breakout")]
    for config in ("everything.yaml", f"{CONFIGS}/baseline.yaml", f"{CONFIGS}/wuxi.yaml"):
        for n in range(len(loadings) + 1):
            check_bytes(config, 161, *none, *loadings[:n])
    check_bytes(f"{CONFIGS}/reference.yaml", 700, "startups.count=7")  # fewer events than lanes
    # unwatched, graduates are counted by byte: more in all than bytes hold, and more in a quarter
    check_bytes(f"{CONFIGS}/reference.yaml", 60, "startups.count=10000", "output.quarters_of=0")
    check_bytes(f"{CONFIGS}/reference.yaml", 3, "startups.count=100000", "output.quarters_of=0",
                "startups.hazards_per_year.graduate=[3,3,3,3,0,0]")
    check_bytes(f"{CONFIGS}/reference.yaml", 700, "sampling.breakout_tilt=3")  # weights are made of hazards, too
finish("the same bytes for 1, 2, 3, 7 threads and " + ", ".join(instruction_sets()))
