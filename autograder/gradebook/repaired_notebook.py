"""The notebook that a person marks in formgrader: what was handed in, with nbgrader's marks put back where they belong.

nbgrader finds a question by the id in a cell's metadata, and refuses a whole submission when an id is there twice, or never
finishes it when one is gone. Here every id of the released notebook ends on exactly one cell: the cell that carries it, else
one that lost its metadata but defines the same functions or says that it belongs to the same question, else one that is
put back. Marks do not depend on this (names decide them); each repair is told to the staff in one line.

What the marker sees is what ran: cells are left out only by their whole content, code is shown with all its characters, and
modules that came with the notebook stand behind it.

Nothing of the submission's own metadata or outputs is taken over. Nothing is run.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.notebook.carried import is_setup_cell
from autograder.notebook.companions import NOTHING, Brought
from autograder.notebook.python_cells import names_defined
from autograder.notebook.submission import SubmittedCell, SubmittedNotebook, normalised_sha256
from autograder.platforms.nbgrader.comments import escaped
from autograder.report.printable import printable, printable_code
from course_lib import cell_places

_PUT_BACK_CODE = (
    "# The cell of this question was missing in the notebook that was handed in. It is put back to carry the mark;\n"
    "# functions are found by their names, wherever they stand."
)
_PUT_BACK_TEXT = (
    "*The cell of this answer was missing in the notebook that was handed in. It is put back to carry the mark; "
    "an answer elsewhere in the notebook counts.*"
)
# What the generator adds to every notebook for the student's own run: pages of packed text, and nothing to be marked.
_CARRIED = frozenset({"setup-note", "setup", "hand-in", "hand-in-checks", "hand-in-submit"})
_READ_CHARS = 200_000  # a cell longer than this is not searched for definitions
_MODULE_CHARS = 50_000  # of a module that came along; the rest is in its file
# Code that stands where nobody scrolls to: far to the right, or far below.
_FAR_RIGHT, _FAR_DOWN = re.compile(r"\S[ \t]{60,}+\S|^[ \t]{160,}+\S"), 40
_MOST_NOTES = 20


@dataclass(frozen=True)
class Repaired:
    """A notebook with each grade id once, and what was done for it, one line each."""

    notebook: NotebookNode
    notes: tuple[str, ...] = ()


@dataclass
class _Work:
    """The submission's cells, in order, and which released cell each stands for."""

    cells: tuple[SubmittedCell, ...]
    claimed: dict[str, int] = field(default_factory=dict)  # grade id -> place among `cells`
    notes: list[str] = field(default_factory=list)

    def free(self) -> list[int]:
        taken = set(self.claimed.values())
        return [i for i in range(len(self.cells)) if i not in taken]


def repair(released: NotebookNode, submitted: SubmittedNotebook, brought: Brought = NOTHING) -> Repaired:
    """Puts each of the released notebook's grade ids on one cell of the submission.

    Args:
        released: the student notebook as built.
        brought: the files that came with the notebook.
    """
    work = _Work(_without_carried(submitted.cells, released))
    marked = [c for c in released.cells if "nbgrader" in c.metadata]
    for cell in marked:
        _claim_by_id(work, cell)
    for cell in marked:
        if _id(cell) not in work.claimed and not _locked(cell):
            _claim_by_content(work, cell)
    made = _made_cells(work, {_id(c): c for c in marked})
    for cell in _missing(work, marked):
        made.insert(_place(made, cell, marked), _put_back(cell))
        if not _locked(cell):
            work.notes.append(f"The cell of {_question(cell)!r} was missing; it was put back to carry the mark.")
    notes = (*submitted.notes, *brought.notes, *work.notes, *_far_away(submitted, work.cells, brought))
    made += [_shown_module(name, source) for name, source in sorted(brought.modules.items())]
    return Repaired(_notebook(released, made, notes), notes)


def unreadable_notebook(released: NotebookNode, reason: str) -> NotebookNode:
    """Stands in for a file that is no notebook: the released one, with the reason on top."""
    cells = [copy.deepcopy(c) for c in released.cells if c["id"] not in _CARRIED]
    return _notebook(released, cells, (f"This submission could not be read, so nothing in it is marked. {reason}",))


