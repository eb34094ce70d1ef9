"""PUBLIC: `grader.submit()`: saves the notebook, tries it, says what it found, and writes the one file to hand in.

Nothing is sent anywhere and nothing is graded. What is unsolved is named and may stay unsolved.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import time
from dataclasses import dataclass

from course_lib import hand_in_page as page
from course_lib import newer, versions
from course_lib.cell_places import first_line as first_code_line
from course_lib.cell_places import numbers
from course_lib.hand_in_warnings import warnings
from course_lib.messages import first_line
from course_lib.notebook_checks import HANDED_IN, WRITTEN_WITH, Carried, find_notebook
from course_lib.own_files import FILES, OwnFiles, own_files
from course_lib.packages import in_colab
from course_lib.public_checks import PASSED
from course_lib.rerun import Rerun, Trouble, rerun

FOLDER = "hand_in"  # beside the notebook: nothing that looks for notebooks there may take the copy for the original
MAX_MB = 20  # a copy above this goes without outputs: they are made again when it is graded
_SAVE_SECONDS = 8
_ANSWER_PLACEHOLDER = "*Write your answer here.*"
_STUB = re.compile(r"^\s*raise NotImplementedError\(\s*[\"']([\w.]+): write your code", re.MULTILINE)
_OURS = re.compile(r"\s*grader\.(check|check_all|submit)\(.*\)\s*")
_seen: dict[str, int] = {}  # path -> modification time when a run of this cell asked for it to be saved


class _Refused(Exception):
    """Nothing can be handed in yet; the message says what to do."""


@dataclass(frozen=True)
class Document:
    """The notebook as it is handed in.

    Attributes:
        content: its JSON.
        folder: where its copy goes.
        origin: in words, where it comes from.
        path: its file, "" where there is none.
    """

    content: dict
    folder: str
    origin: str
    path: str = ""

    @property
    def cells(self) -> list[dict]:
        return [c for c in self.content.get("cells", []) if isinstance(c, dict)]


def submit(notebook: Carried, namespace: dict, minutes: float) -> None:
    """What `Grader.submit` says."""
    if not _somebody_is_there():
        print("Nothing was handed in: a program runs this notebook. Open it, and run this cell there.")
        return
    box = page.Box()
    try:
        document = _from_colab() if in_colab() else _from_file(notebook.assignment, namespace, box)
        found = _try(document, notebook, minutes, box)
        own = own_files([source(c) for c in document.cells if c.get("cell_type") == "code"], os.path.dirname(document.folder))
        path, stripped = _write(document, notebook.assignment, own.files)
    except _Refused as refused:
        box.show(page.refused(str(refused)))
        return
    except KeyboardInterrupt:
        box.show(page.refused("You stopped it, so no file was written. Run this cell again when you like."))
        return
    rows = question_rows(document, notebook, found)
    ahead = too_new(document, notebook.graded_with)
    lines = [*notes(found, namespace, stripped), *_about_files(own), *look_out(document, notebook)]
    box.show(page.finished(path, document.origin, rows, lines, ahead))
    if in_colab():
        _download(path)


def _somebody_is_there() -> bool:
    """Programs that run notebooks (nbconvert, nbgrader, papermill) do not answer `input()`; people's editors do."""
    from IPython import get_ipython

    if in_colab():  # has its own way of asking
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    return bool(kernel.get_parent().get("content", {}).get("allow_stdin", True))


# The notebook as it is now -------------------------------------------------------------------------------------------


def _from_file(assignment: str, namespace: dict, box: page.Box) -> Document:
    """Asks the editor to save, waits until the file changes, and reads it."""

    def find() -> str | None:
        return find_notebook(assignment, namespace)

    path = find()
    before = {p: _modified(p) for p in [path] if p}
    asked = dict(_seen)
    box.save()
    until = time.monotonic() + _SAVE_SECONDS
    saved = False
    while time.monotonic() < until and not saved:
        path = find()
        # Saved now, or by hand since this cell asked for it.
        saved = path is not None and (_modified(path) != before.get(path) or _modified(path) != asked.get(path, _modified(path)))
        time.sleep(0 if saved else 0.2)
    if path is None and os.path.basename(os.getcwd()) == FOLDER:
        raise _Refused("This is a copy that was made to be handed in. Open your own notebook, one folder up, and run this there.")
    if path is None:
        raise _Refused(
            f"The file of this notebook was not found in {os.getcwd()}. Save it there and run this cell again - or hand in the "
            "notebook itself: in your editor, save or download it as .ipynb and upload that."
        )
    if not saved:
        _seen[path] = _modified(path)
        raise _Refused(
            f"The notebook is not saved yet (as far as can be seen from {os.path.basename(path)}). Save it (Ctrl+S, on a Mac "
            "Cmd+S), then run this cell once more."
        )
    _seen.pop(path, None)
    when = time.strftime("%H:%M:%S", time.localtime(_modified(path) / 1e9))
    folder = os.path.join(os.path.dirname(os.path.abspath(path)), FOLDER)
    return Document(_read(path), folder, f"{os.path.basename(path)} as saved at {when}", path)


