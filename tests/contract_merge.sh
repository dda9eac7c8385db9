#!/usr/bin/env bash
# Shards and merge: N pieces make the bytes of one run; a set that is not complete, or not of one run, or damaged, is
# refused by name and nothing is written.
source "$(dirname "$0")/cluster.sh"

kept_all=(run small.yaml --set output.portfolios=all --set output.sample_every=7)
for keep in all sample none; do
    for n in 1 3 8; do
        options=(--set "output.portfolios=$keep" --set output.sample_every=7 --progress none)
        parts=()
        [ -e "one_$keep.h5" ] || expect 0 gf run small.yaml -o "one_$keep.h5" "${options[@]}"
        for ((k = n; k >= 1; k--)); do
            expect 0 gf run small.yaml -o "$keep$k.h5" --shard $k/$n --threads $((1 + k % 3)) "${options[@]}"
            nothing_left "$keep$k.h5"
            parts+=("$keep$k.h5")
        done
        expect 0 gf merge -o "merged_$keep.h5" "${parts[@]}"
        same "one_$keep.h5" "merged_$keep.h5"
        nothing_left "merged_$keep.h5"
        [ $n -eq 3 ] || rm -f "${parts[@]}"
        mkdir -p "set_$keep"
        [ $n -ne 3 ] || mv "${parts[@]}" "set_$keep"
    done
done
# more shards than batches of portfolios: some are empty
expect 0 gf run small.yaml --portfolios 100 -o few.h5
for k in $(seq 40); do expect 0 gf run small.yaml --portfolios 100 -o "few$k.h5" --shard "$k/40"; done
expect 0 gf merge -o few_merged.h5 few?.h5 few??.h5
same few.h5 few_merged.h5
rm -f few*

# a shard that is there stays; another shard of the same run never overwrites it
a=set_all/all1.h5 b=set_all/all2.h5 c=set_all/all3.h5
before=$(stat -c %i $a)
expect 0 gf "${kept_all[@]}" -o $a --shard 1/3
[ "$(stat -c %i $a)" = "$before" ] || fail "a complete shard was run again"
expect 73 gf "${kept_all[@]}" -o $a --shard 2/3
says "holds shard 1 of 3 of the same run"
expect 73 gf "${kept_all[@]}" -o one_all.h5 --shard 2/3
says "one_all.h5 holds a finished result; expected another name for shard 2 of 3"
expect 65 gf summary $a
says "guidefund-part"

# refuse EXIT TEXT PART...: by name, with nothing written
refuse() {
    local code=$1 text=$2
    shift 2
    echo old >target.h5
    expect "$code" gf merge -o target.h5 "$@"
    says "$text"
    [ "$(cat target.h5)" = old ] || fail "a refused merge wrote its file"
    [ ! -s stdout ] || fail "a refused merge printed results"
    nothing_left target.h5
}
touch .target.h5.elsewhere.17.tmp # what a merge that was killed on another host left
refuse 65 "missing: shard 2 of 3" $a $c
refuse 65 "missing: shards 1 to 2 of 3" $c
refuse 65 "set_all/all2.h5: doubled: holds the same portfolios as set_all/all2.h5" $a $b $b $c
refuse 66 "cannot open nowhere.h5: No such file" $a $b $c nowhere.h5
refuse 65 "missing: shard 3 of 3" $a $b nowhere.h5
refuse 66 "it is a folder" $a $b $c .
refuse 65 "one_all.h5: not a part or shard" $a $b $c one_all.h5
refuse 65 "small.yaml: damaged or no part at all" $a $b $c small.yaml
expect 0 gf "${kept_all[@]}" -o seed.h5 --shard 2/3 --seed 8
refuse 65 "seed.h5: foreign: seed 8, the other parts have 7" $a seed.h5 $c
expect 0 gf "${kept_all[@]}" -o more.h5 --shard 2/3 --portfolios 9001
refuse 65 "more.h5: foreign: of a run of 9001 portfolios" $a more.h5 $c
expect 0 gf "${kept_all[@]}" -o config.h5 --shard 2/3 --set market.persistence=0.5
refuse 65 "config.h5: foreign: its config" $a config.h5 $c
refuse 65 "missing: shard 2 of 3" $a config.h5 $c # what is foreign leaves a hole
expect 0 gf "${kept_all[@]}" -o quarter.h5 --shard 2/4
refuse 65 "quarter.h5: doubled: portfolios" $a quarter.h5 $b $c
: >empty.h5
refuse 65 "empty.h5: damaged" $a empty.h5 $c
head -c 5000 $b >short.h5
refuse 65 "short.h5: damaged" $a short.h5 $c
expect 64 gf merge -o target.h5
expect 64 gf merge $a $b $c

