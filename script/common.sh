# What the scripts share; sourced by them, never run. Sets gf_root, the top of the source tree.
gf_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

gf_die() { # STATUS MESSAGE
    echo "$2" >&2
    exit "$1"
}

# The Python that has the named module: $PYTHON if set, else the system's, else the first on PATH. Debian's packages
# belong to /usr/bin/python3; another python3 may come first on PATH.
gf_find_python() { # MODULE
    local python
    for python in ${PYTHON:-/usr/bin/python3 python3}; do
        if command -v "$python" >/dev/null && "$python" -c "import $1" >/dev/null 2>&1; then
            echo "$python"
            return 0
        fi
    done
    return 1
}

gf_n_cpus() { nproc 2>/dev/null || getconf _NPROCESSORS_ONLN; }
