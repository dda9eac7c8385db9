"""benchmarks/history.csv: one line a recorded run, so that a slow loss of speed is seen."""
import csv
import datetime
import statistics
import subprocess
from pathlib import Path

HISTORY = Path(__file__).resolve().parent / "history.csv"
FIELDS = ["date", "revision", "cpu", "load", "portfolios", "startups", "rounds", "quantity", "median", "least", "most"]


def revision():
    return subprocess.run(["git", "-C", str(HISTORY.parent), "describe", "--always", "--dirty"], capture_output=True,
                          text=True).stdout.strip() or "unknown"


def record(options, facts, rows):
    """rows: {quantity: values of the rounds}."""
    is_new = not HISTORY.exists()
    with HISTORY.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(FIELDS)
        for quantity, values in rows.items():
            writer.writerow([datetime.date.today().isoformat(), revision(), facts["cpu"], f"{facts['load_before']:.1f}",
                             options.portfolios, options.startups, options.rounds, quantity,
                             *(f"{v:.4g}" for v in (statistics.median(values), min(values), max(values)))])
    print(f"recorded in {HISTORY}")
