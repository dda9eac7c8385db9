#!/usr/bin/env bash
# script/bootstrap on a machine without root and without dpkg: names exactly what is missing, leaves with 69, and is
# content with tools that came another way. Nothing is installed.
set -euo pipefail
bootstrap=$GF_SOURCE/script/bootstrap
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
for tool in bash dirname sed cat tr sort env; do ln -s "$(command -v "$tool")" "$tools/$tool"; done
printf '#!%s\necho 1000\n' "$(command -v bash)" >"$tools/id"
chmod +x "$tools/id"
stranger() { PATH=$tools PYTHON=no-such-python bash "$bootstrap" "$@"; }

status_of() { local status=0; "$@" >"$tools/out" 2>&1 || status=$?; echo "$status"; }

refuse() { if grep -E "$1" "$tools/out"; then echo "must not be named: $1"; exit 1; fi; }

for script in "$GF_SOURCE"/script/{bootstrap,demo,test,coverage,*.sh} "$GF_SOURCE"/tests/*.sh; do bash -n "$script"; done

[ "$(status_of stranger nosuch)" = 64 ]
grep -q "no set 'nosuch'" "$tools/out"

[ "$(status_of stranger build)" = 69 ]
bash "$bootstrap" --list build | while read -r package; do grep -q "^  $package " "$tools/out"; done
grep -q '^  apt-get install .*libgsl-dev' "$tools/out"
refuse matplotlib

# A tool that is there under another roof is not missing.
printf '#!%s\n' "$(command -v bash)" | tee "$tools/git" >"$tools/ninja"
chmod +x "$tools/git" "$tools/ninja"
[ "$(status_of stranger build)" = 69 ]
refuse '^  (git|ninja-build) '
grep -q '^  cmake ' "$tools/out"

# As root on Debian all that dpkg does not know is asked of apt-get in one call, and nothing else.
fake() { printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$tools/$1"; chmod +x "$tools/$1"; }
for tool in mktemp rm tail; do ln -s "$(command -v "$tool")" "$tools/$tool"; done
fake id 'echo 0'
fake dpkg-query 'echo "installed gcc"; exit 1'
fake apt-cache 'exit 1'
fake apt-get "echo \"\$@\" >>$tools/calls"
[ "$(status_of stranger build)" = 0 ]
[ "$(grep -c ' install ' "$tools/calls")" = 1 ]
bash "$bootstrap" --list build | grep -vx gcc | while read -r package; do grep -qw -- "$package" "$tools/calls"; done
if grep -qw gcc "$tools/calls"; then exit 1; fi
fake apt-get 'exit 100'
[ "$(status_of stranger build)" = 69 ]
fake dpkg-query 'for p; do echo "installed $p"; done'
[ "$(status_of stranger build demo test)" = 0 ]
fake id 'echo 1000'
rm "$tools/dpkg-query"

# The demo stops before it builds, with the same list.
[ "$(status_of env PATH="$tools" bash "$GF_SOURCE/script/demo")" != 0 ]
grep -q '^  cmake ' "$tools/out"
