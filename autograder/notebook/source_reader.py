"""Reads a solution notebook (Jupytext percent format, docs/authoring.md): from text to cells and questions.

Reading runs nothing. The rules that an author can break once it is read are in source_rules.py. Every mistake is an
AuthoringError.
"""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import yaml

from autograder.errors import AuthoringError
from autograder.model import Assignment, Question
from autograder.notebook import fences, python_cells
from autograder.notebook.cell_lines import cell_lines
from autograder.notebook.did_you_mean import did_you_mean
from autograder.notebook.python_cells import CellNames
from autograder.notebook.source_cells import MARKS, STAFF_ONLY, Role, SourceCell, SourceNotebook

_ROLES = {"question": Role.HEADING, "answer": Role.FOLDED}  # the other marks are called like their roles
_IN_MARKDOWN = ("question", "predict", "reflect", "answer", "rubric")
QUESTION_KEYS = ("points", "minutes", "difficulty", "needs", "bans", "written")
TAGS = ("demo", "hide-input", "hide-output", "hide-cell")
_JUPYTEXT_KEYS = ("lines_to_next_cell", "lines_to_end_of_cell_marker", "tags", "name", "slideshow", "collapsed")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def read_source(path: Path, assignment_id: str) -> tuple[SourceNotebook, float]:
    """Cells and questions of a solution notebook, and the points that its header promises.

    Raises:
        AuthoringError: unreadable, an unknown mark, a broken fence or header, a syntax error.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AuthoringError(path, "there is no such solution notebook.", "Write it, or correct the id.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AuthoringError(path, f"cannot be read: {error}.", "Save it as UTF-8 text.") from None
    _tags_are_lists(path, text)
    try:
        raw = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # jupytext raises whatever its YAML reader and cell parser raise
        problem = f"Jupytext cannot read it: {_one_line(error)}."
        raise AuthoringError(path, problem, "Compare its header with another week's.", line=1) from None
    content = [c for n, c in enumerate(raw.cells) if not (n == 0 and c.cell_type == "raw")]
    lines = cell_lines(text, tuple(c.source for c in content))
    with lines.placed():
        header = _header(path, raw)
        cells = tuple(_cell(path, index, cell) for index, cell in enumerate(content))
        questions = tuple(_question(path, index, content[index], cells) for index in _headings(cells))
        title = _title(path, cells)
    assignment = Assignment(assignment_id, title, questions, x64=header["x64"])
    return SourceNotebook(path, assignment, cells, lines=lines), header["points"]


def _tags_are_lists(path: Path, text: str) -> None:
    """Said before Jupytext reads the file: it would refuse other tags by a page of JSON schema."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"#\s*%%.*\btags=(?!\[)(\S*)", line):
            raise AuthoringError(path, f"tags is {match[1]}.", 'Write tags=["demo"].', line=number)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _header(path: Path, raw) -> dict:
    """`autograder: {points: 20, x64: false}` from the YAML header, beside `jupyter:` or below it."""
    found = raw.metadata.get("autograder")
    if raw.cells and raw.cells[0].cell_type == "raw":
        try:
            extra = yaml.safe_load(raw.cells[0].source.strip().strip("-"))
        except yaml.YAMLError as error:
            raise AuthoringError(path, f"the header is no YAML: {_one_line(error)}.", "Correct it.") from None
        found = extra.get("autograder", found) if isinstance(extra, dict) else found
    if not isinstance(found, dict):
        raise AuthoringError(
            path,
            "the header does not state the notebook's points.",
            "Add a line `# autograder: {points: 20}` to the header, between the two `# ---` lines.",
        )
    for key in found:
        if key not in ("points", "x64"):
            raise AuthoringError(
                path, f"the header has an unknown key {key!r} under autograder.", "Use points and x64."
            )
    points, x64 = found.get("points"), found.get("x64", False)
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise AuthoringError(path, f"the header's points are {points!r}.", "Write the sum of all questions' points.")
    if not isinstance(x64, bool):
        raise AuthoringError(path, f"the header's x64 is {x64!r}.", "Write true or false.")
    return {"points": float(points), "x64": x64}


