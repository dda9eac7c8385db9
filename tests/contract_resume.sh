#!/usr/bin/env bash
# Parts and resume: a run that was interrupted goes on from its parts and ends in the bytes of an undisturbed one; parts
# that are damaged or of other runs are never mixed in.
source "$(dirname "$0")/cluster.sh"

expect 0 gf run small.yaml -o short.h5 --json
[ "$(field parts_written)" = 0 ] || fail "a short run wrote parts"
nothing_left short.h5

n=$(portfolios_for 1.5)
long=(run small.yaml --portfolios "$n" --progress none --json)
frequent=(--part-seconds 0)
expect 0 gf "${long[@]}" -o reference.h5
nothing_left reference.h5
count_parts() { find "$1.parts" -name 'part-*.h5' 2>/dev/null | wc -l; }

# stop OUTPUT SIGNAL EXIT [OPTION...]: starts the long run, waits for parts, sends the signal
stop() {
    local output=$1 signal=$2 expected=$3 process code wanted
    shift 3
    wanted=$(($(count_parts "$output") + 2))
    "$GUIDEFUND" "${long[@]}" "${frequent[@]}" -o "$output" "$@" >stdout 2>stderr &
    process=$!
    while [ "$(count_parts "$output")" -lt $wanted ] && kill -0 $process 2>/dev/null; do sleep 0.01; done
    kill -"$signal" $process 2>/dev/null
    wait $process 2>/dev/null
    code=$?
    [ $code -eq "$expected" ] || fail "$signal: exit $code, expected $expected"
    [ ! -e "$output" ] || fail "$signal: $output is there already"
    [ "$(count_parts "$output")" -ge $wanted ] || fail "$signal: $(count_parts "$output") parts"
}
interrupt() { # OUTPUT SIGNAL EXIT: a moment after it went on from parts
    local process code
    "$GUIDEFUND" "${long[@]}" -o "$1" >stdout 2>stderr &
    process=$!
    until grep -q 'are in .* already' stderr || ! kill -0 $process 2>/dev/null; do sleep 0.02; done
    sleep 0.3
    kill -"$2" $process 2>/dev/null
    wait $process 2>/dev/null
    code=$?
    [ $code -eq "$3" ] || fail "$2: exit $code, expected $3"
}
go_on() { # OUTPUT REFERENCE: the same command to the end, from parts
    expect 0 gf "${long[@]}" -o "$1" "${@:3}"
    [ "$(field from_parts)" -gt 0 ] || fail "$1: nothing came from parts"
    same "$2" "$1"
}

for signal in TERM INT; do
    stop out.h5 $signal 75
    says "the same command goes on with those in out.h5.parts"
    [ ! -e .out.h5.lock ] || fail "$signal left a lock"
    go_on out.h5 reference.h5
    nothing_left out.h5
    rm -f out.h5
done

# kill -9, with stale temporaries of this and another host
stop out.h5 KILL 137
touch .out.h5.elsewhere.4711.tmp out.h5.parts/.part-1-2-3.h5.elsewhere.4711.tmp
go_on out.h5 reference.h5 --resume
nothing_left out.h5

# a complete file: --resume leaves it, a plain run makes it anew
before=$(stat -c %i out.h5)
expect 0 gf "${long[@]}" -o out.h5 --resume
[ "$(stat -c %i out.h5)" = "$before" ] || fail "--resume wrote a complete file again"
expect 0 gf "${long[@]}" -o out.h5 --resume --json
"$python" -c 'import json; run = json.load(open("stdout")); names = [n["name"] for n in run["summary"]]
assert "net_tvpi.median" in names and run["seconds"] == 0, run' || fail "--resume --json of a complete file: $(head -c 600 stdout)"
"$python" -c 'import h5py; h5py.File("out.h5", "r+")["provenance"].attrs["revision"] = "another"'
expect 0 gf "${long[@]}" -o out.h5 --resume
[ "$(field seconds)" != 0.0 ] || fail "--resume took the result of another revision for its own"

# a part that cannot be read at the moment is not lost
mkdir other
if [ "$(id -u)" = 0 ] && chmod 755 "$folder" && chown 65534 other; then
    as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
    as_other=()
