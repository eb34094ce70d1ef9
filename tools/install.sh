#!/usr/bin/env bash
# Makes the environment in $VENV from requirements.lock, bytecode compiled (else every import of JAX takes seconds).
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

say() { printf 'install: %s\n' "$*" >&2; }

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; $PYTHON is $("$PYTHON" --version 2>&1 || echo missing). Name another one: make PYTHON=python3.12 ..."
    exit 1
fi

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Debian's python3-venv is missing; installing it"
        { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null
    else
        say "Debian's python3-venv is missing. Install it (sudo apt install python3-venv), then run the same command again."
        exit 1
    fi
fi

[ -x .tools/bin/uv ] || { "$PYTHON" -m venv .tools && .tools/bin/python -m pip install -q --disable-pip-version-check "uv>=0.5"; }
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv --without-pip "$VENV"
.tools/bin/uv pip sync -q --python "$VENV/bin/python" --compile-bytecode requirements.lock
.tools/bin/uv pip install -q --python "$VENV/bin/python" --compile-bytecode --no-deps --no-build-isolation -e .
"$VENV/bin/python" -m compileall -q autograder course_lib || true
