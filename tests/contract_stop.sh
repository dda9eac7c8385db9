#!/usr/bin/env bash
# Runs that stop when a number is known well enough: the same number of portfolios and the same bytes for any threads and
# interruptions, those of a run of so many portfolios; what is never known is never said to be; refusals.
source "$(dirname "$0")/cluster.sh"

of_run() { sed -n "s/^  \"$1\": \([^,]*\),*$/\1/p" stdout; }    # a field of the JSON object in ./stdout
of_stop() { sed -n "s/^    \"$1\": \([^,]*\),*$/\1/p" stdout; } # … of its object "stop"
attribute() { "$python" -c 'import h5py,sys; print(h5py.File(sys.argv[1]).attrs[sys.argv[2]])' "$@"; }
# a run that stopped is that of so many portfolios, but that it says by which rule
only_the_rule_differs() { # STOPPED PLAIN
    "$python" "$GF_SOURCE/tests/same_results.py" "$@" >differences 2>&1
    [ "$(sed 's/.*: //' differences | sort | paste -sd,)" = "attribute stop_met only in one file,attribute stop_rule only in one file" ] ||
        fail "$* differ: $(head -5 differences)"
}
# oracle RULE PLAIN.h5: where the rule must stop, from the columns of a run without one, judged apart from the engine
oracle() {
    "$python" - "$@" <<'PY'
import re, sys
import h5py, numpy as np
rule, path = sys.argv[1:]
form = r"\w+\((\w+)(?:([<>]=?)([^,)]*))?(?:, (.*))?\)~([^%]*)(%?)"
column, relation, x, cap, wanted, percent = re.fullmatch(form, rule).groups()
with h5py.File(path) as file:
    table = file["portfolios"]
    y, log_weight = (table[name][()] if name in table else None for name in (column, "log_weight"))
most, wanted = len(y), float(wanted) / (100 if percent else 1)
valid = ~np.isnan(y.astype(float)) & ~((y < 0) & column.endswith("_quarter"))
w = np.ones(most) if log_weight is None else np.exp(log_weight)
if relation:
    y = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}[relation](y, float(x))
if cap:
    y = np.minimum(y, float(cap))
for n in [n for k in range(12, 40) for n in (2**k, 3 * 2**(k - 1)) if n < most] + [most]:
    here = valid[:n]
    v, u = y[:n][here].astype(float), w[:n][here]
    mean = (u * v).sum() / u.sum()
    se = np.sqrt((u**2 * (v - mean)**2).sum() * (1 if relation else len(v) / (len(v) - 1))) / u.sum()
    if 0 < se <= wanted * (abs(mean) if percent else 1) and u.sum()**2 >= 100 * (u**2).sum():
        break
print(n)
PY
}
# check NAME RULE [OPTION...]: stops where it must with 1 and 2 threads, with the bytes of a run of so many portfolios
check() {
    local name=$1 rule=$2 n most=(--portfolios 30000) whole=whole.h5
    shift 2
    [[ $* != *tilt* ]] || whole=tilted.whole.h5
    [ -e $whole ] || expect 0 gf run small.yaml "${most[@]}" "$@" --set output.startups_of=0 -o $whole
    n=$(oracle "$rule" $whole)
    [ "$n" -lt 30000 ] || fail "$name: must stop before the last portfolio"
    expect 0 gf run small.yaml "${most[@]}" "$@" --stop "$rule" --threads 2 --json -o "$name.2.h5"
    expect 0 gf run small.yaml "${most[@]}" "$@" --stop "$rule" --threads 1 --json -o "$name.h5"
    [ "$(of_run portfolios)" = "$n" ] || fail "$name: stopped after $(of_run portfolios) portfolios, expected $n"
    [ "$(of_stop met)" = true ] || fail "$name: not met"
    same "$name.h5" "$name.2.h5"
    expect 0 gf run small.yaml "$@" --portfolios "$n" -o "$name.plain.h5"
    only_the_rule_differs "$name.h5" "$name.plain.h5"
    nothing_left "$name.h5"
    rm -f "$name.2.h5"
    stopped_after+=" $name $n,"
}
stopped_after=

rule='P(net_tvpi>=2)~2%'
check all "$rule"
[ "$(attribute all.h5 stop_rule)" = "$rule" ] || fail "the file says it stopped by $(attribute all.h5 stop_rule)"
[ "$(attribute all.h5 stop_met)" = 1 ] || fail "the file says that the rule was not met"
# the rule's numbers are those of the summary, to rounding
expect 0 gf run small.yaml --portfolios 30000 --stop ' P( net_tvpi >= 2 ) ~ 2 %' --json -o spaces.h5
n=$(of_stop portfolios)
same all.h5 spaces.h5
"$python" - <<'PY' || fail "the rule's numbers are not those of the summary"
import json
run = json.load(open("stdout"))
row = next(row for row in run["summary"] if row["name"] == "P(net_tvpi>=2)")
for a, b in ((run["stop"]["estimate"], row["value"]), (run["stop"]["standard_error"], row["standard_error"])):
    assert abs(a - b) <= 1e-12 * b, (a, b)
