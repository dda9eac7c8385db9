"""Checks that the layout of the sources holds: include directions, sizes, words. Prints file:line: fault; exit 1 if any.

usage: layout.py SOURCE_TREE
"""

import pathlib
import re
import sys

# Who may include whom, by the folder of the included header (engine/ is the root of its includes).
MAY_INCLUDE = {
    "base": {"base"},
    "random": {"base", "random"},
    "portfolio": {"base", "random", "portfolio"},
    "io": {"base", "random", "portfolio", "io"},
    "run": {"base", "random", "portfolio", "io", "run"},
    "cli": {"base", "random", "portfolio", "io", "run", "cli"},
}
MODEL_HEADERS = {"portfolio/model.h", "portfolio/climate.h"}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 500, 60
# Spelt in two halves, so that this file passes its own check.
WORDS = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bX" r"XX\b|not imple" r"mented|place" r"holder", re.IGNORECASE)
MACHINE = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:wo" r"rk|fa" r"rm)/|\.\./sha" r"red|\.lib" r"rary\b")
ENGINE_LINK = re.compile(r"ctypes|cffi|dyn\.load|libguide" r"fund|#include")
INTRINSICS = "engine/base/intrinsics.h"  # the only file that asks the compiler: others would not see an emulation
ASKS_COMPILER = re.compile(r"__AVX512|[a-z]mmintrin\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
MAX_COMMENT_COLUMNS = 110  # clang-format leaves comments alone, so that tables in them stay tables
COMMENT_LINE = re.compile(r"^\s*(/\*|\*|//)")
RUN_TOGETHER = re.compile(r"^\s*\* \S.*\S {3,}\S")  # columns of a table in a line that begins as text does
TEXT_SUFFIXES = {".c", ".h", ".def", ".py", ".R", ".sh", ".md", ".yaml", ".txt", ".cmake", ".sbatch", ""}
TEXT_FOLDERS = ["engine", "models", "analysis", "slurm", "script", "benchmarks", "tests", "docs", "configs", "cmake", ".ci"]


def folder_may_see(folder, header):
    """True when a file of engine/<folder> may include the project header."""
    if header == "gf_revision.h":  # made by the build
        return folder == "io"
    top = header.split("/")[0]
    return "/" in header and top in MAY_INCLUDE[folder]


def model_may_see(name, header):
    if header == "models/registry.def":
        return name == "registry.c"
    return header in MODEL_HEADERS or header.split("/")[0] in ("random", "base")


def may_see_hdf5(path):
    return path.parent.as_posix() == "engine/io" and path.name.startswith(("results", "provenance"))


def include_faults(path, lines):
    parts = path.parts
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, header = found.groups()
        if re.match(r"(hdf5|H5)", header) and not may_see_hdf5(path):
            yield number, f"{header}: only engine/io/results* and engine/io/provenance* may include HDF5"
        elif quote == '"' and parts[0] == "engine" and len(parts) > 2 and not folder_may_see(parts[1], header):
            yield number, f"engine/{parts[1]} may not include {header}"
        elif quote == '"' and parts[0] == "models" and not model_may_see(path.name, header):
            yield number, f"a model may not include {header}"


def function_faults(lines):
    """Functions over the limit, from the first line of the signature to the closing brace (both in column 0)."""
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number - 1
            while start > 1 and lines[start - 2].strip() and not re.search(r"[;}/]\s*$|^#", lines[start - 2]):
                start -= 1
        elif line.startswith("}") and start:
            length = number - start + 1
            if length > MAX_FUNCTION_LINES:
                yield start, f"function of {length} lines, the limit is {MAX_FUNCTION_LINES}"
            start = None


def comment_faults(lines):
    for number, line in enumerate(lines, 1):
        if COMMENT_LINE.match(line) and len(line) > MAX_COMMENT_COLUMNS:
            yield number, f"a comment of {len(line)} columns, the limit is {MAX_COMMENT_COLUMNS}"
        if RUN_TOGETHER.match(line):
            yield number, "a table run together in a comment: each of its rows is indented on a line of its own"


def source_faults(path, lines):
    """Faults of a C source or header under engine/ or models/."""
    yield from include_faults(path, lines)
    yield from function_faults(lines)
    if path.as_posix() != INTRINSICS:
        for number, line in enumerate(lines, 1):
            if ASKS_COMPILER.search(line):
                yield number, "asks the compiler for instructions; include base/intrinsics.h and ask GF_AVX512"
    if not lines or not lines[0].startswith("/*"):
        yield 1, "the first line must be a comment that says what the file is for"


def faults_of(path, text):
    lines = text.splitlines()
    if path.suffix in (".c", ".h", ".py", ".R", ".sh") and len(lines) > MAX_FILE_LINES:
        yield len(lines), f"{len(lines)} lines, the limit is {MAX_FILE_LINES}"
    if path.suffix in (".c", ".h"):
        yield from comment_faults(lines)
    if path.parts[0] in ("engine", "models") and path.suffix in (".c", ".h"):
        yield from source_faults(path, lines)
    for number, line in enumerate(lines, 1):
        if WORDS.search(line):
            yield number, "a word for unfinished work"
        if MACHINE.search(line):
            yield number, "names a machine's folder; the repository stands alone"
        if path.parts[0] == "analysis" and ENGINE_LINK.search(line):
            yield number, "analysis reads result files only and never links the engine"


def main():
    tree = pathlib.Path(sys.argv[1])
    n_files = n_faults = 0
    for folder in TEXT_FOLDERS:
        for file in sorted((tree / folder).rglob("*")):
            if not file.is_file() or file.suffix not in TEXT_SUFFIXES or "__pycache__" in file.parts:
                continue
            n_files += 1
            path = file.relative_to(tree)
            for number, fault in faults_of(path, file.read_text(encoding="utf-8")):
                n_faults += 1
                print(f"{path}:{number}: {fault}")
    print(f"{n_files} files, {n_faults} faults")
    sys.exit(1 if n_faults or not n_files else 0)


if __name__ == "__main__":
    main()