# what it prints: a line for people, one object for programs, nothing on stderr; wrong words are refused before anything
# is looked at
expect 0 gf merge -o told.h5 $c $a $b
grep -qE '^small: 9000 portfolios from 3 parts in [0-9.]+ s$' stdout || fail "merge prints $(head -1 stdout)"
grep -qF 'results in told.h5;' stdout || fail "merge does not say where its results are"
[ ! -s stderr ] || fail "a merge complains"
for how in auto plain json none; do
    rm -f told.h5
    expect 0 gf merge --json --progress $how -o told.h5 $c $a $b
    [ ! -s stderr ] || fail "--progress $how: something on stderr of a short merge"
    "$python" - <<'PY' || fail "merge --json: $(cat stdout)"
import json
report = json.load(open("stdout"))
assert list(report) == ["scenario", "file", "portfolios", "parts", "seconds"], report
assert (report["scenario"], report["file"], report["portfolios"], report["parts"]) == ("small", "told.h5", 9000, 3)
assert 0 <= report["seconds"] < 600
PY
    same one_all.h5 told.h5
done
rm -f told.h5
for wrong in loud '' JSON; do
    expect 64 gf merge --progress "$wrong" -o told.h5 $a $b $c
    says "--progress $wrong; expected auto, plain, json or none"
done
expect 64 gf merge --json -o told.h5
says "no parts named; expected PART.h5..."
expect 64 gf merge --json $a
says "no result file named; expected -o FILE.h5"
expect 65 gf merge --json -o told.h5 $a $c
[ ! -s stdout ] || fail "a refused merge prints an object"
[ ! -e told.h5 ] || fail "a refused merge wrote told.h5"

# no input is overwritten, no whole run takes the name of a shard
expect 73 gf merge -o "$a" $a $b $c
says "which is read; expected another name"
expect 73 gf run small.yaml -o "$a" --progress none
says "holds shard 1 of 3 (small); expected another name"
expect 73 gf merge -o "$a" $b $c
says "holds shard 1 of 3"
# nor of one whose rows are small enough to lie among the headers
for n in 10 37 40 60; do
    tiny=(gf run small.yaml --portfolios $n --set output.quarters_of=0 --set output.startups_of=0 --progress none)
    expect 0 "${tiny[@]}" --shard 1/1 -o tiny$n.h5
    expect 73 "${tiny[@]}" -o tiny$n.h5
    says "holds shard 1 of 1"
done

# interrupted: nothing is left, and the same command begins again
for k in 1 2 3 4; do expect 0 gf run small.yaml --portfolios 400000 --shard $k/4 -o "half$k.h5" --progress none; done
n_interrupted=0
for delay in 0.05 0.1 0.15 0.2 0.3 0.4; do
    "$GUIDEFUND" merge -o interrupted.h5 half?.h5 --progress none >stdout 2>stderr &
    process=$!
    sleep $delay
    kill -INT $process 2>/dev/null
    wait $process
    case $? in
        0) ;;
        75) n_interrupted=$((n_interrupted + 1))
            says "nothing is written, the same command begins again"
            [ ! -e interrupted.h5 ] || fail "an interrupted merge left a file" ;;
        *) fail "a merge that was interrupted after $delay s ended otherwise" ;;
    esac
    nothing_left interrupted.h5
    rm -f interrupted.h5
done
[ $n_interrupted -gt 0 ] || echo "no merge was slow enough to be interrupted" >&2
expect 0 gf merge -o interrupted.h5 half?.h5
rm -f half?.h5 interrupted.h5

