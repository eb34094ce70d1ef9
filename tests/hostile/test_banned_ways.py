"""What a question forbids is noticed however one comes by it: zero with the reason, or before the staff with the evidence."""

from __future__ import annotations

import functools
from pathlib import Path

import banned_ways
import nbformat
import pytest

from autograder.course import load_course
from autograder.grading.engine import Engine
from autograder.grading.one import grade_cells
from autograder.grading.preparing import target_of
from autograder.grading.warming import warm_cache
from autograder.model import QuestionResult, Submission
from autograder.notebook.answers import trusted_notebooks
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, to_text
from autograder.notebook.submission import parse_submission

COURSE = load_course(Path(__file__).resolve().parents[2])
# One of each kind: another form, another name, another way to run code.
SAMPLED = {
    "form: vjp", "form: jet", "form: linearize, transposed", "name: attribute of math", "name: an indented cell", "name: eval",
    "name: a redefinition after an error", "form: a window sum of products", "rows: np.poly1d", "name: class body",
}  # fmt: skip


@functools.cache
def prepared(assignment: str):
    source = load_assignment(COURSE, assignment)
    target = target_of(COURSE, source)
    warm_cache(target, trusted_notebooks(source, COURSE.assignment_paths(assignment).answers))
    return source, target


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine


def result_of(engine: Engine, assignment: str, question: str, cells: list[str]) -> QuestionResult:
    """The question's result for the solution with `cells` after the question's own."""
    source, target = prepared(assignment)
    notebook = solved_notebook(source, checksums=False)
    names = set(source.assignment.question(question).names)
    last = max(n for n, c in enumerate(notebook.cells) if any(f"def {name}(" in c.source for name in names))
    notebook.cells[last + 1 : last + 1] = [nbformat.v4.new_code_cell(text) for text in cells]
    handed_in = parse_submission(to_text(notebook).encode(), "way")
    report = grade_cells(engine, target, Submission("way", "", handed_in.sha256), handed_in)
    assert report.reason == ""
    return next(q for q in report.questions if q.id == question)


@pytest.mark.parametrize(
    ("family", "way"),
    [
        pytest.param(family, way, id=f"{family}: {way}", marks=() if way in SAMPLED else pytest.mark.slow)
        for family, way in banned_ways.all_ways()
    ],
)
def test_no_way_to_what_is_forbidden_ends_with_marks_and_in_silence(engine, family, way):
    assignment, question, ways = banned_ways.ASSIGNMENTS[family]
    result = result_of(engine, assignment, question, ways[way])
    assert result.score == 0 or result.needs_review, f"{result.score} of {result.points}, and nobody is told"


def test_the_corpus_is_large_enough():
    assert len(banned_ways.AUTODIFF) >= 120 and len(banned_ways.CONVOLUTION) >= 60


BANNING = [a for a in COURSE.assignments() if any(q.bans for q in load_assignment(COURSE, a).assignment.questions)]


@pytest.mark.slow
@pytest.mark.parametrize("assignment", BANNING)
def test_no_right_answer_is_suspected(engine, assignment):
    source, target = prepared(assignment)
    for notebook in trusted_notebooks(source, COURSE.assignment_paths(assignment).answers):
        report = grade_cells(engine, target, Submission("right", "", notebook.sha256), notebook)
        assert [(q.id, q.needs_review) for q in report.questions if q.needs_review] == []
        assert all(q.score == q.points for q in report.questions if q.score is not None)


_RIGHT = """
def swish_slope(z, beta):
    s = jax.nn.sigmoid(beta * z)
    slope = s + beta * z * s * (1 - s)
    return {}
"""
_CHECK = "print(jax.grad(lambda t: swish(t, 2.0))(1.0))"
ALLOWED = {
    "a check below the answer": _RIGHT.format("slope") + _CHECK,
    "a check above the answer": _CHECK + _RIGHT.format("slope"),
    "a linear system": _RIGHT.format("jnp.linalg.solve(jnp.eye(1), jnp.reshape(slope, (1, -1))).reshape(jnp.shape(z))"),
    "cumulative sums": _RIGHT.format("slope + 0 * jnp.sum(jnp.cumsum(slope))"),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_allowed_costs_nothing_and_bothers_nobody(engine, case):
    result = result_of(engine, "week03/lab", "swish", [ALLOWED[case]])
    assert result.score == result.points and result.needs_review == ()
