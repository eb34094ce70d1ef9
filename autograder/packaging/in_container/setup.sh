#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: Python, the pinned libraries, and a try with the solution.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=$(dirname "$source")/environment
wanted=@PYTHON@
export DEBIAN_FRONTEND=noninteractive

say() { printf 'setup: %s\n' "$*" >&2; }

# The course's Python, and no other as long as it can be had: what students may write depends on it.
is_wanted() { "$1" -c "import sys, ensurepip, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null; }
fits() { "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

find_python() {
    local test=$1 name
    for name in "python$wanted" python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$name" >/dev/null && "$test" "$name"; then command -v "$name"; return; fi
    done
    return 1
}

install_python() {
    { apt-get update -qq && { apt-get install -y -qq "python$wanted" "python$wanted-venv" || apt-get install -y -qq python3-venv; }; } \
        >/dev/null 2>&1 || true
    find_python is_wanted
}

# The student's code runs as a user of its own: Python must not lie in root's home.
fetch_python() {
    say "no Python $wanted here; fetching it"
    command -v pip3 >/dev/null || { apt-get update -qq && apt-get install -y -qq python3-pip; } >/dev/null
    pip3 install -q --target /opt/uv "uv>=0.5"
    UV_PYTHON_INSTALL_DIR=/opt/python UV_PYTHON_BIN_DIR=/opt/python/bin /opt/uv/bin/uv python install -q "$wanted"
    UV_PYTHON_INSTALL_DIR=/opt/python /opt/uv/bin/uv python find --managed-python "$wanted"
}

umask 022
# Debian and Ubuntu keep venv in a package of its own.
python=$(find_python is_wanted) || python=$(install_python) || python=$(fetch_python) || {
    python=$(find_python fits)
    say "Python $wanted cannot be had here: grading with $("$python" --version). Where that makes a difference, results say so."
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
