#!/usr/bin/env bash
# The readers in Python and R give the same numbers as each other and as /summary of the file, and draw both curves.
set -euo pipefail
source "$GF_SOURCE/script/common.sh"
python=$(gf_find_python xarray) || exit 77
here=$GF_SOURCE/tests
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

for city in hangzhou shenzhen; do
    "$GUIDEFUND" run "$GF_SOURCE/configs/$city.yaml" --portfolios 20000 -o "$city.h5" --progress none >/dev/null
done
# Files that keep some columns only are read for those.
"$GUIDEFUND" run "$GF_SOURCE/configs/hangzhou.yaml" --portfolios 2000 -o few.h5 --progress none \
    --set 'output.columns=[net_tvpi, net_irr, n_failed, jobs]' >/dev/null
"$GUIDEFUND" run "$GF_SOURCE/configs/hangzhou.yaml" --portfolios 2000 -o other.h5 --progress none \
    --set 'output.columns=[jobs]' >/dev/null
# Likelihood-ratio weights and a flagged column are read alike too.
"$python" "$here/analysis_check.py" weighted hangzhou.h5 weighted.h5

py() { "$python" "$GF_SOURCE/analysis/python/summary.py" "$@"; }
py hangzhou.h5 shenzhen.h5 --json --plot python.png >python.json
py weighted.h5 --json >python_weighted.json
"$python" "$here/analysis_check.py" summary python.json
"$python" "$here/analysis_check.py" picture python.png
py few.h5 --json >python_few.json
"$python" "$here/analysis_check.py" summary python_few.json
py other.h5 | grep '2,000 portfolios' >/dev/null
py hangzhou.h5 | grep 'net_tvpi.median' >/dev/null
status=0
py other.h5 --plot other.png 2>message || status=$?
[ "$status" = 65 ] && grep -q 'other.h5: no column net_tvpi' message
for bad in "$here/analysis_check.py" missing.h5; do
    status=0
    py "$bad" 2>message || status=$?
    [ "$status" = 65 ] && grep -q "$bad" message
done

# Two files of one scenario are two curves; what has no curve says why; a picture that cannot be written is an error.
"$GUIDEFUND" run "$GF_SOURCE/configs/hangzhou.yaml" --portfolios 2000 -o cautious.h5 --progress none --set models.incubation.loss_tolerance=0.2 >/dev/null
"$GUIDEFUND" run "$GF_SOURCE/configs/hangzhou.yaml" --portfolios 2000 -o none.h5 --progress none --set output.portfolios=none >/dev/null
"$GUIDEFUND" run "$GF_SOURCE/configs/hangzhou.yaml" --portfolios 2000 -o shard.h5 --progress none --shard 1/2 >/dev/null
py hangzhou.h5 cautious.h5 --quiet --plot two.png
"$python" "$here/analysis_check.py" labels "$GF_SOURCE" hangzhou.h5 cautious.h5 shenzhen.h5
fails_like() { # STATUS WORDS COMMAND...
    local wanted=$1 words=$2 status=0
    shift 2
    "$@" >said 2>message || status=$?
    [ "$status" = "$wanted" ] && grep -q "$words" message && ! grep -q Traceback message ||
        { echo "$*: status $status, expected $wanted and '$words': $(cat message)"; exit 1; }
}
fails_like 65 'none.h5: keeps no portfolios' py none.h5
fails_like 65 'shard.h5: not a guidefund result file (attribute filetype), but a shard' py shard.h5
fails_like 73 'cannot draw nowhere/x.png' py hangzhou.h5 --quiet --plot nowhere/x.png

command -v Rscript >/dev/null && Rscript -e 'library(rhdf5); library(ggplot2)' >/dev/null 2>&1 || exit 77
r() { Rscript "$GF_SOURCE/analysis/R/summary.R" "$@"; }
r hangzhou.h5 shenzhen.h5 --json --plot R.png >R.json
r weighted.h5 --json >R_weighted.json
r few.h5 --json >R_few.json
"$python" "$here/analysis_check.py" equal python.json R.json
"$python" "$here/analysis_check.py" equal python_weighted.json R_weighted.json
"$python" "$here/analysis_check.py" picture R.png
"$python" "$here/analysis_check.py" equal python_few.json R_few.json
r other.h5 | grep '2,000 portfolios' >/dev/null
r hangzhou.h5 | grep 'net_tvpi.median' >/dev/null
r hangzhou.h5 cautious.h5 --quiet --plot two_R.png
"$python" "$here/analysis_check.py" picture two_R.png
for i in 1 2 3 4 5 6 7; do cp few.h5 "few$i.h5"; done
r few?.h5 --quiet --plot seven.png
fails_like 65 'none.h5: keeps no portfolios' r none.h5
fails_like 65 'shard.h5: not a guidefund result file (attribute filetype), but a shard' r shard.h5
fails_like 73 'cannot draw nowhere/x.png' r hangzhou.h5 --quiet --plot nowhere/x.png
status=0
r other.h5 --plot other.png 2>message || status=$?
[ "$status" = 65 ] && grep -q 'other.h5: no column net_tvpi' message
status=0
r "$here/analysis_check.py" 2>message || status=$?
[ "$status" = 65 ]
# Sweeps: both say the same of a grid and of indices, and draw them.
cat >grid.yaml <<YAML
sweep: grid
base: $GF_SOURCE/configs/hangzhou.yaml
portfolios: 300
keys: [{key: startups.count, values: [20, 40]}, {key: models.incubation.loss_tolerance, values: [0, 1]}]
numbers: [{of: P(n_outliers >= 1), name: outlier}, {of: mean(first_outlier_quarter)}, {of: median(net_tvpi)}]
YAML
sed 's/values: \[20, 40\]/from: 20, to: 40/; s/values: \[0, 1\]/from: 0, to: 1/; s/^portfolios/method: sobol\npoints: 16\nportfolios/' grid.yaml >sobol.yaml
for design in grid sobol; do
    "$GUIDEFUND" sweep $design.yaml -o $design.h5 --progress none >/dev/null
    "$python" "$GF_SOURCE/analysis/python/sweep.py" $design.h5 >$design.python
    Rscript "$GF_SOURCE/analysis/R/sweep.R" $design.h5 --plot $design.png >$design.R
    diff $design.python $design.R
    "$python" "$here/sweep_check.py" picture $design.png
done
status=0
Rscript "$GF_SOURCE/analysis/R/sweep.R" hangzhou.h5 2>message || status=$?
[ "$status" = 65 ] && grep -q 'not a file of guidefund sweep' message
status=0
Rscript "$GF_SOURCE/analysis/R/sweep.R" grid.h5 --plot no/such/folder.png >/dev/null 2>message || status=$?
[ "$status" = 73 ]
