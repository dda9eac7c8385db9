#!/bin/bash
# benchmarks/pairs: an engine against itself has the same bits, and one with a fifth more startups is found to be slower.
set -u
grep -qE '^GF_SANITIZE:[A-Z]+=.' "$BUILD/CMakeCache.txt" && exit 77 # archives that need a sanitizer's start-up code
grep -qiE '^GF_COVERAGE:[A-Z]*=(ON|1|TRUE|YES)' "$BUILD/CMakeCache.txt" && exit 77
archive=$BUILD/libguidefund.a
[ -f "$archive" ] && ! grep -qiE '^BUILD_SHARED_LIBS:[A-Z]*=(ON|1|TRUE|YES)' "$BUILD/CMakeCache.txt" || { echo "SKIPPED: the engine is a shared library here"; exit 77; }
pairs() { "$GF_SOURCE/benchmarks/pairs" --old "$archive" --new "$archive" --launches 4 --rounds 40 "$@"; }

same=$(pairs) && more=$(pairs --set-new startups.count=120) || { echo "FAILED: benchmarks/pairs ended with $?"; exit 1; }
printf '%s\n%s\n' "$same" "$more"
grep -q 'the same bits$' <<<"$same" || { echo "FAILED: the same code has other bits"; exit 1; }
ratio() { sed -E 's/.*new over old ([0-9.]+) .*/\1/' <<<"$1"; }
awk -v same="$(ratio "$same")" -v more="$(ratio "$more")" 'BEGIN { exit !(same > 0.8 && same < 1.25 && more > 1.05 * same) }' ||
    { echo "FAILED: expected about 1, and 1.13 with a fifth more startups"; exit 1; }
"$GF_SOURCE/benchmarks/pairs" --old "$archive" --new "$archive" --config nowhere 2>/dev/null
[ $? -eq 2 ] || { echo "FAILED: a config that is not there"; exit 1; }
