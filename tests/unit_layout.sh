#!/usr/bin/env bash
# The layout holds (include directions, sizes, words), and each rule catches a copy of the sources that breaks it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=${GF_SOURCE:-$here/..}
layout() { python3 "$here/layout.py" "$1"; }

layout "$source_tree"

twin=$(mktemp -d)
trap 'rm -rf "$twin"' EXIT
n_missed=0

spoiled() { # FILE TEXT EXPECTED-FAULT: one planted file must be reported, for the reason given
    local file=$twin/$1 output
    rm -rf "${twin:?}"/*
    mkdir -p "$(dirname "$file")"
    printf '%b' "$2" >"$file"
    if output=$(layout "$twin") || ! grep -qF "$3" <<<"$output"; then
        printf 'not caught: %s (%s)\n%s\n' "$1" "$3" "$output"
        n_missed=$((n_missed + 1))
    fi
}

allowed() { # FILE TEXT: must pass
    local file=$twin/$1 output
    rm -rf "${twin:?}"/*
    mkdir -p "$(dirname "$file")"
    printf '%b' "$2" >"$file"
    output=$(layout "$twin") || { printf 'wrongly caught: %s\n%s\n' "$1" "$output"; n_missed=$((n_missed + 1)); }
}

long_function=$(printf 'int f(void)\n{\n'; for _ in $(seq 60); do printf '    g();\n'; done; printf '}\n')
good_function=$(printf 'int f(void)\n{\n'; for _ in $(seq 57); do printf '    g();\n'; done; printf '}\n')
first='/* For a test. */\n'

spoiled engine/base/x.c   "$first#include \"random/luck.h\"\n"          "engine/base may not include random/luck.h"
spoiled engine/random/x.c "$first#include \"portfolio/market.h\"\n"     "engine/random may not include"
spoiled engine/portfolio/x.h "$first#include \"run/plan.h\"\n"          "engine/portfolio may not include"
spoiled engine/portfolio/x.c "$first#include \"models/registry.def\"\n" "engine/portfolio may not include"
spoiled engine/io/x.c     "$first#include \"run/plan.h\"\n"             "engine/io may not include"
spoiled engine/run/x.c    "$first#include \"cli/commands.h\"\n"         "engine/run may not include"
spoiled engine/cli/x.c    "$first#include \"models/giants.h\"\n"        "engine/cli may not include"
spoiled engine/cli/x.c    "$first#  include <hdf5.h>\n"                 "may include HDF5"
spoiled engine/io/config.c "$first#include <hdf5_hl.h>\n"               "may include HDF5"
spoiled models/x.c        "$first#include \"portfolio/startups.h\"\n"   "a model may not include"
spoiled models/x.c        "$first#include \"models/giants.c\"\n"        "a model may not include"
spoiled analysis/python/x.py "import ctypes\n"                          "never links the engine"
spoiled engine/base/x.h   "$first#ifdef __AVX512F__\n"                 "ask GF_AVX512"
spoiled engine/random/x.c "$first#include <immintrin.h>\n"              "include base/intrinsics.h"
spoiled engine/base/x.c   "$first$long_function\n"                      "function of 63 lines"
spoiled engine/base/x.c   "$first$(yes ';' | head -600)\n"              "601 lines"
spoiled engine/base/x.c   "int x;\n"                                    "first line must be a comment"
spoiled models/x.c        "/* For\n * quarter effect      less   by D recovery\n */\n" "table run together"
spoiled tests/x.c         "/* $(printf 'wide %.0s' $(seq 25)) */\n"    "the limit is 110"
spoiled docs/x.md         "TO""DO\n"                                    "unfinished work"
spoiled script/x          "cd /wo""rk/x\n"                              "stands alone"

allowed engine/io/results_x.c "$first#include <hdf5.h>\n#include \"portfolio/portfolio.h\"\n#include \"io/results.h\"\n"
allowed engine/base/intrinsics.h "$first#include <immintrin.h>\n#ifdef __AVX512F__\n"
allowed engine/run/x.c    "$first#include \"io/results.h\"\n#include \"run/plan.h\"\n"
allowed models/x.c        "$first#include \"portfolio/model.h\"\n#include \"random/draws.h\"\n#include <math.h>\n"
allowed models/x.c        "/* For\n *\n *   effect      less\n *   recovery    in time\n */\n"
allowed engine/base/x.c   "$first$good_function\n"

[ "$n_missed" = 0 ]
