#!/usr/bin/env bash
# Sweeps: points are runs, the same for any number of threads and after any interruption; indices of a model whose
# answer is known; what is wrong is said before anything is run.
source "$(dirname "$0")/cluster.sh"

cat >grid.yaml <<YAML
sweep: grid
base: small.yaml
portfolios: 600
keys:
  - {key: models.incubation.loss_tolerance, values: [0, 0.9]}
  - {key: startups.count, from: 5, to: 9, levels: 3}
  - {key: "startups.dilution[0]", values: [0.1, 0.3]}
numbers:
  - {of: mean(n_failed)}
  - {of: P(net_tvpi >= 2), name: double}
  - {of: "quantile(net_irr, 0.7)"}
  - {of: mean(first_outlier_quarter)}
  - {of: "capped_mean(net_tvpi, 4)"}
YAML
expect 0 gf sweep grid.yaml -o grid.h5 --threads 2 --json
nothing_left grid.h5
[ "$(field points)" = 12 ] || fail "$(field points) points"
expect 0 gf sweep grid.yaml -o one.h5 --threads 1
same grid.h5 one.h5
grep -q 'startups.count' stdout || fail "a small grid is not printed"
# A complete file stays as it is where that is asked for, another sweep's does not.
cp grid.h5 kept.h5
before=$(stat -c %i.%Y kept.h5)
expect 0 gf sweep grid.yaml -o kept.h5 --resume --progress none
grep -q "kept.h5 is complete: nothing to do" stdout || fail "--resume says: $(cat stdout)"
expect 0 gf sweep grid.yaml -o kept.h5 --resume --json --progress none
[ "$(field numbers)" = "[]" ] || fail "--resume of a complete sweep printed numbers"
[ "$(stat -c %i.%Y kept.h5)" = "$before" ] || fail "--resume wrote a complete file again"
expect 0 gf sweep grid.yaml -o kept.h5 --resume --seed 99 --progress none
grep -q "points of 600" stdout || fail "the file of another seed was left: $(cat stdout)"
head -c 9000 grid.h5 >kept.h5
expect 0 gf sweep grid.yaml -o kept.h5 --resume --progress none
same grid.h5 kept.h5
expect 64 gf sweep grid.yaml -o kept.h5 --resume --fresh
says "both --resume and --fresh; expected one of them"
# Designs are told from configs, and checked without a run.
expect 0 gf validate grid.yaml small.yaml
grep -q "grid.yaml: ok, a sweep of 12 points" stdout || fail "validate says: $(cat stdout)"
expect 0 gf validate --json --print grid.yaml
"$python" -c 'import json; c = json.load(open("stdout"))["configs"][0]
assert c["ok"] and c["points"] == 12 and c["portfolios"] == 600 and "scenario: " in c["config"], c' || fail "$(cat stdout)"
expect 65 gf validate grid.yaml --set programme.terms.carry=3
says "out of range"
expect 65 gf run grid.yaml -o bad.h5
says "grid.yaml:1:1: error: is the design of a sweep, not a config"
[ "$(wc -l <stderr)" = 1 ] || fail "more than one error for a design: $(cat stderr)"
expect 65 gf validate <(cat grid.yaml)
says "is no regular file"
sed '/^sweep/d' grid.yaml >untitled.yaml
expect 65 gf validate untitled.yaml
says "missing key 'sweep'"
expect 65 gf validate small.yaml grid.yaml --set models.incubation=false
says "grid.yaml:5:11: error: keys[0].key: model incubation is off in the base config; expected a model that is on, or --set 'models.incubation={}'"
expect 65 gf sweep small.yaml -o bad.h5
says "small.yaml:1:1: error: is a config, not the design of a sweep"
# A point is a run: what a run's own columns say.
for point in 0 7 11; do
    "$python" "$GF_SOURCE/tests/sweep_check.py" overrides grid.h5 $point >overrides
    mapfile -t settings <overrides
    expect 0 gf run small.yaml --portfolios 600 -o point.h5 --progress none "${settings[@]/#/--set=}"
    "$python" "$GF_SOURCE/tests/sweep_check.py" point grid.h5 $point point.h5 || fail "point $point is not the run"
