#!/bin/bash
# The instructions of the simulation against those on record (benchmarks/instructions.json), and a spoiled twin with
# a fifth more startups, which must be found out. Only of an optimised build without sanitizers and coverage.
set -u
cache=$BUILD/CMakeCache.txt
grep -q '^CMAKE_BUILD_TYPE:[A-Z]*=Release$' "$cache" && grep -q '^GF_SANITIZE:[A-Z]*=$' "$cache" &&
    grep -q '^GF_COVERAGE:[A-Z]*=OFF$' "$cache" && grep -q '^CMAKE_C_FLAGS:[A-Z]*=$' "$cache" ||
    { echo "SKIPPED: instructions are compared in plain release builds only"; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$GF_SOURCE/benchmarks/instructions" --guidefund "$GUIDEFUND" || exit $?
"$GF_SOURCE/benchmarks/instructions" --guidefund "$GUIDEFUND" --set startups.count=120 >"$log" 2>&1
if [ $? -ne 1 ] || [ "$(grep -c 'FAILED$' "$log")" -lt 1 ]; then
    echo "FAILED: a fifth more startups were not noticed"
    cat "$log"
    exit 1
fi
echo "the spoiled twin was found: $(grep -m1 'FAILED$' "$log")"
