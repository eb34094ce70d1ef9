"""Locks and the secret on file systems that refuse flock and hard links, as some network file systems do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REFUSE = Path(__file__).parent / "hostile" / "refuse_calls.py"
FLOCK, LINKS = {"x86_64": (73, (86, 265)), "aarch64": (32, (37,))}.get(os.uname().machine, (0, ()))
PROGRAM = """
import json, subprocess, sys, os
from pathlib import Path
from autograder.locks import Held, here, locked
from autograder.secret import read_secret
top, said = Path(sys.argv[1]), {}
lock = top / "lock"
with locked(lock, wait=False):
    try:
        with locked(lock, wait=False):
            said["second"] = "came in"
    except Held as e:
        said["second"] = str(e)
with locked(lock, wait=False):
    said["afterwards"] = "came in"
ended = subprocess.Popen(["true"])
ended.wait()
said["pid"] = str(ended.pid)
(top / "lock.held").write_text(f"{os.uname().nodename} {here()} {ended.pid}")
with locked(lock, wait=False):
    said["after one that died"] = "came in"
(top / "lock.held").write_text(f"{os.uname().nodename} 0a1b2c3d {ended.pid}")
try:
    with locked(lock, wait=False):
        said["held elsewhere"] = "came in"
except Held as e:
    said["held elsewhere"] = str(e)
said["secret"] = read_secret(top).hex()
said["again"] = read_secret(top).hex()
said["files"] = sorted(p.name for p in (top / ".autograder").iterdir())
print(json.dumps(said))
"""


def run(top: Path, *refused: int) -> dict:
    program = [sys.executable, "-c", PROGRAM, str(top)]
    if refused:
        program = [sys.executable, str(REFUSE), ",".join(map(str, refused)), *program]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not FLOCK, reason="the numbers of the calls are known for x86-64 and ARM64")
def test_without_locks_and_links_one_process_still_keeps_another_out(tmp_path):
    said = run(tmp_path, FLOCK, *LINKS)
    assert said["second"].startswith(f"{tmp_path}/lock.held says: ")
    assert said["afterwards"] == said["after one that died"] == "came in"
    # Of a process of another machine or container nobody here knows whether it lives.
    assert said["held elsewhere"].endswith(" 0a1b2c3d " + said["pid"])
    assert said["secret"] == said["again"] and len(said["secret"]) == 64
    assert said["files"] == [".gitignore", "secret"]


def test_with_locks_a_file_that_names_a_holder_means_nothing(tmp_path):
    said = run(tmp_path)
    assert said["second"] == "" and said["afterwards"] == said["held elsewhere"] == "came in"
    assert said["secret"] == said["again"] and said["files"] == [".gitignore", "secret"]
