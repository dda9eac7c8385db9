#!/usr/bin/env bash
# output.columns from the config to the file: lists and overrides, what comes along, summaries, comparisons, and files of
# other columns that are never mixed.
source "$(dirname "$0")/cluster.sh"

columns_of() { # FILE: those of the engine and of models, in the order of the file
    "$python" - "$1" <<'PY'
import h5py, sys
with h5py.File(sys.argv[1]) as file:
    print(*(name for name in h5py.Group(file["portfolios"].id) if name != "portfolio"))
PY
}
holds() { # FILE COLUMN...: these and no others
    local file=$1 got
    shift
    got=$(columns_of "$file" | tr ' ' '\n' | sort | tr '\n' ' ')
    [ "$got" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ] || fail "$file holds $got, expected $*"
}
summed_up() { "$GUIDEFUND" summary "$1" --json | "$python" -c 'import json,sys
print(*sorted({row["column"] for row in json.load(sys.stdin)["summary"]} - {""}))'; }

cat >few.yaml <<YAML
scenario: few
portfolios: 3000
horizon_years: 5
startups: {count: 10}
output: {columns: [n_live, net_irr, net_tvpi], quarters_of: 300}
YAML
expect 0 gf run few.yaml -o few.h5
holds few.h5 net_tvpi net_irr net_irr_flag n_live
grep -q 'median net TVPI' stdout || fail "no headline of what is there"
! grep -q 'chance of an outlier' stdout || fail "a headline of what is not there"
[ "$(summed_up few.h5)" = "n_live net_irr net_tvpi" ] || fail "the summary is of $(summed_up few.h5)"

# overrides replace the list; the word all is every column, and what is there without the key
expect 0 gf run few.yaml -o one.h5 --set 'output.columns=[max_multiple]'
holds one.h5 max_multiple
expect 0 gf run few.yaml -o all.h5 --set output.columns=all
grep -v '^output' few.yaml >plain.yaml
expect 0 gf run plain.yaml -o plain.h5
[ "$(columns_of all.h5)" = "$(columns_of plain.h5)" ] || fail "all columns are not those of a config without the key"
[ "$(columns_of all.h5 | wc -w)" -ge 50 ] || fail "all columns are only $(columns_of all.h5)"

# the config says them in the order of the columns, however they were given, so that it is one run
expect 0 gf validate few.yaml --print
grep -qF 'columns: [net_tvpi, net_irr, n_live]' stdout || fail "printed: $(grep columns stdout)"
expect 0 gf run few.yaml -o few.h5 --resume --set 'output.columns=[net_irr, net_tvpi, n_live]'
grep -q 'is complete' stdout || fail "another order of the list is another run"
before=$(stat -c %i few.h5)
expect 0 gf run few.yaml -o few.h5 --resume --set 'output.columns=[net_tvpi, net_irr]'
[ "$(stat -c %i few.h5)" != "$before" ] || fail "--resume took a file of other columns for its own"
holds few.h5 net_tvpi net_irr net_irr_flag
expect 0 gf validate few.yaml --print --set output.columns=all
grep -qF 'columns: all' stdout || fail "printed: $(grep columns stdout)"
expect 0 gf models output
for name in net_tvpi log_weight; do grep -q "^ *$name " stdout || fail "models output does not list $name"; done

# weights come along where there are any, and weigh
expect 0 gf run few.yaml -o tilted.h5 --set 'output.columns=[n_outliers]' --set sampling.breakout_tilt=3
holds tilted.h5 n_outliers log_weight
[ "$(summed_up tilted.h5)" = "n_outliers" ] || [ "$(summed_up tilted.h5)" = "log_weight n_outliers" ] ||
    fail "the summary is of $(summed_up tilted.h5)"
expect 0 gf run few.yaml -o tilted_all.h5 --set output.columns=all --set sampling.breakout_tilt=3
for file in tilted tilted_all; do
    "$GUIDEFUND" summary $file.h5 --json | "$python" -c 'import json,sys
for row in json.load(sys.stdin)["summary"]:
    if row["column"] == "n_outliers": print(row["name"], row["value"], row["standard_error"])' >$file.txt
done
[ -s tilted.txt ] && cmp -s tilted.txt tilted_all.txt || fail "weighted numbers depend on the other columns"

# without rows of portfolios the sketches are of these columns
expect 0 gf run few.yaml -o none.h5 --set output.portfolios=none
[ "$(summed_up none.h5)" = "n_live net_irr net_tvpi" ] || fail "the summary of sketches is of $(summed_up none.h5)"

# models' own columns and those of returns: all are there in any case
expect 0 gf run few.yaml -o models.h5 --set 'output={columns: [n_live], returns: all}' --set 'models.economy={}'
for name in n_live net_ln_pme manager_income; do
    columns_of models.h5 | grep -qw "$name" || fail "models.h5 lacks $name"
done
columns_of models.h5 | grep -q economy_ || fail "models.h5 lacks the model's columns: $(columns_of models.h5)"
! columns_of models.h5 | grep -qw net_tvpi || fail "models.h5 holds net_tvpi"

# comparisons are of what both have
expect 0 gf compare --json few.h5 all.h5
grep -q net_tvpi stdout || fail "net_tvpi is in both and not compared"
! grep -q n_failed stdout || fail "n_failed is in one and compared"
expect 65 gf compare few.h5 one.h5
says "few.h5 and one.h5 have no column in common"
expect 65 gf compare --json few.h5 all.h5 one.h5
[ ! -s stdout ] || fail "a comparison that is refused prints"

# shards of other columns are foreign
expect 0 gf run few.yaml -o s1.h5 --shard 1/2
expect 0 gf run few.yaml -o s2.h5 --shard 2/2
expect 0 gf run few.yaml -o t2.h5 --shard 2/2 --set 'output.columns=[net_tvpi, net_irr]'
expect 65 gf merge -o merged.h5 s1.h5 t2.h5
says "foreign: its config"
[ ! -e merged.h5 ] || fail "shards of other columns were merged"
expect 0 gf merge -o merged.h5 s1.h5 s2.h5
expect 0 gf run few.yaml -o whole.h5
same whole.h5 merged.h5

finish "columns that are asked for are there, and no others"
