#!/bin/bash
# The engine against independent peers of the reference workload: same laws, and a peer with one wrong hazard is found
# out. Bound |z| < 5 per test; the runner prints the odds of a false alarm. GF_TEST_SEED changes the seed.
set -u
seed=${GF_TEST_SEED:-2026}
runner=$GF_SOURCE/benchmarks/run
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect CODE ARGUMENTS…: the runner must end with that very code (1 is disagreement, 2 is a broken peer)
expect() {
    local wanted=$1
    shift
    "$runner" --build "$BUILD/benchmarks" --seed "$seed" --rounds 1 --output "$folder/results.json" "$@" >"$folder/log" 2>&1
    local got=$?
    if [ $got -ne "$wanted" ]; then
        echo "FAILED: 'benchmarks/run $*' ended with $got, expected $wanted"
        cat "$folder/log"
        exit 1
    fi
    grep -E 'tests,|DISAGREES|false alarm' "$folder/log"
}

# spoiled ARGUMENTS…: disagreement must be found where the wrong hazard acts, and nowhere else must anything break
spoiled() {
    expect 1 --spoil "$@"
    grep -q 'DISAGREES: mean of n_failed' "$folder/log" || { echo "FAILED: the wrong hazard was not what was found"; exit 1; }
    ! grep -q 'BREAKS AN IDENTITY' "$folder/log" || { echo "FAILED: an identity broke"; exit 1; }
}

expect 0 --peers naive_gsl,numpy_compacted --portfolios 4000
spoiled --peers naive_gsl,numpy_compacted --portfolios 4000

if [ ! -x "${GUIDEFUND:-}" ] || [ ! -f "$GF_SOURCE/configs/reference.yaml" ]; then
    echo "SKIPPED: no program or no configs/reference.yaml to compare with the peers"
    exit 77
fi
for peer in guidefund guidefund_gsl; do
    expect 0 --guidefund "$GUIDEFUND" --peers "naive_gsl,$peer" --portfolios 4000
done
expect 0 --guidefund "$GUIDEFUND" --peers naive_gsl,guidefund --portfolios 4000 --startups 10
spoiled --guidefund "$GUIDEFUND" --peers naive_gsl,guidefund --portfolios 4000
echo "the engine and its peers agree, the spoiled twins were found"