done
"$python" "$GF_SOURCE/tests/sweep_check.py" opens grid.h5 || fail "xarray cannot read it"

# Wrong designs say where, and leave nothing.
refuse() { # EXIT TEXT SED-EXPRESSION [OPTION...]
    sed "$3" grid.yaml >bad.yaml
    expect "$1" gf sweep bad.yaml -o bad.h5 "${@:4}"
    says "$2"
    nothing_left bad.h5
    [ ! -e bad.h5 ] || fail "$2: a file is there"
}
refuse 65 "bad.yaml:5:11: error: keys[0].key: 'models.incubation.loss_toleranc' is no key" 's/loss_tolerance/loss_toleranc/'
refuse 65 "(did you mean 'models.incubation.loss_tolerance'?)" 's/loss_tolerance/loss_toleranc/'
refuse 65 "(did you mean 'startups.count'?)" 's/startups.count/startup.count/'
refuse 65 "(did you mean 'models.incubation.loss_tolerance'?)" 's/models.incubation/models.incubatoin/'
refuse 65 "(did you mean 'models.incubation.loss_tolerance'?)" 's/models.incubation/model.incubation/'
refuse 65 "such as programme.terms.carry" 's/startups.count/nothing.like.it/'
refuse 65 "bad.yaml:9:" 's/n_failed/n_faild/'
refuse 65 "numbers[0].of: mean(n_faild): unknown column 'n_faild'; expected one of the run (did you mean 'n_failed'?)" 's/n_failed/n_faild/'
refuse 65 "did you mean 'grid'" 's/^base/method: gird\nbase/'
refuse 66 "nowhere.yaml" 's/small.yaml/nowhere.yaml/'
refuse 65 "expected a level or fraction between 0 and 1" 's/0.7/1.7/'
refuse 65 "is not a number of a run" 's/mean(n_failed)/hill(n_failed)/'
# a combination that no run takes is found before the first point is run
refuse 65 "(at models.incubation.loss_tolerance=0, programme.terms.carry=0.3, startups.dilution[0]=0.1)" \
    's/startups.count, from: 5, to: 9, levels: 3/programme.terms.carry, values: [0, 0.3]/' --set programme.terms.catch_up=0.25
refuse 65 "numbers[1].name: 'mean(n_failed)_se' is taken, or the error of another" 's/name: double/name: mean(n_failed)_se/'
refuse 65 "levels: are 9; expected at most 5" 's/levels: 3/levels: 9/'
refuse 64 "--set startups.count=7: the sweep sets this key itself" 's/x/x/' --set startups.count=7
refuse 64 "the sweep sets this key itself" 's/x/x/' --set 'output.columns=[jobs]'
# what would be lost, or could not be written, is said before the first point
cp grid.yaml kept.yaml
expect 73 gf sweep kept.yaml -o kept.yaml
cmp -s grid.yaml kept.yaml || fail "the design was overwritten"
expect 73 gf sweep grid.yaml -o small.yaml
expect 73 gf run small.yaml -o small.yaml
mkdir -p taken.h5
expect 73 gf sweep grid.yaml -o taken.h5
[ ! -e taken.h5.parts ] || fail "parts of a sweep that has no place"
expect 66 gf sweep <(cat grid.yaml) -o bad.h5
expect 66 gf sweep absent.yaml -o bad.h5
expect 73 gf sweep grid.yaml -o nowhere/bad.h5
expect 64 gf sweep grid.yaml
expect 64 gf sweep -o bad.h5

# Shards: the same bytes as one call, whatever the order, and sets that are not complete are refused.
for k in 1 2 3 4 5; do
    expect 0 gf sweep grid.yaml -o s$k.h5 --shard $k/5 --progress none
    nothing_left s$k.h5
