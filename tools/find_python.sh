#!/usr/bin/env bash
# find_python.sh 3.12: prints a Python of that series that runs on this machine; fails, and prints nothing, where there is none.
set -uo pipefail
series=$1

fits() { [ -x "$1" ] && "$1" -I -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$series')" >/dev/null 2>&1; }

# On the path first (pyenv's stand-ins there may not run), then where pyenv, uv and hand-made installations put theirs.
{
    type -ap "python$series" python3 python
    printf '%s\n' "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/"$series".*/bin/python3 \
        "${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}"/uv/python/cpython-"$series".*/bin/python3 \
        {/usr/local,/opt/python,"/opt/python$series"}/bin/"python$series"
} 2>/dev/null | while read -r candidate; do
    if fits "$candidate"; then
        printf '%s\n' "$candidate"
        exit 7
    fi
done
[ "$?" = 7 ]
