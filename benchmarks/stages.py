"""Where the instructions of a run go, by stage, as callgrind counts them: the same at every repetition. The stage of an
instruction is that of the source file that holds its line, inlined code included, so the program is built with -g.
Counts are those of one more portfolio: a shorter run is subtracted, and with it start-up and the making of the file.
"""
import os
from collections import defaultdict

import callgrind

# first match wins: stage, beginnings of file names, beginnings of function names
STAGES = [
    ("kernel: expose, detect, split", ("pack_hot", "vectors_hot"), ("expose", "detect", "split_")),
    ("kernel: luck", ("luck", "ars", "aes"), ("startups", "places", "narrow", "single", "wide", "lanes")),
    ("kernel: variates", ("math_hot", "draws", "poisson", "counts_hot", "beta_table", "e_exp", "e_log", "s_log1p", "w_exp", "s_sin"),
     ("gsl_", "normal")),
    ("kernel: value, apply", ("apply_hot", "kernel", "cohort.", "tops_hot", "flows_hot", "simd"), ("step", "tops", "value_", "join_", "apply_", "classify")),
    ("entry, pace", ("cohort_enter", "pace"), ("gf_cohort_enter", "admit")),
    ("market, models", ("market", "climate", "linear_process", "tilt", "scenario", "spillover", "incubation", "giants",
                        "headwind", "debt_", "sector_", "district", "cluster", "economy"), ()),
    ("waterfall, returns, accounts", ("waterfall", "returns", "irr", "programme", "sharing", "american", "account",
                                      "takahashi"), ()),
    ("loop, columns", ("portfolio", "report", "layout", "columns", "run.c", "ring.c", "room", "stream", "needs"), ()),
    ("memory set or copied", ("memset", "memmove", "memcpy"), ()),
    ("summary", ("order", "atoms", "statistics", "summary", "tail", "careful_sum", "sketch", "memcmp"), ()),
    ("file", ("results", "record", "part", "draft", "whole", "sweep_file", "provenance"), ("H5", "0x")),
    ("other", ("",), ("",)),
]


def stage_of(where, function):
    file = os.path.basename(where)
    return next(stage for stage, files, functions in STAGES if file.startswith(files) or function.startswith(functions))


def split(program, path, portfolios, isa):
    costs = callgrind.collect(program, ["run", path, "--portfolios", portfolios, "--threads", 1, "--progress", "none",
                                        "--set", "output.quarters_of=0"], isa)
    stages = defaultdict(int)
    for (where, function), cost in costs.items():
        stages[stage_of(where, function)] += cost
    return stages


def measure(program, configs, portfolios=10240, base=8192, isa="avx2"):
    """Prints the shares by config; {config: {stage: instructions of a portfolio}}."""
    result = {}
    for config, path in configs.items():
        more, less = split(program, path, portfolios, isa), split(program, path, base, isa)
        own = {stage: (more[stage] - less[stage]) / (portfolios - base) for stage, _, _ in STAGES}
        total = sum(own.values())
        print(f"\nInstructions of one more portfolio of `{config}`, {isa}: {total:,.0f}")
        for stage, cost in own.items():
            print(f"{stage:32} {100 * cost / total:6.1f}%  {cost:12,.0f}")
        result[config] = own
    return result
