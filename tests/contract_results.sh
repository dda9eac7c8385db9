#!/usr/bin/env bash
# summary and compare as users hold on to them: exit codes, one JSON object, sketches near columns, pairing that pays,
# damaged files named, equal datasets for any number of threads.
set -u
python=/usr/bin/python3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

fault() {
    echo "FAULT: $*"
    failures=$((failures + 1))
}

# expect CODE WORDS command…: exit code, words on stderr, nothing on stdout
expect() {
    code=$1 words=$2
    shift 2
    "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    [ "$got" = "$code" ] || fault "$*: exit code $got, expected $code"
    grep -q -- "$words" "$folder/err" || fault "$*: stderr does not say '$words': $(cat "$folder/err")"
    [ -s "$folder/out" ] && fault "$*: wrote on stdout"
}

run() { # NAME options…
    name=$1
    shift
    "$GUIDEFUND" run "$GF_SOURCE/configs/reference.yaml" -o "$folder/$name.h5" --portfolios 8000 --progress none "$@" \
        >/dev/null 2>"$folder/err" || fault "run $name: $(cat "$folder/err")"
}

run a --threads 1
run threads --threads 3
run b --set "startups.hazards_per_year.fail=[0.16, 0.128, 0.104, 0.072, 0.052, 0]" \
    --set "startups.hazards_per_year.graduate=[0.368, 0.345, 0.2875, 0.2645, 0, 0]"
run seed --seed 7
run none --set output.portfolios=none

expect 64 'expected FILE.h5' "$GUIDEFUND" summary
expect 64 'at least two' "$GUIDEFUND" compare "$folder/a.h5"
expect 66 'No such file' "$GUIDEFUND" summary "$folder/absent.h5"
expect 66 'folder' "$GUIDEFUND" summary "$folder"
expect 65 'not an HDF5 file' "$GUIDEFUND" summary "$GF_SOURCE/configs/reference.yaml"
expect 65 'portfolios: all' "$GUIDEFUND" compare "$folder/a.h5" "$folder/none.h5"
expect 65 'portfolios: all' "$GUIDEFUND" compare --json "$folder/a.h5" "$folder/b.h5" "$folder/none.h5"
head -c 30000 "$folder/a.h5" >"$folder/short.h5"
expect 65 'truncated' "$GUIDEFUND" compare "$folder/a.h5" "$folder/short.h5"
expect 73 'regular file' "$GUIDEFUND" run "$GF_SOURCE/configs/reference.yaml" -o /dev/full --portfolios 10 --progress none

for file in a none; do
    "$GUIDEFUND" summary "$folder/$file.h5" --json >"$folder/$file.json" || fault "summary $file"
    "$GUIDEFUND" summary "$folder/$file.h5" >"$folder/$file.txt" || fault "summary $file"
done
grep -q 'warning: the heaviest multiples have index 1.3' "$folder/a.txt" || fault 'no warning of the heavy tail'
# an error that is rounding stays in the file and is not printed
"$GUIDEFUND" run "$GF_SOURCE/configs/shenzhen.yaml" -o "$folder/sums.h5" --portfolios 2000 --progress none >/dev/null 2>&1 || fault 'run sums'
"$GUIDEFUND" summary "$folder/sums.h5" --json | grep -qE '"standard_error": [0-9.]+e-1[0-9]' || fault 'no error is rounding: another config is needed'
"$GUIDEFUND" summary "$folder/sums.h5" | grep -E '± [0-9.]+e-1[0-9]' && fault 'rounding is printed as an error'
# bands lie in the order of their levels, and an empty list is none
run order --set 'output.quantiles=[0.9, 0.1, 0.5]'
run bare --set 'output.quantiles=[]'
# moments that do not exist are not in the bands either: of index 1.4 no error, of 0.9 no mean, with a cap both
for index in 1.4 0.9; do
    for cap in none 1000; do
        printf '%s\n' 'scenario: heavy' 'portfolios: 400' 'output: {quarters_of: 400}' 'startups:' '  lifecycle: outcome' '  count: 20' '  outcome:' \
            '    holding_years: {point: 5}' "    mixture: [{weight: 1, pareto: {index: $index, min: 0.4, cap: $cap}}]" >"$folder/heavy.yaml"
        "$GUIDEFUND" run "$folder/heavy.yaml" -o "$folder/heavy-$index-$cap.h5" --progress none >/dev/null 2>&1 || fault "run of a heavy tail"
    done
