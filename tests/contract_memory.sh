#!/bin/bash
# Memory is a matter of threads, not of portfolios: without columns, ten times as many portfolios take no more, and
# another thread takes its workspace and its sketches, about 14 MiB in whole huge pages. Small portfolios, so that a million of them take
# seconds. What is kept of every portfolio (the twin: quarters of 65,536 portfolios) must be seen.
set -u
grep -q '^GF_SANITIZE:[A-Z]*=$' "$BUILD/CMakeCache.txt" || { echo "SKIPPED: sanitizers keep memory of their own"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# peak THREADS PORTFOLIOS KEPT [OPTION...]: MiB at most in use
peak() {
    local threads=$1 portfolios=$2 kept=$3
    shift 3
    /usr/bin/python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' \
        "$GUIDEFUND" run "$GF_SOURCE/configs/reference.yaml" --threads "$threads" \
        --portfolios "$portfolios" --set "output.portfolios=$kept" "$@" --set startups.count=5 --progress none -o "$folder/out.h5" || echo failed
}

few=$(peak 1 100000 none) many=$(peak 1 1000000 none) threads=$(peak 4 100000 none)
small=$(peak 1 100000 all) large=$(peak 1 1000000 all)
series=$(peak 1 100000 none --set output.quarters_of=65536)
echo "MiB: $few for 100,000 portfolios, $many for a million, $threads with 4 threads; with columns $small and $large, with series $series"
[ "$many" -le $((few + 4)) ] || { echo "FAILED: memory grows with portfolios"; exit 1; }
[ "$many" -le 64 ] || { echo "FAILED: over 64 MiB with one thread"; exit 1; }
[ "$threads" -le $((few + 3 * 18)) ] || { echo "FAILED: over 18 MiB for another thread"; exit 1; }
[ "$large" -le $((small + 32)) ] || { echo "FAILED: with columns, over two of them are in memory at a time"; exit 1; }
[ "$series" -ge $((few + 32)) ] || { echo "FAILED: kept series were not seen to take memory"; exit 1; }
