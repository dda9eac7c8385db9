#!/usr/bin/env bash
# Every scenario of the repository is accepted and runs to finite columns, all models at once included; the order of
# models in a config changes no bit, and a model at its neutral values leaves the columns of a run without it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=${GF_SOURCE:-$here/..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source_tree/configs" "$work/configs"
cd "$work"

run() { # CONFIG OUTPUT [OPTION…]
    "$GUIDEFUND" run "$1" -o "$2" --portfolios 64 --progress none "${@:3}" >/dev/null 2>"$work/log" || { cat "$work/log"; exit 1; }
}

columns() { # FILE: name and digest of every column of the engine and of its models; fails on a NaN without a flag
    /usr/bin/python3 - "$1" <<'PYTHON'
import hashlib, sys, h5py, numpy as np
columns = h5py.File(sys.argv[1])["portfolios"]
for name in sorted(columns):
    values = columns[name][:]
    flag = f"{name}_flag"
    if values.dtype.kind == "f" and not np.isfinite(values[columns[flag][:] == 0 if flag in columns else slice(None)]).all():
        sys.exit(f"{sys.argv[1]}: {name} is not finite")
    print(name, hashlib.sha256(values.tobytes()).hexdigest()[:16])
PYTHON
}

n=0
for config in configs/*.yaml configs/hybrids/*.yaml configs/history/*_*.yaml; do
    "$GUIDEFUND" validate "$config" >/dev/null 2>"$work/log" || { cat "$work/log"; exit 1; }
    run "$config" "run_$n.h5"
    columns "run_$n.h5" >/dev/null
    n=$((n + 1))
done
[ "$n" -ge 24 ]

mapfile -t models < <("$GUIDEFUND" models --json | /usr/bin/python3 -c 'import json, sys; [print(m["name"]) for m in json.load(sys.stdin)["models"]]' | sort -r)
[ "${#models[@]}" -ge 10 ]
together() { # NAME MODEL…
    printf 'extends: configs/baseline.yaml\nscenario: together\nmodels:\n' >"$1.yaml"
    for model in "${@:2}"; do
        if [ "$model" = spillover ]; then printf '  spillover: {breakout: 0.05}\n'; else printf '  %s: {}\n' "$model"; fi >>"$1.yaml"
    done
    run "$1.yaml" "$1.h5"
    columns "$1.h5" >"$1.txt"
}
together forward "${models[@]}"
together backward $(printf '%s\n' "${models[@]}" | tac)
together fewer "${models[@]:1}"
cmp forward.txt backward.txt
if cmp -s <(grep net_tvpi forward.txt) <(grep net_tvpi fewer.txt); then # twin: a model less is seen
    echo "leaving out a model changed nothing"
    exit 1
fi

# neutral values on the command line: the scenario without the model, bit for bit
run configs/xuhui.yaml with.h5 --set models.district.concentration=0
sed '/^  district:/,/^  economy:/{/^  economy:/!d}' configs/xuhui.yaml >configs/without.yaml
run configs/without.yaml without.h5
columns with.h5 | grep -v '^district_' >with.txt
columns without.h5 >without.txt
cmp with.txt without.txt
columns run_0.h5 >other.txt
if cmp -s with.txt other.txt; then # twin: another scenario differs
    echo "two scenarios give the same columns"
    exit 1
fi
echo "$n scenarios"
