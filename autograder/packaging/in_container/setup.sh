#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: Python, the pinned libraries, and a try with the solution.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=$(dirname "$source")/environment
wanted=@PYTHON@
export DEBIAN_FRONTEND=noninteractive

say() { printf 'setup: %s\n' "$*" >&2; }

fits() { "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

find_python() {
    local name
    for name in "python$wanted" python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && fits "$name"; then command -v "$name"; return; fi
    done
    return 1
}

# The student's code runs as a user of its own: Python must not lie in root's home.
fetch_python() {
    say "no Python 3.11 or newer here; fetching $wanted"
    command -v pip3 >/dev/null || { apt-get update -qq && apt-get install -y -qq python3-pip; } >/dev/null
    pip3 install -q --target /opt/uv "uv>=0.5"
    UV_PYTHON_INSTALL_DIR=/opt/python UV_PYTHON_BIN_DIR=/opt/python/bin /opt/uv/bin/uv python install -q "$wanted"
    UV_PYTHON_INSTALL_DIR=/opt/python /opt/uv/bin/uv python find --managed-python "$wanted"
}

umask 022
python=$(find_python) || {
    # Debian and Ubuntu keep venv in a package of its own.
    { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null 2>&1 || true
    python=$(find_python) || python=$(fetch_python)
}
say "Python: $python ($("$python" --version))"
mkdir -p "$environment"
"$python" -m venv --clear "$environment/venv"
"$environment/venv/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    -r "$source/requirements.txt"
"$environment/venv/bin/python" -m compileall -q "$source/engine" "$source/course_lib"
chmod 700 "$source"
"$environment/venv/bin/python" -I "$source/run.py" setup
say "ready"
