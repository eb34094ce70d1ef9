"""Is a cell that this Python cannot read plain wrong, or written for a newer one? Asked of ruff, whose parser knows them all.

This Python's own parser only says "invalid syntax". Ruff reads what a stranger wrote in a process of its own with limits: it
runs nothing, and a crash or a bomb costs the answer only.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.notebook.python_cells import plain_lines
from course_lib.newer import SYNTAX

_SECONDS, _MEMORY = 3, 1 << 30
_SINCE = re.compile(r"(.*?) on Python \d+\.\d+ \(syntax was (?:added|first allowed) in Python (\d+\.\d+)\)")
# What ruff calls it -> its entry in SYNTAX, which has words for students and how to write it.
_KINDS = (
    ("outer quote", "quotes"), ("backslash", "backslash"), ("comments in", "comment"), ("line breaks in", "lines"),
    ("`type` alias", "type"), ("type parameter lists", "generics"), ("default type", "defaults"),
    ("exception types must", "except"), ("t-string", "t-string"), ("unpacking in a", "unpacking"), ("`lazy`", "lazy"),
)  # fmt: skip


@dataclass(frozen=True)
class NewerSyntax:
    """One place in a cell: its line (from 1), what it is, the Python that brought it ("3.12"), how to write it before."""

    line: int
    what: str
    version: str
    remedy: str


def newer_syntax(source: str, python: tuple[int, int] = sys.version_info[:2]) -> tuple[NewerSyntax, ...]:
    """What keeps a Python from reading a cell that a newer one reads; empty where it is wrong for every Python, or right.

    Args:
        source: of a cell, magics included.
        python: the Python that does not read it.
    """
    problems = _asked(plain_lines(source), python)
    matches = [(line, _SINCE.match(message)) for line, message in problems]
    if any(match is None for _, match in matches):
        return ()
    return tuple(_place(line, match[1], match[2]) for line, match in matches if match)


def _place(line: int, said: str, version: str) -> NewerSyntax:
    kind = next((kind for words, kind in _KINDS if words in said), "")
    what, _, remedy = SYNTAX.get(kind, (f"syntax ({said})", "", "Write it without."))
    return NewerSyntax(line, what, version, remedy)


def _asked(text: str, python: tuple[int, int]) -> list[tuple[int, str]]:
    """(line, message) of each mistake of syntax; none where ruff is not there or gives no answer."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "check", "--isolated", "--no-cache", "--select", "F632", "--output-format", "json",
               "--target-version", f"py{python[0]}{python[1]}", "--stdin-filename", "cell.py", "-"]  # fmt: skip
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
                              env={"RAYON_NUM_THREADS": "1"}) as process:  # fmt: skip
            said = _limited(process, text.encode("utf-8", "replace"))
        return [(int(f["location"]["row"]), str(f["message"])) for f in json.loads(said) if f["code"] == "invalid-syntax"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return []


def _limited(process: subprocess.Popen, text: bytes) -> bytes:
    # It waits for its input, so there is time for limits; `preexec_fn` would fork a process full of JAX's threads.
    for what, limit in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS)):
        resource.prlimit(process.pid, what, (limit, limit))
    try:
        return process.communicate(text, timeout=_SECONDS)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise
