"""The course's own notebooks: every student notebook is fresh, valid for nbgrader, and gives nothing away."""

from pathlib import Path

import nbformat
import pytest
from kernel import run
from nbgrader.nbgraderformat import MetadataValidator

from autograder.course import load_course
from autograder.notebook import fences
from autograder.notebook.instructor import execute
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import STAFF_ONLY, Role
from autograder.notebook.student import solved_notebook, student_notebook
from autograder.release.build import build

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


@pytest.mark.slow
@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_run_all_on_a_half_solved_notebook_shows_no_traceback(assignment, tmp_path):
    """The first question solved, the others not: demonstrations run, or say in one line and without a picture what they need."""
    source = load_assignment(COURSE, assignment)
    notebook, first = student_notebook(source), next(q.id for q in source.assignment.questions if not q.written)
    solved = {c["id"]: c.source for c in solved_notebook(source).cells if c["id"].startswith(f"{first}-solution")}
    for cell in notebook.cells:
        cell.source = solved.get(cell["id"], cell.source)
    executed = run(notebook, tmp_path / "lab.ipynb")
    demos = [c for c in executed.cells if c.cell_type == "code" and "demo" in c.metadata.get("tags", ())]
    failed = [(c.source[:200], o.evalue) for c in demos for o in c.outputs if o.output_type == "error"]
    assert not failed
    waiting = [c for c in demos if "Not run to the end: " in str(c.outputs)]
    assert waiting and not [c.source for c in waiting if "image/png" in str(c.outputs)]