# one flipped bit anywhere, also in the checksum itself
"$python" - "$b" "${GF_TEST_SEED:-1}" <<'PY'
import random, sys
data = bytearray(open(sys.argv[1], "rb").read())
random.seed(int(sys.argv[2]))
places = [8 * (len(data) - 1 - i) + bit for i in (1, 4, 8) for bit in (4, 5)]  # digits of the checksum
places += [random.randrange(8 * len(data)) for _ in range(18)]
for i, place in enumerate(places):
    data[place // 8] ^= 1 << place % 8
    open(f"flipped{i}.h5", "wb").write(data)
    data[place // 8] ^= 1 << place % 8
PY
for flipped in flipped*.h5; do refuse 65 "$flipped: damaged" $a "$flipped" $c; done
rm -f flipped*

# --shard auto: by the environment of a Slurm task; the file's name says which one
auto() { # SHARD-OF-N ENVIRONMENT...
    local wanted=$1
    shift
    rm -f auto.shard-*
    expect 0 env "$@" "$GUIDEFUND" run small.yaml --portfolios 500 -o auto.h5 --shard auto
    [ "$(echo auto.shard-*)" = "auto.shard-$wanted.h5" ] || fail "$*: $(echo auto.shard-*), expected $wanted"
}
auto 0001-of-0002 SLURM_PROCID=0 SLURM_NTASKS=2
auto 0002-of-0002 SLURM_PROCID=1 SLURM_NTASKS=2
auto 0003-of-0004 SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=5
auto 0003-of-0004 SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=4 \
    SLURM_PROCID=0 SLURM_NTASKS=2 # a batch script is one process, whatever its number of tasks
auto 0006-of-0008 SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1 SLURM_STEP_ID=0 SLURM_PROCID=1 \
    SLURM_STEP_NUM_TASKS=2 SLURM_NTASKS=2
expect 64 env SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 \
    "$GUIDEFUND" run small.yaml -o auto.h5 --shard auto
says "gaps"
expect 64 gf run small.yaml -o auto.h5 --shard auto
for wrong in 0/3 4/3 3 a/b 1/ /3 1/0 -1/3 1/3x 1/99999999999; do expect 64 gf run small.yaml -o auto.h5 --shard "$wrong"; done

# what is still to be run
for k in 1 2 4; do expect 0 gf run small.yaml -o "job.shard-000$k-of-0006.h5" --shard $k/6; done
head -c 3000 job.shard-0002-of-0006.h5 >begun.h5 && mv begun.h5 job.shard-0002-of-0006.h5
expect 0 gf run small.yaml -o job.h5 --missing-shards 6
[ "$(cat stdout)" = "2-3,5-6" ] || fail "missing shards: $(cat stdout), expected 2-3,5-6"
expect 0 gf run small.yaml -o job.h5 --missing-shards 6 --json
"$python" -c 'import json, sys; sys.exit(json.load(sys.stdin) != {"file": "job.h5", "shards": 6, "missing": [2, 3, 5, 6]})' <stdout ||
    fail "missing shards as JSON: $(cat stdout)"
[ -z "$(tail -c 1 stdout)" ] || fail "the object of missing shards does not end with a line feed"
for wrong in 0 -1 x 1.5 '' 1000001; do
    expect 64 gf run small.yaml -o job.h5 --missing-shards "$wrong"
    says "--missing-shards $wrong; expected a whole number from 1 to 1000000"
done
expect 0 gf run small.yaml -o job.shard-0003-of-0006.h5 --shard 3/6
for k in 2 5 6; do expect 0 gf run small.yaml -o "job.shard-000$k-of-0006.h5" --shard $k/6; done
expect 0 gf run small.yaml -o job.h5 --missing-shards 6
[ "$(cat stdout)" = "" ] || fail "missing shards: $(cat stdout), expected none"
expect 0 gf run small.yaml -o job.h5 --missing-shards 6 --seed 8 # those of another run are none
[ "$(cat stdout)" = "1-6" ] || fail "missing shards of another seed: $(cat stdout), expected 1-6"
expect 0 gf run small.yaml -o elsewhere.h5 --missing-shards 1
[ "$(cat stdout)" = "1" ] || fail "missing shards: $(cat stdout), expected 1"

# Memory of a merge does not grow with portfolios; sanitizers keep shadows and freed memory, so it is not measured there.
check_memory() {
    peak() { # COMMAND...: kB
        "$python" -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
    }
    for n in 20000 200000; do
        for keep in all none; do
            for k in 1 2; do
                expect 0 gf run small.yaml --set startups.count=4 --portfolios $n -o big$k.h5 --shard $k/2 \
                    --set "output={portfolios: $keep}" --fresh
            done
            peak "$GUIDEFUND" merge -o big.h5 big1.h5 big2.h5 >"peak_${keep}_$n"
            rm -f big*.h5
        done
    done
    for keep in all none; do
        low=$(cat peak_${keep}_20000) high=$(cat peak_${keep}_200000)
        # the summary of up to a million kept portfolios sorts one column at a time: some 40 bytes a portfolio
        [ "$high" -lt $((low + 12000)) ] || fail "a merge of $keep takes $low kB for 20,000 portfolios, $high kB for 200,000"
    done
}
grep -qaE '__(asan|tsan)_init' "$GUIDEFUND" || check_memory
finish "shards make one run; sets that are none are refused"
