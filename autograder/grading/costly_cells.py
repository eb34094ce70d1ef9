"""Finds the notebook of which one cell's failure costs most questions, so that a person looks at it before the marks go out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograder.model import CellProblem, Outcome, QuestionResult
from autograder.notebook.python_cells import cell_names
from autograder.notebook.submission import SubmittedNotebook

_UNKNOWN = re.compile(r"does not define `(\w{1,100})`|name '(\w{1,100})' is not defined|`(\w{1,100})` is not in(?:stalled)? ")
# What a cell that is no Python (of this version) binds, as far as its lines say so.
_BINDS = re.compile(
    r"^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w{1,100})|^(\w{1,100})[ \t]*+(?::[^=\n]*+)?=[^=]", re.MULTILINE
)
_READ_CHARS = 100_000


def costly_cell(questions: Sequence[QuestionResult], failed: Sequence[CellProblem],
                notebook: SubmittedNotebook) -> tuple[str, ...]:  # fmt: skip
    """One line for the staff where a single failed cell costs two questions or more, and half of all or more; else nothing.

    A question is lost to a cell if it earned nothing and its tests miss a name that this cell would have bound, or one of a
    cell that failed for want of such a name in turn.
    """
    asked = [q for q in questions if q.outcome is not Outcome.MANUAL]
    lost = [(q, names) for q in asked if not q.score and (names := missed(q))]
    if not failed or len(lost) < 2:
        return ()
    sources = notebook.sources
    binds = {c.index: _bound(sources.get(c.index, "")) for c in failed}
    binder = {name: index for index, names in binds.items() for name in names}
    roots = {c.index: _root(c, {p.index: p for p in failed}, binder) for c in failed}
    costs = Counter(root for _, names in lost for root in {roots[binder[n]] for n in names if n in binder})
    if not costs:
        return ()
    index, count = costs.most_common(1)[0]
    if count < 2 or 2 * count < len(asked):
        return ()
    why = next(c.message for c in failed if c.index == index)
    return (f"one cell's error costs {count} of {len(asked)} questions: {notebook.place(index)}, {why}",)


def missed(question: QuestionResult) -> set[str]:
    """Names that the tests of a question did not find, and packages."""
    texts = [t.message for t in question.tests] + [c.error for t in question.tests for c in t.calls[-1:]]
    return {name for text in texts for found in _UNKNOWN.findall(text) for name in found if name}


def _bound(source: str) -> set[str]:
    if len(source) > _READ_CHARS:
        return set()
    try:
        names = cell_names(source)
        return {*names.defines, *names.imported}
    except SyntaxError:
        return {a or b for a, b in _BINDS.findall(source)}


def _root(cell: CellProblem, failed: dict[int, CellProblem], binder: dict[str, int]) -> int:
    """The cell that is to blame: where one lacks a name that another failed cell would have bound, that one."""
    seen = set()
    while cell.index not in seen:
        seen.add(cell.index)
        match = _UNKNOWN.search(cell.message)
        before = binder.get(match[2] or match[1]) if match else None
        if before is None or before == cell.index:
            return cell.index
        cell = failed[before]
    return cell.index