def _cell(path: Path, index: int, cell) -> SourceCell:
    metadata, markdown = cell.metadata, cell.cell_type == "markdown"
    if cell.cell_type == "raw":
        raise AuthoringError(path, "a raw cell has no place here.", "Make it [markdown].", index)
    tags = metadata.get("tags", [])
    _check_keys(path, index, metadata, tags)
    role, question = _role(path, index, metadata, tags, markdown)
    if markdown or role in STAFF_ONLY:
        if fences.has_mark(cell.source) and role is not Role.INSTRUCTOR:
            raise AuthoringError(path, "a solution fence stands outside a solution cell.", "Move or remove it.", index)
        return SourceCell(index, role, question, cell.source, tuple(tags), markdown=markdown)
    return SourceCell(index, role, question, cell.source, tuple(tags), _names(path, index, cell.source, role))


def _check_keys(path: Path, index: int, metadata, tags) -> None:
    _marks_can_be_read(path, index, metadata)
    known = MARKS + QUESTION_KEYS + _JUPYTEXT_KEYS
    for key in metadata:
        if key not in known:
            raise AuthoringError(path, f"the mark {key!r} is unknown.", did_you_mean(key, MARKS + QUESTION_KEYS), index)
        if key in QUESTION_KEYS and "question" not in metadata:
            raise AuthoringError(path, f"{key} stands on a cell without question=.", "Move it to the heading.", index)
    for tag in tags:
        if tag not in TAGS:
            raise AuthoringError(path, f"the tag {tag!r} is unknown.", did_you_mean(str(tag), TAGS), index)


def _marks_can_be_read(path: Path, index: int, metadata) -> None:
    """Jupytext keeps what it cannot read of a `# %%` line as a text of its own, and the cell would pass for one without marks."""
    broken, title = metadata.get("incorrectly_encoded_metadata"), metadata.get("title")
    if broken is not None:
        remedy = 'Write each mark as key="value", with both quotes and a blank before the next.'
        raise AuthoringError(path, f"the marks of this cell cannot be read: {str(broken).strip()}", remedy, index)
    if title is not None:
        remedy = 'Write marks as key="value" behind `# %%` or `# %% [markdown]`; a title belongs into the text.'
        raise AuthoringError(path, f"{title!r} on the line of a cell is no mark.", remedy, index)
    for key, value in metadata.items():
        if value is None:
            raise AuthoringError(path, f"the mark {key!r} has no value.", f'Write {key}="...".', index)


def _role(path: Path, index: int, metadata, tags, markdown: bool) -> tuple[Role, str]:
    marks = [m for m in MARKS if m in metadata]
    if len(marks) > 1 or (marks and "demo" in tags):
        raise AuthoringError(path, f"the cell is {' and '.join([*marks, *tags])} at once.", "Split it.", index)
    if not marks:
        if "demo" in tags and not markdown:
            return Role.DEMO, ""
        return (Role.TEXT if markdown else Role.SUPPORT), ""
    mark, value = marks[0], metadata[marks[0]]
    if mark == "instructor":
        if value is not True:
            raise AuthoringError(path, f"instructor is {value!r}.", "Write instructor=true.", index)
        return Role.INSTRUCTOR, ""
    if not isinstance(value, str) or not _ID.match(value):
        raise AuthoringError(
            path, f"{mark}={value!r} is no question id.", "Use a letter, then letters, digits and underscores.", index
        )
    if markdown != (mark in _IN_MARKDOWN) and not (markdown and mark == "solution"):
        wrong, right = ("Markdown", "code") if markdown else ("code", "Markdown")
        raise AuthoringError(path, f"{mark}={value!r} stands on a {wrong} cell.", f"Make it a {right} cell.", index)
    if mark == "solution" and markdown:
        return Role.ANSWER, value
    return _ROLES.get(mark) or Role(mark), value


