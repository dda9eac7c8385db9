"""How the cost of a startup depends on the number of portfolios, on their size, on threads, instruction sets and
scenarios; and what output costs. Every table is measured in interleaved rounds; CPU time, because other users of the
machine lengthen the time on the wall.
"""
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import h5py

import agreement

ROOT = Path(__file__).resolve().parent.parent
BAND_PORTFOLIOS = 1024  # where quarters are wanted: the same for all scenarios
SCENARIOS = ["reference", "hangzhou", "shenzhen_with_incubation", "wuxi", "xuhui", "cluster_technology"]


def run(program, config="reference", portfolios=10000, startups=None, threads=1, isa="", keep="none", settings=(),
        series=False, seed=1):
    """What the program says of a run (--json), with live startup-quarters of a portfolio if `series`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.h5"
        arguments = [program, "run", ROOT / f"configs/{config}.yaml", "--portfolios", portfolios, "--threads", threads,
                     "--seed", seed, "--progress", "none", "--json", "-o", path, "--set", f"output.portfolios={keep}"]
        if config == "reference" and not series:  # the workload's columns, as in every peer; scenarios have all
            arguments += ["--set", f"output.columns=[{','.join(agreement.COLUMNS)}]"]
        arguments += ["--set", f"output.quarters_of={BAND_PORTFOLIOS if series else 0}"]
        for setting in ([f"startups.count={startups}"] if startups else []) + list(settings):
            arguments += ["--set", setting]
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True,
                              env={**os.environ, "GUIDEFUND_SIMD": isa})
        if done.returncode != 0:
            raise RuntimeError(f"'{' '.join(map(str, arguments))}' ended with {done.returncode}:\n{done.stderr}")
        said = json.loads(done.stdout)
        if series:
            with h5py.File(path) as file:
                said["live_quarters"] = float(file["quarters/live_mean"][:].sum())
        return said


def interleaved(cases, rounds):
    """{name: [what the program said in every round]} of {name: arguments of run()}; the order rotates."""
    names, said = list(cases), {name: [] for name in cases}
    for r in range(rounds):
        for k in range(len(names)):
            name = names[(k + r) % len(names)]
            said[name].append(run(seed=1 + r, **cases[name]))
    return said


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(title, cases, rounds, cost, unit, base=None):
    """Prints and returns cost(said) by case, with ratios to `base` formed within rounds."""
    said = interleaved(cases, rounds)
    print(f"\n{title}; median [least, most] of {rounds} rounds\n{'':28} {unit:>30}   ratio to {base}")
    rows = {}
    for name in cases:
        costs = [cost(s) for s in said[name]]
        ratios = [c / cost(b) for c, b in zip(costs, said[base])]
        rows[name] = {"cost": spread(costs), "ratio": spread(ratios)}
        c, r = rows[name]["cost"], rows[name]["ratio"]
        cell = f"{c['median']:.2f} [{c['min']:.2f}, {c['max']:.2f}]"
        print(f"{name:28} {cell:>30}   {r['median']:.3f} [{r['min']:.3f}, {r['max']:.3f}]")
    return rows


def of_startup(said):
    """CPU nanoseconds of a startup, without the making of the file."""
    return 1e9 * said["cpu_seconds"] / (said["portfolios"] * said["startups"])


def of_live_quarter(said):
    return 1e9 * said["cpu_seconds"] / (said["portfolios"] * said["live_quarters"])


def share_of_output(said):
    output = said["cpu_seconds_writing"] + said["cpu_seconds_summing"]
    return 100 * output / (said["cpu_seconds"] + output)


def share_of_writing(said):
    return 100 * said["cpu_seconds_writing"] / (said["cpu_seconds"] + said["cpu_seconds_writing"] + said["cpu_seconds_summing"])


def measure(program, rounds, most_portfolios):
    """All tables, about two million startups a case and round, more for many portfolios."""
    sizes = [f for f in (1000, 10000, 100000, 1000000, 10000000) if f <= most_portfolios]
    per = "CPU ns per startup"
    kept = {f"F = {f:,}": dict(program=program, portfolios=f, keep="all") for f in sizes if f <= 1000000}
    largest = list(kept)[-1]
    return {
        "portfolios": table("Portfolios of 100 startups, columns off", {
            f"F = {f:,}": dict(program=program, portfolios=f) for f in sizes}, rounds if most_portfolios < 1e7 else 1,
            of_startup, per, f"F = {sizes[1] if len(sizes) > 1 else sizes[0]:,}"),
        "startups": table("Startups of a portfolio, columns off", {
            f"N = {n:,}": dict(program=program, portfolios=2000000 // n, startups=n) for n in (10, 100, 1000, 10000)},
            rounds, of_startup, per, "N = 100"),
        "threads": table("Threads: time on the wall (means little on a busy machine)", {
            f"{t} threads": dict(program=program, portfolios=50000, threads=t) for t in (1, 2)}, rounds,
            lambda said: 1e9 * said["seconds"] / (said["portfolios"] * said["startups"]), "ns per startup", "1 threads"),
        "threads_cpu": table("Threads: CPU time of all", {
            f"{t} threads": dict(program=program, portfolios=50000, threads=t) for t in (1, 2)}, rounds, of_startup, per,
            "1 threads"),
        "draws": table("Draws and instruction sets", {
            "widest set, fast": dict(program=program, portfolios=20000, isa=""),
            "avx2, fast": dict(program=program, portfolios=20000, isa="avx2"),
            "sse2, fast": dict(program=program, portfolios=20000, isa="sse2"),
            "widest set, gsl": dict(program=program, portfolios=20000, settings=["draws=gsl"])}, rounds, of_startup, per,
            "widest set, fast"),
        "scenarios": table("Scenarios, by live startup-quarter", {
            name: dict(program=program, config=name, portfolios=20000, series=True) for name in SCENARIOS}, rounds,
            of_live_quarter, "CPU ns per live quarter", "reference"),
        "writing": table("Writing (file, columns, checksum) in a run, reference, all portfolios kept", kept, rounds,
                         share_of_writing, "% of CPU time", largest),
        "output": table("Writing and summary in a run, reference, all portfolios kept", kept, rounds, share_of_output,
                        "% of CPU time", largest),
    }
