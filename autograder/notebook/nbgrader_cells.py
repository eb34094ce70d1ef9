"""nbgrader's cell metadata (schema version 3): with it a student notebook is a valid nbgrader assignment as it is.

One grade+solution cell per question carries its mark and comment, and fails closed: without a score nbgrader asks for
manual grading. Check cells are locked grade cells of 0 points that raise, so that `nbgrader validate` names a wrong
answer. No other keys: nbgrader's validator refuses them.
"""

from __future__ import annotations

import hashlib

from nbformat import NotebookNode

SCHEMA_VERSION = 3


def mark_solution(cell: NotebookNode, grade_id: str, points: float | None) -> None:
    """Make `cell` a solution cell; with points it also carries the question's mark, manual until one is given."""
    _mark(cell, grade_id, grade=points is not None, solution=True, locked=False, points=points)
    cell.metadata["deletable"] = False


def mark_check(cell: NotebookNode, grade_id: str) -> None:
    """Make `cell` a locked grade cell of 0 points: it counts nothing and fails validation when it raises."""
    _mark(cell, grade_id, grade=True, solution=False, locked=True, points=0)
    cell.metadata["deletable"] = False
    cell.metadata["editable"] = False


def add_checksums(notebook: NotebookNode) -> None:
    """Checksums of all marked cells; they cover source, type, flags, id and points, so this comes after every edit."""
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = _checksum(cell)


def _checksum(cell: NotebookNode) -> str:
    """As nbgrader's `utils.compute_checksum`, which takes half a second to import, with a database library and a web server."""
    marks = cell.metadata["nbgrader"]
    grade, solution = marks["grade"], marks["solution"]
    locked = not solution and (grade or marks["locked"])
    parts = [cell.source, cell.cell_type, str(grade), str(solution), str(locked), marks["grade_id"]]
    if grade:
        parts.append(str(float(marks["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _mark(
    cell: NotebookNode, grade_id: str, *, grade: bool, solution: bool, locked: bool, points: float | None
) -> None:
    metadata = {
        "schema_version": SCHEMA_VERSION,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "grade_id": grade_id,
        "cell_type": cell.cell_type,
    }
    if points is not None:
        metadata["points"] = points
    cell.metadata["nbgrader"] = NotebookNode(metadata)
