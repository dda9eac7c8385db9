#!/usr/bin/env bash
# The histories of Wuxi, Xuhui and Shenzhen show the figures of the documents, and lose them without their mechanism
# (checks with `holds: false` in the cases are the twins); a number that is off makes the command fail.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=${GF_SOURCE:-$here/..}
cases=$source_tree/configs/history/cases.yaml

"$GUIDEFUND" published --cases "$cases"

# twin: the same cases with another expectation are refused
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source_tree/configs" "$work/configs"
sed -i 's/median(economy_decade_growth)", expected: 2,/median(economy_decade_growth)", expected: 3,/' \
    "$work/configs/history/cases.yaml"
if "$GUIDEFUND" published --cases "$work/configs/history/cases.yaml" wuxi_2007_2023 >"$work/out" 2>&1; then
    cat "$work/out"
    echo "a wrong figure went unnoticed"
    exit 1
fi
grep -q "1 off" "$work/out"