def _without_carried(cells: tuple[SubmittedCell, ...], released: NotebookNode) -> tuple[SubmittedCell, ...]:
    """The cells without those that the generator added, known by all that they hold; none of them runs when grading."""
    added = {(c.cell_type, normalised_sha256(c.source)) for c in released.cells if c["id"] in _CARRIED}
    setups = {c.index for c in cells if c.kind == "code" and is_setup_cell(c.source)}
    return tuple(c for c in cells if c.index not in setups and (c.kind, normalised_sha256(c.source)) not in added)


# Which cell stands for which id -----------------------------------------------------------------------------------------


def _claim_by_id(work: _Work, released: NotebookNode) -> None:
    grade_id = _id(released)
    found = [i for i in work.free() if work.cells[i].grade_id == grade_id]
    if _locked(released):
        same = [i for i in found if _same(work.cells[i], released)]
        if same:
            work.claimed[grade_id] = same[-1]
        elif found:
            work.notes.append(f"The check cell of {_question(released)!r} was changed; the released one stands behind it.")
        return
    if not found:
        return
    # Of copies, the last that says something: a copy made before the work began is still the stub.
    own = [i for i in found if not _same(work.cells[i], released)] or found
    work.claimed[grade_id] = own[-1]
    if len(found) > 1:
        work.notes.append(f"The cell of {_question(released)!r} is there {len(found)} times; the mark stands at the last one.")
    _note_kind(work, released, own[-1])


def _claim_by_content(work: _Work, released: NotebookNode) -> None:
    question, code = _question(released), released.cell_type == "code"
    names = set(names_defined(released.source, _READ_CHARS)) if code else set()
    free = [i for i in work.free() if not work.cells[i].grade_id]
    written = [i for i in free if code and work.cells[i].kind == "code"]
    found = [i for i in written if names & set(names_defined(work.cells[i].source, _READ_CHARS))]
    if not found and not code:
        # The heading of a question names it, too, but is as it was released.
        found = [i for i in free if work.cells[i].question == question and not _is_heading(work.cells[i])]
    if found:
        work.claimed[_id(released)] = found[-1]
        work.notes.append(f"The cell of {question!r} had lost its mark for the gradebook; it was recognised by its content.")
        _note_kind(work, released, found[-1])


def _note_kind(work: _Work, released: NotebookNode, index: int) -> None:
    kind = work.cells[index].kind
    if kind != released.cell_type:
        names = {"code": "a code cell", "markdown": "text", "raw": "a raw cell"}
        work.notes.append(
            f"The cell of {_question(released)!r} had become {names[kind]}; it is shown as {names[released.cell_type]} again."
        )


def _is_heading(cell: SubmittedCell) -> bool:
    return cell.kind == "markdown" and cell.source.lstrip().startswith("#")


def _same(cell: SubmittedCell, released: NotebookNode) -> bool:
    return cell.kind == released.cell_type and normalised_sha256(cell.source) == normalised_sha256(released.source)


# Making the notebook ----------------------------------------------------------------------------------------------------


def _made_cells(work: _Work, released: Mapping[str, NotebookNode]) -> list[NotebookNode]:
    standing_for = {index: grade_id for grade_id, index in work.claimed.items()}
    return [_made(cell, released.get(standing_for.get(i, ""))) for i, cell in enumerate(work.cells)]


def _made(cell: SubmittedCell, released: NotebookNode | None) -> NotebookNode:
    kind = released.cell_type if released is not None else cell.kind
    source = printable(cell.source) if cell.kind == "markdown" else printable_code(cell.source)
    if kind == "code":
        made = nbformat.v4.new_code_cell(source)
    else:
        # A raw cell's text would go into the page as it is.
        made = nbformat.v4.new_markdown_cell(_fenced(source) if cell.kind != "markdown" and source.strip() else source)
        pictures: dict[str, dict[str, str]] = {}
        for name, picture_kind, data in cell.pictures:
            pictures.setdefault(name, {})[picture_kind] = data
        if pictures:
            made["attachments"] = pictures
    if released is not None:
        made.metadata["nbgrader"] = copy.deepcopy(released.metadata["nbgrader"])
    if cell.question:
        made.metadata["autograder"] = {"question": cell.question}
    return made


