#!/bin/bash
# The example of docs/adding_a_model.md is taken from the page, compiled with all warnings, registered by one line, and
# must keep the contract of models. A spoiled copy must break it.
set -euo pipefail
source=${GF_SOURCE:?}
build=${BUILD:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

command -v "${CC:-cc}" >/dev/null || { echo "no C compiler: skipped"; exit 77; }
library=$(find "$build" -maxdepth 2 -name 'libguidefund.a' | head -n 1)
[ -n "$library" ] || { echo "no static library in $build: skipped"; exit 77; }
grep -q 'fsanitize\|--coverage' "$build/build.ninja" 2>/dev/null && { echo "instrumented build: skipped"; exit 77; }

flags=(-std=gnu17 -O1 -D_GNU_SOURCE -ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
       -I"$work" -I"$source/engine" -I"$source" -I"$source/tests")

# compiles models/vouchers.c of $work with the registry and a contract test, and runs it
run_contract() {
    "${CC:-cc}" "${flags[@]}" "$work/models/vouchers.c" "$source/models/registry.c" "$source/tests/$1.c" "$library" \
        -o "$work/$1" -lcmocka -lgsl -lgslcblas -lyaml -lgomp -lpthread -lm
    "$work/$1" >"$work/$1.log" 2>&1
}

mkdir "$work/models"
awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' "$source/docs/adding_a_model.md" >"$work/models/vouchers.c"
[ -s "$work/models/vouchers.c" ] || fail "the page has no C example"
{ cat "$source/models/registry.def"; grep -m 1 '^    GF_MODEL(' "$source/docs/adding_a_model.md"; } >"$work/models/registry.def"
grep -q '^ *GF_MODEL(vouchers)' "$work/models/registry.def" || fail "the page has no registry line"

for contract in contract_models contract_model_configs; do
    run_contract "$contract" || { cat "$work/$contract.log"; fail "the page's model breaks $contract"; }
done

# spoiled twin: neutral values that are not neutral
sed -i 's/= 1 + params->share \* (params->lift - 1)/= 1.5/' "$work/models/vouchers.c"
run_contract contract_models && fail "a model that is never neutral passed"
grep -q 'vouchers: not neutral' "$work/contract_models.log" || fail "the contract failed for another reason"
echo "the page's example compiles and keeps the contract"
