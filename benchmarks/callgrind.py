"""Instruction counts of the program by callgrind: exact, the same at every repetition, whatever else the machine does.

Two uses: a total of the simulation that is compared with a stored one (benchmarks/instructions), and the split of a whole
run by stage (benchmarks/run --stages). valgrind knows no AVX-512, so counts are of SSE2 and AVX2.
"""
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path


def collect(program, arguments, isa, toggle=None):
    """Runs `program` under callgrind with one thread; {(file, function): instructions of its own}. With `toggle` only
    what happens inside that function is counted."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        options = [f"--callgrind-out-file={out}", "--compress-strings=no", "--compress-pos=no"]
        if toggle:
            options.append(f"--toggle-collect={toggle}")
        done = subprocess.run(["valgrind", "--tool=callgrind", *options, str(program), *map(str, arguments), "-o",
                               str(Path(folder) / "out.h5")], capture_output=True, text=True,
                              env={**os.environ, "GUIDEFUND_SIMD": isa, "OMP_NUM_THREADS": "1"})
        if done.returncode != 0:
            raise RuntimeError(f"callgrind of {program} ended with {done.returncode}:\n{done.stderr}")
        return parse(out.read_text(errors="replace"))


def parse(text):
    """Own cost by (source file that holds the line, function). Inlined code counts where it was written."""
    costs, where, function, is_call = defaultdict(int), "", "", False
    for line in text.splitlines():
        if re.match(r"[0-9+*-]", line):
            if not is_call:  # the line after calls= is what the callee cost
                costs[where, function] += int(line.split()[1])
            is_call = False
        elif line.startswith(("fl=", "fi=", "fe=")):
            where = line[3:]
        elif line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            is_call = True
        elif line.startswith("ob="):
            where_object = line[3:]
            if "guidefund" not in where_object:
                where = where_object
    return dict(costs)
