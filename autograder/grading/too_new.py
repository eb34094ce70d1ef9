"""Did a notebook lose points because it was written for a newer Python, JAX or other package than those that grade it?

Evidence is what failed: a cell that only a newer Python reads, or an error that names what a newer version has. What the
notebook says of itself (Jupyter writes `language_info.version`, `grader.submit()` writes `written_with`) is a claim: it
completes the sentence, and stands in for the table of course_lib/newer_names.py where that knows nothing.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.model import CellProblem, Outcome, QuestionResult
from autograder.notebook.newer_syntax import newer_syntax
from autograder.notebook.python_cells import cell_names
from autograder.notebook.submission import SubmittedNotebook
from autograder.report.printable import one_line
from course_lib.newer import remedy
from course_lib.newer_names import newest, release, since
from course_lib.packages import PACKAGES

# For each cell that is no Python a process is started, on a stranger's text.
_READ_CHARS, _MOST_CELLS, _MOST_PLACES = 50_000, 8, 4
_NAMES = (
    re.compile(r"module '([\w.]{1,200})' has no attribute '(\w{1,100})'"),
    re.compile(r"cannot import name '(?P<name>\w{1,100})' from '(?P<place>[\w.]{1,200})'"),
    re.compile(r"(?:'(\w{1,100})' object|type object '(\w{1,100})') has no attribute '(\w{1,100})'"),
    re.compile(r"No module named '([\w.]{1,200})'"),
)
_UNDEFINED = re.compile(r"does not define `(\w{1,100})`|name '(\w{1,100})' is not defined|`(\w{1,100})` is not ")
# What a cell that is no Python of this version binds, as far as its lines say so.
_BINDS = re.compile(
    r"^[ \t]*+(?:async[ \t]++)?(?:def|class|type)[ \t]++(\w{1,100})|^(\w{1,100})[ \t]*+(?::[^=\n]*+)?=[^=]", re.MULTILINE
)
_IMPORTS = re.compile(r"^[ \t]*+(?:from|import)[ \t]([^\n]{1,1000})", re.MULTILINE)
_CLASSES = {"PosixPath": "pathlib.Path", "PurePosixPath": "pathlib.Path", "Path": "pathlib.Path", "date": "datetime.date",
            "time": "datetime.time", "Fraction": "fractions.Fraction", "Decimal": "decimal.Decimal", "Random": "random.Random",
            "Queue": "queue.Queue", "array": "array.array", "bytearray": "builtins.bytearray", "float": "builtins.float",
            "complex": "builtins.complex", "int": "builtins.int"}  # fmt: skip


@dataclass(frozen=True)
class _Finding:
    """One reason: which library, the first version that has it ("" where only the claim speaks), what, and where."""

    library: str
    version: str
    what: str
    where: str
    remedy: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class TooNew:
    """Lines for the student's page, and the same for the staff with the questions concerned."""

    notes: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()


def too_new(questions: Sequence[QuestionResult], failed: Sequence[CellProblem], notebook: SubmittedNotebook,
            absent: Iterable[str] = ()) -> TooNew:  # fmt: skip
    """What points were lost to; nothing where none were.

    Args:
        failed: the cells that did not run through.
        absent: names and modules that a stand-in was put in place of, dotted.
    """
    lost = [q for q in questions if q.score is not None and q.score < q.points and q.outcome is not Outcome.MANUAL]
    if not lost:
        return TooNew()
    claims = notebook.written_with
    sources = notebook.sources
    errors = [c for c in failed if c.kind == "error"]
    bound = {c.index: _bound(sources.get(c.index, "")) for c in errors}
    hurt = lambda c: _concerned(lost, _harm(c, errors, bound))
    found = [
        *(f for c in errors[:_MOST_CELLS] for f in _in_cell(c, notebook, hurt(c), claims)),
        *(f for q in lost for f in _in_question(q, claims)),
        *(f for name in absent for f in _named(name, "", _concerned(lost, {name, *name.split(".")}), claims) if f.questions),
    ]
    notes, review = [], []
    for library in dict.fromkeys(f.library for f in found):
        own = [f for f in found if f.library == library]
        head = _head(library, own, claims)
        places = list(dict.fromkeys(" ".join(part for part in (f"{f.where}{f.what}.", f.remedy) if part) for f in own))
        more = [f"And {len(places) - _MOST_PLACES} more."] if len(places) > _MOST_PLACES else []
        notes.append(" ".join([head, *places[:_MOST_PLACES], *more, "The course staff see this line, too."]))
        ids = ", ".join(dict.fromkeys(q for f in own for q in f.questions))
        review.append(f"{head} Points are missing in {ids}. {own[0].where}{own[0].what}.")
    return TooNew(tuple(notes), tuple(review))


