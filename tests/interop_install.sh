#!/usr/bin/env bash
# `cmake --install` gives a program that runs, a library that a stranger's program links through pkg-config, the man
# page, the completion and the configs.
set -euo pipefail
grep -qE '^GF_SANITIZE:[A-Z]+=.' "$BUILD/CMakeCache.txt" && exit 77 # a stranger does not link sanitizers
grep -qE '^GF_COVERAGE:BOOL=ON' "$BUILD/CMakeCache.txt" && exit 77
command -v pkg-config >/dev/null || exit 77
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$BUILD/CMakeCache.txt")

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$BUILD" --prefix "$prefix" >/dev/null

"$prefix/bin/guidefund" version
for config in "$prefix"/share/guidefund/configs/{hangzhou,shenzhen}.yaml; do "$prefix/bin/guidefund" validate "$config"; done

cat >"$prefix/stranger.c" <<'C'
#include <guidefund.h>
#include <stdio.h>
int main(void)
{
    printf("%s, %d columns, model %s\n", gf_program_version(), (int)GF_N_COLUMNS, gf_models[0]->name);
    return gf_model_find("spillover") == 0;
}
C
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name guidefund.pc)")
export PKG_CONFIG_PATH
read -ra flags <<<"$(pkg-config --cflags --libs guidefund)"
"$compiler" -std=gnu17 -Wall -Werror "$prefix/stranger.c" -o "$prefix/stranger" "${flags[@]}"
"$prefix/stranger"
[ "$("$prefix/bin/guidefund" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)" = "$(pkg-config --modversion guidefund)" ]

man=$prefix/share/man/man1/guidefund.1
if command -v mandoc >/dev/null; then mandoc -T lint -W warning "$man"; fi
# Each command of the program is in the man page and in the completion, and each command named there exists.
completion=$prefix/share/bash-completion/completions/guidefund
for command in run validate summary compare models schema version; do
    "$prefix/bin/guidefund" "$command" --help >/dev/null
    grep -q "^.Cm $command" "$man"
done
COMP_WORDS=(guidefund "") COMP_CWORD=1
source "$completion"
_guidefund
printf '%s\n' "${COMPREPLY[@]}" | grep -x compare >/dev/null
PATH=$prefix/bin:$PATH COMP_WORDS=(guidefund models sp) COMP_CWORD=2
_guidefund
printf '%s\n' "${COMPREPLY[@]}" | grep -x spillover >/dev/null
