"""Survivors that are no slip at all: declared in the week's `equivalent.toml`, believed only if no input shows a difference.

[[mutant]]
notebook = "lab"
question = "train"
id = "other-name@36:12.1"
cell = "3f6c0a9d2b1e4f58"        # hash of the solution's code: when the code changes, the entry is void
reason = "..."
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AuthoringError
from autograder.sandbox.errors import DeadlineExceeded
from autograder.toml_lines import TomlLines
from autograder.verify.bench import Bench
from autograder.verify.domain import Inputs
from autograder.verify.tape import difference

FILE = "equivalent.toml"
MOST = 0.10  # of a question's mutants
INPUTS_TO_BELIEVE = 1000
_MOST_HANGS = 3
_KEYS = {"notebook", "question", "id", "cell", "reason"}


@dataclass(frozen=True)
class Declared:
    """One entry of `equivalent.toml`."""

    notebook: str
    question: str
    id: str
    cell: str
    reason: str


def read_equivalents(folder: Path) -> tuple[Declared, ...]:
    """The entries of a week's file; none if there is no file.

    Raises:
        AuthoringError: no TOML, unknown or missing keys, or an empty reason.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        line = re.search(r"\(at line (\d+)", str(e))
        raise AuthoringError(path, f"it is no TOML: {e}.", "Correct the line.", line=int(line[1]) if line else 1) from None
    entries = data.get("mutant", [])
    for number, entry in enumerate(entries, 1):
        if set(entry) != _KEYS or not all(isinstance(v, str) and v.strip() for v in entry.values()):
            problem = f"the entry {entry.get('id', '?')!r} needs {', '.join(sorted(_KEYS))}, each a text that is not empty."
            line = TomlLines(path.read_text(encoding="utf-8")).of(f"mutant {number}")
            raise AuthoringError(path, problem, "`autograder verify` prints entries ready to be copied.", line=line)
    return tuple(Declared(**entry) for entry in entries)


def entry_text(declared: Declared) -> str:
    """An entry as it stands in the file."""
    lines = [f'{key} = "{getattr(declared, key)}"' for key in ("notebook", "question", "id", "cell", "reason")]
    return "\n".join(["[[mutant]]", *lines])


class Reference:
    """The solution's replies on the domain, computed once per question and kept for all its survivors."""

    def __init__(self, bench: Bench, inputs: Inputs, view: Callable[[Any], Any], rtol: float):
        self._bench, self._inputs, self._view, self._rtol = bench, inputs, view, rtol
        self._replies: list[list[dict]] = []
        self._hung = 0

    def _ask(self, op: str, arguments: dict[str, Any]) -> dict:
        reply = self._bench.ask(op, arguments)
        if "ok" not in reply:
            return reply
        try:
            return {"ok": self._view(reply["ok"])}
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):  # a mutant's result may have any form
            return {"error": {"type": "has another form"}}

    def extend(self, count: int, patient: bool) -> None:
        """Makes sure that the first `count` inputs are answered. The current version must be the solution.

        What it hangs on, inputs made from a test's may be beyond what is promised, tells nothing of a mutant: it is passed over.
        Each costs a whole deadline: unless `patient`, no more are tried after a few.
        """
        for i in range(len(self._replies), count):
            if self._hung >= _MOST_HANGS and not patient:
                return
            replies = [self._ask(op, arguments) for op, arguments in self._inputs(i)]
            hangs = any(r.get("error", {}).get("type") == DeadlineExceeded.kind for r in replies)
            self._hung += hangs
            self._replies.append([] if hangs else replies)

    def extent(self, count: int) -> str:
        """How many of the first `count` inputs are compared, in words."""
        hung = sum(not replies for replies in self._replies[:count])
        compared = f"{len(self._replies[:count]) - hung} inputs"
        told = f" (the solution hangs on {hung} others: say what is promised in domains.py)"
        return compared + (told if hung else "")

    def first_difference(self, count: int, describe: Callable[[int, str], str]) -> str:
        """The first input among `count` where the current version differs from the solution, in words; "" if none."""
        for i, replies in enumerate(self._replies[:count]):
            for expected, (op, arguments) in zip(replies, self._inputs(i) if replies else (), strict=True):
                if words := difference(expected, self._ask(op, arguments), self._rtol):
                    return describe(i, words)
        return ""
