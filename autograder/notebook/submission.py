"""Reads the file a student handed in, on the trusted side: a bounded read and a tolerant parse, nothing executed.

Whatever can be understood is understood (byte order marks, UTF-16, nbformat 3, lost metadata, lost cell ids); whatever
cannot raises `SubmissionError` with one line that staff and student can act on. Only these are taken from a cell:
its place, its kind, its source and, where they survived, its tags, question, grade id and pasted pictures.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.notebook.notebook_json import SAVE_AGAIN, load_notebook
from autograder.notebook.submitted_file import display_name, read_bytes
from autograder.report.printable import one_line
from course_lib import cell_places

MAX_CELLS = 5_000
MAX_CELL_CHARS = 1_000_000
KINDS = frozenset({"code", "markdown", "raw"})
# Cells about a question that are no part of its answer: nobody may take a prediction for the written answer that is gone.
_ASIDES = ("predict", "reflect", "prediction", "reflection", "folded-answer")
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
_PYTHON = re.compile(r"\b(?:def|class) \w+\s*[(:]|\bimport \w+|\breturn\b")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*+")


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as handed in.

    Attributes:
        index: its place among all cells, from 0.
        kind: "code", "markdown" or "raw".
        source: LF line ends, no lone surrogates; code may hold IPython magics and syntax errors.
        tags: e.g. ("demo",); what is left of them.
        question: the question its metadata names, "" when that is lost. A hint: names decide, not metadata.
        grade_id: the id that nbgrader knows it by, "" when that is lost.
        pictures: pasted into it: (name, type such as "image/png", base64). For people who mark written answers.
        aside: its metadata says that it is about a question and no part of its answer (a prediction, say).
    """

    index: int
    kind: str
    source: str
    tags: tuple[str, ...] = ()
    question: str = ""
    grade_id: str = ""
    pictures: tuple[tuple[str, str, str], ...] = ()
    aside: bool = False


@dataclass(frozen=True)
class SubmittedNotebook:
    """A submission that could be read.

    Attributes:
        assignment_id: what its metadata says, e.g. "week03/lab"; "" when the metadata is lost.
        sha256: of the file's bytes.
        notes: lines for the student's page about what was repaired.
        written_with: versions that its metadata claims: "python", "jax", "numpy" ... -> "3.13.0".
        carried: (name, base64) of files in its metadata, where `grader.submit()` puts what the notebook reads beside it.
    """

    cells: tuple[SubmittedCell, ...]
    assignment_id: str
    sha256: str
    notes: tuple[str, ...] = ()
    written_with: Mapping[str, str] = field(default_factory=dict)
    carried: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> tuple[SubmittedCell, ...]:
        return tuple(c for c in self.cells if c.kind == "code")

    @functools.cached_property
    def numbers(self) -> dict[int, int]:
        """A code cell's index -> the number that Jupyter shows beside it after running all; blank cells have none."""
        given = cell_places.numbers((c.kind, c.source) for c in self.cells)
        return {c.index: number for c, number in zip(self.cells, given, strict=True) if number}

    @functools.cached_property
    def sources(self) -> dict[int, str]:
        """The sources of the code cells, by number."""
        return {self.numbers[c.index]: c.source for c in self.cells if c.index in self.numbers}

    def place(self, number: int) -> str:
        """How messages name a code cell: its number, and its first line in backticks."""
        return one_line(cell_places.place(number, self.sources.get(number, "")), 120)


def read_submission(
    path: Path | str, max_mb: float, *, assignment: str = "", within: Path | str | None = None
) -> SubmittedNotebook:
    """Reads one notebook, trusting nothing in it.

    Args:
        path: the file. Links are followed only while they stay inside `within`.
        max_mb: largest size in MB (10^6 bytes); a larger file is refused without being read.
        assignment: the assignment graded, e.g. "week03/lab"; a notebook that says it is another one is refused.
        within: the folder that holds all submissions; by default the folder that holds `path`.

    Raises:
        SubmissionError: one line, starting with the file's name.
    """
    return parse_submission(read_bytes(path, max_mb, within=within), display_name(path), assignment=assignment)


def parse_submission(data: bytes, name: str, *, assignment: str = "") -> SubmittedNotebook:
    """The second half of `read_submission`: bytes already read. `name` starts every error line."""
    notes: list[str] = []
    notebook = load_notebook(data, name, notes)
    metadata = _mapping(notebook.get("metadata"))
    said = _assignment_id(metadata)
    if assignment and said and said != assignment:
        raise SubmissionError(
            f"{name}: this is the notebook of {said}, not of {assignment}. Hand in the notebook of {assignment}."
        )
    notes += _language_notes(metadata)
    cells = _cells(notebook, name, notes)
    sha256 = hashlib.sha256(data).hexdigest()
    return SubmittedNotebook(cells, said, sha256, tuple(notes), _written_with(metadata), _carried_files(metadata))


