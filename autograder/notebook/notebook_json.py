"""From the bytes of a file to the JSON of a notebook; what is damaged is read as far as it can be, what is no notebook is named.

Nothing is executed. Read all the same: UTF-16 and byte order marks, a gzip or zip of one notebook, commas too many, bare line
ends in texts, two documents one behind the other (what a merge leaves), marks of a merge conflict where both sides have the same
cells, and the wrappers in which servers hand a notebook out.
"""

from __future__ import annotations

import json
import re
import zlib

from autograder.errors import SubmissionError
from autograder.notebook.archive import read_archive
from autograder.report.printable import one_line

# Each container costs the parser about 70 bytes however short its text: a cap bounds memory where file size does not.
MAX_CONTAINERS = 1_000_000
MAX_ITEMS = 5_000_000  # and each number or short text about 60
MAX_DEPTH = 100
_MAX_UNPACKED_MB = 50.0
SAVE_AGAIN = "Open it in Jupyter, save it and hand it in again."
_KINDS = (
    (b"%PDF", "a PDF file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"{\\rtf", "a rich-text document"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"bplist", "a link or placeholder of macOS"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut"),
)
_LFS = "version https://git-lfs.github.com/spec/"


def load_notebook(data: bytes, name: str, notes: list[str]) -> dict:
    """The notebook's JSON object, which has `cells` or, in nbformat 3, `worksheets`.

    Args:
        name: starts every error line.
        notes: gets a line for everything that was repaired.

    Raises:
        SubmissionError: it is something else, or not to be read; one line that says what and what to do.
    """
    text = _decode(_unpacked(data, name, notes), name, notes)
    notebook = _unwrapped(_load_json(text, name, notes), notes)
    if notebook is None:
        raise SubmissionError(f"{name}: this is JSON but not a notebook (it has no cells). Hand in the .ipynb file.")
    return notebook


def _unpacked(data: bytes, name: str, notes: list[str]) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        reader = zlib.decompressobj(31)
        try:
            plain = reader.decompress(data, int(_MAX_UNPACKED_MB * 1e6))
        except zlib.error:
            plain = b""
        if not plain or not reader.eof:
            raise SubmissionError(f"{name}: this is a gzip file, damaged or too large. Hand in the notebook itself.")
        notes.append("The file is packed with gzip; it was unpacked before grading.")
        return plain
    if data.startswith(b"PK\x03\x04"):
        try:
            members, _ = read_archive(data, f"{name}.zip", _MAX_UNPACKED_MB)
        except SubmissionError:
            members = ()
        if len(members) != 1:
            raise SubmissionError(f"{name}: this is a zip or Office file renamed to .ipynb. Hand in the notebook itself.")
        notes.append("The file is a zip renamed to .ipynb; the notebook in it was graded.")
        return members[0].data
    for start, kind in _KINDS:
        if data.startswith(start):
            raise SubmissionError(f"{name}: this is {kind} renamed to .ipynb. Hand in the notebook itself.")
    return data


def _decode(data: bytes, name: str, notes: list[str]) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError:
        pass
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > max(100, len(text) // 100):
        raise SubmissionError(f"{name}: the file is not text, so not a notebook. Hand in the .ipynb file itself.")
    notes.append("Some characters of the file are not valid UTF-8; they were replaced by \ufffd before grading.")
    return text.lstrip("\ufeff")


# From text to JSON ---------------------------------------------------------------------------------------------------


def _load_json(text: str, name: str, notes: list[str]) -> object:
    _require_sane_nesting(text, name)
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError as problem:
            if (mended := _mended(text, name, notes)) is not None:
                return mended
            where = f"line {problem.lineno}, column {problem.colno}"
            hint = _not_json_hint(text)
            raise SubmissionError(
                f"{name}: this is not a valid notebook file ({problem.msg}, {where}). {hint or SAVE_AGAIN}"
            ) from None
    except RecursionError:
        raise SubmissionError(f"{name}: the file is nested too deeply for a notebook. {SAVE_AGAIN}") from None
    except ValueError as problem:  # e.g. an integer of more than 4300 digits
        why = one_line(problem, 80)
        raise SubmissionError(f"{name}: this is not a valid notebook file ({why}). {SAVE_AGAIN}") from None


def _mended(text: str, name: str, notes: list[str]) -> object:
    """The notebook in text that is no JSON, or None."""
    if all(mark in text for mark in ("<<<<<<<", "=======", ">>>>>>>")) and (sides := _both_sides(text)) is not None:
        notes.append("The file holds marks of a merge conflict; both sides have the same cells, which were graded.")
        return sides
    document, end = _first_document(text)
    if document is None and (plain := _without_extra_commas(text)) != text:
        document, end = _first_document(plain)
        text = plain
        if document is not None:
            notes.append("The file has commas where JSON allows none; they were taken out before grading.")
    if document is None or not _is_notebook(_unwrapped(document, [])):
        return None
    rest = text[end:].strip()
    if rest:
        second, _ = _first_document(rest)
        what = "a second document" if second is not None else "other text"
        notes.append(
            f"Behind the notebook the file holds {what} ({len(rest)} characters), as a merge may leave it; only what stands "
            "first was graded."
        )
    return document


def _first_document(text: str) -> tuple[object, int]:
    """The JSON document at the beginning, and where it ends; (None, 0) if there is none. Line ends within texts are allowed."""
    start = len(text) - len(text.lstrip())
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)
    except ValueError:
        return None, 0


# Always matches to a closing quote or the end and never backtracks, so a hostile file costs one pass.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_COMMA = re.compile(rf"({_STRING.pattern})|,(?=\s*+[,\]}}])|(?<=[\[{{])(\s*+),", re.DOTALL)


def _without_extra_commas(text: str) -> str:
    return _COMMA.sub(lambda m: m[1] or m[2] or "", text)


_CONFLICT = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")


def _both_sides(text: str) -> object:
    """The notebook of a file with conflict marks, if both sides have cells of the same kinds and sources."""
    sides: tuple[list[str], list[str]] = ([], [])
    taking = (0, 1)
    for line in text.split("\n"):
        mark = _CONFLICT.match(line)
        if mark is None:
            for side in taking:
                sides[side].append(line)
        else:
            taking = {"<": (0,), "|": (), "=": (1,), ">": (0, 1)}[mark[1][0]]
    found = [_first_document("\n".join(side))[0] for side in sides]
    notebooks = [_unwrapped(f, []) for f in found]
    if not all(map(_is_notebook, notebooks)) or _work(notebooks[0]) != _work(notebooks[1]):
        return None
    return found[0]


def _work(notebook: dict) -> list:
    """What of a notebook is graded: kinds and sources of its cells."""
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(c, dict) for c in cells):
        return [notebook]
    sources = [(c.get("cell_type"), c.get("source")) for c in cells]
    return [(kind, "".join(s) if isinstance(s, list) and all(isinstance(t, str) for t in s) else s) for kind, s in sources]