def _names(path: Path, index: int, source: str, role: Role) -> CellNames:
    """Names of a code cell, its fences checked on the way."""
    try:
        found = fences.find_fences(source)
    except fences.FenceError as error:
        raise AuthoringError(path, f"{error}.", "Correct the fence.", index, within=error.line) from None
    if found and role is not Role.SOLUTION:
        raise AuthoringError(
            path, "a solution fence stands outside a solution cell.", "Mark the cell solution=.", index
        )
    if role is Role.SOLUTION and not found:
        raise AuthoringError(
            path,
            "the solution cell has no fence.",
            f"Put {fences.BEGIN} and {fences.END} around what students write.",
            index,
        )
    try:
        names = python_cells.cell_names(source)
    except SyntaxError as error:
        problem = f"a syntax error: {error.msg}."
        raise AuthoringError(path, problem, "Correct the line.", index, within=error.lineno or 1) from None
    if role is Role.SOLUTION:
        try:
            python_cells.parse_cell(fences.with_stubs(source, "q"))
        except SyntaxError as error:
            problem = f"with its stub the cell is no Python: {error.msg}."
            raise AuthoringError(path, problem, "Let each fence hold whole statements of one block.", index) from None
    return names


def _headings(cells: tuple[SourceCell, ...]) -> list[int]:
    return [c.index for c in cells if c.role is Role.HEADING]


def _question(path: Path, index: int, cell, cells: tuple[SourceCell, ...]) -> Question:
    metadata, question_id = cell.metadata, cell.metadata["question"]

    def number(key: str, default, kinds, low: float):
        value = metadata.get(key, default)
        if isinstance(value, bool) or not isinstance(value, kinds) or value < low:
            raise AuthoringError(
                path, f"{question_id}: {key}={value!r} is no number it can be.", f"Write {key}=4.", index
            )
        return value

    def words(key: str) -> tuple[str, ...]:
        value = metadata.get(key, "")
        if not isinstance(value, str):
            raise AuthoringError(path, f"{question_id}: {key}={value!r}.", f'Write {key}="first,second".', index)
        return tuple(dict.fromkeys(w.strip() for w in value.split(",") if w.strip()))

    if "points" not in metadata:
        raise AuthoringError(path, f"{question_id} has no points.", "Add points=4 to its heading cell.", index)
    written, difficulty = metadata.get("written", False), metadata.get("difficulty", "")
    if not isinstance(written, bool) or not isinstance(difficulty, str):
        raise AuthoringError(path, f"{question_id}: wrong type.", 'Write written=true, difficulty="**".', index)
    heading = _HEADING.search(cell.source)
    if not heading:
        raise AuthoringError(path, f"{question_id} has no heading line.", "Begin the cell with `### A title`.", index)
    return Question(
        id=question_id,
        title=_plain(heading[1]),
        points=number("points", None, int | float, 0),
        names=() if written else _question_names(question_id, cells),
        needs=words("needs"),
        bans=words("bans"),
        written=written,
        minutes=number("minutes", 0, int, 0),
        difficulty=difficulty,
    )


def _plain(title: str) -> str:
    """A heading's text without Markdown marks: emphasis, code ticks, links. Formulas stay."""
    title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    parts = re.split(r"(\$[^$]*\$)", title)
    return "".join(p if p.startswith("$") else re.sub(r"\*+|`|(?<!\w)_+|_+(?!\w)", "", p) for p in parts).strip()


def _question_names(question_id: str, cells: tuple[SourceCell, ...]) -> tuple[str, ...]:
    """What a student must define: functions and classes outside the fences, else the names assigned there, else inside.

    A helper that stands wholly inside a fence is the solution's own affair.
    """
    own = [c for c in cells if c.role is Role.SOLUTION and c.question == question_id]
    visible = [python_cells.cell_names(fences.with_stubs(c.source, question_id)) for c in own]
    for choice in (
        [n.functions for n in visible],
        [n.assigned for n in visible],
        [c.names.functions for c in own],
        [c.names.assigned for c in own],
    ):
        if names := tuple(dict.fromkeys(name for group in choice for name in group)):
            return names
    return ()


def _title(path: Path, cells: tuple[SourceCell, ...]) -> str:
    for cell in cells:
        if cell.markdown:
            heading = re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE)
            if heading:
                return _plain(heading[1])
            break
    raise AuthoringError(path, "the first Markdown cell has no title.", "Begin it with `# A title`.", 0)
