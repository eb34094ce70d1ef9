#!/usr/bin/env bash
# Makes the environment in $VENV from requirements.lock, bytecode compiled (else every import of JAX takes seconds).
# With the Python that course.toml names where this machine has it; $PYTHON names another one.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022  # submissions run as another user, who must be able to read what is installed here
PYTHON=${PYTHON:-}
VENV=${VENV:-.venv}

say() { printf 'install: %s\n' "$*" >&2; }

if ! [ -w . ]; then
    say "$PWD cannot be written to, and the environment, the built notebooks and the results go there. Copy it to a folder of your own, or make it writable, then run the same command again."
    exit 1
fi

if [ -z "$PYTHON" ]; then
    wanted=$(sed -nE 's/^[[:space:]]*python[[:space:]]*=[[:space:]]*"([0-9]+\.[0-9]+)".*/\1/p' course.toml | head -n 1)
    if ! PYTHON=$(bash tools/find_python.sh "${wanted:-3.11}"); then
        PYTHON=python3
        say "course.toml asks for Python ${wanted:-3.11}, which this machine does not have; taking $(python3 --version 2>&1 || echo none)." \
            "Where that makes a difference, reports say so. To name another one: make PYTHON=/path/to/python3 ..."
    fi
fi

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; $PYTHON is $("$PYTHON" --version 2>&1 || echo missing). Name another one: make PYTHON=python3.12 ..."
    exit 1
fi
series=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Debian's python$series-venv is missing; installing it"
        { apt-get update -qq && apt-get install -y -qq "python$series-venv"; } >/dev/null
    else
        say "Debian's python$series-venv is missing. Install it (sudo apt install python$series-venv), then run the same command again."
        exit 1
    fi
fi

[ -x .tools/bin/uv ] || { "$PYTHON" -m venv .tools && .tools/bin/python -m pip install -q --disable-pip-version-check "uv>=0.5"; }
if [ -n "$(bash tools/moved.sh "$VENV")" ]; then
    say "$VENV was made in another folder, and its programs name that one; making it anew"
    rm -rf "$VENV"
fi
if [ -x "$VENV/bin/python" ] && [ -f "$VENV/pyvenv.cfg" ] &&
    ! "$VENV/bin/python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$series')" 2>/dev/null; then
    say "$VENV is of another Python; making it anew with $series"
    rm -rf "$VENV"
fi
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv --without-pip "$VENV"
.tools/bin/uv pip sync -q --python "$VENV/bin/python" --compile-bytecode requirements.lock
.tools/bin/uv pip install -q --python "$VENV/bin/python" --compile-bytecode --no-deps --no-build-isolation -e .
"$VENV/bin/python" -m compileall -q autograder course_lib || true
