#!/usr/bin/env bash
# The AVX-512 code gives the bytes of the other sets on machines without AVX-512 too: a build that emulates it
# (CMake preset `emulated`) against GUIDEFUND and its own SSE2, the unit tests that go through the sets, and
# a spoiled twin. Only beside an optimised build without sanitizers and coverage: one such comparison is enough.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$BUILD/CMakeCache.txt
skip() { echo "SKIPPED: $1"; exit 77; }

emulated=$BUILD/emulated
grep -q '^GF_EMULATE_AVX512:[A-Z]*=ON$' "$cache" && emulated=$BUILD
if [ "$emulated" != "$BUILD" ]; then
    grep -q '^CMAKE_BUILD_TYPE:[A-Z]*=Release$' "$cache" && grep -q '^GF_SANITIZE:[A-Z]*=$' "$cache" &&
        grep -q '^GF_COVERAGE:[A-Z]*=OFF$' "$cache" || skip "AVX-512 is emulated beside plain release builds only"
fi
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$cache")
printf '#include <simde/x86/avx512.h>\n#if SIMDE_VERSION < HEDLEY_VERSION_ENCODE(0, 7, 4)\n#error too old\n#endif\n' |
    "$compiler" -mavx2 -fsyntax-only -xc - 2>/dev/null || skip "needs SIMDe 0.7.4 (Debian: libsimde-dev) on x86-64"
command -v ninja >/dev/null || skip "no ninja"

cd "$GF_SOURCE" || exit 1
tests=()
for source in $(grep -lE 'gf_isa_available|GF_N_ISA|GF_ISA_AVX512' tests/unit_*.c); do tests+=("$(basename "$source" .c)"); done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ [ "$emulated" = "$BUILD" ] || cmake --preset emulated -B "$emulated" -DCMAKE_C_COMPILER="$compiler"; } >"$log" 2>&1 &&
    cmake --build "$emulated" --target guidefund_program guidefund_spoiled "${tests[@]/#/test_}" >>"$log" 2>&1 ||
    { echo "FAILED: no emulated build"; tail -40 "$log"; exit 1; }

"$emulated/guidefund" version | grep -q 'available:.* avx512-emulated' || skip "this machine has no AVX2, which the emulation needs"
names=$(IFS='|'; echo "${tests[*]}")
ctest --test-dir "$emulated" -j 2 --no-tests=error --output-on-failure -R "^($names)\$" >"$log" 2>&1 ||
    { echo "FAILED: unit tests with emulated AVX-512"; tail -40 "$log"; exit 1; }
export EMULATED=$emulated/guidefund SPOILED=$emulated/tests/guidefund_spoiled
exec /usr/bin/python3 -B "$here/emulated_avx512.py"
