"""What was not here when a notebook ran, and which settings were undone: in words, for its student and for the staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from autograder.grading.costly_cells import missed
from autograder.model import Outcome, QuestionResult
from autograder.report.printable import one_line, printable_name
from autograder.sandbox.stand_ins import is_idle
from autograder.sandbox.workspace import Remark

_MOST_LINES, _MOST_NAMES = 20, 8
_LEFT_OUT = "the statement was left out, and what comes after it ran"
_HERE = "where this is graded"
_BESIDE = "Files count that lie beside the notebook and are handed in with it."
_WORDS: dict[str, Callable[[str, str], str]] = {
    "idle": lambda names, where: f"{where}: {names} does nothing {_HERE}, and nothing was taken for it.",
    "module": lambda names, where: f"{where}: {names} is not installed {_HERE}; what uses it fails, all else ran.",
    "name": lambda names, where: f"{where}: {names} is not in the versions installed {_HERE}; what uses it fails, all else ran.",
    "use": lambda names, where: f"{where}: a statement uses {names}, which is not installed {_HERE}; {_LEFT_OUT}.",
    "import": lambda names, where: f"{where}: {names}; {_LEFT_OUT}.",
    "magic": lambda names, where: f"{where}: {names} is no command of the notebook {_HERE}; {_LEFT_OUT}.",
    "file": lambda names, where: f"{where}: {names} is not there {_HERE}; {_LEFT_OUT}. {_BESIDE}",
    "network": lambda names, where: f"{where}: there is no network {_HERE}; {_LEFT_OUT}.",
    "process": lambda names, where: f"{where}: no other program is started {_HERE}; {_LEFT_OUT}.",
    "input": lambda names, where: f"{where}: nobody is there to type an answer {_HERE}; {_LEFT_OUT}.",
    "machine": lambda names, where: f"{where}: asks for another machine; {_LEFT_OUT}. It is graded on a CPU.",
    "device": lambda names, where: f"{where}: asks for {names}; it is graded on a CPU, which stood in.",
    "setting": lambda names, where: f"{where}: settings for another machine, or for debugging, were undone or ignored: {names}.",
}
# What a right answer cannot need: the staff need not look where points are lost beside it.
_HARMLESS = ("idle", "setting", "magic", "machine", "device")


def notes(remarks: Sequence[Remark], place: Callable[[int], str]) -> tuple[str, ...]:
    """Lines for the student's page and the class page, one per kind and cell.

    Args:
        place: how a cell is named, by its number.
    """
    lines = (_line(kind, names, where) for kind, names, where in _grouped(remarks, place))
    return tuple(line[0].upper() + line[1:] for line in lines)[:_MOST_LINES]


def for_staff(remarks: Sequence[Remark], questions: Sequence[QuestionResult], place: Callable[[int], str]) -> tuple[str, ...]:
    """Why a person should look: something was not here, and a question has nothing because a name or a package is missing."""
    empty = [q for q in questions if q.outcome is not Outcome.MANUAL and not q.score and missed(q)]
    lines = [_line(kind, names, where) for kind, names, where in _grouped(remarks, place) if kind not in _HARMLESS]
    if not empty or not lines:
        return ()
    how_many = "1 question has" if len(empty) == 1 else f"{len(empty)} questions have"
    return tuple(f"{how_many} no points, and {line}" for line in lines[:3])


def _grouped(remarks: Sequence[Remark], place: Callable[[int], str]) -> list[tuple[str, str, str]]:
    """(kind, names, where): remarks of one kind in one cell together; of what is told once for all, those of every cell."""
    found: dict[tuple, tuple[dict[str, None], dict[str, None]]] = defaultdict(lambda: ({}, {}))
    for remark in remarks:
        kind = "idle" if remark.kind in ("module", "use") and is_idle(remark.name) else remark.kind
        if kind not in _WORDS:
            continue
        together = kind in ("idle", "module", "name", "setting")
        names, places = found[kind, "" if together else remark.cell]
        names[_name(kind, remark.name)] = None
        places["in a call" if remark.cell is None else place(remark.cell)] = None
    return [(kind, _listed(names), _listed(places)) for (kind, _), (names, places) in found.items()]


def _name(kind: str, name: str) -> str:
    shown = one_line(printable_name(name), 80)
    if kind in ("module", "idle", "use") and not shown.startswith("google."):
        shown = shown.partition(".")[0] if kind != "module" else shown
    return f"`{shown}`" if shown and kind != "import" else shown


def _listed(names: dict[str, None]) -> str:
    shown = [n for n in names if n]
    more = f" and {len(shown) - _MOST_NAMES} more" if len(shown) > _MOST_NAMES else ""
    return ", ".join(shown[:_MOST_NAMES]) + more


def _line(kind: str, names: str, where: str) -> str:
    return _WORDS[kind](names, where)
