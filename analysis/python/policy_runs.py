"""The systems that docs/policies.md puts side by side, and a runner that gives each of them the same luck.

Runs guidefund (GUIDEFUND names the program, default build/release/guidefund); reads result files only.
"""

import json
import math
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np

SOURCE = Path(__file__).resolve().parents[2]
QUIET = "models.spillover=false"
NO_AMBIENT = "models.spillover.ambient_per_year=0"
# that of configs/export_controls.yaml, to be put on any scenario; signatures.py checks that it is the same
CONTROLS = ("models.headwind={windows: [{start_quarter: 4, quarters: 16, depth: 0.5, sectors: all}], recovery_quarters: 4, "
            "arrivals_per_year: 0, breakout: 0.5, list: 0.8, graduate: 0.4, entry: 0.4, talent_scarcity: 0.05}")
BASELINE = ("outlier", QUIET)
SYSTEMS = [  # name, config and settings
    ("baseline, no policy, no wave", BASELINE),
    ("the outlier and its wave", ("outlier",)),
    ("Hangzhou, incubation", ("hangzhou",)),
    ("Shenzhen, giants", ("shenzhen",)),
    ("Wuxi, debt and sectors", ("wuxi",)),
    ("Xuhui, one district", ("xuhui",)),
    ("Silicon Valley", ("silicon_valley",)),
    ("Montreal", ("montreal",)),
    ("cluster, technology-driven", ("cluster_technology",)),
    ("cluster, application-driven", ("cluster_application",)),
    ("cluster, institution-driven", ("cluster_institution",)),
    ("headwind: export controls", ("export_controls",)),
    ("hybrid: Shenzhen with incubation", ("shenzhen_with_incubation",)),
    ("hybrid: Hangzhou with giants", ("hybrids/hangzhou_with_giants",)),
    ("hybrid: Hangzhou, generous", ("hybrids/hangzhou_generous",)),
    ("hybrid: Hangzhou with procurement", ("hybrids/hangzhou_with_procurement",)),
    ("hybrid: Hangzhou with export controls", ("hybrids/hangzhou_with_export_controls",)),
    ("hybrid: Wuxi with concentration", ("hybrids/wuxi_with_concentration",)),
    ("hybrid: Xuhui with incubation", ("hybrids/xuhui_with_incubation",)),
    ("hybrid: Shenzhen, decoupled", ("hybrids/shenzhen_decoupled",)),
]


class Runs:
    """Result files by (config, setting, …), each made once, all on the luck of one seed."""

    def __init__(self, folder, portfolios, seed=None):
        self.folder, self.portfolios, self.seed = Path(folder), portfolios, seed
        self.program = os.environ.get("GUIDEFUND", str(SOURCE / "build" / "release" / "guidefund"))
        self.paths, self.columns, self.summaries = {}, {}, {}

    def call(self, *command):
        done = subprocess.run([self.program, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
        return done.stdout

    def path(self, config, *settings):
        key = (config, *settings)
        if key not in self.paths:
            self.paths[key] = str(self.folder / f"{len(self.paths)}.h5")
            command = ["run", str(SOURCE / "configs" / f"{config}.yaml"), "-o", self.paths[key], "--portfolios",
                       str(self.portfolios), "--progress", "none"]
            if self.seed is not None:
                command += ["--seed", str(self.seed)]
            for setting in settings:
                command += ["--set", setting]
            self.call(*command)
        return self.paths[key]

    def column(self, key, name):
        """One column of all portfolios, as float64."""
        if (key, name) not in self.columns:
            with h5py.File(self.path(*key)) as file:
                self.columns[key, name] = file["portfolios"][name][()].astype(float)
        return self.columns[key, name]

    def quarters(self, key, name):
        """Mean over portfolios by quarter."""
        with h5py.File(self.path(*key)) as file:
            return file["quarters"][f"{name}_mean"][()]

    def models(self, key):
        with h5py.File(self.path(*key)) as file:
            models = file.attrs["models"]
        return (models.decode() if isinstance(models, bytes) else str(models)).split()

    def summary(self, key):
        """Rows of `guidefund summary --json` by name."""
        if key not in self.summaries:
            rows = json.loads(self.call("summary", self.path(*key), "--json"))["summary"]
            self.summaries[key] = {row["name"]: row for row in rows}
        return self.summaries[key]

    def compare(self, first, second):
        """Rows of `guidefund compare FIRST SECOND --json` by name; they must be paired."""
        told = json.loads(self.call("compare", self.path(*first), self.path(*second), "--json"))["comparisons"][0]
        if not told["is_paired"]:
            raise RuntimeError(f"{first} and {second} are not paired")
        return {row["name"] + (".capped" if row["statistic"] == "capped_mean" else ""): row for row in told["differences"]}


def mean_and_error(values):
    values = np.asarray(values, float)
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(values.size)


def digits(value, error):
    """`value` rounded to what `error` leaves of it: two digits of the error."""
    if error is None or not error > 0 or not math.isfinite(error):
        return f"{value:.4g}"
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:,.{places}f} ± {error:,.{places}f}"


def signed(value, error):
    text = digits(value, error)
    return text if text.startswith("-") else "+" + text
