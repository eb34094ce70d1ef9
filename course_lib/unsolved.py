"""PUBLIC: a cell that needs a question which is not solved yet says which in one line: no traceback, no empty plot.

Run All on a half-solved notebook runs every demonstration. Where a stub raises in one, IPython hands the exception to `Watch`;
where a later cell misses what that one would have made, too. Every other exception looks as ever.
"""

from __future__ import annotations

import ast
import html
import re
import sys
from collections.abc import Callable, Mapping

from course_lib.cell_text import parse_cell
from course_lib.messages import show

_STUB = re.compile(r"(\w+)((?:\.\w+)*): write your code")
_ATTRIBUTE = "_course_lib_unsolved"


def watch(questions: Callable[[], Mapping[str, dict]]) -> None:
    """Watches the cells of this notebook from now on; does nothing outside of one.

    Args:
        questions: gives the notebook's questions: id -> title, names.
    """
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    if isinstance(before := getattr(shell, _ATTRIBUTE, None), Watch):
        before.questions = questions
    elif not shell.custom_exceptions:  # somebody else handles exceptions here: leave it to them
        setattr(shell, _ATTRIBUTE, Watch(shell, questions))


class Watch:
    """Exceptions of one kernel's cells."""

    def __init__(self, shell, questions: Callable[[], Mapping[str, dict]]):
        self.questions = questions
        self._cell, self._figures = "", set(_figures())
        self._waiting: dict[str, str] = {}  # name that a stopped cell would have defined -> what that cell waits for
        self._said = False
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)
        shell.set_custom_exc((NotImplementedError, NameError), self._raised)

    def _begin(self, info) -> None:
        self._cell, self._figures, self._said = info.raw_cell or "", set(_figures()), False

    def _end(self, result) -> None:
        if self._said:
            result.error_in_exec = None  # so that no editor stops Run All here

    def _raised(self, shell, kind, error, trace, tb_offset=None) -> None:
        waits_for = self._waits_for(error)
        if not waits_for:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        self._said = True
        self._waiting |= dict.fromkeys(_defines(self._cell), waits_for)
        _close(self._figures)
        text = f"Not run to the end: {waits_for} is not solved yet. Run this cell again when it is."
        show(f'<div style="opacity:.75">{html.escape(text)}</div>', text)

    def _waits_for(self, error: BaseException) -> str:
        if isinstance(error, NameError):
            return self._waiting.get(error.name or "", "")
        stub = _STUB.match(str(error))
        return self._question(stub[1], stub[1] + stub[2]) if stub else ""

    def _question(self, name: str, written: str) -> str:
        """A question and its function in words."""
        try:
            for question, about in self.questions().items():
                if name == question or name in about.get("names", ()):
                    return f"“{about.get('title', question)}” ({written})"
        except Exception:  # the notebook's metadata is gone: the function's name says it, too
            pass
        return written


def _defines(cell: str) -> set[str]:
    """Names that a cell binds outside of its functions."""
    try:
        waiting: list[ast.AST] = list(parse_cell(cell).body)
    except SyntaxError:
        return set()
    found = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


def _figures() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot.get_fignums() if pyplot is not None else []


def _close(before: set[int]) -> None:
    """Closes the figures that a cell opened before it was stopped."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in set(_figures()) - before:
        pyplot.close(number)
