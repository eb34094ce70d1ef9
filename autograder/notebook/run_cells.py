"""PRIVATE. Runs a solution notebook's cells one after the other as plain Python, in a process that solution_run.py starts.

Reads from standard input, as JSON: {"path": file, "parent": process id of who asks, "cells": [{"text": Python, "line": of the
file, "check": bool}, ...]}. Ends with its parent.
Prints, as JSON, null, or {"cell": position, "line": of the file, "error": "ValueError: ..."} of the first cell that fails.
"""

import ast
import ctypes
import io
import json
import os
import signal
import sys
import traceback

_PR_SET_PDEATHSIG = 1


class _Notebook:
    """What a magic finds here: nothing happens."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def main() -> None:
    order = json.load(sys.stdin)
    _end_with(order["parent"])
    answer, sys.stdout = sys.stdout, io.StringIO()  # cells may print
    namespace = {"__name__": "__main__", "get_ipython": _Notebook, "display": lambda *args, **kwargs: None}
    failure = None
    for position, cell in enumerate(order["cells"]):
        failure = _run(order["path"], cell, namespace)
        if failure is not None:
            failure["cell"] = position
            break
    json.dump(failure, answer)
    answer.flush()
    os._exit(0)  # threads that cells left behind are not waited for


def _end_with(parent: int) -> None:
    # A build that is interrupted or killed leaves nothing running, and an author's cell may run for minutes.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _run(path: str, cell: dict, namespace: dict):
    """Runs one cell; a check on a copy of the names, so that what it assigns is gone afterwards."""
    tree = ast.increment_lineno(ast.parse(cell["text"], path), cell["line"] - 1)
    try:
        exec(compile(tree, path, "exec"), dict(namespace) if cell["check"] else namespace)
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        own = [n for n in lines if n and cell["line"] <= n < cell["line"] + cell["text"].count("\n") + 1]
        said = " ".join(str(error).split())[:500]
        return {"line": (own or [cell["line"]])[-1], "error": f"{type(error).__name__}: {said}".rstrip(": ")}
    return None


if __name__ == "__main__":
    main()
