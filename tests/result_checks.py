# What scripts of the tests share: run the program, read columns, compare files, find values that must not be there.
# Needs h5py and numpy; leaves with 77 (skipped) without them.
import functools
import hashlib
import os
import subprocess
import sys

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"left out: {error}")
    sys.exit(77)

PROGRAM = os.environ["GUIDEFUND"]
SOURCE = os.environ.get("GF_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
CONFIGS = os.path.join(SOURCE, "configs")
SEED = os.environ.get("GF_TEST_SEED", "20260701")
SANITIZED = os.environ.get("GF_SANITIZE", "") != ""  # slow, and not about numbers: those are held by the other builds, in full
failures = []

# A scenario with every part of the engine in it; it extends another, whose folder comes in for %s.
EVERYTHING = """
extends: %s/hangzhou.yaml
scenario: everything
horizon_years: 10.25
market: {listing_window: {close_per_year: 0.5, open_per_year: 1}}
startups:
  redemption: {probability: 0.3, recovery: 1.1}
  follow_on: {rule: winners, min_step_up: 1.2}
  sectors:
    - {name: chips, weight: 0.5, fail: 1.2, breakout: 1.5}
    - {name: drugs, weight: 0.3, step_up: 1.1}
    - {name: code, weight: 0.2, list: 0.5}
programme:
  reserve_share: 0.2
  sub_funds: 7
  terms: {fee_step_down_year: 5, fee_step_down_factor: 0.8, fee_basis: invested}
  reinvestment: {ratio: 0.5, local_deal_flow_per_year: 30}
  recycling: {share: 0.1, years: 4}
models:
  giants: {}
  headwind: {arrivals_per_year: 0.2, windows: [{start_quarter: 4, quarters: 8, depth: 0.4, sectors: chips}]}
output: {startups_of: 20, quarters_of: 300, returns: all}
"""
# The same with nobody who acts on rounds, so that they and the exit are one normal, and carry by deal.
UNSEEN = ["startups.follow_on.rule=none", "programme.reserve_share=0", "programme.recycling.share=0", "programme.terms.waterfall=american"]


def expect(is_right, text):
    """Notes a failure and goes on, so that one run shows all of them."""
    if not is_right:
        failures.append(text)
        print(f"FAILED: {text}", file=sys.stderr)
    return is_right


def finish(text):
    if not failures:
        print(text)
    sys.exit(1 if failures else 0)


def run(config, output, portfolios, *settings, seed=SEED, threads=None, simd=None, program=PROGRAM):
    """Runs a config with KEY=VALUE settings into a file; returns its name. A run that fails ends the test."""
    command = [program, "run", config, "-o", output, "--portfolios", str(portfolios), "--seed", str(seed),
               "--progress", "none"]
    for setting in settings:
        command += ["--set", setting]
    if threads is not None:
        command += ["--threads", str(threads)]
    environment = dict(os.environ)
    if simd is not None:
        environment["GUIDEFUND_SIMD"] = simd
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        print(f"FAILED: {' '.join(command)}: exit {done.returncode}\n{done.stderr}", file=sys.stderr)
        sys.exit(1)
    return output


def columns(path, *names):
    """Columns as arrays by name; all of them when none is named."""
    with h5py.File(path) as file:
        group = file["portfolios"]
        return {name: group[name][()] for name in (names or group)}


def is_compared(name):
    return name.split("/")[0] != "provenance"


def digests(path):
    """Digest of every dataset and of every attribute outside /provenance; a file that is there still is read once."""
    about = os.stat(path)
    return digests_of(path, about.st_ino, about.st_size, about.st_mtime_ns)


@functools.lru_cache(maxsize=4)
def digests_of(path, *version):
    found = {}

    def visit(name, thing):
        if not is_compared(name):
            return
        for key, value in thing.attrs.items():
            if not isinstance(value, (h5py.Reference, np.ndarray)):
                found[f"{name}@{key}"] = str(value)
        if isinstance(thing, h5py.Dataset):
            data = thing[()]
            found[name] = hashlib.sha256(repr(data.tolist()).encode() if data.dtype.kind == "O"
                                         else data.tobytes()).hexdigest()

    with h5py.File(path) as file:
        file.visititems(visit)
        found.update({f"@{key}": str(value) for key, value in file.attrs.items()})
    return found


def differences(a, b):
    """Names of what differs between two files."""
    left, right = digests(a), digests(b)
    return sorted(key for key in left.keys() | right.keys() if left.get(key) != right.get(key))


def lost_values(path):
    """What breaks the rule that no NaN reaches a column without its flag, and no infinity reaches one at all."""
    lost = []

    def visit(name, thing):
        group = name.split("/")[0]
        if not isinstance(thing, h5py.Dataset) or thing.dtype.kind != "f" or group not in ("portfolios", "quarters",
                                                                                          "startups"):
            return
        data = thing[()]
        if group == "quarters" and name.endswith("_se") and file[group].attrs["portfolios"] == 1:
            return  # one portfolio has no error
        tail, money = file.attrs["tail_index"], thing.attrs["units"].startswith("CNY")
        if group == "quarters" and money and np.isinf(file.attrs["tail_cap"]):
            if name.endswith("_se") and tail <= 2 or name.endswith("_mean") and tail <= 1:
                return  # nor has a tail without variance, or without a mean (contract_results.sh)
        if np.isinf(data).any():
            lost.append(f"{name} is infinite")
        flag = thing.attrs.get("flag")
        flagged = file[f"{group}/{flag}"][()] != 0 if flag is not None else np.zeros(data.shape, bool)
        if (np.isnan(data) != flagged).any():
            lost.append(f"{name} and its flag disagree" if flag is not None else f"{name} is NaN without a flag")

    with h5py.File(path) as file:
        if "portfolios" in file:
            file.visititems(visit)
    return lost


def mean_and_error(values):
    values = np.asarray(values, float)
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))
