"""`nbgrader validate` on week 3's own notebooks: silent on a solved one, and a name for each question that is not solved."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbgrader_commands import ROOT, nbgrader

from autograder.course import load_course
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, student_notebook, to_text

pytestmark = pytest.mark.slow
WRONG = {"lab": ("swish", "init"), "homework": ("interpolant", "sawtooth")}


@pytest.fixture(params=["lab", "homework"])
def week3(request):
    return load_assignment(load_course(ROOT), f"week03/{request.param}")


def validated(notebook, folder) -> tuple[bool, set[str]]:
    """Whether nbgrader is content, and the questions that it names."""
    text = notebook if isinstance(notebook, str) else to_text(notebook)
    (folder / "mine.ipynb").write_text(text)
    # Its 30 seconds a cell are those of an idle machine.
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 900\n")
    said = nbgrader(folder, "validate", "mine.ipynb", check=False).stdout
    return "Success! Your notebook passes all the tests." in said, set(re.findall(r'grader\.check\("(\w+)"\)', said))


def cell_of(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_a_solved_notebook_is_accepted(week3, tmp_path):
    assert validated(solved_notebook(week3), tmp_path) == (True, set())


def test_stubs_are_named_also_with_a_comment_added(week3, tmp_path):
    notebook = student_notebook(week3)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            cell.source += "\n# I will do this tomorrow"
    content, named = validated(notebook, tmp_path)
    assert not content and named == {q.id for q in week3.assignment.questions if not q.written}


def test_a_wrong_answer_and_a_stub_are_named_among_right_ones(week3, tmp_path):
    wrong, unsolved = WRONG[week3.assignment.id[7:]]
    notebook = nbformat.reads(to_text(solved_notebook(week3)), 4)
    name = week3.assignment.question(wrong).names[0]
    cell_of(notebook, wrong).source += f"\n\n\ndef {name}(*args, **kwargs):\n    return 0.0"
    cell_of(notebook, unsolved).source = cell_of(student_notebook(week3), unsolved).source
    content, named = validated(notebook, tmp_path)
    assert not content and {wrong, unsolved} <= named
    dependent = {q.id for q in week3.assignment.questions if q.needs}
    assert named - {wrong, unsolved} <= dependent | _using(week3, {wrong, unsolved})


def _using(week3, broken: set[str]) -> set[str]:
    """Questions whose own solution uses a function of those in `broken`, at whatever remove."""
    names = {n for q in week3.assignment.questions if q.id in broken for n in q.names}
    found: set[str] = set()
    for cell in week3.cells:
        if cell.question and not cell.markdown and (cell.names.reads | cell.names.late_reads) & names:
            found.add(cell.question)
            names |= set(cell.names.defines)
    return found
