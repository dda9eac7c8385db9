#!/usr/bin/env bash
# Outputs that cannot be written, a full disk, a limit on file sizes, two runs into one file: the right exit code, a
# message that names the file, nothing half-written; after room is made the same command goes on.
source "$(dirname "$0")/cluster.sh"
run=(gf run small.yaml --progress none)

mkdir folder
expect 73 "${run[@]}" -o folder
says "folder"
expect 73 "${run[@]}" -o folder/
expect 73 "${run[@]}" -o nowhere/out.h5
says "nowhere/out.h5: No such file or directory"
expect 73 "${run[@]}" -o ''
says "cannot create '': not the name of a file; expected"
expect 73 "${run[@]}" -o /dev/full
says "not a regular file"
[ -z "$(ls -A folder)" ] || fail "left in folder: $(ls -A folder)"
# more rows than any disk holds are refused before the first one
expect 74 "${run[@]}" -o folder/many.h5 --portfolios 1e14
says "rows alone take 7.45e+05 GiB"
[ -z "$(ls -A folder)" ] || fail "left in folder: $(ls -A folder)"
expect 0 "${run[@]}" -o s1.h5 --shard 1/1
expect 73 gf merge -o folder s1.h5

mkdir locked
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$folder" locked
    as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
    chmod 555 locked
    as_other=()
fi
if "${as_other[@]}" "$GUIDEFUND" version >/dev/null 2>&1; then
    expect 73 "${as_other[@]}" "$GUIDEFUND" run small.yaml -o locked/out.h5
    says "locked/out.h5: Permission denied"
    [ -z "$(ls -A locked)" ] || fail "left in locked: $(ls -A locked)"
fi

# nothing that is read is overwritten, however far up the chain, by whatever name
printf 'extends: small.yaml\nscenario: middle\n' >middle.yaml
printf 'extends: middle.yaml\nscenario: kid\n' >kid.yaml
before=$(cat small.yaml middle.yaml kid.yaml | cksum)
ln -sf small.yaml alias.yaml
for target in kid.yaml middle.yaml small.yaml alias.yaml ./small.yaml; do
    expect 73 gf run kid.yaml -o "$target" --progress none
    says "cannot create $target: "
done
printf 'sweep: one\nbase: kid.yaml\nkeys: [{key: startups.count, values: [5, 6]}]\nnumbers: [{of: mean(n_failed)}]\n' >one.yaml
expect 73 gf sweep one.yaml -o small.yaml
says "cannot create small.yaml: kid.yaml extends it"
expect 73 gf run <(cat middle.yaml | sed "s|extends: |extends: $PWD/|") -o small.yaml --progress none # from a pipe
says "extends it; expected another name"
[ "$(cat small.yaml middle.yaml kid.yaml | cksum)" = "$before" ] || fail "a config was overwritten"
rm -f middle.yaml kid.yaml alias.yaml one.yaml

# what another run is writing stays, although its name begins with this one's
n=$(portfolios_for 2)
"$GUIDEFUND" run small.yaml --portfolios "$n" --threads 1 -o big.h5 --progress none >/dev/null 2>other & other=$!
for _ in $(seq 500); do compgen -G ".big.h5.*.tmp" >/dev/null && break; sleep 0.01; done
expect 0 "${run[@]}" -o big
expect 65 gf merge -o big small.yaml
wait "$other" || fail "a run lost its file to one with a shorter name: $(cat other)"
rm -f big big.h5

# a limit on the size of files is a full disk; the thread sanitizer needs large files for itself
if ! grep -qa '__tsan_init' "$GUIDEFUND"; then
    (ulimit -f 200; expect 74 "${run[@]}" -o limited.h5; exit $failures) || failures=$((failures + 1))
    says "limited.h5"
    [ ! -e limited.h5 ] || fail "a file of limited size stands under the final name"
    nothing_left limited.h5
    # … whichever thread comes to write beyond it
    for i in 1 2 3 4 5 6; do
        (ulimit -f 2000; expect 74 "${run[@]}" --threads 4 --portfolios 60000 -o limited.h5; exit $failures) || failures=$((failures + 1))
        says "cannot write limited.h5: File too large"
        ! grep -q HDF5 stderr || fail "HDF5 speaks for itself"
    done
    # a small file is refused for what it surely takes, not for columns that may turn out to be 0
    expect 0 "${run[@]}" --portfolios 3000 --set output.startups_of=0 --set output.quarters_of=0 -o small.h5
    (ulimit -f $(($(stat -c %s small.h5) / 1024 + 16)); expect 0 "${run[@]}" --portfolios 3000 --set output.startups_of=0 --set output.quarters_of=0 -o limited.h5; exit $failures) || failures=$((failures + 1))
    rm -f limited.h5
    (ulimit -f 20; expect 74 "${run[@]}" --portfolios 3000 --set output.startups_of=0 -o limited.h5; exit $failures) || failures=$((failures + 1))
    says "cannot write limited.h5: File too large"