def normalised_sha256(source: str) -> str:
    """Identity of a cell's text up to line ends, trailing blanks and empty lines at either end (hex)."""
    lines = [line.rstrip() for line in _lf(source).split("\n")]
    return hashlib.sha256("\n".join(lines).strip("\n").encode("utf-8", "replace")).hexdigest()


def drop_demo(cells: Iterable[SubmittedCell], released: Set[str]) -> tuple[SubmittedCell, ...]:
    """The cells without the demonstrations that are as released, tagged or not.

    A demonstration that a student rewrote is kept even when it is still tagged: their other cells may use it.

    Args:
        released: `normalised_sha256` of every demo cell of the released notebook.
    """
    return tuple(c for c in cells if c.kind != "code" or normalised_sha256(c.source) not in released)


# From JSON to cells --------------------------------------------------------------------------------------------------


def _cells(notebook: dict, name: str, notes: list[str]) -> tuple[SubmittedCell, ...]:
    raw = _raw_cells(notebook, name, notes)
    if not raw:
        raise SubmissionError(f"{name}: the notebook has no cells. Hand in the file that you worked in.")
    if len(raw) > MAX_CELLS:
        raise SubmissionError(f"{name}: the notebook has {len(raw)} cells where {MAX_CELLS} are allowed. Delete some.")
    repaired: set[str] = set()
    cells = tuple(_cell(i, cell, name, repaired) for i, cell in enumerate(raw))
    notes += sorted(repaired)
    return cells


def _raw_cells(notebook: dict, name: str, notes: list[str]) -> list:
    version = notebook.get("nbformat")
    if "cells" in notebook:
        if isinstance(version, int) and version > 4:
            notes.append(f"The file says it is nbformat {version}, newer than 4; it was read as nbformat 4.")
        return _listed(notebook["cells"], "its list of cells", name)
    notes.append("The file is in the old nbformat 3; it was converted before grading.")
    raw: list = []
    for sheet in _listed(notebook["worksheets"], "its list of worksheets", name):
        if not isinstance(sheet, dict):
            raise SubmissionError(f"{name}: a worksheet is {_a(sheet)} where an object is expected. {SAVE_AGAIN}")
        raw += _listed(sheet.get("cells", []), "its list of cells", name)
    return [_upgraded(cell) for cell in raw]


def _upgraded(cell: object) -> object:
    """An nbformat 3 cell as nbformat 4: what nbformat's own converter does to the fields read here."""
    if not isinstance(cell, dict):
        return cell
    kind = cell.get("cell_type")
    source = cell.get("input") if kind == "code" else cell.get("source")
    if isinstance(source, list) and source and not str(source[0]).endswith(("\n", "\r")):
        source = [f"{line}\n" if isinstance(line, str) else line for line in source[:-1]] + source[-1:]
    if kind == "heading":
        level = cell.get("level")
        level = level if isinstance(level, int) and 1 <= level <= 6 else 1
        text = "".join(source) if isinstance(source, list) and all(isinstance(s, str) for s in source) else source
        return {**cell, "cell_type": "markdown", "source": f"{'#' * level} {text}" if isinstance(text, str) else text}
    return {**cell, "cell_type": "markdown" if kind == "html" else kind, "source": source}


def _cell(index: int, cell: object, name: str, repaired: set[str]) -> SubmittedCell:
    where = f"{name}: the {_ordinal(index + 1)} cell"
    if not isinstance(cell, dict):
        raise SubmissionError(f"{where} is {_a(cell)} where an object is expected. {SAVE_AGAIN}")
    kind = _kind(index, cell, repaired)
    source = _source(cell.get("source", cell.get("input")), where, repaired)
    metadata = _mapping(cell.get("metadata"))
    aside = _mapping(metadata.get("autograder")).get("role") in _ASIDES
    return SubmittedCell(
        index, kind, source, _tags(metadata), _question(metadata), _grade_id(metadata), _pictures(cell.get("attachments")), aside
    )


