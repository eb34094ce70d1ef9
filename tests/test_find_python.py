"""`make install` takes the course's Python where the machine has it, wherever that lies."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERIES = f"{sys.version_info[0]}.{sys.version_info[1]}"


def find(series: str, home: Path, path: Path) -> str:
    env = {"HOME": str(home), "PATH": f"{path}:/usr/bin:/bin", "PYENV_ROOT": "", "XDG_DATA_HOME": ""}
    done = subprocess.run(["bash", ROOT / "tools/find_python.sh", series], env=env, capture_output=True, text=True)
    assert (done.returncode == 0) == bool(done.stdout)
    return done.stdout.strip()


def script(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_a_python_is_found_on_the_path_or_where_pyenv_keeps_it_and_must_run(tmp_path):
    real = os.path.realpath(sys.executable)
    broken = script(tmp_path / "bin" / f"python{SERIES}", "echo 'not for this folder' >&2; exit 127")  # pyenv's stand-ins
    kept = script(tmp_path / "home with blanks/.pyenv/versions" / f"{SERIES}.99/bin/python3", f'exec "{real}" "$@"')
    there = (str(kept), f"/usr/bin/python{SERIES}", "/usr/bin/python3")
    assert find(SERIES, tmp_path / "home with blanks", broken.parent) in there
    script(broken, f'exec "{real}" "$@"')
    assert find(SERIES, tmp_path / "home with blanks", broken.parent) == str(broken)


def test_a_series_that_is_not_there_is_not_made_up(tmp_path):
    script(tmp_path / "bin" / "python3.99", f'exec "{os.path.realpath(sys.executable)}" "$@"')  # says 3.99 and is another
    assert find("3.99", tmp_path, tmp_path / "bin") == ""
