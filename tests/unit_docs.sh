#!/bin/bash
# What the pages name exists: files of the repository, links and anchors between pages, pictures. Names that examples
# make up are listed below.
cd "${GF_SOURCE:-$(dirname "$0")/..}" || exit 1
examples=' configs/hangzhou_with_vouchers.yaml configs/hybrids/hangzhou_with_vouchers.yaml models/vouchers.c tests/unit_models_vouchers.c configs/NAME.yaml '
failures=0
fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# check PAGE: prints what it names and what does not exist
missing_in() {
    local page=$1 folder name target anchor file
    folder=$(dirname "$page")
    while read -r name; do
        [[ $examples == *" $name "* || -e $name ]] || echo "$name"
    done < <(grep -oE '\b(tests|docs|engine|analysis|benchmarks|models|script|configs|slurm)/[A-Za-z0-9_/.-]+\.(c|h|sh|py|R|md|yaml|png|def|json|sbatch|txt)\b' "$page" | sort -u)
    while read -r target; do
        case $target in http*) continue ;; esac
        file=${target%%#*} anchor=
        [[ $target == *#* ]] && anchor=${target#*#}
        file=${file:+$folder/$file}
        file=${file:-$page}
        [ -e "$file" ] || echo "$target"
        if [ -n "$anchor" ] && [ -f "$file" ]; then # as GitHub makes anchors of headings
            sed -n 's/^##* //p' "$file" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g' | grep -qx -- "$anchor" || echo "$target"
        fi
    done < <(grep -oE '\]\([^) ]+\)' "$page" | sed 's/^](//; s/)$//' | sort -u)
}

pages=$(git ls-files '*.md' 2>/dev/null || find . -name '*.md' -not -path './build/*')
[ -n "$pages" ] || pages=$(find . -name '*.md' -not -path './build*')
n=0
for page in $pages; do
    while read -r name; do
        [ -n "$name" ] && fail "$page names $name, which is not there"
    done < <(missing_in "$page")
    n=$((n + 1))
done
[ $n -ge 5 ] || fail "only $n pages found"

# spoiled twin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '# A page\n[a](nowhere.md) [b](#a-page) [c](#no-such) see tests/no_such_test.c\n' >"$folder/page.md"
[ "$(missing_in "$folder/page.md" | wc -l)" = 3 ] || fail "spoiled twin: a page with three wrong names passes"

[ $failures -eq 0 ] && echo "$n pages name what is there"
exit $((failures > 0))