def _read(path: str) -> dict:
    for attempt in range(10):  # an editor may be in the middle of writing it
        try:
            with open(path, encoding="utf-8") as stream:
                return json.load(stream)
        except (OSError, ValueError) as error:
            problem = error
            time.sleep(0.2 * (attempt < 9))
    raise _Refused(f"{os.path.basename(path)} cannot be read ({problem}). Save the notebook and run this cell again.")


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _from_colab() -> Document:
    """In Colab the page hands the notebook over as it is shown, saved or not."""
    try:
        from google.colab import _message

        content = _message.blocking_request("get_ipynb", request="", timeout_sec=60)["ipynb"]
        return Document(json.loads(json.dumps(content)), os.path.join(os.getcwd(), FOLDER), "the notebook as Colab shows it")
    except Exception as error:  # not a published interface: it may change
        raise _Refused(
            f"Colab did not hand over the notebook ({type(error).__name__}). Choose File > Download > Download .ipynb and "
            "upload that file: it is all that is needed."
        ) from None


# What is in it -------------------------------------------------------------------------------------------------------


def _graded_cells(document: Document) -> list[tuple[int, str]]:
    """Number and source of what the grader would run: code cells but demonstrations and checks."""
    given = numbers((str(c.get("cell_type")), source(c)) for c in document.cells)
    return [(n, source(c)) for n, c in zip(given, document.cells, strict=True) if n and not _left_out(c)]


def _try(document: Document, notebook: Carried, minutes: float, box: page.Box) -> Rerun:
    cells = _graded_cells(document)

    def progress(done: int) -> None:
        box.show(page.running(done, len(cells)))

    progress(0)
    folder = os.path.dirname(document.folder)
    return rerun(cells, notebook.assignment, folder, minutes * 60, progress)


def _left_out(cell: dict) -> bool:
    tags = cell.get("metadata", {}).get("tags", [])
    return "demo" in tags or bool(_OURS.fullmatch(source(cell))) or not source(cell).strip()


def source(cell: dict) -> str:
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else str(text)


def question_rows(document: Document, notebook: Carried, found: Rerun) -> list[page.Row]:
    """One line per question, in the notebook's order."""
    stubs = {name.split(".")[0] for c in document.cells if c.get("cell_type") == "code" for name in _STUB.findall(source(c))}
    rows = []
    for question, about in notebook.questions.items():
        title = str(about.get("title", question))
        if about.get("written"):
            empty = _is_empty(document, question)
            text = "there is no answer yet" if empty else "answered; a person will read it"
            rows.append(page.Row(not empty, title, text, not empty))
            continue
        names = [str(n) for n in about.get("names", ())]
        rows.append(_row(question, title, names, [n for n in (*names, question) if n in stubs], found))
    return rows


def _row(question: str, title: str, names: list[str], stubs: list[str], found: Rerun) -> page.Row:
    finding = found.findings.get(question) if found.findings is not None else None
    if finding == "":
        return page.Row(True, title, f"{PASSED}; hidden tests follow")
    missing = [n for n in names if n in found.missing]
    if missing:
        text = f"{' and '.join(missing)}: not defined when the notebook runs from the top"
        return page.Row(False, title, text, answered=False)
    if stubs:
        return page.Row(False, title, f"not written yet: {', '.join(dict.fromkeys(stubs))}", answered=False)
    return page.Row(False, title, first_line(finding) if finding else "its check could not be run")