done
[ ! -e shards.h5 ] || fail "a shard wrote the sweep"
expect 73 gf sweep grid.yaml -o s1.h5 --progress none
says "s1.h5 holds shard 1 of 5 (grid); expected another name"
expect 0 gf sweep grid.yaml -o shards.h5 s3.h5 s1.h5 s5.h5 s2.h5 s4.h5 --json
same grid.h5 shards.h5
[ "$(field points_here)" = 12 ] && [ "$(field shard_files)" = 5 ] || fail "$(field points_here) points of shards"
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 s2.h5 s5.h5
says "4 of 12 points are in none of the 3 files: shards 3-4 of 5 are missing"
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 s2.h5 s3.h5 s5.h5
says ": shard 4 of 5 is missing"
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 s2.h5 s3.h5 s4.h5 s5.h5 s2.h5
says "s2.h5: doubled: shard 2 of 5 is there twice"
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 s2.h5 s3.h5 s4.h5 s5.h5 --seed 12345
says "s1.h5: points of another sweep"
head -c 3000 s4.h5 >damaged.h5
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 s2.h5 s3.h5 damaged.h5 s5.h5
says "damaged.h5: damaged"
expect 66 gf sweep grid.yaml -o gap.h5 s1.h5 absent.h5
expect 65 gf sweep grid.yaml -o gap.h5 s1.h5 damaged.h5 s2.h5 point.h5 absent.h5
says "damaged.h5: damaged"
says "point.h5: not a part or shard"
says "absent.h5"
says "3 of 5 files are no shards of this sweep; nothing was written"
expect 73 gf sweep grid.yaml -o s1.h5 s1.h5 s2.h5
expect 73 gf sweep grid.yaml -o s1.h5 --shard 2/5
says "s1.h5 holds shard 1 of 5 of the same sweep; expected another name for shard 2 of 5"
expect 64 gf sweep grid.yaml s1.h5 -o gap.h5 --shard 2/5
expect 64 gf sweep grid.yaml -o gap.h5 --shard 6/5
expect 64 gf sweep grid.yaml -o gap.h5 --shard auto
[ ! -e gap.h5 ] || fail "a set with a gap was put together"
expect 65 gf merge -o gap.h5 s1.h5 s2.h5 s3.h5 s4.h5 s5.h5
says "no shard of a run"
expect 73 gf sweep grid.yaml -o shards.h5 --shard 2/5
says "shards.h5 holds a finished result; expected another name for shard 2 of 5"
expect 73 gf sweep grid.yaml -o point.h5 --shard 2/5
same grid.h5 shards.h5
cp s2.h5 named.shard-0002-of-0005.h5
cp s3.h5 named.shard-0004-of-0005.h5 # under the name of another
expect 0 gf sweep grid.yaml -o named.h5 --missing-shards 5
[ "$(cat stdout)" = 1,3-5 ] || fail "missing shards: $(cat stdout)"
expect 0 gf sweep grid.yaml -o s2.h5 --shard 2/5 --progress none
grep -q "complete already" stdout || fail "a shard that is there was run again: $(cat stdout)"
expect 0 gf sweep grid.yaml -o s2.h5 --shard 2/5 --progress none --fresh --json
[ "$(field from_parts)" = 0 ] || fail "--fresh took $(field from_parts) points of the shard that was there"
# a shard that ended before its parts were removed
mkdir -p s2.h5.parts
cp s2.h5 "s2.h5.parts/$("$python" -c 'import h5py; f = h5py.File("s2.h5").attrs
first = int(f["first_portfolio"]); print("part-%016x-%015d-%015d.h5" % (int(f["identity"], 16), first, first + int(f["portfolios"])))')"
expect 0 gf sweep grid.yaml -o s2.h5 --shard 2/5 --progress none
nothing_left s2.h5
# more shards than points: some have none
sed 's/startups.count, from: 5, to: 9, levels: 3/startups.count, values: [5]/' grid.yaml >four.yaml
expect 0 gf sweep four.yaml -o four.h5
for k in 1 2 3 4 5 6; do expect 0 gf sweep four.yaml -o many.shard-000$k-of-0006.h5 --shard $k/6 --progress none; done
grep -q "shard 6 of 6 has none of the 4 points" stdout || fail "an empty shard says: $(cat stdout)"
expect 0 gf sweep four.yaml -o many.h5 --missing-shards 6
[ -z "$(cat stdout)" ] || fail "missing although all are there: $(cat stdout)"
expect 0 gf sweep four.yaml -o many.h5 --missing-shards 6 --json
[ "$(field missing)" = "[]" ] || fail "missing as JSON although all are there: $(cat stdout)"
expect 0 gf sweep four.yaml -o many.h5 many.shard-*.h5
same four.h5 many.h5
sane="sweeps: points are runs, whatever threads and interruptions; indices as they should be"
[ -z "${GF_SANITIZE:-}" ] || finish "$sane" # the rest is long, and other builds have it