def _is_notebook(document: object) -> bool:
    return isinstance(document, dict) and ("cells" in document or "worksheets" in document)


def _unwrapped(document: object, notes: list[str]) -> dict | None:
    """The notebook, also out of what Jupyter's and Colab's servers wrap it in, or out of a list of one."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        return None
    if _is_notebook(document):
        return document
    for key in ("content", "ipynb", "notebook"):
        if _is_notebook(inner := document.get(key)):
            notes.append(f"The notebook lies in a wrapper (its part {key!r}); it was taken out before grading.")
            return inner
    return None


def _require_sane_nesting(text: str, name: str) -> None:
    """Bounds memory and recursion before the parser runs, from the brackets outside strings."""
    outside = _STRING.sub("", text)
    if outside.count("[") + outside.count("{") > MAX_CONTAINERS:
        raise SubmissionError(f"{name}: the file holds over {MAX_CONTAINERS} lists; no notebook does. {SAVE_AGAIN}")
    if outside.count(",") > MAX_ITEMS:
        raise SubmissionError(f"{name}: the file holds over {MAX_ITEMS} items; no notebook does. {SAVE_AGAIN}")
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", outside):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise SubmissionError(f"{name}: the file is nested more than {MAX_DEPTH} levels deep. {SAVE_AGAIN}")


_SCRIPT = re.compile(r"\s*(?:#|import |from \w|def |class |@|%|\"\"\"|''')")


def _not_json_hint(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    if start.startswith(_LFS):
        return (
            "It is a Git LFS pointer: the notebook itself stayed on the git server. Run `git lfs pull` where you work, look "
            "whether the file is larger than 1 kB, and hand that in."
        )
    if re.match(r"(?:\.\./|/annex/objects/|\.git/annex/)\S*$", start) or "/annex/objects/" in start[:300]:
        return "It holds only the path of another file (a link that git or git-annex keeps as text): hand in the notebook itself."
    if start.startswith(("[InternetShortcut]", "[Desktop Entry]")):
        return "It is a shortcut to a page: download the notebook itself."
    if "<<<<<<<" in text and ">>>>>>>" in text:
        return "It holds the marks of a merge conflict: settle it in git, then hand in again."
    if re.match(r"<(?:!doctype html|html|head|body|!--|script|meta)", start, re.IGNORECASE):
        return "It is a web page saved as .ipynb: download the notebook itself (the raw file)."
    if start.startswith("<?xml"):
        return "It is an XML document saved as .ipynb: download the notebook itself (the raw file)."
    if start.startswith("---") and "jupytext" in start:
        return "It is a text version of a notebook (jupytext): hand in the .ipynb itself."
    if _SCRIPT.match(start):
        return "It is a Python script renamed to .ipynb: hand in the notebook itself."
    if start.startswith("{") and not text.rstrip().endswith("}"):
        return "It breaks off in the middle, perhaps an upload cut short: hand it in again."
    return ""