def _is_empty(document: Document, question: str) -> bool:
    """Whether the answer's cell, found by its metadata, holds no word of the student's."""
    texts = [source(c).strip() for c in document.cells if c.get("cell_type") == "markdown" and _answers(c, question)]
    if not texts:  # an editor that drops metadata: then any placeholder left speaks for it
        return any(source(c).strip() == _ANSWER_PLACEHOLDER for c in document.cells)
    return all(t in ("", _ANSWER_PLACEHOLDER) for t in texts)


def _answers(cell: dict, question: str) -> bool:
    own = cell.get("metadata", {}).get("autograder", {})
    return isinstance(own, dict) and own.get("role") == "answer" and own.get("question") == question


def notes(found: Rerun, namespace: dict, stripped: bool) -> list[str]:
    """What to know beside the questions."""
    lines = [_about(trouble, namespace) for trouble in found.troubles]
    if found.problem:
        lines.append(f"Not all was tried: {found.problem}. The file is written all the same.")
    if stripped:
        lines.append(f"With its outputs the file would be over {MAX_MB} MB; they are left out. Your own notebook keeps them.")
    return lines


def look_out(document: Document, notebook: Carried) -> list[str]:
    """What of the notebook and its file may go wrong when it is graded."""
    names = [str(n) for about in notebook.questions.values() for n in about.get("names", ())]
    return warnings(document.content, document.path, notebook.assignment, names)


def too_new(document: Document, graded_with: dict[str, str]) -> list[str]:
    """What the fresh kernel here runs and the Python and JAX that submissions are graded with do not, a line each."""
    from IPython.core.inputtransformer2 import TransformerManager

    plain = TransformerManager().transform_cell
    cells, texts = [], dict(_graded_cells(document))
    for number, text in texts.items():
        try:
            cells.append((number, plain(text)))
        except Exception:  # a cell that IPython cannot read: the fresh kernel has said so
            continue
    where = {number: f"Cell {number} ({first_code_line(text)})" for number, text in texts.items()}
    return [
        f"{where[number]}, line {found.line}: {found.what} needs {found.library} {found.version}; submissions are graded with "
        f"{found.library} {graded_with[found.library.lower()]}, where it fails. {found.remedy}"
        for number, found in newer.in_cells(cells, graded_with)
    ]


def _about(trouble: Trouble, namespace: dict) -> str:
    text = f"Cell {trouble.cell} ({trouble.line}): {first_line(trouble.error)}"
    if trouble.error.startswith("StdinNotImplementedError"):
        return f"Cell {trouble.cell} ({trouble.line}): it waits for something to be typed in, and nobody is there"
    name = re.match(r"NameError: name '(\w+)' is not defined", trouble.error)
    if name and name[1] in namespace:
        return f"{text}. Your open kernel knows {name[1]}, but no cell above defines it: put it back, or move it up."
    return text


# The file ------------------------------------------------------------------------------------------------------------


def _about_files(own: OwnFiles) -> list[str]:
    """Which files of the notebook's folder go along, and which will be missing."""
    names = list(own.files)
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return [*([f"Packed into the file, because the notebook uses them: {shown}."] if names else []), *own.notes]


def _write(document: Document, assignment: str, files: dict[str, str]) -> tuple[str, bool]:
    """The copy to hand in: its path, and whether outputs were left out of it."""
    content = document.content
    for cell in document.cells:
        if _OURS.fullmatch(source(cell)) and "submit" in source(cell):
            cell["outputs"], cell["execution_count"] = [], None
    own = content.setdefault("metadata", {}).setdefault("autograder", {})
    own["assignment"] = assignment  # an editor may have dropped it
    own.pop(FILES, None)
    if files:
        own[FILES] = files
    own[HANDED_IN] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    own[WRITTEN_WITH] = versions.here()
    data = _text(content)
    stripped = len(data) > MAX_MB * 1_000_000
    if stripped:
        for cell in document.cells:
            if cell.get("cell_type") == "code":
                cell["outputs"] = []
        data = _text(content)
    path = os.path.join(document.folder, f"{assignment.replace('/', '_')}.ipynb")
    try:
        os.makedirs(document.folder, exist_ok=True)
        with open(path + ".partial", "wb") as stream:
            stream.write(data)
        os.replace(path + ".partial", path)
    except OSError as error:
        raise _Refused(
            f"{path} could not be written ({error.strerror}). Hand in the notebook itself: save it and upload it."
        ) from None
    return path, stripped


def _text(content: dict) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode("ascii")


def _download(path: str) -> None:
    from google.colab import files

    files.download(path)
