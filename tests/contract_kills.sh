#!/usr/bin/env bash
# Kills at random moments (KILL, TERM, INT) of single runs and of shards: the same command, given again, ends in the
# bytes of an undisturbed run every time; no file under a final name is ever unreadable; nothing is left behind.
#   GF_KILLS   number of kills (20), GF_TEST_SEED   seed of the moments
source "$(dirname "$0")/cluster.sh"
n_kills=${GF_KILLS:-20}
RANDOM=${GF_TEST_SEED:-1}
n=$(portfolios_for 0.6 131072)
base=(run small.yaml --portfolios "$n" --progress none --part-seconds 0.05)
kinds=("single" "single --set output.portfolios=none" "single --set output.portfolios=sample --set output.sample_every=7"
       "shard --set output.portfolios=none")
signals=(KILL TERM INT)

durations_ms=()
for kind in "${!kinds[@]}"; do
    read -ra words <<<"${kinds[kind]}"
    start=$(date +%s%N)
    expect 0 gf "${base[@]}" "${words[@]:1}" -o "reference$kind.h5"
    durations_ms+=($((($(date +%s%N) - start) / 1000000)))
done
durations_ms[3]=$((durations_ms[3] / 3))
# a sanitizer makes it ten times slower: then fewer kills tell as much
[ "${durations_ms[0]}" -lt 8000 ] || n_kills=$(((n_kills + 3) / 4))
read -ra words <<<"${kinds[3]}"
for shard in 1 3; do expect 0 gf "${base[@]}" "${words[@]:1}" -o "shard$shard.h5" --shard $shard/3; done

check_final() { # a file under a final name is complete, or is not there
    [ ! -e "$1" ] || "$python" -c 'import sys, h5py; f = h5py.File(sys.argv[1]); f.visititems(lambda n, x: x[()] if isinstance(x, h5py.Dataset) and x.size < 9 else None)' "$1" 2>stderr ||
        fail "$1 is unreadable"
}
n_done=0 n_interrupted=0
while [ $n_done -lt "$n_kills" ]; do
    kind=$((RANDOM % ${#kinds[@]}))
    read -ra words <<<"${kinds[kind]}"
    output=single.h5
    command=(gf "${base[@]}" "${words[@]:1}" -o single.h5)
    [ "${words[0]}" = single ] || { output=shard2.h5; command=(gf "${base[@]}" "${words[@]:1}" -o shard2.h5 --shard 2/3); }
    rm -f "$output"
    for ((times = 1 + RANDOM % 3; times > 0 && n_done < n_kills; times--)); do
        signal=${signals[RANDOM % 3]}
        "$GUIDEFUND" "${command[@]:1}" >stdout 2>stderr &
        process=$!
        sleep "$(awk -v ms=$((RANDOM % durations_ms[kind])) 'BEGIN { printf "%.3f", ms / 1000 }')"
        kill -$signal $process 2>/dev/null
        wait $process 2>/dev/null
        code=$?
        n_done=$((n_done + 1))
        case $code in
        0) ;;
        75 | 137 | 143 | 130) n_interrupted=$((n_interrupted + 1)) ;; # 143, 130: before it could catch the signal
        *) fail "${command[*]}: exit $code after $signal" ;;
        esac
        check_final "$output"
    done
    expect 0 "${command[@]}"
    if [ "$output" = shard2.h5 ]; then
        expect 0 gf merge -o single.h5 shard1.h5 shard2.h5 shard3.h5
    fi
    same "reference$kind.h5" single.h5
    nothing_left "$output"
    nothing_left single.h5
done
[ $((4 * n_interrupted)) -ge "$n_kills" ] || fail "only $n_interrupted of $n_kills kills hit a run"
[ -z "$(find . -name '*.tmp' -o -name '*.lock' -o -name '*.parts')" ] || fail "left behind: $(ls -A)"
finish "$n_done kills, $n_interrupted of them in a run: the same bytes every time"
