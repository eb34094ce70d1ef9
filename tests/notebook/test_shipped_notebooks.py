"""The course's own notebooks: every student notebook is fresh, valid for nbgrader, and gives nothing away."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.build import build
from autograder.course import load_course
from autograder.notebook import fences
from autograder.notebook.instructor import execute
from autograder.notebook.source import STAFF_ONLY, Role, load_assignment

COURSE = load_course(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_the_student_notebook_is_fresh(assignment):
    result = build(COURSE, [assignment], check=True)
    assert result.ok, "run `autograder build`: " + "; ".join(map(str, result.errors or result.changed))


def test_no_student_notebook_has_lost_its_source():
    assert build(COURSE, check=True).orphans == ()


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_nothing_private_is_published(assignment):
    source = load_assignment(COURSE, assignment)
    text = COURSE.assignment_paths(assignment).student.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, 4)
    MetadataValidator().validate_nb(notebook)
    cells = {c.source for c in notebook.cells}
    for cell in source.cells:
        if cell.role in (*STAFF_ONLY, Role.ANSWER):
            assert cell.source not in cells
        for block in fences.blocks(cell.source) if cell.role is Role.SOLUTION else ():
            assert all(block.strip() not in published for published in cells)
    assert "SOLUTION" not in text and "BEGIN" not in text
    assert all(not c.get("outputs") for c in notebook.cells)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_the_solved_notebook_runs_from_top_to_bottom(assignment):
    """Plots and long training too, which grading leaves out: every code cell with a solution behind it, in a real kernel."""
    copy = execute(COURSE, load_assignment(COURSE, assignment))
    pictures = [o for c in copy.notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(pictures) >= 3