done
# money that follows counts of firms keeps them
"$GUIDEFUND" run "$GF_SOURCE/configs/wuxi.yaml" --portfolios 400 -o "$folder/uncapped.h5" --progress none --set startups.breakout.cap_multiple=none \
    --set startups.breakout.index=0.9 >/dev/null 2>&1 || fault 'run of an uncapped city'
"$GUIDEFUND" compare "$folder/a.h5" "$folder/b.h5" "$folder/seed.h5" --json >"$folder/compare.json" || fault 'compare'
"$GUIDEFUND" compare "$folder/a.h5" "$folder/seed.h5" | grep -q 'not paired: the seeds differ' || fault 'unequal seeds not told'

if "$python" -c 'import h5py, numpy' 2>/dev/null; then
    "$python" - "$folder" <<'CHECKS' || fault 'values'
import json, sys
import h5py, numpy as np
folder = sys.argv[1]
load = lambda name: json.load(open(f"{folder}/{name}.json"))
with h5py.File(f"{folder}/uncapped.h5") as file:
    for part in ("mean", "se"):
        for series in ("economy_output", "economy_gdp", "debt_infrastructure_stock"):
            assert np.isfinite(file[f"quarters/{series}_{part}"][...]).all(), (series, part)
        assert np.isnan(file[f"quarters/distributions_{part}"][...]).all(), part
    rows = dict(zip(file["summary/name"].asstr()[...], file["summary/value"][...]))
    assert np.isfinite(rows["economy_output.mean"]) and not np.isfinite(rows.get("net_tvpi.mean", np.nan)), rows
with h5py.File(f"{folder}/order.h5") as file, h5py.File(f"{folder}/a.h5") as whole:
    assert list(file["quarters/quantile"]) == [0.1, 0.5, 0.9], list(file["quarters/quantile"])
    assert (file["quarters/nav"][:, 1] == whole["quarters/nav"][:, list(whole["quarters/quantile"]).index(0.5)]).all()
with h5py.File(f"{folder}/bare.h5") as file:
    assert "nav_mean" in file["quarters"] and "nav" not in file["quarters"] and "quantile" not in file["quarters"]
for index, cap, has_mean, has_error in ((1.4, "none", True, False), (0.9, "none", False, False), (1.4, 1000, True, True), (0.9, 1000, True, True)):
    with h5py.File(f"{folder}/heavy-{index}-{cap}.h5") as file:
        bands = file["quarters"]
        assert np.isfinite(bands["distributions_mean"][...]).all() == has_mean, (index, cap)
        assert np.isfinite(bands["distributions_se"][...]).all() == has_error, (index, cap)
        assert np.isfinite(bands["calls_se"][...]).all() and np.isfinite(bands["distributions"][...]).all(), (index, cap)
exact, sketched = ({row["name"]: row for row in load(name)["summary"]} for name in ("a", "none"))
assert exact.keys() == sketched.keys()
for name, row in exact.items():
    if row["statistic"] in ("median", "quantile"):
        assert abs(row["value"] - sketched[name]["value"]) <= abs(row["value"]) / 128, name
    if row["statistic"] == "probability":
        assert row["value"] == sketched[name]["value"], name
paired, unpaired = load("compare")["comparisons"]
assert paired["is_paired"] and not unpaired["is_paired"] and paired["pairs"] == 8000
rows = {row["name"]: row for row in paired["differences"]}
for name in ("net_tvpi.capped_mean", "n_outliers.mean"):
    assert rows[name]["variance_ratio"] >= 8, (name, rows[name])
    assert abs(rows[name]["z"]) > 5
assert rows["net_tvpi.capped_mean"]["argument"] == 10
assert rows["n_failed.mean"]["difference"] < 0 < rows["n_graduated.mean"]["difference"]
independent = {row["name"]: row for row in unpaired["differences"]}
assert all(row["variance_ratio"] is None for row in independent.values())
assert abs(independent["net_tvpi.capped_mean"]["z"]) < 5
def datasets(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()].tobytes()})
                        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fi" else None)
    return found
one, three, other = (datasets(f"{folder}/{name}.h5") for name in ("a", "threads", "b"))
assert one == three and one.keys() == other.keys() and one != other
CHECKS
else
    echo 'python3-h5py is missing: values not compared'
fi
[ "$failures" = 0 ]
