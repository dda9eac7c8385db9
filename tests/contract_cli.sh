#!/bin/bash
# The command shell: help of every command, exit codes, and that --json prints one object and nothing else.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}
# expect CODE ARGUMENT...: runs the program, keeps stdout and stderr
expect() {
    local code=$1
    shift
    "$GUIDEFUND" "$@" >"$folder/out" 2>"$folder/err"
    local got=$?
    [ $got -eq "$code" ] || fail "guidefund $*: exit $got, expected $code"
}
quiet() { [ ! -s "$folder/$1" ] || fail "something on $1: $(head -2 "$folder/$1")"; }
json() { /usr/bin/python3 -c 'import json, sys; print(eval(sys.argv[1], {"o": json.load(sys.stdin)}))' "$1" <"$folder/out"; }

expect 0 --help; quiet err
mapfile -t commands < <(sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' "$folder/out")
[ ${#commands[@]} -ge 4 ] || fail "the help names ${#commands[@]} commands"
for command in "${commands[@]}"; do
    expect 0 "$command" --help; quiet err
    grep -q "^Usage: guidefund $command" "$folder/out" || fail "$command --help shows no usage"
    cp "$folder/out" "$folder/help"
    expect 0 help "$command"
    cmp -s "$folder/out" "$folder/help" || fail "help $command differs from $command --help"
    expect 64 "$command" --no-such-option; quiet out
    "$GUIDEFUND" "$command" --help >/dev/full 2>/dev/null
    [ $? -eq 74 ] || fail "$command --help on a full disk does not give 74"
done
expect 64; quiet out
expect 64 nonsense; quiet out
expect 64 versoin; quiet out
grep -q "did you mean 'version'?" "$folder/err" || fail "no suggestion for versoin"
expect 0 --version; quiet err

expect 0 version --json; quiet err
[ "$(json 'o["instruction_set"] in o["instruction_sets"] and o["threads"] >= 1')" = True ] || fail "version --json"
expect 0 models --json; quiet err
names=$(json '" ".join(m["name"] for m in o["models"])')
[ -n "$names" ] || fail "no models"
for name in $names market startups programme output; do
    expect 0 models "$name"; quiet err
    expect 0 models "$name" --json; quiet err
    [ "$(json 'len(o["parameters"]) > 0 and all(p["help"] for p in o["parameters"])')" = True ] || fail "models $name --json"
done
expect 64 models zebra; quiet out

printf 'scenario: "caf\\u00e9 \\"x\\""\nseed: 0\nmodels: {spillover: {}}\n' >"$folder/a.yaml"
printf 'scenario: b\nmarket: 3\nseed: x\n' >"$folder/b.yaml"
expect 65 validate --json --print "$folder/a.yaml" "$folder/b.yaml"; quiet err
[ "$(json '[c["ok"] for c in o["configs"]]')" = "[True, False]" ] || fail "validate --json: ok"
[ "$(json 'o["configs"][0]["scenario"]')" = 'café "x"' ] || fail "validate --json: text"
[ "$(json '[(e["line"], e["column"]) for e in o["configs"][1]["errors"]]')" = "[(2, 9), (3, 7)]" ] || fail "validate --json: errors"
expect 0 validate --print "$folder/a.yaml"
cp "$folder/out" "$folder/c.yaml"
expect 0 validate --print "$folder/c.yaml"
[ "$(tail -n +2 "$folder/out")" = "$(tail -n +2 "$folder/c.yaml")" ] || fail "the effective config does not read back as itself"

# run: without -o the result is named after the config, in the current folder; a shard says which one it is
mkdir -p "$folder/configs" "$folder/here"
cd "$folder/here" || exit 1
for name in few.yaml few.of.these.yaml few .few; do
    printf 'scenario: few\nportfolios: 70\nhorizon_years: 2\nstartups: {count: 2}\n' >"$folder/configs/$name"
done
# named CONFIG FILE [OPTION...]: runs and finds that file here, and no other anywhere
named() {
    local config=$1 file=$2
    shift 2
    expect 0 run "../configs/$config" "$@"; quiet err
    [ "$(LC_ALL=C ls -A . ../configs)" = "$(printf '%s\n' .: "$file" '' ../configs: .few few few.of.these.yaml few.yaml)" ] ||
        fail "run $config $*: wrote $(ls -A), expected $file"
    grep -qF "$file" "$folder/out" || fail "run $config $*: does not say $file"
    rm -f -- * .few.h5
}
named few.yaml few.h5
named few.of.these.yaml few.of.these.h5
named few few.h5
named .few .few.h5
named few.yaml few.shard-0002-of-0003.h5 --shard 2/3
named few.yaml few.h5 --json --progress json
[ "$(json '(o["file"], o["portfolios"], o["shards"], len(o["summary"]) > 50)')" = "('few.h5', 70, 0, True)" ] || fail "run --json"
named few.yaml few.h5 --part-seconds 0 --threads 2

# wrong words and numbers, before anything is read or written
# wrong TEXT OPTION...
wrong() {
    local text=$1
    shift
    expect 64 run ../configs/few.yaml "$@"; quiet out
    grep -qF -- "error: $text" "$folder/err" || fail "run $*: does not say '$text': $(head -1 "$folder/err")"
    grep -qF "Try \`guidefund run --help'." "$folder/err" || fail "run $*: names no help"
    [ -z "$(ls -A)" ] || fail "run $*: left $(ls -A)"
}
for seconds in -1 -0.001 nan inf 1000001 5s '' ten; do
    wrong "--part-seconds $seconds; expected a number from 0 to 1e6" --part-seconds "$seconds"
done
for threads in 0 -1 4097 1.5 '' x 99999999999999999999; do
    wrong "--threads $threads; expected a whole number from 1 to 4096" --threads "$threads"
done
for shards in 0 -3 1000001 2.5 '' all; do
    wrong "--missing-shards $shards; expected a whole number from 1 to 1000000" --missing-shards "$shards"
done
for how in '' loud JSON 'json '; do wrong "--progress $how; expected auto, plain, json or none" --progress "$how"; done
wrong "a second config '../configs/few'; expected one CONFIG" ../configs/few
wrong "both --resume and --fresh; expected one of them" --resume --fresh
wrong "both --resume and --fresh; expected one of them" --fresh --resume
expect 64 run --seed 3; quiet out
grep -qF "no config named; expected CONFIG" "$folder/err" || fail "run without a config: $(head -1 "$folder/err")"
expect 0 run ../configs/few.yaml --missing-shards 1000; quiet err
[ "$(cat "$folder/out")" = 1-1000 ] || fail "missing shards: $(head -c 80 "$folder/out")"
[ -z "$(ls -A)" ] || fail "what lists shards wrote $(ls -A)"
cd "$folder" || exit 1

# a reader that goes away ends the program quietly
(
    "$GUIDEFUND" schema 2>"$folder/err"
    echo $? >"$folder/code"
) | true
grep -qx -e 0 -e 74 "$folder/code" || fail "a closed pipe gives $(cat "$folder/code")"
quiet err

[ $failures -eq 0 ] && echo "${#commands[@]} commands behave"
exit $((failures > 0))