# Likelihood ratios count: a tilted sweep gives the same numbers within its errors.
expect 0 gf sweep grid.yaml -o tilted.h5 --set sampling.breakout_tilt=2 --seed 11
sed 's/mean(n_failed)/mean(log_weight)/' grid.yaml >weight.yaml
expect 0 gf sweep weight.yaml -o weight.h5 --set sampling.breakout_tilt=1.001
"$python" "$GF_SOURCE/tests/sweep_check.py" near grid.h5 tilted.h5 || fail "weights are lost"
"$python" -c 'import h5py; x = h5py.File("weight.h5")["points/mean(log_weight)"][:]; assert (abs(x) < 1e-3).all(), x' ||
    fail "logarithms of weights are not those"

# Indices of a mean that is linear in two medians: 0.36² : 0.6², whatever the luck.
cat >linear.yaml <<YAML
scenario: linear
seed: 3
horizon_years: 6
startups:
  lifecycle: outcome
  count: 4
  outcome:
    holding_years: {point: 5}
    mixture:
      - {weight: 0.1, point: 0}
      - {weight: 0.3, lognormal: {median: 1, sigma: 0.2}}
      - {weight: 0.6, lognormal: {median: 1, sigma: 0.2}}
YAML
cat >sobol.yaml <<YAML
sweep: linear
base: linear.yaml
method: sobol
points: 64
portfolios: 4000
keys:
  - {key: "startups.outcome.mixture[1].lognormal.median", from: 0.4, to: 1.6}
  - {key: "startups.outcome.mixture[2].lognormal.median", from: 0.5, to: 1.5}
  - {key: programme.terms.fee_per_year, from: 0.01, to: 0.02}
numbers: [{of: mean(gross_multiple)}]
YAML
expect 0 gf sweep sobol.yaml -o sobol.h5 --json
"$python" "$GF_SOURCE/tests/sweep_check.py" linear sobol.h5 || fail "indices of a linear mean are off"
[ "$(field points)" = 512 ] || fail "$(field points) points of a Sobol' design"
sed 's/sobol/latin_hypercube/' sobol.yaml >hypercube.yaml
expect 0 gf sweep hypercube.yaml -o hypercube.h5
[ "$("$python" -c 'import h5py; print("indices" in h5py.File("hypercube.h5"))')" = False ] || fail "indices of a hypercube"

