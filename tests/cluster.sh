# shellcheck shell=bash
# What the tests of parts, shards, merges and kills share; sourced by them. Gives $folder (removed at the end), config
# files, and the ways to run, compare and complain.
set -u
: "${GUIDEFUND:?names the program to test}"
GF_SOURCE=${GF_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
source "$GF_SOURCE/script/common.sh"
python=$(gf_find_python h5py) || { echo "SKIPPED: no Python with h5py" >&2; exit 77; }
folder=$(mktemp -d)
gf_at_end=() # further commands to run at the end
cleanup() {
    local command
    for command in "${gf_at_end[@]}"; do $command; done
    chmod -R u+rwX "$folder" 2>/dev/null
    rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder" || exit 1
failures=0
fail() {
    echo "FAILED: $*" >&2
    [ ! -s stderr ] || sed 's/^/    stderr: /' stderr >&2
    failures=$((failures + 1))
}
finish() { # WHAT: the last line of a test
    [ $failures -eq 0 ] && echo "$*"
    exit $((failures > 0))
}
expect() { # EXIT COMMAND...: output goes to ./stdout and ./stderr
    local expected=$1 code
    shift
    "$@" >stdout 2>stderr
    code=$?
    [ $code -eq "$expected" ] || fail "$*: exit $code, expected $expected"
}
says() { grep -qF -- "$1" stderr || fail "stderr does not say: $1"; }
gf() { "$GUIDEFUND" "$@"; }
same() { # A.h5 B.h5...: equal in every dataset and attribute outside /provenance
    "$python" "$GF_SOURCE/tests/same_results.py" "$@" >differences 2>&1 || fail "$* differ: $(head -5 differences)"
}
nothing_left() { # OUTPUT: the file alone, no lock, no temporary, no parts
    local left
    left=$(find "$(dirname "$1")" -maxdepth 1 \( -name ".$(basename "$1").*" -o -name "$(basename "$1").parts" \) | tr '\n' ' ')
    [ -z "$left" ] || fail "$1 left $left"
}
field() { "$python" -c 'import json,sys; print(json.load(open("stdout"))[sys.argv[1]])' "$1"; } # of a JSON object in ./stdout

# Small portfolios with every kind of content: series, startup rows, models.
cp -r "$GF_SOURCE/configs" configs # whoever edits them meanwhile shall not change the runs
cat >small.yaml <<YAML
extends: configs/hangzhou.yaml
scenario: small
portfolios: 9000
seed: 7
horizon_years: 6
startups: {count: 10}
output: {startups_of: 700, quarters_of: 800}
YAML
# A run of about so many seconds here, many chunks long unless another least is named, in portfolios.
portfolios_for() { # SECONDS [LEAST]
    local start end
    start=$(date +%s%N)
    gf run small.yaml --portfolios 65536 --set output.startups_of=0 -o timing.h5 >/dev/null 2>&1
    end=$(date +%s%N)
    rm -f timing.h5
    awk -v s="$1" -v least="${2:-262144}" -v t=$(((end - start) / 1000000)) 'BEGIN {
        n = 65536 * s * 1000 / t; if (n < least) n = least; if (n > 4e6) n = 4e6; printf "%d", n }'
}