assert run["stop"]["relative_error"] <= run["stop"]["wanted"] == 0.02
PY
# spoiled twin: another number of portfolios must be told
expect 0 gf run small.yaml --portfolios $((n + 1)) -o other.h5
(only_the_rule_differs all.h5 other.h5) 2>/dev/null && [ "$(wc -l <differences)" = 2 ] && fail "spoiled twin: one portfolio more passes for the same"

# sketches of few portfolios are made of smaller batches; a few of the rows; a mean; a rate; weights
check none "$rule" --set output.portfolios=none
check few 'P(net_tvpi>=2)~4%' --set output.portfolios=none
check sample 'mean(n_failed)~0.02' --set output.portfolios=sample --set output.sample_every=7
check capped 'capped_mean(net_irr, 1)~6%'
check event 'P(first_outlier_quarter<12)~12%'
check tilted 'P(n_outliers>=1)~4%' --set sampling.breakout_tilt=3
# a summary of the file says by what it stopped, and whether it did
expect 0 gf summary spaces.h5
grep -qE '^(stopped when|ended before) P\(net_tvpi>=2\)~2% was met$' stdout || fail "summary says nothing of the rule: $(head -3 stdout)"
expect 0 gf summary spaces.h5 --json
"$python" -c 'import json; s = json.load(open("stdout"))["stop"]; assert s["rule"] == "P(net_tvpi>=2)~2%" and s["met"] in (True, False), s' ||
    fail "summary --json says nothing of the rule"

# beyond 2^20 portfolios a summary comes from sketches, of the portfolios before the first look, too
cheap=(--set startups.count=4 --set output.columns='[net_tvpi]' --set output.startups_of=0 --set output.quarters_of=64)
cheap+=(--set horizon_years=2 --portfolios 1100000)
expect 0 gf run small.yaml "${cheap[@]}" --stop 'capped_mean(net_tvpi, 10)~1e-9' --json -o large.h5
[ "$(of_run portfolios)" = 1100000 ] && [ "$(of_stop looks)" = 18 ] || fail "large: $(of_stop looks) looks, $(of_run portfolios)"
expect 0 gf run small.yaml "${cheap[@]}" -o large.plain.h5
only_the_rule_differs large.h5 large.plain.h5
rm -f large*.h5

# interrupted in the middle, whatever is there of parts
long=(run small.yaml --portfolios 2e5 --progress none --json --stop 'P(net_tvpi>=2)~1%' -o out.h5)
count_parts() { find out.h5.parts -name 'part-*.h5' 2>/dev/null | wc -l; }
interrupt() { # SIGNAL EXIT PARTS [OPTION...]
    local process code
    "$GUIDEFUND" "${long[@]}" --part-seconds 0 "${@:4}" >stdout 2>stderr &
    process=$!
    while [ "$(count_parts)" -lt "$3" ] && kill -0 $process 2>/dev/null; do sleep 0.01; done
    kill -"$1" $process 2>/dev/null
    wait $process 2>/dev/null
    code=$?
    [ $code -eq "$2" ] || fail "$1: exit $code, expected $2"
    [ ! -e out.h5 ] || fail "$1: out.h5 is there already"
}
go_on() { # PLAIN [OPTION...]
    expect 0 gf "${long[@]}" "${@:2}"
    [ "$(of_run from_parts)" -gt 0 ] || fail "nothing came from parts"
    only_the_rule_differs out.h5 "$1"
    nothing_left out.h5
    rm -f out.h5
}
for kept in all none; do
    long+=(--set "output.portfolios=$kept")
    expect 0 gf "${long[@]}"
    n=$(of_run portfolios)
    [ "$n" -gt 80000 ] && [ "$n" -lt 200000 ] || fail "the long run stopped after $n portfolios"
    mv out.h5 whole.h5
    expect 0 gf run small.yaml --portfolios "$n" --set output.portfolios=$kept -o plain.h5
    only_the_rule_differs whole.h5 plain.h5
    interrupt TERM 75 2
    says "the same command goes on with those in out.h5.parts"
    interrupt KILL 137 5
    go_on plain.h5 --threads 1
done
# a part that is damaged, and one that is gone: those between are used, although looks lie in the gap
interrupt KILL 137 6
mapfile -t parts < <(find out.h5.parts -name 'part-*.h5' | sort)
truncate -s -9 "${parts[1]}"
rm -f "${parts[3]}"
expect 0 gf "${long[@]}"
says "${parts[1]}: damaged"
[ "$(of_run from_parts)" -gt 0 ] || fail "no part was used beside one that is damaged"
only_the_rule_differs out.h5 plain.h5
# a complete file of the same rule stays, one of another does not
before=$(stat -c %i out.h5)
expect 0 gf "${long[@]}" --resume
[ "$(stat -c %i out.h5)" = "$before" ] || fail "--resume wrote a complete file again"
[ "$(of_run portfolios)" = "$n" ] || fail "--resume says $(of_run portfolios) portfolios"
"$python" -c 'import json; run = json.load(open("stdout"))
number = next(n for n in run["summary"] if n["name"] == "P(net_tvpi>=2)")
assert run["stop"]["estimate"] == number["value"] and run["stop"]["standard_error"] == number["standard_error"], run["stop"]' ||
    fail "--resume does not recall what the rule came to"
