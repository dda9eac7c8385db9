# Contradictory terms are errors at the line and column of their value; each case also without the contradiction.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
# refused LINE:COLUMN TEXT < config
refused() {
    cat >"$work/c.yaml"
    if "$GUIDEFUND" validate "$work/c.yaml" >"$work/out" 2>"$work/err"; then
        echo "accepted: $(cat "$work/c.yaml")"; failed=1
    elif ! grep -q "c.yaml:$1: error: .*$2" "$work/err"; then
        echo "expected $1 ... $2, got: $(cat "$work/err")"; failed=1
    fi
}
accepted() {
    cat >"$work/c.yaml"
    "$GUIDEFUND" validate "$work/c.yaml" >/dev/null 2>"$work/err" || { echo "refused: $(cat "$work/err")"; failed=1; }
}
accepted <<'Y'
scenario: x
programme: {terms: {carry: 0}}
Y
# what has nothing to act on is no contradiction: a table of terms with another carry or waterfall stays one
accepted <<'Y'
scenario: x
programme: {terms: {carry: 0, catch_up: 1.0, clawback: true}}
Y
accepted <<'Y'
scenario: x
programme: {terms: {carry: 0.2, catch_up: 0.2}}
Y
accepted <<'Y'
scenario: x
programme: {terms: {carry: 0.2, clawback: true, waterfall: american}}
Y
refused 3:17 "fiscal_share 0.8 and manager_share 0.3 exceed 1 together" <<'Y'
scenario: x
programme:
  fiscal_share: 0.8
  manager_share: 0.3
Y
refused 5:25 "outside the life of 8 years" <<'Y'
scenario: x
horizon_years: 8
programme:
  government: {concession: buy_back,
    buy_back: {to_year: 9}}
Y
refused 3:38 "never catches up" <<'Y'
scenario: x
programme:
  terms: {carry: 0.2,      catch_up: 0.1}
Y
refused 4:29 "public purse holds nothing" <<'Y'
scenario: x
programme:
  fiscal_share: 0
  government: { first_loss: 0.5}
Y
refused 4:26 "more than the .* of commitment" <<'Y'
scenario: x
programme:
  fiscal_share: 0.9
  reinvestment: { ratio: 2}
Y
refused 3:24 "recycled proceeds go into follow-ons" <<'Y'
scenario: x
programme:
  recycling: {  share: 0.1}
Y
refused 2:48 "exceed the commitment" <<'Y'
scenario: x
programme: {reserve_share: 0.3,invested_share: 0.9}
startups: {follow_on: {rule: winners}}
Y
[ "$failed" = 0 ] && echo "contradictory terms are refused where they stand"
exit "$failed"