# The designs of the project run, and what a reader sees of a file.
for design in "$GF_SOURCE"/configs/sweeps/*.yaml; do
    expect 0 gf sweep "$design" -o "$(basename "$design" .yaml).h5" --portfolios 8
done
expect 0 "$python" "$GF_SOURCE/analysis/python/sweep.py" sobol.h5 --plot sobol.png
grep -q 'startups.outcome.mixture\[2\].lognormal.median *0\.[67].* total 0\.[67]' stdout || fail "sweep.py does not print the indices"
expect 0 "$python" "$GF_SOURCE/analysis/python/sweep.py" tolerance_and_size.h5 --plot grid.png
for picture in sobol.png grid.png; do
    "$python" "$GF_SOURCE/tests/sweep_check.py" picture $picture || fail "$picture is no picture"
done
expect 65 "$python" "$GF_SOURCE/analysis/python/sweep.py" point.h5
says "not a file of guidefund sweep"
expect 65 gf summary sobol.h5

# Interruption: parts, then the same command goes on; a damaged part is run again.
long=(sweep sobol.yaml --progress none --json)
stop() { # SIGNAL EXIT
    local process code
    "$GUIDEFUND" "${long[@]}" --part-seconds 0 -o out.h5 >stdout 2>stderr &
    process=$!
    while [ "$(find out.h5.parts -name 'part-*.h5' 2>/dev/null | wc -l)" -lt 3 ] && kill -0 $process 2>/dev/null; do sleep 0.01; done
    kill -"$1" $process 2>/dev/null
    wait $process 2>/dev/null
    code=$?
    [ $code -eq "$2" ] || fail "$1: exit $code, expected $2"
    [ ! -e out.h5 ] || fail "$1: the file is there already"
}
for signal in TERM KILL; do
    stop $signal $([ $signal = TERM ] && echo 75 || echo 137)
    [ $signal = KILL ] || says "the same command goes on with those in out.h5.parts"
    first=$(find out.h5.parts -name 'part-*.h5' | sort | head -1)
    printf '\xff' | dd of="$first" bs=1 seek=2000 conv=notrunc status=none
    expect 0 gf "${long[@]}" -o out.h5
    says "are run again"
    [ "$(field from_parts)" -gt 0 ] || fail "$signal: nothing came from parts"
    same sobol.h5 out.h5
    nothing_left out.h5
    rm -f out.h5
done
# Files that are edited meanwhile change nothing.
cp linear.yaml kept.yaml
"$GUIDEFUND" "${long[@]}" --part-seconds 0 -o out.h5 >stdout 2>stderr &
process=$!
while [ "$(find out.h5.parts -name 'part-*.h5' 2>/dev/null | wc -l)" -lt 3 ] && kill -0 $process 2>/dev/null; do sleep 0.01; done
sed -i 's/horizon_years: 6/horizon_years: 9/; s/sigma: 0.2/sigma: 0.9/' linear.yaml
mv sobol.yaml elsewhere.yaml
wait $process || fail "a sweep whose design went away: exit $?"
mv elsewhere.yaml sobol.yaml
cp kept.yaml linear.yaml
same sobol.h5 out.h5
rm -f out.h5

# The errors of indices hold the luck of portfolios, too.
cat >lucky.yaml <<YAML
sweep: lucky
base: small.yaml
method: sobol
points: 16
portfolios: 400
keys:
  - {key: models.incubation.loss_tolerance, from: 0, to: 1}
  - {key: models.incubation.subsidy_share, from: 0, to: 0.5}
numbers: [{of: P(n_failed >= 4), name: failures}]
YAML
for seed in $(seq 12); do
    sed "s/^points/seed: $seed\npoints/" lucky.yaml >lucky$seed.yaml
    expect 0 gf sweep lucky$seed.yaml -o lucky$seed.h5 --seed "$seed"
done
"$python" "$GF_SOURCE/tests/sweep_check.py" seeds lucky?.h5 lucky??.h5 || fail "errors of indices are not those over seeds"

stop KILL 137
# parts of other points are left alone, those of this design removed by --fresh
sed 's/^points/seed: 9\npoints/' sobol.yaml >other.yaml
expect 0 gf sweep other.yaml --progress none --json -o out.h5
[ "$(field from_parts)" = 0 ] || fail "parts of other points were used"
[ "$(find out.h5.parts -name 'part-*.h5' | wc -l)" -ge 3 ] || fail "parts of another design are gone"
rm -f out.h5
expect 0 gf "${long[@]}" -o out.h5 --fresh
[ "$(field from_parts)" = 0 ] || fail "--fresh used parts"
nothing_left out.h5

finish "$sane"
