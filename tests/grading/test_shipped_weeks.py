"""The course's own notebooks, handed in as they are: full marks for the solution, none for the stub."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course import load_course
from autograder.grading.one import grade_one, graded_cells
from autograder.grading.preparing import prepare
from autograder.model import Outcome, Status, Submission
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, to_text
from autograder.notebook.submission import parse_submission

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)


def written_points(report) -> float:
    return sum(q.points for q in report.questions if q.outcome is Outcome.MANUAL)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_solution_gets_everything_and_the_stub_nothing(engine, tmp_path, assignment):
    target = prepare(COURSE, assignment)
    solved = tmp_path / "solved.ipynb"
    solved.write_text(to_text(solved_notebook(load_assignment(COURSE, assignment))))
    report = grade_one(engine, target, Submission("s", "s"), solved)
    assert report.status is Status.GRADED
    assert report.cells == ()
    assert report.score == report.points - written_points(report)
    assert not [q.id for q in report.questions if q.needs_review]
    stub = grade_one(engine, target, Submission("s", "s"), COURSE.assignment_paths(assignment).student)
    assert (stub.status, stub.score) == (Status.GRADED, 0.0)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_demonstrations_of_the_released_notebook_are_not_run(assignment):
    target = prepare(COURSE, assignment)
    released = COURSE.assignment_paths(assignment).student.read_bytes()
    demos = [c.source for c in nbformat.reads(released.decode(), 4).cells if "demo" in c.metadata.get("tags", [])]
    run = {c.source for c in graded_cells(parse_submission(released, "s"), target)}
    assert demos and not run & set(demos)
