#!/bin/bash
# The fitted baseline keeps its buckets on another seed, a spoiled twin loses them; the cities keep their signature; the
# chance of three times the money by number of startups has its shape. GF_TEST_SEED changes the seed. Bounds of buckets:
# one point and a fifth (standard errors below a sixth of them); of shapes and signatures: four standard errors.
set -u
/usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null || exit 77
export GUIDEFUND
seed=${GF_TEST_SEED:-7}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
fault() {
    echo "FAILED: $*"
    failed=1
}
check=$GF_SOURCE/analysis/calibration/check_baseline.py

/usr/bin/python3 "$check" --portfolios 3000 --seed "$seed" >"$folder/out" 2>&1 || fault "baseline: $(cat "$folder/out")"
grep -q '| seed startups with a fourth round ' "$folder/out" || fault 'figures that the fit has not seen are not printed'
printf 'extends: %s/configs/baseline.yaml\nscenario: twin\nstartups: {hazards_per_year: {graduate: [0.22, 0.24, 0.20, 0.22, 0, 0]}}\n' \
    "$GF_SOURCE" >"$folder/twin.yaml"
if /usr/bin/python3 "$check" --portfolios 3000 --seed "$seed" --config "$folder/twin.yaml" >"$folder/out" 2>&1; then
    fault 'more graduations were not found out'
fi
grep -q 'OUT |' "$folder/out" || fault "the twin failed for another reason: $(cat "$folder/out")"

# The fit can be made again: a short one moves towards the published shares from the priors.
if /usr/bin/python3 -c 'import scipy.optimize' 2>/dev/null; then
    /usr/bin/python3 "$GF_SOURCE/analysis/calibration/fit_baseline.py" --portfolios 1024 --json "$folder/fit.json" \
        >"$folder/out" 2>&1
    /usr/bin/python3 - "$folder/fit.json" "$GF_SOURCE/analysis/calibration/fit.json" <<'CODE' || fault 'a short fit does not lead to the stored one'
import json, sys
short, stored = (json.load(open(path)) for path in sys.argv[1:])
assert short["objective"] < 3, short
for name, value in stored["parameters"].items():
    assert 0.6 < short["parameters"][name] / value < 1.6, (name, short["parameters"][name], value)
CODE
fi

# The config holds what was fitted.
/usr/bin/python3 - "$GF_SOURCE" <<'CODE' || fault 'configs/baseline.yaml does not hold the numbers of fit.json'
import json, re, sys
fit = json.load(open(f"{sys.argv[1]}/analysis/calibration/fit.json"))
text = open(f"{sys.argv[1]}/configs/baseline.yaml").read()
for key, value in fit["settings"].items():
    assert value in text, (key, value)
# later fits, with other luck, surround it
refits = json.load(open(f"{sys.argv[1]}/analysis/calibration/refits.json"))
for name, value in fit["parameters"].items():
    again = [refit["parameters"][name] for refit in refits]
    assert min(again) <= value <= max(again) and max(again) < 1.1 * min(again), (name, value, again)
CODE

for city in hangzhou shenzhen shenzhen_with_incubation; do
    "$GUIDEFUND" run "$GF_SOURCE/configs/$city.yaml" -o "$folder/$city.h5" --portfolios 10000 --seed "$seed" \
        --set output.quarters_of=0 --progress none >/dev/null 2>"$folder/err" || fault "$city: $(cat "$folder/err")"
done
/usr/bin/python3 - "$folder" <<'CODE' || fault 'the cities lost their signature'
import sys, h5py, numpy as np
folder = sys.argv[1]
def columns(city):
    with h5py.File(f"{folder}/{city}.h5") as file:
        return {name: file["portfolios"][name][:] for name in ("n_failed", "n_outliers", "top_share")}
hangzhou, shenzhen, hybrid = (columns(city) for city in ("hangzhou", "shenzhen", "shenzhen_with_incubation"))
def above(a, b, name):
    d = a[name].astype(float) - b[name]
    z = d.mean() / (d.std() / len(d) ** 0.5)
    print(f"{name}: difference {d.mean():.4g}, {z:.1f} standard errors")
    assert z > 4, name
for name in ("n_failed", "n_outliers", "top_share"):
    above(hangzhou, shenzhen, name)
    above(hangzhou, hybrid, name)
    above(hybrid, shenzhen, name)
for city in (hangzhou, shenzhen, hybrid):
    assert np.mean(city["n_outliers"] == 0) > 0.5
CODE

/usr/bin/python3 "$GF_SOURCE/analysis/python/portfolio_size.py" --portfolios 2000 --json "$folder/sizes.json" \
    >"$folder/out" 2>&1 || fault "sizes: $(tail -3 "$folder/out")"
/usr/bin/python3 - "$folder/sizes.json" <<'CODE' || fault 'sizes: the curves lost their shape'
import json, sys
curves = json.load(open(sys.argv[1]))
def at(curve, n):
    return curve["chance"][curve["sizes"].index(n)]
def rises(curve, m, n):
    (p, e), (q, f) = at(curve, m), at(curve, n)
    return q - p > 4 * (e * e + f * f) ** 0.5
uncapped, capped_1000, capped_100, above_average, correlation = curves
assert rises(uncapped, 10, 100) and rises(uncapped, 100, 1000)
assert rises(capped_1000, 10, 100) and not rises(capped_1000, 500, 1000)
assert rises(capped_100, 100, 20) and rises(capped_100, 300, 100)
assert rises(correlation, 1000, 100)
assert rises(above_average, 10, 1000)
CODE
exit $failed
