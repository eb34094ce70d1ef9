"""The instructor's copy: the solved notebook with notes and marking schemes, run in a real kernel, as one HTML page.

Running it is also the proof that the solution runs top to bottom and passes its own public checks. PRIVATE: the page
holds every solution; it goes to `build/`, which is not under version control.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from autograder import temporary
from autograder.course import Course
from autograder.errors import AuthoringError
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import SourceNotebook
from autograder.notebook.student import solved_notebook

CELL_SECONDS = 300


@dataclass(frozen=True)
class InstructorCopy:
    """An executed solved notebook.

    Attributes:
        notebook: with outputs.
        seconds: wall clock of the whole run, kernel start included.
    """

    notebook: NotebookNode
    seconds: float


def execute(course: Course, source: SourceNotebook, *, cell_seconds: int = CELL_SECONDS) -> InstructorCopy:
    """Run the solved notebook in an empty folder, as students have it: nothing beside it but `course_lib`.

    Raises:
        AuthoringError: a cell fails (a public check of its own question too), hangs, or ends the kernel.
    """
    notebook = solved_notebook(source, staff=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=temporary.own_folder()) as folder:
        nbformat.write(notebook, Path(folder) / "notebook.ipynb")  # where open_checks finds the checks
        client = NotebookClient(
            notebook,
            timeout=cell_seconds,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": folder}},
        )
        paths = [str(course.root), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "module://matplotlib_inline.backend_inline"})
        except CellTimeoutError:
            raise AuthoringError(
                source.path, f"a cell runs longer than {cell_seconds} s.", "Make it shorter."
            ) from None
        except DeadKernelError:
            raise AuthoringError(
                source.path, "a cell ends the kernel.", "Run the notebook by hand to see which."
            ) from None
    _refuse_errors(source, notebook)
    return InstructorCopy(notebook, time.monotonic() - started)


def instructor_page(course: Course, assignment_id: str, folder: Path | None = None) -> Path:
    """Run the solved notebook and write it as HTML to `folder` (default: `build/` in the course's folder).

    Raises:
        AuthoringError: the source has a mistake, or the solution does not run.
        CourseError: no such assignment.
    """
    source = load_assignment(course, assignment_id)
    copy = execute(course, source)
    folder = folder or course.root / "build" / "instructor"
    path = folder / f"{assignment_id.replace('/', '_')}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    page, _ = HTMLExporter().from_notebook_node(copy.notebook)
    path.write_text(page, encoding="utf-8")
    return path


def _refuse_errors(source: SourceNotebook, notebook: NotebookNode) -> None:
    # Check cells may raise without stopping the run, so the outputs are what tells.
    for number, (cell, made) in enumerate(zip(_shown(source), notebook.cells, strict=True)):
        for output in made.get("outputs", []):
            if output.output_type == "error" and cell.role != "instructor":
                problem = f"{made['id']} fails when the solution runs: {output.ename}: {output.evalue[:300]}."
                remedy = f"Correct it (cell {number} of the notebook made)."
                raise AuthoringError(source.path, problem, remedy, cell.index, source.lines.of(cell.index))


def _shown(source: SourceNotebook):
    """The source cells behind the notebook's cells, in step: all but a question's earlier checks."""
    last = {c.question: c.index for c in source.cells if c.role == "check"}
    return [c for c in source.cells if c.role != "check" or last[c.question] == c.index]