fi
if "${as_other[@]}" "$GUIDEFUND" version >/dev/null 2>&1 && "${as_other[@]}" test -r small.yaml -a -w other; then
    held() { # WORDS: until the long run says them, or has a part; then TERM
        "${as_other[@]}" "$GUIDEFUND" "${long[@]}" "${frequent[@]}" -o other/out.h5 >stdout 2>stderr &
        local process=$!
        until eval "$1" || ! kill -0 $process 2>/dev/null; do sleep 0.01; done
        kill -TERM $process 2>/dev/null
        wait $process
        [ $? -eq 75 ] || fail "a run that is held does not end with 75"
    }
    held '[ "$(count_parts other/out.h5)" -ge 1 ]'
    part=$(find other/out.h5.parts -name 'part-*.h5' | sort | head -1)
    chmod 000 "$part"
    held 'grep -q "cannot read" stderr'
    says "its portfolios are computed again"
    [ -e "$part" ] || fail "a part that could not be read was removed"
    chmod 644 "$part"
    expect 0 "${as_other[@]}" "$GUIDEFUND" "${long[@]}" -o other/out.h5
    same reference.h5 other/out.h5
else
    echo "parts that cannot be read left out: no other user can run the program here" >&2
fi
rm -rf other
expect 0 gf run small.yaml -o out.h5 --resume --json
[ "$(stat -c %i out.h5)" != "$before" ] || fail "--resume took the result of another run for its own"
same short.h5 out.h5
rm -f out.h5

# parts of another seed are neither used nor destroyed
stop out.h5 KILL 137
n_first=$(count_parts out.h5)
expect 0 gf "${long[@]}" -o out.h5 --seed 8
says "parts of other runs"
[ "$(field from_parts)" = 0 ] || fail "parts of another seed were used"
[ "$(count_parts out.h5)" = "$n_first" ] || fail "parts of another run are gone"
expect 0 gf "${long[@]}" -o other.h5 --seed 8
same other.h5 out.h5
# … not even under a name of this run
first=$(find out.h5.parts -name 'part-*.h5' | sort | head -1)
identity=$(basename "$first" | cut -d- -f2)
stop out8.h5 KILL 137 --seed 8
other=$(find out8.h5.parts -name 'part-*.h5' | sort | head -1)
cp "$other" "out.h5.parts/$(basename "$other" | sed "s/^part-[0-9a-f]*/part-$identity/")"
rm -f "$first" out.h5
cp "$other" "$first"
expect 0 gf "${long[@]}" -o out.h5
says "a part of another run or range"
same reference.h5 out.h5
rm -rf out.h5 out8.h5*

# damaged parts are named and computed again
stop out.h5 KILL 137
mapfile -t parts < <(find out.h5.parts -name 'part-*.h5' | sort)
"$python" - "${parts[0]}" "${parts[1]}" <<'PY'
import os, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(os.path.getsize(sys.argv[1]) // 2)
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 16]))
os.truncate(sys.argv[2], os.path.getsize(sys.argv[2]) - 100)
PY
expect 0 gf "${long[@]}" -o out.h5
says "${parts[0]}: damaged"
says "${parts[1]}: damaged"
same reference.h5 out.h5
nothing_left out.h5
rm -f out.h5

# --fresh starts over
stop out.h5 KILL 137
expect 0 gf "${long[@]}" -o out.h5 --fresh
[ "$(field from_parts)" = 0 ] || fail "--fresh used parts"
same reference.h5 out.h5
nothing_left out.h5
rm -f out.h5
expect 64 gf "${long[@]}" -o out.h5 --fresh --resume

# without columns: parts of constant size, whatever has been done before
long+=(--portfolios $((2 * n)) --set output.portfolios=none --set output.quarters_of=0 --set output.startups_of=0)
expect 0 gf "${long[@]}" -o reference_none.h5
stop out.h5 KILL 137
stop out.h5 TERM 75
find out.h5.parts -name 'part-*.h5' -printf '%s\n' | sort -n >sizes
[ "$(tail -1 sizes)" -lt $((3 * $(head -1 sizes))) ] || fail "parts grow: $(tr '\n' ' ' <sizes)"
go_on out.h5 reference_none.h5
nothing_left out.h5
rm -f out.h5

# a gap that was filled before the run was interrupted again counts once, although nothing was due to be saved
stop out.h5 KILL 137
rm -f "$(find out.h5.parts -name 'part-*.h5' | sort | head -1)"
interrupt out.h5 TERM 75
go_on out.h5 reference_none.h5
nothing_left out.h5

finish "a run that is interrupted ends in the same bytes"