def _shown_module(name: str, source: str) -> NotebookNode:
    rest = f"\n\nOnly the first {_MODULE_CHARS} characters are shown here." if len(source) > _MODULE_CHARS else ""
    heading = f"**Module {escaped(printable(name))}**, a file that came with the notebook; its cells may import it.{rest}"
    return nbformat.v4.new_markdown_cell(f"{heading}\n\n{_fenced(printable_code(source[:_MODULE_CHARS]))}")


def _far_away(submitted: SubmittedNotebook, cells: tuple[SubmittedCell, ...], brought: Brought) -> list[str]:
    """A line for each piece of code with something far to the right, or far below everything else."""
    numbered = [(submitted.numbers[c.index], c.source) for c in cells if c.index in submitted.numbers]
    pieces = [(f"C{cell_places.place(number, source)[1:]}", source) for number, source in numbered]
    pieces += [(f"Module {printable(name)}", source) for name, source in sorted(brought.modules.items())]
    return [f"{what} {found}" for what, source in pieces for found in _hiding_places(source)][:_MOST_NOTES]


def _hiding_places(source: str) -> list[str]:
    found, empty = {}, 0
    for number, line in enumerate(source.split("\n"), 1):
        if not line.strip():
            empty += 1
            continue
        if empty >= _FAR_DOWN:
            found.setdefault("down", f"has code far down in line {number}, behind {empty} empty lines.")
        if _FAR_RIGHT.search(line):
            found.setdefault("right", f"has code far to the right in line {number}, behind many blanks.")
        empty = 0
    return list(found.values())


def _fenced(text: str) -> str:
    fence = "`" * (3 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def _missing(work: _Work, marked: list[NotebookNode]) -> list[NotebookNode]:
    return [c for c in marked if _id(c) not in work.claimed]


def _put_back(released: NotebookNode) -> NotebookNode:
    made = copy.deepcopy(released)
    if not _locked(released):
        made["source"] = _PUT_BACK_CODE if released.cell_type == "code" else _PUT_BACK_TEXT
    made.metadata.pop("tags", None)
    return made


def _place(made: list[NotebookNode], cell: NotebookNode, marked: list[NotebookNode]) -> int:
    """Behind what is left of the question, else behind the nearest earlier marked cell, else on top."""
    ids = [_id(c) for c in marked]
    mine = {i for i, c in zip(ids, marked, strict=True) if _question(c) == _question(cell)}
    earlier = set(ids[: ids.index(_id(cell))])
    own = [n for n, c in enumerate(made) if _id(c) in mine & earlier]
    heading = [n for n, c in enumerate(made) if not _id(c) and _asked(c) == _question(cell)]
    before = [n for n, c in enumerate(made) if _id(c) in earlier]
    return (own or heading or before or [-1])[-1] + 1


def _notebook(released: NotebookNode, cells: list[NotebookNode], notes: tuple[str, ...]) -> NotebookNode:
    notebook = nbformat.v4.new_notebook()
    for key in ("kernelspec", "language_info"):
        notebook.metadata[key] = copy.deepcopy(released.metadata[key])
    if notes:
        lines = "\n".join(f"- {escaped(note)}" for note in notes)
        cells = [nbformat.v4.new_markdown_cell(f"**About this file**\n\n{lines}"), *cells]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook["cells"] = cells
    nbformat.validate(notebook)
    return notebook


def _id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _locked(cell: NotebookNode) -> bool:
    return bool(cell.metadata["nbgrader"]["locked"])


def _asked(cell: NotebookNode) -> str:
    return cell.metadata.get("autograder", {}).get("question", "")


def _question(cell: NotebookNode) -> str:
    return cell.metadata["autograder"]["question"]