def _head(library: str, found: Sequence[_Finding], claims: Mapping[str, str]) -> str:
    """E.g. "Needs Python 3.12: written for 3.13, graded with 3.11."."""
    needs = max((f.version for f in found if f.version), key=release, default="")
    claim, grades = claims.get(_key(library), ""), _installed(library)
    if library == "Python":
        claim, grades = (".".join(v.split(".")[:2]) for v in (claim, grades))
    written = claim if claim and release(claim) >= max(release(needs), release(grades)) else f"{needs} or newer"
    head = f"Needs {library} {needs}" if needs else f"Needs a newer {library}"
    return f"{head}: written for {written}, graded with {grades}."


# ---------------------------------------------------------------------------------------------------------- where it shows


def _in_cell(cell: CellProblem, notebook: SubmittedNotebook, concerned: tuple[str, ...],
             claims: Mapping[str, str]) -> Iterator[_Finding]:  # fmt: skip
    source, place = notebook.sources.get(cell.index, ""), notebook.place(cell.index)
    place = place[0].upper() + place[1:]
    if not concerned or len(source) > _READ_CHARS:
        return
    if "SyntaxError" in cell.message or "IndentationError" in cell.message:
        for newer in newer_syntax(source):
            where = f"{place}, line {newer.line}: "
            yield _Finding("Python", newer.version, newer.what, where, newer.remedy, concerned)
    for dotted in _names_in(f"{cell.message}\n{cell.traceback}"):
        yield from _named(dotted, f"{place}: ", concerned, claims)


def _in_question(question: QuestionResult, claims: Mapping[str, str]) -> Iterator[_Finding]:
    for dotted in dict.fromkeys(name for text in _texts(question) for name in _names_in(text)):
        yield from _named(dotted, f"{one_line(question.title or question.id, 80)}: ", (question.id,), claims)


def _texts(question: QuestionResult) -> list[str]:
    failed = [t for t in question.tests if t.outcome is not Outcome.PASSED]
    return [text for t in failed for text in (t.message, t.traceback, *(c.error for c in t.calls[-1:])) if text]


def _concerned(lost: Sequence[QuestionResult], names: set[str]) -> tuple[str, ...]:
    """Questions whose tests did not find one of the names."""
    return tuple(q.id for q in lost if any(_undefined(text) & names for text in _texts(q)))


def _harm(cell: CellProblem, errors: Sequence[CellProblem], bound: Mapping[int, set[str]]) -> set[str]:
    """Names that are not there because a cell failed, and those of the cells that failed for want of them in turn."""
    names, waiting = set(bound[cell.index]), [c for c in errors if c.index != cell.index]
    while hit := [c for c in waiting if _undefined(c.message) & names]:
        names = names.union(*(bound[c.index] for c in hit))
        waiting = [c for c in waiting if c not in hit]
    return names


def _undefined(text: str) -> set[str]:
    return {name for groups in _UNDEFINED.findall(text) for name in groups if name}


def _bound(source: str) -> set[str]:
    """What a cell would have bound; from its lines where it is no Python of this version."""
    if len(source) > _READ_CHARS:
        return set()
    try:
        names = cell_names(source)
        return {*names.defines, *names.imported}
    except SyntaxError:
        imported = (name for line in _IMPORTS.findall(source) for name in re.findall(r"\w+", line))
        return {*(n for groups in _BINDS.findall(source) for n in groups if n), *imported}


# ------------------------------------------------------------------------------------------------------------ what it says


def _names_in(text: str) -> Iterator[str]:
    """Dotted names that an error says are not there."""
    attribute, imported, member, module = _NAMES
    yield from (f"{m[1]}.{m[2]}" for m in attribute.finditer(text))
    yield from (f"{m['place']}.{m['name']}" for m in imported.finditer(text))
    yield from (f"{_CLASSES.get(m[1] or m[2], m[1] or m[2])}.{m[3]}" for m in member.finditer(text))
    yield from (m[1] for m in module.finditer(text))


def _named(dotted: str, where: str, concerned: tuple[str, ...], claims: Mapping[str, str]) -> Iterator[_Finding]:
    """A finding if the name came with a later version than the one that is here."""
    entry = since(dotted) or since(dotted.partition(".")[0])
    if entry:
        library, version = entry
        if release(version) > release(_installed(library)):
            yield _Finding(library, version, f"`{dotted}` is of {library} {version} and newer", where, remedy(dotted), concerned)
        return
    library = _library(dotted.partition(".")[0])
    claim, here = release(claims.get(_key(library), "")), release(_installed(library))
    # Of Python and JAX the table knows what it knows: the claim counts where it goes further.
    if library and claim > here and (library not in ("Python", "JAX") or claim > release(newest(library))):
        yield _Finding(library, "", f"`{dotted}` is not in {library} {_installed(library)}", where, "", concerned)


def _library(module: str) -> str:
    """Which of the versions that a notebook claims decides what a module has; "" for none."""
    if module in sys.stdlib_module_names:
        return "Python"
    if module == "jax":
        return "JAX"
    return PACKAGES[module].partition(">")[0] if module in PACKAGES else ""


def _key(library: str) -> str:
    return library.lower()


def _installed(library: str) -> str:
    if library == "Python":
        return platform.python_version()
    try:
        return importlib.metadata.version(_key(library)) if library else ""
    except importlib.metadata.PackageNotFoundError:
        return ""