expect 0 gf "${long[@]}" --resume --stop 'P(net_tvpi>=2)~2%'
[ "$(stat -c %i out.h5)" != "$before" ] || fail "--resume took the result of another rule for its own"
expect 0 gf run small.yaml --portfolios "$(of_run portfolios)" --set output.portfolios=$kept --resume -o out.h5
[ "$("$python" -c 'import h5py; print("stop_rule" in h5py.File("out.h5").attrs)')" = False ] ||
    fail "--resume of a run without a rule took the result of one that stopped for its own"
rm -f out.h5
# parts of another rule, or of no rule, are left alone; --fresh removes them
interrupt TERM 75 2
expect 0 gf "${long[@]}" --stop 'P(net_tvpi>=2)~2%'
says "parts of other runs"
[ "$(of_run from_parts)" = 0 ] || fail "parts of another rule were used"
rm -f out.h5
expect 0 gf "${long[@]}" --fresh
[ "$(of_run from_parts)" = 0 ] || fail "--fresh used parts"
only_the_rule_differs out.h5 plain.h5
nothing_left out.h5

# what was never seen is never known, whatever the wanted error, nor what was always seen
for rule in 'P(net_tvpi>=1e6)~90%' 'P(net_tvpi>=1e6)~0.5' 'P(net_tvpi>=0)~90%'; do
    expect 0 gf run small.yaml --stop "$rule" --json -o never.h5
    [ "$(of_run portfolios)" = 9000 ] && [ "$(of_stop met)" = false ] || fail "$rule: met after $(of_run portfolios)"
    [ "$(attribute never.h5 stop_met)" = 0 ] || fail "the file says that $rule was met"
    says "(rule of three)"
    "$python" -c 'import json; s = json.load(open("stdout"))["stop"]; assert abs(abs(s["estimate"] - s["bound"]) - 3 / 9000) < 1e-12' ||
        fail "$rule: bound $(of_stop bound)"
done
expect 0 gf run small.yaml --stop 'mean(n_captive)~0.5' --json -o never.h5
says "tells no error"
# not met at the last portfolio: complete, and the number that would do
expect 0 gf run small.yaml --stop 'P(net_tvpi>=2)~1%' --json -o unmet.h5
"$python" - <<'PY' || fail "not met: $(cat stderr)"
import json
stop = json.load(open("stdout"))["stop"]
reached, need = stop["relative_error"], stop["portfolios_needed"]
assert not stop["met"] and stop["portfolios"] == 9000 and abs(need - 9000 * (reached / 0.01)**2) <= 1
assert f"known to {100 * reached:.3g}% after 9000 portfolios, not to 1%; about {need} would be needed" in open("stderr").read()
PY
expect 0 gf run small.yaml -o unmet.plain.h5
only_the_rule_differs unmet.h5 unmet.plain.h5
expect 0 gf run small.yaml --json -o none.h5
"$python" -c 'import json; assert json.load(open("stdout"))["stop"] is None' || fail "a run without a rule says it stopped by one"

refused() { # WHAT-IT-SAYS RULE [OPTION...]
    expect 64 gf run small.yaml -o refused.h5 --stop "$2" "${@:3}"
    says "$1"
    [ ! -e refused.h5 ] || fail "$2: a file was written"
}
refused "is not a rule; expected" 'P(net_tvpi>=5)'
refused "is no quantity to stop by; expected" 'median(net_tvpi)~2%'
refused "is no quantity to stop by; expected" 'P(net_tvpi)~2%'
refused "is no quantity to stop by; expected" 'mean(net_tvpi>=5)~2%'
refused "is no quantity to stop by; expected" 'capped_mean(net_tvpi)~2%'
refused "is no quantity to stop by; expected" '~2%'
for wrong in '0%' '-1' '' '2%%' '%' '1 2' 'nan' '0x1' '010' 'two'; do
    refused "expected the wanted standard error" "P(net_tvpi>=5)~$wrong"
done
refused "is a '%' missing?" 'P(net_tvpi>=5)~2'
refused "did you mean 'net_tvpi'?" 'P(net_tpvi>=5)~2%'
refused "expected it in output.columns" 'P(net_irr>=0.1)~2%' --set 'output.columns=[net_tvpi]'
refused "the variance is infinite" 'mean(net_tvpi)~1%' --set startups.breakout.cap_multiple=none
refused "a shard knows a piece" "$rule" --shard 1/2
refused "a shard knows a piece" "$rule" --missing-shards 2
expect 0 gf run small.yaml -o text.h5 --stop 'P(net_tvpi>=2)~4%'
grep -qE 'P\(net_tvpi>=2\) is 0\.[0-9]+ and known to 3\.[0-9]+% after [0-9]+ portfolios$' stdout || fail "text: $(cat stdout)"

finish "a run that stops has the bytes of a run of so many portfolios:${stopped_after%,}"