def _kind(index: int, cell: dict, repaired: set[str]) -> str:
    """A cell's kind. One that no notebook has is taken for code if it can have been run, for text otherwise, and said."""
    said = cell.get("cell_type")
    if isinstance(said, str) and said in KINDS:
        return said
    word = said.strip().lower() if isinstance(said, str) else ""
    if word in KINDS:
        kind = word
    elif word in ("heading", "text", "html", "md"):
        kind = "markdown"
    elif "outputs" in cell or "execution_count" in cell or word.startswith("python") or _PYTHON.search(str(cell.get("source"))):
        kind = "code"
    else:
        kind = "raw"
    what = {"code": "code", "markdown": "text", "raw": "text that is not run"}[kind]
    begins = one_line(cell_places.first_line(_text(cell.get("source"))), 80).replace("`", "'")
    where = f"The {_ordinal(index + 1)} cell of all" + (f" (`{begins}`)" if begins else "")
    repaired.add(f"{where} has the unknown type {one_line(repr(said), 40)}; it was taken for {what}.")
    return kind


def _text(source: object) -> str:
    return "".join(s for s in (source if isinstance(source, list) else [source]) if isinstance(s, str))


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _source(value: object, where: str, repaired: set[str]) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    if not isinstance(value, str):
        raise SubmissionError(f"{where} has a source that is {_a(value)} where text is expected. {SAVE_AGAIN}")
    if len(value) > MAX_CELL_CHARS:
        raise SubmissionError(f"{where} has {len(value)} characters where {MAX_CELL_CHARS} are allowed. Shorten it.")
    text = _lf(value)
    clean = text.encode("utf-8", "replace").decode("utf-8") if _has_surrogates(text) else text
    if clean != text:
        repaired.add("Some characters were half of a Unicode pair; they were replaced by ? before grading.")
    return clean


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _tags(metadata: dict) -> tuple[str, ...]:
    tags = metadata.get("tags")
    if isinstance(tags, str):
        tags = [tags]
    return tuple(t for t in tags if isinstance(t, str) and len(t) <= 200)[:50] if isinstance(tags, list) else ()


def _question(metadata: dict) -> str:
    """The question a cell belongs to: our own metadata first, then the nbgrader id, which the author made from it."""
    autograder = _mapping(metadata.get("autograder"))
    if autograder.get("role") in _ASIDES:
        return ""
    own = autograder.get("question")
    if _is_identifier(own):
        return own
    grading = _mapping(metadata.get("nbgrader"))
    grade_id = grading.get("grade_id")
    if grading.get("solution") is True and isinstance(grade_id, str):
        match = re.fullmatch(r"(\w{1,100})(?:-(?:solution|answer)(?:-\d{1,3})?)?", grade_id)
        return match.group(1) if match else ""
    return ""


def _grade_id(metadata: dict) -> str:
    said = _mapping(metadata.get("nbgrader")).get("grade_id")
    return said if isinstance(said, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,200}", said) else ""


def _pictures(attachments: object) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, kind, data)
        for name, kinds in _mapping(attachments).items()
        for kind, data in _mapping(kinds).items()
        if kind in PICTURES and len(name) <= 200 and isinstance(data, str) and _BASE64.fullmatch(data)
    )


def _is_identifier(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\w{1,100}", value) is not None


def _assignment_id(metadata: dict) -> str:
    said = _mapping(metadata.get("autograder")).get("assignment")
    return one_line(said, 60) if isinstance(said, str) else ""


_VERSION = re.compile(r"\d{1,4}\.\d{1,6}(?:[.+\w]{0,20})")


def _written_with(metadata: dict) -> dict[str, str]:
    """What the notebook says of its kernel: `grader.submit()` writes all of it, Jupyter the version of Python."""
    said = _mapping(_mapping(metadata.get("autograder")).get("written_with"))
    python = _mapping(metadata.get("language_info")).get("version", said.get("python"))
    claims = {**dict(list(said.items())[:50]), "python": python}
    return {
        name.lower(): version
        for name, version in claims.items()
        if re.fullmatch(r"[\w.-]{1,40}", name) and isinstance(version, str) and _VERSION.fullmatch(version)
    }


def _carried_files(metadata: dict) -> tuple[tuple[str, str], ...]:
    files = _mapping(_mapping(metadata.get("autograder")).get("files"))
    return tuple((name, data) for name, data in files.items() if isinstance(data, str))[:500]


def _language_notes(metadata: dict) -> list[str]:
    info, kernel = _mapping(metadata.get("language_info")), _mapping(metadata.get("kernelspec"))
    language = info.get("name") or kernel.get("language")
    if isinstance(language, str) and language.lower() not in {"python", "ipython", ""}:
        return [f"The notebook says it is written in {one_line(language, 40)}; it was graded as Python."]
    return []


def _mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _listed(value: object, what: str, name: str) -> list:
    if not isinstance(value, list):
        raise SubmissionError(f"{name}: {what} is {_a(value)} where a list is expected. {SAVE_AGAIN}")
    return value


def _a(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "missing"}
    return names.get(type(value), "a number")
