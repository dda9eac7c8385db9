#!/bin/bash
# Bad input: each kind gives file:line:column, the reason, what was expected and the right exit code; all errors of a
# config at once; nothing on stdout and nothing half-written. tests/data/bad/*.yaml say in "#! LINE:COLUMN text" lines
# what must be reported, in that order and nothing else.
set -u
source_folder=${GF_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
folder=$(mktemp -d)
trap 'chmod -R u+rwX "$folder"; rm -rf "$folder"' EXIT
failures=0
commands="validate"
"$GUIDEFUND" --help | grep -q '^  run ' && commands="validate run"

fail() {
    echo "FAILED: $*" >&2
    sed 's/^/    stderr: /' "$folder/stderr" >&2
    failures=$((failures + 1))
}

# refuse EXPECTED_EXIT FILE [OPTION...]: runs every command that reads a config; leaves stderr of the last one
refuse() {
    local expected=$1 file=$2 command code
    shift 2
    for command in $commands; do
        local output=()
        [ "$command" = run ] && output=(-o "$folder/out/result.h5")
        mkdir -p "$folder/out"
        timeout 30 "$GUIDEFUND" "$command" "$file" "$@" "${output[@]}" >"$folder/stdout" 2>"$folder/stderr"
        code=$?
        [ $code -eq "$expected" ] || fail "$command $file $*: exit $code, expected $expected"
        [ -s "$folder/stdout" ] && fail "$command $file $*: something on stdout"
        [ -z "$(ls -A "$folder/out")" ] || fail "$command $file $*: left $(ls -A "$folder/out")"
    done
}

# says TEXT: the first line of stderr must contain it
says() {
    head -1 "$folder/stderr" | grep -qF -- "$1" || fail "expected: $1"
    head -1 "$folder/stderr" | grep -qF expected || fail "the message does not say what was expected: $1"
}

check_expected() { # FILE
    local expected at=0 line
    mapfile -t expected < <(sed -n 's/^#! //p' "$1")
    [ ${#expected[@]} -gt 0 ] || fail "$1 expects nothing"
    while IFS= read -r line; do
        if [ $at -ge ${#expected[@]} ]; then
            fail "$1: not expected: $line"
        else
            local place=${expected[$at]%% *} text=${expected[$at]#* }
            [[ $line == "$1:$place: error: "*"$text"* ]] || fail "$1: expected $place $text, got $line"
            [[ $line == *expected* ]] || fail "$1: no expectation in: $line"
        fi
        at=$((at + 1))
    done <"$folder/stderr"
    [ $at -eq ${#expected[@]} ] || fail "$1: $at errors, expected ${#expected[@]}"
}

n=0
for file in "$source_folder"/tests/data/bad/*.yaml; do
    refuse 65 "$file"
    check_expected "$file"
    n=$((n + 1))
done
[ $n -ge 25 ] || fail "only $n files in tests/data/bad"

: >"$folder/empty.yaml"
refuse 65 "$folder/empty.yaml"
says "empty.yaml:1:1: error: empty"

head -c 4096 "$GUIDEFUND" >"$folder/binary.yaml"
refuse 65 "$folder/binary.yaml"
says "binary.yaml:1:"
says "is not text"

printf 'scenario: a\nmarket: {persistence: \xff}\n' >"$folder/latin.yaml"
refuse 65 "$folder/latin.yaml"
says "latin.yaml:2:23: error: byte 0xff is not text"

printf 's\0c\0e\0n\0' >"$folder/utf16.yaml"
refuse 65 "$folder/utf16.yaml"
says "utf16.yaml:1:2: error: byte 0x00 is not text"

head -c 50000000 /dev/zero | tr '\0' 'a' >"$folder/huge.yaml"
refuse 65 "$folder/huge.yaml"
says "huge.yaml: error: larger than 4 MB"
refuse 65 /dev/zero
says "is not text"

{ printf 'scenario: '; head -c 1000000 /dev/zero | tr '\0' '['; } >"$folder/deep.yaml"
refuse 65 "$folder/deep.yaml"
says "deep.yaml:1:42: error: nested too deeply; expected at most 32 levels"
{ printf 'scenario: '; for i in $(seq 200); do printf '{a: '; done; } >"$folder/deep_maps.yaml"
refuse 65 "$folder/deep_maps.yaml"
says "nested too deeply"
for i in $(seq 0 200); do printf '%*sa:\n' "$i" ''; done >"$folder/deep_block.yaml"
refuse 65 "$folder/deep_block.yaml"
says "deep_block.yaml:32:32: error: nested too deeply"

{ echo 'scenario: s'; for i in $(seq 20000); do echo "key_$i: 1"; done; } >"$folder/many_keys.yaml"
refuse 65 "$folder/many_keys.yaml"
says "many_keys.yaml:1001:1: error: too many keys; expected at most 1000"
{ printf 'scenario: s\nstartups: {dilution: ['; yes '0,' | head -1300000 | tr -d '\n'; printf '0]}\n'; } >"$folder/many_values.yaml"
refuse 65 "$folder/many_values.yaml"
says "too many values; expected at most 200000"

{ echo 'scenario: s'; for i in $(seq 900); do echo "key_$i: 1"; done; echo 'market:'; for i in $(seq 250); do echo "  key_$i: 1"; done; } >"$folder/many_errors.yaml"
refuse 65 "$folder/many_errors.yaml"
says "many_errors.yaml:2:1: error: unknown key 'key_1'"
[ "$(wc -l <"$folder/stderr")" -eq 1001 ] || fail "a thousand errors were expected, and a line for the others"
[ "$(tail -1 "$folder/stderr")" = "… and 150 errors more" ] || fail "150 errors were left out"
sed -n 1000p "$folder/stderr" | grep -qF "many_errors.yaml:1002:3: error: market: unknown key 'key_100'" || fail "the thousandth error is another one"
head -1002 "$folder/many_errors.yaml" >"$folder/one_more.yaml" && echo '  key_0: 1' >>"$folder/one_more.yaml"
refuse 65 "$folder/one_more.yaml"
[ "$(tail -1 "$folder/stderr")" = "… and 1 error more" ] || fail "one error was left out"

# what is just not contradictory
cat >"$folder/borders.yaml" <<YAML
scenario: borders
portfolios: 1048576
horizon_years: 10
startups:
  recovery: {a: 0.1}
  quality: {correlation: 0.5}
  follow_on: {rule: winners}
programme:
  fiscal_share: 0.9
  manager_share: 0.05
  manager_skill: 0.5
  invested_share: 0.72
  reserve_share: 0.1
  terms: {fee_per_year: 0.02, fee_years: 9, waterfall: american, clawback: true, catch_up: 0.5}
  government: {concession: buy_back, buy_back: {from_year: 9, to_year: 9}}
  reinvestment: {ratio: 0.8}
  recycling: {share: 1}
  loss_tolerance: {threshold: 0}
sampling: {breakout_tilt: 4}
YAML
"$GUIDEFUND" validate "$folder/borders.yaml" >"$folder/stdout" 2>"$folder/stderr" || fail "values at their bounds are refused"

refuse 66 "$folder"
says "Is a directory"
refuse 66 "$folder/nowhere.yaml"
says "nowhere.yaml: error: cannot read: No such file or directory; expected a config file"
echo 'scenario: secret' >"$folder/secret.yaml"
chmod 000 "$folder/secret.yaml"
if [ -r "$folder/secret.yaml" ]; then
    # root reads everything: ask as nobody, where that is possible
    chmod 755 "$folder"
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    if "${as_nobody[@]}" "$GUIDEFUND" version >/dev/null 2>&1; then
        "${as_nobody[@]}" "$GUIDEFUND" validate "$folder/secret.yaml" >"$folder/stdout" 2>"$folder/stderr"
        [ $? -eq 66 ] || fail "a file without permission must give 66"
        says "secret.yaml: error: cannot read: Permission denied; expected a config file"
    else
        echo "no-permission case left out: this user reads everything" >&2
    fi
else
    refuse 66 "$folder/secret.yaml"
    says "Permission denied"
fi

printf 'scenario: a\nextends: nowhere.yaml\n' >"$folder/orphan.yaml"
refuse 66 "$folder/orphan.yaml"
says "orphan.yaml:2:10: error: extends: cannot read '$folder/nowhere.yaml': No such file"
printf 'extends: b.yaml\nmarket: {persistence: 2}\n' >"$folder/a.yaml"
printf 'scenario: b\nmarket:\n  exit_loading: x\n' >"$folder/b.yaml"
refuse 65 "$folder/a.yaml"
says "a.yaml:2:23: error: market.persistence"
sed -n 2p "$folder/stderr" | grep -qF "b.yaml:3:17: error: market.exit_loading" || fail "the base's own line is not named"

# a mark before the first line is no text and moves no place; names of several lines are told on one
printf '\xef\xbb\xbfscenario: a\nmarket: {persistence: x}\n' >"$folder/mark.yaml"
refuse 65 "$folder/mark.yaml"
says "mark.yaml:2:23: error: market.persistence: 'x' is not a number"
printf '\xef\xbb\xbfscenario: a\n' >"$folder/mark.yaml"
"$GUIDEFUND" validate "$folder/mark.yaml" >"$folder/stdout" 2>"$folder/stderr" || fail "a right config with a mark is refused"
refuse 66 "$folder/no"$'\n'"where.yaml"
says "no\x0awhere.yaml: error: cannot read: No such file or directory; expected a config file"

echo 'scenario: fine' >"$folder/fine.yaml"
refuse 65 "$folder/fine.yaml" --set $'startups.count=5\nseed: 4'
says '--set: startups.count=5\x0aseed: 4: error: not YAML'
refuse 65 "$folder/fine.yaml" --set startups.count
says "--set: startups.count: error: not an assignment; expected KEY=VALUE"
"$GUIDEFUND" run "$folder/fine.yaml" -o "$folder/out/result.h5" --seed '' >"$folder/stdout" 2>"$folder/stderr"
[ $? -eq 65 ] || fail "an empty seed must give 65"
says "--seed=: error: no value; expected one"
refuse 65 "$folder/fine.yaml" --set market.persistense=0.5 --set startups.count=1e6x
says "--set: market.persistense=0.5: error: market: unknown key 'persistense'"
sed -n 2p "$folder/stderr" | grep -qF -- "--set: startups.count=1e6x: error:" || fail "the second --set is not named"

# all configs of one call are checked, and a right one still counts
"$GUIDEFUND" validate "$folder/a.yaml" "$folder/fine.yaml" "$folder/nowhere.yaml" >"$folder/stdout" 2>"$folder/stderr"
[ $? -eq 65 ] || fail "bad and missing together must give 65"
[ "$(cat "$folder/stdout")" = "$folder/fine.yaml: ok" ] || fail "the right config is not reported"
[ "$(wc -l <"$folder/stderr")" -eq 3 ] || fail "three errors were expected"
"$GUIDEFUND" validate "$folder/fine.yaml" >/dev/full 2>"$folder/stderr"
[ $? -eq 74 ] || fail "a full disk behind stdout must give 74"
"$GUIDEFUND" validate --bogus 2>"$folder/stderr" >"$folder/stdout"
[ $? -eq 64 ] || fail "an unknown option must give 64"
"$GUIDEFUND" valdate 2>"$folder/stderr" >"$folder/stdout"
[ $? -eq 64 ] && grep -qF "did you mean 'validate'?" "$folder/stderr" || fail "a misspelt command must be recognised"

[ $failures -eq 0 ] && echo "bad input: $n files and the generated ones are refused as they should be"
exit $((failures > 0))