fi

# a full disk in the middle: parts remain; with room the same command goes on
mkdir disk
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=24m guidefund-test disk 2>/dev/null; then
    gf_at_end+=("umount $folder/disk")
    n=131072
    expect 0 "${run[@]}" --portfolios $n --set output.startups_of=0 -o reference.h5 --json
    expect 74 "${run[@]}" --portfolios $n --set output.startups_of=0 -o disk/out.h5 --part-seconds 0
    says "No space left on device"
    [ ! -e disk/out.h5 ] || fail "a half file stands under the final name"
    [ -z "$(find disk -name '*.tmp' -o -name '*.lock')" ] || fail "a full disk left $(find disk)"
    mount -o remount,size=400m disk
    expect 0 "${run[@]}" --portfolios $n --set output.startups_of=0 -o disk/out.h5
    same reference.h5 disk/out.h5
    nothing_left disk/out.h5
    # so full that nothing at all can be written
    rm -f disk/out.h5
    mount -o remount,size=1m disk
    head -c 2000000 /dev/zero >disk/filler 2>/dev/null
    expect 74 "${run[@]}" -o disk/out.h5
    [ "$(ls -A disk)" = filler ] || fail "left on a full disk: $(ls -A disk)"
    expect 74 gf merge -o disk/out.h5 s1.h5
    [ "$(ls -A disk)" = filler ] || fail "left on a full disk by merge: $(ls -A disk)"
    # a small file of a long run has its place before anything is computed
    for room in 8 40; do
        rm -f disk/*
        head -c $(((1024 - room) * 1024)) /dev/zero >disk/filler
        for kind in "--set output.portfolios=none" "--set output.portfolios=none --shard 1/2" "--set output.portfolios=sample --set output.sample_every=1000000"; do
            expect 74 timeout 20 "$GUIDEFUND" "${run[@]:1}" --portfolios 1e9 $kind -o disk/out.h5
            grep -qE "No space left on device|its disk has .* left" stderr || fail "no word of the disk: $(cat stderr)"
            [ "$(ls -A disk)" = filler ] || fail "left on a full disk: $(ls -A disk)"
        done
    done
else
    echo "full disk left out: no right to mount one" >&2
fi

# one run a file: the second is refused, also a merge; kill -9 leaves no lock behind
n=$(portfolios_for 3)
"$GUIDEFUND" run small.yaml --progress none --portfolios "$n" -o shared.h5 >first 2>&1 &
process=$!
for ((i = 0; i < 500; i++)); do [ -e .shared.h5.lock ] && break; sleep 0.01; done
sleep 0.1
expect 73 "${run[@]}" -o shared.h5
says "shared.h5: process $process on $(uname -n) is writing it"
expect 73 gf merge -o shared.h5 s1.h5
kill -0 $process 2>/dev/null || fail "the first run ended too early for this test"
kill -KILL $process
wait $process 2>/dev/null
[ -e .shared.h5.lock ] || fail "the killed run had no lock file"
expect 0 "${run[@]}" -o shared.h5
nothing_left shared.h5

# a reader of the old file keeps its bytes while a new one takes its place
"$python" - "$GUIDEFUND" <<'PY' || fail "a reader saw the file change"
import subprocess, sys
import h5py
with h5py.File("shared.h5") as file:
    before = file["portfolios/net_tvpi"][()]
    subprocess.run([sys.argv[1], "run", "small.yaml", "--seed", "9", "-o", "shared.h5"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert (file["portfolios/net_tvpi"][()] == before).all()
with h5py.File("shared.h5") as file:
    assert not (file["portfolios/net_tvpi"][()] == before).all()
PY
finish "outputs that cannot be written are refused, and nothing is left behind"
