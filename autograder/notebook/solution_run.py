"""Does a solution run, and does it pass its own public checks? `autograder build` asks before it gives checks to students.

Its cells run in a process of their own, without demonstrations: the code is the author's and trusted, but its settings (64 bits,
seeds, plots) must not stay. What passed is remembered by content, so that an unchanged week costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder import temporary
from autograder.course import Course
from autograder.errors import AuthoringError
from autograder.files import write_whole
from autograder.notebook import python_cells, run_cells
from autograder.notebook.source_cells import GRADED, Role, SourceCell, SourceNotebook
from autograder.notebook.student import version

_SECONDS = 600


def check_solution(course: Course, source: SourceNotebook, released: Path) -> None:
    """Runs the solution and its public checks, unless these have passed before.

    Args:
        released: the student notebook. Where nothing is remembered (a fresh clone), one of the same version was made by somebody
            who had the checks run.

    Raises:
        AuthoringError: a cell fails on the solution; it names the line.
    """
    marker = course.root / "build" / "checked" / f"{source.assignment.id.replace('/', '-')}.sha256"
    contents = _contents(source)
    known = _text(marker)
    if known == contents:
        return
    if known or _released_version(released) != version(source):
        _run(course, source)
    write_whole(marker, contents.encode())


def _run(course: Course, source: SourceNotebook) -> None:
    cells = [c for c in source.cells if not c.markdown and c.role in (*GRADED, Role.CHECK)]
    order = {"path": str(source.path), "parent": os.getpid(), "cells": [_ordered(source, c) for c in cells]}
    paths = [str(course.root), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "Agg", "AUTOGRADER_GRADING": "1",
           "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": str(int(source.assignment.x64))}  # fmt: skip
    command = [sys.executable, "-P", run_cells.__file__]
    with tempfile.TemporaryDirectory(dir=temporary.own_folder()) as folder:
        try:
            done = subprocess.run(command, input=json.dumps(order), env=env, cwd=folder, capture_output=True, text=True,
                                  timeout=_SECONDS, check=False)  # fmt: skip
        except subprocess.TimeoutExpired:
            problem = f"the solution and its checks run longer than {_SECONDS} s."
            raise AuthoringError(source.path, problem, 'Mark long cells tags=["demo"].', line=1) from None
    try:
        failure = json.loads(done.stdout)
    except ValueError:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        problem = f"the solution ends the process that runs it: {said}."
        raise AuthoringError(source.path, problem, "Run its cells by hand.", line=1) from None
    if failure is not None:
        _refuse(source, cells[failure["cell"]], failure)


def _refuse(source: SourceNotebook, cell: SourceCell, failure: dict) -> None:
    error, line = failure["error"].rstrip("."), failure["line"]
    if cell.role is Role.CHECK:
        problem = f"the public check of {cell.question!r} fails on the solution: {error}."
        raise AuthoringError(source.path, problem, "Correct the check, or the solution.", cell.index, line)
    what = f"the solution of {cell.question!r}" if cell.question else "a cell of the solution"
    raise AuthoringError(source.path, f"{what} does not run: {error}.", "Correct it.", cell.index, line)


def _ordered(source: SourceNotebook, cell: SourceCell) -> dict:
    text = python_cells.python_text(cell.source)
    return {"text": text, "line": source.lines.of(cell.index, 1) or 1, "check": cell.role is Role.CHECK}


def _contents(source: SourceNotebook) -> str:
    digest = hashlib.sha256(f"{source.assignment.id} {source.assignment.x64}".encode())
    for cell in source.cells:
        if not cell.markdown and cell.role in (*GRADED, Role.CHECK):
            digest.update(f"\0{cell.role}\0{cell.question}\0{cell.source}".encode())
    return digest.hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _released_version(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["metadata"]["autograder"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
